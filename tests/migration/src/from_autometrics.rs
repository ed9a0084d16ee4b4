//! The code of `docs/from-autometrics.md` before the move.

use autometrics::autometrics;
use autometrics::prometheus_exporter;

#[derive(Debug)]
pub struct Refused;

#[autometrics(track_concurrency)]
pub async fn price(article: u32) -> Result<u32, Refused> {
    if article == 0 { Err(Refused) } else { Ok(article * 3) }
}

pub fn exposition() -> String {
    prometheus_exporter::encode_to_string().expect("text")
}

#[test]
fn a_call_is_counted_with_ten_labels() {
    prometheus_exporter::init();
    let mut call = Box::pin(price(2));
    let waker = std::task::Waker::noop();
    let done = call.as_mut().poll(&mut std::task::Context::from_waker(waker));
    assert!(matches!(done, std::task::Poll::Ready(Ok(6))));
    let text = exposition();
    assert!(text.contains("function=\"price\""), "{text}");
    assert!(text.contains("function_calls_total{"), "{text}");
    assert!(text.contains("function_calls_concurrent{"), "{text}");
}
