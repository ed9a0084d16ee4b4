//! The example services as a user runs them: alone and untouched, then all three under the demo's load, watched by a
//! real Prometheus and judged by all four judges.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};
use std::time::Duration;

use support::exposition::Samples;
use support::judge::{self, FixedBody, OPEN_METRICS, TEXT};
use support::server::{Process, Prometheus, Pushgateway, free_port};
use support::standard::table;
use support::{http, program, wait};
use tempfile::TempDir;

const BUILD: &str = "cargo build --workspace --all-features (tests/run.sh does it)";

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
        let first = three_free_ports();
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

/// The position after the first line of `body` that begins with `start`.
fn after_line(body: &str, start: &str) -> usize {
    let at = body
        .find(&format!("\n{start}"))
        .unwrap_or_else(|| panic!("no line begins with `{start}` in:\n{body}"));
    at + 1 + body[at + 1..].find('\n').expect("the last line ends") + 1
}

/// `body` with `text` after its first line that begins with `start`.
fn with_more(body: &str, start: &str, text: &str) -> String {
    let at = after_line(body, start);
    format!("{}{text}{}", &body[..at], &body[at..])
}

/// `body` with another value in its first line that begins with `start`.
fn with_value(body: &str, start: &str, value: &str) -> String {
    let end = after_line(body, start);
    let at = body[..end].rfind(' ').expect("a sample has a value") + 1;
    format!("{}{value}\n{}", &body[..at], &body[end..])
}

/// `body` with the first byte of the first label value of its first line that begins with `start` made bad UTF-8.
fn with_bad_utf8(body: &str, start: &str) -> Vec<u8> {
    let end = after_line(body, start);
    let line = body[..end - 1]
        .rfind('\n')
        .expect("it is not the first line")
        + 1;
    let at = line + body[line..end].find('"').expect("it has a label") + 1;
    let mut bytes = body.as_bytes().to_vec();
    bytes[at] = 0xff;
    bytes
}

/// One small change to what a service really writes, for each family of faults, and the judges that see it.
#[test]
fn a_fault_in_a_page_of_a_service_turns_the_judges_red() {
    let folder = TempDir::new().expect("a temporary folder");
    let (demo, targets) = demo_under_load(&folder);
    let page = Page::of(&targets[0]);
    assert!(demo.stop().success(), "the demo ends well");
    let pushgateway = Pushgateway::start();
    page.passes("lake", &pushgateway);

    let (text, open_metrics) = (page.text.body.as_str(), page.open_metrics.body.as_str());
    let sample = "storage_operations_total{";
    let again = text[..after_line(text, sample)]
        .lines()
        .last()
        .map(|line| format!("{line}\n"))
        .expect("there is a sample");
    let repeated =
        "# TYPE cache_evictions_total counter\ncache_evictions_total{cache=\"late\"} 1\n";
    let unended = text.strip_suffix('\n').expect("text ends a line");
    let unfinished = open_metrics.strip_suffix("# EOF\n").expect("it ends so");
    let bucket = "vector_search_duration_seconds_bucket{";
    let sum = "vector_search_duration_seconds_sum{";
    let exemplar = format!("1e9 # {{trace_id=\"{}\"}} 0.1", "x".repeat(129));

    for (fault, body) in [
        (
            "buckets not cumulative",
            with_value(open_metrics, bucket, "1e9"),
        ),
        (
            "a sum that is no number",
            with_value(open_metrics, sum, "NaN"),
        ),
        ("a negative counter", with_value(open_metrics, sample, "-1")),
        (
            "a counter without _total",
            open_metrics.replace("storage_operations_total{", "storage_operations{"),
        ),
        (
            "an exemplar that is too long",
            with_value(open_metrics, sample, &exemplar),
        ),
        ("no end", unfinished.to_owned()),
        (
            "a family twice",
            format!("{unfinished}# TYPE cache_evictions counter\n# EOF\n"),
        ),
    ] {
        let verdict = judge::strict_parser(body.as_bytes());
        assert!(verdict.is_err(), "the strict parser passes: {fault}");
    }
    for (fault, body) in [
        ("no final newline", unended.as_bytes().to_vec()),
        ("bad UTF-8", with_bad_utf8(text, sample)),
        ("a family twice", format!("{text}{repeated}").into_bytes()),
    ] {
        assert!(judge::promtool(&body).is_err(), "promtool passes: {fault}");
        let verdict = judge::push(&pushgateway, "faulty", &body);
        assert!(verdict.is_err(), "the Pushgateway passes: {fault}");
    }
    let twice = with_more(text, sample, &again);
    let verdict = judge::push(&pushgateway, "faulty", twice.as_bytes());
    assert!(
        verdict.is_err(),
        "the Pushgateway passes a series that is there twice"
    );
    let unprefixed = text.replace("storage_operations_total", "storage_operations");
    let verdict = judge::promtool(unprefixed.as_bytes());
    assert!(verdict.is_err(), "promtool passes a counter without _total");

    let unfinished = FixedBody::serve(OPEN_METRICS, unfinished.as_bytes());
    let bad_utf8 = FixedBody::serve(TEXT, &with_bad_utf8(text, sample));
    let whole = FixedBody::serve(OPEN_METRICS, open_metrics.as_bytes());
    let scraped = [&unfinished, &bad_utf8, &whole].map(FixedBody::target);
    let mut prometheus = Prometheus::scraping(&scraped);
    assert_eq!(judge::scrape(&mut prometheus, &scraped[2]), Ok(()));
    for (fault, target) in ["no end", "bad UTF-8"].iter().zip(&scraped) {
        let verdict = judge::scrape(&mut prometheus, target);
        assert!(verdict.is_err(), "a scrape passes: {fault}");
    }
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

/// Numbers without a pattern, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A method that nobody has.
    fn method(&mut self) -> String {
        let letter = |digit| char::from(b'A' + u8::try_from(digit % 26).expect("a letter"));
        (0..10).map(|_| letter(self.next())).collect()
    }

    /// A path that no route has, now and then below one that has.
    fn path(&mut self, route: &str) -> String {
        let (number, other) = (self.next(), self.next());
        match number % 4 {
            0 => format!("/{number:x}"),
            1 => format!("/{number:x}/{other}?{number:x}={other}"),
            2 => format!("{route}/{number:x}/{other}"),
            _ => format!("/%2e%2e/%C3%BC{number:x};{other}//"),
        }
    }
}

/// A client that sends whatever method it is told to, and keeps its connection.
struct Client {
    agent: ureq::Agent,
    target: String,
}

impl Client {
    fn of(target: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(20)));
        Self {
            agent: config.build().new_agent(),
            target: target.to_owned(),
        }
    }

    fn ask(&self, method: &str, path: &str) -> u16 {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.target))
            // A body of unknown length that nobody reads ends the connection.
            .header("content-length", "0")
            .body(())
            .expect("a request");
        let mut answer = self
            .agent
            .run(request)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        // Read to the end, the connection is free for the next.
        let _ = answer.body_mut().read_to_vec();
        answer.status().as_u16()
    }
}

/// How many requests a service has counted, by what is asked of their labels.
fn requests(samples: &Samples, is_asked: impl Fn(&BTreeMap<&str, &str>) -> bool) -> f64 {
    samples
        .of("http_requests_total")
        .filter(|(series, _)| is_asked(&labels(series)))
        .map(|(_, requests)| requests)
        .sum()
}

#[test]
#[expect(clippy::float_cmp, reason = "counts are exact")]
fn random_methods_and_paths_leave_series_few_and_known_routes_exact() {
    const RANDOM: u32 = 10_000;
    const KNOWN: u32 = 500;
    // A request that a route answers, and that route.
    let routes = [
        ("GET", "/objects/none", "/objects/{id}"),
        ("GET", "/events/none/0", "/events/{topic}/{partition}"),
        ("PUT", "/upstream/none", "/upstream/{health}"),
    ];
    std::thread::scope(|scope| {
        for ((name, _), (method, path, route)) in SERVICES.into_iter().zip(routes) {
            scope.spawn(move || {
                let target = format!("127.0.0.1:{}", free_port());
                let folder = TempDir::new().expect("a temporary folder");
                let service = started(name, &target, &folder);
                let before = Samples::read(&text(&target).body);
                let (client, mut numbers) = (Client::of(&target), Numbers(1));
                for round in 0..RANDOM {
                    let (random, elsewhere) = (numbers.method(), numbers.path(path));
                    // A method that nobody has, or a path, or both.
                    let (random, elsewhere) = match round % 3 {
                        0 => (random.as_str(), path),
                        1 => (method, elsewhere.as_str()),
                        _ => (random.as_str(), elsewhere.as_str()),
                    };
                    let status = client.ask(random, elsewhere);
                    assert!(
                        (400..500).contains(&status),
                        "{status}: {random} {elsewhere}"
                    );
                    if round % (RANDOM / KNOWN) == 0 {
                        client.ask(method, path);
                    }
                }
                let after = Samples::read(&text(&target).body);
                let all = |_: &BTreeMap<&str, &str>| true;
                let counted = requests(&after, all) - requests(&before, all);
                assert!(
                    counted == f64::from(RANDOM + KNOWN),
                    "{name}: {counted} requests"
                );
                let known = |labels: &BTreeMap<&str, &str>| {
                    labels["method"] == format!("\"{method}\"")
                        && labels["path"] == format!("\"{route}\"")
                };
                let counted = requests(&after, known) - requests(&before, known);
                assert!(
                    counted == f64::from(KNOWN),
                    "{name}: {counted} requests of {route}"
                );
                // Whatever was asked for, there is `other`, the method `other` of the route, and what these were answered.
                let new = after.of("http_requests_total").count()
                    - before.of("http_requests_total").count();
                assert!(new < 20, "{name}: {new} series more");
                assert!(
                    after.0.len() < before.0.len() + 100,
                    "{name}: {} series",
                    after.0.len()
                );
                assert!(service.stop().success(), "{name} ends well");
            });
        }
    });
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
