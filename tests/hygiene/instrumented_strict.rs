//! Instrumented functions pass the lints that strict projects turn on.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(missing_docs, missing_debug_implementations, unreachable_pub, unused_qualifications)]
#![deny(unused_results, single_use_lifetimes, trivial_casts, trivial_numeric_casts, variant_size_differences)]
#![deny(clippy::indexing_slicing, clippy::panic, clippy::as_conversions, clippy::shadow_same)]
#![forbid(dead_code, clippy::all, clippy::unwrap_used)]

use datapunk_metrics::{LabelValue, instrument_metrics};

/// A model.
#[derive(Clone, Copy, Debug, LabelValue)]
pub enum Model {
    /// One word at a time.
    Words,
    /// Two.
    Pairs,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, LabelValue)]
pub enum Fault {
    /// The input.
    Input,
}

/// Reads the words of a text.
///
/// # Errors
///
/// If there are none.
#[instrument_metrics(system = "strict", labels(model = model, fault: Fault = |fault| *fault))]
pub fn words(model: Model, text: &str) -> Result<usize, Fault> {
    let found = match model {
        Model::Words => text.split(' ').count(),
        Model::Pairs => text.split(' ').count().saturating_sub(1),
    };
    if found == 0 { Err(Fault::Input) } else { Ok(found) }
}

/// Reads the words of two texts.
///
/// # Errors
///
/// If one has none.
#[instrument_metrics(system = "strict", buckets = [0.1, 1.0])]
pub async fn words_of_both(first: &str, second: &str) -> Result<usize, Fault> {
    let first = std::future::ready(words(Model::Words, first)?).await;
    let second = words(Model::Pairs, second)?;
    Ok(first.saturating_add(second))
}

/// A sum.
#[instrument_metrics(system = "strict")]
#[must_use]
pub fn sum<N: Copy + std::ops::Add<Output = N>>(numbers: &[N], start: N) -> N {
    numbers.iter().fold(start, |sum, number| sum + *number)
}

/// A service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Service {
    calls: u32,
}

#[instrument_metrics(system = "strict_service")]
impl Service {
    /// Counts.
    #[instrument_metrics(skip)]
    #[must_use]
    pub const fn new() -> Self {
        Self { calls: 0 }
    }

    /// Counts.
    pub fn count(&mut self) -> u32 {
        self.calls = self.calls.saturating_add(1);
        self.calls
    }

    /// Counts later.
    pub async fn count_later(&mut self) -> u32 {
        std::future::ready(()).await;
        self.calls = self.calls.saturating_add(1);
        self.calls
    }
}
