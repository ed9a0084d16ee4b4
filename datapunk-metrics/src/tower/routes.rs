//! The routes that layers have seen, each with the rows of its metrics.
//!
//! A route is a pattern of the program, so there are few of them, and each is asked for again and again. What was looked up
//! for the first request is kept: the text of the pattern, and for each metric with a role the row of its open labels.

use std::sync::OnceLock;

use crate::instrument::Site;
use crate::labels::Hashed;
use crate::set::MetricSet;
use crate::sync::Lock;
use crate::table::{HashValues as _, Index};

/// How many routes are kept, of all sets together. What comes beyond is looked up for each request.
const MOST: usize = 1024;

/// A route that was seen by a layer of one set.
#[derive(Debug)]
pub(super) struct Seen {
    set: usize,
    pub(super) path: Box<str>,
    /// The rows that were found for it.
    pub(super) site: Site,
}

struct Routes {
    hasher: Hashed,
    index: Index<Seen>,
    lock: Lock,
}

impl Routes {
    fn new() -> Self {
        Self {
            hasher: Hashed::new(),
            index: Index::new(MOST),
            lock: Lock::new(),
        }
    }

    fn get(&self, set: usize, path: &str) -> Option<&'static Seen> {
        let hash = self.hasher.hash(&[path]);
        let is_it = |seen: &Seen| seen.set == set && *seen.path == *path;
        if let Some(seen) = self.index.find(hash, is_it) {
            return Some(seen);
        }
        if self.index.len() >= MOST {
            return None;
        }
        // Nothing is allocated or freed while the lock is held: an allocator may record.
        let mut new = Some(Box::new(Seen {
            set,
            path: path.into(),
            site: Site::new(),
        }));
        self.lock.hold(|| {
            if let Some(seen) = self.index.find(hash, is_it) {
                return Some(seen);
            }
            if self.index.len() >= MOST {
                return None;
            }
            let seen: &'static Seen = Box::leak(new.take()?);
            self.index.add(hash, seen);
            Some(seen)
        })
    }
}

/// The route `path` of the layers of a set; none if there are too many.
pub(super) fn seen<S: MetricSet>(path: &str) -> Option<&'static Seen> {
    static ROUTES: OnceLock<Routes> = OnceLock::new();
    let set = core::ptr::from_ref(S::ENTRY).addr();
    ROUTES.get_or_init(Routes::new).get(set, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_kept_once_for_each_set_and_no_more_than_there_is_room_for() {
        let routes = Routes::new();
        let first = routes.get(1, "/items/{id}").expect("there is room");
        let again = routes.get(1, "/items/{id}").expect("it is there");
        assert!(core::ptr::eq(first, again));
        let other = routes.get(2, "/items/{id}").expect("there is room");
        assert!(!core::ptr::eq(first, other));
        for number in 0..2 * MOST {
            let path = format!("/{number}");
            let seen = routes.get(1, &path);
            assert_eq!(seen.is_some(), number + 2 < MOST, "{path}");
            assert!(seen.is_none_or(|seen| *seen.path == *path));
        }
        assert!(core::ptr::eq(
            first,
            routes.get(1, "/items/{id}").expect("it stays")
        ));
    }

    #[test]
    fn threads_that_see_a_route_at_once_have_the_same_one() {
        let routes = Routes::new();
        let places: Vec<usize> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        let seen = routes.get(1, "/").expect("there is room");
                        core::ptr::from_ref(seen).addr()
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().expect("it does not panic"))
                .collect()
        });
        assert!(places.iter().all(|place| *place == places[0]), "{places:?}");
        assert_eq!(routes.index.len(), 1);
    }
}
