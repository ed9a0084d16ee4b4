//! What is masked and what is not, by example and at random.

use datapunk_metrics_conventions::{REDACTED, Sensitive, find_sensitive, mask};
use proptest::prelude::*;
use secrets::{secret, seeds};

#[path = "mask/harmless.rs"]
mod harmless;
#[expect(unreachable_pub, reason = "the tests of other packages use it too")]
mod secrets;

/// A text, what is found first in it, and what is left of it.
const SENSITIVE: &[(&str, Sensitive, &str)] = &[
    ("jane@example.com", Sensitive::Email, "[REDACTED]"),
    (
        "/users/jane.doe+x@mail.example.co.uk/edit",
        Sensitive::Email,
        "/users/[REDACTED]/edit",
    ),
    (
        "/users/jane%40example.com",
        Sensitive::Email,
        "/users/[REDACTED]",
    ),
    ("<jürgen@müller.de>.", Sensitive::Email, "<[REDACTED]>."),
    ("mailto:a@163.com", Sensitive::Email, "mailto:[REDACTED]"),
    ("a@b.io,c@d.io", Sensitive::Email, "[REDACTED],[REDACTED]"),
    (
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
        Sensitive::Jwt,
        "[REDACTED]",
    ),
    (
        "x=eyJhbGciOiJub25lIn0.eyJzdWIiOiJqYW5lIn0.",
        Sensitive::Jwt,
        "x=[REDACTED]",
    ),
    (
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nrest",
        Sensitive::PrivateKey,
        "[REDACTED]\nrest",
    ),
    (
        "-----BEGIN OPENSSH PRIVATE KEY-----\\nb3Bl",
        Sensitive::PrivateKey,
        "[REDACTED]",
    ),
    (
        "Bearer mF_9.B5f-4.1JqM",
        Sensitive::Credentials,
        "Bearer [REDACTED]",
    ),
    (
        "bearer%20abcdefgh1234",
        Sensitive::Credentials,
        "bearer%20[REDACTED]",
    ),
    (
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        Sensitive::Credentials,
        "Basic [REDACTED]",
    ),
    (
        "postgres://app:hunter2@db.example.com/orders",
        Sensitive::UrlCredentials,
        "postgres://[REDACTED]@db.example.com/orders",
    ),
    (
        "redis://:p@ss@cache:6379",
        Sensitive::UrlCredentials,
        "redis://[REDACTED]@cache:6379",
    ),
    (
        "key AKIAIOSFODNN7EXAMPLE.",
        Sensitive::VendorKey,
        "key [REDACTED].",
    ),
    (
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        Sensitive::VendorKey,
        "[REDACTED]",
    ),
    (
        "glpat-0123456789abcdefghij",
        Sensitive::VendorKey,
        "[REDACTED]",
    ),
    (
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
        Sensitive::VendorKey,
        "[REDACTED]",
    ),
    (
        "AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY",
        Sensitive::VendorKey,
        "[REDACTED]",
    ),
    (
        "xoxb-123456789012-1234567890123-AbCdEfGh",
        Sensitive::VendorKey,
        "[REDACTED]",
    ),
    (
        "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
        Sensitive::VendorKey,
        "https://hooks.slack.com/services/[REDACTED]",
    ),
    ("password=hunter2", Sensitive::Secret, "password=[REDACTED]"),
    (
        "?user=a&api_key=Zm9v&page=2",
        Sensitive::Secret,
        "?user=a&api_key=[REDACTED]&page=2",
    ),
    (
        "accessToken=abc;x=1",
        Sensitive::Secret,
        "accessToken=[REDACTED];x=1",
    ),
    (
        "{\"password\": \"a \\\"b\\\" c\", \"x\": 1}",
        Sensitive::Secret,
        "{\"password\": \"[REDACTED]\", \"x\": 1}",
    ),
    (
        "{\\\"secret\\\":\\\"abc\\\"}",
        Sensitive::Secret,
        "{\\\"secret\\\":\\\"[REDACTED]\\\"}",
    ),
    (
        "X-Api-Key: 0a1b2c3d4e5f",
        Sensitive::Secret,
        "X-Api-Key: [REDACTED]",
    ),
    (
        "/of/api-key: 0a1b2c3d",
        Sensitive::Secret,
        "/of/api-key: [REDACTED]",
    ),
    (
        "password: hunter2",
        Sensitive::Secret,
        "password: [REDACTED]",
    ),
    (
        "--db-password='two words'",
        Sensitive::Secret,
        "--db-password='[REDACTED]'",
    ),
    (
        "next=%2Fa%3Ftoken%3Dabc123",
        Sensitive::Secret,
        "next=%2Fa%3Ftoken%3D[REDACTED]",
    ),
    (
        "Cookie: session=ab12; theme=dark",
        Sensitive::Secret,
        "Cookie: [REDACTED]",
    ),
    (
        "AccountKey=Zm9vYmFy==;Endpoint=x",
        Sensitive::Secret,
        "AccountKey=[REDACTED];Endpoint=x",
    ),
    (
        "X-Amz-Signature=fe5f80f77d5fa3beca038a248ff027d0",
        Sensitive::Secret,
        "X-Amz-Signature=[REDACTED]",
    ),
    ("4111111111111111", Sensitive::CardNumber, "[REDACTED]"),
    (
        "card 4111 1111 1111 1111 12/27",
        Sensitive::CardNumber,
        "card [REDACTED] 12/27",
    ),
    ("5555-5555-5555-4444", Sensitive::CardNumber, "[REDACTED]"),
    (
        "/pay/378282246310005/now",
        Sensitive::CardNumber,
        "/pay/[REDACTED]/now",
    ),
    ("3782 822463 10005", Sensitive::CardNumber, "[REDACTED]"),
    ("6011111111111117", Sensitive::CardNumber, "[REDACTED]"),
    ("3530111333300000", Sensitive::CardNumber, "[REDACTED]"),
    ("30569309025904", Sensitive::CardNumber, "[REDACTED]"),
    ("6200000000000005", Sensitive::CardNumber, "[REDACTED]"),
    ("DE89370400440532013000", Sensitive::Iban, "[REDACTED]"),
    ("de89370400440532013000", Sensitive::Iban, "[REDACTED]"),
    (
        "to GB29 NWBK 6016 1331 9268 19!",
        Sensitive::Iban,
        "to [REDACTED]!",
    ),
    ("FR1420041010050500013M02606", Sensitive::Iban, "[REDACTED]"),
    ("NO9386011117947", Sensitive::Iban, "[REDACTED]"),
    ("ssn 123-45-6789", Sensitive::Ssn, "ssn [REDACTED]"),
    ("+14155552671", Sensitive::PhoneNumber, "[REDACTED]"),
    (
        "tel:+49 151 23456789",
        Sensitive::PhoneNumber,
        "tel:[REDACTED]",
    ),
    ("+1 (202) 555-0143", Sensitive::PhoneNumber, "[REDACTED]"),
    (
        "/call/%2B442071838750",
        Sensitive::PhoneNumber,
        "/call/[REDACTED]",
    ),
];

#[test]
fn secrets_and_personal_data_are_found() {
    for (text, what, masked) in SENSITIVE {
        let found = find_sensitive(text, &[]);
        assert_eq!(
            found.first().map(|one| one.what),
            Some(*what),
            "{text}: {found:?}"
        );
        assert_eq!(mask(text, &[]), *masked);
        assert_eq!(mask(masked, &[]), *masked, "once masked, it stays");
        assert!(!what.as_str().is_empty());
    }
}

/// Texts that look a little like something sensitive.
const HARMLESS: &str = r#"
/items/{id}
/reset?token={token}
/users/:id
user@host
git@github.com:datapunk/metrics.git
ssh://git@github.com/datapunk/metrics
getty@tty1.service
user@1000.service
/static/logo@2x.png
left-pad@1.3.0-beta.a
github.com/spf13/cobra@v1.8.0
nginx@sha256:2bcabc23b45489fb0885d69a06ba1d648aeda973fae7bb981bafbb884165e514
@angular/core
-----BEGIN CERTIFICATE-----
bearer token
a bearer authentication that failed
Basic authentication
basic auth: username and password
Bearer realm="api"
http://localhost:9090/metrics
https://example.com:8443/a:b@c
amqp://broker:5672/%2F
eyJ
eyJhbGciOiJIUzI1NiJ9
sk-learn-serving-7d9f8b6c5-abcde
hf_transformers_inference_requests
AKIA
npm_install
SK-1234
tokens=512
max_tokens: 4096
token_type=bearer
password=
password=***
password=<redacted>
secret=true
otp_enabled=1
hashicorp/vault-secrets-operator:0.4.0
registry.example.com/team/api-token:1.2.3
ghcr.io/acme/csi-secret:sha-0a1b2c3
token-service:8080
secret:latest
auth::token::Verify
cluster:secret:sum
level:token:rate5m
token: what a client sends
password != ''
4111111111111112
0.4111111111111111
41111111-1111-1111-1111-111111111111
a-4111-1111-1111-1111-1
job4111111111111111
1234567890123456
1234 5678 9012 3456
DE00370400440532013000
DE89370400440532013000X
000-12-3456
666-12-3456
900-12-3456
123-00-4567
123-45-67890
2024-01-15
+0200
2024-01-15T10:30:00+02:00
1.0.0+20240115123456
1e+15000000
+Inf
C++11 2019 2020
+1.2.3.4.5.6.7.8
+12345
"#;

#[test]
fn neighbours_pass() {
    for text in HARMLESS.lines() {
        assert_eq!(find_sensitive(text, &[]), [], "{text}");
        assert_eq!(mask(text, &[]), text);
    }
}

#[test]
fn prefixes_of_an_organisation_are_found() {
    let prefixes = ["acme_live_", "T-"];
    assert_eq!(
        mask("key acme_live_0123abcd, T-1", &prefixes),
        "key [REDACTED], T-1"
    );
    assert_eq!(mask("acme_live_", &prefixes), "acme_live_");
    assert_eq!(
        mask("xacme_live_0123abcd", &prefixes),
        "xacme_live_0123abcd"
    );
    assert_eq!(mask("acme_live_0123abcd", &[]), "acme_live_0123abcd");
}

proptest! {
    #[test]
    fn no_seeded_secret_is_left(secret in secret(), before in "(|[a-z/ ]{0,10}[ /=\"(])", after in "(|[ /&\")][a-z /]{0,10})") {
        let text = format!("{before}{secret}{after}");
        let masked = mask(&text, &[]);
        prop_assert!(!masked.contains(&secret), "{text} -> {masked}");
        prop_assert_eq!(&*masked, format!("{before}{REDACTED}{after}"));
    }

    #[test]
    fn no_secret_is_left_wherever_it_stands(seed in seeds()) {
        let masked = mask(&seed.text, &[]);
        prop_assert!(!masked.contains(&seed.secret), "{} -> {}", seed.text, masked);
    }

    #[test]
    fn any_text_is_masked_between_characters(text in any::<String>(), secret in secret()) {
        let _ = mask(&text, &["a"]);
        let around = format!("{text} {secret} {text}");
        prop_assert!(!mask(&around, &[]).contains(&secret) || text.contains(&secret));
    }
}
