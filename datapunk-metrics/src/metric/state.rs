//! States: gauges whose values are those of an enum.

use core::marker::PhantomData;

use datapunk_metrics_conventions::Kind;

use super::{Gauge, GaugeSeries, Metric, Recorded, Resolved, handle_traits};
use crate::cells::{Number, Storage};
use crate::descriptor::StateDescriptor;
use crate::labels::LabelSet;

/// Which of an enum's states something is in, one for each label set, exposed as the state's number. The name ends in
/// `_state` or `_status`.
///
/// Every state declares where it starts, `initial = <variant>` or `initial = absent`: where 0 means open or failed, a
/// gauge that starts at 0 raises a false alert.
///
/// ```
/// use datapunk_metrics::{MetricSet, State, StateValue};
///
/// #[derive(Clone, Copy, StateValue)]
/// enum Breaker { Open = 0, HalfOpen = 1, Closed = 2 }
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "gateway")]
/// struct GatewayMetrics {
///     /// Circuit breaker towards the upstream: 0 open, 1 half-open, 2 closed.
///     #[metric(initial = Closed)]
///     circuit_breaker_state: State<Breaker>,
/// }
/// const GATEWAY: GatewayMetrics = GatewayMetrics::METRICS;
///
/// assert_eq!(GATEWAY.circuit_breaker_state.get(), Some(2));
/// GATEWAY.circuit_breaker_state.set(Breaker::Open);
/// assert_eq!(GATEWAY.circuit_breaker_state.get(), Some(0));
/// ```
pub struct State<E, L = ()> {
    gauge: Gauge<L>,
    states: PhantomData<fn() -> E>,
}

handle_traits!(State<E, L>);

/// One series of a [`State`]. It may be kept.
pub struct StateSeries<E> {
    gauge: GaugeSeries,
    states: PhantomData<fn() -> E>,
}

handle_traits!(StateSeries<E>);

impl<E: StateValue, L: LabelSet> Metric for State<E, L> {
    type Labels = L;
    const KIND: Kind = Kind::State;
    const NUMBER: Number = Number::Signed;
    const STATES: &'static [StateDescriptor] = E::STATES;
}

impl<E: StateValue, L: LabelSet> Recorded for State<E, L> {
    type Series = StateSeries<E>;

    #[inline]
    fn storage(self) -> &'static Storage {
        self.gauge.storage()
    }

    #[inline]
    fn width(self) -> usize {
        self.gauge.width()
    }

    #[inline]
    fn series(self, cell: usize) -> StateSeries<E> {
        StateSeries {
            gauge: self.gauge.series(cell),
            states: PhantomData,
        }
    }
}

impl<E, L> State<E, L> {
    #[doc(hidden)]
    #[must_use]
    pub const fn over(storage: &'static Storage, starts: bool) -> Self {
        Self {
            gauge: Gauge::over(storage, starts),
            states: PhantomData,
        }
    }
}

impl<E: StateValue, L: LabelSet> State<E, L> {
    /// The series with these labels.
    #[inline]
    #[must_use]
    pub fn with(self, labels: L::Of<'_>) -> StateSeries<E> {
        self.series(self.storage().cell::<L>(labels, self.width()))
    }

    /// The series of these open values, for code that records them often. The closed values follow with
    /// [`Resolved::with`].
    #[must_use]
    pub fn resolve(self, open: L::Open<'_>) -> Resolved<Self> {
        Resolved::new(self, open)
    }
}

impl<E: StateValue> State<E> {
    /// Sets the state.
    #[inline]
    pub fn set(self, state: E) {
        self.with(()).set(state);
    }

    /// The number of the state now, if there is one.
    #[must_use]
    pub fn get(self) -> Option<i64> {
        self.with(()).get()
    }
}

#[cfg(feature = "testing")]
impl<E> StateSeries<E> {
    /// Where it is recorded: its first cell among those of the metric.
    pub(crate) const fn place(&self) -> (&'static Storage, usize) {
        self.gauge.place()
    }
}

impl<E: StateValue> StateSeries<E> {
    /// Sets the state.
    #[inline]
    pub fn set(self, state: E) {
        self.gauge.set(state.value());
    }

    /// The number of the state now, if there is one.
    #[must_use]
    pub fn get(self) -> Option<i64> {
        self.gauge.get()
    }
}

/// The states of a [`State`]: an enum without fields, whose discriminants are exposed.
///
/// Derive it; `#[state(value = …)]` on a variant sets a number that the discriminant is not.
///
/// ```
/// use datapunk_metrics::StateValue;
///
/// #[derive(Clone, Copy, StateValue)]
/// enum JobStatus { Failed, Succeeded, #[state(value = 9)] Running }
///
/// assert_eq!(JobStatus::Running.value(), 9);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type of states",
    label = "not a type of states",
    note = "a state is an enum without fields with `#[derive(Clone, Copy, StateValue)]`"
)]
pub trait StateValue: Copy + 'static {
    /// The states in the order of the variants.
    const STATES: &'static [StateDescriptor];

    /// The number that is exposed for this state.
    fn value(self) -> i64;
}
