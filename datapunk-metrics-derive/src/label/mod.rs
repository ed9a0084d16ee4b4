//! The derives of label values, label sets and states.

mod open;
mod set;
mod state;
#[cfg(test)]
mod tests;
mod value;

pub(crate) use set::{derive_label_set, expand_waiver, useless_waiver};
pub(crate) use state::derive_state_value;
pub(crate) use value::derive_label_value;

use syn::{Data, DeriveInput, Fields, Variant};

use crate::diag::{Diag, Sink};

/// The variants of an enum without fields; `what` as in "label value".
fn variants<'a>(input: &'a DeriveInput, what: &str, out: &mut Sink) -> Vec<&'a Variant> {
    refuse_generics(input, what, out);
    let Data::Enum(data) = &input.data else {
        out.push(
            Diag::at(
                &input.ident,
                format!("{what} `{}` is not an enum", input.ident),
            )
            .note(format!(
                "a {what} is one of a fixed list of variants without fields"
            ))
            .help(format!(
                "list the values as variants: `enum {} {{ … }}`",
                input.ident
            )),
        );
        return Vec::new();
    };
    if data.variants.is_empty() {
        out.push(
            Diag::at(
                &input.ident,
                format!("{what} `{}` has no variants", input.ident),
            )
            .help("add the values that it can have as variants"),
        );
    }
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            out.push(
                Diag::at(
                    &variant.fields,
                    format!("variant `{}` of a {what} has fields", variant.ident),
                )
                .note(if what == "state" {
                    "a state is exposed as one number"
                } else {
                    "a field would make as many series as it has values"
                })
                .help(format!("write `{}` without fields", variant.ident)),
            );
        }
    }
    data.variants.iter().collect()
}

fn refuse_generics(input: &DeriveInput, what: &str, out: &mut Sink) {
    if !input.generics.params.is_empty() {
        let article = if what.starts_with(['a', 'e', 'i', 'o', 'u']) {
            "an"
        } else {
            "a"
        };
        out.push(
            Diag::at(
                &input.generics,
                format!("{what} `{}` has generic parameters", input.ident),
            )
            .note("what a metric exposes is fixed at compile time")
            .help(format!(
                "write {article} {what} without parameters for each type that it is used with"
            )),
        );
    }
}
