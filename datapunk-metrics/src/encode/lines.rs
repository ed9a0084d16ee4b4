//! What of a family's lines does not change from one exposition to the next.
//!
//! A sample's line is put together of three pieces: the name with its suffix, the labels of the series, and what stands
//! between the labels and the value, such as the bound of a bucket. The first and the third are the family's own. So
//! what is kept for a series is the text of its labels, once, for all its lines and for both formats:
//!
//! - 8 bytes for each series that is declared,
//! - the length of its labels for each that was shown once (`method="get",status="200"} ` has 26 bytes); one that never
//!   was is not rendered,
//! - up to [`MOST`] bytes of labels for a family. Those of the series beyond, of which there are some in a family of a
//!   hundred thousand, are rendered anew each time.
//!
//! A family that was never encoded keeps nothing.

use core::fmt;

use super::buffer::{Piece, Pieces, Span, Tail};
use super::{Format, escape, number, open_metrics, text};
use crate::collect::{Head, HistogramValue, SeriesLabels, Shape, Snapshot, Value};

/// How many bytes of labels one family keeps.
const MOST: usize = 4 << 20;

/// What the lines of one family are made of.
#[derive(Default)]
pub(crate) struct Lines {
    frames: [Option<Box<Frame>>; 2],
    labels: Labels,
}

/// What all series of a family have in common, in one format.
pub(super) struct Frame {
    /// `# HELP` and the like.
    description: String,
    pieces: Pieces,
    body: Body,
}

/// What stands around the labels.
enum Body {
    /// `name{`. What stands behind the labels is kept with them.
    Number(Span),
    Histogram {
        /// `name_bucket{`.
        bucket: Span,
        /// `,le="0.5"} ` for each bound, `+Inf` the last.
        bounds: Vec<Span>,
        /// `name_sum{`, `name_count{` and `} `, where the format has them.
        sum_and_count: Option<[Span; 3]>,
    },
}

/// The labels of the series, as they are written.
#[derive(Default)]
pub(super) struct Labels {
    pieces: Pieces,
    /// For each series the piece with its labels; none until it is first shown.
    spans: Vec<Option<Span>>,
    /// The piece that is not kept.
    spare: Pieces,
}

/// The pieces around the labels of a series that is no histogram.
#[derive(Clone, Copy)]
pub(super) struct NumberFrame<'a> {
    name: Piece<'a>,
}

/// The pieces around the labels of a histogram's series.
#[derive(Clone, Copy)]
pub(super) struct HistogramFrame<'a> {
    pieces: &'a Pieces,
    bucket: Piece<'a>,
    bounds: &'a [Span],
    sum_and_count: Option<[Piece<'a>; 3]>,
    /// What one series takes at most, its labels aside.
    room: usize,
    lines: usize,
}

/// Either of the two.
#[derive(Clone, Copy)]
pub(super) enum Around<'a> {
    Number(NumberFrame<'a>),
    Histogram(HistogramFrame<'a>),
}

/// Without the text, which is most of an exposition.
impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").finish_non_exhaustive()
    }
}

impl Lines {
    /// The two parts of a family's lines.
    pub(super) fn parts(&mut self, format: Format, family: Snapshot<'_>) -> (&Frame, &mut Labels) {
        let frame = match format {
            Format::Text => &mut self.frames[0],
            Format::OpenMetrics => &mut self.frames[1],
        };
        if self.labels.spans.is_empty() {
            self.labels.spans.resize(family.len(), None);
        }
        (
            frame.get_or_insert_with(|| Box::new(Frame::new(format, family))),
            &mut self.labels,
        )
    }
}

#[cfg(test)]
impl Lines {
    /// How many bytes of labels are kept.
    pub(super) fn kept(&self) -> usize {
        self.labels.pieces.len()
    }
}

impl Frame {
    fn new(format: Format, family: Snapshot<'_>) -> Self {
        let head = family.head();
        let mut description = String::new();
        push_description(&mut description, format, &head);
        let has_labels = family.has_labels();
        let (open, close) = if has_labels { ("{", "} ") } else { (" ", "") };
        let mut pieces = Pieces::default();
        let mut push = |text: &str| pieces.push(text);
        let name = head.name;
        let body = if family.shape() == Shape::Histogram {
            let bounds = family.descriptor().buckets;
            let comma = if has_labels { "," } else { "" };
            Body::Histogram {
                bucket: push(&format!("{name}_bucket{{")),
                bounds: bounds
                    .iter()
                    .chain([&f64::INFINITY])
                    .map(|bound| push(&format!("{comma}le=\"{}\"}} ", bound_text(*bound, format))))
                    .collect(),
                sum_and_count: (format == Format::Text || open_metrics::has_sum(bounds)).then(
                    || {
                        [
                            push(&format!("{name}_sum{open}")),
                            push(&format!("{name}_count{open}")),
                            push(close),
                        ]
                    },
                ),
            }
        } else {
            Body::Number(push(&format!("{name}{open}")))
        };
        Self {
            description,
            pieces,
            body,
        }
    }

    /// `# HELP` and the like.
    pub(super) fn description(&self) -> &str {
        &self.description
    }

    /// What stands around the labels.
    pub(super) fn around(&self) -> Around<'_> {
        let get = |span: Span| self.pieces.get(span);
        match &self.body {
            Body::Number(name) => Around::Number(NumberFrame { name: get(*name) }),
            Body::Histogram {
                bucket,
                bounds,
                sum_and_count,
            } => {
                let bucket = get(*bucket);
                let sum_and_count = sum_and_count.map(|spans| spans.map(get));
                let mut room = 0;
                for bound in bounds {
                    room += bucket.len() + get(*bound).len() + number::ROOM;
                }
                if let Some([sum, count, end]) = sum_and_count {
                    room += sum.len() + count.len() + 2 * (end.len() + number::ROOM);
                }
                Around::Histogram(HistogramFrame {
                    pieces: &self.pieces,
                    bucket,
                    bounds,
                    sum_and_count,
                    room,
                    lines: bounds.len() + 2,
                })
            }
        }
    }
}

#[expect(clippy::inline_always, reason = "as with what it calls")]
impl NumberFrame<'_> {
    /// What the line takes at most.
    #[inline]
    pub(super) fn room(self, labels: Piece<'_>) -> usize {
        Tail::room_for(self.name.len() + labels.len() + number::ROOM)
    }

    #[inline(always)]
    pub(super) fn push(self, out: &mut Tail<'_>, labels: Piece<'_>, value: Value) {
        push_line(out, self.name, labels, None, value);
    }
}

#[expect(clippy::inline_always, reason = "as with what it calls")]
impl HistogramFrame<'_> {
    /// What the lines of a series take at most.
    #[inline]
    pub(super) fn room(self, labels: Piece<'_>) -> usize {
        Tail::room_for(self.room + self.lines * labels.len())
    }

    #[inline(always)]
    pub(super) fn push(self, out: &mut Tail<'_>, labels: Piece<'_>, histogram: HistogramValue<'_>) {
        let mut count: u64 = 0;
        for (own, bound) in histogram.buckets.iter().zip(self.bounds) {
            // A bucket counts the values of those below it too.
            count = count.wrapping_add(*own);
            let bound = Some(self.pieces.get(*bound));
            push_line(out, self.bucket, labels, bound, Value::Unsigned(count));
        }
        if let Some([sum_name, count_name, end]) = self.sum_and_count {
            push_line(out, sum_name, labels, Some(end), histogram.sum);
            push_line(out, count_name, labels, Some(end), Value::Unsigned(count));
        }
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "as with what it calls")]
fn push_line(
    out: &mut Tail<'_>,
    name: Piece<'_>,
    labels: Piece<'_>,
    end: Option<Piece<'_>>,
    value: Value,
) {
    let integer = match value {
        Value::Unsigned(value) => Some(value),
        Value::Signed(value) => u64::try_from(value).ok(),
        Value::Float(_) | Value::Nanoseconds(_) => None,
    };
    // Before there is a branch that can't be foretold.
    out.push_start(name, labels, end);
    if let Some(digits) = integer.and_then(number::few_digits) {
        out.push_digits_line(digits);
    } else if let Some([first, last]) = integer.and_then(number::many_digits) {
        out.push_digits(first);
        out.push_digits_line(last);
    } else {
        number::push_value(out, value);
    }
}

/// Appends the lines before the samples of a family.
pub(super) fn push_description(out: &mut String, format: Format, head: &Head<'_>) {
    match format {
        Format::Text => text::push_head(out, head),
        Format::OpenMetrics => open_metrics::push_head(out, head),
    }
}

fn bound_text(bound: f64, format: Format) -> String {
    let mut text = String::new();
    number::push_canonical(&mut text, bound);
    if format == Format::OpenMetrics && bound.is_finite() && !text.contains(['.', 'e']) {
        text.push_str(".0");
    }
    text
}

impl Labels {
    /// The labels of a series; with what stands behind them, unless it is a histogram's.
    #[inline]
    pub(super) fn get(&mut self, family: Snapshot<'_>, index: usize) -> Piece<'_> {
        match self.spans.get(index) {
            Some(Some(span)) => self.pieces.get(*span),
            _ => self.render(family, index),
        }
    }

    #[cold]
    fn render(&mut self, family: Snapshot<'_>, index: usize) -> Piece<'_> {
        let mut text = String::new();
        push_labels(&mut text, family.labels(index));
        if family.shape() != Shape::Histogram && family.has_labels() {
            text.push_str("} ");
        }
        if let Some(span) = self.spans.get_mut(index)
            && self.pieces.len() + text.len() <= MOST
        {
            let kept = *span.insert(self.pieces.push(&text));
            return self.pieces.get(kept);
        }
        self.spare.clear();
        let span = self.spare.push(&text);
        self.spare.get(span)
    }
}

/// Appends names and values of labels, with commas between them.
pub(super) fn push_labels(out: &mut String, labels: SeriesLabels<'_>) {
    for (position, (name, value)) in labels.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        out.push_str(name);
        out.push_str("=\"");
        escape::push_label_value(out, value);
        out.push('"');
    }
}
