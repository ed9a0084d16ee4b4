//! The quick starts of `docs/serving.md`, as they are written there: their commands, files and scrape configurations.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use support::server::Prometheus;
use support::{program, wait, workspace};
use tempfile::TempDir;

use crate::programs::Program;
use crate::prometheus::is_up;

const PASSWORD: &str = "correct horse";

/// The blocks of code below a heading, each with its language.
fn blocks(page: &str, heading: &str) -> Vec<(String, String)> {
    let from = page
        .find(&format!("\n{heading}\n"))
        .unwrap_or_else(|| panic!("`{heading}` is not there"));
    let section = &page[from + heading.len() + 2..];
    let section = &section[..section.find("\n#").unwrap_or(section.len())];
    let mut blocks = Vec::new();
    for block in section.split("\n```").skip(1).step_by(2) {
        let (language, code) = block.split_once('\n').unwrap_or((block, ""));
        blocks.push((language.to_owned(), format!("{code}\n")));
    }
    blocks
}

/// The blocks of one language.
fn of<'a>(blocks: &'a [(String, String)], language: &str) -> Vec<&'a str> {
    blocks
        .iter()
        .filter(|(of, _)| of == language)
        .map(|(_, code)| code.as_str())
        .collect()
}

/// What a shell prints that runs commands in a folder.
fn run(folder: &Path, commands: &str) -> String {
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", commands])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("bash is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{commands}\n{said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Puts something in the place of a part that is there once.
fn with(text: &str, part: &str, instead: &str) -> String {
    assert_eq!(text.matches(part).count(), 1, "`{part}` in:\n{text}");
    text.replace(part, instead)
}

/// The arguments of a command that cargo runs, the port left to the system.
fn arguments(line: &str) -> Vec<String> {
    let (_, arguments) = line.split_once(" -- ").expect("arguments of the program");
    with(arguments, ":9464", ":0")
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

/// A job of a documented scrape configuration, under another name.
fn job(config: &str, name: &str, folder: &Path, port: u16) -> String {
    let config = config
        .strip_prefix("scrape_configs:\n")
        .expect("it begins with its key");
    let config = with(config, "job_name: lake", &format!("job_name: {name}"));
    let config = with(&config, "localhost:9464", &format!("localhost:{port}"));
    config.replace("lake-web/", &format!("{}/", folder.display()))
}

#[test]
fn the_quick_starts_work_as_they_are_written() {
    let page = fs::read_to_string(workspace().join("docs/serving.md")).expect("the page");
    let secure = blocks(&page, "## Secure");
    let (shell, yaml) = (of(&secure, "sh"), of(&secure, "yaml"));
    let [make, start] = shell[..] else {
        panic!("{shell:?}")
    };
    let [web, access, scrape] = yaml[..] else {
        panic!("{yaml:?}")
    };
    let folder = TempDir::new().expect("a folder");

    // What asks for a password on a terminal is given one.
    let asks = "htpasswd -nBC 10 \"\"";
    let given = format!("echo '{PASSWORD}' | htpasswd -niBC 10 \"\"");
    let printed = run(folder.path(), &with(make, asks, &given));
    let at = printed.find("$2y$10$").expect("a hash");
    let (hash, digest) = printed[at..].split_at(60);
    let folder = folder.path().join("lake-web");
    let token = fs::read_to_string(folder.join("token")).expect("it is made");
    assert_eq!((token.trim().len(), digest.trim().len()), (64, 67));

    // The files, with what was made.
    let old = web.trim_end().rsplit(' ').next().expect("a hash");
    fs::write(folder.join("web.yml"), with(web, old, hash)).expect("it is written");
    let access = with(access, "4c2e6b…", &digest[..64]);
    fs::write(folder.join("access.yml"), access).expect("it is written");

    // The commands that start it.
    let [check, serve, curl] = start.lines().collect::<Vec<_>>()[..] else {
        panic!("{start}")
    };
    assert!(check.starts_with("promtool check web-config"));
    run(&folder, check);
    let mut command = Command::new(program("lake"));
    command
        .args(arguments(serve))
        .args(["--vectors", "1"])
        .current_dir(&folder);
    let program = Program::start(command);
    let port = program.address().port();
    let curl = with(curl, ":9464", &format!(":{port}"));
    let curl = with(&curl, "-u alice", &format!("-sSf -u 'alice:{PASSWORD}'"));
    let metrics = run(&folder, &curl);
    assert!(metrics.contains("\nservice_up 1\n"), "{metrics}");
    let wrong = curl.replace(PASSWORD, "wrong");
    run(&folder, &format!("! {wrong}"));

    // Clients with certificates: what is made for them is made now, and put in force while Prometheus scrapes.
    let mutual = blocks(&page, "### With client certificates");
    let [certify] = of(&mutual, "sh")[..] else {
        panic!("{mutual:?}")
    };
    let [client_web, client_scrape] = of(&mutual, "yaml")[..] else {
        panic!("{mutual:?}")
    };
    run(&folder, certify);

    fs::write(folder.join("password"), PASSWORD).expect("it is written");
    let by_password = with(
        scrape,
        "  authorization:\n    credentials_file: lake-web/token\n",
        "  basic_auth: {username: alice, password_file: lake-web/password}\n",
    );
    let config = format!(
        "global:\n  scrape_interval: 500ms\n  scrape_timeout: 500ms\nscrape_configs:\n{}{}{}",
        job(scrape, "token", &folder, port),
        job(&by_password, "password", &folder, port),
        job(client_scrape, "certificate", &folder, port),
    );
    let prometheus = Prometheus::configured(&config);
    let limit = Duration::from_secs(40);
    for job in ["token", "password", "certificate"] {
        wait::until(job, limit, || is_up(&prometheus, job));
    }
    fs::write(folder.join("web.yml"), client_web).expect("it is written");
    run(&folder, check_of_toolkit(client_web));
    wait::until("those without a certificate", limit, || {
        let down = prometheus.query("up == 0")?;
        if down.len() == 2 {
            Ok(())
        } else {
            Err(format!("{down:?}"))
        }
    });
    wait::until("certificate", limit, || is_up(&prometheus, "certificate"));
    let audit = fs::read_to_string(folder.join("audit.jsonl")).expect("it is written");
    for part in [
        "\"alice\"",
        "\"prometheus\"",
        "\"applied\"",
        "\"wrong password\"",
    ] {
        assert!(audit.contains(part), "{part}: {audit}");
    }
    for secret in [PASSWORD, token.trim(), hash] {
        assert!(!audit.contains(secret), "{secret} in {audit}");
    }
}

/// A command that checks a file with Prometheus' own tool, which may be too old for one key.
fn check_of_toolkit(web: &str) -> &'static str {
    assert_eq!(web.matches("client_allowed_sans").count(), 1);
    "sed /client_allowed_sans/d web.yml > old.yml && promtool check web-config old.yml"
}
