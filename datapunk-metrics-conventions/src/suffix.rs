//! How names end, by kind.

use crate::Kind;

/// Endings of a gauge that has no unit.
pub const GAUGE: [&str; 4] = ["current", "status", "state", "up"];

/// Endings of a histogram that has no unit.
pub const DIMENSIONLESS: [&str; 3] = ["size", "length", "items"];

/// Endings of a state.
pub const STATE: [&str; 2] = ["state", "status"];

/// Words for metric types; a name holds none of them.
pub const TYPES: [&str; 4] = ["counter", "gauge", "histogram", "summary"];

/// Last segments that have a meaning of their own, and whose they are.
pub const RESERVED: [(&str, &str); 6] = [
    ("total", "counters"),
    ("bucket", "the lines of a histogram"),
    ("count", "the lines of a histogram"),
    ("sum", "the lines of a histogram"),
    ("created", "the lines of a counter or histogram"),
    ("info", "info metrics"),
];

/// Gauges of the Prometheus client libraries, whose names are known everywhere and stay as they are.
pub const EXCEPTIONS: [&str; 3] = ["process_max_fds", "process_open_fds", "process_threads"];

/// Whom a reserved last segment belongs to.
#[must_use]
pub fn owner(segment: &str) -> Option<&'static str> {
    RESERVED
        .iter()
        .find(|(word, _)| *word == segment)
        .map(|(_, owner)| *owner)
}

/// Whether the whole name is an exception.
#[must_use]
pub fn is_exception(kind: Kind, name: &str) -> bool {
    kind == Kind::Gauge && EXCEPTIONS.contains(&name)
}
