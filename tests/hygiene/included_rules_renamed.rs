//! `include_rules!` of a toolkit under another name.
#![forbid(unsafe_code)]
#![deny(warnings)]

use renamed::rules::RuleFiles;
use renamed::{Counter, Histogram, LabelSet, LabelValue, MetricSet, Seconds, include_rules};

#[derive(Clone, Copy, LabelValue)]
#[label(crate = ::renamed)]
pub enum Operation {
    Read,
    Write,
}

#[derive(Clone, Copy, LabelSet)]
#[label(crate = ::renamed)]
pub struct Labels {
    pub operation: Operation,
}

/// Calls.
#[derive(MetricSet)]
#[metrics(namespace = "hygiene", crate = ::renamed)]
pub struct CallMetrics {
    /// Calls made.
    pub calls_made_total: Counter<Labels>,
    /// Time that a call takes.
    pub call_duration_seconds: Histogram<Seconds>,
}

pub const RULES: RuleFiles = include_rules!(
    ["rules.yml"],
    sets = [CallMetrics],
    external = { foreign_load: [region] },
    crate = ::renamed,
);
