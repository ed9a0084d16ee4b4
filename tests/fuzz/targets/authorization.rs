//! The value of an `Authorization` header: nobody comes in but the two who are known, each by the one text that says so.
#![no_main]

use std::fs;
use std::sync::OnceLock;

use datapunk_metrics::Registry;
use datapunk_metrics::serve::Server;
use datapunk_metrics::serve::fuzzing::Fuzzed;
use libfuzzer_sys::fuzz_target;

/// `the-token`, as `sha256sum` has it.
const TOKEN: &str = "c2a73fcf61dfbdcadc79a10ba330b2ef5eb66fc0a6735ed69b796bb3c97b97ae";

/// A server that knows ann by the password `tea` and a scraper by `the-token`.
fn server() -> Fuzzed {
    let folder = tempfile::tempdir().expect("a folder");
    let hash = bcrypt::hash("tea", 4).expect("a hash");
    let (web, access) = (
        folder.path().join("web.yml"),
        folder.path().join("access.yml"),
    );
    fs::write(&web, format!("basic_auth_users: {{ann: '{hash}'}}")).expect("it is written");
    let tokens = format!("tokens: [{{principal: scraper, sha256: {TOKEN}}}]");
    fs::write(&access, tokens).expect("it is written");
    Fuzzed::new(
        Server::builder()
            .registry(Registry::new())
            .web_config_file(web)
            .access_file(access),
    )
}

fuzz_target!(|value: &[u8]| {
    static SERVER: OnceLock<Fuzzed> = OnceLock::new();
    let Some(principal) = SERVER.get_or_init(server).principal(value) else {
        return;
    };
    let text = std::str::from_utf8(value).expect("the right ones are ASCII");
    let (scheme, credentials) = text.split_once(' ').expect("two words");
    let said = (
        scheme.to_ascii_lowercase(),
        credentials.trim_matches([' ', '\t']).to_owned(),
    );
    let (scheme, credentials) = (said.0.as_str(), said.1.as_str());
    match principal.as_str() {
        "ann" => assert_eq!((scheme, credentials), ("basic", "YW5uOnRlYQ==")),
        "scraper" => assert_eq!((scheme, credentials), ("bearer", "the-token")),
        other => panic!("{other}"),
    }
});
