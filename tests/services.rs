//! The example services as a user runs them: alone and untouched, then all three under the demo's load, watched by a
//! real Prometheus and judged by all four judges.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use support::exposition::Samples;
use support::judge::{self, OPEN_METRICS, TEXT};
use support::server::{Process, Prometheus, Pushgateway, free_port};
use support::{http, wait};

const BUILD: &str = "cargo build --workspace --all-features (tests/run.sh does it)";

/// The three services, in the order of the demo's ports, with a metric that the standard asks of each.
const SERVICES: [(&str, &str); 3] = [
    ("lake", "storage_operations_total"),
    ("stream", "events_processed_total"),
    ("cortex", "inference_requests_total"),
];

/// A program of the examples, built beside this test.
fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let program = test
        .ancestors()
        .nth(2)
        .expect("a test lies in <profile>/deps")
        .join(name);
    assert!(
        program.exists(),
        "{} does not exist\nhelp: {BUILD}",
        program.display()
    );
    program
}

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
    for (name, metric) in SERVICES {
        let target = format!("127.0.0.1:{}", free_port());
        let mut command = Command::new(program(name));
        command
            .args(["--listen", &target])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut service = Process::start(&mut command, BUILD);
        let samples = Samples::read(&text(&target).body);
        service.assert_running();

        let names: BTreeSet<&str> = samples
            .0
            .keys()
            .filter_map(|series| series.split('{').next())
            .collect();
        let declared = names.iter().find(|found| found.ends_with(metric));
        let declared = declared
            .unwrap_or_else(|| panic!("`{metric}` is not among the metrics of {name}: {names:?}"));
        assert!(
            samples.of(declared).count() > 1,
            "{name}: {declared} has no combinations"
        );
        assert!(
            samples.of(declared).all(|(_, value)| value == 0.0),
            "{name}: {declared} is not at 0"
        );
        for counter in names.iter().filter(|name| name.ends_with("_total")) {
            let sparse = samples.of(counter).any(|(series, _)| {
                let labels = labels(series);
                labels.contains_key("method")
                    || labels.contains_key("status") && !counter.ends_with(metric)
            });
            assert!(
                sparse || missing_combinations(&samples, counter) == 0,
                "{name}: {counter} lacks combinations of its labels' values"
            );
        }
    }
}

/// Three ports in a row that are free now, as the demo takes them.
fn three_free_ports() -> u16 {
    (0..100)
        .map(|_| free_port())
        .find(|first| {
            (0..3).all(|next| {
                TcpListener::bind((Ipv4Addr::LOCALHOST, first.saturating_add(next))).is_ok()
            })
        })
        .expect("three free ports in a row")
}

#[test]
fn the_demo_under_load_passes_all_judges_while_prometheus_scrapes_it() {
    let first = three_free_ports();
    let mut command = Command::new(program("demo"));
    command
        .args(["--port", &first.to_string(), "--for", "120", "--quiet"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut demo = Process::start(&mut command, BUILD);
    let targets: Vec<String> = (0..3)
        .map(|next| format!("127.0.0.1:{}", first + next))
        .collect();
    let mut before: Vec<Samples> = targets
        .iter()
        .map(|target| Samples::read(&text(target).body))
        .collect();
    let mut prometheus = Prometheus::scraping(&targets);
    let pushgateway = Pushgateway::start();

    // The load is there once each service has answered requests.
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
    for round in 0..10 {
        for ((target, (name, _)), before) in targets.iter().zip(SERVICES).zip(&mut before) {
            let text = text(target);
            let open_metrics = open_metrics(target);
            assert_eq!(
                (
                    text.content_type.as_str(),
                    open_metrics.content_type.as_str()
                ),
                (TEXT, OPEN_METRICS)
            );
            let now = Samples::read(&text.body);
            assert_eq!(
                before.that_went_down(&now),
                Vec::<String>::new(),
                "{name}, round {round}"
            );
            assert_eq!(
                now.histogram_faults(),
                Vec::<String>::new(),
                "{name}, round {round}"
            );
            *before = now;
            assert_eq!(judge::promtool(text.body.as_bytes()), Ok(()), "{name}");
            assert_eq!(
                judge::strict_parser(open_metrics.body.as_bytes()),
                Ok(()),
                "{name}"
            );
            assert_eq!(
                judge::push(&pushgateway, name, text.body.as_bytes()),
                Ok(()),
                "{name}"
            );
        }
    }
    for target in &targets {
        assert_eq!(judge::scrape(&mut prometheus, target), Ok(()), "{target}");
    }
    // Prometheus has stored what the pages showed.
    let stored = wait::until("stored samples", Duration::from_secs(30), || {
        let stored = prometheus.query("sum by (instance) (http_requests_total) > 0")?;
        if stored.len() == 3 {
            Ok(stored)
        } else {
            Err(format!("{stored:?}"))
        }
    });
    assert!(targets.iter().all(|target| {
        stored
            .iter()
            .any(|(labels, _)| labels["instance"] == *target)
    }));
    demo.assert_running();
    stop_gently(demo);
}

/// Asks the demo to stop, so that it stops its children; killing it would leave that to chance.
fn stop_gently(mut process: Process) {
    let status = Command::new("kill")
        .args(["-INT", &process.id().to_string()])
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "the demo takes a signal"
    );
    wait::until("the demo stops", Duration::from_secs(15), || {
        if process.has_ended() {
            Ok(())
        } else {
            Err("still running".to_owned())
        }
    });
}
