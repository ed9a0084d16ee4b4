//! What a set does for the calls that it records.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::model::{MetricModel, Role, SetModel};

/// What `#[instrument_metrics(set = …)]` calls.
pub(crate) fn expand_instrument(set: &SetModel) -> TokenStream {
    let with_role = |role: Role| {
        set.metrics
            .iter()
            .find(|metric| matches!(metric.role, Some((known, _)) if known == role))
    };
    if set.call_labels.is_none() && set.metrics.iter().all(|metric| metric.role.is_none()) {
        return TokenStream::new();
    }
    let private = set.crate_path.private();
    let ident = &set.ident;
    let labels = set
        .call_labels
        .as_ref()
        .map_or_else(|| quote!(()), |path| quote!(#path));
    // A local keeps the macro's own hygiene: with the span of a type that a `macro_rules!` macro was given, it would
    // not be found.
    let call = quote!(call);
    let series = |metric: &MetricModel| {
        let (field, ty) = (&metric.field, &metric.ty);
        let span = metric.labels.as_ref().map_or(ty.span(), Spanned::span);
        quote_spanned! {span=>
            <#ident as #private::MetricSet>::METRICS.#field.with(
                <<#ty as #private::Metric>::Labels as #private::From<_>>::from(#call),
            )
        }
    };
    let started = with_role(Role::InFlight).map(|metric| {
        let series = series(metric);
        quote!(#series.inc();)
    });
    let left = with_role(Role::InFlight).map(|metric| {
        let series = series(metric);
        quote!(#series.dec();)
    });
    let calls = with_role(Role::Calls).map(|metric| {
        let series = series(metric);
        quote!(#series.inc();)
    });
    let duration = with_role(Role::Duration).map(|metric| {
        let series = series(metric);
        quote!(#series.observe(elapsed);)
    });
    let sized = with_role(Role::RequestSize).map(|metric| {
        let series = series(metric);
        quote! {
            #[inline]
            fn sized(call: #private::Started<#labels>, bytes: #private::u64) {
                #series.observe(bytes);
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl #private::Instrument for #ident {
            type Labels<'a> = #labels;

            #[inline]
            fn started(call: #private::Started<#labels>) {
                let _ = call;
                #started
            }

            #[inline]
            fn left(call: #private::Started<#labels>) {
                let _ = call;
                #left
            }

            #[inline]
            fn completed(call: #private::Completed<#labels>, elapsed: #private::Duration) {
                let _ = (call, elapsed);
                #calls
                #duration
            }

            #sized
        }
    }
}
