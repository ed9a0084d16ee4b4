//! What every expansion shares: the path of the runtime crate and the block that hides generated items.

use proc_macro2::{Span, TokenStream};
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

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The path of what generated code uses.
    pub(crate) fn private(&self) -> TokenStream {
        let path = &self.0;
        quote!(#path::__private)
    }

    /// The same with the span of a user's token, so that rustc's errors point there.
    pub(crate) fn private_at(&self, span: Span) -> TokenStream {
        let private = self.private();
        let respanned = private.into_iter().map(|mut token| {
            // Resolution stays that of the macro; the location becomes the user's.
            token.set_span(token.span().located_at(span));
            token
        });
        respanned.collect()
    }
}

/// Puts generated items where no name of theirs can be seen.
pub(crate) fn hidden(items: &TokenStream) -> TokenStream {
    quote! {
        #[doc(hidden)]
        #[allow(
            clippy::all,
            clippy::pedantic,
            clippy::nursery,
            clippy::restriction,
            dead_code,
            deprecated,
            missing_docs,
            non_upper_case_globals,
            unreachable_pub,
            unused_qualifications
        )]
        const _: () = {
            #items
        };
    }
}

/// `const _: () = check;`, whose failure points at `span`.
pub(crate) fn assertion(span: Span, check: &TokenStream) -> TokenStream {
    quote_spanned!(span=> const _: () = #check;)
}

/// The line of a token in its file; 0 where there is no compiler to ask.
pub(crate) fn line(span: Span) -> u32 {
    if !proc_macro::is_available() {
        return 0;
    }
    u32::try_from(span.unwrap().line()).unwrap_or(u32::MAX)
}
