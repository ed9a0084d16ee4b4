//! What is wrong with an input is one line on standard error, and exit code 2.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use support::server::free_port;
use tempfile::TempDir;

use super::{lake, path, program, stand_alone};

/// Runs the stand-alone program with each of these arguments, and expects each complaint.
fn complains(cases: &[(&[&str], &str)]) {
    for (arguments, complaint) in cases {
        let (code, out, err) = stand_alone(arguments);
        assert_eq!(code, 2, "{arguments:?}: {err}");
        assert_eq!(out, "", "{arguments:?}");
        assert_eq!(err.lines().count(), 1, "{arguments:?}: {err}");
        assert!(
            err.starts_with("error: ") && err.contains(complaint),
            "{arguments:?}: {err}"
        );
    }
}

#[test]
fn a_file_that_is_missing_or_another_one_is_named() {
    let folder = TempDir::new().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        let file = folder.path().join(name);
        fs::write(&file, text).expect("the file is written");
        path(&file).to_owned()
    };
    let unreadable = write("metrics.lock", "format: [1\n");
    let newer = write("newer.lock", "format: 99\nservices: {}\n");
    let other = write("other.json", "{\"format\": 1}");
    let empty = "{\"format\": 1, \"service\": \"void\", \"sets\": []}";
    let empty = write("empty.json", empty);
    let missing = folder.path().join("missing");
    let missing = path(&missing);
    let no_rules = TempDir::new().expect("a temporary folder");
    let no_rules = path(no_rules.path());
    let lake = program("lake");
    let lake = path(&lake);
    complains(&[
        (&["--from", missing, "list"], "can't read `"),
        (
            &["--from", &other, "list"],
            "has no metrics: not a catalogue",
        ),
        (
            &["--from", &empty, "list"],
            "service `void` declares no metrics",
        ),
        // A program that knows nothing of metrics.
        (
            &["--from", "/bin/false", "list"],
            "`/bin/false` has no metrics: ",
        ),
        (
            &["--from", lake, "--from", lake, "list"],
            "service `lake` is given twice",
        ),
        (&["--from", lake, "diff", missing], "can't read `"),
        (
            &["--from", lake, "diff", &unreadable],
            "is not a lock: line ",
        ),
        (
            &["--from", lake, "diff", &newer],
            "is a lock of form 99, and this program reads form 1",
        ),
        (
            &["--from", lake, "check-rules", no_rules],
            "no rule files in `",
        ),
        (
            &["--from", &other, "lint"],
            "is a catalogue, and a lint takes the service's binary",
        ),
        (
            &["--from", lake, "lock", "--out", path(folder.path())],
            "can't write `",
        ),
    ]);
}

#[test]
fn an_address_that_nobody_answers_at_is_told_from_one_that_is_none() {
    let refused = format!("http://127.0.0.1:{}/metrics", free_port());
    let no_tls = format!("https://{}/metrics", without_tls());
    let lake = program("lake");
    let lake = path(&lake);
    complains(&[
        (&["--from", lake, "scrape", &refused], "can't scrape `"),
        (
            &["--from", lake, "scrape", &no_tls],
            "it does not speak TLS, which `https://` asks for",
        ),
        (
            &["--from", lake, "scrape", "lake:9464"],
            "`lake:9464` is no address",
        ),
        (
            &["--from", lake, "scrape", "http:///metrics"],
            "is no address: it names no host",
        ),
        (
            &["--from", lake, "scrape", "http://ann:hunter2@lake/metrics"],
            "the address has a secret in it: give `--user` and `--password-file` instead",
        ),
    ]);
}

#[test]
fn a_name_that_is_not_known_brings_the_one_that_may_be_meant() {
    let binary = program("lake");
    let binary = path(&binary);
    complains(&[
        (
            &["--from", binary, "list", "--set", "LakeMetric"],
            "there is no metric set `LakeMetric`; a similar one is `LakeMetrics`",
        ),
        (
            &["--from", binary, "catalogue", "--set", "Sea"],
            "there is no metric set `Sea`; there are `CacheMetrics`, `DiskMetrics`, ",
        ),
    ]);
    let (code, _, err) = lake(&["lists"]);
    assert_eq!(code, 2);
    assert!(
        err.contains("similar subcommands exist: 'lint', 'list'"),
        "{err}"
    );
}

/// The address of a server that answers one connection, and has no TLS.
fn without_tls() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        if let Ok((mut connection, _)) = listener.accept() {
            // What a client says first is of no use to it.
            let _ = connection.read(&mut [0; 1024]);
            let _ = connection.write_all(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
        }
    });
    address
}
