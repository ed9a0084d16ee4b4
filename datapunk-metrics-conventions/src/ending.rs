//! How a name ends, by kind.

use crate::name::Pass;
use crate::suffix::{DIMENSIONLESS, GAUGE, STATE, owner};
use crate::units::{self, is_base};
use crate::words::{DEFAULT_SYSTEM, words};
use crate::{Kind, Profile, Rule, is_snake_case};

/// Reports and repairs the ending of a name whose spelling, types and units are in order.
pub(crate) fn repair_ending(pass: &mut Pass<'_>) {
    if pass.is_strict() {
        match pass.facts.kind {
            Kind::Counter => counter_ends_in_total(pass),
            Kind::Gauge if pass.facts.in_flight => in_flight_ends_in_current(pass),
            Kind::Gauge => gauge_ends_in_unit_or_current(pass),
            Kind::Histogram => histogram_ends_in_its_unit(pass),
            Kind::Ratio => ratio_ends_in_ratio(pass),
            Kind::State => state_ends_in_state(pass),
            Kind::Info => info_ends_in_info(pass),
        }
    } else {
        match pass.facts.kind {
            Kind::Counter => total_is_there(pass),
            Kind::Info => info_ends_in_info(pass),
            Kind::Histogram => {
                unit_is_not_another(pass);
                suffix_of_another_kind_is_not_there(pass, &["total"]);
            }
            _ => suffix_of_another_kind_is_not_there(pass, &["total", "bucket", "count", "sum"]),
        }
    }
}

// A counter only goes up, and its name says so. OpenMetrics refuses a counter whose name does not.
//
//     http_requests_total    // accepted
//     http_requests          // refused
//     requests_total         // refused: one segment before `_total`
fn counter_ends_in_total(pass: &mut Pass<'_>) {
    if pass.segments.last().is_some_and(|last| last == "total") {
        pass.segments.pop();
    } else {
        pass.segments.retain(|segment| segment != "total");
        drop_reserved(pass);
        lacks_ending(pass, Rule::Format, "`_total`")
            .notes
            .push(TOTAL_NOTE.to_owned());
    }
    if pass.segments.len() < 2 {
        // What has one segment as it is written; a repair that leaves one is no second mistake.
        let name = pass.facts.name;
        if words(name).iter().filter(|word| *word != "total").count() < 2 {
            let count = if pass.segments.is_empty() {
                "no segment"
            } else {
                "one segment"
            };
            pass.report(
                Rule::Naming,
                format!("counter `{name}` has {count} before `_total`"),
            )
            .notes
            .push("a counter is named for its system and for what it counts".to_owned());
        }
        if pass
            .segments
            .first()
            .is_none_or(|first| first != DEFAULT_SYSTEM)
        {
            pass.segments.insert(0, DEFAULT_SYSTEM.to_owned());
        }
        if pass.segments.len() < 2 {
            pass.segments.push("events".to_owned());
        }
    }
    pass.segments.push("total".to_owned());
}

const TOTAL_NOTE: &str = "OpenMetrics refuses a counter without it";

// The same in the other profile, without a number of segments.
fn total_is_there(pass: &mut Pass<'_>) {
    if !ends_in(pass, "total") {
        pass.segments.push("total".to_owned());
        lacks_ending(pass, Rule::Format, "`_total`")
            .notes
            .push(TOTAL_NOTE.to_owned());
    }
}

// A gauge is a value now: of a unit, or current.
//
//     disk_free_bytes, queue_messages_current, service_up    // accepted
//     queue_messages, queue_messages_total                   // refused
fn gauge_ends_in_unit_or_current(pass: &mut Pass<'_>) {
    if last_fits(pass, |last| is_base(last) || GAUGE.contains(&last)) {
        return;
    }
    wrong_ending(
        pass,
        "a base unit, `_current`, `_status`, `_state` or `_up`",
    );
    if last_fits(pass, |last| last == "created") && pass.segments.len() > 1 {
        // When something was made, as a gauge.
        pass.segments
            .extend(["timestamp".to_owned(), "seconds".to_owned()]);
        return;
    }
    drop_reserved(pass);
    if !last_fits(pass, |last| is_base(last) || GAUGE.contains(&last))
        && !unit_moves_to_the_end(pass)
    {
        pass.segments.push("current".to_owned());
    }
}

// What is in flight has no unit.
//
//     http_requests_in_flight_current    // accepted
//     http_requests_in_flight            // refused
fn in_flight_ends_in_current(pass: &mut Pass<'_>) {
    if last_fits(pass, |last| last == "current") {
        return;
    }
    wrong_ending(pass, "`_current`");
    drop_reserved(pass);
    if !pass
        .segments
        .windows(2)
        .any(|pair| pair[0] == "in" && pair[1] == "flight")
    {
        pass.segments.extend(["in".to_owned(), "flight".to_owned()]);
    }
    pass.segments.push("current".to_owned());
}

// The unit of a histogram is the type of its values, and its name ends in it.
//
//     request_duration_seconds: Histogram<Seconds>, batch_size: Histogram<Items>    // accepted
//     request_duration: Histogram<Seconds>, object_size_bytes: Histogram<Seconds>    // refused
fn histogram_ends_in_its_unit(pass: &mut Pass<'_>) {
    if unit_is_not_another(pass) {
        // The wrong unit is gone, and with it the place of the right one.
        complete_histogram(pass);
    } else if !histogram_fits(pass) {
        match demanded_unit(pass) {
            Some(unit) if !unit.is_empty() => wrong_ending(pass, &format!("`_{unit}`")),
            Some(_) => wrong_ending(pass, "`_size`, `_length` or `_items`"),
            None => wrong_ending(pass, "a base unit, `_size`, `_length` or `_items`"),
        }
        drop_reserved(pass);
        complete_histogram(pass);
    }
}

fn histogram_fits(pass: &Pass<'_>) -> bool {
    match demanded_unit(pass) {
        Some(unit) if !unit.is_empty() => ends_in(pass, &unit),
        Some(_) => last_fits(pass, |last| DIMENSIONLESS.contains(&last)),
        None => last_fits(pass, |last| is_base(last) || DIMENSIONLESS.contains(&last)),
    }
}

fn complete_histogram(pass: &mut Pass<'_>) {
    if histogram_fits(pass) {
        return;
    }
    let unit = demanded_unit(pass);
    match unit.as_deref() {
        Some("") => pass.segments.push("items".to_owned()),
        Some(unit) => {
            if let Some(at) = pass
                .segments
                .iter()
                .skip(1)
                .position(|segment| segment == unit)
            {
                pass.segments.remove(at + 1);
            }
            pass.segments.extend(unit.split('_').map(str::to_owned));
        }
        None => {
            if !unit_moves_to_the_end(pass) {
                let of_time = ["duration", "latency", "time", "lag", "age"];
                let timed = pass
                    .segments
                    .iter()
                    .any(|segment| of_time.contains(&segment.as_str()));
                pass.segments
                    .push(if timed { "seconds" } else { "items" }.to_owned());
            }
        }
    }
}

// A unit in the name that is not the unit of the values makes every number a wrong one.
fn unit_is_not_another(pass: &mut Pass<'_>) -> bool {
    let Some(unit) = demanded_unit(pass) else {
        return false;
    };
    let Some(last) = pass.segments.last().filter(|last| is_base(last)).cloned() else {
        return false;
    };
    if !unit.is_empty() && (last == unit || ends_in(pass, &unit)) {
        return false;
    }
    let values = if unit.is_empty() {
        "have no unit".to_owned()
    } else {
        format!("are {}", units::plain_words(&unit).replace('_', " "))
    };
    pass.segments.pop();
    let name = pass.facts.name;
    pass.report(
        Rule::Format,
        format!("histogram `{name}` ends in `_{last}`, but its values {values}"),
    )
    .help = Some(format!(
        "if the values are {}, use the unit `{}`",
        units::plain_words(&last),
        units::type_of(&last)
    ));
    if !pass.is_strict() && !unit.is_empty() {
        pass.segments.extend(unit.split('_').map(str::to_owned));
    }
    true
}

/// The suffix that the histogram's unit demands, as the unit rule allows it; `None` where it is unknown, or no suffix.
fn demanded_unit(pass: &Pass<'_>) -> Option<String> {
    let unit = pass.facts.unit?;
    if unit.is_empty() {
        return Some(String::new());
    }
    let words: Vec<String> = words(unit)
        .into_iter()
        .map(|word| {
            units::base_instead_of(&word, Profile::Datapunk)
                .or_else(|| units::base_of_abbreviation(&word))
                .or_else(|| units::base_of_ending(&word))
                .map_or(word, str::to_owned)
        })
        .filter(|word| !crate::suffix::TYPES.contains(&word.as_str()) && owner(word).is_none())
        .collect();
    let unit = words.join("_");
    is_snake_case(&unit).then_some(unit)
}

// A share between 0 and 1.
//
//     cache_hit_ratio    // accepted
//     cache_hit_rate     // refused
fn ratio_ends_in_ratio(pass: &mut Pass<'_>) {
    if last_fits(pass, |last| last == "ratio") {
        return;
    }
    wrong_ending(pass, "`_ratio`");
    drop_reserved(pass);
    if last_fits(pass, |last| {
        ["rate", "share", "fraction", "current"].contains(&last)
    }) {
        pass.segments.pop();
    }
    pass.segments.push("ratio".to_owned());
}

// One of the values of an enum.
//
//     circuit_breaker_state, etl_job_status    // accepted
//     circuit_breaker                          // refused
fn state_ends_in_state(pass: &mut Pass<'_>) {
    if last_fits(pass, |last| STATE.contains(&last)) {
        return;
    }
    wrong_ending(pass, "`_state` or `_status`");
    drop_reserved(pass);
    if last_fits(pass, |last| last == "current") {
        pass.segments.pop();
    }
    if !last_fits(pass, |last| STATE.contains(&last)) {
        pass.segments.push("state".to_owned());
    }
}

// OpenMetrics writes the samples of an info metric with this ending.
//
//     build_info    // accepted
//     build         // refused
fn info_ends_in_info(pass: &mut Pass<'_>) {
    if ends_in(pass, "info") {
        return;
    }
    // `info` alone lacks a segment, not its ending.
    if !pass.is_strict() || pass.segments.len() != 1 || pass.segments[0] != "info" {
        lacks_ending(pass, Rule::Format, "`_info`")
            .notes
            .push("OpenMetrics refuses an info metric without it".to_owned());
        if pass.is_strict() {
            drop_reserved(pass);
        }
        pass.segments.push("info".to_owned());
    }
}

// promlint keeps these endings for the kinds that they belong to.
fn suffix_of_another_kind_is_not_there(pass: &mut Pass<'_>, endings: &[&str]) {
    if pass.segments.len() < 2 || !last_fits(pass, |last| endings.contains(&last)) {
        return;
    }
    wrong_ending(pass, "");
    while pass.segments.len() > 1 && last_fits(pass, |last| endings.contains(&last)) {
        pass.segments.pop();
    }
}

/// Reports an ending that belongs to another kind, or else that none of `expected` is there.
fn wrong_ending(pass: &mut Pass<'_>, expected: &str) {
    let last = pass.segments.last().cloned().unwrap_or_default();
    // A name of one segment has no ending yet; that it is too short is reported elsewhere.
    if pass.is_strict()
        && pass.segments.len() < 2
        && words(pass.facts.name).len() < 2
        && owner(&last).is_none()
    {
        lacks_ending(pass, Rule::Suffix, expected);
        return;
    }
    match owner(&last) {
        Some(owner) => {
            let what = what(pass);
            let name = pass.facts.name;
            pass.report(
                Rule::Suffix,
                format!("{what} `{name}` ends in `_{last}`, which is kept for {owner}"),
            );
        }
        None => {
            lacks_ending(pass, Rule::Suffix, expected);
        }
    }
}

fn lacks_ending<'p>(pass: &'p mut Pass<'_>, rule: Rule, expected: &str) -> &'p mut crate::Finding {
    let (what, name) = (what(pass), pass.facts.name);
    pass.report(
        rule,
        format!(
            "{what} `{}` does not end in {expected}",
            crate::name::printable(name)
        ),
    )
}

fn what(pass: &Pass<'_>) -> &'static str {
    if pass.facts.kind == Kind::Gauge && pass.facts.in_flight {
        "in-flight gauge"
    } else {
        pass.facts.kind.as_str()
    }
}

/// Drops last segments that belong to another kind.
fn drop_reserved(pass: &mut Pass<'_>) {
    while pass
        .segments
        .last()
        .is_some_and(|last| owner(last).is_some())
    {
        pass.segments.pop();
    }
}

/// Moves a base unit from inside the name to its end: `size_bytes_max` to `size_max_bytes`.
fn unit_moves_to_the_end(pass: &mut Pass<'_>) -> bool {
    let Some(at) = pass
        .segments
        .iter()
        .skip(1)
        .position(|segment| is_base(segment))
    else {
        return false;
    };
    let unit = pass.segments.remove(at + 1);
    pass.segments.push(unit);
    true
}

fn last_fits(pass: &Pass<'_>, fits: impl Fn(&str) -> bool) -> bool {
    pass.segments.last().is_some_and(|last| fits(last))
}

/// Whether the name ends in `suffix`, with something before it.
fn ends_in(pass: &Pass<'_>, suffix: &str) -> bool {
    let suffix: Vec<&str> = suffix.split('_').collect();
    pass.segments.len() > suffix.len()
        && pass.segments[pass.segments.len() - suffix.len()..]
            .iter()
            .zip(&suffix)
            .all(|(have, want)| have == want)
}
