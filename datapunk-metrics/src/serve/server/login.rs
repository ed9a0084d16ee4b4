//! Who is asking: passwords, tokens and certificates.
//!
//! - A token is compared by its SHA-256, with all tokens, in constant time.
//! - A password costs a bcrypt hash, which is slow by intent. So no more than half of the processors hash at a time, a few
//!   logins wait for them, and more than that are told to come back later. A login that was right is remembered, so that a
//!   scraper pays for it once, and is let in at once however many strangers queue.
//! - What is remembered is a keyed hash of name, password and the hash in force, each with its length before it: two logins
//!   of the same text in other places are two keys (CVE-2022-46146), nothing in memory is a password, and a changed
//!   password ends what was remembered.
//! - An unknown name costs as much as a known one.

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use ring::rand::SystemRandom;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::metrics::{Login, LoginLabels, SERVER, Scheme};
use super::password::{PasswordHash, spend};
use super::settings::Settings;

/// How many logins may wait for a processor.
const WAITING: usize = 16;
/// How many logins are remembered.
const REMEMBERED: usize = 128;

/// Somebody who may come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// Who it is; nobody in particular where nothing is asked for.
    pub(super) principal: Option<String>,
    pub(super) scheme: Scheme,
}

/// Somebody who may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unknown {
    /// The user name that was given. It proves nothing.
    pub(super) claimed: Option<String>,
    pub(super) scheme: Scheme,
    pub(super) reason: &'static str,
    /// Whether there were too many others to find out.
    pub(super) is_busy: bool,
}

/// What can be said without a password hash.
pub(super) enum Glance {
    Known(Known),
    Unknown(Unknown),
    /// A password that has to be verified.
    Password(Password),
}

/// A name and a password as they came.
pub(super) struct Password {
    user: String,
    password: Vec<u8>,
}

/// Logins under way and logins remembered.
#[derive(Debug)]
pub(super) struct Logins {
    key: hmac::Key,
    /// Shared with the threads that verify: a login is remembered though the client did not wait for it, as one with a
    /// short timeout may not, so that it is known when it comes again.
    remembered: Arc<Mutex<Remembered>>,
    hashing: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

#[derive(Debug, Default)]
struct Remembered {
    /// The keys, and when each was last used.
    used: HashMap<[u8; 32], u64>,
    clock: u64,
}

impl Logins {
    /// # Errors
    ///
    /// If the system has no randomness.
    pub(super) fn new() -> Result<Self, String> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
            .map_err(|_| "the system gives no random numbers".to_owned())?;
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        Ok(Self {
            key,
            remembered: Arc::default(),
            hashing: Arc::new(Semaphore::new((processors / 2).max(1))),
            waiting: Arc::new(Semaphore::new(WAITING)),
        })
    }

    /// Looks at what a request brings. `certificate` is whom a verified certificate belongs to.
    pub(super) fn glance(
        &self,
        settings: &Settings,
        headers: &HeaderMap,
        certificate: Option<&str>,
    ) -> Glance {
        if !settings.asks_for_credentials() {
            return Glance::Known(match certificate {
                Some(holder) => Known {
                    principal: Some(format!("certificate:{holder}")),
                    scheme: Scheme::Certificate,
                },
                None => Known {
                    principal: None,
                    scheme: Scheme::None,
                },
            });
        }
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let unknown = |scheme, reason| {
            Glance::Unknown(Unknown {
                claimed: None,
                scheme,
                reason,
                is_busy: false,
            })
        };
        let value = match (values.next(), values.next()) {
            (None, _) => return unknown(Scheme::None, "no credentials"),
            (Some(_), Some(_)) => return unknown(Scheme::None, "two Authorization headers"),
            (Some(value), None) => value.as_bytes(),
        };
        let end = value.iter().position(|byte| *byte == b' ');
        let (scheme, credentials) = value.split_at(end.unwrap_or(value.len()));
        let credentials = credentials.trim_ascii();
        if scheme.eq_ignore_ascii_case(b"bearer") {
            match settings.access.principal_of(credentials) {
                Some(principal) => Glance::Known(Known {
                    principal: Some(principal.to_owned()),
                    scheme: Scheme::Bearer,
                }),
                None => unknown(Scheme::Bearer, "unknown token"),
            }
        } else if scheme.eq_ignore_ascii_case(b"basic") {
            match Password::decode(credentials) {
                None => unknown(Scheme::Basic, "malformed credentials"),
                // Without a user there is no password to verify, whatever the name.
                Some(_) if settings.users.is_empty() => unknown(Scheme::Basic, "no users"),
                Some(password) => self.recall(settings, password),
            }
        } else {
            unknown(Scheme::None, "unknown scheme")
        }
    }

    fn recall(&self, settings: &Settings, password: Password) -> Glance {
        let is_known = settings
            .users
            .get(&password.user)
            .is_some_and(|hash| self.remembers(self.key_of(&password, hash)));
        if is_known {
            Glance::Known(Known {
                principal: Some(password.user),
                scheme: Scheme::Basic,
            })
        } else {
            Glance::Password(password)
        }
    }

    /// Verifies a password, when it is its turn.
    pub(super) async fn verify(
        &self,
        settings: &Settings,
        password: Password,
    ) -> Result<Known, Unknown> {
        let claimed = Some(password.user.clone());
        let unknown = |reason, is_busy| Unknown {
            claimed: claimed.clone(),
            scheme: Scheme::Basic,
            reason,
            is_busy,
        };
        let busy = || unknown("too many logins at once", true);
        let Ok(place) = Arc::clone(&self.waiting).try_acquire_owned() else {
            return Err(busy());
        };
        let Ok(turn) = Arc::clone(&self.hashing).acquire_owned().await else {
            return Err(busy());
        };
        let hash = settings.users.get(&password.user).cloned();
        let highest = settings.highest_cost();
        let key = hash.as_ref().map(|hash| self.key_of(&password, hash));
        let remembered = Arc::clone(&self.remembered);
        let verified = spawn_blocking(move || {
            // Kept until the hash is made, though nobody may wait for it any more.
            let _held = (place, turn);
            let (Some(hash), Some(key)) = (&hash, key) else {
                spend(&password.password, highest);
                return Err("unknown user");
            };
            if !hash.verify(&password.password, highest) {
                return Err("wrong password");
            }
            lock(&remembered).add(key);
            Ok(password.user)
        });
        match verified.await {
            Ok(Ok(user)) => Ok(Known {
                principal: Some(user),
                scheme: Scheme::Basic,
            }),
            Ok(Err(reason)) => Err(unknown(reason, false)),
            Err(_) => Err(unknown("the password could not be verified", true)),
        }
    }

    fn key_of(&self, password: &Password, hash: &PasswordHash) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.key);
        for part in [
            password.user.as_bytes(),
            password.password.as_slice(),
            hash.as_bytes(),
        ] {
            context.update(&(part.len() as u64).to_le_bytes());
            context.update(part);
        }
        let mut key = [0; 32];
        key.copy_from_slice(context.sign().as_ref());
        key
    }

    fn remembers(&self, key: [u8; 32]) -> bool {
        lock(&self.remembered).has(key)
    }
}

impl Remembered {
    fn has(&mut self, key: [u8; 32]) -> bool {
        self.clock += 1;
        let now = self.clock;
        match self.used.get_mut(&key) {
            Some(used) => {
                *used = now;
                true
            }
            None => false,
        }
    }

    fn add(&mut self, key: [u8; 32]) {
        self.clock += 1;
        self.used.insert(key, self.clock);
        if self.used.len() > REMEMBERED {
            let oldest = self.used.iter().min_by_key(|(_, used)| **used);
            if let Some(oldest) = oldest.map(|(key, _)| *key) {
                self.used.remove(&oldest);
            }
        }
    }
}

fn lock(remembered: &Mutex<Remembered>) -> MutexGuard<'_, Remembered> {
    remembered.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Password {
    fn decode(credentials: &[u8]) -> Option<Self> {
        let mut decoded = STANDARD.decode(credentials).ok()?;
        let colon = decoded.iter().position(|byte| *byte == b':')?;
        let password = decoded.split_off(colon + 1);
        decoded.truncate(colon);
        Some(Self {
            user: String::from_utf8(decoded).ok()?,
            password,
        })
    }
}

/// Counts a login.
pub(super) fn count(scheme: Scheme, result: Login) {
    SERVER
        .server_logins_total
        .with(LoginLabels { scheme, result })
        .inc();
}

#[cfg(test)]
mod tests;
