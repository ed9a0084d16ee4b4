//! What an exposition says was recorded.

/// The sum of all samples named `metric`, whatever their labels.
#[must_use]
pub fn total(exposition: &str, metric: &str) -> f64 {
    let values = exposition.lines().filter_map(|line| {
        let rest = line.strip_prefix(metric)?;
        if !rest.starts_with(['{', ' ']) {
            return None;
        }
        rest.rsplit(' ').next()?.parse::<f64>().ok()
    });
    values.fold(0.0, |total, value| total + value)
}

/// How many samples have a name that begins with `prefix`.
#[must_use]
pub fn samples(exposition: &str, prefix: &str) -> usize {
    let named = exposition.lines().filter(|line| line.starts_with(prefix));
    named.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# HELP x_total Things.\n\
                        # TYPE x_total counter\n\
                        x_total{a=\"b c\"} 3\n\
                        x_total 4\n\
                        x_total_seconds 9\n\
                        y 1.5e3\n";

    #[test]
    #[expect(clippy::float_cmp, reason = "these are exact")]
    fn samples_of_one_name_are_added_up() {
        assert_eq!(total(TEXT, "x_total"), 7.0);
        assert_eq!(total(TEXT, "y"), 1500.0);
        assert_eq!(total(TEXT, "z"), 0.0);
    }

    #[test]
    fn comments_are_no_samples() {
        assert_eq!(samples(TEXT, "x_"), 3);
        assert_eq!(samples(TEXT, ""), 6);
        assert_eq!(samples(TEXT, "z"), 0);
    }
}
