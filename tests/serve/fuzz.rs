//! What nobody would send on purpose: the corpus of `tests/serve/corpus`, whole and changed at random, a bounded number of
//! times. Each run takes the same changes. `tests/fuzz` looks for new inputs, which then are part of the corpus.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use datapunk_metrics::serve::Server;

use crate::fixture::{Files, Served, TLS, basic, registry, sha256, user};
use crate::oracle::assert_says_no_secret;

/// The files of a part of the corpus.
fn corpus(part: &str) -> Vec<Vec<u8>> {
    let folder: PathBuf = support::package().join("serve/corpus").join(part);
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let files: Vec<Vec<u8>> = paths
        .iter()
        .map(|path| fs::read(path).expect("a file"))
        .collect();
    assert!(files.len() > 5, "{}", folder.display());
    files
}

/// Numbers that are the same in each run.
struct Random(u64);

impl Random {
    /// The generator `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).expect("it is below a usize")
    }

    /// One of `inputs`, changed in a few places: bytes flipped, cut, doubled, spliced with another one.
    fn changed(&mut self, inputs: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = inputs[self.below(inputs.len())].clone();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            match self.below(6) {
                0 if !bytes.is_empty() => bytes[at] = self.next().to_le_bytes()[0],
                1 => bytes.truncate(at),
                2 => {
                    let end = (at + self.below(40)).min(bytes.len());
                    let piece = bytes[at.min(end)..end].to_vec();
                    bytes.splice(at..at, piece);
                }
                3 => {
                    let other = &inputs[self.below(inputs.len())];
                    let from = self.below(other.len());
                    bytes.truncate(at);
                    bytes.extend_from_slice(&other[from..]);
                }
                4 => bytes.insert(at, b"\0\r\n :\"'{}[]%&\xff"[self.below(14)]),
                _ => {
                    let end = (at + 1 + self.below(8)).min(bytes.len());
                    bytes.drain(at.min(end)..end);
                }
            }
        }
        bytes
    }
}

/// The corpus of a part and so many changes of it.
fn inputs(part: &str, count: usize) -> impl Iterator<Item = Vec<u8>> {
    let corpus = corpus(part);
    let mut random = Random(part.len() as u64);
    let as_they_are = corpus.clone();
    let changed = (0..count).map(move |_| random.changed(&corpus));
    as_they_are.into_iter().chain(changed)
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
