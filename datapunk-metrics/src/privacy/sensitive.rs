//! Values that must not be shown.

use core::fmt;

use super::REDACTED;

/// A value that must not get into a metric or a log.
///
/// It is no label value, whatever it holds, so a label set with it does not compile; [`Debug`](fmt::Debug) and
/// [`Display`](fmt::Display) show `[REDACTED]`.
///
/// ```
/// use datapunk_metrics::privacy::Sensitive;
///
/// let user = Sensitive::new("jane");
/// assert_eq!(format!("{user} {user:?}"), "[REDACTED] [REDACTED]");
/// assert_eq!(*user.expose(), "jane");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sensitive<T>(T);

impl<T> Sensitive<T> {
    /// Marks a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for the code that needs it.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value, unmarked.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> From<T> for Sensitive<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<T> fmt::Display for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}
