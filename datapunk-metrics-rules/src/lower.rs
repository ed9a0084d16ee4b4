//! From a syntax tree to the nodes of the facts, each with the word that a message points at.

use promql_parser::label::{MatchOp, Matcher as ParsedMatcher};
use promql_parser::parser::value::ValueType;
use promql_parser::parser::{
    AggregateExpr, BinaryExpr, Call, Expr, LabelModifier, SubqueryExpr, VectorMatchCardinality,
    VectorSelector,
};
use std::time::Duration;

use crate::alike::differences;
use crate::automaton::{Automata, alternatives, mistake};
use crate::durations::duration_text;
use crate::facts::{
    Behaviour, Comparison, Expression, Form, Grouping, Keeps, LabelWord, Many, MatchOperator,
    Matcher, MetricName, Node, Operator, Pattern, Problem, Word,
};
use crate::options::Options;
use crate::patterns::Patterns;
use crate::scan::TokenKind;
use crate::words::Words;

/// Where nodes and problems of a rule are collected.
pub(crate) struct Lowering<'a> {
    pub(crate) options: &'a Options,
    pub(crate) automata: &'a mut Automata,
    /// The regular expressions of the expression.
    pub(crate) patterns: &'a Patterns,
    pub(crate) nodes: &'a mut Vec<Node>,
    pub(crate) problems: &'a mut Vec<Problem>,
}

impl Lowering<'_> {
    /// Adds the nodes of an expression, whose text is the rule's source of this number. The last one is its top.
    pub(crate) fn lower(&mut self, expression: &Expr, text: &str, source: u16) -> Expression {
        let mut words = Words::new(text, source);
        self.expression(expression, &mut words)
    }

    fn expression(&mut self, expression: &Expr, words: &mut Words<'_>) -> Expression {
        match expression {
            Expr::Paren(inner) => self.expression(&inner.expr, words),
            Expr::Unary(inner) => self.expression(&inner.expr, words),
            Expr::NumberLiteral(number) => {
                let word = words.number();
                self.push(word, Form::Number(number.val))
            }
            Expr::StringLiteral(_) => {
                let word = words.any(TokenKind::Text);
                self.push(word, Form::Text)
            }
            Expr::VectorSelector(selector) => self.selector(selector, words),
            Expr::MatrixSelector(selector) => {
                let node = self.selector(&selector.vs, words);
                words.symbol("[");
                let word = words.any(TokenKind::Number);
                self.window_holds_two_samples(selector.range, word);
                node
            }
            Expr::Subquery(subquery) => self.subquery(subquery, words),
            Expr::Call(call) => self.call(call, words),
            Expr::Aggregate(aggregate) => self.aggregate(aggregate, words),
            Expr::Binary(binary) => self.binary(binary, words),
            // The parser makes none.
            Expr::Extension(_) => self.push(words.whole(), Form::Opaque(Vec::new())),
        }
    }

    fn push(&mut self, word: Word, form: Form) -> Expression {
        self.nodes.push(Node { word, form });
        // A rule of more nodes than that is refused before.
        Expression::try_from(self.nodes.len() - 1).unwrap_or(Expression::MAX)
    }

    fn selector(&mut self, selector: &VectorSelector, words: &mut Words<'_>) -> Expression {
        let mut name = selector
            .name
            .as_ref()
            .map(|name| (name.clone(), words.name(name)));
        let mut matchers = Vec::new();
        for matcher in &selector.matchers.matchers {
            // `{"name", …}` and `{__name__="name", …}`.
            if matcher.name == "__name__" {
                if matches!(matcher.op, MatchOp::Equal) && name.is_none() {
                    name = Some((matcher.value.clone(), words.string(&matcher.value)));
                }
                continue;
            }
            let matcher = self.matcher(matcher, words);
            self.pattern_stands_alone(&matcher);
            matchers.push(matcher);
        }
        let word = name
            .as_ref()
            .map_or_else(|| words.before(), |(_, word)| *word);
        let metric = name.map(|(name, _)| metric_name(name));
        self.push(word, Form::Selector { metric, matchers })
    }

    fn matcher(&mut self, matcher: &ParsedMatcher, words: &mut Words<'_>) -> Matcher {
        let label = LabelWord {
            name: matcher.name.clone(),
            word: words.name(&matcher.name),
        };
        let operator = match matcher.op {
            MatchOp::Equal => Comparison::Equal,
            MatchOp::NotEqual => Comparison::NotEqual,
            MatchOp::Re(_) => Comparison::Matches,
            MatchOp::NotRe(_) => Comparison::MatchesNot,
        };
        let is_pattern = matches!(operator, Comparison::Matches | Comparison::MatchesNot);
        let value = if is_pattern {
            self.patterns.pattern(&matcher.value)
        } else {
            &matcher.value
        };
        let word = words.string(value);
        let patterns: Vec<Pattern> = if is_pattern {
            alternatives(value)
                .into_iter()
                .map(|range| {
                    let text = &value[range.clone()];
                    Pattern {
                        word: words.within(word, value, range),
                        number: number_of(&text.replace("\\.", ".")),
                        automaton: self.automata.of(text),
                        text: text.to_owned(),
                    }
                })
                .collect()
        } else {
            Vec::new()
        };
        Matcher {
            label,
            operator,
            number: number_of(value),
            value: value.to_owned(),
            word,
            patterns,
        }
    }

    /// The parser reads a regular expression between the anchors that Prometheus adds, where `)|(` is one; Prometheus
    /// reads it by itself too.
    fn pattern_stands_alone(&mut self, matcher: &Matcher) {
        if matcher.patterns.is_empty() {
            return;
        }
        if let Some(mistake) = mistake(&matcher.value) {
            self.problems.push(Problem {
                line: 0,
                word: Some(matcher.word),
                fact: format!("`{}` is not a regular expression", matcher.value),
                note: format!("{mistake}: Prometheus reads it before it puts `^(?:` and `)$` around it"),
                help: "close every group that is opened, and write `\\\\(` and `\\\\)` for the characters themselves".to_owned(),
            });
        }
    }

    fn subquery(&mut self, subquery: &SubqueryExpr, words: &mut Words<'_>) -> Expression {
        let node = self.expression(&subquery.expr, words);
        words.symbol("[");
        let word = words.any(TokenKind::Number);
        if let Some(step) = subquery.step
            && subquery.range < step * 2
        {
            self.problems.push(Problem {
                line: 0,
                word: Some(word),
                fact: format!(
                    "the window `{}` is less than twice the step `{}`",
                    duration_text(subquery.range),
                    duration_text(step)
                ),
                note: "it holds one value at times, and none can be compared with it then"
                    .to_owned(),
                help: format!("write `{}` or more", duration_text(step * 2)),
            });
        }
        node
    }

    fn call(&mut self, call: &Call, words: &mut Words<'_>) -> Expression {
        let function = call.func.name;
        let word = words.name(function);
        let arguments: Vec<Expression> = call
            .args
            .args
            .iter()
            .map(|argument| self.expression(argument, words))
            .collect();
        let texts: Vec<&str> = call.args.args.iter().map(|it| string_of(it)).collect();
        let label = |at: usize, nodes: &[Node]| LabelWord {
            name: texts[at].to_owned(),
            word: nodes[usize::from(arguments[at])].word,
        };
        // The series are the first argument that is no number.
        let series = call
            .args
            .args
            .iter()
            .position(|it| matches!(it.value_type(), ValueType::Vector | ValueType::Matrix));
        let all = || arguments.clone();
        let Some(series) = series else {
            let is_vector = call.func.return_type == ValueType::Vector;
            return self.push(
                word,
                if is_vector {
                    Form::Vector(all())
                } else {
                    Form::Scalar(all())
                },
            );
        };
        let argument = arguments[series];
        let others: Vec<Expression> = arguments
            .iter()
            .copied()
            .filter(|other| *other != argument)
            .collect();
        let form = match function {
            "scalar" => Form::Scalar(all()),
            "histogram_quantile" => Form::Quantile { argument, others },
            "absent" | "absent_over_time" => Form::Absent {
                argument,
                labels: absent_labels(&call.args.args[series]),
            },
            "label_replace" | "label_join" => {
                let first = if function == "label_replace" {
                    3
                } else {
                    3.min(texts.len())
                };
                let end = if function == "label_replace" {
                    4
                } else {
                    texts.len()
                };
                let reads: Vec<LabelWord> = (first..end.min(texts.len()))
                    .map(|at| label(at, self.nodes))
                    .filter(|label| !label.name.is_empty())
                    .collect();
                Form::Relabel {
                    argument,
                    reads,
                    writes: texts.get(1).copied().unwrap_or_default().to_owned(),
                }
            }
            "info" | "histogram_quantiles" => Form::Opaque(all()),
            _ => Form::Call {
                function: function.to_owned(),
                behaviour: behaviour(function),
                argument,
                others,
            },
        };
        self.push(word, form)
    }

    fn aggregate(&mut self, aggregate: &AggregateExpr, words: &mut Words<'_>) -> Expression {
        let function = aggregate.op.to_string();
        let word = words.name(&function);
        let is_before = words.next_is(&["by", "without"]);
        let mut labels = Vec::new();
        let mut read_labels = |words: &mut Words<'_>| {
            if let Some(modifier) = &aggregate.modifier {
                labels = words.labels(&modifier.labels().labels);
            }
        };
        if is_before {
            read_labels(words);
        }
        let parameter = aggregate
            .param
            .as_ref()
            .map(|parameter| self.expression(parameter, words));
        let argument = self.expression(&aggregate.expr, words);
        if !is_before {
            read_labels(words);
        }
        let keeps = match function.as_str() {
            "sum" | "avg" | "min" | "max" | "quantile" => Keeps::Value,
            "topk" | "bottomk" | "limitk" | "limit_ratio" => Keeps::Series,
            _ => Keeps::Nothing,
        };
        let writes = (function == "count_values")
            .then(|| aggregate.param.as_ref().map(|it| string_of(it).to_owned()))
            .flatten();
        let is_without = matches!(aggregate.modifier, Some(LabelModifier::Exclude(_)));
        self.push(
            word,
            Form::Aggregate {
                keeps,
                argument,
                others: parameter.into_iter().collect(),
                grouping: if is_without {
                    Grouping::Without
                } else {
                    Grouping::By
                },
                labels,
                writes,
            },
        )
    }

    fn binary(&mut self, binary: &BinaryExpr, words: &mut Words<'_>) -> Expression {
        let left = self.expression(&binary.lhs, words);
        let symbol = binary.op.to_string();
        let word = if symbol.starts_with(|first: char| first.is_ascii_alphabetic()) {
            words.name(&symbol)
        } else {
            words.symbol(&symbol)
        };
        let modifier = binary.modifier.as_ref();
        let (mut matching, mut labels) = (MatchOperator::All, Vec::new());
        if let Some(modifier) = modifier.and_then(|modifier| modifier.matching.as_ref()) {
            matching = if modifier.is_include() {
                MatchOperator::On
            } else {
                MatchOperator::Ignoring
            };
            labels = words.labels(&modifier.labels().labels);
        }
        let (many, includes) = match modifier.map(|modifier| &modifier.card) {
            Some(VectorMatchCardinality::ManyToOne(labels)) => {
                (Many::Left, labels.labels.as_slice())
            }
            Some(VectorMatchCardinality::OneToMany(labels)) => {
                (Many::Right, labels.labels.as_slice())
            }
            _ => (Many::Neither, [].as_slice()),
        };
        let includes = words.labels(includes);
        let right = self.expression(&binary.rhs, words);
        let operator = operator(&symbol);
        let differences = (operator == Operator::Divide)
            .then(|| differences(&binary.lhs, &binary.rhs))
            .flatten();
        self.push(
            word,
            Form::Binary {
                operator,
                left,
                right,
                matching,
                labels,
                many,
                includes,
                differences,
            },
        )
    }

    /// A window as long as the interval holds one sample or none.
    fn window_holds_two_samples(&mut self, range: Duration, word: Word) {
        let least = self.options.scrape_interval * 2;
        if range < least {
            self.problems.push(Problem {
                line: 0,
                word: Some(word),
                fact: format!(
                    "the window `{}` is less than twice the scrape interval `{}`",
                    duration_text(range),
                    duration_text(self.options.scrape_interval)
                ),
                note: "it holds one sample at times, and `rate` needs two".to_owned(),
                help: format!(
                    "write `[{}]` or more; four times the interval survives a failed scrape",
                    duration_text(least)
                ),
            });
        }
    }
}

fn metric_name(name: String) -> MetricName {
    use datapunk_metrics_conventions::name_hash;
    let stem = ["_bucket", "_count", "_sum"]
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .unwrap_or_default();
    MetricName {
        hash: name_hash(&name),
        stem: u16::try_from(stem.len()).unwrap_or_default(),
        stem_hash: name_hash(stem),
        name,
    }
}

/// A bucket's bound as a number.
fn number_of(value: &str) -> Option<f64> {
    match value {
        "+Inf" | "\\+Inf" => Some(f64::INFINITY),
        _ => value.parse().ok().filter(|number: &f64| number.is_finite()),
    }
}

fn string_of(expression: &Expr) -> &str {
    match expression {
        Expr::StringLiteral(text) => &text.val,
        Expr::Paren(inner) => string_of(&inner.expr),
        _ => "",
    }
}

/// The labels of an absent series are those that its selector pins.
fn absent_labels(expression: &Expr) -> Vec<String> {
    let matchers = match expression {
        Expr::Paren(inner) => return absent_labels(&inner.expr),
        Expr::VectorSelector(selector) => &selector.matchers.matchers,
        Expr::MatrixSelector(selector) => &selector.vs.matchers.matchers,
        _ => return Vec::new(),
    };
    let is_alone = |name: &str| matchers.iter().filter(|it| it.name == name).count() == 1;
    matchers
        .iter()
        .filter(|it| matches!(it.op, MatchOp::Equal) && it.name != "__name__")
        .filter(|it| !it.value.is_empty() && is_alone(&it.name))
        .map(|it| it.name.clone())
        .collect()
}

fn behaviour(function: &str) -> Behaviour {
    match function {
        "rate" | "irate" | "increase" | "resets" => Behaviour::Rate,
        "delta" | "idelta" | "deriv" | "predict_linear" | "double_exponential_smoothing" => {
            Behaviour::Delta
        }
        "changes"
        | "timestamp"
        | "sgn"
        | "count_over_time"
        | "present_over_time"
        | "stddev_over_time"
        | "stdvar_over_time"
        | "mad_over_time"
        | "ts_of_first_over_time"
        | "ts_of_last_over_time"
        | "ts_of_max_over_time"
        | "ts_of_min_over_time"
        | "start_timestamp"
        | "minute"
        | "hour"
        | "day_of_week"
        | "day_of_month"
        | "day_of_year"
        | "days_in_month"
        | "month"
        | "year" => Behaviour::Count,
        _ => Behaviour::Keep,
    }
}

fn operator(symbol: &str) -> Operator {
    match symbol {
        "/" => Operator::Divide,
        "-" => Operator::Subtract,
        "==" => Operator::Compare(Comparison::Equal),
        "!=" => Operator::Compare(Comparison::NotEqual),
        ">" => Operator::Compare(Comparison::Greater),
        ">=" => Operator::Compare(Comparison::GreaterOrEqual),
        "<" => Operator::Compare(Comparison::Less),
        "<=" => Operator::Compare(Comparison::LessOrEqual),
        "and" => Operator::And,
        "or" => Operator::Or,
        "unless" => Operator::Unless,
        _ => Operator::Arithmetic,
    }
}
