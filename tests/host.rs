//! The metrics of the machine, compared with what other programs say of it.

#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::time::Duration;

use datapunk_metrics::encode::{Format, encode};
use datapunk_metrics::host::{DiskMetrics, NetworkMetrics};
use datapunk_metrics::{MetricSet, Registry, registry};
use support::exposition::Samples;
use support::{judge, wait};

/// As a service asks for them.
#[derive(MetricSet)]
#[metrics(unlinked)]
struct HostMetrics {
    disk: DiskMetrics,
    network: NetworkMetrics,
}

fn page(format: Format) -> String {
    let registry = Registry::new();
    registry
        .register::<HostMetrics>()
        .expect("it does not clash");
    encode(&registry, format).expect("the readers do not panic")
}

fn samples() -> Samples {
    Samples::read(&page(Format::Text))
}

/// What `df` says of a file system: bytes that are available, and its size.
fn df(mountpoint: &str) -> (f64, f64) {
    let output = Command::new("df")
        .args(["--block-size=1", "--output=avail,size", mountpoint])
        .output()
        .expect("coreutils are there");
    let text = String::from_utf8(output.stdout).expect("numbers");
    let numbers = text.lines().nth(1).expect("a line for the file system");
    let mut numbers = numbers
        .split_whitespace()
        .map(|number| number.parse::<f64>().expect("a number"));
    (
        numbers.next().expect("available"),
        numbers.next().expect("size"),
    )
}

/// The values of one label.
fn values(samples: &Samples, metric: &str) -> BTreeMap<String, f64> {
    samples
        .of(metric)
        .map(|(series, value)| {
            let label = series.split('"').nth(1).expect("a label");
            (label.to_owned(), value)
        })
        .collect()
}

#[test]
fn disks_are_as_full_as_df_says() {
    wait::until("equal numbers", Duration::from_secs(20), || {
        let samples = samples();
        let (free, total) = (
            values(&samples, "disk_free_bytes"),
            values(&samples, "disk_total_bytes"),
        );
        assert!(total.contains_key("/"), "{samples:?}");
        assert!(free.keys().eq(total.keys()), "{samples:?}");
        for (mountpoint, total) in total {
            let (df_free, df_total) = df(&mountpoint);
            let free = free[&mountpoint];
            // Others write meanwhile.
            let is_near = (free - df_free).abs() <= 0.01 * df_total && free <= total;
            if total.to_bits() != df_total.to_bits() || !is_near {
                return Err(format!(
                    "{mountpoint}: {free} of {total}, df: {df_free} of {df_total}"
                ));
            }
        }
        Ok(())
    });
}

#[test]
fn pseudo_file_systems_are_left_out() {
    let disks = values(&samples(), "disk_total_bytes");
    for pseudo in ["/proc", "/sys", "/dev", "/dev/shm", "/dev/pts"] {
        assert!(!disks.contains_key(pseudo), "{disks:?}");
    }
}

#[test]
fn errors_are_those_of_the_kernels_own_counters() {
    let devices = values(&samples(), "network_errors_total");
    let mut folders: Vec<String> = fs::read_dir("/sys/class/net")
        .expect("Linux has it")
        .map(|entry| {
            entry
                .expect("it can be read")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| {
            name != "lo" && fs::metadata(format!("/sys/class/net/{name}/statistics")).is_ok()
        })
        .collect();
    folders.sort_unstable();
    assert!(
        devices.keys().eq(&folders),
        "{devices:?}, /sys: {folders:?}"
    );
    let read = |device: &str, file: &str| -> f64 {
        let path = format!("/sys/class/net/{device}/statistics/{file}");
        let text = fs::read_to_string(path).expect("Linux has it");
        text.trim().parse().expect("a number")
    };
    for (device, errors) in devices {
        let kernel = read(&device, "rx_errors") + read(&device, "tx_errors");
        // Further ones may come between the two readings.
        assert!(
            errors <= kernel && kernel - errors < 1000.0,
            "{device}: {errors}, /sys: {kernel}"
        );
    }
}

#[test]
fn the_judges_accept_them() {
    let text = page(Format::Text);
    assert_eq!(judge::promtool(text.as_bytes()), Ok(()), "{text}");
    let text = page(Format::OpenMetrics);
    assert_eq!(judge::strict_parser(text.as_bytes()), Ok(()), "{text}");
}

#[test]
fn the_feature_alone_exposes_nothing() {
    let registry = registry().expect("no sets clash");
    let module = "datapunk_metrics::host";
    assert!(
        registry
            .sets()
            .iter()
            .all(|set| set.location.module != module)
    );
}
