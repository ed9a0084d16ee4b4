//! `#[derive(LabelSet)]`.

use datapunk_metrics_conventions::{Openness, Profile, Rule, check_label_name, name_hash};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, GenericParam, Ident, Lifetime, Path, Type};

use super::open::{self, Open};
use super::refuse_generics;
use crate::attr::{self, Waiver};
use crate::diag::{Diag, Sink};
use crate::expand::{CratePath, assertion, hidden};
use crate::organisation::Organisation;

const CONTAINER_KEYS: &[&str] = &["from", "crate"];
const FIELD_KEYS: &[&str] = &["rename", "max", "known", "max_bytes", "allow"];
/// Keys that say something of values that come from outside.
const OPEN_KEYS: &[&str] = &["max", "known", "max_bytes"];

struct Model<'a> {
    ident: &'a Ident,
    crate_path: CratePath,
    /// Of what is borrowed.
    lifetime: Option<&'a Lifetime>,
    /// The labels of a call that these are made from.
    from: Option<Path>,
    labels: Vec<Label<'a>>,
}

pub(super) struct Label<'a> {
    field: &'a Ident,
    ty: &'a Type,
    pub(super) name: String,
    span: Span,
    is_renamed: bool,
    waivers: Vec<Waiver>,
    /// Whether its values tell less than what they were made from.
    is_reduced: bool,
    /// What is known of its values, if they come from outside.
    pub(super) open: Option<Open>,
}

pub(crate) fn derive_label_set(input: &DeriveInput) -> TokenStream {
    let mut out = Sink::new();
    let model = parse(input, &mut out);
    let organisation = Organisation::of_package();
    organisation.report(input.ident.span(), &mut out);
    for label in &model.labels {
        name_is_allowed(label, &organisation, &mut out);
        open::known_values_are_allowed(label, &organisation, &mut out);
    }
    names_differ(&model, &mut out);
    let errors = out.finish();
    // An implementation for a generic type would bring errors of its own.
    let is_generic = input.generics.params.len() > usize::from(model.lifetime.is_some());
    let expansion = (!is_generic).then(|| expand(&model, &organisation));
    quote!(#errors #expansion)
}

fn parse<'a>(input: &'a DeriveInput, out: &mut Sink) -> Model<'a> {
    let lifetime = parse_lifetime(input, out);
    let mut crate_path = CratePath::default();
    let mut from = None;
    for item in attr::items(&input.attrs, "label", CONTAINER_KEYS, &[], out) {
        if item.key == "crate" {
            crate_path = CratePath::read(&item, out).unwrap_or(crate_path);
        } else {
            from = item.path_value("the label set of a call such as `HttpCall`", out);
        }
    }
    let mut labels = Vec::new();
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) if !fields.named.is_empty() => {
                for field in &fields.named {
                    let Some(ident) = &field.ident else { continue };
                    labels.push(parse_label(ident, field, out));
                }
            }
            _ => out.push(
                Diag::at(
                    &input.ident,
                    format!("label set `{}` has no named fields", input.ident),
                )
                .help(
                    "write one field for each label; for no labels, leave the type away: `Counter`",
                ),
            ),
        },
        Data::Enum(_) => out.push(
            Diag::at(
                &input.ident,
                format!("label set `{}` is not a struct", input.ident),
            )
            .note("an enum is a label value, and a label set is a struct of label values")
            .help("derive `LabelValue` for it, and write a struct with a field of its type"),
        ),
        Data::Union(_) => out.push(
            Diag::at(
                &input.ident,
                format!("label set `{}` is not a struct", input.ident),
            )
            .help("write a struct with one field for each label"),
        ),
    }
    Model {
        ident: &input.ident,
        crate_path,
        lifetime,
        from,
        labels,
    }
}

/// The lifetime of what is borrowed; other generics are refused.
fn parse_lifetime<'a>(input: &'a DeriveInput, out: &mut Sink) -> Option<&'a Lifetime> {
    let mut params = input.generics.params.iter();
    match (params.next(), params.next()) {
        (Some(GenericParam::Lifetime(param)), None) => Some(&param.lifetime),
        (Some(GenericParam::Lifetime(_)), Some(GenericParam::Lifetime(second))) => {
            out.push(
                Diag::at(
                    &second.lifetime,
                    format!("label set `{}` has two lifetimes", input.ident),
                )
                .note("all labels of a recording are borrowed for the same time")
                .help("use the first one for all fields"),
            );
            None
        }
        (None, _) => None,
        _ => {
            refuse_generics(input, "label set", out);
            None
        }
    }
}

fn parse_label<'a>(ident: &'a Ident, field: &'a syn::Field, out: &mut Sink) -> Label<'a> {
    let mut label = Label {
        field: ident,
        ty: &field.ty,
        name: ident.unraw().to_string(),
        span: ident.span(),
        is_renamed: false,
        waivers: Vec::new(),
        is_reduced: open::is_reduced(&field.ty),
        open: (open::is_open(&field.ty) || open::is_reduced(&field.ty)).then(Open::default),
    };
    for item in attr::items(&field.attrs, "label", FIELD_KEYS, &["allow"], out) {
        if item.key == "rename" {
            if let Some((name, span)) = item.string("a string such as `\"status\"`", out) {
                (label.name, label.span, label.is_renamed) = (name, span, true);
            }
        } else if OPEN_KEYS.contains(&item.key.as_str()) {
            open::parse_key(&item, &mut label, out);
        } else if let Some(waiver) = attr::waiver(&item, out) {
            label.waivers.push(waiver);
        }
    }
    label
}

fn name_is_allowed(label: &Label<'_>, organisation: &Organisation, out: &mut Sink) {
    let openness = match label.open {
        Some(_) if !label.is_reduced => Openness::Open,
        _ => Openness::Closed,
    };
    let mut findings = check_label_name(Profile::Datapunk, &label.name, openness);
    organisation.add_to(&mut findings, &label.name, openness);
    for waiver in &label.waivers {
        if !findings.iter().any(|finding| finding.rule == waiver.rule) {
            out.push(useless_waiver(waiver, &format!("label `{}`", label.name)));
        }
    }
    for finding in findings {
        if label
            .waivers
            .iter()
            .any(|waiver| waiver.rule == finding.rule && finding.rule.waivable())
        {
            continue;
        }
        let mut diag = Diag::finding(label.span, &finding);
        if label.name.is_empty() {
            diag = diag.help(format!("remove `rename`, for the name `{}`", label.field));
        } else if let Some(fix) = &finding.fix {
            diag = diag.help(if label.is_renamed {
                format!("write `rename = \"{fix}\"`")
            } else {
                rename_to(fix)
            });
        }
        if finding.rule == Rule::PersonalData && finding.rule.waivable() {
            diag = diag.help("if the word means something else here, add `#[label(allow(personal_data, reason = \"…\"))]`");
        }
        out.push(diag);
    }
}

/// How a label gets this name: by that of its field, which a keyword can be only in raw form, and some not at all.
fn rename_to(name: &str) -> String {
    if syn::parse_str::<Ident>(name).is_ok() {
        format!("rename the field to `{name}`")
    } else if matches!(name, "crate" | "self" | "super") {
        format!("add `#[label(rename = \"{name}\")]`")
    } else {
        format!("rename the field to `r#{name}`")
    }
}

/// A waiver of a rule that holds anyway hides the next mistake.
pub(crate) fn useless_waiver(waiver: &Waiver, what: &str) -> Diag {
    Diag::at_span(
        waiver.span,
        format!("{what} does not break the rule `{}`", waiver.rule.id()),
    )
    .help("remove the waiver")
}

fn names_differ(model: &Model<'_>, out: &mut Sink) {
    for (at, label) in model.labels.iter().enumerate() {
        if let Some(first) = model.labels[..at]
            .iter()
            .find(|first| first.name == label.name)
        {
            out.push(
                Diag::at_span(
                    label.span,
                    format!("label `{}` is already defined", label.name),
                )
                .note(format!("the field `{}` defines it", first.field))
                .help("rename one of the two"),
            );
        }
    }
}

/// Whether a label is known only when the call has ended, by the name of its type.
fn completion_of(ty: &Type) -> Option<TokenStream> {
    let path = match ty {
        Type::Path(path) => path,
        // The compiler's brackets around what a `macro_rules!` macro was given.
        Type::Group(group) => return completion_of(&group.elem),
        _ => return None,
    };
    match path.path.segments.last()?.ident.to_string().as_str() {
        "StatusCode" | "StatusClass" => Some(quote!(status)),
        "Outcome" => Some(quote!(outcome)),
        _ => None,
    }
}

/// ```ignore
/// impl LabelSet for HttpLabels<'static> {
///     type Of<'a> = HttpLabels<'a>;
///     type Open<'a> = [&'a str; 1];
///     const CARDINALITY: usize = cardinality(Self::LABELS);
///     const LABELS: &'static [LabelDescriptor] = &[LabelDescriptor { name: "method", … }, …];
///     const IS_OPEN: bool = is_open(Self::LABELS);
///     const NO_VALUES: [&'static str; 1] = [""; 1];
///     fn open<'a>(labels: HttpLabels<'a>) -> [&'a str; 1] { [labels.path] }
///     fn index(labels: HttpLabels<'_>) -> usize {
///         let index = 0;
///         let index = index * Method::VALUES.len() + labels.method.index();
///         let index = index * StatusCode::VALUES.len() + labels.status.index();
///         index
///     }
/// }
/// ```
fn expand(model: &Model<'_>, organisation: &Organisation) -> TokenStream {
    let Model {
        ident,
        crate_path,
        labels,
        lifetime,
        ..
    } = model;
    let private = crate_path.private();
    let descriptors = labels
        .iter()
        .map(|label| expand_descriptor(label, crate_path));
    // Locals have the macro's own hygiene: with the span of a type that a `macro_rules!` macro was given, they would
    // not be found.
    let (index, of) = (quote!(index), quote!(labels));
    let closed = labels.iter().filter(|label| label.open.is_none());
    let digits = closed.map(|Label { field, ty, .. }| {
        quote_spanned! {ty.span()=>
            let #index = #index * <#ty as #private::LabelValue>::VALUES.len()
                + <#ty as #private::LabelValue>::index(#of.#field);
        }
    });
    let open = labels.iter().filter(|label| label.open.is_some());
    let open: Vec<_> = open
        .map(
            |Label {
                 field, is_reduced, ..
             }| {
                if *is_reduced {
                    quote!(#private::Reduced::text(labels.#field))
                } else {
                    quote!(labels.#field)
                }
            },
        )
        .collect();
    let open_count = open.len();
    let (own, of_type) = match lifetime {
        Some(_) => (
            quote!(#ident<'static>),
            quote_spanned!(ident.span()=> #ident<'a>),
        ),
        None => (quote!(#ident), quote_spanned!(ident.span()=> Self)),
    };
    let header = quote_spanned!(ident.span()=> impl #private::LabelSet for #own);
    let of_type = quote_spanned!(ident.span()=> type Of<'a> = #of_type;);
    let countable = assertion(
        crate_path,
        ident.span(),
        "cardinality_fits",
        &quote!(<#own as #private::LabelSet>::LABELS),
    );
    let conversions = expand_conversions(model, &private);
    let watched = organisation.watch(crate_path);
    hidden(&quote! {
        #watched
        #[automatically_derived]
        #header {
            #of_type
            type Open<'a> = [&'a #private::str; #open_count];
            const CARDINALITY: #private::usize = #private::cardinality(<Self as #private::LabelSet>::LABELS);
            const LABELS: &'static [#private::LabelDescriptor] = &[#(#descriptors),*];
            const IS_OPEN: #private::bool = #private::is_open(<Self as #private::LabelSet>::LABELS);
            const NO_VALUES: [&'static #private::str; #open_count] = [""; #open_count];

            #[inline]
            fn open<'a>(labels: Self::Of<'a>) -> Self::Open<'a> {
                let _ = labels;
                [#(#open),*]
            }

            #[inline]
            fn index(labels: Self::Of<'_>) -> #private::usize {
                let _ = labels;
                let index = 0;
                #(#digits)*
                index
            }
        }

        #countable
        #conversions
    })
}

fn expand_descriptor(label: &Label<'_>, crate_path: &CratePath) -> TokenStream {
    let Label {
        ty,
        name,
        waivers,
        open,
        ..
    } = label;
    let private = crate_path.private_at(ty.span());
    let waivers = waivers.iter().map(|waiver| expand_waiver(waiver, &private));
    let hash = name_hash(name);
    if let Some(open) = open {
        let open = open::expand(open, label.is_reduced, &private);
        return quote_spanned! {ty.span()=> #private::LabelDescriptor {
            name: #name,
            hash: #hash,
            values: &[],
            variants: &[],
            sparse: false,
            open: #private::Some(#open),
            waivers: &[#(#waivers),*],
        }};
    }
    // Every use of the type as a label value looks alike to rustc, which then says once that it is none.
    quote_spanned! {ty.span()=> #private::LabelDescriptor {
        name: #name,
        hash: #hash,
        values: <#ty as #private::LabelValue>::VALUES,
        variants: <#ty as #private::LabelValue>::VARIANTS,
        sparse: <#ty as #private::LabelValue>::SPARSE,
        open: #private::None,
        waivers: &[#(#waivers),*],
    }}
}

pub(crate) fn expand_waiver(waiver: &Waiver, private: &TokenStream) -> TokenStream {
    let Waiver { rule, reason, .. } = waiver;
    let rule = rule.id();
    quote!(#private::Waiver { rule: #rule, reason: #reason })
}

/// How labels are made from those of a call: from its own when it starts and when it has ended, and from the label
/// set that `from` names.
fn expand_conversions(model: &Model<'_>, private: &TokenStream) -> TokenStream {
    let Model {
        ident,
        lifetime,
        from,
        labels,
        ..
    } = model;
    let (generics, this) = match lifetime {
        Some(lifetime) => (quote!(<#lifetime>), quote!(#ident<#lifetime>)),
        None => (TokenStream::new(), quote!(#ident)),
    };
    let own = quote! {
        #[automatically_derived]
        impl #generics #private::From<#private::Started<#this>> for #this {
            #[inline]
            fn from(call: #private::Started<#this>) -> Self {
                call.labels
            }
        }

        #[automatically_derived]
        impl #generics #private::From<#private::Completed<#this>> for #this {
            #[inline]
            fn from(call: #private::Completed<#this>) -> Self {
                call.labels
            }
        }
    };
    let Some(from) = from else { return own };
    // As above: a local keeps the macro's own hygiene.
    let call = quote!(call);
    let at_end = labels.iter().map(|Label { field, ty, .. }| {
        if let Some(part) = completion_of(ty) {
            quote_spanned!(field.span()=> #field: #private::From::from(#call.#part))
        } else {
            quote_spanned!(field.span()=> #field: #call.labels.#field)
        }
    });
    let ended = quote! {
        #[automatically_derived]
        impl #generics #private::From<#private::Completed<#from>> for #this {
            #[inline]
            fn from(call: #private::Completed<#from>) -> Self {
                Self { #(#at_end),* }
            }
        }
    };
    if labels.iter().any(|label| completion_of(label.ty).is_some()) {
        return quote!(#own #ended);
    }
    let fields = labels.iter().map(|label| label.field);
    quote! {
        #own
        #ended

        #[automatically_derived]
        impl #generics #private::From<#private::Started<#from>> for #this {
            #[inline]
            fn from(call: #private::Started<#from>) -> Self {
                Self { #(#fields: call.labels.#fields),* }
            }
        }
    }
}
