//! Metric names: one pass over a name that reports what is wrong and repairs it.
//!
//! Each step sees the name as the steps before it repaired it. So a mistake that follows from another one is not
//! reported, and a finding and its fix cannot disagree.

use crate::ending::repair_ending;
use crate::words::{DEFAULT_SYSTEM, anchor, spelling_fits, words};
use crate::{Finding, Kind, Profile, Rule, fixed_metric_name, suffix, units};

/// What the rules for a metric's name need to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricFacts<'a> {
    /// The standard that the metric is held to.
    pub profile: Profile,
    /// What it measures.
    pub kind: Kind,
    /// The name as it is exported, with its namespace.
    pub name: &'a str,
    /// The suffix that the type of a histogram's values demands: `Some("seconds")`, `Some("bytes")`, that of a custom
    /// unit; `Some("")` for counts of things; `None` where it is not known, and for other kinds.
    pub unit: Option<&'a str>,
    /// Whether the gauge counts what is in flight.
    pub in_flight: bool,
}

/// Checks the exported name of a metric.
///
/// All findings carry the same `fix`: a name that passes every rule, see [`fixed_metric_name`].
#[must_use]
pub fn check_metric_name(facts: &MetricFacts<'_>) -> Vec<Finding> {
    let mut findings = Pass::run(facts).findings;
    if !findings.is_empty() {
        let fix = fixed_metric_name(facts);
        for finding in &mut findings {
            finding.fix = Some(fix.clone());
        }
    }
    findings
}

/// One pass over a name.
pub(crate) struct Pass<'a> {
    pub(crate) facts: &'a MetricFacts<'a>,
    /// The name so far.
    pub(crate) segments: Vec<String>,
    pub(crate) findings: Vec<Finding>,
}

impl<'a> Pass<'a> {
    pub(crate) fn run(facts: &'a MetricFacts<'a>) -> Self {
        let segments = facts.name.split('_').map(str::to_owned).collect();
        let mut pass = Self {
            facts,
            segments,
            findings: Vec::new(),
        };
        if pass.is_strict() && suffix::is_exception(facts.kind, facts.name) {
            return pass;
        }
        pass.name_is_spelled_in_snake_case();
        pass.name_holds_no_metric_type();
        pass.name_holds_base_units_only();
        repair_ending(&mut pass);
        pass.name_has_two_segments();
        // A name that lost its first segment above.
        if pass.is_strict() {
            anchor(&mut pass.segments);
        }
        if facts.name.is_empty() {
            // What else is missing follows from that.
            pass.findings.truncate(1);
        }
        pass
    }

    /// The repaired name; the name itself if there are no findings.
    pub(crate) fn name(&self) -> String {
        self.segments.join("_")
    }

    pub(crate) fn is_strict(&self) -> bool {
        self.facts.profile == Profile::Datapunk
    }

    pub(crate) fn report(&mut self, rule: Rule, message: String) -> &mut Finding {
        self.findings.push(Finding::new(rule, message));
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    // Scrapers read `[a-zA-Z_:][a-zA-Z0-9_:]*`; the standard is stricter, and promlint refuses camelCase and colons.
    //
    //     http_requests_total    // accepted
    //     httpRequests_total     // refused
    fn name_is_spelled_in_snake_case(&mut self) {
        let name = self.facts.name;
        let finding = match grammar_finding("metric name", name) {
            Some(finding) => finding,
            None if spelling_fits(self.facts.profile, name) => return,
            None => Finding::new(
                Rule::Naming,
                format!("metric name `{name}` is not snake_case"),
            ),
        };
        self.findings.push(finding);
        self.segments = words(name);
        anchor(&mut self.segments);
    }

    // The type is written beside the name. promlint looks at every segment but the first.
    //
    //     process_memory_bytes          // accepted
    //     process_memory_gauge_bytes    // refused
    fn name_holds_no_metric_type(&mut self) {
        let from = usize::from(self.segments.len() > 1 || !self.is_strict());
        let Some(found) = self
            .segments
            .iter()
            .skip(from)
            .find(|segment| is_type(segment))
            .cloned()
        else {
            return;
        };
        let mut at = 0;
        self.segments.retain(|segment| {
            at += 1;
            at <= from || !is_type(segment)
        });
        let name = self.facts.name;
        self.findings
            .push(type_finding(&format!("metric name `{name}`"), &found));
    }

    // Base units only, spelled out, so that numbers can be compared and divided without a look at their names.
    //
    //     request_duration_seconds    // accepted
    //     request_duration_ms         // refused
    fn name_holds_base_units_only(&mut self) {
        let of_counter = self.segments.last().is_some_and(|last| last == "total");
        let end = self
            .segments
            .len()
            .saturating_sub(1 + usize::from(of_counter));
        let mut first = None;
        let mut repaired: Vec<String> = Vec::new();
        for (at, segment) in self.segments.iter().enumerate() {
            match self.base_instead_of(segment, at, at == end) {
                None => repaired.push(segment.clone()),
                Some(base) => {
                    first.get_or_insert_with(|| (segment.clone(), base));
                    // `duration_ms_seconds` has one unit, not two.
                    let doubled = repaired.last().is_some_and(|last| last == base)
                        || self.segments.get(at + 1).is_some_and(|next| next == base);
                    if !doubled {
                        repaired.push(base.to_owned());
                    }
                }
            }
        }
        let Some((unit, base)) = first else { return };
        self.segments = repaired;
        let name = self.facts.name;
        self.report(
            Rule::Unit,
            format!("metric `{name}` uses `{unit}`, which is not a base unit"),
        )
        .help = Some(format!("record the values in {}", units::plain_words(base)));
    }

    fn base_instead_of(&self, segment: &str, at: usize, at_end: bool) -> Option<&'static str> {
        let ending = if at > 0 && at_end && self.is_strict() {
            units::base_of_ending(segment)
        } else {
            None
        };
        base_instead_of(self.facts.profile, segment, at).or(ending)
    }

    // `{system}_{metric}_{suffix}`: a name of one segment says nothing of where it comes from.
    //
    //     service_up    // accepted
    //     up            // refused
    fn name_has_two_segments(&mut self) {
        if !self.is_strict() || self.segments.len() > 1 {
            return;
        }
        let name = self.facts.name;
        if words(name).len() == 1 {
            self.report(Rule::Naming, format!("metric name `{name}` has one segment")).notes.push(
                "a name is made of the system, what is measured, and a suffix; two segments at least".to_owned(),
            );
        }
        // `up` is exported by Prometheus itself, about the target.
        let system = if self.segments.iter().any(|segment| segment == "up") {
            "service"
        } else {
            DEFAULT_SYSTEM
        };
        self.segments.insert(0, system.to_owned());
    }
}

/// Whether a segment is the word for a metric type.
pub(crate) fn is_type(segment: &str) -> bool {
    suffix::TYPES.contains(&segment.to_ascii_lowercase().as_str())
}

pub(crate) fn type_finding(what: &str, found: &str) -> Finding {
    Finding::new(
        Rule::Naming,
        format!("{what} holds the metric type `{found}`"),
    )
    .note("the type of a metric is exported beside its name")
}

/// The base unit to use instead of the segment at a position, wherever the name ends.
pub(crate) fn base_instead_of(profile: Profile, segment: &str, at: usize) -> Option<&'static str> {
    let abbreviation = if at > 0 {
        units::base_of_abbreviation(&segment.to_ascii_lowercase())
    } else {
        None
    };
    units::base_instead_of(segment, profile).or(abbreviation)
}

/// What keeps `name` from being read at all.
pub(crate) fn grammar_finding(what: &str, name: &str) -> Option<Finding> {
    let mut characters = name.chars();
    let finding = match characters.next() {
        None => Finding::new(Rule::Format, format!("{what} is empty")),
        Some(first) if first.is_ascii_digit() => Finding::new(
            Rule::Format,
            format!("{what} `{}` begins with a digit", printable(name)),
        ),
        Some(_) => {
            let bad = name
                .chars()
                .find(|character| !character.is_ascii_alphanumeric() && *character != '_')?;
            let shown = format!(
                "{what} `{}` contains `{}`",
                printable(name),
                bad.escape_debug()
            );
            if bad == ':' {
                // Scrapers read it, so that it can be waived.
                return Some(
                    Finding::new(Rule::Naming, shown).note("colons are kept for recording rules"),
                );
            }
            Finding::new(Rule::Format, shown)
        }
    };
    Some(finding.note("allowed characters are `a` to `z`, `0` to `9` and `_`"))
}

/// Text in a message, without control characters.
pub(crate) fn printable(text: &str) -> String {
    text.chars().flat_map(char::escape_debug).collect()
}
