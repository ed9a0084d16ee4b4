//! Metrics that were recorded and have no place in slabs: as a rule those of sets that nobody has registered.
//!
//! What they count is kept in shared cells, and shown by nobody. They are noted where the slow way of a recording finds them,
//! without a lock and without an allocation, since an allocator may record.

use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use once_cell::race::OnceRef;

use crate::descriptor::MetricDescriptor;

/// How many are noted by name; further ones are counted.
const MOST: usize = 256;

static NOTED: [OnceRef<'static, Note>; MOST] = [const { OnceRef::new() }; MOST];
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// What a metric's storage knows of it, to note it once.
#[derive(Debug)]
pub(crate) struct Note {
    descriptor: Option<&'static MetricDescriptor>,
    is_noted: AtomicBool,
    is_registered: AtomicBool,
}

impl Note {
    pub(crate) const fn new(descriptor: Option<&'static MetricDescriptor>) -> Self {
        Self {
            descriptor,
            is_noted: AtomicBool::new(false),
            is_registered: AtomicBool::new(false),
        }
    }

    /// Notes that the metric was recorded without a place.
    pub(crate) fn put(&'static self) {
        if self.is_noted.load(Ordering::Relaxed) || self.is_noted.swap(true, Ordering::Relaxed) {
            return;
        }
        let at = COUNT.fetch_add(1, Ordering::Relaxed);
        if let Some(free) = NOTED.get(at) {
            // Nobody else was given this one.
            let _ = free.set(self);
        }
    }

    /// Notes that some registry has the metric.
    pub(crate) fn register(&self) {
        self.is_registered.store(true, Ordering::Relaxed);
    }
}

/// The metrics that were recorded and that no registry has, and how many there were beside those that are noted by name.
pub(crate) fn unregistered() -> (Vec<&'static MetricDescriptor>, usize) {
    let beyond = COUNT.load(Ordering::Relaxed).saturating_sub(MOST);
    let noted = NOTED.iter().filter_map(OnceRef::get);
    let unregistered = noted.filter(|note| !note.is_registered.load(Ordering::Relaxed));
    (
        unregistered.filter_map(|note| note.descriptor).collect(),
        beyond,
    )
}
