//! How often something went wrong that somebody else did: requests and frames that were refused, lines that were closed.
//!
//! A counter has a name of this program's, never one of a client's, so there are never many. Refuses to forget.

use crate::exchange::Exchange;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The counters, by what went wrong and where.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counters {
    counts: BTreeMap<(&'static str, u32), u64>,
}

/// Names of counters at once; each is a constant of the code, with one of its codes.
const COUNTERS_MAX: usize = 1_024;

impl Counters {
    pub(crate) fn count(&mut self, name: &'static str, code: u32) {
        let room = self.counts.len() < COUNTERS_MAX;
        if room || self.counts.contains_key(&(name, code)) {
            *self.counts.entry((name, code)).or_default() += 1;
        }
    }
}

impl Exchange {
    /// Counts something that went wrong; `code` is a status or a code, or zero.
    pub fn count(&mut self, name: &'static str, code: u32) {
        self.counters.count(name, code);
    }

    /// How often it did.
    pub fn counted(&self, name: &'static str, code: u32) -> u64 {
        self.counters.counts.get(&(name, code)).copied().unwrap_or(0)
    }

    /// How many lines there are.
    pub fn lines(&self) -> usize {
        self.sessions.len()
    }

    /// All of them, and how many lines and faults there are.
    pub(crate) fn counters_row(&self) -> Value {
        let name = |(name, code): &(&'static str, u32)| match code {
            0 => (*name).to_owned(),
            code => format!("{name} {code}"),
        };
        let counts: BTreeMap<String, u64> =
            self.counters.counts.iter().map(|(key, count)| (name(key), *count)).collect();
        json!({ "counted": counts, "lines": self.sessions.len(), "accounts": self.users.len() })
    }
}
