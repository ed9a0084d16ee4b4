//! Messages of constant checks, put together at compile time.

use crate::decimal::Decimal;

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

    pub(super) const fn number(self, number: usize) -> Self {
        self.decimal(&Decimal::integer(number as u64))
    }

    pub(super) const fn float(self, float: f64) -> Self {
        self.decimal(&Decimal::float(float))
    }

    const fn decimal(self, decimal: &Decimal) -> Self {
        match core::str::from_utf8(decimal.bytes()) {
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
