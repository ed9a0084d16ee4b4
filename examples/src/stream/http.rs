//! The stream's routes.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use datapunk_metrics::instrument_metrics;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::log::{Stream, partition_of};
use super::metrics::{EventType, Partition, PartitionLabels, STREAM, Topic};
use crate::http::Refusal;

/// Most events in one answer.
const PAGE: usize = 100;

/// The routes over `stream`.
pub(super) fn router(stream: Arc<Stream>) -> Router {
    Router::new()
        .route("/events/{topic}", post(append))
        .route("/events/{topic}/{partition}", get(read))
        .with_state(stream)
}

/// An event as a client sends it.
#[derive(Debug, Deserialize)]
struct NewEvent {
    key: String,
    r#type: EventType,
    body: serde_json::Value,
}

/// Where an event went.
#[derive(Clone, Copy, Debug, Serialize)]
struct Place {
    partition: Partition,
    offset: u64,
}

async fn append(
    State(stream): State<Arc<Stream>>,
    Path(topic): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let body = body?;
    let topic = named(&topic)?;
    let event: NewEvent = serde_json::from_slice(&body).map_err(Refusal::bad_request)?;
    let place = append_event(&stream, topic, event);
    Ok((StatusCode::CREATED, Json(place)).into_response())
}

#[instrument_metrics(system = "stream", labels(topic = topic), buckets = [0.000_01, 0.0001, 0.001, 0.01])]
fn append_event(stream: &Stream, topic: Topic, event: NewEvent) -> Place {
    let partition = partition_of(&event.key);
    let log = stream.log(topic, partition);
    let offset = log.append(&event.key, event.r#type, event.body);
    let labels = PartitionLabels { topic, partition };
    STREAM.events_appended_total.with(labels).inc();
    Place { partition, offset }
}

/// An event as a client gets it.
#[derive(Debug, Serialize)]
struct ReadEvent {
    offset: u64,
    key: Arc<str>,
    r#type: EventType,
    body: serde_json::Value,
}

async fn read(
    State(stream): State<Arc<Stream>>,
    Path((topic, partition)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let (topic, partition) = (named(&topic)?, named(&partition)?);
    let offset = offset_of(query.as_deref())?;
    let events: Vec<ReadEvent> = stream
        .log(topic, partition)
        .read(offset, PAGE)
        .into_iter()
        .map(|event| ReadEvent {
            offset: event.offset,
            key: event.key,
            r#type: event.r#type,
            body: (*event.body).clone(),
        })
        .collect();
    Ok(Json(events).into_response())
}

/// The topic or partition with this name.
fn named<T: DeserializeOwned>(name: &str) -> Result<T, Refusal> {
    serde_json::from_value(name.into()).map_err(Refusal::not_found)
}

/// The offset in a query string, 0 if it has none.
fn offset_of(query: Option<&str>) -> Result<u64, Refusal> {
    let offset = query
        .into_iter()
        .flat_map(|query| query.split('&'))
        .find_map(|pair| pair.strip_prefix("offset="));
    offset.map_or(Ok(0), |offset| {
        offset
            .parse()
            .map_err(|_| Refusal::bad_request(format!("`{offset}` is not an offset")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_read_from_the_query() {
        assert_eq!(offset_of(None).ok(), Some(0));
        assert_eq!(offset_of(Some("limit=3&offset=17")).ok(), Some(17));
        assert!(offset_of(Some("offset=-1")).is_err());
        assert!(offset_of(Some("offset=")).is_err());
    }

    #[test]
    fn names_in_a_path_are_those_of_the_labels() {
        assert_eq!(named::<Topic>("clicks").ok(), Some(Topic::Clicks));
        assert_eq!(named::<Partition>("2").ok(), Some(Partition::Third));
        assert!(named::<Partition>("3").is_err());
    }
}
