//! Facts as numbers and texts say what facts say.

use datapunk_metrics_conventions::name_hash;
use datapunk_metrics_rules::packed::{self, File, List};
use datapunk_metrics_rules::{
    FileFacts, Form, LabelWord, Node, Options, Pattern, Problem, RuleDocument, RuleFacts, facts,
    pack,
};

const TARGET_LABELS: [&str; 3] = ["service", "instance", "job"];

/// Rules of every form, with mistakes of every kind of place.
const RULES: &str = r#"
groups:
- name: g
  interval: 5
  rules:
  - alert: Forms
    expr: |
      sum by (job, zone) (rate(a_total{x=~"5..|ok", y!="", le="+Inf"}[5m] offset 1m))
        / on (job) group_left (zone) topk without (x) (3, b_sum)
        > bool 0x1F
    for: 5m
    labels: {severity: warning, team: t, zone: z}
    annotations:
      summary: "{{ $labels.zone }} {{ query \"sum(c)\" | first | value }} {{ $label.x }}"
  - record: a:b
    expr: 100 * rate(a_total{x="1"}[5m]) / ignoring (y) rate(a_total{x="2", y=~"[ab]*a[ab]{12}"}[5m])
  - record: a:b
    expr: label_replace(absent(d{x="y"}), "dst", "$1", "src", "(.*)") or vector(time()) or scalar(up) + info(e)
  - record: a:c
    expr: histogram_quantile(0.9, f_bucket) and count_values("v", a:b) - delta(g[5m]) unless changes(h[1m:50s])
  - record: a:d
    expr: rate(
  - record: a:e
    expr: group_right_ö{l="ä"}
"#;

fn facts_of(text: &str) -> FileFacts {
    let document = RuleDocument::read(text).expect("it is YAML");
    facts(&[("rules.yml", &document)], &Options::default()).remove(0)
}

fn read_again(facts: &FileFacts, test: impl Fn(&File<'_>)) {
    let packed = pack(facts, &TARGET_LABELS);
    let texts = packed.texts();
    test(&packed.file(&texts));
}

/// A rule as a constant reads it.
struct Reader<'a> {
    file: &'a File<'a>,
    rule: packed::Rule,
}

impl Reader<'_> {
    fn label(&self, label: packed::Label) -> &str {
        self.file.name(self.rule.names, label)
    }

    fn items(&self, list: List) -> Vec<usize> {
        (0..list.length)
            .map(|at| self.file.item(list, at))
            .collect()
    }

    fn labels(&self, list: List) -> Vec<String> {
        let labels = self.items(list).into_iter();
        labels.map(|label| self.label(label).to_owned()).collect()
    }

    fn label_words(&self, list: List) -> Vec<LabelWord> {
        (0..list.length)
            .map(|at| {
                let (label, word) = self.file.label_word(list, at);
                assert_eq!(self.file.label(list, at), label);
                let name = self.label(label).to_owned();
                LabelWord { name, word }
            })
            .collect()
    }

    /// What a node says, in the words of `Debug`: of numbers of nodes, only how they are read.
    fn node(&self, node: &packed::Node) -> String {
        let form = match node.form {
            packed::Form::Number(number) => format!("{number}"),
            packed::Form::Text => "text".to_owned(),
            packed::Form::Scalar(all) => format!("scalar {:?}", self.items(all)),
            packed::Form::Vector(all) => format!("vector {:?}", self.items(all)),
            packed::Form::Opaque(all) => format!("opaque {:?}", self.items(all)),
            packed::Form::Selector { metric, matchers } => {
                let metric = metric.map(|metric| {
                    let metric = self.file.metric_name(metric);
                    (metric.name, metric.hash, metric.stem, metric.stem_hash)
                });
                let matchers: Vec<String> = (0..matchers.length)
                    .map(|at| self.matcher(&self.file.matcher(matchers, at)))
                    .collect();
                format!("{metric:?} {matchers:?}")
            }
            packed::Form::Call {
                function,
                behaviour,
                argument,
                others,
            } => {
                let (function, others) = (self.file.text(function), self.items(others));
                format!("{function} {behaviour:?} {argument} {others:?}")
            }
            packed::Form::Quantile { argument, others } => {
                format!("quantile {argument} {:?}", self.items(others))
            }
            packed::Form::Absent { argument, labels } => {
                format!("absent {argument} {:?}", self.labels(labels))
            }
            packed::Form::Relabel {
                argument,
                reads,
                writes,
            } => {
                let (reads, writes) = (self.label_words(reads), self.label(writes));
                format!("relabel {argument} {reads:?} {writes}")
            }
            packed::Form::Aggregate {
                keeps,
                argument,
                others,
                grouping,
                labels,
                writes,
            } => {
                let (others, labels) = (self.items(others), self.label_words(labels));
                let writes = writes.map(|label| self.label(label));
                format!("{keeps:?} {argument} {others:?} {grouping:?} {labels:?} {writes:?}")
            }
            packed::Form::Binary {
                operator,
                left,
                right,
                matching,
                labels,
                many,
                includes,
                differences,
            } => {
                let (labels, includes) = (self.label_words(labels), self.label_words(includes));
                let differences: Option<Vec<(&str, bool)>> = differences.map(|list| {
                    let all = (0..list.length).map(|at| self.file.difference(list, at));
                    all.map(|(label, both)| (self.label(label), both)).collect()
                });
                format!(
                    "{operator:?} {left} {right} {matching:?} {labels:?} {many:?} {includes:?} {differences:?}"
                )
            }
        };
        format!("{:?} {form}", node.word)
    }

    fn matcher(&self, matcher: &packed::Matcher) -> String {
        let patterns: Vec<String> = (0..matcher.patterns.length)
            .map(|at| {
                let pattern = self.file.pattern(matcher.patterns, at);
                let tables = pattern.automaton.map(|it| {
                    let tables = self.file.tables;
                    let states = (it.accepts - it.next) / it.width;
                    (
                        tables[it.classes..it.next].to_vec(),
                        tables[it.next..it.accepts].to_vec(),
                        tables[it.accepts..it.accepts + states].to_vec(),
                    )
                });
                let text = self.file.text(pattern.text);
                format!("{text} {:?} {} {tables:?}", pattern.word, pattern.number)
            })
            .collect();
        format!(
            "{} {:?} {:?} {} {:?} {} {patterns:?}",
            self.label(matcher.label),
            matcher.label_word,
            matcher.operator,
            self.file.text(matcher.value),
            matcher.word,
            matcher.number,
        )
    }

    fn problems(&self, list: List) -> Vec<[String; 4]> {
        (0..list.length)
            .map(|at| {
                let problem = self.file.problem(list, at);
                let text = |text| self.file.text(text).to_owned();
                let place = match &problem.word {
                    Some(word) => format!("{word:?}"),
                    None => text(problem.head),
                };
                [
                    place,
                    text(problem.fact),
                    text(problem.note),
                    text(problem.help),
                ]
            })
            .collect()
    }
}

/// The same of facts as they are.
fn node(node: &Node) -> String {
    let form = match &node.form {
        Form::Number(number) => format!("{number}"),
        Form::Text => "text".to_owned(),
        Form::Scalar(all) => format!("scalar {all:?}"),
        Form::Vector(all) => format!("vector {all:?}"),
        Form::Opaque(all) => format!("opaque {all:?}"),
        Form::Selector { metric, matchers } => {
            let metric = metric
                .as_ref()
                .map(|it| (it.name.as_str(), it.hash, it.stem, it.stem_hash));
            let matchers: Vec<String> = matchers
                .iter()
                .map(|matcher| {
                    let patterns: Vec<String> = matcher.patterns.iter().map(pattern).collect();
                    format!(
                        "{} {:?} {:?} {} {:?} {} {patterns:?}",
                        matcher.label.name,
                        matcher.label.word,
                        matcher.operator,
                        matcher.value,
                        matcher.word,
                        matcher.number.unwrap_or(f64::NAN),
                    )
                })
                .collect();
            format!("{metric:?} {matchers:?}")
        }
        Form::Call {
            function,
            behaviour,
            argument,
            others,
        } => format!("{function} {behaviour:?} {argument} {others:?}"),
        Form::Quantile { argument, others } => format!("quantile {argument} {others:?}"),
        Form::Absent { argument, labels } => format!("absent {argument} {labels:?}"),
        Form::Relabel {
            argument,
            reads,
            writes,
        } => format!("relabel {argument} {reads:?} {writes}"),
        Form::Aggregate {
            keeps,
            argument,
            others,
            grouping,
            labels,
            writes,
        } => format!("{keeps:?} {argument} {others:?} {grouping:?} {labels:?} {writes:?}"),
        Form::Binary {
            operator,
            left,
            right,
            matching,
            labels,
            many,
            includes,
            differences,
        } => {
            let differences = differences.as_ref().map(|all| {
                let all = all.iter().map(|it| (it.label.as_str(), it.on_both));
                all.collect::<Vec<_>>()
            });
            format!(
                "{operator:?} {left} {right} {matching:?} {labels:?} {many:?} {includes:?} {differences:?}"
            )
        }
    };
    format!("{:?} {form}", node.word)
}

fn pattern(pattern: &Pattern) -> String {
    let tables = pattern
        .automaton
        .as_ref()
        .map(|it| (it.classes.clone(), it.next.clone(), it.accepts.clone()));
    let number = pattern.number.unwrap_or(f64::NAN);
    format!("{} {:?} {number} {tables:?}", pattern.text, pattern.word)
}

fn problems(problems: &[Problem], head: impl Fn(u32) -> String) -> Vec<[String; 4]> {
    problems
        .iter()
        .map(|problem| {
            let place = match &problem.word {
                Some(word) => format!("{word:?}"),
                None => head(problem.line),
            };
            [
                place,
                problem.fact.clone(),
                problem.note.clone(),
                problem.help.clone(),
            ]
        })
        .collect()
}

fn assert_same(file: &File<'_>, at: usize, rule: &RuleFacts) {
    let reader = Reader {
        file,
        rule: file.rule(at),
    };
    let read = &reader.rule;
    assert_eq!((read.kind, read.hash), (rule.kind, rule.hash));
    assert_eq!(file.text(read.name), rule.name);
    assert_eq!(file.pairs(at), rule.pairs);
    assert_eq!(read.expression, rule.expression.map(usize::from));
    let nodes: Vec<String> = (0..read.nodes.length)
        .map(|at| reader.node(&file.node(read.nodes, at)))
        .collect();
    assert_eq!(nodes, rule.nodes.iter().map(node).collect::<Vec<_>>());
    let queries: Vec<usize> = rule.queries.iter().map(|at| usize::from(*at)).collect();
    assert_eq!(reader.items(read.queries), queries);
    assert_eq!(reader.labels(read.labels), rule.labels);
    assert_eq!(reader.label_words(read.shown), rule.shown);
    let what = match rule.kind {
        datapunk_metrics_rules::RuleKind::Alert => "alert",
        datapunk_metrics_rules::RuleKind::Record => "recording rule",
    };
    let head = |line| format!("rules.yml:{line}: {what} `{}`: ", rule.name);
    assert_eq!(file.text(read.head), head(rule.line));
    assert_eq!(
        reader.problems(read.problems),
        problems(&rule.problems, head)
    );
    for (at, name) in ["service", "instance", "job", "le"].into_iter().enumerate() {
        assert_eq!(reader.label(at), name);
        assert_eq!(file.name_hash(read.names, at), name_hash(name));
    }
    assert_eq!(read.sources.length, rule.sources.len());
    for (at, source) in rule.sources.iter().enumerate() {
        let read = file.source(read.sources, at);
        assert_eq!(file.text(read.text), source.text);
        assert_eq!(file.text(read.shown), source.shown);
        assert_eq!(read.is_ascii, source.is_ascii);
        assert_eq!(read.lines.length, source.lines.len());
        let mut number = source.line;
        for (at, line) in source.lines.iter().enumerate() {
            let read = file.line(read.lines, at);
            assert_eq!(read.start, line.start as usize);
            assert_eq!(read.shown_end, line.shown_end as usize);
            assert_eq!(file.text(read.head), head(number));
            number += u32::from(source.is_block);
        }
    }
}

#[test]
fn every_form_is_read_as_it_was_written() {
    let facts = facts_of(RULES);
    let forms = facts.rules.iter().flat_map(|rule| &rule.nodes);
    let mut kinds: Vec<_> = forms.map(|it| core::mem::discriminant(&it.form)).collect();
    kinds.dedup();
    let mut seen = Vec::new();
    for kind in kinds {
        if !seen.contains(&kind) {
            seen.push(kind);
        }
    }
    assert_eq!(seen.len(), 12, "a form is not tested");
    read_again(&facts, |file| {
        assert_eq!(file.rules().length, facts.rules.len());
        for (at, rule) in facts.rules.iter().enumerate() {
            assert_same(file, at, rule);
        }
        let reader = Reader {
            file,
            rule: file.rule(0),
        };
        let head = |line| format!("rules.yml:{line}: ");
        assert_eq!(
            reader.problems(file.problems()),
            problems(&facts.problems, head)
        );
        assert_eq!(file.problems().length, 1);
    });
}

#[test]
fn a_mistake_is_one_line_whatever_is_in_it() {
    let facts = facts_of(
        "groups:\n- name: g\n  rules:\n  - alert: \"a\\n\\nb\\e[31m\\u2028\"\n    expr: rate(up[5m444444444444444444444444\n  \
         - record: b\n    expr: '{\"a\\n_sum\", \"c\\td\"=\"\\n\", e=~\"\\\\d\\n|f\"}'\n",
    );
    read_again(&facts, |file| {
        let rule = file.rule(0);
        assert_eq!(
            file.text(rule.head),
            r"rules.yml:4: alert `a\n\nb\u{1b}[31m\u{2028}`: "
        );
        let problem = file.problem(rule.problems, 0);
        let fact = file.text(problem.fact);
        assert!(fact.starts_with("the expression is not PromQL: "), "{fact}");
        assert_eq!(fact.lines().count(), 1, "{fact}");
        assert_eq!(fact.trim_end(), fact);

        let rule = file.rule(1);
        let node = file.node(rule.nodes, rule.expression.expect("it is PromQL"));
        let packed::Form::Selector { metric, matchers } = node.form else {
            panic!("{node:?}");
        };
        let metric = file.metric_name(metric.expect("it has a name"));
        assert_eq!((metric.name, metric.stem), (r"a\n_sum", 0));
        let texts: Vec<&str> = (0..2)
            .flat_map(|at| {
                let matcher = file.matcher(matchers, at);
                let label = file.name(rule.names, matcher.label);
                [label, file.text(matcher.value)]
            })
            .collect();
        assert_eq!(texts, [r"c\td", r"\n", "e", r"\d\n|f"]);
    });
}

#[test]
fn recording_rules_are_found_by_their_hash() {
    let facts = facts_of(RULES);
    read_again(&facts, |file| {
        for (at, rule) in facts.rules.iter().enumerate() {
            let expected = match rule.name.as_str() {
                "Forms" => None,
                // The first of two that record one metric.
                "a:b" => Some(1),
                _ => Some(at),
            };
            assert_eq!(file.record(rule.hash), expected, "{}", rule.name);
        }
        assert_eq!(file.record(0), None);
    });
    read_again(&facts_of("groups: []\n"), |file| {
        assert_eq!(file.record(0), None);
        assert_eq!(file.rules().length, 0);
    });
}

#[test]
fn many_recording_rules_are_all_found() {
    let rules = (0..500).map(|number| format!("  - record: a:b{number}\n    expr: c\n"));
    let text = format!(
        "groups:\n- name: g\n  rules:\n{}",
        rules.collect::<String>()
    );
    let facts = facts_of(&text);
    read_again(&facts, |file| {
        for (at, rule) in facts.rules.iter().enumerate() {
            assert_eq!(file.record(rule.hash), Some(at));
        }
    });
}
