//! Secrets and personal data: what is kept out of metrics, and the ways out.
//!
//! A metric is stored for long, copied often and read by many. So label names that name secrets or people do not
//! compile, and the values of open labels are masked when they are first recorded. `docs/privacy.md` says what is refused,
//! what is masked, and how an organisation adds words and prefixes of its own.

use std::borrow::Cow;
use std::sync::OnceLock;

pub use datapunk_metrics_conventions::REDACTED;

use crate::set::LINKED_SETS;

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
