//! The catalogue: what a service declares, as data that can be kept, read and compared.

mod descriptors;
mod markdown;
mod objective;
mod read;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use markdown::markdown;
pub use objective::{Condition, Indicator, Objective};

/// The version of the catalogue's form; another one is refused.
pub(super) const FORMAT: u32 = 1;

/// All metrics of one service.
///
/// ```
/// use datapunk_metrics::artifacts::Catalogue;
/// use datapunk_metrics::{Counter, MetricSet, Registry, Retention};
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "bank", retention = compliance)]
/// struct BankMetrics {
///     /// Transfers made.
///     transfers_made_total: Counter,
/// }
///
/// let registry = Registry::new();
/// registry.register::<BankMetrics>()?;
/// let catalogue = Catalogue::of("bank", &registry);
/// let metric = catalogue.metric("bank_transfers_made_total").unwrap();
/// assert_eq!(metric.retention, "compliance");
/// assert_eq!(metric.series, 1);
/// # Ok::<(), datapunk_metrics::RegisterError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The version of this form.
    pub format: u32,
    /// The service.
    pub service: String,
    /// Its version, if the [identity](crate::identity) of the process that wrote it is the service's and has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its metric sets, by name and module.
    pub sets: Vec<Set>,
}

/// A metric set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Set {
    /// The type's name.
    pub name: String,
    /// Its doc comment; may be empty.
    pub help: String,
    /// What its metrics' names begin with; may be empty.
    pub namespace: String,
    /// The profile that they are held to.
    pub profile: String,
    /// Where it is declared.
    pub declared: Place,
    /// Its metrics, in the order in which they are declared.
    pub metrics: Vec<Metric>,
}

/// A metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// The name as it is exposed.
    pub name: String,
    /// What kind it is: `counter`, `gauge`, `histogram`, `ratio`, `state` or `info`.
    pub kind: String,
    /// The base unit; may be empty.
    pub unit: String,
    /// The help text as it is exposed.
    pub help: String,
    /// The labels whose value differs from series to series.
    pub labels: Vec<Label>,
    /// Labels with one value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub constant_labels: BTreeMap<String, String>,
    /// The upper bounds of a histogram's buckets, without `+Inf`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buckets: Vec<f64>,
    /// The states of a state, with their numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<State>,
    /// The most series that there can be, each line of a histogram counted.
    pub series: usize,
    /// The most series that there may be.
    pub max_series: usize,
    /// The retention class.
    pub retention: String,
    /// The former name, while it is exposed as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<Renamed>,
    /// Why it goes, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<Deprecated>,
    /// What share of its events has to be good, if that is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objective: Option<Objective>,
    /// Rules that do not apply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<Waiver>,
    /// Where it is declared.
    pub declared: Place,
}

/// A label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// Its values; of an open label those that are known.
    pub values: Vec<String>,
    /// The bounds of an open label; none for a closed one, which has the values that are listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<Open>,
    /// Whether its series appear only once they are touched.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sparse: bool,
    /// Rules that do not apply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<Waiver>,
}

/// The bounds of a label whose values come from outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// How many values it may have; without it, the series of the metric alone are bounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// The length in bytes at which a value is cut.
    pub max_bytes: usize,
}

/// One state of a state metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Its name.
    pub name: String,
    /// The number that is exposed.
    pub value: i64,
}

/// A former name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renamed {
    /// The whole former name.
    pub name: String,
    /// The version of the declaring crate from which on it is gone.
    pub until: String,
}

/// The end of a metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deprecated {
    /// Why, and what to use instead.
    pub reason: String,
    /// The version of the declaring crate from which on it is gone.
    pub until: String,
}

/// A rule that does not apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The rule.
    pub rule: String,
    /// Why.
    pub reason: String,
}

/// A place in source code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The module.
    pub module: String,
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl Catalogue {
    /// Every metric, by set.
    pub fn metrics(&self) -> impl Iterator<Item = &Metric> {
        self.sets.iter().flat_map(|set| &set.metrics)
    }

    /// The metric of this name.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        self.metrics().find(|metric| metric.name == name)
    }

    /// As JSON, with a line feed at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        super::json(self)
    }

    /// A catalogue from JSON.
    ///
    /// # Errors
    ///
    /// If it is none, or one of another form.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let catalogue: Self =
            serde_json::from_str(text).map_err(|error| format!("not a catalogue: {error}"))?;
        if catalogue.format != FORMAT {
            return Err(format!(
                "a catalogue of form {}, and this program reads form {FORMAT}",
                catalogue.format
            ));
        }
        Ok(catalogue)
    }
}

impl Metric {
    /// What Prometheus calls its type.
    #[must_use]
    pub fn prometheus_type(&self) -> &'static str {
        match self.kind.as_str() {
            "counter" => "counter",
            "histogram" => "histogram",
            _ => "gauge",
        }
    }

    /// The names of its series in a query.
    #[must_use]
    pub fn series_names(&self) -> Vec<String> {
        series_names(&self.name, &self.kind)
    }

    /// Whether it has a label whose values come from outside.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.labels.iter().any(|label| label.open.is_some())
    }
}

/// The names of a metric's series in a query.
pub(super) fn series_names(name: &str, kind: &str) -> Vec<String> {
    if kind == "histogram" {
        ["_bucket", "_sum", "_count"]
            .map(|suffix| format!("{name}{suffix}"))
            .to_vec()
    } else {
        vec![name.to_owned()]
    }
}
