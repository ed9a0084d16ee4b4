//! Messages of constant checks, put together at compile time.

/// Room for the longest message; what goes beyond is cut.
const ROOM: usize = 1024;

/// A text that grows in constant code.
pub(super) struct Message {
    bytes: [u8; ROOM],
    length: usize,
}

impl Message {
    pub(super) const fn new() -> Self {
        Self {
            bytes: [0; ROOM],
            length: 0,
        }
    }

    pub(super) const fn text(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        if self.length + text.len() > ROOM {
            return self;
        }
        let mut byte = 0;
        while byte < text.len() {
            self.bytes[self.length] = text[byte];
            self.length += 1;
            byte += 1;
        }
        self
    }

    /// A name in backticks.
    pub(super) const fn name(self, name: &str) -> Self {
        self.text("`").text(name).text("`")
    }

    #[expect(clippy::cast_possible_truncation, reason = "a digit fits a byte")]
    pub(super) const fn number(self, number: usize) -> Self {
        let mut digits = [0; 20];
        let mut first = digits.len();
        let mut rest = number;
        loop {
            first -= 1;
            digits[first] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        let (_, digits) = digits.split_at(first);
        match core::str::from_utf8(digits) {
            Ok(text) => self.text(text),
            Err(_) => self,
        }
    }

    /// Ends the compilation with the message.
    #[track_caller]
    pub(super) const fn fail(&self) -> ! {
        let (text, _) = self.bytes.split_at(self.length);
        match core::str::from_utf8(text) {
            Ok(text) => panic!("{}", text),
            Err(_) => panic!("a message is cut within a character"),
        }
    }
}
