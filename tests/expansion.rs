//! The debug switch: what the macros write is printed, formatted, for the items that are asked for.

use support::project::{Member, Project};

const SOURCE: &str = "
use datapunk_metrics::{Counter, LabelSet, MetricSet, Outcome};

#[derive(Clone, Copy, LabelSet)]
pub struct JobLabels { pub outcome: Outcome }

#[derive(MetricSet)]
#[metrics(namespace = \"expansion\")]
pub struct JobMetrics {
    /// Jobs.
    pub jobs_total: Counter<JobLabels>,
}
";

/// What a build of `package` prints with this value of the switch.
fn printed(package: &str, switch: &str) -> String {
    let project = Project::new(package, &[Member::new(package, SOURCE)]);
    // Cargo does not know of the switch, and would take the last build for a good one. The toolkit is built first, so
    // that its own expansions are not among what is printed.
    project.cargo(&["build"]).expect_success();
    project
        .cargo(&["clean", "--package", package])
        .expect_success();
    let built = project.cargo_with(&["build"], &[("DATAPUNK_METRICS_DEBUG", switch)]);
    built.expect_success();
    built.log
}

#[test]
fn the_switch_prints_the_expansion_of_every_item_formatted() {
    let log = printed("expansion_all", "1");
    for line in [
        "// LabelSet on `JobLabels` expands to:\n",
        "// MetricSet on `JobMetrics` expands to:\n",
        // One indented line of each, as rustfmt writes it.
        "\n    impl ::datapunk_metrics::__private::LabelSet for JobLabels {\n        type Of<'a> = Self;\n",
        "\n    impl ::datapunk_metrics::__private::MetricSet for JobMetrics {\n        const METRICS: Self = Self {\n",
        "datapunk_metrics__expansion_jobs_total__is_declared_twice",
    ] {
        assert!(log.contains(line), "{line} is not in:\n{log}");
    }
}

#[test]
fn the_switch_takes_the_name_of_one_item() {
    let log = printed("expansion_one", "JobLabels");
    assert!(
        log.contains("// LabelSet on `JobLabels` expands to:\n"),
        "{log}"
    );
    assert!(!log.contains("JobMetrics"), "{log}");
}

#[test]
fn without_the_switch_nothing_is_printed() {
    let log = printed("expansion_none", "0");
    assert!(!log.contains("JobLabels"), "{log}");
    assert!(!log.contains("JobMetrics"), "{log}");
}
