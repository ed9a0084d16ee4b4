//! bcrypt hashes of passwords, checked before anything is verified against them.

use std::fmt;

/// A hash in bcrypt's modular crypt format.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct PasswordHash {
    text: String,
    cost: u32,
}

/// Beyond it one login takes minutes of a processor.
const HIGHEST_COST: u32 = 18;
const LOWEST_COST: u32 = 4;

impl PasswordHash {
    /// The reason continues a sentence and does not tell the text: it may be a password.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        const NO_HASH: &str = "is not a bcrypt hash; `htpasswd -nBC 10 \"\"` makes one";
        let bytes = text.as_bytes();
        // `$2y$10$`, 22 characters of salt and 31 of hash. What is not ASCII would be cut within a
        // character (RUSTSEC-2026-0199).
        let is_hash = bytes.len() == 60
            && bytes.starts_with(b"$2")
            && matches!(bytes[2], b'a' | b'b' | b'x' | b'y')
            && (bytes[3], bytes[6]) == (b'$', b'$')
            && bytes[7..]
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/'));
        if !is_hash {
            return Err(NO_HASH);
        }
        let cost: u32 = text
            .get(4..6)
            .filter(|cost| cost.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|cost| cost.parse().ok())
            .ok_or(NO_HASH)?;
        if !(LOWEST_COST..=HIGHEST_COST).contains(&cost) {
            return Err("is a bcrypt hash whose cost is not between 4 and 18");
        }
        Ok(Self {
            text: text.to_owned(),
            cost,
        })
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    pub(super) const fn cost(&self) -> u32 {
        self.cost
    }

    /// Whether it is the hash of `password`, in the time that a hash of the cost `highest` takes, whatever its own cost is.
    pub(super) fn verify(&self, password: &[u8], highest: u32) -> bool {
        #[cfg(test)]
        count(self.cost);
        // A text that the library can't read after all is nobody's password.
        let is_right = bcrypt::verify(password, &self.text).unwrap_or(false);
        for cost in padding(self.cost, highest) {
            spend(password, cost);
        }
        is_right
    }
}

/// The costs of the hashes that are made after one of the cost `own`, so that together they take as long as one of
/// `highest`: a cost of n takes 2^n rounds, and 2^n + 2^n + 2^(n+1) + … up to 2^(highest-1) is 2^highest.
fn padding(own: u32, highest: u32) -> std::ops::Range<u32> {
    own..highest
}

/// Takes the time of a login for nobody.
pub(super) fn spend(password: &[u8], cost: u32) {
    let cost = cost.clamp(LOWEST_COST, HIGHEST_COST);
    #[cfg(test)]
    count(cost);
    // The result is of no use; what counts is that it was computed.
    let _ = std::hint::black_box(bcrypt::hash_with_salt(password, cost, [0; 16]));
}

#[cfg(test)]
thread_local! {
    /// The rounds of bcrypt on this thread.
    static ROUNDS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
fn count(cost: u32) {
    ROUNDS.set(ROUNDS.get() + (1 << cost));
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `htpasswd -nbBC 4 "" secret`
    const SECRET: &str = "$2y$04$eSUG5txhCOcY40xTozApbeNCxgfD65hdH/yLyCWnYIe9VQTtpI9w2";

    #[test]
    fn texts_that_are_no_hash_are_refused() {
        let long = format!("{SECRET}x");
        let not_ascii = format!("{}é", &SECRET[..58]);
        let not_ascii_cost = format!("$2y$é$V{}", &SECRET[8..]);
        for text in [
            "",
            "hunter2",
            &SECRET[..59],
            &long,
            &not_ascii,
            &not_ascii_cost,
            &SECRET.replace("$2y$", "$2z$"),
            &SECRET.replace("$2y$", "$1y$"),
            &SECRET.replace("$04$", "$+4$"),
            &SECRET.replace("$04$", "$03$"),
            &SECRET.replace("$04$", "$31$"),
            &format!("{}-{}", &SECRET[..10], &SECRET[11..]),
        ] {
            assert!(PasswordHash::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_login_takes_as_many_rounds() {
        for highest in LOWEST_COST..=HIGHEST_COST {
            for own in LOWEST_COST..=highest {
                let rounds: u64 = padding(own, highest).map(|cost| 1 << cost).sum();
                assert_eq!((1_u64 << own) + rounds, 1 << highest, "{own} of {highest}");
            }
        }
    }

    #[test]
    fn a_known_user_and_an_unknown_one_cost_the_same() {
        let hash = PasswordHash::parse(SECRET).unwrap();
        let rounds = |login: &dyn Fn()| {
            ROUNDS.set(0);
            login();
            ROUNDS.get()
        };
        let long = vec![b'x'; 1 << 20];
        for highest in [4, 5, 7] {
            for password in [&b"secret"[..], b"wrong", b"", b"\xff", &long] {
                let known = rounds(&|| {
                    hash.verify(password, highest);
                });
                let unknown = rounds(&|| spend(password, highest));
                assert_eq!((known, unknown), (1 << highest, 1 << highest));
            }
        }
    }

    #[test]
    fn passwords_of_any_length_and_bytes_are_verified_without_a_panic() {
        let hash = PasswordHash::parse(SECRET).unwrap();
        assert!(hash.verify(b"secret", 6));
        let long = vec![b'x'; 1 << 20];
        for password in [&b""[..], b"secret\0", b"\0", b"\xff\xfe", b"Secret", &long] {
            assert!(!hash.verify(password, 5), "{} bytes", password.len());
        }
    }
}
