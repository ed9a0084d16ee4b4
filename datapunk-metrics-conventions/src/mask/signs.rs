//! What a look at each byte of a text tells of what may be in it.

/// The shortest key: an organisation's prefix of three characters, and what has to follow it.
const LEAST_KEY: usize = 3 + super::LEAST_BEHIND_PREFIX;

/// The fewest digits of a number: those of a short phone number, and of a short account number of which half is letters.
const LEAST_DIGITS: usize = 8;

/// Signs that are in a text.
pub(super) struct Signs {
    kinds: u8,
    digits: usize,
    length: usize,
}

impl Signs {
    /// An `@`, as addresses and URLs have it, or what may be an escaped one.
    pub(super) const ADDRESS: u8 = 1;
    /// A space, as it is behind the scheme of a header and in armour, or what is one in a URL.
    pub(super) const SPACE: u8 = 2;
    /// What stands between a name and a value.
    pub(super) const PAIR: u8 = 4;

    /// Those of a text that has everything.
    #[cfg(test)]
    pub(super) const ALL: Self = Self {
        kinds: u8::MAX,
        digits: usize::MAX,
        length: usize::MAX,
    };

    pub(super) fn of(text: &str) -> Self {
        let (mut kinds, mut digits) = (0, 0);
        for byte in text.bytes() {
            kinds |= KINDS[usize::from(byte)];
            digits += usize::from(byte.is_ascii_digit());
        }
        Self {
            kinds,
            digits,
            length: text.len(),
        }
    }

    pub(super) fn has(&self, kind: u8) -> bool {
        self.kinds & kind != 0
    }

    pub(super) fn is_long_enough_for_a_key(&self) -> bool {
        self.length >= LEAST_KEY
    }

    pub(super) fn has_digits_of_a_number(&self) -> bool {
        self.digits >= LEAST_DIGITS
    }
}

/// What each byte is a sign of.
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    kinds[b'@' as usize] = Signs::ADDRESS;
    kinds[b'%' as usize] = Signs::ADDRESS | Signs::SPACE | Signs::PAIR;
    kinds[b':' as usize] = Signs::PAIR;
    kinds[b'=' as usize] = Signs::PAIR;
    kinds[b'+' as usize] = Signs::SPACE;
    kinds[b' ' as usize] = Signs::SPACE;
    kinds[b'\t' as usize] = Signs::SPACE;
    kinds[b'\n' as usize] = Signs::SPACE;
    kinds[b'\x0c' as usize] = Signs::SPACE;
    kinds[b'\r' as usize] = Signs::SPACE;
    kinds
};
