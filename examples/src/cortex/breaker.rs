//! A circuit breaker.

use std::time::{Duration, Instant};

use datapunk_metrics::standard::BreakerState;

/// Lets calls pass until too many in a row have failed, then refuses them for a while, then tries one.
#[derive(Debug)]
pub(super) struct Breaker {
    limit: u32,
    cool_down: Duration,
    failures: u32,
    state: BreakerState,
    changed: Option<Instant>,
}

impl Breaker {
    /// A closed breaker that opens after `limit` failures in a row, for `cool_down`.
    pub(super) const fn new(limit: u32, cool_down: Duration) -> Self {
        Self {
            limit,
            cool_down,
            failures: 0,
            state: BreakerState::Closed,
            changed: None,
        }
    }

    pub(super) const fn state(&self) -> BreakerState {
        self.state
    }

    /// Whether a call may pass at `now`.
    pub(super) fn admits(&mut self, now: Instant) -> bool {
        match self.state {
            BreakerState::Closed => true,
            BreakerState::Open | BreakerState::HalfOpen => {
                // A trial that never reports back, because it was cancelled, is followed by another one.
                let due = self
                    .changed
                    .is_none_or(|at| now.saturating_duration_since(at) >= self.cool_down);
                if due {
                    self.become_at(BreakerState::HalfOpen, now);
                }
                due
            }
        }
    }

    /// Tells the breaker how a call ended.
    pub(super) fn record(&mut self, succeeded: bool, now: Instant) {
        if succeeded {
            self.failures = 0;
            self.become_at(BreakerState::Closed, now);
            return;
        }
        self.failures = self.failures.saturating_add(1);
        if self.failures >= self.limit || self.state == BreakerState::HalfOpen {
            self.become_at(BreakerState::Open, now);
        }
    }

    fn become_at(&mut self, state: BreakerState, now: Instant) {
        self.state = state;
        self.changed = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COOL_DOWN: Duration = Duration::from_secs(2);

    #[test]
    fn it_opens_tries_and_closes() {
        let start = Instant::now();
        let mut breaker = Breaker::new(3, COOL_DOWN);
        for _ in 0..2 {
            assert!(breaker.admits(start));
            breaker.record(false, start);
            assert_eq!(breaker.state(), BreakerState::Closed);
        }
        breaker.record(false, start);
        assert_eq!(breaker.state(), BreakerState::Open);
        assert!(!breaker.admits(start + COOL_DOWN / 2));

        let later = start + COOL_DOWN;
        assert!(breaker.admits(later));
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        assert!(!breaker.admits(later), "one trial at a time");
        breaker.record(false, later);
        assert_eq!(breaker.state(), BreakerState::Open);

        let later = later + COOL_DOWN;
        assert!(breaker.admits(later));
        breaker.record(true, later);
        assert_eq!(breaker.state(), BreakerState::Closed);
        breaker.record(false, later);
        assert_eq!(
            breaker.state(),
            BreakerState::Closed,
            "a success forgives failures before it"
        );
    }

    #[test]
    fn a_trial_that_never_ends_does_not_keep_it_shut() {
        let start = Instant::now();
        let mut breaker = Breaker::new(1, COOL_DOWN);
        breaker.record(false, start);
        assert!(breaker.admits(start + COOL_DOWN));
        assert!(breaker.admits(start + 2 * COOL_DOWN));
    }
}
