//! Watching the configuration files: what is in force follows them, and what was in force stays if they are wrong.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::Shared;
use super::audit::Event;
use super::error::shown;
use super::metrics::{Reload, ReloadLabels, SERVER};
use super::settings::{Mistake, Settings};

/// How often the files are read. They are compared by what they hold: a time of change is too coarse where a file is
/// written twice, and wrong where a link is turned to another folder.
const EVERY: Duration = Duration::from_secs(1);

/// How long they have to stay as they are: whoever writes a file may have emptied it first, and an empty one asks nobody
/// for a password.
const SETTLED: Duration = Duration::from_millis(100);

/// Follows the files until the server stops; at once after a hangup, which also opens the audit file anew.
pub(super) async fn follow(shared: Arc<Shared>, mut last: String, mut stop: watch::Receiver<bool>) {
    let mut hangups = hangups();
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stops| *stops) => return,
            _ = ticks.tick() => {}
            () = hangups.next() => {
                let audit = shared.settings.borrow().access.audit.clone();
                shared.audit.open(audit);
            }
        }
        let Some((seen, _)) = read(&shared).await else {
            continue;
        };
        if seen == last {
            continue;
        }
        sleep(SETTLED).await;
        // What goes on changing is looked at again with the next tick.
        if let Some((hash, settings)) = read(&shared).await
            && hash == seen
        {
            shared.apply(&hash, settings);
            last = hash;
        }
    }
}

/// The hash of the files, and what they say.
async fn read(shared: &Arc<Shared>) -> Option<(String, Result<Settings, Mistake>)> {
    let shared = Arc::clone(shared);
    let read = spawn_blocking(move || shared.files.read(&shared.sets()));
    read.await.ok()
}

impl Shared {
    /// Puts settings in force, unless they are wrong.
    pub(super) fn apply(&self, hash: &str, settings: Result<Settings, Mistake>) {
        let settings = settings
            .map_err(|mistake| format!("`{}`: {}", shown(&mistake.file), mistake.reason))
            .and_then(|settings| match settings.missing() {
                Some(missing) if !self.may_be_open => {
                    Err(format!("without {missing} others could see the metrics"))
                }
                _ => Ok(settings),
            });
        match settings {
            Ok(settings) => {
                self.buckets.clear();
                let before = self.settings.borrow().access.audit.clone();
                if settings.access.audit != before {
                    self.audit.open(settings.access.audit.clone());
                }
                count(Reload::Applied);
                self.audit
                    .record(&self.configuration("applied", None, hash, &settings));
                self.settings.send_replace(Arc::new(settings));
            }
            Err(reason) => {
                count(Reload::Refused);
                let now = Arc::clone(&self.settings.borrow());
                tracing::warn!(
                    target: "datapunk_metrics::serve",
                    "the configuration stays as it was: {}",
                    reason.escape_debug()
                );
                self.audit
                    .record(&self.configuration("refused", Some(reason), hash, &now));
            }
        }
    }

    /// What was read, or what stays in force.
    pub(super) fn configuration<'a>(
        &self,
        decision: &'static str,
        reason: Option<String>,
        hash: &'a str,
        settings: &'a Settings,
    ) -> Event<'a> {
        let files = [&self.files.web, &self.files.access];
        Event::Configuration {
            decision,
            reason,
            files: files
                .into_iter()
                .flatten()
                .map(|path| path.display().to_string())
                .collect(),
            sha256: hash,
            certificate_sha256: settings.tls.as_ref().map(|tls| tls.fingerprint.as_str()),
            users: settings.users.keys().map(String::as_str).collect(),
            tokens: settings.access.tokens.len(),
        }
    }
}

fn count(result: Reload) {
    SERVER
        .server_configuration_changes_total
        .with(ReloadLabels { result })
        .inc();
}

/// The signal that asks a server to read its configuration and to open its files anew.
#[cfg(unix)]
struct Hangups(Option<tokio::signal::unix::Signal>);

#[cfg(unix)]
fn hangups() -> Hangups {
    use tokio::signal::unix::{SignalKind, signal};
    // Without a handler there is still the clock.
    Hangups(signal(SignalKind::hangup()).ok())
}

#[cfg(unix)]
impl Hangups {
    async fn next(&mut self) {
        match &mut self.0 {
            Some(signal) => {
                signal.recv().await;
            }
            None => std::future::pending().await,
        }
    }
}

#[cfg(not(unix))]
struct Hangups;

#[cfg(not(unix))]
fn hangups() -> Hangups {
    Hangups
}

#[cfg(not(unix))]
impl Hangups {
    async fn next(&mut self) {
        std::future::pending().await
    }
}
