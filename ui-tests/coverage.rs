//! What the programs of this package have to cover, and how their errors have to read.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use datapunk_metrics_conventions::Rule;

/// The programs under a folder of this package.
fn programs(folder: &str) -> Vec<PathBuf> {
    files(folder, "rs")
}

/// The files under a folder of this package whose names end in `extension`.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&package().join(folder), extension, &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder exists") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            collect(&path, extension, found);
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
}

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The errors of a program, each from its `error` line on. Mistakes of a rule file are in one, each from its place on.
fn errors(stderr: &str) -> Vec<String> {
    let mut errors: Vec<String> = Vec::new();
    for line in stderr.lines() {
        let is_of_a_rule_file = line.trim_start().starts_with("./") && line.contains(".yml:");
        if line.starts_with("error") || is_of_a_rule_file {
            errors.push(String::new());
        }
        if let Some(error) = errors.last_mut() {
            error.push_str(line);
            error.push('\n');
        }
    }
    errors
}

/// The texts with our own words, by the program's path.
fn texts() -> Vec<(String, String)> {
    files("fail", "stderr")
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("the text can be read");
            (path.display().to_string(), text)
        })
        .collect()
}

#[test]
fn every_rule_has_programs_that_fail_and_one_that_passes() {
    for rule in Rule::ALL {
        let id = rule.id();
        assert!(
            package().join("fail").join(id).is_dir() && !programs(&format!("fail/{id}")).is_empty(),
            "no program in `fail/{id}`"
        );
        let near_miss = package().join("pass").join(format!("{id}.rs"));
        assert!(near_miss.is_file(), "no `pass/{id}.rs`");
    }
}

/// A rule file that fails names the rule of `near_misses.yml` that is nearly the same, and compiles.
#[test]
fn every_rule_file_that_fails_has_a_near_miss() {
    let text = fs::read_to_string(package().join("pass/rules/near_misses.yml")).expect("the text");
    let rules: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| {
            let line = line.trim_start();
            line.strip_prefix("- alert: ")
                .or(line.strip_prefix("- record: "))
        })
        .collect();
    for path in files("fail/rules", "yml") {
        let file = path.file_stem().and_then(|name| name.to_str());
        // One is no YAML, and one is read by programs that fail for another reason.
        if matches!(file, Some("no_yaml" | "empty")) {
            continue;
        }
        let text = fs::read_to_string(&path).expect("the text can be read");
        let near = text
            .lines()
            .last()
            .and_then(|line| line.strip_prefix("# Nearly the same, and right: "));
        assert!(
            near.is_some_and(|near| rules.contains(near)),
            "{} names no near miss: {near:?}",
            path.display()
        );
    }
}

#[test]
fn there_are_enough_programs() {
    let (fail, rustc, pass) = (programs("fail"), programs("fail-rustc"), programs("pass"));
    assert!(fail.len() >= 60, "{} programs in `fail`", fail.len());
    assert!(rustc.len() >= 8, "{} in `fail-rustc`", rustc.len());
    assert!(pass.len() >= Rule::ALL.len(), "{} in `pass`", pass.len());
}

#[test]
fn programs_that_fail_and_texts_come_in_pairs() {
    for folder in ["fail", "fail-rustc"] {
        let stems = |extension| -> BTreeSet<PathBuf> {
            let files = files(folder, extension);
            files.iter().map(|path| path.with_extension("")).collect()
        };
        let (programs, texts) = (stems("rs"), stems("stderr"));
        let alone: Vec<_> = programs.symmetric_difference(&texts).collect();
        assert!(alone.is_empty(), "without the other half: {alone:?}");
    }
}

/// Programs with many mistakes: those that show all of an item at once, and those that have every word of a list.
const TABLES: &[&str] = &[
    "every_identifier",
    "every_personal",
    "every_secret",
    "known_values",
    "many_at_once",
    "names_in_arguments",
    "texts",
];

#[test]
fn one_mistake_is_one_error() {
    for (path, text) in texts() {
        let errors = errors(&text).len();
        let is_table = TABLES
            .iter()
            .any(|name| path.ends_with(&format!("/{name}.stderr")));
        if is_table {
            assert!(errors >= 4, "{path} has {errors} errors");
        } else {
            assert_eq!(errors, 1, "{path}");
        }
    }
}

#[test]
fn an_error_says_what_then_why_then_what_to_write() {
    for (path, text) in texts() {
        for error in errors(&text) {
            let first = error.lines().next().unwrap_or_default();
            let (_, fact) = first.split_once(": ").expect("an error has a text");
            let fact = fact.strip_prefix("evaluation panicked: ").unwrap_or(fact);
            let of_a_rule_file = fact
                .split_once(".yml:")
                .and_then(|(_, it)| it.split_once(": "));
            let fact = of_a_rule_file.map_or(fact, |(_, fact)| fact);
            assert!(
                fact.starts_with(|first: char| first.is_lowercase() || first == '`'),
                "{path}: {first}"
            );
            assert!(!fact.ends_with(['.', '!', '?']), "{path}: {first}");
            let lines: Vec<&str> = error.lines().map(str::trim_start).collect();
            let last_note = lines.iter().rposition(|line| line.starts_with("note: "));
            let first_help = lines.iter().position(|line| line.starts_with("help: "));
            assert!(
                last_note.is_some() || first_help.is_some(),
                "{path} gives no reason and no way out"
            );
            if let (Some(note), Some(help)) = (last_note, first_help) {
                assert!(note < help, "{path}: the reason comes after the way out");
            }
        }
    }
}

#[test]
fn an_error_points_at_the_users_code_and_speaks_of_nothing_else() {
    for (path, text) in texts() {
        for noise in ["originates in", "__private", "__dpm", "$WORKSPACE", "$RUST"] {
            assert!(!text.contains(noise), "{path} has `{noise}`");
        }
        for place in text.lines().filter_map(|line| line.split_once("--> ")) {
            assert!(place.1.starts_with("fail/"), "{path} points at {}", place.1);
        }
        // The whole item or the derive is not the smallest token that a user can edit.
        let underlined = text.lines().zip(text.lines().skip(1));
        for (code, marks) in underlined.filter(|(_, marks)| marks.contains('^')) {
            assert!(!code.contains("#[derive("), "{path}: {code}\n{marks}");
        }
    }
}

#[test]
fn the_readme_shows_an_error_as_it_is() {
    let text = fs::read_to_string(package().join("fail/format/readme.stderr")).expect("the text");
    let readme = fs::read_to_string(package().join("../README.md")).expect("the readme");
    let (_, shown) = readme
        .split_once("```text\nerror: ")
        .expect("an error is shown");
    let (shown, _) = shown.split_once("```").expect("it ends");
    // The file and the line are those of a reader's project.
    let without_place = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.contains("--> "));
        lines
            .map(|line| {
                let line = line.trim_start();
                let code = line
                    .split_once(" |")
                    .filter(|(number, _)| number.parse::<u32>().is_ok());
                code.map_or(line, |(_, code)| code)
                    .trim()
                    .trim_start_matches('|')
                    .trim()
                    .to_owned()
            })
            .filter(|line| !line.is_empty())
            .collect()
    };
    assert_eq!(
        without_place(&format!("error: {shown}")),
        without_place(&text)
    );
}
