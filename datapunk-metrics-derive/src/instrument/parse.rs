//! From the tokens of the attribute to what it says.

use datapunk_metrics_conventions::Profile;
use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, Meta, Path, Token};

use super::model::{Attr, LabelArg, OwnKeys, Target, Way};
use crate::attr::{self, Item};
use crate::diag::{Diag, Sink, expr_text};
use crate::expand::CratePath;

const NAME: &str = "instrument_metrics";
const KEYS: &[&str] = &[
    "system",
    "set",
    "labels",
    "name",
    "buckets",
    "max_series",
    "profile",
    "crate",
];
const LABELS: &str = "names with values such as `labels(model = Model::Bert)`";

/// What the keys give, before the two ways are told apart.
#[derive(Default)]
struct Given {
    system: Option<(String, Span)>,
    /// The set, and the key.
    set: Option<(Path, Path)>,
    name: Option<(String, Span)>,
    buckets: Option<Expr>,
    max_series: Option<Expr>,
    profile: Option<Profile>,
    /// Keys that belong to metrics of a function's own.
    own_keys: Vec<Path>,
}

/// `item` is where an attribute that says nothing is reported.
pub(crate) fn parse(arguments: TokenStream, target: Target, item: Span, out: &mut Sink) -> Attr {
    let mut attr = Attr {
        crate_path: CratePath::default(),
        way: None,
        labels: Vec::new(),
        labels_span: item,
    };
    if is_skip_tokens(&arguments) {
        out.push(
            Diag::at(&arguments, "`skip` has no effect here")
                .note("it leaves a function out of an impl block with the attribute")
                .help("remove the attribute"),
        );
        return attr;
    }
    let mut given = Given::default();
    let mut items = Vec::new();
    attr::items_of(arguments, NAME, KEYS, &[], &mut items, out);
    for item in items {
        match item.key.as_str() {
            "system" => given.system = item.string("a string such as `\"cortex\"`", out),
            "set" => {
                let path = item.path_value("a metric set such as `HttpMetrics`", out);
                given.set = path.map(|path| (path, item.path.clone()));
            }
            "labels" => {
                attr.labels_span = span_of(&item.path);
                attr.labels = parse_labels(&item, out);
            }
            "crate" => attr.crate_path = CratePath::read(&item, out).unwrap_or(attr.crate_path),
            _ => given.read_own_key(&item, target, out),
        }
    }
    attr.way = given.way(item, &attr.labels, out);
    attr
}

impl Given {
    fn read_own_key(&mut self, item: &Item, target: Target, out: &mut Sink) {
        self.own_keys.push(item.path.clone());
        match item.key.as_str() {
            "name" if target == Target::Impl => out.push(
                Diag::at(
                    &item.path,
                    "`name` would name all functions of the block alike",
                )
                .help("give the function an attribute of its own"),
            ),
            "name" => self.name = item.string("a string such as `\"load\"`", out),
            "buckets" => {
                let expected = "a list such as `[0.01, 0.1, 1.0]`, or a constant";
                self.buckets = item.value(expected, out).cloned();
            }
            "max_series" => self.max_series = item.value("a number such as `5000`", out).cloned(),
            _ => self.profile = attr::profile(item, out),
        }
    }

    fn way(self, item: Span, labels: &[LabelArg], out: &mut Sink) -> Option<Way> {
        match (self.system, self.set) {
            (Some(_), Some((_, key))) => {
                out.push(Diag::at(&key, "`system` and `set` are two ways of recording").help(
                    "remove `set` for metrics of the function's own, or `system` for those of the set",
                ));
                None
            }
            (Some(system), None) => Some(Way::Own(Box::new(OwnKeys {
                system,
                profile: self.profile.unwrap_or(Profile::Datapunk),
                name: self.name,
                buckets: self.buckets,
                max_series: self.max_series,
            }))),
            (None, Some((path, _))) => {
                for key in &self.own_keys {
                    out.push(Diag::wrong_place(
                        key,
                        &crate::diag::path_text(key),
                        "calls that a metric set records",
                        "a function's own metrics, with `system`",
                    ));
                }
                typed_labels_are_refused(labels, out);
                Some(Way::Set(path))
            }
            // What was given and not understood is reported already.
            (None, None) if !out.is_empty() => None,
            (None, None) => {
                out.push(
                    Diag::at_span(item, "`instrument_metrics` has neither `system` nor `set`").help(
                        "write `#[instrument_metrics(system = \"…\")]` for metrics of the function's own, \
                         or `#[instrument_metrics(set = …)]` for those of a metric set",
                    ),
                );
                None
            }
        }
    }
}

fn span_of(path: &Path) -> Span {
    path.segments
        .first()
        .map_or_else(Span::call_site, |segment| segment.ident.span())
}

/// Whether the attribute is `#[instrument_metrics(skip)]`.
pub(crate) fn is_skip(attribute: &Attribute) -> bool {
    match &attribute.meta {
        Meta::List(list) => is_skip_tokens(&list.tokens),
        _ => false,
    }
}

fn is_skip_tokens(tokens: &TokenStream) -> bool {
    syn::parse2::<Ident>(tokens.clone()).is_ok_and(|word| word == "skip")
}

fn parse_labels(item: &Item, out: &mut Sink) -> Vec<LabelArg> {
    let Some(list) = item.list(LABELS, out) else {
        return Vec::new();
    };
    let labels = list.parse_args_with(Punctuated::<LabelArg, Token![,]>::parse_terminated);
    match labels {
        Ok(labels) => labels.into_iter().collect(),
        Err(error) => {
            let diag = Diag::at_span(error.span(), error.to_string());
            out.push(if error.to_string().contains("help:") {
                diag
            } else {
                diag.help("write `labels(model = Model::Bert)`, with names and values")
            });
            Vec::new()
        }
    }
}

impl Parse for LabelArg {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let word = Ident::parse_any(input)?;
        // A keyword such as `type` is a good label.
        let name = if syn::parse_str::<Ident>(&word.to_string()).is_ok() {
            word
        } else {
            Ident::new_raw(&word.to_string(), word.span())
        };
        let ty = if input.peek(Token![:]) {
            input.parse::<Token![:]>()?;
            Some(input.parse()?)
        } else {
            None
        };
        if input.is_empty() || input.peek(Token![,]) {
            let word = name.unraw();
            return Err(syn::Error::new(
                name.span(),
                format!(
                    "label `{word}` has no value\nhelp: write `{word} = {name}`, or another value"
                ),
            ));
        }
        input.parse::<Token![=]>()?;
        Ok(Self {
            name,
            ty,
            value: input.parse::<Expr>()?,
        })
    }
}

// The set's labels are a struct, which says the types.
fn typed_labels_are_refused(labels: &[LabelArg], out: &mut Sink) {
    for label in labels {
        if let Some(ty) = &label.ty {
            out.push(
                Diag::at(
                    ty,
                    format!(
                        "the set knows the type of the label `{}`",
                        label.name.unraw()
                    ),
                )
                .help(format!(
                    "write `{} = {}`",
                    label.name.unraw(),
                    expr_text(&label.value)
                )),
            );
        }
    }
}
