//! What OpenMetrics 1.0 says of a family before its samples, and where it is stricter than the text format.

use datapunk_metrics_conventions::Kind;

use super::escape;
use crate::collect::{Head, open_metrics_name};

/// The last line, without which an exposition counts as cut off.
pub(super) const END: &str = "# EOF\n";

/// Appends the lines before the samples of a family.
pub(super) fn push_head(out: &mut String, head: &Head<'_>) {
    let family = open_metrics_name(head.name, head.kind);
    out.push_str("# HELP ");
    out.push_str(family);
    out.push(' ');
    escape::push_open_metrics_help(out, head.help);
    out.push_str("\n# TYPE ");
    out.push_str(family);
    // A counter's samples end in `_total` and an info's in `_info`. A name that a waiver excuses from that is no
    // counter and no info in this format, and a parser would reject the exposition.
    let has_suffix = family.len() < head.name.len();
    out.push_str(match head.kind {
        Some(Kind::Counter) if has_suffix => " counter\n",
        Some(Kind::Info) if has_suffix => " info\n",
        Some(Kind::Counter | Kind::Info) | None => " unknown\n",
        Some(Kind::Histogram) => " histogram\n",
        Some(Kind::Gauge | Kind::Ratio | Kind::State) => " gauge\n",
    });
    if let Some(unit) = unit(family, head) {
        out.push_str("# UNIT ");
        out.push_str(family);
        out.push(' ');
        out.push_str(unit);
        out.push('\n');
    }
}

/// The unit that a family may name: one that its name ends in.
fn unit<'a>(family: &str, head: &Head<'a>) -> Option<&'a str> {
    let may_have_one = !matches!(head.kind, Some(Kind::Info | Kind::State));
    let named = !head.unit.is_empty()
        && family
            .strip_suffix(head.unit)
            .is_some_and(|before| before.ends_with('_'));
    (may_have_one && named).then_some(head.unit)
}

/// Whether a histogram with these bounds has `_sum` and `_count`: with negative values the sum is no counter, and the
/// count goes with the sum.
pub(super) fn has_sum(bounds: &[f64]) -> bool {
    bounds.iter().all(|bound| *bound >= 0.0)
}
