//! From facts to a constant.

use datapunk_metrics_conventions::name_hash;
use datapunk_metrics_rules::{
    Automaton, Difference, FileFacts, Form, LabelWord, Line, List, Matcher, MetricName, Node,
    Operator, Pattern, Problem, RuleFacts, Source, Text, Word, list, text,
};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::File;
use super::parse::Arguments;

/// ```ignore
/// {
///     const __dpm_facts_0_0: RuleFacts = …;
///     static __dpm_file_0: FileFacts = FileFacts { rules: Borrowed(&[__dpm_facts_0_0, …]), … };
///     const __dpm_sets: &[&SetDescriptor] = &[HttpMetrics::DESCRIPTOR, …];
///     const __dpm_catalogue: Catalogue<'static> = Catalogue { metrics: &all_metrics(__dpm_sets), … };
///     const __dpm_rule_0_0: Report = check_rule(&__dpm_catalogue, &__dpm_file_0, 0);
///     const __dpm_reports_0: &[&Report] = &[&__dpm_outside_0, &__dpm_rule_0_0, …];
///     const _: () = fail_if_any(__dpm_reports_0); // at the name of the file
///     const __dpm_notes_0: &[u8] = &notes(__dpm_reports_0);
///     RuleFiles::new(&[RuleFile { path: "rules/alerts.yml", text: include_str!(…), notes: __dpm_notes_0 }])
/// }
/// ```
///
/// Each rule is constants of its own, so that however many there are, none takes long to type-check or to evaluate. Of the
/// reports, with room for many mistakes, a program keeps the notes alone.
pub(crate) fn expand(arguments: &Arguments, files: &[File], facts: &[FileFacts]) -> TokenStream {
    let private = arguments.crate_path.private();
    let sets = arguments.sets.iter().map(|set| {
        let private = arguments.crate_path.private_at(set.span());
        quote_spanned!(set.span()=> <#set as #private::MetricSet>::DESCRIPTOR)
    });
    let externals = arguments.externals.iter().map(|(name, labels)| {
        let (hash, labels) = (name_hash(name), labels.iter().map(|label| text_of(label)));
        let name = text_of(name);
        quote!(__dpm::External { name: #name, hash: #hash, labels: __dpm::Borrowed(&[#(#labels),*]) })
    });
    let target_labels = &arguments.target_labels;
    let statics = facts.iter().enumerate().map(|(at, file)| {
        let rules = list(&file.rules).iter().enumerate().map(|(rule, facts)| {
            let (name, facts) = (facts_name(at, rule), rule_facts(facts));
            quote!(const #name: __dpm::RuleFacts = #facts;)
        });
        let (name, file) = (file_name(at), file_facts(at, file));
        quote!(#(#rules)* static #name: __dpm::FileFacts = #file;)
    });
    let names: Vec<Ident> = (0..facts.len()).map(file_name).collect();
    let reports = facts.iter().enumerate().map(|(at, file)| {
        let (file_name, outside) = (file_name(at), outside_name(at));
        let (all, notes) = (reports_name(at), notes_name(at));
        let rules = list(&file.rules).len();
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
            const __dpm_metrics: &[__dpm::Candidate] =
                &__dpm::all_metrics::<{ __dpm::count_metrics(__dpm_sets) }>(__dpm_sets);
            const __dpm_index: &[__dpm::Slot] =
                &__dpm::index::<{ __dpm::index_length(__dpm_metrics) }>(__dpm_metrics);
            const __dpm_catalogue: __dpm::Catalogue<'static> = __dpm::Catalogue {
                metrics: __dpm_metrics,
                index: __dpm_index,
                files: &[#(&#names),*],
                externals: &[#(#externals),*],
                target_labels: &[#(#target_labels),*],
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

fn facts_name(file: usize, rule: usize) -> Ident {
    format_ident!("__dpm_facts_{file}_{rule}")
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

fn text_of(text: &str) -> TokenStream {
    quote!(__dpm::Borrowed(#text))
}

fn said(content: &Text) -> TokenStream {
    text_of(text(content))
}

fn some<T: Clone>(items: &List<T>, item: impl Fn(&T) -> TokenStream) -> TokenStream {
    let items = list(items);
    if items.is_empty() {
        return quote!(__dpm::Borrowed(&[]));
    }
    let items = items.iter().map(item);
    quote!(__dpm::Borrowed(&[#(#items),*]))
}

fn optional<T>(item: Option<&T>, tokens: impl Fn(&T) -> TokenStream) -> TokenStream {
    let Some(item) = item.map(tokens) else {
        return quote!(__dpm::Option::None);
    };
    quote!(__dpm::Option::Some(#item))
}

/// A variant without fields, by its name in `Debug`.
fn variant(of: &str, value: &impl core::fmt::Debug) -> TokenStream {
    let (of, value) = (
        Ident::new(of, Span::call_site()),
        Ident::new(&format!("{value:?}"), Span::call_site()),
    );
    quote!(__dpm::#of::#value)
}

fn file_facts(at: usize, file: &FileFacts) -> TokenStream {
    let path = said(&file.path);
    let rules = (0..list(&file.rules).len()).map(|rule| facts_name(at, rule));
    let problems = some(&file.problems, problem);
    quote!(__dpm::FileFacts { path: #path, rules: __dpm::Borrowed(&[#(#rules),*]), problems: #problems })
}

fn rule_facts(rule: &RuleFacts) -> TokenStream {
    let RuleFacts {
        kind,
        name,
        hash,
        pairs,
        line,
        sources,
        nodes,
        expression,
        queries,
        labels,
        shown,
        problems,
    } = rule;
    let kind = variant("RuleKind", kind);
    let name = said(name);
    let sources = some(sources, source);
    let nodes = some(nodes, node);
    let expression = optional(expression.as_ref(), |it| quote!(#it));
    let queries = some(queries, |it| quote!(#it));
    let labels = some(labels, said);
    let shown = some(shown, label_word);
    let problems = some(problems, problem);
    quote! {
        __dpm::RuleFacts {
            kind: #kind, name: #name, hash: #hash, pairs: #pairs, line: #line, sources: #sources,
            nodes: #nodes, expression: #expression, queries: #queries, labels: #labels, shown: #shown, problems: #problems,
        }
    }
}

fn source(source: &Source) -> TokenStream {
    let Source {
        text,
        line,
        is_block,
        shown,
        lines,
        is_ascii,
    } = source;
    let (text, shown) = (said(text), said(shown));
    let lines = some(
        lines,
        |Line { start, shown_end }| quote!(__dpm::Line { start: #start, shown_end: #shown_end }),
    );
    quote! {
        __dpm::Source {
            text: #text, line: #line, is_block: #is_block, shown: #shown, lines: #lines, is_ascii: #is_ascii,
        }
    }
}

fn word(word: &Word) -> TokenStream {
    let Word {
        source,
        start,
        length,
    } = word;
    quote!(__dpm::word(#source, #start, #length))
}

fn problem(problem: &Problem) -> TokenStream {
    let Problem {
        line,
        word: place,
        fact,
        note,
        help,
    } = problem;
    let place = optional(place.as_ref(), word);
    let (fact, note, help) = (said(fact), said(note), said(help));
    quote! {
        __dpm::Problem { line: #line, word: #place, fact: #fact, note: #note, help: #help }
    }
}

fn label_word(label: &LabelWord) -> TokenStream {
    let (name, place) = (said(&label.name), word(&label.word));
    quote!(__dpm::LabelWord { name: #name, word: #place })
}

fn node(node: &Node) -> TokenStream {
    let (place, form) = (word(&node.word), form(&node.form));
    quote!(__dpm::Node { word: #place, form: #form })
}

fn numbers(numbers: &List<u16>) -> TokenStream {
    some(numbers, |number| quote!(#number))
}

fn form(form: &Form) -> TokenStream {
    let form = match form {
        Form::Number(number) => {
            let number = float(*number);
            quote!(Number(#number))
        }
        Form::Text => quote!(Text),
        Form::Scalar(arguments) => {
            let arguments = numbers(arguments);
            quote!(Scalar(#arguments))
        }
        Form::Vector(arguments) => {
            let arguments = numbers(arguments);
            quote!(Vector(#arguments))
        }
        Form::Opaque(arguments) => {
            let arguments = numbers(arguments);
            quote!(Opaque(#arguments))
        }
        Form::Selector { metric, matchers } => {
            let metric = optional(metric.as_ref(), metric_name);
            let matchers = some(matchers, matcher);
            quote!(Selector { metric: #metric, matchers: #matchers })
        }
        Form::Call {
            function,
            behaviour,
            argument,
            others,
        } => {
            let (function, others) = (said(function), numbers(others));
            let behaviour = variant("Behaviour", behaviour);
            quote!(Call { function: #function, behaviour: #behaviour, argument: #argument, others: #others })
        }
        Form::Quantile { argument, others } => {
            let others = numbers(others);
            quote!(Quantile { argument: #argument, others: #others })
        }
        Form::Absent { argument, labels } => {
            let labels = some(labels, said);
            quote!(Absent { argument: #argument, labels: #labels })
        }
        Form::Relabel {
            argument,
            reads,
            writes,
        } => {
            let (reads, writes) = (some(reads, label_word), said(writes));
            quote!(Relabel { argument: #argument, reads: #reads, writes: #writes })
        }
        Form::Aggregate { .. } => aggregate(form),
        Form::Binary { .. } => binary(form),
    };
    quote!(__dpm::Form::#form)
}

fn aggregate(form: &Form) -> TokenStream {
    let Form::Aggregate {
        function,
        keeps,
        argument,
        others,
        grouping,
        labels,
        writes,
    } = form
    else {
        return TokenStream::new();
    };
    let (function, others) = (said(function), numbers(others));
    let (keeps, grouping) = (variant("Keeps", keeps), variant("Grouping", grouping));
    let labels = some(labels, label_word);
    let writes = optional(writes.as_ref(), said);
    quote! {
        Aggregate {
            function: #function, keeps: #keeps, argument: #argument, others: #others, grouping: #grouping,
            labels: #labels, writes: #writes,
        }
    }
}

fn binary(form: &Form) -> TokenStream {
    let Form::Binary {
        operator,
        left,
        right,
        matching,
        labels,
        many,
        includes,
        gives_bool,
        differences,
    } = form
    else {
        return TokenStream::new();
    };
    let operator = match operator {
        Operator::Compare(comparison) => {
            let comparison = variant("Comparison", comparison);
            quote!(__dpm::Operator::Compare(#comparison))
        }
        other => variant("Operator", other),
    };
    let (matching, many) = (variant("MatchOperator", matching), variant("Many", many));
    let (labels, includes) = (some(labels, label_word), some(includes, label_word));
    let differences = optional(differences.as_ref(), |differences| {
        some(differences, difference)
    });
    quote! {
        Binary {
            operator: #operator, left: #left, right: #right, matching: #matching, labels: #labels, many: #many,
            includes: #includes, gives_bool: #gives_bool, differences: #differences,
        }
    }
}

fn difference(difference: &Difference) -> TokenStream {
    let (label, on_both) = (said(&difference.label), difference.on_both);
    quote!(__dpm::Difference { label: #label, on_both: #on_both })
}

fn metric_name(metric: &MetricName) -> TokenStream {
    let MetricName {
        name,
        hash,
        stem,
        stem_hash,
    } = metric;
    let name = said(name);
    quote!(__dpm::MetricName { name: #name, hash: #hash, stem: #stem, stem_hash: #stem_hash })
}

fn matcher(matcher: &Matcher) -> TokenStream {
    let Matcher {
        label,
        operator,
        value,
        word: place,
        number,
        patterns,
    } = matcher;
    let (label, value, place) = (label_word(label), said(value), word(place));
    let operator = variant("Comparison", operator);
    let number = optional(number.as_ref(), |number| float(*number));
    let patterns = some(patterns, pattern);
    quote! {
        __dpm::Matcher {
            label: #label, operator: #operator, value: #value, word: #place, number: #number, patterns: #patterns,
        }
    }
}

fn pattern(pattern: &Pattern) -> TokenStream {
    let (text, place) = (said(&pattern.text), word(&pattern.word));
    let number = optional(pattern.number.as_ref(), |number| float(*number));
    let automaton = optional(pattern.automaton.as_ref(), |automaton| {
        let Automaton {
            classes,
            next,
            width,
            accepts,
        } = automaton;
        let table = |table| Literal::byte_string(list(table));
        let (classes, next, accepts) = (table(classes), table(next), table(accepts));
        quote! {
            __dpm::Automaton {
                classes: __dpm::Borrowed(#classes), next: __dpm::Borrowed(#next), width: #width,
                accepts: __dpm::Borrowed(#accepts),
            }
        }
    });
    quote! {
        __dpm::Pattern { text: #text, word: #place, number: #number, automaton: #automaton }
    }
}

/// A number by its bits: there are no literals of infinity and of what is no number.
fn float(number: f64) -> TokenStream {
    let bits = number.to_bits();
    quote!(__dpm::float(#bits))
}
