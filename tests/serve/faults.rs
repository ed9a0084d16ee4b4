//! Clients and metrics that misbehave.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use datapunk_metrics::encode::{Format, encode};
use datapunk_metrics::serve::{Limits, Server};
use datapunk_metrics::standard::HttpMetrics;
use datapunk_metrics::tower::HttpLayer;
use datapunk_metrics::{Counter, Gauge, LabelSet, LabelValue, MetricSet, Registry};
use support::wait;
use tower::ServiceExt as _;

use crate::fixture::{Reply, Served, exchange, read_to_end, sample};

/// Who has the moods below: tests of one process take turns.
static MOODS: Mutex<()> = Mutex::new(());
static BLOCKS: AtomicBool = AtomicBool::new(false);
static PANICS: AtomicBool = AtomicBool::new(false);
static CALLS: AtomicUsize = AtomicUsize::new(0);

/// Metrics of a thing that may not answer.
#[derive(MetricSet)]
#[metrics(namespace = "moody")]
struct MoodyMetrics {
    /// How it is.
    #[metric(read = temper)]
    temper_celsius: Gauge<(), f64>,
}

fn temper() -> f64 {
    CALLS.fetch_add(1, Ordering::SeqCst);
    while BLOCKS.load(Ordering::SeqCst) {
        thread::sleep(Duration::from_millis(5));
    }
    assert!(!PANICS.load(Ordering::SeqCst), "not now");
    36.6
}

fn moody(limits: Limits) -> Served {
    let registry = Registry::new();
    registry.register::<MoodyMetrics>().expect("one set");
    Served::start(Server::builder().registry(registry).limits(limits))
}

#[test]
fn a_metric_that_panics_or_never_returns_costs_its_own_scrape() {
    let _turn = MOODS.lock().unwrap_or_else(PoisonError::into_inner);
    let served = moody(Limits::default());
    PANICS.store(true, Ordering::SeqCst);
    let failed = served.get("/metrics");
    assert_eq!(failed.status, 500);
    assert!(
        failed.body.contains("moody_temper_celsius"),
        "{}",
        failed.body
    );
    PANICS.store(false, Ordering::SeqCst);
    assert_eq!(served.get("/metrics").status, 200);
    drop(served);

    let mut limits = Limits::default();
    limits.collection_timeout = Duration::from_millis(500);
    let served = moody(limits);
    BLOCKS.store(true, Ordering::SeqCst);
    let calls = CALLS.load(Ordering::SeqCst);
    assert_eq!(served.get("/metrics").status, 503);
    for _ in 0..20 {
        assert_eq!(served.get("/metrics").status, 503);
    }
    assert_eq!(
        CALLS.load(Ordering::SeqCst),
        calls + 1,
        "one is stuck, and no more"
    );
    BLOCKS.store(false, Ordering::SeqCst);
    wait::until("the next scrape", Duration::from_secs(10), || {
        let page = served.get("/metrics");
        if page.status == 200 {
            Ok(())
        } else {
            Err(page.body)
        }
    });
    let page = served.get("/metrics").body;
    assert!(sample(&page, "datapunk_metrics_scrapes_total{code=\"500\"}") >= 1.0);
    assert!(sample(&page, "datapunk_metrics_scrapes_total{code=\"503\"}") >= 21.0);
}

#[test]
fn one_scrape_too_many_is_told_so_at_once() {
    let _turn = MOODS.lock().unwrap_or_else(PoisonError::into_inner);
    let mut limits = Limits::default();
    limits.scrapes = 1;
    let served = moody(limits);
    BLOCKS.store(true, Ordering::SeqCst);
    let calls = CALLS.load(Ordering::SeqCst);
    let address = served.address;
    let waiting = thread::spawn(move || {
        let request = b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        Reply::parse(&exchange(address, request)).status
    });
    wait::until("the first one", Duration::from_secs(5), || {
        if CALLS.load(Ordering::SeqCst) == calls {
            Err("not yet".to_owned())
        } else {
            Ok(())
        }
    });
    let refused = served.get("/metrics");
    assert_eq!(refused.status, 503);
    assert_eq!(refused.body, "too many scrapes at once\n");
    assert_eq!(refused.header("retry-after"), ["1"]);
    BLOCKS.store(false, Ordering::SeqCst);
    assert_eq!(waiting.join().expect("no panic"), 200);
}

/// So long that the values of twenty thousand drawers are more than two sockets hold.
const LONG: &str = {
    const TEXT: [u8; 800] = [b'x'; 800];
    match std::str::from_utf8(&TEXT) {
        Ok(text) => text,
        Err(_) => panic!("it is ASCII"),
    }
};

/// One of twenty thousand drawers.
#[derive(Clone, Copy)]
struct Drawer(usize);

impl LabelValue for Drawer {
    const VALUES: &'static [&'static str] = {
        static DRAWERS: [&str; 20_000] = [LONG; 20_000];
        &DRAWERS
    };

    fn index(self) -> usize {
        self.0
    }
}

#[derive(Clone, Copy, LabelSet)]
struct DrawerLabels {
    drawer: Drawer,
}

/// Metrics that take more than a socket holds.
#[derive(MetricSet)]
#[metrics(namespace = "vast")]
struct VastMetrics {
    /// Drawers opened.
    #[metric(max_series = 20_000)]
    drawers_opened_total: Counter<DrawerLabels>,
}

fn vast(limits: Limits) -> Served {
    let registry = Registry::new();
    registry.register::<VastMetrics>().expect("one set");
    VastMetrics::METRICS
        .drawers_opened_total
        .with(DrawerLabels {
            drawer: Drawer(19_999),
        })
        .inc();
    Served::start(Server::builder().registry(registry).limits(limits))
}

const SCRAPE: &[u8] = b"GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n";

pub(crate) fn connect(served: &Served) -> TcpStream {
    let stream = TcpStream::connect(served.address).expect("it listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a timeout");
    stream
}

pub(crate) fn closed_for(served: &Served, reason: &str) -> f64 {
    let series = format!("datapunk_metrics_server_connections_closed_total{{reason=\"{reason}\"}}");
    served.sample(&series, &[])
}

#[test]
fn slow_clients_are_closed_and_delay_nobody() {
    let mut limits = Limits::default();
    limits.header_timeout = Duration::from_millis(500);
    limits.idle_timeout = Duration::from_millis(700);
    limits.write_timeout = Duration::from_millis(900);
    let served = vast(limits);

    // Slow headers, a byte at a time.
    let slow: Vec<_> = (0..20)
        .map(|_| {
            let mut stream = connect(&served);
            thread::spawn(move || {
                for byte in SCRAPE.iter().cycle() {
                    if stream.write_all(&[*byte]).is_err() {
                        return;
                    }
                    thread::sleep(Duration::from_millis(40));
                    let mut one = [0];
                    stream
                        .set_read_timeout(Some(Duration::from_millis(1)))
                        .expect("a timeout");
                    if matches!(stream.read(&mut one), Ok(0)) {
                        return;
                    }
                }
            })
        })
        .collect();
    // Readers who take nothing.
    let mut readers: Vec<TcpStream> = (0..20).map(|_| connect(&served)).collect();
    for reader in &mut readers {
        reader.write_all(SCRAPE).expect("it is sent");
    }
    // The next one has its answer while all of them are there.
    let page = served.get("/metrics");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("vast_drawers_opened_total"));
    for slow in slow {
        slow.join().expect("no panic");
    }
    wait::until("closed readers", Duration::from_secs(20), || {
        let closed = closed_for(&served, "slow_reader");
        if closed >= 20.0 {
            Ok(())
        } else {
            Err(format!("{closed}"))
        }
    });
    assert!(closed_for(&served, "slow_header") >= 20.0);
    assert!(served.sample("datapunk_metrics_scrapes_aborted_total", &[]) >= 20.0);

    // A connection without a further request.
    let idle = connect(&served);
    let mut one = idle.try_clone().expect("a second handle");
    let name = b"GET /metrics?name[]=nothing HTTP/1.1\r\nhost: localhost\r\n\r\n";
    one.write_all(name).expect("it is sent");
    assert!(read_to_end(idle).starts_with(b"HTTP/1.1 200 OK"));
    assert!(closed_for(&served, "idle") >= 1.0);
}

#[test]
fn a_reader_of_a_byte_now_and_then_has_its_time() {
    let mut limits = Limits::default();
    limits.request_timeout = Duration::from_millis(600);
    let served = vast(limits);
    let mut reader = connect(&served);
    reader.write_all(SCRAPE).expect("it is sent");
    let mut read = 0;
    let mut one = [0];
    while matches!(reader.read(&mut one), Ok(1)) {
        read += 1;
        if read < 200 {
            thread::sleep(Duration::from_millis(5));
        } else {
            break;
        }
    }
    wait::until("the end", Duration::from_secs(20), || {
        let closed = closed_for(&served, "slow_request");
        if closed >= 1.0 {
            Ok(())
        } else {
            Err(format!("{closed}"))
        }
    });
}

#[test]
fn requests_that_are_none_are_refused_and_closed() {
    let served = Served::plain();
    let long = format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "x".repeat(8 * 1024));
    let many = format!("GET /metrics HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(10_000));
    let large = format!(
        "GET /metrics HTTP/1.1\r\na: {}\r\n\r\n",
        "b".repeat(1 << 20)
    );
    let password = format!(
        "GET /metrics HTTP/1.1\r\nauthorization: Basic {}\r\n\r\n",
        "QUFB".repeat(350_000)
    );
    let with = |headers: &str| format!("GET /metrics HTTP/1.1\r\nhost: a\r\n{headers}\r\n");
    let two_lengths = with("content-length: 3\r\ncontent-length: 4\r\n") + "abc";
    for (what, request, statuses) in [
        ("a long URL", long.as_str(), &[414][..]),
        ("10,000 headers", &many, &[431]),
        ("a header of 1 MiB", &large, &[431]),
        ("a password of 1 MiB", &password, &[431]),
        (
            "NUL in the URL",
            "GET /met\0rics HTTP/1.1\r\nhost: a\r\n\r\n",
            &[400],
        ),
        ("NUL in a header", &with("a: \0\r\n"), &[400]),
        (
            "a length and chunks",
            &(with("content-length: 3\r\ntransfer-encoding: chunked\r\n") + "0\r\n\r\n"),
            &[400],
        ),
        (
            "chunks and a length",
            &(with("transfer-encoding: chunked\r\ncontent-length: 3\r\n") + "0\r\n\r\n"),
            &[400],
        ),
        ("two lengths", &two_lengths, &[400]),
        ("a body", &(with("content-length: 3\r\n") + "abc"), &[400]),
        ("a negative length", &with("content-length: -1\r\n"), &[400]),
        (
            "chunks of nothing known",
            &with("transfer-encoding: gzip\r\n"),
            &[400],
        ),
        ("a header that goes on", &with("a: b\r\n c: d\r\n"), &[400]),
        ("a space before the colon", &with("a : b\r\n"), &[400]),
        ("no version", "GET /metrics\r\n\r\n", &[400]),
        ("another version", "GET /metrics HTTP/3.0\r\n\r\n", &[400]),
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[0]),
        (
            "TLS",
            "\x16\x03\x01\x02\x00\x01\x00\x01\u{7c}\x03\x03",
            &[400],
        ),
        (
            "a method that is none",
            "G ET /metrics HTTP/1.1\r\n\r\n",
            &[400],
        ),
        (
            "a TRACE",
            "TRACE /metrics HTTP/1.1\r\nhost: a\r\n\r\n",
            &[405],
        ),
        (
            "a POST",
            "POST /metrics HTTP/1.1\r\nhost: a\r\ncontent-length: 9999999999\r\n\r\nabc",
            &[405],
        ),
    ] {
        // It has to close: what is read ends only then.
        let reply = Reply::parse(&exchange(served.address, request.as_bytes()));
        assert!(statuses.contains(&reply.status), "{what}: {reply:?}");
        assert_eq!(served.get("/metrics").status, 200, "after {what}");
    }
    assert!(closed_for(&served, "malformed") >= 10.0);
}

/// CVE-2022-21698 and CVE-2023-45142: what a client makes up is no label.
#[test]
fn methods_and_agents_that_clients_make_up_make_no_series() {
    let served = Served::plain();
    served.ask("POST", "/metrics", &[]);
    let lines = |page: &str| {
        let codes = "datapunk_metrics_scrapes_total{";
        page.lines().filter(|line| !line.starts_with(codes)).count()
    };
    let before = lines(&served.get("/metrics").body);
    let mut requests = Vec::new();
    for number in 0..10_000 {
        requests.extend_from_slice(
            format!(
                "M{number} /p{number} HTTP/1.1\r\nhost: h{number}\r\nuser-agent: a{number}\r\n\r\n"
            )
            .as_bytes(),
        );
    }
    // On one connection: only what is not at /metrics keeps it open.
    requests.extend_from_slice(b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    let mut stream = connect(&served);
    let mut writing = stream.try_clone().expect("a second handle");
    let writer = thread::spawn(move || writing.write_all(&requests));
    let mut all = String::new();
    stream.read_to_string(&mut all).expect("text");
    writer.join().expect("no panic").expect("all is sent");
    assert_eq!(all.matches("HTTP/1.1 404").count(), 10_000);
    let page = &all[all.rfind("HTTP/1.1 200").expect("the last one is answered")..];
    let page = Reply::parse(page.as_bytes()).body;
    assert_eq!(lines(&page), before);
    for number in 0..500 {
        served.ask(
            &format!("M{number}"),
            "/metrics",
            &[("user-agent", &format!("a{number}"))],
        );
    }
    assert_eq!(lines(&served.get("/metrics").body), before);
}

/// The same of a service's own requests, with the layer that counts them.
#[tokio::test]
async fn methods_paths_and_agents_that_clients_make_up_are_one_series_of_a_service() {
    let app = axum::Router::new()
        .route("/items/{id}", axum::routing::any(async || "here"))
        .layer(HttpLayer::new().expect("the standard's set"));
    for number in 0..10_000 {
        for path in ["items", "nowhere"] {
            let request = http::Request::builder()
                .method(format!("M{number}").as_str())
                .uri(format!("/{path}/{number}"))
                .header("host", format!("h{number}"))
                .header("user-agent", format!("a{number}"))
                .body(axum::body::Body::empty())
                .expect("a request");
            let answer = app.clone().oneshot(request).await.expect("an answer");
            assert_eq!(answer.status().is_success(), path == "items");
            let body = axum::body::to_bytes(answer.into_body(), 100).await;
            body.expect("a whole answer");
        }
    }
    let registry = Registry::new();
    registry.register::<HttpMetrics>().expect("one set");
    let page = encode(&registry, Format::Text).expect("nothing is read");
    let mut series: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("http_requests_total{") && !line.ends_with(" 0"))
        .collect();
    series.sort_unstable();
    assert_eq!(
        series,
        [
            "http_requests_total{method=\"other\",path=\"/items/{id}\",status=\"200\"} 10000",
            "http_requests_total{method=\"other\",path=\"other\",status=\"404\"} 10000",
        ]
    );
}

#[test]
fn answers_under_way_are_finished_when_it_stops() {
    let mut limits = Limits::default();
    limits.shutdown_timeout = Duration::from_secs(15);
    let mut served = vast(limits);
    let _idle = connect(&served);
    let mut reader = connect(&served);
    reader.write_all(SCRAPE).expect("it is sent");
    let mut first = [0; 15];
    reader.read_exact(&mut first).expect("it has begun");
    served.tell_to_stop();
    wait::until(
        "a closed door",
        Duration::from_secs(10),
        || match TcpStream::connect(served.address) {
            Err(_) => Ok(()),
            Ok(_) => Err("it still listens".to_owned()),
        },
    );
    let rest = read_to_end(reader);
    let text = String::from_utf8_lossy(&rest);
    assert!(text.contains("# TYPE vast_drawers_opened_total counter"));
    assert!(text.ends_with("\r\n0\r\n\r\n"), "the body has its end");
    served.stop();
}

#[test]
fn a_client_who_does_not_let_go_does_not_keep_it_from_stopping() {
    let mut limits = Limits::default();
    limits.shutdown_timeout = Duration::from_millis(300);
    let served = vast(limits);
    let mut reader = connect(&served);
    reader.write_all(SCRAPE).expect("it is sent");
    let mut first = [0; 15];
    reader.read_exact(&mut first).expect("it has begun");
    served.stop();
    // What was sent before can be read; it has no end.
    let rest = read_to_end(reader);
    assert!(!rest.ends_with(b"\r\n0\r\n\r\n"));
}

#[test]
fn a_stuck_metric_does_not_keep_it_from_stopping() {
    let _turn = MOODS.lock().unwrap_or_else(PoisonError::into_inner);
    let mut limits = Limits::default();
    limits.collection_timeout = Duration::from_millis(100);
    limits.shutdown_timeout = Duration::from_millis(300);
    let served = moody(limits);
    BLOCKS.store(true, Ordering::SeqCst);
    assert_eq!(served.get("/metrics").status, 503);
    served.stop();
    BLOCKS.store(false, Ordering::SeqCst);
}
