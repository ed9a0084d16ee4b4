//! The server in programs: how they start, how they fail, and what the system does to them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::{http, program, wait};

use crate::fixture::{Files, Reply, TLS, basic, exchange, sample, user};

/// A service that was started, and where it said that it is.
pub(crate) struct Program {
    child: Child,
    line: String,
}

impl Program {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut line = String::new();
        let output = child.stdout.take().expect("it is piped");
        BufReader::new(output).read_line(&mut line).expect("a line");
        Self { child, line }
    }

    fn lake(arguments: &[&str]) -> Self {
        let mut command = Command::new(program("lake"));
        command
            .args(["--listen", "127.0.0.1:0", "--vectors", "1"])
            .args(arguments);
        Self::start(command)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        let url = self.line.trim().rsplit("//").next().expect("an address");
        url.trim_end_matches("/metrics")
            .parse()
            .unwrap_or_else(|_| panic!("{}", self.line))
    }

    fn signal(&self, signal: &str) {
        let kill = format!("kill -{signal} {}", self.child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &kill])
                .status()
                .expect("a shell")
                .success()
        );
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a program says when it does not start.
fn refusal(name: &str, arguments: &[&str]) -> String {
    let child = Command::new(program(name))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut program = Program {
        line: String::new(),
        child,
    };
    let status = wait::until("the end", Duration::from_secs(20), || {
        let status = program
            .child
            .try_wait()
            .map_err(|error| error.to_string())?;
        status.ok_or_else(|| format!("{name} {arguments:?} runs"))
    });
    assert!(!status.success(), "{name} {arguments:?}");
    let mut said = String::new();
    let mut errors = program.child.stderr.take().expect("it is piped");
    errors.read_to_string(&mut said).expect("text");
    said
}

#[test]
fn each_service_takes_the_files() {
    let files = Files::new();
    let web = files.write(
        "web.yml",
        &format!("{TLS}basic_auth_users:\n{}", user("ann", "tea")),
    );
    let access = files.write("access.yml", "audit: {file: audit.jsonl}\n");
    let (web, access) = (web.display().to_string(), access.display().to_string());
    let authorization = format!("authorization: {}", basic("ann", "tea"));
    for name in ["lake", "stream", "cortex"] {
        let mut command = Command::new(program(name));
        command.args([
            "--listen",
            "127.0.0.1:0",
            "--web.config.file",
            &web,
            "--metrics.access.file",
            &access,
        ]);
        let program = Program::start(command);
        assert!(program.line.contains("https://"), "{}", program.line);
        assert_eq!(files.curl(program.address(), &[]).0, 401, "{name}");
        let (status, page) = files.curl(program.address(), &["-H", &authorization]);
        assert_eq!(status, 200, "{name}");
        assert!(
            page.contains("datapunk_metrics_server_logins_total"),
            "{name}"
        );
    }
    files.audit("ann", |event| event["principal"] == "ann");
}

#[test]
fn a_wrong_file_or_address_is_one_line() {
    let files = Files::new();
    let bad = files
        .write("bad.yml", "basic_auth_users:\n  ann: hunter2\n")
        .display()
        .to_string();
    let half = files
        .write("half.yml", "tls_server_config:\n  cert_file: server.crt\n")
        .display()
        .to_string();
    let nobody = files
        .write("nobody.yml", "basic_auth_users: {}\n")
        .display()
        .to_string();
    let unknown = files
        .write("unknown.yml", "tls_sever_config: {}\n")
        .display()
        .to_string();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let taken = taken.local_addr().expect("it is bound").to_string();
    let local = ["--listen", "127.0.0.1:0"];
    let with = |flag: &'static str, file: &str| {
        [&local[..], &[flag, file]]
            .concat()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    for (arguments, expected) in [
        (with("--web.config.file", &bad), "is not a bcrypt hash"),
        (
            with("--web.config.file", &half),
            "neither `key_file` nor `key`",
        ),
        (with("--web.config.file", &nobody), "has no user"),
        (
            with("--web.config.file", &unknown),
            "unknown field `tls_sever_config`",
        ),
        (with("--web.config.file", "/nowhere.yml"), "can't be read"),
        (
            with("--metrics.access.file", &bad),
            "unknown field `basic_auth_users`",
        ),
        (vec!["--listen".to_owned(), taken.clone()], "is in use"),
        (
            vec!["--listen".to_owned(), "0.0.0.0:0".to_owned()],
            "has no TLS and authentication",
        ),
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let said = refusal("lake", &arguments);
        assert!(said.contains(expected), "{arguments:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(
            said.starts_with("error: ") && !said.contains("hunter2"),
            "{said}"
        );
    }
}

#[test]
fn each_example_explains_the_flags_and_names_a_file_that_is_wrong() {
    let files = Files::new();
    let bad = files.write("bad.yml", "basic_auth_users:\n  ann: hunter2\n");
    let bad = bad.display().to_string();
    for name in ["lake", "stream", "cortex", "shop", "demo"] {
        let output = Command::new(program(name))
            .arg("--help")
            .output()
            .expect("it runs");
        let help = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success());
        for line in [
            "--web.config.file <FILE>      Web configuration file of Prometheus: TLS, users,",
            "--metrics.access.file <FILE>  Access file: tokens, who may see what, the audit",
            "--insecure                    Listen where others can connect even without TLS",
        ] {
            assert!(help.contains(line), "{name}: {help}");
        }
        for flag in ["--web.config.file", "--metrics.access.file"] {
            let said = refusal(name, &[flag]);
            assert!(said.contains(&format!("'{flag} <FILE>'")), "{said}");
        }
        let port = support::server::free_ports(3).to_string();
        let place = if name == "demo" {
            ["--port", &port]
        } else {
            ["--listen", "127.0.0.1:0"]
        };
        let said = refusal(name, &[place[0], place[1], "--web.config.file", &bad]);
        let expected = format!("error: `{bad}`: `basic_auth_users`: the value of `ann` is not");
        assert!(said.starts_with(&expected), "{name}: {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn an_open_door_is_warned_of() {
    let mut child = Command::new(program("lake"))
        .args(["--listen", "0.0.0.0:0", "--vectors", "1", "--insecure"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    let errors = child.stderr.take().expect("it is piped");
    BufReader::new(errors).read_line(&mut line).expect("a line");
    let _ = child.kill();
    let _ = child.wait();
    assert!(line.contains("WARN") && line.contains("insecure"), "{line}");
}

#[test]
fn the_audit_follows_a_hangup() {
    let files = Files::new();
    let access = files.write("access.yml", "audit: {file: audit.jsonl}\n");
    let program = Program::lake(&["--metrics.access.file", &access.display().to_string()]);
    let get = || {
        exchange(
            program.address(),
            b"GET /metrics HTTP/1.1\r\nconnection: close\r\nhost: a\r\n\r\n",
        )
    };
    get();
    files.audit("the first access", |event| event["event"] == "access");
    std::fs::rename(files.path("audit.jsonl"), files.path("audit.1")).expect("it is moved");
    program.signal("HUP");
    wait::until("a new file", Duration::from_secs(10), || {
        if files.path("audit.jsonl").exists() {
            Ok(())
        } else {
            Err("none".to_owned())
        }
    });
    get();
    let events = files.audit("the second access", |event| event["event"] == "access");
    assert_eq!(events.len(), 1, "{events:?}");
    program.signal("INT");
    files.audit("the end", |event| event["decision"] == "stopped");
}

#[test]
fn a_file_that_is_being_written_opens_no_door() {
    let files = Files::new();
    let text = format!("basic_auth_users:\n{}", user("ann", "tea"));
    let web = files.write("web.yml", &text);
    let program = Program::lake(&["--web.config.file", &web.display().to_string()]);
    let status = || {
        let reply = exchange(
            program.address(),
            b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
        );
        Reply::parse(&reply).status
    };
    assert_eq!(status(), 401);
    let mut rounds = 0;
    for number in 0..50 {
        // Looked at between the two steps in which many programs write a file. What is there between them asks nobody
        // for a password, and is another text each time: two rounds do not look like one file that stays as it is.
        let begun = Instant::now();
        files.write("web.yml", &format!("# {number}\n"));
        program.signal("HUP");
        std::thread::sleep(Duration::from_millis(20));
        files.write("web.yml", &text);
        if begun.elapsed() > Duration::from_millis(80) {
            // A writer that is held up leaves a file that stays as it is. It does not count.
            std::thread::sleep(Duration::from_millis(200));
            wait::until("the password", Duration::from_secs(10), || match status() {
                401 => Ok(()),
                other => Err(other.to_string()),
            });
            continue;
        }
        for _ in 0..20 {
            assert_eq!(status(), 401);
            std::thread::sleep(Duration::from_millis(10));
        }
        rounds += 1;
        if rounds == 5 {
            break;
        }
    }
    assert_eq!(rounds, 5, "this machine is too busy to tell");
    // One that stays empty is what was asked for.
    files.write("web.yml", "");
    wait::until("an open door", Duration::from_secs(10), || match status() {
        200 => Ok(()),
        other => Err(other.to_string()),
    });
}

#[test]
fn without_file_descriptors_it_waits_and_recovers() {
    let mut command = Command::new("sh");
    let run = format!(
        "ulimit -n 40; exec '{}' --listen 127.0.0.1:0 --vectors 1",
        program("lake").display()
    );
    command.args(["-c", &run]);
    let program = Program::start(command);
    let address = program.address();
    // The system accepts them; the program can't.
    let crowd: Vec<TcpStream> = (0..80)
        .map(|_| TcpStream::connect(address).expect("the backlog has room"))
        .collect();
    let mut waiting = TcpStream::connect(address).expect("the backlog has room");
    drop(crowd);
    waiting
        .write_all(b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .expect("it is sent");
    waiting
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a timeout");
    let mut page = Vec::new();
    waiting.read_to_end(&mut page).expect("an answer");
    assert_eq!(Reply::parse(&page).status, 200);
    let page = wait::until("a page", Duration::from_secs(20), || {
        let reply = exchange(
            address,
            b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
        );
        let reply = Reply::parse(&reply);
        if reply.status == 200 {
            Ok(reply.body)
        } else {
            Err(reply.head)
        }
    });
    let failures = sample(&page, "datapunk_metrics_server_accept_failures_total");
    // It paused between them: without a pause there would be thousands.
    assert!((1.0..200.0).contains(&failures), "{failures}");
}

#[test]
fn the_demo_takes_the_files() {
    let files = Files::new();
    let web = files.write(
        "web.yml",
        &format!("{TLS}basic_auth_users:\n{}", user("ann", "tea")),
    );
    let authorization = format!("authorization: {}", basic("ann", "tea"));
    let port = support::server::free_ports(3);
    let mut command = Command::new(program("demo"));
    command
        .args(["--port", &port.to_string(), "--for", "120"])
        .arg("--web.config.file")
        .arg(&web);
    let demo = Program::start(command);
    for port in port..port + 3 {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        assert_eq!(files.curl(address, &[]).0, 401, "{}", demo.line);
        // Its traffic goes on behind the door.
        wait::until("requests", Duration::from_secs(30), || {
            let (status, page) = files.curl(address, &["-H", &authorization]);
            let answered: f64 = page
                .lines()
                .filter(|line| line.starts_with("http_requests_total{"))
                .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
                .sum();
            if answered > 5.0 {
                return Ok(());
            }
            let first = page.lines().next().unwrap_or_default();
            Err(format!(
                "{answered} answered by {address}: {status}, {first}"
            ))
        });
    }
    demo.signal("INT");
}

#[test]
fn the_demo_goes_on_when_nobody_reads_what_it_prints() {
    let port = support::server::free_ports(3);
    let full = std::fs::File::options().write(true).open("/dev/full");
    let child = Command::new(program("demo"))
        .args(["--port", &port.to_string(), "--for", "120"])
        .stdin(Stdio::null())
        .stdout(full.expect("it is there"))
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut demo = Program {
        child,
        line: String::new(),
    };
    // Its traffic begins after it has printed what to open.
    wait::until("requests", Duration::from_secs(30), || {
        let ended = demo.child.try_wait().expect("it is a child");
        assert!(ended.is_none(), "{ended:?}");
        let page = http::get(&format!("http://127.0.0.1:{port}/metrics"))?.body;
        if page
            .lines()
            .any(|line| line.starts_with("http_requests_total{") && !line.ends_with(" 0"))
        {
            Ok(())
        } else {
            Err(page)
        }
    });
    demo.signal("INT");
}
