//! `series!`: the series of literals, whose row is looked up once.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream, Parser};
use syn::spanned::Spanned as _;
use syn::{Expr, ExprStruct, Token};

use crate::diag::{Diag, Sink};

/// What is written between the brackets.
struct Input {
    metric: Expr,
    labels: ExprStruct,
}

/// The expansion of `$crate, METRIC, Labels { … }`:
///
/// ```ignore
/// {
///     static __DPM_LITERAL: $crate::__private::Literal = $crate::__private::Literal::new();
///     $crate::__private::with_literal(METRIC, &__DPM_LITERAL, Labels {
///         path: "/about",
///         method: $crate::__private::closed(method), // at `method`
///     })
/// }
/// ```
pub(crate) fn series(input: TokenStream) -> TokenStream {
    let mut input = input.into_iter();
    let toolkit: TokenStream = input
        .by_ref()
        .take_while(|token| !matches!(token, TokenTree::Punct(comma) if comma.as_char() == ','))
        .collect();
    let mut out = Sink::new();
    let input = read(input.collect(), &mut out);
    match (out.finish(), input) {
        (None, Some(input)) => expand(&toolkit, input),
        (errors, _) => errors.unwrap_or_default(),
    }
}

fn read(input: TokenStream, out: &mut Sink) -> Option<Input> {
    let usage = "write `series!(METRIC, Labels { label: \"literal\" })`";
    let written = out.take(arguments.parse2(input))?;
    let takes = "`series!` takes a metric and its labels";
    let mut written = written.into_iter();
    let Some(metric) = written.next() else {
        out.push(Diag::at_span(Span::call_site(), takes).help(usage));
        return None;
    };
    let Some(labels) = written.next() else {
        out.push(Diag::at(&metric, takes).help(usage));
        return None;
    };
    if let Some(third) = written.next() {
        out.push(Diag::at(&third, takes).help("remove what is behind the labels"));
        return None;
    }
    let Expr::Struct(labels) = labels else {
        let diag = Diag::at(&labels, "`series!` takes labels that are written out")
            .note("its row is looked up for the first call alone")
            .help("write `metric.with(labels)`, which looks values up for each call");
        out.push(diag);
        return None;
    };
    if let Some(rest) = &labels.rest {
        let diag = Diag::at(rest, "`series!` takes labels that are written out")
            .help("name each label, and remove `..`");
        out.push(diag);
        return None;
    }
    Some(Input { metric, labels })
}

fn arguments(input: ParseStream<'_>) -> syn::Result<Vec<Expr>> {
    let arguments = input.parse_terminated(Expr::parse, Token![,])?;
    Ok(arguments.into_iter().collect())
}

fn expand(toolkit: &TokenStream, input: Input) -> TokenStream {
    let Input { metric, mut labels } = input;
    for field in &mut labels.fields {
        let value = &field.expr;
        if matches!(value, Expr::Lit(_)) {
            continue;
        }
        let closed = quote_spanned!(value.span()=> #toolkit::__private::closed);
        field.expr = Expr::Verbatim(quote!(#closed(#value)));
        // `Labels { method }` becomes `Labels { method: closed(method) }`.
        field.colon_token.get_or_insert_default();
    }
    quote! {
        {
            static __DPM_LITERAL: #toolkit::__private::Literal = #toolkit::__private::Literal::new();
            #toolkit::__private::with_literal(#metric, &__DPM_LITERAL, #labels)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::texts;

    #[test]
    fn a_call_without_arguments_says_what_to_write() {
        let texts = texts(series(quote!(datapunk_metrics,)));
        assert_eq!(
            texts,
            [
                "`series!` takes a metric and its labels\nhelp: write `series!(METRIC, Labels { label: \"literal\" })`"
            ]
        );
    }

    #[test]
    fn literals_stay_and_other_values_are_held_to_be_closed() {
        let expansion = series(quote!(
            toolkit,
            M,
            a::Labels {
                path: "/",
                method,
                code: 1 + 1,
            },
        ));
        let expected = quote! {
            {
                static __DPM_LITERAL: toolkit::__private::Literal = toolkit::__private::Literal::new();
                toolkit::__private::with_literal(M, &__DPM_LITERAL, a::Labels {
                    path: "/",
                    method: toolkit::__private::closed(method),
                    code: toolkit::__private::closed(1 + 1),
                })
            }
        };
        assert_eq!(expansion.to_string(), expected.to_string());
    }
}
