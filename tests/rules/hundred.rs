//! A crate of three hundred metrics and a file of a hundred rules, generated to see what a check of one against the
//! other costs. A bench measures it, and a test sees that it ends.

use std::fmt::Write as _;

/// Each area is a set of ten metrics.
const AREAS: [&str; 30] = [
    "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett",
    "kilo", "lima", "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango",
    "uniform", "victor", "whiskey", "xray", "yankee", "zulu", "amber", "birch", "cedar", "dogwood",
];

/// How many rules the file has.
pub(crate) const RULES: usize = 100;

/// How many wrong names are in each rule of a file with mistakes.
pub(crate) const MISTAKES_OF_A_RULE: usize = 2;

/// What is before the sets.
const HEAD: &str = "//! Generated: three hundred metrics, and the rules that read them.

use datapunk_metrics::rules::RuleFiles;
use datapunk_metrics::{
    Bytes, Counter, Gauge, Histogram, LabelSet, LabelValue, MetricSet, Outcome, Seconds, include_rules,
};

/// Where something runs.
#[derive(Clone, Copy, LabelValue)]
pub enum Zone {
    North,
    South,
    East,
    West,
    Center,
}

/// What something was, and where.
#[derive(Clone, Copy, LabelSet)]
pub struct Labels {
    pub outcome: Outcome,
    pub zone: Zone,
}

/// Where something is.
#[derive(Clone, Copy, LabelSet)]
pub struct Place {
    pub zone: Zone,
}
";

/// The ten metrics of an area.
const METRICS: &str = r#"
/// Metrics of the area.
#[derive(MetricSet)]
#[metrics(namespace = "AREA")]
pub struct SET {
    /// Requests received.
    pub requests_received_total: Counter<Labels>,
    /// Requests refused before they were looked at.
    pub requests_refused_total: Counter<Labels>,
    /// Records read.
    pub records_read_total: Counter<Labels>,
    /// Records written.
    pub records_written_total: Counter<Labels>,
    /// Calls made again.
    pub retries_made_total: Counter,
    /// Tasks that wait.
    pub tasks_waiting_current: Gauge<Place>,
    /// Memory in use.
    pub memory_used_bytes: Gauge,
    /// Time from request to answer.
    pub request_duration_seconds: Histogram<Seconds, Labels>,
    /// Time that a write takes.
    pub write_duration_seconds: Histogram<Seconds, Place>,
    /// Sizes of objects.
    #[metric(buckets = [1024.0, 65536.0, 1048576.0])]
    pub object_size_bytes: Histogram<Bytes>,
}
"#;

/// Its name as a type.
fn set(area: &str) -> String {
    let (first, rest) = area.split_at(1);
    format!("{}{rest}Metrics", first.to_uppercase())
}

/// The crate's root, which includes `rules.yml` beside its manifest.
pub(crate) fn source() -> String {
    let mut source = HEAD.to_owned();
    for area in AREAS {
        source += &METRICS.replace("AREA", area).replace("SET", &set(area));
    }
    let sets: Vec<String> = AREAS.iter().map(|area| set(area)).collect();
    let _ = write!(
        source,
        "\n/// The rules.\npub const RULES: RuleFiles = include_rules!([\"rules.yml\"], sets = [{}]);\n",
        sets.join(", ")
    );
    source
}

/// Each name that is wrong by a letter, and the right one.
pub(crate) const SPELLED: [(&str, &str); 4] = [
    ("requests_refused_total", "request_refused_total"),
    ("records_written_total", "records_writen_total"),
    (
        "request_duration_seconds_bucket",
        "request_durations_seconds_bucket",
    ),
    ("tasks_waiting_current", "task_waiting_current"),
];

/// The rule file: four selectors in each rule. With mistakes, two names of each rule are wrong by a letter.
pub(crate) fn rules(has_mistakes: bool) -> String {
    let spelled = |at: usize| {
        let (right, wrong) = SPELLED[at];
        if has_mistakes { wrong } else { right }
    };
    let mut rules = String::from("groups:\n- name: hundred\n  rules:\n");
    for at in 0..RULES {
        let (area, other) = (AREAS[at % AREAS.len()], AREAS[(at * 7 + 3) % AREAS.len()]);
        let rule = if at % 2 == 0 {
            format!(
                "  - record: zone:{area}_requests_refused_{at}:ratio_rate5m\n    expr: |\n      \
                 sum by (service, zone) (rate({area}_{}{{outcome=\"error\"}}[5m]))\n        \
                 / sum by (service, zone) (rate({area}_requests_received_total{{outcome=~\"ok|err.*\"}}[5m]))\n        \
                 + sum by (service, zone) (rate({other}_records_read_total[5m]))\n        \
                 / sum by (service, zone) (rate({other}_{}[5m]))\n",
                spelled(0),
                spelled(1),
            )
        } else {
            format!(
                "  - alert: {}Slow{at}\n    expr: |\n      \
                 histogram_quantile(0.99, sum by (service, zone, le) (rate({area}_{}[5m]))) > 0.5\n        \
                 and sum by (service, zone) (rate({area}_request_duration_seconds_count[5m])) > 1\n        \
                 and max by (service, zone) ({other}_{}) > 10\n        \
                 unless sum by (service, zone) (rate({other}_requests_received_total{{zone=~\"north|so.*\"}}[5m])) < 1\n    \
                 for: 5m\n    labels: {{severity: warning, team: platform}}\n    annotations:\n      \
                 summary: '{{{{ $labels.service }}}} is slow in {{{{ $labels.zone }}}}'\n",
                set(area),
                spelled(2),
                spelled(3),
            )
        };
        rules += &rule;
    }
    rules
}
