//! Units as Grafana names them, and amounts as people write them.

/// Grafana's name for a unit of this standard.
pub(super) fn grafana_unit(unit: &str) -> &'static str {
    match unit {
        "seconds" => "s",
        "bytes" => "bytes",
        "ratio" => "percentunit",
        "celsius" => "celsius",
        "joules" => "joule",
        "volts" => "volt",
        "amperes" => "amp",
        "meters" => "lengthm",
        "grams" => "massg",
        _ => "short",
    }
}

/// Grafana's name for so much of a unit in a second.
pub(super) fn rate_unit(unit: &str, name: &str) -> &'static str {
    match unit {
        "bytes" => "Bps",
        // Of processors, for example: 2 s/s are two of them.
        "seconds" => "suffix: s/s",
        "joules" => "watt",
        _ if name.contains("requests") => "reqps",
        _ => "cps",
    }
}

/// A value of one of Grafana's units, as an axis with that unit shows it.
pub(super) fn amount(value: f64, unit: &str) -> String {
    match unit {
        "percentunit" => format!("{} %", decimal(value * 100.0)),
        "s" => format!("{} s", decimal(value)),
        "bytes" => {
            let prefixes = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
            let (size, name) = prefixes
                .into_iter()
                .find(|(size, _)| value >= *size)
                .unwrap_or((1.0, "B"));
            format!("{} {name}", decimal(value / size))
        }
        "reqps" | "cps" => format!("{} in a second", decimal(value)),
        _ => decimal(value),
    }
}

/// A number without what a division or a factor leaves behind the places that matter.
fn decimal(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn an_amount_is_written_with_its_unit() {
        for (value, unit, expected) in [
            (0.1, "percentunit", "10 %"),
            (0.07, "percentunit", "7 %"),
            (1.0, "percentunit", "100 %"),
            (1.0, "s", "1 s"),
            (0.25, "s", "0.25 s"),
            (1e9, "bytes", "1 GB"),
            (1.5e6, "bytes", "1.5 MB"),
            (512.0, "bytes", "512 B"),
            (100.0, "cps", "100 in a second"),
            (1000.0, "short", "1000"),
            (-1.0, "short", "-1"),
        ] {
            assert_eq!(amount(value, unit), expected);
        }
    }
}
