mod attached;

use std::collections::BTreeSet;
use std::time::Duration;

use ::prometheus_client::encoding::{prometheus_text, text};
use ::prometheus_client::registry::Registry as Existing;

use super::*;
use crate::encode::{Format, encode};
use crate::{
    Bytes, Counter, Gauge, Histogram, Info, LabelSet, LabelValue, MetricSet, Outcome, Ratio,
    Seconds, State, StateValue,
};

#[derive(Clone, Copy)]
enum Belt {
    Odd,
    #[expect(dead_code, reason = "a series that is never touched")]
    Even,
}

/// By hand, because the derive refuses the newline.
impl LabelValue for Belt {
    const VALUES: &'static [&'static str] = &["a \"b\"\\c\nd", "even"];
    const VARIANTS: &'static [&'static str] = &["Odd", "Even"];

    fn index(self) -> usize {
        self as usize
    }
}

#[derive(Clone, Copy, LabelSet)]
#[label(crate = crate)]
struct PartLabels {
    belt: Belt,
    outcome: Outcome,
}

#[derive(Clone, Copy, StateValue)]
#[state(crate = crate)]
enum Light {
    Red,
    Green,
}

/// Metrics of a factory.
#[derive(MetricSet)]
#[metrics(namespace = "factory", crate = crate)]
struct FactoryMetrics {
    /// Parts made.
    ///
    /// By belt, with a `\` and a "quote".
    parts_made_total: Counter<PartLabels>,
    /// Processor time.
    cpu_seconds_total: Counter<(), f64>,
    /// Parts stored.
    #[metric(initial = -3)]
    parts_current: Gauge,
    /// Never set.
    workers_current: Gauge,
    /// Time taken by a part.
    part_duration_seconds: Histogram<Seconds, PartLabels>,
    /// Weight of a parcel on the wire.
    #[metric(buckets = [256.0, 1_048_576.0])]
    parcel_size_bytes: Histogram<Bytes>,
    /// Share of parts that went well.
    #[metric(ratio_of = parts_made_total, numerator(outcome = Ok))]
    part_success_ratio: Ratio,
    /// The light.
    #[metric(initial = Green)]
    light_state: State<Light>,
    /// The build.
    #[metric(labels(version = "1.2.3"))]
    build_info: Info,
}
const FACTORY: FactoryMetrics = FactoryMetrics::METRICS;

/// A sample with its labels in order and its numbers as bits, so that two spellings of one number are equal.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Sample {
    name: String,
    labels: BTreeSet<(String, String)>,
    value: u64,
}

fn number(text: &str) -> u64 {
    text.parse::<f64>().unwrap().to_bits()
}

fn samples(exposition: &str) -> BTreeSet<Sample> {
    exposition
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(sample)
        .collect()
}

fn sample(line: &str) -> Sample {
    let (series, value) = line.rsplit_once(' ').unwrap();
    let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
    let mut rest = labels.strip_suffix('}').unwrap();
    let mut labels = BTreeSet::new();
    while let Some((label, quoted)) = rest.split_once("=\"") {
        // The end is a quote that no backslash stands before; no value here ends in one.
        let end = (0..quoted.len())
            .find(|at| quoted[*at..].starts_with('"') && !quoted[..*at].ends_with('\\'))
            .unwrap();
        let value = &quoted[..end];
        let value = if label == "le" {
            number(value).to_string()
        } else {
            value.to_owned()
        };
        assert!(labels.insert((label.to_owned(), value)), "{line}");
        rest = quoted[end + 1..].trim_start_matches(',');
    }
    Sample {
        name: name.to_owned(),
        labels,
        value: number(value),
    }
}

/// `# TYPE` and `# UNIT` lines.
fn descriptions(exposition: &str) -> BTreeSet<&str> {
    exposition
        .lines()
        .filter(|line| line.starts_with("# TYPE") || line.starts_with("# UNIT"))
        .collect()
}

#[test]
fn the_other_encoder_writes_the_same_samples() {
    let registry = Arc::new(Registry::new());
    registry.register::<FactoryMetrics>().unwrap();
    let odd = PartLabels {
        belt: Belt::Odd,
        outcome: Outcome::Ok,
    };
    FACTORY.parts_made_total.with(odd).add(3);
    FACTORY.cpu_seconds_total.add(0.125);
    FACTORY
        .part_duration_seconds
        .with(odd)
        .observe(Duration::from_millis(30));
    FACTORY
        .part_duration_seconds
        .with(odd)
        .observe(Duration::from_secs(30));
    FACTORY.parcel_size_bytes.observe(300_usize);
    FACTORY.light_state.set(Light::Red);

    let mut existing = Existing::default();
    existing.register_collector(Box::new(RegistryCollector::new(Arc::clone(&registry))));
    let mut theirs = String::new();
    text::encode(&mut theirs, &existing).unwrap();
    let ours = encode(&registry, Format::OpenMetrics).unwrap();

    assert!(samples(&ours).len() > 70, "{ours}");
    assert_eq!(samples(&theirs), samples(&ours));
    assert_eq!(descriptions(&theirs), descriptions(&ours));
    assert!(
        theirs.contains("# HELP factory_workers_current Never set."),
        "{theirs}"
    );
}

#[test]
fn help_stays_on_its_line() {
    let head = Head {
        name: "parts_made_total",
        help: "Parts made.\n\nBy belt.",
        kind: Some(Kind::Counter),
        unit: "",
    };
    assert_eq!(Description::new(&head).help, "Parts made.  By belt.");
}

#[test]
fn a_prefix_and_labels_of_the_other_registry_come_first() {
    let registry = Registry::new();
    registry.register::<FactoryMetrics>().unwrap();
    let mut existing = Existing::with_prefix("north");
    existing.register_collector(Box::new(RegistryCollector::new(registry)));
    let mut theirs = String::new();
    prometheus_text::encode(&mut theirs, &existing).unwrap();
    assert!(
        theirs.contains("\n# TYPE north_factory_cpu_seconds_total counter\n"),
        "{theirs}"
    );
    assert!(
        theirs.contains("\nnorth_factory_parts_current -3\n"),
        "{theirs}"
    );
}

/// Metrics of a broken thermometer.
#[derive(MetricSet)]
#[metrics(namespace = "thermometer", crate = crate)]
struct ThermometerMetrics {
    /// Reading.
    #[metric(read = broken)]
    reading_celsius: Gauge<(), f64>,
}

fn broken() -> f64 {
    panic!("broken")
}

#[test]
fn a_panic_at_scrape_time_is_an_error() {
    let registry = Registry::new();
    registry.register::<ThermometerMetrics>().unwrap();
    let mut existing = Existing::default();
    existing.register_collector(Box::new(RegistryCollector::new(registry)));
    assert_eq!(text::encode(&mut String::new(), &existing), Err(fmt::Error));
}
