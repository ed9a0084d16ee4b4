//! Ratios: the share of some series of a counter in all of it, over a sliding window.

use core::marker::PhantomData;
use core::time::Duration;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use datapunk_metrics_conventions::Kind;

use super::{Metric, handle_traits};
use crate::cells::{Number, Storage};
use crate::collect::{LabelValues, SeriesLabels};
use crate::labels::{LabelDescriptor, LabelSet};

/// The share of some of a counter's events in all of them over a sliding window, exposed as a gauge. Its name ends in
/// `_ratio`.
///
/// It is calculated at each scrape from a counter of the same set, which stays, so that rates are possible. The
/// window is five minutes unless `window = "…"` says otherwise: a ratio since the start hides a collapse. While there
/// is no traffic in the window, the ratio is absent.
///
/// ```
/// use datapunk_metrics::{Counter, LabelSet, LabelValue, MetricSet, Ratio};
///
/// #[derive(Clone, Copy, LabelValue)]
/// enum CacheResult { Hit, Miss }
///
/// #[derive(Clone, Copy, LabelSet)]
/// struct CacheLabels { result: CacheResult }
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "page")]
/// struct PageMetrics {
///     /// Look-ups in the page cache, by result.
///     cache_requests_total: Counter<CacheLabels>,
///     /// Share of look-ups that hit.
///     #[metric(ratio_of = cache_requests_total, numerator(result = Hit), window = "5m")]
///     cache_hit_ratio: Ratio,
/// }
///
/// PageMetrics::METRICS.cache_requests_total.with(CacheLabels { result: CacheResult::Hit }).inc();
/// ```
pub struct Ratio<L = ()> {
    #[cfg_attr(
        not(feature = "testing"),
        expect(dead_code, reason = "a test asks what it is calculated from")
    )]
    source: &'static RatioSource,
    labels: PhantomData<fn() -> L>,
}

handle_traits!(Ratio<L>);

impl<L: LabelSet> Metric for Ratio<L> {
    type Labels = L;
    const KIND: Kind = Kind::Ratio;
    const NUMBER: Number = Number::Float;
}

impl<L> Ratio<L> {
    #[doc(hidden)]
    #[must_use]
    pub const fn over(source: &'static RatioSource) -> Self {
        Self {
            source,
            labels: PhantomData,
        }
    }

    /// What it is calculated from.
    #[cfg(feature = "testing")]
    pub(crate) const fn source(self) -> &'static RatioSource {
        self.source
    }
}

/// What a ratio is calculated from.
#[doc(hidden)]
#[derive(Debug)]
pub struct RatioSource {
    /// The counter.
    pub counter: &'static Storage,
    /// Whether the counter holds `f64`.
    pub number: Number,
    /// The counter's labels.
    pub counter_labels: &'static [LabelDescriptor],
    /// The ratio's labels: some of the counter's.
    pub labels: &'static [LabelDescriptor],
    /// The counter's label values whose events are the numerator: (name of the label, value).
    pub numerator: &'static [(&'static str, &'static [&'static str])],
    /// The length of the window.
    pub window: Duration,
    pub samples: Samples,
}

/// The samples of a ratio's window, and which series there are; empty at the start of the program.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Samples(Mutex<State>);

impl Samples {
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(State {
            window: Window {
                samples: VecDeque::new(),
            },
            parts: Vec::new(),
            open: Vec::new(),
        }))
    }
}

#[derive(Debug, Default)]
struct State {
    window: Window,
    /// For each series of the counter, which series of the ratio it belongs to and whether it is in the numerator; none
    /// for one that belongs to no ratio.
    parts: Vec<Option<(usize, bool)>>,
    /// The label values of each series, where some of the labels are open.
    open: Vec<&'static [&'static str]>,
}

impl RatioSource {
    /// The value of each series at `now`, none where the window has no traffic.
    pub(crate) fn read(&self, now: Instant) -> Vec<Option<f64>> {
        let mut state = self.state();
        let state = &mut *state;
        for series in state.parts.len()..self.counter.series(1) {
            let part = self.part_of(series, &mut state.open);
            state.parts.push(part);
        }
        let mut totals = vec![Share::default(); self.series(state)];
        for (cell, part) in state.parts.iter().enumerate() {
            let Some((series, in_numerator)) = *part else {
                continue;
            };
            let is_float = matches!(self.number, Number::Float);
            let events = as_f64(self.counter.read_as(cell, is_float), self.number);
            totals[series].all += events;
            if in_numerator {
                totals[series].part += events;
            }
        }
        state.window.advance(now, self.window, totals)
    }

    /// The label values of a series, where some of the labels are open.
    pub(crate) fn values_of(&self, series: usize) -> LabelValues<'static> {
        let state = self.state();
        LabelValues::Listed(state.open.get(series).copied().unwrap_or_default())
    }

    // A poisoned window is still a window: it holds finished samples alone.
    fn state(&self) -> MutexGuard<'_, State> {
        self.samples
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn is_open(&self) -> bool {
        self.labels.iter().any(|label| label.open.is_some())
    }

    fn series(&self, state: &State) -> usize {
        if self.is_open() {
            return state.open.len();
        }
        self.labels.iter().map(|label| label.values.len()).product()
    }

    /// Which series of the ratio the counter's series at `index` belongs to, and whether it is in the numerator.
    ///
    /// The overflow series belongs to none: of what it counts, nobody knows whether it is in the numerator.
    fn part_of(
        &self,
        index: usize,
        open: &mut Vec<&'static [&'static str]>,
    ) -> Option<(usize, bool)> {
        let values = match self.counter.open() {
            labels if labels.is_some() => labels.values_of(index),
            _ => LabelValues::Closed(index),
        };
        if matches!(values, LabelValues::Other) {
            return None;
        }
        let counter = SeriesLabels {
            constant: &[],
            labels: self.counter_labels,
            values,
        };
        let value_of = |name: &str| {
            let mut labels = counter.iter();
            labels.find_map(|(label, value)| (label == name).then_some(value))
        };
        let in_numerator = self
            .numerator
            .iter()
            .all(|(label, values)| value_of(label).is_some_and(|value| values.contains(&value)));
        let own = self.labels.iter().map(|label| value_of(label.name));
        let own: Vec<&'static str> = own.map(Option::unwrap_or_default).collect();
        let series = if self.is_open() {
            let known = open.iter().position(|known| **known == *own);
            known.unwrap_or_else(|| {
                open.push(own.leak());
                open.len() - 1
            })
        } else {
            let labels = self.labels.iter().zip(own);
            labels.fold(0, |series, (label, own)| {
                let digit = label.values.iter().position(|value| *value == own);
                series * label.values.len() + digit.unwrap_or(0)
            })
        };
        Some((series, in_numerator))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a ratio is an f64")]
fn as_f64(bits: u64, number: Number) -> f64 {
    match number {
        Number::Float => f64::from_bits(bits),
        Number::Unsigned | Number::Signed => bits as f64,
    }
}

/// Events of one series.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    part: f64,
    all: f64,
}

/// Samples of the totals, oldest first.
#[derive(Debug, Default)]
struct Window {
    samples: VecDeque<(Instant, Vec<Share>)>,
}

/// A window keeps about this many samples, however often it is scraped.
const SAMPLES_PER_WINDOW: u32 = 60;

impl Window {
    fn advance(&mut self, now: Instant, length: Duration, totals: Vec<Share>) -> Vec<Option<f64>> {
        // The base is the youngest sample that is at least as old as the window, or else the oldest there is.
        while let Some((time, _)) = self.samples.get(1) {
            if now.saturating_duration_since(*time) < length {
                break;
            }
            self.samples.pop_front();
        }
        let base = self
            .samples
            .front()
            .map(|(_, shares)| shares.as_slice())
            .unwrap_or_default();
        let ratios = totals
            .iter()
            .enumerate()
            .map(|(series, total)| {
                // Without a sample, the window began with the program, when all was 0.
                let base = base.get(series).copied().unwrap_or_default();
                let all = total.all - base.all;
                (all > 0.0).then(|| ((total.part - base.part) / all).clamp(0.0, 1.0))
            })
            .collect();
        let spacing = length / SAMPLES_PER_WINDOW;
        let due = self
            .samples
            .back()
            .is_none_or(|(time, _)| now.saturating_duration_since(*time) >= spacing);
        if due {
            self.samples.push_back((now, totals));
        }
        ratios
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_mins(5);

    fn share(part: f64, all: f64) -> Vec<Share> {
        vec![Share { part, all }]
    }

    #[test]
    fn a_collapse_shows_within_the_window() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut window = Window::default();
        assert_eq!(
            window.advance(at(0), WINDOW, share(900.0, 1000.0)),
            [Some(0.9)]
        );
        assert_eq!(
            window.advance(at(100), WINDOW, share(900.0, 1100.0)),
            [Some(0.0)]
        );
        assert_eq!(
            window.advance(at(400), WINDOW, share(900.0, 1200.0)),
            [Some(0.0)]
        );
    }

    #[test]
    fn no_traffic_is_no_ratio() {
        let start = Instant::now();
        let mut window = Window::default();
        assert_eq!(window.advance(start, WINDOW, share(0.0, 0.0)), [None]);
        assert_eq!(window.advance(start, WINDOW, share(1.0, 2.0)), [Some(0.5)]);
        let later = start + 2 * WINDOW;
        window.advance(later, WINDOW, share(1.0, 2.0));
        assert_eq!(
            window.advance(later + WINDOW, WINDOW, share(1.0, 2.0)),
            [None]
        );
    }

    #[test]
    fn frequent_scrapes_do_not_grow_the_window() {
        let start = Instant::now();
        let mut window = Window::default();
        for scrape in 0..10_000 {
            window.advance(
                start + Duration::from_millis(100 * scrape),
                WINDOW,
                share(0.0, 1.0),
            );
        }
        assert!(
            window.samples.len() <= 62,
            "{} samples",
            window.samples.len()
        );
    }
}
