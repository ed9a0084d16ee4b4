use datapunk_metrics::rules::RuleFiles;
use datapunk_metrics::{
    Counter, Gauge, Histogram, LabelSet, LabelValue, MetricSet, Seconds, include_rules,
};

#[derive(Clone, Copy, LabelValue)]
enum Channel {
    Web,
    Phone,
}

#[derive(Clone, Copy, LabelSet)]
struct OrderLabels<'a> {
    #[label(known = ["chair"])]
    product: &'a str,
    channel: Channel,
}

/// Metrics of a shop.
#[derive(MetricSet)]
#[metrics(namespace = "shop")]
struct ShopMetrics {
    /// Orders placed.
    orders_placed_total: Counter<OrderLabels<'static>>,
    /// Chairs in stock.
    #[metric(renamed_from = "shop_seats_current", until = "9.0.0")]
    chairs_current: Gauge,
    /// Time until delivery.
    #[metric(buckets = [1.0, 10.0])]
    delivery_duration_seconds: Histogram<Seconds>,
}

const RULES: RuleFiles = include_rules!(["./rules/open_values.yml"], sets = [ShopMetrics]);

fn main() {
    let [file] = RULES.files() else { panic!() };
    let notes: Vec<&str> = file.notes().map(|note| note.split_once(".yml:").unwrap().1).collect();
    assert_eq!(
        notes,
        [
            "6: recording rule `shop:orders_placed:rate5m`: the values of label `product` of metric \
             `shop_orders_placed_total` are open, and `table` was not checked",
            "8: recording rule `shop:orders_placed:rate1h`: the values of label `product` of metric \
             `shop_orders_placed_total` are open, and `chair|table` was not checked",
            "10: recording rule `shop:orders_placed:max`: a selector names no metric, and was not checked",
            "12: recording rule `shop:delivery:rate5m`: the bounds that `1.*` matches were not checked",
            "14: alert `ManyChairs`: the metric is called `shop_chairs_current` now, and its former name ends with \
             version 9.0.0",
        ]
    );
    let _ = (Channel::Web, Channel::Phone, ShopMetrics::METRICS);
}
