//! `#[instrument_metrics]`: parse, check by the rules, expand.
//!
//! A function's own metrics are a hidden metric set, written by the derives; so both ways of the attribute, its own
//! metrics and a set that is named, record through one trait.

mod expand;
mod function;
mod model;
mod own;
mod parse;
mod rules;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Attribute, ImplItem, ItemImpl};

use self::function::Function;
use self::model::{Attr, Target};
use crate::diag::{Diag, Sink};

/// The item with its functions instrumented; after a mistake, the item as it is and the mistakes.
pub(crate) fn instrument_metrics(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut out = Sink::new();
    let expansion = instrument_item(arguments, &item, &mut out);
    match out.finish() {
        Some(errors) => quote!(#item #errors),
        None => expansion.unwrap_or(item),
    }
}

fn instrument_item(
    arguments: TokenStream,
    item: &TokenStream,
    out: &mut Sink,
) -> Option<TokenStream> {
    if let Ok(block) = syn::parse2::<ItemImpl>(item.clone()) {
        let attr = parse::parse(arguments, Target::Impl, block.self_ty.span(), out);
        return Some(instrument_impl(&attr, block, out));
    }
    let Ok(function) = syn::parse2::<Function>(item.clone()) else {
        out.push(
            Diag::at(
                &first_token(item),
                "`instrument_metrics` applies to functions and impl blocks",
            )
            .help("put it above a `fn` with a body, or above an `impl`"),
        );
        return None;
    };
    let attr = parse::parse(arguments, Target::Function, function.sig.ident.span(), out);
    instrument_function(&attr, &function, out)
}

fn first_token(item: &TokenStream) -> TokenStream {
    let first = item.clone().into_iter().next();
    first.map(TokenStream::from).unwrap_or_default()
}

fn instrument_function(attr: &Attr, function: &Function, out: &mut Sink) -> Option<TokenStream> {
    rules::check_function(function, out);
    let model = attr.of_function(function, out)?;
    rules::check(&model, function, out);
    // The derives of a function's own metrics would repeat what the rules have found.
    if !out.is_empty() {
        return None;
    }
    Some(expand::expand(&model, function))
}

/// Instruments each function of the block, but for those with an attribute of their own.
fn instrument_impl(attr: &Attr, mut block: ItemImpl, out: &mut Sink) -> TokenStream {
    let mut instrumented = 0;
    for item in &mut block.items {
        let ImplItem::Fn(method) = item else { continue };
        if let Some(at) = method.attrs.iter().position(is_own) {
            if parse::is_skip(&method.attrs[at]) {
                method.attrs.remove(at);
            }
            continue;
        }
        let Some(function) = out.take(syn::parse2::<Function>(method.to_token_stream())) else {
            continue;
        };
        instrumented += 1;
        if let Some(tokens) = instrument_function(attr, &function, out) {
            *item = ImplItem::Verbatim(tokens);
        }
    }
    if instrumented == 0 {
        out.push(
            Diag::at(
                &block.self_ty,
                "the impl block has no function to instrument",
            )
            .help("remove the attribute"),
        );
    }
    block.into_token_stream()
}

fn is_own(attribute: &Attribute) -> bool {
    let last = attribute.path().segments.last();
    last.is_some_and(|last| last.ident == "instrument_metrics")
}
