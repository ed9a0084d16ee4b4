//! A small reader of expositions, for assertions on single samples. It does not judge; the judges do.

use std::collections::BTreeMap;

/// The samples of an exposition: name and labels as they are written, and the value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples(pub BTreeMap<String, f64>);

impl Samples {
    /// Reads text 0.0.4 or `OpenMetrics` without exemplars and timestamps.
    ///
    /// # Panics
    ///
    /// On a line that is no sample, or a series that is there twice.
    #[must_use]
    pub fn read(body: &str) -> Self {
        let mut samples = BTreeMap::new();
        for line in body
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
        {
            let (series, value) = line
                .rsplit_once(' ')
                .unwrap_or_else(|| panic!("no sample: {line}"));
            let value = value
                .parse()
                .unwrap_or_else(|_| panic!("no number: {line}"));
            assert!(
                samples.insert(series.to_owned(), value).is_none(),
                "twice: {series}"
            );
        }
        Self(samples)
    }

    /// The value of `series`, spelled as in the exposition.
    #[must_use]
    pub fn get(&self, series: &str) -> Option<f64> {
        self.0.get(series).copied()
    }

    /// The samples of one name, `_bucket` and the like being names of their own.
    pub fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, f64)> {
        self.0
            .iter()
            .filter(move |(series, _)| series.split('{').next() == Some(name))
            .map(|(series, value)| (series.as_str(), *value))
    }

    /// What is wrong with the histograms: buckets that are not cumulative, a `+Inf` bucket that differs from `_count`.
    ///
    /// # Panics
    ///
    /// If a bound is not a number.
    #[must_use]
    pub fn histogram_faults(&self) -> Vec<String> {
        let mut buckets: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
        for (series, value) in &self.0 {
            let Some((name, labels)) = series.split_once("_bucket{") else {
                continue;
            };
            let labels = labels.trim_end_matches('}');
            let (others, bounds): (Vec<&str>, Vec<&str>) = labels
                .split(',')
                .partition(|label| !label.starts_with("le="));
            let bound = bounds[0]
                .trim_start_matches("le=")
                .trim_matches('"')
                .parse()
                .expect("a bound is a number");
            let count = if others.is_empty() {
                format!("{name}_count")
            } else {
                format!("{name}_count{{{}}}", others.join(","))
            };
            buckets.entry(count).or_default().push((bound, *value));
        }
        let mut faults = Vec::new();
        for (count, mut buckets) in buckets {
            buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
            if buckets.windows(2).any(|pair| pair[0].1 > pair[1].1) {
                faults.push(format!("{count}: not cumulative: {buckets:?}"));
            }
            let last = *buckets.last().expect("an entry has a bucket");
            if !last.0.is_infinite() || self.get(&count) != Some(last.1) {
                faults.push(format!(
                    "{count}: {:?}, but the last bucket is {last:?}",
                    self.get(&count)
                ));
            }
        }
        faults
    }

    /// The cumulative samples (counters, buckets, counts) that are lower in `later`, or gone.
    #[must_use]
    pub fn that_went_down(&self, later: &Self) -> Vec<String> {
        let cumulative = |series: &str| {
            let name = series.split('{').next().unwrap_or_default();
            name.ends_with("_total") || name.ends_with("_bucket") || name.ends_with("_count")
        };
        self.0
            .iter()
            .filter(|(series, _)| cumulative(series))
            .filter(|(series, before)| later.get(series).is_none_or(|after| after < **before))
            .map(|(series, before)| format!("{series}: {before}, then {:?}", later.get(series)))
            .collect()
    }
}
