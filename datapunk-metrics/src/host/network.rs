//! What the network devices could not receive or send.

use procfs_core::FromRead;
use procfs_core::net::InterfaceDeviceStatus;

const LOOPBACK: &str = "lo";

/// Packets lost to errors by device, in the order of the names.
pub(super) fn errors() -> Vec<(String, u64)> {
    match InterfaceDeviceStatus::from_file("/proc/self/net/dev") {
        Ok(devices) => errors_of(devices),
        Err(_) => Vec::new(),
    }
}

fn errors_of(devices: InterfaceDeviceStatus) -> Vec<(String, u64)> {
    let mut errors: Vec<(String, u64)> = devices
        .0
        .into_values()
        .map(|device| {
            let name = device.name.trim_end_matches(':').to_owned();
            (name, device.recv_errs.saturating_add(device.sent_errs))
        })
        .filter(|(name, _)| name != LOOPBACK)
        .collect();
    errors.sort_unstable();
    errors
}

#[cfg(test)]
mod tests {
    use procfs_core::FromBufRead;

    use super::*;

    #[test]
    fn errors_of_both_directions_are_added_up() {
        let text = "\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 5121913    8819    9    0    0     0          0         0  5121913    8819    0    0    0     0       0          0
  eth1:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
  eth0: 188423372    9833    3    7    0     3          0         0   678877    6223    4    0    0     0       1          0
";
        let devices = InterfaceDeviceStatus::from_buf_read(text.as_bytes()).unwrap();
        let expected = [("eth0".to_owned(), 7), ("eth1".to_owned(), 0)];
        assert_eq!(errors_of(devices), expected);
    }
}
