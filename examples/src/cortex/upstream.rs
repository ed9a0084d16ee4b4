//! A made-up upstream that explains topics, and the way to it: a circuit breaker and one retry.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use datapunk_metrics::LabelValue;
use datapunk_metrics::standard::BreakerState;
use tokio::time::sleep;

use super::breaker::Breaker;
use super::metrics::{CORTEX, UpstreamName, UpstreamOperation};

const COOL_DOWN: Duration = Duration::from_secs(2);

/// The upstream.
#[derive(Debug)]
pub(super) struct Upstream {
    healthy: AtomicBool,
    breaker: Mutex<Breaker>,
}

/// Why there is no explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue)]
pub(super) enum UpstreamError {
    /// The upstream failed.
    Failed,
    /// The circuit breaker did not let the call pass.
    Refused,
}

impl std::fmt::Display for UpstreamError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Failed => "the glossary failed",
            Self::Refused => "the circuit breaker towards the glossary is open",
        })
    }
}

impl Upstream {
    /// A healthy upstream whose breaker opens after so many failures in a row.
    pub(super) const fn new(breaker_failures: u32) -> Self {
        Self {
            healthy: AtomicBool::new(true),
            breaker: Mutex::new(Breaker::new(breaker_failures, COOL_DOWN)),
        }
    }

    /// Lets the upstream fail or answer.
    pub(super) fn set_healthy(&self, healthy: bool) {
        self.healthy.store(healthy, Ordering::Relaxed);
    }

    /// What the circuit breaker does with calls.
    pub(super) fn state(&self) -> BreakerState {
        self.breaker(|breaker| breaker.state())
    }

    /// What a topic is about.
    pub(super) async fn explain(&self, topic: &str) -> Result<String, UpstreamError> {
        let first = self.guarded(topic).await;
        if first != Err(UpstreamError::Failed) {
            return first;
        }
        CORTEX.retry.attempt(UpstreamOperation::Explain);
        self.guarded(topic).await
    }

    async fn guarded(&self, topic: &str) -> Result<String, UpstreamError> {
        if !self.breaker(|breaker| breaker.admits(Instant::now())) {
            return Err(UpstreamError::Refused);
        }
        let result = ask_glossary(topic, self.healthy.load(Ordering::Relaxed)).await;
        self.breaker(|breaker| breaker.record(result.is_ok(), Instant::now()));
        result
    }

    fn breaker<R>(&self, f: impl FnOnce(&mut Breaker) -> R) -> R {
        let mut breaker = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        let result = f(&mut breaker);
        CORTEX
            .breaker
            .state(UpstreamName::Glossary, breaker.state());
        result
    }
}

/// One call; the time that it takes stands for the network.
async fn ask_glossary(topic: &str, healthy: bool) -> Result<String, UpstreamError> {
    sleep(Duration::from_millis(5)).await;
    if healthy {
        Ok(format!("texts about {topic}"))
    } else {
        Err(UpstreamError::Failed)
    }
}

#[cfg(test)]
mod tests {
    use datapunk_metrics::testing::value;

    use super::*;

    #[tokio::test]
    async fn a_sick_upstream_is_left_alone() {
        let upstream = Upstream::new(3);
        assert_eq!(
            upstream.explain("sport").await.as_deref(),
            Ok("texts about sport")
        );
        upstream.set_healthy(false);
        assert_eq!(upstream.explain("sport").await, Err(UpstreamError::Failed));
        // The third failure in a row opens the breaker, so the retry is refused.
        assert_eq!(upstream.explain("sport").await, Err(UpstreamError::Refused));
        upstream.set_healthy(true);
        assert_eq!(upstream.explain("sport").await, Err(UpstreamError::Refused));
        let state = value("circuit_breaker_state", [("upstream", "glossary")]);
        assert!(state.abs() < f64::EPSILON, "open is 0, not {state}");
    }
}
