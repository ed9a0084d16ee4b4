//! The arguments of `include_rules!`.

use std::time::Duration;

use datapunk_metrics_rules::{Options, parse_duration};
use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{LitStr, Path, Token, Type, braced, bracketed};

use super::names::{self, Name};
use crate::diag::{Diag, Sink};
use crate::expand::CratePath;

const KEYS: &[&str] = &[
    "sets",
    "external",
    "scrape_interval",
    "severities",
    "required_labels",
    "required_annotations",
    "target_labels",
    "crate",
];

/// What a call says.
pub(crate) struct Arguments {
    pub(crate) files: Vec<LitStr>,
    pub(crate) sets: Vec<Type>,
    pub(crate) externals: Vec<(String, Vec<String>)>,
    pub(crate) target_labels: Vec<String>,
    pub(crate) options: Options,
    pub(crate) crate_path: CratePath,
}

/// Reads the arguments; what can't be read is reported, and the rest is read.
pub(crate) fn parse(input: TokenStream, out: &mut Sink) -> Arguments {
    let mut arguments = Arguments {
        files: Vec::new(),
        sets: Vec::new(),
        externals: Vec::new(),
        target_labels: ["service", "instance", "job"].map(str::to_owned).to_vec(),
        options: Options::default(),
        crate_path: CratePath::default(),
    };
    let mut parts = parts(input).into_iter();
    let first = parts.next().unwrap_or_default();
    match files.parse2(first.clone()) {
        Ok(files) if !files.is_empty() => arguments.files = files,
        _ => {
            let diag = if first.is_empty() {
                Diag::at_span(
                    proc_macro2::Span::call_site(),
                    "`include_rules!` names no files",
                )
            } else {
                Diag::at(&first, "`include_rules!` does not begin with its files")
            };
            out.push(
                diag.help("write `include_rules!([\"rules/alerts.yml\"], sets = [HttpMetrics])`"),
            );
        }
    }
    let mut seen: Vec<String> = Vec::new();
    for part in parts.filter(|part| !part.is_empty()) {
        let (path, value) = match key_and_value.parse2(part.clone()) {
            Ok(pair) => pair,
            Err(error) => {
                out.push(
                    Diag::at_span(error.span(), format!("{error} in `include_rules!`"))
                        .note("keys are written `key = value`, with commas between them"),
                );
                continue;
            }
        };
        let key = crate::diag::path_text(&path);
        if !KEYS.contains(&key.as_str()) {
            out.push(Diag::unknown_key(&path, "include_rules!", KEYS));
        } else if seen.contains(&key) {
            out.push(Diag::duplicate_key(&path, "include_rules!"));
        } else {
            read(&mut arguments, &key, &value, out);
            seen.push(key);
        }
    }
    arguments
}

/// Tokens between commas.
fn parts(input: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    for token in input {
        if matches!(&token, TokenTree::Punct(comma) if comma.as_char() == ',') {
            parts.push(TokenStream::new());
        } else if let Some(part) = parts.last_mut() {
            part.extend([token]);
        }
    }
    parts
}

fn files(input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    if input.peek(LitStr) {
        return Ok(vec![input.parse()?]);
    }
    items::<LitStr>(input)
}

fn key_and_value(input: ParseStream<'_>) -> syn::Result<(Path, TokenStream)> {
    let path = input.call(Path::parse_mod_style)?;
    input.parse::<Token![=]>()?;
    Ok((path, input.parse()?))
}

/// `[a, b]`
fn items<T: Parse>(input: ParseStream<'_>) -> syn::Result<Vec<T>> {
    let content;
    bracketed!(content in input);
    let items = Punctuated::<T, Token![,]>::parse_terminated(&content)?;
    Ok(items.into_iter().collect())
}

/// `{ up: [job], … }`
fn externals(input: ParseStream<'_>) -> syn::Result<Vec<(Name, Vec<Name>)>> {
    let content;
    braced!(content in input);
    let pair = |input: ParseStream<'_>| {
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        Ok((name, items(input)?))
    };
    let pairs = Punctuated::<_, Token![,]>::parse_terminated_with(&content, pair)?;
    Ok(pairs.into_iter().collect())
}

fn read(arguments: &mut Arguments, key: &str, value: &TokenStream, out: &mut Sink) {
    let expected = match key {
        "sets" => match items::<Type>.parse2(value.clone()) {
            Ok(sets) => return arguments.sets = sets,
            Err(_) => "metric sets such as `[HttpMetrics]`",
        },
        "external" => match externals.parse2(value.clone()) {
            Ok(externals) => {
                names::check_externals(&externals, out);
                let pairs = externals.into_iter();
                arguments.externals = pairs
                    .map(|(name, labels)| (name.text, names::texts(labels)))
                    .collect();
                return;
            }
            Err(_) => "metrics with their labels such as `{ up: [], node_load1: [] }`",
        },
        "scrape_interval" => {
            let given = syn::parse2::<LitStr>(value.clone()).ok();
            match given.and_then(|text| parse_duration(&text.value())) {
                Some(interval) if interval > Duration::ZERO => {
                    return arguments.options.scrape_interval = interval;
                }
                _ => "a duration such as `\"15s\"`",
            }
        }
        "crate" => match Path::parse_mod_style.parse2(value.clone()) {
            Ok(path) => return arguments.crate_path = CratePath::at(path),
            Err(_) => "a path such as `::datapunk_metrics`",
        },
        _ => match items::<Name>.parse2(value.clone()) {
            Ok(given) => {
                names::check_list(key, &given, out);
                let list = match key {
                    "severities" => &mut arguments.options.severities,
                    "required_labels" => &mut arguments.options.required_labels,
                    "required_annotations" => &mut arguments.options.required_annotations,
                    _ => &mut arguments.target_labels,
                };
                return *list = names::texts(given);
            }
            Err(_) => "names such as `[team]`",
        },
    };
    out.push(Diag::wrong_value(value, key, expected));
}
