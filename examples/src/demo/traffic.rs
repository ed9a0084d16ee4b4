//! Made-up clients. What the services answer is of no interest here: the metrics show it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::cortex::KEY_HEADER;
use crate::random::Random;

/// Texts to classify.
const TEXTS: [&str; 4] = [
    "a late goal decided the match",
    "rain and a cold wind from the north",
    "the server lost its database",
    "shares of the bank fell",
];
/// How long the impatient client waits.
const PATIENCE: Duration = Duration::from_millis(60);

/// Sends requests to the lake, the stream and the cortex, without end; the cortex knows `key`.
pub(super) async fn drive([lake, stream, cortex]: [SocketAddr; 3], key: &str) -> Infallible {
    let client = Client::new();
    let at = |address: SocketAddr| Target {
        client: client.clone(),
        base: format!("http://{address}"),
        key: None,
    };
    tokio::join!(
        use_lake(at(lake)),
        use_stream(at(stream)),
        use_cortex(at(cortex), key),
        switch(at(cortex))
    )
    .0
}

/// A service and the way to it.
struct Target {
    client: Client,
    base: String,
    /// What it is told to let the client in.
    key: Option<String>,
}

impl Target {
    async fn send(&self, method: Method, path: &str, body: impl Into<reqwest::Body>) {
        self.send_for(method, path, body, Duration::from_secs(10))
            .await;
    }

    /// Drops the connection when the answer is not there in time.
    async fn send_for(
        &self,
        method: Method,
        path: &str,
        body: impl Into<reqwest::Body>,
        patience: Duration,
    ) {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.base))
            .body(body)
            .timeout(patience);
        if let Some(key) = &self.key {
            request = request.header(KEY_HEADER, key);
        }
        // Refusals, panics and timeouts are part of the show.
        if let Ok(response) = request.send().await {
            let _ = response.bytes().await;
        }
    }

    async fn post(&self, path: &str, body: &Value) {
        self.send(Method::POST, path, body.to_string()).await;
    }
}

async fn use_lake(lake: Target) -> Infallible {
    let mut random = Random::new(1);
    loop {
        // More objects than the cache holds, and a few of them more often than others.
        let (a, b) = (random.below(60), random.below(60));
        let object = format!("/objects/object-{}", a.min(b));
        let index = ["articles", "images"][usize::from(a > b)];
        match random.below(20) {
            0..4 => {
                let size = 1_usize << (4 + random.below(14));
                lake.send(Method::PUT, &object, vec![b'x'; size]).await;
            }
            4 => lake.send(Method::DELETE, &object, "").await,
            5 => lake.send(Method::GET, "/objects/NO-SUCH-ID", "").await,
            6 => lake.send(Method::GET, "/nowhere", "").await,
            7 => {
                lake.post("/search", &json!({"index": index, "nearest": 3}))
                    .await;
            }
            8 | 9 => {
                lake.post(
                    "/search",
                    &json!({"index": index, "like": a, "nearest": 10}),
                )
                .await;
            }
            10 => {
                lake.post(
                    "/search",
                    &json!({"index": index, "like": b, "within": 0.3}),
                )
                .await;
            }
            _ => lake.send(Method::GET, &object, "").await,
        }
        sleep(Duration::from_millis(20)).await;
    }
}

async fn use_stream(stream: Target) -> Infallible {
    let mut random = Random::new(2);
    loop {
        let topic = ["orders", "clicks"][usize::from(random.below(3) > 0)];
        let kind = ["created", "updated", "deleted"][usize::try_from(random.below(3)).unwrap_or(0)];
        // Every tenth body is none that the consumer can process.
        let body = if random.below(10) == 0 {
            Value::Null
        } else {
            json!({"amount": random.below(100)})
        };
        let event =
            json!({"key": format!("key-{}", random.below(500)), "type": kind, "body": body});
        match random.below(20) {
            0 => stream.post("/events/nothing", &event).await,
            1 => {
                stream
                    .post(&format!("/events/{topic}"), &json!({"key": 1}))
                    .await;
            }
            2 => {
                let path = format!(
                    "/events/{topic}/{}?offset={}",
                    random.below(4),
                    random.below(50)
                );
                stream.send(Method::GET, &path, "").await;
            }
            _ => stream.post(&format!("/events/{topic}"), &event).await,
        }
        sleep(Duration::from_millis(10)).await;
    }
}

async fn use_cortex(mut cortex: Target, key: &str) -> Infallible {
    let mut random = Random::new(3);
    for number in 0_usize.. {
        // Some clients have no key, and some a wrong one.
        cortex.key = match number % 40 {
            10 => None,
            30 => Some("none".to_owned()),
            _ => Some(key.to_owned()),
        };
        let mut request = json!({
            "text": TEXTS[number % TEXTS.len()],
            "model": (["words", "pairs"][number % 2]),
            "explain": random.below(2) == 0,
        });
        // By number and not at random, so that even a short demo has each of them.
        match number % 40 {
            5 => request["fault"] = json!("panic"),
            15 | 25 => request["fault"] = json!("slow"),
            35 => request["model"] = json!("none"),
            _ => {}
        }
        if number % 40 == 25 {
            cortex
                .send_for(Method::POST, "/classify", request.to_string(), PATIENCE)
                .await;
        } else {
            cortex.post("/classify", &request).await;
        }
        sleep(Duration::from_millis(25)).await;
    }
    unreachable!("there are more numbers than a demo has requests")
}

/// Takes the cortex's upstream down for 5 of every 15 seconds.
async fn switch(cortex: Target) -> Infallible {
    let mut next = Instant::now();
    loop {
        for (health, seconds) in [("up", 2), ("down", 5), ("up", 8)] {
            cortex
                .send(Method::PUT, &format!("/upstream/{health}"), "")
                .await;
            next += Duration::from_secs(seconds);
            tokio::time::sleep_until(next).await;
        }
    }
}
