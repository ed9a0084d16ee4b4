//! From the tokens of a struct to its model.

use datapunk_metrics_conventions::{Kind, Profile, fixed_namespace};
use proc_macro2::Span;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DeriveInput, Expr, ExprArray, ExprLit, Field, Fields, GenericArgument, Ident,
    Lit, Meta, PathArguments, Type,
};

use super::model::{
    Buckets, ConstantLabel, Initial, MetricModel, NestedModel, Numerator, RatioModel, Role,
    SetModel,
};
use crate::attr::{self, Item, ungrouped};
use crate::diag::{Diag, Sink, list};
use crate::expand::CratePath;

const SET_KEYS: &[&str] = &["namespace", "profile", "labels", "crate"];
const METRIC_KEYS: &[&str] = &[
    "name",
    "buckets",
    "initial",
    "max_series",
    "zero",
    "role",
    "ratio_of",
    "numerator",
    "window",
    "labels",
    "read",
    "allow",
];
const ROLES: &[&str] = &["calls", "duration", "in_flight"];
const DEFAULT_WINDOW_SECONDS: u64 = 300;

/// The model; none where there is no struct to speak of.
pub(crate) fn parse(input: &DeriveInput, out: &mut Sink) -> Option<SetModel> {
    if !input.generics.params.is_empty() {
        out.push(
            Diag::at(
                &input.generics,
                format!("metric set `{}` has generic parameters", input.ident),
            )
            .note("its metrics are statics, of which there is one each, not one for each type")
            .help("make what differs a label"),
        );
        return None;
    }
    let fields = named_fields(input, out)?;
    let mut set = SetModel {
        ident: input.ident.clone(),
        crate_path: CratePath::default(),
        help: doc(&input.attrs),
        namespace: None,
        profile: Profile::Datapunk,
        call_labels: None,
        metrics: Vec::new(),
        nested: Vec::new(),
    };
    for item in attr::items(&input.attrs, "metrics", SET_KEYS, &[], out) {
        match item.key.as_str() {
            "namespace" => set.namespace = item.string("a string such as `\"lake\"`", out),
            "profile" => set.profile = attr::profile(&item, out).unwrap_or(set.profile),
            "labels" => {
                set.call_labels =
                    item.path_value("the label set of a call such as `HttpCall`", out);
            }
            _ => set.crate_path = CratePath::read(&item, out).unwrap_or(set.crate_path),
        }
    }
    // Names are checked with the namespace as it will be once its own mistakes are mended.
    let prefix = match &set.namespace {
        Some((namespace, _)) => {
            let mistaken =
                !datapunk_metrics_conventions::check_namespace(set.profile, namespace).is_empty();
            format!(
                "{}_",
                if mistaken {
                    fixed_namespace(namespace)
                } else {
                    namespace.clone()
                }
            )
        }
        None => String::new(),
    };
    for field in fields {
        let Some(ident) = field.ident.clone() else {
            continue;
        };
        if let Some((kind, arguments)) = kind_of(&field.ty) {
            let metric = parse_metric(ident, field, kind, &arguments, &prefix, out);
            set.metrics.push(metric);
        } else {
            refuse_attributes(&ident, field, out);
            set.nested.push(NestedModel {
                field: ident,
                ty: field.ty.clone(),
            });
        }
    }
    Some(set)
}

fn named_fields<'a>(
    input: &'a DeriveInput,
    out: &mut Sink,
) -> Option<&'a syn::punctuated::Punctuated<Field, syn::Token![,]>> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) if !fields.named.is_empty() => Some(&fields.named),
            _ => {
                out.push(
                    Diag::at(
                        &input.ident,
                        format!("metric set `{}` has no named fields", input.ident),
                    )
                    .help("write one field for each metric, such as `requests_total: Counter`"),
                );
                None
            }
        },
        Data::Enum(_) | Data::Union(_) => {
            out.push(
                Diag::at(
                    &input.ident,
                    format!("metric set `{}` is not a struct", input.ident),
                )
                .help("write a struct with one field for each metric"),
            );
            None
        }
    }
}

/// The doc comment as one text, its lines joined as Markdown joins them.
fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) => attr::string_literal(&pair.value),
            _ => None,
        });
    let text: Vec<String> = lines.collect();
    let first_paragraph = text.iter().flat_map(|text| text.lines()).map(str::trim);
    let lines: Vec<&str> = first_paragraph
        .skip_while(|line| line.is_empty())
        .take_while(|line| !line.is_empty())
        .collect();
    lines.join(" ")
}

/// The kind that the last segment of a type names, with its generic arguments.
fn kind_of(ty: &Type) -> Option<(Kind, Vec<Type>)> {
    let path = match ty {
        Type::Path(path) if path.qself.is_none() => &path.path,
        Type::Group(group) => return kind_of(&group.elem),
        _ => return None,
    };
    let last = path.segments.last()?;
    let kind = match last.ident.to_string().as_str() {
        "Counter" => Kind::Counter,
        "Gauge" => Kind::Gauge,
        "Histogram" => Kind::Histogram,
        "Ratio" => Kind::Ratio,
        "State" => Kind::State,
        "Info" => Kind::Info,
        _ => return None,
    };
    let arguments = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => arguments
            .args
            .iter()
            .filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty.clone()),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    Some((kind, arguments))
}

fn refuse_attributes(ident: &Ident, field: &Field, out: &mut Sink) {
    for attribute in field
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("metric"))
    {
        out.push(
            Diag::at(attribute.path(), format!("`metric` does not apply to the nested set `{ident}`"))
                .note("a metric's type is written by its name: `Counter`, `Gauge`, `Histogram`, `Ratio`, `State`, `Info`")
                .help("move the attribute into the nested set"),
        );
    }
}

fn parse_metric(
    ident: Ident,
    field: &Field,
    kind: Kind,
    arguments: &[Type],
    prefix: &str,
    out: &mut Sink,
) -> MetricModel {
    let is_unit = |ty: &Type| matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty());
    let labels_at = match kind {
        Kind::Counter | Kind::Gauge | Kind::Ratio => 0,
        Kind::Histogram | Kind::State | Kind::Info => 1,
    };
    let mut metric = MetricModel {
        ty: field.ty.clone(),
        kind,
        name: format!("{prefix}{}", ident.unraw()),
        prefix: prefix.to_owned(),
        name_span: ident.span(),
        is_named: false,
        help: doc(&field.attrs),
        unit: if kind == Kind::Histogram {
            arguments.first().cloned()
        } else {
            None
        },
        labels: arguments.get(labels_at).filter(|ty| !is_unit(ty)).cloned(),
        buckets: None,
        initial: None,
        max_series: None,
        zero: Vec::new(),
        role: None,
        ratio: None,
        constant_labels: Vec::new(),
        read: None,
        waivers: Vec::new(),
        keys: Vec::new(),
        unread: Vec::new(),
        field: ident,
    };
    let attr::Items { items, unread } =
        attr::read(&field.attrs, "metric", METRIC_KEYS, &["allow"], out);
    metric.unread = unread;
    // The name first: what is said of the other keys holds it.
    if let Some(item) = items.iter().find(|item| item.key == "name") {
        match item.string("a string such as `\"requests_total\"`", out) {
            Some((name, span)) => {
                metric.name = format!("{prefix}{name}");
                metric.name_span = span;
                metric.is_named = true;
            }
            None => metric.unread.push(item.key.clone()),
        }
    }
    let mut numerator = None;
    let mut window = None;
    for item in items {
        metric.keys.push((item.key.clone(), first_span(&item.path)));
        let known = out.len();
        if let Some(owner) = owner_of(&item.key, kind) {
            out.push(Diag::wrong_place(
                &item.path,
                &item.key,
                &format!("the {} `{}`", kind.as_str(), metric.name),
                owner,
            ));
            continue;
        }
        match item.key.as_str() {
            "name" => {}
            "buckets" => metric.buckets = parse_buckets(&item, out),
            "initial" => metric.initial = parse_initial(&item, kind, out),
            "max_series" => metric.max_series = parse_max_series(&item, out),
            "zero" => metric.zero = parse_zero(&item, out),
            "role" => metric.role = parse_role(&item, kind, out),
            "ratio_of" => {
                if let Some(path) =
                    item.path_value("a counter of this set such as `cache_requests_total`", out)
                {
                    match path.get_ident() {
                        Some(counter) => {
                            metric.ratio = Some(RatioModel {
                                counter: counter.clone(),
                                numerator: Vec::new(),
                                window_seconds: DEFAULT_WINDOW_SECONDS,
                            });
                        }
                        None => out.push(Diag::wrong_value(
                            &path,
                            "ratio_of",
                            "the field of a counter such as `cache_requests_total`",
                        )),
                    }
                }
            }
            "numerator" => numerator = parse_numerator(&item, out),
            "window" => window = parse_window(&item, out),
            "labels" => metric.constant_labels = parse_constant_labels(&item, out),
            "read" => metric.read = item.path_value("a function such as `open_files`", out),
            _ => metric.waivers.extend(attr::waiver(&item, out)),
        }
        if out.len() > known {
            metric.unread.push(item.key);
        }
    }
    if kind == Kind::Ratio {
        finish_ratio(&mut metric, numerator, window, out);
    }
    metric
}

fn finish_ratio(
    metric: &mut MetricModel,
    numerator: Option<Numerator>,
    window: Option<u64>,
    out: &mut Sink,
) {
    let place = metric.field.clone();
    let what = format!("ratio `{}`", metric.name);
    let no_numerator = !metric.is_unread("numerator");
    if metric.ratio.is_none() && !metric.is_unread("ratio_of") {
        out.push(Diag::missing_key(
            &place,
            &what,
            "ratio_of",
            "write `#[metric(ratio_of = cache_requests_total, numerator(result = Hit))]` with a counter of this set",
        ));
    }
    let Some(ratio) = &mut metric.ratio else {
        return;
    };
    ratio.window_seconds = window.unwrap_or(ratio.window_seconds);
    match numerator {
        Some(numerator) if !numerator.is_empty() => ratio.numerator = numerator,
        _ if no_numerator => out.push(Diag::missing_key(
            &place,
            &what,
            "numerator",
            "write `numerator(result = Hit)` with a label of the counter and a value of it",
        )),
        _ => {}
    }
}

/// The first token of a key.
fn first_span(key: &syn::Path) -> Span {
    key.segments
        .first()
        .map_or_else(|| key.span(), |segment| segment.ident.span())
}

/// Whose key it is, if not this kind's.
fn owner_of(key: &str, kind: Kind) -> Option<&'static str> {
    let (kinds, owner): (&[Kind], _) = match key {
        "buckets" => (&[Kind::Histogram], "histograms"),
        "initial" => (&[Kind::Gauge, Kind::State], "gauges and states"),
        "zero" => (&[Kind::Counter, Kind::Histogram], "counters and histograms"),
        "role" => (
            &[Kind::Counter, Kind::Gauge, Kind::Histogram],
            "counters, gauges and histograms",
        ),
        "ratio_of" | "numerator" | "window" => (&[Kind::Ratio], "ratios"),
        "read" => (&[Kind::Counter, Kind::Gauge], "counters and gauges"),
        _ => return None,
    };
    (!kinds.contains(&kind)).then_some(owner)
}

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

fn parse_buckets(item: &Item, out: &mut Sink) -> Option<Buckets> {
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
fn number(expr: &Expr) -> Option<f64> {
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

fn parse_initial(item: &Item, kind: Kind, out: &mut Sink) -> Option<Initial> {
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

fn parse_max_series(item: &Item, out: &mut Sink) -> Option<Expr> {
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

fn parse_zero(item: &Item, out: &mut Sink) -> Vec<(String, Span)> {
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

fn parse_role(item: &Item, kind: Kind, out: &mut Sink) -> Option<(Role, Span)> {
    let path = item.path_value("`calls`, `duration` or `in_flight` such as `calls`", out)?;
    let word = crate::diag::path_text(&path);
    let (role, of) = match word.as_str() {
        "calls" => (Role::Calls, Kind::Counter),
        "duration" => (Role::Duration, Kind::Histogram),
        "in_flight" => (Role::InFlight, Kind::Gauge),
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

fn parse_numerator(item: &Item, out: &mut Sink) -> Option<Numerator> {
    let expected = "labels with values such as `numerator(result = Hit)`";
    let pairs = pairs(item, expected, out)?;
    let mut conditions = Vec::new();
    for pair in pairs {
        let Some(label) = pair.path.get_ident() else {
            out.push(Diag::wrong_value(&pair.path, "numerator", expected));
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
                other => out.push(Diag::wrong_value(other, "numerator", expected)),
            }
        }
        conditions.push((label.clone(), values));
    }
    Some(conditions)
}

fn parse_window(item: &Item, out: &mut Sink) -> Option<u64> {
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

fn parse_constant_labels(item: &Item, out: &mut Sink) -> Vec<ConstantLabel> {
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
