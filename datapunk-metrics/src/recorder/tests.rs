use std::thread;

use ::metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
    with_local_recorder,
};

use super::*;
use crate::MetricSet;
use crate::encode::{Format, encode};
use crate::foreign::Reason;

/// What `record` records, as text, without what the recorder counts about itself.
fn recorded(recorder: &Recorder, record: impl FnOnce()) -> String {
    let text = all(recorder, record);
    let ours = |line: &&str| !line.contains("datapunk_metrics_");
    text.lines()
        .filter(ours)
        .flat_map(|line| [line, "\n"])
        .collect()
}

fn all(recorder: &Recorder, record: impl FnOnce()) -> String {
    with_local_recorder(recorder, record);
    let registry = Registry::new();
    assert_eq!(recorder.attach(&registry), []);
    encode(&registry, Format::Text).unwrap()
}

#[test]
fn every_kind_is_shown_with_its_description_and_unit() {
    let text = recorded(&Recorder::new(), || {
        describe_counter!("jobs.done", Unit::Count, "Jobs done.");
        describe_gauge!("pool.size", Unit::Bytes, "Size of the pool.");
        describe_histogram!("wait_seconds", Unit::Seconds, "Time of a wait.");
        counter!("jobs.done", "kind" => "a \"b\"\n").increment(2);
        counter!("jobs.done", "kind" => "c").absolute(7);
        counter!("jobs.done", "kind" => "c").absolute(5);
        let size = gauge!("pool.size");
        size.set(3.5);
        size.increment(2.0);
        size.decrement(1.5);
        let _never_set = gauge!("never_set");
        let wait = histogram!("wait_seconds");
        wait.record(0.05);
        wait.record_many(2.0, 2);
        wait.record(f64::NAN);
    });
    assert_eq!(
        text,
        "# HELP jobs_done_total Jobs done.\n\
         # TYPE jobs_done_total counter\n\
         jobs_done_total{kind=\"a \\\"b\\\"\\n\"} 2\n\
         jobs_done_total{kind=\"c\"} 7\n\
         # HELP never_set Recorded as `never_set`, without a description.\n\
         # TYPE never_set gauge\n\
         # HELP pool_size Size of the pool. Unit: bytes.\n\
         # TYPE pool_size gauge\n\
         pool_size 4\n\
         # HELP wait_seconds Time of a wait.\n\
         # TYPE wait_seconds histogram\n\
         wait_seconds_bucket{le=\"0.001\"} 0\n\
         wait_seconds_bucket{le=\"0.005\"} 0\n\
         wait_seconds_bucket{le=\"0.01\"} 0\n\
         wait_seconds_bucket{le=\"0.05\"} 1\n\
         wait_seconds_bucket{le=\"0.1\"} 1\n\
         wait_seconds_bucket{le=\"0.5\"} 1\n\
         wait_seconds_bucket{le=\"1\"} 1\n\
         wait_seconds_bucket{le=\"5\"} 3\n\
         wait_seconds_bucket{le=\"+Inf\"} 3\n\
         wait_seconds_sum 4.05\n\
         wait_seconds_count 3\n"
    );
}

#[test]
fn what_is_not_recorded_is_counted_by_metric() {
    let text = all(&Recorder::new(), || {
        histogram!("wait_seconds").record(f64::INFINITY);
    });
    for line in [
        "datapunk_metrics_refused_samples_total{metric=\"wait_seconds\"} 1\n",
        "datapunk_metrics_series_current{metric=\"wait_seconds\"} 1\n",
        "datapunk_metrics_series_limit_current{metric=\"wait_seconds\"} 1000\n",
        "datapunk_metrics_folded_samples_total{metric=\"wait_seconds\"} 0\n",
    ] {
        assert!(text.contains(line), "{line}is not in\n{text}");
    }
}

/// The samples of a metric: what stands in its braces, and its value.
fn samples<'a>(text: &'a str, metric: &str) -> Vec<(&'a str, &'a str)> {
    let of_metric = |line: &'a str| {
        line.strip_prefix(metric)?
            .strip_prefix('{')?
            .rsplit_once("} ")
    };
    text.lines().filter_map(of_metric).collect()
}

#[test]
fn series_beyond_the_limit_are_one() {
    let recorder = Recorder::builder().max_series(3).build().unwrap();
    let text = all(&recorder, || {
        for path in 0..10 {
            let path = path.to_string();
            counter!("hits_total", "path" => path.clone()).increment(10);
            // What is known already stays itself.
            counter!("hits_total", "path" => "1").increment(1);
            gauge!("size", "path" => path.clone()).set(1.0);
            histogram!("time", "path" => path).record(0.5);
        }
        counter!("hits_total", "path" => "9").absolute(1_000_000);
    });
    let hits = [
        ("path=\"0\"", "10"),
        ("path=\"1\"", "20"),
        ("path=\"2\"", "10"),
        ("path=\"other\"", "70"),
    ];
    assert_eq!(samples(&text, "hits_total"), hits, "{text}");
    assert_eq!(samples(&text, "size").len(), 3);
    assert!(text.contains("time_count{path=\"other\"} 7\n"), "{text}");
    for line in [
        "datapunk_metrics_folded_samples_total{metric=\"hits_total\"} 7\n",
        "datapunk_metrics_folded_samples_total{metric=\"time\"} 7\n",
        "datapunk_metrics_refused_samples_total{metric=\"size\"} 7\n",
        "datapunk_metrics_refused_samples_total{metric=\"hits_total\"} 1\n",
        "datapunk_metrics_series_current{metric=\"size\"} 3\n",
    ] {
        assert!(text.contains(line), "{line}is not in\n{text}");
    }
}

#[test]
fn the_series_beyond_the_limit_is_a_real_one_of_that_value() {
    let recorder = Recorder::builder().max_series(1).build().unwrap();
    let text = recorded(&recorder, || {
        for path in ["other", "a", "b"] {
            counter!("hits_total", "path" => path).increment(1);
        }
    });
    assert_eq!(samples(&text, "hits_total"), [("path=\"other\"", "3")]);
}

#[test]
fn any_number_of_values_are_a_thousand_series_and_the_total_is_exact() {
    let recorder = Recorder::new();
    let text = recorded(&recorder, || {
        for value in 0..20_000_u32 {
            counter!("flood_total", "value" => value.to_string()).increment(1);
        }
    });
    let samples = samples(&text, "flood_total");
    assert_eq!(samples.len(), 1001);
    let total: u64 = samples
        .iter()
        .map(|(_, value)| value.parse::<u64>().unwrap())
        .sum();
    assert_eq!(total, 20_000);
}

#[test]
fn labels_that_name_a_person_are_left_out_and_told() {
    let recorder = Recorder::new();
    let dropped = RECORDER
        .recorder_labels_dropped_total
        .with(LabelFaultLabels {
            reason: LabelFault::PersonalData,
        });
    let before = dropped.get();
    let text = recorded(&recorder, || {
        for user in ["ann", "bob"] {
            counter!("logins_total", "user_id" => user, "way" => "web").increment(1);
        }
    });
    assert_eq!(samples(&text, "logins_total"), [("way=\"web\"", "2")]);
    assert_eq!(dropped.get(), before + 2);
    let told: Vec<String> = recorder.changes().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["label `user_id` of metric `logins_total` is left out: it names a person or a secret"]
    );
}

#[test]
fn two_names_that_become_one_are_one_metric_of_one_kind() {
    let recorder = Recorder::new();
    let refused = RECORDER
        .recorder_metrics_refused_total
        .with(MetricFaultLabels {
            reason: MetricFault::OtherKind,
        });
    let before = refused.get();
    let text = recorded(&recorder, || {
        counter!("a.b").increment(1);
        counter!("a_b").increment(2);
        counter!("a_b_total").increment(4);
        gauge!("a.b").set(9.0);
        gauge!("a_b_total").set(9.0);
    });
    assert!(text.contains("\na_b_total 7\n"), "{text}");
    assert_eq!(text.matches("a_b").count(), 3, "{text}");
    // One is the name of the counter as it is recorded, the other as it is exposed.
    assert_eq!(refused.get(), before + 2);
    let told: Vec<String> = recorder.changes().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "metric `a.b` is exposed as `a_b_total`",
            "metric `a_b` is exposed as `a_b_total`"
        ]
    );
}

#[test]
fn metrics_are_limited_too() {
    let recorder = Recorder::builder().max_metrics(2).build().unwrap();
    let text = recorded(&recorder, || {
        for metric in ["first", "second", "third"] {
            gauge!(metric).set(1.0);
        }
    });
    assert!(
        text.contains("\nsecond 1\n") && !text.contains("third"),
        "{text}"
    );
}

/// Metrics of a lighthouse.
#[derive(MetricSet)]
#[metrics(namespace = "lighthouse", crate = crate)]
struct LighthouseMetrics {
    /// Turns of the lamp.
    turns_total: crate::Counter,
}

#[test]
fn a_name_that_a_set_declares_is_the_sets() {
    let recorder = Recorder::new();
    let registry = Registry::new();
    registry.register::<LighthouseMetrics>().unwrap();
    with_local_recorder(&recorder, || {
        counter!("lighthouse.turns").increment(5);
        gauge!("lighthouse_storms").set(1.0);
    });
    let left_out = recorder.attach(&registry);
    assert_eq!(left_out.len(), 1);
    assert_eq!(
        (left_out[0].metric(), left_out[0].reason()),
        ("lighthouse_turns_total", Reason::Taken)
    );
    let text = encode(&registry, Format::OpenMetrics).unwrap();
    assert_eq!(text.matches("\nlighthouse_turns_total ").count(), 1);
    assert!(text.contains("\nlighthouse_turns_total 0\n"));
    assert!(text.contains("\nlighthouse_storms 1\n"));
}

#[test]
fn buckets_follow_the_unit_or_the_name_unless_they_are_given() {
    let recorder = Recorder::builder().buckets("own", &[7.0]).build().unwrap();
    let text = recorded(&recorder, || {
        describe_histogram!("time", Unit::Milliseconds, "Time.");
        for metric in ["own", "time", "load_ratio", "body.bytes", "score"] {
            histogram!(metric).record(1.0);
        }
    });
    let bounds = |metric: &str| -> Vec<String> {
        let name = format!("{metric}_bucket{{le=\"");
        let bound = |line: &str| Some(line.strip_prefix(&name)?.split_once('"')?.0.to_owned());
        text.lines().filter_map(bound).collect()
    };
    assert_eq!(bounds("own"), ["7", "+Inf"]);
    assert_eq!(
        bounds("time"),
        ["1", "5", "10", "50", "100", "500", "1000", "5000", "+Inf"]
    );
    assert_eq!(bounds("load_ratio").len(), 11);
    assert_eq!(bounds("body_bytes")[0], "256");
    assert_eq!(bounds("score").first().map(String::as_str), Some("0.001"));

    let error = Recorder::builder()
        .buckets("own", &[2.0, 1.0])
        .build()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "histogram `own`: bucket bound `1.0` is below the bound before it, `2.0`"
    );
}

#[test]
fn nothing_is_lost_between_threads() {
    let recorder = Recorder::builder().max_series(5).build().unwrap();
    let record = || {
        with_local_recorder(&recorder, || {
            for at in 0..20_000_u32 {
                counter!("shared_total", "at" => (at % 10).to_string()).increment(1);
                histogram!("shared_time").record(0.5);
            }
        });
    };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(record);
        }
    });
    let text = recorded(&recorder, || {});
    let samples = samples(&text, "shared_total");
    assert_eq!(samples.len(), 6);
    let total: u64 = samples
        .iter()
        .map(|(_, value)| value.parse::<u64>().unwrap())
        .sum();
    assert_eq!(total, 80_000);
    assert!(
        text.contains("shared_time_sum 40000\nshared_time_count 80000\n"),
        "{text}"
    );
}

#[test]
fn the_limits_are_those_of_the_page() {
    use crate::limits_page::limit_of;

    let config = Config::default();
    assert_eq!((config.max_series, config.max_metrics), (1000, 1000));
    assert_eq!(
        limit_of("series of a metric of the facade `metrics`"),
        "1,000, and one more"
    );
    assert_eq!(limit_of("metrics of the facade"), "1,000");
    assert_eq!(names::LONGEST_VALUE, 256);
    assert_eq!(limit_of("a label value of the facade"), "256 bytes");
    assert_eq!(MOST_CHANGES, 1000);
    assert_eq!(limit_of("changes that `Recorder::changes` tells"), "1,000");
}
