//! What a recording compiles to, in another crate than the set's, in the default release profile without LTO.
//!
//! What is expected stands in [`literal`] and [`run_time`] alone: another way to keep cells changes these two.
//!
//! The address of a static of another crate is a constant that only the linker knows. Code that may be loaded anywhere,
//! which is what rustc makes unless told otherwise, has it from the linker's global offset table; that is neither a
//! handle nor a look-up, and the script shows whose address it is. Code with fixed addresses holds it in the increment.

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

/// The memory operand of an atomic increment of one cell.
fn incremented(instruction: &str) -> Option<&str> {
    let instruction = instruction
        .split(" # ")
        .next()
        .map(|text| text.trim_end_matches(",0x1"))?;
    ["lock inc QWORD PTR [", "lock add QWORD PTR ["]
        .iter()
        .find_map(|operation| instruction.strip_prefix(operation)?.strip_suffix(']'))
}

/// The register that an instruction puts the address of `cells` into: from its slot in the global offset table, or
/// calculated where the linker knew the distance.
fn address_of<'a>(instruction: &'a str, cells: &str) -> Option<&'a str> {
    let (operation, symbol) = instruction.split_once(" # ")?;
    let (is_slot, symbol) = match symbol.strip_prefix(".got: ") {
        Some(symbol) => (true, symbol),
        None => (false, symbol),
    };
    if symbol != cells {
        return None;
    }
    let (register, operand) = if is_slot {
        operation.strip_prefix("mov ")?.split_once(",QWORD PTR [")?
    } else {
        operation.strip_prefix("lea ")?.split_once(",[")?
    };
    operand.starts_with("rip+0x").then_some(register)
}

/// Labels that are literals: one increment of a cell at a constant distance from the start of `cells`.
fn literal(instructions: &[String], cells: &str) {
    let all = instructions.join("\n");
    let (address, increment) = match instructions {
        [address, increment, end] if end == "ret" => (Some(address), increment),
        [increment, end] if end == "ret" => (None, increment),
        _ => panic!("not one increment and a return:\n{all}"),
    };
    let operand = incremented(increment).unwrap_or_else(|| panic!("no increment:\n{all}"));
    let Some(address) = address else {
        assert!(operand.starts_with("rip+0x"), "{all}");
        assert!(increment.contains(&format!(" # {cells}+0x")), "{all}");
        return;
    };
    let register =
        address_of(address, cells).unwrap_or_else(|| panic!("not the cells' address:\n{all}"));
    let distance = operand
        .strip_prefix(register)
        .and_then(|distance| distance.strip_prefix("+0x"))
        .unwrap_or_else(|| panic!("not relative to the cells:\n{all}"));
    assert!(u64::from_str_radix(distance, 16).is_ok(), "{all}");
}

/// Labels that are known at run time: address arithmetic and one increment.
fn run_time(instructions: &[String], cells: &str) {
    let all = instructions.join("\n");
    let increments = instructions.iter().filter_map(|line| incremented(line));
    assert_eq!(increments.count(), 1, "one increment:\n{all}");
    for line in instructions {
        let operation = line.split(' ').next().unwrap_or_default();
        let computes = [
            "mov", "movzx", "lea", "shl", "add", "or", "and", "imul", "lock", "ret",
        ];
        assert!(
            computes.contains(&operation),
            "`{line}` is neither arithmetic nor the increment:\n{all}"
        );
        // `lea` computes an address; every other memory operand than the increment's is a load or a store.
        let touches_memory = line.contains('[') && operation != "lea";
        assert!(
            !touches_memory || incremented(line).is_some() || address_of(line, cells).is_some(),
            "memory is touched by `{line}`:\n{all}"
        );
    }
    assert!(
        instructions.len() <= 16,
        "more than address arithmetic:\n{all}"
    );
}

/// The cells of the labelled counter and of the other one.
const CELLS: [&str; 2] = [
    "disassembly_owner::_::__dpm_cells_0",
    "disassembly_owner::_::__dpm_cells_1",
];

#[test]
fn a_literal_label_set_is_one_increment_at_a_constant_address() {
    literal(&instructions("record_literal"), CELLS[0]);
}

#[test]
fn a_metric_without_labels_is_one_increment_at_a_constant_address() {
    literal(&instructions("record_unlabelled"), CELLS[1]);
}

#[test]
fn labels_known_at_run_time_are_address_arithmetic_and_one_increment() {
    run_time(&instructions("record_run_time"), CELLS[0]);
}

/// Nothing but the increment is left where the linker may put the address into it.
#[test]
fn with_fixed_addresses_a_literal_label_set_is_one_instruction() {
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
        let instructions = disassembled(&built, function);
        assert_eq!(instructions.len(), 2, "{function}: {instructions:?}");
        literal(&instructions, cells);
    }
}

/// The checks above do turn red: a call, a second increment, a load, another crate's cells.
#[test]
fn other_instructions_are_refused() {
    let address = "mov rax,QWORD PTR [rip+0x4beb1] # .got: disassembly_owner::_::__dpm_cells_0";
    let increment = "lock inc QWORD PTR [rax+0x30]";
    let refused: [&[&str]; 7] = [
        &[address, increment, increment, "ret"],
        &[address, "call 1234 <help>", increment, "ret"],
        &[address, "inc QWORD PTR [rax+0x30]", "ret"],
        &[address, "lock inc QWORD PTR [rax+rcx*8+0x30]", "ret"],
        &[
            "mov rax,QWORD PTR [rip+0x4beb1] # disassembly_owner::OWNER",
            increment,
            "ret",
        ],
        &[
            "mov rax,QWORD PTR [rip+0x4beb1] # .got: disassembly_owner::_::__dpm_cells_1",
            increment,
            "ret",
        ],
        &[
            "lock inc QWORD PTR [rip+0x10] # disassembly_owner::OTHER+0x10",
            "ret",
        ],
    ];
    for lines in refused {
        let instructions: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        let judged = std::panic::catch_unwind(|| literal(&instructions, CELLS[0]));
        assert!(judged.is_err(), "passes: {lines:?}");
    }
    let loaded = [address, "mov rax,QWORD PTR [rax]", increment, "ret"];
    let instructions = loaded.map(str::to_owned);
    assert!(std::panic::catch_unwind(|| run_time(&instructions, CELLS[0])).is_err());
    let good = [address, increment, "ret"].map(str::to_owned);
    literal(&good, CELLS[0]);
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
