//! The body of an answer that is encoded as it is sent.

use std::io::{self, Write};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body::{Body, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};

use super::metrics::Sent;
use crate::encode::Chunks;

/// An exposition in pieces, gzipped or as it is.
pub(super) struct Pieces {
    chunks: Chunks,
    gzip: Option<GzEncoder<Vec<u8>>>,
}

impl Pieces {
    pub(super) fn new(chunks: Chunks, gzip: bool) -> Self {
        Self {
            chunks,
            // Metrics text repeats itself so much that the fastest level leaves little more than the best one.
            gzip: gzip.then(|| GzEncoder::new(Vec::new(), Compression::fast())),
        }
    }

    /// Whether there is nothing left.
    pub(super) const fn is_done(&self) -> bool {
        self.chunks.is_done() && self.gzip.is_none()
    }

    /// The next piece, which is not empty; none at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Bytes>> {
        let Some(gzip) = &mut self.gzip else {
            return Ok(self
                .chunks
                .by_ref()
                .find(|chunk| !chunk.is_empty())
                .map(Bytes::from));
        };
        while let Some(chunk) = self.chunks.next() {
            gzip.write_all(&chunk)?;
            // The compressor keeps text back until a block is full.
            if !self.chunks.is_done() && !gzip.get_ref().is_empty() {
                return Ok(Some(Bytes::from(mem::take(gzip.get_mut()))));
            }
        }
        match self.gzip.take() {
            Some(gzip) => gzip.finish().map(|end| Some(Bytes::from(end))),
            None => Ok(None),
        }
    }
}

/// Sends one piece after the other. The next one is made on the blocking pool when it is asked for, so that a scraper
/// who takes its time holds no thread.
pub(super) struct Streamed(State);

enum State {
    Made(Bytes, Pieces),
    Waiting(Pieces),
    Making(JoinHandle<(io::Result<Option<Bytes>>, Pieces)>),
    Ended,
}

impl Streamed {
    pub(super) fn new(first: Bytes, rest: Pieces) -> Self {
        Self(State::Made(first, rest))
    }
}

impl Body for Streamed {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        loop {
            match mem::replace(&mut self.0, State::Ended) {
                State::Made(piece, rest) => {
                    self.0 = State::Waiting(rest);
                    return Poll::Ready(Some(Ok(Frame::data(piece))));
                }
                State::Waiting(pieces) if pieces.is_done() => return Poll::Ready(None),
                State::Waiting(mut pieces) => {
                    self.0 = State::Making(spawn_blocking(move || (pieces.next(), pieces)));
                }
                State::Making(mut task) => match Pin::new(&mut task).poll(context) {
                    Poll::Pending => {
                        self.0 = State::Making(task);
                        return Poll::Pending;
                    }
                    Poll::Ready(Ok((Ok(Some(piece)), rest))) => {
                        self.0 = State::Made(piece, rest);
                    }
                    Poll::Ready(Ok((Ok(None), _))) => return Poll::Ready(None),
                    Poll::Ready(Ok((Err(error), _))) => return Poll::Ready(Some(Err(error))),
                    Poll::Ready(Err(error)) => {
                        return Poll::Ready(Some(Err(io::Error::other(error))));
                    }
                },
                State::Ended => return Poll::Ready(None),
            }
        }
    }
}

/// A body that tells what was sent of it, once it ends or is dropped.
pub(super) struct Tracked<E: FnOnce(Sent)> {
    body: axum::body::Body,
    sent: Sent,
    at_end: Option<E>,
}

impl<E: FnOnce(Sent)> Tracked<E> {
    pub(super) fn new(body: axum::body::Body, at_end: E) -> Self {
        let is_whole = body.is_end_stream();
        Self {
            body,
            sent: Sent { bytes: 0, is_whole },
            at_end: Some(at_end),
        }
    }
}

impl<E: FnOnce(Sent) + Unpin> Body for Tracked<E> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let next = Pin::new(&mut self.body).poll_frame(context);
        match &next {
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                self.sent.bytes += length as u64;
                // One of a known length is not asked for its end.
                self.sent.is_whole = self.body.is_end_stream();
            }
            Poll::Ready(None) => self.sent.is_whole = true,
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        next
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<E: FnOnce(Sent)> Drop for Tracked<E> {
    fn drop(&mut self) {
        if let Some(at_end) = self.at_end.take() {
            at_end(self.sent);
        }
    }
}
