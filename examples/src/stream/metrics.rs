//! The metric sets of the stream.

use datapunk_metrics::{
    Counter, Gauge, Histogram, Info, Items, LabelSet, LabelValue, MetricSet, Outcome, git_revision,
    standard_set,
};
use serde::{Deserialize, Serialize};

use crate::service::uptime_seconds;

/// The topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Orders.
    Orders,
    /// Clicks.
    Clicks,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 2] = [Self::Orders, Self::Clicks];
}

/// The partitions of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue, Serialize, Deserialize)]
pub enum Partition {
    /// The first one.
    #[label(rename = "0")]
    #[serde(rename = "0")]
    First,
    /// The second one.
    #[label(rename = "1")]
    #[serde(rename = "1")]
    Second,
    /// The third one.
    #[label(rename = "2")]
    #[serde(rename = "2")]
    Third,
}

impl Partition {
    /// Every partition.
    pub const ALL: [Self; 3] = [Self::First, Self::Second, Self::Third];
}

/// The types of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventType {
    /// Something came to be.
    Created,
    /// Something changed.
    Updated,
    /// Something is gone.
    Deleted,
}

/// Labels of a processed event.
#[derive(Clone, Copy, Debug, LabelSet)]
pub struct EventLabels {
    /// The event's type.
    pub r#type: EventType,
    /// How its processing ended.
    pub status: Outcome,
}

/// Labels of a partition.
#[derive(Clone, Copy, Debug, LabelSet)]
pub struct PartitionLabels {
    /// The topic.
    pub topic: Topic,
    /// The partition.
    pub partition: Partition,
}

/// The consumers.
#[derive(Debug, MetricSet)]
pub struct ConsumerMetrics {
    /// Events processed, by type and outcome.
    pub events_processed_total: Counter<EventLabels>,
}

standard_set! {
    /// How far the consumers are behind.
    pub struct LagMetrics: LagMetrics { topic: Topic, partition: Partition }
}

/// All metrics of the stream.
#[derive(Debug, MetricSet)]
#[metrics(namespace = "stream")]
pub struct StreamMetrics {
    /// Events appended, by topic and partition.
    pub events_appended_total: Counter<PartitionLabels>,
    /// Events that wait for the consumer, by topic and partition.
    #[metric(initial = 0)]
    pub backlog_events_current: Gauge<PartitionLabels>,
    /// Events that a consumer took at once.
    #[metric(buckets = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0])]
    pub batch_items: Histogram<Items>,
    /// Time since the service started.
    #[metric(read = uptime_seconds)]
    pub uptime_seconds: Gauge<(), f64>,
    /// The version that runs, and the commit that it was built from.
    #[metric(labels(version = env!("CARGO_PKG_VERSION"), revision = git_revision!()))]
    pub build_info: Info,
    /// The consumers.
    pub consumers: ConsumerMetrics,
    /// How far they are behind.
    pub lag: LagMetrics,
}

/// The handles of the stream's metrics.
pub(super) const STREAM: StreamMetrics = StreamMetrics::METRICS;
