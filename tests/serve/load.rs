//! A flood of connections, slow readers and guesses of passwords, for a bounded time, while a scraper who is known gets
//! every answer whole and a thread records. Run with `--no-capture` it prints what it counted.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use datapunk_metrics::serve::Limits;

use crate::fixture::{Files, HiddenMetrics, Served, basic, sha256, user};

/// How long it lasts.
const TIME: Duration = Duration::from_secs(4);

/// A thread that repeats something until it is told to stop, and how often it did.
struct Load {
    count: Arc<AtomicU64>,
    thread: JoinHandle<()>,
}

impl Load {
    fn start(stop: &Arc<AtomicBool>, mut work: impl FnMut() -> u64 + Send + 'static) -> Self {
        let (stop, count) = (Arc::clone(stop), Arc::new(AtomicU64::new(0)));
        let counting = Arc::clone(&count);
        let thread = thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                counting.fetch_add(work(), Ordering::Relaxed);
            }
        });
        Self { count, thread }
    }

    fn end(self) -> u64 {
        self.thread.join().expect("no panic");
        self.count.load(Ordering::Relaxed)
    }
}

fn request(authorization: &str, more: &str) -> Vec<u8> {
    format!("GET /metrics HTTP/1.1\r\nhost: a\r\nauthorization: {authorization}\r\n{more}\r\n")
        .into_bytes()
}

/// Reads one answer of a known length. None if the connection ended before.
fn answer(reader: &mut BufReader<TcpStream>) -> Option<(u16, String)> {
    let mut status = String::new();
    reader
        .read_line(&mut status)
        .ok()
        .filter(|length| *length > 0)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader
            .read_line(&mut line)
            .ok()
            .filter(|length| *length > 0)?;
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((
        status.split(' ').nth(1)?.parse().ok()?,
        String::from_utf8(body).ok()?,
    ))
}

fn connect(address: SocketAddr) -> Option<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(5)).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .ok()?;
    Some(stream)
}

/// The memory of this process in MiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .expect("a line");
    let kib: u64 = line
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .expect("a number");
    kib / 1024
}

/// Readers who ask and take nothing.
fn readers_of_nothing(address: SocketAddr) -> Vec<TcpStream> {
    (0..30)
        .map(|_| {
            let mut stream = connect(address).expect("it listens");
            let _ = stream.write_all(&request("Bearer the-token", ""));
            stream
        })
        .collect()
}

/// Connections, half of which stay and say nothing.
fn connections(stop: &Arc<AtomicBool>, address: SocketAddr) -> Load {
    let mut held = Vec::new();
    Load::start(stop, move || {
        let stream = connect(address);
        let made = u64::from(stream.is_some());
        held.push(stream);
        if held.len() > 200 {
            held.drain(..100);
        }
        made
    })
}

/// Guesses of a password, no two of them alike.
fn guesses(stop: &Arc<AtomicBool>, address: SocketAddr, guesser: u32) -> Load {
    let mut number = 0;
    Load::start(stop, move || {
        number += 1;
        let guess = basic("ann", &format!("{guesser} {number}"));
        let Some(mut stream) = connect(address) else {
            return 0;
        };
        let _ = stream.write_all(&request(&guess, "connection: close\r\n"));
        if let Some((status, _)) = answer(&mut BufReader::new(stream)) {
            assert!(matches!(status, 401 | 429), "{status}");
        }
        1
    })
}

#[test]
fn a_known_scraper_is_served_while_strangers_flood() {
    let files = Files::new();
    let access = format!(
        "tokens:\n- {{principal: scraper, sha256: {}}}\n",
        sha256("the-token")
    );
    let web = format!("basic_auth_users:\n{}", user("ann", "tea"));
    let mut limits = Limits::default();
    limits.connections = 128;
    limits.header_timeout = Duration::from_secs(1);
    let served = Served::start(files.builder(&web, &access).limits(limits));
    let address = served.address;
    let ann = request(&basic("ann", "tea"), "");
    // Her password is verified once, before the flood.
    let mut known = BufReader::new(connect(address).expect("it listens"));
    known.get_mut().write_all(&ann).expect("it is sent");
    assert_eq!(answer(&mut known).expect("an answer").0, 200);

    let stop = Arc::new(AtomicBool::new(false));
    let before = resident();
    let slow = readers_of_nothing(address);
    let connections = connections(&stop, address);
    let guesses: Vec<Load> = (0..24)
        .map(|number| guesses(&stop, address, number))
        .collect();
    let recorded = Load::start(&stop, || {
        for _ in 0..1000 {
            HiddenMetrics::METRICS.coins_lost_total.inc();
        }
        1000
    });

    let started = Instant::now();
    let (mut scrapes, mut longest, mut last) = (0_u64, Duration::ZERO, 0.0);
    while started.elapsed() < TIME {
        let asked = Instant::now();
        known
            .get_mut()
            .write_all(&ann)
            .expect("her connection is kept");
        let (status, page) = answer(&mut known).expect("a whole answer");
        longest = longest.max(asked.elapsed());
        assert_eq!(status, 200);
        let coins = crate::fixture::sample(&page, "hidden_coins_lost_total");
        assert!(coins >= last, "{coins} after {last}");
        last = coins;
        scrapes += 1;
        // As on a new connection, with a token.
        if scrapes % 10 == 0 {
            let mut fresh = BufReader::new(connect(address).expect("it listens"));
            let _ = fresh
                .get_mut()
                .write_all(&request("Bearer the-token", "connection: close\r\n"));
            // In such a crowd a new connection may be the oldest of the strangers; it comes again, as scrapers do.
            if let Some((status, _)) = answer(&mut fresh) {
                assert_eq!(status, 200);
            }
        }
        thread::sleep(Duration::from_millis(10));
    }
    stop.store(true, Ordering::Relaxed);
    let connections = connections.end();
    let guesses: u64 = guesses.into_iter().map(Load::end).sum();
    let recorded = recorded.end();
    let grown = resident().saturating_sub(before);
    let authorization = [("authorization", "Bearer the-token")];
    let page = served.ask("GET", "/metrics", &authorization).body;
    let count =
        |series: &str| crate::fixture::sample(&page, &format!("datapunk_metrics_server_{series}"));
    let limited = count("logins_total{scheme=\"basic\",result=\"limited\"}");
    let refused = count("logins_total{scheme=\"basic\",result=\"refused\"}");
    println!(
        "{scrapes} scrapes in {TIME:?}, the longest {longest:?}; {connections} connections, {guesses} guesses \
         ({refused} refused, {limited} limited), {recorded} recordings, {grown} MiB more"
    );
    assert!(scrapes > 10 && connections > 100 && guesses > 10);
    assert!(
        refused > 0.0 && limited > 0.0,
        "{refused} refused, {limited} limited"
    );
    let shown = format!("\nhidden_coins_lost_total {recorded}\n");
    assert!(
        page.contains(&shown),
        "something of {recorded} is lost:\n{page}"
    );
    assert!(grown < 128, "{grown} MiB");
    drop(slow);
}
