//! What the system says of the process.

use std::time::Duration;

/// One reading; what the system does not say is `None`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Facts {
    /// Of all threads, in user code and in the kernel.
    pub(super) cpu_time: Option<Duration>,
    /// That it may use.
    pub(super) cores: Option<f64>,
    pub(super) memory: Memory,
    pub(super) open_fds: Option<u64>,
    pub(super) max_fds: Option<u64>,
    pub(super) threads: Option<u64>,
}

/// Bytes of memory.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Memory {
    pub(super) resident: Option<u64>,
    pub(super) resident_peak: Option<u64>,
    pub(super) swap: Option<u64>,
    pub(super) virtual_size: Option<u64>,
}

impl Facts {
    pub(super) fn read() -> Self {
        #[cfg_attr(not(unix), expect(unused_mut, reason = "there is nothing to add"))]
        let mut facts = Self {
            cores: cores(),
            ..Self::default()
        };
        #[cfg(unix)]
        unix::read(&mut facts);
        #[cfg(target_os = "linux")]
        linux::read(&mut facts);
        facts
    }
}

fn cores() -> Option<f64> {
    // The standard library rounds a quota down, and one below 1 up.
    #[cfg(target_os = "linux")]
    if let Some(cores) = quota::cores() {
        return Some(cores);
    }
    let cores = std::thread::available_parallelism().ok()?.get();
    Some(f64::from(u32::try_from(cores).ok()?))
}

/// When the process started, since the Unix epoch.
pub(super) fn started() -> Option<Duration> {
    #[cfg(target_os = "linux")]
    return linux::started();
    #[cfg(not(target_os = "linux"))]
    None
}

#[cfg(target_os = "linux")]
mod quota;

#[cfg(unix)]
mod unix {
    use std::time::Duration;

    use rustix::process::{Resource, getrlimit};

    use super::Facts;

    pub(super) fn read(facts: &mut Facts) {
        facts.cpu_time = cpu_time();
        facts.max_fds = getrlimit(Resource::Nofile).current;
    }

    /// The clock of the process: exact to the nanosecond, where /proc counts hundredths of a second.
    #[cfg(any(
        target_vendor = "apple",
        target_os = "android",
        target_os = "freebsd",
        target_os = "linux",
        target_os = "openbsd"
    ))]
    fn cpu_time() -> Option<Duration> {
        use rustix::time::{ClockId, clock_gettime};

        clock_gettime(ClockId::ProcessCPUTime).try_into().ok()
    }

    #[cfg(not(any(
        target_vendor = "apple",
        target_os = "android",
        target_os = "freebsd",
        target_os = "linux",
        target_os = "openbsd"
    )))]
    fn cpu_time() -> Option<Duration> {
        None
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::time::{Duration, SystemTime};

    use procfs_core::FromRead;
    use procfs_core::process::{Stat, Status};
    use rustix::param::clock_ticks_per_second;
    use rustix::time::{ClockId, clock_gettime};

    use super::{Facts, Memory};

    const FDS: &str = "/proc/self/fd";

    pub(super) fn read(facts: &mut Facts) {
        facts.open_fds = open_fds();
        // Has in one file what is otherwise spread over three.
        if let Ok(status) = Status::from_file("/proc/self/status") {
            facts.threads = Some(status.threads);
            facts.memory = Memory {
                resident: bytes(status.vmrss),
                resident_peak: bytes(status.vmhwm),
                swap: bytes(status.vmswap),
                virtual_size: bytes(status.vmsize),
            };
        }
    }

    /// What the kernel writes as kB is 1,024 bytes.
    fn bytes(kib: Option<u64>) -> Option<u64> {
        kib?.checked_mul(1024)
    }

    fn open_fds() -> Option<u64> {
        size_of_folder().or_else(entries_of_folder)
    }

    /// From Linux 6.2 on the size of the folder is the number of descriptors; before, it is 0.
    fn size_of_folder() -> Option<u64> {
        let size = fs::metadata(FDS).ok()?.len();
        (size > 0).then_some(size)
    }

    fn entries_of_folder() -> Option<u64> {
        let entries = u64::try_from(fs::read_dir(FDS).ok()?.count()).ok()?;
        // One of them is the open folder's own.
        entries.checked_sub(1)
    }

    pub(super) fn started() -> Option<Duration> {
        // In ticks since the machine started, by the clock that runs on while the machine is suspended.
        let stat = Stat::from_file("/proc/self/stat").ok()?;
        let ticks_per_second = clock_ticks_per_second();
        let whole = stat.starttime.checked_div(ticks_per_second)?;
        let rest = (stat.starttime % ticks_per_second) * 1000 / ticks_per_second;
        let after_boot = Duration::from_secs(whole) + Duration::from_millis(rest);
        let since_boot = Duration::try_from(clock_gettime(ClockId::Boottime)).ok()?;
        let age = since_boot.checked_sub(after_boot)?;
        SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .ok()?
            .checked_sub(age)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_folder_counted_by_hand_has_as_many_entries_as_its_size_says() {
            // Other tests open and close files meanwhile.
            let equal = (0..1000).any(|_| {
                let counted = entries_of_folder();
                counted.is_some() && size_of_folder().is_none_or(|size| Some(size) == counted)
            });
            assert!(equal);
        }
    }
}
