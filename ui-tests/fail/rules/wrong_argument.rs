use datapunk_metrics::include_rules;
use datapunk_metrics::rules::RuleFiles;

const _: RuleFiles = include_rules!(["./empty.yml"], sets = [], scrape_interval = 15);

fn main() {}
