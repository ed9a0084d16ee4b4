//! The demo: the three services as processes of their own, under traffic.

mod processes;
mod traffic;

use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use processes::Place;

use crate::cortex::KeyHash;
use crate::service::{self, ServiceError, Start, Web};
use crate::{cortex, lake, stream};

/// The command line of the demo.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Stop after so many seconds; on Ctrl-C unless given
    #[arg(long = "for", value_name = "SECONDS")]
    pub seconds: Option<u64>,
    /// Port of the lake; the stream and the cortex take the next two
    #[arg(long, value_name = "FIRST PORT", default_value_t = 9464, value_parser = clap::value_parser!(u16).range(1..=65533))]
    pub port: u16,
    /// Print errors only
    #[arg(long)]
    pub quiet: bool,
    #[command(flatten)]
    web: Web,
}

/// One service in a process that the demo started.
#[derive(Subcommand, Clone, Debug)]
pub enum Child {
    /// The lake.
    #[command(hide = true)]
    Lake {
        /// Where it listens.
        listen: SocketAddr,
        /// Who may reach it.
        #[command(flatten)]
        web: Web,
    },
    /// The stream.
    #[command(hide = true)]
    Stream {
        /// Where it listens.
        listen: SocketAddr,
        /// Who may reach it.
        #[command(flatten)]
        web: Web,
    },
    /// The cortex.
    #[command(hide = true)]
    Cortex {
        /// Where it listens.
        listen: SocketAddr,
        /// The key of the demo's traffic, by its hash.
        api_key: KeyHash,
        /// Who may reach it.
        #[command(flatten)]
        web: Web,
    },
}

/// Runs one service until the demo is gone.
#[must_use]
pub fn run_child(child: &Child) -> ExitCode {
    let start = |listen: &SocketAddr, web: &Web| Start {
        listen: *listen,
        web: web.clone(),
        of_demo: true,
    };
    match child {
        Child::Lake { listen, web } => {
            let options = lake::Options {
                data_dir: None,
                vectors: 4000,
            };
            service::main(lake::run(options, start(listen, web)))
        }
        Child::Stream { listen, web } => service::main(stream::run(
            stream::Options { keep: 10_000 },
            start(listen, web),
        )),
        Child::Cortex {
            listen,
            api_key,
            web,
        } => {
            let options = cortex::Options {
                breaker_failures: 3,
                api_keys: vec![*api_key],
            };
            service::main(cortex::run(options, start(listen, web)))
        }
    }
}

/// Runs the demo.
#[must_use]
pub fn main(options: Options) -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return service::fail(&ServiceError::Run(error)),
    };
    match runtime.block_on(run(options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => service::fail(&error),
    }
}

async fn run(options: Options) -> Result<(), ServiceError> {
    let address = |offset| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), options.port + offset);
    let addresses = [address(0), address(1), address(2)];
    // Checked first, so that a taken port is one line and not one of three services that fails.
    for address in addresses {
        service::listen(address).await?;
    }
    let key = random_key();
    let hash = KeyHash::of(key.as_bytes()).to_string();
    let services = [
        ("lake", Vec::new()),
        ("stream", Vec::new()),
        ("cortex", vec![hash]),
    ];
    let (mut processes, places) = processes::start(services, addresses, &options).await?;
    if !options.quiet {
        print_what_to_open(&places, options.seconds);
    }
    let time_is_up = async {
        match options.seconds {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    let ended = tokio::select! {
        () = time_is_up => Ok(()),
        () = service::told_to_stop(false) => Ok(()),
        never = traffic::drive(places.map(|place| place.traffic), &key) => match never {},
        error = processes.failed() => Err(error),
    };
    processes.stop().await;
    ended
}

/// A key that nobody has had: the hasher of a map begins at random.
fn random_key() -> String {
    let number = || RandomState::new().hash_one(0);
    format!("{:016x}{:016x}", number(), number())
}

fn print_what_to_open(places: &[Place; 3], seconds: Option<u64>) {
    let [lake, stream, cortex] = places.each_ref().map(|place| &place.metrics);
    service::say(&format!(
        "Open, and reload to see the values move:\n\
         \n  {lake}\n    \
         storage_operations_total, vector_search_duration_seconds, cache_hit_ratio\n\
         \n  {stream}\n    \
         stream_lag_seconds: partition 1 falls behind every 12 seconds and catches up\n\
         \n  {cortex}\n    \
         circuit_breaker_state: the upstream is down for 5 of every 15 seconds\n    \
         auth_failures_total: some clients have no key, some a wrong one\n    \
         http_requests_total: status 500 after panics, 499 where the client did not wait\n"
    ));
    service::say(&match seconds {
        Some(seconds) => format!("Stops after {seconds} s, or on Ctrl-C."),
        None => "Stops on Ctrl-C.".to_owned(),
    });
}
