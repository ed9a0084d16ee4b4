//! A metric with a million series: its exposition is written in pieces, is never in memory as a whole, and blocks neither
//! those who record nor those who register.

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use datapunk_metrics::encode::{Format, encode_to};
use datapunk_metrics::{Counter, LabelSet, LabelValue, MetricSet, Registry};

/// Bytes in use, and the most that were since it was last set.
static IN_USE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: every call is handed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = IN_USE.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(now, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

macro_rules! hundred {
    ($($variant:ident)*) => {
        #[derive(Clone, Copy, LabelValue)]
        enum Hundred {
            $($variant),*
        }

        const HUNDRED: [Hundred; 100] = [$(Hundred::$variant),*];
    };
}

hundred! {
    A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 B0 B1 B2 B3 B4 B5 B6 B7 B8 B9
    C0 C1 C2 C3 C4 C5 C6 C7 C8 C9 D0 D1 D2 D3 D4 D5 D6 D7 D8 D9
    E0 E1 E2 E3 E4 E5 E6 E7 E8 E9 F0 F1 F2 F3 F4 F5 F6 F7 F8 F9
    G0 G1 G2 G3 G4 G5 G6 G7 G8 G9 H0 H1 H2 H3 H4 H5 H6 H7 H8 H9
    I0 I1 I2 I3 I4 I5 I6 I7 I8 I9 J0 J1 J2 J3 J4 J5 J6 J7 J8 J9
}

#[derive(Clone, Copy, LabelSet)]
struct Place {
    building: Hundred,
    floor: Hundred,
    room: Hundred,
}

#[derive(MetricSet)]
#[metrics(namespace = "wide")]
struct WideMetrics {
    /// Visits, by place.
    #[metric(max_series = 1_000_000)]
    visits_total: Counter<Place>,
}
const WIDE: WideMetrics = WideMetrics::METRICS;

#[derive(MetricSet)]
#[metrics(namespace = "late")]
struct LateMetrics {
    /// Visits.
    visits_total: Counter,
}

fn place(number: usize) -> Place {
    Place {
        building: HUNDRED[number / 10_000 % 100],
        floor: HUNDRED[number / 100 % 100],
        room: HUNDRED[number % 100],
    }
}

/// A scraper that takes nothing until somebody else has recorded and registered meanwhile.
struct Waits<'a> {
    registry: &'a Registry,
    bytes: usize,
    writes: usize,
}

impl Write for Waits<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.bytes += text.len();
        self.writes += 1;
        if self.writes == 2 {
            let before = WIDE.visits_total.with(place(5)).get();
            let late = Instant::now() + Duration::from_secs(20);
            while WIDE.visits_total.with(place(5)).get() < before + 1000 {
                assert!(Instant::now() < late, "recording waits for the scraper");
                thread::yield_now();
            }
            self.registry.register::<LateMetrics>().expect("no clash");
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_million_series_are_written_in_pieces_and_block_nobody() {
    let registry = Registry::new();
    registry.register::<WideMetrics>().expect("no clash");
    for number in 0..1_000_000 {
        WIDE.visits_total.with(place(number)).inc();
    }
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                WIDE.visits_total.with(place(5)).inc();
            }
        });
        for _ in 0..2 {
            let before = IN_USE.load(Ordering::Relaxed);
            PEAK.store(before, Ordering::Relaxed);
            let mut scraper = Waits {
                registry: &registry,
                bytes: 0,
                writes: 0,
            };
            encode_to(&registry, Format::Text, &mut scraper).expect("no reader panics");
            assert!(scraper.bytes > 50_000_000, "{} bytes", scraper.bytes);
            assert!(scraper.writes > 500, "{} pieces", scraper.writes);
            // The values of the metric, what is kept of its lines, one piece.
            let peak = PEAK.load(Ordering::Relaxed) - before;
            assert!(
                peak < scraper.bytes / 2,
                "{peak} bytes for {} of text",
                scraper.bytes
            );
        }
        done.store(true, Ordering::Relaxed);
    });
}
