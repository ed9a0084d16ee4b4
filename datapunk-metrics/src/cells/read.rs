//! All cells of a metric at once, as an exposition reads them.
//!
//! A service has about as many slabs as threads, and most threads record in few of its metrics: most of what is read
//! is memory that was never touched. So the cells are read a block at a time, whose sums stay in the processor's first
//! cache, and a block of a slab is first asked whether there is anything in it.

use core::sync::atomic::{AtomicU64, Ordering};

use super::{Layout, sum};
use crate::slab::{self, Place};
use crate::thread;

/// Cells that are read at a time.
const BLOCK: usize = 512;

/// The cells of a cache line, written out one by one: the compiler does not unroll a loop over atomics.
const LINE: usize = 8;

/// Adds the cells that threads have at a place to `values`, those of whole series.
pub(super) fn add_slabs(place: usize, layout: Layout, values: &mut [u64]) {
    if place == Place::NONE {
        return;
    }
    // Whole series, and of a wide histogram one at least.
    let block = (BLOCK / layout.cells).max(1) * layout.cells;
    let mut scratch = Vec::new();
    for (at, values) in values.chunks_mut(block).enumerate() {
        let first = place + at * block;
        thread::SLABS.each(|slab| {
            let Some(own) = slab.get(first..first + values.len()) else {
                return;
            };
            if is_untouched(own) {
                return;
            }
            if layout.cells == 1 {
                add_cells(own, values, layout.ends_in_float);
            } else {
                scratch.resize(values.len(), 0);
                read_block(slab, first, layout.cells, &mut scratch);
                add_series(&scratch, values, layout);
            }
        });
    }
}

/// Whether nothing was recorded in these cells.
fn is_untouched(cells: &[AtomicU64]) -> bool {
    let (lines, rest) = cells.as_chunks::<LINE>();
    let is_zero = |line: &[AtomicU64]| {
        let bits = line
            .iter()
            .fold(0, |bits, cell| bits | cell.load(Ordering::Relaxed));
        bits == 0
    };
    lines.iter().all(|line| is_zero(line)) && is_zero(rest)
}

/// Adds cells to values, each for itself.
fn add_cells(cells: &[AtomicU64], values: &mut [u64], is_float: bool) {
    let (lines, rest) = cells.as_chunks::<LINE>();
    let (value_lines, value_rest) = values.as_chunks_mut::<LINE>();
    let add = |cells: &[AtomicU64], values: &mut [u64]| {
        for (cell, value) in cells.iter().zip(values) {
            *value = sum(*value, cell.load(Ordering::Acquire), is_float);
        }
    };
    for (line, values) in lines.iter().zip(value_lines) {
        add(line, values);
    }
    add(rest, value_rest);
}

/// Reads series of a slab, each as it was between two writes.
fn read_block(slab: &[AtomicU64], first: usize, width: usize, values: &mut [u64]) {
    // Mostly nothing is written meanwhile.
    if slab::try_read(slab, first, values) {
        return;
    }
    for (at, series) in values.chunks_exact_mut(width).enumerate() {
        slab::read_series(slab, first + at * width, series);
    }
}

/// Adds series to series.
fn add_series(own: &[u64], values: &mut [u64], layout: Layout) {
    if layout.ends_in_float {
        let all = own.chunks_exact(layout.cells);
        for (own, values) in all.zip(values.chunks_exact_mut(layout.cells)) {
            let last = layout.cells - 1;
            values[last] = sum(values[last], own[last], true);
            for (own, value) in own[..last].iter().zip(&mut values[..last]) {
                *value = value.wrapping_add(*own);
            }
        }
    } else {
        for (own, value) in own.iter().zip(values) {
            *value = value.wrapping_add(*own);
        }
    }
}
