//! Regular expressions that the parser of `PromQL` is not given.
//!
//! It compiles each to see whether it is one. In a macro that is code without optimisation, and a rule file asks for the
//! same few again and again: it would take most of the time in which a file is read. So the parser gets a short stand-in
//! for each that is one.

use std::collections::HashMap;

use crate::scan::{TokenKind, tokens};

/// The regular expressions of one expression, by what stands for them.
#[derive(Default)]
pub(crate) struct Patterns(HashMap<String, String>);

impl Patterns {
    /// The expression with a stand-in for each regular expression, the same for the same.
    pub(crate) fn take(expression: &str) -> (String, Self) {
        let (mut short, mut patterns) = (String::new(), Self::default());
        let mut rest = 0;
        let tokens = tokens(expression);
        for pair in tokens.windows(2) {
            let (operator, value) = (&expression[pair[0].start..pair[0].end], pair[1]);
            if !matches!(operator, "=~" | "!~") || value.kind != TokenKind::Text {
                continue;
            }
            let written = &expression[value.start..value.end];
            let Ok(pattern) = promql_parser::util::unquote_string(written) else {
                continue;
            };
            // What is none is left to the parser, which says so.
            let Ok(tree) = regex_syntax::parse(&pattern) else {
                continue;
            };
            let matches_nothing = tree.properties().minimum_len() == Some(0);
            let stand_in = patterns.stand_in(pattern, matches_nothing);
            short.push_str(&expression[rest..value.start]);
            short.extend(["\"", &stand_in, "\""]);
            rest = value.end;
        }
        short.push_str(&expression[rest..]);
        (short, patterns)
    }

    /// The parser asks whether a label may be missing: the stand-in matches nothing if the regular expression does.
    fn stand_in(&mut self, pattern: String, matches_nothing: bool) -> String {
        let known = self.0.iter().find(|(_, known)| **known == pattern);
        if let Some((stand_in, _)) = known {
            return stand_in.clone();
        }
        let end = if matches_nothing { "|" } else { "" };
        let stand_in = format!("p{}{end}", self.0.len());
        self.0.insert(stand_in.clone(), pattern);
        stand_in
    }

    /// The regular expression of a matcher.
    pub(crate) fn pattern<'a>(&'a self, value: &'a str) -> &'a str {
        self.0.get(value).map_or(value, String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_regular_expression_has_a_stand_in() {
        let expression =
            r#"a{b=~"5..", c!~'.*', d="5..", e=~"5.."} / f{g=~"(", h=~`x|y`, i=~"a{2,}"} # =~ "z""#;
        let (short, patterns) = Patterns::take(expression);
        assert_eq!(
            short,
            r#"a{b=~"p0", c!~"p1|", d="5..", e=~"p0"} / f{g=~"(", h=~"p2", i=~"p3"} # =~ "z""#
        );
        for (stand_in, pattern) in [("p0", "5.."), ("p1|", ".*"), ("p2", "x|y"), ("5..", "5..")] {
            assert_eq!(patterns.pattern(stand_in), pattern);
        }
    }

    #[test]
    fn what_the_parser_refuses_is_refused_with_stand_ins() {
        for expression in [r#"{a=~".*"}"#, r#"{a!~".+"}"#, r#"a{b=~"("}"#, r#"{a=~""}"#] {
            let (short, _) = Patterns::take(expression);
            assert!(
                promql_parser::parser::parse(expression).is_err(),
                "{expression}"
            );
            assert!(promql_parser::parser::parse(&short).is_err(), "{short}");
        }
        for expression in [r#"{a=~".+"}"#, r#"{a!~".*"}"#, r#"{a=~"b|"} or {c=~"d"}"#] {
            let (short, _) = Patterns::take(expression);
            let is_accepted = promql_parser::parser::parse(expression).is_ok();
            assert_eq!(
                promql_parser::parser::parse(&short).is_ok(),
                is_accepted,
                "{short}"
            );
        }
    }
}
