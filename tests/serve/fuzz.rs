//! What nobody would send on purpose: the corpus of `tests/serve/corpus`, whole and changed at random, a bounded number of
//! times. Each run takes the same changes. `tests/fuzz` looks for new inputs, which then are part of the corpus.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use datapunk_metrics::serve::Server;
use support::inputs;

use crate::fixture::{Files, Served, TLS, basic, registry, sha256, user};
use crate::oracle::assert_says_no_secret;

/// The corpus of a part and so many changes of it.
fn inputs(part: &str, count: usize) -> impl Iterator<Item = Vec<u8>> {
    inputs::with_changes(&[support::package().join("serve/corpus").join(part)], count)
}

/// Sends bytes, and reads what comes back. What may not be a whole request needs an end; a server that is asked for a
/// password takes one for a client who has gone.
fn tell(served: &Served, bytes: &[u8], is_all: bool) -> Vec<u8> {
    let mut stream = TcpStream::connect(served.address).expect("it listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a timeout");
    let _ = stream.write_all(bytes);
    if is_all {
        let _ = stream.shutdown(Shutdown::Write);
    }
    let mut reply = Vec::new();
    match stream.read_to_end(&mut reply) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        Err(error) => panic!("it neither answers nor closes: {error}"),
    }
    reply
}

#[test]
fn any_bytes_are_answered_or_closed() {
    let served = Served::start(Server::builder().registry(registry()));
    for bytes in inputs("requests", 10_000) {
        let reply = tell(&served, &bytes, true);
        assert!(
            reply.is_empty() || reply.starts_with(b"HTTP/1."),
            "{:?} is answered with {:?}",
            String::from_utf8_lossy(&bytes),
            String::from_utf8_lossy(&reply)
        );
    }
    assert_eq!(served.get("/metrics").status, 200);
}

#[test]
fn no_authorization_but_the_right_one_is_one() {
    let files = Files::new();
    let access = format!(
        "tokens:\n- {{principal: scraper, sha256: {}}}\n",
        sha256("the-token")
    );
    let web = format!("basic_auth_users:\n{}", user("ann", "tea"));
    let served = Served::start(files.builder(&web, &access));
    let right = [basic("ann", "tea"), "Bearer the-token".to_owned()];
    for header in &right {
        assert_eq!(
            served
                .ask("GET", "/metrics", &[("authorization", header)])
                .status,
            200
        );
    }
    for value in inputs("authorization", 5_000) {
        let value: Vec<u8> = value
            .into_iter()
            .filter(|byte| !matches!(byte, b'\r' | b'\n'))
            .collect();
        let mut request =
            b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: ".to_vec();
        request.extend_from_slice(&value);
        request.extend_from_slice(b"\r\n\r\n");
        let reply = tell(&served, &request, false);
        let reply = String::from_utf8_lossy(&reply);
        let status = reply.get(9..12).unwrap_or_default();
        let text = String::from_utf8_lossy(&value);
        if status == "200" {
            assert!(is_right(&text), "{text:?} is let in");
        } else {
            assert!(
                matches!(status, "400" | "401" | "429" | "431"),
                "{text:?}: {reply}"
            );
            assert!(!reply.contains("served_"), "{text:?}");
        }
    }
    for header in &right {
        assert_eq!(
            served
                .ask("GET", "/metrics", &[("authorization", header)])
                .status,
            200
        );
    }
}

/// Whether a value says what one of the two right ones says, in whatever case and with whatever spaces.
fn is_right(value: &str) -> bool {
    let mut words = value.split_ascii_whitespace();
    let scheme = words.next().unwrap_or_default().to_ascii_lowercase();
    let rest: Vec<&str> = words.collect();
    match (scheme.as_str(), &rest[..]) {
        ("bearer", ["the-token"]) => true,
        ("basic", [credentials]) => *credentials == &basic("ann", "tea")["Basic ".len()..],
        _ => false,
    }
}

#[test]
fn any_web_configuration_is_taken_or_refused_in_a_line() {
    let files = Files::new();
    files.write("web.yml", TLS);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (mut taken, mut refused) = (0, 0);
    for text in inputs("web_config", 3_000) {
        let path = files.path("fuzz.yml");
        fs::write(&path, &text).expect("it is written");
        let builder = Server::builder()
            .registry(registry())
            .listen(([127, 0, 0, 1], 0).into())
            .web_config_file(&path);
        match runtime.block_on(builder.bind()) {
            Ok(_) => taken += 1,
            Err(error) => {
                refused += 1;
                let error = error.to_string();
                assert_says_no_secret(&error);
            }
        }
    }
    assert!(
        taken > 3 && refused > 30,
        "{taken} taken, {refused} refused"
    );
}

#[test]
fn any_access_file_is_taken_or_refused_in_a_line() {
    let files = Files::new();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for text in inputs("access", 3_000) {
        let path = files.path("fuzz.yml");
        fs::write(&path, &text).expect("it is written");
        let builder = Server::builder()
            .registry(registry())
            .listen(([127, 0, 0, 1], 0).into())
            .access_file(&path);
        if let Err(error) = runtime.block_on(builder.bind()) {
            let error = error.to_string();
            assert_says_no_secret(&error);
        }
    }
}
