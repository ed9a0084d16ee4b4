//! A receiver of notifications as the generated configurations have it: over TLS, for those who have the token.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header::AUTHORIZATION};
use datapunk_metrics::Registry;
use datapunk_metrics::serve::Server;
use rcgen::{CertificateParams, KeyPair};
use serde_json::Value;
use tokio::runtime::Runtime;

/// What it was told: the path, the status, and the labels of an alert.
type Told = Arc<Mutex<Vec<(String, String, Value)>>>;

/// The receiver; it ends when it is dropped.
pub(super) struct Receiver {
    pub(super) port: u16,
    told: Told,
    _runtime: Runtime,
}

#[derive(Clone)]
struct Desk {
    authorization: String,
    told: Told,
}

impl Receiver {
    /// Starts one for 127.0.0.1, and puts into `secrets` what its clients need: `ca.pem` and `webhook.token`.
    pub(super) fn start(secrets: &Path) -> Self {
        let key = KeyPair::generate().expect("a key");
        let names = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("an address");
        let certificate = names.self_signed(&key).expect("a certificate").pem();
        fs::create_dir_all(secrets).expect("a folder");
        let put = |name: &str, text: &str| {
            fs::write(secrets.join(name), text).expect("it is written");
        };
        put("ca.pem", &certificate);
        put("webhook.token", "a-token-of-the-test");
        put("receiver.key", &key.serialize_pem());
        put(
            "receiver.yml",
            "tls_server_config: {cert_file: ca.pem, key_file: receiver.key}\n",
        );

        let desk = Desk {
            authorization: "Bearer a-token-of-the-test".to_owned(),
            told: Told::default(),
        };
        let told = Arc::clone(&desk.told);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let builder = Server::builder()
            .registry(Registry::new())
            .listen(([127, 0, 0, 1], 0).into())
            .web_config_file(secrets.join("receiver.yml"))
            .fallback(Router::new().fallback(take).with_state(desk));
        let server = runtime
            .block_on(builder.bind())
            .unwrap_or_else(|error| panic!("{error}"));
        let port = server.address().port();
        runtime.spawn(server.run(std::future::pending::<()>()));
        Self {
            port,
            told,
            _runtime: runtime,
        }
    }

    /// The statuses of an alert, as they were told of a service at this path.
    pub(super) fn told(&self, path: &str, alert: &str, service: &str) -> Vec<String> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.iter()
            .filter(|(at, _, labels)| {
                at == path && labels["alertname"] == alert && labels["service"] == service
            })
            .map(|(_, status, _)| status.clone())
            .collect()
    }
}

async fn take(State(desk): State<Desk>, uri: Uri, headers: HeaderMap, body: String) -> StatusCode {
    if headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok()) != Some(&desk.authorization) {
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(body) = serde_json::from_str::<Value>(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    let mut told = desk.told.lock().unwrap_or_else(PoisonError::into_inner);
    for alert in body["alerts"].as_array().into_iter().flatten() {
        let status = alert["status"].as_str().unwrap_or_default().to_owned();
        told.push((uri.path().to_owned(), status, alert["labels"].clone()));
    }
    StatusCode::OK
}
