//! Small workspaces that are really built: what only shows across crates, in a release build or at the linker.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::{target_dir, workspace};

/// A generated cargo workspace. It has a fixed place below the target folder, so that a second run builds little.
#[derive(Debug)]
pub struct Project {
    folder: PathBuf,
}

/// A crate of a [`Project`].
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// The package's name.
    pub name: &'a str,
    /// What follows `[dependencies]`; `DATAPUNK_METRICS` stands for the path of the toolkit.
    pub dependencies: &'a str,
    /// `src/main.rs` or `src/lib.rs`, by whether it has a `fn main`.
    pub source: &'a str,
    /// The edition.
    pub edition: &'a str,
}

/// The dependency line of the toolkit.
pub const TOOLKIT: &str = "datapunk-metrics = { path = \"DATAPUNK_METRICS\" }\n";

impl<'a> Member<'a> {
    /// A crate of edition 2024 that depends on the toolkit.
    #[must_use]
    pub const fn new(name: &'a str, source: &'a str) -> Self {
        Self {
            name,
            dependencies: TOOLKIT,
            source,
            edition: "2024",
        }
    }

    /// The same crate with other dependencies.
    #[must_use]
    pub const fn depending_on(mut self, dependencies: &'a str) -> Self {
        self.dependencies = dependencies;
        self
    }

    /// The same crate in another edition.
    #[must_use]
    pub const fn in_edition(mut self, edition: &'a str) -> Self {
        self.edition = edition;
        self
    }
}

/// What cargo did.
#[derive(Clone, Debug)]
pub struct Built {
    /// Whether it succeeded.
    pub success: bool,
    /// Everything that it printed.
    pub log: String,
}

impl Built {
    /// Fails unless cargo succeeded.
    ///
    /// # Panics
    ///
    /// If it did not, with its output.
    pub fn expect_success(&self) {
        assert!(self.success, "the build fails:\n{}", self.log);
    }

    /// Fails unless cargo failed with each of `texts` in its output.
    ///
    /// # Panics
    ///
    /// If it succeeded, or failed for another reason.
    pub fn expect_failure(&self, texts: &[&str]) {
        assert!(!self.success, "the build succeeds:\n{}", self.log);
        for text in texts {
            assert!(
                self.log.contains(text),
                "`{text}` is not in the output:\n{}",
                self.log
            );
        }
    }
}

impl Project {
    /// Writes the workspace `name` with these crates, whose names begin with it. The lock file is the toolkit's, so
    /// nothing is downloaded.
    ///
    /// # Panics
    ///
    /// If a file can't be written.
    #[must_use]
    pub fn new(name: &str, members: &[Member<'_>]) -> Self {
        // Cargo tells packages apart by name and by path within their workspace. Two workspaces that are built into one
        // folder would take each other's crates for their own.
        for member in members {
            assert!(
                member.name.starts_with(name),
                "`{}` is not of `{name}`",
                member.name
            );
        }
        let folder = target_dir().join("generated").join(name);
        let names = members
            .iter()
            .map(|member| format!("\"{}\"", member.name))
            .collect::<Vec<_>>();
        write(
            &folder.join("Cargo.toml"),
            &format!(
                "[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n[profile.dev]\ndebug = \"line-tables-only\"\n",
                names.join(", ")
            ),
        );
        let lock = workspace().join("Cargo.lock");
        fs::copy(&lock, folder.join("Cargo.lock")).unwrap_or_else(|error| {
            panic!("{}: {error}\nhelp: cargo generate-lockfile", lock.display())
        });
        let toolkit = workspace().join("datapunk-metrics");
        for member in members {
            let dependencies = member
                .dependencies
                .replace("DATAPUNK_METRICS", &toolkit.display().to_string());
            write(
                &folder.join(member.name).join("Cargo.toml"),
                &format!(
                    "[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"{}\"\n\n[dependencies]\n{dependencies}",
                    member.name, member.edition
                ),
            );
            let root = if member.source.contains("fn main()") {
                "main.rs"
            } else {
                "lib.rs"
            };
            write(
                &folder.join(member.name).join("src").join(root),
                member.source,
            );
        }
        Self { folder }
    }

    /// Writes a file beside the crates, by its path below the workspace.
    ///
    /// # Panics
    ///
    /// If it can't be written.
    pub fn write(&self, path: &str, contents: &str) {
        write(&self.folder.join(path), contents);
    }

    /// Runs `cargo <arguments>` in it.
    ///
    /// # Panics
    ///
    /// If cargo does not start.
    #[must_use]
    pub fn cargo(&self, arguments: &[&str]) -> Built {
        self.cargo_with(arguments, &[])
    }

    /// Runs `cargo <arguments>` with these environment variables.
    ///
    /// # Panics
    ///
    /// If cargo does not start.
    #[must_use]
    pub fn cargo_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Built {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .current_dir(&self.folder)
            .args(arguments)
            .env("CARGO_TARGET_DIR", Self::target())
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_TERM_COLOR", "never")
            // What is looked at is what a user's default profile makes.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            // An incremental build has other codegen units than the one a user ships.
            .env("CARGO_INCREMENTAL", "0")
            .envs(environment.iter().copied())
            .output()
            .expect("cargo starts");
        Built {
            success: output.status.success(),
            log: text(&output),
        }
    }

    /// Where all generated workspaces are built, so that the toolkit is built once for all of them.
    fn target() -> PathBuf {
        target_dir().join("generated/target")
    }

    /// The workspace's folder, with one of each member in it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The program that a build in `profile` (`debug` or `release`) made.
    #[must_use]
    pub fn program(&self, profile: &str, name: &str) -> PathBuf {
        Self::target().join(profile).join(name)
    }

    /// Runs a program that was built, which has to succeed, and gives what it printed.
    ///
    /// # Panics
    ///
    /// If it fails.
    #[must_use]
    pub fn run(&self, profile: &str, name: &str) -> String {
        let program = self.program(profile, name);
        let output = Command::new(&program)
            .output()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        assert!(
            output.status.success(),
            "`{name}` fails:\n{}",
            text(&output)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Writes a file, unless it has these contents: cargo goes by the time of the last change.
fn write(path: &Path, contents: &str) {
    if fs::read_to_string(path).is_ok_and(|old| old == contents) {
        return;
    }
    fs::create_dir_all(path.parent().expect("a file lies in a folder"))
        .expect("the folder is made");
    fs::write(path, contents).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
