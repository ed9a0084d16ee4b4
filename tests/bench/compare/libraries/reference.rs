//! The reference: a bare atomic, and for encoding a copy of the text.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use super::{Contender, metric, nothing, ours};
use crate::inputs::each;
use crate::rows::Work;

static COUNTER: AtomicU64 = AtomicU64::new(0);

pub(super) fn contender(work: Work) -> Contender {
    Contender {
        name: "reference",
        metric: metric(work),
        pass: if work == Work::Encode { copy } else { add },
        settle: nothing,
        exposition: None,
    }
}

fn add() {
    each!(COUNTER.fetch_add(1, Ordering::Relaxed));
}

fn copy() {
    static TEXT: LazyLock<String> = LazyLock::new(ours::LIBRARY.encoded);
    static BUFFER: Mutex<Vec<u8>> = Mutex::new(Vec::new());

    let mut buffer = BUFFER.lock().unwrap_or_else(PoisonError::into_inner);
    buffer.clear();
    buffer.extend_from_slice(TEXT.as_bytes());
    black_box(&*buffer);
}
