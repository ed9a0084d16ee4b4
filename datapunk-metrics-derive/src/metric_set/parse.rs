//! From the tokens of a struct to its model.

use datapunk_metrics_conventions::{Kind, Profile, fixed_namespace};
use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DeriveInput, Field, Fields, GenericArgument, Ident, Lifetime, Meta,
    PathArguments, Type,
};

use super::lifecycle::{self, Lifecycle};
use super::model::{MetricModel, NestedModel, Numerator, RatioModel, SetModel};
use super::objective;
use super::values;
use crate::attr;
use crate::diag::{Diag, Sink};
use crate::expand::CratePath;

const SET_KEYS: &[&str] = &[
    "namespace",
    "profile",
    "labels",
    "retention",
    "unlinked",
    "crate",
];
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
    "retention",
    "renamed_from",
    "deprecated",
    "until",
    "slo",
    "allow",
];
const DEFAULT_WINDOW_SECONDS: u64 = 300;

/// A lifetime, which rustc suggests where that of a label set is missing.
fn has_a_lifetime(input: &DeriveInput, lifetime: &Lifetime) -> Diag {
    let diag = Diag::at(
        &input.generics,
        format!("metric set `{}` has a lifetime", input.ident),
    )
    .note("its metrics are statics, which live as long as the program");
    let Data::Struct(data) = &input.data else {
        return diag;
    };
    let borrowing = data
        .fields
        .iter()
        .find_map(|field| borrowing(&field.ty, lifetime));
    match borrowing {
        Some(name) => diag.help(format!(
            "write `{name}<'static>`; what is recorded may be borrowed for any time"
        )),
        None => diag.help(format!("remove `{lifetime}`")),
    }
}

/// The type with this lifetime as its argument.
fn borrowing<'a>(ty: &'a Type, lifetime: &Lifetime) -> Option<&'a Ident> {
    let Type::Path(path) = ty else { return None };
    path.path.segments.iter().find_map(|segment| {
        let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
            return None;
        };
        arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::Lifetime(own) if own == lifetime => Some(&segment.ident),
            GenericArgument::Type(ty) => borrowing(ty, lifetime),
            _ => None,
        })
    })
}

/// The model; none where there is no struct to speak of.
pub(crate) fn parse(input: &DeriveInput, name: &str, out: &mut Sink) -> Option<SetModel> {
    if let Some(lifetime) = input.generics.lifetimes().next()
        && input.generics.params.len() == 1
    {
        out.push(has_a_lifetime(input, &lifetime.lifetime));
        return None;
    }
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
        name: name.to_owned(),
        crate_path: CratePath::default(),
        help: doc(&input.attrs),
        namespace: None,
        profile: Profile::Datapunk,
        retention: None,
        call_labels: None,
        unlinked: false,
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
            "retention" => set.retention = lifecycle::parse_retention(&item, out),
            "unlinked" => set.unlinked = item.flag(out),
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

/// The first paragraph of the doc comment as one text, its lines joined as Markdown joins them.
fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) => attr::string_literal(&pair.value),
            _ => None,
        });
    let text: Vec<String> = lines.collect();
    // An empty line is an attribute of its own, of no text: `lines` would not give it.
    let first_paragraph = text.iter().flat_map(|text| text.split('\n')).map(str::trim);
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
        lifecycle: Lifecycle::default(),
        objective: None,
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
            "buckets" => metric.buckets = values::parse_buckets(&item, out),
            "initial" => metric.initial = values::parse_initial(&item, kind, out),
            "max_series" => metric.max_series = values::parse_max_series(&item, out),
            "zero" => metric.zero = values::parse_zero(&item, out),
            "role" => metric.role = values::parse_role(&item, kind, out),
            "ratio_of" => metric.ratio = parse_ratio_of(&item, out),
            "slo" => metric.objective = objective::parse(&item, kind, &metric.name, out),
            "numerator" => numerator = values::parse_numerator(&item, out),
            "window" => window = values::parse_window(&item, out),
            "labels" => metric.constant_labels = values::parse_constant_labels(&item, out),
            "read" => metric.read = item.path_value("a function such as `open_files`", out),
            "retention" | "renamed_from" | "deprecated" | "until" => {
                metric.lifecycle.read(&item, out);
            }
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

fn parse_ratio_of(item: &attr::Item, out: &mut Sink) -> Option<RatioModel> {
    let path = item.path_value("a counter of this set such as `cache_requests_total`", out)?;
    let Some(counter) = path.get_ident() else {
        out.push(Diag::wrong_value(
            &path,
            "ratio_of",
            "the field of a counter such as `cache_requests_total`",
        ));
        return None;
    };
    Some(RatioModel {
        counter: counter.clone(),
        numerator: Vec::new(),
        window_seconds: DEFAULT_WINDOW_SECONDS,
    })
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
        "slo" => (
            &[Kind::Counter, Kind::Histogram, Kind::Ratio],
            "counters, histograms and ratios",
        ),
        "ratio_of" | "numerator" | "window" => (&[Kind::Ratio], "ratios"),
        "read" => (&[Kind::Counter, Kind::Gauge], "counters and gauges"),
        _ => return None,
    };
    (!kinds.contains(&kind)).then_some(owner)
}
