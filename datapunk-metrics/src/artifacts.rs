//! What operators run, made from the declared metrics, so that nothing of it is written by hand and none of it drifts.
//!
//! A service gets a command line by one line at the start of `main`:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! fn main() -> ExitCode {
//!     if let Some(code) = datapunk_metrics::artifacts::cli::run_if_asked("lake", datapunk_metrics::registry) {
//!         return code;
//!     }
//!     // The service.
//!     ExitCode::SUCCESS
//! }
//! ```
//!
//! `lake metrics --help` says what there is. The program `datapunk-metrics` does the same for several services at once,
//! from their binaries or from catalogues that were saved. `docs/artifacts.md` is the operators' guide.

mod alertmanager;
mod bundle;
mod catalogue;
pub mod cli;
mod dashboards;
mod deployment;
mod http_client;
mod lock;
mod prometheus;
mod redact;
mod rules;
mod scrape;
mod write;

use serde::Serialize;

pub use catalogue::{
    Catalogue, Condition, Deprecated, Indicator, Label, Metric, Objective, Open, Place, Renamed,
    Set, State, Waiver, markdown,
};
pub use deployment::{
    Access, BasicAuth, Deployment, Grafana, Job, Notifications, Receiver, Service, Slack, Store,
    Stores, Tls, Webhook,
};
#[doc(hidden)]
pub use lock::assert_lock;
pub use lock::{Change, Lock, Usage};

/// `value` as JSON, with a line feed at the end.
fn json(value: &impl Serialize) -> String {
    // Only a map whose keys are no texts, or a type's own refusal, is an error, and there is neither.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

/// `value` as YAML behind a comment, with a line feed at the end.
fn yaml(comment: &str, value: &impl Serialize) -> String {
    // As above.
    let mut text = serde_saphyr::to_string(value).unwrap_or_default();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    format!("# {comment}\n{text}")
}

/// The first line of an error of a parser, which draws the place below it.
fn first_line(error: &impl core::fmt::Display) -> String {
    let text = error.to_string();
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    let line = line.unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
