//! The lake's routes.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use datapunk_metrics::{Outcome, instrument_metrics};
use serde::Deserialize;

use super::cache::Cache;
use super::metrics::{
    CacheName, IndexName, LAKE, Operation, QueryType, SearchLabels, StorageLabels,
};
use super::store::{Store, StoreError};
use super::vector::{DIMENSIONS, Hit, Index};
use crate::http::Refusal;

/// The largest object: 8 MiB.
const MAX_OBJECT: usize = 8 << 20;
/// Objects in the cache.
const CACHED_OBJECTS: usize = 32;

/// The lake's data.
#[derive(Debug)]
pub(super) struct Lake {
    store: Store,
    cache: Mutex<Cache>,
    articles: Index,
    images: Index,
}

impl Lake {
    /// A lake over `store`, with `vectors` made-up vectors in each index.
    pub(super) fn new(store: Store, vectors: usize) -> Self {
        let lake = Self {
            store,
            cache: Mutex::new(Cache::new(CACHED_OBJECTS)),
            articles: Index::made_up(vectors, 1),
            images: Index::made_up(vectors, 2),
        };
        lake.show_usage();
        lake
    }

    fn show_usage(&self) {
        let usage = self.store.usage();
        LAKE.objects_current
            .set(i64::try_from(usage.objects).unwrap_or(i64::MAX));
        LAKE.stored_bytes
            .set(i64::try_from(usage.bytes).unwrap_or(i64::MAX));
    }

    fn cache<R>(&self, f: impl FnOnce(&mut Cache) -> R) -> R {
        f(&mut self.cache.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The routes over `lake`.
pub(super) fn router(lake: Lake) -> Router {
    Router::new()
        .route(
            "/objects/{id}",
            get(read_object).put(write_object).delete(delete_object),
        )
        .route("/search", post(search))
        .layer(DefaultBodyLimit::max(MAX_OBJECT))
        .with_state(Arc::new(lake))
}

async fn read_object(
    State(lake): State<Arc<Lake>>,
    Path(id): Path<String>,
) -> Result<Vec<u8>, Refusal> {
    let body = load(&lake, &id).await;
    count(Operation::Read, &body);
    Ok(body?.to_vec())
}

async fn write_object(
    State(lake): State<Arc<Lake>>,
    Path(id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Refusal> {
    let body = body?;
    let stored = lake.store.put(&id, &body).await;
    count(Operation::Write, &stored);
    let status = if stored? {
        StatusCode::CREATED
    } else {
        StatusCode::NO_CONTENT
    };
    LAKE.object_size_bytes.observe(body.len());
    lake.cache(|cache| cache.remove(&id));
    lake.show_usage();
    Ok(status)
}

async fn delete_object(
    State(lake): State<Arc<Lake>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let deleted = lake.store.delete(&id).await;
    count(Operation::Delete, &deleted);
    deleted?;
    lake.cache(|cache| cache.remove(&id));
    lake.show_usage();
    Ok(StatusCode::NO_CONTENT)
}

/// What a search asks for: a vector, given in full or as the number of one in the index, and either `nearest` or
/// `within`.
#[derive(Debug, Deserialize)]
struct Query {
    index: IndexName,
    like: Option<usize>,
    vector: Option<Vec<f32>>,
    nearest: Option<usize>,
    within: Option<f32>,
}

async fn search(
    State(lake): State<Arc<Lake>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let body = body?;
    let query: Query = serde_json::from_slice(&body).map_err(Refusal::bad_request)?;
    // A search computes for milliseconds, too long for a thread that serves connections.
    let hits = tokio::task::spawn_blocking(move || find(&lake, &query)).await;
    let hits = hits.map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error))?;
    Ok(Json(hits?).into_response())
}

/// Reads an object from the cache or the store.
async fn load(lake: &Lake, id: &str) -> Result<Arc<[u8]>, StoreError> {
    let cached = lake.cache(|cache| cache.get(id));
    if let Some(body) = cached {
        LAKE.cache.hit(CacheName::Objects);
        return Ok(body);
    }
    LAKE.cache.miss(CacheName::Objects);
    let body: Arc<[u8]> = lake.store.get(id).await?.into();
    if lake.cache(|cache| cache.insert(id, Arc::clone(&body))) {
        LAKE.cache.evicted(CacheName::Objects);
    }
    Ok(body)
}

/// Runs a query.
#[instrument_metrics(system = "lake", labels(index: IndexName = query.index), buckets = [0.0001, 0.001, 0.01, 0.1])]
fn find(lake: &Lake, query: &Query) -> Result<Vec<Hit>, Refusal> {
    let index = match query.index {
        IndexName::Articles => &lake.articles,
        IndexName::Images => &lake.images,
    };
    let vector: [f32; DIMENSIONS] = match (&query.vector, query.like) {
        (Some(vector), None) => vector.as_slice().try_into().map_err(|_| {
            Refusal::bad_request(format!(
                "a vector has {DIMENSIONS} numbers, not {}",
                vector.len()
            ))
        })?,
        (None, Some(number)) => *index
            .get(number)
            .ok_or_else(|| Refusal::not_found(format!("no vector {number}")))?,
        _ => {
            return Err(Refusal::bad_request(
                "a query has either `vector` or `like`",
            ));
        }
    };
    let timed = |query_type, search: &dyn Fn() -> Vec<Hit>| {
        let labels = SearchLabels {
            index: query.index,
            query_type,
        };
        LAKE.storage
            .vector_search_duration_seconds
            .with(labels)
            .time(search)
    };
    match (query.nearest, query.within) {
        (Some(count), None) => Ok(timed(QueryType::Nearest, &|| index.nearest(&vector, count))),
        (None, Some(least)) => Ok(timed(QueryType::Within, &|| index.within(&vector, least))),
        _ => Err(Refusal::bad_request(
            "a query has either `nearest` or `within`",
        )),
    }
}

fn count<T>(operation: Operation, result: &Result<T, StoreError>) {
    let labels = StorageLabels {
        operation,
        status: Outcome::of(result),
    };
    LAKE.storage.storage_operations_total.with(labels).inc();
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let status = match error {
            StoreError::Id => StatusCode::BAD_REQUEST,
            StoreError::Missing => StatusCode::NOT_FOUND,
            StoreError::Io(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error)
    }
}
