//! Results summed by bot and period, exactly.
//!
//! It refuses floats, and sums that mix modes: what was earned on paper is a line of its own.

use crate::bad::{BadQuery, BadStore};
use crate::query::{Order, Query, ROWS_MAX};
use crate::store::Store;
use control::period::Period;
use control::record::{Kind, Record, TradeRecord};
use model::Time;
use std::collections::BTreeMap;
use std::fmt;

/// So many sums at most.
pub const TOTALS_MAX: usize = 100_000;

/// A sum of money in micro-USDT. It has more room than any one amount, so no sum of amounts overflows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sum(pub i128);

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, micro) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        write!(f, "{sign}{}.{:06}", micro / 1_000_000, micro % 1_000_000)
    }
}

/// What a bot did in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// When the period began.
    pub from: Time,
    /// Of which shard.
    pub shard: String,
    /// Of which bot.
    pub bot: String,
    /// `paper`, `demo` or `live`.
    pub mode: String,
    /// Round trips that ended in it.
    pub trades: u64,
    /// Those that left more than nothing.
    pub won: u64,
    /// Before fees and funding.
    pub gross: Sum,
    /// Paid is positive.
    pub fees: Sum,
    /// Received is positive.
    pub funding: Sum,
    /// What is left.
    pub net: Sum,
}

impl Total {
    fn empty(from: Time, trade: &TradeRecord) -> Total {
        let zero = Sum::default();
        Total {
            from,
            shard: trade.shard.clone(),
            bot: trade.bot.clone(),
            mode: trade.mode.clone(),
            trades: 0,
            won: 0,
            gross: zero,
            fees: zero,
            funding: zero,
            net: zero,
        }
    }

    fn add(&mut self, trade: &TradeRecord) {
        self.trades += 1;
        self.won += u64::from(trade.net.0.0 > 0);
        let sums = [&mut self.gross, &mut self.fees, &mut self.funding, &mut self.net];
        for (sum, amount) in sums.into_iter().zip([trade.gross, trade.fees, trade.funding, trade.net]) {
            sum.0 += i128::from(amount.0.0);
        }
    }
}

/// Reads every row once, opened where it is sealed, and adds: the same sums whatever the store can or cannot do.
pub(crate) fn totals<S: Store + ?Sized>(
    store: &mut S,
    query: &Query,
    period: Period,
) -> Result<Vec<Total>, BadStore> {
    if query.kind != Kind::Trades {
        return Err(BadQuery::NoSums(query.kind.name()).into());
    }
    let mut query = Query { order: Order::OldestFirst, after: None, rows_max: ROWS_MAX, ..query.clone() };
    let mut totals: BTreeMap<(Time, String, String, String), Total> = BTreeMap::new();
    loop {
        let page = store.read(&query)?;
        for record in &page.records {
            let Record::Trade(trade) = record else { continue };
            let from = period.start(Time(trade.exited_at));
            let whose = (from, trade.shard.clone(), trade.bot.clone(), trade.mode.clone());
            totals.entry(whose).or_insert_with(|| Total::empty(from, trade)).add(trade);
            if totals.len() > TOTALS_MAX {
                return Err(BadQuery::TooManySums.into());
            }
        }
        query.after = page.next;
        if query.after.is_none() {
            return Ok(totals.into_values().collect());
        }
    }
}
