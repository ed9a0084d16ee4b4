//! Numbers as text.

use crate::collect::Value;

/// The text of one number, without allocation.
///
/// In words and not in bytes, so that the digits of an integer stay in registers until they are written where they
/// belong: what is stored in small parts and loaded as a large one makes the processor wait.
#[derive(Clone, Copy)]
pub(super) struct NumberText {
    /// ASCII characters, the first one in the lowest byte of the first word.
    words: [u64; WORDS],
    len: usize,
}

/// The longest number is a float of 24 characters.
const WORDS: usize = 3;

impl NumberText {
    /// Bytes of a word.
    pub(super) const WORD: usize = 8;
    /// The bytes of all words.
    pub(super) const ROOM: usize = WORDS * Self::WORD;

    /// The text of a value: the shortest that reads back as the same number, an integer's digits, or the seconds of a
    /// duration.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs more than the digits")]
    pub(super) fn new(value: Value) -> Self {
        let integer = match value {
            Value::Unsigned(value) => Some(value),
            Value::Signed(value) => u64::try_from(value).ok(),
            Value::Float(_) | Value::Nanoseconds(_) => None,
        };
        // Most are small; whether they have one digit or two, or the others three or eight, is anybody's guess, so that
        // it costs no branch.
        match integer {
            Some(value) if value < 100 => Self::few(two_digits(value)),
            Some(value) if value < EIGHT_DIGITS => Self::few(eight_digits(value)),
            _ => Self::many(value),
        }
    }

    #[inline]
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// The first eight characters, which are all if there are no more.
    #[inline]
    pub(super) const fn first_word(&self) -> u64 {
        self.words[0]
    }

    /// All characters, and what is behind them in the last word.
    #[inline]
    pub(super) fn words(&self) -> impl Iterator<Item = [u8; Self::WORD]> {
        self.words.iter().map(|word| word.to_le_bytes())
    }

    #[inline]
    const fn few(digits: Digits) -> Self {
        Self {
            words: [digits.ascii & 0x7f7f_7f7f_7f7f_7f7f, 0, 0],
            len: digits.len,
        }
    }

    #[inline(never)]
    fn many(value: Value) -> Self {
        let mut text = Text::default();
        match value {
            Value::Unsigned(value) => text.push_unsigned(value),
            Value::Nanoseconds(value) => text.push_nanoseconds(value),
            Value::Signed(value) => text.push_str(itoa::Buffer::new().format(value)),
            Value::Float(value) => text.push_float(value),
        }
        let (words, _) = text.bytes.as_chunks::<{ Self::WORD }>();
        let word = |at: usize| words.get(at).map_or(0, |word| u64::from_le_bytes(*word));
        Self {
            words: [word(0), word(1), word(2)],
            len: text.len.min(Self::ROOM),
        }
    }
}

/// Text that grows.
#[derive(Default)]
struct Text {
    /// ASCII characters. Digits are written eight at a time.
    bytes: [u8; NumberText::ROOM + NumberText::WORD],
    len: usize,
}

impl Text {
    fn push_unsigned(&mut self, value: u64) {
        if value < EIGHT_DIGITS {
            return self.push_digits(eight_digits(value));
        }
        let (first, last) = (value / EIGHT_DIGITS, value % EIGHT_DIGITS);
        if first < EIGHT_DIGITS {
            self.push_digits(eight_digits(first));
            self.push_digits(Digits {
                ascii: digits_of(last) | ASCII,
                len: 8,
            });
        } else {
            self.push_str(itoa::Buffer::new().format(value));
        }
    }

    /// Appends nanoseconds as seconds: all digits of the integer, without zeros at the end.
    fn push_nanoseconds(&mut self, value: u64) {
        const SECOND: u64 = 1_000_000_000;
        self.push_unsigned(value / SECOND);
        let fraction = value % SECOND;
        if fraction == 0 {
            return;
        }
        self.push_str(".");
        let (first_eight, last) = (digits_of(fraction / 10), fraction % 10);
        // Zeros at the end are the highest bytes.
        let zeros = if last == 0 {
            first_eight.leading_zeros() / 8
        } else {
            0
        };
        self.push_digits(Digits {
            ascii: first_eight | ASCII,
            len: 8 - zeros as usize,
        });
        if last != 0 {
            self.push_digits(two_digits(last));
        }
    }

    /// Appends the shortest text that reads back as `value`, such as `0.1`, `3`, `1e+16` or `+Inf`.
    fn push_float(&mut self, value: f64) {
        if value.is_finite() {
            let mut buffer = zmij::Buffer::new();
            let text = buffer.format_finite(value);
            self.push_str(text.strip_suffix(".0").unwrap_or(text));
        } else {
            self.push_str(not_finite(value));
        }
    }

    /// Appends a short text. No number is longer than there is room.
    fn push_str(&mut self, text: &str) {
        for byte in text.bytes() {
            if let Some(place) = self.bytes.get_mut(self.len) {
                *place = byte & 0x7f;
                self.len += 1;
            }
        }
    }

    #[inline]
    fn push_digits(&mut self, digits: Digits) {
        if let Some(room) = self.bytes.get_mut(self.len..self.len + 8) {
            room.copy_from_slice(&(digits.ascii & 0x7f7f_7f7f_7f7f_7f7f).to_le_bytes());
            self.len += digits.len;
        }
    }
}

/// Up to eight digits.
#[derive(Clone, Copy)]
struct Digits {
    /// The first one in the lowest byte.
    ascii: u64,
    len: usize,
}

/// What makes digits of numbers below 10 in each byte.
const ASCII: u64 = 0x3030_3030_3030_3030;

/// The digits of a number below 100.
#[inline]
const fn two_digits(value: u64) -> Digits {
    let tens = (value * 103) >> 10;
    let ascii = tens | ((value - 10 * tens) << 8) | ASCII;
    let has_tens = (tens != 0) as usize;
    Digits {
        ascii: ascii >> (8 - 8 * has_tens),
        len: 1 + has_tens,
    }
}

/// Above the largest number of eight digits.
const EIGHT_DIGITS: u64 = 100_000_000;

/// The digits of a number below [`EIGHT_DIGITS`], without zeros before them.
#[inline]
const fn eight_digits(value: u64) -> Digits {
    let digits = digits_of(value);
    // Leading zeros are the lowest bytes; the last digit stays if it is one.
    let zeros = (digits | (1 << 56)).trailing_zeros() / 8;
    Digits {
        ascii: (digits | ASCII) >> (8 * zeros),
        len: 8 - zeros as usize,
    }
}

/// The eight digits of a number below [`EIGHT_DIGITS`] as bytes, the first one lowest, all worked out at the same time
/// in one register.
#[inline]
const fn digits_of(value: u64) -> u64 {
    // Each step splits what is in one part in two: a division by a constant is a multiplication and a shift, exact for
    // as many digits as there are.
    let fours = (value / 10_000) | ((value % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x7f_0000_007f;
    let twos = hundreds | ((fours - 100 * hundreds) << 16);
    let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | ((twos - 10 * tens) << 8)
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

    fn line(value: Value) -> String {
        let text = NumberText::new(value);
        let bytes: Vec<u8> = text.words().flatten().take(text.len()).collect();
        String::from_utf8(bytes).unwrap()
    }

    fn written(value: f64) -> String {
        line(Value::Float(value))
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
            (0.0, "0"),
            (-0.0, "-0"),
            (3.0, "3"),
            (100.0, "100"),
            (1_048_576.0, "1048576"),
            (1.05, "1.05"),
            (0.1, "0.1"),
            (5e-324, "5e-324"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
            (-f64::NAN, "NaN"),
        ] {
            assert_eq!(written(value), text);
        }
        for value in [
            f64::MAX,
            f64::MIN,
            f64::MIN_POSITIVE,
            1e16,
            1e22,
            9_007_199_254_740_993.0,
        ] {
            let text = written(value);
            assert_eq!(
                text.parse::<f64>().map(f64::to_bits),
                Ok(value.to_bits()),
                "{text}"
            );
        }
        for (value, text) in [
            (Value::Unsigned(u64::MAX), "18446744073709551615"),
            (Value::Signed(i64::MIN), "-9223372036854775808"),
            (Value::Signed(i64::MAX), "9223372036854775807"),
            (Value::Signed(-1), "-1"),
            (Value::Nanoseconds(0), "0"),
            (Value::Nanoseconds(1), "0.000000001"),
            (Value::Nanoseconds(20), "0.00000002"),
            (Value::Nanoseconds(1_500_000_000), "1.5"),
            (Value::Nanoseconds(30_000_000_000), "30"),
            (Value::Nanoseconds(u64::MAX), "18446744073.709551615"),
        ] {
            assert_eq!(line(value), text);
        }
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

    #[test]
    fn every_number_of_digits_is_written() {
        for digits in 0..=20 {
            let power = 10_u128.pow(digits);
            for value in [power - 1, power, power + 1, 3 * power, power + power / 10] {
                if let Ok(value) = u64::try_from(value) {
                    assert_eq!(line(Value::Unsigned(value)), value.to_string());
                }
            }
        }
    }

    proptest! {
        // With as many digits as there may be, each number of them as often as any other.
        #[test]
        fn integers_are_written_as_they_are(bits in any::<u64>(), shift in 0..64_u32) {
            let value = bits >> shift;
            prop_assert_eq!(line(Value::Unsigned(value)), value.to_string());
            prop_assert_eq!(line(Value::Signed(value.cast_signed())), value.cast_signed().to_string());
        }

        #[test]
        fn nanoseconds_read_back_as_they_were(value in 0..=1_u64 << 53) {
            let text = line(Value::Nanoseconds(value));
            #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
            let seconds = value as f64 / 1e9;
            prop_assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(seconds.to_bits()), "{}", text);
            prop_assert!(is_real_number(&text));
        }

        #[test]
        fn every_float_reads_back_as_it_was(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            for text in [written(value), canonical(value)] {
                let read = text.parse::<f64>().unwrap();
                prop_assert!(read.to_bits() == bits || value.is_nan() && read.is_nan(), "{}", text);
                prop_assert!(!value.is_finite() || is_real_number(&text), "{}", text);
            }
        }
    }
}
