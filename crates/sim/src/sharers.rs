//! Who holds what of the account that several share, out of what the venue said alone, and what must hold of it.
//!
//! It cuts what the venue did to the whole by a rule of its own writing: a takeover by lots in the order of the bots'
//! numbers, a close of too many lots from who has most. It refuses to ask a farm who holds what.

use crate::checks::Broken;
use crate::company::SHARED;
use crate::front::{Front, is_foreign};
use execution::OrderStatus;
use farm::{Bot, Farm};
use model::{AccountId, BotId, Fill, Leg, OrderId, PositionMode, PositionSide, Report};
use std::collections::{BTreeMap, BTreeSet};

/// Both lines of a hedged account.
pub(crate) const LINES: [PositionSide; 2] = [PositionSide::Long, PositionSide::Short];

/// What the positions of an account are called.
pub(crate) fn sides(account: &venue::Account) -> &'static [PositionSide] {
    match account.mode().position {
        PositionMode::OneWay => &[PositionSide::Net],
        PositionMode::Hedge => &LINES,
    }
}

/// What each has of each line, unsigned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sharers {
    lots: BTreeMap<BotId, [i64; 2]>,
    /// Reports that were looked at.
    heard: usize,
    /// For how long each stood without a stop, in seconds.
    naked: BTreeMap<BotId, u64>,
}

const fn line(side: PositionSide) -> usize {
    match side {
        PositionSide::Net | PositionSide::Long => 0,
        PositionSide::Short => 1,
    }
}

impl Sharers {
    pub(crate) fn new(bots: impl Iterator<Item = BotId>) -> Sharers {
        Sharers { lots: bots.map(|bot| (bot, [0, 0])).collect(), ..Sharers::default() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lots.is_empty()
    }

    /// Whether somebody has lots of a line.
    pub(crate) fn holds(&self, bot: BotId, side: PositionSide) -> bool {
        self.lots.get(&bot).is_some_and(|held| held[line(side)] > 0)
    }

    /// Reads on in the record of their account.
    pub(crate) fn read(&mut self, front: &Front) {
        let record = front.record(SHARED);
        for (_, report) in &record[self.heard..] {
            match *report {
                Report::Filled(ref fill) => self.fill(fill),
                Report::Liquidated { position_side, qty, .. }
                | Report::Deleveraged { position_side, qty, .. } => {
                    self.cut(line(position_side), qty.0.abs());
                }
                _ => {}
            }
        }
        self.heard = record.len();
    }

    fn fill(&mut self, fill: &Fill) {
        let (at, lots) = (line(fill.position_side), fill.qty.0.abs());
        let opens = (fill.qty.0 > 0) == (at == 0);
        let Some(own) = self.lots.get_mut(&fill.id.bot).map(|held| &mut held[at]) else { return };
        if opens {
            *own += lots;
            return;
        }
        let closed = lots.min(*own);
        *own -= closed;
        let mut left = lots - closed;
        while left > 0 {
            // Of those with as many the first.
            let most = self.lots.values_mut().map(|held| &mut held[at]).rev().max_by_key(|held| **held);
            let Some(most) = most.filter(|held| **held > 0) else { return };
            let taken = left.min(*most);
            *most -= taken;
            left -= taken;
        }
    }

    /// Everybody loses his part: rounded on the running sum, so that the parts are the whole.
    fn cut(&mut self, at: usize, lots: i64) {
        let whole: i64 = self.lots.values().map(|held| held[at]).sum();
        let (mut seen, mut given) = (0, 0);
        for held in self.lots.values_mut().map(|held| &mut held[at]).filter(|held| **held > 0) {
            seen += *held;
            let due = (2 * lots.min(whole) * seen + whole) / (2 * whole);
            *held -= due - given;
            given = due;
        }
    }

    /// One more second: each has a stop of its own for what it has. Returns the longest that somebody had none.
    pub(crate) fn watch(&mut self, front: &Front, answers: bool) -> (u64, Option<BotId>) {
        self.read(front);
        let account = front.venue().account(SHARED);
        let (mut longest, mut who) = (0, None);
        for (bot, held) in &self.lots {
            let is_stopped = |side: PositionSide| {
                account.open_orders().any(|order| {
                    order.id.bot == *bot && order.id.leg == Leg::Stop && order.position_side == side
                })
            };
            let is_naked = LINES.into_iter().zip(held).any(|(side, lots)| *lots > 0 && !is_stopped(side));
            let seconds = self.naked.entry(*bot).or_default();
            *seconds = if is_naked && answers { *seconds + 1 } else { 0 };
            if *seconds > longest {
                (longest, who) = (*seconds, Some(*bot));
            }
        }
        (longest, who)
    }
}

/// After healing: money and lots of the bots and the treasury are those of the account, whatever the price.
pub(crate) fn value(farm: &Farm, front: &Front, id: AccountId) -> Result<(), Broken> {
    let (account, instrument) = (front.venue().account(id), front.venue().instrument());
    let bots: Vec<&Bot> = farm.bots().iter().filter(|bot| bot.account() == id).collect();
    let treasury = farm.treasury(id).unwrap_or_default();
    let wallets = bots.iter().fold(treasury, |sum, bot| sum + bot.ledger().books().wallet());
    let costs: i128 = bots.iter().map(|bot| bot.ledger().position().cost).sum();
    let cost: i128 = account.position(PositionSide::Long).cost + account.position(PositionSide::Short).cost;
    let (ours, theirs) = (wallets - instrument.usd(costs), account.wallet() - instrument.usd(cost));
    if ours == theirs {
        return Ok(());
    }
    let bot = bots.first().map_or(BotId(id.0), |bot| bot.id());
    Err(Broken::Ledger(bot, format!("{id} and its bots have {ours} at price 0, the venue has {theirs}")))
}

/// After healing: line by line and bot by bot the lots of the farm are those of the record and of the venue.
pub(crate) fn both_sides(sharers: &Sharers, farm: &Farm, front: &Front) -> Result<(), Broken> {
    if sharers.is_empty() || farm.bots().iter().all(|bot| bot.account() != SHARED) {
        return Ok(());
    }
    let account = front.venue().account(SHARED);
    value(farm, front, SHARED)?;
    let (mut rest, mut sums) = (BTreeSet::new(), [0, 0]);
    for bot in farm.bots().iter().filter(|bot| bot.account() == SHARED) {
        let (id, held) = (bot.id(), bot.ledger().position().qty.0);
        let ours = [held.max(0), (-held).max(0)];
        let theirs = sharers.lots[&id];
        if ours != theirs {
            return Err(Broken::Ledger(id, format!("{ours:?} lots, by the record it has {theirs:?}")));
        }
        sums = [sums[0] + ours[0], sums[1] + ours[1]];
        let at_rest = bot.orders().iter().filter(|order| order.status != OrderStatus::Attached);
        rest.extend(at_rest.map(|order| order.id));
    }
    let lines = LINES.map(|side| account.position(side).qty.0.abs());
    if lines != sums {
        let what = format!("{sums:?} lots together, the venue has {lines:?}");
        return Err(Broken::Ledger(BotId(SHARED.0), what));
    }
    let orders = account.open_orders().map(|order| order.id);
    let theirs: BTreeSet<OrderId> = orders.filter(|id| !is_foreign(*id)).collect();
    if rest != theirs {
        return Err(Broken::Orders(BotId(SHARED.0), format!("{rest:?}, the venue has {theirs:?}")));
    }
    Ok(())
}
