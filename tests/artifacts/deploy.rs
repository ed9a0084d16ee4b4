//! The bundle of the example services: it is what is checked in, the servers' own tools accept it, and it runs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use support::workspace;
use tempfile::TempDir;

use super::{path, program, run, stand_alone};

pub(super) const SERVICES: [&str; 3] = ["lake", "stream", "cortex"];

/// The deployment file of the examples, to be put elsewhere.
pub(super) fn deployment() -> String {
    let examples = workspace().join("examples");
    fs::read_to_string(examples.join("deployment.yml")).expect("it is there")
}

/// Generates the bundle of the example services below `out`.
pub(super) fn generate(deployment: &Path, out: &Path) {
    let binaries = SERVICES.map(program);
    let mut arguments = Vec::new();
    for binary in &binaries {
        arguments.extend(["--from", path(binary)]);
    }
    arguments.extend(["all", "--deployment", path(deployment), "--out", path(out)]);
    let (code, out, err) = stand_alone(&arguments);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "", ""));
}

/// The files below a folder, with their texts.
pub(super) fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in
            fs::read_dir(&next).unwrap_or_else(|error| panic!("{}: {error}", next.display()))
        {
            let file = entry.expect("an entry").path();
            if file.is_dir() {
                folders.push(file);
            } else {
                let text = fs::read_to_string(&file).expect("a text");
                let below = file.strip_prefix(folder).expect("it is below").to_owned();
                found.insert(below, text);
            }
        }
    }
    found
}

#[test]
fn what_is_checked_in_is_what_is_generated() {
    let examples = workspace().join("examples");
    let kept = examples.join("deploy");
    let folder = TempDir::new().expect("a temporary folder");
    generate(&examples.join("deployment.yml"), folder.path());
    let generated = files(folder.path());
    // Twice is the same, also over what is there.
    generate(&examples.join("deployment.yml"), folder.path());
    assert_eq!(files(folder.path()), generated);
    if std::env::var_os("UPDATE").is_some_and(|update| update == "1") {
        // Dashboards of sets that are gone go too.
        fs::remove_dir_all(&kept).expect("it is there");
        generate(&examples.join("deployment.yml"), &kept);
    }
    let kept = files(&kept);
    let names: (BTreeSet<_>, BTreeSet<_>) = (kept.keys().collect(), generated.keys().collect());
    let help = "help: UPDATE=1 cargo nextest run --all-features -E 'test(what_is_checked_in)'";
    assert_eq!(names.0, names.1, "{help}");
    for (name, text) in &generated {
        assert_eq!(
            &kept[name],
            text,
            "{} is out of date\n{help}",
            name.display()
        );
    }
}

/// Runs one of the servers' own tools and expects that it is content.
fn content(tool: &str, arguments: &[&str]) -> String {
    let (code, out, err) = run(Path::new(tool), arguments);
    assert_eq!(code, 0, "{tool} {arguments:?}\n{out}{err}");
    out
}

/// Files that the configurations name, which are not part of a bundle.
pub(super) fn put_secrets(folder: &Path) {
    let secrets = folder.join("secrets");
    fs::create_dir_all(&secrets).expect("a folder");
    let command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout key.pem -out ca.pem";
    let made = Command::new("sh")
        .args(["-c", command])
        .current_dir(&secrets)
        .stderr(Stdio::null())
        .status()
        .expect("a shell");
    assert!(made.success(), "openssl makes a certificate");
    for name in [
        "webhook.token",
        "slack.url",
        "scrape.password",
        "write.token",
    ] {
        fs::write(secrets.join(name), "https://127.0.0.1:1/secret\n").expect("it is written");
    }
}

#[test]
fn the_servers_tools_accept_a_secured_deployment_with_each_kind_of_store() {
    let kept = deployment();
    let secured = "
endpoint:
  tls: {ca_file: secrets/ca.pem, cert_file: secrets/ca.pem, key_file: secrets/key.pem, server_name: localhost}
  basic_auth: {username: prometheus, password_file: secrets/scrape.password}
external_labels: {cluster: test}
node: {targets: [\"127.0.0.1:9100\"]}
rabbitmq: {targets: [\"127.0.0.1:15692\"], endpoint: {bearer_token_file: secrets/write.token}}
";
    for (store, write_path) in [
        ("prometheus", "/api/v1/write"),
        ("mimir", "/api/v1/push"),
        ("thanos", "/api/v1/receive"),
        ("victoria_metrics", "/api/v1/write"),
    ] {
        let folder = TempDir::new().expect("a temporary folder");
        let deployment = folder.path().join("deployment.yml");
        let stores = format!(
            "retention:\n  store: {store}\n  endpoint: {{tls: {{ca_file: secrets/ca.pem}}, bearer_token_file: secrets/write.token}}\n"
        );
        fs::write(&deployment, kept.replace("retention:\n", &stores) + secured)
            .expect("it is written");
        let out = folder.path().join("deploy");
        generate(&deployment, &out);
        let (prometheus, alertmanager) = (out.join("prometheus"), out.join("alertmanager"));
        put_secrets(&prometheus);
        let config = prometheus.join("prometheus.yml");
        let report = content("promtool", &["check", "config", path(&config)]);
        assert!(report.contains("SUCCESS"), "{report}");
        let text = fs::read_to_string(&config).expect("it is there");
        assert_eq!(
            text.matches(&format!("{write_path}\n")).count(),
            4,
            "{store}: {text}"
        );
        for part in [
            "scheme: https",
            "min_version: TLS12",
            "honor_labels: true",
            "password_file: secrets/scrape.password",
            "job_name: rabbitmq_queues",
        ] {
            assert!(text.contains(part), "{store}: no `{part}` in\n{text}");
        }
        content("sh", &["-n", path(&prometheus.join("receivers.sh"))]);
        let script = fs::read_to_string(prometheus.join("receivers.sh")).expect("it is there");
        assert_eq!(
            script.matches("365d").count(),
            usize::from(store != "mimir") * if store == "thanos" { 3 } else { 1 }
        );
        content(
            "amtool",
            &["check-config", path(&alertmanager.join("alertmanager.yml"))],
        );
    }
}

#[test]
fn alerts_go_to_their_team_and_say_nothing_personal() {
    let deploy = workspace().join("examples/deploy/alertmanager");
    let config = deploy.join("alertmanager.yml");
    for (labels, receiver) in [
        (&["team=platform", "severity=critical"][..], "platform"),
        (&["team=security", "severity=warning"], "security"),
        (&["team=nobody", "severity=critical"], "default"),
        (&["severity=warning"], "default"),
    ] {
        let arguments = [
            &["config", "routes", "test", "--config.file", path(&config)],
            labels,
        ]
        .concat();
        assert_eq!(content("amtool", &arguments).trim(), receiver, "{labels:?}");
    }
    let templates = deploy.join("templates/*.tmpl");
    for (text, shown) in [
        ("mail ada@example.org now", "mail [REDACTED] now"),
        ("token=abc123 is in it", "token=[REDACTED] is in it"),
        (
            "Authorization: Bearer abcdefgh12345",
            "Authorization: [REDACTED]",
        ),
        ("postgres://ada:pw@db/x", "postgres://[REDACTED]@db/x"),
        ("call +4915112345678", "call [REDACTED]"),
        (
            "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_def",
            "jwt [REDACTED]",
        ),
        (
            "Service lake instance 127.0.0.1:9464 is down",
            "Service lake instance 127.0.0.1:9464 is down",
        ),
    ] {
        let template = format!("{{{{ template \"datapunk.redact\" {text:?} }}}}");
        let arguments = [
            "template",
            "render",
            "--template.glob",
            path(&templates),
            "--template.text",
            &template,
        ];
        assert_eq!(content("amtool", &arguments).trim(), shown);
    }
    // Labels of these names leave Prometheus with no alert; those of the example services stay.
    let prometheus =
        fs::read_to_string(workspace().join("examples/deploy/prometheus/prometheus.yml"))
            .expect("it is there");
    let dropped = prometheus
        .lines()
        .find(|line| line.contains("(.*_)?(password|"))
        .expect("a regular expression")
        .trim();
    let lock =
        datapunk_metrics::artifacts::Lock::read(&workspace().join("examples/deploy/metrics.lock"))
            .expect("a lock");
    let listed = lock.to_text();
    let in_lock = listed
        .lines()
        .filter(|line| line.starts_with("        ") && !line.starts_with("         "));
    let kept: Vec<&str> = in_lock
        .map(|line| line.trim().trim_end_matches(':'))
        .chain(["service", "instance", "job", "alertname"])
        .collect();
    assert!(
        kept.contains(&"operation") && kept.contains(&"status"),
        "{kept:?}"
    );
    let bad = [
        "email",
        "customer_email",
        "user_names",
        "email_hash",
        "api_key",
        "phone_numbers",
    ];
    let input = [&bad[..], &kept[..]].concat().join("\n");
    let grep = format!("printf '%s\\n' '{input}' | grep -Ex '{dropped}'");
    assert_eq!(
        content("sh", &["-c", &grep]).lines().collect::<Vec<_>>(),
        bad
    );
}
