//! `include_rules!` without a prelude, where names mean something else, and under strict lints.
#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(missing_docs, missing_debug_implementations, unreachable_pub, unused_qualifications, unused_results)]
#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, clippy::as_conversions)]
#![deny(clippy::arithmetic_side_effects)]

/// What is done.
#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::datapunk_metrics::LabelValue)]
pub enum Operation {
    /// Reads.
    Read,
    /// Writes.
    Write,
}

/// Labels of a call.
#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::datapunk_metrics::LabelSet)]
pub struct Labels {
    /// What is done.
    pub operation: Operation,
}

/// Calls.
#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::datapunk_metrics::MetricSet)]
#[metrics(namespace = "hygiene")]
pub struct CallMetrics {
    /// Calls made.
    pub calls_made_total: ::datapunk_metrics::Counter<Labels>,
    /// Time that a call takes.
    pub call_duration_seconds: ::datapunk_metrics::Histogram<::datapunk_metrics::Seconds>,
}

/// A module in which the names of the standard library are others.
pub mod taken {
    /// No option.
    #[derive(::core::fmt::Debug)]
    pub struct Option;
    /// No number.
    #[derive(::core::fmt::Debug)]
    #[allow(non_camel_case_types)]
    pub struct u8;
    /// No text.
    #[derive(::core::fmt::Debug)]
    #[allow(non_camel_case_types)]
    pub struct str;
    /// Nothing.
    pub mod core {}
    /// Nothing.
    pub mod std {}
    /// Nothing.
    pub mod datapunk_metrics {}

    /// The rules, which fit.
    pub const RULES: ::datapunk_metrics::rules::RuleFiles = ::datapunk_metrics::include_rules!(
        ["rules.yml"],
        sets = [super::CallMetrics],
        external = { foreign_load: [region] },
    );
}

/// The text of the first, where a value is asked for and not a constant.
#[must_use]
pub fn first_text() -> &'static str {
    let rules = ::datapunk_metrics::include_rules!(
        "rules.yml",
        sets = [CallMetrics],
        external = { foreign_load: [region] },
    );
    rules
        .files()
        .first()
        .map_or("", ::datapunk_metrics::rules::RuleFile::text)
}
