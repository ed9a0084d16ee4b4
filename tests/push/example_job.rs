//! The job among the examples, which pushes and exits.

use std::fs;
use std::process::{Command, Stdio};

use support::{program, server};

use crate::hostile::{Hostile, Treatment};
use crate::{lines, metrics_of};

#[test]
fn the_example_job_pushes_and_exits() {
    let program = program("etl");
    let server = server::Pushgateway::start();
    // Credentials would go there, if the proxy of the environment were asked.
    let proxy = Hostile::start(&[Treatment::Answers(
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
    )]);
    let run = |arguments: &[&str], output: Stdio| {
        let output = Command::new(&program)
            .args(["--pushgateway", &server.url(), "--instance", "here"])
            .args(arguments)
            .envs(["http_proxy", "HTTP_PROXY", "ALL_PROXY"].map(|name| (name, &proxy.url)))
            .env_remove("no_proxy")
            .env_remove("NO_PROXY")
            .stdout(output)
            .output()
            .expect("the job starts");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), errors)
    };
    let pushed = || {
        let body = metrics_of(&server.url());
        let labels = ["job=\"region_sums\"", "instance=\"here\""];
        let value = |name| {
            let found = lines(&body, name, &labels);
            found
                .first()
                .map(|line| line.rsplit(' ').next().map(str::to_owned))
        };
        (
            value("etl_job_status").flatten(),
            value("etl_last_success_timestamp_seconds").flatten(),
        )
    };
    assert_eq!(run(&[], Stdio::piped()), (true, String::new()));
    let (status, success) = pushed();
    assert_eq!(status.as_deref(), Some("1"));
    assert!(success.is_some());
    // A run that fails says so and leaves the time of the last success.
    let failed = (Some("0".to_owned()), success);
    let (ended_well, errors) = run(&["--input", "/there/is/no/such/file"], Stdio::piped());
    assert!(!ended_well && errors.contains("no/such/file"), "{errors}");
    assert_eq!(pushed(), failed);
    // So does one whose sums nobody can read.
    assert_eq!(run(&[], Stdio::piped()), (true, String::new()));
    let failed = (Some("0".to_owned()), pushed().1);
    let full = fs::File::options().write(true).open("/dev/full");
    let (ended_well, errors) = run(&[], Stdio::from(full.expect("it is there")));
    assert!(
        !ended_well && errors.contains("can't print the sums"),
        "{errors}"
    );
    assert_eq!(pushed(), failed);
    assert_eq!(run(&["--delete"], Stdio::piped()), (true, String::new()));
    assert_eq!(pushed(), (None, None));
    assert_eq!(proxy.requests().len(), 0);
}
