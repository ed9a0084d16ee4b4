//! The guides of `docs/` show code that is compiled. What they show as it is before the move is compiled in
//! `tests/migration`, since it takes the crates that are moved from; all other code is a doc test.

use std::fs;

use support::{package, workspace};

#[test]
fn a_guide_begins_with_code_that_is_compiled() {
    let mut guides = 0;
    for entry in fs::read_dir(workspace().join("docs")).expect("the folder of the guides") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .replace('-', "_");
        let page = fs::read_to_string(&path).expect("a page");
        let mut blocks = blocks_not_run(&page).peekable();
        if !name.starts_with("from_") {
            continue;
        }
        guides += 1;
        assert!(
            blocks.peek().is_some(),
            "{name} shows no code before the move"
        );
        let module = package().join("migration/src").join(format!("{name}.rs"));
        let compiled = fs::read_to_string(&module)
            .unwrap_or_else(|error| panic!("{}: {error}", module.display()));
        for code in blocks {
            assert!(
                compiled.contains(code),
                "`{}` does not have this code of its guide:\n{code}",
                module.display()
            );
        }
    }
    assert_eq!(guides, 4, "a guide is missing");
}

/// The blocks of a page that are no doc tests.
fn blocks_not_run(page: &str) -> impl Iterator<Item = &str> {
    let blocks = page.split("```rust,ignore\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap_or_default())
}

/// What is compiled elsewhere because it takes a crate that the toolkit does not.
const COMPILED_IN: &[(&str, &str)] = &[("outgoing-requests.md", "examples/src/outgoing.rs")];

#[test]
fn every_block_of_code_in_a_page_is_compiled() {
    let pages = workspace().join("datapunk-metrics/src/pages.rs");
    let included = fs::read_to_string(pages).expect("the pages that are doc tests");
    for entry in fs::read_dir(workspace().join("docs")).expect("the folder of the pages") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let page = fs::read_to_string(&path).expect("a page");
        if page.contains("```rust") {
            assert!(
                included.contains(&format!(" \"{name}\"\n")),
                "the doc tests leave {name} out"
            );
        }
        if name.starts_with("from-") {
            continue;
        }
        for code in blocks_not_run(&page) {
            let place = COMPILED_IN.iter().find(|(known, _)| *known == name);
            let (_, file) =
                place.unwrap_or_else(|| panic!("{name} has code that nobody compiles:\n{code}"));
            let file = fs::read_to_string(workspace().join(file)).expect("it is there");
            assert!(file.contains(code), "{name}: nothing compiles\n{code}");
        }
    }
}
