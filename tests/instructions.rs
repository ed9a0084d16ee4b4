//! How many instructions a recording takes, counted by valgrind and compared with `instructions.txt`.
//!
//! Times differ from machine to machine; instructions of one compiler do not. After a change that is meant, write the
//! file anew: `INSTRUCTIONS=overwrite cargo test -p datapunk-metrics-tests --test instructions`.

#![cfg(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"))]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use support::package;
use support::project::{Member, Project};

const OWNER: &str = "
use datapunk_metrics::{Bytes, Celsius, Counter, Gauge, Histogram, LabelSet, LabelValue, MetricSet, Outcome, Seconds};

#[derive(Clone, Copy, LabelValue)]
pub enum Operation { Read, Write, Delete }

#[derive(Clone, Copy, LabelSet)]
pub struct Labels { pub operation: Operation, pub outcome: Outcome }

#[derive(Clone, Copy, LabelSet)]
pub struct PathLabels<'a> { pub path: &'a str }

#[derive(MetricSet)]
#[metrics(namespace = \"owner\")]
pub struct OwnerMetrics {
    /// Operations.
    pub operations_total: Counter<Labels>,
    /// Ticks.
    pub ticks_total: Counter,
    /// Pages.
    pub pages_total: Counter<PathLabels<'static>>,
    /// Work.
    pub work_seconds_total: Counter<(), f64>,
    /// Workers.
    pub workers_current: Gauge,
    /// Six buckets.
    #[metric(buckets = [0.01, 0.05, 0.1, 0.5, 1.0, 5.0])]
    pub six_duration_seconds: Histogram<Seconds>,
    /// Eleven buckets.
    #[metric(buckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0])]
    pub eleven_duration_seconds: Histogram<Seconds>,
    /// Sizes.
    #[metric(buckets = [256, 4096, 65536])]
    pub object_size_bytes: Histogram<Bytes>,
    /// Temperatures.
    #[metric(buckets = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0])]
    pub room_celsius: Histogram<Celsius>,
}
pub const OWNER: OwnerMetrics = <OwnerMetrics as MetricSet>::METRICS;
";

/// Name and body of each recording, over the input `n`.
const RECORDINGS: [(&str, &str); 11] = [
    ("counter_plain", "OWNER.ticks_total.inc();"),
    (
        "counter_literal",
        "OWNER.operations_total.with(Labels { operation: Operation::Write, outcome: Outcome::Ok }).inc();",
    ),
    (
        "counter_runtime",
        "OWNER.operations_total.with(labels(n)).inc();",
    ),
    (
        "counter_open",
        "OWNER.pages_total.with(PathLabels { path: PATHS[(n % 4) as usize] }).inc();",
    ),
    (
        "counter_open_literal",
        "series!(OWNER.pages_total, PathLabels { path: \"/items/{id}\" }).inc();",
    ),
    ("counter_float", "OWNER.work_seconds_total.add(0.5);"),
    ("gauge_set", "OWNER.workers_current.set(n as i64);"),
    (
        "histogram_6",
        "OWNER.six_duration_seconds.observe(Duration::new(n % 7, 5));",
    ),
    (
        "histogram_11",
        "OWNER.eleven_duration_seconds.observe(Duration::new(n % 7, 5));",
    ),
    ("histogram_bytes", "OWNER.object_size_bytes.observe(n);"),
    ("histogram_float", "OWNER.room_celsius.observe(n as f64);"),
];

fn caller() -> String {
    let mut functions = String::new();
    let mut calls = String::new();
    for (name, body) in RECORDINGS {
        writeln!(
            functions,
            "#[inline(never)]\nfn {name}(n: u64) {{\n    let _ = n;\n    {body}\n}}"
        )
        .expect("a string takes all");
        writeln!(calls, "        \"{name}\" => {name},").expect("a string takes all");
    }
    format!(
        "use std::hint::black_box;
use std::time::Duration;
use datapunk_metrics::Outcome;
use datapunk_metrics::series;
use instructions_owner::{{Labels, Operation, OWNER, PathLabels}};

const PATHS: [&str; 4] = [\"/items/{{id}}\", \"/health\", \"/about\", \"/items/{{id}}/parts\"];

#[inline(always)]
fn labels(n: u64) -> Labels {{
    Labels {{
        operation: [Operation::Read, Operation::Write, Operation::Delete][(n % 3) as usize],
        outcome: if n % 2 == 0 {{ Outcome::Ok }} else {{ Outcome::Error }},
    }}
}}

#[inline(never)]
fn nothing(_: u64) {{}}

{functions}
fn main() {{
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap();
    let count: u64 = arguments.next().unwrap().parse().unwrap();
    let record: fn(u64) = match name.as_str() {{
        \"nothing\" => nothing,
{calls}        _ => panic!(\"no such recording\"),
    }};
    let record = black_box(record);
    record(1);
    for n in 0..count {{
        record(n);
    }}
}}
"
    )
}

/// Instructions of a run with so many recordings.
fn instructions(program: &std::path::Path, recording: &str, count: u64) -> u64 {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=out"])
        .arg(program)
        .args([recording, &count.to_string()])
        .current_dir(&folder)
        .output()
        .unwrap_or_else(|error| {
            panic!("valgrind: {error}\nhelp: apt-get install -y --no-install-recommends valgrind (tests/run.sh does it)")
        });
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{log}");
    let (_, collected) = log.split_once("Collected : ").expect("valgrind counts");
    let number = collected.lines().next().unwrap_or_default();
    number.trim().parse().expect("a number")
}

/// Instructions of one recording, without those of the loop.
fn per_recording(program: &std::path::Path, recording: &str) -> f64 {
    const COUNT: u64 = 20_000;
    let of = |name| instructions(program, name, 2 * COUNT) - instructions(program, name, COUNT);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let per_call = |total: u64| total as f64 / COUNT as f64;
    per_call(of(recording)) - per_call(of("nothing"))
}

#[test]
fn a_recording_takes_the_instructions_that_are_written_down() {
    let caller = caller();
    let project = Project::new(
        "instructions",
        &[
            Member::new("instructions_owner", OWNER),
            Member::new("instructions_caller", &caller).depending_on(
                "datapunk-metrics = { path = \"DATAPUNK_METRICS\" }\n\
                 instructions_owner = { path = \"../instructions_owner\" }\n",
            ),
        ],
    );
    project.cargo(&["build", "--release"]).expect_success();
    let program = project.program("release", "instructions_caller");
    let counted: BTreeMap<&str, f64> = RECORDINGS
        .iter()
        .map(|(name, _)| (*name, per_recording(&program, name)))
        .collect();
    let file = package().join("instructions.txt");
    if std::env::var_os("INSTRUCTIONS").is_some_and(|value| value == "overwrite") {
        let mut text = String::from(
            "# Instructions of one recording, without its call and return; see instructions.rs.\n",
        );
        for (name, count) in &counted {
            writeln!(text, "{name} {count:.1}").expect("a string takes all");
        }
        fs::write(&file, text).expect("the file is written");
    }
    let text = fs::read_to_string(&file).expect("the file is there");
    let mut written: BTreeMap<&str, f64> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, count) = line.split_once(' ').expect("a name and a number");
        written.insert(name, count.parse().expect("a number"));
    }
    assert_eq!(
        written.keys().collect::<Vec<_>>(),
        counted.keys().collect::<Vec<_>>()
    );
    for (name, count) in &counted {
        let expected = written[name];
        assert!(
            (count - expected).abs() <= expected * 0.05 + 0.1,
            "{name} takes {count:.1} instructions, not {expected:.1}; all: {counted:?}"
        );
    }
}
