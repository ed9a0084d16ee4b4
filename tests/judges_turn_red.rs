//! The judges themselves: a good body passes all four, and one broken body per family of faults turns the judges red
//! that are known to see that fault. A judge that no longer runs, or no longer looks, fails here.

use support::judge::{self, FixedBody, OPEN_METRICS, TEXT, Verdict};
use support::server::{Prometheus, Pushgateway};

const GOOD_TEXT: &str = "\
# HELP lake_reads_total Reads, by outcome.
# TYPE lake_reads_total counter
lake_reads_total{outcome=\"ok\"} 3
lake_reads_total{outcome=\"error\"} 0
# HELP lake_read_duration_seconds Time taken by a read.
# TYPE lake_read_duration_seconds histogram
lake_read_duration_seconds_bucket{le=\"0.1\"} 2
lake_read_duration_seconds_bucket{le=\"+Inf\"} 3
lake_read_duration_seconds_sum 0.75
lake_read_duration_seconds_count 3
";

const GOOD_OPEN_METRICS: &str = "\
# HELP lake_reads Reads, by outcome.
# TYPE lake_reads counter
lake_reads_total{outcome=\"ok\"} 3
lake_reads_total{outcome=\"error\"} 0
# HELP lake_read_duration_seconds Time taken by a read.
# TYPE lake_read_duration_seconds histogram
# UNIT lake_read_duration_seconds seconds
lake_read_duration_seconds_bucket{le=\"0.1\"} 2
lake_read_duration_seconds_bucket{le=\"+Inf\"} 3
lake_read_duration_seconds_sum 0.75
lake_read_duration_seconds_count 3
# EOF
";

/// `good` with `from` written as `to`; the fault has to be where it is meant to be.
fn broken(good: &str, from: &str, to: &str) -> String {
    assert_eq!(
        good.matches(from).count(),
        1,
        "`{from}` is not in the body exactly once"
    );
    good.replace(from, to)
}

fn red(judge: &str, fault: &str, verdict: &Verdict) {
    assert!(
        verdict.is_err(),
        "{judge} passes a body with this fault: {fault}"
    );
}

fn green(judge: &str, verdict: Verdict) {
    if let Err(reason) = verdict {
        panic!("{judge} refuses a good body: {reason}");
    }
}

#[test]
fn the_strict_parser_turns_red() {
    green(
        "the strict parser",
        judge::strict_parser(GOOD_OPEN_METRICS.as_bytes()),
    );
    let long = "x".repeat(129);
    let exemplar = format!("le=\"+Inf\"}} 3 # {{trace_id=\"{long}\"}} 0.5\n");
    let faults = [
        (
            "buckets not cumulative",
            broken(GOOD_OPEN_METRICS, "le=\"0.1\"} 2", "le=\"0.1\"} 4"),
        ),
        (
            "a sum that is not a number",
            broken(GOOD_OPEN_METRICS, "sum 0.75", "sum NaN"),
        ),
        (
            "a negative counter",
            broken(GOOD_OPEN_METRICS, "\"ok\"} 3", "\"ok\"} -3"),
        ),
        (
            "a counter without _total",
            broken(
                GOOD_OPEN_METRICS,
                "lake_reads_total{outcome=\"ok\"}",
                "lake_reads{outcome=\"ok\"}",
            ),
        ),
        (
            "an exemplar over 128 characters",
            broken(GOOD_OPEN_METRICS, "le=\"+Inf\"} 3\n", &exemplar),
        ),
        ("no EOF", broken(GOOD_OPEN_METRICS, "# EOF\n", "")),
        (
            "a family in two parts",
            broken(
                GOOD_OPEN_METRICS,
                "# EOF\n",
                "# TYPE lake_reads counter\nlake_reads_total{outcome=\"late\"} 1\n# EOF\n",
            ),
        ),
    ];
    for (fault, body) in faults {
        red(
            "the strict parser",
            fault,
            &judge::strict_parser(body.as_bytes()),
        );
    }
}

#[test]
fn promtool_turns_red() {
    green("promtool", judge::promtool(GOOD_TEXT.as_bytes()));
    let mut bad_utf8 = GOOD_TEXT.as_bytes().to_vec();
    let at = GOOD_TEXT.find("error\"").expect("the label value is there");
    bad_utf8[at] = 0xff;
    let faults = [
        ("no final newline", GOOD_TEXT.trim_end().as_bytes().to_vec()),
        ("bad UTF-8 in a label value", bad_utf8),
        ("TYPE repeated", format!("{GOOD_TEXT}# TYPE lake_reads_total counter\nlake_reads_total{{outcome=\"late\"}} 1\n").into_bytes()),
        ("lint: a counter without _total", GOOD_TEXT.replace("lake_reads_total", "lake_reads").into_bytes()),
        ("lint: no help", broken(GOOD_TEXT, "# HELP lake_reads_total Reads, by outcome.\n", "").into_bytes()),
    ];
    for (fault, body) in faults {
        red("promtool", fault, &judge::promtool(&body));
    }
}

#[test]
fn a_scrape_turns_red() {
    let mut bad_utf8 = GOOD_TEXT.as_bytes().to_vec();
    let at = GOOD_TEXT.find("error\"").expect("the label value is there");
    bad_utf8[at] = 0xff;
    let good_text = FixedBody::serve(TEXT, GOOD_TEXT.as_bytes());
    let good_open_metrics = FixedBody::serve(OPEN_METRICS, GOOD_OPEN_METRICS.as_bytes());
    let no_eof = FixedBody::serve(
        OPEN_METRICS,
        broken(GOOD_OPEN_METRICS, "# EOF\n", "").as_bytes(),
    );
    let bad_utf8 = FixedBody::serve(TEXT, &bad_utf8);
    let targets = [&good_text, &good_open_metrics, &no_eof, &bad_utf8].map(FixedBody::target);
    let mut prometheus = Prometheus::scraping(&targets);
    green(
        "a scrape of text",
        judge::scrape(&mut prometheus, &targets[0]),
    );
    green(
        "a scrape of OpenMetrics",
        judge::scrape(&mut prometheus, &targets[1]),
    );
    red(
        "a scrape",
        "no EOF",
        &judge::scrape(&mut prometheus, &targets[2]),
    );
    red(
        "a scrape",
        "bad UTF-8 in a label value",
        &judge::scrape(&mut prometheus, &targets[3]),
    );
}

#[test]
fn the_pushgateway_turns_red() {
    let pushgateway = Pushgateway::start();
    green(
        "the Pushgateway",
        judge::push(&pushgateway, "good", GOOD_TEXT.as_bytes()),
    );
    let mut bad_utf8 = GOOD_TEXT.as_bytes().to_vec();
    let at = GOOD_TEXT.find("error\"").expect("the label value is there");
    bad_utf8[at] = 0xff;
    let faults = [
        ("duplicate series", broken(GOOD_TEXT, "outcome=\"error\"} 0", "outcome=\"ok\"} 0").into_bytes()),
        ("no final newline", GOOD_TEXT.trim_end().as_bytes().to_vec()),
        ("bad UTF-8 in a label value", bad_utf8),
        ("TYPE repeated", format!("{GOOD_TEXT}# TYPE lake_reads_total counter\nlake_reads_total{{outcome=\"late\"}} 1\n").into_bytes()),
    ];
    for (fault, body) in faults {
        red(
            "the Pushgateway",
            fault,
            &judge::push(&pushgateway, "faulty", &body),
        );
    }
}
