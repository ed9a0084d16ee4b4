//! The rules that see names and literals. Each is a function that is named as the statement it holds a metric to.
//! What needs types is checked by constant assertions, which `expand` writes.

use datapunk_metrics_conventions::{
    Finding, Kind, MetricFacts, Openness, Profile, Rule, check_buckets, check_help,
    check_label_name, check_label_value, check_metric_name, check_namespace, check_namespace_words,
    closest, fixed_local_name, fixed_metric_name, fixed_namespace, last_word,
};
use syn::Type;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::lifecycle;
use super::model::{Buckets, Initial, MetricModel, SetModel};
use crate::attr::string_literal;
use crate::diag::{Diag, Sink};
use crate::expand::line;
use crate::organisation::Organisation;

pub(crate) fn check(set: &SetModel, organisation: &Organisation, out: &mut Sink) {
    organisation.report(set.ident.span(), out);
    namespace_is_conventional(set, out);
    namespace_words_are_conventional(set, out);
    for metric in &set.metrics {
        let mut used = Vec::new();
        name_is_conventional(set.profile, metric, &mut used, out);
        help_is_written(metric, organisation, &mut used, out);
        buckets_are_ordered(metric, out);
        histogram_has_buckets(metric, out);
        state_declares_its_start(metric, out);
        constant_labels_are_allowed(set.profile, metric, organisation, &mut used, out);
        ratio_is_of_a_counter(set, metric, out);
        read_has_no_start(metric, out);
        lifecycle::check(set, metric, out);
        for waiver in &metric.waivers {
            // The linker and the compiler find these, not the macro.
            let seen_later = matches!(waiver.rule, Rule::Duplicate | Rule::Cardinality);
            if !seen_later && !used.contains(&waiver.rule) {
                out.push(crate::label::useless_waiver(
                    waiver,
                    &format!("metric `{}`", metric.name),
                ));
            }
        }
    }
    names_differ(set, out);
    roles_differ(set, out);
    call_labels_have_a_role(set, out);
}

fn is_waived(metric: &MetricModel, rule: Rule, used: &mut Vec<Rule>) -> bool {
    used.push(rule);
    // A waiver that can't be read may be this one.
    rule.waivable()
        && (metric.is_unread("allow") || metric.waivers.iter().any(|waiver| waiver.rule == rule))
}

// A set's names begin with one system: lower-case words joined by single underscores.
fn namespace_is_conventional(set: &SetModel, out: &mut Sink) {
    let Some((namespace, span)) = &set.namespace else {
        return;
    };
    let findings = check_namespace(set.profile, namespace);
    let Some(finding) = findings.first() else {
        return;
    };
    let spelled = fixed_namespace(namespace);
    let fixed = match check_namespace_words(set.profile, &spelled)
        .into_iter()
        .next()
    {
        Some(Finding { fix: Some(fix), .. }) => fix,
        _ => spelled,
    };
    out.push(Diag::finding(*span, finding).help(format!("write `namespace = \"{fixed}\"`")));
}

// Units and metric types in the namespace are found in every name, and reported once, where they are written.
fn namespace_words_are_conventional(set: &SetModel, out: &mut Sink) {
    let (Some((_, span)), Some(first)) = (&set.namespace, set.metrics.first()) else {
        return;
    };
    for finding in namespace_words(set.profile, first) {
        let holds_for_all = set
            .metrics
            .iter()
            .all(|metric| is_waived(metric, finding.rule, &mut Vec::new()));
        if holds_for_all {
            continue;
        }
        let diag = Diag::finding(*span, &finding);
        out.push(match &finding.fix {
            Some(fix) => diag.help(format!("write `namespace = \"{fix}\"`")),
            None => diag,
        });
    }
}

/// What the words of a metric's namespace break.
fn namespace_words(profile: Profile, metric: &MetricModel) -> Vec<Finding> {
    match metric.prefix.strip_suffix('_') {
        Some(namespace) => check_namespace_words(profile, namespace),
        None => Vec::new(),
    }
}

/// The suffix that the type of a histogram's unit asks for.
///
/// A unit that the macro does not know vouches for the last word of the name; that it is right is asserted later.
fn unit_suffix(metric: &MetricModel) -> Option<String> {
    let Type::Path(path) = metric.unit.as_ref()? else {
        return None;
    };
    let suffix = match path.path.segments.last()?.ident.to_string().as_str() {
        "Seconds" => "seconds",
        "Bytes" => "bytes",
        "Items" => "",
        "Fraction" => "ratio",
        "Celsius" => "celsius",
        "Joules" => "joules",
        "Volts" => "volts",
        "Amperes" => "amperes",
        "Meters" => "meters",
        "Grams" => "grams",
        "Cores" => "cores",
        _ => return Some(last_word(&metric.name)),
    };
    Some(suffix.to_owned())
}

fn name_is_conventional(
    profile: Profile,
    metric: &MetricModel,
    used: &mut Vec<Rule>,
    out: &mut Sink,
) {
    if metric.is_unread("name") {
        // Any waiver may be about the name that is not known.
        used.extend(Rule::ALL);
        return;
    }
    // What is wrong with the namespace is reported there; the name is looked at as if that were mended.
    let mut prefix = metric.prefix.clone();
    for finding in namespace_words(profile, metric) {
        match &finding.fix {
            Some(fix) if !is_waived(metric, finding.rule, used) => prefix = format!("{fix}_"),
            _ => {}
        }
    }
    let local = metric
        .name
        .strip_prefix(&metric.prefix)
        .unwrap_or(&metric.name);
    let name = format!("{prefix}{local}");
    let unit = unit_suffix(metric);
    let facts = MetricFacts {
        profile,
        kind: metric.kind,
        name: &name,
        unit: unit.as_deref(),
        in_flight: metric.in_flight(),
    };
    let findings: Vec<Finding> = check_metric_name(&facts)
        .into_iter()
        .filter(|finding| !is_waived(metric, finding.rule, used))
        .collect();
    if findings.is_empty() {
        return;
    }
    let waived: Vec<Rule> = metric.waivers.iter().map(|waiver| waiver.rule).collect();
    let help = match fixed_local_name(&facts, &prefix, &waived) {
        Some(local) => rename_help(metric, &local),
        None => format!("give the metric the name `{}`", fixed_metric_name(&facts)),
    };
    for finding in &findings {
        out.push(Diag::finding(metric.name_span, finding).help(&help));
    }
}

/// What to type so that the metric is named `local`, behind its namespace.
fn rename_help(metric: &MetricModel, local: &str) -> String {
    let is_field_name = syn::parse_str::<syn::Ident>(local).is_ok();
    if metric.is_named || !is_field_name {
        format!("write `name = \"{local}\"`")
    } else {
        format!("rename the field to `{local}`")
    }
}

// An operator reads the help where there is no code at hand.
fn help_is_written(
    metric: &MetricModel,
    organisation: &Organisation,
    used: &mut Vec<Rule>,
    out: &mut Sink,
) {
    for finding in check_help(&metric.name, &metric.help, &organisation.prefixes()) {
        if is_waived(metric, finding.rule, used) {
            continue;
        }
        let diag = Diag::finding(metric.field.span(), &finding);
        out.push(if finding.rule == Rule::PersonalData {
            diag.help("if it is none, add `#[metric(allow(personal_data, reason = \"…\"))]`")
        } else {
            diag
        });
    }
}

// Cumulative buckets need bounds that rise; `+Inf` is always there.
fn buckets_are_ordered(metric: &MetricModel, out: &mut Sink) {
    let Some(Buckets::Listed(bounds, list)) = &metric.buckets else {
        return;
    };
    let values: Vec<f64> = bounds.iter().map(|(bound, _)| *bound).collect();
    for found in check_buckets(&values) {
        let span = found
            .index
            .and_then(|index| bounds.get(index))
            .map_or(*list, |(_, span)| *span);
        let mut diag = Diag::finding(span, &found.finding);
        if let Some(fix) = &found.finding.fix {
            diag = diag.help(format!("write `buckets = {fix}`"));
        }
        out.push(diag);
    }
}

// Buckets that fit every size or temperature do not exist; those of the standard are for latencies.
fn histogram_has_buckets(metric: &MetricModel, out: &mut Sink) {
    if metric.kind != Kind::Histogram || metric.buckets.is_some() || metric.is_unread("buckets") {
        return;
    }
    let known_without = [
        "Bytes", "Items", "Fraction", "Celsius", "Joules", "Volts", "Amperes", "Meters", "Grams",
        "Cores",
    ];
    let Some(Type::Path(path)) = &metric.unit else {
        return;
    };
    let Some(last) = path.path.segments.last() else {
        return;
    };
    if known_without.contains(&last.ident.to_string().as_str()) {
        out.push(
            Diag::missing_key(
                &metric.field,
                &format!("histogram `{}`", metric.name),
                "buckets",
                "write `#[metric(buckets = [256, 4096, 65536])]` with the bounds that its values need",
            )
            .note(format!("`{}` has no buckets of its own; `Seconds` has", last.ident)),
        );
    }
}

// Where 0 means open or failed, a gauge that starts at 0 raises a false alert.
fn state_declares_its_start(metric: &MetricModel, out: &mut Sink) {
    if metric.kind == Kind::State && metric.initial.is_none() && !metric.is_unread("initial") {
        out.push(
            Diag::missing_key(
                &metric.field,
                &format!("state `{}`", metric.name),
                "initial",
                "write `#[metric(initial = absent)]`, or `initial = ` and the variant it starts in",
            )
            .note("a state that starts at 0 by chance raises a false alert where 0 means open or failed"),
        );
    }
    if metric.in_flight()
        && let Some(Initial::Absent) = metric.initial
    {
        out.push(
            Diag::at_span(
                metric.place_of("initial"),
                format!(
                    "gauge `{}` counts what is in flight and can't be absent",
                    metric.name
                ),
            )
            .help("remove `initial`; it starts at 0"),
        );
    }
}

fn constant_labels_are_allowed(
    profile: Profile,
    metric: &MetricModel,
    organisation: &Organisation,
    used: &mut Vec<Rule>,
    out: &mut Sink,
) {
    for (at, label) in metric.constant_labels.iter().enumerate() {
        let name = label.name.unraw().to_string();
        let mut findings = check_label_name(profile, &name, Openness::Closed);
        if profile == Profile::Datapunk {
            organisation.add_to(&mut findings, &name, Openness::Closed);
        }
        for finding in findings {
            if is_waived(metric, finding.rule, used) {
                continue;
            }
            let mut diag = Diag::finding(label.name.span(), &finding);
            if let Some(fix) = &finding.fix {
                diag = diag.help(format!("write `{fix}`"));
            }
            if finding.rule == Rule::PersonalData {
                diag = diag.help(
                    "if the word means something else here, add `allow(personal_data, reason = \"…\")`",
                );
            }
            out.push(diag);
        }
        if let Some(value) = string_literal(&label.value) {
            for finding in check_label_value(&value, &organisation.prefixes()) {
                let diag = Diag::finding(label.value.span(), &finding);
                out.push(match &finding.fix {
                    Some(fix) => diag.help(format!("write `{name} = {fix:?}`")),
                    None => diag,
                });
            }
        }
        if metric.constant_labels[..at]
            .iter()
            .any(|first| first.name == label.name)
        {
            out.push(
                Diag::at(&label.name, format!("label `{name}` is already defined"))
                    .help("remove one of the two"),
            );
        }
    }
    if metric.kind == Kind::Info && metric.constant_labels.is_empty() && !metric.is_unread("labels")
    {
        out.push(Diag::missing_key(
            &metric.field,
            &format!("info `{}`", metric.name),
            "labels",
            "write `#[metric(labels(version = env!(\"CARGO_PKG_VERSION\")))]`",
        ));
    }
}

fn ratio_is_of_a_counter(set: &SetModel, metric: &MetricModel, out: &mut Sink) {
    let Some(ratio) = &metric.ratio else { return };
    let counters: Vec<String> = set
        .metrics
        .iter()
        .filter(|other| other.kind == Kind::Counter && other.read.is_none())
        .map(|other| other.field.to_string())
        .collect();
    let word = ratio.counter.to_string();
    if counters.contains(&word) {
        return;
    }
    let other = set
        .metrics
        .iter()
        .find(|other| other.field == ratio.counter);
    let fact = match other {
        Some(other) if other.read.is_some() => {
            format!("`{word}` is read at scrape time, which a ratio can't be of")
        }
        Some(other) => format!("`{word}` is a {}, not a counter", other.kind.as_str()),
        None => format!("the set `{}` has no counter `{word}`", set.ident),
    };
    let diag = Diag::at(&ratio.counter, fact);
    out.push(match closest(&word, counters.iter().map(String::as_str)) {
        Some(near) => diag.help(format!("a counter with a similar name exists: `{near}`")),
        None => diag.help("name the field of a counter of this set"),
    });
}

fn read_has_no_start(metric: &MetricModel, out: &mut Sink) {
    if metric.read.is_none() {
        return;
    }
    let useless = [
        (metric.initial.is_some(), "initial"),
        (!metric.zero.is_empty(), "zero"),
        (metric.role.is_some(), "role"),
    ];
    for (given, key) in useless {
        if given {
            out.push(
                Diag::at_span(
                    metric.place_of(key),
                    format!(
                        "`{key}` has no effect on `{}`, which is read at scrape time",
                        metric.name
                    ),
                )
                .help(format!("remove `{key}`, or `read`")),
            );
        }
    }
}

fn names_differ(set: &SetModel, out: &mut Sink) {
    for (at, metric) in set.metrics.iter().enumerate() {
        let Some(first) = set.metrics[..at].iter().find(|first| {
            first.name == metric.name && !first.is_unread("name") && !metric.is_unread("name")
        }) else {
            continue;
        };
        out.push(
            Diag::at_span(
                metric.name_span,
                format!(
                    "metric `{}` is already defined in `{}`",
                    metric.name, set.ident
                ),
            )
            .note(format!(
                "the field `{}` on line {} defines it",
                first.field,
                line(first.field.span())
            ))
            .help("rename one of the two, or join them under one label"),
        );
    }
}

// Labels of calls that nothing records say something of the set that is not so.
fn call_labels_have_a_role(set: &SetModel, out: &mut Sink) {
    let has_no_role = |metric: &MetricModel| metric.role.is_none() && !metric.is_unread("role");
    if let Some(labels) = &set.call_labels
        && set.metrics.iter().all(has_no_role)
    {
        out.push(
            Diag::at(
                labels,
                format!(
                    "`labels` has no effect on `{}`, no metric of which has a role",
                    set.ident
                ),
            )
            .note("they are the labels of the calls that `#[instrument_metrics(set = …)]` records")
            .help("write `#[metric(role = calls)]` on a counter of calls, or remove `labels`"),
        );
    }
}

// A call is counted once, and it has one duration.
fn roles_differ(set: &SetModel, out: &mut Sink) {
    for (at, metric) in set.metrics.iter().enumerate() {
        let Some((role, span)) = metric.role else {
            continue;
        };
        if set.metrics[..at]
            .iter()
            .any(|first| matches!(first.role, Some((known, _)) if known == role))
        {
            out.push(
                Diag::at_span(
                    span,
                    format!("role `{}` is given twice in `{}`", role.word(), set.ident),
                )
                .help("remove one of the two"),
            );
        }
    }
}
