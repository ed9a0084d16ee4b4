//! The wait for an answer.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use super::body::ResponseBody;
use super::exchange::{Exchange, Record};

pin_project! {
    /// The future of a recorded service.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F, R: Record> {
        #[pin]
        inner: F,
        // None where the request is not recorded.
        exchange: Option<Exchange<R>>,
        is_head: bool,
    }
}

impl<F, R: Record> ResponseFuture<F, R> {
    pub(super) fn new(inner: F, mut exchange: Option<Exchange<R>>, is_head: bool) -> Self {
        if let Some(exchange) = &mut exchange {
            exchange.waits();
        }
        Self {
            inner,
            exchange,
            is_head,
        }
    }
}

impl<F, B, E, R> Future for ResponseFuture<F, R>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
    R: Record,
{
    type Output = Result<Response<ResponseBody<B, R>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(exchange) = this.exchange {
            exchange.runs();
        }
        let poll = this.inner.poll(context);
        let Poll::Ready(result) = poll else {
            if let Some(exchange) = this.exchange {
                exchange.waits();
            }
            return Poll::Pending;
        };
        Poll::Ready(match (result, this.exchange.take()) {
            (Ok(response), Some(exchange)) => {
                Ok(ResponseBody::watch(response, exchange, *this.is_head))
            }
            (Ok(response), None) => Ok(ResponseBody::unwatched(response)),
            (Err(error), exchange) => {
                if let Some(exchange) = exchange {
                    exchange.fail();
                }
                Err(error)
            }
        })
    }
}
