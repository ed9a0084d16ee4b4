//! What an attribute says, and what it comes to for one function.

use datapunk_metrics_conventions::Profile;
use proc_macro2::Span;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Expr, FnArg, Ident, Pat, Path, Type};

use super::function::Function;
use crate::attr::ungrouped;
use crate::diag::{Diag, Sink, expr_text};
use crate::expand::CratePath;

/// What the attribute is above.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Function,
    Impl,
}

/// The attribute as it is written.
pub(crate) struct Attr {
    pub(crate) crate_path: CratePath,
    pub(crate) way: Option<Way>,
    pub(crate) labels: Vec<LabelArg>,
    /// The place of the key `labels`, or of the attribute.
    pub(crate) labels_span: Span,
}

/// Where calls are recorded.
pub(crate) enum Way {
    /// In metrics of the function's own.
    Own(Box<OwnKeys>),
    /// In a metric set.
    Set(Path),
}

pub(crate) struct OwnKeys {
    pub(crate) system: (String, Span),
    pub(crate) profile: Profile,
    /// What the metrics are named after, where it is not the function.
    pub(crate) name: Option<(String, Span)>,
    /// The value of `buckets`, for the derive to read.
    pub(crate) buckets: Option<Expr>,
    pub(crate) max_series: Option<Expr>,
}

/// `name: Type = value`
pub(crate) struct LabelArg {
    pub(crate) name: Ident,
    pub(crate) ty: Option<Type>,
    pub(crate) value: Expr,
}

impl LabelArg {
    /// Whether the label comes from the error of the call.
    pub(crate) fn is_of_error(&self) -> bool {
        matches!(ungrouped(&self.value), Expr::Closure(_))
    }
}

/// What the attribute comes to for one function.
pub(crate) struct Model<'a> {
    pub(crate) attr: &'a Attr,
    pub(crate) way: ModelWay<'a>,
}

pub(crate) enum ModelWay<'a> {
    Own(Own<'a>),
    Set(&'a Path),
}

/// The metrics of a function's own.
pub(crate) struct Own<'a> {
    pub(crate) keys: &'a OwnKeys,
    /// The function's name as it is written in messages and help texts.
    pub(crate) function: String,
    /// What the metrics are named after, system aside.
    pub(crate) name: String,
    pub(crate) name_span: Span,
    /// The types of the labels, in their order.
    pub(crate) types: Vec<Type>,
}

impl Attr {
    /// None if it is not known where to record.
    pub(crate) fn of_function<'a>(
        &'a self,
        function: &Function,
        out: &mut Sink,
    ) -> Option<Model<'a>> {
        let way = match self.way.as_ref()? {
            Way::Set(path) => ModelWay::Set(path),
            Way::Own(keys) => {
                let ident = &function.sig.ident;
                let (name, name_span) = keys
                    .name
                    .clone()
                    .unwrap_or_else(|| (ident.unraw().to_string(), ident.span()));
                // A type that is not known is reported; the other rules are checked all the same.
                let types = self.labels.iter().map(|label| {
                    type_of(label, function, out).unwrap_or_else(|| syn::parse_quote!(_))
                });
                ModelWay::Own(Own {
                    keys,
                    function: ident.unraw().to_string(),
                    name,
                    name_span,
                    types: types.collect(),
                })
            }
        };
        Some(Model { attr: self, way })
    }
}

/// The type of a label, which is written, or that of its value as far as it can be seen.
fn type_of(label: &LabelArg, function: &Function, out: &mut Sink) -> Option<Type> {
    let ty = label
        .ty
        .clone()
        .or_else(|| seen_type(&label.value, function));
    let name = label.name.unraw();
    let Some(ty) = ty else {
        let value = expr_text(&label.value);
        let diag = Diag::at(
            &label.value,
            format!("the type of the label `{name}` can't be seen"),
        );
        out.push(match ungrouped(&label.value) {
            Expr::Closure(closure) => {
                let (inputs, body) = (&closure.inputs, expr_text(&closure.body));
                diag.help(format!(
                    "write it before the value: `{name}: ErrorKind = |{}| {body}`",
                    inputs.to_token_stream()
                ))
            }
            Expr::Lit(_) => diag
                .note("a label has one of a fixed list of values")
                .help(format!(
                    "declare an enum with `#[derive(Clone, Copy, LabelValue)]` and write `{name} = Type::Variant`"
                )),
            _ => diag.help(format!("write it before the value: `{name}: Type = {value}`")),
        });
        return None;
    };
    let generic =
        function.sig.generics.type_params().find(
            |parameter| matches!(&ty, Type::Path(path) if path.path.is_ident(&parameter.ident)),
        );
    if let Some(parameter) = generic {
        out.push(
            Diag::at(
                &label.value,
                format!(
                    "the label `{name}` has the generic type `{}`",
                    parameter.ident
                ),
            )
            .note("what a metric exposes is fixed at compile time, for all types at once")
            .help("make it a value of one type, such as an enum with `#[derive(LabelValue)]`"),
        );
        return None;
    }
    Some(ty)
}

fn seen_type(value: &Expr, function: &Function) -> Option<Type> {
    match ungrouped(value) {
        Expr::Lit(literal) if matches!(literal.lit, syn::Lit::Bool(_)) => {
            Some(syn::parse_quote!(bool))
        }
        Expr::Path(path) if path.qself.is_none() => {
            if let Some(ident) = path.path.get_ident() {
                return argument_type(ident, function);
            }
            let mut ty = path.path.clone();
            ty.segments.pop();
            ty.segments.pop_punct();
            let is_type = ty.segments.last().is_some_and(|last| {
                let name = last.ident.unraw().to_string();
                name.starts_with(char::is_uppercase) && name != "Self"
            });
            is_type.then(|| syn::parse_quote!(#ty))
        }
        _ => None,
    }
}

fn argument_type(ident: &Ident, function: &Function) -> Option<Type> {
    function.sig.inputs.iter().find_map(|input| match input {
        FnArg::Typed(argument) => match (&*argument.pat, &*argument.ty) {
            (Pat::Ident(pat), Type::Path(_)) if pat.ident == *ident => Some((*argument.ty).clone()),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    })
}
