//! The rows of the comparison.

/// What a row's contenders do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// A counter without labels.
    Plain,
    /// A counter with 5×5 closed labels, the values written at the recording site.
    Literal,
    /// The same, the values chosen at run time.
    Runtime,
    /// A counter with an open label of a hundred values.
    Open,
    /// A histogram of durations with six buckets.
    Six,
    /// A histogram of other numbers with six buckets.
    SixFloat,
    /// A histogram of durations with eleven buckets.
    Eleven,
    /// The text exposition of 10,000 counters and 1,000 six-bucket histograms.
    Encode,
}

/// One row.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) key: &'static str,
    pub(crate) what: &'static str,
    pub(crate) work: Work,
    pub(crate) threads: usize,
    /// What ours is to stay at or below, against the reference.
    pub(crate) goal: Option<f64>,
}

const fn row(
    key: &'static str,
    what: &'static str,
    work: Work,
    threads: usize,
    goal: Option<f64>,
) -> Row {
    Row {
        key,
        what,
        work,
        threads,
        goal,
    }
}

#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    row("counter_plain", "counter, no labels", Work::Plain, 1, Some(0.22)),
    row("counter_literal", "counter, 5×5 closed labels, literal", Work::Literal, 1, Some(0.22)),
    row("counter_runtime", "counter, 5×5 closed labels chosen at run time", Work::Runtime, 1, Some(0.65)),
    row("counter_plain_2t", "counter, no labels, 2 threads", Work::Plain, 2, Some(0.1)),
    row("counter_runtime_2t", "counter, 5×5 at run time, 2 threads", Work::Runtime, 2, Some(0.2)),
    row("counter_plain_4t", "counter, no labels, 4 threads", Work::Plain, 4, None),
    row("counter_runtime_4t", "counter, 5×5 at run time, 4 threads", Work::Runtime, 4, None),
    row("open_100", "counter, open label, 100 paths", Work::Open, 1, Some(3.5)),
    row("open_100_2t", "counter, open label, 100 paths, 2 threads", Work::Open, 2, Some(1.0)),
    row("histogram_6", "histogram of durations, 6 buckets", Work::Six, 1, Some(0.9)),
    row("histogram_6_f64", "histogram of `f64`, 6 buckets", Work::SixFloat, 1, Some(1.7)),
    row("histogram_11", "histogram of durations, 11 buckets", Work::Eleven, 1, Some(1.3)),
    row("histogram_6_2t", "histogram of durations, 6 buckets, 2 threads", Work::Six, 2, Some(0.4)),
    row("encode_mixed", "text of 10,000 counters and 1,000 histograms", Work::Encode, 1, Some(2.0)),
];

/// The rows that have `filter` in their name.
pub(crate) fn selected(filter: &str) -> Vec<&'static Row> {
    ROWS.iter().filter(|row| row.key.contains(filter)).collect()
}

/// All names, for who has given none of them.
pub(crate) fn names() -> String {
    let mut names = vec!["the rows are"];
    names.extend(ROWS.iter().map(|row| row.key));
    names.push(crate::own::KEY);
    names.join("\n  ")
}
