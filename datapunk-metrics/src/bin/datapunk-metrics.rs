//! The program `datapunk-metrics`: what operators need of the metrics of one or more services.

use std::process::ExitCode;

fn main() -> ExitCode {
    datapunk_metrics::artifacts::cli::main()
}
