//! Layers that record HTTP: what a service answers, and what it asks of others.
//!
//! They are [tower](https://docs.rs/tower) layers, so they fit axum, hyper and everything else that is made of services of
//! `http` requests.
//!
//! ```standalone_crate
//! use axum::Router;
//! use axum::routing::get;
//! use datapunk_metrics::tower::HttpLayer;
//!
//! let app: Router = Router::new()
//!     .route("/items/{id}", get(async || "an item"))
//!     .layer(HttpLayer::new()?.skip("/health"));
//! # Ok::<(), datapunk_metrics::RegisterError>(())
//! ```
//!
//! [`HttpLayer`] fills the standard's [`HttpMetrics`](crate::standard::HttpMetrics), or a set of one's own:
//!
//! - `method` and `status` are closed: methods that nobody registered are `other`, and so are such codes.
//! - `path` is the pattern of the route as it is declared, `/items/{id}`, from axum's `MatchedPath`. A request that no
//!   route takes is `other`: its path is the client's choice and would be a series for each try.
//! - The duration is the time from the request to the end of the answer's body.
//! - A request counts once, when that end has come: with the status of the answer; with 500 if the handler panicked
//!   (the panic goes on), failed or the body of the answer broke off; with 499 if the client was gone before the end.
//! - The size of a request is what it declares, or what was read of it where it declares nothing (chunked requests).
//! - A route is looked up for its first request. Those that follow find its series with a hash and a comparison of the
//!   pattern, and nothing is allocated for them, but for a chunked one a counter of its size. That is so for 1,024 routes;
//!   what comes beyond is looked up for each request.
//!
//! [`ClientLayer`] does the same for the requests that the service sends, by the name of whom they are sent to.

mod body;
mod client;
mod exchange;
mod future;
mod routes;
mod server;

pub use body::{RequestBody, ResponseBody};
pub use client::{ClientLayer, ClientService};
pub use future::ResponseFuture;
pub use server::{HttpLayer, HttpService, HttpSet};

#[cfg(test)]
mod tests;
