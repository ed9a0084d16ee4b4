//! The least that a service needs: the standard's metrics of HTTP, of its health and of its process, at `/metrics`.

use std::time::Duration;

use axum::{Router, extract::Path, routing::get};
use datapunk_metrics::{health::Health, serve, tower::HttpLayer};
use tokio::net::{TcpListener, TcpStream};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (listen, database) = (std::env::args().nth(1), std::env::args().nth(2));
    let database: &str = database.map_or("127.0.0.1:5432", |address| address.leak());
    let second = Duration::from_secs(1);
    let health = Health::builder()
        .interval(second)
        .check("database", second, move || async move {
            TcpStream::connect(database).await.map(drop)
        })
        .start()?;
    let hello = async |Path(name): Path<String>| format!("hello, {name}\n");
    let app = Router::new()
        .route("/hello/{name}", get(hello))
        .merge(health.router())
        .merge(serve::router())
        .layer(HttpLayer::new()?.skip("/metrics").skip("/health"));
    let listener = TcpListener::bind(listen.as_deref().unwrap_or("127.0.0.1:9467")).await?;
    axum::serve(listener, app).await?;
    Ok(())
}
