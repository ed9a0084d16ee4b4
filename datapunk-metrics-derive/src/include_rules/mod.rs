//! `include_rules!`: reads rule files, and hands what they ask to a constant that knows the metrics.

mod expand;
mod names;
mod parse;

use std::path::{Path, PathBuf};

use datapunk_metrics_rules::{RuleDocument, facts};
use proc_macro2::TokenStream;
use quote::quote;
use syn::LitStr;

use crate::diag::{Diag, Sink};

/// A rule file that was read.
struct File {
    /// The literal that names it.
    name: LitStr,
    path: PathBuf,
    document: RuleDocument,
}

/// The expansion: an expression of the type `RuleFiles`.
pub(crate) fn include_rules(input: TokenStream) -> TokenStream {
    let mut out = Sink::new();
    let arguments = parse::parse(input, &mut out);
    let files: Vec<File> = arguments
        .files
        .iter()
        .filter_map(|name| read(name, &mut out))
        .collect();
    if let Some(errors) = out.finish() {
        // A value of the type keeps the errors the only ones.
        let private = arguments.crate_path.private();
        return quote!({ #errors #private::rules::RuleFiles::NONE });
    }
    let named: Vec<(String, &RuleDocument)> = files
        .iter()
        .map(|file| (file.name.value(), &file.document))
        .collect();
    let named: Vec<(&str, &RuleDocument)> = named
        .iter()
        .map(|(name, document)| (name.as_str(), *document))
        .collect();
    expand::expand(&arguments, &files, &facts(&named, &arguments.options))
}

fn read(name: &LitStr, out: &mut Sink) -> Option<File> {
    let path = resolve(name);
    let source = match std::fs::read_to_string(&path) {
        Ok(source) => source,
        Err(error) => {
            out.push(
                Diag::at(name, format!("rule file `{}` can't be read", name.value()))
                    .note(format!("{}: {error}", path.display()))
                    .help("write its path from the folder of `Cargo.toml`, or from this file with `./`"),
            );
            return None;
        }
    };
    match RuleDocument::read(&source) {
        Ok(document) => Some(File {
            name: name.clone(),
            path,
            document,
        }),
        Err(problem) => {
            out.push(
                Diag::at(
                    name,
                    format!("{}:{}: {}", name.value(), problem.line, problem.fact),
                )
                .note("a rule file is YAML, as Prometheus reads it"),
            );
            None
        }
    }
}

/// From the folder of the package; with `./` or `../`, from that of the source file.
fn resolve(name: &LitStr) -> PathBuf {
    let written = name.value();
    if (written.starts_with("./") || written.starts_with("../")) && proc_macro::is_available() {
        let source = name.span().unwrap().local_file().and_then(|file| {
            let file = std::path::absolute(file).ok()?;
            file.parent().map(Path::to_owned)
        });
        if let Some(folder) = source {
            return folder.join(written);
        }
    }
    crate::revision::package().unwrap_or_default().join(written)
}
