//! Versions of a crate, as far as they are compared here.

/// The three numbers of a version such as `2.0.0`; none if it is not one. What follows a hyphen or a plus is not read.
#[must_use]
pub const fn version_numbers(version: &str) -> Option<[u64; 3]> {
    let bytes = version.as_bytes();
    let mut numbers = [0; 3];
    let mut part = 0;
    let mut digits = 0;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            digit @ b'0'..=b'9' if digits < 9 => {
                numbers[part] = numbers[part] * 10 + (digit - b'0') as u64;
                digits += 1;
            }
            b'.' if digits > 0 && part < 2 => {
                part += 1;
                digits = 0;
            }
            b'-' | b'+' if digits > 0 && part == 2 => break,
            _ => return None,
        }
        at += 1;
    }
    if part == 2 && digits > 0 {
        Some(numbers)
    } else {
        None
    }
}

/// Whether `version` is `until` or a later one. A pre-release of `until` is not; nor is what is no version.
#[must_use]
pub const fn version_is_reached(version: &str, until: &str) -> bool {
    let (Some(numbers), Some(end)) = (version_numbers(version), version_numbers(until)) else {
        return false;
    };
    let mut part = 0;
    while part < 3 {
        if numbers[part] != end[part] {
            return numbers[part] > end[part];
        }
        part += 1;
    }
    !is_pre_release(version)
}

const fn is_pre_release(version: &str) -> bool {
    let bytes = version.as_bytes();
    let mut at = 0;
    while at < bytes.len() && bytes[at] != b'+' {
        if bytes[at] == b'-' {
            return true;
        }
        at += 1;
    }
    false
}
