//! Servers under test, their files, and clients that say exactly what they are told to.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use datapunk_metrics::serve::{Builder, Server};
use datapunk_metrics::{Counter, MetricSet, Registry};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::Value;
use support::wait;
use tempfile::TempDir;
use tokio::sync::oneshot;

/// What the servers under test show.
#[derive(MetricSet)]
#[metrics(namespace = "served")]
pub(crate) struct ServedMetrics {
    /// Tea made.
    pub(crate) cups_filled_total: Counter,
}

/// What not everybody may see.
#[derive(MetricSet)]
#[metrics(namespace = "hidden")]
pub(crate) struct HiddenMetrics {
    /// Money lost.
    pub(crate) coins_lost_total: Counter,
}

pub(crate) fn registry() -> Registry {
    let registry = Registry::new();
    registry
        .register::<ServedMetrics>()
        .and_then(Registry::register::<HiddenMetrics>)
        .expect("they do not clash");
    registry
}

/// A server on a runtime of its own, at a free port of loopback. It stops when it is dropped.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    pub(crate) fn start(builder: Builder) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (bound, address) = std::sync::mpsc::channel();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async move {
                let server = builder
                    .listen(SocketAddr::from(([127, 0, 0, 1], 0)))
                    .bind()
                    .await
                    .unwrap_or_else(|error| panic!("{error}"));
                bound.send(server.address()).expect("the test waits");
                server
                    .run(async move {
                        let _ = stopped.await;
                    })
                    .await;
            });
            runtime.shutdown_background();
        });
        Self {
            address: address
                .recv_timeout(Duration::from_secs(30))
                .expect("the server starts"),
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// With what the tests record, and no files.
    pub(crate) fn plain() -> Self {
        Self::start(Server::builder().registry(registry()))
    }

    /// Tells it to stop and does not wait.
    pub(crate) fn tell_to_stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }

    /// Stops it and waits until it has.
    pub(crate) fn stop(mut self) {
        self.tell_to_stop();
        self.thread
            .take()
            .expect("it runs once")
            .join()
            .expect("the server does not panic");
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &[])
    }

    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
        let headers: Vec<String> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        request += &headers.concat();
        request.push_str("\r\n");
        Reply::parse(&exchange(self.address, request.as_bytes()))
    }

    /// The value of a sample that the server shows of itself.
    pub(crate) fn sample(&self, series: &str, headers: &[(&str, &str)]) -> f64 {
        let name = series.split('{').next().unwrap_or_default();
        let page = self.ask("GET", &format!("/metrics?name[]={name}"), headers);
        assert_eq!(page.status, 200, "{page:?}");
        sample(&page.body, series)
    }
}

/// The value of a sample; 0 if it is not there.
pub(crate) fn sample(page: &str, series: &str) -> f64 {
    page.lines()
        .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))
        .map_or(0.0, |value| value.parse().expect("a sample has a number"))
}

impl Drop for Served {
    fn drop(&mut self) {
        self.tell_to_stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        Self {
            status: head
                .split(' ')
                .nth(1)
                .and_then(|status| status.parse().ok())
                .unwrap_or_default(),
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    /// The values of a header.
    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        self.head
            .lines()
            .filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            .collect()
    }
}

/// Sends bytes and reads until the server closes, which it has to within 20 s.
pub(crate) fn exchange(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a timeout");
    // The server may have refused and closed before it was told all.
    let _ = stream.write_all(request);
    read_to_end(stream)
}

/// All that a server sends until it closes.
pub(crate) fn read_to_end(mut stream: TcpStream) -> Vec<u8> {
    let mut reply = Vec::new();
    let mut piece = [0; 16 * 1024];
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return reply,
            Ok(length) => reply.extend_from_slice(&piece[..length]),
            // A server that closes with bytes of ours unread resets the connection.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return reply,
            Err(error) => panic!("the server does not close: {error}"),
        }
    }
}

/// An authority that certifies servers and clients.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) pem: String,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Self {
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
        }
    }

    /// A certificate for a name, and its key.
    pub(crate) fn certify(&self, name: &str) -> (String, String) {
        let names = vec![name.to_owned()];
        let params = CertificateParams::new(names).expect("a name");
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }
}

/// A folder of configuration files, with a certificate for `localhost`.
pub(crate) struct Files {
    folder: TempDir,
    pub(crate) authority: Authority,
}

/// The web configuration of the folder's certificate.
pub(crate) const TLS: &str =
    "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";

impl Files {
    pub(crate) fn new() -> Self {
        let files = Self {
            folder: TempDir::new().expect("a temporary folder"),
            authority: Authority::new("Test Authority"),
        };
        files.write("ca.crt", &files.authority.pem);
        files.rotate();
        files
    }

    /// Gives the server another certificate.
    pub(crate) fn rotate(&self) {
        self.certify("server", "localhost");
    }

    /// Writes a certificate and its key.
    pub(crate) fn certify(&self, file: &str, name: &str) {
        let (certificate, key) = self.authority.certify(name);
        self.write(&format!("{file}.key"), &key);
        self.write(&format!("{file}.crt"), &certificate);
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("it is written");
        path
    }

    /// A server with a web configuration, and an access file that has an audit.
    pub(crate) fn builder(&self, web: &str, access: &str) -> Builder {
        let audit = "audit:\n  file: audit.jsonl\n";
        Server::builder()
            .registry(registry())
            .web_config_file(self.write("web.yml", web))
            .access_file(self.write("access.yml", &format!("{audit}{access}")))
    }

    /// The events of the audit, once one of them is as `is_awaited` says.
    pub(crate) fn audit(&self, what: &str, is_awaited: impl Fn(&Value) -> bool) -> Vec<Value> {
        wait::until(what, Duration::from_secs(20), || {
            let text = fs::read_to_string(self.path("audit.jsonl")).unwrap_or_default();
            let events: Vec<Value> = text
                .lines()
                .map(|line| serde_json::from_str(line).expect("a line of JSON"))
                .collect();
            if events.iter().any(&is_awaited) {
                Ok(events)
            } else {
                Err(text)
            }
        })
    }

    /// What curl gets from the server: the status, 0 if there is no answer, and the body.
    pub(crate) fn curl(&self, address: SocketAddr, arguments: &[&str]) -> (u16, String) {
        let output = Command::new("curl")
            .args([
                "-sS",
                "--max-time",
                "20",
                "-w",
                "\n%{http_code}",
                "--cacert",
            ])
            .arg(self.path("ca.crt"))
            .args(arguments)
            .arg(format!("https://localhost:{}/metrics", address.port()))
            .current_dir(self.folder.path())
            .output()
            .expect("curl is installed (tests/run.sh does it)");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let (body, status) = text.rsplit_once('\n').unwrap_or((&text, ""));
        (status.parse().unwrap_or_default(), body.to_owned())
    }
}

/// What `openssl s_client` says of a handshake.
pub(crate) fn s_client(address: SocketAddr, arguments: &[&str]) -> String {
    let output = Command::new("openssl")
        .args(["s_client", "-connect", &address.to_string()])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("openssl is installed (tests/run.sh does it)");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A line of `basic_auth_users`, whose hash takes little time.
pub(crate) fn user(name: &str, password: &str) -> String {
    user_of_cost(name, password, 5)
}

/// The same with a hash of some cost.
pub(crate) fn user_of_cost(name: &str, password: &str, cost: u32) -> String {
    // Made by the tool that operators have.
    let output = Command::new("htpasswd")
        .args(["-nbBC", &cost.to_string(), "", password])
        .output()
        .expect("htpasswd is installed (tests/run.sh does it)");
    let text = String::from_utf8_lossy(&output.stdout);
    format!("  {name}: '{}'\n", text.trim().trim_start_matches(':'))
}

/// The hash of a token, by the tool that operators have.
pub(crate) fn sha256(token: &str) -> String {
    let mut child = Command::new("sha256sum")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("sha256sum is installed");
    child
        .stdin
        .take()
        .expect("it is piped")
        .write_all(token.as_bytes())
        .expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    String::from_utf8_lossy(&output.stdout)[..64].to_owned()
}

/// The value of an `Authorization` header.
pub(crate) fn basic(user: &str, password: &str) -> String {
    use base64::Engine;
    let credentials = format!("{user}:{password}");
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(credentials)
    )
}
