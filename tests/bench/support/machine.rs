//! The machine that a bench runs on, as its results name it.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

/// Processor, cores, compiler and profile, for the results' files.
#[must_use]
pub fn describe() -> Value {
    json!({
        "cpu": cpu(),
        "cores": std::thread::available_parallelism().map_or(1, usize::from),
        "rustc": rustc(),
        "profile": profile(),
    })
}

/// The model of the processor.
fn cpu() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    // `model name` on x86; other processors have no such line.
    info.lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or_else(
            || std::env::consts::ARCH.to_owned(),
            |(_, model)| model.trim().to_owned(),
        )
}

/// The compiler's version. Cargo names the compiler that built the bench; without it, that of the path.
fn rustc() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    Command::new(rustc).arg("--version").output().map_or_else(
        |error| format!("unknown ({error})"),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

/// The profile that the running bench was built with: the folder above `deps`.
#[must_use]
pub fn profile() -> String {
    std::env::current_exe()
        .ok()
        .as_deref()
        .and_then(Path::parent)
        .and_then(Path::parent)
        .and_then(Path::file_name)
        .map_or_else(
            || "unknown".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        )
}

/// One line about the machine that a results' file names.
#[must_use]
pub fn sentence(machine: &Value) -> String {
    let text = |key: &str| machine[key].as_str().unwrap_or("unknown").to_owned();
    // `rustc 1.95.0 (59807616e 2026-04-14)`: the hash says nothing to a reader.
    let rustc = text("rustc");
    let rustc = rustc.split(" (").next().unwrap_or(&rustc);
    format!(
        "{}, {} cores, {rustc}, profile `{}`",
        text("cpu"),
        machine["cores"],
        text("profile"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_names_what_was_measured_on() {
        let machine = json!({
            "cpu": "AMD EPYC", "cores": 2, "rustc": "rustc 1.95.0 (abc 2026-04-14)", "profile": "release"
        });
        assert_eq!(
            sentence(&machine),
            "AMD EPYC, 2 cores, rustc 1.95.0, profile `release`"
        );
    }

    #[test]
    fn this_machine_is_known() {
        let machine = describe();
        assert!(machine["rustc"].as_str().unwrap().starts_with("rustc 1."));
        assert!(machine["cores"].as_u64().unwrap() >= 1);
        assert!(!machine["cpu"].as_str().unwrap().is_empty());
    }
}
