//! The text of a web configuration file: taken, or refused in one line without the text of a password.
#![no_main]

mod oracle;

use std::path::Path;
use std::sync::OnceLock;

use datapunk_metrics::serve::fuzzing::web_config;
use libfuzzer_sys::fuzz_target;

/// The files of the folder.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    static PAIR: OnceLock<(String, String)> = OnceLock::new();
    let (certificate, key) = PAIR.get_or_init(|| {
        let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a pair");
        (pair.cert.pem(), pair.signing_key.serialize_pem())
    });
    match path.file_name().and_then(|name| name.to_str()) {
        Some("server.crt" | "ca.crt") => Ok(certificate.clone().into_bytes()),
        Some("server.key") => Ok(key.clone().into_bytes()),
        _ => Err("can't be read".to_owned()),
    }
}

fuzz_target!(|text: &str| {
    if let Err(error) = web_config(text, read) {
        oracle::assert_says_no_secret(&error);
    }
});
