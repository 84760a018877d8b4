//! What a farm knows of an account when its adapter starts: the reports it has heard, folded.
//!
//! Bitget numbers nothing and remembers for a while, so after a restart what was heard must not be told again, and what
//! was not heard must be. Refuses to guess either: both come from the farm's journal.

use model::{AccountId, Fill, OrderId, Price, Qty, Report, Side, Time};

/// One account, as its farm's books have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Which.
    pub account: AccountId,
    /// Reports about it that the farm has heard.
    pub heard: u64,
    /// What happened before may be taken for heard; the exchange's clock.
    pub since: Time,
    /// The instant of the last funding that was heard, and how many reports were about it.
    pub funded: (Time, usize),
    /// Orders that may rest, or be on their way, or wait for their entry.
    pub orders: Vec<KnownOrder>,
    /// Fills that were heard lately: of the last hours, and all of orders that are not over.
    pub fills: Vec<Fill>,
    /// Takeovers and deleveragings that were heard, of the same hours.
    pub forced: Vec<Report>,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownOrder {
    /// Which.
    pub id: OrderId,
    /// Buy or sell.
    pub side: Side,
    /// All of it, unsigned.
    pub qty: Qty,
    /// Its limit or trigger; none at market.
    pub price: Option<Price>,
    /// Whether it can only make a position smaller.
    pub reduce_only: bool,
    /// How far it is.
    pub standing: Standing,
    /// What of it was heard to have filled, unsigned.
    pub filled: Qty,
}

/// How far an order is, as the farm has heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A leg that waits for its entry.
    Attached,
    /// Sent; nothing was heard.
    Sent,
    /// It was heard of.
    Taken,
}

impl Known {
    /// A farm that has heard nothing yet, beginning now by the exchange's clock.
    pub fn nothing(account: AccountId, since: Time) -> Known {
        Known { account, heard: 0, since, funded: (Time(i64::MIN), 0), orders: Vec::new(), fills: Vec::new(), forced: Vec::new() }
    }
}
