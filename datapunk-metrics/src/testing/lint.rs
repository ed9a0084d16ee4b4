//! A registry held to the standard, for a team's own continuous integration.

use datapunk_metrics_conventions::{
    Finding, Kind, MetricFacts, Openness, Profile, Rule, check_buckets, check_help,
    check_label_name, check_label_value, check_metric_name,
};

use crate::collect::Collection;
use crate::descriptor::{Location, MetricDescriptor, Waiver};
use crate::registry::Registry;

/// Holds every metric of a registry to the standard once more.
///
/// The compiler did that for each declaration that it saw. This sees the program as a whole: declarations of all crates,
/// also of those built with other macros, constant labels whose values come from the build, series of one metric that
/// have the name of another, budgets, and the first scrape-time function that panics.
///
/// ```
/// use datapunk_metrics::{Counter, MetricSet, testing};
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "shop")]
/// struct ShopMetrics {
///     /// Orders taken.
///     orders_taken_total: Counter,
/// }
///
/// testing::lint(datapunk_metrics::registry()?).assert_none();
/// # Ok::<(), datapunk_metrics::RegisterError>(())
/// ```
#[must_use]
pub fn lint(registry: &Registry) -> Findings {
    let mut out = Vec::new();
    let sets = registry.sets();
    for set in &sets {
        for metric in set.metrics {
            name_is_conventional(set.profile, metric, &mut out);
            help_is_written(metric, &mut out);
            labels_are_allowed(set.profile, metric, &mut out);
            buckets_are_ordered(metric, &mut out);
            budget_is_kept(metric, &mut out);
        }
    }
    let metrics: Vec<_> = sets.iter().flat_map(|set| set.metrics).collect();
    series_differ(&metrics, &mut out);
    scrape_time_functions_return(registry, &metrics, &mut out);
    Findings { list: out }
}

/// What [`lint`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    list: Vec<LintFinding>,
}

impl Findings {
    /// Each finding.
    pub fn iter(&self) -> impl Iterator<Item = &LintFinding> {
        self.list.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Passes if there are none.
    ///
    /// # Panics
    ///
    /// With all findings, if there are some.
    #[track_caller]
    pub fn assert_none(&self) {
        assert!(self.is_empty(), "the registry breaks the standard\n{self}");
    }
}

impl core::fmt::Display for Findings {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.is_empty() {
            return f.write_str("no findings");
        }
        for (at, finding) in self.list.iter().enumerate() {
            let between = if at == 0 { "" } else { "\n\n" };
            write!(f, "{between}{finding}")?;
        }
        Ok(())
    }
}

/// One mistake in a declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LintFinding {
    rule: Option<&'static str>,
    metric: &'static str,
    message: String,
    notes: Vec<String>,
    help: Option<String>,
    location: Location,
}

impl LintFinding {
    /// The rule's id, as `docs/rules.md` lists it; none for a scrape-time function that panicked.
    #[must_use]
    pub const fn rule(&self) -> Option<&'static str> {
        self.rule
    }

    /// The metric that it is about.
    #[must_use]
    pub const fn metric(&self) -> &'static str {
        self.metric
    }

    /// The fact, in one line.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where the metric is declared.
    #[must_use]
    pub const fn location(&self) -> Location {
        self.location
    }

    fn new(rule: Rule, metric: &MetricDescriptor, message: String) -> Self {
        Self {
            rule: Some(rule.id()),
            metric: metric.name,
            message,
            notes: Vec::new(),
            help: None,
            location: metric.location,
        }
    }

    fn of(metric: &MetricDescriptor, finding: Finding) -> Self {
        let fix = finding.fix.map(|fix| format!("write `{fix}`"));
        Self {
            notes: finding.notes,
            help: fix.or(finding.help),
            ..Self::new(finding.rule, metric, finding.message)
        }
    }
}

impl core::fmt::Display for LintFinding {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.message)?;
        if let Some(rule) = self.rule {
            write!(f, " (rule `{rule}`)")?;
        }
        for note in &self.notes {
            write!(f, "\nnote: {note}")?;
        }
        if let Some(help) = &self.help {
            write!(f, "\nhelp: {help}")?;
        }
        write!(f, "\n  --> {}", self.location)
    }
}

fn is_waived(waivers: &[Waiver], rule: Rule) -> bool {
    rule.waivable() && waivers.iter().any(|waiver| waiver.rule == rule.id())
}

fn name_is_conventional(profile: Profile, metric: &MetricDescriptor, out: &mut Vec<LintFinding>) {
    let facts = MetricFacts {
        profile,
        kind: metric.kind,
        name: metric.name,
        unit: (metric.kind == Kind::Histogram).then_some(metric.unit),
        in_flight: metric.kind == Kind::Gauge && metric.name.ends_with("_in_flight_current"),
    };
    let findings = check_metric_name(&facts).into_iter();
    let findings = findings.filter(|finding| !is_waived(metric.waivers, finding.rule));
    out.extend(findings.map(|finding| LintFinding::of(metric, finding)));
}

fn help_is_written(metric: &MetricDescriptor, out: &mut Vec<LintFinding>) {
    let findings = check_help(metric.name, metric.help, &[]).into_iter();
    out.extend(findings.map(|finding| LintFinding::of(metric, finding)));
}

// Constant labels may have values that no macro could read, such as those of the build.
fn labels_are_allowed(profile: Profile, metric: &MetricDescriptor, out: &mut Vec<LintFinding>) {
    let constant = metric.constant_labels.iter().map(|(name, value)| {
        let values = vec![*value];
        (*name, values, Openness::Closed, metric.waivers)
    });
    let declared = metric.labels.iter().map(|label| match label.open {
        Some(open) => (
            label.name,
            open.known.to_vec(),
            // As the macro has it.
            if open.reduced {
                Openness::Closed
            } else {
                Openness::Open
            },
            label.waivers,
        ),
        None => (
            label.name,
            label.values.to_vec(),
            Openness::Closed,
            label.waivers,
        ),
    });
    let mut names: Vec<&str> = Vec::new();
    for (name, values, openness, waivers) in constant.chain(declared) {
        if names.contains(&name) {
            let message = format!("metric `{}` has label `{name}` twice", metric.name);
            out.push(LintFinding {
                help: Some("rename one of the two".to_owned()),
                ..LintFinding::new(Rule::Duplicate, metric, message)
            });
        }
        names.push(name);
        let of_name = check_label_name(profile, name, openness)
            .into_iter()
            .filter(|finding| !is_waived(waivers, finding.rule))
            .filter(|finding| !is_waived(metric.waivers, finding.rule));
        let of_values = values
            .iter()
            .flat_map(|value| check_label_value(value, &[]));
        for finding in of_name.chain(of_values) {
            let mut finding = LintFinding::of(metric, finding);
            finding.notes.insert(
                0,
                format!("it is on label `{name}` of metric `{}`", metric.name),
            );
            out.push(finding);
        }
    }
}

fn buckets_are_ordered(metric: &MetricDescriptor, out: &mut Vec<LintFinding>) {
    if metric.kind != Kind::Histogram {
        return;
    }
    for found in check_buckets(metric.buckets) {
        let mut finding = LintFinding::of(metric, found.finding);
        finding
            .notes
            .insert(0, format!("it is of histogram `{}`", metric.name));
        out.push(finding);
    }
}

fn budget_is_kept(metric: &MetricDescriptor, out: &mut Vec<LintFinding>) {
    if metric.fits_its_budget() {
        return;
    }
    let lines = metric
        .known_label_sets()
        .saturating_mul(metric.lines_per_series());
    let message = format!(
        "metric `{}` can have {lines} series, and its budget is {}",
        metric.name, metric.max_series
    );
    out.push(LintFinding {
        help: Some(format!(
            "use labels with fewer values, or write `max_series = {lines}`"
        )),
        ..LintFinding::new(Rule::Cardinality, metric, message)
    });
}

// A registry refuses two metrics of one name. That one is named as the count of another, it does not see.
fn series_differ(metrics: &[&MetricDescriptor], out: &mut Vec<LintFinding>) {
    for histogram in metrics
        .iter()
        .filter(|metric| metric.kind == Kind::Histogram)
    {
        for metric in metrics {
            let suffix = metric.name.strip_prefix(histogram.name);
            if !matches!(suffix, Some("_bucket" | "_sum" | "_count")) {
                continue;
            }
            let message = format!(
                "{} `{}` has the name of a series of histogram `{}`",
                metric.kind.as_str(),
                metric.name,
                histogram.name
            );
            out.push(LintFinding {
                notes: vec![format!(
                    "the histogram is declared at {}",
                    histogram.location
                )],
                help: Some("rename one of the two".to_owned()),
                ..LintFinding::new(Rule::Duplicate, metric, message)
            });
        }
    }
}

fn scrape_time_functions_return(
    registry: &Registry,
    metrics: &[&MetricDescriptor],
    out: &mut Vec<LintFinding>,
) {
    let Err(error) = Collection::begin(registry) else {
        return;
    };
    if let Some(metric) = metrics.iter().find(|metric| metric.name == error.metric()) {
        out.push(LintFinding {
            rule: None,
            help: Some("return `None` where there is no value".to_owned()),
            ..LintFinding::new(Rule::Format, metric, error.to_string())
        });
    }
}

#[cfg(test)]
mod tests;
