//! The rules of an instrumented function. Each is named as the statement it holds the function to.

use datapunk_metrics_conventions::{
    Finding, Kind, MetricFacts, Openness, check_label_name, check_metric_name, check_namespace,
    fixed_metric_name, fixed_namespace,
};
use syn::ext::IdentExt;
use syn::{ReturnType, Type};

use super::function::Function;
use super::model::{Attr, Model, ModelWay, Own};
use crate::diag::{Diag, Sink};

/// Suffix, kind and unit of each metric of a function's own.
pub(crate) const METRICS: [(&str, Kind, Option<&str>); 3] = [
    ("calls_total", Kind::Counter, None),
    ("duration_seconds", Kind::Histogram, Some("seconds")),
    ("in_flight_current", Kind::Gauge, None),
];

pub(crate) fn check_function(function: &Function, out: &mut Sink) {
    function_runs_at_run_time(function, out);
    function_returns(function, out);
    future_is_seen(function, out);
}

pub(crate) fn check(model: &Model<'_>, function: &Function, out: &mut Sink) {
    labels_differ(model.attr, out);
    if let ModelWay::Own(own) = &model.way {
        system_is_conventional(own, out);
        names_are_conventional(own, out);
        labels_are_allowed(model.attr, own, out);
        labels_are_known_at_start(model.attr, own, out);
    }
    errors_come_from_results(model.attr, function, out);
}

fn function_runs_at_run_time(function: &Function, out: &mut Sink) {
    if let Some(constness) = &function.sig.constness {
        out.push(
            Diag::at(constness, format!("`{}` is a `const fn`, whose calls can't be recorded", function.sig.ident))
                .help("remove `const`; in an impl block, `#[instrument_metrics(skip)]` leaves the function out"),
        );
    }
}

fn function_returns(function: &Function, out: &mut Sink) {
    if let ReturnType::Type(_, ty) = &function.sig.output
        && let Type::Never(never) = &**ty
    {
        out.push(
            Diag::at(never, format!("`{}` never returns, so its calls never end", function.sig.ident))
                .help("remove the attribute; in an impl block, `#[instrument_metrics(skip)]` leaves the function out"),
        );
    }
}

// A function that only makes a future returns at once; counting that would show calls without their work.
fn future_is_seen(function: &Function, out: &mut Sink) {
    if function.body().is_some() {
        return;
    }
    out.push(
        Diag::at(
            &function.sig.output,
            format!(
                "the future that `{}` returns can't be seen",
                function.sig.ident
            ),
        )
        .note("its body is watched where it ends in `async { … }` or `Box::pin(async { … })`")
        .help(format!(
            "write `async fn {}`, or end the body in an `async` block",
            function.sig.ident
        )),
    );
}

fn labels_differ(attr: &Attr, out: &mut Sink) {
    for (at, label) in attr.labels.iter().enumerate() {
        if attr.labels[..at]
            .iter()
            .any(|first| first.name == label.name)
        {
            out.push(
                Diag::at(
                    &label.name,
                    format!("label `{}` is already defined", label.name.unraw()),
                )
                .help("remove one of the two"),
            );
        }
    }
}

fn system_is_conventional(own: &Own<'_>, out: &mut Sink) {
    let (system, span) = &own.keys.system;
    if let Some(finding) = check_namespace(own.keys.profile, system).first() {
        let fixed = fixed_namespace(system);
        // What a namespace is called here.
        let finding = Finding {
            message: finding.message.replacen("namespace", "system", 1),
            ..finding.clone()
        };
        out.push(Diag::finding(*span, &finding).help(format!("write `system = \"{fixed}\"`")));
    }
}

// The names of all three metrics hold that of the function, so one mistake is reported once.
fn names_are_conventional(own: &Own<'_>, out: &mut Sink) {
    let system = fixed_namespace(&own.keys.system.0);
    let findings_of = |name: &str| {
        METRICS.map(|(suffix, kind, unit)| {
            let name = format!("{system}_{name}_{suffix}");
            check_metric_name(&facts(own, kind, &name, unit))
        })
    };
    let mut findings: Vec<Finding> = Vec::new();
    for finding in findings_of(&own.name).into_iter().flatten() {
        if !findings.iter().any(|known| known.rule == finding.rule) {
            findings.push(finding);
        }
    }
    if findings.is_empty() {
        return;
    }
    let fixed = METRICS
        .into_iter()
        .filter_map(|(suffix, kind, unit)| {
            let name = format!("{system}_{}_{suffix}", own.name);
            let fixed = fixed_metric_name(&facts(own, kind, &name, unit));
            let stem = fixed.strip_prefix(&system)?.strip_prefix('_')?;
            Some(stem.strip_suffix(suffix)?.strip_suffix('_')?.to_owned())
        })
        .find(|fixed| findings_of(fixed).iter().all(Vec::is_empty));
    let help = match fixed {
        Some(fixed) => format!("write `name = \"{fixed}\"`"),
        None => "write `name = \"…\"` with lower-case words joined by `_`".to_owned(),
    };
    for finding in findings {
        // The values are those of the macro; only the name can be mended.
        let finding = Finding {
            help: None,
            ..finding
        };
        out.push(Diag::finding(own.name_span, &finding).help(&help));
    }
}

fn facts<'a>(own: &Own<'_>, kind: Kind, name: &'a str, unit: Option<&'a str>) -> MetricFacts<'a> {
    MetricFacts {
        profile: own.keys.profile,
        kind,
        name,
        unit,
        in_flight: kind == Kind::Gauge,
    }
}

fn labels_are_allowed(attr: &Attr, own: &Own<'_>, out: &mut Sink) {
    for label in &attr.labels {
        let name = label.name.unraw().to_string();
        for finding in check_label_name(own.keys.profile, &name, Openness::Closed) {
            let mut diag = Diag::finding(label.name.span(), &finding);
            if let Some(fix) = &finding.fix {
                diag = diag.help(format!("write `{fix} = …`"));
            }
            out.push(diag);
        }
    }
}

// The outcome is a label of its own, and what a call ends with is not known when it starts.
fn labels_are_known_at_start(attr: &Attr, own: &Own<'_>, out: &mut Sink) {
    for (label, ty) in attr.labels.iter().zip(&own.types) {
        let name = label.name.unraw();
        if name == "outcome" {
            out.push(
                Diag::at(&label.name, "label `outcome` is already defined")
                    .note("it tells how the call ended")
                    .help("name the label otherwise"),
            );
            continue;
        }
        let Type::Path(path) = ty else { continue };
        let last = path.path.segments.last().map(|last| last.ident.to_string());
        if let Some(last @ ("Outcome" | "StatusCode" | "StatusClass")) = last.as_deref()
            && !label.is_of_error()
        {
            out.push(
                Diag::at(&label.value, format!("label `{name}` is of the type `{last}`, which tells how a call ended"))
                    .note("the metrics of a function have the label `outcome`")
                    .help("remove the label; for the status, record in a set: `#[instrument_metrics(set = …)]`"),
            );
        }
    }
}

fn errors_come_from_results(attr: &Attr, function: &Function, out: &mut Sink) {
    let returns_nothing = match &function.sig.output {
        ReturnType::Default => true,
        ReturnType::Type(_, ty) => matches!(&**ty, Type::Tuple(tuple) if tuple.elems.is_empty()),
    };
    if !returns_nothing {
        return;
    }
    for label in attr.labels.iter().filter(|label| label.is_of_error()) {
        out.push(
            Diag::at(
                &label.value,
                format!(
                    "`{}` returns no error that the label `{}` could come from",
                    function.sig.ident,
                    label.name.unraw()
                ),
            )
            .help("remove the label, or return a `Result`"),
        );
    }
}
