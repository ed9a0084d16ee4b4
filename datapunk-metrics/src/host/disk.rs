//! Which disks are mounted, and how full they are.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use procfs_core::process::MountInfo;
use rustix::fs::statvfs;

/// How long an answer is kept: longer than a scrape takes, and shorter than the time between two.
const KEPT: Duration = Duration::from_millis(250);

/// File systems without a device of their own that hold data on one: the root of a container, and those that manage
/// several devices.
const WITHOUT_DEVICE: &[&str] = &["bcachefs", "overlay", "zfs"];

/// Images that nobody can write to, and that are full by nature.
const IMAGES: &[&str] = &["cramfs", "erofs", "iso9660", "squashfs", "udf"];

/// A mounted file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Disk {
    pub(super) mountpoint: String,
    /// Bytes that are left for a user who is not root.
    pub(super) free: u64,
    pub(super) total: u64,
}

/// The disks of this moment.
pub(super) fn disks() -> Arc<[Disk]> {
    static LAST: Mutex<Option<(Instant, Arc<[Disk]>)>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((at, disks)) = &*last
        && at.elapsed() < KEPT
    {
        return Arc::clone(disks);
    }
    let disks: Arc<[Disk]> = read().into();
    *last = Some((Instant::now(), Arc::clone(&disks)));
    disks
}

fn read() -> Vec<Disk> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let types = fs::read_to_string("/proc/filesystems").unwrap_or_default();
    mountpoints(&mounts, &types)
        .into_iter()
        .filter_map(measure)
        .collect()
}

/// None for what can't be asked, and for what has no size.
fn measure(mountpoint: String) -> Option<Disk> {
    let stat = statvfs(&mountpoint).ok()?;
    let disk = Disk {
        mountpoint,
        free: stat.f_bavail.saturating_mul(stat.f_frsize),
        total: stat.f_blocks.saturating_mul(stat.f_frsize),
    };
    (disk.total > 0).then_some(disk)
}

/// Where disks are mounted, by name, each once.
fn mountpoints(mounts: &str, types: &str) -> Vec<String> {
    // The last mount at a place hides those before it.
    let mut at_place = BTreeMap::new();
    for line in mounts.lines() {
        // A line that the parser does not know yet is one disk that is missing, not all of them.
        if let Ok(mount) = MountInfo::from_line(line) {
            let place = unescaped(&mount.mount_point.to_string_lossy());
            at_place.insert(place, mount);
        }
    }
    let mut of_device: BTreeMap<String, String> = BTreeMap::new();
    for (place, mount) in at_place {
        if !is_disk(&mount.fs_type, types) {
            continue;
        }
        let known = of_device
            .entry(mount.majmin)
            .or_insert_with(|| place.clone());
        if place.len() < known.len() {
            *known = place;
        }
    }
    let mut places: Vec<String> = of_device.into_values().collect();
    places.sort_unstable();
    places
}

/// Whether `types`, as /proc/filesystems has it, says that the file system is kept on a device.
fn is_disk(fs_type: &str, types: &str) -> bool {
    if WITHOUT_DEVICE.contains(&fs_type) {
        return true;
    }
    let needs_a_device = types
        .lines()
        .any(|line| line.strip_prefix('\t') == Some(fs_type));
    needs_a_device && !IMAGES.contains(&fs_type)
}

/// Undoes what the kernel does to spaces and the like: `\040`.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part
            .get(..3)
            .and_then(|code| u8::from_str_radix(code, 8).ok());
        match code {
            Some(code) if code.is_ascii() => {
                plain.push(char::from(code));
                plain.push_str(&part[3..]);
            }
            _ => {
                plain.push('\\');
                plain.push_str(part);
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPES: &str = "nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\toverlay\nnodev\tnfs4\n\text4\n\tsquashfs\n\txfs\n";

    #[test]
    fn disks_are_what_is_kept_on_a_device() {
        let mounts = "\
22 27 0:21 / /proc rw,relatime - proc proc rw
25 24 0:23 / /dev/shm rw,relatime - tmpfs tmpfs rw,size=24684084k
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
60 27 7:1 / /snap/core/1 ro,nodev,relatime - squashfs /dev/loop1 ro
61 27 0:50 / /mnt/share rw,relatime - nfs4 server:/share rw
62 27 8:17 / /mnt/a\\040disk rw,relatime - xfs /dev/sdb1 rw
";
        assert_eq!(mountpoints(mounts, TYPES), ["/", "/mnt/a disk"]);
    }

    #[test]
    fn a_container_has_its_root_and_each_disk_once() {
        let mounts = "\
513 400 0:52 / / rw,relatime master:1 - overlay overlay rw,lowerdir=/a,upperdir=/b,workdir=/c
520 513 259:1 /hosts /etc/hosts rw,noatime - ext4 /dev/nvme0n1p1 rw
521 513 259:1 /data /data rw,noatime - ext4 /dev/nvme0n1p1 rw
522 513 259:1 /resolv /etc/resolv.conf rw,noatime - ext4 /dev/nvme0n1p1 rw
";
        assert_eq!(mountpoints(mounts, TYPES), ["/", "/data"]);
    }

    #[test]
    fn what_is_mounted_over_does_not_show() {
        let mounts = "\
30 1 8:1 / /data rw - ext4 /dev/sda1 rw
31 1 0:60 / /data rw - tmpfs tmpfs rw
no line of this form
32 1 8:2 / /srv rw - ext4 /dev/sda2 rw
";
        assert_eq!(mountpoints(mounts, TYPES), ["/srv"]);
        assert!(mountpoints("", "").is_empty());
    }

    #[test]
    fn escapes_are_undone() {
        for (escaped, plain) in [
            ("/plain", "/plain"),
            (r"/a\040b\011c\012d\134e\043", "/a b\tc\nd\\e#"),
            (r"/not\04", r"/not\04"),
            (r"/not\999", r"/not\999"),
            (r"/not\377", r"/not\377"),
            (r"/end\", r"/end\"),
        ] {
            assert_eq!(unescaped(escaped), plain);
        }
    }
}
