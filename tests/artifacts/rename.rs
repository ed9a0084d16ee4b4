//! A metric of an example gets another name in its code, and the example is built with it.

use std::fs;
use std::path::{Path, PathBuf};

use support::project::{Member, Project};
use support::workspace;

use super::{path, run};

const NAME: &str = "renamed_lake";

/// The lake's metrics, as they are in the example, as a program of their own with the test that holds them to the lock.
const PROGRAM: &str = r#"
mod service {
    pub fn uptime_seconds() -> f64 {
        0.0
    }
}

#[allow(dead_code)]
mod lake {
    pub mod metrics {
        METRICS
    }
}

fn main() -> std::process::ExitCode {
    let code = datapunk_metrics::artifacts::cli::run_if_asked("lake", datapunk_metrics::registry);
    code.unwrap_or(std::process::ExitCode::SUCCESS)
}

#[test]
fn metrics_keep_their_lock() {
    let registry = datapunk_metrics::registry().expect("no name is taken twice");
    let deployed = ["deploy/prometheus/rules", "deploy/grafana/dashboards"];
    datapunk_metrics::testing::assert_lock("lake", registry, "metrics.lock", &deployed);
}
"#;

const DEPENDENCIES: &str = "datapunk-metrics = { path = \"DATAPUNK_METRICS\", features = [\"artifacts\", \"host\"] }\n\
                            serde = { version = \"1\", features = [\"derive\"] }\n";

/// The rules of a team, of which the last two read another metric, however much their texts look like the one that is
/// renamed.
const RULES: &str = r#"
groups:
  - name: storage
    rules:
      - record: service:storage_operations:rate5m
        expr: sum by (service) (rate(storage_operations_total[5m]))
      - alert: StorageFails
        expr: sum by (service) (rate(storage_operations_total{status="error"}[5m])) > 1
        labels: {severity: warning, team: data}
        annotations: {summary: "Storage of {{ $labels.service }} fails"}
      - alert: StorageIdle
        expr: service:storage_operations:rate5m == 0  # from storage_operations_total
        labels: {severity: warning, team: data}
        annotations: {summary: "Nothing is stored", description: "storage_operations_total stands still"}
      - alert: OtherStorage
        expr: sum by (storage_operations_total) (rate(old_storage_operations_total{of="storage_operations_total"}[5m])) > 1
        labels: {severity: warning, team: data}
        annotations: {summary: "The old one is in use"}
"#;

const DEPLOYMENT: &str =
    "services: {lake: {targets: [\"127.0.0.1:9464\"]}}\nrules: [storage.yml]\n";

/// Builds the lake's metrics, their source changed by `change`; gives the project and the program.
fn build(change: impl FnOnce(&str) -> String) -> (Project, PathBuf) {
    let source = workspace().join("examples/src/lake/metrics.rs");
    let source = fs::read_to_string(source).expect("the example is there");
    let program = PROGRAM.replace("METRICS", &change(&source));
    let project = Project::new(
        NAME,
        &[Member::new(NAME, &program).depending_on(DEPENDENCIES)],
    );
    project.cargo(&["build"]).expect_success();
    let program = project.program("debug", NAME);
    (project, program)
}

#[test]
fn a_metric_renamed_in_an_example_fails_its_diff_and_its_lock_test_with_the_rules_and_panels_that_break()
 {
    let (project, program) = build(str::to_owned);
    let package = project.folder().join(NAME);
    let place = |name: &str| package.join(name);
    let [lock, deploy, deployment] = ["metrics.lock", "deploy", "deployment.yml"].map(place);
    fs::write(place("storage.yml"), RULES).expect("it is written");
    fs::write(&deployment, DEPLOYMENT).expect("it is written");
    for arguments in [
        &["metrics", "lock", "--out", path(&lock)][..],
        &[
            "metrics",
            "all",
            "--deployment",
            path(&deployment),
            "--out",
            path(&deploy),
        ],
    ] {
        assert_eq!(run(&program, arguments), (0, String::new(), String::new()));
    }
    project.cargo(&["test"]).expect_success();

    let (project, program) = build(|source| {
        assert_eq!(source.matches("storage_operations_total").count(), 1);
        source.replace("storage_operations_total", "storage_actions_total")
    });
    let (rules, dashboards) = (
        deploy.join("prometheus/rules"),
        deploy.join("grafana/dashboards"),
    );
    let (code, out, err) = run(
        &program,
        &[
            "metrics",
            "diff",
            path(&lock),
            "--used-in",
            path(&rules),
            "--used-in",
            path(&dashboards),
        ],
    );
    assert_eq!((code, err.as_str()), (1, ""));
    assert_eq!(
        out,
        broken(&rules, &dashboards) + "fine: lake: metric `storage_actions_total` is new\n"
    );

    let (rules, dashboards) = (
        Path::new("deploy/prometheus/rules"),
        Path::new("deploy/grafana/dashboards"),
    );
    project.cargo(&["test"]).expect_failure(&[
        "metrics changed against `metrics.lock`\n",
        &broken(rules, dashboards),
        "help: if that is meant, write the lock anew: run this test with `UPDATE=1`",
    ]);
}

/// What breaks, with the files below these folders.
fn broken(rules: &Path, dashboards: &Path) -> String {
    let (rules, dashboards) = (rules.display(), dashboards.display());
    let panel = |title: &str| {
        format!(
            "note: panel `{title}` of dashboard `Storage metrics` in {dashboards}/storage-metrics.json reads it\n"
        )
    };
    format!(
        "breaking: lake: metric `storage_operations_total` is removed\n\
         note: recording rule `service:storage_operations:rate5m` in {rules}/storage.yml reads it\n\
         note: alert rule `StorageFails` in {rules}/storage.yml reads it\n\
         {}{}{}\
         help: if it is `storage_actions_total` now, keep both names for a while: \
         `#[metric(renamed_from = \"storage_operations_total\", until = \"…\")]`\n",
        panel("Storage operations"),
        panel("Storage operations, share with errors"),
        panel("Series by metric"),
    )
}
