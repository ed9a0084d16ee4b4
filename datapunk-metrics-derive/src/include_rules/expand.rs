//! From facts to a constant.

use datapunk_metrics_conventions::name_hash;
use datapunk_metrics_rules::{FileFacts, PackedFile, pack};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::File;
use super::parse::Arguments;

/// ```ignore
/// {
///     static __dpm_file_0: File<'static> = File { numbers: &numbers::<…>(b"…"), texts: &["…", …], tables: b"…" };
///     const __dpm_sets: &[&SetDescriptor] = &[HttpMetrics::DESCRIPTOR, …];
///     static __dpm_catalogue: Catalogue<'static> = Catalogue { metrics: &all_metrics(__dpm_sets), … };
///     const __dpm_rule_0_0: Report = check_rule(&__dpm_catalogue, &__dpm_file_0, 0);
///     const __dpm_reports_0: &[&Report] = &[&__dpm_outside_0, &__dpm_rule_0_0, …];
///     const _: () = fail_if_any(__dpm_reports_0); // at the name of the file
///     const __dpm_notes_0: &[u8] = &notes(__dpm_reports_0);
///     RuleFiles::new(&[RuleFile { path: "rules/alerts.yml", text: include_str!(…), notes: __dpm_notes_0 }])
/// }
/// ```
///
/// Each rule is a constant of its own, so that however many there are, none takes long to evaluate. Of the reports, with
/// room for many mistakes, a program keeps the notes alone.
pub(crate) fn expand(arguments: &Arguments, files: &[File], facts: &[FileFacts]) -> TokenStream {
    let private = arguments.crate_path.private();
    let sets = arguments.sets.iter().map(|set| {
        let private = arguments.crate_path.private_at(set.span());
        quote_spanned!(set.span()=> <#set as #private::MetricSet>::DESCRIPTOR)
    });
    let externals = arguments.externals.iter().map(|(name, labels)| {
        let hash = name_hash(name);
        quote!(__dpm::External { name: #name, hash: #hash, labels: &[#(#labels),*] })
    });
    let target_labels = arguments.target_labels.iter().map(String::as_str);
    let target_labels: Vec<&str> = target_labels.collect();
    let targets = target_labels.len();
    let statics = facts.iter().enumerate().map(|(at, file)| {
        let (name, file) = (file_name(at), packed(&pack(file, &target_labels)));
        quote!(static #name: __dpm::File<'static> = #file;)
    });
    let names: Vec<Ident> = (0..facts.len()).map(file_name).collect();
    let reports = facts.iter().enumerate().map(|(at, file)| {
        let (file_name, outside) = (file_name(at), outside_name(at));
        let (all, notes) = (reports_name(at), notes_name(at));
        let rules = file.rules.len();
        let names: Vec<Ident> = (0..rules).map(|rule| rule_name(at, rule)).collect();
        let checks = names.iter().enumerate().map(|(rule, name)| {
            quote!(const #name: __dpm::Report = __dpm::check_rule(&__dpm_catalogue, &#file_name, #rule);)
        });
        quote! {
            const #outside: __dpm::Report = __dpm::check_outside(&#file_name);
            #(#checks)*
            const #all: &[&__dpm::Report] = &[&#outside #(, &#names)*];
            const #notes: &[#private::u8] = &__dpm::notes::<{ __dpm::notes_length(#all) }>(#all);
        }
    });
    let checks = files.iter().enumerate().map(|(at, file)| {
        let (span, all) = (file.name.span(), reports_name(at));
        let private = arguments.crate_path.private_at(span);
        quote_spanned!(span=> const _: () = #private::rules::fail_if_any(#all);)
    });
    let results = files.iter().enumerate().map(|(at, file)| {
        let (name, notes) = (file.name.value(), notes_name(at));
        let path = file.path.to_string_lossy();
        quote! {
            __dpm::RuleFile {
                path: #name,
                text: #private::include_str!(#path),
                notes: #notes,
            }
        }
    });
    quote! {
        {
            use #private::rules as __dpm;
            #(#statics)*
            const __dpm_sets: &[&#private::SetDescriptor] = &[#(#sets),*];
            const __dpm_metrics: &[&__dpm::MetricDescriptor] =
                &__dpm::all_metrics::<{ __dpm::count_metrics(__dpm_sets) }>(__dpm_sets);
            const __dpm_index: &[__dpm::Slot] =
                &__dpm::index::<{ __dpm::index_length(__dpm_metrics) }>(__dpm_metrics);
            static __dpm_catalogue: __dpm::Catalogue<'static> = __dpm::Catalogue {
                metrics: __dpm_metrics,
                index: __dpm_index,
                files: &[#(&#names),*],
                externals: &[#(#externals),*],
                target_labels: #targets,
            };
            #(#reports)*
            #(#checks)*
            __dpm::RuleFiles::new(&[#(#results),*])
        }
    }
}

fn file_name(at: usize) -> Ident {
    format_ident!("__dpm_file_{at}")
}

fn outside_name(at: usize) -> Ident {
    format_ident!("__dpm_outside_{at}")
}

fn reports_name(at: usize) -> Ident {
    format_ident!("__dpm_reports_{at}")
}

fn notes_name(at: usize) -> Ident {
    format_ident!("__dpm_notes_{at}")
}

fn rule_name(file: usize, rule: usize) -> Ident {
    format_ident!("__dpm_rule_{file}_{rule}")
}

/// The facts as three literals and the texts.
fn packed(file: &PackedFile) -> TokenStream {
    let PackedFile {
        numbers,
        texts,
        tables,
    } = file;
    let bytes: Vec<u8> = numbers
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    let (lengths, bytes) = ((bytes.len(), numbers.len()), Literal::byte_string(&bytes));
    let (bytes_length, length) = lengths;
    let tables = Literal::byte_string(tables);
    quote! {
        __dpm::File {
            numbers: &__dpm::numbers::<#bytes_length, #length>(#bytes),
            texts: &[#(#texts),*],
            tables: #tables,
        }
    }
}
