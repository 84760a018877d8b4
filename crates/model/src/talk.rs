//! What a process of the farm and a venue say to each other, whatever carries it.
//!
//! A venue numbers what it says to an account, from 1: so a listener knows what it has missed. Whoever speaks for a venue
//! that does not number (an adapter) gives the numbers. Refuses nothing: these are words.

use crate::{AccountId, OrderId, Qty, Report, Request, Time, Usd};

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
