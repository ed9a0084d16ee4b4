//! What a set does for the calls that it records.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericArgument, Path, PathArguments};

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
    // What is borrowed is so for the time of a call.
    let (of_a, of_call) = if set.call_labels.as_ref().is_some_and(borrows) {
        let of = quote!(<#labels as #private::LabelSet>::Of);
        (quote!(#of<'a>), quote!(#of<'_>))
    } else {
        (labels.clone(), labels)
    };
    // A local keeps the macro's own hygiene: with the span of a type that a `macro_rules!` macro was given, it would
    // not be found.
    let call = quote!(call);
    let series = |metric: &MetricModel, role: Role| {
        let (field, ty) = (&metric.field, &metric.ty);
        let literal = match role {
            Role::Calls => quote!(site.map(|site| site.calls())),
            Role::Duration => quote!(site.map(|site| site.duration())),
            Role::InFlight => quote!(site.map(|site| site.in_flight())),
            Role::RequestSize => quote!(site.map(|site| site.request_size())),
        };
        let span = metric.labels.as_ref().map_or(ty.span(), Spanned::span);
        quote_spanned! {span=>
            #private::at_site(
                <#ident as #private::MetricSet>::METRICS.#field,
                #call.#literal,
                <<<#ty as #private::Metric>::Labels as #private::LabelSet>::Of<'_>
                    as #private::From<_>>::from(#call),
            )
        }
    };
    let started = with_role(Role::InFlight).map(|metric| {
        let series = series(metric, Role::InFlight);
        quote!(#series.inc();)
    });
    let left = with_role(Role::InFlight).map(|metric| {
        let series = series(metric, Role::InFlight);
        quote!(#series.dec();)
    });
    let calls = with_role(Role::Calls).map(|metric| {
        let series = series(metric, Role::Calls);
        quote!(#series.inc();)
    });
    let duration = with_role(Role::Duration).map(|metric| {
        let series = series(metric, Role::Duration);
        quote!(#series.observe(elapsed);)
    });
    let sized = with_role(Role::RequestSize).map(|metric| {
        let series = series(metric, Role::RequestSize);
        quote! {
            #[inline]
            fn sized(call: #private::Started<#of_call>, bytes: #private::u64) {
                #series.observe(bytes);
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl #private::Instrument for #ident {
            type Labels<'a> = #of_a;

            #[inline]
            fn started(call: #private::Started<#of_call>) {
                let _ = call;
                #started
            }

            #[inline]
            fn left(call: #private::Started<#of_call>) {
                let _ = call;
                #left
            }

            #[inline]
            fn completed(call: #private::Completed<#of_call>, elapsed: #private::Duration) {
                let _ = (call, elapsed);
                #calls
                #duration
            }

            #sized
        }
    }
}

/// Whether a type has a lifetime as its argument.
fn borrows(path: &Path) -> bool {
    path.segments.iter().any(|segment| {
        matches!(&segment.arguments, PathArguments::AngleBracketed(arguments)
            if arguments.args.iter().any(|argument| matches!(argument, GenericArgument::Lifetime(_))))
    })
}
