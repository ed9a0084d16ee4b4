//! Waiting for what another process does: by looking again, never by a fixed sleep.

use std::time::{Duration, Instant};

/// Asks `probe` every 20 ms until it gives a value.
///
/// # Panics
///
/// After `limit`, with the probe's last reason.
pub fn until<T>(what: &str, limit: Duration, mut probe: impl FnMut() -> Result<T, String>) -> T {
    let started = Instant::now();
    loop {
        match probe() {
            Ok(value) => return value,
            Err(reason) if started.elapsed() >= limit => {
                panic!("{what}: not within {limit:?}; the last try: {reason}")
            }
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}
