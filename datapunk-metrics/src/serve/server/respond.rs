//! The answer to a request: who asks, what they may see, and what they get.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use axum::response::IntoResponse;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

use super::Shared;
use super::access::Grant;
use super::audit::{Event, shown, shown_path};
use super::connection::Peer;
use super::login::{self, Glance, Known, Unknown};
use super::metrics::{Login, SERVER, Scheme};
use super::pace::Stage;
use super::settings::Settings;
use crate::LabelValue;
use crate::serve::body::Tracked;
use crate::serve::metrics::{Scrape, Sent, refused};
use crate::serve::selection::Selection;

/// Where the metrics are.
const PATH: &str = "/metrics";

/// What is known of a request when it is answered, for the audit.
struct Account {
    started: Instant,
    method: Method,
    path: String,
    principal: Option<String>,
    claimed: Option<String>,
    scheme: Scheme,
    reason: Option<&'static str>,
    scrape: Option<Scrape>,
}

pub(super) async fn respond(
    shared: Arc<Shared>,
    peer: Arc<Peer>,
    certificate: Option<Arc<str>>,
    request: Request<Incoming>,
) -> Response<Body> {
    peer.clock.enter(Stage::Scrape);
    let settings = Arc::clone(&shared.settings.borrow());
    let mut account = Account {
        started: Instant::now(),
        method: request.method().clone(),
        path: shown_path(request.uri().path()).into_owned(),
        principal: None,
        claimed: None,
        scheme: Scheme::None,
        reason: None,
        scrape: None,
    };
    let answer = match admit(
        &shared,
        &settings,
        certificate.as_deref(),
        &request,
        &mut account,
    )
    .await
    {
        Err(refusal) => *refusal,
        Ok(grant) => {
            // A client who may come in is no stranger any more.
            peer.place.settle();
            if request.uri().path() == PATH {
                scrape(&shared, grant, &request, &mut account).await
            } else {
                other(&shared, &peer, request).await
            }
        }
    };
    finish(shared, peer, &settings, answer, account)
}

/// What somebody may see, or the answer to them.
async fn admit(
    shared: &Shared,
    settings: &Settings,
    certificate: Option<&str>,
    request: &Request<Incoming>,
    account: &mut Account,
) -> Result<Grant, Box<Response<Body>>> {
    if shared.audit.refuses() {
        account.reason = Some("the audit can't be written");
        return Err(refuse(
            StatusCode::SERVICE_UNAVAILABLE,
            "the audit can't be written",
        )
        .into());
    }
    let url = request.uri();
    let length = url.path_and_query().map_or(0, |url| url.as_str().len());
    if length > shared.limits.url_bytes {
        account.reason = Some("the URL is too long");
        return Err(refuse(StatusCode::URI_TOO_LONG, "the URL is too long").into());
    }
    let glance = shared
        .logins
        .glance(settings, request.headers(), certificate);
    let principal = match &glance {
        Glance::Known(known) => known.principal.as_deref(),
        Glance::Unknown(_) | Glance::Password(_) => None,
    };
    if let Some(rate) = settings.rate
        && !shared.buckets.take(rate, principal, Instant::now())
    {
        SERVER.server_requests_limited_total.inc();
        account.principal = principal.map(str::to_owned);
        account.reason = Some("beyond the rate limit");
        return Err(refuse(StatusCode::TOO_MANY_REQUESTS, "too many requests").into());
    }
    let known = match glance {
        Glance::Known(known) => Ok(known),
        Glance::Unknown(unknown) => Err(unknown),
        Glance::Password(password) => shared.logins.verify(settings, password).await,
    };
    match known {
        Ok(Known { principal, scheme }) => {
            if scheme != Scheme::None {
                login::count(scheme, Login::Accepted);
            }
            account.principal = principal;
            account.scheme = scheme;
        }
        Err(unknown) => return Err(turn_away(settings, unknown, account).into()),
    }
    let grant = settings.access.of(account.principal.as_deref());
    grant
        .filter(|grant| grant.has_path(url.path()))
        .ok_or_else(|| {
            account.reason = Some("not granted");
            refuse(StatusCode::FORBIDDEN, "not for this principal").into()
        })
}

/// 401 with the challenges that the configuration can answer, or 429.
fn turn_away(settings: &Settings, unknown: Unknown, account: &mut Account) -> Response<Body> {
    account.claimed = unknown.claimed.map(|name| {
        // What the configuration has is told, so that an attack on a user is seen to be one.
        if settings.users.contains_key(&name) {
            name
        } else {
            shown(&name).into_owned()
        }
    });
    account.scheme = unknown.scheme;
    account.reason = Some(unknown.reason);
    if unknown.is_busy {
        login::count(unknown.scheme, Login::Limited);
        return refuse(StatusCode::TOO_MANY_REQUESTS, unknown.reason);
    }
    login::count(unknown.scheme, Login::Refused);
    let mut answer = refuse(StatusCode::UNAUTHORIZED, "who are you?");
    let basic = "Basic realm=\"metrics\", charset=\"UTF-8\"";
    let bearer = if unknown.scheme == Scheme::Bearer {
        "Bearer realm=\"metrics\", error=\"invalid_token\""
    } else {
        "Bearer realm=\"metrics\""
    };
    let users = (!settings.users.is_empty()).then_some(basic);
    let tokens = (!settings.access.tokens.is_empty()).then_some(bearer);
    for challenge in users.into_iter().chain(tokens) {
        let challenge = HeaderValue::from_static(challenge);
        answer
            .headers_mut()
            .append(header::WWW_AUTHENTICATE, challenge);
    }
    answer
}

async fn scrape(
    shared: &Shared,
    grant: Grant,
    request: &Request<Incoming>,
    account: &mut Account,
) -> Response<Body> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        account.reason = Some("the method is not GET or HEAD");
        let mut answer = refuse(StatusCode::METHOD_NOT_ALLOWED, "GET or HEAD");
        let allow = HeaderValue::from_static("GET, HEAD");
        answer.headers_mut().insert(header::ALLOW, allow);
        return answer;
    }
    if has_body(request.headers()) {
        account.reason = Some("the request has a body");
        return refuse(StatusCode::BAD_REQUEST, "a scrape has no body");
    }
    let Ok(place) = shared.scrapes.clone().try_acquire_owned() else {
        account.reason = Some("too many scrapes at once");
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "too many scrapes at once");
    };
    account.scrape = Some(Scrape::begin());
    let selection = Selection::of_query(request.uri().query()).limited_to(grant.sets);
    let answer = crate::serve::answer(&shared.collector, request.headers(), selection).await;
    if !answer.status().is_success() {
        account.reason = Some("the metrics could not be collected");
    }
    // Held until the last byte is sent.
    answer.map(|body| Body::new(Tracked::new(body, move |_| drop(place))))
}

/// Whether a body follows, by either of the two headers that announce one.
fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(header::TRANSFER_ENCODING)
        || headers
            .get_all(header::CONTENT_LENGTH)
            .iter()
            .any(|length| length.as_bytes() != b"0")
}

/// What is not a scrape is the program's to answer.
async fn other(shared: &Shared, peer: &Peer, mut request: Request<Incoming>) -> Response<Body> {
    let Some(app) = &shared.fallback else {
        return refuse(StatusCode::NOT_FOUND, "the metrics are at /metrics");
    };
    peer.clock.enter(Stage::Other);
    request.extensions_mut().insert(ConnectInfo(peer.from));
    match TowerToHyperService::new(app.clone()).call(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}

/// A refusal that says why, and closes the connection where the rest of the request is not read.
fn refuse(status: StatusCode, reason: &'static str) -> Response<Body> {
    let mut answer = (status, format!("{reason}\n")).into_response();
    let headers = answer.headers_mut();
    if matches!(
        status,
        StatusCode::BAD_REQUEST | StatusCode::METHOD_NOT_ALLOWED | StatusCode::URI_TOO_LONG
    ) {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    ) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    answer
}

/// Adds the configured headers, and sees to what has to happen when the answer is sent.
fn finish(
    shared: Arc<Shared>,
    peer: Arc<Peer>,
    settings: &Settings,
    mut answer: Response<Body>,
    account: Account,
) -> Response<Body> {
    for (name, value) in &settings.headers {
        answer.headers_mut().insert(name, value.clone());
    }
    let status = answer.status();
    answer.map(|body| {
        Body::new(Tracked::new(body, move |sent| {
            account.close(&shared, &peer, status, sent);
        }))
    })
}

impl Account {
    fn close(self, shared: &Shared, peer: &Peer, status: StatusCode, mut sent: Sent) {
        peer.clock.enter(Stage::Idle);
        peer.place.rest();
        // An answer to HEAD has the headers alone.
        sent.is_whole |= self.method == Method::HEAD;
        let decision = match (&self.scrape, self.reason) {
            (_, None) => "allowed",
            (Some(_), Some(_)) => "failed",
            (None, Some(_)) => "refused",
        };
        let is_scrape = self.path == PATH;
        match self.scrape {
            Some(scrape) => scrape.end(status, sent),
            None if is_scrape => refused(status),
            None => {}
        }
        shared.audit.record(&Event::Access {
            from: peer.from,
            principal: self.principal.as_deref(),
            claimed: self.claimed.as_deref(),
            scheme: Scheme::VALUES[self.scheme.index()],
            method: &shown(self.method.as_str()),
            path: &self.path,
            decision,
            reason: self.reason,
            status: status.as_u16(),
            bytes: sent.bytes,
            complete: sent.is_whole,
            seconds: self.started.elapsed().as_secs_f64(),
        });
    }
}
