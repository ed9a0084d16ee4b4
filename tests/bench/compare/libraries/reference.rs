//! What libraries are compared with: a bare atomic, and for encoding a copy of the text; and below them the floor, a
//! number of the thread's own that nobody else could read.

use std::cell::Cell;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use super::{Contender, metric, nothing, ours};
use crate::inputs::{PLACES, each};
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

/// The name of the floor.
pub(crate) const FLOOR: &str = "floor: not shared, nobody can read it";

/// The least that recording can cost on the machine: adding to memory of the thread's own. In a loop over one cell it
/// is bound by how fast the processor reads back what it has just written.
pub(super) fn floor(work: Work) -> Option<Contender> {
    let pass = match work {
        Work::Plain | Work::Literal => add_own,
        Work::Runtime => add_own_chosen,
        _ => return None,
    };
    Some(Contender {
        name: FLOOR,
        pass,
        ..contender(work)
    })
}

thread_local! {
    static CELLS: [Cell<u64>; 25] = const { [const { Cell::new(0) }; 25] };
}

fn add_own() {
    each!(CELLS.with(|cells| cells[7].set(cells[7].get().wrapping_add(1))));
}

fn add_own_chosen() {
    each!((operation, status) in PLACES => CELLS.with(|cells| {
        if let Some(cell) = cells.get(operation * 5 + status) {
            cell.set(cell.get().wrapping_add(1));
        }
    }));
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
