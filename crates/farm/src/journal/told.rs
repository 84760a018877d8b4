//! What a journal's reports come to for whoever speaks for the venue after a restart: what was heard, and how much of it.
//!
//! Refuses to keep more than the last day's fills: a venue is not asked about older ones.

use model::{Fill, Interval, OrderId, Qty, Report, Time};
use std::collections::{BTreeMap, VecDeque};

/// Fills are kept for so long.
const KEPT: Interval = Interval::DAY;

/// What was heard of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// When the last report came.
    pub last: Time,
    /// The instant of the last funding, and how many reports were about it.
    pub funded: (Time, usize),
    /// Fills of the last day, as they came.
    pub fills: VecDeque<(Time, Fill)>,
    /// What has filled of orders that are not over.
    pub filled: BTreeMap<OrderId, Qty>,
}

impl Default for Told {
    fn default() -> Told {
        let never = Time(i64::MIN);
        Told { last: never, funded: (never, 0), fills: VecDeque::new(), filled: BTreeMap::new() }
    }
}

impl Told {
    /// One more report.
    pub(super) fn hear(&mut self, at: Time, report: &Report) {
        self.last = self.last.max(at);
        match report {
            Report::Filled(fill) => {
                while self.fills.front().is_some_and(|(then, _)| at - *then > KEPT) {
                    self.fills.pop_front();
                }
                self.fills.push_back((at, *fill));
                if fill.remaining.0 > 0 {
                    *self.filled.entry(fill.id).or_default() += fill.qty.abs();
                } else {
                    self.filled.remove(&fill.id);
                }
            }
            Report::Cancelled { id, .. } => {
                self.filled.remove(id);
            }
            Report::Funding { .. } => {
                self.funded = if self.funded.0 == at { (at, self.funded.1 + 1) } else { (at, 1) };
            }
            _ => {}
        }
    }
}
