//! The shop asks its warehouse with reqwest, and what the warehouse saw is what the shop's metrics say.

use std::net::Ipv4Addr;
use std::process::{Command, Stdio};
use std::time::Duration;

use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use support::exposition::Samples;
use support::server::{Process, free_port};
use support::{BUILD, http, judge, program, wait};
use tokio::runtime::Runtime;

/// A warehouse that has goods for less than 100.
async fn reserve(Json(order): Json<Value>) -> (StatusCode, &'static str) {
    if order["amount"].as_f64() < Some(100.0) {
        (StatusCode::CREATED, "reserved")
    } else {
        (StatusCode::CONFLICT, "there is not so much")
    }
}

/// Serves `app` at a free port until the runtime ends.
fn serve(runtime: &Runtime, app: Router) -> String {
    let listening = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let listener = runtime.block_on(listening).expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    runtime.spawn(async move { axum::serve(listener, app).await });
    address.to_string()
}

#[test]
fn a_shop_counts_what_it_asks_of_its_warehouse() {
    let runtime = Runtime::new().expect("a runtime");
    let warehouse = serve(&runtime, Router::new().route("/reserve", post(reserve)));
    let target = format!("127.0.0.1:{}", free_port());
    let mut command = Command::new(program("shop"));
    command
        .args(["--listen", &target])
        .args(["--warehouse", &format!("http://{warehouse}/reserve")])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut shop = Process::start(&mut command, BUILD);
    let page = || http::get_as(&format!("http://{target}/metrics"), judge::TEXT);
    wait::until("the shop", Duration::from_secs(30), page);

    let order = |amount: f64| {
        let order = json!({"currency": "eur", "amount": amount}).to_string();
        let request = ureq::post(format!("http://{target}/orders"))
            .config()
            .http_status_as_error(false)
            .build()
            .content_type("application/json");
        let answer = request.send(order).expect("the shop answers");
        answer.status().as_u16()
    };
    for _ in 0..3 {
        assert_eq!(order(12.5), 201);
    }
    assert_eq!(order(500.0), 502, "the warehouse refuses");
    // The warehouse is closed.
    drop(runtime);
    assert_eq!(order(12.5), 502);
    assert_eq!(order(12.5), 502);

    let page = page().expect("the shop answers").body;
    assert_eq!(judge::promtool(page.as_bytes()), Ok(()), "{page}");
    let samples = Samples::read(&page);
    let counted: Vec<_> = samples
        .of("http_client_requests_total")
        .filter(|(_, value)| *value != 0.0)
        .collect();
    let series = |status: &str| {
        format!(
            "http_client_requests_total{{upstream=\"warehouse\",method=\"POST\",status=\"{status}\"}}"
        )
    };
    assert_eq!(
        counted,
        [
            (series("201").as_str(), 3.0),
            (series("409").as_str(), 1.0),
            (series("none").as_str(), 2.0),
        ]
    );
    for (series, value) in [
        (
            "http_client_request_duration_seconds_count{upstream=\"warehouse\",method=\"POST\"}",
            6.0,
        ),
        (
            "http_client_requests_in_flight_current{upstream=\"warehouse\"}",
            0.0,
        ),
        ("shop_orders_placed_total{currency=\"eur\"}", 3.0),
        (
            "http_requests_total{method=\"POST\",path=\"/orders\",status=\"502\"}",
            3.0,
        ),
    ] {
        assert_eq!(samples.get(series), Some(value), "{series}");
    }
    shop.assert_running();
}
