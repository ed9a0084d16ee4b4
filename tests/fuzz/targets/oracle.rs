//! What holds for every error of a configuration file.

/// An error is one line that is not long, and has no value of a file but where it says which key, user, file, set or path
/// it means.
pub(crate) fn assert_says_no_secret(error: &str) {
    const NAMED: [&str; 8] = [
        "unknown field `",
        "duplicate",
        "the value of `",
        "the name `",
        "`headers`: `",
        "can't be read",
        "`principals`: `",
        "the `sha256` of `",
    ];
    assert!(!error.contains('\n') && error.len() < 1000, "{error:?}");
    assert!(
        !error.contains("hunter2") || NAMED.iter().any(|named| error.contains(named)),
        "{error:?}"
    );
}
