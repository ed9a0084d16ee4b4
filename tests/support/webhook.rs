//! A receiver of Alertmanager's webhooks, which keeps what it is sent.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

/// The receiver; it listens until it is dropped.
#[derive(Debug)]
pub struct Webhook {
    port: u16,
    bodies: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    server: Option<JoinHandle<()>>,
}

/// One alert, as it was delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// `firing` or `resolved`.
    pub status: String,
    /// The labels.
    pub labels: Value,
    /// The annotations.
    pub annotations: Value,
}

impl Webhook {
    /// Listens on a free port.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[must_use]
    pub fn listen() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let (kept, stopped) = (Arc::clone(&bodies), Arc::clone(&stop));
        let server = std::thread::spawn(move || {
            for connection in listener.incoming() {
                if stopped.load(Ordering::Acquire) {
                    return;
                }
                // A delivery that breaks off is tried again by Alertmanager.
                if let Ok(Ok(body)) = connection.map(receive) {
                    lock(&kept).push(body);
                }
            }
        });
        Self {
            port: address.port(),
            bodies,
            stop,
            server: Some(server),
        }
    }

    /// Where notifications go.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// Everything that came, as it came.
    #[must_use]
    pub fn bodies(&self) -> Vec<String> {
        lock(&self.bodies).clone()
    }

    /// Every alert of this name, in the order of delivery.
    #[must_use]
    pub fn delivered(&self, alert: &str) -> Vec<Delivered> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        self.bodies()
            .iter()
            .filter_map(|body| serde_json::from_str::<Value>(body).ok())
            .flat_map(|body| body["alerts"].as_array().cloned().unwrap_or_default())
            .filter(|one| one["labels"]["alertname"] == alert)
            .map(|one| Delivered {
                status: text(&one["status"]),
                labels: one["labels"].clone(),
                annotations: one["annotations"].clone(),
            })
            .collect()
    }
}

fn lock(bodies: &Mutex<Vec<String>>) -> MutexGuard<'_, Vec<String>> {
    bodies.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads one request, whose length Alertmanager always says, and answers it.
fn receive(connection: TcpStream) -> std::io::Result<String> {
    connection.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut reader = BufReader::new(connection);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(std::io::Error::other)?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    reader.get_mut().write_all(answer)?;
    String::from_utf8(body).map_err(std::io::Error::other)
}

impl Drop for Webhook {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        // Wakes the accept loop, so that it sees the flag.
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
        if let Some(server) = self.server.take() {
            let _ = server.join();
        }
    }
}
