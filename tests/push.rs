//! The Pushgateway client: against a real Pushgateway, and against servers that do it harm.

#[path = "push/example_job.rs"]
mod example_job;
#[path = "push/harm.rs"]
mod harm;
#[path = "push/hostile.rs"]
mod hostile;
#[path = "push/slow.rs"]
mod slow;
#[path = "push/tls.rs"]
mod tls;

use std::fs;
use std::hint::black_box;
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use datapunk_metrics::push::{
    Builder, Method, Operation, PushCause, PushError, PushLabels, PushMetrics, Pushgateway,
    TryFault, TryLabels,
};
use datapunk_metrics::{Counter, Gauge, MetricSet, Outcome, Registry};
use hostile::{Hostile, Treatment};
use support::server::{self, INSTALL, Process, free_port};
use support::{http, judge, wait};
use tempfile::TempDir;

/// What the jobs of these tests record.
#[derive(MetricSet)]
#[metrics(namespace = "pushed")]
struct JobMetrics {
    /// Rows read.
    rows_read_total: Counter,
    /// Rows that wait.
    rows_waiting_current: Gauge,
}
const JOB: JobMetrics = JobMetrics::METRICS;

/// A second set, for pushes that differ.
#[derive(MetricSet)]
#[metrics(namespace = "pushed_other")]
struct OtherMetrics {
    /// Files read.
    files_read_total: Counter,
}

/// Nobody listens there, and no test gets the port as a free one.
const DOWN: &str = "http://127.0.0.1:1";

/// A loopback address of its own, for a server that is down for a while: at the usual one another test might get its port
/// meanwhile.
const APART: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

const PUSH: PushMetrics = PushMetrics::METRICS;

fn registry_of<S: MetricSet>() -> Registry {
    let registry = Registry::new();
    registry.register::<S>().expect("one set does not clash");
    registry
}

/// A client with times that fit a test.
fn client(url: &str, job: &str) -> Builder {
    Pushgateway::builder(url, job)
        .registry(registry_of::<JobMetrics>())
        .timeout(Duration::from_secs(2))
        .total_timeout(Duration::from_secs(6))
}

fn metrics_of(url: &str) -> String {
    let answer = http::get(&format!("{url}/metrics")).expect("the Pushgateway answers");
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

/// The lines of `body` that begin with `name` and have all of `labels`.
fn lines<'a>(body: &'a str, name: &str, labels: &[&str]) -> Vec<&'a str> {
    body.lines()
        .filter(|line| line.starts_with(&format!("{name}{{")))
        .filter(|line| labels.iter().all(|label| line.contains(label)))
        .collect()
}

/// A Pushgateway at a port of [`APART`] that is known before it starts.
fn pushgateway_at(port: u16, folder: &Path, arguments: &[String]) -> Process {
    let log = fs::File::create(folder.join("log")).expect("a log file");
    let mut command = Command::new("prometheus-pushgateway");
    command
        .arg("--persistence.file=")
        .arg(format!("--web.listen-address={APART}:{port}"))
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(log);
    Process::start(&mut command, INSTALL)
}

fn wait_for_port(port: u16) {
    wait::until("prometheus-pushgateway", Duration::from_secs(10), || {
        TcpStream::connect((APART, port)).map_err(|error| error.to_string())
    });
}

/// The error of a push that has to fail, and how long it took.
fn failure(gateway: &Pushgateway) -> (PushError, Duration) {
    let started = Instant::now();
    let error = gateway.push().expect_err("the push fails");
    (error, started.elapsed())
}

fn failed_tries(reason: TryFault) -> u64 {
    PUSH.push_tries_failed_total
        .with(TryLabels { reason })
        .get()
}

fn pushes(outcome: Outcome) -> u64 {
    let operation = Operation::Push;
    PUSH.pushes_total
        .with(PushLabels { operation, outcome })
        .get()
}

#[test]
fn what_is_pushed_is_scraped_back_with_its_group() {
    let server = server::Pushgateway::start();
    JOB.rows_waiting_current.set(42);
    let values = [
        "plain",
        "",
        "/var/tmp",
        "..",
        "two words",
        "a%2Fb+c?d#e&f=g",
        "grün ☃",
        "a\nb",
        "say \"hi\" \\o/",
        "ends in /",
    ];
    for (index, value) in values.iter().enumerate() {
        let gateway = client(&server.url(), &format!("scraped {index}/x"))
            .grouping("instance", &format!("host-{index}"))
            .grouping("shard", value)
            .grouping("zone", "eu")
            .build()
            .expect("a client");
        gateway
            .push()
            .unwrap_or_else(|error| panic!("`{value}`: {error}"));
    }
    let body = metrics_of(&server.url());
    for (index, value) in values.iter().enumerate() {
        let escaped = value
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n");
        let labels = [
            format!("job=\"scraped {index}/x\""),
            format!("instance=\"host-{index}\""),
            format!("shard=\"{escaped}\""),
            "zone=\"eu\"".to_owned(),
        ];
        let labels = labels.each_ref().map(String::as_str);
        let found = lines(&body, "pushed_rows_waiting_current", &labels);
        // Pushgateway leaves out a label without a value.
        let found = if value.is_empty() {
            lines(&body, "pushed_rows_waiting_current", &labels[..2])
        } else {
            found
        };
        assert_eq!(found.len(), 1, "`{value}` in:\n{body}");
        assert!(found[0].ends_with(" 42"), "{}", found[0]);
    }
}

#[test]
fn a_put_replaces_the_group_and_a_post_adds_to_it() {
    let server = server::Pushgateway::start();
    let with = |registry, method| {
        Pushgateway::builder(&server.url(), "replaced")
            .registry(registry)
            .method(method)
            .build()
            .expect("a client")
    };
    let has = |name| !lines(&metrics_of(&server.url()), name, &["job=\"replaced\""]).is_empty();
    let (first, second) = ("pushed_rows_read_total", "pushed_other_files_read_total");

    with(registry_of::<JobMetrics>(), Method::Replace)
        .push()
        .expect("a push");
    assert!(has(first) && !has(second));
    let other = with(registry_of::<OtherMetrics>(), Method::Add);
    other.push().expect("a push");
    assert!(has(first) && has(second));
    with(registry_of::<OtherMetrics>(), Method::Replace)
        .push()
        .expect("a push");
    assert!(!has(first) && has(second));
    other.delete().expect("a deletion");
    assert!(!has(first) && !has(second));
    other
        .delete()
        .expect("nothing is there to delete, which is fine");
}

#[tokio::test]
async fn async_code_pushes_and_deletes() {
    let server = server::Pushgateway::start();
    let gateway = client(&server.url(), "awaited").build().expect("a client");
    gateway.push_async().await.expect("a push");
    let series = || {
        let body = metrics_of(&server.url());
        lines(&body, "pushed_rows_read_total", &["job=\"awaited\""]).len()
    };
    assert_eq!(series(), 1);
    gateway.delete_async().await.expect("a deletion");
    assert_eq!(series(), 0);
}

#[test]
fn the_registry_of_the_program_is_pushed_unless_told_otherwise() {
    let server = server::Pushgateway::start();
    let gateway = Pushgateway::builder(&server.url(), "whole")
        .build()
        .expect("a client");
    gateway.push().expect("a push");
    gateway.push().expect("a push");
    let body = metrics_of(&server.url());
    assert_eq!(lines(&body, "pushed_rows_read_total", &[]).len(), 1);
    // The second push sends the count of the first.
    let labels = ["operation=\"push\"", "outcome=\"ok\""];
    let own = lines(&body, "datapunk_metrics_pushes_total", &labels);
    let count = own[0].rsplit(' ').next().expect("a value");
    assert!(
        count.parse::<f64>().is_ok_and(|count| count >= 1.0),
        "{own:?}"
    );
}

#[test]
fn the_own_metrics_pass_the_linter() {
    use datapunk_metrics::encode::{Format, encode};

    let text = encode(&registry_of::<PushMetrics>(), Format::Text).expect("nothing is read");
    let open = encode(&registry_of::<PushMetrics>(), Format::OpenMetrics).expect("likewise");
    judge::promtool(text.as_bytes()).expect("promtool accepts it");
    judge::strict_parser(open.as_bytes()).expect("the parser accepts it");
}

#[test]
fn a_real_refusal_is_shown_and_not_tried_again() {
    let server = server::Pushgateway::start();
    // A type that differs from what another group has is refused.
    let body = "# TYPE pushed_rows_read_total gauge\npushed_rows_read_total 1\n";
    let url = format!("{}/metrics/job/other", server.url());
    let answer = http::put(&url, "text/plain; version=0.0.4", body.as_bytes());
    assert_eq!(answer.expect("an answer").status, 200);
    let (error, took) = failure(&client(&server.url(), "clashes").build().expect("a client"));
    assert_eq!((error.status(), error.tries()), (Some(400), 1), "{error}");
    assert!(
        error.to_string().contains("pushed_rows_read_total"),
        "{error}"
    );
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[test]
fn a_push_outlasts_a_start_and_a_restart() {
    let (folder, port) = (TempDir::new().expect("a folder"), free_port());
    let url = format!("http://{APART}:{port}");
    let gateway = client(&url, "restarted")
        .tries(20)
        .build()
        .expect("a client");
    let server = thread::scope(|scope| {
        let pushed = scope.spawn(|| gateway.push());
        thread::sleep(Duration::from_millis(150));
        let server = pushgateway_at(port, folder.path(), &[]);
        pushed
            .join()
            .expect("no panic")
            .expect("a later try gets through");
        server
    });
    let periodic = gateway.every(Duration::from_millis(50)).expect("a thread");
    drop(server);
    wait::until("a push that fails", Duration::from_secs(5), || {
        let refused = failed_tries(TryFault::Unreachable);
        (refused > 0).then_some(()).ok_or_else(|| "none".to_owned())
    });
    let _server = pushgateway_at(port, folder.path(), &[]);
    wait_for_port(port);
    // Nothing was kept, so what is there was pushed after the restart.
    wait::until("a push after the restart", Duration::from_secs(10), || {
        let body = metrics_of(&url);
        let found = lines(&body, "pushed_rows_read_total", &["job=\"restarted\""]);
        (found.len() == 1).then_some(()).ok_or(body.clone())
    });
    periodic.shutdown().expect("the last push");
}

#[test]
fn a_pushgateway_that_is_down_ends_in_an_error() {
    let (faults, errors) = (failed_tries(TryFault::Unreachable), pushes(Outcome::Error));
    let gateway = client(DOWN, "down").tries(3).build().expect("a client");
    let (error, took) = failure(&gateway);
    assert!(
        matches!(error.cause(), PushCause::Unreachable(_)),
        "{error}"
    );
    assert_eq!((error.status(), error.tries()), (None, 3));
    let text = error.to_string();
    assert!(
        text.contains(DOWN) && text.contains("after 3 tries"),
        "{text}"
    );
    assert!(
        text.contains("help: is a Pushgateway listening there?"),
        "{text}"
    );
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(failed_tries(TryFault::Unreachable) >= faults + 3);
    assert!(pushes(Outcome::Error) > errors);
}

#[test]
fn recording_does_not_wait_for_a_push() {
    let server = Hostile::start(&[Treatment::Silent]);
    let gateway = client(&server.url, "hangs")
        .timeout(Duration::from_secs(2))
        .total_timeout(Duration::from_secs(2))
        .registry(registry_of::<OtherMetrics>())
        .build()
        .expect("a client");
    let counter = OtherMetrics::METRICS.files_read_total;
    let before = counter.get();
    thread::scope(|scope| {
        let pushed = scope.spawn(|| gateway.push());
        wait::until("the push", Duration::from_secs(2), || {
            let begun = !server.requests().is_empty();
            begun.then_some(()).ok_or_else(|| "not begun".to_owned())
        });
        for _ in 0..100_000 {
            black_box(counter).inc();
        }
        assert!(
            !pushed.is_finished(),
            "the push was over before the recordings"
        );
        assert!(pushed.join().expect("no panic").is_err());
    });
    assert_eq!(counter.get(), before + 100_000);
}

#[test]
fn a_periodic_push_repeats_and_has_the_last_word() {
    let server = Hostile::start(&[Treatment::Answers(
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
    )]);
    let gateway = client(&server.url, "repeated").build().expect("a client");
    let periodic = gateway.every(Duration::from_millis(40)).expect("a thread");
    wait::until("three pushes", Duration::from_secs(5), || {
        let count = server.requests().len();
        (count >= 3).then_some(()).ok_or_else(|| count.to_string())
    });
    assert!(periodic.last_error().is_none());
    periodic.shutdown().expect("the last push");
    let count = server.requests().len();
    thread::sleep(Duration::from_millis(150));
    assert_eq!(
        server.requests().len(),
        count,
        "it pushes after the shutdown"
    );

    // Long before the first one: the last one alone, by a shutdown and by a drop.
    let hour = Duration::from_hours(1);
    let periodic = gateway.every(hour).expect("a thread");
    periodic.shutdown().expect("the last push");
    assert_eq!(server.requests().len(), count + 1);
    drop(gateway.every(hour).expect("a thread"));
    assert_eq!(server.requests().len(), count + 2);
}

#[tokio::test]
async fn a_periodic_task_repeats_and_has_the_last_word() {
    let server = Hostile::start(&[Treatment::Answers(
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
    )]);
    let gateway = client(&server.url, "repeated").build().expect("a client");
    let reaches = async |count: usize| {
        for _ in 0..250 {
            if server.requests().len() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{} pushes instead of {count}", server.requests().len());
    };
    let periodic = gateway.every_async(Duration::from_millis(40));
    reaches(3).await;
    assert!(periodic.last_error().is_none());
    periodic.shutdown().await.expect("the last push");
    let count = server.requests().len();
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(
        server.requests().len(),
        count,
        "it pushes after the shutdown"
    );

    let hour = Duration::from_hours(1);
    gateway
        .every_async(hour)
        .shutdown()
        .await
        .expect("the last push");
    assert_eq!(server.requests().len(), count + 1);
    drop(gateway.every_async(hour));
    reaches(count + 2).await;
}

#[test]
fn a_shutdown_does_not_wait_for_tries_to_come() {
    let gateway = client(DOWN, "down")
        .tries(3)
        .total_timeout(Duration::from_mins(1))
        .build()
        .expect("a client");
    let periodic = gateway.every(Duration::from_millis(10)).expect("a thread");
    wait::until("an error", Duration::from_secs(5), || {
        periodic.last_error().ok_or_else(|| "none yet".to_owned())
    });
    let started = Instant::now();
    let error = periodic.shutdown().expect_err("it is down");
    assert!(
        matches!(error.cause(), PushCause::Unreachable(_)),
        "{error}"
    );
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn a_dropped_future_is_counted_as_cancelled() {
    let server = Hostile::start(&[Treatment::Silent]);
    let gateway = client(&server.url, "dropped")
        .timeout(Duration::from_millis(400))
        .build()
        .expect("a client");
    let cancelled = pushes(Outcome::Cancelled);
    let cut = tokio::time::timeout(Duration::from_millis(100), gateway.push_async()).await;
    assert!(cut.is_err(), "the push ended early");
    assert!(pushes(Outcome::Cancelled) > cancelled);
}
