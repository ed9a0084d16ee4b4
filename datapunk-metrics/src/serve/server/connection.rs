//! One connection, from TLS to its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use super::Shared;
use super::audit::{Event, shown};
use super::crowd::Place;
use super::metrics::{Closed, closed};
use super::pace::{Clock, Paced};
use super::settings::Settings;
use super::tls::holder;
use crate::LabelValue;

/// Who is at the other end.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) from: SocketAddr,
    pub(super) place: Place,
    pub(super) clock: Arc<Clock>,
}

/// Serves a connection until it ends, its time is up, it has to give way, or the server stops.
pub(super) async fn serve(
    shared: Arc<Shared>,
    stream: TcpStream,
    from: SocketAddr,
    place: Place,
    stop: watch::Receiver<bool>,
) {
    let clock = Clock::start(shared.limits);
    // An answer is one piece after the other; each is to be sent when it is there. Where that is not possible it is slower.
    let _ = stream.set_nodelay(true);
    let stream = Paced::new(stream, Arc::clone(&clock));
    let peer = Peer {
        from,
        place,
        clock: Arc::clone(&clock),
    };
    let peer = Arc::new(peer);
    let ended = tokio::select! {
        biased;
        () = peer.place.pushed() => Err((Closed::Crowded, None)),
        reason = clock.ran_out() => Err((reason, None)),
        ended = talk(&shared, stream, &peer, stop) => ended,
    };
    if let Err((reason, why)) = ended {
        closed(reason);
        // That a scraper does not come again is nothing to keep.
        if reason != Closed::Idle {
            shared.audit.record(&Event::Connection {
                from,
                decision: "refused",
                reason: &shown(why.as_deref().unwrap_or(Closed::VALUES[reason.index()])),
            });
        }
    }
}

/// Why a connection was closed, and more about it.
pub(super) type Ended = Result<(), (Closed, Option<String>)>;

async fn talk(
    shared: &Arc<Shared>,
    stream: Paced<TcpStream>,
    peer: &Arc<Peer>,
    stop: watch::Receiver<bool>,
) -> Ended {
    let mut settings = shared.settings.subscribe();
    let now = Arc::clone(&settings.borrow_and_update());
    let Some(tls) = &now.tls else {
        return http(shared, stream, Arc::clone(peer), None, settings, stop).await;
    };
    let stream = TlsAcceptor::from(Arc::clone(&tls.config))
        .accept(stream)
        .await
        .map_err(|error| (Closed::Tls, Some(format!("tls: {error}"))))?;
    let certificate = tls
        .verifies_certificate
        .then(|| {
            stream
                .get_ref()
                .1
                .peer_certificates()?
                .first()
                .and_then(|first| holder(first))
        })
        .flatten();
    http(
        shared,
        stream,
        Arc::clone(peer),
        certificate,
        settings,
        stop,
    )
    .await
}

pub(super) async fn http(
    shared: &Arc<Shared>,
    stream: impl AsyncRead + AsyncWrite + Unpin,
    peer: Arc<Peer>,
    certificate: Option<String>,
    mut settings: watch::Receiver<Arc<Settings>>,
    mut stop: watch::Receiver<bool>,
) -> Ended {
    let certificate: Option<Arc<str>> = certificate.map(Arc::from);
    let service = service_fn(|request| {
        let (shared, peer, certificate) =
            (Arc::clone(shared), Arc::clone(&peer), certificate.clone());
        async move {
            Ok::<_, Infallible>(super::respond::respond(shared, peer, certificate, request).await)
        }
    });
    let mut connection = pin!(
        http1::Builder::new()
            // The clock does it, for TLS too.
            .header_read_timeout(None)
            .max_headers(shared.limits.headers)
            .max_buf_size(shared.limits.header_bytes.max(8 * 1024))
            .serve_connection(TokioIo::new(stream), service)
    );
    let mut is_last = false;
    loop {
        tokio::select! {
            result = connection.as_mut() => return result.map_err(|error| fault(&error)).or_else(gone),
            // With other settings there are other certificates, and the next request is on another connection.
            _ = settings.changed(), if !is_last => {}
            _ = stop.wait_for(|stops| *stops), if !is_last => {}
        }
        is_last = true;
        connection.as_mut().graceful_shutdown();
    }
}

/// What a connection that did not end well ended by; none if the client just went away.
fn fault(error: &hyper::Error) -> Option<(Closed, Option<String>)> {
    (error.is_parse() || error.is_parse_too_large())
        .then(|| (Closed::Malformed, Some(format!("malformed: {error}"))))
}

fn gone(fault: Option<(Closed, Option<String>)>) -> Ended {
    fault.map_or(Ok(()), Err)
}
