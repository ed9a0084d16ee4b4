//! A partitioned event log with consumers that fall behind and catch up.

mod consumer;
mod http;
mod log;
mod metrics;

use std::sync::Arc;

use clap::Args;

pub use metrics::StreamMetrics;

use datapunk_metrics::health::Health;
use datapunk_metrics::{RegisterError, Registry};

use crate::service::{self, CHECK_TIMEOUT, ServiceError, Start};

/// The command line of the stream.
#[derive(Args, Clone, Copy, Debug)]
pub struct Options {
    /// Events that a partition keeps
    #[arg(long, value_name = "NUMBER", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub keep: u32,
}

/// The metrics of the stream.
///
/// # Errors
///
/// If two sets have a metric of the same name.
pub fn registry() -> Result<Registry, RegisterError> {
    service::registry_of(module_path!())
}

/// Runs the stream.
///
/// # Errors
///
/// If its address is taken.
pub async fn run(options: Options, start: Start) -> Result<(), ServiceError> {
    let stream = Arc::new(log::Stream::new(options.keep as usize));
    // Dropped, which ends the consumers, when the service ends.
    let consumers = consumer::start(&stream);
    let checks = Health::builder().check("consumers", CHECK_TIMEOUT, consumers.check());
    service::run("stream", start, http::router(stream), registry()?, checks).await
}
