//! What the services have in common: their start, their end, and the values that are read at scrape time.

use std::fmt::{self, Display};
use std::io::{self, IsTerminal, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use axum::Router;
use clap::Args;
use datapunk_metrics::health;
use datapunk_metrics::identity::{self, Identity};
use datapunk_metrics::process::ProcessMetrics;
use datapunk_metrics::serve::{ServeError, Server};
use datapunk_metrics::standard::{HttpMetrics, ServiceHealthMetrics};
use datapunk_metrics::tower::HttpLayer;
use datapunk_metrics::{RegisterError, Registry};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::http::{no_such_method, no_such_path};

/// Who may reach a service, as flags of the command line.
#[derive(Args, Clone, Debug, Default)]
pub struct Web {
    /// Web configuration file of Prometheus: TLS, users, headers, rate limit
    #[arg(long = "web.config.file", value_name = "FILE")]
    pub config_file: Option<PathBuf>,
    /// Access file: tokens, who may see what, the audit
    #[arg(long = "metrics.access.file", value_name = "FILE")]
    pub access_file: Option<PathBuf>,
    /// Listen where others can connect even without TLS and authentication
    #[arg(long)]
    pub insecure: bool,
}

impl Web {
    /// The flags again.
    pub(crate) fn flags(&self) -> Vec<std::ffi::OsString> {
        let mut flags = Vec::new();
        for (flag, file) in [
            ("--web.config.file", &self.config_file),
            ("--metrics.access.file", &self.access_file),
        ] {
            if let Some(file) = file {
                flags.extend([flag.into(), file.clone().into()]);
            }
        }
        if self.insecure {
            flags.push("--insecure".into());
        }
        flags
    }
}

/// Where a service listens, to whom, and until when.
#[derive(Clone, Debug)]
pub struct Start {
    /// The address.
    pub listen: SocketAddr,
    /// Who may reach it.
    pub web: Web,
    /// Whether the demo started it. Then it also listens for the demo's traffic, which has neither certificates nor
    /// passwords, and it stops when its standard input ends, as it does when the demo is gone.
    pub of_demo: bool,
}

/// What the line of a service says before the address for the demo's traffic.
pub(crate) const TRAFFIC: &str = "traffic at ";

/// Why a service does not run.
#[derive(Debug)]
pub enum ServiceError {
    /// Something else listens at the address.
    InUse(SocketAddr),
    /// The address can't be listened at.
    Listen(SocketAddr, io::Error),
    /// The service's data are out of reach.
    Data(String, io::Error),
    /// The server does not start.
    Serve(ServeError),
    /// Two metric sets clash.
    Metrics(RegisterError),
    /// The health checks do not start.
    Health(health::StartError),
    /// The process has another identity.
    Identity(identity::SetError),
    /// The runtime failed.
    Run(io::Error),
    /// A service that the demo started ended by itself.
    Ended(&'static str),
}

impl Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse(address) => write!(f, "address `{address}` is in use"),
            Self::Listen(address, error) => write!(f, "can't listen at `{address}`: {error}"),
            Self::Data(path, error) => write!(f, "can't use data folder `{path}`: {error}"),
            Self::Serve(error) => error.fmt(f),
            Self::Metrics(error) => error.fmt(f),
            Self::Health(error) => error.fmt(f),
            Self::Identity(error) => error.fmt(f),
            Self::Run(error) => write!(f, "stopped: {error}"),
            Self::Ended(name) => write!(f, "the service `{name}` ended by itself"),
        }
    }
}

impl std::error::Error for ServiceError {}

impl From<RegisterError> for ServiceError {
    fn from(error: RegisterError) -> Self {
        Self::Metrics(error)
    }
}

impl From<health::StartError> for ServiceError {
    fn from(error: health::StartError) -> Self {
        Self::Health(error)
    }
}

/// The metrics of one service.
///
/// The demo links all services into one program, so the registry of the program would show all of them. This one has
/// the sets that are declared in `module`, and the standard's of HTTP, health and the process.
///
/// # Errors
///
/// If two of the sets have a metric of the same name.
pub fn registry_of(module: &str) -> Result<Registry, RegisterError> {
    let registry = Registry::linked(|set| belongs_to(set.location.module, module))?;
    registry
        .register::<HttpMetrics>()?
        .register::<ServiceHealthMetrics>()?
        .register::<ProcessMetrics>()?;
    Ok(registry)
}

/// `app` with `/health` and answers for unknown paths and methods, its requests recorded.
fn complete(app: Router, checks: health::Builder) -> Result<Router, ServiceError> {
    Ok(app
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .merge(checks.start()?.router())
        .layer(HttpLayer::new()?.skip("/health")))
}

/// How long a health check may take.
pub const CHECK_TIMEOUT: Duration = Duration::from_secs(1);

/// Whether `path` is `module` or a module below it.
fn belongs_to(path: &str, module: &str) -> bool {
    path.strip_prefix(module)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// A listener at `address`.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener, ServiceError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => ServiceError::InUse(address),
            _ => ServiceError::Listen(address, error),
        })
}

/// Says who this process is; again, if it was said before.
///
/// # Errors
///
/// If it is somebody else.
pub fn identify(name: &str) -> Result<(), ServiceError> {
    if identity::get().is_some_and(|known| known.service() == name) {
        return Ok(());
    }
    let identity = Identity::new(name).version(env!("CARGO_PKG_VERSION"));
    identity::set(identity).map_err(ServiceError::Identity)
}

/// Serves `app`, its health at `/health` and its metrics at `/metrics`, until the process is told to stop, and then finishes the requests that it
/// has begun.
///
/// # Errors
///
/// If a configuration file is wrong, the address can't be listened at or should not be, and if another service runs in
/// this process.
pub async fn run(
    name: &str,
    start: Start,
    app: Router,
    registry: Registry,
    checks: health::Builder,
) -> Result<(), ServiceError> {
    identify(name)?;
    let app = complete(app, checks)?;
    let mut builder = Server::builder()
        .listen(start.listen)
        .registry(registry)
        .fallback(app.clone());
    if let Some(file) = &start.web.config_file {
        builder = builder.web_config_file(file);
    }
    if let Some(file) = &start.web.access_file {
        builder = builder.access_file(file);
    }
    if start.web.insecure {
        builder = builder.insecure();
    }
    let server = builder.bind().await.map_err(ServiceError::Serve)?;
    let url = server.url();
    let base = url.trim_end_matches("/metrics");
    let mut line = format!("{name} listens at {base}, its metrics are at {url}");
    if start.of_demo {
        let traffic = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let address = traffic.local_addr().map_err(ServiceError::Run)?;
        line = format!("{line}, {TRAFFIC}{address}");
        // It ends with the process.
        tokio::spawn(async move { axum::serve(traffic, app).await });
    }
    say(&line);
    server.run(told_to_stop(start.of_demo)).await;
    Ok(())
}

/// Waits for Ctrl-C, a SIGTERM or, if asked to, the end of standard input.
pub(crate) async fn told_to_stop(until_stdin_ends: bool) {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => drop(terminate.recv().await),
            // Without the handler a SIGTERM ends the process at once, which stops it as well.
            Err(_) => std::future::pending().await,
        }
    };
    let stdin_ended = async {
        if !until_stdin_ends {
            std::future::pending::<()>().await;
        }
        let mut unread = Vec::new();
        // An error is an end too.
        let _ = tokio::io::stdin().read_to_end(&mut unread).await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
        () = stdin_ended => {}
    }
}

/// Runs a service to its end on a runtime of its own, and reports an error as one line.
pub fn main(service: impl Future<Output = Result<(), ServiceError>>) -> ExitCode {
    started();
    // Warnings, and those whom the server turned away.
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .init();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&ServiceError::Run(error)),
    };
    let result = runtime.block_on(service);
    // A thread that reads standard input can't be interrupted; the end of the process ends it.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// Prints a line. A reader that is gone is no reason not to serve.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Prints a line where errors go, if somebody reads them.
pub fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Prints an error and gives the exit code that goes with it.
pub fn fail(error: &impl Display) -> ExitCode {
    let (red, plain) = if io::stderr().is_terminal() {
        ("\x1b[31m", "\x1b[0m")
    } else {
        ("", "")
    };
    complain(&format!("{red}error{plain}: {error}"));
    ExitCode::FAILURE
}

/// When the process started; the first call decides.
fn started() -> Instant {
    static STARTED: OnceLock<Instant> = OnceLock::new();
    *STARTED.get_or_init(Instant::now)
}

/// Seconds since the start, for `read = …`.
#[must_use]
pub fn uptime_seconds() -> f64 {
    started().elapsed().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_has_itself_and_those_below() {
        assert!(belongs_to("examples::lake", "examples::lake"));
        assert!(belongs_to("examples::lake::metrics", "examples::lake"));
        assert!(!belongs_to("examples::lakeside", "examples::lake"));
        assert!(!belongs_to("examples::stream", "examples::lake"));
    }

    #[tokio::test]
    async fn a_taken_address_is_named() {
        let taken = listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let address = taken.local_addr().unwrap();
        let error = listen(address).await.unwrap_err();
        assert_eq!(error.to_string(), format!("address `{address}` is in use"));
    }
}
