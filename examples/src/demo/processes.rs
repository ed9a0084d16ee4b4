//! The services as processes.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::timeout;

use super::Options;
use crate::service::{ServiceError, TRAFFIC, complain};

/// How long a service may take to finish the requests that it has begun.
const GRACE: Duration = Duration::from_secs(3);

/// Running services. A child stops when its standard input ends, so none outlives the demo, however that ends.
#[derive(Debug)]
pub(super) struct Processes {
    children: Vec<(&'static str, Child)>,
}

/// Where a service is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The address of its metrics.
    pub(super) metrics: String,
    /// Where it takes the demo's traffic.
    pub(super) traffic: SocketAddr,
}

/// Starts this program once for each service, with what it is told beside its address, and waits until all of them
/// listen.
pub(super) async fn start<const N: usize>(
    services: [(&'static str, Vec<String>); N],
    addresses: [SocketAddr; N],
    options: &Options,
) -> Result<(Processes, [Place; N]), ServiceError> {
    let program = std::env::current_exe().map_err(ServiceError::Run)?;
    let mut children = Vec::new();
    let mut places = Vec::new();
    for ((name, arguments), address) in services.iter().zip(addresses) {
        let mut child = Command::new(&program)
            .arg(name)
            .arg(address.to_string())
            .args(arguments)
            .args(options.web.flags())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Where the panics that the traffic asks for are reported.
            .stderr(if options.quiet {
                Stdio::piped()
            } else {
                Stdio::inherit()
            })
            // The panics are asked for; their backtraces would hide everything else.
            .env("RUST_BACKTRACE", "0")
            .kill_on_drop(true)
            .spawn()
            .map_err(ServiceError::Run)?;
        let output = child.stdout.take();
        if let Some(reports) = child.stderr.take() {
            tokio::spawn(pass_errors_on(reports));
        }
        children.push((*name, child));
        let mut line = String::new();
        if let Some(output) = output {
            let read = BufReader::new(output).read_line(&mut line).await;
            read.map_err(ServiceError::Run)?;
        }
        places.push(place(&line).ok_or(ServiceError::Ended(name))?);
    }
    let places = places.try_into().map_err(|_| ServiceError::Ended("demo"))?;
    Ok((Processes { children }, places))
}

/// What a service says of itself when it listens.
fn place(line: &str) -> Option<Place> {
    let (line, traffic) = line.trim_end().split_once(&format!(", {TRAFFIC}"))?;
    Some(Place {
        metrics: line.rsplit(' ').next()?.to_owned(),
        traffic: traffic.parse().ok()?,
    })
}

/// Prints the errors of a service, and not its panics.
async fn pass_errors_on(reports: ChildStderr) {
    let mut lines = BufReader::new(reports).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if line.starts_with("error") {
            complain(&line);
        }
    }
}

impl Processes {
    /// Waits until a service ends by itself.
    pub(super) async fn failed(&mut self) -> ServiceError {
        loop {
            for (name, child) in &mut self.children {
                if !matches!(child.try_wait(), Ok(None)) {
                    return ServiceError::Ended(name);
                }
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Tells the services to stop and waits until they have.
    pub(super) async fn stop(mut self) {
        for (_, child) in &mut self.children {
            drop(child.stdin.take());
        }
        for (_, child) in &mut self.children {
            // One that does not end in time is killed when it is dropped.
            let _ = timeout(GRACE, child.wait()).await;
        }
    }
}
