//! What a failing assertion says.

use std::sync::Mutex;
use std::thread;

use datapunk_metrics::testing::{Snapshot, assert_metric};
use datapunk_metrics::{
    Bytes, Counter, Gauge, Histogram, LabelSet, LabelValue, MetricSet, Outcome, Registry, State,
    StateValue, StatusClass, StatusCode,
};

use crate::{Labels, Operation, READ_OK, WRITE_ERROR, WRITE_OK, failure, registry_of, snapshot};

#[test]
fn a_wrong_value_shows_both_values_and_the_nearest_series() {
    #[derive(MetricSet)]
    #[metrics(namespace = "store")]
    struct Store {
        /// Operations.
        operations_total: Counter<Labels>,
        /// Operations that wait.
        waiting_current: Gauge,
    }
    let registry = registry_of::<Store>();
    assert_metric!(in registry, "store_operations_total", WRITE_OK, == 0);
    assert_eq!(
        failure(|| assert_metric!(in registry, "store_operations_total", WRITE_OK, == 3)),
        "`store_operations_total{operation=\"write\",status=\"ok\"}` is 0, expected 3\n\
         note: all other series of this metric are 0"
    );
    Store::METRICS.operations_total.with(READ_OK).add(5);
    Store::METRICS.operations_total.with(WRITE_ERROR).add(2);
    Store::METRICS
        .operations_total
        .with(Labels {
            operation: Operation::Read,
            status: Outcome::Cancelled,
        })
        .inc();
    assert_eq!(
        failure(|| assert_metric!(in registry, "store_operations_total", WRITE_OK, >= 1)),
        "`store_operations_total{operation=\"write\",status=\"ok\"}` is 0, expected at least 1\n\
         note: other series of this metric that are not 0:\n      \
         store_operations_total{operation=\"read\",status=\"ok\"} 5\n      \
         store_operations_total{operation=\"write\",status=\"error\"} 2\n      \
         store_operations_total{operation=\"read\",status=\"cancelled\"} 1"
    );
    // A metric with one series has none beside it.
    Store::METRICS.waiting_current.set(4);
    assert_eq!(
        failure(|| assert_metric!(in registry, "store_waiting_current", (), absent)),
        "`store_waiting_current` is 4, expected it to be absent"
    );
}

#[test]
fn every_comparison_holds_and_fails_where_it_must() {
    #[derive(MetricSet)]
    #[metrics(namespace = "compared")]
    struct Compared {
        /// A temperature.
        room_celsius: Gauge<(), f64>,
    }
    let registry = registry_of::<Compared>();
    Compared::METRICS.room_celsius.set(2.5);
    assert_metric!(in registry, "compared_room_celsius", (), == 2.5);
    assert_metric!(in registry, "compared_room_celsius", (), != 2);
    assert_metric!(in registry, "compared_room_celsius", (), > 2_u64);
    assert_metric!(in registry, "compared_room_celsius", (), >= 2.5,);
    assert_metric!(in registry, "compared_room_celsius", (), < 3_usize);
    assert_metric!(in registry, "compared_room_celsius", (), <= 2.5_f32);
    let fails =
        |test: &dyn Fn()| failure(test).replace("`compared_room_celsius` is 2.5, expected ", "");
    assert_eq!(
        [
            fails(&|| assert_metric!(in registry, "compared_room_celsius", (), == 2)),
            fails(&|| assert_metric!(in registry, "compared_room_celsius", (), != 2.5)),
            fails(&|| assert_metric!(in registry, "compared_room_celsius", (), > 2.5)),
            fails(&|| assert_metric!(in registry, "compared_room_celsius", (), >= 3)),
            fails(&|| assert_metric!(in registry, "compared_room_celsius", (), < 2.5)),
            fails(&|| assert_metric!(in registry, "compared_room_celsius", (), <= -1)),
        ],
        [
            "2",
            "any value but 2.5",
            "more than 2.5",
            "at least 3",
            "less than 2.5",
            "at most -1"
        ]
    );
    // NaN is equal to nothing, and above and below nothing.
    Compared::METRICS.room_celsius.set(f64::NAN);
    assert_eq!(
        failure(|| assert_metric!(in registry, "compared_room_celsius", (), == f64::NAN)),
        "`compared_room_celsius` is NaN, expected NaN"
    );
    assert_metric!(in registry, "compared_room_celsius", (), != 1);
}

#[derive(MetricSet)]
#[metrics(namespace = "depot")]
struct Depot {
    /// Operations.
    #[metric(labels(region = "north"))]
    operations_total: Counter<Labels>,
    /// Sizes.
    #[metric(buckets = [1, 2_000_000])]
    object_size_bytes: Histogram<Bytes>,
}

/// What is said of a series that does not exist.
#[track_caller]
fn said(name: &str, labels: &[(&str, &str)]) -> String {
    let found = snapshot(&registry_of::<Depot>()).find(name, labels);
    found.expect_err("it exists").to_string()
}

#[test]
fn a_metric_that_does_not_exist_is_named_with_the_nearest_that_does() {
    let complete = [("operation", "write"), ("status", "ok")];
    assert_eq!(
        said("depot_operation_total", &complete),
        "no metric is named `depot_operation_total`\n\
         help: a metric with a similar name exists: `depot_operations_total`\n\
         note: its series are:\n      \
         depot_operations_total{region=\"north\",operation=\"read\",status=\"ok\"} 0\n      \
         depot_operations_total{region=\"north\",operation=\"read\",status=\"error\"} 0\n      \
         depot_operations_total{region=\"north\",operation=\"read\",status=\"panicked\"} 0\n      \
         depot_operations_total{region=\"north\",operation=\"read\",status=\"cancelled\"} 0\n      \
         depot_operations_total{region=\"north\",operation=\"write\",status=\"ok\"} 0\n      \
         depot_operations_total{region=\"north\",operation=\"write\",status=\"error\"} 0\n      \
         and 2 more"
    );
    assert_eq!(
        said("queue_length", &[]),
        "no metric is named `queue_length`\n\
         note: the metrics here are:\n      \
         datapunk_metrics_refused_samples_total\n      \
         depot_object_size_bytes_bucket\n      \
         depot_object_size_bytes_sum\n      \
         depot_object_size_bytes_count\n      \
         depot_operations_total"
    );
    assert_eq!(
        said("depot_object_size_bytes", &[]),
        "histogram `depot_object_size_bytes` has no series of its own name\n\
         help: its series are `depot_object_size_bytes_count`, `depot_object_size_bytes_sum` and \
         `depot_object_size_bytes_bucket`"
    );
    let empty = Snapshot::of(&Registry::new()).expect("nothing panics");
    assert_eq!(
        empty
            .find("a_total", ())
            .expect_err("nothing is there")
            .to_string(),
        "no metric is named `a_total`\n\
         note: no metric set is here\n\
         help: register one, or name its crate in code so that it is linked"
    );
}

#[test]
fn a_label_that_does_not_exist_is_named_with_the_nearest_that_does() {
    assert_eq!(
        said("depot_operations_total", &[("operatoin", "write")]),
        "metric `depot_operations_total` has no label `operatoin`\n\
         help: write `operation`"
    );
    assert_eq!(
        said("depot_operations_total", &[("zone", "write")]),
        "metric `depot_operations_total` has no label `zone`\n\
         note: its labels are:\n      operation\n      status"
    );
    assert_eq!(
        said(
            "depot_operations_total",
            &[("operation", "wirte"), ("status", "ok")]
        ),
        "label `operation` of metric `depot_operations_total` has no value `wirte`\n\
         help: write `write`"
    );
    assert_eq!(
        said(
            "depot_operations_total",
            &[("operation", "scan"), ("status", "ok")]
        ),
        "label `operation` of metric `depot_operations_total` has no value `scan`\n\
         note: its values are:\n      read\n      write"
    );
    assert_eq!(
        said("depot_operations_total", &[("operation", "write")]),
        "label `status` of metric `depot_operations_total` is not given\n\
         note: its values are:\n      ok\n      error\n      panicked\n      cancelled"
    );
    assert_eq!(
        said(
            "depot_operations_total",
            &[("status", "ok"), ("status", "ok")]
        ),
        "label `status` of metric `depot_operations_total` is given twice\n\
         help: remove one of the two"
    );
    assert_eq!(
        said("depot_object_size_bytes_count", &[("operation", "read")]),
        "metric `depot_object_size_bytes_count` has no label `operation`\n\
         help: it has no labels; write `()`"
    );
}

#[test]
fn constant_labels_may_be_left_away_and_bounds_are_numbers() {
    let snapshot = snapshot(&registry_of::<Depot>());
    // A constant label may be given, and the order does not matter.
    let all = [
        ("status", "ok"),
        ("region", "north"),
        ("operation", "write"),
    ];
    assert_eq!(snapshot.find("depot_operations_total", all), Ok(Some(0.0)));
    assert_eq!(
        said("depot_operations_total", &[("region", "south")]),
        "label `region` of metric `depot_operations_total` has no value `south`\n\
         note: its values are:\n      north"
    );
    // A bound is a number, however it is written.
    for bound in ["2000000", "2e6", "2e+06", "2000000.0"] {
        let bucket = snapshot.find("depot_object_size_bytes_bucket", [("le", bound)]);
        assert_eq!(bucket, Ok(Some(0.0)), "{bound}");
    }
    assert!(said("depot_object_size_bytes_bucket", &[("le", "7")]).contains("+Inf"));
}

#[test]
fn what_is_absent_says_why() {
    #[derive(Clone, Copy, StateValue)]
    enum Job {
        Failed,
        Done,
    }

    #[derive(Clone, Copy, LabelSet)]
    struct Sparse {
        code: StatusCode,
    }

    #[derive(Clone, Copy, LabelSet)]
    struct Room {
        class: StatusClass,
    }

    #[derive(MetricSet)]
    #[metrics(namespace = "absent")]
    struct Absent {
        /// Temperature.
        room_celsius: Gauge<Room, f64>,
        /// The last job.
        #[metric(initial = absent)]
        job_status: State<Job>,
        /// Answers.
        answers_total: Counter<Sparse>,
    }
    let registry = registry_of::<Absent>();
    assert_metric!(in registry, "absent_job_status", (), absent);
    assert_eq!(
        failure(|| assert_metric!(in registry, "absent_job_status", (), == 0)),
        "`absent_job_status` is absent, expected 0\n\
         note: a gauge is absent until it is set, unless it declares `initial`"
    );
    Absent::METRICS
        .room_celsius
        .with(Room {
            class: StatusClass::Success,
        })
        .set(21.5);
    let snapshot = snapshot(&registry);
    assert_eq!(
        failure(|| {
            let _ = snapshot.value("absent_room_celsius", [("class", StatusClass::VALUES[0])]);
        }),
        format!(
            "`absent_room_celsius{{class=\"{}\"}}` is absent\n\
             note: a gauge is absent until it is set, unless it declares `initial`\n\
             note: of this metric there are:\n      \
             absent_room_celsius{{class=\"2xx\"}} 21.5",
            StatusClass::VALUES[0]
        )
    );
    assert_eq!(
        failure(|| assert_metric!(in snapshot, "absent_answers_total", [("code", "404")], == 1)),
        "`absent_answers_total{code=\"404\"}` is absent, expected 1\n\
         note: a series with a sparse label value is absent until it is touched"
    );
    Absent::METRICS.job_status.set(Job::Done);
    assert_metric!(in registry, "absent_job_status", (), == Job::Done.value());
    Absent::METRICS.job_status.set(Job::Failed);
    assert_metric!(in registry, "absent_job_status", (), == Job::Failed.value());
}

#[test]
fn a_failure_is_at_the_line_of_the_assertion() {
    let line = line!() + 2;
    let place = panic_line(|| {
        assert_metric!("no_such_metric_at_all_total", (), == 1);
    });
    assert_eq!(place, (file!().to_owned(), line));
}

/// Where `test` panics.
fn panic_line(test: impl FnOnce() + Send) -> (String, u32) {
    static PLACE: Mutex<Option<(String, u32)>> = Mutex::new(None);
    let former = std::panic::take_hook();
    let this = thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        if thread::current().id() == this {
            *PLACE.lock().expect("no panic here") =
                info.location().map(|at| (at.file().to_owned(), at.line()));
        } else {
            former(info);
        }
    }));
    failure(test);
    drop(std::panic::take_hook());
    PLACE
        .lock()
        .expect("no panic here")
        .take()
        .expect("it panicked")
}
