//! `#[derive(MetricSet)]`: parse, check by the rules, expand.

mod calls;
mod checks;
mod expand;
mod lifecycle;
mod model;
mod objective;
mod parse;
mod rules;
#[cfg(test)]
mod tests;
mod values;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::diag::Sink;
use crate::organisation::Organisation;

pub(crate) fn derive_metric_set(input: &DeriveInput) -> TokenStream {
    derive_named(input, &input.ident.to_string())
}

/// Derives a set that is called `name` where it is described.
pub(crate) fn derive_named(input: &DeriveInput, name: &str) -> TokenStream {
    let mut out = Sink::new();
    let organisation = Organisation::of_package();
    let model = parse::parse(input, name, &mut out);
    if let Some(model) = &model {
        rules::check(model, &organisation, &mut out);
    }
    let refused = !out.is_empty();
    let errors = out.finish();
    // With an error, handles without cells keep the rest of the crate free of errors that follow from it.
    let expansion = model.map(|model| {
        if refused {
            expand::stub(&model)
        } else {
            expand::expand(&model, &organisation)
        }
    });
    quote!(#errors #expansion)
}
