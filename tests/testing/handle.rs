//! Series by their handles.

#![expect(clippy::float_cmp, reason = "counts are whole numbers")]

use datapunk_metrics::testing::{
    self, Scope, assert_metric, bucket_of, count_of, sum_of, value_of,
};
use datapunk_metrics::{
    Bytes, Counter, Gauge, Histogram, LabelSet, MetricSet, Outcome, Ratio, Registry, State,
    StateValue,
};

use crate::{
    Labels, Operation, READ_OK, SCOPED, Scoped, WRITE_ERROR, WRITE_OK, failure, registry_of,
    snapshot, work,
};

#[derive(Clone, Copy, StateValue)]
enum Door {
    Shut,
    Open,
}

#[derive(Clone, Copy, LabelSet)]
struct Sizes {
    operation: Operation,
}

#[derive(Clone, Copy, LabelSet)]
struct Rooms<'a> {
    #[label(max = 2, known = ["hall"])]
    room: &'a str,
    status: Outcome,
}

fn waiting() -> i64 {
    7
}

/// One metric of each kind.
#[derive(MetricSet)]
#[metrics(namespace = "held")]
struct Held {
    /// Operations.
    #[metric(labels(region = "north"))]
    operations_total: Counter<Labels>,
    /// Processor time.
    cpu_seconds_total: Counter<(), f64>,
    /// Sizes.
    #[metric(buckets = [10, 100])]
    object_size_bytes: Histogram<Bytes, Sizes>,
    /// People.
    #[metric(renamed_from = "held_persons_current", until = "9.0.0")]
    people_current: Gauge,
    /// People by operation.
    visitors_current: Gauge<Sizes>,
    /// Door: 0 shut, 1 open.
    #[metric(initial = Shut)]
    door_state: State<Door>,
    /// Doors.
    #[metric(initial = absent)]
    doors_state: State<Door, Sizes>,
    /// Share of operations that were right.
    #[metric(ratio_of = operations_total, numerator(status = Ok))]
    operation_success_ratio: Ratio,
    /// Waiting.
    #[metric(read = waiting)]
    waiting_current: Gauge,
    /// Visits.
    visits_total: Counter<Rooms<'static>>,
    /// Guests.
    guests_current: Gauge<Rooms<'static>>,
}
const HELD: Held = Held::METRICS;

#[test]
fn a_handle_names_the_series_that_it_records() {
    let registry = registry_of::<Held>();
    HELD.operations_total.with(WRITE_OK).add(3);
    HELD.operations_total.with(READ_OK).add(1);
    HELD.cpu_seconds_total.add(0.5);
    let sizes = |operation| HELD.object_size_bytes.with(Sizes { operation });
    sizes(Operation::Write).observe(5_u64);
    sizes(Operation::Write).observe(50_u64);
    HELD.people_current.set(-4);
    let write = Sizes {
        operation: Operation::Write,
    };
    HELD.visitors_current.with(write).set(9);
    HELD.doors_state.with(write).set(Door::Open);
    let hall = Rooms {
        room: "hall",
        status: Outcome::Ok,
    };
    let cellar = Rooms {
        room: "cellar",
        ..hall
    };
    HELD.visits_total.with(hall).add(2);
    HELD.visits_total.with(cellar).add(5);

    assert_metric!(in registry, HELD.operations_total.with(WRITE_OK), == 3);
    assert_metric!(in registry, HELD.operations_total.with(WRITE_ERROR), == 0);
    assert_metric!(in registry, HELD.cpu_seconds_total, == 0.5);
    assert_metric!(in registry, count_of(sizes(Operation::Write)), == 2);
    assert_metric!(in registry, count_of(sizes(Operation::Read)), == 0);
    assert_metric!(in registry, sum_of(sizes(Operation::Write)), == 55);
    assert_metric!(in registry, bucket_of(sizes(Operation::Write), 10.0), == 1);
    assert_metric!(in registry, bucket_of(sizes(Operation::Write), f64::INFINITY), == 2);
    assert_metric!(in registry, HELD.people_current, == -4);
    assert_metric!(in registry, HELD.visitors_current.with(write), > 8);
    let read = Sizes {
        operation: Operation::Read,
    };
    assert_metric!(in registry, HELD.visitors_current.with(read), absent);
    assert_metric!(in registry, HELD.door_state, == 0);
    assert_metric!(in registry, HELD.doors_state.with(write), == 1);
    assert_metric!(in registry, HELD.doors_state.with(read), absent,);
    assert_metric!(in registry, HELD.operation_success_ratio, <= 1);
    assert_metric!(in registry, HELD.waiting_current, == 7);
    assert_metric!(in registry, HELD.visits_total.with(hall), != 5);
    assert_metric!(in registry, HELD.visits_total.with(cellar), >= 5);
    assert_metric!(in registry, HELD.visits_total.with(cellar), < 6,);

    let now = snapshot(&registry);
    assert_eq!(now.value_of(HELD.visits_total.with(cellar)), 5.0);
    assert_eq!(
        now.find_of(HELD.visitors_current.with(read)),
        Ok(None),
        "it was never set"
    );
    HELD.people_current.inc();
    let since = snapshot(&registry).since(&now);
    assert_eq!(since.value_of(HELD.people_current), 1.0);
    assert_eq!(since.value_of(HELD.cpu_seconds_total), 0.0);
}

#[test]
fn a_scope_sees_by_handle_what_this_thread_recorded() {
    let scope = Scope::begin();
    std::thread::spawn(work).join().expect("it does not panic");
    work();
    assert_metric!(in scope, SCOPED.operations_total.with(WRITE_OK), == 1);
    assert_metric!(in scope, SCOPED.cpu_seconds_total, == 0.5);
    assert_metric!(in scope, sum_of(SCOPED.object_size_bytes), == 50);
    assert_metric!(in scope, bucket_of(SCOPED.room_celsius, 0.0), == 1);
    assert_eq!(scope.value_of(count_of(SCOPED.room_celsius)), 1.0);
    assert!(
        failure(|| assert_metric!(in scope, SCOPED.waiting_current, == 0))
            .starts_with("gauge `scoped_waiting_current` is not seen by a scope"),
    );
}

#[derive(MetricSet)]
#[metrics(namespace = "program")]
struct OfTheProgram {
    /// Operations.
    operations_total: Counter<Labels>,
    /// Waiting.
    waiting_current: Gauge,
}
const PROGRAM: OfTheProgram = OfTheProgram::METRICS;

#[test]
fn without_another_source_the_registry_of_the_program_is_read() {
    PROGRAM.operations_total.with(WRITE_OK).add(2);
    assert_metric!(PROGRAM.operations_total.with(WRITE_OK), == 2);
    assert_metric!(PROGRAM.operations_total.with(READ_OK), == 0,);
    assert_metric!(PROGRAM.waiting_current, absent);
    assert_eq!(value_of(PROGRAM.operations_total.with(WRITE_OK)), 2.0);
    assert_eq!(
        testing::value("program_operations_total", WRITE_OK),
        value_of(PROGRAM.operations_total.with(WRITE_OK))
    );
    assert_eq!(
        failure(|| {
            let _ = value_of(PROGRAM.waiting_current);
        }),
        "`program_waiting_current` is absent\n\
         note: a gauge is absent until it is set, unless it declares `initial`"
    );
}

#[test]
fn a_failure_says_the_name_and_the_nearest_series() {
    #[derive(MetricSet)]
    #[metrics(namespace = "shown")]
    struct Shown {
        /// Operations.
        operations_total: Counter<Labels>,
        /// Sizes.
        #[metric(buckets = [10, 100])]
        object_size_bytes: Histogram<Bytes, Sizes>,
    }
    let registry = registry_of::<Shown>();
    let shown = Shown::METRICS;
    shown.operations_total.with(WRITE_ERROR).inc();
    shown.operations_total.with(READ_OK).add(4);
    assert_eq!(
        failure(|| assert_metric!(in registry, shown.operations_total.with(WRITE_OK), == 1)),
        "`shown_operations_total{operation=\"write\",status=\"ok\"}` is 0, expected 1\n\
         note: other series of this metric that are not 0:\n      \
         shown_operations_total{operation=\"read\",status=\"ok\"} 4\n      \
         shown_operations_total{operation=\"write\",status=\"error\"} 1"
    );
    let sizes = shown.object_size_bytes.with(Sizes {
        operation: Operation::Write,
    });
    assert_eq!(
        failure(|| assert_metric!(in registry, count_of(sizes), > 0)),
        "`shown_object_size_bytes_count{operation=\"write\"}` is 0, expected more than 0\n\
         note: all other series of this metric are 0"
    );
    assert_eq!(
        failure(|| assert_metric!(in registry, bucket_of(sizes, 11.0), == 0)),
        "label `le` of metric `shown_object_size_bytes_bucket` has no value `11`\n\
         help: write `10`"
    );
}

#[test]
fn a_metric_that_is_not_read_is_named_and_never_0() {
    #[derive(MetricSet)]
    #[metrics(namespace = "away", unlinked)]
    struct Away {
        /// Operations.
        operations_total: Counter,
    }
    let registry = registry_of::<Scoped>();
    let message = failure(|| assert_metric!(in registry, PROGRAM.waiting_current, == 0));
    assert!(
        message.starts_with(
            "metric `program_waiting_current` is not in what is read here\n\
             note: the metrics here are:\n      scoped_cpu_seconds_total\n"
        ),
        "{message}"
    );
    assert!(
        message.ends_with(
            "help: read a registry that has its set: `registry.register::<OfTheProgram>()?`"
        ),
        "{message}"
    );
    assert_eq!(
        failure(|| assert_metric!(in Registry::new(), Away::METRICS.operations_total, == 0)),
        "the metric of this handle is not in what is read here\n\
         help: read a registry that has its set: `registry.register::<…>()?`"
    );
}

#[test]
fn a_series_without_room_is_no_series() {
    let registry = registry_of::<Held>();
    let room = |room| Rooms {
        room,
        status: Outcome::Cancelled,
    };
    // Others of this program have taken the places, or do here.
    for name in ["cellar", "attic", "garden"] {
        HELD.guests_current.with(room(name)).set(1);
        HELD.visits_total.with(room(name)).inc();
    }
    let message =
        failure(|| assert_metric!(in registry, HELD.visits_total.with(room("garden")), == 1));
    assert_eq!(
        message,
        "the series of this handle is one of those that metric `held_visits_total` has no room for\n\
         note: what is recorded through it is counted in `other`, or refused by a gauge\n\
         help: raise `max_series` of the metric or `max` of the label, or record fewer values"
    );
    let message =
        failure(|| assert_metric!(in registry, HELD.guests_current.with(room("garden")), absent));
    assert!(
        message.contains("`held_guests_current` has no room for"),
        "{message}"
    );
}
