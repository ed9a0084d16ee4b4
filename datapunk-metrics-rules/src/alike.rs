//! Sides of a division that differ in matchers alone.

use promql_parser::label::Matchers;
use promql_parser::parser::Expr;

use crate::facts::Difference;

/// The labels whose matchers differ, if nothing else does: both sides read the same series then, or some of them.
pub(crate) fn differences(left: &Expr, right: &Expr) -> Option<Vec<Difference>> {
    let (mut left, mut right) = (without_factor(left).clone(), without_factor(right).clone());
    let (mut matchers, mut others) = (Vec::new(), Vec::new());
    strip_matchers(&mut left, &mut matchers);
    strip_matchers(&mut right, &mut others);
    if matchers.is_empty() || left.to_string() != right.to_string() {
        return None;
    }
    let mut differences: Vec<Difference> = Vec::new();
    for (left, right) in matchers.iter().zip(&others) {
        for matcher in left.matchers.iter().chain(&right.matchers) {
            let asks = |side: &Matchers| side.matchers.iter().any(|it| it.name == matcher.name);
            let is_same = left.matchers.contains(matcher) && right.matchers.contains(matcher);
            let is_known = differences.iter().any(|known| known.label == matcher.name);
            if !is_same && !is_known {
                differences.push(Difference {
                    label: matcher.name.clone(),
                    on_both: asks(left) && asks(right),
                });
            }
        }
    }
    Some(differences)
}

/// `100 * x` is `x` to the question whether it is divided by itself.
fn without_factor(expression: &Expr) -> &Expr {
    match expression {
        Expr::Paren(inner) => without_factor(&inner.expr),
        Expr::Binary(binary) if binary.op.to_string() == "*" => {
            match (binary.lhs.as_ref(), binary.rhs.as_ref()) {
                (Expr::NumberLiteral(_), other) | (other, Expr::NumberLiteral(_)) => {
                    without_factor(other)
                }
                _ => expression,
            }
        }
        _ => expression,
    }
}

/// Takes matchers and parentheses away.
fn strip_matchers(expression: &mut Expr, matchers: &mut Vec<Matchers>) {
    match expression {
        Expr::Paren(inner) => {
            let mut inner = (*inner.expr).clone();
            strip_matchers(&mut inner, matchers);
            *expression = inner;
        }
        Expr::Unary(inner) => strip_matchers(&mut inner.expr, matchers),
        Expr::Subquery(inner) => strip_matchers(&mut inner.expr, matchers),
        Expr::Aggregate(inner) => {
            if let Some(parameter) = &mut inner.param {
                strip_matchers(parameter, matchers);
            }
            strip_matchers(&mut inner.expr, matchers);
        }
        Expr::Binary(inner) => {
            strip_matchers(&mut inner.lhs, matchers);
            strip_matchers(&mut inner.rhs, matchers);
        }
        Expr::Call(inner) => {
            for argument in &mut inner.args.args {
                strip_matchers(argument, matchers);
            }
        }
        Expr::VectorSelector(inner) => {
            matchers.push(core::mem::replace(&mut inner.matchers, Matchers::empty()));
        }
        Expr::MatrixSelector(inner) => {
            matchers.push(core::mem::replace(
                &mut inner.vs.matchers,
                Matchers::empty(),
            ));
        }
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}
