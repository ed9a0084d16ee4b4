//! Pushes through TLS to a server that asks for a token: a Pushgateway asks for passwords alone, but what stands before one
//! often does not.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::routing::any;
use datapunk_metrics::push::{Builder, PushCause, Pushgateway};

use crate::fixture::{Authority, Files, Served, TLS, basic, registry, sha256, user};

/// What came to it.
#[derive(Clone, Default)]
struct Pushed(Arc<Mutex<Vec<(Method, String, String)>>>);

impl Pushed {
    /// A server behind TLS whose clients have a token or a password.
    fn serve(&self, files: &Files) -> Served {
        let pushed = self.clone();
        let app = Router::new().route(
            "/metrics/job/{*group}",
            any(
                async move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
                    assert!(headers.contains_key("authorization"));
                    let body = String::from_utf8_lossy(&body).into_owned();
                    let request = (method, uri.path().to_owned(), body);
                    pushed.0.lock().expect("no panic").push(request);
                    StatusCode::ACCEPTED
                },
            ),
        );
        let web = format!("{TLS}basic_auth_users:\n{}", user("ann", "tea"));
        let access = format!(
            "tokens:\n- {{principal: job, sha256: {}}}\n",
            sha256("the-token")
        );
        Served::start(files.builder(&web, &access).fallback(app))
    }

    fn requests(&self) -> Vec<(Method, String, String)> {
        self.0.lock().expect("no panic").clone()
    }
}

fn client(served: &Served, roots: &str) -> Builder {
    Pushgateway::builder(
        &format!("https://localhost:{}", served.address.port()),
        "nightly",
    )
    .registry(registry())
    .roots_pem(roots)
    .timeout(Duration::from_secs(5))
    .total_timeout(Duration::from_secs(10))
}

#[test]
fn a_push_with_a_token_or_a_password_is_accepted_over_tls() {
    let (files, pushed) = (Files::new(), Pushed::default());
    let served = pushed.serve(&files);
    let new = || client(&served, &files.authority.pem);
    let by_token = new().bearer_token("the-token").build().expect("a client");
    by_token.push().expect("it is accepted");
    by_token.delete().expect("it is accepted");
    let by_password = new().basic_auth("ann", "tea").build().expect("a client");
    by_password.push().expect("it is accepted");
    let requests = pushed.requests();
    let methods: Vec<&Method> = requests.iter().map(|(method, ..)| method).collect();
    assert_eq!(methods, [Method::PUT, Method::DELETE, Method::PUT]);
    for (method, path, body) in &requests {
        assert_eq!(path, "/metrics/job/nightly");
        assert_eq!(
            body.contains("served_cups_filled_total"),
            *method == Method::PUT
        );
    }
    // The server knows who it was.
    let events = files.audit("ann", |event| event["principal"] == "ann");
    assert!(events.iter().any(|event| event["principal"] == "job"));
}

#[test]
fn a_push_with_a_wrong_token_is_final_and_shows_no_secret() {
    let (files, pushed) = (Files::new(), Pushed::default());
    let served = pushed.serve(&files);
    let new = || client(&served, &files.authority.pem);
    let wrong = [
        new().bearer_token("an0ther-token"),
        new().basic_auth("ann", "c0ffee"),
        new(),
    ];
    for builder in wrong {
        let error = builder.build().expect("a client").push();
        let error = error.expect_err("it is refused");
        assert_eq!((error.status(), error.tries()), (Some(401), 1), "{error}");
        let shown = format!("{error} {error:?}");
        for secret in ["an0ther", "c0ffee", &basic("ann", "c0ffee")] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    assert_eq!(pushed.requests(), []);
}

#[test]
fn a_token_does_not_go_to_a_server_that_nobody_vouches_for() {
    let (files, pushed) = (Files::new(), Pushed::default());
    let served = pushed.serve(&files);
    let other = Authority::new("Another Authority");
    let gateway = client(&served, &other.pem).bearer_token("the-token");
    let error = gateway.build().expect("a client").push();
    let error = error.expect_err("it is not trusted");
    assert!(matches!(error.cause(), PushCause::Untrusted(_)), "{error}");
    assert_eq!(error.tries(), 1);
    assert_eq!(pushed.requests(), []);
    // Not even a request came.
    let events = files.audit("the handshake", |event| event["event"] == "connection");
    assert!(events.iter().all(|event| event["event"] != "access"));
}
