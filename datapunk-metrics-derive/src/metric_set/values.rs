//! What stands behind the keys of `#[metric(…)]`.

use datapunk_metrics_conventions::Kind;
use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr, ExprArray, ExprLit, Lit};

use super::model::{Buckets, ConstantLabel, Initial, Numerator, Role};
use crate::attr::{Item, ungrouped};
use crate::diag::{Diag, Sink, list};

const ROLES: &[&str] = &["calls", "duration", "in_flight", "request_size"];

/// The elements of `[…]`.
fn elements<'a>(item: &'a Item, expected: &str, out: &mut Sink) -> Option<&'a ExprArray> {
    match item.value(expected, out)? {
        Expr::Array(array) => Some(array),
        other => {
            out.push(Diag::wrong_value(other, &item.key, expected));
            None
        }
    }
}

pub(crate) fn parse_buckets(item: &Item, out: &mut Sink) -> Option<Buckets> {
    let expected = "a list of numbers or the path of a constant such as `[0.01, 0.1, 1.0]`";
    match item.value(expected, out)? {
        Expr::Path(path) => Some(Buckets::Path(path.path.clone())),
        Expr::Array(array) => {
            let mut bounds = Vec::new();
            for element in &array.elems {
                let Some(bound) = number(element) else {
                    out.push(Diag::wrong_value(
                        element,
                        "buckets",
                        "numbers in a list such as `[0.01, 0.1, 1.0]`",
                    ));
                    return None;
                };
                bounds.push((bound, place_of_number(element)));
            }
            Some(Buckets::Listed(bounds, array.span()))
        }
        other => {
            out.push(Diag::wrong_value(other, "buckets", expected));
            None
        }
    }
}

/// The token that a number is known by: `INFINITY` of `f64::INFINITY`.
fn place_of_number(expr: &Expr) -> Span {
    match ungrouped(expr) {
        Expr::Path(path) => path
            .path
            .segments
            .last()
            .map_or_else(|| path.span(), |last| last.ident.span()),
        Expr::Unary(unary) => place_of_number(&unary.expr),
        other => other.span(),
    }
}

/// A number, also NaN and infinity by their constants so that the rules can refuse them by name.
pub(super) fn number(expr: &Expr) -> Option<f64> {
    match ungrouped(expr) {
        Expr::Lit(ExprLit {
            lit: Lit::Float(float),
            ..
        }) => float.base10_parse().ok(),
        Expr::Lit(ExprLit {
            lit: Lit::Int(int), ..
        }) => int.base10_digits().parse().ok(),
        Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Neg(_)) => {
            number(&unary.expr).map(|number| -number)
        }
        Expr::Path(path) => match path.path.segments.last()?.ident.to_string().as_str() {
            "INFINITY" => Some(f64::INFINITY),
            "NEG_INFINITY" => Some(f64::NEG_INFINITY),
            "NAN" => Some(f64::NAN),
            _ => None,
        },
        _ => None,
    }
}

pub(crate) fn parse_initial(item: &Item, kind: Kind, out: &mut Sink) -> Option<Initial> {
    let expected = if kind == Kind::State {
        "a variant of its states or `absent` such as `absent`"
    } else {
        "a number or `absent` such as `0`"
    };
    let value = item.value(expected, out)?;
    match value {
        Expr::Path(path) if path.path.is_ident("absent") => Some(Initial::Absent),
        Expr::Path(path) if kind == Kind::State && path.path.get_ident().is_some() => {
            Some(Initial::Value(value.clone()))
        }
        _ if kind == Kind::Gauge && number(value).is_some() => Some(Initial::Value(value.clone())),
        other => {
            out.push(Diag::wrong_value(other, "initial", expected));
            None
        }
    }
}

pub(crate) fn parse_max_series(item: &Item, out: &mut Sink) -> Option<Expr> {
    let expected = "a whole number above 0 such as `5000`";
    match item.value(expected, out)? {
        Expr::Lit(ExprLit {
            lit: Lit::Int(int), ..
        }) if int.base10_parse::<usize>().is_ok_and(|max| max > 0) => {
            let max = int.base10_parse::<usize>().ok()?;
            Some(syn::parse_quote_spanned!(int.span()=> #max))
        }
        path @ Expr::Path(_) => Some(path.clone()),
        other => {
            out.push(Diag::wrong_value(other, "max_series", expected));
            None
        }
    }
}

pub(crate) fn parse_zero(item: &Item, out: &mut Sink) -> Vec<(String, Span)> {
    let expected = "a list of label values as they are exposed such as `[200, \"GET\"]`";
    let Some(array) = elements(item, expected, out) else {
        return Vec::new();
    };
    let mut values: Vec<(String, Span)> = Vec::new();
    for element in &array.elems {
        let value = match ungrouped(element) {
            Expr::Lit(ExprLit {
                lit: Lit::Int(int), ..
            }) => int.base10_digits().to_owned(),
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => text.value(),
            other => {
                out.push(Diag::wrong_value(other, "zero", expected));
                continue;
            }
        };
        if values.iter().any(|(known, _)| *known == value) {
            out.push(
                Diag::at(
                    element,
                    format!("label value `{value}` is given twice in `zero`"),
                )
                .help("remove one of the two"),
            );
        } else {
            values.push((value, element.span()));
        }
    }
    if array.elems.is_empty() {
        out.push(
            Diag::at(array, "`zero` is empty")
                .help("name the label values to show from the start, or remove `zero`"),
        );
    }
    values
}

pub(crate) fn parse_role(item: &Item, kind: Kind, out: &mut Sink) -> Option<(Role, Span)> {
    let path = item.path_value(
        "`calls`, `duration`, `in_flight` or `request_size` such as `calls`",
        out,
    )?;
    let word = crate::diag::path_text(&path);
    let (role, of) = match word.as_str() {
        "calls" => (Role::Calls, Kind::Counter),
        "duration" => (Role::Duration, Kind::Histogram),
        "in_flight" => (Role::InFlight, Kind::Gauge),
        "request_size" => (Role::RequestSize, Kind::Histogram),
        _ => {
            let near = datapunk_metrics_conventions::closest(&word, ROLES.iter().copied());
            out.push(
                Diag::at(&path, format!("unknown role `{word}`")).help(match near {
                    Some(near) => format!("a role with a similar name exists: `{near}`"),
                    None => format!("the roles are {}", list(ROLES)),
                }),
            );
            return None;
        }
    };
    if kind != of {
        let fitting = match kind {
            Kind::Counter => Role::Calls,
            Kind::Histogram => Role::Duration,
            _ => Role::InFlight,
        };
        out.push(
            Diag::at(
                &path,
                format!("role `{word}` does not apply to a {}", kind.as_str()),
            )
            .note(format!("`{word}` is the role of a {}", of.as_str()))
            .help(format!("write `role = {}`", fitting.word())),
        );
        return None;
    }
    Some((role, path.span()))
}

pub(crate) fn parse_numerator(item: &Item, out: &mut Sink) -> Option<Numerator> {
    parse_conditions(
        item,
        "labels with values such as `numerator(result = Hit)`",
        out,
    )
}

/// Labels with a value, or a list of values, each.
pub(super) fn parse_conditions(item: &Item, expected: &str, out: &mut Sink) -> Option<Numerator> {
    let pairs = pairs(item, expected, out)?;
    let mut conditions = Vec::new();
    for pair in pairs {
        let Some(label) = pair.path.get_ident() else {
            out.push(Diag::wrong_value(&pair.path, &item.key, expected));
            continue;
        };
        let value = ungrouped(&pair.value);
        let alternatives: Vec<&Expr> = match value {
            Expr::Array(array) => array.elems.iter().collect(),
            one => vec![one],
        };
        let mut values = Vec::new();
        for alternative in alternatives {
            match ungrouped(alternative) {
                Expr::Path(path) if path.path.get_ident().is_some() => {
                    values.push((path.to_token_stream().to_string(), path.span()));
                }
                Expr::Lit(ExprLit {
                    lit: Lit::Str(text),
                    ..
                }) => values.push((text.value(), text.span())),
                other => out.push(Diag::wrong_value(other, &item.key, expected)),
            }
        }
        conditions.push((label.clone(), values));
    }
    Some(conditions)
}

pub(crate) fn parse_window(item: &Item, out: &mut Sink) -> Option<u64> {
    let expected = "seconds, minutes or hours such as `\"5m\"`";
    let (text, span) = item.string(expected, out)?;
    let unit = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3600,
        _ => 0,
    };
    let number: Option<u64> = text
        .get(..text.len().saturating_sub(1))
        .and_then(|number| number.parse().ok());
    let seconds = number
        .and_then(|number| number.checked_mul(unit))
        .filter(|seconds| *seconds > 0);
    if seconds.is_none() {
        out.push(
            Diag::at_span(span, format!("`{text}` is not a window"))
                .note("a window is a whole number of seconds, minutes or hours")
                .help("write `window = \"5m\"`"),
        );
    }
    seconds
}

/// The `name = value` pairs of `key(…)`.
fn pairs(item: &Item, expected: &str, out: &mut Sink) -> Option<Vec<syn::MetaNameValue>> {
    type Pairs = syn::punctuated::Punctuated<syn::MetaNameValue, syn::Token![,]>;

    let list = item.list(expected, out)?;
    let pairs = list.parse_args_with(Pairs::parse_terminated);
    if pairs.is_err() {
        out.push(Diag::wrong_value(list, &item.key, expected));
    }
    Some(pairs.ok()?.into_iter().collect())
}

pub(crate) fn parse_constant_labels(item: &Item, out: &mut Sink) -> Vec<ConstantLabel> {
    let expected = "names with values such as `labels(version = env!(\"CARGO_PKG_VERSION\"))`";
    let mut labels = Vec::new();
    for pair in pairs(item, expected, out).into_iter().flatten() {
        match pair.path.get_ident() {
            Some(name) => labels.push(ConstantLabel {
                name: name.clone(),
                value: pair.value.clone(),
            }),
            None => out.push(Diag::wrong_value(&pair.path, "labels", expected)),
        }
    }
    labels
}
