//! A Pushgateway that asks for certificates and a password.

use std::fs;
use std::path::Path;
use std::process::Command;

use datapunk_metrics::push::PushCause;
use support::server::free_port;
use tempfile::TempDir;

use super::{APART, client, failure, pushgateway_at, wait_for_port};

/// Runs `openssl` in `folder`.
fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("openssl: {error}\nhelp: apt-get install openssl"));
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments}: {log}");
}

#[test]
fn a_pushgateway_with_tls_client_certificates_and_a_password() {
    let (folder, port) = (TempDir::new().expect("a folder"), free_port());
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    openssl(
        folder.path(),
        &format!("req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=authority"),
    );
    openssl(
        folder.path(),
        &format!(
            "req -x509 {key} -CA ca.pem -CAkey ca.key -keyout server.key -out server.pem -subj /CN=gateway -addext \
             subjectAltName=IP:127.0.0.2 -addext basicConstraints=critical,CA:FALSE"
        ),
    );
    openssl(
        folder.path(),
        &format!("req -x509 {key} -keyout other.key -out other.pem -subj /CN=another"),
    );
    openssl(
        folder.path(),
        &format!(
            "req -x509 {key} -CA ca.pem -CAkey ca.key -keyout client.key -out client.pem -subj /CN=job -addext \
             extendedKeyUsage=clientAuth -addext basicConstraints=critical,CA:FALSE"
        ),
    );
    let web = folder.path().join("web.yml");
    // The hash is bcrypt's of `hunter2`.
    fs::write(
        &web,
        "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n  client_auth_type: \
         RequireAndVerifyClientCert\n  client_ca_file: ca.pem\nbasic_auth_users:\n  \
         ann: $2b$04$abcdefghijklmnopqrstuuV3duMsC0HpUex6N9qapiuOHHWkwRXVm\n",
    )
    .expect("the configuration is written");
    let _server = pushgateway_at(
        port,
        folder.path(),
        &[format!("--web.config.file={}", web.display())],
    );
    wait_for_port(port);
    let pem = |name: &str| fs::read(folder.path().join(name)).expect("a certificate");
    let url = format!("https://{APART}:{port}");
    let anonymous = |roots: &str| client(&url, "encrypted").roots_pem(pem(roots));
    let new =
        |roots: &str| anonymous(roots).client_certificate_pem(pem("client.pem"), pem("client.key"));

    let gateway = new("ca.pem").basic_auth("ann", "hunter2").build();
    gateway.expect("a client").push().expect("a push");
    let gateway = new("ca.pem").basic_auth("ann", "wrong").build();
    let (error, _) = failure(&gateway.expect("a client"));
    assert_eq!((error.status(), error.tries()), (Some(401), 1), "{error}");
    assert!(
        error.to_string().contains("help: check `basic_auth`"),
        "{error}"
    );
    // A server that is not who it should be.
    let gateway = new("other.pem").basic_auth("ann", "hunter2").build();
    let (error, _) = failure(&gateway.expect("a client"));
    assert_eq!((error.status(), error.tries()), (None, 1), "{error}");
    assert!(matches!(error.cause(), PushCause::Untrusted(_)), "{error}");
    // A client that does not say who it is.
    let gateway = anonymous("ca.pem").basic_auth("ann", "hunter2").tries(1);
    let (error, _) = failure(&gateway.build().expect("a client"));
    // The server's reason comes after the handshake, often too late to be read.
    assert!(
        matches!(
            error.cause(),
            PushCause::Untrusted(_) | PushCause::Unreachable(_)
        ),
        "{error}"
    );
}
