//! The code of `docs/from-prometheus-client.md` before the move.

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum Kind { Bread, Cake }

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OrderLabels { pub kind: Kind }

pub struct Metrics {
    pub orders: Family<OrderLabels, Counter>,
    pub baking: Histogram,
}

impl Metrics {
    pub fn new(registry: &mut Registry) -> Self {
        let metrics = Self { orders: Family::default(), baking: Histogram::new([60.0, 600.0, 3600.0]) };
        registry.register("bakery_orders", "Orders taken, by kind", metrics.orders.clone());
        let baking = metrics.baking.clone();
        registry.register_with_unit("bakery_baking_duration", "Time in the oven", Unit::Seconds, baking);
        metrics
    }
}

pub fn take(metrics: &Metrics, kind: Kind) {
    metrics.orders.get_or_create(&OrderLabels { kind }).inc();
}

pub fn exposition(registry: &Registry) -> String {
    let mut text = String::new();
    text::encode(&mut text, registry).expect("text");
    text
}

#[test]
fn an_order_is_counted_under_a_name_that_is_nowhere() {
    let mut registry = Registry::default();
    let metrics = Metrics::new(&mut registry);
    take(&metrics, Kind::Cake);
    let text = exposition(&registry);
    assert!(text.contains("bakery_orders_total{kind=\"Cake\"} 1\n"), "{text}");
    assert!(text.contains("bakery_baking_duration_seconds_count 0\n"), "{text}");
    assert!(!text.contains("Bread"), "{text}");
}
