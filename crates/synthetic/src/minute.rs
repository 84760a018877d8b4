//! What a minute of a made market holds: everything that a venue would have published of it.

use model::{Bar, FundingRate, Mark};

/// One minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Minute {
    /// The bar: prices in ticks of 0.1 USDT, volume in coins, whole thousandths of one.
    pub bar: Bar,
    /// The mark over the same minute.
    pub mark: MarkBar,
    /// The rate that is settled at the bar's open, each eight hours.
    pub funding: Option<FundingRate>,
    /// How many trades there were.
    pub trades: u32,
    /// What of the volume takers bought, in coins, whole thousandths of one.
    pub taker_buy_volume: f64,
}

/// The mark over one minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkBar {
    /// Mark at the first instant.
    pub open: Mark,
    /// Highest mark.
    pub high: Mark,
    /// Lowest mark.
    pub low: Mark,
    /// Last mark.
    pub close: Mark,
}
