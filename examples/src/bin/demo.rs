//! The demo: three services under traffic.

use std::process::ExitCode;

use clap::Parser;
use datapunk_metrics_examples::demo::{self, Child};

/// Runs the lake, the stream and the cortex under made-up traffic, to look at their metrics
#[derive(Parser)]
#[command(
    version,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true
)]
struct Cli {
    #[command(flatten)]
    options: demo::Options,
    #[command(subcommand)]
    child: Option<Child>,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.child {
        Some(child) => demo::run_child(&child),
        None => demo::main(cli.options),
    }
}
