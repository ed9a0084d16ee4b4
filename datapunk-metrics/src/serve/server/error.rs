//! Why a server does not start.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

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
            Self::Configuration { file, reason } => write!(f, "`{}`: {reason}", shown(file)),
            Self::Unsafe { address, missing } => write!(
                f,
                "address `{address}` can be reached by others, and it has no {missing}; \
                 a web configuration file gives it, `insecure` goes without"
            ),
            Self::Audit(path, error) => {
                write!(f, "can't write the audit `{}`: {error}", shown(path))
            }
            Self::System(reason) => f.write_str(reason),
        }
    }
}

/// A path as a part of a line: it may come from a file, and hold whatever was written there.
pub(super) fn shown(path: &Path) -> String {
    bounded(&path.display().to_string().escape_debug().to_string())
}

/// The beginning of what may be as long as a file.
pub(super) fn bounded(text: &str) -> String {
    const LONGEST: usize = 400;
    let kept = &text[..text.floor_char_boundary(LONGEST)];
    if kept.len() < text.len() {
        format!("{kept}…")
    } else {
        kept.to_owned()
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
