//! How often a host is asked: so many requests a second, and none while it has asked for patience.
//!
//! It refuses to let workers spend more together than one of them may: they share it.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// The requests that are left, by host.
pub struct Budget {
    between: Duration,
    next: Mutex<BTreeMap<String, Instant>>,
}

impl Budget {
    /// So many requests a second and host.
    pub fn new(requests_per_second: u32) -> Budget {
        assert!(requests_per_second > 0, "a budget of nothing fetches nothing");
        Budget { between: Duration::from_secs(1) / requests_per_second, next: Mutex::new(BTreeMap::new()) }
    }

    /// Waits until the host of an address may be asked.
    pub fn spend(&self, url: &str) {
        let at = {
            let mut next = self.next.lock().expect("no holder of this lock panics");
            let now = Instant::now();
            let slot = next.entry(host(url).to_owned()).or_insert(now);
            let at = now.max(*slot);
            *slot = at + self.between;
            at
        };
        thread::sleep(at.saturating_duration_since(Instant::now()));
    }

    /// Nobody asks the host of an address for so long.
    pub fn hold(&self, url: &str, wait: Duration) {
        let mut next = self.next.lock().expect("no holder of this lock panics");
        let until = Instant::now() + wait;
        let slot = next.entry(host(url).to_owned()).or_insert(until);
        *slot = until.max(*slot);
    }
}

/// `host:port` of an address.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_spaced_by_host_and_held_when_asked() {
        let budget = Budget::new(50);
        let started = Instant::now();
        (0..4).for_each(|_| budget.spend("http://a/x"));
        assert!(started.elapsed() >= Duration::from_millis(60), "three spaces of 20 ms");
        let started = Instant::now();
        budget.hold("http://b/x", Duration::from_millis(50));
        budget.spend("http://b/y");
        assert!(started.elapsed() >= Duration::from_millis(50));
    }
}
