//! What the guides `docs/from-*.md` begin with. `tests/guides.rs` sees to it that a guide shows the code of its module, and
//! `cargo test` here that it does what the guide says.

pub mod from_autometrics;
pub mod from_metrics;
pub mod from_prometheus;
pub mod from_prometheus_client;
