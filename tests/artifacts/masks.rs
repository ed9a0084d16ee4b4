//! What the generated configuration hides of other programs' label values.

use std::fs;

use proptest::prelude::*;
use regex::Regex;
use support::secrets::seeds;
use support::workspace;

/// The regular expression of the generated relabelling, as Prometheus reads it: it has to match a value as a whole.
fn mask() -> Regex {
    let path = workspace().join("examples/deploy/prometheus/prometheus.yml");
    let text = fs::read_to_string(path).expect("the configuration is generated");
    let from = text.rfind("(?s:").expect("there is a mask");
    let rest = &text[from..];
    let end = rest.find("\n    target_label").expect("it has a label");
    // A folded text: its lines are joined by spaces.
    let lines = rest[..end].lines().map(str::trim);
    let regex = lines.collect::<Vec<_>>().join(" ");
    Regex::new(&format!("^(?:{regex})$")).expect("a regular expression")
}

#[test]
fn secrets_of_every_kind_are_hidden_in_the_series_of_others() {
    let mask = mask();
    let mut runner = proptest::test_runner::TestRunner::default();
    runner
        .run(&seeds(), |seed| {
            prop_assert!(mask.is_match(&seed.text), "{}", seed.text);
            Ok(())
        })
        .expect("every text is hidden");
}

#[test]
fn what_tells_series_apart_is_not() {
    let mask = mask();
    for value in [
        "",
        "/",
        "/items/{id}",
        "/dev/nvme0n1p1",
        "/var/lib/containers/storage/overlay",
        "getty@tty1.service",
        "user@1000.service",
        "nginx:1.25.3-alpine",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "550e8400-e29b-41d4-a716-446655440000",
        "2026-11-29T18:00:00.000Z",
        "1764439200000000",
        "10.0.0.1:9090",
        "[2001:db8::1]:9090",
        "https://example.com/path?x=1",
        "amqp://rabbit@node-1:5672",
        "token_bucket",
        "token: expired",
        "password=[REDACTED]",
        "eyJ",
        "+Inf",
        "eu-west-1a",
        "orders.created.v1",
        "GET",
        "5xx",
        "basic_auth",
        "v1.2.3-rc.1+build.5",
    ] {
        assert!(!mask.is_match(value), "{value}");
    }
}
