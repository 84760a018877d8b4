//! One account as a list of amounts and a list of orders; everything that follows from them is worked out when asked.
//!
//! It keeps no range of safe marks and no cached level. It refuses to know bars.

use super::terms::{Held, Terms};
use model::{
    AccountMode, Bracket, Leg, MarginMode, OrderId, PositionMode, PositionSide, RejectReason, Request, Side,
    Time,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use venue::{AccountSettings, ModeRefusal, Role};

/// What an order waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    ForVolume,
    ToRest { price: i128 },
    ToStop { trigger: i128 },
    ToStopLimit { trigger: i128, price: i128 },
    ToTake { trigger: i128 },
    ToTrail { activation: i128, distance: i128, best: Option<i128> },
}

/// What an order has seen of the bar that is being walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// All of it.
    AllOfIt,
    /// It came inside the bar: of what is good for it only the close counts.
    ItsEnd,
    /// It was triggered inside and would take: as above.
    ItsEndAsTaker,
    /// It exits what was opened inside: nothing good happens to it before the next bar.
    NothingGood,
}

#[derive(Clone, Copy, Debug)]
pub struct Order {
    pub id: OrderId,
    pub side: Side,
    pub position_side: PositionSide,
    pub remaining: i128,
    pub waits: Waits,
    pub reduce_only: bool,
    pub role: Role,
    pub group: Option<u32>,
    pub frozen: i128,
    pub bracket: Option<Bracket>,
    pub opened: i128,
    pub seen: Seen,
}

impl Order {
    pub fn line(&self) -> usize {
        line_of(self.position_side)
    }

    pub fn is_of_decision(&self, id: OrderId) -> bool {
        self.id.with_leg(Leg::Own) == id.with_leg(Leg::Own)
    }

    /// The level of a trailing stop that follows.
    fn trail(&self) -> Option<i128> {
        match self.waits {
            Waits::ToTrail { distance, best: Some(best), .. } => {
                Some(best + i128::from(self.side.sign()) * distance).filter(|level| *level > 0)
            }
            _ => None,
        }
    }

    /// The price that sets it off when touched by a price that runs against whom it protects.
    pub fn stops_at(&self) -> Option<i128> {
        match self.waits {
            Waits::ToStop { trigger } | Waits::ToStopLimit { trigger, .. } => Some(trigger),
            _ => self.trail(),
        }
    }

    /// The price that has to be traded through before something good happens to it.
    pub fn gains_at(&self) -> Option<i128> {
        match self.waits {
            Waits::ToRest { price } => Some(price),
            Waits::ToTake { trigger } => Some(trigger),
            _ => None,
        }
    }

    /// Lets a trailing stop see a price.
    pub fn follow(&mut self, price: i128) {
        let better = |a: i128, b: i128| if self.side == Side::Sell { a.max(b) } else { a.min(b) };
        if let Waits::ToTrail { activation, best, .. } = &mut self.waits {
            *best = match *best {
                Some(best) => Some(better(best, price)),
                None => (better(price, *activation) == price).then_some(price),
            };
        }
    }
}

/// 0 is the net or long position, 1 the short one.
pub fn line_of(side: PositionSide) -> usize {
    usize::from(side == PositionSide::Short)
}

/// Money, by where it is or came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purse {
    pub wallet: i128,
    pub pools: [i128; 2],
    pub trade: i128,
    pub fee: i128,
    pub funding: i128,
    pub transfer: i128,
    pub liquidation: i128,
}

impl Purse {
    pub fn owned(&self) -> i128 {
        self.wallet + self.pools[0] + self.pools[1]
    }
}

pub struct Account {
    pub settings: AccountSettings,
    pub purse: Purse,
    pub held: [Held; 2],
    /// The mark at which the money or the positions of a purse last changed.
    pub changed_at: [i128; 2],
    pub orders: Vec<Order>,
    pub coming: VecDeque<(Time, Request)>,
    used: BTreeMap<u16, (u16, u32, BTreeSet<Leg>)>,
}

impl Account {
    pub fn new(settings: AccountSettings) -> Account {
        let mut purse = Purse::default();
        purse.wallet += i128::from(settings.balance.0);
        purse.transfer -= i128::from(settings.balance.0);
        Account {
            settings,
            purse,
            held: [Held::default(); 2],
            changed_at: [0; 2],
            orders: vec![],
            coming: VecDeque::new(),
            used: BTreeMap::new(),
        }
    }

    pub fn mode(&self) -> AccountMode {
        self.settings.mode
    }

    pub fn is_isolated(&self) -> bool {
        self.mode().margin == MarginMode::Isolated
    }

    pub fn is_hedged(&self) -> bool {
        self.mode().position == PositionMode::Hedge
    }

    pub fn lines(&self) -> &'static [usize] {
        if self.is_hedged() { &[0, 1] } else { &[0] }
    }

    pub fn side_of(&self, line: usize) -> PositionSide {
        match (self.is_hedged(), line) {
            (false, _) => PositionSide::Net,
            (true, 0) => PositionSide::Long,
            (true, _) => PositionSide::Short,
        }
    }

    pub fn is_flat(&self) -> bool {
        self.held.iter().all(|held| held.qty == 0)
    }

    pub fn frozen(&self) -> i128 {
        self.orders.iter().map(|order| order.frozen).sum()
    }

    pub fn find(&self, id: OrderId) -> Option<usize> {
        self.orders.iter().position(|order| order.id == id)
    }

    /// What stands behind a line, and all that stands on it.
    fn backing(&self, line: usize) -> (i128, Vec<Held>) {
        if self.is_isolated() {
            (self.purse.pools[line], vec![self.held[line]])
        } else {
            (self.purse.wallet, self.held.to_vec())
        }
    }

    /// The money or the positions behind a line have changed.
    pub fn changed(&mut self, line: usize, mark: i128) {
        if self.is_isolated() {
            self.changed_at[line] = mark;
        } else {
            self.changed_at = [mark; 2];
        }
    }

    /// Whether what stands behind a line is lost somewhere between where it last changed and `mark`.
    pub fn is_lost_until(&self, terms: &Terms, line: usize, mark: i128) -> bool {
        let (backing, held) = self.backing(line);
        let from = self.changed_at[line].max(1);
        let mark = mark.max(1);
        terms.is_lost_within(backing, &held, from.min(mark), from.max(mark))
    }

    pub fn equity(&self, terms: &Terms, mark: i128) -> i128 {
        let positions = self.held.iter().filter(|held| held.qty != 0);
        self.purse.owned() + positions.map(|held| terms.unrealised(held, mark)).sum::<i128>()
    }

    pub fn free_margin(&self, terms: &Terms, mark: i128) -> i128 {
        self.free_margin_with(terms, &self.held, mark)
    }

    /// Losses count, profits do not; each position holds its initial margin back. Isolated ones have theirs apart.
    fn free_margin_with(&self, terms: &Terms, held: &[Held; 2], mark: i128) -> i128 {
        let free = self.purse.wallet - self.frozen();
        if self.is_isolated() {
            return free;
        }
        let open = held.iter().filter(|held| held.qty != 0);
        let profit: i128 = open.clone().map(|held| terms.unrealised(held, mark)).sum();
        let margins: i128 =
            open.map(|held| terms.initial_margin(terms.micros(held.cost), self.mode().leverage)).sum();
        free + profit.min(0) - margins
    }

    /// Money for the part of a fill that opens: initial margin of it and the taker's fee of all.
    pub fn opening_margin(
        &self,
        terms: &Terms,
        line: usize,
        qty: i128,
        price: i128,
        mark: i128,
        released: i128,
    ) -> Result<i128, RejectReason> {
        let held = self.held[line];
        let closing = held.closable(qty);
        let opening = qty.abs() - closing;
        if opening == 0 {
            return Ok(0);
        }
        let resulting = if closing > 0 { opening } else { held.qty.abs() + opening };
        let notional = terms.notional(resulting, price);
        let largest = terms.instrument.tiers.last().expect("an instrument has a tier").notional_max;
        if resulting > terms.qty_max || notional > i128::from(largest.0) {
            return Err(RejectReason::PositionTooLarge);
        }
        if terms.leverage_max_at(notional) < self.mode().leverage {
            return Err(RejectReason::LeverageTooHigh);
        }
        let margin = terms.initial_margin(terms.notional(opening, price), self.mode().leverage);
        let needed = margin + terms.fee(qty, price, terms.instrument.fees.taker);
        let mut kept = self.held;
        let mut freed = released;
        if closing > 0 {
            kept[line] = Held::default();
            freed += terms.micros(held.qty * price - held.cost) + self.purse.pools[line];
        }
        if self.free_margin_with(terms, &kept, mark) + freed < needed {
            return Err(RejectReason::InsufficientMargin);
        }
        Ok(needed)
    }

    /// Legs an order's bracket may bring.
    pub fn legs(bracket: Option<&Bracket>) -> Vec<Leg> {
        let Some(bracket) = bracket else { return vec![] };
        let rungs = (0_u8..).zip(&bracket.targets).filter(|(_, target)| target.qty.0 > 0);
        std::iter::once(Leg::Stop).chain(rungs.map(|(rung, _)| Leg::Target(rung))).collect()
    }

    /// A bot's decisions ascend: what is below its highest is a repeat, and of the highest each leg is used once.
    pub fn is_repeat(&self, id: OrderId, bracket: Option<&Bracket>) -> bool {
        let Some((epoch, decision, legs)) = self.used.get(&id.bot.0) else { return false };
        let wanted = Account::legs(bracket);
        (id.epoch, id.decision) < (*epoch, *decision)
            || (id.epoch, id.decision) == (*epoch, *decision)
                && (legs.contains(&id.leg) || wanted.iter().any(|leg| legs.contains(leg)))
    }

    pub fn knows_bot(&self, id: OrderId) -> bool {
        self.used.contains_key(&id.bot.0) || self.used.len() < venue::BOTS_MAX
    }

    pub fn remember(&mut self, id: OrderId, bracket: Option<&Bracket>) {
        let used = self.used.entry(id.bot.0).or_insert((id.epoch, id.decision, BTreeSet::new()));
        if (id.epoch, id.decision) > (used.0, used.1) {
            *used = (id.epoch, id.decision, BTreeSet::new());
        }
        used.2.insert(id.leg);
        used.2.extend(Account::legs(bracket));
    }

    pub fn set_mode(&mut self, terms: &Terms, mode: AccountMode, mark: i128) -> Result<(), ModeRefusal> {
        let idle = self.is_flat() && self.orders.is_empty() && self.coming.is_empty();
        let same = (self.mode().position, self.mode().margin) == (mode.position, mode.margin);
        if !idle && !same {
            return Err(ModeRefusal::InUse);
        }
        if mode.leverage == 0 || mode.leverage > terms.instrument.leverage_max {
            return Err(ModeRefusal::LeverageTooHigh);
        }
        let mut more = [0; 2];
        for line in [0, 1] {
            let cost = terms.micros(self.held[line].cost).abs();
            if cost > 0 && terms.leverage_max_at(cost) < mode.leverage {
                return Err(ModeRefusal::LeverageTooHigh);
            }
            more[line] =
                terms.initial_margin(cost, mode.leverage) - terms.initial_margin(cost, self.mode().leverage);
            more[line] = more[line].max(0);
        }
        if self.free_margin(terms, mark) < more[0] + more[1] {
            return Err(ModeRefusal::InsufficientMargin);
        }
        self.settings.mode = mode;
        for (line, more) in more.into_iter().enumerate().filter(|(_, more)| *more > 0) {
            if mode.margin == MarginMode::Cross {
                continue;
            }
            self.purse.wallet -= more;
            self.purse.pools[line] += more;
            self.changed(line, mark);
        }
        Ok(())
    }
}
