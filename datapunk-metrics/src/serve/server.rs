//! The ready server: a listener of its own, for networks that are not kind.

mod access;
mod audit;
mod connection;
mod crowd;
mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
mod limits;
mod login;
mod metrics;
mod pace;
mod password;
mod respond;
mod settings;
mod tls;
mod watch;
mod web_config;
mod yaml;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch as channel};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use audit::{Audit, Event};
use crowd::Crowd;
use limits::Buckets;
use login::Logins;
use settings::{Files, Settings};

use super::collector::{Collector, Source};
use super::metrics::ScrapeMetrics;
use crate::LabelValue;
use crate::descriptor::SetDescriptor;
use crate::registry::{Registry, registry};

pub use error::ServeError;
pub use limits::Limits;
pub use metrics::{
    Closed, ClosedLabels, Login, LoginLabels, Reload, ReloadLabels, Scheme, ServerMetrics,
};

/// A server of the metrics that listens.
///
/// ```no_run
/// use datapunk_metrics::serve::Server;
///
/// # async fn run(stop: impl Future<Output = ()>) -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::builder()
///     .listen("[::]:9464".parse()?)
///     .web_config_file("web.yml")
///     .access_file("access.yml")
///     .bind()
///     .await?;
/// println!("metrics at {}", server.url());
/// server.run(stop).await;
/// # Ok(())
/// # }
/// ```
///
/// `web.yml` is the file that Prometheus and its exporters take as `--web.config.file`: certificate, clients, users,
/// headers, rate limit. `access.yml` has tokens, who may see which sets, and the audit. Both are followed as they change; a
/// change that is wrong is refused, and what was in force stays. The guide `docs/serving.md` is their reference.
///
/// What is served is what [`router`](super::router) serves, at `/metrics`. It needs a tokio runtime whose time and network
/// are enabled. A process with a server that runs no longer ends by a SIGHUP, which means to it that the audit file was
/// moved away.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
    /// A hash of the files that are in force.
    hash: String,
}

/// What all connections share.
struct Shared {
    limits: Limits,
    files: Files,
    collector: Collector,
    source: Source,
    fallback: Option<Router>,
    settings: channel::Sender<Arc<Settings>>,
    /// Whether the address may go without TLS and authentication.
    may_be_open: bool,
    logins: Logins,
    buckets: Buckets,
    audit: Audit,
    scrapes: Arc<Semaphore>,
    crowd: Arc<Crowd>,
}

/// What a [`Server`] is to be.
#[derive(Clone)]
#[must_use = "it listens once it is bound"]
pub struct Builder {
    address: SocketAddr,
    source: Source,
    files: Files,
    limits: Limits,
    fallback: Option<Router>,
    insecure: bool,
}

impl Server {
    /// A server at `127.0.0.1:9464`, for the registry of the program, without TLS and authentication.
    pub fn builder() -> Builder {
        Builder {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 9464)),
            source: Source::Program,
            files: Files::default(),
            limits: Limits::default(),
            fallback: None,
            insecure: false,
        }
    }

    /// The address that it listens at, with the port that the system chose where it was asked for port 0.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the metrics are.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.shared.settings.borrow().tls.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}/metrics", self.address)
    }

    /// Serves until `stop` returns, and then to the end of the answers under way, or for
    /// [`shutdown_timeout`](Limits::shutdown_timeout).
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Self {
            listener,
            address,
            shared,
            hash,
        } = self;
        let (stopping, stopped) = channel::channel(false);
        let follows = tokio::spawn(watch::follow(Arc::clone(&shared), hash, stopped.clone()));
        let mut connections = JoinSet::new();
        let mut pause = Duration::ZERO;
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                biased;
                () = &mut stop => break,
                // What has ended leaves nothing behind; that one panicked was said by the panic.
                Some(_) = connections.join_next() => {}
                accepted = accept(&listener, pause) => match accepted {
                    Ok((stream, from)) => {
                        pause = Duration::ZERO;
                        match shared.crowd.enter() {
                            Some(place) => {
                                let shared = Arc::clone(&shared);
                                let stopped = stopped.clone();
                                connections.spawn(connection::serve(shared, stream, from, place, stopped));
                            }
                            None => shared.turn_away(from),
                        }
                    }
                    Err(error) => pause = after(&error, pause),
                }
            }
        }
        drop(listener);
        // All receivers may be gone already.
        let _ = stopping.send(true);
        let all_ended = async { while connections.join_next().await.is_some() {} };
        if timeout(shared.limits.shutdown_timeout, all_ended)
            .await
            .is_err()
        {
            for _ in 0..connections.len() {
                metrics::closed(Closed::Stopped);
            }
            connections.shutdown().await;
        }
        // It has nothing left to do, and panics no more than its connections do.
        let _ = follows.await;
        shared.audit.record(&Event::Server {
            decision: "stopped",
            address,
            reason: None,
        });
        shared.audit.flush(Duration::from_secs(1));
    }
}

/// The next connection, after a pause.
async fn accept(listener: &TcpListener, pause: Duration) -> io::Result<(TcpStream, SocketAddr)> {
    if !pause.is_zero() {
        sleep(pause).await;
    }
    listener.accept().await
}

/// How long to wait after an error: not at all where it is of one connection, longer and longer where the system has no
/// file descriptors left.
fn after(error: &io::Error, pause: Duration) -> Duration {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    if matches!(
        error.kind(),
        ConnectionAborted | ConnectionReset | Interrupted
    ) {
        return Duration::ZERO;
    }
    metrics::SERVER.server_accept_failures_total.inc();
    if pause.is_zero() {
        tracing::error!(target: "datapunk_metrics::serve", "no connection can be accepted: {error}");
    }
    (pause * 2).clamp(Duration::from_millis(5), Duration::from_secs(1))
}

impl Builder {
    /// Listens at `address`; port 0 is any that is free.
    pub const fn listen(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Serves a registry of one's own.
    pub fn registry(mut self, registry: impl Into<Arc<Registry>>) -> Self {
        self.source = Source::Own(registry.into());
        self
    }

    /// Takes TLS, users, headers and the rate limit from a web configuration file of Prometheus.
    pub fn web_config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.files.web = Some(path.into());
        self
    }

    /// Takes tokens, grants and the audit from an access file.
    pub fn access_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.files.access = Some(path.into());
        self
    }

    /// Limits other than the default ones.
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Answers what is not a scrape with `app`. TLS, authentication, grants of paths, headers and the audit are for it as
    /// well; the limits of time and number are for scrapes alone, but for those of the header and of slow readers.
    pub fn fallback(mut self, app: Router) -> Self {
        self.fallback = Some(app);
        self
    }

    /// Listens at an address that others can reach even where TLS or authentication is missing. It warns.
    pub const fn insecure(mut self) -> Self {
        self.insecure = true;
        self
    }

    /// Reads the configuration and listens.
    ///
    /// # Errors
    ///
    /// If a file is wrong, the address is taken, or others can reach it and something is missing that would protect it.
    pub async fn bind(self) -> Result<Server, ServeError> {
        self.source
            .register::<ScrapeMetrics>()
            .and_then(|()| self.source.register::<ServerMetrics>())
            .map_err(|error| ServeError::System(error.to_string()))?;
        let sets = sets(&self.source)?;
        let (hash, settings) = self.files.read(&sets);
        let settings = settings.map_err(|mistake| ServeError::Configuration {
            file: mistake.file,
            reason: mistake.reason,
        })?;
        let is_local = self.address.ip().to_canonical().is_loopback();
        let missing = settings.missing().filter(|_| !is_local);
        if let Some(missing) = missing
            && !self.insecure
        {
            return Err(ServeError::Unsafe {
                address: self.address,
                missing,
            });
        }
        let audit = Audit::start(&settings.access.audit).map_err(|error| {
            let file = settings.access.audit.file.clone().unwrap_or_default();
            ServeError::Audit(file, error)
        })?;
        let logins = Logins::new().map_err(ServeError::System)?;
        let listener =
            TcpListener::bind(self.address)
                .await
                .map_err(|error| match error.kind() {
                    io::ErrorKind::AddrInUse => ServeError::InUse(self.address),
                    _ => ServeError::Listen(self.address, error),
                })?;
        let address = listener
            .local_addr()
            .map_err(|error| ServeError::Listen(self.address, error))?;
        let shared = Shared {
            limits: self.limits,
            files: self.files,
            collector: Collector::new(self.source.clone(), self.limits.collection_timeout),
            source: self.source,
            fallback: self.fallback,
            settings: channel::Sender::new(Arc::new(settings)),
            may_be_open: is_local || self.insecure,
            logins,
            buckets: Buckets::default(),
            audit,
            scrapes: Arc::new(Semaphore::new(self.limits.scrapes)),
            crowd: Crowd::new(self.limits.connections),
        };
        shared.announce(address, missing, &hash);
        Ok(Server {
            listener,
            address,
            shared: Arc::new(shared),
            hash,
        })
    }
}

impl Shared {
    /// The sets that there are to grant.
    fn sets(&self) -> Vec<&'static SetDescriptor> {
        // If two sets clash every scrape says so, and nothing is shown.
        sets(&self.source).unwrap_or_default()
    }

    /// Says of a connection that it was closed at once: all the others are being answered.
    fn turn_away(&self, from: SocketAddr) {
        metrics::closed(Closed::Crowded);
        self.audit.record(&Event::Connection {
            from,
            decision: "refused",
            reason: Closed::VALUES[Closed::Crowded.index()],
        });
    }

    fn announce(&self, address: SocketAddr, missing: Option<&'static str>, hash: &str) {
        let settings = Arc::clone(&self.settings.borrow());
        let configuration = self.configuration("applied", None, hash, &settings);
        self.audit.record(&configuration);
        if let Some(missing) = missing {
            tracing::warn!(
                target: "datapunk_metrics::serve",
                "insecure: address `{address}` can be reached by others, and it has no {missing}"
            );
        }
        self.audit.record(&Event::Server {
            decision: if missing.is_some() {
                "insecure"
            } else {
                "started"
            },
            address,
            reason: missing,
        });
    }
}

fn sets(source: &Source) -> Result<Vec<&'static SetDescriptor>, ServeError> {
    match source {
        Source::Program => registry()
            .map(Registry::sets)
            .map_err(|error| ServeError::System(error.to_string())),
        Source::Own(registry) => Ok(registry.sets()),
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .field("files", &self.shared.files)
            .field("limits", &self.shared.limits)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("address", &self.address)
            .field("files", &self.files)
            .field("limits", &self.limits)
            .field("insecure", &self.insecure)
            .finish_non_exhaustive()
    }
}
