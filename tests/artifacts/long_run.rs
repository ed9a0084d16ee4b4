//! The long run, by `tests/deploy.sh`: ten minutes, then a hundred times the targets. It measures, and asserts only that
//! there is something to measure.

use std::fmt::Write;
use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Running, SERVICES, panel_queries};

/// How long samples are collected before the store is looked at.
fn collect_for() -> Duration {
    let seconds = std::env::var("DEPLOY_SECONDS").ok();
    Duration::from_secs(seconds.and_then(|text| text.parse().ok()).unwrap_or(600))
}

/// How many targets each service has in the second part.
const TARGETS: usize = 100;

/// One target of each service, scraped as often as in production.
#[test]
#[ignore = "takes more than ten minutes; tests/deploy.sh runs it"]
fn long_run_of_the_store() {
    let mut report = String::new();
    let time = collect_for();
    let seconds = u32::try_from(time.as_secs()).expect("minutes") + 120;
    let mut running = Running::start(seconds, "15s", "prometheus", |config| config);
    running.targets_are_up(SERVICES.len() + 2);
    std::thread::sleep(time);
    // What the short run sees of a debug build.
    running.rules_are_healthy();
    running.queries_have_data("1m");
    running.classes_are_apart();
    let _ = writeln!(
        report,
        "| | head series | samples a second |\n|---|---|---|"
    );
    for service in SERVICES {
        let series = number(&running, &format!("count({{service=\"{service}\"}})"));
        let samples = number(
            &running,
            &format!("sum(scrape_samples_post_metric_relabeling{{service=\"{service}\"}}) / 15"),
        );
        let _ = writeln!(report, "| {service} | {series} | {samples:.1} |");
    }
    // A head is written out every two hours; a snapshot is written out as it would be.
    let port = running.prometheus.0;
    let url = format!("http://127.0.0.1:{port}/api/v1/admin/tsdb/snapshot");
    let snapshot = super::http::put(&url, "text/plain", &[]);
    let snapshot: Value = serde_json::from_str(&snapshot.expect("an answer").body).expect("JSON");
    let name = snapshot["data"]["name"]
        .as_str()
        .expect("the name of a snapshot");
    let folder = running
        .folder
        .path()
        .join("prometheus/snapshots")
        .join(name);
    let mut bytes = 0;
    let mut samples = 0;
    for block in fs::read_dir(folder).expect("a snapshot has blocks") {
        let block = block.expect("an entry").path();
        let meta = fs::read_to_string(block.join("meta.json")).expect("a block says what it is");
        let meta: Value = serde_json::from_str(&meta).expect("JSON");
        samples += meta["stats"]["numSamples"].as_u64().expect("a number");
        for chunk in fs::read_dir(block.join("chunks")).expect("a block has chunks") {
            bytes += chunk.expect("an entry").metadata().expect("a file").len();
        }
        bytes += fs::metadata(block.join("index"))
            .expect("a block has an index")
            .len();
    }
    assert!(samples > 0, "nothing was stored");
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let each = bytes as f64 / samples as f64;
    let _ = writeln!(
        report,
        "\n{samples} samples after {} s, {each:.2} bytes each with their index.\n",
        time.as_secs()
    );
    let _ = writeln!(report, "On {}.", machine());
    keep(&report);
}

/// What it was measured on.
fn machine() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models = cpus
        .lines()
        .filter_map(|line| line.strip_prefix("model name"));
    let models: Vec<&str> = models
        .map(|model| model.trim_start_matches(['\t', ' ', ':']))
        .collect();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    let model = models.first().copied().unwrap_or("an unknown processor");
    format!("{} cores of {model}, load {load} at the end", models.len())
}

/// A hundred targets of each service, and how long the queries of all panels take.
#[test]
#[ignore = "wants the machine for itself; tests/deploy.sh runs it"]
fn long_run_of_the_panels() {
    let mut report = String::new();
    let mut running = Running::start(600, "15s", "prometheus", |config| {
        SERVICES
            .iter()
            .fold(config, |config, service| with_targets(&config, service))
    });
    running.targets_are_up(TARGETS * SERVICES.len() + 2);
    running.queries_have_data("1m");
    let queries = panel_queries(&running.deploy.join("grafana/dashboards"), "1m");
    let mut slowest = Vec::new();
    for _ in 0..5 {
        for (place, query) in &queries {
            let start = Instant::now();
            running.prometheus.query(query).expect("an answer");
            slowest.push((start.elapsed(), format!("{place}: {query}")));
        }
    }
    slowest.sort();
    let times: Vec<Duration> = slowest.iter().map(|(time, _)| *time).collect();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1000.0;
    let head = number(
        &running,
        "prometheus_tsdb_head_series{service=\"prometheus\"}",
    );
    let _ = writeln!(
        report,
        "{TARGETS} targets of each service, {head} head series, {} panel queries: half take less than {:.1} ms, 95 % \
         less than {:.1} ms, the slowest {:.1} ms.",
        queries.len(),
        at(50),
        at(95),
        at(100)
    );
    let _ = writeln!(report, "On {}.", machine());
    for (time, place) in slowest.iter().rev().take(5) {
        let _ = writeln!(report, "{:.0} ms: {place}", time.as_secs_f64() * 1000.0);
    }
    keep(&report);
}

/// Prints what was measured, and appends it to the file that `DEPLOY_REPORT` names.
fn keep(report: &str) {
    println!("{report}");
    if let Some(path) = std::env::var_os("DEPLOY_REPORT") {
        let mut text = fs::read_to_string(&path).unwrap_or_default();
        text.push_str(report);
        fs::write(path, text).expect("the report is written");
    }
}

fn number(running: &Running, query: &str) -> f64 {
    let found = running.prometheus.query(query).expect("an answer");
    let value = found
        .first()
        .and_then(|sample| sample["value"][1].as_str()?.parse().ok());
    value.unwrap_or_else(|| panic!("no number: {query}"))
}

/// The configuration with as many targets of a service, which are one process under many names.
fn with_targets(config: &str, service: &str) -> String {
    let end = format!("    labels:\n      service: {service}\n");
    let at = config.find(&end).expect("the service has a job");
    let start = config[..at].rfind("  - targets:\n").expect("with targets");
    let block = &config[start..at];
    let mut blocks = String::new();
    for number in 0..TARGETS {
        let _ = writeln!(blocks, "{block}{end}      instance: {service}-{number}");
    }
    format!("{}{blocks}{}", &config[..start], &config[at + end.len()..])
}
