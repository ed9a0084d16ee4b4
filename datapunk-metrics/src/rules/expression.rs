//! What an expression gives: which labels its series have, and what their values are.

use datapunk_metrics_conventions::{Kind, name_hash};
use datapunk_metrics_rules::packed::{Expression, File, Form, List, Text};
use datapunk_metrics_rules::{Behaviour, Grouping, Keeps, Word};

use super::catalogue::{Found, Part};
use super::check::Check;
use super::series::{LabelBits, Series, Shape, Value};
use crate::labels::LabelDescriptor;

/// How many recording rules may stand behind each other.
const DEEPEST: usize = 8;

impl<'a> Check<'a> {
    pub(super) const fn expression(&mut self, at: Expression) -> Series {
        let node = self.node(at);
        let word = node.word;
        match node.form {
            Form::Number(_) => Series::of_shape(Shape::Scalar),
            Form::Text => Series::of_shape(Shape::Text),
            Form::Scalar(arguments) => {
                self.all(arguments);
                Series::of_shape(Shape::Scalar)
            }
            Form::Vector(arguments) => {
                self.all(arguments);
                Series::of_shape(Shape::Series)
            }
            Form::Opaque(arguments) => {
                self.all(arguments);
                Series::opaque()
            }
            Form::Selector { metric, matchers } => self.selector(metric, matchers, word),
            Form::Call {
                function,
                behaviour,
                argument,
                others,
            } => {
                self.all(others);
                let series = self.expression(argument);
                self.call(function, behaviour, series, word)
            }
            Form::Quantile { argument, others } => {
                self.all(others);
                let series = self.expression(argument);
                self.quantile(series, argument)
            }
            Form::Absent { argument, labels } => {
                self.expression(argument);
                let bits = self.bits_of(labels);
                Series {
                    labels: bits,
                    maybe: bits,
                    fixed: bits,
                    ..Series::of_shape(Shape::Series)
                }
            }
            Form::Relabel {
                argument,
                reads,
                writes,
            } => {
                let series = self.expression(argument);
                self.labels_are_there(reads, &series);
                let bit = self.bit(writes);
                Series {
                    labels: series.labels | bit,
                    maybe: series.maybe | bit,
                    fixed: series.fixed & !bit,
                    ..series
                }
            }
            Form::Aggregate {
                keeps,
                argument,
                others,
                grouping,
                labels,
                writes,
                ..
            } => {
                self.all(others);
                let series = self.expression(argument);
                let written = match writes {
                    Some(label) => self.bit(label),
                    None => 0,
                };
                self.aggregate(series, keeps, grouping, labels, written)
            }
            Form::Binary { .. } => self.binary(&node),
        }
    }

    const fn all(&mut self, arguments: List) {
        let mut argument = 0;
        while argument < arguments.length {
            self.expression(self.file.item(arguments, argument));
            argument += 1;
        }
    }

    pub(super) const fn series_of(&mut self, found: Found<'a>) -> Series {
        let (metric, part) = match found {
            Found::Metric(metric, part) | Found::Renamed(metric, part) => (metric, part),
            Found::Histogram(metric) => (metric, Part::Whole),
            Found::Record(file, rule) => return self.series_of_record(file, rule),
            Found::External(external) => {
                let mut bits = self.labels.of_target();
                let mut label = 0;
                while label < external.labels.len() {
                    let name = external.labels[label];
                    bits |= self.labels.bit(name, name_hash(name));
                    label += 1;
                }
                return Series {
                    labels: bits,
                    maybe: bits,
                    value: Value::Unknown,
                    is_foreign: true,
                    ..Series::of_shape(Shape::Series)
                };
            }
            Found::OfTarget => {
                let bits = self.labels.of_target();
                return Series {
                    labels: bits,
                    maybe: bits,
                    value: Value::Gauge,
                    ..Series::of_shape(Shape::Series)
                };
            }
            Found::Alerts | Found::Nothing => return Series::opaque(),
        };
        let mut bits = self.labels.of_target();
        let mut label = 0;
        while label < metric.labels.len() {
            let LabelDescriptor { name, hash, .. } = metric.labels[label];
            bits |= self.labels.bit(name, hash);
            label += 1;
        }
        label = 0;
        while label < metric.constant_labels.len() {
            let (name, _) = metric.constant_labels[label];
            bits |= self.labels.bit(name, name_hash(name));
            label += 1;
        }
        if matches!(part, Part::Bucket) {
            bits |= self.labels.le();
        }
        Series {
            labels: bits,
            maybe: bits,
            value: match metric.kind {
                Kind::Counter | Kind::Histogram => Value::Counter,
                _ => Value::Gauge,
            },
            metric: Some(metric),
            part,
            ..Series::of_shape(Shape::Series)
        }
    }

    /// What a recording rule gives.
    const fn series_of_record(&mut self, file: File<'a>, record: usize) -> Series {
        let record = file.rule(record);
        let Some(expression) = record.expression else {
            return Series::opaque();
        };
        if self.depth == DEEPEST {
            return Series::opaque();
        }
        let reader = (self.file, self.rule);
        (self.file, self.rule) = (file, record);
        self.depth += 1;
        let series = self.expression(expression);
        let bits = self.bits_of(record.labels);
        self.depth -= 1;
        (self.file, self.rule) = reader;
        Series {
            shape: Shape::Series,
            labels: series.labels | bits,
            maybe: series.maybe | bits,
            ..series
        }
    }

    const fn call(
        &mut self,
        function: Text,
        behaviour: Behaviour,
        series: Series,
        word: Word,
    ) -> Series {
        match behaviour {
            Behaviour::Keep => series,
            Behaviour::Count => series.with_value(Value::Calculated),
            Behaviour::Rate => {
                self.takes_a_counter(function, &series, word);
                series.with_value(Value::Calculated)
            }
            Behaviour::Delta => {
                if matches!(series.value, Value::Counter) {
                    self.mistake_of_value(
                        function,
                        &series,
                        word,
                        "a counter",
                        "`rate` or `increase`, which see restarts",
                    );
                }
                series.with_value(Value::Calculated)
            }
        }
    }

    const fn takes_a_counter(&mut self, function: Text, series: &Series, word: Word) {
        match series.value {
            Value::Gauge => {
                self.mistake_of_value(
                    function,
                    series,
                    word,
                    "a gauge",
                    "`delta`, `deriv` or `avg_over_time`",
                );
            }
            Value::Calculated | Value::Quantile => {
                self.mistake_of_value(
                    function,
                    series,
                    word,
                    "a value that was calculated",
                    "`avg_over_time`, or take the rate of the counter itself",
                );
            }
            Value::Counter if series.is_aggregated => {
                self.mistake_of_value(
                    function,
                    series,
                    word,
                    "counters that were added up",
                    "the aggregation around it: `sum(rate(…))`",
                );
            }
            Value::Counter | Value::Unknown => {}
        }
    }

    /// ```text
    /// `rate` takes a counter, and `lake_objects_current` is a gauge
    /// ```
    const fn mistake_of_value(
        &mut self,
        function: Text,
        series: &Series,
        word: Word,
        what: &str,
        instead: &str,
    ) {
        let function = self.file.text(function);
        let Some(out) = self.begin(&word) else { return };
        out.name(function).text(" is taken of ").text(what);
        if let Some(metric) = series.metric {
            out.text(", ").name(metric.name);
        }
        let out = self.show(&word);
        out.text(
            if matches!(series.value, Value::Counter) && !series.is_aggregated {
                "\nnote: a counter starts again at 0 when its process does"
            } else if matches!(series.value, Value::Counter) {
                "\nnote: when one process restarts, the sum falls, and looks like a restart of all"
            } else {
                "\nnote: every fall of the value looks like a restart of a counter"
            },
        );
        out.text("\nhelp: use ").text(instead);
        self.end();
    }

    /// `histogram_quantile` is given buckets.
    const fn quantile(&mut self, series: Series, argument: Expression) -> Series {
        let le = self.labels.le();
        if series.maybe & le == 0 && !series.is_open && series.is_series() {
            let place = self.file.word(self.rule.nodes, argument);
            if let Some(out) = self.begin(&place) {
                out.text("`histogram_quantile` has no label `le` to work with");
                let out = self.show(&place);
                match series.metric {
                    Some(metric) if !matches!(series.part, Part::Bucket) => {
                        let out = out.text("\nhelp: ");
                        if matches!(metric.kind, Kind::Histogram) {
                            out.text("read `").text(metric.name).text("_bucket`");
                        } else {
                            out.name(metric.name).text(" is no histogram");
                        }
                    }
                    _ => {
                        out.text("\nhelp: keep it in the aggregation: `sum by (le, …) (…)`");
                    }
                }
                self.end();
            }
        }
        Series {
            labels: series.labels & !le,
            maybe: series.maybe & !le,
            fixed: series.fixed & !le,
            value: if matches!(series.value, Value::Counter) {
                Value::Counter
            } else {
                Value::Quantile
            },
            ..series
        }
    }

    const fn aggregate(
        &mut self,
        series: Series,
        keeps: Keeps,
        grouping: Grouping,
        labels: List,
        written: LabelBits,
    ) -> Series {
        let (named, has_labels) = self.labels_are_there(labels, &series);
        if matches!(keeps, Keeps::Series) {
            return series;
        }
        let (sure, maybe, is_open) = match grouping {
            // That a label is missing is said already.
            Grouping::By => (named & (series.labels | !series.maybe), named, false),
            Grouping::Without => (
                series.labels & !named,
                series.maybe & !named,
                series.is_open,
            ),
        };
        Series {
            labels: sure | written,
            maybe: maybe | written,
            // What follows from a mistake is none.
            is_open: is_open || !has_labels,
            fixed: series.fixed & maybe,
            value: if matches!(keeps, Keeps::Value) {
                series.value
            } else {
                Value::Calculated
            },
            is_aggregated: true,
            is_foreign: false,
            ..series
        }
    }
}
