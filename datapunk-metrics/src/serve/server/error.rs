//! Why a server does not start.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a server does not start, in one line.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServeError {
    /// Something else listens at the address.
    InUse(SocketAddr),
    /// The address can't be listened at.
    Listen(SocketAddr, io::Error),
    /// A configuration file is wrong.
    Configuration {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Others can reach the address, and something is missing that would protect it.
    Unsafe {
        /// The address.
        address: SocketAddr,
        /// What is missing: TLS, authentication or both.
        missing: &'static str,
    },
    /// The audit can't be written.
    Audit(PathBuf, io::Error),
    /// The system lacks something that the server needs.
    System(String),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse(address) => write!(f, "address `{address}` is in use"),
            Self::Listen(address, error) => write!(f, "can't listen at `{address}`: {error}"),
            Self::Configuration { file, reason } => write!(f, "`{}`: {reason}", file.display()),
            Self::Unsafe { address, missing } => write!(
                f,
                "address `{address}` can be reached by others, and it has no {missing}; \
                 a web configuration file gives it, `insecure` goes without"
            ),
            Self::Audit(path, error) => {
                write!(f, "can't write the audit `{}`: {error}", path.display())
            }
            Self::System(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for ServeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Listen(_, error) | Self::Audit(_, error) => Some(error),
            _ => None,
        }
    }
}
