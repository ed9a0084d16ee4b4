//! Ways in for the fuzz targets of `tests/fuzz`: what a client sends and what an operator writes, without sockets and files.
//! It exists in builds with `--cfg fuzzing` alone.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::time::timeout;

use super::access::Access;
use super::connection::{Peer, http};
use super::login::Glance;
use super::pace::Clock;
use super::settings::Settings;
use super::{Builder, Server};

/// A server without a network.
#[derive(Debug)]
pub struct Fuzzed {
    runtime: Runtime,
    server: Server,
}

impl Fuzzed {
    /// # Panics
    ///
    /// If the server can't be made.
    #[must_use]
    pub fn new(builder: Builder) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let builder = builder.listen(SocketAddr::from(([127, 0, 0, 1], 0)));
        let server = runtime.block_on(builder.bind());
        Self {
            runtime,
            server: server.unwrap_or_else(|error| panic!("{error}")),
        }
    }

    /// What comes back for the bytes of a connection.
    ///
    /// # Panics
    ///
    /// If the connection does not end.
    #[must_use]
    pub fn answer(&self, bytes: &[u8]) -> Vec<u8> {
        let shared = &self.server.shared;
        let (mut client, stream) = duplex(64 * 1024);
        let peer = Arc::new(Peer {
            from: self.server.address,
            place: shared.crowd.enter().expect("it is the only one"),
            clock: Clock::start(shared.limits),
        });
        let (_stopping, stop) = watch::channel(false);
        let settings = shared.settings.subscribe();
        let mut answer = Vec::new();
        let exchange = async {
            let serves = http(shared, stream, peer, None, settings, stop);
            let asks = async {
                let (mut reader, mut writer) = tokio::io::split(&mut client);
                let says = async {
                    // The server may close before it was told all.
                    let _ = writer.write_all(bytes).await;
                    let _ = writer.shutdown().await;
                };
                tokio::join!(says, reader.read_to_end(&mut answer)).1
            };
            // How it ended is the audit's to say.
            let _ = tokio::join!(serves, asks);
        };
        self.runtime
            .block_on(async { timeout(Duration::from_secs(20), exchange).await })
            .expect("a connection ends");
        answer
    }

    /// Who may come in with this `Authorization` header; nothing if nobody.
    #[must_use]
    pub fn principal(&self, authorization: &[u8]) -> Option<String> {
        let value = HeaderValue::from_bytes(authorization).ok()?;
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value)]);
        let shared = &self.server.shared;
        let settings = Arc::clone(&shared.settings.borrow());
        let known = match shared.logins.glance(&settings, &headers, None) {
            Glance::Known(known) => known,
            Glance::Unknown(_) => return None,
            Glance::Password(password) => self
                .runtime
                .block_on(shared.logins.verify(&settings, password))
                .ok()?,
        };
        Some(known.principal.expect("somebody in particular"))
    }
}

/// Takes the text of a web configuration file. `read` gives the bytes of the files that it names.
///
/// # Errors
///
/// What is wrong with it.
pub fn web_config(
    text: &str,
    read: impl Fn(&Path) -> Result<Vec<u8>, String>,
) -> Result<(), String> {
    Settings::default().take_web(text, Path::new("/"), read)
}

/// Takes the text of an access file, for a server without metric sets.
///
/// # Errors
///
/// What is wrong with it.
pub fn access_file(text: &str) -> Result<(), String> {
    Access::parse(text, Path::new("/"), &[]).map(drop)
}
