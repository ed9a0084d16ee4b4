//! The metric set of a function's own metrics.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{DeriveInput, Type};

use super::model::{Attr, LabelArg, Own};
use super::rules::METRICS;
use crate::{label, metric_set};

/// The names of the generated items, which are seen in one block of the function.
pub(crate) struct Names {
    pub(crate) call: Ident,
    pub(crate) set: Ident,
    start: Ident,
    end: Ident,
}

impl Names {
    fn at(span: Span) -> Self {
        let name = |text| Ident::new(text, Span::call_site().located_at(span));
        Self {
            call: name("__DpmCall"),
            set: name("__DpmSet"),
            start: name("__DpmStart"),
            end: name("__DpmEnd"),
        }
    }
}

/// ```ignore
/// struct __DpmCall { model: Model, error: Option<ErrorKind> }
/// #[derive(LabelSet)] #[label(from = __DpmCall)]
/// struct __DpmStart { model: Model }
/// #[derive(LabelSet)] #[label(from = __DpmCall)]
/// struct __DpmEnd { model: Model, error: Option<ErrorKind>, outcome: Outcome }
/// #[derive(MetricSet)] #[metrics(namespace = "cortex", labels = __DpmCall)]
/// struct __DpmSet {
///     /// Calls of `infer`, by model, error and outcome.
///     #[metric(name = "infer_calls_total", role = calls)]
///     calls: Counter<__DpmEnd>,
///     …
/// }
/// ```
pub(crate) fn expand(attr: &Attr, own: &Own<'_>) -> (Names, TokenStream) {
    let private = attr.crate_path.private();
    let names = Names::at(own.name_span);
    let Names {
        call, start, end, ..
    } = &names;
    let fields: Vec<(&LabelArg, TokenStream)> = attr
        .labels
        .iter()
        .zip(&own.types)
        .map(|(label, ty)| (label, expand_field(attr, label, ty)))
        .collect();
    let at_start: Vec<&TokenStream> = fields
        .iter()
        .filter(|(label, _)| !label.is_of_error())
        .map(|(_, field)| field)
        .collect();
    let all = fields.iter().map(|(_, field)| field);
    let call_fields = all.clone();
    let start_labels = if at_start.is_empty() {
        TokenStream::new()
    } else {
        expand_labels(attr, start, call, &quote!(#(#at_start,)*))
    };
    let end_labels = expand_labels(
        attr,
        end,
        call,
        &quote!(#(#all,)* outcome: #private::Outcome),
    );
    let set = expand_set(attr, own, &names, !at_start.is_empty());
    let items = quote! {
        #[derive(#private::Clone, #private::Copy)]
        struct #call { #(#call_fields,)* }
        #start_labels
        #end_labels
        #set
    };
    (names, items)
}

fn expand_field(attr: &Attr, label: &LabelArg, ty: &Type) -> TokenStream {
    let name = &label.name;
    if label.is_of_error() {
        let private = attr.crate_path.private_at(ty.span());
        quote_spanned!(ty.span()=> #name: #private::Option<#ty>)
    } else {
        quote!(#name: #ty)
    }
}

fn expand_labels(attr: &Attr, ident: &Ident, call: &Ident, fields: &TokenStream) -> TokenStream {
    let private = attr.crate_path.private();
    let path = attr.crate_path.path();
    let input: DeriveInput = syn::parse_quote! {
        #[label(from = #call, crate = #path)]
        struct #ident { #fields }
    };
    let derived = label::derive_label_set(&input);
    quote! {
        #[derive(#private::Clone, #private::Copy)]
        struct #ident { #fields }
        #derived
    }
}

fn expand_set(attr: &Attr, own: &Own<'_>, names: &Names, has_start: bool) -> TokenStream {
    let private = attr.crate_path.private();
    let path = attr.crate_path.path();
    let Names {
        call,
        set,
        start,
        end,
    } = names;
    let (system, _) = &own.keys.system;
    let profile = Ident::new(own.keys.profile.as_str(), Span::call_site());
    let [calls, duration, in_flight] = METRICS.map(|(suffix, ..)| {
        let mut name = proc_macro2::Literal::string(&format!("{}_{suffix}", own.name));
        name.set_span(own.name_span);
        name
    });
    let help = |what: &str, labels: &[String]| {
        let by = match labels {
            [] => String::new(),
            [one] => format!(", by {one}"),
            [rest @ .., last] => format!(", by {} and {last}", rest.join(", ")),
        };
        format!("{what} `{}`{by}.", own.function)
    };
    let label_names = |with_error: bool| {
        let labels = attr.labels.iter();
        labels
            .filter(|label| with_error || !label.is_of_error())
            .map(|label| label.name.unraw().to_string())
            .collect::<Vec<_>>()
    };
    let by_start = label_names(false);
    let mut by_end = label_names(true);
    by_end.push("outcome".to_owned());
    let calls_help = help("Calls of", &by_end);
    let duration_help = help("Time taken by", &by_start);
    let in_flight_help = help("Calls in flight of", &by_start);
    let buckets = own.keys.buckets.iter();
    let max: Vec<_> = own.keys.max_series.iter().collect();
    // What can't be counted is reported where the labels are written.
    let span = Span::call_site().located_at(attr.labels_span);
    let start = if has_start {
        quote_spanned!(span=> #start)
    } else {
        quote_spanned!(span=> ())
    };
    let end = quote_spanned!(span=> #end);
    let fields = quote_spanned! {span=>
        #[doc = #calls_help]
        #[metric(name = #calls, role = calls #(, max_series = #max)*)]
        calls: #private::Counter<#end>,
        #[doc = #duration_help]
        #[metric(name = #duration, role = duration #(, buckets = #buckets)* #(, max_series = #max)*)]
        duration: #private::Histogram<#private::Seconds, #start>,
        #[doc = #in_flight_help]
        #[metric(name = #in_flight, role = in_flight)]
        in_flight: #private::Gauge<#start>,
    };
    let set_help = format!("Calls of `{}`.", own.function);
    let input: DeriveInput = syn::parse_quote! {
        #[doc = #set_help]
        #[metrics(namespace = #system, profile = #profile, labels = #call, crate = #path)]
        struct #set { #fields }
    };
    let derived = metric_set::derive_named(&input, &own.function);
    let fields = without_attributes(&input);
    quote! {
        struct #set { #fields }
        #derived
    }
}

fn without_attributes(input: &DeriveInput) -> TokenStream {
    let syn::Data::Struct(data) = &input.data else {
        return TokenStream::new();
    };
    let fields = data.fields.iter().map(|field| {
        let (ident, ty) = (&field.ident, &field.ty);
        quote!(#ident: #ty)
    });
    quote!(#(#fields,)*)
}
