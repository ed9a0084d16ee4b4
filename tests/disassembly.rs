//! What a recording compiles to, in another crate than the set's, in the default release profile without LTO.
//!
//! What is expected stands in [`literal`] and [`run_time`] alone: another way to keep cells changes these two.

#![cfg(target_arch = "x86_64")]

use std::process::Command;
use std::sync::OnceLock;

use support::package;
use support::project::{Member, Project};

const OWNER: &str = "
#[derive(Clone, Copy, datapunk_metrics::LabelValue)]
pub enum Operation { Read, Write, Delete }

#[derive(Clone, Copy, datapunk_metrics::LabelSet)]
pub struct Labels { pub operation: Operation, pub outcome: datapunk_metrics::Outcome }

#[derive(datapunk_metrics::MetricSet)]
#[metrics(namespace = \"owner\")]
pub struct OwnerMetrics {
    /// Operations.
    pub operations_total: datapunk_metrics::Counter<Labels>,
    /// Ticks.
    pub ticks_total: datapunk_metrics::Counter,
}
pub const OWNER: OwnerMetrics = <OwnerMetrics as datapunk_metrics::MetricSet>::METRICS;
";

const CALLER: &str = "
use datapunk_metrics::Outcome;
use metrics_owner::{Labels, Operation, OWNER};

#[inline(never)]
#[unsafe(no_mangle)]
pub extern \"C\" fn record_literal() {
    OWNER.operations_total.with(Labels { operation: Operation::Write, outcome: Outcome::Ok }).inc();
}

#[inline(never)]
#[unsafe(no_mangle)]
pub extern \"C\" fn record_unlabelled() {
    OWNER.ticks_total.inc();
}

#[inline(never)]
#[unsafe(no_mangle)]
pub fn record_run_time(operation: Operation, outcome: Outcome) {
    OWNER.operations_total.with(Labels { operation, outcome }).inc();
}

fn main() {
    record_literal();
    record_unlabelled();
    record_run_time(
        std::hint::black_box(Operation::Delete),
        std::hint::black_box(Outcome::Error),
    );
    let registry = datapunk_metrics::registry().expect(\"no clash\");
    let format = datapunk_metrics::encode::Format::Text;
    print!(\"{}\", datapunk_metrics::encode::encode(registry, format).expect(\"no readers\"));
}
";

/// The program, built once for all tests of this file.
fn program() -> &'static Project {
    static PROGRAM: OnceLock<Project> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let dependencies = "datapunk-metrics = { path = \"DATAPUNK_METRICS\" }\n\
                            metrics_owner = { path = \"../metrics_owner\" }\n";
        let project = Project::new(
            "disassembly",
            &[
                Member::new("metrics_owner", OWNER),
                Member::new("metrics_caller", CALLER).depending_on(dependencies),
            ],
        );
        project.cargo(&["build", "--release"]).expect_success();
        project
    })
}

fn instructions(function: &str) -> Vec<String> {
    let output = Command::new(package().join("disassembly.sh"))
        .arg(program().program("release", "metrics_caller"))
        .arg(function)
        .output()
        .expect("the script starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let lines: Vec<String> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(str::to_owned)
        .collect();
    assert!(!lines.is_empty(), "`{function}` is not in the program");
    lines
}

/// An atomic increment of one cell.
fn is_increment(instruction: &str) -> bool {
    instruction.starts_with("lock inc QWORD PTR [")
        || (instruction.starts_with("lock add QWORD PTR [") && instruction.ends_with(",0x1"))
}

/// Labels that are literals: one increment at an address that the linker knows.
fn literal(instructions: &[String]) {
    let [increment, end] = instructions else {
        panic!(
            "not one increment and a return:\n{}",
            instructions.join("\n")
        )
    };
    assert!(
        is_increment(increment) && increment.contains("[rip+0x"),
        "{increment}"
    );
    assert_eq!(end, "ret");
}

/// Labels that are known at run time: address arithmetic and one increment.
fn run_time(instructions: &[String]) {
    let all = instructions.join("\n");
    assert_eq!(
        instructions
            .iter()
            .filter(|line| is_increment(line))
            .count(),
        1,
        "one increment:\n{all}"
    );
    for line in instructions {
        let operation = line.split(' ').next().unwrap_or_default();
        assert_ne!(operation, "call", "a call:\n{all}");
        // `lea` computes an address; every other memory operand than the increment's is a load or a store.
        let touches_memory = line.contains('[') && operation != "lea";
        assert!(
            !touches_memory || is_increment(line),
            "memory is touched by `{line}`:\n{all}"
        );
        assert!(
            !operation.starts_with("loop") && !operation.starts_with("rep"),
            "a loop:\n{all}"
        );
    }
    assert!(
        instructions.len() <= 16,
        "more than address arithmetic:\n{all}"
    );
}

#[test]
fn a_literal_label_set_is_one_increment_at_a_constant_address() {
    literal(&instructions("record_literal"));
}

#[test]
fn a_metric_without_labels_is_one_increment_at_a_constant_address() {
    literal(&instructions("record_unlabelled"));
}

#[test]
fn labels_known_at_run_time_are_address_arithmetic_and_one_increment() {
    run_time(&instructions("record_run_time"));
}

/// The functions above really record, each in the series that it names.
#[test]
fn the_disassembled_functions_record() {
    let printed = program().run("release", "metrics_caller");
    for line in [
        "owner_operations_total{operation=\"write\",outcome=\"ok\"} 1\n",
        "owner_operations_total{operation=\"delete\",outcome=\"error\"} 1\n",
        "owner_operations_total{operation=\"read\",outcome=\"ok\"} 0\n",
        "owner_ticks_total 1\n",
    ] {
        assert!(printed.contains(line), "{line} is not in:\n{printed}");
    }
}
