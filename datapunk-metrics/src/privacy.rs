//! Secrets and personal data: what is kept out of metrics, and the ways out.
//!
//! A metric is stored for long, copied often and read by many. So label names that name secrets or people do not
//! compile, and the values of open labels are masked when they are first recorded. `docs/privacy.md` says what is refused,
//! what is masked, and how an organisation adds words and prefixes of its own.

mod bucket;
#[cfg(feature = "hmac")]
mod hmac;
mod sensitive;
mod truncate;

use std::borrow::Cow;
use std::sync::OnceLock;

pub use bucket::Bucket;
pub use datapunk_metrics_conventions::REDACTED;
#[cfg(feature = "hmac")]
pub use hmac::{Digest, Hmac, HmacKey, ShortKey};
pub use sensitive::Sensitive;
pub use truncate::{Network, Truncate};

use crate::set::LINKED_SETS;

/// What an open label can hold beside a `&str`.
#[doc(hidden)]
pub trait Reduced<'a>: Copy {
    /// The text that is exposed.
    fn text(self) -> &'a str;
}

impl<'a> Reduced<'a> for Truncate<'a> {
    #[inline]
    fn text(self) -> &'a str {
        self.as_str()
    }
}

#[cfg(feature = "hmac")]
impl<'a> Reduced<'a> for Hmac<'a> {
    #[inline]
    fn text(self) -> &'a str {
        self.as_str()
    }
}

/// `text` with [`REDACTED`] in the place of every secret and of all personal data that can be told by its form: e-mail
/// addresses, tokens, keys, passwords, the numbers of cards, accounts and phones.
///
/// Values of open labels go through it by themselves. It is for what is logged or put into an exemplar.
///
/// ```
/// use datapunk_metrics::privacy::mask;
///
/// assert_eq!(mask("/users/jane@example.com/orders"), "/users/[REDACTED]/orders");
/// assert_eq!(mask("/items/6ba7b810-9dad-11d1-80b4-00c04fd430c8"), "/items/6ba7b810-9dad-11d1-80b4-00c04fd430c8");
/// ```
#[must_use]
pub fn mask(text: &str) -> Cow<'_, str> {
    datapunk_metrics_conventions::mask(text, prefixes())
}

/// Prefixes that organisations add, of all linked sets.
fn prefixes() -> &'static [&'static str] {
    static PREFIXES: OnceLock<Vec<&'static str>> = OnceLock::new();
    PREFIXES.get_or_init(|| {
        let all = LINKED_SETS.iter().flat_map(|set| set.secret_prefixes);
        let mut prefixes: Vec<&str> = all.copied().collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        prefixes
    })
}
