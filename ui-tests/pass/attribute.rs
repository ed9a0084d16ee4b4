use datapunk_metrics::{Counter, LabelSet, LabelValue, MetricSet, StateValue};

#[derive(Clone, Copy, LabelValue)]
#[label(rename_all = "SCREAMING_SNAKE_CASE", sparse)]
enum Tier {
    GoldCard,
}

#[derive(Clone, Copy, LabelSet)]
#[label(crate = datapunk_metrics)]
struct TierLabels {
    tier: Tier,
}

#[derive(Clone, Copy, StateValue)]
#[state(crate = datapunk_metrics)]
enum Mode {
    #[state(value = -1)]
    Broken,
    Open,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake", profile = datapunk, crate = ::datapunk_metrics)]
struct LakeMetrics {
    /// Several attributes on one field.
    #[metric(name = "objects_stored_total")]
    #[metric(max_series = 5)]
    objects: Counter,
    /// A trailing comma.
    #[metric(name = "objects_deleted_total")]
    deleted: Counter<TierLabels>,
}

fn main() {
    assert_eq!(Tier::VALUES, ["GOLD_CARD"]);
    assert!(Tier::SPARSE);
    assert_eq!((Mode::Broken.value(), Mode::Open.value()), (-1, 1));
    LakeMetrics::METRICS
        .deleted
        .with(TierLabels {
            tier: Tier::GoldCard,
        })
        .inc();
}
