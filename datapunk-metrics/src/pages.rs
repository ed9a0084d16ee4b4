//! The pages of `docs/`, whose examples are compiled and run with the doc tests. `tests/guides.rs` sees to it that no page is
//! left out.

macro_rules! pages {
    ($($(#[$feature:meta])* $page:ident $file:literal)*) => {$(
        $(#[$feature])*
        #[doc = include_str!(concat!("../../docs/", $file))]
        struct $page;
    )*};
}

pages! {
    #[cfg(all(feature = "host", feature = "process", feature = "rules"))]
    AlertRules "alert-rules.md"
    #[cfg(feature = "rules")]
    Alerts "alerts.md"
    #[cfg(feature = "artifacts")]
    Artifacts "artifacts.md"
    ChoosingAType "choosing-a-type.md"
    FromAutometrics "from-autometrics.md"
    #[cfg(feature = "metrics")]
    FromMetrics "from-metrics.md"
    FromPrometheus "from-prometheus.md"
    #[cfg(feature = "prometheus-client")]
    FromPrometheusClient "from-prometheus-client.md"
    Labels "labels.md"
    #[cfg(feature = "tower")]
    OutgoingRequests "outgoing-requests.md"
    Rules "rules.md"
    #[cfg(feature = "server")]
    Serving "serving.md"
    StandardMetrics "standard-metrics.md"
    #[cfg(feature = "testing")]
    Testing "testing.md"
}
