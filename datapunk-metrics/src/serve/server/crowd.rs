//! The open connections, of which there may be so many. When there are more, the oldest one that has not had an answer
//! gives way: a flood of connections pushes itself out, and not the scrapers.

use std::collections::BTreeMap;
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
}

/// The place of one connection.
#[derive(Debug)]
pub(super) struct Place {
    crowd: Arc<Crowd>,
    number: u64,
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

    /// A place for one more; none if all are taken by those who have had an answer.
    pub(super) fn enter(self: &Arc<Self>) -> Option<Place> {
        let mut state = self.state();
        // One that gives way is still there until its task runs, so there may be more for a moment, never twice as many.
        if state.open >= 2 * self.limit {
            return None;
        }
        if state.open >= self.limit {
            let (_, oldest) = state.strangers.pop_first()?;
            oldest.notify_one();
        }
        let number = state.next;
        let pushed = Arc::new(Notify::new());
        state.next += 1;
        state.open += 1;
        state.strangers.insert(number, Arc::clone(&pushed));
        Some(Place {
            crowd: Arc::clone(self),
            number,
            pushed,
            _open: SERVER.server_connections_current.in_flight(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// It has had an answer, and stays.
    pub(super) fn settle(&self) {
        self.crowd.state().strangers.remove(&self.number);
    }

    /// Returns when it has to give way.
    pub(super) async fn pushed(&self) {
        self.pushed.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.crowd.state();
        state.open -= 1;
        state.strangers.remove(&self.number);
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
    fn those_who_had_an_answer_are_not_pushed() {
        let crowd = Crowd::new(2);
        let places: Vec<Place> = (0..2).map(|_| crowd.enter().unwrap()).collect();
        for place in &places {
            place.settle();
        }
        assert!(crowd.enter().is_none());
        assert!(!places.iter().any(is_pushed));
    }
}
