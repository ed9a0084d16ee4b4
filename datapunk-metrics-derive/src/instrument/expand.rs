//! From the model to code. What is written depends on the model alone and can't fail.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Type};

use super::function::{Body, Function, FutureBody, ResponsePlace, with_body};
use super::model::{LabelArg, Model, ModelWay};
use super::own;
use crate::attr::string_literal;

/// ```ignore
/// async fn infer(input: Input) -> Result<Output, InferError> {
///     let mut __dpm_call = { …; Call::<Set>::start(Labels { model: Model::Bert, error: None }) };
///     let __dpm_returned = watch(&mut __dpm_call, async move { … }).await;
///     __dpm_call.labels_at_end().error = error_label(&__dpm_returned, |e| e.kind());
///     __dpm_call.complete((&&&&&&Value(&__dpm_returned)).ended());
///     __dpm_returned
/// }
/// ```
pub(crate) fn expand(model: &Model<'_>, function: &Function) -> TokenStream {
    let private = model.attr.crate_path.private();
    let names = Names::new();
    let Names { call, returned } = &names;
    let start = expand_start(model, function, &names);
    let finish = expand_finish(model, &names, function.response());
    let body = &function.body;
    let block = match function.body() {
        Some(Body::Future(future)) => {
            expand_future(&private, function, &names, &start, &finish, *future)
        }
        Some(Body::Async) => {
            let typed = expand_typed_return(&private, &function.returned());
            let inner = braced(function, &quote!(#typed #body));
            quote! {
                #start
                let #returned = #private::watch(&mut #call, async move #inner).await;
                #finish
            }
        }
        _ => {
            let ty = function.returned();
            let inner = braced(function, body);
            quote! {
                #start
                let #returned = #private::once(move || -> #ty #inner);
                #finish
            }
        }
    };
    with_body(function, block)
}

/// The variables of the generated code, which user code can't name.
struct Names {
    call: Ident,
    returned: Ident,
}

impl Names {
    fn new() -> Self {
        Self {
            call: Ident::new("__dpm_call", Span::mixed_site()),
            returned: Ident::new("__dpm_returned", Span::mixed_site()),
        }
    }
}

/// The body's own braces, so that what is missing at its end is reported there.
fn braced(function: &Function, body: &TokenStream) -> TokenStream {
    let mut group = proc_macro2::Group::new(proc_macro2::Delimiter::Brace, body.clone());
    group.set_span(function.brace.span());
    quote!(#group)
}

/// Tells the compiler what an `async` block returns, as its type can't be written; this is never reached.
fn expand_typed_return(private: &TokenStream, ty: &Type) -> TokenStream {
    if let Type::Infer(_) = ty {
        return TokenStream::new();
    }
    let value = Ident::new("__dpm_value", Span::mixed_site());
    quote! {
        if let #private::Some(#value) = #private::None::<#ty> {
            return #value;
        }
    }
}

fn expand_future(
    private: &TokenStream,
    function: &Function,
    names: &Names,
    start: &TokenStream,
    finish: &TokenStream,
    future: FutureBody,
) -> TokenStream {
    let Names { call, returned } = names;
    let FutureBody {
        statements,
        pin,
        capture,
        block,
    } = future;
    let typed = expand_typed_return(private, &function.future_output());
    let body = &block.stmts;
    let watched = quote! {
        async #capture {
            #start
            let #returned = #private::watch(&mut #call, async #capture { #typed #(#body)* }).await;
            #finish
        }
    };
    let future = if let Some(pin) = pin {
        quote!(#pin(#watched))
    } else {
        watched
    };
    quote!(#(#statements)* #future)
}

/// Starts the call. Items are declared in a block of their own, where the body can't see them.
fn expand_start(model: &Model<'_>, function: &Function, names: &Names) -> TokenStream {
    let attr = model.attr;
    let private = attr.crate_path.private();
    let call = &names.call;
    let site = Site::of(model);
    let fields = attr.labels.iter().enumerate().map(|(at, label)| {
        let (name, value) = (&label.name, &label.value);
        if label.is_of_error() {
            quote_spanned!(value.span()=> #name: #private::None)
        } else if site.is_some() {
            let local = local(at, value);
            quote!(#name: #local)
        } else {
            quote!(#name: #value)
        }
    });
    let (items, set, labels) = match &model.way {
        ModelWay::Own(own) => {
            let (names, items) = own::expand(attr, own);
            let (set, labels) = (names.set, names.call);
            (items, quote!(#set), quote!(#labels { #(#fields),* }))
        }
        ModelWay::Set(set) if attr.labels.is_empty() => {
            let span = set.span();
            (TokenStream::new(), quote!(#set), quote_spanned!(span=> ()))
        }
        ModelWay::Set(set) => {
            // A qualified path can't be written before the fields of a struct; an alias of it can.
            let alias = Ident::new(
                "__DpmLabels",
                Span::call_site().located_at(attr.labels_span),
            );
            let private = attr.crate_path.private_at(set.span());
            let item = quote_spanned! {set.span()=>
                type #alias<'a> = <#set as #private::Instrument>::Labels<'a>;
            };
            (item, quote!(#set), quote!(#alias { #(#fields),* }))
        }
    };
    let start = match &model.way {
        ModelWay::Own(_) => quote!(#private::start::<#set>(#labels)),
        ModelWay::Set(path) => {
            let private = attr.crate_path.private_at(path.span());
            if let Some(Site { values, site }) = &site {
                quote_spanned! {path.span()=>
                    #values
                    #private::start_at::<#set>(#labels, #site)
                }
            } else {
                quote_spanned!(path.span()=> #private::start::<#set>(#labels))
            }
        }
    };
    let mutability = is_changed(model, function).then(|| quote!(mut));
    quote! {
        let #mutability #call = {
            #items
            #start
        };
    }
}

/// A call site at which the values of open labels are literals.
struct Site {
    /// Statements that evaluate the label values.
    values: TokenStream,
    /// Where the rows of the literals are kept, unless another value is open as well.
    site: TokenStream,
}

impl Site {
    /// None if no value is a literal.
    fn of(model: &Model<'_>) -> Option<Self> {
        let ModelWay::Set(_) = model.way else {
            return None;
        };
        let labels = &model.attr.labels;
        if labels
            .iter()
            .all(|label| string_literal(&label.value).is_none())
        {
            return None;
        }
        let private = model.attr.crate_path.private();
        let given = labels.iter().enumerate();
        let given = given.filter(|(_, label)| !label.is_of_error());
        let (mut values, mut probes) = (TokenStream::new(), TokenStream::new());
        for (at, LabelArg { value, .. }) in given {
            let local = local(at, value);
            values.extend(quote!(let #local = #value;));
            if string_literal(value).is_none() {
                probes.extend(quote!(&& (&&#private::Probe(&#local)).is_closed()));
            }
        }
        Some(Self {
            values,
            site: quote!({
                static __DPM_SITE: #private::Site = #private::Site::new();
                #[allow(unused_imports)]
                use #private::{ProbeClosed as _, ProbeOpen as _};
                if true #probes { #private::Some(&__DPM_SITE) } else { #private::None }
            }),
        })
    }
}

/// The variable with the value of a label.
fn local(at: usize, value: &Expr) -> Ident {
    Ident::new(
        &format!("__dpm_label_{at}"),
        Span::mixed_site().located_at(value.span()),
    )
}

/// Whether the call is changed before it ends: by its polls, or by the labels of its error.
fn is_changed(model: &Model<'_>, function: &Function) -> bool {
    !matches!(function.body(), Some(Body::Sync))
        || model.attr.labels.iter().any(LabelArg::is_of_error)
}

/// Records the end of the call and returns what the body returned.
fn expand_finish(model: &Model<'_>, names: &Names, response: ResponsePlace) -> TokenStream {
    let private = model.attr.crate_path.private();
    let Names { call, returned } = names;
    let error_labels = model.attr.labels.iter().filter(|label| label.is_of_error());
    let error_labels = error_labels.map(|label| {
        let (name, value) = (&label.name, &label.value);
        let private = model.attr.crate_path.private_at(value.span());
        // With the span of the value, so that a mistake is reported there.
        let result = Ident::new("__dpm_result", value.span());
        quote_spanned! {value.span()=>
            // What takes the place of a closure here would be read as the value of the label.
            #[allow(clippy::redundant_closure, clippy::redundant_closure_for_method_calls)]
            {
                let #result = &#returned;
                #call.labels_at_end().#name = #private::error_label(#result, #value);
            }
        }
    });
    let response = if cfg!(feature = "serve") {
        expand_response(&private, returned, response)
    } else {
        TokenStream::new()
    };
    quote! {
        #(#error_labels)*
        #response
        #call.complete({
            use #private::ladder::*;
            (&&&&&&Value(&#returned)).ended()
        });
        #returned
    }
}

fn expand_response(private: &TokenStream, returned: &Ident, place: ResponsePlace) -> TokenStream {
    let whole = place
        .whole
        .then(|| quote!(let #returned = #private::into_response(#returned);));
    let value = place
        .value
        .then(|| quote!(let #returned = #returned.map(#private::into_response);));
    let error = place
        .error
        .then(|| quote!(let #returned = #returned.map_err(#private::into_response);));
    quote!(#whole #value #error)
}
