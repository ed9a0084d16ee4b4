//! Reads what the encoder of `prometheus-client` writes, which is the only way into its registry.
//!
//! It writes OpenMetrics, but what it is given it writes as it is: names and help with line feeds. So a line counts only
//! behind the name that its family was announced with.

use std::borrow::Cow;
use std::sync::Arc;

use datapunk_metrics_conventions::Kind;

use crate::collect::Value;
use crate::collect::foreign::{
    Exemplar, ForeignFamily, ForeignHistogram, ForeignSeries, ForeignValue,
};
use crate::foreign::{Origin, Reason, Refusal};

/// Appends the families of `text`, and a refusal for each line that can't be read.
pub(super) fn read(text: &str, families: &mut Vec<ForeignFamily>, refusals: &mut Vec<Refusal>) {
    let mut reader = Reader {
        help: None,
        family: None,
        histogram: None,
    };
    for line in text.lines() {
        if reader.line(line, families).is_none() {
            let line: String = line.chars().take(80).collect();
            refusals.push(Refusal::new(
                Origin::PrometheusClient,
                &line,
                Reason::Unreadable,
            ));
        }
    }
    reader.end(families);
}

struct Reader {
    /// What followed `# HELP `, name and text, until the type tells them apart.
    help: Option<String>,
    family: Option<Family>,
    /// The series of a histogram whose lines come.
    histogram: Option<Histogram>,
}

struct Family {
    /// As it was announced, without the suffix of its samples.
    name: String,
    family: ForeignFamily,
}

struct Histogram {
    labels: Vec<(String, String)>,
    sum: Value,
    bounds: Vec<f64>,
    cumulative: Vec<u64>,
    exemplars: Vec<Option<Exemplar>>,
}

impl Reader {
    fn line(&mut self, line: &str, families: &mut Vec<ForeignFamily>) -> Option<()> {
        if let Some(help) = line.strip_prefix("# HELP ") {
            self.end(families);
            self.help = Some(help.to_owned());
            return Some(());
        }
        if let Some(help) = &mut self.help {
            let Some(declaration) = line.strip_prefix("# TYPE ") else {
                help.extend(["\n", line]);
                return Some(());
            };
            return self.begin(declaration);
        }
        if let Some(unit) = line.strip_prefix("# UNIT ") {
            let family = self.family.as_mut()?;
            family.family.unit = String::from(unit.rsplit_once(' ')?.1);
            return Some(());
        }
        self.sample(line)
    }

    /// Begins the family whose help was read.
    fn begin(&mut self, declaration: &str) -> Option<()> {
        let help = self.help.take()?;
        let (name, kind) = declaration.rsplit_once(' ')?;
        let (kind, suffix) = match kind {
            "counter" => (Some(Kind::Counter), "_total"),
            "gauge" => (Some(Kind::Gauge), ""),
            "histogram" => (Some(Kind::Histogram), ""),
            "info" => (Some(Kind::Info), "_info"),
            "unknown" => (None, ""),
            _ => return None,
        };
        let help = help.strip_prefix(name)?.trim_start();
        self.family = Some(Family {
            name: name.to_owned(),
            family: ForeignFamily {
                name: format!("{name}{suffix}"),
                // The registry puts a full stop behind every help, also behind one that has it.
                help: match help.strip_suffix("..") {
                    Some(before) => format!("{before}."),
                    None => help.to_owned(),
                },
                kind,
                unit: String::new(),
                series: Vec::new(),
                counts: Vec::new(),
            },
        });
        Some(())
    }

    fn sample(&mut self, line: &str) -> Option<()> {
        let family = self.family.as_mut()?;
        let rest = line.strip_prefix(&*family.name)?;
        let end = rest.find(['{', ' '])?;
        let (suffix, rest) = rest.split_at(end);
        let (labels, rest) = labels(rest)?;
        let (value, exemplar) = value(rest)?;
        let series = match (family.family.kind, suffix) {
            (Some(Kind::Histogram), _) => {
                return self.histogram_line(suffix, labels, value, exemplar);
            }
            (Some(Kind::Counter), "_total") | (Some(Kind::Info), "_info") | (_, "") => {
                ForeignSeries {
                    labels,
                    value: ForeignValue::Number(value, exemplar),
                }
            }
            _ => return None,
        };
        family.family.series.push(series);
        Some(())
    }

    fn histogram_line(
        &mut self,
        suffix: &str,
        mut labels: Vec<(String, String)>,
        value: Value,
        exemplar: Option<Exemplar>,
    ) -> Option<()> {
        match (suffix, value) {
            // It comes first.
            ("_sum", sum) => {
                self.end_histogram();
                self.histogram = Some(Histogram {
                    labels,
                    sum,
                    bounds: Vec::new(),
                    cumulative: Vec::new(),
                    exemplars: Vec::new(),
                });
            }
            // The buckets say it.
            ("_count", _) => {}
            ("_bucket", Value::Unsigned(count)) => {
                // Behind the labels of the registry, before those of the family.
                let at = labels.iter().position(|(name, _)| name == "le")?;
                let (_, bound) = labels.remove(at);
                let histogram = self.histogram.as_mut()?;
                if histogram.labels != labels {
                    return None;
                }
                histogram.bounds.push(bound.parse().ok()?);
                histogram.cumulative.push(count);
                histogram.exemplars.push(exemplar);
            }
            _ => return None,
        }
        Some(())
    }

    fn end(&mut self, families: &mut Vec<ForeignFamily>) {
        self.end_histogram();
        families.extend(self.family.take().map(|family| family.family));
    }

    fn end_histogram(&mut self) {
        if let (Some(histogram), Some(family)) = (self.histogram.take(), &mut self.family) {
            family.family.series.push(histogram.into_series());
        }
    }
}

impl Histogram {
    fn into_series(mut self) -> ForeignSeries {
        // The last one is that of infinity. Where it is missing, the series is refused for its number of buckets.
        self.bounds.pop_if(|bound| *bound == f64::INFINITY);
        let before = [0].into_iter().chain(self.cumulative.iter().copied());
        let own = self.cumulative.iter().zip(before);
        let buckets = own.map(|(count, before)| count.saturating_sub(before));
        ForeignSeries {
            value: ForeignValue::Histogram(ForeignHistogram {
                buckets: buckets.collect(),
                bounds: Arc::from(self.bounds),
                sum: self.sum,
                exemplars: self.exemplars,
            }),
            labels: self.labels,
        }
    }
}

/// Labels, and what follows them.
fn labels(text: &str) -> Option<(Vec<(String, String)>, &str)> {
    let mut labels = Vec::new();
    let Some(mut rest) = text.strip_prefix('{') else {
        return Some((labels, text));
    };
    loop {
        if let Some(rest) = rest.strip_prefix('}') {
            return Some((labels, rest));
        }
        let (name, quoted) = rest.split_once("=\"")?;
        let mut escaped = false;
        let end = quoted.find(|character| {
            let is_end = character == '"' && !escaped;
            escaped = character == '\\' && !escaped;
            is_end
        })?;
        labels.push((name.to_owned(), unescaped(&quoted[..end]).into_owned()));
        let behind = &quoted[end + 1..];
        rest = behind.strip_prefix(',').unwrap_or(behind);
    }
}

fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, characters.as_str().chars().next()) {
            ('\\', Some(next @ ('\\' | '"' | 'n'))) => {
                plain.push(if next == 'n' { '\n' } else { next });
                characters.next();
            }
            _ => plain.push(character),
        }
    }
    Cow::Owned(plain)
}

/// A value and its exemplar, behind a space.
fn value(text: &str) -> Option<(Value, Option<Exemplar>)> {
    let text = text.strip_prefix(' ')?;
    let (number, exemplar) = match text.split_once(" # ") {
        Some((number, exemplar)) => (number, Some(self::exemplar(exemplar)?)),
        None => (text, None),
    };
    let unsigned = number.parse().map(Value::Unsigned);
    let integer = unsigned.or_else(|_| number.parse().map(Value::Signed));
    let value = integer.or_else(|_| number.parse().map(Value::Float));
    Some((value.ok()?, exemplar))
}

fn exemplar(text: &str) -> Option<Exemplar> {
    let (labels, rest) = labels(text)?;
    let mut numbers = rest.split_whitespace().map(str::parse);
    Some(Exemplar {
        labels,
        value: numbers.next()?.ok()?,
        timestamp: numbers.next().transpose().ok()?,
    })
}
