use std::fs;
use std::process::Command;
use std::time::Duration;

use super::super::settings::{Files, Settings};
use super::*;

const HASH: &str = "$2y$04$tsXvKlRxJ9gYef06eUCVaOyRAiR6rJ2yxH6v9dQiCHCVO.NKz6t56";

/// A folder with a certificate, its key, another key, and a file without PEM.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = rcgen::KeyPair::generate().unwrap();
    for (name, text) in [
        ("server.crt", pair.cert.pem()),
        ("server.key", pair.signing_key.serialize_pem()),
        ("other.key", other.serialize_pem()),
        ("empty.pem", String::new()),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn read(folder: &Path, text: &str) -> Result<Settings, String> {
    let web = folder.join("web.yml");
    fs::write(&web, text).unwrap();
    let files = Files {
        web: Some(web),
        access: None,
    };
    files.read(&[]).1.map_err(|mistake| mistake.reason)
}

/// Whether Prometheus' own check accepts the file.
fn promtool_accepts(folder: &Path) -> bool {
    let output = Command::new("promtool")
        .args(["check", "web-config"])
        .arg(folder.join("web.yml"))
        .output()
        .expect("promtool is installed (tests/run.sh does it)");
    output.status.success()
}

const PAIR: &str = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";

#[test]
fn files_that_prometheus_accepts_are_accepted() {
    let folder = folder();
    let users = format!("basic_auth_users:\n  ann: {HASH}\n  12: '{HASH}'\n");
    let all_of_tls = format!(
        "{PAIR}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: server.crt\n  \
         min_version: TLS12\n  max_version: TLS13\n  \
         cipher_suites:\n  - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n  - TLS_AES_128_GCM_SHA256\n  \
         prefer_server_cipher_suites: true\n  curve_preferences: [X25519, CurveP256]\n"
    );
    for text in [
        "",
        "# nothing\n",
        PAIR,
        &users,
        &all_of_tls,
        &format!("{PAIR}{users}"),
        &format!("{PAIR}  client_auth_type: NoClientCert\n"),
        &format!("{PAIR}  client_auth_type: RequestClientCert\n"),
        &format!("{PAIR}  client_auth_type: RequireAnyClientCert\n"),
        &format!(
            "{PAIR}  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: server.crt\n"
        ),
        &format!("{PAIR}  min_version: TLS13\n"),
        &format!("{PAIR}  max_version: TLS12\n"),
        &format!("{PAIR}http_server_config:\n  http2: false\n"),
        "http_server_config:\n  headers:\n    X-Frame-Options: deny\n    X-Content-Type-Options: nosniff\n    \
         X-XSS-Protection: '1'\n    Content-Security-Policy: default-src 'self'\n    \
         Strict-Transport-Security: max-age=1\n",
    ] {
        let settings = read(folder.path(), text);
        assert!(settings.is_ok(), "{text}: {settings:?}");
        assert!(promtool_accepts(folder.path()), "promtool refuses: {text}");
    }
}

#[test]
fn keys_that_this_promtool_does_not_know_yet_are_accepted_too() {
    let folder = folder();
    let settings = read(
        folder.path(),
        "rate_limit:\n  interval: 250ms\n  burst: 20\n",
    )
    .unwrap();
    assert_eq!(
        settings.rate,
        Some(Rate {
            interval: Duration::from_millis(250),
            burst: 20
        })
    );
    assert_eq!(
        read(folder.path(), "rate_limit: {interval: 0, burst: 0}")
            .unwrap()
            .rate,
        None
    );
    let sans = format!(
        "{PAIR}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: server.crt\n  \
         client_allowed_sans: [node-1, 10.0.0.1]\n"
    );
    assert!(read(folder.path(), &sans).is_ok());
    let indented = |name: &str| {
        let pem = fs::read_to_string(folder.path().join(name)).unwrap();
        let lines: Vec<_> = pem.lines().map(|line| format!("    {line}\n")).collect();
        lines.concat()
    };
    let inline = format!(
        "tls_server_config:\n  cert: |\n{}  key: |\n{}",
        indented("server.crt"),
        indented("server.key")
    );
    assert!(read(folder.path(), &inline).unwrap().tls.is_some());
}

#[expect(clippy::too_many_lines, reason = "it is a table")]
#[test]
fn mistakes_are_named_in_one_line_without_their_values() {
    let folder = folder();
    let tls = |line: &str| format!("{PAIR}  {line}\n");
    for (text, expected) in [
        ("tls_config: {}", "unknown field `tls_config`"),
        (
            "tls_server_config: {certfile: a}",
            "unknown field `certfile`",
        ),
        (
            "basic_auth_users: {ann: hunter2}",
            "the value of `ann` is not a bcrypt hash",
        ),
        ("basic_auth_users: {}", "has no user"),
        ("basic_auth_users: hunter2", "expected mapping"),
        ("basic_auth_users: [hunter2]", "expected mapping"),
        ("basic_auth_users: {ann: [hunter2]}", ""),
        // RUSTSEC-2026-0199: as many bytes as a hash has, and a character where one is cut in two.
        (
            "basic_auth_users: {ann: '$2y$10$aaaaaaaaaaaaaaaaaaaaébbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'}",
            "the value of `ann` is not a bcrypt hash",
        ),
        (
            "basic_auth_users: {ann: '$2y$é$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}",
            "the value of `ann` is not a bcrypt hash",
        ),
        ("basic_auth_users: {'a:b': hunter2}", "has a colon"),
        (
            "basic_auth_users: {ann: '$2y$31$hunter2hunter2hunter2hunter2hunter2hunter2hunter2hunt'}",
            "cost",
        ),
        (
            "tls_server_config: {cert_file: server.crt}",
            "neither `key_file` nor `key`",
        ),
        (
            "tls_server_config: {key_file: server.key}",
            "neither `cert_file` nor `cert`",
        ),
        (
            "tls_server_config: {client_auth_type: NoClientCert}",
            "neither `cert_file` nor `cert`",
        ),
        (&tls("cert: hunter2"), "both `cert` and `cert_file`"),
        (
            "tls_server_config: {cert_file: none.crt, key_file: server.key}",
            "none.crt`: can't be read",
        ),
        (
            "tls_server_config: {cert_file: empty.pem, key_file: server.key}",
            "has no certificate",
        ),
        (
            "tls_server_config: {cert_file: server.crt, key_file: empty.pem}",
            "not a private key",
        ),
        (
            "tls_server_config: {cert_file: server.crt, key_file: other.key}",
            "certificate and key",
        ),
        (&tls("min_version: TLS10"), "`TLS10` is not served"),
        (&tls("max_version: TLS11"), "`TLS11` is not served"),
        (&tls("min_version: 1.2"), "neither `TLS12` nor `TLS13`"),
        (
            &format!("{PAIR}  min_version: TLS13\n  max_version: TLS12\n"),
            "above",
        ),
        (
            &tls("cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA]"),
            "`TLS_RSA_WITH_AES_128_CBC_SHA` is not",
        ),
        (
            &tls("cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256]"),
            "is not a cipher suite",
        ),
        (&tls("curve_preferences: [CurveP521]"), "`CurveP521` is not"),
        (&tls("curve_preferences: [hunter2]"), "`…` is not"),
        (&tls("cipher_suites: [hunter2]"), "`…` is not"),
        (&tls("cipher_suites: [\"TLS_\\nhunter2\"]"), "`…` is not"),
        (
            &tls("client_auth_type: hunter2"),
            "`client_auth_type` is none of",
        ),
        (&tls("min_version: hunter2"), "neither `TLS12` nor `TLS13`"),
        (
            "tls_server_config: {cert_file: \"a\\nb\", key_file: a}",
            "`/",
        ),
        (
            &tls("client_auth_type: Perhaps"),
            "`client_auth_type` is none of",
        ),
        (
            &tls("client_auth_type: RequireAndVerifyClientCert"),
            "needs a `client_ca_file`",
        ),
        (
            &tls("client_ca_file: server.crt"),
            "needs a `client_auth_type`",
        ),
        (
            &tls("client_allowed_sans: [a]"),
            "`client_allowed_sans` needs",
        ),
        (
            "http_server_config: {headers: {X-Powered-By: us}}",
            "`X-Powered-By` is none of",
        ),
        (
            "http_server_config: {headers: {X-Frame-Options: allow}}",
            "none of deny, sameorigin",
        ),
        (
            "http_server_config: {headers: {X-XSS-Protection: \"a\\nb: c\"}}",
            "is not ASCII text",
        ),
        ("http_server_config: {http2: maybe}", ""),
        ("rate_limit: {interval: soon, burst: 1}", "not a duration"),
        ("rate_limit: {interval: 1s}", "without a `burst`"),
        ("rate_limit: {interval: 1s, burst: -1}", ""),
        ("a: &a [*a]", ""),
        ("{", ""),
        ("basic_auth_users: {ann: a, ann: b}", "uplicate"),
        ("\0", ""),
    ] {
        let error = read(folder.path(), text).unwrap_err();
        assert!(error.contains(expected), "{text}: {error}");
        assert!(
            !error.contains('\n') && !error.contains("hunter2"),
            "{text}: {error}"
        );
    }
}
