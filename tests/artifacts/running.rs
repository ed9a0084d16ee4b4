//! The bundle of the example services with real servers: it runs, each panel shows something, each retention class is
//! kept in its store and nowhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use support::server::{INSTALL, Process, free_port};
use support::{BUILD, http, wait};
use tempfile::TempDir;

use super::deploy::{SERVICES, deployment, files, generate, put_secrets};
use super::{json, program, run};

#[path = "long_run.rs"]
mod long_run;

const CLASSES: [&str; 4] = [
    "high_frequency",
    "medium_frequency",
    "low_frequency",
    "compliance",
];
/// How long something may take that takes seconds.
const LIMIT: Duration = Duration::from_mins(1);

/// A Prometheus on a port, asked over its API.
struct Api(u16);

impl Api {
    fn get(&self, what: &str) -> Result<Value, String> {
        let answer = http::get(&format!("http://127.0.0.1:{}/api/v1/{what}", self.0))?;
        if answer.status != 200 {
            return Err(format!("{what}: {}", answer.body));
        }
        serde_json::from_str::<Value>(&answer.body)
            .map(|answer| answer["data"].clone())
            .map_err(|error| error.to_string())
    }

    /// The samples that a query finds.
    fn query(&self, query: &str) -> Result<Vec<Value>, String> {
        let encoded: String = query
            .bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect();
        let found = self.get(&format!("query?query={encoded}"))?;
        Ok(found["result"].as_array().cloned().unwrap_or_default())
    }

    /// The names of all series.
    fn names(&self) -> Result<BTreeSet<String>, String> {
        let names = self.get("label/__name__/values")?;
        let names = names.as_array().into_iter().flatten();
        Ok(names.filter_map(Value::as_str).map(str::to_owned).collect())
    }
}

/// Starts a server; it is ready when its port says so.
pub(super) fn server(command: &mut Command, port: u16, log: &Path) -> Process {
    let log_file = fs::File::create(log).expect("a log");
    let mut process = Process::start(command.stdout(Stdio::null()).stderr(log_file), INSTALL);
    let name = command.get_program().to_string_lossy().into_owned();
    wait::until(&name, LIMIT, || {
        let said = fs::read_to_string(log).unwrap_or_default();
        assert!(!process.has_ended(), "`{name}` ended:\n{said}");
        let answer = http::get(&format!("http://127.0.0.1:{port}/-/ready"))?;
        if answer.status == 200 {
            Ok(())
        } else {
            Err(format!("status {}", answer.status))
        }
    });
    process
}

/// Three ports in a row that are free.
fn three_ports() -> u16 {
    let taken = |port: u16| std::net::TcpListener::bind(("127.0.0.1", port)).is_err();
    (0..100)
        .map(|_| free_port())
        .find(|first| *first < 65_000 && !(0..3).any(|next| taken(first + next)))
        .expect("three free ports in a row")
}

/// The servers of a bundle. They end when this is dropped.
struct Running {
    prometheus: Api,
    stores: BTreeMap<&'static str, Api>,
    deploy: PathBuf,
    demo: Process,
    _servers: Vec<Process>,
    // Last, so that it goes after those who write into it.
    folder: TempDir,
}

impl Running {
    /// Starts the demo for so many seconds and everything around it, with stores of this kind. `change` may change the
    /// configuration of Prometheus.
    fn start(
        seconds: u32,
        interval: &str,
        store: &str,
        change: impl FnOnce(String) -> String,
    ) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let services = three_ports();
        let [prometheus, alertmanager, pushgateway] = [(); 3].map(|()| free_port());
        let stores = CLASSES.map(|class| (class, free_port()));
        let ports: BTreeMap<u16, u16> = [9464, 9465, 9466]
            .into_iter()
            .zip(services..)
            .chain([
                (9090, prometheus),
                (9091, pushgateway),
                (9093, alertmanager),
            ])
            .chain((9101..).zip(stores.map(|(_, port)| port)))
            .collect();
        let deploy = bundle(folder.path(), &ports, interval, store);
        let config = deploy.join("prometheus/prometheus.yml");
        let text = fs::read_to_string(&config).expect("it is generated");
        fs::write(&config, change(text)).expect("it is written");

        let place = |name: &str| {
            let data = folder.path().join(name);
            fs::create_dir_all(&data).expect("a folder");
            (
                data.display().to_string(),
                folder.path().join(format!("{name}.log")),
            )
        };
        let demo = Process::start(
            Command::new(program("demo"))
                .args(["--port", &services.to_string()])
                .args(["--for", &seconds.to_string(), "--quiet"])
                .env("TMPDIR", place("tmp").0)
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
            BUILD,
        );
        let mut servers = Vec::new();
        for (class, port) in stores {
            let (data, log) = place(class);
            let mut command = Command::new("sh");
            command.arg(deploy.join("prometheus/receivers.sh"));
            servers.push(server(command.args([class, &data]), port, &log));
        }
        for (name, config, data_flag, port, more) in [
            (
                "prometheus-alertmanager",
                "alertmanager/alertmanager.yml",
                "--storage.path",
                alertmanager,
                "--cluster.listen-address=",
            ),
            (
                "prometheus",
                "prometheus/prometheus.yml",
                "--storage.tsdb.path",
                prometheus,
                "--web.enable-admin-api",
            ),
        ] {
            let (data, log) = place(name);
            let mut command = Command::new(name);
            command.arg(format!("--config.file={}", deploy.join(config).display()));
            command.arg(format!("{data_flag}={data}")).arg(more);
            command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
            servers.push(server(&mut command, port, &log));
        }
        let mut command = Command::new("prometheus-pushgateway");
        command.args([
            "--persistence.file=",
            &format!("--web.listen-address=127.0.0.1:{pushgateway}"),
        ]);
        servers.push(server(&mut command, pushgateway, &place("pushgateway").1));
        Self {
            prometheus: Api(prometheus),
            stores: stores.map(|(class, port)| (class, Api(port))).into(),
            deploy,
            demo,
            _servers: servers,
            folder,
        }
    }

    /// Waits until this many targets are up.
    fn targets_are_up(&mut self, number: usize) {
        wait::until("the targets", LIMIT, || {
            self.demo.assert_running();
            let targets = self.prometheus.get("targets?state=active")?;
            let targets = targets["activeTargets"].as_array().ok_or("no targets")?;
            let down: Vec<String> = targets
                .iter()
                .filter(|target| target["health"] != "up")
                .map(|target| format!("{}: {}", target["scrapeUrl"], target["lastError"]))
                .collect();
            if targets.len() == number && down.is_empty() {
                Ok(())
            } else {
                Err(format!("{} targets, down: {down:?}", targets.len()))
            }
        });
    }

    /// Waits until every rule has been evaluated without an error.
    fn rules_are_healthy(&self) {
        wait::until("the rules", LIMIT, || {
            let groups = self.prometheus.get("rules")?;
            let groups = groups["groups"].as_array().into_iter().flatten();
            let rules = groups.flat_map(|group| group["rules"].as_array().into_iter().flatten());
            let ill: Vec<&Value> = rules.filter(|rule| rule["health"] != "ok").collect();
            if ill.is_empty() {
                Ok(())
            } else {
                Err(format!("{ill:?}"))
            }
        });
    }

    /// Waits until each panel and each recording rule has data.
    fn queries_have_data(&self, rate_interval: &str) {
        let mut queries = panel_queries(&self.deploy.join("grafana/dashboards"), rate_interval);
        assert!(queries.len() > 100, "{} queries", queries.len());
        queries.extend(self.recorded());
        wait::until("data for each panel", 2 * LIMIT, || {
            let mut empty = Vec::new();
            for (place, query) in &queries {
                match self.prometheus.query(query) {
                    Ok(found) if found.is_empty() => empty.push(format!("{place}: {query}")),
                    Ok(_) => {}
                    Err(error) => panic!("{place}: {error}"),
                }
            }
            if empty.is_empty() {
                Ok(())
            } else {
                Err(empty.join("\n"))
            }
        });
    }

    /// The names of what rules record about these services.
    fn recorded(&self) -> Vec<(String, String)> {
        let groups = self.prometheus.get("rules?type=record").expect("an answer");
        let groups = groups["groups"].as_array().into_iter().flatten();
        let rules = groups.flat_map(|group| group["rules"].as_array().into_iter().flatten());
        let names = rules.filter_map(|rule| rule["name"].as_str());
        names
            .map(|name| (format!("rule {name}"), name.to_owned()))
            .collect()
    }

    /// Waits until each declared series is in the store of its class, and sees that it is in no other one.
    fn classes_are_apart(&self) {
        let declared = declared();
        assert_eq!(
            declared.len(),
            4,
            "each class has metrics: {:?}",
            declared.keys()
        );
        wait::until("the stores", LIMIT, || {
            for (class, store) in &self.stores {
                let kept = store.names()?;
                if let Some(missing) = declared[*class].difference(&kept).next() {
                    return Err(format!("`{missing}` is not in the store of {class}"));
                }
            }
            Ok(())
        });
        for (class, store) in &self.stores {
            let kept = store.names().expect("the store answers");
            for (other, names) in declared.iter().filter(|(other, _)| other != class) {
                let strangers: Vec<_> = names.intersection(&kept).collect();
                assert!(
                    strangers.is_empty(),
                    "of {other} in the store of {class}: {strangers:?}"
                );
            }
            let labels = store.get("labels").expect("the store answers");
            let labels = labels.as_array().expect("labels");
            assert!(
                !labels.contains(&Value::from("retention_class")),
                "{class} keeps the label"
            );
        }
    }
}

/// Generates the bundle with other ports than those that the examples have, and with stores of this kind.
fn bundle(folder: &Path, ports: &BTreeMap<u16, u16>, interval: &str, store: &str) -> PathBuf {
    let stores = format!("retention:\n  store: {store}\n");
    let mut text = deployment().replace("retention:\n", &stores);
    for (known, port) in ports {
        let known = format!("127.0.0.1:{known}");
        assert!(text.contains(&known), "{known}");
        // Two steps, since a free port may be one of the known ones.
        text = text.replace(&known, &format!("127.0.0.1:<{port}>"));
    }
    text = text.replace(['<', '>'], "");
    let intervals = format!("scrape_interval: {interval}\nevaluation_interval: {interval}\n");
    text.push_str(&intervals);
    let file = folder.join("deployment.yml");
    fs::write(&file, text).expect("it is written");
    let deploy = folder.join("deploy");
    generate(&file, &deploy);
    put_secrets(&deploy.join("alertmanager"));
    deploy
}

/// The names of the series of each metric, by retention class, as the services declare them.
fn declared() -> BTreeMap<String, BTreeSet<String>> {
    let mut classes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for service in SERVICES {
        let (_, out, _) = run(&program(service), &["metrics", "list", "--format", "json"]);
        for metric in json(&out).as_array().expect("a list") {
            let text = |key: &str| metric[key].as_str().expect("a text").to_owned();
            let names = classes.entry(text("retention")).or_default();
            if metric["kind"] == "histogram" {
                names.extend(["_bucket", "_sum", "_count"].map(|suffix| text("name") + suffix));
            } else {
                names.insert(text("name"));
            }
        }
    }
    classes
}

/// Every query of every dashboard: where it is, and what it asks with all services chosen.
fn panel_queries(dashboards: &Path, interval: &str) -> Vec<(String, String)> {
    let mut queries = Vec::new();
    for (file, text) in files(dashboards) {
        for panel in json(&text)["panels"].as_array().expect("panels") {
            for target in panel["targets"].as_array().into_iter().flatten() {
                let query = target["expr"].as_str().expect("a query");
                let query = query
                    .replace("$__rate_interval", interval)
                    .replace("$service", ".*")
                    .replace("$instance", ".*");
                let title = panel["title"].as_str().unwrap_or_default();
                queries.push((format!("{}: {title}", file.display()), query));
            }
        }
    }
    queries
}

#[test]
fn the_bundle_runs_and_each_class_is_kept_where_it_belongs() {
    let mut running = Running::start(170, "1s", "prometheus", |config| config);
    running.targets_are_up(SERVICES.len() + 2);
    let alertmanagers = running.prometheus.get("alertmanagers").expect("an answer");
    let active = alertmanagers["activeAlertmanagers"].as_array();
    assert_eq!(active.map(Vec::len), Some(1));
    running.rules_are_healthy();
    running.queries_have_data("10s");
    // The last link of a chain that begins with the objective in the code of the lake.
    let left = "slo:period_error_budget_remaining:ratio{sloth_id=\"lake-vector-search-duration-latency\"} <= 1";
    let left = running.prometheus.query(left).expect("an answer");
    assert_eq!(left.len(), 1, "{left:?}");
    running.classes_are_apart();
    for (class, store) in &running.stores {
        let flags = store.get("status/flags").expect("the store answers");
        let kept = flags["storage.tsdb.retention.time"].as_str();
        assert_eq!(
            kept.map(|kept| kept.replace("1y", "365d")),
            Some(days(class))
        );
    }
    assert!(running.demo.stop().success());
}

#[test]
fn each_class_is_kept_where_it_belongs_by_victoria_metrics() {
    let mut running = Running::start(170, "1s", "victoria_metrics", |config| config);
    running.targets_are_up(SERVICES.len() + 2);
    running.classes_are_apart();
    for (class, Api(port)) in &running.stores {
        let flags = http::get(&format!("http://127.0.0.1:{port}/flags")).expect("an answer");
        let kept = format!("-retentionPeriod=\"{}\"", days(class));
        assert!(flags.body.contains(&kept), "{class}: {}", flags.body);
    }
    assert!(running.demo.stop().success());
}

/// For how long a class is kept, by the standard.
fn days(class: &str) -> String {
    let days = match class {
        "high_frequency" => 15,
        "medium_frequency" => 30,
        "low_frequency" => 90,
        "compliance" => 365,
        other => panic!("no class `{other}`"),
    };
    format!("{days}d")
}
