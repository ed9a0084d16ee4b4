//! Three small services that record metrics, and the demo that runs them.
//!
//! - [`lake`]: an object store with a vector search
//! - [`stream`]: a partitioned event log with consumers
//! - [`cortex`]: a text classifier with a flaky upstream
//!
//! Each has its metric sets in its own `metrics` module, the HTTP set of [`http`] and the metrics of its process.

pub mod cortex;
pub mod demo;
pub mod http;
pub mod lake;
pub mod outgoing;
pub mod random;
pub mod service;
pub mod stream;
