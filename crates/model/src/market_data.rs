//! What a venue publishes beside trades: funding rates and mark prices.

use crate::{Interval, Mark, Rate, Time};

/// One funding instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FundingRate {
    /// When it is settled.
    pub time: Time,
    /// What longs pay shorts, as a fraction of notional at mark.
    pub rate: Rate,
}

/// Mark-price bars in columns, ascending in time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MarkColumns {
    /// Length of each bar.
    pub interval: Interval,
    /// First instants.
    pub open_time: Vec<Time>,
    /// Mark at the first instant.
    pub open: Vec<Mark>,
    /// Highest mark.
    pub high: Vec<Mark>,
    /// Lowest mark.
    pub low: Vec<Mark>,
    /// Last mark.
    pub close: Vec<Mark>,
}
