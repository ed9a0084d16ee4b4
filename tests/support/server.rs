//! Real servers on free loopback ports, with their data in a temporary folder; stopped when dropped.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::{http, wait};

/// What installs the servers.
pub const INSTALL: &str = "apt-get install -y --no-install-recommends prometheus prometheus-alertmanager prometheus-pushgateway victoria-metrics (tests/run.sh does it)";

/// How long a server may take until it answers.
const READY: Duration = Duration::from_secs(20);

/// The ports that tests take: below those that the system gives to connections and to whoever asks for any port, so that
/// none is gone before a server takes it.
const PORTS: std::ops::Range<u32> = 10_000..32_000;

/// A loopback port that is free now.
///
/// # Panics
///
/// If the system has none.
#[must_use]
pub fn free_port() -> u16 {
    free_ports(1)
}

/// The first of so many loopback ports in a row that are free now.
///
/// # Panics
///
/// If the system has none.
#[must_use]
pub fn free_ports(count: u16) -> u16 {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    (0..1_000)
        .find_map(|_| {
            // Far apart, for one test after the other and for tests that run at the same time.
            let asked = ASKED.fetch_add(1, Ordering::Relaxed);
            let place = std::process::id().wrapping_mul(1_000).wrapping_add(asked);
            let place = place.wrapping_mul(0x9e37_79b1) >> 8;
            let first = PORTS.start + place % (PORTS.end - PORTS.start - u32::from(count));
            let first = u16::try_from(first).expect("a port");
            let listeners: Result<Vec<_>, _> = (first..first + count)
                .map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)))
                .collect();
            listeners.is_ok().then_some(first)
        })
        .expect("a free port")
}

/// A child process that ends with its owner.
#[derive(Debug)]
pub struct Process {
    child: Child,
    name: String,
}

impl Process {
    /// Starts `command`.
    ///
    /// # Panics
    ///
    /// If it can't be started; `install` is what the message says to run if the program is missing.
    #[must_use]
    pub fn start(command: &mut Command, install: &str) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        match command.stdin(Stdio::null()).spawn() {
            Ok(child) => Self { child, name },
            Err(error) if error.kind() == ErrorKind::NotFound => {
                panic!("`{name}` is not installed\nhelp: {install}")
            }
            Err(error) => panic!("`{name}` does not start: {error}"),
        }
    }

    /// Asks the process to stop, as Ctrl-C does, and waits until it has.
    ///
    /// # Panics
    ///
    /// If it takes longer than 15 s.
    #[must_use]
    pub fn stop(mut self) -> ExitStatus {
        let name = self.name.clone();
        self.interrupt();
        wait::until(&name, Duration::from_secs(15), || {
            let status = self.child.try_wait().map_err(|error| error.to_string())?;
            status.ok_or_else(|| "still running".to_owned())
        })
    }

    /// Sends the signal of Ctrl-C.
    fn interrupt(&self) {
        // A shell has `kill` built in, on every system.
        let signal = format!("kill -INT {}", self.child.id());
        let _ = Command::new("sh").args(["-c", &signal]).status();
    }

    /// Whether the process has ended.
    ///
    /// # Panics
    ///
    /// If the system does not tell.
    pub fn has_ended(&mut self) -> bool {
        self.child
            .try_wait()
            .expect("the process is our child")
            .is_some()
    }

    /// Fails if the process has ended.
    ///
    /// # Panics
    ///
    /// If it has.
    pub fn assert_running(&mut self) {
        if let Some(status) = self.child.try_wait().expect("the process is our child") {
            panic!("`{}` has ended early: {status}", self.name);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        // One that is asked takes its children and its temporary files with it.
        self.interrupt();
        for _ in 0..150 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        // Both fail only if the process is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts `program` on a free port and waits until it is ready; once more if another process took the port meanwhile.
fn start(
    program: &str,
    arguments: impl Fn(&Path, u16) -> Vec<String>,
    folder: &Path,
) -> (Process, u16) {
    for attempt in 0..3 {
        let port = free_port();
        let log = fs::File::create(folder.join("log")).expect("a log file");
        let mut command = Command::new(program);
        command
            .args(arguments(folder, port))
            .stdout(Stdio::null())
            .stderr(log);
        let mut process = Process::start(&mut command, INSTALL);
        let ready = wait::until(program, READY, || {
            if process.has_ended() {
                return Ok(false);
            }
            let answer = http::get(&format!("http://127.0.0.1:{port}/-/ready"))?;
            if answer.status == 200 {
                Ok(true)
            } else {
                Err(format!("status {}", answer.status))
            }
        });
        if ready {
            return (process, port);
        }
        let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(
            attempt < 2 && log.contains("address already in use"),
            "`{program}` ended:\n{log}"
        );
    }
    unreachable!("the last attempt returns or fails")
}

/// What Prometheus thinks of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// `up`, `down` or, before the first scrape, `unknown`.
    pub health: String,
    /// Why it is down; empty if it is not.
    pub last_error: String,
}

/// A Prometheus server that scrapes the given targets every second.
#[derive(Debug)]
pub struct Prometheus {
    process: Process,
    port: u16,
    _folder: TempDir,
}

impl Prometheus {
    /// Starts one that scrapes `/metrics` of `targets` (`host:port`).
    ///
    /// # Panics
    ///
    /// If Prometheus is not installed or does not get ready.
    #[must_use]
    pub fn scraping(targets: &[String]) -> Self {
        Self::scraping_with(targets, &[])
    }

    /// The same with more arguments.
    ///
    /// # Panics
    ///
    /// If Prometheus is not installed or does not get ready.
    #[must_use]
    pub fn scraping_with(targets: &[String], more: &[&str]) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let targets = targets
            .iter()
            .map(|target| format!("'{target}'"))
            .collect::<Vec<_>>()
            .join(", ");
        let config = format!(
            "global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\nscrape_configs:\n  - job_name: judged\n    \
             static_configs:\n      - targets: [{targets}]\n"
        );
        Self::in_folder(folder, &config, more)
    }

    /// Starts one with a configuration of its own.
    ///
    /// # Panics
    ///
    /// If Prometheus is not installed or does not get ready.
    #[must_use]
    pub fn configured(config: &str) -> Self {
        Self::in_folder(TempDir::new().expect("a temporary folder"), config, &[])
    }

    fn in_folder(folder: TempDir, config: &str, more: &[&str]) -> Self {
        fs::write(folder.path().join("prometheus.yml"), config)
            .expect("the configuration is written");
        let arguments = |folder: &Path, port: u16| {
            vec![
                format!("--config.file={}", folder.join("prometheus.yml").display()),
                format!("--storage.tsdb.path={}", folder.join("data").display()),
                format!("--web.listen-address=127.0.0.1:{port}"),
            ]
            .into_iter()
            .chain(more.iter().map(|argument| (*argument).to_owned()))
            .collect()
        };
        let (process, port) = start("prometheus", arguments, folder.path());
        Self {
            process,
            port,
            _folder: folder,
        }
    }

    /// The health of a target once it was scraped.
    ///
    /// # Panics
    ///
    /// If it is not scraped within 30 s.
    pub fn health_of(&mut self, target: &str) -> Health {
        let url = format!("http://127.0.0.1:{}/api/v1/targets?state=active", self.port);
        self.process.assert_running();
        wait::until(target, Duration::from_secs(30), || {
            let answer: Value =
                serde_json::from_str(&http::get(&url)?.body).map_err(|error| error.to_string())?;
            let found = answer["data"]["activeTargets"]
                .as_array()
                .into_iter()
                .flatten()
                .find(|one| one["labels"]["instance"] == target)
                .ok_or("no such target")?;
            let health = found["health"].as_str().unwrap_or_default().to_owned();
            let last_error = found["lastError"].as_str().unwrap_or_default().to_owned();
            if health == "unknown" {
                return Err("not scraped yet".to_owned());
            }
            Ok(Health { health, last_error })
        })
    }

    /// The samples that an instant query finds: metric labels as JSON, and value.
    ///
    /// # Errors
    ///
    /// If the query is refused.
    pub fn query(&self, promql: &str) -> Result<Vec<(Value, f64)>, String> {
        let json = self.ask(&format!("query?query={}", percent_encoded(promql)))?;
        let found = json["data"]["result"]
            .as_array()
            .ok_or_else(|| json.to_string())?;
        found
            .iter()
            .map(|sample| {
                let value = sample["value"][1]
                    .as_str()
                    .and_then(|text| text.parse().ok());
                Ok((
                    sample["metric"].clone(),
                    value.ok_or("a sample without a value")?,
                ))
            })
            .collect()
    }
}

impl Prometheus {
    /// The exemplars that were scraped of the series that `promql` selects: metric labels, and the exemplar as JSON.
    ///
    /// # Errors
    ///
    /// If the query is refused.
    pub fn exemplars(&self, promql: &str) -> Result<Vec<(Value, Value)>, String> {
        let query = percent_encoded(promql);
        let json = self.ask(&format!(
            "query_exemplars?query={query}&start=0&end=4102444800"
        ))?;
        let series = json["data"].as_array().ok_or_else(|| json.to_string())?;
        let of_series = |one: &Value| {
            let labels = one["seriesLabels"].clone();
            let exemplars = one["exemplars"].as_array().cloned().unwrap_or_default();
            exemplars
                .into_iter()
                .map(move |exemplar| (labels.clone(), exemplar))
        };
        Ok(series.iter().flat_map(of_series).collect())
    }

    /// Its `host:port`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// A list of texts that the API gives, such as the values of a label.
    ///
    /// # Errors
    ///
    /// If the request is refused.
    pub fn strings(&self, path: &str) -> Result<BTreeSet<String>, String> {
        let json = self.ask(path)?;
        let texts = json["data"].as_array().ok_or_else(|| json.to_string())?;
        Ok(texts
            .iter()
            .filter_map(|text| text.as_str().map(str::to_owned))
            .collect())
    }

    /// The answer of the API as JSON.
    fn ask(&self, path: &str) -> Result<Value, String> {
        let url = format!("http://127.0.0.1:{}/api/v1/{path}", self.port);
        serde_json::from_str(&http::get(&url)?.body).map_err(|error| error.to_string())
    }
}

fn percent_encoded(text: &str) -> String {
    let encoded = |byte: u8| {
        if byte.is_ascii_alphanumeric() {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(encoded).collect()
}

/// A Pushgateway that keeps nothing between runs.
#[derive(Debug)]
pub struct Pushgateway {
    process: Process,
    port: u16,
    _folder: TempDir,
}

impl Pushgateway {
    /// Starts one.
    ///
    /// # Panics
    ///
    /// If Pushgateway is not installed or does not get ready.
    #[must_use]
    pub fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        // Debian's package persists to a file shared by all instances unless it is told not to.
        let arguments = |_: &Path, port: u16| {
            vec![
                "--persistence.file=".to_owned(),
                format!("--web.listen-address=127.0.0.1:{port}"),
            ]
        };
        let (process, port) = start("prometheus-pushgateway", arguments, folder.path());
        Self {
            process,
            port,
            _folder: folder,
        }
    }

    /// The number of its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.child.id()
    }

    /// Its address, without a final slash.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// An Alertmanager that tells one webhook of every alert, at once.
#[derive(Debug)]
pub struct Alertmanager {
    _process: Process,
    port: u16,
    _folder: TempDir,
}

impl Alertmanager {
    /// Starts one.
    ///
    /// # Panics
    ///
    /// If Alertmanager is not installed or does not get ready.
    #[must_use]
    pub fn notifying(webhook: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let config = format!(
            "route: {{receiver: test, group_by: ['...'], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}\n\
             receivers: [{{name: test, webhook_configs: [{{url: '{webhook}', send_resolved: true}}]}}]\n"
        );
        fs::write(folder.path().join("alertmanager.yml"), config)
            .expect("the configuration is written");
        let arguments = |folder: &Path, port: u16| {
            vec![
                format!(
                    "--config.file={}",
                    folder.join("alertmanager.yml").display()
                ),
                format!("--storage.path={}", folder.join("data").display()),
                format!("--web.listen-address=127.0.0.1:{port}"),
                // No cluster, which would listen on every address.
                "--cluster.listen-address=".to_owned(),
            ]
        };
        let (process, port) = start("prometheus-alertmanager", arguments, folder.path());
        Self {
            _process: process,
            port,
            _folder: folder,
        }
    }

    /// Its `host:port`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}
