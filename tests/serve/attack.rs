//! Floods: clients who connect and say nothing, who say it slowly, who ask and hardly take the answer, and who guess
//! passwords.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::fixture::basic;

/// A thread that repeats something until it is told to stop, and how often it did.
pub(crate) struct Load {
    count: Arc<AtomicU64>,
    thread: JoinHandle<()>,
}

impl Load {
    pub(crate) fn start(
        stop: &Arc<AtomicBool>,
        mut work: impl FnMut() -> u64 + Send + 'static,
    ) -> Self {
        let (stop, count) = (Arc::clone(stop), Arc::new(AtomicU64::new(0)));
        let counting = Arc::clone(&count);
        let thread = thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                counting.fetch_add(work(), Ordering::Relaxed);
            }
        });
        Self { count, thread }
    }

    pub(crate) fn end(self) -> u64 {
        self.thread.join().expect("no panic");
        self.count.load(Ordering::Relaxed)
    }
}

pub(crate) fn request(target: &str, authorization: &str, more: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\nhost: a\r\nauthorization: {authorization}\r\n{more}\r\n")
        .into_bytes()
}

/// Reads one answer of a known length or in chunks. None if the connection ended before.
pub(crate) fn answer(reader: &mut BufReader<TcpStream>) -> Option<(u16, String)> {
    let status = line(reader)?;
    let mut length = None;
    loop {
        let line = line(reader)?;
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = Some(value.trim().parse().ok()?);
        }
    }
    let mut body = Vec::new();
    match length {
        Some(length) => piece(reader, length, &mut body)?,
        None => loop {
            let length = usize::from_str_radix(line(reader)?.trim(), 16).ok()?;
            piece(reader, length, &mut body)?;
            line(reader)?;
            if length == 0 {
                break;
            }
        },
    }
    Some((
        status.split(' ').nth(1)?.parse().ok()?,
        String::from_utf8(body).ok()?,
    ))
}

fn line(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let length = reader.read_line(&mut line).ok()?;
    (length > 0).then_some(line)
}

fn piece(reader: &mut BufReader<TcpStream>, length: usize, body: &mut Vec<u8>) -> Option<()> {
    let read = reader.take(length as u64).read_to_end(body).ok()?;
    (read == length).then_some(())
}

pub(crate) fn connect(address: SocketAddr) -> Option<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(5)).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .ok()?;
    Some(stream)
}

/// Readers who ask for something and take a byte of it now and then, until they are closed and ask again.
pub(crate) fn slow_readers(
    stop: &Arc<AtomicBool>,
    address: SocketAddr,
    request: Vec<u8>,
    readers: usize,
) -> Load {
    let mut held: Vec<Option<TcpStream>> = (0..readers).map(|_| None).collect();
    Load::start(stop, move || {
        let mut asked = 0;
        for place in &mut held {
            let is_there = place.as_ref().is_some_and(|stream| !has_ended(stream));
            if !is_there && let Some(mut stream) = connect(address) {
                asked += u64::from(stream.write_all(&request).is_ok());
                *place = Some(stream);
            }
        }
        thread::sleep(Duration::from_millis(20));
        asked
    })
}

/// Whether the other end has closed a connection.
fn has_ended(mut stream: &TcpStream) -> bool {
    // Only who reads is told. A byte leaves no room for more to be sent.
    let _ = stream.set_nonblocking(true);
    let read = stream.read(&mut [0]);
    match read {
        Ok(length) => length == 0,
        Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
    }
}

/// Connections, half of which stay and say nothing.
pub(crate) fn connections(stop: &Arc<AtomicBool>, address: SocketAddr) -> Load {
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

/// Clients who send a header a byte at a time.
pub(crate) fn slow_headers(stop: &Arc<AtomicBool>, address: SocketAddr, clients: usize) -> Load {
    let mut held: Vec<Option<TcpStream>> = (0..clients).map(|_| None).collect();
    Load::start(stop, move || {
        let mut made = 0;
        for place in &mut held {
            let is_there = place
                .as_mut()
                .is_some_and(|stream| stream.write_all(b"G").is_ok());
            if !is_there {
                *place = connect(address);
                made += u64::from(place.is_some());
            }
        }
        thread::sleep(Duration::from_millis(20));
        made
    })
}

/// Guesses of a password, no two of them alike.
pub(crate) fn guesses(stop: &Arc<AtomicBool>, address: SocketAddr, guesser: u32) -> Load {
    let mut number = 0;
    Load::start(stop, move || {
        number += 1;
        let guess = basic("ann", &format!("{guesser} {number}"));
        let Some(mut stream) = connect(address) else {
            return 0;
        };
        let _ = stream.write_all(&request("/metrics", &guess, "connection: close\r\n"));
        if let Some((status, _)) = answer(&mut BufReader::new(stream)) {
            assert!(matches!(status, 401 | 429), "{status}");
        }
        1
    })
}
