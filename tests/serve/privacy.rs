//! What a client sends is not in the audit, and not in the log, as far as it is secret or personal.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use proptest::prelude::*;
use support::log::Lines;
use support::secrets::{Seed, seeds};
use support::wait;

use crate::fixture::{Files, Served, basic, exchange, user};

static LOGGED: LazyLock<Lines> = LazyLock::new(|| {
    let lines = Lines::default();
    tracing::subscriber::set_global_default(lines.clone()).expect("it is set once");
    lines
});

struct Audited {
    files: Files,
    served: Served,
}

static AUDITED: LazyLock<Audited> = LazyLock::new(|| {
    let files = Files::new();
    let users = format!("basic_auth_users:\n{}", user("ann", "tea:time"));
    let served = Served::start(files.builder(&users, ""));
    Audited { files, served }
});

/// Lines of the audit that were not read before, once it has a request for `path`, and lines of the log.
fn lines(path: &str) -> Vec<String> {
    static READ: Mutex<u64> = Mutex::new(0);
    let mut read = READ.lock().expect("nobody panics");
    let text = wait::until("the audit", Duration::from_secs(20), || {
        let mut file = File::open(AUDITED.files.path("audit.jsonl")).map_err(|e| e.to_string())?;
        let mut text = String::new();
        file.seek(SeekFrom::Start(*read))
            .and_then(|_| file.read_to_string(&mut text))
            .map_err(|error| error.to_string())?;
        if text.contains(path) && text.ends_with('\n') {
            Ok(text)
        } else {
            Err(text)
        }
    });
    *read += text.len() as u64;
    text.lines()
        .map(str::to_owned)
        .chain(LOGGED.take())
        .collect()
}

/// The text as a client puts it in a path.
fn escaped(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b' ' | b'%' | b'"' | b'#' | b'<' | b'>' | b'?' | b'`' | b'{' | b'}' | b'\n' => {
            format!("%{byte:02X}")
        }
        _ => char::from(byte).to_string(),
    };
    text.bytes().map(byte).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_secret_of_a_client_is_audited_or_logged(Seed { text, secret } in seeds()) {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        LazyLock::force(&LOGGED);
        let served = &AUDITED.served;
        let path = format!("/of/{}", escaped(&text));
        served.ask("GET", &format!("{path}?q={}", escaped(&text)), &[
            ("authorization", &basic(&text, &secret)),
            ("user-agent", &text.replace('\n', " ")),
        ]);
        served.ask("GET", &path, &[("authorization", &format!("Bearer {secret}"))]);
        // What is no request at all.
        exchange(served.address, format!("{text} / HTTP/1.1\r\nconnection: close\r\n\r\n").as_bytes());
        let last = format!("/last/{}/", ASKED.fetch_add(1, Ordering::Relaxed));
        served.ask("GET", &last, &[]);
        for line in lines(&last) {
            let plain = line.replace("\\\"", "\"").replace("\\\\", "\\");
            for shown in [&line, &plain] {
                prop_assert!(!shown.contains(&secret) && !shown.contains(&escaped(&secret)), "{secret} in: {shown}");
            }
        }
    }
}

#[test]
fn the_audit_says_which_user_an_attack_is_on_and_not_what_else_was_tried() {
    let files = Files::new();
    let users = format!("basic_auth_users:\n{}", user("ann@example.com", "tea:time"));
    let served = Served::start(files.builder(&users, ""));
    for name in ["ann@example.com", "bob@example.com"] {
        let login = basic(name, "guessed");
        let path = format!("/users/{name}/{}", "x".repeat(300));
        served.ask("GET", &path, &[("authorization", &login)]);
    }
    served.ask(
        "GET",
        "/of/-----BEGIN%20RSA%20PRIVATE%20KEY-----%0AMIIE",
        &[],
    );
    let audit = files.audit("the last request", |event| {
        event["path"]
            .as_str()
            .is_some_and(|path| path.starts_with("/of/"))
    });
    let of = |key: &str| -> Vec<String> {
        let texts = audit.iter().filter_map(|event| event[key].as_str());
        texts.map(str::to_owned).collect()
    };
    assert_eq!(of("claimed"), ["ann@example.com", "[REDACTED]"]);
    let path = format!("/users/[REDACTED]/{}", "x".repeat(200 - 18));
    assert_eq!(of("path"), [&path, &path, "/of/[REDACTED]"]);
}
