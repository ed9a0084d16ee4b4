//! The standard's metrics: what a program exposes of them, and that their names are those of the standard.

#[path = "standard/table.rs"]
mod table;

use std::time::Duration;

use datapunk_metrics::encode::{Format, encode};
use datapunk_metrics::{
    Counter, Histogram, LabelValue, MetricSet, Registry, Seconds, registry, standard, standard_set,
};

/// A set of a library, exposed where it is asked for.
#[derive(MetricSet)]
#[metrics(namespace = "vault", unlinked)]
struct VaultMetrics {
    /// Doors opened.
    doors_opened_total: Counter,
}

/// A set that holds it. The crate of the set may be any.
#[derive(MetricSet)]
#[metrics(namespace = "bank", unlinked)]
struct BankMetrics {
    /// Visitors let in.
    visitors_admitted_total: Counter,
    vault: VaultMetrics,
}

/// A set of the program with a name that the library's has.
mod of_the_program {
    use datapunk_metrics::{Counter, MetricSet};

    #[derive(MetricSet)]
    #[metrics(namespace = "vault")]
    pub(super) struct OwnMetrics {
        /// Doors opened in another sense.
        pub(super) doors_opened_total: Counter,
    }
}

fn text(registry: &Registry) -> String {
    encode(registry, Format::Text).expect("nothing is read at scrape time")
}

#[test]
fn an_unlinked_set_is_exposed_only_where_it_is_asked_for() {
    of_the_program::OwnMetrics::METRICS
        .doors_opened_total
        .add(3);
    VaultMetrics::METRICS.doors_opened_total.inc();
    let program = registry().expect("the unlinked set does not clash");
    let text_of_program = text(program);
    assert!(
        text_of_program.contains("\nvault_doors_opened_total 3\n"),
        "{text_of_program}"
    );
    assert!(!text_of_program.contains("bank_"));

    let own = Registry::new();
    own.register::<BankMetrics>().expect("it does not clash");
    let text_of_own = text(&own);
    assert!(
        text_of_own.contains("\nvault_doors_opened_total 1\n"),
        "{text_of_own}"
    );
    assert!(text_of_own.contains("\nbank_visitors_admitted_total 0\n"));

    let error = program
        .register::<BankMetrics>()
        .expect_err("both in one registry clash");
    assert_eq!(error.first().0, "vault_doors_opened_total");
    assert_eq!(error.second().0, "vault_doors_opened_total");
    assert!(
        !text(program).contains("bank_"),
        "nothing of a set that clashes is added"
    );
}

/// Sets that nobody asks for.
#[derive(MetricSet)]
#[metrics(namespace = "attic", unlinked)]
struct AtticMetrics {
    /// Boxes opened.
    boxes_opened_total: Counter,
    /// Boxes that are heavy.
    heavy_boxes_total: Counter<(), f64>,
    /// Boxes that nobody opened.
    dusty_boxes_total: Counter,
    /// Time taken by a box.
    box_duration_seconds: Histogram<Seconds>,
}

#[test]
fn a_set_that_is_recorded_and_that_nobody_asked_for_is_told() {
    let program = registry().expect("no sets clash");
    let told = |program: &Registry| -> Vec<String> {
        let problems = program.self_check(&[]).into_iter();
        let problems = problems.map(|problem| problem.to_string());
        problems.filter(|text| text.contains("`attic_")).collect()
    };
    assert!(told(program).is_empty(), "nobody has recorded it");
    for _ in 0..3 {
        AtticMetrics::METRICS.boxes_opened_total.inc();
    }
    std::thread::spawn(|| AtticMetrics::METRICS.heavy_boxes_total.add(0.5))
        .join()
        .expect("it does not panic");
    AtticMetrics::METRICS
        .box_duration_seconds
        .observe(Duration::from_secs(1));
    let mut problems = told(program);
    problems.sort();
    let names = [
        "attic_box_duration_seconds",
        "attic_boxes_opened_total",
        "attic_heavy_boxes_total",
    ];
    assert_eq!(problems.len(), names.len(), "{problems:?}");
    for (problem, name) in problems.iter().zip(names) {
        let begins = format!(
            "metric `{name}` is recorded and in no registry\nnote: it is declared at tests/standard.rs:"
        );
        assert!(problem.starts_with(&begins), "{problem}");
        assert!(problem.contains("\nhelp: "), "{problem}");
    }

    // What was recorded before is there, and nothing is wrong any more.
    let own = registry_of::<AtticMetrics>();
    assert!(text(&own).contains("\nattic_boxes_opened_total 3\n"));
    assert!(told(program).is_empty());
}

#[derive(Clone, Copy, LabelValue)]
enum Name {
    First,
    Second,
}

standard_set! {
    /// Caches.
    struct Caches: CacheMetrics { cache: Name }
}
standard_set! {
    /// Breakers.
    struct Breakers: BreakerMetrics { upstream: Name }
}
standard_set! {
    /// Retries.
    struct Retries: RetryMetrics { operation: Name }
}
standard_set! {
    /// Logins.
    struct Logins: AuthMetrics { method: Name, reason: Name }
}
standard_set! {
    /// Jobs.
    struct Jobs: EtlMetrics { etl_job: Name }
}
standard_set! {
    /// Lags.
    struct Lags: LagMetrics { topic: Name, partition: Name }
}

/// The samples of an exposition.
fn samples(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.starts_with("datapunk_"))
        .collect()
}

fn registry_of<S: MetricSet>() -> Registry {
    let registry = Registry::new();
    registry.register::<S>().expect("one set does not clash");
    registry
}

#[test]
fn a_closed_set_is_there_from_the_first_scrape_and_is_filled_by_its_recorders() {
    let registry = registry_of::<Caches>();
    let before = text(&registry);
    assert_eq!(
        samples(&before),
        [
            "cache_evictions_total{cache=\"first\"} 0",
            "cache_evictions_total{cache=\"second\"} 0",
            "cache_requests_total{cache=\"first\",result=\"hit\"} 0",
            "cache_requests_total{cache=\"first\",result=\"miss\"} 0",
            "cache_requests_total{cache=\"second\",result=\"hit\"} 0",
            "cache_requests_total{cache=\"second\",result=\"miss\"} 0",
        ]
    );
    let caches = Caches::METRICS;
    (0..3).for_each(|_| caches.hit(Name::First));
    caches.miss(Name::First);
    caches.evicted(Name::Second);
    let after = text(&registry);
    for line in [
        "cache_evictions_total{cache=\"second\"} 1",
        "cache_hit_ratio{cache=\"first\"} 0.75",
        "cache_requests_total{cache=\"first\",result=\"hit\"} 3",
        "cache_requests_total{cache=\"first\",result=\"miss\"} 1",
        "cache_requests_total{cache=\"second\",result=\"hit\"} 0",
    ] {
        assert!(samples(&after).contains(&line), "no `{line}` in:\n{after}");
    }
    assert!(
        !after.contains("cache_hit_ratio{cache=\"second\"}"),
        "no look-ups, no ratio"
    );
}

type Recorder<S> = fn(S, Name);

#[test]
fn states_start_as_declared_and_follow_their_recorders() {
    let breakers = registry_of::<Breakers>();
    let state = |state| {
        ["first", "second"]
            .map(|name| format!("circuit_breaker_state{{upstream=\"{name}\"}} {state}"))
    };
    assert_eq!(samples(&text(&breakers)), state(2), "closed");
    let recorders: [(Recorder<Breakers>, i32); 3] = [
        (Breakers::open, 0),
        (Breakers::half_open, 1),
        (Breakers::closed, 2),
    ];
    for (record, number) in recorders {
        record(Breakers::METRICS, Name::First);
        record(Breakers::METRICS, Name::Second);
        assert_eq!(samples(&text(&breakers)), state(number));
    }

    let jobs = registry_of::<Jobs>();
    assert!(
        samples(&text(&jobs)).is_empty(),
        "a job that has not run has no state"
    );
    let recorders: [(Recorder<Jobs>, i32); 3] =
        [(Jobs::running, 2), (Jobs::succeeded, 1), (Jobs::failed, 0)];
    for (record, number) in recorders {
        record(Jobs::METRICS, Name::Second);
        assert_eq!(
            samples(&text(&jobs)),
            [format!("etl_job_status{{etl_job=\"second\"}} {number}")]
        );
    }
}

#[test]
fn retries_logins_and_lags_are_recorded_by_name() {
    Retries::METRICS.attempt(Name::Second);
    assert_eq!(
        samples(&text(&registry_of::<Retries>())),
        [
            "retry_attempts_total{operation=\"first\"} 0",
            "retry_attempts_total{operation=\"second\"} 1",
        ]
    );
    Logins::METRICS.attempt(Name::First);
    Logins::METRICS.failure(Name::First, Name::Second);
    assert_eq!(
        samples(&text(&registry_of::<Logins>())),
        [
            "auth_attempts_total{method=\"first\"} 1",
            "auth_attempts_total{method=\"second\"} 0",
            "auth_failures_total{method=\"first\",reason=\"first\"} 0",
            "auth_failures_total{method=\"first\",reason=\"second\"} 1",
            "auth_failures_total{method=\"second\",reason=\"first\"} 0",
            "auth_failures_total{method=\"second\",reason=\"second\"} 0",
        ]
    );
    Lags::METRICS.lag(Name::First, Name::Second, Duration::from_millis(1500));
    assert_eq!(
        samples(&text(&registry_of::<Lags>())),
        ["stream_lag_seconds{topic=\"first\",partition=\"second\"} 1.5"]
    );
}

#[test]
fn an_open_set_takes_any_value_and_shows_what_was_recorded() {
    let registry = registry_of::<standard::CacheMetrics>();
    let caches = standard::CacheMetrics::METRICS;
    let name = String::from("users");
    caches.hit(&name);
    caches.hit("users");
    caches.miss("sessions");
    caches.evicted(&name);
    let page = text(&registry);
    for line in [
        "cache_evictions_total{cache=\"users\"} 1",
        "cache_hit_ratio{cache=\"users\"} 1",
        "cache_hit_ratio{cache=\"sessions\"} 0",
        "cache_requests_total{cache=\"users\",result=\"hit\"} 2",
        "cache_requests_total{cache=\"sessions\",result=\"miss\"} 1",
    ] {
        assert!(samples(&page).contains(&line), "no `{line}` in:\n{page}");
    }
    let registry = registry_of::<standard::BreakerMetrics>();
    standard::BreakerMetrics::METRICS.half_open("payments");
    assert_eq!(
        samples(&text(&registry)),
        ["circuit_breaker_state{upstream=\"payments\"} 1"]
    );
    standard::BreakerMetrics::METRICS.closed("payments");
    assert_eq!(
        samples(&text(&registry)),
        ["circuit_breaker_state{upstream=\"payments\"} 2"]
    );
}

#[test]
fn the_sets_that_are_not_asked_for_are_not_there() {
    let registry = registry().expect("no sets clash");
    let names: Vec<&str> = registry
        .sets()
        .iter()
        .filter(|set| {
            set.location
                .module
                .starts_with("datapunk_metrics::standard")
        })
        .map(|set| set.name)
        .collect();
    assert_eq!(names, Vec::<&str>::new());
}
