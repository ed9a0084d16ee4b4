//! Escaping: text that would end a quoted value or a line.

/// Appends a label value, without its quotes. The same in both formats.
pub(super) fn push_label_value(out: &mut String, value: &str) {
    push(out, value, |byte| matches!(byte, b'\\' | b'"' | b'\n'));
}

/// Appends help text in the text format, where a quote is an ordinary character.
pub(super) fn push_text_help(out: &mut String, help: &str) {
    push(out, help, |byte| matches!(byte, b'\\' | b'\n'));
}

/// Appends help text in OpenMetrics, which escapes it as it does a label value.
pub(super) fn push_open_metrics_help(out: &mut String, help: &str) {
    push_label_value(out, help);
}

/// Appends `text` with a backslash before the bytes that are `special`, all of them ASCII.
///
/// Nothing else is replaced: both formats carry NUL, ESC and U+2028 as they are.
#[inline]
fn push(out: &mut String, text: &str, special: impl Fn(u8) -> bool) {
    // Nearly all text has nothing to escape. Looking at every byte beats stopping early: it becomes vector code.
    if !text
        .bytes()
        .fold(false, |found, byte| found | special(byte))
    {
        out.push_str(text);
        return;
    }
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        if special(byte) {
            out.push_str(&text[copied..at]);
            out.push('\\');
            out.push(if byte == b'\n' { 'n' } else { char::from(byte) });
            copied = at + 1;
        }
    }
    out.push_str(&text[copied..]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What to escape, and how it looks as label value, as help in text and as help in OpenMetrics.
    const TABLE: &[(&str, &str, &str, &str)] = &[
        ("", "", "", ""),
        ("plain", "plain", "plain", "plain"),
        ("\\", r"\\", r"\\", r"\\"),
        ("\"", r#"\""#, "\"", r#"\""#),
        ("\n", r"\n", r"\n", r"\n"),
        (r"\n", r"\\n", r"\\n", r"\\n"),
        ("\r", "\r", "\r", "\r"),
        ("\t", "\t", "\t", "\t"),
        ("\0", "\0", "\0", "\0"),
        ("\u{1b}[31m", "\u{1b}[31m", "\u{1b}[31m", "\u{1b}[31m"),
        ("\u{2028}", "\u{2028}", "\u{2028}", "\u{2028}"),
        ("\u{202e}", "\u{202e}", "\u{202e}", "\u{202e}"),
        ("🦀\n🦀", r"🦀\n🦀", r"🦀\n🦀", r"🦀\n🦀"),
        (
            "a{b=\"c\"} 1\n",
            r#"a{b=\"c\"} 1\n"#,
            "a{b=\"c\"} 1\\n",
            r#"a{b=\"c\"} 1\n"#,
        ),
        ("C:\\new\\", r"C:\\new\\", r"C:\\new\\", r"C:\\new\\"),
    ];

    fn escaped(push: fn(&mut String, &str), text: &str) -> String {
        let mut out = String::new();
        push(&mut out, text);
        out
    }

    /// Reads escaped text as a scraper does; `None` if it holds what ends the text early.
    fn unescaped(text: &str) -> Option<String> {
        let mut out = String::new();
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            out.push(match character {
                '\\' => match characters.next()? {
                    'n' => '\n',
                    escaped @ ('\\' | '"') => escaped,
                    _ => return None,
                },
                '\n' | '"' => return None,
                character => character,
            });
        }
        Some(out)
    }

    #[test]
    fn each_context_escapes_what_ends_it() {
        for (text, label, text_help, open_metrics_help) in TABLE {
            assert_eq!(
                escaped(push_label_value, text),
                *label,
                "label value {text:?}"
            );
            assert_eq!(
                escaped(push_text_help, text),
                *text_help,
                "help in text {text:?}"
            );
            assert_eq!(
                escaped(push_open_metrics_help, text),
                *open_metrics_help,
                "help in OpenMetrics {text:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_label_value_reads_back_as_it_was(text in any::<String>()) {
            prop_assert_eq!(unescaped(&escaped(push_label_value, &text)), Some(text));
        }

        // Special characters are rare in arbitrary text; here they are most of it.
        #[test]
        fn text_of_special_characters_reads_back_as_it_was(text in r#"[\\"\nn🦀]{0,40}"#) {
            prop_assert_eq!(unescaped(&escaped(push_label_value, &text)), Some(text.clone()));
            let help = escaped(push_text_help, &text);
            prop_assert!(!help.contains('\n'));
            prop_assert_eq!(unescaped(&help.replace('"', "\\\"")), Some(text));
        }
    }
}
