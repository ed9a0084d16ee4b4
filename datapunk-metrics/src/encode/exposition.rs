//! The exposition as it is written: one line after the other, as far as there is room.

use std::sync::PoisonError;

use super::buffer::{Buffer, Tail};
use super::lines::{self, Around, HistogramFrame, Labels, NumberFrame};
use super::{Format, number, open_metrics};
use crate::collect::{Collection, OwnSnapshot, Part, SeriesLabels, Snapshot, Value};

/// An exposition that is being written. Where it stopped, it goes on.
#[derive(Debug)]
pub(super) struct Exposition {
    format: Format,
    collection: Collection,
    at: At,
    written: usize,
}

/// What is written next.
#[derive(Clone, Copy, Debug)]
enum At {
    /// The next part.
    Part,
    /// A series of the part that was begun.
    Series(usize),
    End,
}

impl Exposition {
    pub(super) fn new(format: Format, collection: Collection) -> Self {
        Self {
            format,
            collection,
            at: At::Part,
            written: 0,
        }
    }

    /// Writes on until there are `enough` bytes in `out` or all is written. Tells whether there is more.
    ///
    /// The series that makes it enough is written whole.
    pub(super) fn fill(&mut self, out: &mut Buffer, enough: usize) -> bool {
        let before = out.len();
        while out.len() < enough {
            self.at = match self.at {
                At::Part if self.collection.advance() => self.part(out, None, enough),
                At::Series(index) => self.part(out, Some(index), enough),
                At::Part => {
                    if self.format == Format::OpenMetrics {
                        out.push_str(open_metrics::END);
                    }
                    At::End
                }
                At::End => break,
            };
        }
        self.written += out.len() - before;
        if matches!(self.at, At::End) {
            self.collection.set_last_length(self.written);
            return false;
        }
        true
    }

    /// Writes a part from its beginning, or from a series on.
    fn part(&self, out: &mut Buffer, from: Option<usize>, enough: usize) -> At {
        match self.collection.part() {
            Some(Part::Family(family)) => self.family(out, family, from, enough),
            Some(Part::Own(own)) => {
                self.own(out, own);
                At::Part
            }
            None => At::End,
        }
    }

    fn family(
        &self,
        out: &mut Buffer,
        family: Snapshot<'_>,
        from: Option<usize>,
        enough: usize,
    ) -> At {
        // Held no longer than it takes to write what is enough.
        let mut lines = family
            .lines()
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (frame, labels) = lines.parts(self.format, family);
        if from.is_none() {
            out.push_str(frame.description());
        }
        let around = frame.around();
        let mut next = Next {
            series: from.unwrap_or(0),
            room: 0,
        };
        while next.series < family.len() {
            if out.len() >= enough {
                return At::Series(next.series);
            }
            let left = enough - out.len();
            next = out.append(next.room, |tail| match around {
                Around::Number(around) => match family.totals() {
                    Some(totals) => {
                        numbers(tail, around, labels, family, next.series, left, |index| {
                            totals.get(index).copied().map(Value::Unsigned)
                        })
                    }
                    None => numbers(tail, around, labels, family, next.series, left, |index| {
                        family.number(index)
                    }),
                },
                Around::Histogram(around) => {
                    histograms(tail, around, labels, family, next.series, left)
                }
            });
        }
        At::Part
    }

    /// Writes a family of the toolkit's own.
    fn own(&self, out: &mut Buffer, own: OwnSnapshot<'_>) {
        let mut text = String::new();
        lines::push_description(&mut text, self.format, &own.head);
        out.push_str(&text);
        for (metric, count) in own.counts {
            text.clear();
            let labels = SeriesLabels {
                constant: &[("metric", metric)],
                labels: &[],
                index: 0,
            };
            lines::push_labels(&mut text, labels);
            out.push_str(own.head.name);
            out.push_str("{");
            out.push_str(&text);
            out.push_str("} ");
            out.push_with(number::ROOM, |tail| {
                number::push_value(tail, Value::Unsigned(*count));
            });
        }
    }
}

/// Where a run of series ended.
#[derive(Clone, Copy)]
struct Next {
    series: usize,
    /// What the next series takes, where that is why it ended.
    room: usize,
}

/// Writes series from `index` on until there are `enough` bytes or there is no room for one more.
///
/// By itself, and so is its like for histograms: together there are too few registers for both.
#[inline(never)]
fn numbers<'a>(
    mut out: Tail<'a>,
    around: NumberFrame<'_>,
    labels: &mut Labels,
    family: Snapshot<'_>,
    index: usize,
    enough: usize,
    number: impl Fn(usize) -> Option<Value>,
) -> (Tail<'a>, Next) {
    for index in index..family.len() {
        let Some(value) = number(index) else {
            continue;
        };
        let labels = labels.get(family, index);
        let room = around.room(labels);
        if out.room() < room || out.len() >= enough {
            return (
                out,
                Next {
                    series: index,
                    room,
                },
            );
        }
        around.push(&mut out, labels, value);
    }
    (
        out,
        Next {
            series: family.len(),
            room: 0,
        },
    )
}

/// As [`numbers`], of a histogram.
#[inline(never)]
fn histograms<'a>(
    mut out: Tail<'a>,
    around: HistogramFrame<'_>,
    labels: &mut Labels,
    family: Snapshot<'_>,
    index: usize,
    enough: usize,
) -> (Tail<'a>, Next) {
    for index in index..family.len() {
        let Some(histogram) = family.histogram(index) else {
            continue;
        };
        let labels = labels.get(family, index);
        let room = around.room(labels);
        if out.room() < room || out.len() >= enough {
            return (
                out,
                Next {
                    series: index,
                    room,
                },
            );
        }
        around.push(&mut out, labels, histogram);
    }
    (
        out,
        Next {
            series: family.len(),
            room: 0,
        },
    )
}
