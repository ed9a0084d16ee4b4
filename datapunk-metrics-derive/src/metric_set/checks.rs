//! What is checked behind the macro, by the compiler and by the linker.

use datapunk_metrics_conventions::{Kind, Profile, Rule};
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::expand::descriptor_of;
use super::lifecycle;
use super::model::{Buckets, MetricModel, SetModel};
use super::objective;
use crate::expand::{CratePath, assertion};

/// What the compiler checks because it knows the types.
pub(crate) fn expand_checks(set: &SetModel, at: usize, metric: &MetricModel) -> TokenStream {
    let descriptor = descriptor_of(at);
    let place = place_of_labels(metric);
    let assertion = |span, function, arguments: &TokenStream| {
        assertion(&set.crate_path, span, function, arguments)
    };
    let mut checks = TokenStream::new();
    // With cells, how many there are says whether they fit.
    if !has_cells(metric) {
        checks.extend(assertion(place, "fits_its_budget", &descriptor));
    }
    if !metric.constant_labels.is_empty() && metric.labels.is_some() {
        checks.extend(assertion(place, "labels_differ", &descriptor));
    }
    if metric.kind == Kind::Histogram {
        checks.extend(match &metric.buckets {
            Some(Buckets::Path(path)) => assertion(path.span(), "buckets_fit", &descriptor),
            Some(Buckets::Listed(_, span)) => assertion(*span, "buckets_fit", &descriptor),
            None => {
                let MetricModel { ty, name, .. } = metric;
                let unit = metric.unit.as_ref().map_or(ty.span(), Spanned::span);
                let private = set.crate_path.private();
                let buckets = quote!(<#ty as #private::Metric>::DEFAULT_BUCKETS, #name);
                assertion(unit, "has_default_buckets", &buckets)
            }
        });
    }
    checks.extend(lifecycle::expand_checks(set, metric));
    checks.extend(objective::expand_checks(set, metric, &descriptor));
    for (value, span) in &metric.zero {
        checks.extend(assertion(
            *span,
            "zero_is_sparse",
            &quote!(#descriptor, #value),
        ));
    }
    checks
}

/// Whether the name of a histogram has to end in its unit; how many bounds it has says whether it does.
pub(crate) fn name_needs_its_unit(set: &SetModel, metric: &MetricModel) -> bool {
    // promlint does not ask for a unit.
    set.profile != Profile::Prometheus
        && !metric
            .waivers
            .iter()
            .any(|waiver| matches!(waiver.rule, Rule::Unit | Rule::Naming | Rule::Suffix))
}

/// Where a mistake in the number of its series is shown.
pub(crate) fn place_of_labels(metric: &MetricModel) -> Span {
    let labels = metric.labels.as_ref();
    labels.map_or(metric.ty.span(), Spanned::span)
}

/// Whether its values are kept in cells of its own.
pub(crate) fn has_cells(metric: &MetricModel) -> bool {
    match metric.kind {
        Kind::Histogram => true,
        Kind::Counter | Kind::Gauge | Kind::State => metric.read.is_none(),
        Kind::Info | Kind::Ratio => false,
    }
}

/// The symbol whose second definition the compiler or the linker refuses, with a name that says why.
///
/// A set that is exposed only where it is asked for has none: a program that does not ask may have metrics of its own
/// with these names.
pub(crate) fn expand_duplicate_symbol(set: &SetModel, metric: &MetricModel) -> TokenStream {
    let is_waived = metric
        .waivers
        .iter()
        .any(|waiver| waiver.rule == Rule::Duplicate);
    if is_waived || set.unlinked || cfg!(feature = "duplicates-at-run-time") {
        return TokenStream::new();
    }
    let former = &metric.lifecycle.renamed_from;
    let former = former.as_ref().map(|(name, span)| (name, *span));
    let names = [Some((&metric.name, metric.name_span)), former];
    let symbols = names.into_iter().flatten();
    symbols
        .map(|(name, span)| duplicate_symbol(&set.crate_path, name, span))
        .collect()
}

fn duplicate_symbol(crate_path: &CratePath, metric: &str, place: Span) -> TokenStream {
    let private = crate_path.private();
    let symbol = format!("datapunk_metrics__{metric}__is_declared_twice");
    let name = format_ident!("__dpm_{metric}_is_declared_twice");
    // `forbid(unsafe_code)` looks at the span: a user's own would be refused. The place stays that of the name.
    let span = Span::call_site().located_at(place);
    quote_spanned! {span=>
        #[unsafe(export_name = #symbol)]
        #[used]
        static #name: #private::u8 = 0;
    }
}
