//! Attributes: from `#[metric(key = value, …)]` to keys with values.
//!
//! darling turns the tokens into meta items and literals into typed values; unknown, repeated and mistyped keys are
//! worded by [`Diag`].

use darling::FromMeta;
use darling::ast::NestedMeta;
use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Path};

use crate::diag::{Diag, Sink};

/// One `key`, `key = value` or `key(…)`.
pub(crate) struct Item {
    pub(crate) key: String,
    pub(crate) path: Path,
    pub(crate) meta: Meta,
}

/// The items of every `#[name(…)]` among `attributes`, each known and none twice, but for keys in `repeatable`.
pub(crate) fn items(
    attributes: &[Attribute],
    name: &str,
    known: &[&str],
    repeatable: &[&str],
    out: &mut Sink,
) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(name)) {
        let Meta::List(list) = &attribute.meta else {
            out.push(
                Diag::at(&attribute.meta, format!("attribute `{name}` has no keys"))
                    .help(format!("write `#[{name}({} = …)]`, or remove it", known[0])),
            );
            continue;
        };
        items_of(list.tokens.clone(), name, known, repeatable, &mut items, out);
    }
    items
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
    let Some(metas) = out.take(NestedMeta::parse_meta_list(tokens)) else { return };
    for meta in metas {
        let meta = match meta {
            NestedMeta::Meta(meta) => meta,
            NestedMeta::NameValueInvalidExpr(pair) => {
                out.push(Diag::wrong_value(&pair, &crate::diag::path_text(&pair.path), "an expression"));
                continue;
            }
            NestedMeta::Lit(literal) => {
                out.push(
                    Diag::at(&literal, format!("`{name}` takes keys, not a literal"))
                        .help(format!("write `{} = {}`", known[0], literal.to_token_stream())),
                );
                continue;
            }
        };
        let path = meta.path().clone();
        let key = crate::diag::path_text(&path);
        if !known.contains(&key.as_str()) {
            out.push(Diag::unknown_key(&path, name, known));
        } else if items.iter().any(|item| item.key == key) && !repeatable.contains(&key.as_str()) {
            out.push(Diag::duplicate_key(&path, name));
        } else {
            items.push(Item { key, path, meta });
        }
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
        self.typed(value, expected, out)
    }

    /// A literal that darling reads as a `T`.
    fn typed<T: FromMeta>(&self, value: &Expr, expected: &str, out: &mut Sink) -> Option<(T, Span)> {
        match T::from_expr(value) {
            Ok(typed) => Some((typed, value.span())),
            Err(_) => {
                out.push(Diag::wrong_value(value, &self.key, expected));
                None
            }
        }
    }

    /// A path.
    pub(crate) fn path_value(&self, expected: &str, out: &mut Sink) -> Option<Path> {
        match self.value(expected, out)? {
            Expr::Path(path) if path.qself.is_none() && path.attrs.is_empty() => Some(path.path.clone()),
            other => {
                out.push(Diag::wrong_value(other, &self.key, expected));
                None
            }
        }
    }

    /// A key without a value.
    pub(crate) fn flag(&self, out: &mut Sink) -> bool {
        let is_flag = matches!(self.meta, Meta::Path(_));
        if !is_flag {
            out.push(Diag::wrong_value(&self.meta, &self.key, "no value"));
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
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

/// A waiver: `allow(rule, reason = "…")`.
pub(crate) struct Waiver {
    pub(crate) rule: datapunk_metrics_conventions::Rule,
    pub(crate) reason: String,
    pub(crate) span: Span,
}

const ALLOW: &str = "a rule and a reason: `allow(naming, reason = \"…\")`";

/// Reads `allow(…)`; a rule that keeps a scrape from breaking is refused.
pub(crate) fn waiver(item: &Item, out: &mut Sink) -> Option<Waiver> {
    use datapunk_metrics_conventions::Rule;

    let list = item.list(ALLOW, out)?;
    let metas = out.take(NestedMeta::parse_meta_list(list.tokens.clone()))?;
    let mut rule = None;
    let mut reason = None;
    for meta in &metas {
        match meta {
            NestedMeta::Meta(Meta::Path(path)) if rule.is_none() => rule = Some(path.clone()),
            NestedMeta::Meta(Meta::NameValue(pair)) if pair.path.is_ident("reason") && reason.is_none() => {
                match string_literal(&pair.value) {
                    Some(text) if !text.trim().is_empty() => reason = Some(text),
                    _ => {
                        out.push(Diag::wrong_value(&pair.value, "reason", "a string that says why"));
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
        out.push(Diag::wrong_value(list, "allow", ALLOW));
        return None;
    };
    let word = crate::diag::path_text(&path);
    let waivable: Vec<&str> = Rule::ALL.iter().filter(|rule| rule.waivable()).map(Rule::id).collect();
    let rule = match Rule::from_id(&word) {
        Some(rule) if rule.waivable() => rule,
        Some(_) => {
            out.push(
                Diag::at(&path, format!("rule `{word}` can't be waived"))
                    .note("an exposition that breaks it is refused by the scraper, or wrong")
                    .help(format!("the rules with waivers are {}", crate::diag::list(&waivable))),
            );
            return None;
        }
        None => {
            let near = datapunk_metrics_conventions::closest(&word, waivable.iter().copied());
            out.push(Diag::at(&path, format!("unknown rule `{word}`")).help(match near {
                Some(near) => format!("a rule with a similar name exists: `{near}`"),
                None => format!("the rules with waivers are {}", crate::diag::list(&waivable)),
            }));
            return None;
        }
    };
    let Some(reason) = reason else {
        out.push(
            Diag::at(list, format!("the waiver of rule `{word}` has no reason"))
                .help(format!("write `allow({word}, reason = \"…\")`; the reason is shown in the catalogue")),
        );
        return None;
    };
    Some(Waiver { rule, reason, span: path.span() })
}
