//! An account that outlives its venue: on paper the venue's side dies with its process, and the farm's journal does not.
//!
//! What the farm has heard is what happened: an order that was filled and not heard of did not fill, one that was sent and
//! not answered never came. It refuses to invent: a bracket that still waits is put together from its legs, and what has no
//! price waits for volume.

use crate::account::{Account, AccountSettings, ORDERS_MAX, line_of};
use crate::books::Entry;
use crate::margin::initial_margin;
use crate::resting::{RestingKind, RestingOrder, Role, Since};
use crate::terms::{Terms, money};
use crate::venue::Venue;
use model::{
    Bracket, Known, KnownOrder, Leg, MarginMode, Mark, OrderId, OrderKind, OrderRequest, Position,
    PositionMode, Price, Progress, Qty, TARGETS_MAX, Target, Time, TimeInForce, Usd,
};
use std::sync::Arc;

/// What an account held when its venue went away, as its farm knows it. The wallet is the settings' balance.
#[derive(Clone, Debug)]
pub struct Carried {
    /// The net position, or the long and the short one.
    pub positions: [Position; 2],
    /// What each bot on it holds, signed, by number.
    pub held: Vec<(model::BotId, Qty)>,
    /// What was heard of its orders.
    pub known: Known,
}

/// What is left of an order, unsigned.
fn left(order: &KnownOrder) -> Qty {
    Qty((order.qty.0 - order.filled.0).max(0))
}

impl Carried {
    fn leg(&self, entry: OrderId, leg: Leg) -> Option<&KnownOrder> {
        self.known.orders.iter().find(|order| order.id == entry.with_leg(leg))
    }

    /// The exits of an entry that still waits for fills: their levels, and how much of it each was to take.
    pub(crate) fn bracket(&self, entry: OrderId) -> Option<Bracket> {
        let stop = self.leg(entry, Leg::Stop)?.price?;
        let mut targets = [Target::default(); TARGETS_MAX];
        for (rung, target) in (0_u8..).zip(&mut targets) {
            if let Some(KnownOrder { price: Some(price), qty, .. }) = self.leg(entry, Leg::Target(rung)) {
                *target = Target { price: *price, qty: *qty };
            }
        }
        // Rungs that are over leave a gap: what is absent comes last, and what is named keeps its name, so the rest waits.
        let gap = targets.iter().position(|target| target.qty.0 == 0).unwrap_or(TARGETS_MAX);
        targets[gap..].fill(Target::default());
        Some(Bracket { stop, targets })
    }

    /// What a stop covers: what its bot holds.
    fn covered(&self, id: OrderId) -> Qty {
        let held = self.held.iter().find(|(bot, _)| *bot == id.bot);
        held.map_or(Qty::ZERO, |(_, qty)| qty.abs())
    }

    /// The legs of position that rest, nearest rung first: together no ladder offers more than its stop covers.
    fn legs(&self) -> Vec<(OrderId, Price, Qty)> {
        let rests = |order: &&KnownOrder| order.progress == Progress::Taken && order.id.leg != Leg::Own;
        let mut orders: Vec<&KnownOrder> = self.known.orders.iter().filter(rests).collect();
        orders.sort_by_key(|order| (order.id.bot, order.id.decision, order.id.leg));
        let mut legs: Vec<(OrderId, Price, Qty)> = Vec::new();
        let mut offered = 0;
        for order in orders {
            let Some(price) = order.price else { continue };
            let covers = self.covered(order.id);
            if order.id.leg == Leg::Stop {
                offered = 0;
                legs.push((order.id, price, covers));
                continue;
            }
            let qty = left(order).0.min(covers.0 - offered);
            offered += qty.max(0);
            legs.push((order.id, price, Qty(qty)));
        }
        legs.retain(|(_, _, qty)| qty.0 > 0);
        legs
    }
}

impl Account {
    fn carry(&mut self, carried: &Carried, mark: Mark) {
        let terms = Arc::clone(&self.terms);
        self.positions = carried.positions;
        if self.settings.mode.margin == MarginMode::Isolated {
            for line in self.lines() {
                let cost = terms.usd(self.positions[line].cost.abs());
                self.books.post(
                    Entry::Wallet,
                    Entry::Pool(line),
                    initial_margin(cost, self.settings.mode.leverage),
                );
            }
        }
        for line in self.lines() {
            self.refresh_levels(line, mark);
        }
        for (id, price, qty) in carried.legs() {
            let order = carried.known.orders.iter().find(|order| order.id == id).expect("a leg is an order");
            let (kind, role) = match id.leg {
                Leg::Stop => (RestingKind::Stop { trigger: price }, Role::BracketStop),
                _ => (RestingKind::Limit { price }, Role::BracketTarget),
            };
            let order = self.resting(order, kind, qty);
            self.rest_again(RestingOrder { role, ..order });
        }
        let own = |order: &&KnownOrder| order.id.leg == Leg::Own && order.progress == Progress::Taken;
        for order in carried.known.orders.iter().filter(own) {
            let kind = order.price.map_or(RestingKind::Market, |price| RestingKind::Limit { price });
            let bracket = if order.reduce_only { None } else { carried.bracket(order.id) };
            let frozen = self.held_back(&terms, order);
            let rested = self.resting(order, kind, left(order));
            self.rest_again(RestingOrder { bracket, frozen, opened: order.filled, ..rested });
        }
        self.refresh_bounds();
    }

    fn resting(&self, order: &KnownOrder, kind: RestingKind, remaining: Qty) -> RestingOrder {
        let opens = if order.reduce_only { order.side.opposite() } else { order.side };
        RestingOrder {
            id: order.id,
            side: order.side,
            position_side: self.settings.mode.position.opened_by(opens),
            remaining,
            kind,
            reduce_only: order.reduce_only,
            role: Role::Own,
            group: None,
            frozen: Usd::ZERO,
            bracket: None,
            opened: Qty::ZERO,
            since: Since::Open,
        }
    }

    /// Money held back for an order at a limit: as when it was placed.
    fn held_back(&self, terms: &Terms, order: &KnownOrder) -> Usd {
        let Some(price) = order.price.filter(|_| !order.reduce_only) else { return Usd::ZERO };
        let line = line_of(self.settings.mode.position.opened_by(order.side));
        let qty = Qty(left(order).0 * order.side.sign());
        let opening = Qty(qty.0.abs() - self.closing_lots(line, qty));
        if opening.0 == 0 {
            return Usd::ZERO;
        }
        let margin = initial_margin(money(terms.notional_wide(opening, price)), self.settings.mode.leverage);
        margin + terms.fee(qty, price, terms.taker)
    }

    fn rest_again(&mut self, order: RestingOrder) {
        assert!(self.orders.len() < ORDERS_MAX, "an account rests as many orders again as it had");
        if !self.seen.contains(order.id, None) {
            self.seen.insert(order.id, None);
        }
        self.frozen += order.frozen;
        self.orders.push(order);
    }
}

impl Venue {
    /// Opens an account as it was when another venue went away.
    pub(crate) fn carry_account(
        &mut self,
        at: Time,
        settings: AccountSettings,
        carried: &Carried,
        (last, mark): (Price, Mark),
    ) {
        self.open_account(settings);
        (self.last, self.mark, self.now) = (last, mark, self.now.max(at));
        carried.check(settings.mode.position);
        let account = self.accounts.last_mut().expect("it was opened");
        account.carry(carried, mark);
        self.refresh();
    }
}

impl Carried {
    fn check(&self, mode: PositionMode) {
        let [first, second] = self.positions;
        let fits = match mode {
            PositionMode::OneWay => second.is_flat(),
            PositionMode::Hedge => first.qty.0 >= 0 && second.qty.0 <= 0,
        };
        assert!(fits, "an account carries positions of its own mode");
    }

    /// Entries that still wait, as they were asked for, and what of each has opened: their ladders are to come.
    pub(crate) fn waiting(&self, mode: PositionMode) -> Vec<(OrderRequest, Qty)> {
        let waits = |order: &&KnownOrder| {
            order.id.leg == Leg::Own && order.progress == Progress::Taken && !order.reduce_only
        };
        let entries = self.known.orders.iter().filter(waits);
        let asked = |order: &KnownOrder| {
            let bracket = self.bracket(order.id).filter(|bracket| bracket.targets().next().is_some())?;
            let (price, tif) = (order.price?, TimeInForce::GoodTillCancelled);
            let request = OrderRequest {
                id: order.id,
                side: order.side,
                position_side: mode.opened_by(order.side),
                qty: order.qty,
                kind: OrderKind::Limit { price, tif },
                reduce_only: false,
                bracket: Some(bracket),
                one_cancels_other: None,
            };
            Some((request, order.filled))
        };
        entries.filter_map(asked).collect()
    }

    /// Rungs that rest by themselves, or should since their entry is over.
    pub(crate) fn rungs(&self, mode: PositionMode) -> Vec<OrderRequest> {
        let is_own = |order: &KnownOrder| order.id.leg == Leg::Own;
        let waits = |rung: &KnownOrder| {
            self.known.orders.iter().any(|order| is_own(order) && order.id == rung.id.with_leg(Leg::Own))
        };
        let is_rung = |order: &&KnownOrder| matches!(order.id.leg, Leg::Target(_)) && !waits(order);
        let mut rungs: Vec<&KnownOrder> = self.known.orders.iter().filter(is_rung).collect();
        rungs.sort_by_key(|rung| (rung.id.bot, rung.id.decision, rung.id.leg));
        let (mut ladder, mut offered) = (Vec::new(), (None, 0));
        for rung in rungs {
            let Some(price) = rung.price else { continue };
            if offered.0 != Some(rung.id.bot) {
                offered = (Some(rung.id.bot), 0);
            }
            let qty = Qty(left(rung).0.min(self.covered(rung.id).0 - offered.1));
            if qty.0 <= 0 {
                continue;
            }
            offered.1 += qty.0;
            ladder.push(OrderRequest {
                id: rung.id,
                side: rung.side,
                position_side: mode.opened_by(rung.side.opposite()),
                qty,
                kind: OrderKind::Limit { price, tif: TimeInForce::GoodTillCancelled },
                reduce_only: true,
                bracket: None,
                one_cancels_other: None,
            });
        }
        ladder
    }

    /// Without what the counter places itself: rungs, and the ladders of what still waits.
    pub(crate) fn without_ladders(&self) -> Carried {
        let mut bare = self.clone();
        bare.known.orders.retain(|order| !matches!(order.id.leg, Leg::Target(_)));
        bare
    }
}
