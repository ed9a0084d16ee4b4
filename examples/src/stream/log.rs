//! The log: events in partitions, each with an offset that is never used again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

use super::metrics::{EventType, Partition, Topic};

/// An event as it is kept.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) offset: u64,
    pub(super) key: Arc<str>,
    pub(super) r#type: EventType,
    pub(super) body: Arc<serde_json::Value>,
    pub(super) appended: Instant,
}

/// A partition: the last events that were appended to it.
#[derive(Debug)]
pub(super) struct Log {
    keep: usize,
    inner: Mutex<Inner>,
    /// Told of each event.
    appended: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    events: VecDeque<Event>,
    next: u64,
}

impl Log {
    pub(super) fn new(keep: usize) -> Self {
        Self {
            keep,
            inner: Mutex::default(),
            appended: Notify::new(),
        }
    }

    /// Appends an event and tells its offset; the oldest one goes when there are too many.
    pub(super) fn append(&self, key: &str, r#type: EventType, body: serde_json::Value) -> u64 {
        let mut inner = self.inner();
        let offset = inner.next;
        inner.next += 1;
        inner.events.push_back(Event {
            offset,
            key: key.into(),
            r#type,
            body: Arc::new(body),
            appended: Instant::now(),
        });
        if inner.events.len() > self.keep {
            inner.events.pop_front();
        }
        drop(inner);
        self.appended.notify_one();
        offset
    }

    /// At most `limit` events, from `offset` on or from the oldest one that is kept, whichever is later.
    pub(super) fn read(&self, offset: u64, limit: usize) -> Vec<Event> {
        let inner = self.inner();
        let start = inner.events.partition_point(|event| event.offset < offset);
        inner.events.range(start..).take(limit).cloned().collect()
    }

    /// The offset of the next event.
    pub(super) fn end(&self) -> u64 {
        self.inner().next
    }

    /// Waits until something may have been appended since the last call. For one consumer.
    pub(super) async fn changed(&self) {
        self.appended.notified().await;
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Nothing between the changes of an append panics.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The partitions of all topics.
#[derive(Debug)]
pub(super) struct Stream {
    logs: [[Log; Partition::ALL.len()]; Topic::ALL.len()],
}

impl Stream {
    /// A stream whose partitions keep so many events.
    pub(super) fn new(keep: usize) -> Self {
        Self {
            logs: std::array::from_fn(|_| std::array::from_fn(|_| Log::new(keep))),
        }
    }

    /// One partition.
    pub(super) fn log(&self, topic: Topic, partition: Partition) -> &Log {
        &self.logs[topic as usize][partition as usize]
    }
}

/// The partition of a key: events of one key stay in order.
pub(super) fn partition_of(key: &str) -> Partition {
    // FNV-1a: the same in every run and every version, which std's hasher does not promise.
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    match (hash >> 32) % 3 {
        0 => Partition::First,
        1 => Partition::Second,
        _ => Partition::Third,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offsets(events: &[Event]) -> Vec<u64> {
        events.iter().map(|event| event.offset).collect()
    }

    #[test]
    fn offsets_go_on_when_old_events_go() {
        let log = Log::new(3);
        for offset in 0..5 {
            assert_eq!(
                log.append("k", EventType::Created, serde_json::json!({})),
                offset
            );
        }
        assert_eq!(log.end(), 5);
        assert_eq!(offsets(&log.read(0, 10)), [2, 3, 4]);
        assert_eq!(offsets(&log.read(3, 1)), [3]);
        assert!(log.read(5, 10).is_empty());
        assert!(log.read(u64::MAX, 10).is_empty());
    }

    #[test]
    fn topics_and_partitions_are_apart() {
        let stream = Stream::new(10);
        stream
            .log(Topic::Orders, Partition::Second)
            .append("k", EventType::Deleted, 1.into());
        let ends = Topic::ALL.map(|topic| Partition::ALL.map(|p| stream.log(topic, p).end()));
        assert_eq!(ends, [[0, 1, 0], [0, 0, 0]]);
    }

    #[test]
    fn keys_spread_over_all_partitions() {
        let mut counts = [0; 3];
        for key in 0..300 {
            counts[partition_of(&format!("customer-{key}")) as usize] += 1;
        }
        assert!(counts.iter().all(|count| *count > 60), "{counts:?}");
    }
}
