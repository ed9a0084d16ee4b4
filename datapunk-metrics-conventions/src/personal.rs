//! Words that name secrets and personal data.
//!
//! A name is compared by whole tokens between underscores, never by substrings: `company` holds no `pan`. The
//! comparison is one `const fn`, so that macros and constants cannot disagree.

use crate::constant::bytes_at;

/// Secrets, refused as labels.
pub(crate) const SECRETS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "access_key",
    "private_key",
    "secret_key",
    "signing_key",
    "encryption_key",
    "credential",
    "credentials",
    "authorization",
    "auth_header",
    "bearer",
    "jwt",
    "cookie",
    "otp",
    "totp",
    "pin_code",
    "signature",
    "csrf",
    "session_key",
];

/// Personal data, refused as labels.
pub(crate) const PERSONAL: &[&str] = &[
    "email",
    "e_mail",
    "mail_address",
    "phone",
    "phone_number",
    "mobile_number",
    "msisdn",
    "ssn",
    "social_security",
    "passport",
    "drivers_license",
    "tax_id",
    "national_id",
    "iban",
    "bic",
    "swift_code",
    "account_number",
    "card_number",
    "credit_card",
    "pan",
    "cvv",
    "cvc",
    "dob",
    "birthdate",
    "birth_date",
    "date_of_birth",
    "first_name",
    "last_name",
    "full_name",
    "surname",
    "given_name",
    "family_name",
    "maiden_name",
    "street",
    "home_address",
    "postal_address",
    "postcode",
    "postal_code",
    "zip_code",
    "latitude",
    "longitude",
    "lat",
    "lng",
    "lon",
    "gender",
    "ethnicity",
    "religion",
    "medical_record",
    "mrn",
    "biometric",
    "fingerprint",
    "imei",
    "imsi",
    "idfa",
    "mac_address",
    "license_plate",
    "username",
    "user_name",
    "user_email",
    "user_agent",
    "login",
];

/// Identifiers, refused as open labels.
pub(crate) const IDENTIFIERS: &[&str] = &[
    "user",
    "users",
    "customer",
    "customers",
    "user_id",
    "uid",
    "customer_id",
    "client_id",
    "account_id",
    "member_id",
    "patient_id",
    "employee_id",
    "device_id",
    "session_id",
    "request_id",
    "trace_id",
    "span_id",
    "correlation_id",
    "transaction_id",
    "order_id",
    "message_id",
    "event_id",
    "job_id",
    "uuid",
    "guid",
    "ip",
    "ip_address",
    "client_ip",
    "remote_addr",
    "client_address",
    "x_forwarded_for",
    "referer",
    "url",
    "uri",
    "query_string",
    "full_path",
    "raw_path",
    "sql",
    "query_text",
    "stacktrace",
    "timestamp",
    "nonce",
];

/// Last tokens that make a name safe: `token_type` holds no token.
const SAFE_LAST: &[&str] = &[
    "type",
    "kind",
    "status",
    "state",
    "count",
    "class",
    "reason",
    "result",
    "provider",
    "algorithm",
    "version",
    "method",
    "scheme",
    "issuer",
    "policy",
    "error",
    "present",
    "enabled",
    "required",
    "mode",
    "format",
    "group",
    "family",
];

/// Whether a label name in `snake_case` holds a word for a secret or for personal data, in constants.
///
/// ```
/// use datapunk_metrics_conventions::names_secret_or_person;
///
/// const _: () = assert!(names_secret_or_person("user_email"));
/// assert!(!names_secret_or_person("email_provider") && !names_secret_or_person("company"));
/// ```
#[must_use]
pub const fn names_secret_or_person(label: &str) -> bool {
    listed_word(label, SECRETS).is_some() || listed_word(label, PERSONAL).is_some()
}

/// The first of `words` that `name` holds as a run of whole tokens, also in the plural.
pub(crate) const fn listed_word<'a>(name: &str, words: &[&'a str]) -> Option<&'a str> {
    if last_token_is_safe(name) {
        return None;
    }
    let mut word = 0;
    while word < words.len() {
        if holds(name.as_bytes(), words[word]) {
            return Some(words[word]);
        }
        word += 1;
    }
    None
}

const fn last_token_is_safe(name: &str) -> bool {
    let name = name.as_bytes();
    let mut word = 0;
    while word < SAFE_LAST.len() {
        let safe = SAFE_LAST[word].as_bytes();
        if name.len() >= safe.len() {
            let at = name.len() - safe.len();
            if bytes_at(name, at, safe) && (at == 0 || name[at - 1] == b'_') {
                return true;
            }
        }
        word += 1;
    }
    false
}

const fn holds(name: &[u8], word: &str) -> bool {
    // `tokens` are what a language model counts.
    let has_plural = !crate::str_eq(word, "token");
    let word = word.as_bytes();
    let mut at = 0;
    while at + word.len() <= name.len() {
        if (at == 0 || name[at - 1] == b'_') && bytes_at(name, at, word) {
            let end = at + word.len();
            if token_ends(name, end) || has_plural && name[end] == b's' && token_ends(name, end + 1)
            {
                return true;
            }
        }
        at += 1;
    }
    false
}

const fn token_ends(name: &[u8], at: usize) -> bool {
    at == name.len() || name[at] == b'_'
}

/// The words that are refused in every label, for those who look for them in labels of other origin.
pub fn names_of_secrets_and_persons() -> impl Iterator<Item = &'static str> {
    SECRETS.iter().chain(PERSONAL).copied()
}
