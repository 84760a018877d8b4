//! What the gateway counts of itself: requests by route and status, refusals by word, how long shards take to answer.
//!
//! It refuses a label that a client chooses: a route is one of the table's, a refusal one of our words.

use control::telemetry::{Counter, Gauge, Histogram};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The numbers.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    requests: Mutex<BTreeMap<(&'static str, &'static str, u16), u64>>,
    refusals: Mutex<BTreeMap<&'static str, u64>>,
    pub(crate) request_ms: Histogram,
    pub(crate) command_ack_ms: Histogram,
    pub(crate) connections: Gauge,
    pub(crate) connections_refused: Counter,
    pub(crate) streams: Gauge,
    pub(crate) streams_dropped: Counter,
    pub(crate) deaf: Counter,
    pub(crate) unreadable: Counter,
    pub(crate) audit_unwritten: Counter,
}

impl Counted {
    /// A request was answered. `route` is of the table, or what stands for all others.
    pub(crate) fn request(&self, method: &'static str, route: &'static str, status: u16) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry((method, route, status)).or_default() += 1;
    }

    pub(crate) fn refusal(&self, error: &'static str) {
        *self.refusals.lock().unwrap_or_else(PoisonError::into_inner).entry(error).or_default() += 1;
    }

    pub(crate) fn requests(&self) -> Vec<((&'static str, &'static str, u16), u64)> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.iter().map(|(key, count)| (*key, *count)).collect()
    }

    pub(crate) fn refusals(&self) -> Vec<(&'static str, u64)> {
        let refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.iter().map(|(key, count)| (*key, *count)).collect()
    }
}
