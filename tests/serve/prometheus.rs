//! A real Prometheus, which logs in as it is configured to, while certificates and users change.

use std::time::Duration;

use support::server::Prometheus;
use support::wait;

use crate::fixture::{Files, Served, TLS, basic, s_client, sha256, user};

/// A scrape job of one target.
fn job(name: &str, served: &Served, files: &Files, more: &str) -> String {
    format!(
        "- job_name: {name}\n  scheme: https\n  static_configs:\n  - targets: ['localhost:{}']\n{more}  \
         tls_config:\n    ca_file: {}\n",
        served.address.port(),
        files.path("ca.crt").display()
    )
}

pub(crate) fn is_up(prometheus: &Prometheus, job: &str) -> Result<(), String> {
    // More than one sample, the last of them good.
    let found = prometheus.query(&format!("min_over_time(up{{job=\"{job}\"}}[4s]) == 1"))?;
    let count = prometheus.query(&format!("count_over_time(up{{job=\"{job}\"}}[4s]) >= 3"))?;
    if found.len() == 1 && count.len() == 1 {
        Ok(())
    } else {
        Err(format!("{job}: {found:?} {count:?}"))
    }
}

#[test]
fn it_scrapes_with_each_way_to_log_in_while_certificates_and_users_change() {
    let files = Files::new();
    files.certify("scraper", "scraper.example.org");
    let users = |password: &str| format!("basic_auth_users:\n{}", user("prometheus", password));
    let access = format!(
        "tokens:\n- {{principal: scraper, sha256: {}}}\n",
        sha256("the-token")
    );
    let open = Served::start(files.builder(&format!("{TLS}{}", users("first")), &access));

    let mutual_files = Files::new();
    mutual_files.certify("scraper", "scraper.example.org");
    let mutual = Served::start(mutual_files.builder(
        &format!(
            "{TLS}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n  \
             client_allowed_sans: [scraper.example.org]\n"
        ),
        "",
    ));
    let password = files.write("password", "first");
    let token = files.write("token", "the-token");
    let with_password = format!(
        "  basic_auth:\n    username: prometheus\n    password_file: {}\n",
        password.display()
    );
    let with_token = format!(
        "  authorization:\n    type: Bearer\n    credentials_file: {}\n",
        token.display()
    );
    let with_certificate = job("certificate", &mutual, &mutual_files, "")
        + &format!(
            "    cert_file: {}\n    key_file: {}\n",
            mutual_files.path("scraper.crt").display(),
            mutual_files.path("scraper.key").display()
        );
    let config = format!(
        "global:\n  scrape_interval: 500ms\n  scrape_timeout: 500ms\nscrape_configs:\n{}{}{}{}",
        job("password", &open, &files, &with_password),
        job("token", &open, &files, &with_token),
        job("nobody", &open, &files, ""),
        with_certificate
    );
    let prometheus = Prometheus::configured(&config);
    let limit = Duration::from_secs(40);
    for job in ["password", "token", "certificate"] {
        wait::until(job, limit, || is_up(&prometheus, job));
    }
    let stored = prometheus
        .query("count by (job) (served_cups_filled_total)")
        .expect("a query");
    assert_eq!(stored.len(), 3, "{stored:?}");
    wait::until("nobody", limit, || {
        let down = prometheus.query("up{job=\"nobody\"} == 0")?;
        if down.len() == 1 {
            Ok(())
        } else {
            Err(format!("{down:?}"))
        }
    });

    // Other certificates while it scrapes.
    let before = s_client(open.address, &[]);
    files.rotate();
    mutual_files.rotate();
    wait::until("the new certificate", limit, || {
        if s_client(open.address, &[]) == before {
            Err("the old one".to_owned())
        } else {
            Ok(())
        }
    });
    // Another password, there first and then here.
    files.write("password", "second");
    files.write("web.yml", &format!("{TLS}{}", users("second")));
    let second = basic("prometheus", "second");
    wait::until("the new password", limit, || {
        let header = format!("authorization: {second}");
        match files.curl(open.address, &["-H", &header]).0 {
            200 => Ok(()),
            status => Err(format!("{status}")),
        }
    });
    for job in ["password", "token", "certificate"] {
        wait::until(job, limit, || is_up(&prometheus, job));
    }
    // The change of certificates cost none of those that kept their way to log in a scrape.
    for job in ["token", "certificate"] {
        let down = prometheus
            .query(&format!(
                "count_over_time((up{{job=\"{job}\"}} == 0)[2m:500ms])"
            ))
            .expect("a query");
        assert!(down.is_empty(), "{down:?}");
    }
}
