//! What a process of the farm and a venue say to each other, whatever carries it.
//!
//! A venue numbers what it says to an account, from 1: so a listener knows what it has missed. Whoever speaks for a venue
//! that does not number (an adapter) gives the numbers. Refuses nothing: these are words.

use crate::{AccountId, Fill, OrderId, Price, Qty, Report, Request, Side, Time, Usd};

/// What a venue says.
#[derive(Clone, Debug, PartialEq)]
pub enum FromVenue {
    /// One report of an account, by itself.
    Report {
        /// Whose.
        account: AccountId,
        /// Which of its reports, from 1.
        number: u64,
        /// When it happened.
        at: Time,
        /// What.
        report: Report,
    },
    /// The reports of an account from a number on.
    History {
        /// Whose.
        account: AccountId,
        /// When the desk had asked.
        asked_at: Time,
        /// When it was answered, by the venue's clock.
        at: Time,
        /// Number, instant and report, ascending without a gap; not all, if there are very many.
        reports: Vec<(u64, Time, Report)>,
        /// The number of its last report.
        last: u64,
    },
    /// What an account holds.
    Holding {
        /// Which.
        account: AccountId,
        /// When the desk had asked.
        asked_at: Time,
        /// What is there.
        holding: Holding,
    },
    /// The line is there again; what was said meanwhile was not heard.
    Linked,
}

/// What an account holds at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The number of its last report: all of them are in what follows, and none after.
    pub last: u64,
    /// Realised money.
    pub wallet: Usd,
    /// Signed positions; a net one comes first, else the long and the short one.
    pub positions: [Qty; 2],
    /// Orders at rest; `None` for one whose id no farm gave.
    pub orders: Vec<Option<OrderId>>,
}

/// What is said to a venue.
#[derive(Clone, Debug, PartialEq)]
pub enum ToVenue {
    /// Do this, if it arrives in time.
    Request {
        /// For whom.
        account: AccountId,
        /// What.
        request: Request,
        /// Later than this it must not be done.
        valid_until: Time,
    },
    /// What has been said since.
    AskHistory {
        /// To whom.
        account: AccountId,
        /// After this number.
        after: u64,
        /// When it is asked.
        asked_at: Time,
    },
    /// What is there.
    AskHolding {
        /// Which account.
        account: AccountId,
        /// When it is asked.
        asked_at: Time,
    },
}

/// What a farm knows of an account when whoever speaks for its venue starts: the reports it has heard, folded. What was heard
/// must not be told again, and what was not heard must be.
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
    /// What each bot on it holds, signed.
    pub positions: Vec<Qty>,
    /// Fills that were heard lately, and when they happened: of the last hours, and all of orders that are not over.
    pub fills: Vec<(Time, Fill)>,
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
    pub progress: Progress,
    /// What of it was heard to have filled, unsigned.
    pub filled: Qty,
}

/// How far an order is, as the farm has heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
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
        Known {
            account,
            heard: 0,
            since,
            funded: (Time(i64::MIN), 0),
            orders: Vec::new(),
            positions: Vec::new(),
            fills: Vec::new(),
            forced: Vec::new(),
        }
    }
}
