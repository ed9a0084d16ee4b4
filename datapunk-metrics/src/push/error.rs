//! Why a push failed.

use std::fmt::{self, Display};
use std::time::Duration;

use crate::collect::CollectError;
use crate::push::metrics::{Operation, TryFault};
use crate::registry::RegisterError;

/// A push or a deletion that failed.
#[derive(Clone, Debug)]
pub struct PushError {
    pub(super) operation: Operation,
    pub(super) url: String,
    pub(super) tries: u32,
    pub(super) cause: PushCause,
}

/// Why a push failed: the last try's reason.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PushCause {
    /// Two linked metric sets clash.
    Register(Box<RegisterError>),
    /// A function that reads a metric panicked.
    Collect(CollectError),
    /// There was no connection, or it broke.
    Unreachable(String),
    /// One side does not trust the other's certificate, or there is no TLS where it should be.
    Untrusted(String),
    /// There was no answer within this time.
    Timeout(Duration),
    /// The answer was a redirect to this address.
    Redirected(u16, String),
    /// The answer was an error that may pass: 429 or 5xx. The text is the beginning of the reply.
    Failing(u16, String),
    /// Any other answer. The text is the beginning of the reply.
    Refused(u16, String),
    /// A shutdown cut it short.
    Stopped,
}

impl PushError {
    /// Why.
    #[must_use]
    pub const fn cause(&self) -> &PushCause {
        &self.cause
    }

    /// The status of the last answer, if there was one.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match self.cause {
            PushCause::Redirected(status, _)
            | PushCause::Failing(status, _)
            | PushCause::Refused(status, _) => Some(status),
            _ => None,
        }
    }

    /// How many tries there were.
    #[must_use]
    pub const fn tries(&self) -> u32 {
        self.tries
    }
}

impl PushCause {
    /// As the metrics have it; what is no fault of a try has none.
    pub(super) const fn fault(&self) -> Option<TryFault> {
        match self {
            Self::Unreachable(_) | Self::Untrusted(_) => Some(TryFault::Unreachable),
            Self::Timeout(_) => Some(TryFault::Timeout),
            Self::Redirected(..) => Some(TryFault::Redirected),
            Self::Failing(429, _) => Some(TryFault::Limited),
            Self::Failing(..) => Some(TryFault::Failing),
            Self::Refused(..) => Some(TryFault::Refused),
            Self::Register(_) | Self::Collect(_) | Self::Stopped => None,
        }
    }

    const fn help(&self) -> Option<&'static str> {
        match self {
            Self::Unreachable(_) => Some("is a Pushgateway listening there?"),
            Self::Untrusted(_) => Some("check `roots_pem` and `client_certificate_pem`"),
            Self::Timeout(_) => Some("is it a Pushgateway? a slow one may need a longer `timeout`"),
            Self::Redirected(..) => {
                Some("redirects are not followed; build the client with the final address")
            }
            Self::Failing(429, _) => Some("push less often"),
            Self::Failing(..) => Some("look at the log of the Pushgateway"),
            Self::Refused(400, _) => Some(
                "if a metric clashes with one of another group, rename it or delete the other group",
            ),
            Self::Refused(401 | 403, _) => Some("check `basic_auth` or `bearer_token`"),
            Self::Refused(404 | 405, _) => {
                Some("the address has to be that of the Pushgateway itself, with its prefix")
            }
            Self::Refused(..) | Self::Register(_) | Self::Collect(_) | Self::Stopped => None,
        }
    }
}

impl Display for PushCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Register(error) => error.fmt(f),
            Self::Collect(error) => error.fmt(f),
            Self::Unreachable(reason) | Self::Untrusted(reason) => f.write_str(reason),
            Self::Timeout(time) => write!(f, "no answer within {time:.1?}"),
            Self::Redirected(status, to) => write!(f, "answered {status}, a redirect to `{to}`"),
            Self::Failing(status, reply) | Self::Refused(status, reply) if reply.is_empty() => {
                write!(f, "answered {status}")
            }
            Self::Failing(status, reply) | Self::Refused(status, reply) => {
                write!(f, "answered {status}: {reply}")
            }
            Self::Stopped => f.write_str("shut down between two tries"),
        }
    }
}

impl Display for PushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.operation {
            Operation::Push => "push to",
            Operation::Delete => "deletion of",
        };
        write!(f, "{what} `{}` failed", self.url)?;
        if self.tries > 1 {
            write!(f, " after {} tries", self.tries)?;
        }
        write!(f, ": {}", self.cause)?;
        if let Some(help) = self.cause.help() {
            write!(f, "\nhelp: {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PushError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.cause {
            PushCause::Register(error) => Some(&**error),
            PushCause::Collect(error) => Some(error),
            _ => None,
        }
    }
}
