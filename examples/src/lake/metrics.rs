//! The metric sets of the lake.

use datapunk_metrics::host::DiskMetrics;
use datapunk_metrics::{
    Bytes, Counter, Gauge, Histogram, Info, LabelSet, LabelValue, MetricSet, Outcome, Seconds,
    git_revision, standard_set,
};

use crate::service::uptime_seconds;

/// What is done with an object.
#[derive(Clone, Copy, Debug, LabelValue)]
pub enum Operation {
    /// It is read.
    Read,
    /// It is stored.
    Write,
    /// It is deleted.
    Delete,
}

/// Labels of a storage operation.
#[derive(Clone, Copy, Debug, LabelSet)]
pub struct StorageLabels {
    /// What is done.
    pub operation: Operation,
    /// How it ended.
    pub status: Outcome,
}

/// The indexes of the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexName {
    /// Articles.
    Articles,
    /// Images.
    Images,
}

/// The types of query.
#[derive(Clone, Copy, Debug, LabelValue)]
pub enum QueryType {
    /// The nearest few vectors.
    Nearest,
    /// Every vector that is near enough.
    Within,
}

/// Labels of a search.
#[derive(Clone, Copy, Debug, LabelSet)]
pub struct SearchLabels {
    /// Where it searches.
    pub index: IndexName,
    /// For what.
    pub query_type: QueryType,
}

/// The caches.
#[derive(Clone, Copy, Debug, LabelValue)]
pub enum CacheName {
    /// Objects that were read.
    Objects,
}

standard_set! {
    /// The caches.
    pub struct CacheMetrics: CacheMetrics { cache: CacheName }
}

/// The store and the search.
#[derive(Debug, MetricSet)]
pub struct StorageMetrics {
    /// Storage operations, by operation and outcome.
    #[metric(retention = compliance)]
    pub storage_operations_total: Counter<StorageLabels>,
    /// Time taken by a vector search, by index and type of query.
    #[metric(buckets = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1], slo(objective = 99, threshold = 0.05))]
    pub vector_search_duration_seconds: Histogram<Seconds, SearchLabels>,
}

/// All metrics of the lake.
#[derive(Debug, MetricSet)]
#[metrics(namespace = "lake")]
pub struct LakeMetrics {
    /// Objects in the store.
    #[metric(initial = 0, retention = low_frequency)]
    pub objects_current: Gauge,
    /// Bytes of all objects in the store.
    #[metric(initial = 0, retention = low_frequency)]
    pub stored_bytes: Gauge,
    /// Size of the objects that were stored.
    #[metric(buckets = [256.0, 4096.0, 65536.0, 1_048_576.0])]
    pub object_size_bytes: Histogram<Bytes>,
    /// Time since the service started.
    #[metric(read = uptime_seconds)]
    pub uptime_seconds: Gauge<(), f64>,
    /// The version that runs, and the commit that it was built from.
    #[metric(labels(version = env!("CARGO_PKG_VERSION"), revision = git_revision!()))]
    pub build_info: Info,
    /// The store and the search.
    pub storage: StorageMetrics,
    /// The caches.
    pub cache: CacheMetrics,
    /// The disks of the machine, one of which has the objects.
    pub disk: DiskMetrics,
}

/// The handles of the lake's metrics.
pub(super) const LAKE: LakeMetrics = LakeMetrics::METRICS;
