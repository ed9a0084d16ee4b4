//! The server: what it answers, whom it lets in, what it survives, and who says so: curl, openssl, promtool, Prometheus.

#[path = "serve/access.rs"]
mod access;
#[path = "serve/attack.rs"]
mod attack;
#[path = "serve/credentials.rs"]
mod credentials;
#[path = "serve/crowd.rs"]
mod crowd;
#[path = "serve/faults.rs"]
mod faults;
#[path = "serve/fixture.rs"]
mod fixture;
#[path = "serve/fuzz.rs"]
mod fuzz;
#[path = "serve/gateway.rs"]
mod gateway;
#[path = "serve/load.rs"]
mod load;
// The fuzz targets ask the same of errors.
#[path = "fuzz/targets/oracle.rs"]
mod oracle;
#[path = "serve/privacy.rs"]
mod privacy;
#[path = "serve/programs.rs"]
mod programs;
#[path = "serve/prometheus.rs"]
mod prometheus;
#[path = "serve/quick_start.rs"]
mod quick_start;
#[path = "serve/selection.rs"]
mod selection;
#[path = "serve/tls.rs"]
mod tls;

use datapunk_metrics::serve::Server;
use fixture::{Served, ServedMetrics, registry};
use support::judge;

#[test]
fn it_answers_as_the_router_does() {
    let served = Served::plain();
    ServedMetrics::METRICS.cups_filled_total.inc();

    let page = served.get("/metrics");
    assert_eq!(page.status, 200);
    assert_eq!(
        page.header("content-type"),
        ["text/plain; version=0.0.4; charset=utf-8"]
    );
    assert!(
        page.body.contains("\nserved_cups_filled_total 1\n"),
        "{}",
        page.body
    );
    assert_eq!(judge::promtool(page.body.as_bytes()), Ok(()));

    let accept = [("accept", "application/openmetrics-text;version=1.0.0")];
    let page = served.ask("GET", "/metrics", &accept);
    assert_eq!(judge::strict_parser(page.body.as_bytes()), Ok(()));

    let head = served.ask("HEAD", "/metrics", &[]);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length").len(), 1);

    let zipped = served.ask("GET", "/metrics", &[("accept-encoding", "gzip")]);
    assert_eq!(zipped.header("content-encoding"), ["gzip"]);

    assert_eq!(served.get("/").status, 404);
    for method in ["POST", "PUT", "DELETE", "TRACE", "OPTIONS", "BREW"] {
        let refused = served.ask(method, "/metrics", &[]);
        assert_eq!(refused.status, 405, "{method}");
        assert_eq!(refused.header("allow"), ["get, head"], "{method}");
    }
}

#[test]
fn a_scrape_may_name_what_it_wants() {
    let served = Served::plain();
    for (query, shown) in [
        (
            "?name[]=served_cups_filled_total",
            &["served_cups_filled_total"][..],
        ),
        ("?name[]=served_cups_filled", &["served_cups_filled_total"]),
        (
            "?name%5B%5D=hidden_coins_lost_total&name[]=served_cups_filled_total",
            &["hidden_coins_lost_total", "served_cups_filled_total"],
        ),
        (
            "?name[]=datapunk_metrics_scrape_duration_seconds_bucket",
            &[
                "datapunk_metrics_clamped_samples_total",
                "datapunk_metrics_scrape_duration_seconds",
            ],
        ),
        ("?set[]=HiddenMetrics", &["hidden_coins_lost_total"]),
        (
            "?set[]=serve::fixture::HiddenMetrics",
            &["hidden_coins_lost_total"],
        ),
        ("?set[]=HiddenMetrics&name[]=served_cups_filled_total", &[]),
        ("?name[]=nothing", &[]),
        ("?name[]=", &[]),
    ] {
        let page = served.get(&format!("/metrics{query}"));
        assert_eq!(page.status, 200);
        let families: Vec<&str> = page
            .body
            .lines()
            .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
            .collect();
        assert_eq!(families, shown, "{query}");
    }
    let all = served.get("/metrics").body.lines().count();
    let other = served.get("/metrics?name=served_cups_filled_total&x").body;
    assert_eq!(
        other.lines().count(),
        all,
        "other parameters choose nothing"
    );
}

#[test]
fn its_own_metrics_are_there_from_the_start() {
    let page = Served::plain().get("/metrics").body;
    for series in [
        "datapunk_metrics_scrapes_total{code=\"200\"}",
        "datapunk_metrics_scrapes_total{code=\"401\"}",
        "datapunk_metrics_scrapes_total{code=\"503\"}",
        "datapunk_metrics_scrape_duration_seconds_count",
        "datapunk_metrics_scrape_size_bytes_count",
        "datapunk_metrics_scrapes_in_flight_current",
        "datapunk_metrics_scrapes_aborted_total",
        "datapunk_metrics_server_connections_closed_total{reason=\"tls\"}",
        "datapunk_metrics_server_logins_total{scheme=\"basic\",result=\"refused\"}",
        "datapunk_metrics_server_configuration_changes_total{result=\"refused\"}",
        "datapunk_metrics_server_audit_events_lost_total",
    ] {
        assert!(page.contains(&format!("\n{series} ")), "{series}:\n{page}");
    }
}

#[test]
fn scrapes_are_counted_by_their_code() {
    let served = Served::plain();
    let series = [
        "datapunk_metrics_scrapes_total{code=\"200\"}",
        "datapunk_metrics_scrapes_total{code=\"405\"}",
        "datapunk_metrics_scrape_duration_seconds_count",
        "datapunk_metrics_scrape_size_bytes_count",
    ];
    let values = |page: &str| series.map(|series| fixture::sample(page, series));
    let before = values(&served.get("/metrics").body);
    served.ask("POST", "/metrics", &[]);
    let after = values(&served.get("/metrics").body);
    // Other servers of the same process are counted as well.
    for ((series, before), after) in series.iter().zip(before).zip(after) {
        assert!(after >= before + 1.0, "{series}: {before}, then {after}");
    }
}

#[test]
fn what_is_not_a_scrape_is_the_programs() {
    let app = axum::Router::new().route(
        "/items",
        axum::routing::post(|body: String| async move { format!("got {body}") }),
    );
    let served = Served::start(Server::builder().registry(registry()).fallback(app));
    let request =
        "POST /items HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 3\r\n\r\ntea";
    let reply = fixture::Reply::parse(&fixture::exchange(served.address, request.as_bytes()));
    assert_eq!((reply.status, reply.body.as_str()), (200, "got tea"));
    assert_eq!(served.get("/metrics").status, 200);
    assert_eq!(served.get("/nothing").status, 404);
}
