//! Attributes: from `#[metric(key = value, …)]` to keys with values.
//!
//! darling turns the tokens into meta items and literals into typed values; unknown, repeated and mistyped keys are
//! worded by [`Diag`].

use darling::FromMeta;
use darling::ast::{MetaNameValueInvalidExpr, NestedMeta};
use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, ExprPath, Lit, Meta, MetaNameValue, Path, TypePath};

use crate::diag::{Diag, Sink, keys, list, path_text};

/// Keys that a lone literal is meant for, where they come first.
const NAMING_KEYS: &[&str] = &["name", "namespace", "rename", "rename_all", "value"];

/// One `key`, `key = value` or `key(…)`.
pub(crate) struct Item {
    pub(crate) key: String,
    pub(crate) path: Path,
    pub(crate) meta: Meta,
}

/// The items of some attributes.
#[derive(Default)]
pub(crate) struct Items {
    pub(crate) items: Vec<Item>,
    /// Keys that may be meant by what can't be read, so that nothing is said of their absence.
    pub(crate) unread: Vec<String>,
}

/// The items of every `#[name(…)]` among `attributes`, each known and none twice, but for keys in `repeatable`.
pub(crate) fn items(
    attributes: &[Attribute],
    name: &str,
    known: &[&str],
    repeatable: &[&str],
    out: &mut Sink,
) -> Vec<Item> {
    read(attributes, name, known, repeatable, out).items
}

/// The same with the keys that can't be read.
pub(crate) fn read(
    attributes: &[Attribute],
    name: &str,
    known: &[&str],
    repeatable: &[&str],
    out: &mut Sink,
) -> Items {
    let mut read = Items::default();
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident(name))
    {
        match &attribute.meta {
            Meta::List(list) if !list.tokens.is_empty() => {
                read_tokens(list.tokens.clone(), name, known, repeatable, &mut read, out);
            }
            empty => out
                .push(Diag::at(empty, format!("attribute `{name}` has no keys")).help(keys(known))),
        }
    }
    read
}

/// The items in `tokens`, appended to `items`.
pub(crate) fn items_of(
    tokens: proc_macro2::TokenStream,
    name: &str,
    known: &[&str],
    repeatable: &[&str],
    items: &mut Vec<Item>,
    out: &mut Sink,
) {
    let mut read = Items {
        items: core::mem::take(items),
        ..Items::default()
    };
    read_tokens(tokens, name, known, repeatable, &mut read, out);
    *items = read.items;
}

fn read_tokens(
    tokens: proc_macro2::TokenStream,
    name: &str,
    known: &[&str],
    repeatable: &[&str],
    read: &mut Items,
    out: &mut Sink,
) {
    let all = || known.iter().map(|key| (*key).to_owned());
    let metas = match NestedMeta::parse_meta_list(tokens) {
        Ok(metas) => metas,
        Err(error) => {
            out.push(
                Diag::at_span(error.span(), format!("{error} in attribute `{name}`"))
                    .note("keys are written `key = value` or `key(…)`, with commas between them"),
            );
            read.unread.extend(all());
            return;
        }
    };
    for meta in metas {
        let meta = match meta {
            NestedMeta::Meta(meta) => meta,
            NestedMeta::NameValueInvalidExpr(pair) => {
                if let Some(meta) = type_value(&pair) {
                    push_item(meta, name, known, repeatable, read, out);
                    continue;
                }
                let key = path_text(&pair.path);
                let fact = if pair.value.is_empty() {
                    format!("`{key}` has no value")
                } else {
                    format!("the value of `{key}` is not an expression")
                };
                out.push(Diag::at(&pair, fact).note("a value is a literal, a list or a path"));
                read.unread.push(key);
                continue;
            }
            NestedMeta::Lit(literal) => {
                let diag = Diag::at(&literal, format!("`{name}` takes keys, not a literal"));
                out.push(if NAMING_KEYS.contains(&known[0]) {
                    diag.help(format!(
                        "write `{} = {}`",
                        known[0],
                        literal.to_token_stream()
                    ))
                } else {
                    diag.help(keys(known))
                });
                read.unread.extend(all());
                continue;
            }
        };
        push_item(meta, name, known, repeatable, read, out);
    }
}

/// `key = HttpCall<'static>`: a type with a lifetime is no expression, but a path all the same.
fn type_value(pair: &MetaNameValueInvalidExpr) -> Option<Meta> {
    let TypePath { qself, path, .. } = syn::parse2(pair.value.clone()).ok()?;
    Some(Meta::NameValue(MetaNameValue {
        path: pair.path.clone(),
        eq_token: pair.eq_token,
        value: Expr::Path(ExprPath {
            attrs: Vec::new(),
            qself,
            path,
        }),
    }))
}

fn push_item(
    meta: Meta,
    name: &str,
    known: &[&str],
    repeatable: &[&str],
    read: &mut Items,
    out: &mut Sink,
) {
    let path = meta.path().clone();
    let key = path_text(&path);
    if !known.contains(&key.as_str()) {
        out.push(Diag::unknown_key(&path, name, known));
        let near = datapunk_metrics_conventions::closest(&key, known.iter().copied());
        read.unread.extend(near.map(str::to_owned));
    } else if read.items.iter().any(|item| item.key == key) && !repeatable.contains(&key.as_str()) {
        out.push(Diag::duplicate_key(&path, name));
    } else {
        read.items.push(Item { key, path, meta });
    }
}

impl Item {
    /// The value behind `=`.
    pub(crate) fn value(&self, expected: &str, out: &mut Sink) -> Option<&Expr> {
        match &self.meta {
            Meta::NameValue(pair) => Some(ungrouped(&pair.value)),
            other => {
                out.push(Diag::wrong_value(other, &self.key, expected));
                None
            }
        }
    }

    /// The tokens between the parentheses.
    pub(crate) fn list(&self, expected: &str, out: &mut Sink) -> Option<&syn::MetaList> {
        match &self.meta {
            Meta::List(list) => Some(list),
            other => {
                out.push(Diag::wrong_value(other, &self.key, expected));
                None
            }
        }
    }

    /// A string literal.
    pub(crate) fn string(&self, expected: &str, out: &mut Sink) -> Option<(String, Span)> {
        let value = self.value(expected, out)?;
        if let Ok(text) = String::from_expr(value) {
            return Some((text, value.span()));
        }
        out.push(match value {
            Expr::Path(path) if expected.starts_with("a string") => Diag::wrong_value(
                value,
                &self.key,
                &format!("a string such as `\"{}\"`", path_text(&path.path)),
            ),
            other => Diag::wrong_value(other, &self.key, expected),
        });
        None
    }

    /// A path.
    pub(crate) fn path_value(&self, expected: &str, out: &mut Sink) -> Option<Path> {
        match self.value(expected, out)? {
            Expr::Path(path) if path.qself.is_none() && path.attrs.is_empty() => {
                Some(path.path.clone())
            }
            other => {
                let quoted =
                    string_literal(other).filter(|text| syn::parse_str::<Path>(text).is_ok());
                out.push(match (quoted, expected.split_once(" such as `")) {
                    (Some(path), Some((what, _))) => {
                        let expected = format!("{what}, not a string such as `{path}`");
                        Diag::wrong_value(other, &self.key, &expected)
                    }
                    _ => Diag::wrong_value(other, &self.key, expected),
                });
                None
            }
        }
    }

    /// A key without a value.
    pub(crate) fn flag(&self, out: &mut Sink) -> bool {
        let is_flag = matches!(self.meta, Meta::Path(_));
        if !is_flag {
            let diag = Diag::wrong_value(&self.meta, &self.key, "no value");
            out.push(diag.help(format!("write `{}`", self.key)));
        }
        is_flag
    }
}

/// An expression without the invisible group that a `macro_rules!` fragment puts around it.
pub(crate) fn ungrouped(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => ungrouped(&group.expr),
        other => other,
    }
}

/// The text of a string literal.
pub(crate) fn string_literal(expr: &Expr) -> Option<String> {
    match ungrouped(expr) {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}

/// A profile of the conventions.
pub(crate) fn profile(
    item: &Item,
    out: &mut Sink,
) -> Option<datapunk_metrics_conventions::Profile> {
    let path = item.path_value("a profile such as `prometheus`", out)?;
    let word = crate::diag::path_text(&path);
    let profile = datapunk_metrics_conventions::Profile::from_name(&word);
    if profile.is_none() {
        out.push(
            Diag::at(&path, format!("unknown profile `{word}`"))
                .help("the profiles are `datapunk`, `prometheus`"),
        );
    }
    profile
}

/// A waiver: `allow(rule, reason = "…")`.
pub(crate) struct Waiver {
    pub(crate) rule: datapunk_metrics_conventions::Rule,
    pub(crate) reason: String,
    pub(crate) span: Span,
}

const ALLOW: &str = "a rule and a reason such as `allow(naming, reason = \"…\")`";

/// Reads `allow(…)`; a rule that keeps a scrape from breaking is refused.
pub(crate) fn waiver(item: &Item, out: &mut Sink) -> Option<Waiver> {
    use datapunk_metrics_conventions::Rule;

    let allow = item.list(ALLOW, out)?;
    let Ok(metas) = NestedMeta::parse_meta_list(allow.tokens.clone()) else {
        out.push(Diag::wrong_value(allow, "allow", ALLOW));
        return None;
    };
    let mut rule = None;
    let mut reason = None;
    for meta in &metas {
        match meta {
            NestedMeta::Meta(Meta::Path(path)) => match &rule {
                None => rule = Some(path.clone()),
                Some(first) => {
                    out.push(Diag::at(path, "`allow` takes one rule").help(format!(
                        "write `allow({}, reason = \"…\")` and another `allow({}, reason = \"…\")`",
                        path_text(first),
                        path_text(path)
                    )));
                    return None;
                }
            },
            NestedMeta::Meta(Meta::NameValue(pair))
                if pair.path.is_ident("reason") && reason.is_none() =>
            {
                match string_literal(&pair.value) {
                    Some(text) if !text.trim().is_empty() => reason = Some(text),
                    _ => {
                        out.push(Diag::wrong_value(
                            &pair.value,
                            "reason",
                            "a text that says why such as `\"dashboards use the old name\"`",
                        ));
                        return None;
                    }
                }
            }
            other => {
                out.push(Diag::wrong_value(other, "allow", ALLOW));
                return None;
            }
        }
    }
    let Some(path) = rule else {
        out.push(Diag::wrong_value(allow, "allow", ALLOW));
        return None;
    };
    let word = path_text(&path);
    let waivable: Vec<&str> = Rule::ALL
        .iter()
        .filter(|rule| rule.waivable())
        .map(Rule::id)
        .collect();
    let rule = match Rule::from_id(&word) {
        Some(rule) if rule.waivable() => rule,
        Some(rule) => {
            let diag = Diag::at(&path, format!("rule `{word}` can't be waived"));
            out.push(match rule {
                Rule::Cardinality => diag
                    .note("a limit that is too low is raised, so that it stays a limit")
                    .help("write `max_series = …` in `#[metric(…)]`"),
                Rule::Help => diag
                    .note("the help text is what a person on call reads")
                    .help("write a doc comment"),
                _ => diag
                    .note("an exposition that breaks it is refused by the scraper, or wrong")
                    .help(format!("the rules with waivers are {}", list(&waivable))),
            });
            return None;
        }
        None => {
            let near = datapunk_metrics_conventions::closest(&word, waivable.iter().copied());
            out.push(
                Diag::at(&path, format!("unknown rule `{word}`")).help(match near {
                    Some(near) => format!("a rule with a similar name exists: `{near}`"),
                    None => format!("the rules with waivers are {}", list(&waivable)),
                }),
            );
            return None;
        }
    };
    let Some(reason) = reason else {
        out.push(
            Diag::at(allow, format!("the waiver of rule `{word}` has no reason")).help(format!(
                "write `allow({word}, reason = \"…\")`; the reason is shown in the catalogue"
            )),
        );
        return None;
    };
    Some(Waiver {
        rule,
        reason,
        span: path.span(),
    })
}
