//! The cortex service.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use datapunk_metrics_examples::cortex;
use datapunk_metrics_examples::service::{self, Start};

/// The cortex service, with its metrics at /metrics
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Address to listen at
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9466")]
    listen: SocketAddr,
    #[command(flatten)]
    options: cortex::Options,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let start = Start {
        listen: cli.listen,
        until_stdin_ends: false,
    };
    service::main(cortex::run(cli.options, start))
}
