//! The floods, each in a process of its own.

use std::io::Read;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::attack::{self, Load, request};
use crate::{TOKEN, recorder};

/// What may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flood {
    None,
    Connections,
    SlowHeaders,
    SlowReaders,
    Logins,
    All,
}

impl Flood {
    pub(crate) const EACH: [Self; 6] = [
        Self::None,
        Self::Connections,
        Self::SlowHeaders,
        Self::SlowReaders,
        Self::Logins,
        Self::All,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Connections => "connections that say nothing",
            Self::SlowHeaders => "100 headers, a byte at a time",
            Self::SlowReaders => "30 readers of 16 MB, a byte at a time",
            Self::Logins => "24 threads that guess passwords",
            Self::All => "all of these",
        }
    }

    fn has(self, other: Self) -> bool {
        self == other || self == Self::All
    }

    /// Begins.
    pub(crate) fn start(self, address: SocketAddr) -> Running {
        let child = (self != Self::None).then(|| {
            Command::new(std::env::current_exe().expect("a program knows its own path"))
                .args(["flood", self.name(), &address.to_string()])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .expect("it starts")
        });
        Running(child)
    }
}

/// A flood under way.
pub(crate) struct Running(Option<Child>);

impl Running {
    /// Ends it, and tells how many connections it has made.
    pub(crate) fn end(mut self) -> u64 {
        let Some(mut child) = self.0.take() else {
            return 0;
        };
        drop(child.stdin.take());
        let mut said = String::new();
        let mut output = child.stdout.take().expect("it is piped");
        output.read_to_string(&mut said).expect("text");
        let status = child.wait().expect("it ends");
        assert!(status.success(), "a flood failed");
        said.trim().parse().expect("a number")
    }
}

/// Floods until standard input ends, and prints how many connections it has made.
pub(crate) fn run(name: &str, address: &str) {
    let flood = Flood::EACH
        .into_iter()
        .find(|flood| flood.name() == name)
        .expect("a flood");
    let address: SocketAddr = address.parse().expect("an address");
    let stop = Arc::new(AtomicBool::new(false));
    let mut loads: Vec<Load> = Vec::new();
    if flood.has(Flood::Connections) {
        loads.push(attack::connections(&stop, address));
    }
    if flood.has(Flood::SlowHeaders) {
        loads.push(attack::slow_headers(&stop, address, 100));
    }
    if flood.has(Flood::SlowReaders) {
        let target = format!("/metrics?set[]={}", recorder::VAST);
        let request = request(&target, &format!("Bearer {TOKEN}"), "");
        loads.push(attack::slow_readers(&stop, address, request, 30));
    }
    if flood.has(Flood::Logins) {
        loads.extend((0..24).map(|number| attack::guesses(&stop, address, number)));
    }
    let mut rest = Vec::new();
    let _ = std::io::stdin().read_to_end(&mut rest);
    stop.store(true, Ordering::Relaxed);
    let made: u64 = loads.into_iter().map(Load::end).sum();
    println!("{made}");
}
