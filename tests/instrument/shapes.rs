//! Functions, methods, async functions and blocks of all shapes.

use super::*;

struct Stack {
    items: Vec<u8>,
}

#[instrument_metrics(system = "stack")]
impl Stack {
    #[instrument_metrics(skip)]
    fn new() -> Self {
        Self { items: vec![1, 2] }
    }

    fn top(&mut self) -> Option<&mut u8> {
        self.items.last_mut()
    }

    fn each(&self) -> impl Iterator<Item = &u8> {
        self.items.iter()
    }

    async fn push(&mut self, item: u8) -> usize {
        self.items.push(item);
        Wait(0).await;
        self.items.len()
    }

    fn into_items(self) -> Vec<u8> {
        self.items
    }

    #[instrument_metrics(system = "heap", name = "measured")]
    fn len(&self) -> usize {
        self.items.len()
    }
}

#[test]
fn methods_borrow_move_and_return_as_they_did() {
    let mut stack = Stack::new();
    *stack.top().expect("two items") = 7;
    assert_eq!(stack.each().copied().collect::<Vec<_>>(), [1, 7]);
    assert_eq!(ready(stack.push(3)), 3);
    assert_eq!(stack.len(), 3);
    assert_eq!(stack.into_items(), [1, 7, 3]);
    for function in [
        "stack_top",
        "stack_each",
        "stack_push",
        "stack_into_items",
        "heap_measured",
    ] {
        assert_eq!(ended(function), [1.0, 0.0, 0.0, 0.0], "{function}");
    }
    let registry = registry().expect("no sets clash");
    let text = encode(registry, Format::Text).expect("no reader panics");
    assert!(
        !text.contains("stack_new"),
        "a skipped function has no metrics"
    );
    assert!(
        !text.contains("stack_len"),
        "an attribute of its own counts alone"
    );
}

#[instrument_metrics(system = "generic")]
fn sum<T, const N: usize>(items: [T; N]) -> u64
where
    T: Into<u64> + Copy,
{
    items.iter().map(|item| (*item).into()).sum()
}

#[test]
fn all_types_of_a_generic_function_are_counted_together() {
    assert_eq!(sum([1_u8, 2]), 3);
    assert_eq!(sum([1_u32, 2, 3]), 6);
    assert_eq!(ended("generic_sum"), [2.0, 0.0, 0.0, 0.0]);
}

#[instrument_metrics(system = "recursive")]
fn factorial(n: u64) -> u64 {
    if n < 2 {
        return 1;
    }
    n * factorial(n - 1)
}

#[instrument_metrics(system = "recursive")]
async fn countdown(n: u32) -> u32 {
    if n == 0 {
        0
    } else {
        1 + Box::pin(countdown(n - 1)).await
    }
}

#[test]
fn each_level_of_a_recursion_is_a_call() {
    assert_eq!(factorial(5), 120);
    assert_eq!(ended("recursive_factorial"), [5.0, 0.0, 0.0, 0.0]);
    assert_eq!(ready(countdown(3)), 3);
    assert_eq!(ended("recursive_countdown"), [4.0, 0.0, 0.0, 0.0]);
    assert_eq!(in_flight("recursive_countdown"), 0.0);
}

#[async_trait::async_trait]
trait Store {
    async fn load(&self, id: u32) -> Result<u32, String>;
    async fn store(&mut self, id: u32) -> u32;

    #[instrument_metrics(system = "store")]
    async fn load_twice(&self, id: u32) -> Result<u32, String> {
        Ok(self.load(id).await? + self.load(id).await?)
    }
}

struct Memory(u32);

#[async_trait::async_trait]
impl Store for Memory {
    #[instrument_metrics(system = "store")]
    async fn load(&self, id: u32) -> Result<u32, String> {
        Wait(0).await;
        if id == 0 {
            Err("zero")?;
        }
        Ok(id + self.0)
    }

    #[instrument_metrics(system = "store")]
    async fn store(&mut self, id: u32) -> u32 {
        self.0 += id;
        self.0
    }
}

#[test]
fn boxed_futures_of_async_trait_are_watched_to_their_end() {
    let mut memory = Memory(1);
    assert_eq!(ready(memory.load(1)), Ok(2));
    assert_eq!(ready(memory.load_twice(0)), Err("zero".to_owned()));
    assert_eq!(ready(memory.store(4)), 5);
    drop(memory.load(3));
    assert_eq!(ended("store_load"), [1.0, 1.0, 0.0, 0.0]);
    assert_eq!(ended("store_load_twice"), [0.0, 1.0, 0.0, 0.0]);
    assert_eq!(ended("store_store"), [1.0, 0.0, 0.0, 0.0]);
}

#[instrument_metrics(system = "future")]
fn later(waits: u32) -> impl Future<Output = Result<(), u32>> + Send {
    let doubled = waits * 2;
    async move {
        Wait(doubled).await;
        Err(doubled)
    }
}

#[instrument_metrics(system = "future")]
fn boxed(text: &str) -> Pin<Box<dyn Future<Output = usize> + Send + '_>> {
    Box::pin(async move { text.len() })
}

#[test]
fn a_function_that_ends_in_an_async_block_is_watched_there() {
    {
        let mut future = pin!(later(1));
        assert!(poll_once(future.as_mut()).is_pending());
    }
    assert_eq!(ended("future_later"), [0.0, 0.0, 0.0, 1.0]);
    assert_eq!(ready(boxed("four")), 4);
    assert_eq!(ended("future_boxed"), [1.0, 0.0, 0.0, 0.0]);
}

fn assert_send<T: Send>(value: T) -> T {
    value
}

#[instrument_metrics(system = "sent", labels(urgent = urgent))]
async fn send(urgent: bool, text: String) -> usize {
    Wait(1).await;
    usize::from(urgent) + text.len()
}

#[test]
fn futures_stay_send() {
    let mut future = pin!(assert_send(send(true, "abc".to_owned())));
    assert!(poll_once(future.as_mut()).is_pending());
    assert_eq!(value("sent_send_in_flight_current{urgent=\"true\"}"), 1.0);
    assert_eq!(poll_once(future.as_mut()), Poll::Ready(4));
    assert_eq!(
        value("sent_send_calls_total{urgent=\"true\",outcome=\"ok\"}"),
        1.0
    );
}

macro_rules! instrumented {
    ($($function:ident $buckets:tt => $value:expr;)*) => {$(
        #[instrument_metrics(system = "macro_made", buckets = $buckets)]
        fn $function() -> u32 {
            $value
        }
    )*};
}

instrumented! {
    one [0.5] => 1;
    two [0.5, 2.0] => 2;
}

#[test]
fn a_macro_may_write_the_function() {
    assert_eq!(one() + two(), 3);
    assert_eq!(ended("macro_made_one"), [1.0, 0.0, 0.0, 0.0]);
    assert_eq!(
        value("macro_made_two_duration_seconds_bucket{le=\"2\"}"),
        1.0
    );
    assert_eq!(
        value("macro_made_one_duration_seconds_bucket{le=\"0.5\"}"),
        1.0
    );
}

#[test]
fn a_function_in_a_function_has_metrics_too() {
    #[instrument_metrics(system = "nested")]
    fn outer() -> u8 {
        #[instrument_metrics(system = "nested")]
        fn inner() -> u8 {
            1
        }
        inner() + inner()
    }
    assert_eq!(outer(), 2);
    assert_eq!(ended("nested_outer"), [1.0, 0.0, 0.0, 0.0]);
    assert_eq!(ended("nested_inner"), [2.0, 0.0, 0.0, 0.0]);
}
