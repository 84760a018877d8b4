//! What a farm keeps of each account of the venue: what belongs to no bot, and, where several bots share one, the venue's
//! own view of it, so that sub-ledgers can be held against it after every posting.
//!
//! Shares of one amount are cut so that they sum to it, whoever comes first. It refuses an instrument whose tick-lot is not
//! a whole number of micro-USDT: profits of the parts would not sum to the profit of the whole.

use crate::roster::AccountPlan;
use execution::{Books, Posting};
use model::event::Audit;
use model::{AccountId, Fill, Instrument, OrderId, Position, PositionSide, Qty, StateHash, Usd};

/// The most orders of one answer that are looked at; a venue's account holds fewer.
const AUDIT_ORDERS_MAX: usize = 1_024;

/// An account.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) id: AccountId,
    treasury: Books,
    /// Where several bots share it.
    pub(crate) mirror: Option<Mirror>,
    pub(crate) audit: Answer,
    /// What its books do not explain, as last seen.
    pub(crate) unexplained: Option<Difference>,
    /// It was seen flat and empty since the kill switch was thrown.
    pub(crate) verified: bool,
    /// The order that leaves what is nobody's.
    pub(crate) stray_order: Option<OrderId>,
}

model::state!(Account { treasury, audit, unexplained, verified, stray_order } origin { id } optional { mirror });

/// The venue's view of a shared account: one position for each side, at its average price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mirror {
    pub(crate) wallet: Usd,
    pub(crate) lines: [Position; 2],
    /// The part of them that no bot can have asked for: nobody's lots, whose money is the treasury's.
    pub(crate) strays: [Position; 2],
}

model::value!(Mirror { wallet, lines, strays });

/// An answer about what the account holds, as far as it was heard.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) wallet: Usd,
    pub(crate) positions: [Qty; 2],
    pub(crate) orders: Vec<OrderId>,
    pub(crate) foreign: u32,
    begun: bool,
}

model::state!(Answer { wallet, positions, orders, foreign, begun } if |answer| {
    answer.orders.len() <= AUDIT_ORDERS_MAX
});

/// What the venue has more than the books say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Money.
    pub wallet: Usd,
    /// Lots: net, or long and short.
    pub positions: [Qty; 2],
    /// Orders that no farm placed.
    pub orders: u32,
}

model::value!(Difference { wallet, positions, orders });

impl Account {
    pub(crate) fn new(plan: AccountPlan, capital: Usd, shared: bool) -> Account {
        let mut treasury = Books::default();
        treasury.post(Posting::Transfer, plan.treasury);
        let wallet = plan.treasury + capital;
        Account {
            id: plan.id,
            treasury,
            mirror: shared.then_some(Mirror {
                wallet,
                lines: [Position::FLAT; 2],
                strays: [Position::FLAT; 2],
            }),
            audit: Answer::default(),
            unexplained: None,
            verified: false,
            stray_order: None,
        }
    }

    /// Money that belongs to no bot.
    pub(crate) fn treasury(&self) -> Usd {
        self.treasury.wallet()
    }

    pub(crate) fn post(&mut self, posting: Posting, cash: Usd) {
        self.treasury.post(posting, cash);
    }

    /// Money that came to the account, or left it, from outside.
    pub(crate) fn take_in(&mut self, cash: Usd) {
        self.treasury.post(Posting::Transfer, cash);
        if let Some(mirror) = &mut self.mirror {
            mirror.wallet += cash;
        }
    }

    pub(crate) fn hash(&self, hash: &mut StateHash) {
        hash.int(self.treasury().0);
        if let Some(Mirror { wallet, lines, strays }) = &self.mirror {
            hash.int(wallet.0);
            for line in lines.iter().chain(strays) {
                hash.int(line.qty.0);
                hash.word(line.cost as u64);
            }
        }
        let Difference { wallet, positions: [net, short], orders } = self.unexplained.unwrap_or_default();
        hash.word(self.stray_order.map_or(0, OrderId::word));
        for word in [wallet.0, net.0, short.0, i64::from(orders), i64::from(self.verified)] {
            hash.int(word);
        }
    }
}

impl Answer {
    /// Hears a piece; whether it was the end of a whole answer.
    pub(crate) fn hear(&mut self, audit: &Audit) -> bool {
        match *audit {
            Audit::Begin { wallet, positions } => {
                self.orders.clear();
                (self.wallet, self.positions, self.foreign, self.begun) = (wallet, positions, 0, true);
            }
            Audit::Order(id) if self.orders.len() < AUDIT_ORDERS_MAX => self.orders.push(id),
            Audit::Order(_) | Audit::Foreign => self.foreign += 1,
            Audit::End => return std::mem::take(&mut self.begun),
        }
        false
    }
}

impl Mirror {
    /// Index of the line a side means.
    pub(crate) const fn line(side: PositionSide) -> usize {
        match side {
            PositionSide::Net | PositionSide::Long => 0,
            PositionSide::Short => 1,
        }
    }

    /// Books what the venue did to a line as a whole.
    pub(crate) fn fill(&mut self, instrument: &Instrument, fill: &Fill) {
        let realised = self.lines[Mirror::line(fill.position_side)].fill(fill.qty, fill.price);
        self.wallet += instrument.usd(realised.profit) - fill.fee;
    }
}

impl Account {
    /// Books lots that are nobody's, or that nobody had.
    pub(crate) fn stray(&mut self, instrument: &Instrument, side: PositionSide, part: &Fill) {
        let Some(mirror) = &mut self.mirror else { return };
        let realised = mirror.strays[Mirror::line(side)].fill(part.qty, part.price);
        self.treasury.post(Posting::Trade, instrument.usd(realised.profit));
        self.treasury.post(Posting::Fee, -part.fee);
    }

    /// Whether what its books do not explain is more than an order.
    pub(crate) fn is_grave(&self, bearable: Usd) -> bool {
        let grave = |found: &Difference| {
            found.wallet.0.abs() > bearable.0 || found.positions.iter().any(|lots| lots.0 != 0)
        };
        self.unexplained.as_ref().is_some_and(grave) || self.first_stray().is_some()
    }

    /// Signed lots that are nobody's.
    pub(crate) fn first_stray(&self) -> Option<Qty> {
        let strays = self.mirror.as_ref().map(|mirror| mirror.strays)?;
        // What was closed that nobody is known to have had is none.
        let [long, short] = strays.map(|line| line.qty);
        [Qty(long.0.max(0)), Qty(short.0.min(0))].into_iter().find(|qty| qty.0 != 0)
    }

    /// Lots on a line that are nobody's, unsigned; what was closed that nobody is known to have had is none.
    pub(crate) fn stray_lots(&self, side: PositionSide) -> i64 {
        let sign = if side == PositionSide::Short { -1 } else { 1 };
        self.mirror.map_or(0, |mirror| (sign * mirror.strays[Mirror::line(side)].qty.0).max(0))
    }
}

/// Cuts amounts into shares by weight: each rounded once on the running sum, so that they sum to the whole.
pub(crate) struct Shares {
    whole: i128,
    weights: i128,
    seen: i128,
    given: i128,
}

impl Shares {
    /// Of this whole, over these weights together.
    pub(crate) fn of(whole: i64, weights: i64) -> Shares {
        assert!(weights > 0, "somebody has a share");
        Shares { whole: i128::from(whole), weights: i128::from(weights), seen: 0, given: 0 }
    }

    /// The share of the next weight.
    pub(crate) fn next(&mut self, weight: i64) -> i64 {
        self.seen += i128::from(weight);
        let due = model::div_round_half_away(self.whole * self.seen, self.weights);
        let share = due - self.given;
        self.given = due;
        i64::try_from(share).expect("a share is no larger than the whole")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Rng;

    #[test]
    fn shares_sum_to_the_whole_and_none_is_off_by_more_than_a_unit() {
        let mut rng = Rng::new(4);
        for _ in 0..2_000 {
            let weights: Vec<i64> = (0..1 + rng.below(9)).map(|_| rng.below(500) as i64).collect();
            let (sum, whole) = (weights.iter().sum::<i64>(), rng.below(2_000_001) as i64 - 1_000_000);
            if sum == 0 {
                continue;
            }
            let mut shares = Shares::of(whole, sum);
            let cut: Vec<i64> = weights.iter().map(|weight| shares.next(*weight)).collect();
            assert_eq!(cut.iter().sum::<i64>(), whole, "{weights:?}");
            for (share, weight) in cut.iter().zip(&weights) {
                let exact = whole as f64 * *weight as f64 / sum as f64;
                assert!((*share as f64 - exact).abs() <= 1.0, "{share} of {whole} for {weight}/{sum}");
            }
        }
    }
}
