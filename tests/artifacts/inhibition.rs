//! What the generated configuration of Alertmanager spares people: a service that is down has one alert.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use support::server::{Process, free_port};
use support::{BUILD, http, wait};
use tempfile::TempDir;

use super::receiver::Receiver;
use super::running::server;
use super::{json, path, program, stand_alone};

const LIMIT: Duration = Duration::from_secs(40);

/// A team's own rules, as they would be of objectives too. They are put in their place while the lake is down, so that they
/// fire for both services at once.
const RULES: &str = r#"
groups:
  - name: storage
    rules:
      - alert: NotBackedUp
        expr: count by (service) (count_over_time(up{service=~"lake|stream"}[5m]))
        labels: {severity: warning, team: data}
        annotations: {summary: "{{ $labels.service }} is not backed up"}
      - alert: UploadsPage
        expr: vector(1)
        labels: {severity: critical, team: data, service: stream, sloth_id: uploads, sloth_severity: page}
        annotations: {summary: "uploads fail"}
      - alert: UploadsTicket
        expr: vector(1)
        labels: {severity: warning, team: data, service: stream, sloth_id: uploads, sloth_severity: ticket}
        annotations: {summary: "uploads fail"}
      - alert: DownloadsTicket
        expr: vector(1)
        labels: {severity: warning, team: data, service: stream, sloth_id: downloads, sloth_severity: ticket}
        annotations: {summary: "downloads fail"}
"#;

/// The deployment of two services whose alerts go to `receiver`.
fn deployment(lake: u16, stream: u16, alertmanager: u16, receiver: u16) -> String {
    let webhook = |path: &str| {
        format!(
            "{{webhook: {{url: \"https://127.0.0.1:{receiver}/{path}\", endpoint: {{tls: {{ca_file: secrets/ca.pem}}, \
             bearer_token_file: secrets/webhook.token}}}}}}"
        )
    };
    format!(
        "scrape_interval: 1s\nevaluation_interval: 1s\n\
         services:\n  lake: {{targets: [\"127.0.0.1:{lake}\"]}}\n  stream: {{targets: [\"127.0.0.1:{stream}\"]}}\n\
         alertmanagers: {{targets: [\"127.0.0.1:{alertmanager}\"]}}\n\
         notifications:\n  default: {}\n  teams:\n    data: {}\n    platform: {}\n",
        webhook("default"),
        webhook("data"),
        webhook("platform"),
    )
}

/// Puts seconds in the place of minutes, in a file that was generated.
fn hurry(file: &Path, waits: &[&str]) {
    let text = fs::read_to_string(file).expect("it is generated");
    let hurried = waits.iter().fold(text, |text, wait| {
        assert!(text.contains(wait), "no `{wait}` in {}", file.display());
        let (key, _) = wait.split_once(": ").expect("a key");
        text.replace(wait, &format!("{key}: 1s"))
    });
    fs::write(file, hurried).expect("it is written");
}

fn service(name: &str, port: u16, folder: &Path) -> Process {
    let mut command = Command::new(program(name));
    command
        .args(["--listen", &format!("127.0.0.1:{port}")])
        .env("TMPDIR", folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut process = Process::start(&mut command, BUILD);
    wait::until(name, LIMIT, || {
        process.assert_running();
        http::get(&format!("http://127.0.0.1:{port}/metrics")).map(drop)
    });
    process
}

/// An alert as Alertmanager has it: its state, and the alerts that silence it.
fn alert(alertmanager: u16, name: &str, service: &str) -> Result<(String, Value), String> {
    let answer = http::get(&format!("http://127.0.0.1:{alertmanager}/api/v2/alerts"))?;
    let alerts = json(&answer.body);
    let found = alerts
        .as_array()
        .into_iter()
        .flatten()
        .find(|one| one["labels"]["alertname"] == name && one["labels"]["service"] == service)
        .ok_or_else(|| format!("no `{name}` of {service}: {}", answer.body))?;
    let state = found["status"]["state"].as_str().unwrap_or_default();
    Ok((state.to_owned(), found.clone()))
}

/// Waits until Alertmanager has an alert in a state.
fn in_state(alertmanager: u16, name: &str, service: &str, state: &str) -> Value {
    wait::until(&format!("{name} of {service} {state}"), LIMIT, || {
        let (found, alert) = alert(alertmanager, name, service)?;
        if found == state {
            Ok(alert)
        } else {
            Err(found)
        }
    })
}

#[test]
fn a_service_that_is_down_has_one_alert_and_the_others_of_it_are_silent_until_it_is_back() {
    let folder = TempDir::new().expect("a temporary folder");
    let deploy = folder.path().join("deploy");
    let receiver = Receiver::start(&deploy.join("alertmanager/secrets"));
    let [lake, stream, alertmanager, prometheus] = [(); 4].map(|()| free_port());
    let file = folder.path().join("deployment.yml");
    fs::write(&file, deployment(lake, stream, alertmanager, receiver.port)).expect("it is written");
    let (lake_binary, stream_binary) = (program("lake"), program("stream"));
    let (code, _, err) = stand_alone(&[
        "--from",
        path(&lake_binary),
        "--from",
        path(&stream_binary),
        "all",
        "--deployment",
        path(&file),
        "--out",
        path(&deploy),
    ]);
    assert_eq!((code, err.as_str()), (0, ""));
    let rules = deploy.join("prometheus/rules");
    hurry(&rules.join("alerts.yml"), &["for: 1m"]);
    let config = deploy.join("alertmanager/alertmanager.yml");
    hurry(
        &config,
        &["group_wait: 30s", "group_wait: 10s", "group_interval: 5m"],
    );

    let flags = |name: &str, data: &str, port: u16| {
        let data = format!("--{data}={}", folder.path().join(name).display());
        [data, format!("--web.listen-address=127.0.0.1:{port}")]
    };
    let lake_service = service("lake", lake, folder.path());
    let _stream_service = service("stream", stream, folder.path());
    let mut command = Command::new("prometheus-alertmanager");
    command
        .arg(format!("--config.file={}", config.display()))
        .arg("--cluster.listen-address=")
        .args(flags("alertmanager", "storage.path", alertmanager));
    let _alertmanager = server(&mut command, alertmanager, &folder.path().join("am.log"));
    let mut command = Command::new("prometheus");
    command
        .arg(format!(
            "--config.file={}",
            deploy.join("prometheus/prometheus.yml").display()
        ))
        // What is sent while it reads its configuration anew goes nowhere, and would be sent again after a minute.
        .args(["--web.enable-lifecycle", "--rules.alert.resend-delay=1s"])
        .args(flags("prometheus", "storage.tsdb.path", prometheus));
    let _prometheus = server(&mut command, prometheus, &folder.path().join("prom.log"));
    wait::until("both services up", LIMIT, || {
        let url = format!("http://127.0.0.1:{prometheus}/api/v1/targets?state=active");
        let up = http::get(&url)?.body.matches("\"health\":\"up\"").count();
        if up == 2 {
            Ok(())
        } else {
            Err(format!("{up} are up"))
        }
    });

    // The lake goes down, and the team that runs it is told.
    assert!(lake_service.stop().success());
    let down = in_state(alertmanager, "ServiceDown", "lake", "active");
    let told = |path: &str, alert: &str, service: &str| receiver.told(path, alert, service);
    let is_told = |path: &str, alert: &str, service: &str, status: &str| {
        wait::until(
            &format!("{alert} of {service} told as {status}"),
            LIMIT,
            || {
                let told = receiver.told(path, alert, service);
                if told.iter().any(|it| it == status) {
                    Ok(())
                } else {
                    Err(format!("{told:?}"))
                }
            },
        );
    };
    is_told("/platform", "ServiceDown", "lake", "firing");

    // An alert that now begins to fire for both services is told of the other one alone.
    fs::write(rules.join("storage.yml"), RULES).expect("it is written");
    let reload = format!("http://127.0.0.1:{prometheus}/-/reload");
    let reloaded = http::post(&reload, "text/plain", &[]).expect("an answer");
    assert_eq!(reloaded.status, 200, "{}", reloaded.body);
    let silenced = in_state(alertmanager, "NotBackedUp", "lake", "suppressed");
    assert_eq!(
        silenced["status"]["inhibitedBy"],
        serde_json::json!([down["fingerprint"]])
    );
    in_state(alertmanager, "NotBackedUp", "stream", "active");
    is_told("/data", "NotBackedUp", "stream", "firing");
    assert_eq!(told("/data", "NotBackedUp", "lake"), [""; 0]);

    // Whoever is woken for an objective gets no ticket for it, as soon as Alertmanager has seen both.
    let page = in_state(alertmanager, "UploadsPage", "stream", "active");
    let ticket = in_state(alertmanager, "UploadsTicket", "stream", "suppressed");
    assert_eq!(
        ticket["status"]["inhibitedBy"],
        serde_json::json!([page["fingerprint"]])
    );
    in_state(alertmanager, "DownloadsTicket", "stream", "active");
    is_told("/data", "DownloadsTicket", "stream", "firing");

    // The lake is back: what is still wrong with it is told.
    let _lake_service = service("lake", lake, folder.path());
    is_told("/platform", "ServiceDown", "lake", "resolved");
    in_state(alertmanager, "NotBackedUp", "lake", "active");
    is_told("/data", "NotBackedUp", "lake", "firing");
}
