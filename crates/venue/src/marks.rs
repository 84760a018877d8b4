//! Mark prices beside bars: liquidation and funding look at the mark, never at the last trade.
//!
//! Nothing here invents a mark: a run of bars carries the last known basis or mark bars of its own interval.

use model::{Bar, Instrument, Mark};

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
    /// The traded bar shifted by a signed basis (mark minus price).
    pub fn from_basis(instrument: &Instrument, bar: &Bar, basis: Mark) -> MarkBar {
        MarkBar {
            open: instrument.mark_of(bar.open) + basis,
            high: instrument.mark_of(bar.high) + basis,
            low: instrument.mark_of(bar.low) + basis,
            close: instrument.mark_of(bar.close) + basis,
        }
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
