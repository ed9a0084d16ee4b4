//! Metric sets as the standard declares them, as far as its alerts read them.

use datapunk_metrics::{
    Bytes, Counter, Gauge, Histogram, LabelSet, LabelValue, Method, MetricSet, Outcome, Ratio,
    Seconds, State, StateValue, StatusCode,
};

#[derive(Clone, Copy, LabelValue)]
pub(crate) enum CheckType {
    Aggregate,
    Database,
}

#[derive(Clone, Copy, LabelSet)]
pub(crate) struct CheckLabels {
    check_type: CheckType,
}

/// Health of the service.
#[derive(MetricSet)]
pub(crate) struct ServiceMetrics {
    /// Whether the service works.
    service_up: Gauge,
    /// How well a part of it works, from 0 to 1.
    health_status: Gauge<CheckLabels, f64>,
    /// When it was last checked.
    last_check_timestamp_seconds: Gauge<CheckLabels, f64>,
}

#[derive(Clone, Copy, LabelValue)]
pub(crate) enum Route {
    #[label(rename = "/")]
    Root,
    #[label(rename = "/items/{id}")]
    Item,
}

#[derive(Clone, Copy, LabelSet)]
pub(crate) struct RequestLabels {
    method: Method,
    path: Route,
    status: StatusCode,
}

#[derive(Clone, Copy, LabelSet)]
pub(crate) struct RouteLabels {
    method: Method,
    path: Route,
}

/// HTTP.
#[derive(MetricSet)]
#[metrics(namespace = "http")]
pub(crate) struct HttpMetrics {
    /// Requests answered.
    #[metric(max_series = 5000)]
    requests_total: Counter<RequestLabels>,
    /// Time from request to answer.
    #[metric(buckets = [0.01, 0.05, 0.1, 0.5, 1.0, 5.0])]
    request_duration_seconds: Histogram<Seconds, RouteLabels>,
    /// Size of requests.
    #[metric(buckets = [256.0, 1024.0, 4096.0])]
    request_size_bytes: Histogram<Bytes, RouteLabels>,
}

#[derive(Clone, Copy, LabelValue)]
pub(crate) enum Mountpoint {
    #[label(rename = "/")]
    Root,
    #[label(rename = "/data")]
    Data,
}

#[derive(Clone, Copy, LabelSet)]
pub(crate) struct DiskLabels {
    mountpoint: Mountpoint,
}

#[derive(Clone, Copy, LabelValue)]
pub(crate) enum Device {
    Eth0,
    Eth1,
}

#[derive(Clone, Copy, LabelSet)]
pub(crate) struct DeviceLabels {
    device: Device,
}

/// Disks and networks.
#[derive(MetricSet)]
pub(crate) struct MachineMetrics {
    /// Free space.
    disk_free_bytes: Gauge<DiskLabels>,
    /// Space.
    disk_total_bytes: Gauge<DiskLabels>,
    /// Errors of network devices.
    network_errors_total: Counter<DeviceLabels>,
}

#[derive(Clone, Copy, LabelValue)]
pub(crate) enum Cache {
    Index,
    Session,
}

#[derive(Clone, Copy, LabelValue)]
pub(crate) enum CacheResult {
    Hit,
    Miss,
}

#[derive(Clone, Copy, LabelSet)]
pub(crate) struct CacheRequestLabels {
    cache: Cache,
    result: CacheResult,
}

#[derive(Clone, Copy, LabelSet)]
pub(crate) struct CacheLabels {
    cache: Cache,
}

/// Caches.
#[derive(MetricSet)]
#[metrics(namespace = "cache")]
pub(crate) struct CacheMetrics {
    /// Look-ups.
    requests_total: Counter<CacheRequestLabels>,
    /// The share of look-ups that found something.
    #[metric(ratio_of = requests_total, numerator(result = Hit))]
    hit_ratio: Ratio<CacheLabels>,
    /// Entries thrown out.
    evictions_total: Counter<CacheLabels>,
}

#[derive(Clone, Copy, LabelValue)]
pub(crate) enum Upstream {
    Store,
    Index,
}

#[derive(Clone, Copy, LabelSet)]
pub(crate) struct UpstreamLabels {
    upstream: Upstream,
}

#[derive(Clone, Copy, StateValue)]
pub(crate) enum Breaker {
    Open,
    HalfOpen,
    Closed,
}

#[derive(Clone, Copy, LabelSet)]
pub(crate) struct RetryLabels {
    operation: Outcome,
}

/// Calls to other services.
#[derive(MetricSet)]
pub(crate) struct MeshMetrics {
    /// Calls tried again.
    retry_attempts_total: Counter<RetryLabels>,
    /// Circuit breakers.
    #[metric(initial = Closed)]
    circuit_breaker_state: State<Breaker, UpstreamLabels>,
}

#[derive(Clone, Copy, LabelValue)]
pub(crate) enum LoginMethod {
    Basic,
    Bearer,
}

#[derive(Clone, Copy, LabelValue)]
pub(crate) enum Reason {
    Unknown,
    Expired,
}

#[derive(Clone, Copy, LabelSet)]
pub(crate) struct LoginLabels {
    method: LoginMethod,
}

#[derive(Clone, Copy, LabelSet)]
pub(crate) struct LoginFailureLabels {
    method: LoginMethod,
    reason: Reason,
}

/// Logins.
#[derive(MetricSet)]
#[metrics(namespace = "auth")]
pub(crate) struct AuthMetrics {
    /// Logins tried.
    attempts_total: Counter<LoginLabels>,
    /// Logins failed.
    failures_total: Counter<LoginFailureLabels>,
}

#[derive(Clone, Copy, LabelValue)]
pub(crate) enum EtlJob {
    Nightly,
    Hourly,
}

#[derive(Clone, Copy, LabelSet)]
pub(crate) struct EtlLabels {
    etl_job: EtlJob,
}

#[derive(Clone, Copy, StateValue)]
pub(crate) enum JobState {
    Failed,
    Succeeded,
    Running,
}

#[derive(Clone, Copy, LabelValue)]
pub(crate) enum Topic {
    Orders,
    Letters,
}

#[derive(Clone, Copy, LabelValue)]
pub(crate) enum Partition {
    #[label(rename = "0")]
    First,
    #[label(rename = "1")]
    Second,
}

#[derive(Clone, Copy, LabelSet)]
pub(crate) struct LagLabels {
    topic: Topic,
    partition: Partition,
}

/// Pipelines.
#[derive(MetricSet)]
pub(crate) struct PipelineMetrics {
    /// Jobs.
    #[metric(initial = absent)]
    etl_job_status: State<JobState, EtlLabels>,
    /// How far behind a consumer is.
    stream_lag_seconds: Gauge<LagLabels, f64>,
}
