//! What a journal's reports come to for whoever speaks for the venue after a restart: what was heard, and how much of it.
//!
//! Refuses to keep more fills than of the last day, or since all was known: a venue is not asked about older ones.

use model::{Fill, Interval, OrderId, Qty, Report, Time};
use std::collections::{BTreeMap, VecDeque};

/// Fills are kept for so long.
const KEPT: Interval = Interval::DAY;
/// An answer about an account was asked for at most so long before it is shown.
const ASKED_BEFORE: Interval = Interval(120_000);

/// What was heard of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// When the last answer about what the account holds was shown: all that had happened before it was asked for was heard.
    pub audited: Time,
    /// The instant of the last funding, and how many reports were about it.
    pub funded: (Time, usize),
    /// Fills of the last day and since the last answer was shown, as they came.
    pub fills: VecDeque<(Time, Fill)>,
    /// What has filled of orders that are not over.
    pub filled: BTreeMap<OrderId, Qty>,
    /// Takeovers and deleveragings, of the same time.
    pub forced: VecDeque<(Time, Report)>,
}

impl Default for Told {
    fn default() -> Told {
        let never = Time(i64::MIN);
        Told {
            audited: never,
            funded: (never, 0),
            fills: VecDeque::new(),
            filled: BTreeMap::new(),
            forced: VecDeque::new(),
        }
    }
}

impl Told {
    /// What happened before is heard. The last report says nothing about it: what one process had found out at once may have
    /// been heard in part when it died.
    pub fn since(&self) -> Time {
        Time(self.audited.0.saturating_sub(ASKED_BEFORE.0))
    }

    /// An answer about the account was shown.
    pub(super) fn audit(&mut self, at: Time) {
        self.audited = self.audited.max(at);
    }

    /// One more report.
    pub(super) fn hear(&mut self, at: Time, report: &Report) {
        match report {
            Report::Filled(fill) => {
                let kept = Time(self.since().0.saturating_sub(KEPT.0));
                let is_old = |then: Time| at - then > KEPT && then < kept;
                while self.fills.front().is_some_and(|(then, _)| is_old(*then)) {
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
            Report::Liquidated { .. } | Report::Deleveraged { .. } => {
                let kept = Time(self.since().0.saturating_sub(KEPT.0));
                let is_old = |then: Time| at - then > KEPT && then < kept;
                while self.forced.front().is_some_and(|(then, _)| is_old(*then)) {
                    self.forced.pop_front();
                }
                self.forced.push_back((at, *report));
            }
            Report::Funding { .. } => {
                self.funded = if self.funded.0 == at { (at, self.funded.1 + 1) } else { (at, 1) };
            }
            _ => {}
        }
    }
}
