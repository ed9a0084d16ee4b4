//! The exposition as it is written: one line after the other, as far as there is room.

use std::sync::PoisonError;

use super::buffer::Buffer;
#[cfg(feature = "foreign")]
use super::foreign;
use super::number::NumberText;
use super::{Format, frame, open_metrics};
#[cfg(feature = "foreign")]
use crate::collect::foreign::ForeignFamily;
use crate::collect::{Collection, LabelValues, OwnSnapshot, Part, SeriesLabels, Snapshot, Value};

/// An exposition that is being written. Where it stopped, it goes on.
#[derive(Debug)]
pub(super) struct Exposition {
    format: Format,
    collection: Collection,
    at: At,
    written: usize,
    /// The part that is written now, if it is a family with exemplars. Its lines are not kept: few families have some.
    #[cfg(feature = "exemplars")]
    exemplary: Option<ForeignFamily>,
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
            #[cfg(feature = "exemplars")]
            exemplary: None,
        }
    }

    /// Writes on until there are `enough` bytes in `out` or all is written. Tells whether there is more.
    ///
    /// The series that makes it enough is written whole.
    pub(super) fn fill(&mut self, out: &mut Buffer, enough: usize) -> bool {
        let before = out.len();
        while out.len() < enough {
            self.at = match self.at {
                At::Part if self.collection.advance() => {
                    #[cfg(feature = "exemplars")]
                    self.look_for_exemplars();
                    self.part(out, None, enough)
                }
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

    /// Makes the part that comes one with exemplars, if it has some and the format shows them.
    #[cfg(feature = "exemplars")]
    fn look_for_exemplars(&mut self) {
        self.exemplary = match self.collection.part() {
            Some(Part::Family(family))
                if self.format == Format::OpenMetrics && family.has_exemplars() =>
            {
                Some(family.to_foreign())
            }
            _ => None,
        };
    }

    /// Writes a part from its beginning, or from a series on.
    fn part(&self, out: &mut Buffer, from: Option<usize>, enough: usize) -> At {
        #[cfg(feature = "exemplars")]
        if let Some(family) = &self.exemplary {
            return self.foreign(out, family, from, enough);
        }
        match self.collection.part() {
            Some(Part::Family(family)) => self.family(out, family, from, enough),
            Some(Part::Own(own)) => {
                self.own(out, own);
                At::Part
            }
            #[cfg(feature = "foreign")]
            Some(Part::Foreign(family)) => self.foreign(out, family, from, enough),
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
        let kept = lines.in_format(self.format, family);
        let series = kept.write(out, family, from, enough);
        if series < family.len() {
            At::Series(series)
        } else {
            At::Part
        }
    }

    /// Writes a family that no set declares.
    #[cfg(feature = "foreign")]
    fn foreign(
        &self,
        out: &mut Buffer,
        family: &ForeignFamily,
        from: Option<usize>,
        enough: usize,
    ) -> At {
        if from.is_none() {
            frame::push_description(out, self.format, &family.head());
        }
        let from = from.unwrap_or(0);
        for (index, series) in family.series.iter().enumerate().skip(from) {
            if out.len() >= enough {
                return At::Series(index);
            }
            foreign::push_series(out, self.format, family, series);
        }
        At::Part
    }

    /// Writes a family of the toolkit's own.
    fn own(&self, out: &mut Buffer, own: OwnSnapshot<'_>) {
        frame::push_description(out, self.format, &own.head);
        for (metric, count) in own.counts {
            let labels = SeriesLabels {
                constant: &[("metric", &**metric)],
                labels: &[],
                values: LabelValues::Closed(0),
            };
            out.push_str(own.head.name);
            out.push_str("{");
            out.push_str(&frame::labels_text(labels));
            out.push_str("} ");
            out.push_number_line(&NumberText::new(Value::Unsigned(*count)));
        }
    }
}
