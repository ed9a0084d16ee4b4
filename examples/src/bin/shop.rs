//! A shop with metrics of its business: orders, revenue by currency, and the share of visits that end with an order. What is
//! ordered is asked of a warehouse, if there is one.
//!
//! ```sh
//! curl --json '{"currency": "eur", "amount": 12.5}' 127.0.0.1:9468/orders
//! curl -X POST 127.0.0.1:9468/visits/left
//! ```

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use clap::Parser;
use datapunk_metrics::health::Health;
use datapunk_metrics::standard::HttpClientMetrics;
use datapunk_metrics::{Counter, LabelSet, LabelValue, MetricSet, Ratio, RegisterError};
use datapunk_metrics_examples::http::Refusal;
use datapunk_metrics_examples::outgoing::Upstream;
use datapunk_metrics_examples::service::{self, Start, Web};
use reqwest::{Client, Response, Url};
use serde::{Deserialize, Serialize};

/// A shop, with its metrics at /metrics
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Address to listen at
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9468")]
    listen: SocketAddr,
    /// URL at which the warehouse takes orders
    #[arg(long, value_name = "URL")]
    warehouse: Option<Url>,
    #[command(flatten)]
    web: Web,
}

#[derive(Clone, Copy, LabelValue, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Currency {
    Eur,
    Usd,
}

/// Amounts of different currencies can't be added up, so each is a series.
#[derive(Clone, Copy, LabelSet)]
struct CurrencyLabels {
    currency: Currency,
}

#[derive(Clone, Copy, LabelValue, Deserialize)]
#[serde(rename_all = "snake_case")]
enum VisitResult {
    Ordered,
    Left,
}

#[derive(Clone, Copy, LabelSet)]
struct VisitLabels {
    result: VisitResult,
}

/// The business of the shop.
#[derive(MetricSet)]
#[metrics(namespace = "shop")]
struct ShopMetrics {
    /// Orders placed, by currency.
    orders_placed_total: Counter<CurrencyLabels>,
    /// Revenue in units of the currency, such as 12.5 for 12 euros and 50 cents, by currency.
    order_revenue_total: Counter<CurrencyLabels, f64>,
    /// Visits that have ended, by result.
    visits_ended_total: Counter<VisitLabels>,
    /// Share of the visits of the last hour that ended with an order.
    #[metric(ratio_of = visits_ended_total, numerator(result = Ordered), window = "1h")]
    conversion_ratio: Ratio,
}
const SHOP: ShopMetrics = ShopMetrics::METRICS;

#[derive(Deserialize, Serialize)]
struct Order {
    currency: Currency,
    amount: f64,
}

/// Where the goods are.
#[derive(Clone)]
struct Warehouse {
    client: Client,
    upstream: Upstream,
    url: Url,
}

impl Warehouse {
    fn at(url: Url) -> Result<Self, RegisterError> {
        let client = Client::new();
        let upstream = Upstream::new("warehouse", client.clone())?;
        Ok(Self {
            client,
            upstream,
            url,
        })
    }

    /// Keeps the goods of an order.
    async fn reserve(&self, order: &Order) -> Result<(), Refusal> {
        let request = self.client.post(self.url.clone()).json(order);
        let request = request.timeout(Duration::from_secs(2));
        let answer = self.upstream.send(request).await;
        let reserved = answer.and_then(Response::error_for_status);
        let refused = |_| Refusal::new(StatusCode::BAD_GATEWAY, "the warehouse has no goods");
        reserved.map(drop).map_err(refused)
    }
}

async fn order(
    State(warehouse): State<Option<Warehouse>>,
    Json(order): Json<Order>,
) -> Result<StatusCode, Refusal> {
    if !(order.amount.is_finite() && order.amount > 0.0) {
        return Err(Refusal::bad_request("an order has an amount above 0"));
    }
    if let Some(warehouse) = warehouse {
        warehouse.reserve(&order).await?;
    }
    let labels = CurrencyLabels {
        currency: order.currency,
    };
    SHOP.orders_placed_total.with(labels).inc();
    SHOP.order_revenue_total.with(labels).add(order.amount);
    count_visit(VisitResult::Ordered);
    Ok(StatusCode::CREATED)
}

async fn leave(Path(result): Path<VisitResult>) -> StatusCode {
    count_visit(result);
    StatusCode::NO_CONTENT
}

fn count_visit(result: VisitResult) {
    SHOP.visits_ended_total.with(VisitLabels { result }).inc();
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let start = Start {
        listen: cli.listen,
        web: cli.web,
        of_demo: false,
    };
    service::main(async move {
        let registry = service::registry_of(module_path!())?;
        registry.register::<HttpClientMetrics>()?;
        let app = Router::new()
            .route("/orders", post(order))
            .route("/visits/{result}", post(leave))
            .with_state(cli.warehouse.map(Warehouse::at).transpose()?);
        // Without a warehouse it sells less, and is as well as ever.
        service::run("shop", start, app, registry, Health::builder()).await
    })
}
