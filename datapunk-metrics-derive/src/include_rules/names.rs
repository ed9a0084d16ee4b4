//! The names in the arguments: those that can't be one, and those that are given twice.

use datapunk_metrics_conventions::{is_label_name, is_metric_name};
use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::{Ident, LitStr};

use crate::diag::{Diag, Sink};

/// A label or a metric, which may be written as a string.
pub(crate) struct Name {
    pub(crate) text: String,
    span: Span,
}

impl Parse for Name {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let span = input.span();
        let text = if input.peek(LitStr) {
            input.parse::<LitStr>()?.value()
        } else {
            input.call(Ident::parse_any)?.unraw().to_string()
        };
        Ok(Self { text, span })
    }
}

pub(crate) fn texts(names: Vec<Name>) -> Vec<String> {
    names.into_iter().map(|name| name.text).collect()
}

/// Checks the metrics of others, and their labels.
pub(crate) fn check_externals(externals: &[(Name, Vec<Name>)], out: &mut Sink) {
    for (name, labels) in externals {
        if !is_metric_name(&name.text) {
            out.push(no_name(
                name,
                "a metric",
                "letters, digits, underscores and colons",
            ));
        }
        check_labels(labels, "a label", out);
        check_each_once(labels, &format!("the labels of `{}`", name.text), out);
    }
    check_each_once(externals.iter().map(|(name, _)| name), "`external`", out);
}

/// Checks what the list `key` holds.
pub(crate) fn check_list(key: &str, names: &[Name], out: &mut Sink) {
    match key {
        "severities" => {}
        "required_annotations" => check_labels(names, "an annotation", out),
        _ => check_labels(names, "a label", out),
    }
    if key == "target_labels" {
        for name in names.iter().filter(|name| name.text == "le") {
            out.push(
                Diag::at_span(name.span, "`le` is not a label of a target")
                    .note("it is the upper bound of a bucket, and only histograms have it")
                    .help("remove it"),
            );
        }
    }
    check_each_once(names, &format!("`{key}`"), out);
}

fn check_labels(names: &[Name], what: &str, out: &mut Sink) {
    for name in names.iter().filter(|name| !is_label_name(&name.text)) {
        out.push(no_name(name, what, "letters, digits and underscores"));
    }
}

fn check_each_once<'a>(names: impl IntoIterator<Item = &'a Name>, place: &str, out: &mut Sink) {
    let mut seen: Vec<&str> = Vec::new();
    for Name { text, span } in names {
        if seen.contains(&text.as_str()) {
            out.push(
                Diag::at_span(*span, format!("`{text}` is given twice in {place}"))
                    .help("remove one of the two"),
            );
        }
        seen.push(text);
    }
}

fn no_name(name: &Name, what: &str, of: &str) -> Diag {
    Diag::at_span(
        name.span,
        format!("`{}` can't be the name of {what}", name.text),
    )
    .help(format!("write it of {of}"))
}
