//! Bucket bounds of histograms.

use crate::{Finding, Rule};

/// The bounds of a latency histogram without bounds of its own, in seconds.
pub const LATENCY_BUCKETS: [f64; 8] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0];

/// A mistake in a list of bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketFinding {
    /// Which bound it is about; `None` for the list as a whole.
    pub index: Option<usize>,
    /// The mistake.
    pub finding: Finding,
}

/// Checks the upper bounds of a histogram's buckets.
///
/// They are finite and strictly increasing, and there is at least one.
#[must_use]
pub fn check_buckets(bounds: &[f64]) -> Vec<BucketFinding> {
    if bounds.is_empty() {
        let finding = Finding::new(Rule::Buckets, "the list of buckets is empty").help(
            "give at least one bound, or leave `buckets` away where the unit has default buckets",
        );
        return vec![BucketFinding {
            index: None,
            finding,
        }];
    }
    let help = corrected(bounds).map(|list| format!("write `buckets = {list}`"));
    let mut findings = Vec::new();
    for (index, &bound) in bounds.iter().enumerate() {
        let finding = if bound.is_nan() {
            Finding::new(Rule::Buckets, "bucket bound `NaN` is not a number")
        } else if bound == f64::INFINITY {
            Finding::new(Rule::Buckets, "bucket bound `+Inf` is infinite")
                .note("every histogram has a `+Inf` bucket already")
        } else if bound == f64::NEG_INFINITY {
            Finding::new(Rule::Buckets, "bucket bound `-Inf` is infinite")
                .note("no value is below it")
        } else if bounds[..index].contains(&bound) {
            Finding::new(
                Rule::Buckets,
                format!("bucket bound `{bound:?}` is listed twice"),
            )
        } else if let Some(before) = bounds[..index].iter().rev().find(|bound| bound.is_finite())
            && bound < *before
        {
            Finding::new(
                Rule::Buckets,
                format!("bucket bound `{bound:?}` is below the bound before it, `{before:?}`"),
            )
        } else {
            continue;
        };
        findings.push(BucketFinding {
            index: Some(index),
            finding: Finding {
                help: help.clone(),
                ..finding
            },
        });
    }
    findings
}

/// The bounds in order, without those that have no place, as they are written in code.
fn corrected(bounds: &[f64]) -> Option<String> {
    let mut bounds: Vec<f64> = bounds
        .iter()
        .copied()
        .filter(|bound| bound.is_finite())
        .collect();
    bounds.sort_by(f64::total_cmp);
    bounds.dedup();
    (!bounds.is_empty()).then(|| format!("{bounds:?}"))
}

/// Whether bounds pass [`check_buckets`], in constants.
#[must_use]
pub const fn buckets_are_ordered(bounds: &[f64]) -> bool {
    let mut bound = 0;
    while bound < bounds.len() {
        let ordered =
            bounds[bound].is_finite() && (bound == 0 || bounds[bound - 1] < bounds[bound]);
        if !ordered {
            return false;
        }
        bound += 1;
    }
    !bounds.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mistake_is_found_at_its_bound() {
        for (bounds, expected) in [
            (&[][..], &[(None, "the list of buckets is empty")][..]),
            (
                &[0.1, f64::NAN],
                &[(Some(1), "bucket bound `NaN` is not a number")],
            ),
            (
                &[0.1, f64::INFINITY],
                &[(Some(1), "bucket bound `+Inf` is infinite")],
            ),
            (
                &[f64::NEG_INFINITY, 0.1],
                &[(Some(0), "bucket bound `-Inf` is infinite")],
            ),
            (
                &[0.1, 0.5, 0.1],
                &[(Some(2), "bucket bound `0.1` is listed twice")],
            ),
            (
                &[0.0, -0.0],
                &[(Some(1), "bucket bound `-0.0` is listed twice")],
            ),
            (
                &[1.0, 0.5, 0.7],
                &[(
                    Some(1),
                    "bucket bound `0.5` is below the bound before it, `1.0`",
                )],
            ),
            (
                &[1.0, f64::NAN, 0.5, 0.5],
                &[
                    (Some(1), "bucket bound `NaN` is not a number"),
                    (
                        Some(2),
                        "bucket bound `0.5` is below the bound before it, `1.0`",
                    ),
                    (Some(3), "bucket bound `0.5` is listed twice"),
                ],
            ),
            (&[-1.0, 0.0, 1e9], &[]),
            (&LATENCY_BUCKETS, &[]),
        ] {
            let findings = check_buckets(bounds);
            let found: Vec<_> = findings
                .iter()
                .map(|found| (found.index, found.finding.message.as_str()))
                .collect();
            assert_eq!(found, expected, "{bounds:?}");
            assert_eq!(
                buckets_are_ordered(bounds),
                expected.is_empty(),
                "{bounds:?}"
            );
        }
    }

    #[test]
    fn the_help_is_the_whole_list_in_order() {
        let findings = check_buckets(&[1.0, f64::NAN, 0.5, 0.5]);
        assert!(
            findings
                .iter()
                .all(|found| found.finding.help.as_deref() == Some("write `buckets = [0.5, 1.0]`"))
        );
        assert_eq!(check_buckets(&[f64::NAN])[0].finding.help, None);
    }
}
