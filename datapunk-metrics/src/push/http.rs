//! One try: a request, and what its answer means.

use std::fmt;
use std::io::{self, Read};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use ureq::http::{self, HeaderMap, HeaderName, HeaderValue, Request, Response};
use ureq::{Body, Error};

use crate::encode::Format;
use crate::privacy::{REDACTED, mask};
use crate::push::error::PushCause;
use crate::push::metrics::Operation;
use crate::push::retry::{Again, Fault};
use crate::push::{Method, Target};

/// How much of a reply is read.
const REPLY: u64 = 8 * 1024;

/// How many characters of a reply an error shows.
const SHOWN: usize = 300;

/// The `Authorization` header, and what in it must not be shown.
pub(super) struct Authorization {
    scheme: &'static str,
    header: HeaderValue,
    secrets: Vec<String>,
}

impl Authorization {
    pub(super) fn basic(user: &str, password: &str) -> Self {
        let both = STANDARD.encode(format!("{user}:{password}"));
        let header = HeaderValue::try_from(format!("Basic {both}"));
        Self {
            scheme: "Basic",
            header: sensitive(header.expect("base64 is visible ASCII")),
            secrets: vec![both, password.to_owned()],
        }
    }

    /// Nothing if the token can't be part of a header.
    pub(super) fn bearer(token: &str) -> Option<Self> {
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let header = HeaderValue::try_from(format!("Bearer {token}")).ok()?;
        Some(Self {
            scheme: "Bearer",
            header: sensitive(header),
            secrets: vec![token.to_owned()],
        })
    }

    /// `text` without the secrets, for a server that sends back what it was sent.
    fn redact(&self, text: &str) -> String {
        self.secrets
            .iter()
            .filter(|secret| !secret.is_empty())
            .fold(text.to_owned(), |text, secret| {
                text.replace(secret, REDACTED)
            })
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [REDACTED]", self.scheme)
    }
}

/// Keeps the value out of other crates' logs.
fn sensitive(mut value: HeaderValue) -> HeaderValue {
    value.set_sensitive(true);
    value
}

/// Sends `body` once and reads the answer, all within `timeout`.
pub(super) fn exchange(
    target: &Target,
    operation: Operation,
    body: &str,
    timeout: Duration,
) -> Result<(), Fault> {
    let method = match (operation, target.method) {
        (Operation::Delete, _) => http::Method::DELETE,
        (Operation::Push, Method::Replace) => http::Method::PUT,
        (Operation::Push, Method::Add) => http::Method::POST,
    };
    let mut request = Request::builder().method(method).uri(&target.url);
    if let Some(authorization) = &target.authorization {
        request = request.header(AUTHORIZATION, &authorization.header);
    }
    let sent = if operation == Operation::Delete {
        run(target, request.body(()), timeout)
    } else {
        let request = request.header(CONTENT_TYPE, Format::Text.content_type());
        run(target, request.body(body), timeout)
    };
    match sent {
        Ok(response) => judge(target, response),
        Err(error) => Err(broken(target, &error, timeout)),
    }
}

fn run(
    target: &Target,
    request: Result<Request<impl ureq::AsSendBody>, http::Error>,
    timeout: Duration,
) -> Result<Response<Body>, Error> {
    let request = target
        .agent
        .configure_request(request?)
        .timeout_global(Some(timeout))
        .build();
    target.agent.run(request)
}

/// What an answer means.
fn judge(target: &Target, mut response: Response<Body>) -> Result<(), Fault> {
    let status = response.status().as_u16();
    if matches!(status, 200 | 202) {
        return Ok(());
    }
    let again = match status {
        429 | 500..=599 => retry_after(response.headers(), SystemTime::now()),
        _ => Again::Never,
    };
    let cause = if matches!(status, 300..=399) {
        let to = text(response.headers(), &LOCATION).unwrap_or_default();
        PushCause::Redirected(status, shown(target, to))
    } else {
        let mut reply = Vec::new();
        // What was read before an error is all that there is to show.
        let _ = response
            .body_mut()
            .as_reader()
            .take(REPLY)
            .read_to_end(&mut reply);
        let reply = shown(target, &String::from_utf8_lossy(&reply));
        match again {
            Again::Never => PushCause::Refused(status, reply),
            _ => PushCause::Failing(status, reply),
        }
    };
    Err(Fault { cause, again })
}

/// What a connection that fails or breaks means.
fn broken(target: &Target, error: &Error, timeout: Duration) -> Fault {
    let (cause, again) = match error {
        Error::Timeout(_) => (PushCause::Timeout(timeout), Again::Soon),
        Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => {
            (PushCause::Timeout(timeout), Again::Soon)
        }
        // rustls says so of a certificate. One that is refused now is refused in a second too.
        Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => (
            PushCause::Untrusted(shown(target, &error.to_string())),
            Again::Never,
        ),
        Error::Io(error) => (unreachable(target, error), Again::Soon),
        Error::HostNotFound | Error::ConnectionFailed | Error::Protocol(_) => {
            (unreachable(target, error), Again::Soon)
        }
        _ => (unreachable(target, error), Again::Never),
    };
    Fault { cause, again }
}

fn unreachable(target: &Target, error: &impl fmt::Display) -> PushCause {
    PushCause::Unreachable(shown(target, &error.to_string()))
}

/// When a server wants the next try: `Retry-After` in seconds or as a date.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Again {
    let Some(value) = text(headers, &RETRY_AFTER).map(str::trim) else {
        return Again::Soon;
    };
    if let Ok(seconds) = value.parse() {
        return Again::After(Duration::from_secs(seconds));
    }
    match httpdate::parse_http_date(value) {
        Ok(date) => Again::After(date.duration_since(now).unwrap_or_default()),
        Err(_) => Again::Soon,
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// A server's text as part of an error: one line, without secrets, nothing that a terminal would obey, not long.
fn shown(target: &Target, text: &str) -> String {
    let text = match &target.authorization {
        Some(authorization) => authorization.redact(text),
        None => text.to_owned(),
    };
    let text = mask(&text);
    let mut line = String::new();
    for (count, character) in text.trim().chars().enumerate() {
        if count == SHOWN {
            line.push('…');
            break;
        }
        match character {
            '"' | '\'' | '\\' => line.push(character),
            _ => line.extend(character.escape_debug()),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let rows = [
            ("7", Again::After(Duration::from_secs(7))),
            (" 0 ", Again::After(Duration::ZERO)),
            (
                "Sun, 09 Sep 2001 01:46:50 GMT",
                Again::After(Duration::from_secs(10)),
            ),
            // In the past.
            (
                "Sun, 09 Sep 2001 01:46:30 GMT",
                Again::After(Duration::ZERO),
            ),
            ("soon", Again::Soon),
            ("-1", Again::Soon),
            ("", Again::Soon),
        ];
        for (value, again) in rows {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(value))]);
            assert_eq!(retry_after(&headers, now), again, "`{value}`");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), Again::Soon);
    }

    #[test]
    fn a_token_is_one_visible_word() {
        for refused in ["", "a b", "a\nb", "grün"] {
            assert!(Authorization::bearer(refused).is_none(), "`{refused}`");
        }
        assert!(Authorization::bearer("abc.DEF-1_2~+/=").is_some());
    }
}
