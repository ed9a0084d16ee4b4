//! Which metrics a scrape shows: what its query asks for, of what its principal may see.
//!
//! What no set declares, such as the metrics of an attached registry, is shown to those who may see everything: all of it,
//! or by name. No set that is asked for and none that is granted has it.

use std::sync::Arc;

use crate::descriptor::{MetricDescriptor, SetDescriptor};
use crate::registry::Registry;

/// What the query of a scrape names. Other parameters are ignored, as scrapers may send some of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Selection {
    /// `name[]`: metrics, by the name of the family or of one of its samples.
    names: Vec<String>,
    /// `set[]`: metric sets, by their type's name.
    sets: Vec<String>,
    /// The sets that whoever asks may see; all without it.
    allowed: Option<Arc<[String]>>,
}

impl Selection {
    pub(super) fn of_query(query: Option<&str>) -> Self {
        let mut selection = Self::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match name.as_ref() {
                "name[]" => selection.names.push(value.into_owned()),
                "set[]" => selection.sets.push(value.into_owned()),
                _ => {}
            }
        }
        selection
    }

    /// Shows no other sets than these.
    #[cfg(feature = "server")]
    pub(super) fn limited_to(mut self, sets: Option<Arc<[String]>>) -> Self {
        self.allowed = sets;
        self
    }

    /// The part of a registry that it shows; none if that is all.
    pub(super) fn of(&self, registry: &Registry) -> Option<Registry> {
        let is_all = self.names.is_empty() && self.sets.is_empty() && self.allowed.is_none();
        (!is_all).then(|| {
            let keep = |set: &SetDescriptor, metric: &MetricDescriptor| {
                self.allowed
                    .as_ref()
                    .is_none_or(|allowed| allowed.iter().any(|name| is_named(set, name)))
                    && (self.sets.is_empty() || self.sets.iter().any(|name| is_named(set, name)))
                    && (self.names.is_empty() || self.names.iter().any(|name| shows(metric, name)))
            };
            let of_sets_alone = self.allowed.is_some() || !self.sets.is_empty();
            registry.part(keep, if of_sets_alone { &[] } else { &self.names })
        })
    }
}

/// Whether `name` is the set's type, with or without its module.
pub(super) fn is_named(set: &SetDescriptor, name: &str) -> bool {
    name == set.name
        || name
            .rsplit_once("::")
            .is_some_and(|(module, last)| last == set.name && module == set.location.module)
}

/// Whether `name` is the metric's name, the one that OpenMetrics gives its family, or that of one of its samples.
fn shows(metric: &MetricDescriptor, name: &str) -> bool {
    if name == metric.name {
        return true;
    }
    match metric.kind {
        crate::Kind::Histogram => matches!(
            name.strip_prefix(metric.name),
            Some("_bucket" | "_sum" | "_count")
        ),
        crate::Kind::Counter => metric.name.strip_suffix("_total") == Some(name),
        crate::Kind::Info => metric.name.strip_suffix("_info") == Some(name),
        crate::Kind::Gauge | crate::Kind::Ratio | crate::Kind::State => false,
    }
}
