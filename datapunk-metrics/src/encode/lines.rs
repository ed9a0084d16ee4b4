//! The lines of a family, kept from one exposition to the next.
//!
//! Between two scrapes most numbers stay as they were, and those that change mostly have as many digits as before. So
//! the text of the last exposition is kept, with the numbers that it shows: what did not change is copied as a whole,
//! what changed is written over, and only where a number became longer, or a series appeared, do the lines behind it
//! move.
//!
//! What is kept is the text, 8 bytes for each line and 8 for each number, in each format that was asked for, and at most
//! some [`MOST`] bytes of text for a family. The lines beyond, of which there are some in a family of fifty thousand, are
//! rendered anew each time. A family that was never encoded keeps nothing.

use core::fmt;
use core::ops::Range;

use super::Format;
use super::buffer::Buffer;
use super::frame::{Frame, Histograms, Numbers, Singles, Totals, labels_text, push_description};
use super::number::NumberText;
use crate::collect::Snapshot;

/// How many bytes of text one family keeps in one format.
const MOST: usize = 4 << 20;

/// Series that are compared at a time: a quiet service has long runs in which nothing changed.
const BLOCK: usize = 64;

/// What is kept of a family, in each format.
#[derive(Default)]
pub(crate) struct Lines {
    formats: [Option<Box<Kept>>; 2],
}

/// The text of a family in one format.
pub(super) struct Kept {
    frame: Frame,
    /// `# HELP` and the like, and the lines of the series behind it.
    text: Buffer,
    /// How much of the text is before the first series.
    head: usize,
    /// Where the lines are, as many for each series. Those of a series that is not shown have no length.
    lines: Vec<Line>,
    /// What was read from the cells for these series. The same numbers make the same lines.
    values: Vec<u64>,
    /// How many series are kept.
    series: usize,
}

/// Where a line is; it begins where the one before it ends.
#[derive(Clone, Copy)]
struct Line {
    /// Where its number begins.
    number: u32,
    /// Behind its line feed.
    end: u32,
}

/// Without the text, which is most of an exposition.
impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").finish_non_exhaustive()
    }
}

impl Lines {
    /// What is kept in a format.
    pub(super) fn in_format(&mut self, format: Format, family: Snapshot<'_>) -> &mut Kept {
        let kept = match format {
            Format::Text => &mut self.formats[0],
            Format::OpenMetrics => &mut self.formats[1],
        };
        kept.get_or_insert_with(|| Box::new(Kept::new(format, family)))
    }
}

#[cfg(test)]
impl Lines {
    /// How many bytes of series are kept, in both formats.
    pub(super) fn kept(&self) -> usize {
        let kept = self.formats.iter().flatten();
        kept.map(|kept| kept.text.len() - kept.head).sum()
    }
}

impl Kept {
    fn new(format: Format, family: Snapshot<'_>) -> Self {
        let frame = Frame::new(format, family);
        let mut text = Buffer::default();
        push_description(&mut text, format, &family.head());
        Self {
            head: text.len(),
            frame,
            text,
            lines: Vec::new(),
            values: Vec::new(),
            series: 0,
        }
    }

    /// Writes the head, and series until there are `enough` bytes in `out`; or goes on from a series. Returns the
    /// series to go on from.
    pub(super) fn write(
        &mut self,
        out: &mut Buffer,
        family: Snapshot<'_>,
        from: Option<usize>,
        enough: usize,
    ) -> usize {
        if from.is_none() {
            out.push_lines(&self.text, 0..self.head);
        }
        let from = from.unwrap_or(0);
        match (&self.frame, family.totals()) {
            (Frame::Histogram { has_sum, .. }, _) => {
                let numbers = Histograms::new(family, *has_sum);
                self.write_series(out, family, numbers, from, enough)
            }
            (Frame::Number { .. }, Some(totals)) => {
                self.write_series(out, family, Totals(totals), from, enough)
            }
            (Frame::Number { .. }, None) => {
                self.write_series(out, family, Singles(family), from, enough)
            }
        }
    }

    #[inline(never)]
    fn write_series<'a>(
        &mut self,
        out: &mut Buffer,
        family: Snapshot<'_>,
        numbers: impl Numbers<'a>,
        from: usize,
        enough: usize,
    ) -> usize {
        let start = self.start_of(from);
        let goal = start.saturating_add(enough.saturating_sub(out.len()));
        let to = self.series_before(goal).max(from);
        let mut series = self.overwrite(numbers, from, to);
        out.push_lines(&self.text, start..self.start_of(series));
        if series < to || to == self.series {
            series = self.rewrite(out, family, numbers, series, enough);
        }
        while series < family.len() && out.len() < enough {
            // What is too much to be kept.
            self.frame.push_series(out, family, series, numbers);
            series += 1;
        }
        series
    }

    /// Where the lines of a series begin, or where those of the last one end.
    fn start_of(&self, series: usize) -> usize {
        let before = (series * self.frame.lines()).checked_sub(1);
        match before.and_then(|line| self.lines.get(line)) {
            Some(line) => line.end as usize,
            None => self.head,
        }
    }

    /// How many of the series begin before `goal`.
    fn series_before(&self, goal: usize) -> usize {
        if goal >= self.text.len() {
            return self.series;
        }
        let lines = self
            .lines
            .partition_point(|line| (line.end as usize) < goal);
        (lines / self.frame.lines() + 1).min(self.series)
    }

    /// Writes numbers that changed over those that are shown, in the series from `from` to `to`. Returns the first one
    /// whose numbers do not fit, which leaves its lines to be rewritten; `to` if there is none.
    fn overwrite<'a>(&mut self, numbers: impl Numbers<'a>, from: usize, to: usize) -> usize {
        let mut series = from;
        while series < to {
            if series.is_multiple_of(BLOCK) && self.are_unchanged(numbers, series, to) {
                series += BLOCK;
            } else if self.is_unchanged(numbers, series) || self.overwrite_series(numbers, series) {
                series += 1;
            } else {
                break;
            }
        }
        series
    }

    /// Whether the lines of a block of series show their numbers; false if there are fewer before `to`.
    fn are_unchanged<'a>(&self, numbers: impl Numbers<'a>, from: usize, to: usize) -> bool {
        let range = from * numbers.width()..(from + BLOCK) * numbers.width();
        from + BLOCK <= to && self.values.get(range.clone()) == numbers.all().get(range)
    }

    /// Whether the lines of a series show its numbers.
    #[inline]
    fn is_unchanged<'a>(&self, numbers: impl Numbers<'a>, series: usize) -> bool {
        let first = series * numbers.width();
        let shown = &self.values[first..first + numbers.width()];
        let now = numbers.of(series);
        shown.iter().zip(now).all(|(shown, now)| shown == now)
    }

    /// Writes the numbers of a series over those that its lines show; false if they do not fit.
    #[inline]
    fn overwrite_series<'a>(&mut self, numbers: impl Numbers<'a>, series: usize) -> bool {
        let first = series * numbers.lines();
        let (text, lines) = (&mut self.text, &self.lines[first..first + numbers.lines()]);
        let (mut fits, mut is_shown) = (true, false);
        numbers.each(series, |line, value| {
            fits = fits && text.overwrite(lines[line].number(), &NumberText::new(value));
            is_shown = true;
        });
        // A series that is no longer shown has lines to be taken away.
        fits &= is_shown || lines.iter().all(|line| line.number().is_empty());
        if fits {
            self.remember(numbers, series);
        }
        fits
    }

    /// Keeps the numbers that the lines of a series show.
    #[inline]
    fn remember<'a>(&mut self, numbers: impl Numbers<'a>, series: usize) {
        let first = series * numbers.width();
        let shown = &mut self.values[first..first + numbers.width()];
        // They are few: less than it takes to call for a copy.
        for (shown, now) in shown.iter_mut().zip(numbers.of(series)) {
            *shown = *now;
        }
    }

    /// Writes series from `from` on until there are `enough` bytes in `out`, and keeps their lines in the place of those
    /// that were, as long as that is not too much. Returns the series behind them.
    fn rewrite<'a>(
        &mut self,
        out: &mut Buffer,
        family: Snapshot<'_>,
        numbers: impl Numbers<'a>,
        from: usize,
        enough: usize,
    ) -> usize {
        let begin = self.start_of(from);
        let out_begin = out.len();
        let mut place = Place {
            old: begin,
            new: begin,
        };
        let mut series = from;
        while series < family.len() && out.len() < enough {
            if series >= self.series {
                if place.new >= MOST {
                    break;
                }
                self.add_hidden(numbers, series, place.old);
            }
            if self.is_unchanged(numbers, series) {
                let lines = &mut self.lines[series * numbers.lines()..][..numbers.lines()];
                let begin = place.old;
                place.move_lines(lines);
                out.push_lines(&self.text, begin..place.old);
            } else {
                self.rewrite_series(out, family, numbers, series, &mut place);
            }
            series += 1;
        }
        self.text.replace(begin..place.old, out, out_begin);
        let behind = series * numbers.lines();
        place.move_lines(self.lines.get_mut(behind..).unwrap_or_default());
        series
    }

    /// Adds a series that is not shown, and whose numbers are yet to be.
    fn add_hidden<'a>(&mut self, numbers: impl Numbers<'a>, series: usize, at: usize) {
        let lines = (series + 1) * numbers.lines();
        self.lines.resize(lines, Line::hidden(at));
        self.values
            .extend(numbers.of(series).iter().map(|number| !number));
        self.series = series + 1;
    }

    /// Writes a series with its numbers, each behind what its line began with before.
    fn rewrite_series<'a>(
        &mut self,
        out: &mut Buffer,
        family: Snapshot<'_>,
        numbers: impl Numbers<'a>,
        series: usize,
        place: &mut Place,
    ) {
        let (frame, text) = (&self.frame, &self.text);
        let lines = &mut self.lines[series * numbers.lines()..][..numbers.lines()];
        let mut begin = place.old;
        place.old = lines.last().map_or(begin, |line| line.end as usize);
        let was_shown = begin < place.old;
        let mut labels = String::new();
        let mut shown = 0;
        numbers.each(series, |at, value| {
            let line = &mut lines[at];
            let number = NumberText::new(value);
            let start = out.len();
            let beginning = if was_shown {
                out.push_line(text, begin..line.number as usize, &number);
                line.number as usize - begin
            } else {
                if at == 0 {
                    labels = labels_text(family.labels(series));
                }
                frame.push_beginning(out, at, &labels);
                let beginning = out.len() - start;
                out.push_number_line(&number);
                beginning
            };
            begin = line.end as usize;
            line.number = offset(place.new + beginning);
            place.new += out.len() - start;
            line.end = offset(place.new);
            shown = at + 1;
        });
        lines[shown..].fill(Line::hidden(place.new));
        self.remember(numbers, series);
    }
}

impl Line {
    /// Where its number is; empty if it is not shown.
    #[inline]
    fn number(self) -> Range<usize> {
        self.number as usize
            ..(self.end as usize)
                .saturating_sub(1)
                .max(self.number as usize)
    }

    /// One that is not shown.
    fn hidden(at: usize) -> Self {
        Self {
            number: offset(at),
            end: offset(at),
        }
    }
}

/// A place between two lines.
struct Place {
    /// Where it was before the lines in front of it were rewritten.
    old: usize,
    /// Where it is.
    new: usize,
}

impl Place {
    /// Moves lines, and goes behind them.
    fn move_lines(&mut self, lines: &mut [Line]) {
        // Both are below 2^32, and the difference comes off again where it was put on.
        let (old, new) = (offset(self.old), offset(self.new));
        for line in &mut *lines {
            line.number = line.number - old + new;
            line.end = line.end - old + new;
        }
        if let Some(last) = lines.last() {
            self.old += last.end as usize - self.new;
            self.new = last.end as usize;
        }
    }
}

/// A place in the text, which never becomes much longer than [`MOST`].
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
