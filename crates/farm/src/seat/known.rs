//! What a farm knows of its accounts when it rises, for whoever speaks for a venue that numbers nothing.
//!
//! Refuses to guess: orders are the books' own, what of them has filled is the journal's.

use crate::flock::Farm;
use crate::journal::Told;
use execution::{OrderStatus, Working};
use model::{AccountId, Known, KnownOrder, Progress, Qty, Time};
use std::collections::BTreeMap;

/// One account: `heard` reports of it were heard, which came to `told`; nothing happened on it before `since`.
pub(crate) fn known(
    farm: &Farm,
    account: AccountId,
    heard: u64,
    told: &BTreeMap<AccountId, Told>,
    since: Time,
) -> Known {
    let nothing = Told::default();
    let told = told.get(&account).unwrap_or(&nothing);
    let bots = || farm.bots().iter().filter(|bot| bot.account() == account);
    let orders = bots().flat_map(|bot| bot.orders().iter());
    Known {
        account,
        heard,
        since: if heard == 0 { since } else { told.since().max(since) },
        funded: told.funded,
        orders: orders.map(|order| of(order, told)).collect(),
        positions: bots().map(|bot| bot.ledger().position().qty).filter(|qty| qty.0 != 0).collect(),
        fills: told.fills.iter().copied().collect(),
        forced: told.forced.iter().map(|(_, report)| *report).collect(),
    }
}

fn of(order: &Working, told: &Told) -> KnownOrder {
    let Working { id, side, qty, price, reduce_only, status, .. } = *order;
    let progress = match status {
        OrderStatus::Attached => Progress::Attached,
        OrderStatus::Submitted => Progress::Sent,
        _ => Progress::Taken,
    };
    let filled = told.filled.get(&id).copied().unwrap_or(Qty::ZERO);
    KnownOrder { id, side, qty, price, reduce_only, progress, filled }
}
