//! Open labels under values without end, of any kind, and from two crates.

#![expect(clippy::float_cmp, reason = "counts are exact")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use datapunk_metrics::encode::{Format, encode};
use datapunk_metrics::{
    Counter, Histogram, LabelSet, Method, MetricSet, Registry, Seconds, StatusCode, series,
};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use support::exposition::Samples;
use support::judge;
use support::log::Lines;
use support::open::{PageLabels, SharedMetrics, show_item};
use support::server::Pushgateway;

static IN_USE: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Allocations of this thread.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    /// Bytes that this thread has allocated and not freed.
    static KEPT: Cell<isize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call is handed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        IN_USE.fetch_add(layout.size(), Ordering::Relaxed);
        KEPT.set(KEPT.get() + layout.size().cast_signed());
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        KEPT.set(KEPT.get() - layout.size().cast_signed());
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn text<S: MetricSet>(format: Format) -> String {
    let registry = Registry::new();
    registry.register::<S>().expect("names differ");
    encode(&registry, format).expect("no scrape-time functions")
}

#[derive(Clone, Copy, LabelSet)]
struct HttpLabels<'a> {
    method: Method,
    #[label(known = ["/", "/health"])]
    path: &'a str,
}

#[derive(MetricSet)]
#[metrics(namespace = "hit")]
struct HitMetrics {
    /// Requests.
    http_requests_total: Counter<HttpLabels<'static>>,
    /// Times.
    #[metric(buckets = [0.5])]
    http_request_duration_seconds: Histogram<Seconds, HttpLabels<'static>>,
}

#[test]
fn a_hit_allocates_nothing() {
    const HIT: HitMetrics = HitMetrics::METRICS;
    let paths: Vec<String> = (0..50).map(|path| format!("/{path}")).collect();
    let resolved = HIT.http_requests_total.resolve(["/1"]);
    let record = || {
        for path in &paths {
            let labels = HttpLabels {
                method: Method::Get,
                path,
            };
            HIT.http_requests_total.with(labels).inc();
            HIT.http_request_duration_seconds
                .with(labels)
                .observe(std::time::Duration::from_secs(1));
            series!(
                HIT.http_requests_total,
                HttpLabels {
                    method: Method::Put,
                    path: "/"
                }
            )
            .inc();
            resolved
                .with(|[path]| HttpLabels {
                    method: Method::Get,
                    path,
                })
                .inc();
        }
    };
    record();
    let before = ALLOCATIONS.get();
    record();
    assert_eq!(ALLOCATIONS.get() - before, 0);
    let now = Samples::read(&text::<HitMetrics>(Format::Text));
    assert_eq!(
        now.get("hit_http_requests_total{method=\"GET\",path=\"/2\"}"),
        Some(2.0)
    );
    assert_eq!(
        now.get("hit_http_requests_total{method=\"GET\",path=\"/1\"}"),
        Some(102.0)
    );
    assert_eq!(
        now.get("hit_http_requests_total{method=\"PUT\",path=\"/\"}"),
        Some(100.0)
    );
}

#[derive(Clone, Copy, LabelSet)]
struct TenantLabels<'a> {
    region: &'a str,
    tenant: &'a str,
}

#[derive(MetricSet)]
#[metrics(namespace = "flood")]
struct FloodMetrics {
    /// Calls.
    calls_made_total: Counter<TenantLabels<'static>>,
}

#[test]
fn a_million_values_leave_memory_flat_the_total_exact_and_one_warning() {
    const CALLS: usize = 1_000_000;
    const FLOOD: FloodMetrics = FloodMetrics::METRICS;
    let logged = Lines::default();
    let mut tenant = String::new();
    let mut call = |number: usize| {
        tenant.clear();
        let _ = write!(tenant, "t{number}");
        let labels = TenantLabels {
            region: if number.is_multiple_of(2) { "eu" } else { "us" },
            tenant: &tenant,
        };
        FLOOD.calls_made_total.with(labels).inc();
    };
    let in_use = tracing::subscriber::with_default(logged.clone(), || {
        (0..2000).for_each(&mut call);
        let before = IN_USE.load(Ordering::Relaxed);
        (2000..CALLS).for_each(&mut call);
        IN_USE.load(Ordering::Relaxed).saturating_sub(before)
    });
    // What other threads of the harness have in use is not much.
    assert!(in_use < 64 * 1024, "{in_use} bytes more");
    let now = Samples::read(&text::<FloodMetrics>(Format::Text));
    assert_eq!(now.of("flood_calls_made_total").count(), 1001);
    let total: f64 = now
        .of("flood_calls_made_total")
        .map(|(_, value)| value)
        .sum();
    assert_eq!(total, 1_000_000.0);
    assert_eq!(
        now.get("datapunk_metrics_folded_samples_total{metric=\"flood_calls_made_total\"}"),
        Some(999_000.0)
    );
    let warnings = logged.take();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].starts_with("WARN "), "{warnings:?}");
    assert!(
        warnings[0].contains("Label `tenant` has the most values: 1000"),
        "{warnings:?}"
    );
}

#[derive(MetricSet)]
#[metrics(namespace = "torrent")]
struct TorrentMetrics {
    /// Calls.
    calls_made_total: Counter<TenantLabels<'static>>,
}

/// Bytes of memory that the process has, as the system counts them.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    1024 * kilobytes
        .and_then(|text| text.parse::<usize>().ok())
        .expect("a number")
}

#[test]
fn a_million_values_of_threads_that_race_at_the_limit_are_no_more_than_those_of_one() {
    const THREADS: usize = 8;
    const CALLS: usize = 1_000_000;
    const TORRENT: TorrentMetrics = TorrentMetrics::METRICS;
    let logged = Lines::default();
    let call_all = |numbers: std::ops::Range<usize>| {
        let together = Barrier::new(THREADS);
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (together, numbers, logged) = (&together, numbers.clone(), logged.clone());
                scope.spawn(move || {
                    tracing::subscriber::with_default(logged, || {
                        together.wait();
                        let mut tenant = String::new();
                        for number in numbers.skip(thread).step_by(THREADS) {
                            tenant.clear();
                            let _ = write!(tenant, "t{number}");
                            let region = "eu";
                            let tenant = &tenant;
                            let labels = TenantLabels { region, tenant };
                            TORRENT.calls_made_total.with(labels).inc();
                        }
                    });
                });
            }
        });
    };
    // Enough for all threads to be at the limit together.
    call_all(0..16_000);
    let (in_use, before) = (IN_USE.load(Ordering::Relaxed), resident());
    call_all(16_000..CALLS);
    let in_use = IN_USE.load(Ordering::Relaxed).saturating_sub(in_use);
    let grown = resident().saturating_sub(before);
    // Kept, a million values would take a hundred times as much.
    assert!(in_use < 64 * 1024, "{in_use} bytes more");
    assert!(grown < 4 * 1024 * 1024, "{grown} bytes more");
    let now = Samples::read(&text::<TorrentMetrics>(Format::Text));
    let samples: Vec<_> = now.of("torrent_calls_made_total").collect();
    assert_eq!(samples.len(), 1001);
    let total: f64 = samples.iter().map(|(_, value)| value).sum();
    assert_eq!(total, 1_000_000.0);
    let other = now.get("torrent_calls_made_total{region=\"other\",tenant=\"other\"}");
    assert_eq!(other, Some(999_000.0));
    let warnings = logged.take();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].starts_with("WARN "), "{warnings:?}");
}

#[derive(Clone, Copy, LabelSet)]
struct RequestLabels<'a> {
    method: Method,
    #[label(max = 100, known = ["/", "/items/{id}"])]
    path: &'a str,
    status: StatusCode,
}

#[derive(MetricSet)]
#[metrics(namespace = "random")]
struct RandomMetrics {
    /// Requests.
    #[metric(max_series = 2000)]
    http_requests_total: Counter<RequestLabels<'static>>,
}

#[test]
fn random_methods_and_paths_leave_known_routes_exact() {
    const RANDOM: RandomMetrics = RandomMetrics::METRICS;
    let mut state = 1_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let record = |method: &str, path: &str, status| {
        let labels = RequestLabels {
            method: Method::from_name(method),
            path,
            status: StatusCode::new(status),
        };
        RANDOM.http_requests_total.with(labels).inc();
    };
    for _ in 0..10_000 {
        let (method, path) = (format!("{:X}", random()), format!("/{:x}", random()));
        let status = 100 + u16::try_from(random() % 500).expect("a status");
        record(&method, &path, status);
    }
    // Each of the known routes has every method and status, however many others came before.
    for method in ["GET", "PUT", "BREW"] {
        for status in 100..600 {
            record(method, "/items/{id}", status);
        }
    }
    let now = Samples::read(&text::<RandomMetrics>(Format::Text));
    let series: Vec<_> = now.of("random_http_requests_total").collect();
    assert!(series.len() <= 2001, "{} series", series.len());
    assert_eq!(series.iter().map(|(_, value)| value).sum::<f64>(), 11_500.0);
    let known = series
        .iter()
        .filter(|(series, _)| series.contains("path=\"/items/{id}\""));
    assert_eq!(known.map(|(_, value)| value).sum::<f64>(), 1500.0);
    for method in ["GET", "PUT", "other"] {
        let series = format!(
            "random_http_requests_total{{method=\"{method}\",path=\"/items/{{id}}\",status=\"404\"}}"
        );
        assert_eq!(now.get(&series), Some(1.0));
    }
}

#[derive(Clone, Copy, LabelSet)]
struct RouteLabels<'a> {
    method: Method,
    path: &'a str,
    status: StatusCode,
}

#[derive(MetricSet)]
#[metrics(namespace = "sparse")]
struct SparseMetrics {
    /// Requests.
    #[metric(max_series = 50_000)]
    http_requests_total: Counter<RouteLabels<'static>>,
}

#[test]
fn a_wide_closed_part_takes_memory_for_what_is_touched() {
    const SPARSE: SparseMetrics = SparseMetrics::METRICS;
    let record = |method, path: usize, status| {
        let path = format!("/{path}");
        let labels = RouteLabels {
            method,
            path: &path,
            status,
        };
        SPARSE.http_requests_total.with(labels).inc();
    };
    // The table itself.
    record(Method::Get, 0, StatusCode::OK);
    let kept = |work: &dyn Fn(usize)| {
        let before = KEPT.get();
        (1..=1000).for_each(work);
        (KEPT.get() - before) / 1000
    };
    // There are 640 combinations, the numbers of which would be 2,560 bytes. One costs its chunk of 64.
    let bytes = kept(&|path| record(Method::Get, path, StatusCode::OK));
    assert!(bytes < 600, "{bytes} bytes for a path");
    let bytes = kept(&|path| {
        for status in [StatusCode::CREATED, StatusCode::NOT_FOUND] {
            record(Method::Get, path, status);
        }
    });
    assert!(bytes < 300, "{bytes} bytes for two more statuses of a path");
    let bytes = kept(&|path| record(Method::Put, path, StatusCode::OK));
    assert!(bytes < 600, "{bytes} bytes for another method of a path");
    let now = Samples::read(&text::<SparseMetrics>(Format::Text));
    assert_eq!(now.of("sparse_http_requests_total").count(), 4001);
}

#[derive(MetricSet)]
#[metrics(namespace = "unicode")]
struct UnicodeMetrics {
    /// Pages.
    #[metric(max_series = 2000)]
    pages_shown_total: Counter<PageLabels<'static>>,
}

#[test]
fn any_value_is_itself_after_the_strict_parser() {
    let mut runner = TestRunner::deterministic();
    let any = proptest::arbitrary::any::<String>();
    let special = "[\\\\\"\n\r\t\u{0}\u{1b}\u{2028}\u{202e}n🦀{}=, ]{0,20}";
    let mut values = Vec::new();
    for _ in 0..500 {
        values.push(any.new_tree(&mut runner).expect("a text").current());
        values.push(special.new_tree(&mut runner).expect("a text").current());
    }
    values.retain(|value| value.len() <= 256);
    let mut seen = Vec::new();
    for value in &values {
        let labels = PageLabels { path: value };
        UnicodeMetrics::METRICS.pages_shown_total.with(labels).inc();
        if !seen.contains(value) {
            seen.push(value.clone());
        }
    }
    let body = text::<UnicodeMetrics>(Format::OpenMetrics);
    assert_eq!(judge::strict_parser(body.as_bytes()), Ok(()));
    assert_eq!(
        judge::label_values(body.as_bytes(), "path", "unicode_pages_shown"),
        seen
    );
    assert_eq!(
        judge::promtool(text::<UnicodeMetrics>(Format::Text).as_bytes()),
        Ok(())
    );
}

#[test]
fn literals_of_two_crates_and_a_value_at_run_time_are_one_series_to_a_pushgateway() {
    let path = black_box(String::from("/items/{id}"));
    for _ in 0..2 {
        show_item();
        series!(
            SharedMetrics::METRICS.pages_shown_total,
            PageLabels {
                path: "/items/{id}"
            }
        )
        .inc();
        SharedMetrics::METRICS
            .pages_shown_total
            .with(PageLabels { path: &path })
            .inc();
    }
    let body = text::<SharedMetrics>(Format::Text);
    assert_eq!(body.matches("path=\"/items/{id}\"").count(), 1, "{body}");
    assert!(
        body.contains("shared_pages_shown_total{path=\"/items/{id}\"} 6\n"),
        "{body}"
    );
    let pushgateway = Pushgateway::start();
    assert_eq!(judge::push(&pushgateway, "shared", body.as_bytes()), Ok(()));
    // Twice the series is what it refuses.
    let line = "shared_pages_shown_total{path=\"/items/{id}\"} 6\n";
    let doubled = body.replace(line, &line.repeat(2));
    assert!(judge::push(&pushgateway, "doubled", doubled.as_bytes()).is_err());
}
