//! TLS: what is agreed on, with whom, and what happens when certificates change.

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use support::server::{Process, free_port};
use support::wait;

use crate::fixture::{Authority, Files, Reply, Served, TLS, exchange, s_client};

const OK: u16 = 200;
/// No answer.
const NONE: u16 = 0;

/// What lets a client of today speak versions that its library refuses by itself.
const WEAK: &str = "DEFAULT@SECLEVEL=0";

fn has_agreed(said: &str) -> bool {
    (said.contains("Cipher    :") || said.contains("Cipher is TLS_"))
        && !said.contains("Cipher is (NONE)")
}

#[test]
fn old_versions_are_refused_and_new_ones_accepted() {
    let files = Files::new();
    let served = Served::start(files.builder(TLS, ""));
    for (version, number) in [("-tls1", "1.0"), ("-tls1_1", "1.1")] {
        let s_client = |address| s_client(address, &[version, "-cipher", WEAK]);
        let tlsv = format!("--tlsv{number}");
        let curl = |address| {
            let arguments = [&tlsv, "--tls-max", number, "--ciphers", WEAK];
            files.curl(address, &arguments)
        };
        // These clients can do it: another server agrees with them.
        let (old, address) = files.server_of(version);
        let said = wait::until("the old server", Duration::from_secs(10), || {
            let said = s_client(address);
            if has_agreed(&said) {
                Ok(said)
            } else {
                Err(said)
            }
        });
        assert!(said.contains("Secure Renegotiation IS supported"), "{said}");
        assert_eq!(curl(address).0, OK, "{version}");
        drop(old);
        // It is this server who refuses, and it says why.
        let said = s_client(served.address);
        assert!(!has_agreed(&said), "{version}: {said}");
        let reasons = ["alert protocol version", "alert handshake failure"];
        let is_told = reasons.iter().any(|reason| said.contains(reason));
        assert!(is_told, "{version}: {said}");
        assert_eq!(curl(served.address).0, NONE, "{version}");
    }
    for (version, number, name) in [
        ("-tls1_2", "1.2", "Protocol  : TLSv1.2"),
        ("-tls1_3", "1.3", "New, TLSv1.3"),
    ] {
        let said = s_client(served.address, &[version]);
        assert!(
            has_agreed(&said) && said.contains(name),
            "{version}: {said}"
        );
        let tlsv = format!("--tlsv{number}");
        let arguments = [&tlsv, "--tls-max", number];
        assert_eq!(files.curl(served.address, &arguments).0, OK, "{version}");
    }
    wait::until("four refusals", Duration::from_secs(20), || {
        let events = files.audit("an event", |_| true);
        let refused = events.iter().filter(|event| {
            event["event"] == "connection"
                && event["decision"] == "refused"
                && event["reason"]
                    .as_str()
                    .is_some_and(|reason| reason.starts_with("tls: peer is incompatible"))
        });
        if refused.count() == 4 {
            Ok(())
        } else {
            Err(format!("{events:?}"))
        }
    });
}

impl Files {
    /// A server of openssl that speaks one old version, with the certificate of the folder.
    fn server_of(&self, version: &str) -> (Process, SocketAddr) {
        let port = free_port();
        let mut command = Command::new("openssl");
        command
            .args(["s_server", "-www", "-accept", &format!("127.0.0.1:{port}")])
            .args(["-cipher", WEAK, version])
            .arg("-cert")
            .arg(self.path("server.crt"))
            .arg("-key")
            .arg(self.path("server.key"))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let process = Process::start(&mut command, "apt-get install openssl");
        (process, SocketAddr::from(([127, 0, 0, 1], port)))
    }
}

#[test]
fn a_suite_that_was_chosen_is_the_only_one() {
    let files = Files::new();
    let web = format!(
        "{TLS}  max_version: TLS12\n  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n"
    );
    let served = Served::start(files.builder(&web, ""));
    let agreed = s_client(
        served.address,
        &["-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"],
    );
    assert!(
        agreed.contains("Cipher is ECDHE-ECDSA-AES128-GCM-SHA256"),
        "{agreed}"
    );
    let other = s_client(
        served.address,
        &["-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"],
    );
    assert!(other.contains("Cipher is (NONE)"), "{other}");
    assert_eq!(files.curl(served.address, &["--tlsv1.3"]).0, NONE);
}

#[test]
fn http_without_tls_is_no_way_in() {
    let files = Files::new();
    let served = Served::start(files.builder(TLS, ""));
    let reply = exchange(served.address, b"GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n");
    assert_ne!(Reply::parse(&reply).status, OK);
    assert!(!String::from_utf8_lossy(&reply).contains("served_"));
    assert_eq!(files.curl(served.address, &[]).0, OK);
}

#[test]
fn clients_need_a_certificate_of_the_authority_with_an_allowed_name() {
    let files = Files::new();
    files.write("access.yml", "");
    files.certify("scraper", "scraper.example.org");
    files.certify("other", "other.example.org");
    let foreign = Authority::new("Another Authority");
    let (certificate, key) = foreign.certify("scraper.example.org");
    files.write("foreign.crt", &certificate);
    files.write("foreign.key", &key);
    let web = format!(
        "{TLS}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n  \
         client_allowed_sans: [scraper.example.org]\n"
    );
    let served = Served::start(files.builder(&web, ""));
    let with = |name: &str| {
        let (certificate, key) = (format!("{name}.crt"), format!("{name}.key"));
        files
            .curl(served.address, &["--cert", &certificate, "--key", &key])
            .0
    };
    assert_eq!(files.curl(served.address, &[]).0, NONE, "no certificate");
    assert_eq!(with("foreign"), NONE, "another authority's");
    assert_eq!(with("other"), NONE, "another name");
    assert_eq!(with("scraper"), OK);
    let events = files.audit("the scraper", |event| {
        event["principal"] == "certificate:scraper.example.org"
    });
    let refused = events
        .iter()
        .filter(|event| event["event"] == "connection" && event["decision"] == "refused")
        .count();
    assert_eq!(refused, 3, "{events:?}");
    let access = events
        .iter()
        .find(|event| event["event"] == "access")
        .expect("one");
    assert_eq!(
        (&access["scheme"], &access["status"]),
        (&"certificate".into(), &200.into())
    );
}

#[test]
fn a_certificate_that_is_asked_for_may_be_missing() {
    let files = Files::new();
    files.certify("scraper", "scraper.example.org");
    let web =
        format!("{TLS}  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: ca.crt\n");
    let access = "principals:\n  certificate:scraper.example.org: {}\n";
    let served = Served::start(files.builder(&web, access));
    assert_eq!(files.curl(served.address, &[]).0, 403);
    let given = ["--cert", "scraper.crt", "--key", "scraper.key"];
    assert_eq!(files.curl(served.address, &given).0, OK);
    // One that nobody has verified says nothing.
    let web = format!("{TLS}  client_auth_type: RequireAnyClientCert\n");
    let served = Served::start(files.builder(&web, access));
    assert_eq!(files.curl(served.address, &given).0, 403);
    assert_eq!(files.curl(served.address, &[]).0, NONE);
}

/// The certificate that a handshake shows now.
fn shown(served: &Served) -> String {
    let said = s_client(served.address, &[]);
    let from = said
        .find("-----BEGIN CERTIFICATE-----")
        .expect("a certificate");
    said[from..said.find("-----END CERTIFICATE-----").expect("its end")].to_owned()
}

#[test]
fn a_new_certificate_is_taken_and_a_broken_one_is_not() {
    let files = Files::new();
    let served = Served::start(files.builder(TLS, ""));
    let first = shown(&served);
    let refused_with = |what: &str| {
        let what = what.to_owned();
        files.audit(&what, |event| {
            event["event"] == "configuration"
                && event["decision"] == "refused"
                && event["reason"]
                    .as_str()
                    .is_some_and(|reason| reason.contains(&what))
        });
        assert_eq!(shown(&served), first, "{what}: the last good pair stays");
        assert_eq!(files.curl(served.address, &[]).0, OK);
    };
    // A key of another certificate.
    let (certificate, key) = files.authority.certify("localhost");
    files.write("server.key", &key);
    refused_with("certificate and key");
    // Half of a certificate.
    files.write("server.crt", &certificate[..certificate.len() / 2]);
    refused_with("the certificate");
    // Whole, and the pair is right again.
    files.write("server.crt", &certificate);
    let second = wait::until("the new certificate", Duration::from_secs(10), || {
        let now = shown(&served);
        if now == first {
            Err("the old one".to_owned())
        } else {
            Ok(now)
        }
    });
    assert!(certificate.replace("\r\n", "\n").contains(second.trim()));
    files.audit("the change", |event| {
        event["event"] == "configuration" && event["decision"] == "applied"
    });
    let web = served.sample_over_tls(&files);
    assert!(web >= 2.0, "{web} changes were refused");
}

impl Served {
    /// How many changes of the configuration were refused.
    fn sample_over_tls(&self, files: &Files) -> f64 {
        let (_, page) = files.curl(self.address, &[]);
        let series = "datapunk_metrics_server_configuration_changes_total{result=\"refused\"}";
        crate::fixture::sample(&page, series)
    }
}
