//! The standard's metrics of the machine: its disks and its network devices, read at each scrape.
//!
//! ```
//! use datapunk_metrics::MetricSet;
//! use datapunk_metrics::host::{DiskMetrics, NetworkMetrics};
//!
//! /// All metrics of the service.
//! #[derive(MetricSet)]
//! struct ServiceMetrics {
//!     disk: DiskMetrics,
//!     network: NetworkMetrics,
//! }
//! ```
//!
//! | metric | kind | value |
//! |---|---|---|
//! | `disk_free_bytes{mountpoint}` | gauge | what is left for a user who is not root |
//! | `disk_total_bytes{mountpoint}` | gauge | the size of the file system |
//! | `network_errors_total{device}` | counter | packets that were not received or sent, because of an error |
//!
//! They are those of a machine and not of a program, so they are exposed where they are asked for: by a set that holds
//! them, or with [`register`](crate::register). Ten services of one machine need them once. In a container they are what
//! the container sees: the disks that are mounted there, and its own network devices.
//!
//! - They exist on Linux; elsewhere, and where `/proc` can't be read, there are no series.
//! - A disk is a file system that is kept on a device, or the overlay that is a container's root. Pseudo and network file
//!   systems are left out (asking a file server that is gone would block the scrape), and so are images that are full by
//!   nature, such as those of snaps. One that is mounted at several places shows at the shortest.
//! - The loopback device is left out.
//! - At most 100 disks and 100 devices are shown, the first by name; what is beyond that is counted in
//!   `datapunk_metrics_folded_samples_total`, as for all open labels.
//! - The disks are asked once a scrape, which takes a file and one call for each. The answer is kept for a quarter of a
//!   second.

#[cfg(target_os = "linux")]
mod disk;
#[cfg(target_os = "linux")]
mod network;

use crate::{Counter, Gauge, LabelSet, MetricSet, Readings};

/// The disks of the machine.
///
/// See the [module](self). There is nothing to record.
#[derive(Clone, Copy, Debug, MetricSet)]
#[metrics(namespace = "disk", unlinked, crate = crate)]
pub struct DiskMetrics {
    /// Bytes that are free for users who are not root, by mount point.
    #[metric(read = free_bytes)]
    free_bytes: Gauge<DiskLabels<'static>>,
    /// Size of the file system in bytes, by mount point.
    #[metric(read = total_bytes)]
    total_bytes: Gauge<DiskLabels<'static>>,
}

/// The network devices of the machine.
///
/// See the [module](self). There is nothing to record.
#[derive(Clone, Copy, Debug, MetricSet)]
#[metrics(namespace = "network", unlinked, crate = crate)]
pub struct NetworkMetrics {
    /// Packets that were not received or sent because of an error, by device.
    #[metric(read = errors)]
    errors_total: Counter<DeviceLabels<'static>>,
}

/// The labels of a disk.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct DiskLabels<'a> {
    /// Where it is mounted.
    #[label(max = 100)]
    pub mountpoint: &'a str,
}

/// The labels of a network device.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct DeviceLabels<'a> {
    /// Its name.
    #[label(max = 100)]
    pub device: &'a str,
}

fn free_bytes(readings: &mut Readings<'_, DiskLabels<'static>, i64>) {
    #[cfg(target_os = "linux")]
    for disk in disk::disks().iter() {
        let mountpoint = &disk.mountpoint;
        readings.set(DiskLabels { mountpoint }, whole(disk.free));
    }
    #[cfg(not(target_os = "linux"))]
    let _ = readings;
}

fn total_bytes(readings: &mut Readings<'_, DiskLabels<'static>, i64>) {
    #[cfg(target_os = "linux")]
    for disk in disk::disks().iter() {
        let mountpoint = &disk.mountpoint;
        readings.set(DiskLabels { mountpoint }, whole(disk.total));
    }
    #[cfg(not(target_os = "linux"))]
    let _ = readings;
}

fn errors(readings: &mut Readings<'_, DeviceLabels<'static>, u64>) {
    #[cfg(target_os = "linux")]
    for (device, errors) in network::errors() {
        readings.set(DeviceLabels { device: &device }, errors);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = readings;
}

#[cfg(target_os = "linux")]
fn whole(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
