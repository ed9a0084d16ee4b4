//! The audit: every access, every connection that was refused and every change of the configuration, as a line of JSON in
//! a file and as a `tracing` event of the target `datapunk_metrics::audit`.
//!
//! A line is ASCII whatever a client sends: everything else is `\u…`, so nobody can add lines, colours or directions of
//! their own. It has no header, no query and no body of a request, and what it has of a client's is masked. Principals are
//! not: they are named as the configuration or a certificate names them. The file is written on a thread of its own: a slow
//! disk delays nobody.

use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::{Duration, SystemTime};

use percent_encoding::percent_decode_str;
use serde::Serialize;

use super::access::{AuditSettings, OnFailure};
use super::metrics::SERVER;
use crate::privacy::mask;

/// How many lines may wait for the disk.
const WAITING: usize = 4096;
/// How much of a text of a client's is kept.
const LONGEST_TEXT: usize = 200;

/// What happened.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Event<'a> {
    /// A request was answered.
    Access {
        from: SocketAddr,
        principal: Option<&'a str>,
        /// The user name of a login that failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        claimed: Option<&'a str>,
        scheme: &'static str,
        method: &'a str,
        path: &'a str,
        decision: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
        status: u16,
        bytes: u64,
        complete: bool,
        seconds: f64,
    },
    /// A connection was closed before there was a request.
    Connection {
        from: SocketAddr,
        decision: &'static str,
        reason: &'a str,
    },
    /// The configuration was read.
    Configuration {
        decision: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        files: Vec<String>,
        sha256: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        certificate_sha256: Option<&'a str>,
        users: Vec<&'a str>,
        tokens: usize,
    },
    /// The server began or ended to listen.
    Server {
        decision: &'static str,
        address: SocketAddr,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
    },
}

/// Where events go. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Audit {
    lines: SyncSender<Message>,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    has_file: AtomicBool,
    is_failing: AtomicBool,
    refuses: AtomicBool,
}

enum Message {
    Line(String),
    /// Opens the file anew, which may be another one.
    Open(AuditSettings),
    /// Tells when all before it is written.
    Reached(SyncSender<()>),
}

impl Audit {
    /// Opens the file, if there is one, and starts the thread that writes it.
    pub(super) fn start(settings: &AuditSettings) -> io::Result<Self> {
        let file = settings.file.as_deref().map(open).transpose()?;
        let state = Arc::new(State::default());
        state.follow(settings);
        let (lines, messages) = sync_channel(WAITING);
        let writer = Writer {
            file,
            settings: settings.clone(),
            is_cut: false,
            state: Arc::clone(&state),
        };
        thread::Builder::new()
            .name("metrics-audit".to_owned())
            .spawn(move || writer.run(&messages))?;
        Ok(Self { lines, state })
    }

    /// Whether requests are to be refused because the file can't be written.
    pub(super) fn refuses(&self) -> bool {
        self.state.refuses.load(Ordering::Relaxed) && self.state.is_failing.load(Ordering::Relaxed)
    }

    pub(super) fn record(&self, event: &Event<'_>) {
        let line = line(SystemTime::now(), event);
        if event.is_refusal() {
            tracing::warn!(target: "datapunk_metrics::audit", "{line}");
        } else {
            tracing::info!(target: "datapunk_metrics::audit", "{line}");
        }
        if self.state.has_file.load(Ordering::Relaxed) {
            match self.lines.try_send(Message::Line(line)) {
                Ok(()) => {}
                Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                    SERVER.server_audit_events_lost_total.inc();
                }
            }
        }
    }

    /// Opens the file anew: after it was moved away, or under another name.
    pub(super) fn open(&self, settings: AuditSettings) {
        self.state.follow(&settings);
        // With a full queue the file in use stays in use; the next call opens it.
        let _ = self.lines.try_send(Message::Open(settings));
    }

    /// Waits until what was recorded is written, for a while.
    pub(super) fn flush(&self, limit: Duration) {
        let (reached, when) = sync_channel(1);
        if self.lines.try_send(Message::Reached(reached)).is_ok() {
            let _ = when.recv_timeout(limit);
        }
    }
}

impl State {
    fn follow(&self, settings: &AuditSettings) {
        self.has_file
            .store(settings.file.is_some(), Ordering::Relaxed);
        let refuses = settings.on_failure == OnFailure::Refuse;
        self.refuses.store(refuses, Ordering::Relaxed);
    }
}

struct Writer {
    file: Option<File>,
    settings: AuditSettings,
    /// Whether the file ends within a line, after a disk that was full.
    is_cut: bool,
    state: Arc<State>,
}

impl Writer {
    fn run(mut self, messages: &Receiver<Message>) {
        for message in messages {
            match message {
                Message::Line(line) => self.line(&line),
                Message::Open(settings) => {
                    self.settings = settings;
                    self.file = None;
                    self.is_cut = false;
                    let opened = self.opened().map(drop);
                    self.note(opened);
                }
                Message::Reached(reached) => drop(reached.try_send(())),
            }
        }
    }

    fn line(&mut self, line: &str) {
        if self.settings.file.is_none() {
            return;
        }
        let is_cut = self.is_cut;
        let whole = if is_cut {
            format!("\n{line}\n")
        } else {
            format!("{line}\n")
        };
        let written = self
            .opened()
            .and_then(|file| file.write_all(whole.as_bytes()));
        // How much of it was written is not known.
        self.is_cut = written.is_err();
        if written.is_err() {
            SERVER.server_audit_events_lost_total.inc();
        }
        self.note(written);
    }

    /// The file; opened if it is not.
    fn opened(&mut self) -> io::Result<&mut File> {
        if self.file.is_none()
            && let Some(path) = &self.settings.file
        {
            self.file = Some(open(path)?);
        }
        self.file
            .as_mut()
            .ok_or_else(|| io::Error::other("there is no audit file"))
    }

    /// Says once that the file can't be written, and once that it can again.
    fn note(&self, result: io::Result<()>) {
        if self.settings.file.is_none() {
            self.state.is_failing.store(false, Ordering::Relaxed);
            return;
        }
        let was_failing = self
            .state
            .is_failing
            .swap(result.is_err(), Ordering::Relaxed);
        match result {
            Err(error) if !was_failing => tracing::error!(
                target: "datapunk_metrics::serve",
                "the audit file can't be written: {error}"
            ),
            Ok(()) if was_failing => tracing::warn!(
                target: "datapunk_metrics::serve",
                "the audit file is written again"
            ),
            _ => {}
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

impl Event<'_> {
    fn is_refusal(&self) -> bool {
        let (Self::Access { decision, .. }
        | Self::Connection { decision, .. }
        | Self::Configuration { decision, .. }
        | Self::Server { decision, .. }) = self;
        matches!(*decision, "refused" | "insecure")
    }
}

/// The line of an event, without its end.
fn line(time: SystemTime, event: &Event<'_>) -> String {
    #[derive(Serialize)]
    struct Timed<'a, 'b> {
        time: String,
        #[serde(flatten)]
        event: &'a Event<'b>,
    }
    let timed = Timed {
        time: humantime::format_rfc3339_millis(time).to_string(),
        event,
    };
    // Texts, numbers and lists of them are always JSON.
    ascii(&serde_json::to_string(&timed).unwrap_or_default())
}

/// JSON whose texts have nothing but printable ASCII.
fn ascii(json: &str) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() && c != '\x7f' {
            text.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string does not fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

/// The beginning of a path, without secrets and personal data. They may hide behind escapes, so a path with some is shown
/// without escapes.
pub(super) fn shown_path(path: &str) -> Cow<'_, str> {
    let plain = percent_decode_str(path).decode_utf8_lossy();
    match mask(&plain) {
        Cow::Owned(masked) => Cow::Owned(shown(&masked).into_owned()),
        Cow::Borrowed(_) => shown(path),
    }
}

/// The beginning of a text of a client's, without secrets and personal data.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    // What is cut could not be told any more.
    let mut text = mask(text);
    let end = text.floor_char_boundary(LONGEST_TEXT);
    match &mut text {
        Cow::Borrowed(text) => *text = &text[..end],
        Cow::Owned(text) => text.truncate(end),
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access<'a>(claimed: &'a str, path: &'a str) -> Event<'a> {
        Event::Access {
            from: SocketAddr::from(([127, 0, 0, 1], 9)),
            principal: None,
            claimed: Some(claimed),
            scheme: "basic",
            method: "GET",
            path,
            decision: "refused",
            reason: Some("unknown user"),
            status: 401,
            bytes: 12,
            complete: true,
            seconds: 0.25,
        }
    }

    #[test]
    fn a_line_is_one_line_of_printable_ascii() {
        let claimed = "a\n{\"event\":\"access\"}\r\x1b[31m\"\\\u{202e}\u{2028}\u{85}\u{7f}😀";
        let line = line(SystemTime::UNIX_EPOCH, &access(claimed, "/\u{1f}"));
        assert!(
            line.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
            "{line}"
        );
        assert!(
            line.starts_with(
                "{\"time\":\"1970-01-01T00:00:00.000Z\",\"event\":\"access\",\"from\":\"127.0.0.1:9\",\
                 \"principal\":null,\"claimed\":\"a\\n{\\\"event"
            ),
            "{line}"
        );
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["claimed"], claimed);
        assert_eq!(read["path"], "/\u{1f}");
    }

    #[test]
    fn a_moved_file_is_opened_anew() {
        let folder = tempfile::tempdir().unwrap();
        let (path, moved) = (folder.path().join("audit"), folder.path().join("audit.1"));
        let settings = AuditSettings {
            file: Some(path.clone()),
            on_failure: OnFailure::Continue,
        };
        let audit = Audit::start(&settings).unwrap();
        audit.record(&access("first", "/"));
        audit.flush(Duration::from_secs(10));
        std::fs::rename(&path, &moved).unwrap();
        audit.record(&access("second", "/"));
        audit.open(settings);
        audit.record(&access("third", "/"));
        audit.flush(Duration::from_secs(10));
        let (old, new) = (
            std::fs::read_to_string(moved).unwrap(),
            std::fs::read_to_string(path).unwrap(),
        );
        assert!(old.contains("first") && old.contains("second"), "{old}");
        assert!(new.contains("third") && new.lines().count() == 1, "{new}");
    }

    #[test]
    fn a_full_disk_refuses_until_there_is_room_again() {
        let settings = |file: &str| AuditSettings {
            file: Some(file.into()),
            on_failure: OnFailure::Refuse,
        };
        let lost = SERVER.server_audit_events_lost_total.get();
        let audit = Audit::start(&settings("/dev/full")).unwrap();
        assert!(!audit.refuses());
        audit.record(&access("a", "/"));
        audit.flush(Duration::from_secs(10));
        assert!(audit.refuses());
        assert!(SERVER.server_audit_events_lost_total.get() > lost);
        audit.open(settings("/dev/null"));
        audit.record(&access("a", "/"));
        audit.flush(Duration::from_secs(10));
        assert!(!audit.refuses());
    }
}
