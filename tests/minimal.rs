//! The least service, as its user runs it: its names are the standard's, its page passes all judges, and a dependency
//! that dies is seen.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use support::exposition::Samples;
use support::judge::{self, OPEN_METRICS, TEXT};
use support::server::{Process, Prometheus, Pushgateway, free_port};
use support::{BUILD, http, wait};

/// The service, and the listener that it takes for its database.
struct Minimal {
    process: Process,
    target: String,
    database: TcpListener,
}

impl Minimal {
    fn start() -> Self {
        let database = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = database.local_addr().expect("it is bound").to_string();
        let target = format!("127.0.0.1:{}", free_port());
        let mut command = Command::new(support::program("minimal"));
        command
            .args([&target, &address])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let process = Process::start(&mut command, BUILD);
        let minimal = Self {
            process,
            target,
            database,
        };
        wait::until("the first checks", Duration::from_secs(20), || {
            minimal.health().and_then(|answer| match answer.status {
                200 => Ok(()),
                status => Err(format!("status {status}")),
            })
        });
        minimal
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.target)
    }

    fn health(&self) -> Result<http::Answer, String> {
        http::get(&self.url("/health"))
    }

    fn page(&self, accept: &str) -> http::Answer {
        let page = http::get_as(&self.url("/metrics"), accept).expect("the service answers");
        assert_eq!((page.status, page.content_type.as_str()), (200, accept));
        page
    }

    fn samples(&self) -> Samples {
        Samples::read(&self.page(TEXT).body)
    }
}

#[test]
fn its_source_has_at_most_thirty_lines() {
    let source = support::workspace().join("examples/src/bin/minimal.rs");
    let source = std::fs::read_to_string(source).expect("the example is there");
    let lines = source.lines().count();
    assert!(lines <= 30, "{lines} lines");
}

#[test]
fn its_page_has_the_standards_names_and_passes_all_judges() {
    let mut minimal = Minimal::start();
    for path in ["/hello/ada", "/hello/grace", "/nowhere"] {
        http::get(&minimal.url(path)).expect("the service answers");
    }
    let (text, open_metrics) = (minimal.page(TEXT).body, minimal.page(OPEN_METRICS).body);
    let families: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        // What the toolkit says of itself.
        .filter(|name| !name.starts_with("datapunk_metrics_"))
        .collect();
    assert_eq!(
        families.into_iter().collect::<Vec<_>>(),
        [
            "health_status",
            "http_request_duration_seconds",
            "http_request_size_bytes",
            "http_requests_in_flight_current",
            "http_requests_total",
            "last_check_timestamp_seconds",
            "process_cpu_cores",
            "process_cpu_seconds_total",
            "process_max_fds",
            "process_memory_bytes",
            "process_open_fds",
            "process_start_time_seconds",
            "process_threads",
            "service_up",
        ]
    );
    let samples = Samples::read(&text);
    for (series, value) in [
        (
            "http_requests_total{method=\"GET\",path=\"/hello/{name}\",status=\"200\"}",
            2.0,
        ),
        (
            "http_requests_total{method=\"GET\",path=\"other\",status=\"404\"}",
            1.0,
        ),
        ("http_requests_in_flight_current", 0.0),
        ("health_status{check_type=\"database\"}", 1.0),
        ("health_status{check_type=\"aggregate\"}", 1.0),
        ("service_up", 1.0),
    ] {
        assert_eq!(samples.get(series), Some(value), "{series}");
    }
    assert!(!text.contains("path=\"/metrics\"") && !text.contains("path=\"/health\""));

    assert_eq!(judge::promtool(text.as_bytes()), Ok(()), "{text}");
    assert_eq!(
        judge::strict_parser(open_metrics.as_bytes()),
        Ok(()),
        "{open_metrics}"
    );
    assert_eq!(
        judge::push(&Pushgateway::start(), "minimal", text.as_bytes()),
        Ok(()),
        "{text}"
    );
    let mut prometheus = Prometheus::scraping(std::slice::from_ref(&minimal.target));
    assert_eq!(judge::scrape(&mut prometheus, &minimal.target), Ok(()));
    minimal.process.assert_running();
}

#[test]
fn a_database_that_dies_is_seen_and_so_is_its_return() {
    let minimal = Minimal::start();
    let healthy = minimal.samples();
    let checked = healthy.get("last_check_timestamp_seconds{check_type=\"database\"}");
    let address = minimal.database.local_addr().expect("it is bound");

    let killed = SystemTime::now().duration_since(UNIX_EPOCH);
    let killed = killed.expect("a clock of this century").as_secs_f64();
    drop(minimal.database);
    let minimal = Minimal {
        // Taken again below; nobody listens in between.
        database: TcpListener::bind("127.0.0.1:0").expect("a free port"),
        ..minimal
    };
    let mut passed = BTreeSet::new();
    let dead = wait::until("the end of the database", Duration::from_secs(20), || {
        let samples = minimal.samples();
        match samples.get("health_status{check_type=\"database\"}") {
            Some(0.0) => Ok(samples),
            other => {
                let at = samples.get("last_check_timestamp_seconds{check_type=\"database\"}");
                passed.insert(at.filter(|at| *at > killed).map(f64::to_bits));
                Err(format!("{other:?}"))
            }
        }
    });
    // One check may have been under way; that of the next interval fails.
    passed.remove(&None);
    assert!(
        passed.len() <= 1,
        "{} checks passed without it",
        passed.len()
    );
    assert_eq!(
        dead.get("health_status{check_type=\"aggregate\"}"),
        Some(0.0)
    );
    assert_eq!(dead.get("service_up"), Some(0.0));
    assert!(dead.get("last_check_timestamp_seconds{check_type=\"database\"}") > checked);
    let answer = minimal.health().expect("the service answers");
    assert_eq!(answer.status, 503);
    assert!(
        answer.body.contains("\"status\":\"fail\""),
        "{}",
        answer.body
    );

    let _database = wait::until("the old port", Duration::from_secs(20), || {
        TcpListener::bind(address).map_err(|error| error.to_string())
    });
    wait::until(
        "the return of the database",
        Duration::from_secs(20),
        || {
            let samples = minimal.samples();
            match (
                samples.get("health_status{check_type=\"database\"}"),
                samples.get("service_up"),
            ) {
                (Some(1.0), Some(1.0)) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        },
    );
}
