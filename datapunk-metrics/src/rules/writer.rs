//! Text that is written in constant code.

use crate::decimal::Decimal;

/// How many characters are written at a time.
const RUN: usize = 32;

/// Room for what is said of one rule.
const ROOM: usize = 6144;

pub(super) const SPACES: &[u8; RUN] = &[b' '; RUN];
pub(super) const CARETS: &[u8; RUN] = &[b'^'; RUN];

/// A text of at most [`ROOM`] bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Writer {
    bytes: [u8; ROOM],
    length: usize,
    is_full: bool,
}

impl Writer {
    pub(super) const fn new() -> Self {
        Self {
            bytes: [0; ROOM],
            length: 0,
            is_full: false,
        }
    }

    /// What was written; a text of a constant lives as long as the constant.
    #[must_use]
    pub(super) const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.as_bytes()) {
            Ok(text) => text,
            // Whole texts are written, or nothing.
            Err(_) => "",
        }
    }

    /// The same without a look at the characters, which takes a constant long.
    pub(super) const fn as_bytes(&self) -> &[u8] {
        let (written, _) = self.bytes.split_at(self.length);
        written
    }

    pub(super) const fn length(&self) -> usize {
        self.length
    }

    pub(super) const fn is_full(&self) -> bool {
        self.is_full
    }

    /// Forgets what was written from `length` on.
    pub(super) const fn cut(&mut self, length: usize) {
        self.length = length;
        self.is_full = false;
    }

    pub(super) const fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    /// Whole characters, or the text is none.
    pub(super) const fn bytes(&mut self, text: &[u8]) -> &mut Self {
        if self.is_full || text.len() > ROOM - self.length {
            self.is_full = true;
            return self;
        }
        put(&mut self.bytes, self.length, text);
        self.length += text.len();
        self
    }

    /// A name in backticks.
    pub(super) const fn name(&mut self, name: &str) -> &mut Self {
        let name = name.as_bytes();
        if self.is_full || name.len() + 2 > ROOM - self.length {
            self.is_full = true;
            return self;
        }
        self.bytes[self.length] = b'`';
        put(&mut self.bytes, self.length + 1, name);
        self.length += name.len() + 2;
        self.bytes[self.length - 1] = b'`';
        self
    }

    /// The character, again and again.
    pub(super) const fn times(&mut self, character: &[u8; RUN], times: usize) -> &mut Self {
        let mut rest = times;
        // A call for each character would take a constant long.
        while rest > RUN {
            self.bytes(character);
            rest -= RUN;
        }
        let (some, _) = character.split_at(rest);
        self.bytes(some)
    }

    /// A number that is short.
    pub(super) const fn number(&mut self, number: u64) -> &mut Self {
        self.bytes(Decimal::integer(number).bytes())
    }

    /// A float that is short in decimals, as bounds are; others in nine of them.
    pub(super) const fn float(&mut self, float: f64) -> &mut Self {
        self.bytes(Decimal::float(float).bytes())
    }
}

/// Writes a text from a byte on.
///
/// In a constant, slices of slices cost as much as hundreds of steps, and a step for each byte is more.
///
/// # Panics
///
/// If there is no room for it.
pub(super) const fn put(place: &mut [u8], at: usize, text: &[u8]) {
    assert!(at <= place.len() && text.len() <= place.len() - at);
    // SAFETY: `at..at + text.len()` is within `place`, as was asserted, and nothing that is borrowed to be read overlaps
    // what is borrowed to be written.
    unsafe {
        core::ptr::copy_nonoverlapping(text.as_ptr(), place.as_mut_ptr().add(at), text.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_write_them() {
        for (number, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (0.1, "0.1"),
            (0.001, "0.001"),
            (2.5, "2.5"),
            (-0.25, "-0.25"),
            (16_777_216.0, "16777216"),
            (0.999_999_999_9, "1"),
            (f64::INFINITY, "Inf"),
        ] {
            assert_eq!(Writer::new().float(number).as_str(), text);
        }
        assert_eq!(
            Writer::new().number(u64::MAX).as_str(),
            u64::MAX.to_string()
        );
    }

    #[test]
    fn a_text_without_room_is_left_out() {
        let most = "x".repeat(ROOM - 3);
        let mut writer = Writer::new();
        writer.text(&most).text("ab").text("cd").text("e");
        assert_eq!((writer.length(), writer.is_full()), (ROOM - 1, true));
        writer.cut(1);
        assert_eq!(writer.text("yz").name("q").as_str(), "xyz`q`");
    }
}
