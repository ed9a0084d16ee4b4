//! The four judges of an exposition. Each finds faults that the others pass, so a body has to satisfy all of them.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::server::{Prometheus, Pushgateway};
use crate::{http, package};

/// The content type of text 0.0.4.
pub const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// The content type of `OpenMetrics` 1.0.
pub const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What a judge says: fine, or why not.
pub type Verdict = Result<(), String>;

/// The strict `OpenMetrics` parser of the Python client.
///
/// # Errors
///
/// The parser's reason.
///
/// # Panics
///
/// If the parser is not installed.
pub fn strict_parser(body: &[u8]) -> Verdict {
    let mut command = python("openmetrics.py");
    let (code, output) = feed(&mut command, body);
    match code {
        0 => Ok(()),
        // Anything but the judge's own words is a judge that does not run.
        _ if output.contains("refused: ") || output.contains("UnicodeDecodeError") => Err(output),
        _ => panic!("the strict parser does not run:\n{output}"),
    }
}

/// The values of a label as the strict `OpenMetrics` parser reads them, in the order of the samples of a family.
///
/// # Panics
///
/// If the parser is not installed, or does not read `body`.
#[must_use]
pub fn label_values(body: &[u8], label: &str, family: &str) -> Vec<String> {
    let mut command = python("label_values.py");
    let (code, output) = feed(command.args([label, family]), body);
    assert_eq!(code, 0, "the strict parser does not read this:\n{output}");
    serde_json::from_str(&output).unwrap_or_else(|error| panic!("{error}: {output}"))
}

/// A script of the Python client.
fn python(script: &str) -> Command {
    let python = package().join(".venv/bin/python");
    assert!(
        python.exists(),
        "{} does not exist\nhelp: python3 -m venv tests/.venv && tests/.venv/bin/pip install prometheus_client \
         (tests/run.sh does it)",
        python.display()
    );
    let mut command = Command::new(python);
    command.arg(package().join("judges").join(script));
    command
}

/// `promtool check metrics`, for text 0.0.4: parse errors and lint.
///
/// # Errors
///
/// The tool's output.
///
/// # Panics
///
/// If promtool is not installed.
pub fn promtool(body: &[u8]) -> Verdict {
    let mut command = Command::new("promtool");
    command.args(["check", "metrics"]);
    let (code, output) = feed(&mut command, body);
    match code {
        0 => Ok(()),
        1 | 3 => Err(format!("exit code {code}: {output}")),
        _ => panic!("promtool does not run (exit code {code}):\n{output}"),
    }
}

/// Runs `command` on `body`: exit code and all that it printed.
fn feed(command: &mut Command, body: &[u8]) -> (i32, String) {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("`{name}`: {error}\nhelp: {}", crate::server::INSTALL));
    let mut input = child.stdin.take().expect("standard input is piped");
    let body = body.to_owned();
    // A second thread writes, so that a judge that prints much before it has read all does not block us. A judge may
    // stop reading at the first fault, so a broken pipe is no error.
    let writer = std::thread::spawn(move || drop(input.write_all(&body)));
    let output = child.wait_with_output().expect("the judge is our child");
    writer.join().expect("the writer does not panic");
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    (output.status.code().unwrap_or(-1), text)
}

/// A live scrape of `target` (`host:port`) by a real Prometheus.
///
/// # Errors
///
/// If the target is down or a scrape had an error.
pub fn scrape(prometheus: &mut Prometheus, target: &str) -> Verdict {
    let health = prometheus.health_of(target);
    if health.health == "up" && health.last_error.is_empty() {
        return Ok(());
    }
    Err(format!("{}: {}", health.health, health.last_error))
}

/// A push of text 0.0.4 to a real Pushgateway, under a job of its own.
///
/// # Errors
///
/// The Pushgateway's answer.
pub fn push(pushgateway: &Pushgateway, job: &str, body: &[u8]) -> Verdict {
    let answer = http::put(
        &format!("{}/metrics/job/{job}", pushgateway.url()),
        TEXT,
        body,
    )?;
    if matches!(answer.status, 200 | 202) {
        return Ok(());
    }
    Err(format!("{}: {}", answer.status, answer.body))
}

/// A `/metrics` endpoint that always answers with one body, to judge bodies that no encoder of ours would write.
#[derive(Debug)]
pub struct FixedBody {
    port: u16,
    stop: Arc<AtomicBool>,
    server: Option<JoinHandle<()>>,
}

impl FixedBody {
    /// Serves `body` as `content_type`.
    ///
    /// # Panics
    ///
    /// If no port is free.
    #[must_use]
    pub fn serve(content_type: &str, body: &[u8]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener
            .local_addr()
            .expect("a bound socket has an address")
            .port();
        let mut answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        )
        .into_bytes();
        answer.extend_from_slice(body);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let server = std::thread::spawn(move || {
            for connection in listener.incoming() {
                if stopped.load(Ordering::Acquire) {
                    return;
                }
                // A scraper that goes away is its own affair; the next connection is served.
                if let Ok(connection) = connection {
                    let _ = answer_once(connection, &answer);
                }
            }
        });
        Self {
            port,
            stop,
            server: Some(server),
        }
    }

    /// `host:port`.
    #[must_use]
    pub fn target(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

fn answer_once(mut connection: TcpStream, answer: &[u8]) -> std::io::Result<()> {
    connection.set_read_timeout(Some(Duration::from_secs(2)))?;
    let mut request = Vec::new();
    let mut chunk = [0; 1024];
    while !request.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        let read = connection.read(&mut chunk)?;
        if read == 0 {
            return Ok(());
        }
        request.extend_from_slice(&chunk[..read]);
    }
    connection.write_all(answer)
}

impl Drop for FixedBody {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        // Wakes the accept loop, so that it sees the flag.
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
        if let Some(server) = self.server.take() {
            let _ = server.join();
        }
    }
}
