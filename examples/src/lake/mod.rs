//! An object store on disk with a cache before it, and a vector search.

mod cache;
mod http;
mod metrics;
mod store;
mod vector;

use std::fs;
use std::path::PathBuf;

use clap::Args;

pub use metrics::LakeMetrics;

use datapunk_metrics::health::Health;
use datapunk_metrics::{RegisterError, Registry};

use crate::service::{self, CHECK_TIMEOUT, ServiceError, Start};

/// The command line of the lake.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Folder of the objects; a temporary one unless given
    #[arg(long, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
    /// Vectors in each index
    #[arg(long, value_name = "NUMBER", default_value_t = 4000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub vectors: u32,
}

/// The metrics of the lake.
///
/// # Errors
///
/// If two sets have a metric of the same name.
pub fn registry() -> Result<Registry, RegisterError> {
    service::registry_of(module_path!())
}

/// Runs the lake.
///
/// # Errors
///
/// If its folder is out of reach or its address is taken.
pub async fn run(options: Options, start: Start) -> Result<(), ServiceError> {
    // Dropped, and with it removed, when the service ends.
    let temporary;
    let folder = if let Some(folder) = options.data_dir {
        folder
    } else {
        temporary = tempfile::Builder::new()
            .prefix("lake-")
            .tempdir()
            .map_err(|error| {
                ServiceError::Data(std::env::temp_dir().display().to_string(), error)
            })?;
        temporary.path().to_owned()
    };
    let store = store::Store::open(&folder)
        .map_err(|error| ServiceError::Data(folder.display().to_string(), error))?;
    let app = http::router(http::Lake::new(store, options.vectors as usize));
    let checks = Health::builder().blocking_check("store", CHECK_TIMEOUT, move || {
        fs::metadata(&folder).map(drop)
    });
    service::run("lake", start, app, registry()?, checks).await
}
