//! What share of a metric's events has to be good: `slo(objective = 99.9, …)`.

use datapunk_metrics_conventions::Kind;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::model::{MetricModel, Numerator, SetModel};
use super::values::{number, parse_conditions};
use crate::attr::{self, Item};
use crate::diag::{Diag, Sink};
use crate::expand::assertion;

const KEYS: &[&str] = &["objective", "threshold", "errors"];
const EXPECTED: &str = "an objective such as `slo(objective = 99.9)`";

/// A service level objective.
pub(crate) struct Objective {
    /// In percent.
    percent: f64,
    /// The bucket bound up to which an event is good.
    threshold: Option<(f64, Span)>,
    /// The label values that are errors.
    errors: Option<Numerator>,
    /// Where the key is written.
    span: Span,
}

/// Reads `slo(…)` of a metric of this kind.
pub(super) fn parse(item: &Item, kind: Kind, name: &str, out: &mut Sink) -> Option<Objective> {
    let list = item.list(EXPECTED, out)?;
    let mut items = Vec::new();
    let known = out.len();
    attr::items_of(list.tokens.clone(), "slo", KEYS, &[], &mut items, out);
    let mut objective = None;
    let mut threshold = None;
    let mut errors = None;
    for item in &items {
        let owner = match item.key.as_str() {
            "threshold" if kind != Kind::Histogram => "histograms",
            "errors" if kind != Kind::Counter => "counters",
            _ => "",
        };
        if !owner.is_empty() {
            let what = format!("the {} `{name}`", kind.as_str());
            out.push(Diag::wrong_place(&item.path, &item.key, &what, owner));
            continue;
        }
        match item.key.as_str() {
            "objective" => objective = parse_objective(item, out),
            "threshold" => threshold = parse_threshold(item, out),
            _ => errors = parse_errors(item, out),
        }
    }
    if out.len() > known {
        return None;
    }
    if objective.is_none() {
        out.push(Diag::missing_key(
            &item.path,
            &format!("the objective of `{name}`"),
            "objective",
            "add `objective = 99.9`, the share of good events in percent",
        ));
    }
    if kind == Kind::Histogram && threshold.is_none() {
        out.push(Diag::missing_key(
            &item.path,
            &format!("the objective of histogram `{name}`"),
            "threshold",
            "add `threshold = 0.1` with the bucket bound up to which an event is good",
        ));
    }
    if out.len() > known {
        return None;
    }
    Some(Objective {
        percent: objective?,
        threshold,
        errors,
        span: item.path.span(),
    })
}

// 100 % leaves no budget to burn, so that every error is an alert; a share such as 0.999 is a hundredth of what is meant.
fn parse_objective(item: &Item, out: &mut Sink) -> Option<f64> {
    let expected = "a share of good events in percent such as `99.9`";
    let value = item.value(expected, out)?;
    let Some(percent) = number(value).filter(|percent| percent.is_finite()) else {
        out.push(Diag::wrong_value(value, "objective", expected));
        return None;
    };
    if percent > 1.0 && percent < 100.0 {
        return Some(percent);
    }
    let diag = Diag::at(
        value,
        format!("objective `{percent}` is not between 1 and 100 percent"),
    );
    out.push(if percent >= 100.0 {
        diag.note("100 % leaves no errors to budget")
            .help("write `objective = 99.9`")
    } else if percent > 0.0 && percent < 1.0 {
        // The float nearest to 0.999 times a hundred is 99.9 only after rounding.
        let meant = (percent * 1e8).round() / 1e6;
        diag.help(format!("write `objective = {meant}`"))
    } else {
        diag.help("write `objective = 99.9`")
    });
    None
}

fn parse_threshold(item: &Item, out: &mut Sink) -> Option<(f64, Span)> {
    let expected = "a bucket bound in the unit of the metric such as `0.1`";
    let value = item.value(expected, out)?;
    let bound = number(value).filter(|bound| bound.is_finite());
    if bound.is_none() {
        out.push(Diag::wrong_value(value, "threshold", expected));
    }
    Some((bound?, value.span()))
}

fn parse_errors(item: &Item, out: &mut Sink) -> Option<Numerator> {
    let expected = "a label with values such as `errors(outcome = [Error, Panicked])`";
    let conditions = parse_conditions(item, expected, out)?;
    if conditions.len() == 1 && conditions.iter().all(|(_, values)| !values.is_empty()) {
        return Some(conditions);
    }
    out.push(Diag::wrong_value(&item.path, "errors", expected));
    None
}

/// `objective: Some(&__dpm_objective_0),` of the descriptor; empty without one.
pub(super) fn expand_field(set: &SetModel, at: usize, metric: &MetricModel) -> TokenStream {
    if metric.objective.is_none() {
        return TokenStream::new();
    }
    let private = set.crate_path.private();
    let objective = objective_of(at);
    quote!(objective: #private::Some(&#objective),)
}

fn objective_of(at: usize) -> Ident {
    format_ident!("__dpm_objective_{at}")
}

/// ```ignore
/// const __dpm_objective_0: Objective = Objective { percent: 99.9, indicator: Indicator::Latency { threshold: 0.1 } };
/// ```
pub(super) fn expand_constant(set: &SetModel, at: usize, metric: &MetricModel) -> TokenStream {
    let Some(model) = &metric.objective else {
        return TokenStream::new();
    };
    let private = set.crate_path.private();
    let percent = model.percent;
    let indicator = match metric.kind {
        Kind::Histogram => {
            let (threshold, _) = model.threshold.unwrap_or((0.0, model.span));
            quote!(#private::Indicator::Latency { threshold: #threshold })
        }
        Kind::Ratio => {
            let (counter, good) = numerator_of(set, metric);
            quote!(#private::Indicator::Ratio { counter: #counter, good: &[#good] })
        }
        _ => {
            let labels = labels_of(&private, metric);
            let errors = if let Some(errors) = &model.errors {
                conditions(&private, &labels, errors)
            } else {
                quote!(#private::check::failures(#labels))
            };
            quote!(#private::Indicator::Availability { errors: #errors })
        }
    };
    let objective = objective_of(at);
    quote! {
        const #objective: #private::Objective = #private::Objective {
            percent: #percent,
            indicator: #indicator,
        };
    }
}

/// The name of a ratio's counter, and what the numerator asks of it. That there is no such counter is reported already.
fn numerator_of<'a>(set: &'a SetModel, metric: &MetricModel) -> (&'a str, TokenStream) {
    let found = metric.ratio.as_ref().and_then(|ratio| {
        let counter = |other: &&MetricModel| other.field == ratio.counter;
        Some((ratio, set.metrics.iter().find(counter)?))
    });
    let Some((ratio, counter)) = found else {
        return ("", TokenStream::new());
    };
    let private = set.crate_path.private();
    let labels = labels_of(&private, counter);
    (
        &counter.name,
        conditions(&private, &labels, &ratio.numerator),
    )
}

fn labels_of(private: &TokenStream, metric: &MetricModel) -> TokenStream {
    let ty = &metric.ty;
    quote!(<<#ty as #private::Metric>::Labels as #private::LabelSet>::LABELS)
}

fn conditions(private: &TokenStream, labels: &TokenStream, conditions: &Numerator) -> TokenStream {
    let conditions = conditions.iter().map(|(label, values)| {
        let name = label.unraw().to_string();
        let values = values
            .iter()
            .map(|(value, _)| quote!(#private::check::label_value(#labels, #name, #value)));
        quote!(#private::Condition { label: #name, values: &[#(#values),*] })
    });
    quote!(#(#conditions),*)
}

/// What the compiler checks because it knows the buckets and the labels.
pub(super) fn expand_checks(
    set: &SetModel,
    metric: &MetricModel,
    descriptor: &TokenStream,
) -> TokenStream {
    let Some(model) = &metric.objective else {
        return TokenStream::new();
    };
    let private = set.crate_path.private();
    let check = |span, function, arguments: &TokenStream| {
        assertion(&set.crate_path, span, function, arguments)
    };
    if let Some((threshold, span)) = model.threshold {
        return check(
            span,
            "threshold_is_a_bound",
            &quote!(#descriptor, #threshold),
        );
    }
    if metric.kind != Kind::Counter {
        return TokenStream::new();
    }
    let labels = labels_of(&private, metric);
    let Some(errors) = &model.errors else {
        return check(model.span, "tells_failures", descriptor);
    };
    let mut checks = TokenStream::new();
    for (label, values) in errors {
        let name = label.unraw().to_string();
        checks.extend(check(label.span(), "has_label", &quote!(#labels, #name)));
        for (value, span) in values {
            let arguments = quote!(#labels, #name, #value);
            checks.extend(check(*span, "has_label_value", &arguments));
        }
    }
    checks
}
