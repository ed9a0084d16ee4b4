//! The bytes of a connection: they are answered with HTTP or with nothing, and the server is as it was.
#![no_main]

use std::sync::OnceLock;

use datapunk_metrics::serve::Server;
use datapunk_metrics::serve::fuzzing::Fuzzed;
use datapunk_metrics::{Counter, MetricSet, Registry};
use libfuzzer_sys::fuzz_target;

/// What is shown.
#[derive(MetricSet)]
#[metrics(namespace = "fuzzed")]
struct FuzzedMetrics {
    /// Cups filled.
    cups_filled_total: Counter,
}

fuzz_target!(|bytes: &[u8]| {
    static SERVER: OnceLock<Fuzzed> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        let registry = Registry::new();
        registry.register::<FuzzedMetrics>().expect("one set");
        Fuzzed::new(Server::builder().registry(registry))
    });
    let answer = server.answer(bytes);
    assert!(
        answer.is_empty() || answer.starts_with(b"HTTP/1."),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    // One such header in each answer at the most: nothing of the client's makes another.
    let text = String::from_utf8_lossy(&answer);
    for head in text.split("HTTP/1.1 ").skip(1) {
        let head = head.split("\r\n\r\n").next().unwrap_or_default();
        assert!(head.matches("\r\ncontent-type: ").count() <= 1, "{head}");
    }
});
