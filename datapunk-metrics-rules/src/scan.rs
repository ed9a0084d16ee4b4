//! The tokens of an expression with their places. The syntax tree has none; this is used for messages alone.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A name or a keyword.
    Name,
    /// A string, quotes included.
    Text,
    /// A number or a duration.
    Number,
    /// An operator or a bracket.
    Symbol,
}

/// A token of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The tokens of an expression; what is none is left out.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let kind = match bytes[at] {
            b'#' => {
                at += run(&bytes[at..], |byte| byte != b'\n');
                continue;
            }
            b'"' | b'\'' | b'`' => {
                at += quoted(&bytes[at..]);
                TokenKind::Text
            }
            first if first.is_ascii_alphabetic() || first == b'_' || first == b':' => {
                at += run(&bytes[at..], |byte| {
                    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':'
                });
                TokenKind::Name
            }
            first if first.is_ascii_digit() || first == b'.' => {
                at += number(&bytes[at..]);
                TokenKind::Number
            }
            first if first.is_ascii_punctuation() => {
                let pair = bytes.get(at..at + 2).unwrap_or_default();
                let is_pair = matches!(pair, b"==" | b"!=" | b"=~" | b"!~" | b">=" | b"<=");
                at += if is_pair { 2 } else { 1 };
                TokenKind::Symbol
            }
            _ => {
                at += 1;
                continue;
            }
        };
        tokens.push(Token {
            kind,
            start,
            end: at,
        });
    }
    tokens
}

/// How many bytes from the first on fit.
fn run(bytes: &[u8], fits: impl Fn(u8) -> bool) -> usize {
    bytes
        .iter()
        .position(|byte| !fits(*byte))
        .unwrap_or(bytes.len())
}

/// The length of the string that begins here.
fn quoted(bytes: &[u8]) -> usize {
    let quote = bytes[0];
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote != b'`' => at += 1,
            byte if byte == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// The length of the number or duration that begins here: `1e-9`, `0x1f`, `1h30m`, `.5`.
fn number(bytes: &[u8]) -> usize {
    let is_hexadecimal = bytes.len() > 1 && bytes[1] | 0x20 == b'x';
    let mut at = 1;
    while at < bytes.len() {
        let sign_of_exponent = matches!(bytes[at], b'+' | b'-')
            && bytes[at - 1] | 0x20 == b'e'
            && !is_hexadecimal
            && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if !(bytes[at].is_ascii_alphanumeric()
            || matches!(bytes[at], b'.' | b'_')
            || sign_of_exponent)
        {
            break;
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        tokens(text)
            .iter()
            .map(|token| &text[token.start..token.end])
            .collect()
    }

    #[test]
    fn an_expression_falls_into_tokens() {
        assert_eq!(
            texts("sum by(a) (rate(x:y{s=~\"5\\\"..\", t!='b'}[5m])) >= 1e-9 # > 2\n+ .5"),
            [
                "sum",
                "by",
                "(",
                "a",
                ")",
                "(",
                "rate",
                "(",
                "x:y",
                "{",
                "s",
                "=~",
                "\"5\\\"..\"",
                ",",
                "t",
                "!=",
                "'b'",
                "}",
                "[",
                "5m",
                "]",
                ")",
                ")",
                ">=",
                "1e-9",
                "+",
                ".5"
            ]
        );
    }

    #[test]
    fn what_does_not_end_is_a_token_to_the_end() {
        assert_eq!(texts("x{a=\"b"), ["x", "{", "a", "=", "\"b"]);
        assert_eq!(texts("`a\\`b"), ["`a\\`", "b"]);
        assert_eq!(texts("\"a\\"), ["\"a\\"]);
        assert_eq!(texts("1-2"), ["1", "-", "2"]);
        assert_eq!(texts("0xe-2"), ["0xe", "-", "2"]);
    }
}
