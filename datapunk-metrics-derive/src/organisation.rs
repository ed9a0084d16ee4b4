//! Words and prefixes that an organisation adds to those of the standard, from the metadata of its Cargo manifests.
//!
//! `[workspace.metadata.datapunk-metrics]` holds them for every package of a workspace, `[package.metadata.…]` for one:
//! a table `privacy`, or the name of a file with its keys.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use datapunk_metrics_conventions::{Finding, Openness, OwnWords, Rule};
use proc_macro2::{Span, TokenStream};
use quote::quote;

use crate::diag::{Diag, Sink};
use crate::expand::CratePath;

#[cfg(feature = "organisation")]
mod manifest;
#[cfg(not(feature = "organisation"))]
#[path = "organisation/unread.rs"]
mod manifest;

/// The table of the metadata.
const TABLE: &str = "datapunk-metrics";

/// What an organisation adds.
#[derive(Debug, Default)]
pub(crate) struct Organisation {
    secrets: Vec<Entry>,
    personal: Vec<Entry>,
    identifiers: Vec<Entry>,
    prefixes: Vec<Entry>,
    /// Files to read again when they change, with the time of their last change.
    sources: Vec<(PathBuf, Option<SystemTime>)>,
    problems: Vec<Problem>,
    is_reported: AtomicBool,
}

/// A word or prefix and the line that has it.
#[derive(Debug)]
struct Entry {
    text: String,
    place: String,
}

#[derive(Debug)]
struct Problem {
    fact: String,
    help: String,
}

impl Organisation {
    /// That of the package that is compiled. It is read once, and again when a file has changed.
    pub(crate) fn of_package() -> Arc<Self> {
        static KNOWN: Mutex<Option<(PathBuf, Arc<Organisation>)>> = Mutex::new(None);
        let Some(package) = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from) else {
            return Arc::default();
        };
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some((of, organisation)) if *of == package && organisation.is_current() => {
                Arc::clone(organisation)
            }
            _ => {
                let organisation = Arc::new(Self::read(&package));
                *known = Some((package, Arc::clone(&organisation)));
                organisation
            }
        }
    }

    fn is_current(&self) -> bool {
        self.sources
            .iter()
            .all(|(file, time)| changed(file) == *time)
    }

    fn read(package: &Path) -> Self {
        let mut organisation = Self::default();
        let own = package.join("Cargo.toml");
        let workspace = workspace(package);
        let root = workspace
            .as_deref()
            .and_then(Path::parent)
            .unwrap_or(package);
        organisation.add_manifest(&own, "package", root);
        if let Some(workspace) = &workspace {
            organisation.add_manifest(workspace, "workspace", root);
        }
        organisation
    }

    fn add_manifest(&mut self, manifest: &Path, section: &str, root: &Path) {
        let Ok(text) = fs::read_to_string(manifest) else {
            return;
        };
        // Most manifests have no such table and are not parsed.
        if text.contains(TABLE) && text.contains("metadata") {
            self.read_manifest(manifest, &text, section, root);
        } else if cfg!(feature = "organisation") {
            // The table may come.
            self.sources.push((manifest.to_owned(), changed(manifest)));
        }
    }

    /// Says once what is wrong with the files, at `place`: they have no place in the source.
    pub(crate) fn report(&self, place: Span, out: &mut Sink) {
        if self.problems.is_empty() || self.is_reported.swap(true, Ordering::Relaxed) {
            return;
        }
        for problem in &self.problems {
            out.push(Diag::at_span(place, &problem.fact).help(&problem.help));
        }
    }

    /// The prefixes of secrets.
    pub(crate) fn prefixes(&self) -> Vec<&str> {
        texts(&self.prefixes)
    }

    /// Adds what is wrong with a label that has one of the words, unless the standard refuses it.
    pub(crate) fn add_to(&self, findings: &mut Vec<Finding>, label: &str, openness: Openness) {
        if findings
            .iter()
            .any(|finding| finding.rule == Rule::PersonalData)
        {
            return;
        }
        let words = OwnWords {
            secrets: &texts(&self.secrets),
            personal: &texts(&self.personal),
            identifiers: &texts(&self.identifiers),
        };
        let Some((mut finding, word)) = words.check(label, openness) else {
            return;
        };
        let all = [&self.secrets, &self.personal, &self.identifiers];
        let entry = all.into_iter().flatten().find(|entry| entry.text == word);
        if let Some(entry) = entry {
            finding
                .notes
                .push(format!("{} forbids the word", entry.place));
        }
        findings.push(finding);
    }

    /// What makes the compiler watch the files: it goes on to do so for what it includes, and nothing of it gets into the
    /// program.
    pub(crate) fn watch(&self, crate_path: &CratePath) -> TokenStream {
        let files: Vec<&str> = self
            .sources
            .iter()
            .filter_map(|(file, _)| file.to_str())
            .collect();
        if files.is_empty() {
            return TokenStream::new();
        }
        let private = crate_path.private();
        quote!(const _: &[&[#private::u8]] = &[#(#private::include_bytes!(#files)),*];)
    }
}

fn texts(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.text.as_str()).collect()
}

/// A file as it is called from the root of the workspace.
fn shown(file: &Path, root: &Path) -> String {
    file.strip_prefix(root)
        .unwrap_or(file)
        .display()
        .to_string()
}

fn changed(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|data| data.modified()).ok()
}

/// The manifest of the workspace that a package belongs to. One that was downloaded belongs to none of the user's, wherever
/// it lies.
fn workspace(package: &Path) -> Option<PathBuf> {
    let is_downloaded = [".cargo-ok", ".cargo-checksum.json"]
        .iter()
        .any(|file| package.join(file).exists());
    if is_downloaded {
        return None;
    }
    let manifests = package.ancestors().map(|folder| folder.join("Cargo.toml"));
    let (manifest, text) = manifests
        .filter_map(|manifest| {
            fs::read_to_string(&manifest)
                .ok()
                .map(|text| (manifest, text))
        })
        .find(|(_, text)| {
            text.lines()
                .any(|line| line.trim_start().starts_with("[workspace"))
        })?;
    let is_excluded = text.contains("exclude") && manifest::excludes(&text, &manifest, package);
    (!is_excluded).then_some(manifest)
}

#[cfg(all(test, feature = "organisation"))]
mod tests {
    use super::*;

    /// A folder that is removed at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str, files: &[(&str, &str)]) -> Self {
            let name = format!(
                "datapunk-metrics-organisation-{name}-{}",
                std::process::id()
            );
            let folder = std::env::temp_dir().join(name);
            for (file, text) in files {
                let file = folder.join(file);
                fs::create_dir_all(file.parent().expect("a file lies in a folder"))
                    .expect("the folder is made");
                fs::write(file, text).expect("the file is written");
            }
            Self(folder)
        }

        fn read(&self, package: &str) -> Organisation {
            Organisation::read(&self.0.join(package))
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn notes(organisation: &Organisation, label: &str, openness: Openness) -> Vec<String> {
        let mut findings = Vec::new();
        organisation.add_to(&mut findings, label, openness);
        findings
            .into_iter()
            .flat_map(|finding| finding.notes)
            .collect()
    }

    #[test]
    fn a_workspace_and_a_package_add_words_and_prefixes() {
        let workspace = "[workspace]\nmembers = [\"a\"]\nexclude = [\"b\"]\n\n\
            [workspace.metadata.datapunk-metrics]\nprivacy = \"words/privacy.toml\"\n";
        let words = "personal = [\n    \"badge_number\",\n]\nidentifiers = [\"tenant\"]\nsecret_prefixes = [\"acme_live_\"]\n";
        let package = "[package]\nname = \"a\"\n\n[package.metadata.datapunk-metrics.privacy]\nsecrets = [\"vault_pin\"]\n";
        let folder = Folder::new(
            "words",
            &[
                ("Cargo.toml", workspace),
                ("words/privacy.toml", words),
                ("a/Cargo.toml", package),
                ("b/Cargo.toml", "[package]\nname = \"b\"\n"),
                ("vendor/c/Cargo.toml", "[package]\nname = \"c\"\n"),
                ("vendor/c/.cargo-checksum.json", "{}"),
            ],
        );
        let organisation = folder.read("a");
        assert!(
            organisation.problems.is_empty(),
            "{:?}",
            organisation.problems
        );
        let forbidden = notes(&organisation, "old_badge_numbers", Openness::Closed);
        assert_eq!(
            forbidden.last().unwrap(),
            "`words/privacy.toml:2` forbids the word"
        );
        let forbidden = notes(&organisation, "vault_pin", Openness::Closed);
        assert_eq!(
            forbidden.last().unwrap(),
            "`a/Cargo.toml:5` forbids the word"
        );
        assert!(notes(&organisation, "tenant", Openness::Closed).is_empty());
        assert!(!notes(&organisation, "tenant", Openness::Open).is_empty());
        assert!(notes(&organisation, "tenant_type", Openness::Open).is_empty());
        assert_eq!(organisation.prefixes(), ["acme_live_"]);
        let watched = organisation.watch(&CratePath::default()).to_string();
        for file in ["a/Cargo.toml", "words/privacy.toml"] {
            assert!(watched.contains(file), "{watched}");
        }
        assert!(organisation.is_current());
        let watched = folder.read("b").watch(&CratePath::default()).to_string();
        assert!(
            watched.contains("b/Cargo.toml"),
            "a table may come: {watched}"
        );
        for stranger in ["b", "vendor/c"] {
            assert!(notes(&folder.read(stranger), "badge_number", Openness::Open).is_empty());
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let manifest = "[workspace]\n[workspace.metadata.datapunk-metrics.privacy]\npersonl = []\nsecrets = [\"A-b\"]\n\
            identifiers = \"tenant\"\nsecret_prefixes = [\"a\"]\n";
        let folder = Folder::new("problems", &[("Cargo.toml", manifest)]);
        let organisation = folder.read("");
        let facts: Vec<&str> = organisation
            .problems
            .iter()
            .map(|problem| &*problem.fact)
            .collect();
        for fact in [
            "unknown key `personl` in `Cargo.toml:3`",
            "an entry of `secrets` in `Cargo.toml:4` is no word",
            "`identifiers` in `Cargo.toml:5` is not a list",
            "an entry of `secret_prefixes` in `Cargo.toml:6` is no prefix",
        ] {
            assert!(facts.contains(&fact), "{facts:?}");
        }
        let mut out = Sink::new();
        organisation.report(Span::call_site(), &mut out);
        organisation.report(Span::call_site(), &mut out);
        assert_eq!(out.len(), 4, "each is said once");
        let _ = out.finish();
    }

    #[test]
    fn a_file_that_is_missing_or_broken_is_named() {
        for (file, fact) in [
            (
                "missing.toml",
                "`missing.toml`, named in `Cargo.toml:3`, can't be read",
            ),
            ("broken.toml", "`broken.toml:3` is not TOML"),
        ] {
            let manifest = format!(
                "[workspace]\n[workspace.metadata.datapunk-metrics]\nprivacy = \"{file}\"\n"
            );
            let folder = Folder::new(
                file,
                &[
                    ("Cargo.toml", &manifest),
                    ("broken.toml", "secrets = []\npersonal = [\n=\n"),
                ],
            );
            let organisation = folder.read("");
            assert_eq!(organisation.problems.len(), 1);
            let problem = &organisation.problems[0];
            assert!(problem.fact.starts_with(fact), "{problem:?}");
        }
    }
}
