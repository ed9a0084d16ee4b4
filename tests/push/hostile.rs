//! A server that does harm to its clients.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How a server treats a connection.
#[derive(Clone, Copy)]
pub(crate) enum Treatment {
    /// Reads the request and sends this.
    Answers(&'static str),
    /// The same, after a while.
    Late(Duration, &'static str),
    /// Sends the request's `Authorization` header back, as the reply to this status.
    Echoes(&'static str),
    /// Sends this and then bytes without an end.
    Endless(&'static str),
    /// Sends a byte of a reply every 50 ms, without an end.
    Trickles,
    /// Reads nothing, sends nothing, keeps the connection.
    Silent,
    /// Resets the connection.
    Resets,
}

/// A server on loopback that treats one connection after the other as it is told, and the last treatment again for all
/// that follow. It ends with the test's process.
pub(crate) struct Hostile {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Hostile {
    pub(crate) fn start(treatments: &'static [Treatment]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for (count, stream) in listener.incoming().enumerate() {
                let stream = stream.expect("a connection");
                let treatment = treatments[count.min(treatments.len() - 1)];
                let seen = Arc::clone(&seen);
                // A client that goes away is what some tests are about.
                thread::spawn(move || drop(treat(stream, treatment, &seen)));
            }
        });
        Self { url, requests }
    }

    /// Heads of the requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no thread panicked").clone()
    }
}

fn treat(
    mut stream: TcpStream,
    treatment: Treatment,
    seen: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    match treatment {
        Treatment::Silent => {
            seen.lock().expect("no thread panicked").push(String::new());
            thread::sleep(Duration::from_secs(30));
            return Ok(());
        }
        Treatment::Resets => {
            seen.lock().expect("no thread panicked").push(String::new());
            // Data that nobody has read turn the close into a reset.
            stream.peek(&mut [0])?;
            return Ok(());
        }
        _ => {}
    }
    let head = read_request(&mut stream)?;
    let authorization = head
        .lines()
        .find_map(|line| line.strip_prefix("authorization: "))
        .unwrap_or_default()
        .to_owned();
    seen.lock().expect("no thread panicked").push(head);
    match treatment {
        Treatment::Answers(answer) => stream.write_all(answer.as_bytes())?,
        Treatment::Late(time, answer) => {
            thread::sleep(time);
            stream.write_all(answer.as_bytes())?;
        }
        Treatment::Echoes(status) => write!(
            stream,
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{authorization}",
            authorization.len()
        )?,
        Treatment::Endless(start) => {
            stream.write_all(start.as_bytes())?;
            loop {
                stream.write_all(&[b'x'; 4096])?;
            }
        }
        Treatment::Trickles => {
            stream.write_all(b"HTTP/1.1 500 No\r\ncontent-length: 8000\r\n\r\n")?;
            loop {
                stream.write_all(b"x")?;
                thread::sleep(Duration::from_millis(50));
            }
        }
        Treatment::Silent | Treatment::Resets => {}
    }
    stream.shutdown(Shutdown::Write)
}

/// Reads a request and gives its head, names of headers in lower case.
fn read_request(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            break;
        }
        if let Some((name, value)) = line.split_once(": ") {
            head.push_str(&name.to_ascii_lowercase());
            head.push_str(": ");
            head.push_str(value);
        } else {
            head.push_str(&line);
        }
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .and_then(|length| length.parse().ok());
    std::io::copy(&mut reader.take(length.unwrap_or(0)), &mut std::io::sink())?;
    Ok(head)
}
