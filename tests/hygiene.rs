//! Generated code in surroundings that are hard on it. Each fixture in `hygiene/` is a crate of its own that has to
//! pass clippy with every warning an error, and to build.

use std::fs;

use support::package;
use support::project::{Member, Project, TOOLKIT};

/// Checks the fixture `hygiene/<name>.rs` as a crate with these dependencies.
fn check(name: &str, edition: &str, dependencies: &str) {
    let source = fs::read_to_string(package().join("hygiene").join(format!("{name}.rs")))
        .expect("the fixture exists");
    let package = format!("hygiene_{name}_{edition}");
    let project = Project::new(
        &package,
        &[Member::new(&package, &source)
            .depending_on(dependencies)
            .in_edition(edition)],
    );
    // For those that include rules.
    project.write(
        &format!("{package}/rules.yml"),
        include_str!("hygiene/rules.yml"),
    );
    // The toolkit is a path dependency outside of the workspace, so only the fixture is linted.
    project
        .cargo(&["clippy", "--no-deps", "--", "-D", "warnings"])
        .expect_success();
    // Symbols and sections are refused by the assembler, not by the type checker.
    project.cargo(&["build"]).expect_success();
}

/// The toolkit under another name.
const RENAMED: &str = "renamed = { package = \"datapunk-metrics\", path = \"DATAPUNK_METRICS\" }\n";

/// Both with the feature for rule files.
const WITH_RULES: &str =
    "datapunk-metrics = { path = \"DATAPUNK_METRICS\", features = [\"rules\"] }\n";
const RENAMED_WITH_RULES: &str = "renamed = { package = \"datapunk-metrics\", path = \"DATAPUNK_METRICS\", features = [\"rules\"] }\n";

macro_rules! fixtures {
    ($($name:ident: $dependencies:expr;)*) => {
        $(
            mod $name {
                #[test]
                fn edition_2021() {
                    super::check(stringify!($name), "2021", $dependencies);
                }

                #[test]
                fn edition_2024() {
                    super::check(stringify!($name), "2024", $dependencies);
                }
            }
        )*
    };
}

fixtures! {
    no_implicit_prelude: super::TOOLKIT;
    standard_sets: super::TOOLKIT;
    strict_lints: super::TOOLKIT;
    shadowed_names: super::TOOLKIT;
    raw_identifiers: super::TOOLKIT;
    from_macro_rules: super::TOOLKIT;
    from_macro_fragments: super::TOOLKIT;
    scopes: super::TOOLKIT;
    forbidden_lints: super::TOOLKIT;
    instrumented_bare: super::TOOLKIT;
    instrumented_strict: super::TOOLKIT;
    instrumented_shadowed: super::TOOLKIT;
    instrumented_by_macro: super::TOOLKIT;
    instrumented_renamed: super::RENAMED;
    renamed_crate: super::RENAMED;
    included_rules: super::WITH_RULES;
    included_rules_renamed: super::RENAMED_WITH_RULES;
}

#[test]
fn a_reexported_crate_is_named_by_its_path() {
    let source = fs::read_to_string(package().join("hygiene/reexported_crate.rs"))
        .expect("the fixture exists");
    let facade = fs::read_to_string(package().join("hygiene/reexported_crate_facade.rs"))
        .expect("the fixture exists");
    let project = Project::new(
        "hygiene_reexported",
        &[
            Member::new("hygiene_reexported_facade", &facade),
            Member::new("hygiene_reexported", &source)
                .depending_on("hygiene_facade = { package = \"hygiene_reexported_facade\", path = \"../hygiene_reexported_facade\" }\n"),
        ],
    );
    project
        .cargo(&["clippy", "--no-deps", "--", "-D", "warnings"])
        .expect_success();
    project.cargo(&["build"]).expect_success();
}

/// The lints above do turn red: a fixture with a warning in it fails.
#[test]
fn a_warning_in_a_fixture_is_an_error() {
    let source = "fn unused() {}";
    let project = Project::new(
        "hygiene_red",
        &[Member::new("hygiene_red", source).depending_on(TOOLKIT)],
    );
    project
        .cargo(&["clippy", "--no-deps", "--", "-D", "warnings"])
        .expect_failure(&["`unused` is never used"]);
}
