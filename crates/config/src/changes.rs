//! What a reload would change, and which of it a running farm takes.
//!
//! It refuses to apply anything: whoever runs the farm does.

use crate::section::{Entry, Reload};
use crate::sections::Config;
use std::collections::BTreeMap;

/// A value that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which key.
    pub path: String,
    /// What it was, as TOML.
    pub from: Option<String>,
    /// What it would be.
    pub to: Option<String>,
}

/// What a reload would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Taken while the farm runs.
    pub live: Vec<Change>,
    /// Taken by a restart only.
    pub restart: Vec<Change>,
}

impl Config {
    /// What would be another value.
    pub fn changes(&self, new: &Config) -> Changes {
        let by_path = |config: &Config| -> BTreeMap<String, Entry> {
            config.entries().into_iter().map(|entry| (entry.path.clone(), entry)).collect()
        };
        let (old, new) = (by_path(self), by_path(new));
        let mut paths: Vec<&String> = old.keys().chain(new.keys()).collect();
        paths.sort();
        paths.dedup();
        let mut changes = Changes::default();
        for path in paths {
            let value = |of: &BTreeMap<String, Entry>| of.get(path).and_then(|entry| entry.value.clone());
            let (from, to) = (value(&old), value(&new));
            if from == to {
                continue;
            }
            let reload =
                old.get(path).or_else(|| new.get(path)).map_or(Reload::Restart, |entry| entry.reload);
            let change = Change { path: path.clone(), from, to };
            match reload {
                Reload::Live => changes.live.push(change),
                Reload::Restart => changes.restart.push(change),
            }
        }
        changes
    }
}

impl Changes {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.live.is_empty() && self.restart.is_empty()
    }
}
