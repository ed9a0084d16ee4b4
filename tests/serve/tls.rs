//! TLS: what is agreed on, with whom, and what happens when certificates change.

use std::time::Duration;

use support::wait;

use crate::fixture::{Authority, Files, Reply, Served, TLS, exchange, s_client};

const OK: u16 = 200;
/// No answer.
const NONE: u16 = 0;

#[test]
fn old_versions_are_refused_and_new_ones_accepted() {
    let files = Files::new();
    let served = Served::start(files.builder(TLS, ""));
    for (version, accepted) in [
        ("-tls1", false),
        ("-tls1_1", false),
        ("-tls1_2", true),
        ("-tls1_3", true),
    ] {
        // The old ones need a lower security level of the client, or it would refuse them itself.
        let said = s_client(served.address, &[version, "-cipher", "DEFAULT@SECLEVEL=0"]);
        let agreed = said.contains("Cipher    :") || said.contains("Cipher is TLS_");
        let agreed = agreed && !said.contains("Cipher is (NONE)");
        assert_eq!(agreed, accepted, "{version}: {said}");
    }
    for (version, status) in [
        ("--tls-max=1.1", NONE),
        ("--tlsv1.2", OK),
        ("--tlsv1.3", OK),
    ] {
        let arguments: Vec<&str> = version.split('=').collect();
        assert_eq!(
            files.curl(served.address, &arguments).0,
            status,
            "{version}"
        );
    }
    let events = files.audit("refused versions", |event| {
        event["event"] == "connection"
            && event["reason"]
                .as_str()
                .is_some_and(|reason| reason.contains("tls"))
    });
    assert!(events.iter().any(|event| event["decision"] == "refused"));
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
