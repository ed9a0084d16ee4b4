//! What a recording compiles to, in another crate than the set's, in the default release profile without LTO.
//!
//! What is expected stands in [`literal`] and [`run_time`] alone: another way to keep cells changes these two.
//!
//! A thread has cells of its own, so an increment needs no lock: it loads where the thread's cells and those of the
//! metric among them begin, and adds to one. The address of a static of another crate is a constant that only the linker
//! knows. Code that may be loaded anywhere, which is what rustc makes unless told otherwise, has it from the linker's
//! global offset table; that is neither a handle nor a look-up, and the script shows whose address it is.

#![cfg(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"))]

use std::path::Path;
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
use disassembly_owner::{Labels, Operation, OWNER};

#[inline(never)]
#[unsafe(no_mangle)]
pub fn record_literal() {
    OWNER.operations_total.with(Labels { operation: Operation::Write, outcome: Outcome::Ok }).inc();
}

#[inline(never)]
#[unsafe(no_mangle)]
pub fn record_unlabelled() {
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
                            disassembly_owner = { path = \"../disassembly_owner\" }\n";
        let project = Project::new(
            "disassembly",
            &[
                Member::new("disassembly_owner", OWNER),
                Member::new("disassembly_caller", CALLER).depending_on(dependencies),
            ],
        );
        project.cargo(&["build", "--release"]).expect_success();
        project
    })
}

/// The instructions of a function of [`program`].
fn instructions(function: &str) -> Vec<String> {
    disassembled(
        &program().program("release", "disassembly_caller"),
        function,
    )
}

fn disassembled(program: &Path, function: &str) -> Vec<String> {
    let output = Command::new(package().join("disassembly.sh"))
        .arg(program)
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

/// The memory operand of an increment of a cell that the thread writes alone.
fn incremented(instruction: &str) -> Option<&str> {
    let instruction = instruction.trim_end_matches(",0x1");
    ["inc QWORD PTR [", "add QWORD PTR ["]
        .iter()
        .find_map(|operation| instruction.strip_prefix(operation)?.strip_suffix(']'))
}

/// Whether an instruction loads the place that the metric has in slabs: the first word of `cells`, whose address is
/// known to the linker, or in `register`.
fn loads_place(instruction: &str, cells: &str, register: Option<&str>) -> bool {
    let Some((_, operand)) = instruction
        .strip_prefix("mov ")
        .and_then(|operands| operands.split_once(",QWORD PTR ["))
    else {
        return false;
    };
    operand.ends_with(&format!("] # {cells}"))
        || register.is_some_and(|register| operand == format!("{register}]"))
}

/// The register that an instruction loads with the address of `cells` from its slot in the global offset table.
fn address_of<'a>(instruction: &'a str, cells: &str) -> Option<&'a str> {
    let (operation, symbol) = instruction.split_once(" # .got: ")?;
    let (register, operand) = operation.strip_prefix("mov ")?.split_once(",QWORD PTR [")?;
    (symbol == cells && operand.starts_with("rip+0x")).then_some(register)
}

/// The instructions of a recording: a load of where the thread's cells are, the metric's place, a check that there are
/// both, and one increment of a cell that nobody else writes. No lock, no call; what happens where the thread has no cell
/// yet is behind the checks.
fn recording(instructions: &[String], cells: &str, at_most: usize) {
    let all = instructions.join("\n");
    let end = instructions
        .iter()
        .position(|line| line == "ret")
        .unwrap_or_else(|| panic!("no return:\n{all}"));
    let (path, elsewhere) = instructions.split_at(end + 1);
    assert!(
        path.len() <= at_most,
        "more than address arithmetic:\n{all}"
    );
    let count = |is: &dyn Fn(&str) -> bool| path.iter().filter(|line| is(line)).count();
    assert_eq!(
        count(&|line| incremented(line).is_some()),
        1,
        "one increment:\n{all}"
    );
    assert_eq!(
        count(&|line| line.contains("PTR fs:[")),
        1,
        "the thread's slab:\n{all}"
    );
    assert_eq!(
        count(&|line| line.starts_with('j')),
        2,
        "two checks:\n{all}"
    );
    let address = path.iter().find_map(|line| address_of(line, cells));
    assert_eq!(
        count(&|line| loads_place(line, cells, address)),
        1,
        "the place:\n{all}"
    );
    for line in path {
        let operation = line.split(' ').next().unwrap_or_default();
        let expected = [
            "mov", "movzx", "lea", "shl", "add", "or", "and", "imul", "test", "je", "inc", "ret",
        ];
        assert!(
            expected.contains(&operation),
            "`{line}` is neither arithmetic nor the increment:\n{all}"
        );
        let touches_memory = line.contains('[') && operation != "lea";
        assert!(
            !touches_memory
                || incremented(line).is_some()
                || line.contains("PTR fs:[")
                || address_of(line, cells).is_some()
                || loads_place(line, cells, address),
            "memory is touched by `{line}`:\n{all}"
        );
    }
    assert!(
        elsewhere
            .iter()
            .any(|line| line.contains("Storage::add_elsewhere")),
        "nothing is done without a slab:\n{all}"
    );
}

/// Labels that are literals: the cell is at a constant distance from the metric's place, whose address is in one
/// register.
fn literal(instructions: &[String], cells: &str) {
    recording(instructions, cells, 11);
    let increment = instructions.iter().find_map(|line| incremented(line));
    let operand = increment.unwrap_or_default();
    assert!(!operand.contains('*'), "an index: {operand}");
}

/// Labels that are known at run time: the distance is calculated from them.
fn run_time(instructions: &[String], cells: &str) {
    recording(instructions, cells, 20);
}

/// The cells of the labelled counter and of the other one.
const CELLS: [&str; 2] = [
    "disassembly_owner::_::cells_of_metric_0",
    "disassembly_owner::_::cells_of_metric_1",
];

#[test]
fn a_literal_label_set_is_an_increment_without_a_lock() {
    literal(&instructions("record_literal"), CELLS[0]);
}

#[test]
fn a_metric_without_labels_is_an_increment_without_a_lock() {
    literal(&instructions("record_unlabelled"), CELLS[1]);
}

#[test]
fn labels_known_at_run_time_are_address_arithmetic_and_an_increment() {
    run_time(&instructions("record_run_time"), CELLS[0]);
}

/// Where the linker may put addresses into the code, the load of the cells' address is gone too.
#[test]
fn with_fixed_addresses_the_address_is_in_the_code() {
    const TARGET: &str = "x86_64-unknown-linux-gnu";
    // With a target of its own, the flag does not reach the macros, which are loaded by the compiler.
    let fixed = [("RUSTFLAGS", "-C relocation-model=static")];
    program()
        .cargo_with(&["build", "--release", "--target", TARGET], &fixed)
        .expect_success();
    let built = program().program(&format!("{TARGET}/release"), "disassembly_caller");
    for (function, cells) in [
        ("record_literal", CELLS[0]),
        ("record_unlabelled", CELLS[1]),
    ] {
        recording(&disassembled(&built, function), cells, 10);
    }
}

/// The checks above do turn red: a lock, a call, a second increment, a load, another crate's cells.
#[test]
fn other_instructions_are_refused() {
    let good = [
        "mov rdx,0xffffffffffffff88",
        "mov rax,QWORD PTR fs:[rdx]",
        "test rax,rax",
        "je 1ccf6 <record_literal+0x26>",
        "mov rcx,QWORD PTR [rip+0x4ced6] # .got: disassembly_owner::_::cells_of_metric_0",
        "mov rcx,QWORD PTR [rcx]",
        "test rcx,rcx",
        "je 1ccf6 <record_literal+0x26>",
        "lea rax,[rax+rcx*8]",
        "inc QWORD PTR [rax+0x20]",
        "ret",
        "jmp QWORD PTR [rip+0x4ceae] # .got: datapunk_metrics::cells::Storage::add_elsewhere",
    ];
    let judge = |lines: &[&str]| {
        let instructions: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        std::panic::catch_unwind(|| literal(&instructions, CELLS[0]))
    };
    assert!(judge(&good).is_ok());
    let with = |at: usize, line: &'static str| {
        let mut lines = good;
        lines[at] = line;
        lines
    };
    for lines in [
        with(9, "lock inc QWORD PTR [rax+0x20]"),
        // The processor forwards a value to an address of one register and a constant only.
        with(9, "inc QWORD PTR [rax+rcx*8+0x20]"),
        with(6, "call 1234 <help>"),
        with(6, "inc QWORD PTR [rax+0x28]"),
        with(6, "mov rsi,QWORD PTR [rsi]"),
        with(6, "je 1ccf6 <record_literal+0x26>"),
        with(
            4,
            "mov rcx,QWORD PTR [rip+0x4ced6] # .got: disassembly_owner::_::cells_of_metric_1",
        ),
        with(
            4,
            "mov rcx,QWORD PTR [rip+0x4beb1] # disassembly_owner::OWNER",
        ),
        with(11, "nop"),
    ] {
        assert!(judge(&lines).is_err(), "passes: {lines:?}");
    }
}

/// The functions above really record, each in the series that it names.
#[test]
fn the_disassembled_functions_record() {
    let printed = program().run("release", "disassembly_caller");
    for line in [
        "owner_operations_total{operation=\"write\",outcome=\"ok\"} 1\n",
        "owner_operations_total{operation=\"delete\",outcome=\"error\"} 1\n",
        "owner_operations_total{operation=\"read\",outcome=\"ok\"} 0\n",
        "owner_ticks_total 1\n",
    ] {
        assert!(printed.contains(line), "{line} is not in:\n{printed}");
    }
}
