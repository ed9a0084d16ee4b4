//! `#[derive(StateValue)]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{DeriveInput, Expr, ExprLit, ExprUnary, Ident, Lit, UnOp, Variant};

use super::variants;
use crate::attr;
use crate::diag::{Diag, Sink};
use crate::expand::{CratePath, assertion, hidden};
use crate::words::spell;

const CONTAINER_KEYS: &[&str] = &["crate"];
const VARIANT_KEYS: &[&str] = &["value"];

struct State<'a> {
    variant: &'a Ident,
    /// The number, where it is not the discriminant.
    value: Option<Expr>,
}

pub(crate) fn derive_state_value(input: &DeriveInput) -> TokenStream {
    let mut out = Sink::new();
    let mut crate_path = CratePath::default();
    for item in attr::items(&input.attrs, "state", CONTAINER_KEYS, &[], &mut out) {
        crate_path = CratePath::read(&item, &mut out).unwrap_or(crate_path);
    }
    let states: Vec<State<'_>> = variants(input, "state", &mut out)
        .into_iter()
        .map(|variant| parse_variant(variant, &mut out))
        .collect();
    let refused = !out.is_empty();
    let errors = out.finish();
    // An implementation for a generic type would bring errors of its own.
    let expansion = input.generics.params.is_empty().then(|| {
        if refused {
            stub(&input.ident, &crate_path, &states)
        } else {
            expand(&input.ident, &crate_path, &states)
        }
    });
    quote!(#errors #expansion)
}

fn parse_variant<'a>(variant: &'a Variant, out: &mut Sink) -> State<'a> {
    let mut value = None;
    for item in attr::items(&variant.attrs, "state", VARIANT_KEYS, &[], out) {
        let expected = "a whole number such as `2`";
        let Some(number) = item.value(expected, out) else {
            continue;
        };
        if is_integer(number) {
            value = Some(number.clone());
        } else {
            out.push(Diag::wrong_value(number, "value", expected));
        }
    }
    State {
        variant: &variant.ident,
        value,
    }
}

fn is_integer(expr: &Expr) -> bool {
    match attr::ungrouped(expr) {
        Expr::Lit(ExprLit {
            lit: Lit::Int(_), ..
        }) => true,
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) => is_integer(expr),
        _ => false,
    }
}

/// ```ignore
/// impl StateValue for Breaker {
///     const STATES: &'static [StateDescriptor] = &[StateDescriptor { name: "open", value: Self::Open as i64 }, …];
///     fn value(self) -> i64 { match self { Self::Open => Self::Open as i64, … } }
/// }
/// ```
fn expand(ident: &Ident, crate_path: &CratePath, states: &[State<'_>]) -> TokenStream {
    let private = crate_path.private();
    let numbers: Vec<TokenStream> = states
        .iter()
        .map(|State { variant, value }| {
            if let Some(number) = value {
                quote!(#number)
            } else {
                quote!(#ident::#variant as #private::i64)
            }
        })
        .collect();
    let names = states
        .iter()
        .map(|state| spell(&state.variant.unraw().to_string(), "snake_case"));
    let variants = states.iter().map(|state| state.variant);
    let header = quote_spanned!(ident.span()=> impl #private::StateValue for #ident);
    // Discriminants are not known to the macro, so that two states with one number are seen by the compiler.
    let distinct = assertion(
        crate_path,
        states
            .iter()
            .find_map(|state| state.value.as_ref())
            .map_or(ident.span(), Spanned::span),
        "states_differ",
        &quote!(<#ident as #private::StateValue>::STATES),
    );
    hidden(&quote! {
        #[automatically_derived]
        #header {
            const STATES: &'static [#private::StateDescriptor] = &[
                #(#private::StateDescriptor { name: #names, value: #numbers },)*
            ];

            #[inline]
            fn value(self) -> #private::i64 {
                match self { #(Self::#variants { .. } => #numbers,)* }
            }
        }

        #distinct
    })
}

/// States with made-up numbers for a type that was refused, so that what uses it brings no errors of its own.
fn stub(ident: &Ident, crate_path: &CratePath, states: &[State<'_>]) -> TokenStream {
    let private = crate_path.private();
    let names = states
        .iter()
        .map(|state| spell(&state.variant.unraw().to_string(), "snake_case"));
    let numbers = 0_i64..;
    let states = names
        .zip(numbers)
        .map(|(name, number)| quote!(#private::StateDescriptor { name: #name, value: #number }));
    hidden(&quote! {
        #[automatically_derived]
        impl #private::StateValue for #ident {
            const STATES: &'static [#private::StateDescriptor] = &[#(#states),*];

            fn value(self) -> #private::i64 {
                0
            }
        }
    })
}
