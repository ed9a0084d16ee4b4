//! Secrets and personal data at random, of every kind that is masked. The tests of the other packages use it too.

use proptest::prelude::*;

/// A text that holds a secret, and the secret.
#[derive(Clone, Debug)]
pub struct Seed {
    /// What is recorded.
    pub text: String,
    /// What must not be seen.
    pub secret: String,
}

/// Texts of every kind.
pub fn seeds() -> impl Strategy<Value = Seed> {
    prop_oneof![in_its_place(), password(), token()]
}

/// What is told by its own form.
pub fn secret() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z][a-z0-9._+-]{0,20}[a-z0-9]@[a-z]{1,10}[.](com|de|co[.]uk|museum)",
        "eyJ[A-Za-z0-9_-]{10,60}[.]eyJ[A-Za-z0-9_-]{10,80}[.][A-Za-z0-9_-]{43}",
        "A(KIA|SIA)[A-Z2-7]{16}",
        "gh[pousr]_[A-Za-z0-9]{36}",
        "(sk|rk)_live_[A-Za-z0-9]{24}",
        "[45][0-9]{14}"
            .prop_map(|digits| with_luhn(digits.replacen('5', "53", 1)[..15].to_owned())),
        (0_u64..1_000_000_000_000_000_000).prop_map(iban),
        "[1-5][0-9]{2}-[1-9][0-9]-[1-9][0-9]{3}",
        "[+][1-9][0-9]{9,14}",
    ]
}

/// Among other words, as in a path or a sentence.
fn in_its_place() -> impl Strategy<Value = Seed> {
    let place = prop_oneof![
        Just(("", "")),
        Just(("/users/", "/orders")),
        Just(("calls of ", " today")),
        Just(("(", ")")),
    ];
    (secret(), place).prop_map(|(secret, (before, after))| Seed {
        text: format!("{before}{secret}{after}"),
        secret,
    })
}

/// A word that only its place tells to be secret.
fn password() -> impl Strategy<Value = Seed> {
    let place = prop_oneof![
        Just(("https://jane:", "@example.com/x")),
        Just(("postgres://app:", "@db:5432/orders")),
        Just(("password=", "")),
        Just(("{\"user\":\"jane\",\"passwd\":\"", "\"}")),
        Just(("/login?user=jane&access_token=", "&x=1")),
        Just(("api-key: ", "")),
        Just((
            "-----BEGIN RSA PRIVATE KEY-----\n",
            "\n-----END RSA PRIVATE KEY-----"
        )),
    ];
    let word = "[A-Za-z0-9!$^*_.~-]{7,20}[0-9][a-z]";
    (word, place).prop_map(|(secret, (before, after))| Seed {
        text: format!("{before}{secret}{after}"),
        secret,
    })
}

/// What a header has behind its scheme.
fn token() -> impl Strategy<Value = Seed> {
    "[A-Za-z0-9._~-]{10,30}[0-9]".prop_map(|secret| Seed {
        text: format!("Authorization: Bearer {secret}"),
        secret,
    })
}

/// Digits with the check digit of Luhn at their end.
fn with_luhn(mut digits: String) -> String {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let digit = u32::from(digit - b'0');
            let doubled = if at % 2 == 0 { digit * 2 } else { digit };
            doubled / 10 + doubled % 10
        })
        .sum();
    digits.push_str(&((10 - sum % 10) % 10).to_string());
    digits
}

/// A German account number, with its check digits.
fn iban(account: u64) -> String {
    let account = format!("{account:018}");
    let remainder = format!("{account}131400")
        .bytes()
        .fold(0, |remainder, digit| {
            (remainder * 10 + u32::from(digit - b'0')) % 97
        });
    format!("DE{:02}{account}", 98 - remainder)
}
