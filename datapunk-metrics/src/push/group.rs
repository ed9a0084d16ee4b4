//! The address of a group: `/metrics/job/<job>/<label>/<value>…`.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;

/// The path of a group below the address of a Pushgateway.
pub(super) fn path(job: &str, labels: &[(String, String)]) -> String {
    let mut path = String::from("/metrics");
    push_pair(&mut path, "job", job);
    for (label, value) in labels {
        push_pair(&mut path, label, value);
    }
    path
}

fn push_pair(path: &mut String, label: &str, value: &str) {
    path.push('/');
    path.push_str(label);
    // A `/` stays one when the server undoes the escapes; `.` and `..` are taken for folders on the way.
    if matches!(value, "" | "." | "..") || value.contains('/') {
        path.push_str("@base64/");
        // Nothing at all would be lost with the last `/`; Pushgateway reads one `=` as nothing.
        match value {
            "" => path.push('='),
            _ => URL_SAFE.encode_string(value, path),
        }
        return;
    }
    path.push('/');
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(path, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn values_are_escaped_or_base64() {
        let rows = [
            ("plain-1.0_x~", "plain-1.0_x~"),
            ("two words", "two%20words"),
            ("a%2Fb", "a%252Fb"),
            ("a?b#c&d=e+f", "a%3Fb%23c%26d%3De%2Bf"),
            ("grün", "gr%C3%BCn"),
            ("a\nb", "a%0Ab"),
        ];
        for (value, escaped) in rows {
            let group = [("shard".to_owned(), value.to_owned())];
            assert_eq!(path("j", &group), format!("/metrics/job/j/shard/{escaped}"));
        }
        let rows = [
            ("", "="),
            (".", "Lg=="),
            ("..", "Li4="),
            ("/var/tmp", "L3Zhci90bXA="),
            ("/?>?>", "Lz8-Pz4="),
        ];
        for (value, encoded) in rows {
            let group = [("shard".to_owned(), value.to_owned())];
            assert_eq!(
                path("j", &group),
                format!("/metrics/job/j/shard@base64/{encoded}")
            );
        }
        assert_eq!(path("a/b", &[]), "/metrics/job@base64/YS9i");
    }
}
