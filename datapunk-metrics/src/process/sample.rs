//! One reading of the system, shared by the metrics of a scrape.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::system::{self, Facts};

/// How long a reading is kept: longer than a scrape takes, and shorter than the time between two.
const KEPT: Duration = Duration::from_millis(250);

/// What the metrics of one scrape are made of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sample {
    pub(super) facts: Facts,
    /// Since the Unix epoch.
    pub(super) started: Option<Duration>,
}

/// The sample of this moment.
pub(super) fn sample() -> Sample {
    static SAMPLER: Mutex<Sampler> = Mutex::new(Sampler { last: None });
    SAMPLER
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .sample(
            std::process::id(),
            Instant::now(),
            Facts::read,
            system::started,
        )
}

/// Keeps the last sample.
#[derive(Debug)]
struct Sampler {
    last: Option<Taken>,
}

#[derive(Debug)]
struct Taken {
    /// A forked child has its parent's sample in memory, which is not its own.
    process: u32,
    at: Instant,
    sample: Sample,
}

impl Sampler {
    fn sample(
        &mut self,
        process: u32,
        now: Instant,
        read: impl FnOnce() -> Facts,
        started: impl FnOnce() -> Option<Duration>,
    ) -> Sample {
        let last = self.last.as_ref().filter(|last| last.process == process);
        if let Some(last) = last
            && now.saturating_duration_since(last.at) < KEPT
        {
            return last.sample;
        }
        let sample = Sample {
            facts: read(),
            // Calculated once: it depends on the wall clock, and an adjusted clock would move it.
            started: last.and_then(|last| last.sample.started).or_else(started),
        };
        self.last = Some(Taken {
            process,
            at: now,
            sample,
        });
        sample
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A system whose clocks stand where they are put.
    struct Machine {
        start: Instant,
        sampler: Sampler,
        readings: u32,
    }

    impl Machine {
        fn new() -> Self {
            Self {
                start: Instant::now(),
                sampler: Sampler { last: None },
                readings: 0,
            }
        }

        /// Samples process `process`, `at` milliseconds after the start, when it has used `cpu` milliseconds.
        fn sample(&mut self, process: u32, at: u64, cpu: u64) -> Sample {
            let now = self.start + Duration::from_millis(at);
            let mut readings = 0;
            let sample = self.sampler.sample(
                process,
                now,
                || {
                    readings += 1;
                    Facts {
                        cpu_time: Some(Duration::from_millis(cpu)),
                        ..Facts::default()
                    }
                },
                || Some(Duration::from_millis(at)),
            );
            self.readings += readings;
            sample
        }
    }

    #[test]
    fn a_sample_is_kept_for_a_quarter_of_a_second() {
        let mut machine = Machine::new();
        for at in [0, 1, 100, 249] {
            let sample = machine.sample(1, at, at);
            assert_eq!(sample.facts.cpu_time, Some(Duration::ZERO));
        }
        assert_eq!(machine.readings, 1);
        let sample = machine.sample(1, 250, 70);
        assert_eq!(sample.facts.cpu_time, Some(Duration::from_millis(70)));
        assert_eq!(machine.readings, 2);
    }

    #[test]
    fn the_start_is_calculated_once() {
        let mut machine = Machine::new();
        for at in [40, 1000, 9000] {
            let started = machine.sample(1, at, 0).started;
            assert_eq!(started, Some(Duration::from_millis(40)));
        }
    }

    #[test]
    fn a_forked_child_starts_anew() {
        let mut machine = Machine::new();
        machine.sample(1, 0, 500);
        let child = machine.sample(2, 10, 0);
        assert_eq!(child.facts.cpu_time, Some(Duration::ZERO));
        assert_eq!(child.started, Some(Duration::from_millis(10)));
    }
}
