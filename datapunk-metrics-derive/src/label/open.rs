//! Labels whose values come from outside: `&str` fields of a label set.

use datapunk_metrics_conventions::check_label_value;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Lit, Type};

use super::set::Label;
use crate::attr::{Item, string_literal};
use crate::diag::{Diag, Sink};
use crate::organisation::Organisation;

/// The length in bytes below which no value can be cut between two characters.
const LEAST_BYTES: usize = 4;

/// What is known of the values.
#[derive(Default)]
pub(super) struct Open {
    /// How many there may be.
    max: Option<(usize, Span)>,
    known: Vec<(String, Span)>,
    max_bytes: Option<usize>,
}

/// Whether a type is `&str`.
pub(super) fn is_open(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => is_str(&reference.elem),
        // The compiler's brackets around what a `macro_rules!` macro was given.
        Type::Group(group) => is_open(&group.elem),
        _ => false,
    }
}

/// Types of values that tell less than what they were made from.
const REDUCED: &[&str] = &["Hmac", "Truncate"];

/// Whether a type is one of these.
pub(super) fn is_reduced(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| REDUCED.iter().any(|reduced| last.ident == reduced)),
        Type::Group(group) => is_reduced(&group.elem),
        _ => false,
    }
}

fn is_str(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "str"),
        Type::Group(group) => is_str(&group.elem),
        _ => false,
    }
}

/// Reads `max`, `known` or `max_bytes`.
pub(super) fn parse_key(item: &Item, label: &mut Label<'_>, out: &mut Sink) {
    let Some(open) = &mut label.open else {
        out.push(
            Diag::at(
                &item.path,
                format!("`{}` does not apply to label `{}`", item.key, label.name),
            )
            .note("its type has a fixed list of values")
            .help(format!("remove `{}`", item.key)),
        );
        return;
    };
    match item.key.as_str() {
        "max" => {
            let expected = "a whole number above 0 such as `200`";
            open.max = number(item, expected, 1, out).map(|max| (max, place(item)));
        }
        "max_bytes" => {
            let expected = "a whole number of 4 or more such as `512`";
            open.max_bytes = number(item, expected, LEAST_BYTES, out);
        }
        _ => open.known = known(item, out),
    }
}

fn place(item: &Item) -> Span {
    match &item.meta {
        syn::Meta::NameValue(pair) => pair.value.span(),
        other => other.span(),
    }
}

fn number(item: &Item, expected: &str, least: usize, out: &mut Sink) -> Option<usize> {
    let value = item.value(expected, out)?;
    let number = match value {
        Expr::Lit(ExprLit {
            lit: Lit::Int(int), ..
        }) => int.base10_parse::<usize>().ok(),
        _ => None,
    };
    let number = number.filter(|number| *number >= least);
    if number.is_none() {
        out.push(Diag::wrong_value(value, &item.key, expected));
    }
    number
}

fn known(item: &Item, out: &mut Sink) -> Vec<(String, Span)> {
    let expected = "a list of strings such as `[\"/\", \"/health\"]`";
    let Some(value) = item.value(expected, out) else {
        return Vec::new();
    };
    let Expr::Array(array) = value else {
        out.push(Diag::wrong_value(value, &item.key, expected));
        return Vec::new();
    };
    if array.elems.is_empty() {
        out.push(
            Diag::at(array, "`known` is empty")
                .help("name values that are known, or remove `known`"),
        );
    }
    let mut values: Vec<(String, Span)> = Vec::new();
    for element in &array.elems {
        let Some(text) = string_literal(element) else {
            out.push(Diag::wrong_value(element, &item.key, expected));
            continue;
        };
        if values.iter().any(|(value, _)| *value == text) {
            out.push(
                Diag::at(
                    element,
                    format!("label value `{text}` is given twice in `known`"),
                )
                .help("remove one of the two"),
            );
        } else {
            values.push((text, element.span()));
        }
    }
    values
}

/// What is known of the values has a place among them.
pub(super) fn known_values_are_allowed(
    label: &Label<'_>,
    organisation: &Organisation,
    out: &mut Sink,
) {
    let Some(open) = &label.open else { return };
    if let Some((max, span)) = open.max
        && max < open.known.len()
    {
        let known = open.known.len();
        out.push(
            Diag::at_span(
                span,
                format!(
                    "label `{}` has {known} known values, and `max` is {max}",
                    label.name
                ),
            )
            .note("known values are among those that `max` counts")
            .help(format!("write `max = {known}` or more")),
        );
    }
    let max_bytes = open.max_bytes.unwrap_or(DEFAULT_MAX_BYTES);
    for (value, span) in &open.known {
        for finding in check_label_value(value, &organisation.prefixes()) {
            let diag = Diag::finding(*span, &finding);
            out.push(match &finding.fix {
                Some(fix) => diag.help(format!("write `{fix:?}`")),
                None => diag,
            });
        }
        if value.len() > max_bytes {
            out.push(
                Diag::at_span(
                    *span,
                    format!(
                        "known value of label `{}` has {} bytes, and values are cut at {max_bytes}",
                        label.name,
                        value.len()
                    ),
                )
                .help(format!("write `max_bytes = {}` or more", value.len())),
            );
        }
    }
}

/// The length at which a value is cut, as `OpenLabel::MAX_BYTES` has it.
const DEFAULT_MAX_BYTES: usize = 256;

pub(super) fn expand(open: &Open, is_reduced: bool, private: &TokenStream) -> TokenStream {
    let max = open.max.map_or_else(
        || quote!(#private::None),
        |(max, _)| quote!(#private::Some(#max)),
    );
    let known = open.known.iter().map(|(value, _)| value);
    let max_bytes = open.max_bytes.map_or_else(
        || quote!(#private::OpenLabel::MAX_BYTES),
        |max_bytes| quote!(#max_bytes),
    );
    quote!(#private::OpenLabel {
        max: #max,
        known: &[#(#known),*],
        max_bytes: #max_bytes,
        reduced: #is_reduced,
    })
}
