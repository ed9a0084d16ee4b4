//! The rules of objectives in a bundle: from a catalogue as from the declared metrics.

use std::fs;
use std::path::Path;

use datapunk_metrics::Registry;
use datapunk_metrics::artifacts::Catalogue;
use serde_json::{Value, json};
use support::workspace;
use tempfile::TempDir;

use super::{json, lake, path, program, stand_alone};

#[path = "../objectives/shop.rs"]
mod shop;

/// Where the rules are in a bundle.
const FILE: &str = "prometheus/rules/objectives.yml";
/// What `ObjectiveRules` writes of the shop, for the team `sales`.
const OF_SHOP: &str = include_str!("../objectives/shop.yml");
/// Without the standard's rules, which have nothing to do with it.
const DEPLOYMENT: &str =
    "services: {shop: {targets: [\"shop:9464\"], team: sales}}\nstandard_rules: false\n";

fn catalogue() -> Catalogue {
    let registry = Registry::new();
    registry
        .register::<shop::ShopMetrics>()
        .expect("one set does not clash");
    Catalogue::of("shop", &registry)
}

/// The metric of this name in the JSON of a catalogue.
fn metric<'a>(catalogue: &'a mut Value, name: &str) -> &'a mut Value {
    let metrics = catalogue["sets"][0]["metrics"].as_array_mut();
    let mut metrics = metrics.expect("a list").iter_mut();
    let found = metrics.find(|metric| metric["name"] == name);
    found.unwrap_or_else(|| panic!("no metric `{name}`"))
}

/// Runs `datapunk-metrics` with a catalogue and a deployment that are saved before.
fn of_saved(catalogue: &str, command: &[&str]) -> (i32, String, String) {
    let folder = TempDir::new().expect("a temporary folder");
    let [saved, deployment] = ["shop.json", "deployment.yml"].map(|name| folder.path().join(name));
    fs::write(&saved, catalogue).expect("it is written");
    fs::write(&deployment, DEPLOYMENT).expect("it is written");
    let from = ["--from", path(&saved)];
    let deployment = ["--deployment", path(&deployment)];
    stand_alone(&[&from, command, &deployment].concat())
}

/// Those files of a part of the bundle, by their paths.
fn part_of_saved(catalogue: &str, part: &str) -> Value {
    let (code, out, err) = of_saved(catalogue, &[part, "--format", "json"]);
    assert_eq!((code, err.as_str()), (0, ""));
    json(&out)
}

#[test]
fn a_saved_catalogue_has_the_objectives_that_are_declared() {
    let catalogue = catalogue();
    let text = catalogue.to_json();
    assert_eq!(Catalogue::from_json(&text), Ok(catalogue));
    let files = part_of_saved(&text, "rules");
    let names: Vec<&String> = files.as_object().expect("files").keys().collect();
    assert_eq!(names, [FILE]);
    let rules = files[FILE].as_str().expect("a text");
    let (comment, rules) = rules.split_once('\n').expect("a comment");
    assert!(comment.starts_with("# "), "{comment}");
    assert_eq!(rules, OF_SHOP);
    let files = part_of_saved(&text, "prometheus");
    let config = files["prometheus/prometheus.yml"].as_str().expect("a text");
    assert!(config.contains("rule_files:\n- rules/*.yml\n"), "{config}");
}

#[test]
fn a_catalogue_of_before_there_were_objectives_is_read_and_has_no_rules_of_them() {
    let mut old = json(&catalogue().to_json());
    let mut had = 0;
    for metric in old["sets"][0]["metrics"].as_array_mut().expect("a list") {
        let metric = metric.as_object_mut().expect("a metric");
        had += usize::from(metric.remove("objective").is_some());
    }
    assert_eq!(had, 4);
    let old = old.to_string();
    assert_eq!(part_of_saved(&old, "rules"), json!({}));
    let files = part_of_saved(&old, "prometheus");
    let config = files["prometheus/prometheus.yml"].as_str().expect("a text");
    assert!(!config.contains("rule_files"), "{config}");
}

#[test]
fn a_metric_with_a_former_name_has_its_objective_once() {
    let mut renamed = json(&catalogue().to_json());
    metric(&mut renamed, "shop_request_duration_seconds")["renamed_from"] =
        json!({"name": "shop_call_duration_seconds", "until": "2.0.0"});
    let files = part_of_saved(&renamed.to_string(), "rules");
    let rules = files[FILE].as_str().expect("a text");
    assert_eq!(
        rules.split_once('\n').map(|(_, rules)| rules),
        Some(OF_SHOP)
    );
}

#[test]
fn an_objective_that_would_not_compile_is_refused_in_a_catalogue() {
    let name = "shop_request_duration_seconds";
    for (key, value, complaint) in [
        (
            "/objective/percent",
            json!(0.99),
            "has an objective of 0.99 %, which is not between 1 and 100",
        ),
        (
            "/objective/percent",
            json!(100),
            "has an objective of 100 %, which is not between 1 and 100",
        ),
        (
            "/objective/indicator/latency/threshold",
            json!(0.7),
            "has an objective with threshold 0.7, which is no bound of its buckets",
        ),
    ] {
        let mut wrong = json(&catalogue().to_json());
        let place = metric(&mut wrong, name).pointer_mut(key);
        *place.expect("it is there") = value;
        let (code, out, err) = of_saved(&wrong.to_string(), &["rules"]);
        assert_eq!(
            (code, out, err),
            (
                2,
                String::new(),
                format!("error: metric `{name}` {complaint}\n")
            )
        );
    }
}

#[test]
fn the_binary_the_program_that_reads_it_and_a_saved_catalogue_agree_on_the_rules() {
    let folder = TempDir::new().expect("a temporary folder");
    let deployment = folder.path().join("deployment.yml");
    let text = "services: {lake: {targets: [\"lake:9464\"]}}\n";
    fs::write(&deployment, text).expect("it is written");
    let saved = folder.path().join("lake.json");
    let (code, _, err) = lake(&["catalogue", "--format", "json", "--out", path(&saved)]);
    assert_eq!((code, err.as_str()), (0, ""));
    let rules = ["rules", "--deployment", path(&deployment)];
    let of_itself = lake(&rules);
    assert_eq!(of_itself.0, 0);
    assert!(
        of_itself
            .1
            .contains("- alert: LakeVectorSearchDurationLatencyPage\n"),
        "{}",
        of_itself.1
    );
    for from in [&program("lake"), &saved] {
        let from = ["--from", path(from)];
        assert_eq!(stand_alone(&[&from[..], &rules].concat()), of_itself);
    }
}

#[test]
fn a_file_of_a_team_does_not_take_the_place_of_the_objectives() {
    let folder = TempDir::new().expect("a temporary folder");
    let own = folder.path().join("objectives.yml");
    fs::write(&own, "groups: []\n").expect("it is written");
    let deployment = folder.path().join("deployment.yml");
    let text = "services: {lake: {targets: [\"lake:9464\"]}}\nrules: [objectives.yml]\n";
    fs::write(&deployment, text).expect("it is written");
    let (code, out, err) = lake(&["rules", "--deployment", path(&deployment)]);
    let complaint = format!(
        "error: there are two rule files `objectives.yml`; rename `{}`\n",
        own.display()
    );
    assert_eq!((code, out, err), (2, String::new(), complaint));
}

#[test]
fn promtool_and_the_check_accept_the_rules_of_the_bundle() {
    let file = workspace().join("examples/deploy").join(FILE);
    let arguments = ["check", "rules", "--lint-fatal", path(&file)];
    let (code, out, err) = super::run(Path::new("promtool"), &arguments);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("SUCCESS: 17 rules found"), "{out}");
    assert_eq!(
        lake(&["check-rules", path(&file)]),
        (0, "the rules fit the metrics\n".to_owned(), String::new())
    );
}
