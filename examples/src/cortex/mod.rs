//! A text classifier in two variants, with an upstream that fails at times.

mod bayes;
mod breaker;
mod http;
mod keys;
mod metrics;
mod upstream;

use std::sync::Arc;

use clap::Args;

pub(crate) use keys::HEADER as KEY_HEADER;
pub use keys::KeyHash;
pub use metrics::CortexMetrics;

use datapunk_metrics::health::Health;
use datapunk_metrics::{RegisterError, Registry};

use crate::service::{self, CHECK_TIMEOUT, ServiceError, Start};

/// The command line of the cortex.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Failures in a row that open the circuit breaker
    #[arg(long, value_name = "NUMBER", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub breaker_failures: u32,
    /// SHA-256 of a key that a client may have; whoever has none of them is turned away. Without it everybody may come
    #[arg(long = "api-key-sha256", value_name = "HASH")]
    pub api_keys: Vec<KeyHash>,
}

/// The metrics of the cortex.
///
/// # Errors
///
/// If two sets have a metric of the same name.
pub fn registry() -> Result<Registry, RegisterError> {
    service::registry_of(module_path!())
}

/// Runs the cortex.
///
/// # Errors
///
/// If its address is taken.
pub async fn run(options: Options, start: Start) -> Result<(), ServiceError> {
    let cortex = Arc::new(http::Cortex::trained(options.breaker_failures));
    let checked = Arc::clone(&cortex);
    let checks = Health::builder().check("glossary", CHECK_TIMEOUT, move || {
        std::future::ready(checked.status_of_glossary())
    });
    let app = http::router(cortex, options.api_keys.into());
    service::run("cortex", start, app, registry()?, checks).await
}
