//! Which failures are tried again, how often and when. No clock but the caller's waits on it.

use std::time::{Duration, Instant};

use crate::push::error::PushCause;
use crate::push::metrics::{PUSH, TryLabels};

/// The pause after the first try; it doubles after each.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause, unless the server asks for another.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The longest pause that a server may ask for.
const LONGEST_ASKED: Duration = Duration::from_mins(1);

/// Bounds of one push.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Of one try.
    pub(super) timeout: Duration,
    /// Of all tries with the pauses between them.
    pub(super) total: Duration,
    pub(super) tries: u32,
}

/// A try that failed.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) cause: PushCause,
    pub(super) again: Again,
}

/// Whether to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    Never,
    Soon,
    /// Not before this time has passed.
    After(Duration),
}

/// What to do next.
#[derive(Debug)]
pub(super) enum Step {
    Done,
    Wait(Duration),
    GiveUp(PushCause),
}

/// The tries of one push.
#[derive(Debug)]
pub(super) struct Attempts {
    limits: Limits,
    started: Instant,
    tries: u32,
}

impl Attempts {
    pub(super) fn begin(limits: Limits) -> Self {
        Self {
            limits,
            started: Instant::now(),
            tries: 0,
        }
    }

    /// How long the next try may take.
    pub(super) fn next_timeout(&self) -> Duration {
        let left = self.limits.total.saturating_sub(self.started.elapsed());
        self.limits.timeout.min(left)
    }

    /// How many there were.
    pub(super) const fn tries(&self) -> u32 {
        self.tries
    }

    /// Counts a try and tells what follows.
    pub(super) fn after(&mut self, answer: Result<(), Fault>) -> Step {
        self.tries += 1;
        let Err(Fault { cause, again }) = answer else {
            return Step::Done;
        };
        if let Some(reason) = cause.fault() {
            PUSH.push_tries_failed_total
                .with(TryLabels { reason })
                .inc();
        }
        let pause = match again {
            Again::Never => return Step::GiveUp(cause),
            Again::Soon => backoff(self.tries),
            Again::After(asked) => backoff(self.tries).max(asked.min(LONGEST_ASKED)),
        };
        // A pause that ends after the last moment would be waited for in vain.
        let is_time = self.started.elapsed() + pause < self.limits.total;
        if self.tries >= self.limits.tries || !is_time {
            return Step::GiveUp(cause);
        }
        Step::Wait(pause)
    }
}

/// The pause after this many tries: doubled each time, and at random between half of it and all of it.
fn backoff(tries: u32) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << tries.saturating_sub(1).min(16));
    let longest = doubled.min(LONGEST_PAUSE);
    longest.mul_f64(0.5 + fastrand::f64() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failing(again: Again) -> Result<(), Fault> {
        Err(Fault {
            cause: PushCause::Failing(503, String::new()),
            again,
        })
    }

    fn attempts(tries: u32, total: Duration) -> Attempts {
        Attempts::begin(Limits {
            timeout: Duration::from_secs(1),
            total,
            tries,
        })
    }

    #[test]
    fn pauses_double_with_jitter_up_to_a_bound() {
        for tries in 1..40 {
            let longest = (0.1 * f64::from(1 << (tries - 1).min(20))).min(10.0);
            for _ in 0..100 {
                let pause = backoff(tries).as_secs_f64();
                assert!(
                    (longest / 2.0 - 1e-6..=longest + 1e-6).contains(&pause),
                    "after {tries} tries: {pause} s"
                );
            }
        }
        let distinct = (0..20)
            .map(|_| backoff(3))
            .collect::<std::collections::HashSet<_>>();
        assert!(distinct.len() > 10, "no jitter: {distinct:?}");
    }

    #[test]
    fn tries_are_bounded() {
        let mut attempts = attempts(3, Duration::from_hours(1));
        assert!(matches!(
            attempts.after(failing(Again::Soon)),
            Step::Wait(_)
        ));
        assert!(matches!(
            attempts.after(failing(Again::Soon)),
            Step::Wait(_)
        ));
        assert!(matches!(
            attempts.after(failing(Again::Soon)),
            Step::GiveUp(_)
        ));
    }

    #[test]
    fn what_is_final_is_not_tried_again() {
        let mut attempts = attempts(3, Duration::from_hours(1));
        assert!(matches!(
            attempts.after(failing(Again::Never)),
            Step::GiveUp(_)
        ));
    }

    #[test]
    fn a_server_may_ask_for_a_minute_at_most() {
        let asked = |seconds| {
            let mut attempts = attempts(3, Duration::from_hours(1));
            match attempts.after(failing(Again::After(Duration::from_secs(seconds)))) {
                Step::Wait(pause) => pause.as_secs(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(asked(7), 7);
        assert_eq!(asked(86_400), 60);
    }

    #[test]
    fn a_pause_beyond_the_total_time_is_not_begun() {
        let mut attempts = attempts(3, Duration::from_secs(5));
        let step = attempts.after(failing(Again::After(Duration::from_secs(6))));
        assert!(matches!(step, Step::GiveUp(_)), "{step:?}");
    }

    #[test]
    fn a_try_ends_with_the_total_time() {
        let attempts = attempts(3, Duration::from_millis(300));
        assert!(attempts.next_timeout() <= Duration::from_millis(300));
    }
}
