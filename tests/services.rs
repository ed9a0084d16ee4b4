//! The example services as a user runs them: alone and untouched, then all three under the demo's load, watched by a
//! real Prometheus and judged by all four judges.

#[path = "services/faults.rs"]
mod faults;
#[path = "services/strangers.rs"]
mod strangers;

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::time::Duration;

use support::exposition::Samples;
use support::judge::{self, FixedBody, OPEN_METRICS, TEXT};
use support::server::{Process, Prometheus, Pushgateway, free_port, free_ports};
use support::standard::table;
use support::{BUILD, http, program, wait};
use tempfile::TempDir;

/// The three services in the order of the demo's ports, each with the number of series of its small label sets.
const SERVICES: [(&str, &[(&str, usize)]); 3] = [
    (
        "lake",
        &[
            ("storage_operations_total", 3 * 4),
            ("cache_requests_total", 2),
            ("cache_evictions_total", 1),
            ("vector_search_duration_seconds_count", 2 * 2),
        ],
    ),
    (
        "stream",
        &[
            ("events_processed_total", 3 * 4),
            ("stream_events_appended_total", 2 * 3),
            ("stream_batch_items_count", 1),
        ],
    ),
    (
        "cortex",
        &[
            ("inference_requests_total", 2),
            ("model_latency_seconds_count", 2 * 2),
            ("retry_attempts_total", 1),
            ("auth_attempts_total", 1),
            ("auth_failures_total", 2),
        ],
    ),
];

fn metrics(target: &str, accept: &str) -> http::Answer {
    wait::until(target, Duration::from_secs(30), || {
        let answer = http::get_as(&format!("http://{target}/metrics"), accept)?;
        if answer.status == 200 {
            Ok(answer)
        } else {
            Err(format!("status {}", answer.status))
        }
    })
}

fn text(target: &str) -> http::Answer {
    metrics(target, "text/plain;version=0.0.4")
}

fn open_metrics(target: &str) -> http::Answer {
    metrics(target, "application/openmetrics-text;version=1.0.0")
}

/// The labels of a series as it is written; the services' values hold neither commas nor escapes.
fn labels(series: &str) -> BTreeMap<&str, &str> {
    let inner = series
        .split_once('{')
        .map_or("", |(_, labels)| labels.trim_end_matches('}'));
    inner
        .split(',')
        .filter_map(|label| label.split_once('='))
        .collect()
}

/// The series that are missing from a family which has every combination of its labels' values.
fn missing_combinations(samples: &Samples, name: &str) -> usize {
    let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut there = 0;
    for (series, _) in samples.of(name) {
        there += 1;
        for (label, value) in labels(series) {
            values.entry(label).or_default().insert(value);
        }
    }
    values.values().map(BTreeSet::len).product::<usize>() - there
}

#[test]
fn an_untouched_service_shows_its_series_at_zero() {
    for (name, small) in SERVICES {
        let target = format!("127.0.0.1:{}", free_port());
        let folder = TempDir::new().expect("a temporary folder");
        let mut service = started(name, &target, &folder);
        let samples = Samples::read(&text(&target).body);
        service.assert_running();

        for (metric, series) in small {
            assert_eq!(samples.of(metric).count(), *series, "{name}: {metric}");
        }
        let counts = ["_total", "_bucket", "_count"];
        for (series, value) in &samples.0 {
            let metric = series.split('{').next().unwrap_or_default();
            // Starting took the process some time.
            let of_process = metric.starts_with("process_");
            if !of_process && counts.iter().any(|ending| metric.ends_with(ending)) {
                assert!(*value == 0.0, "{name}: {series} is {value}");
            }
            // `zero = […]` names values, so what it shows is a product as well.
            assert_eq!(
                missing_combinations(&samples, metric),
                0,
                "{name}: {metric}"
            );
        }
        assert!(samples.of("http_requests_total").count() > 1, "{name}");
        assert!(
            samples.get("process_cpu_seconds_total") > Some(0.0),
            "{name}"
        );

        assert!(service.stop().success(), "{name} ends well");
        let left: Vec<_> = folder.path().read_dir().expect("it is ours").collect();
        assert!(left.is_empty(), "{name} leaves {left:?} behind");
    }
}

/// A page of a service, in both formats.
struct Page {
    text: http::Answer,
    open_metrics: http::Answer,
}

impl Page {
    fn of(target: &str) -> Self {
        let page = Self {
            text: text(target),
            open_metrics: open_metrics(target),
        };
        assert_eq!(page.text.content_type, TEXT);
        assert_eq!(page.open_metrics.content_type, OPEN_METRICS);
        page
    }

    fn samples(&self) -> Samples {
        Samples::read(&self.text.body)
    }

    /// The three judges that take a body; the fourth one scrapes.
    fn passes(&self, name: &str, pushgateway: &Pushgateway) {
        let (text, open_metrics) = (&self.text.body, &self.open_metrics.body);
        assert_eq!(judge::promtool(text.as_bytes()), Ok(()), "{name}");
        assert_eq!(
            judge::strict_parser(open_metrics.as_bytes()),
            Ok(()),
            "{name}"
        );
        assert_eq!(
            judge::push(pushgateway, name, text.as_bytes()),
            Ok(()),
            "{name}"
        );
    }
}

/// Starts the demo on ports that are free, again on others if somebody was quicker to take one.
fn start_demo(folder: &TempDir) -> (Process, Vec<String>) {
    for _ in 0..5 {
        let first = free_ports(3);
        let mut command = Command::new(program("demo"));
        command
            .args(["--port", &first.to_string(), "--for", "120", "--quiet"])
            .env("TMPDIR", folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut demo = Process::start(&mut command, BUILD);
        let targets: Vec<String> = (0..3)
            .map(|next| format!("127.0.0.1:{}", first + next))
            .collect();
        let listens = wait::until("the demo", Duration::from_secs(30), || {
            if demo.has_ended() {
                return Ok(false);
            }
            http::get(&format!("http://{}/metrics", targets[2])).map(|_| true)
        });
        if listens {
            return (demo, targets);
        }
    }
    panic!("the demo ended five times before it listened");
}

/// Starts the demo and waits until each service has answered requests, and the cortex some that went wrong.
fn demo_under_load(folder: &TempDir) -> (Process, Vec<String>) {
    let (demo, targets) = start_demo(folder);
    for target in &targets {
        wait::until(target, Duration::from_secs(30), || {
            let samples = Samples::read(&text(target).body);
            let answered: f64 = samples
                .of("http_requests_total")
                .map(|(_, requests)| requests)
                .sum();
            if answered >= 20.0 {
                Ok(())
            } else {
                Err(format!("{answered} requests answered"))
            }
        });
    }
    // A panic, and a client that did not wait.
    for status in ["500", "499"] {
        wait::until(status, Duration::from_secs(30), || {
            let samples = Samples::read(&text(&targets[2]).body);
            let ended = samples
                .of("http_requests_total")
                .filter(|(series, _)| {
                    labels(series).get("status") == Some(&format!("\"{status}\"").as_str())
                })
                .any(|(_, requests)| requests > 0.0);
            if ended {
                Ok(())
            } else {
                Err("no request ended so".to_owned())
            }
        });
    }
    (demo, targets)
}

#[test]
fn the_demo_under_load_passes_all_judges_while_prometheus_scrapes_it() {
    let folder = TempDir::new().expect("a temporary folder");
    let (mut demo, targets) = demo_under_load(&folder);
    let pushgateway = Pushgateway::start();

    // Prometheus asks for OpenMetrics alone, so what the services write as text is served to it as it is.
    let mut before: Vec<Page> = targets.iter().map(|target| Page::of(target)).collect();
    let as_text: Vec<FixedBody> = before
        .iter()
        .map(|page| FixedBody::serve(TEXT, page.text.body.as_bytes()))
        .collect();
    let scraped: Vec<String> = targets
        .iter()
        .cloned()
        .chain(as_text.iter().map(FixedBody::target))
        .collect();
    let mut prometheus = Prometheus::scraping(&scraped);

    for round in 0..5 {
        for ((target, (name, _)), before) in targets.iter().zip(SERVICES).zip(&mut before) {
            let now = Page::of(target);
            let nothing = Vec::<String>::new();
            let (was, is) = (before.samples(), now.samples());
            assert_eq!(was.that_went_down(&is), nothing, "{name}, round {round}");
            assert_eq!(is.histogram_faults(), nothing, "{name}, round {round}");
            now.passes(name, &pushgateway);
            *before = now;
        }
    }
    for target in &scraped {
        assert_eq!(judge::scrape(&mut prometheus, target), Ok(()), "{target}");
    }
    // Prometheus has stored what the pages showed.
    let stored = wait::until("stored samples", Duration::from_secs(30), || {
        let stored = prometheus.query("sum by (instance) (http_requests_total) > 0")?;
        if stored.len() == scraped.len() {
            Ok(stored)
        } else {
            Err(format!("{stored:?}"))
        }
    });
    assert!(scraped.iter().all(|target| {
        stored
            .iter()
            .any(|(labels, _)| labels["instance"] == *target)
    }));
    demo.assert_running();
    assert!(demo.stop().success(), "the demo ends well");
    let left: Vec<_> = folder.path().read_dir().expect("it is ours").collect();
    assert!(left.is_empty(), "the demo leaves {left:?} behind");
}

/// The label names of a series, `le` aside.
fn label_names(series: &str) -> BTreeSet<&str> {
    labels(series)
        .into_keys()
        .filter(|label| *label != "le")
        .collect()
}

#[test]
fn the_services_have_the_metrics_that_the_standard_names() {
    for (name, _) in SERVICES {
        let target = format!("127.0.0.1:{}", free_port());
        let folder = TempDir::new().expect("a temporary folder");
        let service = started(name, &target, &folder);
        let page = text(&target).body;
        let samples = Samples::read(&page);
        let set = format!("the service {name}");
        let rows: Vec<_> = table().into_iter().filter(|row| row.set == set).collect();
        assert!(!rows.is_empty(), "{set}");
        for row in rows {
            let metric = &row.metric;
            let kind = format!("# TYPE {metric} {}\n", row.kind);
            assert!(page.contains(&kind), "{name}: {metric} is no {}", row.kind);
            let sample = match row.kind.as_str() {
                "histogram" => format!("{metric}_count"),
                _ => metric.clone(),
            };
            let (series, _) = samples.of(&sample).next().expect("a series from the start");
            let named: BTreeSet<&str> =
                row.labels.iter().map(|(label, _)| label.as_str()).collect();
            assert_eq!(label_names(series), named, "{name}: {metric}");
        }
        assert!(service.stop().success(), "{name} ends well");
    }
}

/// A service that listens there, with its files in a folder.
fn started(name: &str, target: &str, folder: &TempDir) -> Process {
    let mut command = Command::new(program(name));
    command
        .args(["--listen", target])
        .env("TMPDIR", folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Process::start(&mut command, BUILD)
}
