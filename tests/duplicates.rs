//! Two declarations of one name fail the build; what the build can't see, the registry reports at run time. Real
//! builds of small crates, since it is the assembler and the linker that refuse.

use support::project::{Member, Project};

const SYMBOL: &str = "datapunk_metrics__lake_reads_total__is_declared_twice";

/// A set of the one metric `lake_reads_total`, under a type name of its own.
fn set(name: &str, attributes: &str) -> String {
    format!(
        "/// A set.\n#[derive(datapunk_metrics::MetricSet)]\n#[metrics(namespace = \"lake\")]\npub struct {name} {{\n    \
         /// Reads.\n    {attributes}\n    pub reads_total: datapunk_metrics::Counter,\n}}\n"
    )
}

/// Records in both libraries.
const RECORDING: &str = "
fn main() {
    LEFT::Left::METRICS.reads_total.inc();
    RIGHT::Right::METRICS.reads_total.inc();
}
";

/// The same, and prints what the registry says of it.
const ASKING: &str = "
fn main() {
    LEFT::Left::METRICS.reads_total.inc();
    RIGHT::Right::METRICS.reads_total.inc();
    println!(\"{}\", datapunk_metrics::registry().expect_err(\"the names clash\"));
}
";

/// Two libraries that declare one name each, and a program that names both; `features` are the toolkit's.
fn two_crates(name: &str, on_the_right: &str, main: &str, features: &str) -> Project {
    let [left, right, program] = ["left", "right", "program"].map(|what| format!("{name}_{what}"));
    let main = main.replace("LEFT", &left).replace("RIGHT", &right);
    let dependencies = format!(
        "datapunk-metrics = {{ path = \"DATAPUNK_METRICS\", features = [{features}] }}\n\
         {left} = {{ path = \"../{left}\" }}\n{right} = {{ path = \"../{right}\" }}\n"
    );
    Project::new(
        name,
        &[
            Member::new(&left, &set("Left", "")),
            Member::new(&right, &set("Right", on_the_right)),
            Member::new(&program, &main).depending_on(&dependencies),
        ],
    )
}

#[test]
fn two_declarations_in_one_crate_do_not_compile() {
    let source = format!("{}{}", set("First", ""), set("Second", ""));
    let project = Project::new("dup_one_crate", &[Member::new("dup_one_crate", &source)]);
    project
        .cargo(&["build"])
        .expect_failure(&[SYMBOL, "already defined"]);
}

#[test]
fn the_same_name_from_two_modules_does_not_compile() {
    let source = format!(
        "mod a {{ {} }} mod b {{ {} }}",
        set("First", ""),
        set("Second", "")
    );
    let project = Project::new(
        "dup_two_modules",
        &[Member::new("dup_two_modules", &source)],
    );
    project
        .cargo(&["build"])
        .expect_failure(&[SYMBOL, "already defined"]);
}

#[test]
fn two_declarations_in_two_crates_do_not_link() {
    let project = two_crates("dup_two_crates", "", RECORDING, "");
    project.cargo(&["build"]).expect_failure(&[
        SYMBOL,
        "libdup_two_crates_left",
        "libdup_two_crates_right",
    ]);
}

#[test]
fn two_declarations_in_two_crates_do_not_link_in_release_with_many_codegen_units() {
    let project = two_crates("dup_many_units", "", RECORDING, "");
    let many = [("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256")];
    project
        .cargo_with(&["build", "--release"], &many)
        .expect_failure(&[SYMBOL]);
}

#[test]
fn two_declarations_in_two_crates_do_not_link_with_fat_link_time_optimisation() {
    let project = two_crates("dup_fat", "", RECORDING, "");
    let fat = [("CARGO_PROFILE_RELEASE_LTO", "fat")];
    project
        .cargo_with(&["build", "--release"], &fat)
        .expect_failure(&[SYMBOL, "multiply defined"]);
}

/// Thin link-time optimisation keeps one of two equal symbols without a word; the registry has both sets all the same.
#[test]
fn with_thin_link_time_optimisation_the_registry_reports_what_the_linker_does_not_see() {
    let project = two_crates("dup_thin", "", ASKING, "");
    let thin = [("CARGO_PROFILE_RELEASE_LTO", "thin")];
    project
        .cargo_with(&["build", "--release"], &thin)
        .expect_success();
    names_both_places("dup_thin", &project.run("release", "dup_thin_program"));
}

#[test]
fn a_waived_duplicate_links_and_the_registry_names_both_places() {
    let waiver = "#[metric(allow(duplicate, reason = \"the left crate is on its way out\"))]";
    let project = two_crates("dup_waived", waiver, ASKING, "");
    for (profile, arguments) in [
        ("debug", &["build"][..]),
        ("release", &["build", "--release"]),
    ] {
        project.cargo(arguments).expect_success();
        names_both_places("dup_waived", &project.run(profile, "dup_waived_program"));
    }
}

/// For a program that links one crate twice: nobody can write a waiver into a crate of somebody else.
#[test]
fn with_the_feature_duplicates_link_and_the_registry_names_both_places() {
    let project = two_crates("dup_feature", "", ASKING, "\"duplicates-at-run-time\"");
    project.cargo(&["build"]).expect_success();
    names_both_places("dup_feature", &project.run("debug", "dup_feature_program"));
}

/// What the registry says of a clash: the name, the file and line of both fields, and what to do.
fn names_both_places(project: &str, printed: &str) {
    let [left, right] = ["left", "right"]
        .map(|side| format!("{project}_{side}/src/lib.rs:7 (module `{project}_{side}`)"));
    // The linker decides on the order.
    let is_one_of_two = [(&left, &right), (&right, &left)].iter().any(|(first, second)| {
        printed
            == format!(
                "metric `lake_reads_total` is declared twice\nfirst: {first}\nsecond: {second}\n\
                 help: rename one of the two\n"
            )
    });
    assert!(is_one_of_two, "{printed}");
}

/// The symbols' names are plain identifiers, which the version script of a shared library takes.
#[test]
fn a_shared_library_with_metrics_links() {
    let project = Project::new(
        "dup_shared",
        &[Member::new("dup_shared", &set("Shared", ""))],
    );
    for kind in ["cdylib", "dylib"] {
        project
            .cargo(&["rustc", "--package", "dup_shared", "--crate-type", kind])
            .expect_success();
    }
}

#[test]
fn a_dependency_that_no_code_names_is_lost_and_the_self_check_says_so() {
    let silent = set("Silent", "");
    let dependencies = "datapunk-metrics = { path = \"DATAPUNK_METRICS\" }\n\
                        lost_silent = { path = \"../lost_silent\" }\n";
    let check = "
    let registry = datapunk_metrics::registry().expect(\"no clash\");
    println!(\"sets: {}\", registry.sets().len());
    for problem in registry.self_check(&[\"lost_silent\"]) {
        println!(\"{problem}\");
    }
";
    let unnamed = format!("fn main() {{{check}}}");
    let named = format!("use lost_silent as _;\nfn main() {{{check}}}");
    let project = Project::new(
        "lost",
        &[
            Member::new("lost_silent", &silent),
            Member::new("lost_unnamed", &unnamed).depending_on(dependencies),
            Member::new("lost_named", &named).depending_on(dependencies),
        ],
    );
    for (profile, arguments) in [
        ("debug", &["build"][..]),
        ("release", &["build", "--release"]),
    ] {
        project.cargo(arguments).expect_success();
        assert_eq!(
            project.run(profile, "lost_unnamed"),
            "sets: 0\ncrate `lost_silent` has no metric set in the registry\n\
             help: if it is a dependency, name it in code so that it is linked: `use lost_silent as _;`\n",
            "{profile}"
        );
        assert_eq!(project.run(profile, "lost_named"), "sets: 1\n", "{profile}");
    }
}

#[test]
fn untouched_series_are_at_zero_in_release() {
    let library = "
#[derive(Clone, Copy, datapunk_metrics::LabelValue)]
pub enum Operation { Read, Write }

#[derive(Clone, Copy, datapunk_metrics::LabelSet)]
pub struct Labels { pub operation: Operation, pub retried: bool }

#[derive(datapunk_metrics::MetricSet)]
#[metrics(namespace = \"zero\")]
pub struct Zero {
    /// Operations.
    pub operations_total: datapunk_metrics::Counter<Labels>,
}
";
    let main = "
use untouched_library as _;
fn main() {
    use datapunk_metrics::encode::{Format, encode};
    let registry = datapunk_metrics::registry().expect(\"no clash\");
    print!(\"{}\", encode(registry, Format::Text).expect(\"nothing is read at scrape time\"));
}
";
    let dependencies = "datapunk-metrics = { path = \"DATAPUNK_METRICS\" }\n\
                        untouched_library = { path = \"../untouched_library\" }\n";
    let project = Project::new(
        "untouched",
        &[
            Member::new("untouched_library", library),
            Member::new("untouched_program", main).depending_on(dependencies),
        ],
    );
    project.cargo(&["build", "--release"]).expect_success();
    assert_eq!(
        project.run("release", "untouched_program"),
        "# HELP zero_operations_total Operations.\n\
         # TYPE zero_operations_total counter\n\
         zero_operations_total{operation=\"read\",retried=\"false\"} 0\n\
         zero_operations_total{operation=\"read\",retried=\"true\"} 0\n\
         zero_operations_total{operation=\"write\",retried=\"false\"} 0\n\
         zero_operations_total{operation=\"write\",retried=\"true\"} 0\n"
    );
}
