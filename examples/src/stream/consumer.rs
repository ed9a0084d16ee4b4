//! One consumer for each partition.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::time::Duration;

use datapunk_metrics::{Outcome, instrument_metrics};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep, timeout};

use super::log::{Event, Log, Stream};
use super::metrics::{EventLabels, Partition, PartitionLabels, STREAM, Topic};

/// Most events that are taken at once.
const BATCH: usize = 50;
/// How often a waiting consumer shows its lag.
const SHOW_EVERY: Duration = Duration::from_millis(500);

/// How a consumer falls behind, so that there is a lag to look at.
#[derive(Clone, Copy, Debug)]
struct Stall {
    every: Duration,
    lasts: Duration,
}

/// Running consumers. They end when this is dropped.
#[derive(Debug)]
pub(super) struct Consumers {
    _tasks: JoinSet<()>,
    handles: Arc<[AbortHandle]>,
}

impl Consumers {
    /// A health check: the share of the consumers that run.
    pub(super) fn check(&self) -> impl Fn() -> Ready<f64> + use<> {
        let handles = Arc::clone(&self.handles);
        move || {
            let count = |handles: usize| u32::try_from(handles).map_or(f64::INFINITY, f64::from);
            let running = handles.iter().filter(|handle| !handle.is_finished());
            ready(count(running.count()) / count(handles.len()))
        }
    }
}

/// Starts a consumer for each partition.
pub(super) fn start(stream: &Arc<Stream>) -> Consumers {
    let mut tasks = JoinSet::new();
    let mut handles = Vec::new();
    for topic in Topic::ALL {
        for partition in Partition::ALL {
            // The second partition of each topic has the slow consumer.
            let stall = (partition == Partition::Second).then_some(Stall {
                every: Duration::from_secs(12),
                lasts: Duration::from_secs(6),
            });
            let labels = PartitionLabels { topic, partition };
            // Shown from the first scrape on, whichever consumer runs first.
            show_lag(stream.log(topic, partition), 0, labels);
            handles.push(tasks.spawn(consume(Arc::clone(stream), labels, stall)));
        }
    }
    Consumers {
        _tasks: tasks,
        handles: handles.into(),
    }
}

async fn consume(stream: Arc<Stream>, labels: PartitionLabels, stall: Option<Stall>) {
    let log = stream.log(labels.topic, labels.partition);
    let mut offset = 0;
    let mut stalls_at = stall.map(|stall| Instant::now() + stall.every);
    loop {
        if let (Some(stall), Some(due)) = (stall, stalls_at)
            && Instant::now() >= due
        {
            let until = Instant::now() + stall.lasts;
            while Instant::now() < until {
                show_lag(log, offset, labels);
                sleep(SHOW_EVERY).await;
            }
            stalls_at = Some(Instant::now() + stall.every);
        }
        let events = log.read(offset, BATCH);
        if let Some(last) = events.last() {
            offset = last.offset + 1;
            STREAM.batch_items.observe(events.len());
            process_batch(&events).await;
        } else {
            // A time limit, because a stall has to begin without events as well.
            let _ = timeout(SHOW_EVERY, log.changed()).await;
        }
        show_lag(log, offset, labels);
    }
}

fn show_lag(log: &Log, offset: u64, labels: PartitionLabels) {
    let waiting = log.end().saturating_sub(offset);
    STREAM
        .backlog_events_current
        .with(labels)
        .set(i64::try_from(waiting).unwrap_or(i64::MAX));
    let lag = log
        .read(offset, 1)
        .first()
        .map_or(Duration::ZERO, |event| event.appended.elapsed());
    STREAM.lag.lag(labels.topic, labels.partition, lag);
}

/// Processes events, each with its own outcome.
#[instrument_metrics(system = "stream")]
async fn process_batch(events: &[Event]) {
    for event in events {
        let status = Outcome::of(&process(event));
        let labels = EventLabels {
            r#type: event.r#type,
            status,
        };
        STREAM.consumers.events_processed_total.with(labels).inc();
        // The work that a real consumer would do.
        sleep(Duration::from_millis(1)).await;
    }
}

/// Why an event was not processed.
#[derive(Debug, PartialEq, Eq)]
enum EventError {
    /// An event that creates or updates has an object for a body.
    NoObject,
}

fn process(event: &Event) -> Result<(), EventError> {
    use super::metrics::EventType::{Created, Deleted, Updated};
    match event.r#type {
        Created | Updated if !event.body.is_object() => Err(EventError::NoObject),
        Created | Updated | Deleted => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::metrics::EventType;

    #[test]
    fn only_a_deletion_needs_no_object() {
        let log = Log::new(10);
        for r#type in [EventType::Created, EventType::Updated, EventType::Deleted] {
            log.append("k", r#type, serde_json::json!({"n": 1}));
            log.append("k", r#type, serde_json::Value::Null);
        }
        let results: Vec<_> = log.read(0, 10).iter().map(process).collect();
        let refused = Err(EventError::NoObject);
        assert_eq!(
            results[..4],
            [Ok(()), refused, Ok(()), Err(EventError::NoObject)]
        );
        assert_eq!(results[4..], [Ok(()), Ok(())]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_consumer_catches_up_after_a_stall() {
        let stream = Arc::new(Stream::new(1000));
        let labels = PartitionLabels {
            topic: Topic::Clicks,
            partition: Partition::Third,
        };
        let stall = Stall {
            every: Duration::from_secs(1),
            lasts: Duration::from_secs(2),
        };
        let backlog = || STREAM.backlog_events_current.with(labels).get();
        let consumer = tokio::spawn(consume(Arc::clone(&stream), labels, Some(stall)));
        sleep(Duration::from_millis(1700)).await;
        for _ in 0..100 {
            stream.log(labels.topic, labels.partition).append(
                "k",
                EventType::Deleted,
                serde_json::Value::Null,
            );
        }
        sleep(Duration::from_millis(900)).await;
        assert_eq!(backlog(), Some(100), "during the stall");
        sleep(Duration::from_millis(1500)).await;
        assert_eq!(backlog(), Some(0), "after the stall");
        consumer.abort();
    }
}
