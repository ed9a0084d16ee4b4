//! Templates of annotations and labels: Go's text/template as Prometheus runs it.
//!
//! Read as far as it takes to know that it will run: actions and blocks that end, functions and variables that exist, and
//! which labels it shows.

mod parts;

use datapunk_metrics_conventions::closest;

use crate::facts::{LabelWord, Problem, Word};
use parts::{Part, end_of_action, parts};

/// What a template has to say.
#[derive(Debug, Default)]
pub(crate) struct Template {
    /// The labels of the alert that it shows.
    pub(crate) shown: Vec<LabelWord>,
    /// The expressions that it queries.
    pub(crate) queries: Vec<String>,
    pub(crate) problems: Vec<Problem>,
}

/// Functions of Prometheus, then those of Go.
const FUNCTIONS: &[&str] = &[
    "args",
    "externalURL",
    "first",
    "graphLink",
    "humanize",
    "humanize1024",
    "humanizeDuration",
    "humanizePercentage",
    "humanizeTimestamp",
    "label",
    "match",
    "now",
    "parseDuration",
    "pathPrefix",
    "query",
    "reReplaceAll",
    "safeHtml",
    "sortByLabel",
    "stripDomain",
    "stripPort",
    "strvalue",
    "tableLink",
    "title",
    "tmpl",
    "toDuration",
    "toLower",
    "toTime",
    "toUpper",
    "urlQueryEscape",
    "value", //
    "and",
    "call",
    "eq",
    "ge",
    "gt",
    "html",
    "index",
    "js",
    "le",
    "len",
    "lt",
    "ne",
    "not",
    "or",
    "print",
    "printf",
    "println",
    "slice",
    "urlquery",
];

const VARIABLES: &[&str] = &["$labels", "$externalLabels", "$externalURL", "$value"];

const FIELDS: &[&str] = &["Labels", "ExternalLabels", "ExternalURL", "Value"];

/// Reads a template, which is the rule's source of this number.
pub(crate) fn read(text: &str, source: u16) -> Template {
    let mut reader = Reader {
        source,
        template: Template::default(),
        blocks: Vec::new(),
        variables: VARIABLES.iter().map(|name| (*name).to_owned()).collect(),
    };
    let mut at = 0;
    while let Some(open) = text[at..].find("{{").map(|found| at + found) {
        match end_of_action(text, open + 2) {
            Ok(close) => {
                reader.action(text, open, close);
                at = close + 2;
            }
            Err((fact, help)) => {
                let word = reader.word(open, 2);
                reader.problem(word, fact, help);
                return reader.template;
            }
        }
    }
    if let Some((block, word, _)) = reader.blocks.pop() {
        reader.problem(
            word,
            &format!("the block `{block}` of the template does not end"),
            "add `{{ end }}`",
        );
    }
    reader.template
}

struct Reader {
    source: u16,
    template: Template,
    /// Open blocks: keyword, place, and whether the dot is another one inside.
    blocks: Vec<(String, Word, bool)>,
    variables: Vec<String>,
}

impl Reader {
    fn word(&self, start: usize, length: usize) -> Word {
        let number = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
        Word {
            source: self.source,
            start: number(start),
            length: number(length),
        }
    }

    fn problem(&mut self, word: Word, fact: &str, help: &str) {
        self.template.problems.push(Problem {
            line: 0,
            word: Some(word),
            fact: fact.to_owned(),
            note: String::new(),
            help: help.to_owned(),
        });
    }

    fn action(&mut self, text: &str, open: usize, close: usize) {
        let parts = parts(text, open + 2, close);
        if text[open + 2..close]
            .trim_start_matches('-')
            .trim_start()
            .starts_with("/*")
        {
            return;
        }
        let whole = self.word(open, close + 2 - open);
        let at = |index: usize| parts.get(index).map(|(_, from, to)| &text[*from..*to]);
        let Some(first) = at(0) else {
            self.problem(
                whole,
                "an action of the template is empty",
                "name a value, such as `$value`",
            );
            return;
        };
        self.variables_are_declared(text, &parts);
        let keyword = match first {
            "if" | "range" | "with" | "block" | "define" => {
                let moves_dot = !matches!(first, "if");
                self.blocks.push((first.to_owned(), whole, moves_dot));
                1
            }
            "else" => {
                if self.blocks.is_empty() {
                    self.problem(
                        whole,
                        "`else` belongs to no block of the template",
                        "remove it, or begin with `{{ if … }}`",
                    );
                }
                match at(1) {
                    Some("if" | "with") => 2,
                    _ => 1,
                }
            }
            "end" => {
                if self.blocks.pop().is_none() {
                    self.problem(
                        whole,
                        "`end` belongs to no block of the template",
                        "remove it, or begin with `{{ if … }}`",
                    );
                }
                1
            }
            "break" | "continue" | "template" => 1,
            _ => 0,
        };
        if matches!(first, "if" | "range" | "with") && parts.len() == 1 {
            self.problem(
                whole,
                &format!("`{first}` of the template has no value"),
                &format!("name one, such as `{{{{ {first} $value }}}}`"),
            );
        }
        self.pipeline(text, &parts[keyword.min(parts.len())..], whole);
    }

    fn variables_are_declared(&mut self, text: &str, parts: &[(Part, usize, usize)]) {
        let declares = parts
            .iter()
            .position(|(_, from, to)| &text[*from..*to] == ":=")
            .unwrap_or_default();
        for (part, from, to) in &parts[..declares] {
            if *part == Part::Variable {
                self.variables.push(text[*from..*to].to_owned());
            }
        }
    }

    fn pipeline(&mut self, text: &str, parts: &[(Part, usize, usize)], whole: Word) {
        let mut depth = 0_usize;
        let mut expects_command = true;
        for (index, &(part, from, to)) in parts.iter().enumerate() {
            let written = &text[from..to];
            let word = self.word(from, to - from);
            match part {
                Part::Symbol => match written {
                    "(" => depth += 1,
                    ")" if depth == 0 => {
                        self.problem(word, "a `)` of the template closes nothing", "remove it");
                    }
                    ")" => depth -= 1,
                    "|" if expects_command => self.problem(
                        word,
                        "a pipe of the template has nothing before it",
                        "name the value, such as `$value | humanize`",
                    ),
                    "|" | ":=" | "=" | "," => {}
                    _ => self.problem(
                        word,
                        &format!("`{written}` is not part of a template"),
                        "remove it",
                    ),
                },
                Part::Name => self.name(written, word, text, &parts[index + 1..]),
                Part::Variable => self.variable(written, from),
                Part::Field => self.field(written, from),
                Part::Text | Part::Number => {}
            }
            expects_command = part == Part::Symbol && matches!(written, "|" | ":=" | "=" | "(");
        }
        if depth > 0 {
            self.problem(whole, "a `(` of the template is not closed", "add `)`");
        } else if expects_command && !parts.is_empty() {
            self.problem(
                whole,
                "a pipe of the template has nothing behind it",
                "name a function, such as `humanize`",
            );
        }
    }

    fn name(&mut self, name: &str, word: Word, text: &str, rest: &[(Part, usize, usize)]) {
        if matches!(name, "true" | "false" | "nil") {
            return;
        }
        if !FUNCTIONS.contains(&name) {
            let help = match closest(name, FUNCTIONS.iter().copied()) {
                Some(near) => format!("a function with a similar name exists: `{near}`"),
                None => format!("write `$labels.{name}` for a label, `$value` for the value"),
            };
            self.problem(
                word,
                &format!("the template has no function `{name}`"),
                &help,
            );
        }
        let operand = |index: usize| {
            rest.get(index)
                .map(|(part, from, to)| (*part, &text[*from..*to], *from))
        };
        match (name, operand(0), operand(1)) {
            ("query", Some((Part::Text, query, _)), _) => {
                if let Ok(query) = promql_parser::util::unquote_string(query) {
                    self.template.queries.push(query);
                }
            }
            ("index", Some((Part::Variable, "$labels", _)), Some((Part::Text, label, from))) => {
                self.shows(&label[1..label.len() - 1], from + 1);
            }
            _ => {}
        }
    }

    fn variable(&mut self, written: &str, start: usize) {
        let (name, fields) = written.split_once('.').unwrap_or((written, ""));
        let end = start + name.len() + 1;
        match name {
            "$labels" if !fields.is_empty() => self.shows(fields, end),
            "$" => {
                if let Some(label) = fields.strip_prefix("Labels.") {
                    self.shows(label, end + "Labels.".len());
                }
            }
            _ if self.variables.iter().any(|known| known == name) => {}
            _ => {
                let help = match closest(name, self.variables.iter().map(String::as_str)) {
                    Some(near) => format!("a variable with a similar name exists: `{near}`"),
                    None => format!("the variables are `{}`", VARIABLES.join("`, `")),
                };
                let word = self.word(start, name.len());
                self.problem(
                    word,
                    &format!("the template has no variable `{name}`"),
                    &help,
                );
            }
        }
    }

    fn field(&mut self, written: &str, start: usize) {
        // Inside of `range` and `with` the dot is something else.
        if written == "." || self.blocks.iter().any(|(.., moves_dot)| *moves_dot) {
            return;
        }
        let mut fields = written[1..].splitn(2, '.');
        let first = fields.next().unwrap_or_default();
        if let (FIELD_OF_LABELS, Some(label)) = (first, fields.next()) {
            self.shows(label, start + 2 + first.len());
        } else if !FIELDS.contains(&first) {
            let help = match closest(first, FIELDS.iter().copied()) {
                Some(near) => format!("a field with a similar name exists: `.{near}`"),
                None => "write `$labels.…` for a label, `$value` for the value".to_owned(),
            };
            let word = self.word(start, 1 + first.len());
            self.problem(
                word,
                &format!("the template has no field `.{first}`"),
                &help,
            );
        }
    }

    fn shows(&mut self, label: &str, start: usize) {
        let name = label.split('.').next().unwrap_or_default();
        self.template.shown.push(LabelWord {
            name: name.to_owned(),
            word: self.word(start, name.len()),
        });
    }
}

const FIELD_OF_LABELS: &str = "Labels";

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(text: &str) -> Vec<String> {
        let template = read(text, 0);
        template
            .problems
            .iter()
            .map(|problem| problem.fact.clone())
            .collect()
    }

    fn shown(text: &str) -> Vec<String> {
        let template = read(text, 0);
        assert!(
            template.problems.is_empty(),
            "{text}: {:?}",
            template.problems
        );
        for label in &template.shown {
            let (start, length) = (label.word.start as usize, label.word.length as usize);
            assert_eq!(&text[start..start + length], label.name, "{text}");
        }
        template
            .shown
            .iter()
            .map(|label| label.name.clone())
            .collect()
    }

    #[test]
    fn labels_are_found_wherever_they_are_shown() {
        assert_eq!(
            shown("Service {{ $labels.service }} of {{$labels.job}}"),
            ["service", "job"]
        );
        assert_eq!(
            shown("{{ .Labels.a | toUpper }} {{ $.Labels.b }}"),
            ["a", "b"]
        );
        assert_eq!(
            shown("{{ if $labels.a }}{{ else if eq $labels.b \"}}\" }}{{ end }}"),
            ["a", "b"]
        );
        assert_eq!(shown("{{ index $labels \"a\" }}"), ["a"]);
        assert_eq!(shown("{{- printf \"%s\" ($labels.a | title) -}}"), ["a"]);
        assert_eq!(shown("{{/* {{ $labels.a }} */}}"), [""; 0]);
    }

    #[test]
    fn other_things_are_no_labels_of_the_alert() {
        assert_eq!(
            shown("{{ $value | humanizePercentage }} {{ .Value }} {{ -1 }}"),
            [""; 0]
        );
        assert_eq!(
            shown("{{ range query \"up\" }}{{ .Labels.x }}{{ . }}{{ end }}"),
            [""; 0]
        );
        assert_eq!(
            shown("{{ with $x := query \"up\" | first }}{{ $x.Value }}{{ end }}"),
            [""; 0]
        );
        assert_eq!(
            shown("{{ range $i, $e := query `up` }}{{ $i }}{{ end }}"),
            [""; 0]
        );
        assert_eq!(shown("no action"), [""; 0]);
        assert_eq!(
            read("{{ query \"up == 0\" | first | value }}", 0).queries,
            ["up == 0"]
        );
    }

    #[test]
    fn what_does_not_run_is_refused() {
        for (text, fact) in [
            ("{{ $labels.a }", "an action of the template does not end"),
            (
                "{{ $labels.a {{ $value }}",
                "an action of the template does not end",
            ),
            ("{{ \"a }}", "a string of the template does not end"),
            ("{{/* a }}", "a comment of the template does not end"),
            ("{{ }}", "an action of the template is empty"),
            (
                "{{ if $value }}",
                "the block `if` of the template does not end",
            ),
            ("{{ if }}{{ end }}", "`if` of the template has no value"),
            ("{{ end }}", "`end` belongs to no block of the template"),
            ("{{ else }}", "`else` belongs to no block of the template"),
            ("{{ $label.a }}", "the template has no variable `$label`"),
            ("{{ .Label.a }}", "the template has no field `.Label`"),
            (
                "{{ humanise $value }}",
                "the template has no function `humanise`",
            ),
            (
                "{{ $value | }}",
                "a pipe of the template has nothing behind it",
            ),
            (
                "{{ | humanize }}",
                "a pipe of the template has nothing before it",
            ),
            ("{{ ($value }}", "a `(` of the template is not closed"),
            ("{{ $value) }}", "a `)` of the template closes nothing"),
            ("{{ $value % 2 }}", "`%` is not part of a template"),
        ] {
            assert_eq!(facts(text), [fact], "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "[{}\\-$.a\"`(|) /*é:=]{0,40}") {
            let template = read(&text, 0);
            for problem in template.problems {
                let word = problem.word.expect("a template's problem has a place");
                assert!(text.get(word.start as usize..(word.start + word.length) as usize).is_some());
            }
        }
    }
}
