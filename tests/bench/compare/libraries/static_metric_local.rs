//! `prometheus-static-metric` with counters of the thread's own, which are added to the shared ones once a second.
//!
//! What is recorded is not in the next exposition, so it is not the same service; but it is what its documentation
//! recommends for the hottest counters.

use std::sync::LazyLock;

use prometheus::{IntCounterVec, Registry};
use prometheus_static_metric::{auto_flush_from, make_auto_flush_static_metric};

use super::prometheus::{grid_counter, text};
use super::{Library, no_text, nothing, places};
use crate::inputs::each;
use crate::rows::Work;

pub(super) const LIBRARY: Library = Library {
    name: "prometheus-static-metric (thread-local)",
    pass: |work| match work {
        Work::Literal => Some(|| {
            let counters = &*LOCAL;
            each!(counters.write.timeout.inc());
            counters.flush();
        }),
        Work::Runtime => Some(|| {
            let counters = &*LOCAL;
            each!((operation, status) in GRID => counters.get(operation).get(status).inc());
            // A thread that ends takes what it has not flushed with it.
            counters.flush();
        }),
        _ => None,
    },
    settle: nothing,
    recorded: || {
        let registry = Registry::new();
        let registered = registry.register(Box::new(SHARED.clone()));
        registered.expect("it is the only one");
        text(&registry)
    },
    encoded: no_text,
};

make_auto_flush_static_metric! {
    label_enum Operation { read, write, list, delete, copy }
    label_enum Status { ok, error, timeout, refused, cancelled }
    struct Grid: LocalIntCounter {
        "operation" => Operation,
        "status" => Status,
    }
}

places!(read, write, list, delete, copy; ok, error, timeout, refused, cancelled);

static SHARED: LazyLock<IntCounterVec> =
    LazyLock::new(|| grid_counter().expect("the name is good"));
static LOCAL: LazyLock<Grid> = LazyLock::new(|| auto_flush_from!(SHARED, Grid));
