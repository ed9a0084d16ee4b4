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
        let mut blocks = page.split("```rust,ignore\n").skip(1).peekable();
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
        for block in blocks {
            let code = block.split("```").next().unwrap_or_default();
            assert!(
                compiled.contains(code),
                "`{}` does not have this code of its guide:\n{code}",
                module.display()
            );
        }
    }
    assert_eq!(guides, 4, "a guide is missing");
}
