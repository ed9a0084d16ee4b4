//! What hides secrets and personal data that another program exposed: regular expressions, since Prometheus and
//! Alertmanager mask with nothing else.
//!
//! The toolkit masks what it records itself, and knows check digits and the like. These are the same kinds, as far as a
//! regular expression tells them. One list for the texts of notifications and for the labels of series.

/// What is hidden, in RE2, and what stands in its place in a text.
const FORMS: [(&str, &str); 11] = [
    (
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z0-9 ]*PRIVATE KEY-----)?",
        HIDDEN,
    ),
    (
        r"eyJ[[:alnum:]_-]{5,}\.[[:alnum:]_-]{8,}(?:\.[[:alnum:]_-]*)*",
        HIDDEN,
    ),
    (
        r"(?i:\b(?:bearer|basic)[[:space:]]+[[:alnum:]+/=._~-]{8,})",
        HIDDEN,
    ),
    (
        r"([[:alpha:]][[:alnum:]+.-]*://)[^[:space:]/@:]*:[^[:space:]/@]+@",
        "${1}[REDACTED]@",
    ),
    (
        r#"(?i:((?:passw(?:or)?d|passphrase|secret|token|credentials?|(?:api|access|private|signing|account)[_-]?key)["']?[[:space:]]*=[[:space:]]*["']?)[^\]\[[:space:]&"'][^[:space:]&"']*)"#,
        "${1}[REDACTED]",
    ),
    (
        r#"(?i:((?:passw(?:or)?d|passphrase|secret|token|credentials?|(?:api|access|private|signing|account)[_-]?key)["']?:[[:space:]]*["']?)[^\]\[[:space:]&"'][^[:space:]&"',}]{7,})"#,
        "${1}[REDACTED]",
    ),
    (
        r"\b(?:A(?:KIA|SIA)[A-Z2-7]{16}|gh[pousr]_[[:alnum:]]{36}|github_pat_\w{22,}|glpat-[\w-]{20,}|xox[abeprs]-[\w-]{10,}|[rs]k_live_[[:alnum:]]{16,}|AIza[\w-]{35}|npm_[[:alnum:]]{36}|sk-[\w-]{40,})\b",
        HIDDEN,
    ),
    // No unit of systemd (`getty@tty1.service`), whose endings are longer.
    (
        r"(?i:[[:alnum:]._%+-]+@(?:[[:alnum:]-]+\.)+(?:[[:alpha:]]{2,4}|museum|online|email|cloud)\b)",
        HIDDEN,
    ),
    (
        r"\b(?:4[0-9]{15}|5[1-5][0-9]{14}|3[47][0-9]{13}|[0-8][0-9]{2}-[0-9]{2}-[0-9]{4})\b",
        HIDDEN,
    ),
    (
        r"\b[A-Z]{2}[0-9]{2}[A-Z0-9]{4}[0-9]{7}[A-Z0-9]{0,16}\b",
        HIDDEN,
    ),
    (r"\+[1-9][0-9]{9,14}\b", HIDDEN),
];

const HIDDEN: &str = datapunk_metrics_conventions::REDACTED;

/// Matches the whole of a label's value that has something to hide in it.
pub(super) fn of_values() -> String {
    let forms: Vec<&str> = FORMS.iter().map(|(form, _)| *form).collect();
    format!("(?s:.*(?:{}).*)", forms.join("|"))
}

/// A template that hides what there is in a text.
pub(super) fn template() -> String {
    use core::fmt::Write as _;

    let mut template = "{{ define \"datapunk.redact\" -}}\n{{ .".to_owned();
    for (form, shown) in FORMS {
        // Go's raw strings have no escapes, and no form has a backquote.
        let _ = write!(template, "\n     | reReplaceAll `{form}` `{shown}`");
    }
    template + " }}\n{{- end }}\n"
}
