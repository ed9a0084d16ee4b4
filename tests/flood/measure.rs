//! The rounds, and the table of what was found.

use std::fs;
use std::thread;
use std::time::Duration;

use datapunk_metrics::serve::Limits;

use crate::fixture::{Files, Served, sha256, user_of_cost};
use crate::flood::Flood;
use crate::recorder::{Account, Recorder, registry};
use crate::scraper::{Answers, Scraper};
use crate::{PASSWORD, TOKEN, USER};

/// How long and how often each flood is there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    pub(crate) time: Duration,
}

/// What was found under a flood.
#[derive(Default)]
struct Found {
    accounts: Vec<Account>,
    kept: Answers,
    anew: Answers,
    connections: u64,
    peak: u64,
}

/// Measures, and prints a table.
pub(crate) fn measure(effort: Effort) {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let own = (processors > 1).then_some(0);
    if own.is_some() {
        // All threads and processes to come are there too, but for the one that records.
        stay_on(&(1..processors).collect::<Vec<_>>());
    }
    let files = Files::new();
    let access = format!(
        "tokens:\n- {{principal: scraper, sha256: {}}}\n",
        sha256(TOKEN)
    );
    let web = format!("basic_auth_users:\n{}", user_of_cost(USER, PASSWORD, 10));
    let mut limits = Limits::default();
    limits.header_timeout = Duration::from_secs(2);
    limits.write_timeout = Duration::from_secs(2);
    let builder = files.builder(&web, &access).registry(registry());
    let served = Served::start(builder.limits(limits));
    let mut found: Vec<Found> = Flood::EACH.iter().map(|_| Found::default()).collect();
    // The first one warms up.
    phase(
        &served,
        Flood::All,
        effort.time / 2,
        own,
        &mut Found::default(),
    );
    for round in 0..effort.rounds {
        for turn in 0..Flood::EACH.len() {
            let place = (round + turn) % Flood::EACH.len();
            phase(
                &served,
                Flood::EACH[place],
                effort.time,
                own,
                &mut found[place],
            );
        }
    }
    print(&found, effort);
}

fn phase(served: &Served, flood: Flood, time: Duration, own: Option<usize>, found: &mut Found) {
    // What the one before left behind is closed first.
    thread::sleep(Duration::from_millis(500));
    let kept = Scraper::keeping(served.address);
    let anew = Scraper::coming_anew(served.address);
    thread::sleep(Duration::from_millis(200));
    forget_peak();
    let running = flood.start(served.address);
    let recorder = Recorder::start(own);
    thread::sleep(time);
    found.accounts.push(recorder.end());
    found.peak = found.peak.max(memory("VmHWM:"));
    found.kept.add(kept.end());
    found.anew.add(anew.end());
    found.connections += running.end();
}

fn print(found: &[Found], effort: Effort) {
    let calm = median(&found[0], Account::cost);
    let seconds = effort.time.as_secs_f64() * effort.rounds as f64;
    println!(
        "{}, {} rounds of {:?} for each\n",
        machine(),
        effort.rounds,
        effort.time
    );
    println!(
        "| flood | connections a second | ns of a recording | recordings in a second | against none | waits | \
         kept connection | new connections | slowest answer | most memory |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for (flood, found) in Flood::EACH.iter().zip(found) {
        let cost = median(found, Account::cost);
        let waits: u64 = found.accounts.iter().map(|account| account.waits).sum();
        println!(
            "| {} | {:.0} | {cost:.2} | {:.0} million | {:.2} | {waits} | {} of {} | {} of {} | {:.0} ms | {} MiB |",
            flood.name(),
            found.connections as f64 / seconds,
            1e3 / cost,
            cost / calm,
            found.kept.whole,
            found.kept.asked,
            found.anew.whole,
            found.anew.asked,
            found.kept.slowest.max(found.anew.slowest).as_secs_f64() * 1e3,
            found.peak / 1024,
        );
    }
}

fn median(found: &Found, value: impl Fn(&Account) -> f64) -> f64 {
    let mut values: Vec<f64> = found.accounts.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Lets the system measure the most memory anew.
fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").expect("a process may do that to itself");
}

/// A line of `/proc/self/status`, in KiB.
fn memory(line: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    status
        .lines()
        .find_map(|text| text.strip_prefix(line))
        .and_then(|text| text.trim().trim_end_matches(" kB").parse().ok())
        .expect("a number")
}

fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or(std::env::consts::ARCH, |(_, model)| model);
    let processors = info
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    format!("{model}, {processors} processors")
}

/// Keeps this thread, and what it starts, on some processors.
pub(crate) fn stay_on(processors: &[usize]) {
    // SAFETY: a set of processors is plain bits, of which all may be 0.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    for processor in processors {
        // SAFETY: the number is less than the bits of the set; a system with more than 1,024 processors has 0 and 1.
        unsafe { libc::CPU_SET(*processor, &mut set) };
    }
    // SAFETY: the set is of the size that is given, and lives until the call returns.
    let result = unsafe { libc::sched_setaffinity(0, size_of_val(&set), &raw const set) };
    assert_eq!(result, 0, "a thread may choose its processors");
}
