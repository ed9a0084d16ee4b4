//! Units: the base units, and what other units are in base units.

use crate::Profile;

/// The base units of the standard.
pub const BASE: [&str; 10] = [
    "seconds", "bytes", "ratio", "celsius", "joules", "volts", "amperes", "meters", "grams",
    "cores",
];

/// Unit words and their base units, as promlint knows them.
const UNITS: [(&str, &str); 24] = [
    ("amperes", "amperes"),
    ("bytes", "bytes"),
    ("celsius", "celsius"),
    ("grams", "grams"),
    ("joules", "joules"),
    ("kelvin", "kelvin"),
    ("meters", "meters"),
    ("metres", "metres"),
    ("seconds", "seconds"),
    ("volts", "volts"),
    ("minutes", "seconds"),
    ("hours", "seconds"),
    ("days", "seconds"),
    ("weeks", "seconds"),
    ("kelvins", "kelvin"),
    ("fahrenheit", "celsius"),
    ("rankine", "celsius"),
    ("inches", "meters"),
    ("yards", "meters"),
    ("miles", "meters"),
    ("bits", "bytes"),
    ("calories", "joules"),
    ("pounds", "grams"),
    ("ounces", "grams"),
];

/// Prefixes of unit words. promlint writes `mibi` for `mebi`; both are known here.
const PREFIXES: [&str; 19] = [
    "pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo", "kibi", "mega",
    "mebi", "mibi", "giga", "gibi", "tera", "tebi", "peta", "pebi",
];

/// Abbreviations, refused as any segment but the first.
const ABBREVIATIONS: [(&str, &str); 14] = [
    ("s", "seconds"),
    ("ms", "seconds"),
    ("us", "seconds"),
    ("ns", "seconds"),
    ("sec", "seconds"),
    ("b", "bytes"),
    ("kb", "bytes"),
    ("mb", "bytes"),
    ("gb", "bytes"),
    ("tb", "bytes"),
    ("pb", "bytes"),
    ("m", "seconds"),
    ("h", "seconds"),
    ("d", "seconds"),
];

/// Words that are units only where a unit stands: at the end, or before `_total`. promlint does not know them.
const ENDINGS: [(&str, &str); 19] = [
    ("percent", "ratio"),
    ("percentage", "ratio"),
    ("pct", "ratio"),
    ("millis", "seconds"),
    ("micros", "seconds"),
    ("nanos", "seconds"),
    ("secs", "seconds"),
    ("msec", "seconds"),
    ("msecs", "seconds"),
    ("usec", "seconds"),
    ("usecs", "seconds"),
    ("nsec", "seconds"),
    ("nsecs", "seconds"),
    ("mins", "seconds"),
    ("hrs", "seconds"),
    ("kib", "bytes"),
    ("mib", "bytes"),
    ("gib", "bytes"),
    ("tib", "bytes"),
];

/// Whether `word` is a base unit of the standard.
#[must_use]
pub fn is_base(word: &str) -> bool {
    BASE.contains(&word)
}

/// The base unit to use instead of the unit `word`; `None` if the word is no unit or is a base unit.
///
/// The standard is stricter than promlint: `kelvin` and `metres` are not among its base units.
///
/// ```
/// use datapunk_metrics_conventions::{Profile, units::base_instead_of};
///
/// assert_eq!(base_instead_of("milliseconds", Profile::Prometheus), Some("seconds"));
/// assert_eq!(base_instead_of("seconds", Profile::Prometheus), None);
/// assert_eq!(base_instead_of("requests", Profile::Prometheus), None);
/// ```
#[must_use]
pub fn base_instead_of(word: &str, profile: Profile) -> Option<&'static str> {
    let base = look_up(&UNITS, word).or_else(|| {
        PREFIXES
            .iter()
            .filter_map(|prefix| word.strip_prefix(prefix))
            .find_map(|unit| look_up(&UNITS, unit))
    })?;
    let base = match (profile, base) {
        (Profile::Datapunk, "kelvin") => "celsius",
        (Profile::Datapunk, "metres") => "meters",
        _ => base,
    };
    (base != word).then_some(base)
}

/// The base unit to use instead of an abbreviation such as `ms`, which is refused as any segment but the first.
#[must_use]
pub fn base_of_abbreviation(word: &str) -> Option<&'static str> {
    look_up(&ABBREVIATIONS, word)
}

/// The base unit to use instead of a word such as `percent`, which is a unit only at the end of a name.
#[must_use]
pub fn base_of_ending(word: &str) -> Option<&'static str> {
    look_up(&ENDINGS, word)
}

fn look_up(table: &[(&str, &'static str)], word: &str) -> Option<&'static str> {
    table
        .iter()
        .find(|(unit, _)| *unit == word)
        .map(|(_, base)| *base)
}

/// What the values of a base unit are called in a sentence.
pub(crate) fn plain_words(base: &str) -> &str {
    match base {
        "ratio" => "shares between 0 and 1",
        "celsius" => "degrees Celsius",
        other => other,
    }
}

/// The unit of a histogram whose name ends in `base`, as a type.
pub(crate) fn type_of(base: &str) -> String {
    if base == "ratio" {
        return "Fraction".to_owned();
    }
    let mut letters = base.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect()
}
