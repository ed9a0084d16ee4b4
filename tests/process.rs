//! The metrics of the process, compared with what /proc says of this one.
//!
//! They read /proc in another place than the library does, wherever there is one.

#![cfg(target_os = "linux")]
#![expect(clippy::float_cmp, reason = "counts are whole numbers")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::hint::black_box;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use datapunk_metrics::encode::{Format, encode};
use datapunk_metrics::process::ProcessMetrics;
use datapunk_metrics::{Registry, registry};
use support::exposition::Samples;
use support::{judge, wait};

const RESIDENT: &str = "process_memory_bytes{type=\"resident\"}";
const RESIDENT_PEAK: &str = "process_memory_bytes{type=\"resident_peak\"}";
const SWAP: &str = "process_memory_bytes{type=\"swap\"}";
const VIRTUAL: &str = "process_memory_bytes{type=\"virtual\"}";

/// Ticks of the clock that /proc counts in, on every Linux.
const TICKS: f64 = 100.0;

/// One test at a time: each changes what the process uses.
fn alone() -> MutexGuard<'static, ()> {
    static LOCK: Mutex<()> = Mutex::new(());
    LOCK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The set, read anew: a reading is kept for a quarter of a second.
fn page(format: Format) -> String {
    thread::sleep(Duration::from_millis(260));
    let registry = Registry::new();
    registry
        .register::<ProcessMetrics>()
        .expect("one set does not clash");
    encode(&registry, format).expect("the readers do not panic")
}

fn samples() -> Samples {
    Samples::read(&page(Format::Text))
}

fn value(samples: &Samples, series: &str) -> f64 {
    samples
        .get(series)
        .unwrap_or_else(|| panic!("`{series}` is absent"))
}

/// A field of /proc/self/stat by its number in proc(5).
fn stat(field: usize) -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux has it");
    // The name of the program, in parentheses, may hold spaces.
    let (_, rest) = stat.rsplit_once(") ").expect("a name in parentheses");
    let field = rest.split(' ').nth(field - 3).expect("proc(5) has it");
    field.parse().expect("a number")
}

fn cpu_seconds() -> f64 {
    (stat(14) + stat(15)) / TICKS
}

/// A line of a file of /proc, as the number behind its name.
fn line(path: &str, name: &str) -> f64 {
    let text = fs::read_to_string(path).expect("Linux has it");
    text.lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or_else(|| panic!("no `{name}` in {path}"))
}

fn resident_bytes() -> f64 {
    line("/proc/self/smaps_rollup", "Rss:") * 1024.0
}

fn open_fds() -> f64 {
    let entries = fs::read_dir("/proc/self/fd").expect("Linux has it").count();
    // One is the folder's own.
    as_float(entries - 1)
}

fn as_float(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("not that many"))
}

/// Waits until `series` is between what `proc` says before and after the scrape, give or take a part of it. Threads of
/// the test's harness come and go.
fn agrees(series: &str, part: f64, proc: impl Fn() -> f64) {
    wait::until(series, Duration::from_secs(20), || {
        let before = proc();
        let ours = value(&samples(), series);
        let after = proc();
        let (low, high) = (before.min(after), before.max(after));
        if (low * (1.0 - part)..=high * (1.0 + part)).contains(&ours) {
            Ok(())
        } else {
            Err(format!("{ours}, /proc: {before} and {after}"))
        }
    });
}

#[test]
fn names_kinds_and_labels_are_those_of_the_standard() {
    let _alone = alone();
    let text = page(Format::Text);
    let kinds: BTreeMap<_, _> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '))
        .collect();
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        [
            ("process_cpu_cores", "gauge"),
            ("process_cpu_seconds_total", "counter"),
            ("process_max_fds", "gauge"),
            ("process_memory_bytes", "gauge"),
            ("process_open_fds", "gauge"),
            ("process_start_time_seconds", "gauge"),
            ("process_threads", "gauge"),
        ]
    );
    let series: Vec<_> = Samples::read(&text).0.into_keys().collect();
    assert_eq!(
        series,
        [
            "process_cpu_cores",
            "process_cpu_seconds_total",
            "process_max_fds",
            RESIDENT,
            RESIDENT_PEAK,
            SWAP,
            VIRTUAL,
            "process_open_fds",
            "process_start_time_seconds",
            "process_threads",
        ]
    );
}

#[test]
fn the_judges_accept_them() {
    let _alone = alone();
    let text = page(Format::Text);
    assert_eq!(judge::promtool(text.as_bytes()), Ok(()), "{text}");
    let text = page(Format::OpenMetrics);
    assert_eq!(judge::strict_parser(text.as_bytes()), Ok(()), "{text}");
}

/// Keeps two threads busy until the process has used `seconds` more.
fn burn(seconds: f64) {
    let end = cpu_seconds() + seconds;
    let deadline = Instant::now() + Duration::from_secs(30);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while cpu_seconds() < end {
                    assert!(Instant::now() < deadline, "no processor time in 30 s");
                    (0..200_000_u64).for_each(|number| {
                        black_box(number);
                    });
                }
            });
        }
    });
}

#[test]
fn processor_time_is_that_of_proc() {
    let _alone = alone();
    let before = samples();
    let proc_before = cpu_seconds();
    burn(0.9);
    let after = samples();
    let proc_after = cpu_seconds();

    let series = "process_cpu_seconds_total";
    let ours = value(&after, series) - value(&before, series);
    let proc = proc_after - proc_before;
    assert!(ours >= 0.85, "{ours}");
    // /proc counts in hundredths of a second, and is read a moment later.
    assert!((ours - proc).abs() < 0.04, "{ours} s, /proc: {proc} s");
    assert!(
        (value(&after, series) - proc_after).abs() < 0.04,
        "{after:?}, /proc: {proc_after}"
    );
}

/// Processors that this thread may run on, by the bits of the kernel's mask.
fn allowed_processors() -> u32 {
    let status = fs::read_to_string("/proc/thread-self/status").expect("Linux has it");
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed:"))
        .expect("a mask");
    mask.chars()
        .filter_map(|digit| digit.to_digit(16))
        .map(u32::count_ones)
        .sum()
}

/// The cores, which a quota of the machine's control groups may make fewer than the processors.
fn cores() -> f64 {
    let cores = value(&samples(), "process_cpu_cores");
    let processors = f64::from(allowed_processors());
    assert!(cores > 0.0 && cores <= processors, "{cores}, {processors}");
    let whole = thread::available_parallelism().expect("Linux says").get();
    assert_eq!(cores.floor().max(1.0), as_float(whole));
    cores
}

#[test]
fn cores_are_those_that_the_process_may_use() {
    let _alone = alone();
    let all = cores();
    // A thread of its own, which takes the narrower mask with it when it ends.
    let pinned = thread::spawn(|| {
        pin_to_one_processor();
        assert_eq!(allowed_processors(), 1);
        cores()
    });
    let pinned = pinned.join().expect("the thread does not panic");
    assert_eq!(pinned, all.min(1.0));
}

/// Lets this thread run on no other processor than the one that it is on.
fn pin_to_one_processor() {
    // SAFETY: both calls take no pointer but that of the mask, which is as large as they are told; a mask of zeros is a
    // valid empty one.
    let result = unsafe {
        let mut mask: libc::cpu_set_t = core::mem::zeroed();
        let processor = usize::try_from(libc::sched_getcpu()).expect("Linux knows it");
        libc::CPU_SET(processor, &mut mask);
        libc::sched_setaffinity(0, size_of_val(&mask), &raw const mask)
    };
    assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
}

#[test]
fn memory_is_that_of_proc() {
    const SIZE: usize = 50 << 20;

    let _alone = alone();
    let before = samples();

    let touched = black_box(vec![1_u8; SIZE]);
    let during = samples();
    let size = as_float(SIZE);
    for series in [RESIDENT, VIRTUAL] {
        let grown = value(&during, series) - value(&before, series);
        assert!((grown - size).abs() < 0.02 * size, "{series}: {grown}");
    }
    agrees(RESIDENT, 0.01, resident_bytes);
    agrees(VIRTUAL, 0.01, || stat(23));
    drop(touched);

    let after = samples();
    assert!(value(&after, RESIDENT) < value(&during, RESIDENT) - 0.9 * size);
    // The kernel keeps the peak in rounder numbers than the rest.
    assert!(value(&after, RESIDENT_PEAK) > 0.97 * value(&during, RESIDENT));
    agrees(SWAP, 0.0, || {
        line("/proc/self/smaps_rollup", "Swap:") * 1024.0
    });
}

#[test]
fn open_files_are_those_of_proc() {
    let _alone = alone();
    agrees("process_open_fds", 0.0, open_fds);
    let before = value(&samples(), "process_open_fds");
    let files: Vec<_> = (0..20)
        .map(|_| File::open("/proc/self/exe").expect("a test is a file"))
        .collect();
    assert_eq!(value(&samples(), "process_open_fds"), before + 20.0);
    agrees("process_open_fds", 0.0, open_fds);
    drop(files);
    assert_eq!(value(&samples(), "process_open_fds"), before);

    agrees("process_max_fds", 0.0, || {
        line("/proc/self/limits", "Max open files")
    });
}

#[test]
fn threads_are_those_of_proc() {
    let _alone = alone();
    let tasks = || {
        as_float(
            fs::read_dir("/proc/self/task")
                .expect("Linux has it")
                .count(),
        )
    };
    agrees("process_threads", 0.0, tasks);
    let gate = Mutex::new(());
    thread::scope(|scope| {
        let closed = gate.lock();
        for _ in 0..5 {
            // Opened by a panic as well, which poisons it.
            scope.spawn(|| drop(gate.lock()));
        }
        agrees("process_threads", 0.0, tasks);
        assert!(value(&samples(), "process_threads") >= 6.0);
        drop(closed);
    });
    agrees("process_threads", 0.0, tasks);
}

#[test]
fn the_start_is_that_of_proc_and_stays() {
    let _alone = alone();
    let started = value(&samples(), "process_start_time_seconds");
    // The start of the machine is written in whole seconds.
    let proc = line("/proc/stat", "btime") + stat(22) / TICKS;
    assert!((started - proc).abs() <= 1.1, "{started}, /proc: {proc}");
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("after 1970")
        .as_secs_f64();
    assert!(started < now && started > now - 3600.0, "{started}, {now}");
    assert_eq!(value(&samples(), "process_start_time_seconds"), started);
}

#[test]
fn a_scrape_soon_after_another_reads_nothing() {
    let _alone = alone();
    let _fresh = samples();
    let registry = Registry::new();
    registry
        .register::<ProcessMetrics>()
        .expect("one set does not clash");
    let encoded = || encode(&registry, Format::Text).expect("the readers do not panic");
    // On a busy machine a quarter of a second may pass in between, but not every time.
    let kept = (0..20).any(|_| {
        let first = encoded();
        let file = File::open("/proc/self/exe").expect("a test is a file");
        let second = encoded();
        drop(file);
        first == second
    });
    assert!(kept);
}

#[test]
fn the_feature_links_them_in_and_a_registry_can_leave_them_out() {
    let module = "datapunk_metrics::process";
    let has = |registry: &Registry| {
        registry
            .sets()
            .iter()
            .any(|set| set.location.module == module)
    };
    assert!(has(registry().expect("no sets clash")));
    let rest = Registry::linked(|set| set.location.module != module).expect("no sets clash");
    assert!(!has(&rest));
}
