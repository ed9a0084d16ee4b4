//! What every expansion shares: the path of the runtime crate and the block that hides generated items.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::Path;

use crate::attr::Item;
use crate::diag::Sink;

/// The path of the runtime crate in generated code.
#[derive(Clone)]
pub(crate) struct CratePath(Path);

impl CratePath {
    /// `::datapunk_metrics`, unless `crate = path` says otherwise.
    pub(crate) fn default() -> Self {
        Self(syn::parse_quote!(::datapunk_metrics))
    }

    /// Reads `crate = path`.
    pub(crate) fn read(item: &Item, out: &mut Sink) -> Option<Self> {
        item.path_value("a path such as `::datapunk_metrics`", out)
            .map(Self)
    }

    /// The path that was given where it is no key of an attribute.
    #[cfg(feature = "rules")]
    pub(crate) fn at(path: Path) -> Self {
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The path of what generated code uses. Where it is written, it is not the user's own code to lints.
    pub(crate) fn private(&self) -> TokenStream {
        let path = &self.0;
        let generated = quote!(#path::__private).into_iter().map(|mut token| {
            if !is_dollar_crate(&token) {
                token.set_span(Span::call_site().located_at(token.span()));
            }
            token
        });
        generated.collect()
    }

    /// The same with the span of a user's token, so that rustc's errors point there and speak of no macro.
    pub(crate) fn private_at(&self, span: Span) -> TokenStream {
        let private = self.private();
        let respanned = private.into_iter().map(|mut token| {
            token.set_span(if is_dollar_crate(&token) {
                token.span().located_at(span)
            } else {
                span
            });
            token
        });
        respanned.collect()
    }
}

/// `$crate` means what its span says, so that it may be moved only.
fn is_dollar_crate(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == "$crate")
}

/// Puts generated items where no name of theirs can be seen.
///
/// Few lints look at what a macro writes, and an `allow` does not compile where a crate forbids that lint. So it names
/// none that is not needed: fields may be deprecated, and the others take paths and numbers with the span of a user's
/// token for the user's own.
pub(crate) fn hidden(items: &TokenStream) -> TokenStream {
    quote! {
        #[doc(hidden)]
        #[allow(
            deprecated,
            clippy::absolute_paths,
            clippy::default_numeric_fallback,
            clippy::missing_asserts_for_indexing
        )]
        const _: () = {
            #items
        };
    }
}

/// `const _: () = check::function(arguments);`, whose failure points at `span`.
pub(crate) fn assertion(
    crate_path: &CratePath,
    span: Span,
    function: &str,
    arguments: &TokenStream,
) -> TokenStream {
    let private = crate_path.private_at(span);
    let function = Ident::new(function, span);
    quote_spanned!(span=> const _: () = #private::check::#function(#arguments);)
}

/// The line of a token in its file; 0 where there is no compiler to ask.
pub(crate) fn line(span: Span) -> u32 {
    u32::try_from(line_and_column(span).0).unwrap_or(u32::MAX)
}

/// The place of a token in its file; zeros where there is no compiler to ask.
pub(crate) fn line_and_column(span: Span) -> (usize, usize) {
    if !proc_macro::is_available() {
        return (0, 0);
    }
    let span = span.unwrap();
    (span.line(), span.column())
}
