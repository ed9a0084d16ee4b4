//! The files that the benches write their results to.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

/// The folder of the bench package.
#[must_use]
pub fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The file of the bench `name`: `name.json`, and with another profile than the plain one `name-<profile>.json`.
#[must_use]
pub fn file(name: &str, profile: &str) -> PathBuf {
    folder().join(if profile == "release" {
        format!("{name}.json")
    } else {
        format!("{name}-{profile}.json")
    })
}

/// What a file holds; nothing if there is none.
///
/// # Errors
///
/// If the file can't be read or is not a JSON object.
pub fn read(path: &Path) -> io::Result<Map<String, Value>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(serde_json::from_str(&text)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Map::new()),
        Err(error) => Err(error),
    }
}

/// `old` with the rows of `new` in their places.
///
/// Rows measured on another machine are no company for new ones: then `new` stands alone.
#[must_use]
pub fn merged(old: Map<String, Value>, new: Map<String, Value>) -> Map<String, Value> {
    if old.get("machine") != new.get("machine") {
        return new;
    }
    let mut merged = old;
    merged.extend(new);
    merged
}

/// Writes `results` to `path`, with a line feed at the end.
///
/// # Errors
///
/// If the file can't be written.
pub fn write(path: &Path, results: &Map<String, Value>) -> io::Result<()> {
    fs::write(path, format!("{:#}\n", Value::Object(results.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            _ => unreachable!("the tests below give objects"),
        }
    }

    #[test]
    fn rows_of_one_machine_are_merged() {
        let old = map(json!({"machine": {"cpu": "a"}, "x": 1, "y": 2}));
        let new = map(json!({"machine": {"cpu": "a"}, "y": 3}));
        assert_eq!(
            merged(old, new),
            map(json!({"machine": {"cpu": "a"}, "x": 1, "y": 3}))
        );
    }

    #[test]
    fn rows_of_another_machine_are_dropped() {
        let old = map(json!({"machine": {"cpu": "a"}, "x": 1}));
        let new = map(json!({"machine": {"cpu": "b"}, "y": 3}));
        assert_eq!(merged(old, new.clone()), new);
    }

    #[test]
    fn a_profile_has_a_file_of_its_own() {
        assert!(file("compare", "release").ends_with("tests/bench/compare.json"));
        assert!(file("compare", "lto").ends_with("tests/bench/compare-lto.json"));
    }
}
