//! What was recorded, as families of an exposition.

use std::sync::PoisonError;

use super::family::Family;
use super::{Recorder, units};
use crate::collect::foreign::{ForeignFamily, ForeignSource, OwnCount};
use crate::foreign::{Origin, Refusal};
use crate::privacy::mask;

impl ForeignSource for Recorder {
    fn origin(&self) -> Origin {
        Origin::Metrics
    }

    fn collect(&self, families: &mut Vec<ForeignFamily>, _: &mut Vec<Refusal>) {
        let known = self.shared.families.read();
        let known = known.unwrap_or_else(PoisonError::into_inner);
        let list: Vec<_> = known.exposed.values().cloned().collect();
        let mut names = std::collections::HashMap::new();
        for (recorded, family) in &known.recorded {
            // Of several names that became one, the first in order describes it.
            let first = names.entry(family.name.clone()).or_insert(recorded.clone());
            if recorded < first {
                first.clone_from(recorded);
            }
        }
        drop(known);
        for family in list {
            let recorded = names.get(&family.name).map_or("", String::as_str);
            families.push(self.exposed(&family, recorded));
        }
    }
}

impl Recorder {
    fn exposed(&self, family: &Family, recorded: &str) -> ForeignFamily {
        let descriptions = self.shared.descriptions.read();
        let descriptions = descriptions.unwrap_or_else(PoisonError::into_inner);
        let description = descriptions.get(&(recorded.to_owned(), family.kind));
        let unit = units::unit_text(description.and_then(|description| description.unit));
        let mut help = match description {
            Some(description) if !description.help.is_empty() => description.help.clone(),
            _ => format!("Recorded as `{}`, without a description.", mask(recorded)),
        };
        let before_total = family.name.strip_suffix("_total").unwrap_or(&family.name);
        let names_it = before_total
            .strip_suffix(unit)
            .is_some_and(|before| before.ends_with('_'));
        if !unit.is_empty() && !names_it {
            help = format!("{help} Unit: {}.", unit.replace('_', " "));
        }
        ForeignFamily {
            name: family.name.clone(),
            help,
            kind: Some(family.kind),
            unit: if names_it {
                unit.to_owned()
            } else {
                String::new()
            },
            series: family.collect(),
            counts: vec![
                OwnCount::refused(family.counts.refused()),
                OwnCount::folded(family.counts.folded()),
                OwnCount::series(family.len()),
                OwnCount::limit(family.limit),
            ],
        }
    }
}
