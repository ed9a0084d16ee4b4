//! The lake service.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use datapunk_metrics::artifacts::cli;
use datapunk_metrics_examples::lake;
use datapunk_metrics_examples::service::{self, Start, Web};

/// The lake service, with its metrics at /metrics
#[derive(Parser)]
#[command(
    version,
    after_help = "What operators need of its metrics: lake metrics --help"
)]
struct Cli {
    /// Address to listen at
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9464")]
    listen: SocketAddr,
    #[command(flatten)]
    web: Web,
    #[command(flatten)]
    options: lake::Options,
}

fn main() -> ExitCode {
    // Before anything speaks of it: the catalogue has the version.
    if let Err(error) = service::identify("lake") {
        return service::fail(&error);
    }
    if let Some(code) = cli::run_if_asked("lake", lake::registry) {
        return code;
    }
    let cli = Cli::parse();
    let start = Start {
        listen: cli.listen,
        web: cli.web,
        of_demo: false,
    };
    service::main(lake::run(cli.options, start))
}
