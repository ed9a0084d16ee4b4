//! What operators run: the command line of a service, and of the program that reads several.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::Value;
use support::server::{Process, free_port};
use support::{BUILD, http, wait, workspace};
use tempfile::TempDir;

#[path = "artifacts/deploy.rs"]
mod deploy;
#[path = "artifacts/inhibition.rs"]
mod inhibition;
#[path = "artifacts/lock.rs"]
mod lock;
#[path = "artifacts/masks.rs"]
mod masks;
#[path = "artifacts/objectives.rs"]
mod objectives;
#[path = "artifacts/receiver.rs"]
mod receiver;
#[path = "artifacts/rename.rs"]
mod rename;
#[path = "artifacts/running.rs"]
mod running;
#[path = "artifacts/wrong_input.rs"]
mod wrong_input;

/// The signal of a file that got too long, on Linux.
const SIGXFSZ: i32 = 25;

/// A program of the workspace, built beside this test, or in the folder that the long run names.
fn program(name: &str) -> PathBuf {
    if let Some(folder) = std::env::var_os("DEPLOY_PROGRAMS") {
        return PathBuf::from(folder).join(name);
    }
    support::program(name)
}

/// Runs a program: exit code, standard output, standard error.
fn run(program: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output: Output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    let text = |bytes| String::from_utf8(bytes).expect("it prints text");
    let code = output.status.code().expect("it is not killed");
    (code, text(output.stdout), text(output.stderr))
}

/// Runs `lake metrics …`.
fn lake(arguments: &[&str]) -> (i32, String, String) {
    run(&program("lake"), &[&["metrics"], arguments].concat())
}

/// Runs `datapunk-metrics …`.
fn stand_alone(arguments: &[&str]) -> (i32, String, String) {
    run(&program("datapunk-metrics"), arguments)
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path of ASCII")
}

#[test]
fn help_is_help_and_output_is_plain_where_there_is_no_terminal() {
    let (code, out, err) = lake(&["--help"]);
    assert_eq!((code, err.as_str()), (0, ""));
    for part in [
        "Usage: lake metrics <COMMAND>",
        "list",
        "catalogue",
        "lint",
        "lock",
        "diff",
        "scrape",
        "Exit codes: 0",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    let (code, out, _) = lake(&["list"]);
    assert_eq!(code, 0);
    assert!(!out.contains('\x1b'), "colours without a terminal");
    let (code, out, _) = run(&program("lake"), &["--help"]);
    assert_eq!(code, 0);
    assert!(out.contains("lake metrics --help"), "{out}");
}

#[test]
fn there_are_colours_on_a_terminal_unless_they_are_not_wanted() {
    let lake_binary = program("lake");
    let on_a_terminal = |environment: &str| {
        let command = format!(
            "{environment} {} metrics list --set LakeMetrics",
            path(&lake_binary)
        );
        let (code, out, _) = run(Path::new("script"), &["-qec", &command, "/dev/null"]);
        assert_eq!(code, 0, "{out}");
        out
    };
    let coloured = on_a_terminal("NO_COLOR=");
    assert!(coloured.starts_with("\x1b[1mservice"), "{coloured:?}");
    assert!(!on_a_terminal("NO_COLOR=1").contains('\x1b'));
}

#[test]
fn an_interrupted_write_leaves_the_old_file_whole_and_nothing_that_a_server_reads() {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("rules.yml");
    fs::write(&file, "old\n").expect("the file is written");
    // The system ends a process in the middle of the write that takes a file beyond so many blocks.
    let command = format!(
        "ulimit -c 0; ulimit -f 4; exec {} metrics catalogue --out {}",
        path(&program("lake")),
        path(&file)
    );
    let status = Command::new("sh").args(["-c", &command]).status();
    let status = status.expect("a shell starts");
    assert_eq!(status.signal(), Some(SIGXFSZ), "{status}");
    let names = || -> Vec<String> {
        let entries = fs::read_dir(folder.path()).expect("it is there");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        names
            .map(|name| name.into_string().expect("ASCII"))
            .collect()
    };
    let read = fs::read_to_string(&file).expect("it is there");
    assert_eq!(read, "old\n", "{:?}", names());
    let left: Vec<String> = names()
        .into_iter()
        .filter(|name| name != "rules.yml")
        .collect();
    assert_eq!(left.len(), 1, "it was interrupted while it wrote: {left:?}");
    assert!(
        left[0].starts_with('.')
            && Path::new(&left[0])
                .extension()
                .is_some_and(|end| end == "part"),
        "{left:?}"
    );

    let (code, _, err) = lake(&["catalogue", "--out", path(&file)]);
    assert_eq!((code, err.as_str()), (0, ""));
    let written = fs::read_to_string(&file).expect("it is there");
    assert_eq!(written, lake(&["catalogue"]).1);
}

#[test]
fn the_list_and_the_catalogue_say_what_is_declared() {
    let (code, out, _) = lake(&["list", "--format", "json"]);
    assert_eq!(code, 0);
    let list = json(&out);
    let metric = list
        .as_array()
        .expect("a list")
        .iter()
        .find(|metric| metric["name"] == "vector_search_duration_seconds")
        .expect("it is declared");
    assert_eq!(metric["service"], "lake");
    assert_eq!(metric["kind"], "histogram");
    assert_eq!(metric["unit"], "seconds");
    assert_eq!(metric["labels"], serde_json::json!(["index", "query_type"]));
    assert_eq!(metric["declared"]["file"], "examples/src/lake/metrics.rs");

    let (code, table, _) = lake(&["list"]);
    assert_eq!(code, 0);
    assert_eq!(
        table.lines().count(),
        1 + list.as_array().expect("a list").len()
    );

    let (_, page, _) = lake(&["catalogue"]);
    assert!(
        page.contains(
            "| `storage_operations_total` | counter |  | `operation` `status` | 12 | 1000 | "
        ),
        "{page}"
    );
    assert!(
        page.contains("  - `operation`: `read`, `write`, `delete`\n"),
        "{page}"
    );
    let again = lake(&["catalogue"]).1;
    assert_eq!(page, again, "not the same twice");

    let (code, table, _) = lake(&["list", "--set", "StorageMetrics"]);
    assert_eq!((code, table.lines().count()), (0, 3), "{table}");
    let (code, page, _) = lake(&["catalogue", "--set", "StorageMetrics", "--format", "json"]);
    assert_eq!(code, 0);
    assert_eq!(json(&page)["sets"].as_array().map(Vec::len), Some(1));
}

#[test]
fn the_stand_alone_program_reads_binaries_and_catalogues() {
    let folder = TempDir::new().expect("a temporary folder");
    let saved = folder.path().join("lake.json");
    let (code, _, err) = lake(&["catalogue", "--format", "json", "--out", path(&saved)]);
    assert_eq!((code, err.as_str()), (0, ""));
    let binary = program("lake");
    let from_binary = stand_alone(&["--from", path(&binary), "list"]);
    assert_eq!(from_binary, stand_alone(&["--from", path(&saved), "list"]));
    assert_eq!(from_binary, lake(&["list"]));
    let stream = program("stream");
    let (code, out, _) = stand_alone(&["--from", path(&stream), "--from", path(&saved), "list"]);
    assert_eq!(code, 0);
    let services: Vec<&str> = out
        .lines()
        .skip(1)
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(services.is_sorted() && services.contains(&"lake") && services.contains(&"stream"));
    let (code, out, _) = stand_alone(&["--from", path(&binary), "--from", path(&stream), "lint"]);
    assert_eq!((code, out.as_str()), (0, "no findings\nno findings\n"));
}

#[test]
fn rules_are_held_against_the_metrics_of_all_services() {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("rules.yml");
    let rules = |expr: &str| {
        let text = format!(
            "groups:\n- name: all\n  rules:\n  - record: job:all:rate5m\n    expr: {expr}\n"
        );
        fs::write(&file, text).expect("the file is written");
    };
    let (lake_binary, stream_binary) = (program("lake"), program("stream"));
    let from = [
        "--from",
        path(&lake_binary),
        "--from",
        path(&stream_binary),
        "check-rules",
        path(&file),
    ];
    rules("sum(rate(storage_operations_total[5m])) + sum(rate(stream_events_appended_total[5m]))");
    let (code, out, err) = stand_alone(&from);
    assert_eq!(
        (code, out.as_str(), err.as_str()),
        (0, "the rules fit the metrics\n", "")
    );
    let (code, out, _) = stand_alone(&[&from[..5], &[path(folder.path())]].concat());
    assert_eq!(
        (code, out.as_str()),
        (0, "the rules fit the metrics\n"),
        "a folder of them"
    );
    // The lake alone has no events.
    let (code, out, _) = lake(&["check-rules", path(&file)]);
    assert_eq!(code, 1);
    assert!(
        out.contains("no set declares a metric `stream_events_appended_total`")
            && out.contains("help: give its service to `datapunk-metrics --from`"),
        "{out}"
    );
    rules("sum(rate(storage_operation_total[5m]))");
    let (code, out, _) = stand_alone(&from);
    assert_eq!(code, 1);
    assert!(
        out.contains("help: a metric with a similar name exists: `storage_operations_total`"),
        "{out}"
    );
    rules("sum(other_things) + sum(rate(storage_operations_total{status=\"lost\"}[5m]))");
    let (code, out, _) = stand_alone(
        &[
            &from[..],
            &["--external", "other_things=kind", "--format", "json"],
        ]
        .concat(),
    );
    assert_eq!(code, 1);
    let found = json(&out);
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{out}");
    assert!(
        found[0]["message"]
            .as_str()
            .is_some_and(|message| message.contains("`lost`")),
        "{out}"
    );
    let (code, _, err) = lake(&["check-rules", "missing.yml"]);
    assert_eq!((code, err.lines().count()), (2, 1), "{err}");
}

/// What the standard's alerts read of software that is not an example service.
const OF_OTHERS: [&str; 4] = [
    "rabbitmq_queue_messages=queue,vhost",
    "rabbitmq_detailed_queue_messages=queue,vhost",
    // Once for a machine, and not for each service of it.
    "network_errors_total=device",
    // A job's, which is over before it is asked for its catalogue.
    "etl_job_status=etl_job",
];

#[test]
fn the_standards_rules_fit_the_example_services() {
    let services = ["lake", "stream", "cortex"].map(program);
    let from: Vec<&str> = services
        .iter()
        .flat_map(|file| ["--from", path(file)])
        .collect();
    let fits = (0, "the rules fit the metrics\n".to_owned(), String::new());
    // Those of the bundle have all that they read.
    let rules = workspace().join("examples/deploy/prometheus/rules");
    let files = ["check-rules", path(&rules)];
    assert_eq!(stand_alone(&[&from[..], &files].concat()), fits);
    // All of the standard's, with what belongs to others.
    let shipped = workspace().join("datapunk-metrics/rules/alerts.yml");
    let mut all = [&from[..], &["check-rules", path(&shipped)]].concat();
    for external in OF_OTHERS {
        all.extend(["--external", external]);
    }
    assert_eq!(stand_alone(&all), fits);
    // Whether it is up and well, each service says by itself.
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("health.yml");
    let health = "groups:\n- name: health\n  rules:\n  - record: job:health:min\n    expr: >-\n      \
                  min(service_up) * min(health_status{check_type=\"aggregate\"}) + \
                  min(time() - last_check_timestamp_seconds)\n";
    fs::write(&file, health).expect("the file is written");
    for service in &services {
        let checked = run(service, &["metrics", "check-rules", path(&file)]);
        assert_eq!(checked, fits, "{}", service.display());
    }
}

#[test]
fn a_scrape_finds_what_a_target_does_not_expose_as_declared() {
    let folder = TempDir::new().expect("a temporary folder");
    let port = free_port();
    let mut command = Command::new(program("lake"));
    command
        .args(["--listen", &format!("127.0.0.1:{port}"), "--vectors", "10"])
        .env("TMPDIR", folder.path())
        .stdout(std::process::Stdio::null());
    let service = Process::start(&mut command, BUILD);
    let url = format!("http://127.0.0.1:{port}/metrics");
    let body = wait::until("the lake", Duration::from_secs(30), || http::get(&url)).body;
    let (code, out, err) = lake(&["scrape", &url]);
    assert_eq!(
        (code, out.as_str(), err.as_str()),
        (0, "the target exposes what is declared\n", "")
    );
    // Another service's catalogue.
    let (code, out, _) = run(
        &program("stream"),
        &["metrics", "scrape", &url, "--format", "json"],
    );
    assert_eq!(code, 1);
    let found = json(&out);
    let messages: Vec<&str> = found
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|finding| finding["message"].as_str())
        .collect();
    assert!(
        messages.contains(&"metric `stream_batch_items` is declared and not exposed"),
        "{messages:?}"
    );
    assert!(
        messages.contains(&"metric `storage_operations_total` is exposed and not declared"),
        "{messages:?}"
    );
    assert!(service.stop().success());

    // The same page with another type, and with too many series.
    let changed = body.replace(
        "# TYPE lake_objects_current gauge",
        "# TYPE lake_objects_current counter",
    );
    let more: Vec<String> = (0..1001)
        .map(|number| {
            format!("storage_operations_total{{operation=\"{number}\",status=\"ok\"}} 1\n")
        })
        .collect();
    let page = support::judge::FixedBody::serve(
        support::judge::TEXT,
        format!("{changed}{}", more.concat()).as_bytes(),
    );
    let url = format!("http://{}/metrics", page.target());
    let (code, out, _) = lake(&["scrape", &url]);
    assert_eq!(code, 1);
    assert_eq!(
        out,
        "finding: metric `lake_objects_current` is exposed as a counter, and declared as a gauge\n\
         finding: metric `storage_operations_total` has 1013 series, and its budget is 1000\n"
    );
}
