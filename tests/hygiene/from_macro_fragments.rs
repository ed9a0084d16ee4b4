//! Every part of a declaration as a fragment that a `macro_rules!` macro was given, in the groups that the compiler
//! puts around fragments.
#![deny(warnings)]

use datapunk_metrics::{
    Counter, Gauge, Histogram, Info, LabelSet, LabelValue, MetricSet, Outcome, Ratio, Seconds, State,
    StateValue, StatusCode,
};

macro_rules! values {
    ($value:ident, $state:ident, $all:literal, $($variant:ident = $text:literal / $number:expr),*) => {
        #[derive(Clone, Copy, LabelValue)]
        #[label(rename_all = $all)]
        pub enum $value {
            $(#[label(rename = $text)] $variant),*
        }

        #[derive(Clone, Copy, StateValue)]
        pub enum $state {
            $(#[state(value = $number)] $variant),*
        }
    };
}

values!(Phase, PhaseState, "kebab-case", First = "one" / 1, Second = "two" / 2);

macro_rules! labels {
    ($call:ident, $answer:ident, $phase:ty, $status:ty, $outcome:ty) => {
        #[derive(Clone, Copy, LabelSet)]
        pub struct $call {
            pub phase: $phase,
        }

        #[derive(Clone, Copy, LabelSet)]
        #[label(from = $call)]
        pub struct $answer {
            pub phase: $phase,
            pub status: $status,
            pub outcome: $outcome,
        }
    };
}

labels!(Call, Answer, Phase, StatusCode, Outcome);

fn age() -> f64 {
    1.5
}

macro_rules! set {
    (
        $set:ident, $namespace:literal, $call:path, $help:literal,
        $calls:ty, $duration:ty, $in_flight:ty, $unit:ty, $inner:ty, $ratio:ty, $state:ty, $info:ty, $gauge:ty,
        $buckets:expr, $zero:expr, $max:expr, $initial:expr, $read:path, $name:literal,
        $counter:ident, $label:ident = $variant:ident, $version:expr
    ) => {
        #[derive(MetricSet)]
        #[metrics(namespace = $namespace, labels = $call)]
        pub struct $set {
            #[doc = $help]
            #[metric(role = calls, max_series = $max, zero = $zero)]
            pub $counter: $calls,
            /// Durations.
            #[metric(role = duration, buckets = $buckets)]
            pub call_duration_seconds: $duration,
            /// Calls at work.
            #[metric(role = in_flight)]
            pub calls_in_flight_current: $in_flight,
            /// Waits.
            pub wait_duration_seconds: Histogram<$unit, $inner>,
            /// A share.
            #[metric(ratio_of = $counter, numerator($label = $variant))]
            pub share_ratio: $ratio,
            /// The phase.
            #[metric(initial = $initial)]
            pub phase_state: $state,
            /// The version.
            #[metric(labels(version = $version))]
            pub build_info: $info,
            /// The age.
            #[metric(read = $read, name = $name)]
            pub age: $gauge,
        }
    };
}

set!(
    CallMetrics, "fragments", Call, "Calls.",
    Counter<Answer>, Histogram<Seconds, Call>, Gauge<Call>, Seconds, Call, Ratio, State<PhaseState>, Info, Gauge<(), f64>,
    [0.5, 1.0], [200, 500], 5000, First, age, "age_seconds",
    calls_total, phase = First, env!("CARGO_PKG_VERSION")
);

const _: () = {
    let metrics = CallMetrics::DESCRIPTOR.metrics;
    assert!(matches!(metrics[0].name.as_bytes(), b"fragments_calls_total"));
    assert!(matches!(metrics[0].help.as_bytes(), b"Calls."));
    assert!(metrics[0].zero.len() == 2 && metrics[0].max_series == 5000);
    assert!(matches!(metrics[0].labels[0].values[1].as_bytes(), b"two"));
    assert!(metrics[1].buckets.len() == 2);
    assert!(matches!(metrics[7].name.as_bytes(), b"fragments_age_seconds"));
};

pub fn record() {
    let labels = Answer { phase: Phase::Second, status: StatusCode::new(200), outcome: Outcome::Ok };
    CallMetrics::METRICS.calls_total.with(labels).inc();
    CallMetrics::METRICS.phase_state.set(PhaseState::Second);
}
