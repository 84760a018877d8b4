//! Trades told once: after each new subscription the exchange repeats the recent ones.
//!
//! The last ids are remembered, in the order they came, so a repeated row is known however late it comes. Refuses to
//! grow: beyond its maximum the oldest id is forgotten.

use std::collections::{BTreeSet, VecDeque};

/// Ids remembered: several snapshots' worth.
pub const IDS_MAX: usize = 2_000;

/// The ids that were told.
#[derive(Clone, Debug)]
pub struct Once {
    known: BTreeSet<String>,
    order: VecDeque<String>,
    most: usize,
}

impl Default for Once {
    fn default() -> Once {
        Once::keeping(IDS_MAX)
    }
}

impl Once {
    /// One that remembers so many.
    pub fn keeping(most: usize) -> Once {
        assert!(most > 0, "who remembers nothing tells everything twice");
        Once { known: BTreeSet::new(), order: VecDeque::new(), most }
    }

    /// Whether this id was not told before; it is from now on.
    pub fn is_new(&mut self, id: &str) -> bool {
        if self.known.contains(id) {
            return false;
        }
        if self.order.len() >= self.most {
            let oldest = self.order.pop_front().expect("a full memory has an oldest id");
            self.known.remove(&oldest);
        }
        self.known.insert(id.to_owned());
        self.order.push_back(id.to_owned());
        true
    }

    /// Whether it was told, as far as is remembered.
    pub fn knows(&self, id: &str) -> bool {
        self.known.contains(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_once_and_memory_has_an_end() {
        let mut once = Once::default();
        assert!(once.is_new("a") && !once.is_new("a") && once.is_new("b"));
        for n in 0..IDS_MAX - 1 {
            assert!(once.is_new(&n.to_string()));
        }
        assert!(!once.is_new("b"), "still remembered");
        assert!(once.is_new("a"), "the oldest one was forgotten");
        assert_eq!((once.known.len(), once.order.len()), (IDS_MAX, IDS_MAX));
    }
}
