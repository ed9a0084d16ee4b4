//! The HTTP layers on real sockets: what is recorded is what the clients saw.

#![expect(clippy::float_cmp, reason = "counts are whole numbers")]

#[path = "http/outgoing.rs"]
mod outgoing;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::routing::{get, post};
use datapunk_metrics::registry;
use datapunk_metrics::tower::{ClientLayer, HttpLayer};
use http_body::Frame;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use support::exposition::Samples;
use support::wait;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::{Layer as _, ServiceExt as _};

/// Requests of each sort; five sorts are 1,000 requests at a time.
const EACH: usize = 200;

/// How a request ended, as its client saw it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    /// It had a whole answer with this status.
    Answer(u16),
    /// The server closed the connection without an answer.
    Nothing,
    /// It did not wait for the end.
    Left,
}

/// How many handlers wait for a client that will not.
#[derive(Clone)]
struct Waiting(Arc<watch::Sender<usize>>);

async fn item(body: Bytes) -> Bytes {
    body
}

async fn wait_forever(State(waiting): State<Waiting>) {
    waiting.0.send_modify(|count| *count += 1);
    std::future::pending::<()>().await;
}

/// A body whose second part never comes.
struct HalfABody(bool);

impl http_body::Body for HalfABody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Pending;
        }
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"half of it")))))
    }
}

async fn half() -> Body {
    Body::new(HalfABody(false))
}

async fn panics() {
    panic!("a request asked for it");
}

/// A server with the layer, and the count of the handlers that wait.
async fn serve() -> (SocketAddr, watch::Receiver<usize>) {
    let (waiting, count) = watch::channel(0);
    let app = Router::new()
        .route("/items/{id}", post(item))
        .route("/slow", get(wait_forever))
        .route("/half", get(half))
        .route("/panic", get(panics))
        .route("/skipped", get(async || "not counted"))
        .layer(HttpLayer::new().expect("no sets clash").skip("/skipped"))
        .with_state(Waiting(Arc::new(waiting)));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, count)
}

async fn connect(address: SocketAddr, request: &str) -> TcpStream {
    let mut connection = TcpStream::connect(address)
        .await
        .expect("the server listens");
    connection
        .write_all(request.as_bytes())
        .await
        .expect("the server reads");
    connection
}

/// Sends a request and reads all that comes back.
async fn send(address: SocketAddr, request: String) -> Seen {
    let mut connection = connect(address, &request).await;
    let mut answer = Vec::new();
    // A handler that panics resets the connection.
    let _ = connection.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    match answer
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3))
    {
        Some(status) => Seen::Answer(status.parse().expect("a status is a number")),
        None => Seen::Nothing,
    }
}

/// Sends a request that is not answered, and goes when all of its sort are being waited for.
async fn leave_unanswered(address: SocketAddr, mut waiting: watch::Receiver<usize>) -> Seen {
    let _connection = connect(address, "GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await;
    waiting
        .wait_for(|count| *count == EACH)
        .await
        .expect("the server is there");
    Seen::Left
}

/// Reads the half of an answer that there is, and goes.
async fn leave_in_the_middle(address: SocketAddr) -> Seen {
    let mut connection = connect(address, "GET /half HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut read = Vec::new();
    while !read.windows(10).any(|part| part == b"half of it") {
        let more = connection
            .read_buf(&mut read)
            .await
            .expect("half an answer");
        assert!(more > 0, "the server closed the connection");
    }
    Seen::Left
}

fn samples() -> Samples {
    let registry = registry().expect("no sets clash");
    let text = datapunk_metrics::encode::encode(registry, datapunk_metrics::encode::Format::Text);
    Samples::read(&text.expect("the readers do not panic"))
}

/// The series of requests, but those that are 0.
fn requests(samples: &Samples) -> BTreeMap<String, f64> {
    samples
        .of("http_requests_total")
        .filter(|(_, value)| *value != 0.0)
        .map(|(series, value)| (series.to_owned(), value))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counts_add_up_to_what_a_thousand_clients_saw() {
    // The panics are asked for; a thousand lines of them hide everything else.
    std::panic::set_hook(Box::new(|_| {}));
    let (address, waiting) = serve().await;
    let mut clients = JoinSet::new();
    for number in 0..EACH {
        let body = "x".repeat(number);
        clients.spawn(send(
            address,
            format!(
                "POST /items/{number} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {number}\r\n\r\n{body}"
            ),
        ));
        clients.spawn(send(
            address,
            format!("GET /no/route/{number} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"),
        ));
        clients.spawn(send(
            address,
            "GET /panic HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".to_owned(),
        ));
        clients.spawn(leave_unanswered(address, waiting.clone()));
        clients.spawn(leave_in_the_middle(address));
    }
    let mut seen: BTreeMap<Seen, usize> = BTreeMap::new();
    while let Some(client) = clients.join_next().await {
        *seen.entry(client.expect("no client panics")).or_default() += 1;
    }
    // A skipped request, and one whose method nobody has heard of.
    for (request, status) in [("GET /skipped", 200), ("BREW /panic", 405)] {
        let request = format!("{request} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        assert_eq!(send(address, request).await, Seen::Answer(status));
    }
    let each = EACH;
    assert_eq!(
        seen.into_iter().collect::<Vec<_>>(),
        [
            (Seen::Answer(200), each),
            (Seen::Answer(404), each),
            (Seen::Nothing, each),
            (Seen::Left, 2 * each),
        ]
    );

    let in_flight = "http_requests_in_flight_current";
    let samples = tokio::task::spawn_blocking(move || {
        wait::until(
            "the last request has ended",
            Duration::from_secs(20),
            || {
                let samples = samples();
                match samples.get(in_flight) {
                    Some(0.0) => Ok(samples),
                    other => Err(format!("{other:?} in flight")),
                }
            },
        )
    });
    let samples = samples.await.expect("it ends");
    let series = |method: &str, path: &str, status: u16| {
        format!("http_requests_total{{method=\"{method}\",path=\"{path}\",status=\"{status}\"}}")
    };
    let each = f64::from(u32::try_from(EACH).expect("a small number"));
    assert_eq!(
        requests(&samples),
        BTreeMap::from([
            (series("POST", "/items/{id}", 200), each),
            (series("GET", "other", 404), each),
            (series("GET", "/panic", 500), each),
            (series("GET", "/slow", 499), each),
            (series("GET", "/half", 499), each),
            (series("other", "/panic", 405), 1.0),
        ])
    );
    // Each was timed and measured once as well.
    for metric in [
        "http_request_duration_seconds_count",
        "http_request_size_bytes_count",
    ] {
        let all: f64 = samples.of(metric).map(|(_, value)| value).sum();
        assert_eq!(all, 5.0 * each + 1.0, "{metric}");
    }
    let sizes: f64 = samples
        .of("http_request_size_bytes_sum")
        .map(|(_, value)| value)
        .sum();
    assert_eq!(sizes, (0..200).map(f64::from).sum::<f64>());
}

/// A request that no layer of the server counts.
async fn ask(client: &Client, target: &str) -> Result<Vec<u8>, ()> {
    let request = http::Request::get(target)
        .body(Empty::<Bytes>::new())
        .expect("a good address");
    let answer = client.clone().oneshot(request).await.map_err(drop)?;
    let body = answer.into_body().collect().await.map_err(drop)?;
    Ok(body.to_bytes().to_vec())
}

type Client = datapunk_metrics::tower::ClientService<
    hyper_util::client::legacy::Client<HttpConnector, Empty<Bytes>>,
>;

#[tokio::test]
async fn requests_that_are_sent_are_counted_by_upstream() {
    let app = Router::new()
        .route("/ok", get(async || "all of it"))
        .route("/half", get(half))
        .route("/never", get(std::future::pending::<()>));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move { axum::serve(listener, app).await });
    let client = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build_http();
    let client = ClientLayer::new("glossary")
        .expect("no sets clash")
        .layer(client);

    for _ in 0..3 {
        let body = ask(&client, &format!("http://{address}/ok")).await;
        assert_eq!(body.as_deref(), Ok(&b"all of it"[..]));
    }
    // Its head is enough.
    let request = http::Request::get(format!("http://{address}/half"))
        .body(Empty::<Bytes>::new())
        .expect("a good address");
    let answer = client.clone().oneshot(request).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    drop(answer);
    ask(&client, &format!("http://{address}/nowhere"))
        .await
        .expect("an answer");
    // Nobody listens at a port that was free a moment ago.
    let nobody = support::server::free_port();
    ask(&client, &format!("http://127.0.0.1:{nobody}/"))
        .await
        .expect_err("nobody listens");
    for path in ["never", "half"] {
        let target = format!("http://{address}/{path}");
        let limit = Duration::from_millis(200);
        let gone = tokio::time::timeout(limit, ask(&client, &target)).await;
        assert!(gone.is_err(), "{path} has no end");
    }

    let samples = samples();
    let counted: Vec<_> = samples
        .of("http_client_requests_total")
        .filter(|(_, value)| *value != 0.0)
        .collect();
    let series = |status: &str| {
        format!(
            "http_client_requests_total{{upstream=\"glossary\",method=\"GET\",status=\"{status}\"}}"
        )
    };
    assert_eq!(
        counted,
        [
            (series("200").as_str(), 4.0),
            (series("404").as_str(), 1.0),
            (series("499").as_str(), 2.0),
            (series("none").as_str(), 1.0),
        ]
    );
    let durations =
        "http_client_request_duration_seconds_count{upstream=\"glossary\",method=\"GET\"}";
    assert_eq!(samples.get(durations), Some(8.0));
    let in_flight = "http_client_requests_in_flight_current{upstream=\"glossary\"}";
    assert_eq!(samples.get(in_flight), Some(0.0));
}
