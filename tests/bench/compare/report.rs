//! What is printed and written of the results.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};
use support::readme::{figure, time};
use support::statistics::rounded;
use support::{machine, readme, results};

use crate::harness::{Effort, Measured};
use crate::libraries::FLOOR;
use crate::own::{Costs, KEY};
use crate::rows::{ROWS, Row};

/// Says what is measured, on what.
pub(crate) fn heading(effort: Effort) {
    println!("{}", machine::sentence(&machine::describe()));
    println!(
        "medians of {} rounds; the ratio is to the reference in the same round\n",
        effort.rounds
    );
}

/// Prints one row, the fastest first.
pub(crate) fn print(row: &Row, measured: &[Measured]) {
    println!("{}: {}", row.key, row.what);
    let mut ordered: Vec<_> = measured.iter().collect();
    ordered.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
    for contender in ordered {
        let goal = match row.goal {
            Some(goal) if contender.name == "ours" => {
                let verdict = if contender.ratio <= goal {
                    "reached"
                } else {
                    "missed"
                };
                format!("   goal {goal} {verdict}")
            }
            _ => String::new(),
        };
        println!(
            "  {:<38} {:>10} {:>8}{goal}",
            contender.name,
            time(contender.ns),
            figure(contender.ratio),
        );
    }
    println!();
}

/// Prints what ours costs besides recording.
pub(crate) fn print_own(costs: &Costs) {
    println!("{KEY}: what reading and keeping costs");
    for (name, value, unit) in costs.lines() {
        println!("  {name:<38} {value:>10.2} {unit}");
    }
    println!();
}

/// The results of a run, as they are written.
pub(crate) struct Results(Map<String, Value>);

impl Results {
    pub(crate) fn new(quick: bool) -> Self {
        let mut machine = machine::describe();
        if quick {
            machine["quick"] = json!(true);
        }
        let mut results = Map::new();
        results.insert("machine".to_owned(), machine);
        Self(results)
    }

    pub(crate) fn add(&mut self, row: &Row, measured: &[Measured]) {
        let Some((reference, contenders)) = measured.split_first() else {
            return;
        };
        let named = |name| contenders.iter().find(|contender| contender.name == name);
        let libraries = contenders.iter().filter(|contender| contender.competes);
        let best = libraries
            .clone()
            .filter(|contender| contender.name != "ours")
            .min_by(|a, b| a.ratio.total_cmp(&b.ratio));
        let ratio = |contender: Option<&Measured>| contender.map(|it| rounded(it.ratio));
        let mut entry = Map::new();
        let mut set = |key: &str, value| entry.insert(key.to_owned(), value);
        set("ours", json!(ratio(named("ours"))));
        set("best_peer", json!(ratio(best)));
        set("best_peer_name", json!(best.map(|best| best.name)));
        set("goal", json!(row.goal));
        set("reference_ns", json!(rounded(reference.ns)));
        if let Some(floor) = named(FLOOR) {
            set("floor", json!(rounded(floor.ratio)));
        }
        let all: Map<String, Value> = libraries
            .map(|library| {
                let figures = json!({"ns": rounded(library.ns), "ratio": rounded(library.ratio)});
                (library.name.to_owned(), figures)
            })
            .collect();
        set("contenders", Value::Object(all));
        self.0.insert(row.key.to_owned(), Value::Object(entry));
    }

    pub(crate) fn add_own(&mut self, costs: &Costs) {
        let own: Map<String, Value> = costs
            .lines()
            .into_iter()
            .map(|(name, value, _)| (name.to_owned(), json!(rounded(value))))
            .collect();
        self.0.insert(KEY.to_owned(), Value::Object(own));
    }

    /// Prints the rows of this run as the README shows them.
    pub(crate) fn print_table(&self) -> Result<(), String> {
        println!("{}", readme::table(&self.0, &shown(&self.0))?);
        Ok(())
    }

    /// Writes the results beside those of other rows that were measured on the same machine.
    pub(crate) fn write(self, path: &Path) -> Result<(), String> {
        let failed = |error| format!("{}: {error}", path.display());
        let old = results::read(path).map_err(failed)?;
        results::write(path, &results::merged(old, self.0)).map_err(failed)
    }
}

/// Key and description of each row that has results, in the order of [`ROWS`].
fn shown(results: &Map<String, Value>) -> Vec<(&'static str, &'static str)> {
    ROWS.iter()
        .filter(|row| results.contains_key(row.key))
        .map(|row| (row.key, row.what))
        .collect()
}

/// Writes the table of the results at `results` into the README at `path`.
pub(crate) fn write_readme(path: &Path, results: &Path) -> Result<(), String> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |error| format!("{path}: {error}")
    };
    let found = results::read(results).map_err(failed(results))?;
    let Some(machine) = found.get("machine") else {
        return Err(format!("{}: there are no results", results.display()));
    };
    if machine.get("quick").is_some() {
        return Err(format!(
            "{}: the results of a quick run are not for readers",
            results.display()
        ));
    }
    let rows: Vec<_> = ROWS.iter().map(|row| (row.key, row.what)).collect();
    let old = fs::read_to_string(path).map_err(failed(path))?;
    let new = readme::with_table(&old, &found, &rows)?;
    fs::write(path, new).map_err(failed(path))
}
