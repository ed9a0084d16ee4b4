//! From a service that fails to the one who is told: the shipped rules in a real Prometheus, a real Alertmanager and a
//! receiver.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use datapunk_metrics::Registry;
use datapunk_metrics::encode::{Format, encode};
use datapunk_metrics::standard::BreakerMetrics;
use support::judge::{FixedBody, TEXT};
use support::server::{Alertmanager, Process, Prometheus, free_port};
use support::webhook::{Delivered, Webhook};
use support::{BUILD, http, program, wait, workspace};

const LIMIT: Duration = Duration::from_secs(40);
/// What must not be told to anybody.
const SECRET: &str = "hunter2-Xk81";

/// The cortex, listening at `target`.
fn cortex(target: &str) -> Process {
    let mut command = Command::new(program("cortex"));
    command
        .args(["--listen", target])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut process = Process::start(&mut command, BUILD);
    wait::until("the cortex", Duration::from_secs(30), || {
        process.assert_running();
        http::get(&format!("http://{target}/metrics")).map(drop)
    });
    process
}

/// The shipped alerts with seconds for minutes: every `for` is a second, every window five.
fn hurried(folder: &Path) -> PathBuf {
    let shipped = workspace().join("datapunk-metrics/rules/alerts.yml");
    let text = fs::read_to_string(&shipped).expect("the rules are shipped");
    let lines = text.lines().map(|line| match line.split_once("for: ") {
        Some((indent, _)) if indent.trim().is_empty() => format!("{indent}for: 1s\n"),
        _ => format!("{}\n", line.replace("[5m]", "[5s]")),
    });
    let hurried: String = lines.collect();
    assert_ne!(hurried, text);
    let path = folder.join("alerts.yml");
    fs::write(&path, hurried).expect("the rules are written");
    path
}

/// A list of the generated configuration: what is behind the last line that is `key`, as long as it is the list's.
fn generated(key: &str) -> String {
    let path = workspace().join("examples/deploy/prometheus/prometheus.yml");
    let text = fs::read_to_string(&path).expect("the configuration is generated");
    let start = text.rfind(&format!("\n{key}\n")).expect("it is there") + 1;
    let indent = &key[..key.len() - key.trim_start().len()];
    let mut lines = text[start..].lines();
    let first = lines.next().into_iter();
    let rest = lines.take_while(|line| {
        line.strip_prefix(indent)
            .is_some_and(|rest| rest.starts_with([' ', '-']))
    });
    first.chain(rest).collect::<Vec<_>>().join("\n") + "\n"
}

/// The page of a program that recorded the secret as a label's value.
fn page_with_secret() -> String {
    BreakerMetrics::METRICS.open(&format!("orders password={SECRET}"));
    let registry = Registry::new();
    registry
        .register::<BreakerMetrics>()
        .expect("it stands alone");
    encode(&registry, Format::Text).expect("nothing is read at scrape time")
}

/// A configuration with the cortex as a service, a program of the toolkit that recorded a secret, and another program with a
/// label that no metric of ours would have.
fn configuration(
    service: &str,
    masked: &str,
    foreign: &str,
    alertmanager: &str,
    rules: &Path,
) -> String {
    format!(
        "global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}\n\
         rule_files: [{rules}]\n\
         alerting:\n{relabelling}  alertmanagers:\n  - static_configs: [{{targets: ['{alertmanager}']}}]\n\
         scrape_configs:\n\
         - job_name: cortex\n  static_configs: [{{targets: ['{service}'], labels: {{service: cortex}}}}]\n\
         - job_name: masked\n  static_configs: [{{targets: ['{masked}'], labels: {{service: masked}}}}]\n\
         - job_name: foreign\n  static_configs: [{{targets: ['{foreign}'], labels: {{service: foreign}}}}]\n{masks}",
        rules = rules.display(),
        relabelling = generated("  alert_relabel_configs:"),
        masks = generated("  metric_relabel_configs:"),
    )
}

/// Waits until the last word on an alert is `status`.
fn told(webhook: &Webhook, alert: &str, status: &str) -> Delivered {
    wait::until(&format!("{alert} {status}"), LIMIT, || {
        let delivered = webhook.delivered(alert);
        match delivered.last() {
            Some(last) if last.status == status => Ok(last.clone()),
            last => Err(format!("{last:?}")),
        }
    })
}

/// Waits until Prometheus has an alert in a state.
fn seen(prometheus: &Prometheus, alert: &str, state: &str) {
    let query =
        format!("count_over_time(ALERTS{{alertname=\"{alert}\", alertstate=\"{state}\"}}[5m])");
    wait::until(&format!("{alert} {state}"), LIMIT, || {
        let found = prometheus.query(&query)?;
        if found.is_empty() {
            Err("no such alert".to_owned())
        } else {
            Ok(())
        }
    });
}

#[test]
fn who_is_on_call_is_told_of_errors_and_outages_and_of_their_end_and_of_no_secret() {
    let webhook = Webhook::listen();
    let alertmanager = Alertmanager::notifying(&webhook.url());
    let target = format!("127.0.0.1:{}", free_port());
    let service = cortex(&target);
    let foreign = FixedBody::serve(
        TEXT,
        format!(
            "circuit_breaker_state{{upstream=\"db token={SECRET}\",password=\"{SECRET}\"}} 0\n"
        )
        .as_bytes(),
    );
    let masked = FixedBody::serve(TEXT, page_with_secret().as_bytes());
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let rules = hurried(folder.path());
    let config = configuration(
        &target,
        &masked.target(),
        &foreign.target(),
        &alertmanager.address(),
        &rules,
    );
    let mut prometheus = Prometheus::configured(&config);
    assert_eq!(prometheus.health_of(&target).health, "up");

    // Requests that end in a panic of the handler, until somebody is told.
    let ask = |body: &str| {
        http::post(
            &format!("http://{target}/classify"),
            "application/json",
            body.as_bytes(),
        )
    };
    let failing = r#"{"text": "rain and wind", "model": "words", "fault": "panic"}"#;
    let well = r#"{"text": "rain and wind", "model": "words"}"#;
    wait::until("HighErrorRate firing", LIMIT, || {
        let _ = ask(failing);
        let delivered = webhook.delivered("HighErrorRate");
        delivered
            .last()
            .map(drop)
            .ok_or_else(|| "not told".to_owned())
    });
    seen(&prometheus, "HighErrorRate", "pending");
    seen(&prometheus, "HighErrorRate", "firing");
    let error_rate = told(&webhook, "HighErrorRate", "firing");
    assert_eq!(error_rate.labels["service"], "cortex");
    assert_eq!(error_rate.labels["severity"], "warning");
    assert_eq!(
        error_rate.annotations["summary"],
        "High error rate for cortex"
    );
    wait::until("HighErrorRate resolved", LIMIT, || {
        let answer = ask(well)?;
        assert_eq!(answer.status, 200, "{}", answer.body);
        match webhook.delivered("HighErrorRate").last() {
            Some(last) if last.status == "resolved" => Ok(()),
            last => Err(format!("{last:?}")),
        }
    });

    // The service goes down, and comes back.
    assert!(webhook.delivered("ServiceDown").is_empty());
    assert!(service.stop().success(), "the cortex ends well");
    let down = told(&webhook, "ServiceDown", "firing");
    seen(&prometheus, "ServiceDown", "pending");
    assert_eq!(down.labels["instance"], target.as_str());
    assert_eq!(down.annotations["summary"], "Service cortex is down");
    assert_eq!(
        down.annotations["runbook_url"],
        "https://wiki.datapunk.ai/runbooks/service-down"
    );
    let again = cortex(&target);
    told(&webhook, "ServiceDown", "resolved");

    // The other program's breaker is open all the time: its alert came, without the label that is nobody's business, and
    // without the secret in a label that is.
    // That of the toolkit's program came too, with its label as the toolkit had masked it.
    let of = |service: &str| {
        let what = format!("CircuitBreakerOpen of {service}");
        let upstream = wait::until(&what, LIMIT, || {
            let delivered = webhook.delivered("CircuitBreakerOpen");
            let mut alerts = delivered.iter();
            let found = alerts.find(|alert| alert.labels["service"] == service);
            let labels = found.map(|alert| alert.labels["upstream"].to_string());
            labels.ok_or_else(|| format!("{delivered:?}"))
        });
        upstream.trim_matches('"').to_owned()
    };
    assert_eq!(of("foreign"), "[REDACTED]");
    assert_eq!(of("masked"), "orders password=[REDACTED]");
    let kept = prometheus.query("circuit_breaker_state{password!=\"\"}");
    assert_eq!(kept.map(|found| found.len()), Ok(1), "the secret was there");
    for body in webhook.bodies() {
        assert!(!body.contains(SECRET), "{body}");
    }
    assert!(again.stop().success(), "the cortex ends well again");
}
