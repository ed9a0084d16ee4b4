//! Rules for service level objectives: how fast their error budgets burn, and whom that wakes.

use std::fmt::Write as _;

use crate::descriptor::{MetricDescriptor, SetDescriptor};
use crate::encode::bound_texts;
use crate::objective::{Condition, Indicator};

/// The time that a budget is for. The windows and factors below are for it.
const PERIOD_DAYS: u32 = 30;
/// The windows of the alerts, the shortest first.
const WINDOWS: [&str; 7] = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"];
/// The two alerts of the SRE workbook, chapter "Alerting on SLOs". The first of each pair of windows says that it still
/// burns, the second that it was no blip; the factor is how many times as fast as the budget allows.
const ALERTS: [Alert; 2] = [
    Alert {
        name: "page",
        severity: "critical",
        burns: [("5m", "1h", "14.4"), ("30m", "6h", "6")],
    },
    Alert {
        name: "ticket",
        severity: "warning",
        burns: [("2h", "1d", "3"), ("6h", "3d", "1")],
    },
];

struct Alert {
    name: &'static str,
    severity: &'static str,
    burns: [(&'static str, &'static str, &'static str); 2],
}

/// Writes the rules of the objectives that metrics declare with `#[metric(slo(…))]`.
///
/// For each objective there are recording rules of the share of errors over eight windows, metadata for dashboards, and
/// two alerts over several windows and burn rates, a page and a ticket, with the windows and factors of Google's SRE
/// workbook for 30 days. Names and labels are those of Sloth, so that its dashboards show them.
///
/// ```
/// use datapunk_metrics::rules::ObjectiveRules;
/// use datapunk_metrics::{Histogram, MetricSet, Seconds};
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "library")]
/// struct LibraryMetrics {
///     /// Time taken to find a book.
///     #[metric(slo(objective = 99.5, threshold = 0.1))]
///     search_duration_seconds: Histogram<Seconds>,
/// }
///
/// let rules = ObjectiveRules::new("library").of(&[LibraryMetrics::DESCRIPTOR]);
/// assert!(rules.contains("- record: slo:sli_error:ratio_rate5m"));
/// assert!(rules.contains("- alert: LibrarySearchDurationLatencyPage"));
/// ```
#[derive(Clone, Debug)]
pub struct ObjectiveRules<'a> {
    service: &'a str,
    team: &'a str,
}

impl<'a> ObjectiveRules<'a> {
    /// Rules for a service, by the value of its targets' label `service`. Alerts go to the team `platform`.
    #[must_use]
    pub const fn new(service: &'a str) -> Self {
        Self {
            service,
            team: "platform",
        }
    }

    /// The team that the alerts go to.
    #[must_use]
    pub const fn team(mut self, team: &'a str) -> Self {
        self.team = team;
        self
    }

    /// A Prometheus rule file for the objectives of these sets, and of those that they hold. Without any it has no group.
    #[must_use]
    pub fn of(&self, sets: &[&SetDescriptor]) -> String {
        let rules = self.groups(sets);
        if rules.is_empty() {
            return "groups: []\n".to_owned();
        }
        format!("groups:\n{rules}")
    }

    /// The groups of such a file; empty without any objective.
    pub(crate) fn groups(&self, sets: &[&SetDescriptor]) -> String {
        let mut rules = String::new();
        self.sets(&mut rules, sets);
        rules
    }

    fn sets(&self, out: &mut String, sets: &[&SetDescriptor]) {
        for set in sets {
            for metric in set.metrics {
                if let Some(objective) = Rules::of(self, metric) {
                    objective.write(out);
                }
            }
            self.sets(out, set.nested);
        }
    }
}

/// The rules of one objective.
struct Rules<'a> {
    settings: &'a ObjectiveRules<'a>,
    percent: f64,
    /// `search-duration-latency`.
    name: String,
    /// `library-search-duration-latency`.
    id: String,
    /// What selects the series of the objective.
    filter: String,
    events: Events,
}

/// The queries of an indicator, with `$window` for the window.
struct Events {
    errors: String,
    total: String,
}

impl<'a> Rules<'a> {
    fn of(settings: &'a ObjectiveRules<'a>, metric: &MetricDescriptor) -> Option<Self> {
        let objective = metric.objective?;
        let (suffix, kind) = match objective.indicator {
            Indicator::Latency { .. } => (metric.unit, "latency"),
            Indicator::Availability { .. } => ("total", "availability"),
            Indicator::Ratio { .. } => ("ratio", "ratio"),
        };
        let stem = metric.name.strip_suffix(suffix).unwrap_or(metric.name);
        let stem = stem
            .strip_prefix(settings.service)
            .filter(|rest| rest.starts_with('_'))
            .unwrap_or(stem);
        let name = format!("{}-{kind}", stem.trim_matches('_').replace('_', "-"));
        let service = quoted(settings.service);
        let id = format!("{}-{name}", settings.service);
        let filter = format!(
            "{{sloth_id={}, sloth_service={service}, sloth_slo={}}}",
            quoted(&id),
            quoted(&name)
        );
        Some(Self {
            settings,
            percent: objective.percent,
            events: Events::of(&service, metric, objective.indicator),
            name,
            id,
            filter,
        })
    }

    fn write(&self, out: &mut String) {
        self.write_errors(out);
        self.write_metadata(out);
        self.write_alerts(out);
    }

    fn group(&self, out: &mut String, of: &str) {
        let _ = writeln!(
            out,
            "- name: {}",
            quoted(&format!("sloth-slo-{of}-{}", self.id))
        );
        out.push_str("  rules:\n");
    }

    /// The share of errors over each window. A window without events has none.
    fn write_errors(&self, out: &mut String) {
        self.group(out, "sli-recordings");
        for window in WINDOWS {
            let Events { errors, total } = &self.events;
            let expr =
                format!("(\n  {errors}\n)\n/\n(\n  {total} > 0\n)").replace("$window", window);
            self.record(
                out,
                &format!("slo:sli_error:ratio_rate{window}"),
                &expr,
                &[("sloth_window", window)],
            );
        }
        // Over the whole period the mean of the five-minute shares stands in, which is far less to read.
        let period = format!("{PERIOD_DAYS}d");
        let filter = &self.filter;
        let expr = format!("avg_over_time(slo:sli_error:ratio_rate5m{filter}[{period}])");
        self.record(
            out,
            &format!("slo:sli_error:ratio_rate{period}"),
            &expr,
            &[("sloth_window", &period)],
        );
    }

    fn write_metadata(&self, out: &mut String) {
        self.group(out, "meta-recordings");
        let filter = &self.filter;
        let burn_rate = |window: &str| {
            format!(
                "slo:sli_error:ratio_rate{window}{filter}\n\
                 / on (sloth_id, sloth_slo, sloth_service) group_left ()\n\
                 slo:error_budget:ratio{filter}"
            )
        };
        let budget = self.budget();
        for (record, expr) in [
            ("slo:objective:ratio", format!("vector(1 - {budget})")),
            ("slo:error_budget:ratio", format!("vector({budget})")),
            ("slo:time_period:days", format!("vector({PERIOD_DAYS})")),
            ("slo:current_burn_rate:ratio", burn_rate("5m")),
            (
                "slo:period_burn_rate:ratio",
                burn_rate(&format!("{PERIOD_DAYS}d")),
            ),
            (
                "slo:period_error_budget_remaining:ratio",
                format!("1 - slo:period_burn_rate:ratio{filter}"),
            ),
        ] {
            self.record(out, record, &expr, &[]);
        }
        let facts = [
            ("sloth_mode", "cli-gen-prom"),
            ("sloth_objective", &self.percent.to_string()),
            ("sloth_spec", "prometheus/v1"),
            (
                "sloth_version",
                concat!("datapunk-metrics-", env!("CARGO_PKG_VERSION")),
            ),
        ];
        self.record(out, "sloth_slo_info", "vector(1)", &facts);
    }

    fn write_alerts(&self, out: &mut String) {
        self.group(out, "alerts");
        let (filter, budget) = (&self.filter, self.budget());
        for alert in &ALERTS {
            let burns = alert.burns.map(|(short, long, factor)| {
                let [short, long] = [short, long].map(|window| {
                    format!(
                        "max(slo:sli_error:ratio_rate{window}{filter} > ({factor} * {budget})) without (sloth_window)"
                    )
                });
                format!("(\n  {short}\n  and\n  {long}\n)")
            });
            let Alert { name, severity, .. } = alert;
            let id = format!("{}_{name}", self.id);
            let _ = writeln!(out, "  - alert: {}", camel_case(&id));
            write_expr(out, &burns.join("\nor\n"));
            out.push_str("    labels:\n");
            for (label, value) in [
                // The service that is down silences what has this label.
                ("service", self.settings.service),
                ("severity", *severity),
                ("sloth_severity", name),
                ("team", self.settings.team),
            ] {
                let _ = writeln!(out, "      {label}: {}", quoted(value));
            }
            let _ = write!(
                out,
                "    annotations:\n      \
                 summary: \"{{{{ $labels.sloth_service }}}} {{{{ $labels.sloth_slo }}}} SLO error budget burn rate is over expected.\"\n      \
                 title: \"({name}) {{{{ $labels.sloth_service }}}} {{{{ $labels.sloth_slo }}}} SLO error budget burn rate is too fast.\"\n"
            );
        }
    }

    fn record(&self, out: &mut String, record: &str, expr: &str, labels: &[(&str, &str)]) {
        let _ = writeln!(out, "  - record: {record}");
        write_expr(out, expr);
        out.push_str("    labels:\n");
        let own = [
            ("sloth_id", self.id.as_str()),
            ("sloth_service", self.settings.service),
            ("sloth_slo", &self.name),
        ];
        for (label, value) in own.iter().chain(labels) {
            let _ = writeln!(out, "      {label}: {}", quoted(value));
        }
    }

    /// The share of events that may be bad, as it is written: 100 - 99.9 is not 0.1 in binary.
    fn budget(&self) -> String {
        let share = ((100.0 - self.percent) * 1e10).round() / 1e12;
        share.to_string()
    }
}

impl Events {
    /// `service` is quoted.
    fn of(service: &str, metric: &MetricDescriptor, indicator: Indicator) -> Self {
        let rate = |name: &str, matchers: &str| {
            format!("sum(rate({name}{{service={service}{matchers}}}[$window]))")
        };
        match indicator {
            Indicator::Availability { errors } => {
                let total = rate(metric.name, "");
                let errors = rate(metric.name, &matcher(&errors));
                Self {
                    // A service that never failed has no series of failures.
                    errors: format!("{errors} or 0 * {total}"),
                    total,
                }
            }
            Indicator::Latency { threshold } => {
                let total = rate(&format!("{}_count", metric.name), "");
                let bucket = format!("{}_bucket", metric.name);
                let good = rate(
                    &bucket,
                    &format!(", le{}", alternatives(&bound_texts(threshold))),
                );
                Self {
                    errors: format!("{total} - {good}"),
                    total,
                }
            }
            Indicator::Ratio { counter, good } => {
                let total = rate(counter, "");
                let matchers: String = good.iter().map(matcher).collect();
                let good = rate(counter, &matchers);
                Self {
                    errors: format!("{total} - ({good} or 0 * {total})"),
                    total,
                }
            }
        }
    }
}

/// `, label="value"`, or with a regular expression of all values.
fn matcher(condition: &Condition) -> String {
    let Condition { label, values } = condition;
    if let ["5xx"] = values {
        return format!(", {label}=~\"5(xx|..)\"");
    }
    let values: Vec<String> = values.iter().map(|&value| value.to_owned()).collect();
    format!(", {label}{}", alternatives(&values))
}

/// `="one"`, or `=~"one|other"`.
fn alternatives(values: &[String]) -> String {
    if let [one] = values {
        return format!("={}", quoted(one));
    }
    let escaped: Vec<String> = values.iter().map(|value| escaped(value)).collect();
    format!("=~{}", quoted(&escaped.join("|")))
}

/// A text as a regular expression that it alone matches.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// A text in double quotes, for YAML and for the query language, which escape these alike.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

fn write_expr(out: &mut String, expr: &str) {
    out.push_str("    expr: |\n");
    for line in expr.lines() {
        let _ = writeln!(out, "      {line}");
    }
}

/// `LibrarySearch` of `library-search`.
fn camel_case(text: &str) -> String {
    let words = text.split(|character: char| !character.is_alphanumeric());
    let capitals = words.map(|word| {
        let mut characters = word.chars();
        let first = characters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(characters).collect::<String>()
    });
    capitals.collect()
}
