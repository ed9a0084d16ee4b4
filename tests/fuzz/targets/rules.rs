//! A rule file: what is wrong with it has a place, whatever is in it.
#![no_main]

#[path = "../../rules/oracle.rs"]
mod oracle;

use datapunk_metrics::MetricSet as _;
use datapunk_metrics::rules::RuleCheck;
use datapunk_metrics::standard::{CacheMetrics, HttpMetrics};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let findings = RuleCheck::new()
        .text("rules.yml", text)
        .against(&[HttpMetrics::DESCRIPTOR, CacheMetrics::DESCRIPTOR]);
    for mistake in &findings.mistakes {
        oracle::assert_is_told(mistake, text);
    }
});
