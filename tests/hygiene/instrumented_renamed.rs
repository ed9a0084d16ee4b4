//! Instrumented functions with the toolkit under another name in `Cargo.toml`.
#![deny(warnings)]

use renamed::{LabelValue, instrument_metrics};

#[derive(Clone, Copy, LabelValue)]
#[label(crate = ::renamed)]
pub enum Fault {
    Input,
}

#[instrument_metrics(system = "renamed", crate = ::renamed, labels(fault: Fault = |fault| *fault))]
pub fn fail(input: &str) -> Result<&str, Fault> {
    if input.is_empty() { Err(Fault::Input) } else { Ok(input) }
}

#[instrument_metrics(system = "renamed", crate = ::renamed)]
pub async fn wait() {}
