//! A cache of the objects that were read last.

use std::collections::HashMap;
use std::sync::Arc;

/// At most so many objects, the least recently used one goes first.
#[derive(Debug)]
pub(super) struct Cache {
    capacity: usize,
    clock: u64,
    /// Objects and when they were used.
    objects: HashMap<String, (Arc<[u8]>, u64)>,
}

impl Cache {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            clock: 0,
            objects: HashMap::new(),
        }
    }

    /// The object, if it is here.
    pub(super) fn get(&mut self, id: &str) -> Option<Arc<[u8]>> {
        self.clock += 1;
        let (body, used) = self.objects.get_mut(id)?;
        *used = self.clock;
        Some(Arc::clone(body))
    }

    /// Keeps an object and tells whether another one had to go.
    pub(super) fn insert(&mut self, id: &str, body: Arc<[u8]>) -> bool {
        self.clock += 1;
        self.objects.insert(id.to_owned(), (body, self.clock));
        if self.objects.len() <= self.capacity {
            return false;
        }
        let oldest = self.objects.iter().min_by_key(|(_, (_, used))| *used);
        if let Some(id) = oldest.map(|(id, _)| id.clone()) {
            self.objects.remove(&id);
        }
        true
    }

    /// Forgets an object that has changed.
    pub(super) fn remove(&mut self, id: &str) {
        self.objects.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_object_goes() {
        let mut cache = Cache::new(2);
        assert!(!cache.insert("a", Arc::from(*b"1")));
        assert!(!cache.insert("b", Arc::from(*b"2")));
        assert_eq!(cache.get("a").as_deref(), Some(&b"1"[..]));
        assert!(cache.insert("c", Arc::from(*b"3")));
        assert!(cache.get("b").is_none());
        assert!(cache.get("a").is_some() && cache.get("c").is_some());
        cache.remove("a");
        assert!(cache.get("a").is_none());
    }
}
