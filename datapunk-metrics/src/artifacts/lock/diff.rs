//! What changed between two locks, and what of it breaks queries.

use core::fmt::Write;
use std::collections::BTreeMap;

use datapunk_metrics_conventions::closest;

use super::super::catalogue::series_names;
use super::{Lock, Locked, Usage, Values};

/// One change of a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    message: String,
    help: Option<String>,
    breaking: bool,
    /// The names that queries read, and the label that they need, if it is about one.
    names: Vec<String>,
    label: Option<String>,
}

impl Change {
    /// The fact, in one line.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether queries, alert rules and dashboards can break by it.
    #[must_use]
    pub const fn is_breaking(&self) -> bool {
        self.breaking
    }

    /// What to do about it, if there is something.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Those of `usages` that it breaks.
    pub fn breaks<'a>(&self, usages: &'a [Usage]) -> impl Iterator<Item = &'a Usage> {
        usages
            .iter()
            .filter(|usage| self.breaking && usage.reads(&self.names, self.label.as_deref()))
    }

    /// The message with the usages that it breaks, and what to do.
    #[must_use]
    pub fn report(&self, usages: &[Usage]) -> String {
        let kind = if self.breaking { "breaking" } else { "fine" };
        let mut text = format!("{kind}: {}", self.message);
        for usage in self.breaks(usages) {
            // A text takes everything that is written to it.
            let _ = write!(text, "\nnote: {usage} reads it");
        }
        if let Some(help) = &self.help {
            let _ = write!(text, "\nhelp: {help}");
        }
        text
    }
}

impl Lock {
    /// What is different in `now`, by service and metric.
    #[must_use]
    pub fn changes(&self, now: &Self) -> Vec<Change> {
        let none = BTreeMap::new();
        let mut changes = Vec::new();
        for (service, before) in &self.services {
            let now = now.services.get(service).unwrap_or(&none);
            Services {
                service,
                before,
                now,
            }
            .compare(&mut changes);
        }
        for (service, metrics) in &now.services {
            if !self.services.contains_key(service) {
                let service = Services {
                    service,
                    before: &none,
                    now: metrics,
                };
                service.compare(&mut changes);
            }
        }
        changes
    }
}

/// One service before and now.
struct Services<'a> {
    service: &'a str,
    before: &'a BTreeMap<String, Locked>,
    now: &'a BTreeMap<String, Locked>,
}

impl Services<'_> {
    fn compare(&self, out: &mut Vec<Change>) {
        for (name, before) in self.before {
            match self.now.get(name) {
                Some(now) => {
                    let pair = Pair {
                        service: self.service,
                        name,
                        before,
                        now,
                    };
                    pair.compare(out);
                }
                None => out.push(self.removed(name, before)),
            }
            self.former_name(name, before, out);
        }
        for name in self
            .now
            .keys()
            .filter(|name| !self.before.contains_key(*name))
        {
            out.push(Change {
                message: format!("{}: metric `{name}` is new", self.service),
                help: None,
                breaking: false,
                names: Vec::new(),
                label: None,
            });
        }
    }

    fn removed(&self, name: &str, before: &Locked) -> Change {
        let service = self.service;
        let names = series_names(name, &before.kind);
        let renamed = self.now.iter().find_map(|(new, metric)| {
            let former = metric.renamed_from.as_ref()?;
            (former.name == name).then_some((new, &former.until))
        });
        if let Some((new, until)) = renamed {
            return Change {
                message: format!(
                    "{service}: metric `{name}` is renamed to `{new}`, and both names are exposed until version {until}"
                ),
                help: None,
                breaking: false,
                names,
                label: None,
            };
        }
        let announced = match &before.deprecated {
            Some(_) => ", as announced",
            None => "",
        };
        let new = self
            .now
            .keys()
            .filter(|new| !self.before.contains_key(*new));
        let same_kind = new.filter(|new| self.now[*new].kind == before.kind);
        let candidates: Vec<&str> = same_kind.map(String::as_str).collect();
        let near = closest(name, candidates.iter().copied()).or(match candidates[..] {
            [only] => Some(only),
            _ => None,
        });
        Change {
            message: format!("{service}: metric `{name}` is removed{announced}"),
            help: near.map(|new| {
                format!(
                    "if it is `{new}` now, keep both names for a while: \
                     `#[metric(renamed_from = \"{name}\", until = \"…\")]`"
                )
            }),
            breaking: true,
            names,
            label: None,
        }
    }

    // The end of the window, which those who did not change over notice.
    fn former_name(&self, name: &str, before: &Locked, out: &mut Vec<Change>) {
        let Some(former) = &before.renamed_from else {
            return;
        };
        let still = self.now.contains_key(&former.name)
            || self
                .now
                .values()
                .filter_map(|metric| metric.renamed_from.as_ref())
                .any(|renamed| renamed.name == former.name);
        if !still {
            out.push(Change {
                message: format!(
                    "{}: `{}`, the former name of metric `{name}`, is removed, as announced",
                    self.service, former.name
                ),
                help: None,
                breaking: true,
                names: series_names(&former.name, &before.kind),
                label: None,
            });
        }
    }
}

/// One metric before and now.
struct Pair<'a> {
    service: &'a str,
    name: &'a str,
    before: &'a Locked,
    now: &'a Locked,
}

impl Pair<'_> {
    fn change(&self, breaking: bool, label: Option<&str>, what: &str) -> Change {
        Change {
            message: format!("{}: metric `{}` {what}", self.service, self.name),
            help: None,
            breaking,
            names: series_names(self.name, &self.before.kind),
            label: label.map(str::to_owned),
        }
    }

    fn compare(&self, out: &mut Vec<Change>) {
        let (before, now) = (self.before, self.now);
        if before.kind != now.kind {
            let what = format!("is a {}, and was a {}", now.kind, before.kind);
            out.push(self.change(true, None, &what));
        }
        if before.unit != now.unit {
            let named = |unit: &str| {
                if unit.is_empty() {
                    "none".to_owned()
                } else {
                    format!("`{unit}`")
                }
            };
            let what = format!(
                "has the unit {}, and had {}",
                named(&now.unit),
                named(&before.unit)
            );
            out.push(self.change(true, None, &what));
        }
        self.compare_labels(out);
        self.compare_buckets(out);
        for (state, value) in &before.states {
            let what = match now.states.get(state) {
                None => format!("has lost state `{state}`"),
                Some(number) if number != value => {
                    format!("has number {number} for state `{state}`, and had {value}")
                }
                Some(_) => continue,
            };
            out.push(self.change(true, None, &what));
        }
        if before.retention != now.retention {
            let what = format!(
                "is kept as {}, and was as {}",
                now.retention, before.retention
            );
            out.push(self.change(false, None, &what));
        }
        if let (None, Some(end)) = (&before.deprecated, &now.deprecated) {
            let what = format!("is deprecated, and gone from version {} on", end.until);
            out.push(self.change(false, None, &what));
        }
    }

    fn compare_labels(&self, out: &mut Vec<Change>) {
        let (before, now) = (&self.before.labels, &self.now.labels);
        for (label, values) in before {
            let Some(values_now) = now.get(label) else {
                out.push(self.change(true, Some(label), &format!("has lost label `{label}`")));
                continue;
            };
            match (values, values_now) {
                (Values::OneOf(before), Values::OneOf(now)) => {
                    let gone: Vec<String> = before
                        .difference(now)
                        .map(|value| format!("`{value}`"))
                        .collect();
                    if !gone.is_empty() {
                        let what = format!("has lost {} of label `{label}`", gone.join(", "));
                        out.push(self.change(true, Some(label), &what));
                    }
                }
                (Values::Open, Values::OneOf(_)) => {
                    let what = format!("has listed values of label `{label}`, and had any");
                    out.push(self.change(true, Some(label), &what));
                }
                (_, Values::Open) => {}
            }
        }
        for label in now.keys().filter(|label| !before.contains_key(*label)) {
            // A vector that is matched with another one has one label more than it had.
            let what = format!("has a new label `{label}`");
            out.push(self.change(true, None, &what));
        }
    }

    fn compare_buckets(&self, out: &mut Vec<Change>) {
        let gone: Vec<String> = self
            .before
            .buckets
            .iter()
            .filter(|bound| !self.now.buckets.contains(bound))
            .map(|bound| format!("`{bound}`"))
            .collect();
        if !gone.is_empty() && self.now.kind == self.before.kind {
            let what = format!("has lost {} of its buckets", gone.join(", "));
            out.push(self.change(true, Some("le"), &what));
        }
    }
}
