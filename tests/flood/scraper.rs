//! Two scrapers who are known: one keeps its connection, one comes anew each time.

use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::attack::{answer, connect, request};
use crate::fixture::basic;
use crate::{PASSWORD, TOKEN, USER};

/// What is asked for: as much as a service shows.
const TARGET: &str = "/metrics?set[]=ServiceMetrics&set[]=ServerMetrics&set[]=ScrapeMetrics";

/// How often.
const PAUSE: Duration = Duration::from_millis(50);

/// A scraper under way.
pub(crate) struct Scraper {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Answers>,
}

/// What it got.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Answers {
    pub(crate) asked: u64,
    /// Whole and with the status 200.
    pub(crate) whole: u64,
    pub(crate) slowest: Duration,
}

impl Answers {
    pub(crate) fn add(&mut self, other: Self) {
        self.asked += other.asked;
        self.whole += other.whole;
        self.slowest = self.slowest.max(other.slowest);
    }
}

impl Scraper {
    /// One whose password is known, on a connection that is kept.
    pub(crate) fn keeping(address: SocketAddr) -> Self {
        let request = request(TARGET, &basic(USER, PASSWORD), "");
        let mut kept = connect(address).map(BufReader::new);
        Self::start(move || {
            let is_whole = kept
                .as_mut()
                .is_some_and(|stream| is_whole(stream, &request));
            if !is_whole {
                kept = connect(address).map(BufReader::new);
            }
            is_whole
        })
    }

    /// One with a token, on a new connection each time.
    pub(crate) fn coming_anew(address: SocketAddr) -> Self {
        let token = format!("Bearer {TOKEN}");
        let request = request(TARGET, &token, "connection: close\r\n");
        Self::start(move || {
            connect(address).is_some_and(|stream| is_whole(&mut BufReader::new(stream), &request))
        })
    }

    fn start(mut scrape: impl FnMut() -> bool + Send + 'static) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let mut answers = Answers::default();
            while !told.load(Ordering::Relaxed) {
                let asked = Instant::now();
                let is_whole = scrape();
                answers.add(Answers {
                    asked: 1,
                    whole: u64::from(is_whole),
                    slowest: asked.elapsed(),
                });
                thread::sleep(PAUSE);
            }
            answers
        });
        Self { stop, thread }
    }

    pub(crate) fn end(self) -> Answers {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("no panic")
    }
}

fn is_whole(stream: &mut BufReader<TcpStream>, request: &[u8]) -> bool {
    stream.get_mut().write_all(request).is_ok()
        && answer(stream).is_some_and(|(status, page)| {
            status == 200 && page.contains("\nflooded_jobs_done_total{") && page.ends_with('\n')
        })
}
