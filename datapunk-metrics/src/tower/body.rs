//! Bodies that tell how much went through them, and when they end.

use core::pin::Pin;
use core::sync::atomic::{AtomicU64, Ordering};
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use http::{Response, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::exchange::{Exchange, Record, RequestSize};

pin_project! {
    /// The body of a request, whose bytes are counted if it does not declare how many it has.
    #[derive(Debug)]
    pub struct RequestBody<B> {
        #[pin]
        inner: B,
        read: Option<Arc<AtomicU64>>,
    }
}

impl<B: Body> RequestBody<B> {
    /// The body, and its size.
    pub(super) fn new(inner: B) -> (Self, RequestSize) {
        if let Some(declared) = inner.size_hint().exact() {
            return (Self { inner, read: None }, RequestSize::Declared(declared));
        }
        let read = Arc::new(AtomicU64::new(0));
        let size = RequestSize::Read(Arc::clone(&read));
        let read = Some(read);
        (Self { inner, read }, size)
    }

    /// A body that nobody asks about.
    pub(super) const fn uncounted(inner: B) -> Self {
        Self { inner, read: None }
    }
}

impl<B: Body> Body for RequestBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let frame = ready!(this.inner.poll_frame(context));
        if let (Some(read), Some(Ok(frame))) = (this.read, &frame) {
            read.fetch_add(bytes_of(frame), Ordering::Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// How many bytes of data a frame has; trailers have none.
fn bytes_of(frame: &Frame<impl bytes::Buf>) -> u64 {
    frame.data_ref().map_or(0, |data| {
        u64::try_from(data.remaining()).unwrap_or(u64::MAX)
    })
}

pin_project! {
    /// The body of an answer, with whose end the exchange is recorded.
    #[derive(Debug)]
    pub struct ResponseBody<B, R: Record> {
        #[pin]
        inner: B,
        // None when it has been recorded, and where it is not.
        exchange: Option<Exchange<R>>,
        // Bytes of the declared length that are still to come.
        rest: Option<u64>,
    }
}

impl<B: Body, R: Record> ResponseBody<B, R> {
    /// An answer to a request, to one for its head alone maybe, with whose end `exchange` is recorded.
    pub(super) fn watch(
        response: Response<B>,
        mut exchange: Exchange<R>,
        is_head: bool,
    ) -> Response<Self> {
        let (head, inner) = response.into_parts();
        exchange.answers(head.status.as_u16());
        let declared = head.headers.get(header::CONTENT_LENGTH);
        let rest = declared.and_then(|length| length.to_str().ok()?.parse().ok());
        // A server does not read a body that it has nobody to send to.
        let ends_with_its_head = inner.is_end_stream()
            || rest == Some(0)
            || is_head
            || head.status.is_informational()
            || matches!(
                head.status,
                StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
            );
        let exchange = if ends_with_its_head {
            exchange.complete();
            None
        } else {
            Some(exchange)
        };
        Response::from_parts(
            head,
            Self {
                inner,
                exchange,
                rest,
            },
        )
    }

    /// An answer that is not recorded.
    pub(super) fn unwatched(response: Response<B>) -> Response<Self> {
        response.map(|inner| Self {
            inner,
            exchange: None,
            rest: None,
        })
    }
}

impl<B: Body, R: Record> Body for ResponseBody<B, R> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let Some(exchange) = this.exchange.as_mut() else {
            return this.inner.poll_frame(context);
        };
        exchange.runs();
        let poll = this.inner.as_mut().poll_frame(context);
        exchange.waits();
        let end: fn(Exchange<R>) = match &poll {
            Poll::Pending => return poll,
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(rest) = this.rest {
                    *rest = rest.saturating_sub(bytes_of(frame));
                }
                // A server that has all bytes may not come back for the end.
                if !this.inner.is_end_stream() && *this.rest != Some(0) {
                    return poll;
                }
                Exchange::complete
            }
            Poll::Ready(Some(Err(_))) => Exchange::fail,
            Poll::Ready(None) => Exchange::complete,
        };
        if let Some(exchange) = this.exchange.take() {
            end(exchange);
        }
        poll
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
