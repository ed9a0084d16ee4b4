//! What floods of hostile clients cost a program that records: the time of a recording, the answers to scrapers who are
//! known, and memory, with and without each flood.
//!
//! ```sh
//! cargo bench -p datapunk-metrics-tests --all-features --bench flood          # two minutes
//! cargo bench -p datapunk-metrics-tests --all-features --bench flood -- --quick
//! ```
//!
//! The program that is measured has the server, a thread that records, and the two scrapers. The floods are processes of their
//! own. Where there are two processors or more the thread that records has one for itself, and all else shares the others: so
//! that a recording is slower where it waits for something that a flood holds, and not because a flood takes its processor.
//! Times are of the processor (`/proc/thread-self/schedstat`), the median of all rounds.

#![expect(
    clippy::cast_precision_loss,
    reason = "figures of a table have three digits"
)]

#[path = "../serve/attack.rs"]
mod attack;
#[expect(dead_code, reason = "the tests of the server use all of it")]
#[path = "../serve/fixture.rs"]
mod fixture;
mod flood;
mod measure;
mod recorder;
mod scraper;

use std::process::ExitCode;
use std::time::Duration;

use measure::{Effort, measure};

/// Whom the floods are told to guess the password of, and what the scrapers are known by.
const USER: &str = "ann";
const PASSWORD: &str = "tea";
const TOKEN: &str = "the-token";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["flood", name, address] => flood::run(name, address),
        // `cargo test` runs benches too, and has no time for it.
        _ if !arguments.contains(&"--bench") => {}
        _ if arguments.contains(&"--quick") => measure(Effort {
            rounds: 1,
            time: Duration::from_secs(2),
        }),
        _ => measure(Effort {
            rounds: 5,
            time: Duration::from_secs(4),
        }),
    }
    ExitCode::SUCCESS
}
