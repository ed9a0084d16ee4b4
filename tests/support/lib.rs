//! What the tests share: the real servers, the four judges of an exposition, and a reader of expositions.
//!
//! A tool that is missing fails the test with the command that installs it; nothing is skipped.

pub mod exposition;
pub mod http;
pub mod inputs;
pub mod judge;
pub mod log;
pub mod open;
pub mod project;
#[path = "../../datapunk-metrics-conventions/tests/secrets/mod.rs"]
pub mod secrets;
pub mod server;
pub mod standard;
pub mod wait;
pub mod webhook;

use std::path::{Path, PathBuf};

/// The folder of this package.
#[must_use]
pub fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The root of the workspace.
///
/// # Panics
///
/// If the package has no parent folder.
#[must_use]
pub fn workspace() -> PathBuf {
    package()
        .parent()
        .expect("the package lies in the workspace")
        .to_owned()
}

/// The folder that cargo builds this workspace into, read from where the running test lies.
///
/// # Panics
///
/// If the test's own path is unknown.
#[must_use]
pub fn target_dir() -> PathBuf {
    // <target>/<profile>/deps/<test>
    let test = std::env::current_exe().expect("a test knows its own path");
    test.ancestors()
        .nth(3)
        .expect("a test lies in <target>/<profile>/deps")
        .to_owned()
}

/// What builds the programs that the tests start.
pub const BUILD: &str = "cargo build --workspace --all-features (tests/run.sh does it)";

/// A program of the workspace, built beside this test.
///
/// # Panics
///
/// If it is not there.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let program = test
        .ancestors()
        .nth(2)
        .expect("a test lies in <profile>/deps")
        .join(name);
    assert!(
        program.exists(),
        "{} does not exist\nhelp: {BUILD}",
        program.display()
    );
    program
}
