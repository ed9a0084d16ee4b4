//! `prometheus-static-metric`: one field for each series. Without labels and for histograms it is `prometheus`.

use std::sync::LazyLock;

use prometheus::{IntCounterVec, Registry};
use prometheus_static_metric::make_static_metric;

use super::prometheus::{grid_counter, text};
use super::{Library, no_text, nothing, places};
use crate::inputs::each;
use crate::rows::Work;

pub(super) const LIBRARY: Library = Library {
    name: "prometheus-static-metric",
    pass: |work| match work {
        Work::Literal => Some(|| {
            let counters = &RECORDED.1;
            each!(counters.write.timeout.inc());
        }),
        Work::Runtime => Some(|| {
            let counters = &RECORDED.1;
            each!((operation, status) in GRID => counters.get(operation).get(status).inc());
        }),
        _ => None,
    },
    settle: nothing,
    recorded: || text(&RECORDED.0),
    encoded: no_text,
};

make_static_metric! {
    label_enum Operation { read, write, list, delete, copy }
    label_enum Status { ok, error, timeout, refused, cancelled }
    struct Grid: IntCounter {
        "operation" => Operation,
        "status" => Status,
    }
}

places!(read, write, list, delete, copy; ok, error, timeout, refused, cancelled);

static RECORDED: LazyLock<(Registry, Grid)> = LazyLock::new(|| {
    let counters: IntCounterVec = grid_counter().expect("the name is good");
    let grid = Grid::from(&counters);
    let registry = Registry::new();
    registry
        .register(Box::new(counters))
        .expect("it is the only one");
    (registry, grid)
});
