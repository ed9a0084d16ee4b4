//! `#[derive(LabelValue)]`.

use datapunk_metrics_conventions::check_label_value;
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Expr, ExprLit, Ident, Lit, Variant};

use super::variants;
use crate::attr::{self, Item};
use crate::diag::{Diag, Sink};
use crate::expand::{CratePath, hidden};
use crate::organisation::Organisation;
use crate::words::{SPELLINGS, spell};

const CONTAINER_KEYS: &[&str] = &["rename_all", "sparse", "crate"];
const VARIANT_KEYS: &[&str] = &["rename"];

struct Model<'a> {
    ident: &'a Ident,
    crate_path: CratePath,
    sparse: bool,
    is_enum: bool,
    values: Vec<Value<'a>>,
}

/// One variant and how it is exposed.
struct Value<'a> {
    variant: &'a Ident,
    text: String,
    span: Span,
}

pub(crate) fn derive_label_value(input: &DeriveInput) -> TokenStream {
    let mut out = Sink::new();
    let model = parse(input, &mut out);
    let organisation = Organisation::of_package();
    organisation.report(input.ident.span(), &mut out);
    for value in &model.values {
        value_is_exposable(value, &organisation, &mut out);
    }
    values_differ(&model, &mut out);
    let errors = out.finish();
    // An implementation for a generic type would bring errors of its own.
    let expansion = input
        .generics
        .params
        .is_empty()
        .then(|| expand(&model, &organisation));
    quote!(#errors #expansion)
}

fn parse<'a>(input: &'a DeriveInput, out: &mut Sink) -> Model<'a> {
    let mut crate_path = CratePath::default();
    let mut sparse = false;
    let mut spelling = "snake_case";
    for item in attr::items(&input.attrs, "label", CONTAINER_KEYS, &[], out) {
        match item.key.as_str() {
            "crate" => crate_path = CratePath::read(&item, out).unwrap_or(crate_path),
            "sparse" => sparse = item.flag(out),
            _ => spelling = read_spelling(&item, out).unwrap_or(spelling),
        }
    }
    let values = variants(input, "label value", out)
        .into_iter()
        .map(|variant| parse_variant(variant, spelling, out))
        .collect();
    Model {
        ident: &input.ident,
        crate_path,
        sparse,
        is_enum: matches!(input.data, Data::Enum(_)),
        values,
    }
}

fn read_spelling(item: &Item, out: &mut Sink) -> Option<&'static str> {
    let (text, span) = item.string("a string such as `\"snake_case\"`", out)?;
    let known = SPELLINGS.iter().copied().find(|spelling| *spelling == text);
    if known.is_none() {
        let near = near_spelling(&text);
        out.push(
            Diag::at_span(span, format!("unknown spelling `{text}`")).help(match near {
                Some(near) => format!("a spelling with a similar name exists: `{near}`"),
                None => format!("the spellings are {}", crate::diag::list(SPELLINGS)),
            }),
        );
    }
    known
}

/// The spelling that `text` may stand for: `UPPER`, `snake` and `Kebab-Case` have one each.
fn near_spelling(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let begun = SPELLINGS
        .iter()
        .copied()
        .find(|spelling| lower.len() > 2 && spelling.to_lowercase().starts_with(&lower));
    begun.or_else(|| datapunk_metrics_conventions::closest(text, SPELLINGS.iter().copied()))
}

fn parse_variant<'a>(variant: &'a Variant, spelling: &str, out: &mut Sink) -> Value<'a> {
    let mut text = spell(&variant.ident.unraw().to_string(), spelling);
    let mut span = variant.ident.span();
    for item in attr::items(&variant.attrs, "label", VARIANT_KEYS, &[], out) {
        let expected = "a string or a whole number such as `\"read\"`";
        let Some(value) = item.value(expected, out) else {
            continue;
        };
        match value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(literal),
                ..
            }) => text = literal.value(),
            Expr::Lit(ExprLit {
                lit: Lit::Int(literal),
                ..
            }) => literal.base10_digits().clone_into(&mut text),
            other => out.push(Diag::wrong_value(other, "rename", expected)),
        }
        span = value.span();
    }
    Value {
        variant: &variant.ident,
        text,
        span,
    }
}

// Prometheus takes a label without a value for a label that is not there, and a control character breaks displays.
fn value_is_exposable(value: &Value<'_>, organisation: &Organisation, out: &mut Sink) {
    for finding in check_label_value(&value.text, &organisation.prefixes()) {
        let diag = Diag::finding(value.span, &finding);
        out.push(match &finding.fix {
            Some(fix) => diag.help(format!("write `rename = {fix:?}`")),
            None => diag,
        });
    }
}

// Two variants with one value would be one series twice, which a Pushgateway refuses.
fn values_differ(model: &Model<'_>, out: &mut Sink) {
    for (at, value) in model.values.iter().enumerate() {
        if let Some(first) = model.values[..at]
            .iter()
            .find(|first| first.text == value.text)
        {
            out.push(
                Diag::at_span(
                    value.span,
                    format!("label value `{}` is already taken", value.text),
                )
                .note(format!("the variant `{}` has it", first.variant))
                .help("give one of the two another value with `#[label(rename = \"…\")]`"),
            );
        }
    }
}

/// ```ignore
/// impl LabelValue for Operation {
///     const VALUES: &'static [&'static str] = &["read", "write"];
///     const VARIANTS: &'static [&'static str] = &["Read", "Write"];
///     fn index(self) -> usize { match self { Self::Read => 0, Self::Write => 1 } }
/// }
/// ```
fn expand(model: &Model<'_>, organisation: &Organisation) -> TokenStream {
    let Model {
        ident,
        crate_path,
        sparse,
        is_enum,
        values,
    } = model;
    let private = crate_path.private();
    let texts = values.iter().map(|value| &value.text);
    let names = values.iter().map(|value| value.variant.unraw().to_string());
    let arms = values.iter().enumerate().map(|(at, value)| {
        let variant = value.variant;
        quote!(Self::#variant { .. } => #at,)
    });
    // What is no enum is refused; it is indexed all the same, for the sake of the other errors.
    let index = if *is_enum {
        quote!(match self { #(#arms)* })
    } else {
        quote!(0)
    };
    // An error about the type, such as a missing `Copy`, points at its name.
    let header = quote_spanned!(ident.span()=> impl #private::LabelValue for #ident);
    let watched = organisation.watch(crate_path);
    hidden(&quote! {
        #watched
        #[automatically_derived]
        #header {
            const VALUES: &'static [&'static #private::str] = &[#(#texts),*];
            const VARIANTS: &'static [&'static #private::str] = &[#(#names),*];
            const SPARSE: #private::bool = #sparse;

            #[inline]
            fn index(self) -> #private::usize {
                #index
            }
        }
    })
}
