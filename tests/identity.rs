//! Who a process is, to a real Pushgateway, and which commit a build is of, to a real cargo.

use std::path::Path;
use std::process::Command;

use datapunk_metrics::artifacts::Catalogue;
use datapunk_metrics::encode::{Format, encode};
use datapunk_metrics::identity::{self, Identity};
use datapunk_metrics::push::Pushgateway;
use datapunk_metrics::{Counter, MetricSet, Registry};
use support::project::{Member, Project};
use support::server;
use support::{http, judge};

/// Metrics of a job.
#[derive(MetricSet)]
#[metrics(namespace = "identified")]
struct JobMetrics {
    /// Rows read.
    rows_read_total: Counter,
}

/// Metrics that do not keep to the standard.
#[derive(MetricSet)]
#[metrics(namespace = "identified", profile = prometheus)]
struct OddMetrics {
    /// Services called.
    #[metric(labels(service = "pond"))]
    calls_total: Counter,
}

#[test]
fn a_push_says_who_it_is_from_and_so_does_a_series_if_asked() {
    let registry = Registry::new();
    registry
        .register::<JobMetrics>()
        .expect("one set does not clash");
    let lake = Identity::new("lake").instance("lake/7").version("1.2.3");
    identity::set(lake.expose_service()).expect("it was not set before");
    let server = server::Pushgateway::start();
    let registry = std::sync::Arc::new(registry);
    let builder =
        || Pushgateway::builder(&server.url(), "load").registry(std::sync::Arc::clone(&registry));
    let gateway = builder().build().expect("a group");
    assert!(
        gateway
            .url()
            .ends_with("/metrics/job/load/service/lake/instance@base64/bGFrZS83"),
        "{}",
        gateway.url()
    );
    gateway.push().expect("it is accepted");
    let given = builder().grouping("instance", "night").build();
    given.expect("a group").push().expect("it is accepted");

    // A catalogue of it is of its version, one of another service is not.
    let version = |service| Catalogue::of(service, &registry).version;
    assert_eq!(version("lake").as_deref(), Some("1.2.3"));
    assert_eq!(version("pond"), None);

    // Each series has the label, its own one where it has one.
    registry.register::<OddMetrics>().expect("the names differ");
    let text = encode(&registry, Format::Text).expect("no readers");
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    for sample in samples {
        let service = if sample.starts_with("identified_calls_total") {
            "{service=\"pond\"} "
        } else {
            "{service=\"lake\""
        };
        assert!(sample.contains(service), "{sample}");
    }
    assert!(text.contains("\nidentified_rows_read_total{service=\"lake\"} 0\n"));
    assert_eq!(judge::promtool(text.as_bytes()), Ok(()));
    let open_metrics = encode(&registry, Format::OpenMetrics).expect("no readers");
    assert_eq!(judge::strict_parser(open_metrics.as_bytes()), Ok(()));

    let body = http::get(&format!("{}/metrics", server.url())).expect("the gateway answers");
    for instance in ["lake/7", "night"] {
        let line = format!(
            "identified_rows_read_total{{instance=\"{instance}\",job=\"load\",service=\"lake\"}} 0\n"
        );
        assert!(body.body.contains(&line), "{line}is not in\n{}", body.body);
    }
}

/// Runs git in `folder`, as somebody who is nobody.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(folder)
        .args([
            "-c",
            "user.name=nobody",
            "-c",
            "user.email=nobody@localhost",
        ])
        .args(arguments)
        .output()
        .expect("git is installed");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn a_build_has_the_commit_that_is_checked_out() {
    let source = "fn main() { print!(\"{}\", datapunk_metrics::git_revision!()); }\n";
    let project = Project::new("revision", &[Member::new("revision", source)]);
    let folder = support::target_dir().join("generated/revision");
    // What an earlier run left.
    let _ = std::fs::remove_dir_all(folder.join(".git"));
    git(&folder, &["init", "--quiet", "--initial-branch=main"]);
    let commit = |message: &str| {
        git(
            &folder,
            &["commit", "--quiet", "--allow-empty", "--message", message],
        );
        git(&folder, &["rev-parse", "HEAD"])
    };
    let built = |environment: &[(&str, &str)]| {
        project.cargo_with(&["build"], environment).expect_success();
        project.run("debug", "revision")
    };
    let first = commit("First");
    assert_eq!(built(&[]), first);
    // The branch is then in a list of all branches, and after the next commit in a file of its own again.
    git(&folder, &["pack-refs", "--all"]);
    assert_eq!(built(&[]), first);
    let second = commit("Second");
    assert_ne!(second, first);
    assert_eq!(built(&[]), second);
    git(&folder, &["checkout", "--quiet", "--detach", &first]);
    assert_eq!(built(&[]), first);
    assert_eq!(built(&[("DATAPUNK_METRICS_REVISION", "r17")]), "r17");
    assert_eq!(built(&[]), first);
}
