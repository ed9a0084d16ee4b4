//! The processor time that a control group (version 2) allows, which may be a part of a core.

use std::fs;
use std::path::Path;

use rustix::thread::sched_getaffinity;

const ROOT: &str = "/sys/fs/cgroup";

/// The quota of the process in cores, at most those that it may run on; `None` without a quota.
pub(super) fn cores() -> Option<f64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let group = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let quota = lowest(Path::new(ROOT), group)?;
    let processors = sched_getaffinity(None).ok()?.count();
    Some(quota.min(f64::from(processors)))
}

/// The lowest quota of `group` and the groups around it, up to `root`: each limits all below it.
fn lowest(root: &Path, group: &str) -> Option<f64> {
    root.join(group)
        .ancestors()
        .take_while(|folder| folder.starts_with(root))
        .filter_map(|folder| parse(&fs::read_to_string(folder.join("cpu.max")).ok()?))
        .reduce(f64::min)
}

/// Reads `<microseconds> <of how many>`; without a limit the first is `max`.
fn parse(text: &str) -> Option<f64> {
    let (quota, period) = text.trim().split_once(' ')?;
    let (quota, period): (u32, u32) = (quota.parse().ok()?, period.parse().ok()?);
    (quota > 0 && period > 0).then(|| f64::from(quota) / f64::from(period))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_a_part_of_its_period() {
        for (text, cores) in [
            ("150000 100000\n", Some(1.5)),
            ("50000 100000\n", Some(0.5)),
            ("1000 1000000", Some(0.001)),
            ("max 100000\n", None),
            ("100000\n", None),
            ("0 100000\n", None),
            ("100000 0\n", None),
            ("-1 100000\n", None),
            ("", None),
        ] {
            assert_eq!(parse(text), cores, "{text:?}");
        }
    }

    #[test]
    fn the_lowest_quota_from_the_group_up_to_the_root_holds() {
        let root = std::env::temp_dir().join(format!("cgroup-{}", std::process::id()));
        let put = |group: &str, text: &str| {
            let folder = root.join(group);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("cpu.max"), text).unwrap();
        };
        put("slice/pod/container", "max 100000\n");
        assert_eq!(lowest(&root, "slice/pod/container"), None);
        put("slice", "250000 100000\n");
        put("slice/pod", "300000 100000\n");
        put("slice/other", "10000 100000\n");
        assert_eq!(lowest(&root, "slice/pod/container"), Some(2.5));
        put("slice/pod/container", "50000 100000\n");
        assert_eq!(lowest(&root, "slice/pod/container"), Some(0.5));
        assert_eq!(lowest(&root, "slice/pod"), Some(2.5));
        // In a container with a namespace of its own the group is the root.
        assert_eq!(lowest(&root, ""), None);
        put("", "70000 100000\n");
        assert_eq!(lowest(&root, ""), Some(0.7));
        fs::remove_dir_all(&root).unwrap();
    }
}
