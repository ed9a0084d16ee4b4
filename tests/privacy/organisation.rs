//! Words that an organisation adds are followed: a build after a change of them goes by the new ones.

use std::fs;

use support::project::{Built, Member, Project};

const TOOLKIT: &str =
    "datapunk-metrics = { path = \"DATAPUNK_METRICS\", features = [\"organisation\"] }\n";

/// A set whose label is no word of the standard's.
const SOURCE: &str = "
use datapunk_metrics::{Counter, LabelSet, MetricSet};

#[derive(Clone, Copy, LabelSet)]
pub struct LaneLabels {
    pub lane: bool,
}

/// Metrics of a road.
#[derive(MetricSet)]
#[metrics(namespace = \"road\")]
pub struct RoadMetrics {
    /// Cars seen.
    pub cars_seen_total: Counter<LaneLabels>,
}
";

#[test]
fn a_change_of_an_organisations_words_rebuilds_what_they_are_for() {
    let member = Member::new("organisation", SOURCE).depending_on(TOOLKIT);
    let project = Project::new("organisation", &[member]);
    let manifest = project.folder().join("Cargo.toml");
    let words = project.folder().join("privacy.toml");
    let without = fs::read_to_string(&manifest).expect("it was written");
    let check = || project.cargo(&["check"]);
    let refused = |built: &Built, by: &str| {
        let by = format!("note: `{by}` forbids the word");
        built.expect_failure(&["label `lane` matches the", &by]);
    };

    // Before there is any word.
    fs::write(&manifest, &without).expect("it is written");
    check().expect_success();

    // A file that the manifest names.
    let metadata = "\n[workspace.metadata.datapunk-metrics]\n";
    let named = format!("{without}{metadata}privacy = \"privacy.toml\"\n");
    fs::write(&words, "personal = [\n    \"lane\",\n]\n").expect("it is written");
    fs::write(&manifest, &named).expect("it is written");
    refused(&check(), "privacy.toml:2");
    fs::write(&words, "personal = [\"badge\"]\n").expect("it is written");
    check().expect_success();
    fs::write(&words, "personal = [\n    \"lane\",\n]\n").expect("it is written");
    refused(&check(), "privacy.toml:2");
    fs::write(&words, "personal = [\"badge\"]\n").expect("it is written");
    check().expect_success();

    // A table in the manifest itself.
    let secret = format!("{without}{metadata}privacy = {{ secrets = [\"lane\"] }}\n");
    let line = secret.lines().count();
    fs::write(&manifest, &secret).expect("it is written");
    refused(&check(), &format!("Cargo.toml:{line}"));
    fs::write(&manifest, &without).expect("it is written");
    check().expect_success();
}
