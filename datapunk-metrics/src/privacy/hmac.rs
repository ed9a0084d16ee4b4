//! A keyed digest in the place of a value.

use core::fmt;

use hmac::Mac;
use sha2::Sha256;

type HmacSha256 = hmac::Hmac<Sha256>;

/// Shortest key: as long as the digest, as RFC 2104 recommends.
const LEAST_KEY: usize = 32;

/// How many bytes of the digest are kept: so few that a label stays short, so many that two values hardly ever share it.
const KEPT: usize = 8;

/// The key of digests, from the configuration of the process: a secret like any other.
///
/// ```
/// use datapunk_metrics::privacy::{Hmac, HmacKey};
/// use datapunk_metrics::{Counter, LabelSet, MetricSet};
///
/// #[derive(Clone, Copy, LabelSet)]
/// struct CustomerLabels<'a> {
///     #[label(max = 100)]
///     customer_id: Hmac<'a>,
/// }
///
/// /// Metrics of the shop.
/// #[derive(MetricSet)]
/// struct ShopMetrics {
///     /// Orders, by customer.
///     shop_orders_total: Counter<CustomerLabels<'static>>,
/// }
///
/// # fn key_of_the_configuration() -> [u8; 32] { [7; 32] }
/// let key = HmacKey::new(&key_of_the_configuration()).expect("it has 32 bytes");
/// let digest = key.digest("customer-17");
/// ShopMetrics::METRICS.shop_orders_total.with(CustomerLabels { customer_id: digest.label() }).inc();
/// assert_eq!(digest.label().as_str().len(), 16);
/// assert_eq!(format!("{key:?}"), "HmacKey([REDACTED])");
/// ```
#[derive(Clone)]
pub struct HmacKey(HmacSha256);

/// A key that is too short to keep values secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShortKey {
    length: usize,
}

impl fmt::Display for ShortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a key has {LEAST_KEY} bytes or more, and this one has {}",
            self.length
        )
    }
}

impl std::error::Error for ShortKey {}

impl HmacKey {
    /// A key of 32 bytes or more.
    ///
    /// # Errors
    ///
    /// If it is shorter.
    pub fn new(key: &[u8]) -> Result<Self, ShortKey> {
        let short = ShortKey { length: key.len() };
        if key.len() < LEAST_KEY {
            return Err(short);
        }
        HmacSha256::new_from_slice(key).map(Self).map_err(|_| short)
    }

    /// The digest of a text: HMAC-SHA-256, the first eight bytes in hexadecimal. The same under the same key, so that
    /// processes with one key have one series; nothing can be told of the text without the key.
    #[must_use]
    pub fn digest(&self, text: &str) -> Digest {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut mac = self.0.clone();
        mac.update(text.as_bytes());
        let bytes = mac.finalize().into_bytes();
        let mut digits = [0; 2 * KEPT];
        for (digits, byte) in digits.chunks_exact_mut(2).zip(bytes) {
            digits[0] = DIGITS[usize::from(byte >> 4)];
            digits[1] = DIGITS[usize::from(byte & 0xf)];
        }
        Digest(digits)
    }
}

impl fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HmacKey({})", super::REDACTED)
    }
}

/// The digest of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digest([u8; 2 * KEPT]);

impl Digest {
    /// It as the value of a label.
    #[must_use]
    pub fn label(&self) -> Hmac<'_> {
        Hmac(core::str::from_utf8(&self.0).unwrap_or_default())
    }
}

/// An open label that holds the keyed digest of a value. Its name may be that of an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hmac<'a>(&'a str);

impl<'a> Hmac<'a> {
    /// The digest in hexadecimal.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_rfc_4231() {
        // The sixth test case has a key of 131 bytes.
        let key = HmacKey::new(&[0xaa; 131]).unwrap();
        let digest = key.digest("Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(digest.label().as_str(), "60e431591ee0b67f");
    }

    #[test]
    fn short_keys_are_refused() {
        let error = HmacKey::new(b"short").unwrap_err();
        assert_eq!(
            error.to_string(),
            "a key has 32 bytes or more, and this one has 5"
        );
    }
}
