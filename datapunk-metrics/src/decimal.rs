//! Numbers as people write them, in constant code.

/// A number's text.
pub(crate) struct Decimal {
    bytes: [u8; 32],
    length: usize,
}

impl Decimal {
    /// A float that is short in decimals, as bounds are; others in nine of them.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "the range is checked, and a bound is shown, not calculated with"
    )]
    pub(crate) const fn float(float: f64) -> Self {
        let empty = Self {
            bytes: [0; 32],
            length: 0,
        };
        if float.is_nan() {
            return empty.text("NaN");
        }
        let (signed, float) = if float < 0.0 {
            (empty.text("-"), -float)
        } else {
            (empty, float)
        };
        if float >= 1e15 {
            return signed.text(if float.is_infinite() {
                "Inf"
            } else {
                "1e15 or more"
            });
        }
        let nano = 1_000_000_000;
        let mut whole = float as u64;
        let mut part = ((float - whole as f64) * 1e9 + 0.5) as u64;
        if part >= nano {
            whole += 1;
            part = 0;
        }
        let mut text = signed.number(whole);
        if part == 0 {
            return text;
        }
        text = text.text(".");
        let mut digit = nano / 10;
        while part > 0 {
            text = text.number(part / digit);
            part %= digit;
            digit /= 10;
        }
        text
    }

    /// The digits of an integer.
    pub(crate) const fn integer(number: u64) -> Self {
        Self {
            bytes: [0; 32],
            length: 0,
        }
        .number(number)
    }

    /// The characters, all ASCII.
    pub(crate) const fn bytes(&self) -> &[u8] {
        self.bytes.split_at(self.length).0
    }

    const fn text(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut byte = 0;
        while byte < text.len() && self.length < self.bytes.len() {
            self.bytes[self.length] = text[byte];
            self.length += 1;
            byte += 1;
        }
        self
    }

    const fn number(mut self, number: u64) -> Self {
        let mut power = 1;
        while number / power >= 10 {
            power *= 10;
        }
        while power > 0 && self.length < self.bytes.len() {
            self.bytes[self.length] = b'0' + (number / power % 10) as u8;
            self.length += 1;
            power /= 10;
        }
        self
    }
}
