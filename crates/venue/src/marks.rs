//! Mark prices beside bars: liquidation and funding look at the mark, never at the last trade.
//!
//! Nothing here invents a mark: a run of bars carries the last known basis or mark bars of its own interval.

use model::{Bar, Mark, Price};

/// The mark prices during one bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkBar {
    /// At the first instant.
    pub open: Mark,
    /// Highest.
    pub high: Mark,
    /// Lowest.
    pub low: Mark,
    /// At the last instant.
    pub close: Mark,
}

impl MarkBar {
    /// The traded bar shifted by a signed basis (mark minus price), `mark_per_tick` mark units a tick.
    pub fn from_basis(mark_per_tick: i64, bar: &Bar, basis: Mark) -> MarkBar {
        // A basis carried into a crash must not make a mark of nothing.
        let at = |price: Price| (Mark(price.0 * mark_per_tick) + basis).max(Mark(1));
        MarkBar { open: at(bar.open), high: at(bar.high), low: at(bar.low), close: at(bar.close) }
    }
}

/// Mark prices of a run of bars.
#[derive(Clone, Copy, Debug)]
pub enum MarkPath<'a> {
    /// The last known signed mark minus price.
    Basis(Mark),
    /// Mark bars of the same interval, in columns as long as the bars.
    Bars {
        /// Highest marks.
        high: &'a [Mark],
        /// Lowest marks.
        low: &'a [Mark],
    },
}
