//! What the Prometheus text format, version 0.0.4, says of a family before its samples.

use datapunk_metrics_conventions::Kind;

use super::escape;
use crate::collect::Head;

/// Appends the lines before the samples of a family.
pub(super) fn push_head(out: &mut String, head: &Head<'_>) {
    out.push_str("# HELP ");
    out.push_str(head.name);
    out.push(' ');
    escape::push_text_help(out, head.help);
    out.push_str("\n# TYPE ");
    out.push_str(head.name);
    out.push_str(match head.kind {
        Some(Kind::Counter) => " counter\n",
        Some(Kind::Histogram) => " histogram\n",
        // The format knows neither ratios nor states nor infos.
        Some(Kind::Gauge | Kind::Ratio | Kind::State | Kind::Info) => " gauge\n",
        None => " untyped\n",
    });
}
