//! The debug switch: `DATAPUNK_METRICS_DEBUG=1` prints what a macro writes, formatted.

use std::io::Write as _;
use std::process::{Command, Stdio};

use proc_macro2::TokenStream;

/// The environment variable; a text other than `1` is the name of the only item that is printed.
const SWITCH: &str = "DATAPUNK_METRICS_DEBUG";

/// Prints the expansion of the macro `name` on `item` to the standard error, if the switch asks for it.
pub(crate) fn print(name: &str, item: &str, expansion: &TokenStream) {
    let Some(switch) = switch() else { return };
    if switch.is_empty() || switch == "0" || (switch != "1" && switch != item) {
        return;
    }
    let code = expansion.to_string();
    let code = formatted(&code).unwrap_or(code);
    // A whole item at once, so that crates that are compiled at the same time do not mix theirs.
    let text = format!("// {name} on `{item}` expands to:\n{code}\n");
    let _ = std::io::stderr().write_all(text.as_bytes());
}

fn switch() -> Option<String> {
    std::env::var(SWITCH).ok()
}

/// The code as rustfmt writes it; none where there is no rustfmt.
fn formatted(code: &str) -> Option<String> {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    rustfmt.stdin.take()?.write_all(code.as_bytes()).ok()?;
    let output = rustfmt.wait_with_output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The name behind `fn`, or the type behind `impl`.
pub(crate) fn item_name(item: &TokenStream) -> String {
    let mut words = item.clone().into_iter().map(|token| token.to_string());
    let is_keyword = |word: &String| word == "fn" || word == "impl";
    words
        .by_ref()
        .find(is_keyword)
        .and_then(|_| words.next())
        .unwrap_or_default()
}
