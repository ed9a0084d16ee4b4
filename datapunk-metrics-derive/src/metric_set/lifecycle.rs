//! How long samples are kept, and names and metrics that go: `retention`, `renamed_from`, `deprecated`, `until`.

use datapunk_metrics_conventions::{
    Retention, closest, is_metric_name, name_halves, name_hash, name_pairs, version_numbers,
};
use proc_macro2::{Span, TokenStream};
use quote::quote;

use super::model::{MetricModel, SetModel};
use crate::attr::Item;
use crate::diag::{Diag, Sink, list, path_text};
use crate::expand::assertion;

/// What the attributes of one metric say.
#[derive(Default)]
pub(crate) struct Lifecycle {
    pub(crate) retention: Option<Retention>,
    /// The whole former name.
    pub(crate) renamed_from: Option<(String, Span)>,
    /// Why it goes.
    pub(crate) deprecated: Option<(String, Span)>,
    pub(crate) until: Option<(String, Span)>,
}

/// A class of [`Retention`].
pub(super) fn parse_retention(item: &Item, out: &mut Sink) -> Option<Retention> {
    let path = item.path_value("a retention class such as `compliance`", out)?;
    let word = path_text(&path);
    let class = Retention::from_name(&word);
    if class.is_none() {
        let classes = Retention::ALL.map(|class| class.as_str());
        out.push(
            Diag::at(&path, format!("unknown retention class `{word}`")).help(
                match closest(&word, classes) {
                    Some(near) => format!("a class with a similar name exists: `{near}`"),
                    None => format!("the classes are {}", list(&classes)),
                },
            ),
        );
    }
    class
}

impl Lifecycle {
    /// Reads one of the keys.
    pub(super) fn read(&mut self, item: &Item, out: &mut Sink) {
        match item.key.as_str() {
            "retention" => self.retention = parse_retention(item, out),
            "renamed_from" => {
                self.renamed_from = item.string(
                    "the whole former name such as `\"lake_searches_total\"`",
                    out,
                );
            }
            "deprecated" => {
                self.deprecated = item.string(
                    "a text that says what to use instead such as `\"count `lake_searches_total` instead\"`",
                    out,
                );
            }
            _ => {
                self.until = item.string("a version such as `\"2.0.0\"`", out);
            }
        }
    }

    /// The help text as it is exposed.
    fn help(&self, help: &str) -> String {
        match (&self.deprecated, &self.until) {
            (Some((reason, _)), Some((until, _))) => leaving(help, reason, until),
            _ => help.to_owned(),
        }
    }
}

/// The help of what goes.
fn leaving(help: &str, reason: &str, until: &str) -> String {
    format!("{help} Deprecated: {reason}; gone from version {until} on.")
}

pub(super) fn check(set: &SetModel, metric: &MetricModel, out: &mut Sink) {
    what_goes_has_an_end(metric, out);
    only_what_goes_has_an_end(metric, out);
    end_is_a_version(metric, out);
    metric_stays_or_goes(metric, out);
    reason_is_written(metric, out);
    former_name_is_a_name(metric, out);
    former_name_is_free(set, metric, out);
}

// Two names for ever are two metrics; the window that both are there is stated, and ends.
fn what_goes_has_an_end(metric: &MetricModel, out: &mut Sink) {
    if metric.lifecycle.until.is_some() || metric.is_unread("until") {
        return;
    }
    let (key, fact) = if metric.lifecycle.renamed_from.is_some() {
        (
            "renamed_from",
            format!("the former name of `{}` has no end", metric.name),
        )
    } else if metric.lifecycle.deprecated.is_some() {
        (
            "deprecated",
            format!("metric `{}` is deprecated without an end", metric.name),
        )
    } else {
        return;
    };
    out.push(
        Diag::at_span(metric.place_of(key), fact)
            .note("dashboards and alert rules have until then to change over")
            .help("add `until = \"2.0.0\"` with the version of this crate that is without it"),
    );
}

fn only_what_goes_has_an_end(metric: &MetricModel, out: &mut Sink) {
    let goes = ["renamed_from", "deprecated"]
        .iter()
        .any(|key| metric.keys.iter().any(|(known, _)| known == key) || metric.is_unread(key));
    if metric.lifecycle.until.is_none() || goes {
        return;
    }
    out.push(
        Diag::at_span(
            metric.place_of("until"),
            format!("`until` has no effect on `{}`, which stays", metric.name),
        )
        .help("remove `until`, or say what goes: `renamed_from = \"…\"` or `deprecated = \"…\"`"),
    );
}

// A date would break a build that nobody changed; a version ends the window when somebody makes it.
fn end_is_a_version(metric: &MetricModel, out: &mut Sink) {
    let Some((until, span)) = &metric.lifecycle.until else {
        return;
    };
    if version_numbers(until).is_none() {
        out.push(
            Diag::at_span(*span, format!("`{until}` is not a version"))
                .note("it is the first version of this crate without the name, and the build of that version says so")
                .help("write `until = \"2.0.0\"`"),
        );
    }
}

fn metric_stays_or_goes(metric: &MetricModel, out: &mut Sink) {
    let lifecycle = &metric.lifecycle;
    if let (Some((_, span)), Some(_)) = (&lifecycle.renamed_from, &lifecycle.deprecated) {
        out.push(
            Diag::at_span(
                *span,
                format!(
                    "metric `{}` is deprecated and renamed at the same time",
                    metric.name
                ),
            )
            .help("remove `renamed_from`, since what goes needs no new name, or `deprecated`"),
        );
    }
}

fn reason_is_written(metric: &MetricModel, out: &mut Sink) {
    let Some((reason, span)) = &metric.lifecycle.deprecated else {
        return;
    };
    if reason.trim().is_empty() {
        out.push(
            Diag::at_span(
                *span,
                format!("metric `{}` is deprecated without a reason", metric.name),
            )
            .note("the reason is part of its help, which is what the people who use it read")
            .help("say what to use instead"),
        );
    }
}

// A former name may break the standard, which may be why it went, but not a scrape.
fn former_name_is_a_name(metric: &MetricModel, out: &mut Sink) {
    let Some((former, span)) = &metric.lifecycle.renamed_from else {
        return;
    };
    // A colon can be read, and is kept for recording rules.
    if !is_metric_name(former) || former.contains(':') {
        out.push(
            Diag::at_span(*span, format!("`{former}` is not a metric name"))
                .note("a name has letters, digits and underscores, and no digit in front")
                .help("write the whole former name as it is exposed, namespace included"),
        );
    }
}

fn former_name_is_free(set: &SetModel, metric: &MetricModel, out: &mut Sink) {
    let Some((former, span)) = &metric.lifecycle.renamed_from else {
        return;
    };
    if metric.is_unread("name") {
        return;
    }
    if *former == metric.name {
        out.push(
            Diag::at_span(
                *span,
                format!("metric `{former}` is renamed from its own name"),
            )
            .help("write the name that it had, or remove `renamed_from`"),
        );
        return;
    }
    if ["_total", "_info"].iter().any(|suffix| {
        metric.name.strip_suffix(suffix) == Some(former)
            || former.strip_suffix(suffix) == Some(&metric.name)
    }) {
        out.push(
            Diag::at_span(
                *span,
                format!(
                    "`{former}` and `{}` can't be exposed at the same time",
                    metric.name
                ),
            )
            .note("OpenMetrics takes the suffix off, so both would be one family")
            .help("remove `renamed_from` and rename at once, or choose another new name"),
        );
        return;
    }
    let taken = set.metrics.iter().any(|other| other.name == *former)
        || set
            .metrics
            .iter()
            .take_while(|other| other.field != metric.field)
            .filter_map(|other| other.lifecycle.renamed_from.as_ref())
            .any(|(name, _)| name == former);
    if taken {
        out.push(
            Diag::at_span(
                *span,
                format!("metric `{former}` is already defined in `{}`", set.ident),
            )
            .help("a former name belongs to one metric; remove `renamed_from` from the others"),
        );
    }
}

/// What the descriptor says, beyond what every descriptor does: `retention: …, lifecycle: …,`.
pub(super) fn expand_fields(set: &SetModel, metric: &MetricModel) -> TokenStream {
    let private = set.crate_path.private();
    let lifecycle = &metric.lifecycle;
    let mut fields = TokenStream::new();
    if let Some(class) = lifecycle.retention.or(set.retention) {
        let class = match class {
            Retention::HighFrequency => quote!(HighFrequency),
            Retention::MediumFrequency => quote!(MediumFrequency),
            Retention::LowFrequency => quote!(LowFrequency),
            Retention::Compliance => quote!(Compliance),
        };
        fields.extend(quote!(retention: #private::Retention::#class,));
    }
    let until = lifecycle.until.as_ref().map(|(until, _)| until);
    if let Some((name, _)) = &lifecycle.renamed_from {
        fields.extend(quote!(
            lifecycle: &#private::Lifecycle::RenamedFrom { name: #name, until: #until },
        ));
    }
    if let Some((reason, _)) = &lifecycle.deprecated {
        fields.extend(quote!(
            lifecycle: &#private::Lifecycle::Deprecated { reason: #reason, until: #until },
        ));
    }
    fields
}

/// The help text of the descriptor.
pub(super) fn help(metric: &MetricModel) -> String {
    metric.lifecycle.help(&metric.help)
}

/// The metric under its former name, as an `Option` of a descriptor; `descriptor` is what it is under the new one.
pub(super) fn expand_former(
    set: &SetModel,
    metric: &MetricModel,
    descriptor: &TokenStream,
) -> TokenStream {
    let private = set.crate_path.private();
    let (Some((name, _)), Some((until, _))) =
        (&metric.lifecycle.renamed_from, &metric.lifecycle.until)
    else {
        return quote!(#private::None);
    };
    let (hash, pairs, halves) = (name_hash(name), name_pairs(name), name_halves(name));
    let reason = format!("renamed to `{}`", metric.name);
    let help = leaving(&metric.help, &reason, until);
    quote! {
        #private::Some(&#private::MetricDescriptor {
            name: #name,
            hash: #hash,
            pairs: #pairs,
            halves: #halves,
            help: #help,
            lifecycle: &#private::Lifecycle::Deprecated { reason: #reason, until: #until },
            ..*#descriptor
        })
    }
}

/// The check that the version which ends the window is not there yet.
pub(super) fn expand_checks(set: &SetModel, metric: &MetricModel) -> TokenStream {
    let private = set.crate_path.private();
    let lifecycle = &metric.lifecycle;
    let Some((until, span)) = &lifecycle.until else {
        return TokenStream::new();
    };
    let name = &metric.name;
    let former = lifecycle.renamed_from.as_ref().map_or("", |(name, _)| name);
    // Not every build system says which version it builds; without one there is nothing to compare.
    let arguments = quote!(#private::option_env!("CARGO_PKG_VERSION"), #until, #name, #former);
    assertion(&set.crate_path, *span, "is_not_over", &arguments)
}
