//! Requests to others with reqwest, recorded by whom they are sent to.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::http;
use datapunk_metrics::RegisterError;
use datapunk_metrics::tower::{ClientLayer, ClientService};
use reqwest::{Body, Client, Error, RequestBuilder, Response, ResponseBuilderExt as _};
use tower::{Layer as _, Service, ServiceExt as _};

/// reqwest as a service of `http` requests, which is what a layer goes around.
#[derive(Clone, Debug)]
pub struct Reqwest(Client);

impl Service<http::Request<Body>> for Reqwest {
    type Response = http::Response<Body>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let client = self.0.clone();
        Box::pin(async move {
            let answer = client.execute(request.try_into()?).await?;
            let url = answer.url().clone();
            let mut answer = http::Response::<Body>::from(answer);
            // The one thing of an answer that is lost on the way.
            if let Ok(with_url) = http::Response::builder().url(url).body(()) {
                answer
                    .extensions_mut()
                    .extend(with_url.into_parts().0.extensions);
            }
            Ok(answer)
        })
    }
}

/// Whom requests are sent to, with the layer that records them.
#[derive(Clone, Debug)]
pub struct Upstream(ClientService<Reqwest>);

impl Upstream {
    /// The upstream `name`, asked through `client`.
    ///
    /// # Errors
    ///
    /// If a set of the program has a metric of the same name as one of the layer's.
    pub fn new(name: &str, client: Client) -> Result<Self, RegisterError> {
        Ok(Self(ClientLayer::new(name)?.layer(Reqwest(client))))
    }

    /// Sends a request, in the place of `request.send()`. It ends when the body of the answer was read.
    ///
    /// # Errors
    ///
    /// As `send` has them.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, Error> {
        let request = http::Request::try_from(request.build()?)?;
        let answer = self.0.clone().oneshot(request).await?;
        Ok(answer.map(Body::wrap).into())
    }
}
