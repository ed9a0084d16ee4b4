//! Recording from within the allocator: a thread's slab is allocated on its first recording, which may record.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use datapunk_metrics::{Bytes, Counter, Histogram, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "allocator")]
struct AllocatorMetrics {
    /// Allocations.
    allocations_total: Counter,
    /// Sizes of allocations.
    #[metric(buckets = [64, 4096, 65536])]
    allocation_size_bytes: Histogram<Bytes>,
}
const METRICS: AllocatorMetrics = AllocatorMetrics::METRICS;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

struct Counting;

// SAFETY: every call is handed on to the system's allocator as it is; recording allocates through this one again, but
// holds nothing of it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        METRICS.allocations_total.inc();
        METRICS.allocation_size_bytes.observe(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn every_allocation_is_counted_that_of_the_slabs_too() {
    let threads: Vec<_> = (0..16)
        .map(|_| {
            thread::spawn(|| {
                (0..1000)
                    .map(|size| vec![0_u8; size + 1].len())
                    .sum::<usize>()
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("it does not panic");
    }
    // The harness has a thread that allocates, so the numbers may move between two looks.
    let exact = (0..1000).any(|_| {
        let before = ALLOCATIONS.load(Ordering::SeqCst);
        let counted = METRICS.allocations_total.get();
        let observed = METRICS.allocation_size_bytes.count();
        before == ALLOCATIONS.load(Ordering::SeqCst) && counted == before && observed == before
    });
    assert!(
        exact,
        "{} allocations, {} counted",
        ALLOCATIONS.load(Ordering::SeqCst),
        METRICS.allocations_total.get()
    );
    assert!(METRICS.allocations_total.get() >= 16_000);
}
