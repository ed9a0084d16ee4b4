//! Expositions in pieces, and what is kept between them.

use std::sync::PoisonError;

use proptest::prelude::*;

use super::*;
use crate::{Counter, Gauge, Histogram, LabelSet, LabelValue, MetricSet, Seconds};

/// A wide label whose series appear when they are touched, by number.
#[derive(Clone, Copy)]
struct Wide(usize);

const WIDE: usize = 40;

impl LabelValue for Wide {
    const VALUES: &'static [&'static str] = &{
        let mut values = [""; WIDE];
        let mut at = 0;
        while at < WIDE {
            // One text of growing length for each, so that they differ.
            values[at] = LONG.split_at(at).0;
            at += 1;
        }
        values[3] = "a \"quote\", a \\ and a \n";
        values
    };
    const SPARSE: bool = true;

    fn index(self) -> usize {
        self.0
    }
}

const LONG: &str = "zero one two three four five six seven eight nine ten";

#[derive(Clone, Copy, LabelSet)]
#[label(crate = crate)]
struct WideLabels {
    retried: bool,
    wide: Wide,
}

/// Series that appear late, of each shape.
#[derive(MetricSet)]
#[metrics(namespace = "late", crate = crate)]
struct Late {
    /// Calls.
    calls_total: Counter<WideLabels>,
    /// Processor time.
    cpu_seconds_total: Counter<WideLabels, f64>,
    /// Connections.
    #[metric(labels(side = "in \"quotes\""))]
    connections_current: Gauge<WideLabels>,
    /// Durations.
    #[metric(buckets = [0.5, 1, 2], max_series = 10000)]
    call_duration_seconds: Histogram<Seconds, WideLabels>,
    /// Durations without labels.
    #[metric(buckets = [0.5, 1, 2])]
    total_duration_seconds: Histogram<Seconds>,
}

fn touch(metric: u8, series: usize, n: u32) {
    let labels = WideLabels {
        retried: series.is_multiple_of(2),
        wide: Wide(series / 2 % WIDE),
    };
    let late = Late::METRICS;
    match metric {
        0 => late.calls_total.with(labels).add(u64::from(n)),
        1 => late.cpu_seconds_total.with(labels).add(f64::from(n) / 8.0),
        2 => late.connections_current.with(labels).set(-i64::from(n)),
        3 => {
            let duration = core::time::Duration::from_millis(u64::from(n));
            late.call_duration_seconds.with(labels).observe(duration);
        }
        _ => late
            .total_duration_seconds
            .observe(core::time::Duration::from_nanos(u64::from(n))),
    }
}

fn late() -> Registry {
    let registry = Registry::new();
    registry.register::<Late>().unwrap();
    registry
}

fn in_pieces(registry: &Registry, format: Format) -> (String, usize) {
    struct Pieces(Vec<u8>, usize);
    impl Write for Pieces {
        fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
            self.1 = self.1.max(piece.len());
            self.0.extend_from_slice(piece);
            Ok(piece.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut pieces = Pieces(Vec::new(), 0);
    encode_to(registry, format, &mut pieces).unwrap();
    (String::from_utf8(pieces.0).unwrap(), pieces.1)
}

#[test]
fn what_is_kept_is_what_would_be_rendered() {
    // A registry that has encoded before, in both formats and with fewer series, against a new one each time.
    let warm = late();
    let mut seed = 1_u64;
    let mut number = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from((seed >> 33) % below).unwrap()
    };
    for round in 0..60 {
        for _ in 0..number(20) {
            let n = u32::try_from(number(1 << 20)).unwrap();
            touch(u8::try_from(number(5)).unwrap(), number(2 * WIDE as u64), n);
        }
        let format = if round % 3 == 0 {
            Format::OpenMetrics
        } else {
            Format::Text
        };
        let fresh = encode(&late(), format).unwrap();
        assert_eq!(encode(&warm, format).unwrap(), fresh);
        assert_eq!(in_pieces(&warm, format).0, fresh);
    }
    let text = encode(&warm, Format::Text).unwrap();
    assert!(
        text.contains("side=\"in \\\"quotes\\\"\",retried=\"true\""),
        "{text}"
    );
    assert!(
        text.contains("wide=\"a \\\"quote\\\", a \\\\ and a \\n\"}"),
        "{text}"
    );
}

/// A label that many series have.
const ROUTE: LabelDescriptor = LabelDescriptor {
    name: "route",
    hash: 0,
    values: &["a route with a name that takes its place: sixty-four characters!"; 400],
    variants: &[""; 400],
    sparse: true,
    open: None,
    waivers: &[],
};

fn kept(registry: &Registry) -> Vec<usize> {
    let families = registry.families();
    let kept = families.iter().map(|family| {
        let lines = family.snapshot(&[]).lines();
        lines.lock().unwrap_or_else(PoisonError::into_inner).kept()
    });
    kept.collect()
}

#[test]
fn a_series_that_was_never_shown_is_not_rendered() {
    let numbers = cells([0; 400]);
    let Source::Cells(storage) = numbers else {
        unreachable!()
    };
    let registry = registry_of(vec![(
        MetricDescriptor {
            labels: &[ROUTE],
            ..metric("routes_total", Kind::Counter, "")
        },
        numbers,
    )]);
    encode(&registry, Format::Text).unwrap();
    assert_eq!(kept(&registry), [0]);
    storage.add(7, 1);
    storage.add(300, 1);
    encode(&registry, Format::Text).unwrap();
    let of_two = 2 * (ROUTE.values[0].len() + "routes_total{route=\"\"} 1\n".len());
    assert_eq!(kept(&registry), [of_two]);
    // Each format is kept by itself.
    encode(&registry, Format::OpenMetrics).unwrap();
    assert_eq!(kept(&registry), [2 * of_two]);
}

#[test]
fn a_very_wide_family_is_written_in_pieces_and_kept_up_to_a_bound() {
    const SERIES: usize = 400 * 400;
    static CELLS: Storage<[Cell; SERIES]> = Storage::new();
    let storage: &'static Storage = &CELLS;
    for series in 0..SERIES {
        storage.add(series, 1_000_000_000 + series as u64);
    }
    let registry = registry_of(vec![(
        MetricDescriptor {
            labels: &[ROUTE, ROUTE],
            ..metric("routes_total", Kind::Counter, "")
        },
        Source::Cells(storage),
    )]);
    for _ in 0..2 {
        let (text, longest) = in_pieces(&registry, Format::Text);
        assert!(longest < CHUNK + ROOM, "{longest}");
        let bound = 4 << 20;
        assert!((bound - ROOM..bound + ROOM).contains(&kept(&registry)[0]));
        let route = ROUTE.values[0];
        let start = format!("routes_total{{route=\"{route}\",route=\"{route}\"}} ");
        let mut lines = text.lines().skip(2);
        for series in 0..SERIES {
            let line = lines.next().unwrap();
            let value = line.strip_prefix(&start);
            assert_eq!(value, Some((1_000_000_000 + series).to_string().as_str()));
        }
        assert_eq!(lines.next(), None);
    }
}

#[test]
fn a_number_that_grows_moves_the_lines_behind_it() {
    let numbers = cells([1; 6]);
    let Source::Cells(storage) = numbers else {
        unreachable!()
    };
    let registry = registry_of(vec![(
        MetricDescriptor {
            labels: &[RESULT, SIZE],
            ..metric("lookups_total", Kind::Counter, "")
        },
        numbers,
    )]);
    let mut numbers = [1_u64; 6];
    let more: &[(usize, u64)] = &[
        (2, 9),
        (0, 98),
        (5, 999),
        (1, 1),
        (3, u64::from(u32::MAX)),
        (0, 1),
        (4, 8),
    ];
    for (series, more) in more {
        storage.add(*series, *more);
        numbers[*series] += *more;
        let text = encode(&registry, Format::Text).unwrap();
        let shown = text.lines().filter(|line| !line.starts_with('#'));
        let shown: Vec<u64> = shown
            .map(|line| line.rsplit(' ').next().unwrap().parse().unwrap())
            .collect();
        assert_eq!(shown, numbers);
    }
}

#[test]
fn a_slow_writer_holds_up_nobody() {
    /// While it is written to, it registers, records and encodes.
    struct Busy<'a>(&'a Registry, usize);
    impl Write for Busy<'_> {
        fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
            self.0.register::<Late>().map_err(io::Error::other)?;
            touch(0, self.1, 1);
            let text = encode(self.0, Format::Text).map_err(io::Error::other)?;
            assert!(text.contains("late_calls_total"));
            self.1 += 1;
            Ok(piece.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let registry = registry_of(vec![(
        MetricDescriptor {
            labels: &[ROUTE, RESULT, RESULT],
            buckets: &[1.0, 2.0],
            ..metric("route_length", Kind::Histogram, "")
        },
        cells([1; 400 * 4 * 4]),
    )]);
    let mut busy = Busy(&registry, 0);
    encode_to(&registry, Format::OpenMetrics, &mut busy).unwrap();
    assert!(busy.1 > 10, "{}", busy.1);
}

#[test]
fn a_writer_that_fails_ends_the_exposition() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let error = encode_to(&every_kind(), Format::Text, &mut Full).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
}

/// Metrics of a gate that breaks.
#[derive(MetricSet)]
#[metrics(namespace = "gate", crate = crate)]
struct Gate {
    /// Cars.
    cars_passed_total: Counter,
    /// Speed.
    #[metric(read = broken)]
    speed_meters: Gauge<(), f64>,
}

fn broken() -> f64 {
    panic!("wire off")
}

#[test]
fn a_panic_at_scrape_time_is_known_before_anything_is_written() {
    let registry = Registry::new();
    registry.register::<Gate>().unwrap();
    let mut written = Vec::new();
    let error = encode_to(&registry, Format::Text, &mut written).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Other);
    let error = error.into_inner().unwrap();
    let error = error.downcast_ref::<CollectError>().unwrap();
    assert_eq!(error.metric(), "gate_speed_meters");
    assert!(written.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    // Wherever the pieces end, together they are the whole.
    #[test]
    fn pieces_of_any_size_make_the_whole(enough in 1..700_usize) {
        for format in [Format::Text, Format::OpenMetrics] {
            let registry = every_kind();
            let mut exposition = Exposition::new(format, Collection::begin(&registry).unwrap());
            let mut text = String::new();
            loop {
                let mut out = Buffer::with_capacity(0);
                let is_more = exposition.fill(&mut out, enough);
                prop_assert!(!is_more || out.len() >= enough);
                text.push_str(&out.into_string());
                if !is_more {
                    break;
                }
            }
            prop_assert_eq!(text, encode(&registry, format).unwrap());
        }
    }
}
