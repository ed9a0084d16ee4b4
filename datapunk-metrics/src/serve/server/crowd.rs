//! The open connections, of which there may be so many. When there are more, one that waits gives way, and nobody can fill
//! the places for good:
//!
//! - Of those that have not had an answer, which are at most half of them then, the oldest one: a flood of connections
//!   pushes itself out, and not the scrapers.
//! - Otherwise the one that has been idle for longest: connections that were answered and are kept are no way to lock others
//!   out, where everybody gets an answer either. Their client comes again on a new connection.
//!
//! A connection whose client may come in and is being answered stays, so that answers are whole.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::metrics::SERVER;
use crate::InFlight;

/// All connections of a server.
#[derive(Debug)]
pub(super) struct Crowd {
    limit: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    open: usize,
    next: u64,
    /// Those that have not had an answer, oldest first.
    strangers: BTreeMap<u64, Arc<Notify>>,
    /// Those that have had one and wait for another request, those that wait for longest first.
    idle: BTreeMap<u64, Arc<Notify>>,
}

/// The place of one connection.
#[derive(Debug)]
pub(super) struct Place {
    crowd: Arc<Crowd>,
    /// Its number among the strangers or the idle ones; a new one whenever it becomes idle. It changes under the lock alone.
    number: AtomicU64,
    pushed: Arc<Notify>,
    _open: InFlight<i64>,
}

impl Crowd {
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            state: Mutex::default(),
        })
    }

    /// A place for one more; none if all are taken by those who are being answered.
    pub(super) fn enter(self: &Arc<Self>) -> Option<Place> {
        let mut state = self.state();
        // One that gives way is still there until its task runs, so there may be more for a moment, never twice as many.
        if state.open >= 2 * self.limit {
            return None;
        }
        if state.open >= self.limit {
            state.longest_waiting(self.limit)?.notify_one();
        }
        let number = state.number();
        let pushed = Arc::new(Notify::new());
        state.open += 1;
        state.strangers.insert(number, Arc::clone(&pushed));
        Some(Place {
            crowd: Arc::clone(self),
            number: AtomicU64::new(number),
            pushed,
            _open: SERVER.server_connections_current.in_flight(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// The one that gives way, taken out.
    fn longest_waiting(&mut self, limit: usize) -> Option<Arc<Notify>> {
        let queues = if 2 * self.strangers.len() >= limit {
            [&mut self.strangers, &mut self.idle]
        } else {
            [&mut self.idle, &mut self.strangers]
        };
        let first = queues.into_iter().find_map(BTreeMap::pop_first);
        first.map(|(_, pushed)| pushed)
    }
}

impl Place {
    /// It is being answered, and stays.
    pub(super) fn settle(&self) {
        let mut state = self.crowd.state();
        let number = self.number.load(Ordering::Relaxed);
        state.strangers.remove(&number);
        state.idle.remove(&number);
    }

    /// Its answer is given. A stranger stays one.
    pub(super) fn rest(&self) {
        let mut state = self.crowd.state();
        let is_stranger = state
            .strangers
            .contains_key(&self.number.load(Ordering::Relaxed));
        if !is_stranger {
            let number = state.number();
            self.number.store(number, Ordering::Relaxed);
            state.idle.insert(number, Arc::clone(&self.pushed));
        }
    }

    /// Returns when it has to give way.
    pub(super) async fn pushed(&self) {
        self.pushed.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.settle();
        self.crowd.state().open -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_pushed(place: &Place) -> bool {
        use std::task::{Context, Poll, Waker};
        let mut pushed = std::pin::pin!(place.pushed());
        pushed
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            == Poll::Ready(())
    }

    #[test]
    fn the_oldest_stranger_gives_way() {
        let crowd = Crowd::new(3);
        let places: Vec<Place> = (0..3).map(|_| crowd.enter().unwrap()).collect();
        places[0].settle();
        let fourth = crowd.enter().unwrap();
        assert_eq!(
            places.iter().map(is_pushed).collect::<Vec<_>>(),
            [false, true, false]
        );
        drop(fourth);
        drop(places);
        assert_eq!(crowd.state().open, 0);
        assert!(crowd.state().strangers.is_empty());
    }

    #[test]
    fn those_who_are_being_answered_are_not_pushed() {
        let crowd = Crowd::new(2);
        let places: Vec<Place> = (0..2).map(|_| crowd.enter().unwrap()).collect();
        for place in &places {
            place.settle();
        }
        assert!(crowd.enter().is_none());
        assert!(!places.iter().any(is_pushed));
    }

    #[test]
    fn where_there_are_few_strangers_the_longest_idle_gives_way() {
        let crowd = Crowd::new(4);
        let places: Vec<Place> = (0..4).map(|_| crowd.enter().unwrap()).collect();
        for place in &places {
            place.settle();
            place.rest();
        }
        // One that was asked again has not been idle for long.
        places[0].settle();
        places[0].rest();
        let newcomers: Vec<Place> = (0..2).map(|_| crowd.enter().unwrap()).collect();
        assert_eq!(
            places.iter().map(is_pushed).collect::<Vec<_>>(),
            [false, true, true, false]
        );
        // With half of the places the strangers have their share.
        let _third = crowd.enter().unwrap();
        assert_eq!(
            newcomers.iter().map(is_pushed).collect::<Vec<_>>(),
            [true, false]
        );
        assert!(![&places[0], &places[3]].into_iter().any(is_pushed));
    }

    #[test]
    fn a_stranger_who_is_refused_stays_a_stranger() {
        let crowd = Crowd::new(1);
        let place = crowd.enter().unwrap();
        place.rest();
        assert!(crowd.state().idle.is_empty());
        drop(place);
        let place = crowd.enter().unwrap();
        place.settle();
        place.rest();
        assert_eq!(crowd.state().idle.len(), 1);
        drop(place);
        assert!(crowd.state().idle.is_empty());
    }
}
