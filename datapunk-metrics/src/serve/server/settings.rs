//! What the two configuration files say at one moment.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use axum::http::HeaderMap;
use ring::digest::{Context, SHA256};

use super::access::Access;
use super::error::{bounded, shown};
use super::limits::Rate;
use super::password::PasswordHash;
use super::tls::{Tls, hex};
use super::web_config::WebConfig;
use crate::descriptor::SetDescriptor;

/// More than a configuration file or a chain of certificates is long.
const LONGEST_FILE: u64 = 1024 * 1024;

/// The files.
#[derive(Clone, Debug, Default)]
pub(super) struct Files {
    pub(super) web: Option<PathBuf>,
    pub(super) access: Option<PathBuf>,
}

/// What they say.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) tls: Option<Tls>,
    pub(super) headers: HeaderMap,
    pub(super) rate: Option<Rate>,
    pub(super) users: BTreeMap<String, PasswordHash>,
    pub(super) access: Access,
}

/// Why a file is not in force: its path and the reason, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) file: PathBuf,
    pub(super) reason: String,
}

impl Files {
    /// Reads the files and those that they name. The text is a hash of all that was read: when it is another one,
    /// something has changed.
    pub(super) fn read(&self, sets: &[&SetDescriptor]) -> (String, Result<Settings, Mistake>) {
        let reader = Reader::new();
        let settings = self.settings(&reader, sets);
        (reader.finish(), settings)
    }

    fn settings(&self, reader: &Reader, sets: &[&SetDescriptor]) -> Result<Settings, Mistake> {
        let mut settings = Settings::default();
        if let Some(path) = &self.web {
            settings.read_web(path, reader).map_err(|reason| Mistake {
                file: path.clone(),
                reason: bounded(&reason),
            })?;
        }
        if let Some(path) = &self.access {
            let access = reader
                .text(path)
                .and_then(|text| Access::parse(&text, folder_of(path), sets));
            settings.access = access.map_err(|reason| Mistake {
                file: path.clone(),
                reason: bounded(&reason),
            })?;
        }
        Ok(settings)
    }
}

impl Settings {
    fn read_web(&mut self, path: &Path, reader: &Reader) -> Result<(), String> {
        self.take_web(&reader.text(path)?, folder_of(path), |file| {
            reader
                .bytes(file)
                .map_err(|reason| format!("`{}`: {reason}", shown(file)))
        })
    }

    /// Takes what the text of a web configuration file says. `read` gives the bytes of the files that it names.
    pub(super) fn take_web(
        &mut self,
        text: &str,
        folder: &Path,
        read: impl Fn(&Path) -> Result<Vec<u8>, String>,
    ) -> Result<(), String> {
        let web = WebConfig::parse(text)?;
        self.headers = web.headers()?;
        self.rate = web.rate()?;
        self.users = web.users()?;
        self.tls = match web.tls() {
            Some(tls) => Some(Tls::build(tls, folder, read)?),
            None => None,
        };
        Ok(())
    }

    /// Whether a password or a token is asked for.
    pub(super) fn asks_for_credentials(&self) -> bool {
        !self.users.is_empty() || !self.access.tokens.is_empty()
    }

    /// What is missing for a network that others are on.
    pub(super) fn missing(&self) -> Option<&'static str> {
        let knows_who = self.asks_for_credentials()
            || self
                .tls
                .as_ref()
                .is_some_and(|tls| tls.requires_certificate);
        match (self.tls.is_some(), knows_who) {
            (true, true) => None,
            (true, false) => Some("authentication"),
            (false, true) => Some("TLS"),
            (false, false) => Some("TLS and authentication"),
        }
    }

    /// The highest cost of a password.
    pub(super) fn highest_cost(&self) -> u32 {
        self.users
            .values()
            .map(PasswordHash::cost)
            .max()
            .unwrap_or(10)
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// Reads files and remembers a hash of all that it read.
struct Reader(RefCell<Context>);

impl Reader {
    fn new() -> Self {
        Self(RefCell::new(Context::new(&SHA256)))
    }

    fn bytes(&self, path: &Path) -> Result<Vec<u8>, String> {
        let read = File::open(path).and_then(|file| {
            let mut bytes = Vec::new();
            file.take(LONGEST_FILE + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        });
        let read = match read {
            Ok(bytes) if bytes.len() as u64 > LONGEST_FILE => {
                Err("is longer than 1 MiB".to_owned())
            }
            Ok(bytes) => Ok(bytes),
            Err(error) => Err(format!("can't be read: {error}")),
        };
        let mut context = self.0.borrow_mut();
        context.update(path.as_os_str().as_encoded_bytes());
        match &read {
            Ok(bytes) => {
                context.update(&(bytes.len() as u64).to_le_bytes());
                context.update(bytes);
            }
            Err(reason) => context.update(reason.as_bytes()),
        }
        read
    }

    fn text(&self, path: &Path) -> Result<String, String> {
        String::from_utf8(self.bytes(path)?).map_err(|_| "is not UTF-8".to_owned())
    }

    fn finish(self) -> String {
        hex(self.0.into_inner().finish().as_ref())
    }
}
