//! The text of an access file: taken, or refused in one line without the text of a token.
#![no_main]

mod oracle;

use datapunk_metrics::serve::fuzzing::access_file;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(error) = access_file(text) {
        oracle::assert_says_no_secret(&error);
    }
});
