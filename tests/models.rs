//! The slabs of `datapunk-metrics/src/slab.rs` and the tables of `table.rs` under a model checker: each model runs in every order of its threads, and
//! with every value that a relaxed load may see.

/// The model checker's parts in the place of `datapunk-metrics/src/sync.rs`.
mod sync {
    use std::marker::PhantomData;
    use std::ptr;

    pub(crate) use loom::hint::spin_loop;
    use loom::sync::atomic::AtomicPtr;
    pub(crate) use loom::sync::atomic::{
        AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence,
    };
    pub(crate) use loom::thread::yield_now;

    #[expect(clippy::unnecessary_wraps, reason = "as the original")]
    pub(crate) fn zeroed(cells: usize) -> Option<&'static [AtomicU64]> {
        Some(Box::leak((0..cells).map(|_| AtomicU64::new(0)).collect()))
    }

    /// Lets one thread at a time.
    pub(crate) struct Lock(loom::sync::Mutex<()>);

    impl Lock {
        pub(crate) fn new() -> Self {
            Self(loom::sync::Mutex::new(()))
        }

        pub(crate) fn hold<R>(&self, work: impl FnOnce() -> R) -> R {
            let _held = self.0.lock().expect("nobody panics");
            work()
        }
    }

    /// As `once_cell::race::OnceRef` has it.
    pub(crate) struct OnceRef<'a, T> {
        pointer: AtomicPtr<T>,
        lifetime: PhantomData<&'a T>,
    }

    impl<'a, T> OnceRef<'a, T> {
        pub(crate) fn new() -> Self {
            Self {
                pointer: AtomicPtr::new(ptr::null_mut()),
                lifetime: PhantomData,
            }
        }

        pub(crate) fn get(&self) -> Option<&'a T> {
            let pointer = self.pointer.load(Ordering::Acquire);
            // SAFETY: it is null or comes from the reference that `set` took, which lives as long as `'a`.
            unsafe { pointer.as_ref() }
        }

        pub(crate) fn set(&self, value: &'a T) -> Result<(), ()> {
            let value = ptr::from_ref(value).cast_mut();
            self.pointer
                .compare_exchange(ptr::null_mut(), value, Ordering::AcqRel, Ordering::Acquire)
                .map(drop)
                .map_err(drop)
        }
    }
}

#[path = "../datapunk-metrics/src/numbers.rs"]
mod numbers;
#[path = "../datapunk-metrics/src/slab.rs"]
mod slab;
#[path = "../datapunk-metrics/src/table.rs"]
#[expect(dead_code, reason = "what the models do not call")]
mod table;

use loom::thread;

use self::numbers::CHUNK;
use self::slab::{FIRST, Place, Places, SEQUENCE, Slabs};
use self::sync::{AtomicU64, AtomicUsize, OnceRef, Ordering};
use self::table::{Bounds, HashValues, OVERFLOW, Refusal, Table};

const CELLS: usize = FIRST + 2;

/// Runs a model in every order with at most three switches away from a thread that could go on. More take minutes and,
/// with every ordering of `slab.rs` weakened in turn, found nothing that three did not.
fn model(run: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(run);
}

fn slabs() -> &'static Slabs {
    Box::leak(Box::new(Slabs {
        first: OnceRef::new(),
    }))
}

fn lease(slabs: &'static Slabs) -> &'static slab::Slab {
    slabs.lease(CELLS).expect("there is memory")
}

fn total(slabs: &Slabs, cell: usize) -> u64 {
    let mut total = 0;
    slabs.each(|cells| total += cells[cell].load(Ordering::Relaxed));
    total
}

fn count(slabs: &Slabs) -> usize {
    let mut count = 0;
    slabs.each(|_| count += 1);
    count
}

/// A thread's life: it leases a slab, records and ends.
fn record_once(slabs: &'static Slabs) {
    let slab = lease(slabs);
    slab::add(&slab.cells()[FIRST], 1);
    slab.give_back();
}

#[test]
fn nothing_is_lost_when_slabs_change_hands() {
    model(|| {
        let slabs = slabs();
        let threads = [
            thread::spawn(move || record_once(slabs)),
            thread::spawn(move || record_once(slabs)),
        ];
        record_once(slabs);
        for thread in threads {
            thread.join().expect("it does not panic");
        }
        assert_eq!(total(slabs, FIRST), 3);
        assert!(count(slabs) <= 3, "never more than threads at a time");
    });
}

#[test]
fn a_slab_that_was_given_back_is_used_again() {
    model(|| {
        let slabs = slabs();
        thread::spawn(move || record_once(slabs))
            .join()
            .expect("it does not panic");
        record_once(slabs);
        assert_eq!(total(slabs, FIRST), 2);
        assert_eq!(count(slabs), 1);
    });
}

#[test]
fn no_two_threads_have_one_slab() {
    model(|| {
        let slabs = slabs();
        let other = thread::spawn(move || lease(slabs).cells().as_ptr() as usize);
        let own = lease(slabs).cells().as_ptr() as usize;
        assert_ne!(own, other.join().expect("it does not panic"));
        assert_eq!(count(slabs), 2);
    });
}

// The reader is the thread that is spawned, here and below: the checker does not go back to a load once the writer has
// loaded the same cell, so a reader that ran first would be seen in one order only.
#[test]
fn a_sum_belongs_to_its_count_and_neither_goes_down() {
    model(|| {
        let slabs = slabs();
        let slab = lease(slabs);
        let reader = thread::spawn(move || {
            let mut before = 0;
            for _ in 0..2 {
                let mut seen = [0, 0];
                slab::read_series(slab.cells(), FIRST, &mut seen);
                let [count, sum] = seen;
                assert_eq!(sum, 7 * count);
                assert!(count >= before, "a count goes down");
                before = count;
            }
        });
        for _ in 0..2 {
            slab::write_series(&slab.cells()[SEQUENCE], || {
                slab::add(&slab.cells()[FIRST], 1);
                slab::add(&slab.cells()[FIRST + 1], 7);
            });
        }
        reader.join().expect("it does not panic");
        let mut seen = [0, 0];
        slab::read_series(slab.cells(), FIRST, &mut seen);
        assert_eq!(seen, [2, 14]);
    });
}

#[test]
fn a_float_sum_is_added_to_like_a_count() {
    model(|| {
        let slabs = slabs();
        let add = move || {
            let slab = lease(slabs);
            slab::add_f64(&slab.cells()[FIRST], 0.5);
            slab.give_back();
        };
        let other = thread::spawn(add);
        add();
        other.join().expect("it does not panic");
        let mut sum = 0.0;
        slabs.each(|cells| sum += f64::from_bits(cells[FIRST].load(Ordering::Relaxed)));
        assert!((sum - 1.0).abs() < f64::EPSILON);
    });
}

#[test]
fn recordings_that_race_with_the_registration_of_their_metric_are_counted() {
    model(|| {
        let slabs = slabs();
        let place: &'static Place = Box::leak(Box::new(Place(AtomicUsize::new(Place::NONE))));
        let shared: &'static AtomicU64 = Box::leak(Box::new(AtomicU64::new(0)));
        // What `cells.rs` does with a recording.
        let record = move |slab: &'static slab::Slab| match place.get() {
            Place::NONE => {
                shared.fetch_add(1, Ordering::Relaxed);
            }
            place => slab::add(&slab.cells()[place], 1),
        };
        let read = move || {
            let mut value = shared.load(Ordering::Acquire);
            let place = place.get();
            if place != Place::NONE {
                value += total(slabs, place);
            }
            value
        };
        let recorder = thread::spawn(move || {
            let slab = lease(slabs);
            record(slab);
            let after_one = read();
            record(slab);
            assert!(
                after_one >= 1 && read() == 2,
                "a thread sees its own recordings"
            );
            slab.give_back();
        });
        let registrar = thread::spawn(move || place.give(FIRST));
        let before = read();
        assert!(before <= read(), "no reader sees a value go down");
        recorder.join().expect("it does not panic");
        assert!(registrar.join().expect("it does not panic"));
        assert!(!place.give(FIRST + 1), "a place is given once");
        assert_eq!(read(), 2);
    });
}

#[test]
fn a_place_that_is_given_while_the_first_slab_is_made_is_in_the_slab() {
    model(|| {
        let places: &'static Places = Box::leak(Box::new(Places(AtomicU64::new(Places::ALL))));
        let take = move |cells: usize| places.take(cells).map(|place| (place, place + cells));
        // More than there is room for behind the first slab.
        let other = thread::spawn(move || take(9000));
        let capacity = places.capacity();
        let small = take(2);
        let large = other.join().expect("it does not panic");
        assert_eq!(places.capacity(), capacity, "all slabs are as long");
        let given: Vec<_> = small.into_iter().chain(large).collect();
        for (first, end) in &given {
            assert!(*first >= FIRST && *end <= capacity, "beyond the slab");
        }
        if let [(first, end), (other_first, other_end)] = given[..] {
            assert!(end <= other_first || other_end <= first, "one place twice");
        }
        assert!(small.is_some(), "there is room for a few cells");
        assert!(take(9000).is_none(), "there is room for no more");
    });
}

/// The models do turn red: two writers of one cell lose a recording in some order.
#[test]
#[should_panic(expected = "left == right")]
fn a_cell_with_two_writers_loses_recordings() {
    model(|| {
        let cell: &'static AtomicU64 = Box::leak(Box::new(AtomicU64::new(0)));
        let other = thread::spawn(move || slab::add(cell, 1));
        slab::add(cell, 1);
        other.join().expect("it does not panic");
        assert_eq!(cell.load(Ordering::Relaxed), 2);
    });
}

/// All values collide, so that no two rows are found apart by luck.
struct Alike;

impl HashValues for Alike {
    fn hash(&self, _: &[&str]) -> u64 {
        0
    }
}

/// A table with room for one series, or for one value of its label.
fn table(series: usize, max: Option<usize>) -> &'static Table<Alike> {
    let bounds = Bounds {
        series,
        reserved: 0,
        closed: 1,
        from_the_start: [0].into(),
        other: Some(0),
        labels: [max].into(),
    };
    Box::leak(Box::new(Table::new(Alike, 0, bounds, &[&[]], &[])))
}

/// A table with more combinations of closed values than a chunk has numbers, of which none is there from the start.
fn wide_table(series: usize) -> &'static Table<Alike> {
    let bounds = Bounds {
        series,
        reserved: 0,
        closed: CHUNK + 1,
        from_the_start: [].into(),
        other: None,
        labels: [None].into(),
    };
    Box::leak(Box::new(Table::new(Alike, 0, bounds, &[&[]], &[])))
}

/// What is recorded with a value: its series, or the overflow series.
fn series_of(table: &'static Table<Alike>, value: &str) -> usize {
    let row = table.row(&[value]);
    let series = row.and_then(|row| table.series(row, 0));
    series.unwrap_or(OVERFLOW)
}

/// What a reader sees: every number below the length has its labels.
fn values(table: &Table<Alike>) -> Vec<String> {
    let series = OVERFLOW + 1..table.len();
    let labels = series.map(|series| table.labels_of(series).expect("it is claimed"));
    labels
        .flat_map(|(row, _)| row.values().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

#[test]
fn values_that_race_for_the_last_series_do_not_pass_the_bound() {
    model(|| {
        let table = table(1, None);
        let other = thread::spawn(move || series_of(table, "b"));
        let own = series_of(table, "a");
        let other = other.join().expect("it does not panic");
        let mut both = [own, other];
        both.sort_unstable();
        assert_eq!(both, [OVERFLOW, 1], "one of the two has it");
        assert_eq!(values(table), [if own == 1 { "a" } else { "b" }]);
    });
}

#[test]
fn a_value_that_two_threads_bring_is_one_series_and_readers_know_its_labels() {
    model(|| {
        let table = table(2, None);
        let reader = thread::spawn(move || {
            let seen = values(table);
            assert!(seen.is_empty() || seen == ["a"], "{seen:?}");
        });
        let other = thread::spawn(move || series_of(table, "a"));
        let own = series_of(table, "a");
        assert_eq!(own, other.join().expect("it does not panic"));
        reader.join().expect("it does not panic");
        assert_eq!(values(table), ["a"]);
    });
}

#[test]
fn values_that_race_for_the_last_place_of_a_label_do_not_pass_its_bound() {
    model(|| {
        let table = table(3, Some(1));
        let other = thread::spawn(move || table.row(&["b"]).map(drop));
        let own = table.row(&["a"]).map(drop);
        let other = other.join().expect("it does not panic");
        assert!(
            matches!(
                (own, other),
                (Ok(()), Err(Refusal::Label(0))) | (Err(Refusal::Label(0)), Ok(()))
            ),
            "{own:?} and {other:?}"
        );
        assert_eq!(values(table).len(), 1);
    });
}

#[test]
fn a_chunk_of_numbers_that_two_threads_bring_is_one() {
    model(|| {
        let table = wide_table(2);
        let row = table.row(&["a"]).expect("there is room");
        let other = thread::spawn(move || table.series(row, 1).expect("there is room"));
        let own = table.series(row, 0).expect("there is room");
        let other = other.join().expect("it does not panic");
        let mut both = [own, other];
        both.sort_unstable();
        assert_eq!(both, [1, 2], "each has a number of its own");
        assert_eq!((row.series(0), row.series(1)), (Some(own), Some(other)));
        assert_eq!(row.series(CHUNK), None, "nobody brought that chunk");
    });
}

#[test]
fn combinations_of_a_wide_row_that_race_for_the_last_series_do_not_pass_the_bound() {
    model(|| {
        let table = wide_table(1);
        let row = table.row(&["a"]).expect("there is room");
        let other = thread::spawn(move || table.series(row, CHUNK));
        let own = table.series(row, 0);
        let other = other.join().expect("it does not panic");
        assert!(
            matches!(
                (own, other),
                (Ok(1), Err(Refusal::Metric)) | (Err(Refusal::Metric), Ok(1))
            ),
            "{own:?} and {other:?}"
        );
        let (named, closed) = table.labels_of(1).expect("it is claimed");
        assert_eq!(named.series(closed), Some(1));
        assert_eq!(table.len(), 2);
    });
}
