use datapunk_metrics::include_rules;
use datapunk_metrics::rules::RuleFiles;

const _: RuleFiles = include_rules!(
    ["./empty.yml"],
    sets = [],
    external = { up: [], "node-load": ["on-call", zone, zone], up: [], },
    severities = [page, page],
    required_labels = ["on-call"],
    required_annotations = ["run book"],
    target_labels = [job, le, job],
);

fn main() {}
