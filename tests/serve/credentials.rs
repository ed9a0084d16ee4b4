//! Credentials that are wrong, malformed, far too long, or made to be taken for somebody else's.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use datapunk_metrics::serve::Limits;
use support::wait;

use crate::fixture::{Files, Reply, Served, basic, exchange, sample, user};

/// A server that knows ann, by `password`.
fn served(files: &Files, password: &str, limits: Limits) -> Served {
    let web = format!("basic_auth_users:\n{}", user("ann", password));
    Served::start(files.builder(&web, "").limits(limits))
}

/// The answer to a request with these `Authorization` headers, as bytes.
fn ask(served: &Served, authorizations: &[&[u8]]) -> Reply {
    let mut request = b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n".to_vec();
    for authorization in authorizations {
        request.extend_from_slice(b"authorization: ");
        request.extend_from_slice(authorization);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    Reply::parse(&exchange(served.address, &request))
}

fn status(served: &Served, user: &str, password: &str) -> u16 {
    ask(served, &[basic(user, password).as_bytes()]).status
}

/// The reasons of the audit, once there are so many.
fn reasons(files: &Files, count: usize) -> Vec<String> {
    wait::until("the audit", Duration::from_secs(20), || {
        let events = files.audit("an event", |_| true);
        let reasons: Vec<String> = events
            .iter()
            .filter(|event| event["event"] == "access")
            .map(|event| event["reason"].as_str().unwrap_or("none").to_owned())
            .collect();
        if reasons.len() >= count {
            Ok(reasons)
        } else {
            Err(format!("{reasons:?}"))
        }
    })
}

#[test]
fn a_long_password_is_a_wrong_one_for_known_and_unknown_users() {
    let files = Files::new();
    let mut limits = Limits::default();
    limits.header_bytes = 2 << 20;
    let served = served(&files, "tea", limits);
    // bcrypt looks at 72 bytes; what costs is the hash, which is made for each of them.
    for length in [72, 73, 1000, 20_000, 1 << 20] {
        let password = "x".repeat(length);
        for user in ["ann", "nobody"] {
            let refused = ask(&served, &[basic(user, &password).as_bytes()]);
            assert_eq!(refused.status, 401, "{user}, {length} bytes");
            assert_eq!(refused.header("www-authenticate").len(), 1);
        }
    }
    assert_eq!(status(&served, "ann", "tea"), 200);
    let found = reasons(&files, 11);
    assert_eq!(
        found.chunks(2).take(5).collect::<Vec<_>>(),
        [["wrong password", "unknown user"]; 5]
    );
}

#[test]
fn a_password_beyond_the_limit_of_a_header_is_not_looked_at() {
    let files = Files::new();
    let served = served(&files, "tea", Limits::default());
    for user in ["ann", "nobody"] {
        assert_eq!(status(&served, user, &"x".repeat(20_000)), 401);
        // No more than 32 KiB of it are read, whoever it is.
        assert_eq!(status(&served, user, &"x".repeat(1 << 20)), 431);
    }
    assert_eq!(status(&served, "ann", "tea"), 200);
    let page = ask(&served, &[basic("ann", "tea").as_bytes()]).body;
    let refused = "datapunk_metrics_server_logins_total{scheme=\"basic\",result=\"refused\"}";
    assert!(sample(&page, refused) >= 2.0);
}

#[test]
fn what_is_no_login_is_refused_as_one() {
    let files = Files::new();
    let served = served(&files, "tea", Limits::default());
    let right = basic("ann", "tea");
    let right = right.as_bytes();
    let wrong = basic("ann", "milk");
    let rows: &[(&[&[u8]], &str)] = &[
        (&[], "no credentials"),
        (&[b""], "unknown scheme"),
        (&[right, right], "two Authorization headers"),
        (&[right, wrong.as_bytes()], "two Authorization headers"),
        (&[wrong.as_bytes(), right], "two Authorization headers"),
        (&[b"Basic"], "malformed credentials"),
        (&[b"Basic "], "malformed credentials"),
        (&[b"Basic ===="], "malformed credentials"),
        (&[b"Basic YW5uOnRlYQ"], "malformed credentials"),
        (&[b"Basic YW5uOnRlYR=="], "malformed credentials"),
        (&[b"Basic YW5u OnRlYQ=="], "malformed credentials"),
        (&[b"Basic YW5u"], "malformed credentials"),
        (&[b"Basic -_-_"], "malformed credentials"),
        (&[b"Basic \xc3\xa4\xff\x80"], "malformed credentials"),
        // Bytes that are no UTF-8, in base64.
        (&[b"Basic //86dGVh"], "malformed credentials"),
        (&[b"\xff\xfe"], "unknown scheme"),
        (&[b"Basic\tYW5uOnRlYQ=="], "unknown scheme"),
        (&[b"Bearer YW5uOnRlYQ=="], "unknown token"),
        (&[b"Digest username=\"ann\""], "unknown scheme"),
    ];
    for (authorizations, _) in rows {
        let reply = ask(&served, authorizations);
        assert_eq!(reply.status, 401, "{authorizations:?}");
        assert!(!reply.body.contains("served_"));
    }
    let expected: Vec<&str> = rows.iter().map(|(_, reason)| *reason).collect();
    assert_eq!(reasons(&files, rows.len()), expected);
    assert_eq!(ask(&served, &[right]).status, 200);
}

#[test]
fn names_and_passwords_need_not_be_ascii() {
    let files = Files::new();
    let web = format!("basic_auth_users:\n{}", user("jürgen", "grüße ☕"));
    let served = Served::start(files.builder(&web, ""));
    assert_eq!(status(&served, "jürgen", "grüße ☕"), 200);
    assert_eq!(status(&served, "jürgen", "gruße ☕"), 401);
    assert_eq!(status(&served, "ju\u{308}rgen", "grüße ☕"), 401);
    // The same in another encoding.
    let latin = format!("Basic {}", STANDARD.encode(b"j\xfcrgen:gr\xfc\xdfe"));
    assert_eq!(ask(&served, &[latin.as_bytes()]).status, 401);
}

/// CVE-2022-46146: a cache whose key is name, hash and password joined takes one login for another of the same text.
#[test]
fn a_login_of_the_same_text_in_other_places_is_not_the_remembered_one() {
    let files = Files::new();
    let line = user("ann", "tea");
    let hash = line
        .split('\'')
        .nth(1)
        .expect("a hash in quotes")
        .to_owned();
    let web = format!("basic_auth_users:\n{line}");
    let served = Served::start(files.builder(&web, ""));
    assert_eq!(status(&served, "ann", "tea"), 200, "it is remembered");
    // What the vulnerable server hashed for users that it did not know.
    let fake = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";
    for middle in ["", hash.as_str(), fake] {
        let joined = format!("ann{middle}tea");
        for at in 0..=joined.len() {
            let (user, password) = joined.split_at(at);
            if (user, password) != ("ann", "tea") {
                assert_eq!(status(&served, user, password), 401, "{user}:{password}");
            }
        }
    }
    // Nor does an attack prepare one: its own text is remembered for nobody.
    assert_eq!(status(&served, &format!("ann{hash}"), fake), 401);
    assert_eq!(status(&served, "ann", fake), 401);
    assert_eq!(status(&served, "ann", &hash), 401, "a hash is no password");
}
