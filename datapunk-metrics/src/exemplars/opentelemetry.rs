//! The current trace of OpenTelemetry, which is that of `tracing` where `tracing-opentelemetry` is a layer.

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;

use super::Trace;

/// The trace and the span of the current context; none outside of a span and in a trace that is not sampled.
///
/// ```
/// use datapunk_metrics::exemplars;
///
/// exemplars::set_source(exemplars::opentelemetry::current)?;
/// # Ok::<(), exemplars::SetSourceError>(())
/// ```
#[must_use]
pub fn current() -> Option<Trace> {
    Context::map_current(|context| {
        let span = context.span();
        let span = span.span_context();
        (span.is_valid() && span.is_sampled()).then(|| {
            let trace = u128::from_be_bytes(span.trace_id().to_bytes());
            Trace::new(trace, u64::from_be_bytes(span.span_id().to_bytes()))
        })
    })
}
