//! From the model to code. What is written depends on the model alone and can't fail.

use datapunk_metrics_conventions::{Kind, Profile, name_halves, name_hash, name_pairs, units};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::calls::expand_instrument;
use super::checks::{
    expand_checks, expand_duplicate_symbol, has_cells, name_needs_its_unit, place_of_labels,
};
use super::lifecycle;
use super::model::{Buckets, Initial, MetricModel, SetModel};
use super::objective;
use crate::expand::{assertion, hidden, line};
use crate::label::expand_waiver;
use crate::organisation::Organisation;
use crate::words::spell;

/// ```ignore
/// static cells_of_metric_0: Storage<[Cell; cells(&__dpm_metrics[0])]> = Storage::new().of(&__dpm_metrics[0]);
/// const __dpm_bounds_1: &[f64] = &[0.001, 0.01];           // histograms
/// static __dpm_entry: SetEntry = …;                        // what a registry reads
/// impl MetricSet for LakeMetrics { const METRICS: Self = Self { storage_operations_total: counter(&cells_of_metric_0), … }; }
/// ```
pub(crate) fn expand(set: &SetModel, organisation: &Organisation) -> TokenStream {
    let watched = organisation.watch(&set.crate_path);
    let prefixes = organisation.prefixes();
    let private = set.crate_path.private();
    let mut statics = TokenStream::new();
    let mut descriptors = TokenStream::new();
    let mut entries = TokenStream::new();
    let mut checks = TokenStream::new();
    for (at, metric) in set.metrics.iter().enumerate() {
        statics.extend(expand_statics(set, at, metric));
        statics.extend(objective::expand_constant(set, at, metric));
        descriptors.extend(expand_descriptor(set, at, metric));
        entries.extend(expand_entry(set, at, metric));
        checks.extend(expand_checks(set, at, metric));
        checks.extend(expand_duplicate_symbol(set, metric));
    }
    let descriptor = expand_set_descriptor(set, &descriptors);
    let nested_entries = set.nested.iter().map(|nested| {
        let ty = &nested.ty;
        let private = set.crate_path.private_at(ty.span());
        quote_spanned!(ty.span()=> <#ty as #private::MetricSet>::ENTRY)
    });
    let ident = &set.ident;
    let impls = expand_impls(set, &quote!(&__dpm_descriptor), &quote!(&__dpm_entry));
    let instrument = expand_instrument(set);
    let linked = (!set.unlinked).then(|| {
        quote! {
            #[#private::linkme::distributed_slice(#private::LINKED_SETS)]
            #[linkme(crate = #private::linkme)]
            static __dpm_linked: &'static #private::SetEntry = &__dpm_entry;
        }
    });
    hidden(&quote! {
        #statics
        #descriptor
        static __dpm_entry: #private::SetEntry = #private::SetEntry {
            descriptor: <#ident as #private::MetricSet>::DESCRIPTOR,
            metrics: &[#entries],
            nested: &[#(#nested_entries),*],
            secret_prefixes: &[#(#prefixes),*],
        };
        #watched

        #linked
        #impls
        #instrument
        #checks
    })
}

/// Handles without cells for a set that was refused.
pub(crate) fn stub(set: &SetModel) -> TokenStream {
    let private = set.crate_path.private();
    let statics = set.metrics.iter().enumerate().map(|(at, metric)| {
        let cells = cells_of(at);
        let ratio = ratio_of(at);
        match metric.kind {
            Kind::Info => TokenStream::new(),
            Kind::Ratio => quote!(static #ratio: #private::RatioSource = #private::NO_RATIO;),
            _ => quote!(static #cells: #private::Storage<[#private::Cell; 0]> = #private::Storage::new();),
        }
    });
    let bounds = set
        .metrics
        .iter()
        .enumerate()
        .filter(|(_, metric)| metric.kind == Kind::Histogram)
        .map(|(at, _)| {
            let encoded = encoded_of(at);
            quote!(const #encoded: &[#private::u64] = &[];)
        });
    let impls = expand_impls(
        set,
        &quote!(&#private::NO_SET),
        &quote!(&#private::NO_ENTRY),
    );
    let instrument = expand_instrument(set);
    hidden(&quote!(#(#statics)* #(#bounds)* #impls #instrument))
}

/// The names of the items whose lengths are checks are shown where one fails, behind what is wrong.
fn cells_of(at: usize) -> Ident {
    format_ident!("cells_of_metric_{at}")
}

fn encoded_of(at: usize) -> Ident {
    format_ident!("bounds_of_metric_{at}")
}

fn ratio_of(at: usize) -> Ident {
    format_ident!("__dpm_ratio_{at}")
}

/// The metric set's constants, as a trait's and, for those who do not import the trait, the type's own.
fn expand_impls(set: &SetModel, descriptor: &TokenStream, entry: &TokenStream) -> TokenStream {
    let private = set.crate_path.private();
    let ident = &set.ident;
    let handles = set
        .metrics
        .iter()
        .enumerate()
        .map(|(at, metric)| expand_handle(set, at, metric));
    let nested = set.nested.iter().map(|nested| {
        let (field, ty) = (&nested.field, &nested.ty);
        let private = set.crate_path.private_at(ty.span());
        quote_spanned!(ty.span()=> #field: <#ty as #private::MetricSet>::METRICS,)
    });
    let fields = set
        .metrics
        .iter()
        .map(|metric| &metric.field)
        .chain(set.nested.iter().map(|nested| &nested.field));
    let names = (0..set.metrics.len() + set.nested.len()).map(|at| format_ident!("__dpm_{at}"));
    let body = quote! {
        const METRICS: Self = Self { #(#handles)* #(#nested)* };
        const DESCRIPTOR: &'static #private::SetDescriptor = #descriptor;
        const ENTRY: &'static #private::SetEntry = #entry;
    };
    // Where rustc names types that are metric sets, it shows this one by its name.
    let at_ident = set.crate_path.private_at(ident.span());
    let implementation =
        quote_spanned!(ident.span()=> impl #at_ident::MetricSet for #ident { #body });
    quote! {
        #[automatically_derived]
        #implementation

        #[automatically_derived]
        impl #ident {
            /// The handles of this set's metrics.
            pub const METRICS: Self = <Self as #private::MetricSet>::METRICS;
        }

        // A metric that no code names is exposed all the same, so its field is in use.
        const _: fn(&#ident) = |#ident { #(#fields: #names),* }| {};
    }
}

fn expand_handle(set: &SetModel, at: usize, metric: &MetricModel) -> TokenStream {
    let MetricModel { field, ty, .. } = metric;
    let private = set.crate_path.private_at(ty.span());
    let (cells, ratio) = (cells_of(at), ratio_of(at));
    let encoded = encoded_of(at);
    let starts = metric.starts();
    let handle = match metric.kind {
        Kind::Counter => quote!(counter(&#cells)),
        Kind::Gauge => quote!(gauge(&#cells, #starts)),
        Kind::State => quote!(state(&#cells, #starts)),
        Kind::Histogram => quote!(histogram(&#cells, #encoded)),
        Kind::Ratio => quote!(ratio(&#ratio)),
        Kind::Info => quote!(info()),
    };
    quote_spanned!(ty.span()=> #field: #private::#handle,)
}

fn max_series(metric: &MetricModel) -> TokenStream {
    if let Some(max) = &metric.max_series {
        return quote!(#max);
    }
    let max = datapunk_metrics_conventions::DEFAULT_MAX_SERIES;
    quote!(#max)
}

/// The metric's descriptor, of a place that lives as long as the program.
pub(super) fn descriptor_of(at: usize) -> TokenStream {
    quote!(&__dpm_metrics[#at])
}

/// The bounds of a histogram, the cells of what is recorded, the source of a ratio.
fn expand_statics(set: &SetModel, at: usize, metric: &MetricModel) -> TokenStream {
    let ty = &metric.ty;
    let private = set.crate_path.private();
    let at_type = set.crate_path.private_at(ty.span());
    let (cells, ratio) = (cells_of(at), ratio_of(at));
    let (bounds, encoded) = (format_ident!("__dpm_bounds_{at}"), encoded_of(at));
    match metric.kind {
        Kind::Info => TokenStream::new(),
        Kind::Ratio => expand_ratio_source(set, &ratio, metric),
        Kind::Histogram => {
            let listed = match &metric.buckets {
                Some(Buckets::Listed(bounds, _)) => {
                    let bounds = bounds.iter().map(|(bound, _)| *bound);
                    quote!(&[#(#bounds),*])
                }
                Some(Buckets::Path(path)) => quote_spanned!(path.span()=> &#path),
                None => {
                    quote_spanned!(ty.span()=> #at_type::check::default_buckets(<#ty as #at_type::Metric>::DEFAULT_BUCKETS))
                }
            };
            let (descriptor, count) = (descriptor_of(at), count_of_cells(set, at, metric));
            let length = if name_needs_its_unit(set, metric) {
                let private = set.crate_path.private_at(metric.name_span);
                let check = quote_spanned!(metric.name_span=> #private::check::name_has_its_unit(#descriptor));
                quote!({ #check; #bounds.len() })
            } else {
                quote!({ #bounds.len() })
            };
            quote! {
                const #bounds: &[#private::f64] = #listed;
                const #encoded: &[#private::u64] = &#private::encode_bounds::<#length>(
                    #bounds,
                    <#ty as #private::Metric>::ENCODING,
                );
                static #cells: #private::Storage<[#private::Cell; #count]> = #private::Storage::new().of(#descriptor);
            }
        }
        Kind::Gauge | Kind::State | Kind::Counter => {
            let descriptor = descriptor_of(at);
            let count = count_of_cells(set, at, metric);
            let mut checks = TokenStream::new();
            let start = match (&metric.initial, metric.kind) {
                (Some(Initial::Value(state)), Kind::State) => {
                    let (name, variant) = state_name(state);
                    let exists = assertion(
                        &set.crate_path,
                        state.span(),
                        "state_exists",
                        &quote!(<#ty as #private::Metric>::STATES, #name, #variant),
                    );
                    checks.extend(exists);
                    quote!(#private::Storage::starting_at(
                        #private::check::state_number(<#ty as #private::Metric>::STATES, #name).cast_unsigned()
                    ))
                }
                (Some(Initial::Value(number)), _) => {
                    quote_spanned!(number.span()=> #private::Storage::starting_at(
                        #private::number_bits(<#ty as #private::Metric>::NUMBER, #number as #private::f64)
                    ))
                }
                _ => quote!(#private::Storage::new()),
            };
            quote! {
                static #cells: #private::Storage<[#private::Cell; #count]> = #start.of(#descriptor);
                #checks
            }
        }
    }
}

/// How many cells a metric has, which does not compile where they do not fit its budget.
fn count_of_cells(set: &SetModel, at: usize, metric: &MetricModel) -> TokenStream {
    if !has_cells(metric) {
        return quote!(0);
    }
    let (place, descriptor) = (place_of_labels(metric), descriptor_of(at));
    let private = set.crate_path.private_at(place);
    quote_spanned!(place=> #private::cells(#descriptor))
}

/// The name of a state as its type has it, and its variant as it is written.
fn state_name(state: &syn::Expr) -> (String, String) {
    let variant = quote!(#state).to_string();
    let variant = variant.strip_prefix("r#").unwrap_or(&variant).to_owned();
    (spell(&variant, "snake_case"), variant)
}

fn expand_ratio_source(set: &SetModel, ratio: &Ident, metric: &MetricModel) -> TokenStream {
    let private = set.crate_path.private();
    let Some(model) = &metric.ratio else {
        return TokenStream::new();
    };
    let Some(at) = set
        .metrics
        .iter()
        .position(|other| other.field == model.counter)
    else {
        return TokenStream::new();
    };
    let counter_cells = cells_of(at);
    let counter = &set.metrics[at].ty;
    let ty = &metric.ty;
    let seconds = model.window_seconds;
    let labels = quote!(<<#ty as #private::Metric>::Labels as #private::LabelSet>::LABELS);
    let counter_labels =
        quote!(<<#counter as #private::Metric>::Labels as #private::LabelSet>::LABELS);
    let mut checks = TokenStream::new();
    let mut numerator = TokenStream::new();
    for (label, values) in &model.numerator {
        let name = label.unraw().to_string();
        let arguments = quote!(#counter_labels, #name);
        checks.extend(assertion(
            &set.crate_path,
            label.span(),
            "has_label",
            &arguments,
        ));
        for (value, span) in values {
            let arguments = quote!(#counter_labels, #name, #value);
            checks.extend(assertion(
                &set.crate_path,
                *span,
                "has_label_value",
                &arguments,
            ));
        }
        let values = values
            .iter()
            .map(|(value, _)| quote!(#private::check::label_value(#counter_labels, #name, #value)));
        numerator.extend(quote!((#name, &[#(#values),*]),));
    }
    checks.extend(assertion(
        &set.crate_path,
        metric
            .labels
            .as_ref()
            .map_or(model.counter.span(), Spanned::span),
        "labels_are_of",
        &quote!(#labels, #counter_labels),
    ));
    quote! {
        static #ratio: #private::RatioSource = #private::RatioSource {
            counter: &#counter_cells,
            number: <#counter as #private::Metric>::NUMBER,
            counter_labels: #counter_labels,
            labels: #labels,
            numerator: &[#numerator],
            window: #private::Duration::from_secs(#seconds),
            samples: #private::Samples::new(),
        };
        #checks
    }
}

fn expand_descriptor(set: &SetModel, at: usize, metric: &MetricModel) -> TokenStream {
    let private = set.crate_path.private();
    let MetricModel { ty, name, .. } = metric;
    let help = lifecycle::help(metric);
    let (hash, pairs, halves) = (name_hash(name), name_pairs(name), name_halves(name));
    let line = line(metric.field.span());
    let max = max_series(metric);
    let stem = name.strip_suffix("_total").unwrap_or(name);
    let last = stem.rsplit('_').next().unwrap_or_default();
    let unit = if metric.kind == Kind::Histogram {
        quote!(<#ty as #private::Metric>::UNIT)
    } else if units::BASE.contains(&last)
        && matches!(metric.kind, Kind::Counter | Kind::Gauge | Kind::Ratio)
    {
        quote!(#last)
    } else {
        quote!("")
    };
    let mut optional = TokenStream::new();
    if !metric.constant_labels.is_empty() {
        let labels = metric.constant_labels.iter().map(|label| {
            let (name, value) = (label.name.unraw().to_string(), &label.value);
            quote!((#name, #value))
        });
        optional.extend(quote!(constant_labels: &[#(#labels),*],));
    }
    if metric.kind == Kind::Histogram {
        let bounds = format_ident!("__dpm_bounds_{at}");
        optional.extend(quote!(buckets: #bounds,));
    }
    if !metric.zero.is_empty() {
        let zero = metric.zero.iter().map(|(value, _)| value);
        optional.extend(quote!(zero: &[#(#zero),*],));
    }
    if metric.starts() {
        let initial = match &metric.initial {
            Some(Initial::Value(state)) if metric.kind == Kind::State => {
                let (name, _) = state_name(state);
                quote!(#private::check::state_number(<#ty as #private::Metric>::STATES, #name) as #private::f64)
            }
            Some(Initial::Value(number)) => quote!(#number as #private::f64),
            _ => quote!(0.0),
        };
        optional.extend(quote!(initial: #private::Some(#initial),));
    }
    optional.extend(lifecycle::expand_fields(set, metric));
    optional.extend(objective::expand_field(set, at, metric));
    if !metric.waivers.is_empty() {
        let waivers = metric
            .waivers
            .iter()
            .map(|waiver| expand_waiver(waiver, &private));
        optional.extend(quote!(waivers: &[#(#waivers),*],));
    }
    quote! {
        #private::MetricDescriptor {
            name: #name,
            hash: #hash,
            pairs: #pairs,
            halves: #halves,
            help: #help,
            unit: #unit,
            max_series: #max,
            location: #private::Location { line: #line, ..__dpm_location },
            #optional
            ..<#ty as #private::Metric>::DESCRIPTOR
        },
    }
}

fn expand_set_descriptor(set: &SetModel, descriptors: &TokenStream) -> TokenStream {
    let private = set.crate_path.private();
    let name = &set.name;
    let help = &set.help;
    let namespace = set
        .namespace
        .as_ref()
        .map_or("", |(namespace, _)| namespace);
    let profile = match set.profile {
        Profile::Datapunk => quote!(Datapunk),
        Profile::Prometheus => quote!(Prometheus),
    };
    let line = line(set.ident.span());
    let nested = set.nested.iter().map(|nested| {
        let ty = &nested.ty;
        quote!(<#ty as #private::MetricSet>::DESCRIPTOR)
    });
    let ident = &set.ident;
    quote! {
        const __dpm_location: #private::Location = #private::Location {
            module: #private::module_path!(),
            file: #private::file!(),
            line: #line,
        };
        const __dpm_metrics: &[#private::MetricDescriptor] =
            <#ident as #private::MetricSet>::DESCRIPTOR.metrics;
        const __dpm_descriptor: #private::SetDescriptor = #private::SetDescriptor {
            name: #name,
            help: #help,
            namespace: #namespace,
            profile: #private::Profile::#profile,
            location: __dpm_location,
            metrics: &[#descriptors],
            nested: &[#(#nested),*],
        };
    }
}

fn expand_entry(set: &SetModel, at: usize, metric: &MetricModel) -> TokenStream {
    let private = set.crate_path.private();
    let ty = &metric.ty;
    let (cells, ratio) = (cells_of(at), ratio_of(at));
    let source = match (&metric.read, metric.kind) {
        (Some(path), _) => {
            let at_path = set.crate_path.private_at(path.span());
            quote_spanned!(path.span()=> #private::Source::Read(|__dpm_raw| {
                #at_path::read::<
                    <#ty as #private::Readable>::Labels,
                    <#ty as #private::Readable>::Number,
                    _,
                >(&#path, __dpm_raw)
            }, &#cells))
        }
        (None, Kind::Ratio) => quote!(#private::Source::Ratio(&#ratio)),
        (None, Kind::Info) => quote!(#private::Source::Constant),
        _ => quote!(#private::Source::Cells(&#cells)),
    };
    let descriptor = descriptor_of(at);
    let former = lifecycle::expand_former(set, metric, &descriptor);
    quote! {
        #private::MetricEntry {
            descriptor: #descriptor,
            former: #former,
            source: #source,
        },
    }
}
