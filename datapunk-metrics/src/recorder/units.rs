//! What a unit of the facade is called, and the buckets of a histogram that has none of its own.

use datapunk_metrics_conventions::LATENCY_BUCKETS;
use metrics::Unit;

use crate::unit::exponential_buckets;

/// From 256 bytes to 16 MiB.
const SIZES: [f64; 9] = exponential_buckets(256.0, 4.0);

/// Of values of which nobody says what they are: from thousandths to millions.
const ANY: [f64; 10] = exponential_buckets(0.001, 10.0);

/// The bounds of a histogram in `unit`, or in the one that its name ends in.
pub(super) fn default_buckets(unit: Option<Unit>, name: &str) -> Vec<f64> {
    let ends_in = |unit: &str| {
        let before = name.strip_suffix(unit);
        before.is_some_and(|before| before.is_empty() || before.ends_with('_'))
    };
    match unit {
        Some(Unit::Seconds) => latency(1.0),
        Some(Unit::Milliseconds) => latency(1e3),
        Some(Unit::Microseconds) => latency(1e6),
        Some(Unit::Nanoseconds) => latency(1e9),
        Some(Unit::Bytes) => SIZES.to_vec(),
        Some(Unit::Percent) => (1..=10).map(|tenth| f64::from(tenth) * 10.0).collect(),
        _ if ends_in("seconds") => latency(1.0),
        _ if ends_in("bytes") => SIZES.to_vec(),
        _ if ends_in("ratio") => (1..=10).map(|tenth| f64::from(tenth) / 10.0).collect(),
        _ => ANY.to_vec(),
    }
}

fn latency(of_a_second: f64) -> Vec<f64> {
    LATENCY_BUCKETS.map(|bound| bound * of_a_second).to_vec()
}

/// The unit as a name ends in it; empty if there is none.
pub(super) fn unit_text(unit: Option<Unit>) -> &'static str {
    match unit {
        None | Some(Unit::Count) => "",
        Some(unit) => unit.as_str(),
    }
}
