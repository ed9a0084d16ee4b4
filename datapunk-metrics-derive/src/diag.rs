//! Diagnostics: what a user reads when an item is refused.
//!
//! The first line is the fact, the lines behind it are notes and helps. Messages of one kind of mistake come from one
//! function, so that they read alike.

use datapunk_metrics_conventions::{Finding, closest};
use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// One mistake, at one place.
pub(crate) struct Diag {
    /// The place may be several tokens; an error shows all of them.
    place: TokenStream,
    span: Span,
    message: String,
    notes: Vec<String>,
    helps: Vec<String>,
}

impl Diag {
    pub(crate) fn at(place: &impl ToTokens, message: impl Into<String>) -> Self {
        Self {
            place: place.to_token_stream(),
            ..Self::at_span(Span::call_site(), message)
        }
    }

    pub(crate) fn at_span(span: Span, message: impl Into<String>) -> Self {
        Self {
            place: TokenStream::new(),
            span,
            message: message.into(),
            notes: Vec::new(),
            helps: Vec::new(),
        }
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.helps.push(help.into());
        self
    }

    /// A finding of the conventions, without its fix, which only the place of the name can put into words.
    pub(crate) fn finding(span: Span, finding: &Finding) -> Self {
        let mut diag = Self::at_span(span, finding.message.clone());
        for note in &finding.notes {
            diag = diag.note(note);
        }
        if let Some(help) = &finding.help {
            diag = diag.help(help);
        }
        diag
    }

    pub(crate) fn unknown_key(key: &syn::Path, attribute: &str, known: &[&str]) -> Self {
        let word = path_text(key);
        let diag = Self::at(key, format!("unknown key `{word}` in `{attribute}`"));
        match closest(&word, known.iter().copied()) {
            Some(near) => diag.help(format!("a key with a similar name exists: `{near}`")),
            None => diag.help(keys(known)),
        }
    }

    pub(crate) fn duplicate_key(key: &syn::Path, attribute: &str) -> Self {
        Self::at(
            key,
            format!("key `{}` is given twice in `{attribute}`", path_text(key)),
        )
        .help("remove one of the two")
    }

    pub(crate) fn missing_key(place: &impl ToTokens, what: &str, key: &str, help: &str) -> Self {
        Self::at(place, format!("{what} has no `{key}`")).help(help)
    }

    /// `expected` as in "a string such as `\"x\"`", or "names with values: `labels(a = b)`": what the key takes, and
    /// an example, which becomes the help.
    pub(crate) fn wrong_value(place: &impl ToTokens, key: &str, expected: &str) -> Self {
        let parts = expected
            .split_once(" such as `")
            .or_else(|| expected.split_once(": `"))
            .and_then(|(what, rest)| {
                let (example, rest) = rest.split_once('`')?;
                Some((what, example, rest))
            });
        let Some((what, example, rest)) = parts else {
            return Self::at(place, format!("`{key}` takes {expected}"));
        };
        let diag = Self::at(place, format!("`{key}` takes {what}{rest}"));
        if example.starts_with(&format!("{key}(")) {
            diag.help(format!("write `{example}`"))
        } else {
            diag.help(format!("write `{key} = {example}`"))
        }
    }

    /// `owner` as in "histograms".
    pub(crate) fn wrong_place(key: &impl ToTokens, word: &str, what: &str, owner: &str) -> Self {
        Self::at(key, format!("`{word}` does not apply to {what}"))
            .help(format!("remove `{word}`, which belongs to {owner}"))
    }

    fn into_error(self) -> syn::Error {
        let mut text = self.message;
        // Why before what to type, in whatever order they were found.
        for note in self.notes {
            text.push_str("\nnote: ");
            text.push_str(&note);
        }
        for help in self.helps {
            text.push_str("\nhelp: ");
            text.push_str(&help);
        }
        if self.place.is_empty() {
            syn::Error::new(self.span, text)
        } else {
            syn::Error::new_spanned(self.place, text)
        }
    }
}

/// The words in backticks, with commas.
pub(crate) fn list(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The help that names all keys.
pub(crate) fn keys(known: &[&str]) -> String {
    if let [key] = known {
        format!("its only key is `{key}`")
    } else {
        format!("its keys are {}", list(known))
    }
}

/// An expression as one writes it: tokens know nothing of the spaces between them.
pub(crate) fn expr_text(expr: &syn::Expr) -> String {
    let mut text = expr.to_token_stream().to_string();
    for (spaced, written) in [
        (" :: ", "::"),
        (" . ", "."),
        (" (", "("),
        ("& ", "&"),
        (" ,", ","),
    ] {
        text = text.replace(spaced, written);
    }
    text
}

/// A path as it is written, without spaces.
pub(crate) fn path_text(path: &syn::Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
}

/// Collects the mistakes of one item, so that a user sees all of them at once.
pub(crate) struct Sink {
    errors: Vec<syn::Error>,
    read: bool,
}

impl Sink {
    pub(crate) fn new() -> Self {
        Self {
            errors: Vec::new(),
            read: false,
        }
    }

    pub(crate) fn push(&mut self, diag: Diag) {
        self.errors.push(diag.into_error());
    }

    /// The value, or the mistake of a parser into the sink.
    pub(crate) fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.errors.push(error)).ok()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// How many mistakes there are.
    pub(crate) fn len(&self) -> usize {
        self.errors.len()
    }

    /// The mistakes as `compile_error!`s; none if there are none.
    pub(crate) fn finish(mut self) -> Option<TokenStream> {
        self.read = true;
        let mut errors = core::mem::take(&mut self.errors);
        // As they are read, from top to bottom; rules that see one thing at a time find them in another order.
        errors.sort_by_key(|error| crate::expand::line_and_column(error.span()));
        let mut errors = errors.into_iter();
        let mut all = errors.next()?;
        all.extend(errors);
        Some(all.into_compile_error())
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // A mistake that nobody reports would let a bad item pass.
        assert!(
            self.read || std::thread::panicking(),
            "a sink was dropped without `finish`"
        );
    }
}

/// The texts of the errors in an expansion.
#[cfg(test)]
pub(crate) fn texts(expansion: TokenStream) -> Vec<String> {
    use proc_macro2::TokenTree;

    let tokens: Vec<TokenTree> = expansion.into_iter().collect();
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else {
            continue;
        };
        let is_error =
            at >= 2 && matches!(&tokens[at - 2], TokenTree::Ident(word) if word == "compile_error");
        if is_error {
            let text: syn::LitStr = syn::parse2(group.stream()).expect("an error is a text");
            found.push(text.value());
        } else {
            found.extend(texts(group.stream()));
        }
    }
    found
}
