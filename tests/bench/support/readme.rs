//! The table of the README, written from the results between two marks.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::machine;

/// Where the table begins.
pub const BEGIN: &str = "<!-- bench:begin -->";
/// Where it ends.
pub const END: &str = "<!-- bench:end -->";

/// `readme` with the table of `results` between the marks. `rows` are the keys to show, each with its description.
///
/// # Errors
///
/// If a mark is missing or not there once, or if a row has no results.
pub fn with_table(
    readme: &str,
    results: &Map<String, Value>,
    rows: &[(&str, &str)],
) -> Result<String, String> {
    let begin = only(readme, BEGIN)?;
    let end = only(readme, END)?;
    if end < begin {
        return Err(format!("`{END}` is before `{BEGIN}`"));
    }
    Ok(format!(
        "{}{BEGIN}\n{}{}",
        &readme[..begin],
        table(results, rows)?,
        &readme[end..]
    ))
}

/// Where the only `mark` of `text` is.
fn only(text: &str, mark: &str) -> Result<usize, String> {
    let mut places = text.match_indices(mark).map(|(place, _)| place);
    match (places.next(), places.next()) {
        (Some(place), None) => Ok(place),
        (None, _) => Err(format!("the README has no `{mark}`")),
        (Some(_), Some(_)) => Err(format!("the README has more than one `{mark}`")),
    }
}

/// The table in Markdown, with the machine below it.
///
/// # Errors
///
/// If a row has no results.
pub fn table(results: &Map<String, Value>, rows: &[(&str, &str)]) -> Result<String, String> {
    let mut table = String::from(
        "| work | reference | datapunk-metrics | best other | the rest |\n|---|---|---|---|---|\n",
    );
    for (key, what) in rows {
        table += &line(key, what, results)?;
    }
    let machine = results
        .get("machine")
        .ok_or("the results name no machine")?;
    let _ = write!(
        table,
        "\nTimes against the reference in the same number of threads (a bare `AtomicU64::fetch_add`; for the \
         encoding, a copy of the text). Measured on {}.\n",
        machine::sentence(machine)
    );
    Ok(table)
}

/// The line of one row.
fn line(key: &str, what: &str, results: &Map<String, Value>) -> Result<String, String> {
    let missing = || format!("the results have no complete row `{key}`");
    let row = results.get(key).ok_or_else(missing)?;
    let number = |value: &Value| value.as_f64().ok_or_else(missing);
    let best = row["best_peer_name"].as_str().ok_or_else(missing)?;
    let mut rest = Vec::new();
    for (name, measured) in row["contenders"].as_object().ok_or_else(missing)? {
        if name != "ours" && name != best {
            rest.push((number(&measured["ratio"])?, name));
        }
    }
    rest.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let rest: Vec<_> = rest
        .iter()
        .map(|(ratio, name)| format!("{name} {}", figure(*ratio)))
        .collect();
    Ok(format!(
        "| {what} | {} | **{}** | {best} {} | {} |\n",
        time(number(&row["reference_ns"])?),
        figure(number(&row["ours"])?),
        figure(number(&row["best_peer"])?),
        rest.join(", "),
    ))
}

/// A ratio with the digits that mean something.
#[must_use]
pub fn figure(ratio: f64) -> String {
    if ratio < 2.0 {
        format!("{ratio:.2}")
    } else if ratio < 20.0 {
        format!("{ratio:.1}")
    } else {
        format!("{ratio:.0}")
    }
}

/// Nanoseconds in the unit that is read best.
#[must_use]
pub fn time(nanoseconds: f64) -> String {
    if nanoseconds < 1e3 {
        format!("{nanoseconds:.2} ns")
    } else if nanoseconds < 1e6 {
        format!("{:.1} µs", nanoseconds / 1e3)
    } else {
        format!("{:.2} ms", nanoseconds / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn results() -> Map<String, Value> {
        let results = json!({
            "machine": {"cpu": "AMD EPYC", "cores": 2, "rustc": "rustc 1.95.0 (abc)", "profile": "release"},
            "counter_plain": {
                "ours": 0.2, "best_peer": 0.9, "best_peer_name": "measured", "reference_ns": 2.0,
                "contenders": {
                    "ours": {"ns": 0.4, "ratio": 0.2},
                    "vise": {"ns": 22.4, "ratio": 11.2},
                    "measured": {"ns": 1.8, "ratio": 0.9},
                    "prometheus": {"ns": 2.4, "ratio": 1.2}
                }
            }
        });
        results.as_object().cloned().unwrap()
    }

    #[test]
    fn the_table_replaces_what_is_between_the_marks() {
        let readme = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        let rows = [("counter_plain", "counter without labels")];
        let new = with_table(&readme, &results(), &rows).unwrap();
        assert_eq!(
            new,
            format!(
                "before\n{BEGIN}\n\
                 | work | reference | datapunk-metrics | best other | the rest |\n\
                 |---|---|---|---|---|\n\
                 | counter without labels | 2.00 ns | **0.20** | measured 0.90 | prometheus 1.20, vise 11.2 |\n\
                 \nTimes against the reference in the same number of threads (a bare `AtomicU64::fetch_add`; for the \
                 encoding, a copy of the text). Measured on AMD EPYC, 2 cores, rustc 1.95.0, profile `release`.\n\
                 {END}\nafter\n"
            )
        );
        assert_eq!(with_table(&new, &results(), &rows).unwrap(), new);
    }

    #[test]
    fn marks_that_are_missing_or_doubled_are_refused() {
        let rows = [];
        assert_eq!(
            with_table("", &results(), &rows).unwrap_err(),
            format!("the README has no `{BEGIN}`")
        );
        let doubled = format!("{BEGIN}{END}{END}");
        assert_eq!(
            with_table(&doubled, &results(), &rows).unwrap_err(),
            format!("the README has more than one `{END}`")
        );
        let reversed = format!("{END}{BEGIN}");
        assert!(with_table(&reversed, &results(), &rows).is_err());
    }

    #[test]
    fn a_row_without_results_is_refused() {
        let rows = [("counter_literal", "x")];
        assert_eq!(
            table(&results(), &rows).unwrap_err(),
            "the results have no complete row `counter_literal`"
        );
    }

    #[test]
    fn figures_have_the_digits_that_mean_something() {
        assert_eq!(figure(0.204), "0.20");
        assert_eq!(figure(8.44), "8.4");
        assert_eq!(figure(164.2), "164");
        assert_eq!(time(2.034), "2.03 ns");
        assert_eq!(time(61_300.0), "61.3 µs");
        assert_eq!(time(1_234_567.0), "1.23 ms");
    }
}
