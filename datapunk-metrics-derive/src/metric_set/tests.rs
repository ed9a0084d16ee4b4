//! The derive as a function from source to source: what is right expands without an error, and what is wrong comes
//! with a help that makes it right.

use proptest::prelude::*;
use syn::DeriveInput;

use super::derive_metric_set;
use crate::diag::texts;

/// The texts of the errors that a metric set expands to.
fn errors(source: &str) -> Vec<String> {
    let input: DeriveInput = syn::parse_str(source).expect("the source is an item");
    texts(derive_metric_set(&input))
}

/// The kinds with what else they need, and their types.
const KINDS: &[(&str, &str)] = &[
    ("", "Counter"),
    ("max_series = 5,", "Counter<RequestLabels, f64>"),
    ("", "Gauge"),
    ("initial = 0,", "Gauge<(), f64>"),
    ("role = in_flight,", "Gauge"),
    ("", "Histogram<Seconds>"),
    (
        "",
        "datapunk_metrics::Histogram<units::Seconds, RequestLabels>",
    ),
    ("buckets = [1, 2],", "Histogram<Bytes>"),
    ("buckets = [1, 2],", "Histogram<Items>"),
    ("buckets = [0.1, 0.5],", "Histogram<Fraction>"),
    ("buckets = [-1.0, 2.5],", "Histogram<Celsius>"),
    ("buckets = BOUNDS,", "Histogram<Cores>"),
    ("buckets = BOUNDS,", "Histogram<OfOnesOwn>"),
    ("ratio_of = zebras, numerator(result = Striped),", "Ratio"),
    ("initial = absent,", "State<Breaker>"),
    ("labels(version = \"1\"),", "Info"),
];

/// A set of one metric that is looked at, and a counter for it to be a ratio of.
#[derive(Clone, Debug)]
struct Set {
    profile: &'static str,
    namespace: Option<String>,
    keys: &'static str,
    ty: &'static str,
    field: String,
    name: Option<String>,
}

impl Set {
    fn source(&self) -> String {
        let Self {
            profile,
            keys,
            ty,
            field,
            ..
        } = self;
        let key = |key: &str, text: &Option<String>| match text {
            Some(text) => format!("{key} = {text:?},"),
            None => String::new(),
        };
        let namespace = key("namespace", &self.namespace);
        let name = key("name", &self.name);
        let attribute = if name.is_empty() && keys.is_empty() {
            String::new()
        } else {
            format!("#[metric({name} {keys})]")
        };
        format!(
            "#[metrics(profile = {profile}, {namespace})]
            struct ZooMetrics {{
                /// Zebras, by result.
                #[metric(name = \"zebras_seen_total\")]
                zebras: Counter<ZebraLabels>,
                /// Help.
                {attribute}
                {field}: {ty},
            }}"
        )
    }

    /// Writes what the helps say; an error whose help can't be written is returned.
    fn mend(&mut self, errors: &[String]) -> Result<(), String> {
        for error in errors {
            let written = error
                .lines()
                .filter_map(|line| line.strip_prefix("help: "))
                .any(|help| self.write(help));
            if !written {
                return Err(error.clone());
            }
        }
        Ok(())
    }

    fn write(&mut self, help: &str) -> bool {
        let between = |before: &str, after: &str| {
            let text = help.strip_prefix(before)?.strip_suffix(after)?;
            Some(text.to_owned())
        };
        if let Some(field) = between("rename the field to `", "`") {
            self.field = field;
        } else if let Some(name) = between("write `name = \"", "\"`") {
            self.name = Some(name);
        } else if let Some(namespace) = between("write `namespace = \"", "\"`") {
            self.namespace = Some(namespace);
        } else {
            return false;
        }
        true
    }
}

/// Segments that the rules know something about, and some that they don't.
const WORDS: &[&str] = &[
    "http",
    "requests",
    "request",
    "duration",
    "size",
    "length",
    "items",
    "in",
    "flight",
    "up",
    "state",
    "status",
    "current",
    "total",
    "count",
    "sum",
    "bucket",
    "created",
    "info",
    "gauge",
    "counter",
    "histogram",
    "summary",
    "ms",
    "s",
    "kb",
    "m",
    "seconds",
    "bytes",
    "ratio",
    "celsius",
    "kelvin",
    "metres",
    "milliseconds",
    "kilobits",
    "percent",
    "hours",
    "days",
    "rate",
    "cores",
    "timestamp",
    "process",
    "open",
    "fds",
    "x9",
    "2xx",
    "MS",
    "Total",
    "Counter",
    "requestsTotal",
    "HTTPServer",
    "app",
    "decibels",
    "per",
    "second",
    "type",
    "self",
    "",
];

fn words(count: core::ops::Range<usize>) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(WORDS), count).prop_map(|words| words.join("_"))
}

/// Names for attributes: any text at all.
fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => words(0..6),
        1 => "[a-zA-Z0-9_:-]{0,20}",
        1 => any::<String>(),
    ]
}

/// Names for fields: what Rust takes for one.
fn fields() -> impl Strategy<Value = String> {
    prop_oneof![6 => words(1..6), 1 => "[a-zA-Z_][a-zA-Z0-9_]{0,20}"]
        .prop_filter("a field has a name", |name| {
            syn::parse_str::<syn::Ident>(name).is_ok() && name != "zebras"
        })
}

prop_compose! {
    fn sets()(
        profile in prop::sample::select(&["datapunk", "prometheus"][..]),
        namespace in prop_oneof![
            2 => Just(None),
            4 => prop::sample::select(&["zoo", "data_zoo", "x2"][..]).prop_map(|word| Some(word.to_owned())),
            2 => words(1..4).prop_map(Some),
            1 => any::<String>().prop_map(Some),
        ],
        (keys, ty) in prop::sample::select(KINDS),
        field in fields(),
        name in prop::option::weighted(0.4, names()),
    ) -> Set {
        Set { profile, namespace, keys, ty, field, name }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn what_a_help_says_is_right(set in sets()) {
        let mut mended = set.clone();
        let found = errors(&set.source());
        if let Err(error) = mended.mend(&found) {
            prop_assert!(false, "no help to write for {error}\n{}", set.source());
        }
        let left = errors(&mended.source());
        prop_assert!(left.is_empty(), "{found:#?}\nleave {left:#?}\nof {}", mended.source());
    }
}

/// How many of the generated sets hold a mistake, so that the property above is known to test something.
#[test]
fn most_generated_sets_are_wrong() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let wrong = (0..500)
        .filter(|_| {
            let set = sets().new_tree(&mut runner).expect("a set").current();
            !errors(&set.source()).is_empty()
        })
        .count();
    assert!((300..500).contains(&wrong), "{wrong} of 500");
}

#[test]
fn a_set_of_every_kind_expands_without_an_error() {
    let source = r#"
        /// All kinds.
        #[metrics(namespace = "lake", profile = datapunk, crate = ::datapunk_metrics)]
        struct LakeMetrics {
            /// Look-ups, by result.
            #[metric(max_series = 5000, zero = [200, "GET"], role = calls)]
            cache_requests_total: Counter<CacheLabels>,
            /// Processor time.
            cpu_seconds_total: Counter<(), f64>,
            /// Objects that wait.
            #[metric(initial = -1, labels(queue = "index"))]
            queue_objects_current: Gauge,
            /// Calls that run.
            #[metric(role = in_flight)]
            calls_in_flight_current: Gauge,
            /// Files that are open.
            #[metric(read = open_files)]
            files_current: Gauge,
            /// Time taken.
            #[metric(role = duration)]
            search_duration_seconds: Histogram<Seconds, SearchLabels>,
            /// Sizes.
            #[metric(name = "object_size_bytes", buckets = exponential_buckets::BOUNDS)]
            sizes: datapunk_metrics::Histogram<Bytes>,
            /// Share of look-ups that hit.
            #[metric(ratio_of = cache_requests_total, numerator(result = [Hit, "stale"]), window = "5m")]
            cache_hit_ratio: Ratio,
            /// The breaker.
            #[metric(initial = Closed)]
            breaker_state: State<Breaker>,
            /// The version.
            #[metric(labels(version = env!("CARGO_PKG_VERSION")))]
            build_info: Info,
            /// An old name.
            #[metric(allow(suffix, reason = "dashboards use it"))]
            queue_length: Gauge,
            process: ProcessMetrics,
        }
    "#;
    assert_eq!(errors(source), Vec::<String>::new());
}

#[test]
fn every_mistake_is_reported_at_once() {
    let source = r#"
        #[metrics(namespace = "Lake", profil = datapunk)]
        struct LakeMetrics {
            objects: Counter,
            /// Objects.
            #[metric(buckets = [2, 1])]
            batch: Histogram<Items>,
        }
    "#;
    let found = errors(source);
    let facts: Vec<&str> = found
        .iter()
        .filter_map(|error| error.lines().next())
        .collect();
    assert_eq!(
        facts,
        [
            "unknown key `profil` in `metrics`",
            "namespace `Lake` is not snake_case",
            "counter `lake_objects` does not end in `_total`",
            "metric `lake_objects` has no help text",
            "histogram `lake_batch` does not end in `_size`, `_length` or `_items`",
            "bucket bound `1.0` is below the bound before it, `2.0`",
        ]
    );
}

#[test]
fn a_set_that_is_refused_keeps_its_handles() {
    // What uses the set would bring errors of its own otherwise.
    let input: DeriveInput =
        syn::parse_str("struct LakeMetrics { lake_objects: Counter }").expect("an item");
    let expansion = derive_metric_set(&input).to_string();
    assert!(
        expansion.contains("impl :: datapunk_metrics :: __private :: MetricSet for LakeMetrics")
    );
    assert!(expansion.contains("lake_objects :"));
    assert!(
        !expansion.contains("export_name"),
        "no second error from the linker"
    );
}
