//! Numbers as text.

use crate::collect::Value;

/// Appends a sample's value.
pub(super) fn push_value(out: &mut String, value: Value) {
    match value {
        Value::Unsigned(value) => push_unsigned(out, value),
        Value::Signed(value) => out.push_str(itoa::Buffer::new().format(value)),
        Value::Float(value) => push_float(out, value),
    }
}

/// Appends an integer.
pub(super) fn push_unsigned(out: &mut String, value: u64) {
    out.push_str(itoa::Buffer::new().format(value));
}

/// Appends the shortest text that reads back as `value`, such as `0.1`, `3.0`, `1e+16` or `+Inf`.
pub(super) fn push_float(out: &mut String, value: f64) {
    if value.is_finite() {
        out.push_str(zmij::Buffer::new().format_finite(value));
    } else {
        out.push_str(not_finite(value));
    }
}

fn not_finite(value: f64) -> &'static str {
    if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "+Inf"
    } else {
        "-Inf"
    }
}

/// Digits of a float's shortest text, and where its decimal point is.
struct Decimal {
    /// The digits in ASCII, without leading or trailing zeros.
    digits: [u8; Self::MOST],
    len: usize,
    /// The value is 0.`digits` times ten to the power of `point`.
    point: i32,
}

impl Decimal {
    /// As many digits as a text of `zmij` may have.
    const MOST: usize = 24;

    /// Of a finite number that is not negative.
    fn new(value: f64) -> Self {
        let mut buffer = zmij::Buffer::new();
        let text = buffer.format_finite(value);
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let mut decimal = Self {
            digits: [0; Self::MOST],
            len: 0,
            point: exponent.parse().unwrap_or_default(),
        };
        let mut fraction = false;
        for byte in mantissa.bytes() {
            if byte == b'.' {
                fraction = true;
            } else if byte == b'0' && decimal.len == 0 {
                decimal.point -= i32::from(fraction);
            } else {
                decimal.digits[decimal.len] = byte;
                decimal.len += 1;
                decimal.point += i32::from(!fraction);
            }
        }
        while decimal.len > 0 && decimal.digits[decimal.len - 1] == b'0' {
            decimal.len -= 1;
        }
        decimal
    }

    fn digits(&self) -> impl Iterator<Item = char> {
        self.digits[..self.len].iter().copied().map(char::from)
    }
}

/// Appends a number in the form of Go's `%g`, which is the canonical form of `le` in every client library and in
/// OpenMetrics: the shortest digits, with an exponent below 0.0001 and from 1000000 on.
pub(super) fn push_canonical(out: &mut String, value: f64) {
    if !value.is_finite() {
        out.push_str(not_finite(value));
        return;
    }
    if value.is_sign_negative() {
        out.push('-');
    }
    let decimal = Decimal::new(value.abs());
    if decimal.len == 0 {
        out.push('0');
        return;
    }
    let exponent = decimal.point - 1;
    if (-4..6).contains(&exponent) {
        push_plain(out, &decimal);
    } else {
        push_scientific(out, &decimal, exponent);
    }
}

fn push_plain(out: &mut String, decimal: &Decimal) {
    if decimal.point <= 0 {
        out.push_str("0.");
        out.extend((decimal.point..0).map(|_| '0'));
        out.extend(decimal.digits());
        return;
    }
    let mut left = decimal.point;
    for digit in decimal.digits() {
        if left == 0 {
            out.push('.');
        }
        out.push(digit);
        left -= 1;
    }
    out.extend((0..left).map(|_| '0'));
}

fn push_scientific(out: &mut String, decimal: &Decimal, exponent: i32) {
    for (position, digit) in decimal.digits().enumerate() {
        if position == 1 {
            out.push('.');
        }
        out.push(digit);
    }
    out.push_str(if exponent < 0 { "e-" } else { "e+" });
    if exponent.abs() < 10 {
        out.push('0');
    }
    out.push_str(itoa::Buffer::new().format(exponent.abs()));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn float(value: f64) -> String {
        let mut out = String::new();
        push_value(&mut out, Value::Float(value));
        out
    }

    fn canonical(value: f64) -> String {
        let mut out = String::new();
        push_canonical(&mut out, value);
        out
    }

    /// Numbers with Go's `strconv.FormatFloat(value, 'g', -1, 64)`.
    const CANONICAL: &[(f64, &str)] = &[
        (0.0, "0"),
        (-0.0, "-0"),
        (1.0, "1"),
        (-1.0, "-1"),
        (10.0, "10"),
        (100_000.0, "100000"),
        (999_999.0, "999999"),
        (999_999.5, "999999.5"),
        (1_000_000.0, "1e+06"),
        (4_194_304.0, "4.194304e+06"),
        (16_777_216.0, "1.6777216e+07"),
        (1e9, "1e+09"),
        (1e16, "1e+16"),
        (1e21, "1e+21"),
        (1e100, "1e+100"),
        (0.5, "0.5"),
        (0.1, "0.1"),
        (0.005, "0.005"),
        (0.0001, "0.0001"),
        (0.000_123, "0.000123"),
        (0.000_012_3, "1.23e-05"),
        (1e-5, "1e-05"),
        (2.5, "2.5"),
        (-12.75, "-12.75"),
        (f64::MAX, "1.7976931348623157e+308"),
        (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
        (5e-324, "5e-324"),
        (f64::INFINITY, "+Inf"),
        (f64::NEG_INFINITY, "-Inf"),
        (f64::NAN, "NaN"),
    ];

    #[test]
    fn bounds_are_in_canonical_form() {
        for (value, text) in CANONICAL {
            assert_eq!(canonical(*value), *text);
        }
    }

    #[test]
    fn values_are_exact_at_the_ends_of_their_ranges() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (3.0, "3.0"),
            (0.1, "0.1"),
            (5e-324, "5e-324"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
            (-f64::NAN, "NaN"),
        ] {
            assert_eq!(float(value), text);
        }
        for value in [
            f64::MAX,
            f64::MIN,
            f64::MIN_POSITIVE,
            1e16,
            1e22,
            9_007_199_254_740_993.0,
        ] {
            let text = float(value);
            assert_eq!(
                text.parse::<f64>().map(f64::to_bits),
                Ok(value.to_bits()),
                "{text}"
            );
        }
        let mut out = String::new();
        for value in [
            Value::Unsigned(u64::MAX),
            Value::Signed(i64::MIN),
            Value::Signed(-1),
        ] {
            push_value(&mut out, value);
            out.push(' ');
        }
        assert_eq!(out, "18446744073709551615 -9223372036854775808 -1 ");
    }

    /// A number of the grammar that OpenMetrics has for one; Go reads more.
    fn is_real_number(text: &str) -> bool {
        let text = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        mantissa.split('.').count() <= 2
            && mantissa.split('.').all(digits)
            && digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
    }

    proptest! {
        #[test]
        fn every_float_reads_back_as_it_was(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            for text in [float(value), canonical(value)] {
                let read = text.parse::<f64>().unwrap();
                prop_assert!(read.to_bits() == bits || value.is_nan() && read.is_nan(), "{}", text);
                prop_assert!(!value.is_finite() || is_real_number(&text), "{}", text);
            }
        }
    }
}
