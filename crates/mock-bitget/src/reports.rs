//! What the engines report, written into the accounts' ledgers and handed on to the sockets.
//!
//! An order that goes off is a new order, with an id of its own, as at Bitget; a preset stop that comes to life is a
//! trigger nobody named. The positions kept here follow the engine's fill by fill, and are held against it. Refuses a
//! report about something it has no record of.

use crate::exchange::{Exchange, Happening};
use crate::inside::Overheard;
use crate::plans::NewPlan;
use crate::records::{
    BillKind, Cause, Ended, Fill, Hold, Holding, Kind, LegKind, Order, PlanKind, PlanLeg, PlanStatus, Preset,
    Status,
};
use crate::setup::Generation;
use crate::user::{Subject, line};
use model::{
    CancelReason, Leg, Liquidity, OrderId, OrderKind, PositionSide, Price, Qty, RejectReason, Report, Side,
    Time, TimeInForce, Usd,
};

/// A change of a position, whoever made it happen.
struct Change {
    position_side: PositionSide,
    qty: Qty,
    price: Price,
    fee: Usd,
    liquidity: Liquidity,
}

/// What a change did to the position.
struct Moved {
    profit: Usd,
    closes: bool,
    /// A position that is gone with it.
    ended: Option<Ended>,
}

impl Exchange {
    /// Takes what an engine has said.
    pub(crate) fn drain(&mut self, symbol: usize) {
        while let Some((at, account, report)) = self.listings[symbol].venue.poll() {
            self.overhear(Overheard::Said(at, account, report));
            if let Some(user) = self.user_with(account) {
                self.reported(user, symbol, at, report);
            }
        }
        // After the stop that came along, whose trigger order they join.
        while let Some((user, order, target)) = self.targets_due.pop() {
            self.bring_target(user, &order, target, at_least(self.now, order.updated));
        }
    }

    fn reported(&mut self, user: usize, symbol: usize, at: Time, report: Report) {
        match report {
            Report::Accepted { id } => self.accepted(user, symbol, at, id),
            Report::Rejected { id, reason } => self.rejected(user, symbol, at, id, reason),
            Report::Triggered { id } => self.triggered(user, symbol, at, id),
            Report::Filled(fill) => {
                let model::Fill { id, position_side, qty, price, fee, liquidity, remaining } = fill;
                let change = Change { position_side, qty, price, fee, liquidity };
                self.filled(user, symbol, at, id, &change, remaining);
            }
            Report::Cancelled { id, reason } => self.cancelled(user, symbol, at, id, reason),
            Report::Amended { id, price } => self.amended(user, symbol, at, id, price),
            Report::Funding { position_side, amount, .. } => {
                self.users[user].holdings[symbol][line(position_side)].funding += amount;
                self.bill(user, Some(symbol), BillKind::Funding, amount, Usd::ZERO, at);
            }
            Report::Liquidated { position_side, qty, price, fee, settlement } => {
                let change = Change { position_side, qty, price, fee, liquidity: Liquidity::Taker };
                self.forced(user, symbol, at, &change, Cause::Liquidation);
                if settlement.0 != 0 {
                    self.bill(user, Some(symbol), BillKind::Settlement, settlement, Usd::ZERO, at);
                }
            }
            Report::Deleveraged { position_side, qty, price } => {
                let change =
                    Change { position_side, qty, price, fee: Usd::ZERO, liquidity: Liquidity::Taker };
                self.forced(user, symbol, at, &change, Cause::Deleveraging);
            }
        }
    }

    fn accepted(&mut self, user: usize, symbol: usize, at: Time, id: OrderId) {
        if self.users[user].subject(symbol, id).is_some() {
            return;
        }
        // The stop of an entry's bracket comes to life.
        let entry = self.users[user].subject(symbol, id.with_leg(Leg::Own));
        let (preset, side, position_side) = match entry {
            Some(Subject::Order(entry)) => {
                let order = &self.users[user].orders[&entry];
                (order.preset, order.side, order.position_side)
            }
            Some(Subject::Plan(plan)) => {
                let plan = &self.users[user].plans[&plan];
                (plan.preset, plan.side, plan.position_side)
            }
            None => unreachable!("a leg belongs to an entry that is on record"),
        };
        assert_eq!(id.leg, Leg::Stop, "entries bring no ladder along here");
        let trigger = preset.stop.expect("an entry with a bracket has a stop");
        let leg = PlanLeg { kind: LegKind::Stop, trigger, limit: None, engine: id };
        let kind = match self.users[user].setup.generation {
            Generation::V2 => PlanKind::PositionLoss,
            Generation::V3 => PlanKind::Exits,
        };
        let new = NewPlan::unnamed_exit(symbol, kind, side.opposite(), position_side);
        self.record_plan(user, at, &new, vec![leg]);
    }

    fn rejected(&mut self, user: usize, symbol: usize, at: Time, id: OrderId, reason: RejectReason) {
        match self.users[user].subject(symbol, id) {
            Some(Subject::Order(order)) if self.users[user].orders[&order].engine == id => {
                let word = match reason {
                    RejectReason::WouldTake => "post_only_fill_cancel",
                    RejectReason::CannotFillAll => "fok_not_full_cancel",
                    _ => "delegated_risk_order_cancel",
                };
                self.refused = Some(reason);
                if self.users[user].orders[&order].is_open() && self.amending != Some(order) {
                    self.end_order(user, order, at, Status::Cancelled(word));
                }
            }
            // Refused at birth; one that lives is refused an amendment, and lives on.
            Some(Subject::Plan(plan)) if self.users[user].plans[&plan].updated == Time(i64::MIN) => {
                self.refused = Some(reason);
                self.end_plan(user, plan, at, PlanStatus::Cancelled);
            }
            _ => self.refused = Some(reason),
        }
    }

    /// A trigger became an order of the book.
    fn triggered(&mut self, user: usize, symbol: usize, at: Time, id: OrderId) {
        let Some(Subject::Plan(plan_id)) = self.users[user].subject(symbol, id) else {
            unreachable!("only a trigger that is on record goes off")
        };
        let child = self.next_id(user);
        let owner = &mut self.users[user];
        let plan = owner.plans.get_mut(&plan_id).expect("a subject is on record");
        let leg = *plan.legs.iter().find(|leg| leg.engine == id).expect("a leg is one of its plan's");
        (plan.status, plan.child, plan.updated) = (PlanStatus::Executed, Some(child), at);
        let held = owner.holdings[symbol][line(plan.position_side)].position.qty.abs();
        let qty = plan.qty.unwrap_or(held);
        let kind = leg.limit.map_or(Kind::Market, |price| {
            let tif = TimeInForce::GoodTillCancelled;
            Kind::Limit { price, tif }
        });
        let source = match (plan.kind, leg.kind) {
            (PlanKind::Normal, _) => "plan_market",
            (PlanKind::Track { .. } | PlanKind::Moving { .. }, _) => "track_market",
            (PlanKind::PositionLoss | PlanKind::Exits, LegKind::Stop) => "pos_loss_market",
            (PlanKind::PositionProfit | PlanKind::Exits, _) => "pos_profit_market",
            (_, LegKind::Target) => "profit_market",
            _ => "loss_market",
        };
        let new = NewOrder {
            symbol,
            client: child.to_string(),
            side: plan.side,
            position_side: plan.position_side,
            reduce_only: plan.reduce_only,
            kind,
            qty,
            preset: plan.preset,
        };
        let plan = plan.clone();
        self.happened.push(Happening::Plan(user, Box::new(plan)));
        let order = Order { source, ..self.order_of(user, child, new, id, at) };
        self.users[user].add_order(order.clone());
        self.happened.push(Happening::Order(user, Box::new(order), None));
    }

    fn filled(&mut self, user: usize, symbol: usize, at: Time, id: OrderId, change: &Change, remaining: Qty) {
        let Some(Subject::Order(order_id)) = self.users[user].subject(symbol, id) else {
            unreachable!("what fills is an order on record")
        };
        let fill = self.apply(user, symbol, at, order_id, change, Cause::Order);
        let order = self.users[user].orders.get_mut(&order_id).expect("a subject is on record");
        order.filled += fill.qty;
        order.cost += i128::from(fill.qty.0) * i128::from(fill.price.0);
        order.fee += fill.fee;
        order.profit += fill.profit;
        order.updated = at;
        if remaining.0 == 0 && order.left().0 > 0 && order.kind == Kind::Market {
            // A close of more than is held is one of what is held.
            order.qty = order.filled;
        }
        order.status = if order.left().0 == 0 { Status::Filled } else { Status::PartlyFilled };
        let (opened, order) = (!fill.closes, order.clone());
        self.tell_fill(user, &order, &fill);
        if remaining.0 == 0 {
            if order.left().0 > 0 {
                self.end_order(user, order_id, at, Status::Cancelled("back_contract_cancel"));
            } else {
                self.users[user].end_subject_unless_stopped(symbol, id);
            }
        }
        if opened && let Some(target) = order.preset.target {
            self.targets_due.push((user, Box::new(order), target));
        }
    }

    fn tell_fill(&mut self, user: usize, order: &Order, fill: &Fill) {
        self.happened.push(Happening::Order(user, Box::new(order.clone()), Some(Box::new(fill.clone()))));
        self.happened.push(Happening::Fill(user, Box::new(fill.clone())));
    }

    /// A position changes: the ledgers say how.
    fn apply(
        &mut self,
        user: usize,
        symbol: usize,
        at: Time,
        order: u64,
        change: &Change,
        cause: Cause,
    ) -> Fill {
        let (id, flipped_id) = (self.next_id(user), self.next_id(user));
        let side = Side::of(change.qty).expect("a fill moves something");
        let moved = self.follow(user, symbol, at, change, [id, flipped_id]);
        let owner = &mut self.users[user];
        let position_mode = owner.modes[symbol].position;
        let (kind, client) = owner
            .orders
            .get(&order)
            .map_or((Kind::Market, String::new()), |order| (order.kind, order.client.clone()));
        let fill = Fill {
            id,
            order,
            client,
            symbol,
            side,
            position_side: change.position_side,
            closes: moved.closes,
            kind,
            qty: change.qty.abs(),
            price: change.price,
            fee: change.fee,
            profit: moved.profit,
            liquidity: change.liquidity,
            cause,
            position_mode,
            at,
        };
        owner.keep_fill(fill.clone());
        if let Some(ended) = moved.ended {
            owner.keep_ended(ended.clone());
            self.happened.push(Happening::Ended(user, Box::new(ended)));
        }
        let (position_side, closes) = (change.position_side, moved.closes);
        let kind = BillKind::Trade { side, position_side, closes, cause };
        self.bill(user, Some(symbol), kind, moved.profit, change.fee, at);
        fill
    }

    /// Lets the holding follow a change; `ids` are for a position that begins with it.
    fn follow(&mut self, user: usize, symbol: usize, at: Time, change: &Change, ids: [u64; 2]) -> Moved {
        let instrument = self.listings[symbol].instrument();
        let owner = &mut self.users[user];
        let mode = owner.modes[symbol];
        let holding = &mut owner.holdings[symbol][line(change.position_side)];
        let hold = Hold::of(holding.position.qty);
        if holding.position.is_flat() {
            *holding = Holding { id: ids[0], opened: at, ..Holding::default() };
        }
        let realised = holding.position.fill(change.qty, change.price);
        let profit = instrument.usd(realised.profit);
        let cost = |lots: Qty| i128::from(lots.0) * i128::from(change.price.0);
        let closes = realised.closed.0 > 0;
        holding.profit += profit;
        holding.updated = at;
        if closes {
            holding.close_fee += change.fee;
            holding.lots_closed += realised.closed;
            holding.cost_closed += cost(realised.closed);
        } else {
            holding.open_fee += change.fee;
        }
        let flipped = closes && realised.opened.0 > 0;
        let ended = (closes && (holding.position.is_flat() || flipped)).then(|| {
            let (margin, position_mode) = (mode.margin, mode.position);
            Ended { symbol, hold, margin, position_mode, holding: *holding }
        });
        if flipped {
            let position = holding.position;
            *holding = Holding { position, id: ids[1], opened: at, updated: at, ..Holding::default() };
        }
        holding.lots_opened += realised.opened;
        holding.cost_opened += cost(realised.opened);
        Moved { profit, closes, ended }
    }

    /// A close that nobody asked for: the exchange makes an order for it.
    fn forced(&mut self, user: usize, symbol: usize, at: Time, change: &Change, cause: Cause) {
        let id = self.next_id(user);
        let engine = self.users[user].next_engine_id();
        let new = NewOrder {
            symbol,
            client: id.to_string(),
            side: Side::of(change.qty).expect("a fill moves something"),
            position_side: change.position_side,
            reduce_only: true,
            kind: Kind::Market,
            qty: change.qty.abs(),
            preset: Preset::default(),
        };
        let order = Order { cause, source: "sys", ..self.order_of(user, id, new, engine, at) };
        self.users[user].add_order(order);
        self.users[user].end_subject(symbol, engine);
        let fill = self.apply(user, symbol, at, id, change, cause);
        let order = self.users[user].orders.get_mut(&id).expect("it was just added");
        (order.filled, order.fee, order.profit, order.status) =
            (fill.qty, fill.fee, fill.profit, Status::Filled);
        order.cost = i128::from(fill.qty.0) * i128::from(fill.price.0);
        let order = order.clone();
        self.tell_fill(user, &order, &fill);
        if cause == Cause::Deleveraging {
            self.happened.push(Happening::Deleveraged(user, Box::new(fill)));
        }
    }

    fn cancelled(&mut self, user: usize, symbol: usize, at: Time, id: OrderId, reason: CancelReason) {
        match self.users[user].subject(symbol, id) {
            Some(Subject::Order(order)) => {
                if self.amending == Some(order) && reason == CancelReason::Requested {
                    return;
                }
                let word = match reason {
                    CancelReason::Unfilled => "ioc_not_full_cancel",
                    CancelReason::PositionClosed => "back_contract_cancel",
                    CancelReason::OtherFilled => "tpsl_plan_cancel",
                    CancelReason::Liquidated => "burst_cancel",
                    CancelReason::InsufficientMargin => "delegated_risk_order_cancel",
                    CancelReason::Requested | CancelReason::Vanished => "normal_cancel",
                };
                self.end_order(user, order, at, Status::Cancelled(word));
            }
            Some(Subject::Plan(plan)) => {
                self.users[user].end_subject(symbol, id);
                let others = self.users[user].plans[&plan]
                    .legs
                    .iter()
                    .any(|leg| leg.engine != id && self.users[user].subject(symbol, leg.engine).is_some());
                if !others && self.users[user].plans[&plan].is_open() {
                    self.end_plan(user, plan, at, PlanStatus::Cancelled);
                }
            }
            None => {}
        }
    }

    fn amended(&mut self, user: usize, symbol: usize, at: Time, id: OrderId, price: Price) {
        match self.users[user].subject(symbol, id) {
            Some(Subject::Plan(plan)) => {
                let plan = self.users[user].plans.get_mut(&plan).expect("a subject is on record");
                if let Some(leg) = plan.legs.iter_mut().find(|leg| leg.engine == id) {
                    leg.trigger = price;
                }
                plan.updated = at;
                let plan = plan.clone();
                self.happened.push(Happening::Plan(user, Box::new(plan)));
            }
            Some(Subject::Order(order)) => {
                let order = self.users[user].orders.get_mut(&order).expect("a subject is on record");
                if let Kind::Limit { price: limit, .. } = &mut order.kind {
                    *limit = price;
                }
                order.updated = at;
                let order = order.clone();
                self.happened.push(Happening::Order(user, Box::new(order), None));
            }
            None => {}
        }
    }

    pub(crate) fn end_order(&mut self, user: usize, id: u64, at: Time, status: Status) {
        let order = self.users[user].orders.get_mut(&id).expect("what ends is on record");
        (order.status, order.updated) = (status, at);
        let order = order.clone();
        self.users[user].end_subject_unless_stopped(order.symbol, order.engine);
        self.happened.push(Happening::Order(user, Box::new(order), None));
        self.happened.push(Happening::Money(user));
    }

    pub(crate) fn end_plan(&mut self, user: usize, id: u64, at: Time, status: PlanStatus) {
        let plan = self.users[user].plans.get_mut(&id).expect("what ends is on record");
        (plan.status, plan.updated) = (status, at);
        let plan = plan.clone();
        plan.legs.iter().for_each(|leg| self.users[user].end_subject(plan.symbol, leg.engine));
        self.happened.push(Happening::Plan(user, Box::new(plan)));
    }

    /// The target that an entry brings along rests from its first fill on, for all of the position.
    fn bring_target(&mut self, user: usize, order: &Order, target: Price, at: Time) {
        let (symbol, position_side) = (order.symbol, order.position_side);
        let generation = self.users[user].setup.generation;
        let with_stop = self.users[user].plans.values().find(|plan| {
            plan.is_open()
                && plan.kind == PlanKind::Exits
                && plan.legs.iter().any(|leg| leg.engine == order.engine.with_leg(Leg::Stop))
        });
        let with_stop = with_stop.map(|plan| (plan.id, plan.leg(LegKind::Target).is_some()));
        let rests = self.users[user].plans.values().any(|plan| {
            let same = plan.symbol == symbol && plan.position_side == position_side && plan.is_open();
            same && plan.kind == PlanKind::PositionProfit
        });
        if rests || with_stop.is_some_and(|(_, has_target)| has_target) {
            return;
        }
        let kind = if generation == Generation::V2 { PlanKind::PositionProfit } else { PlanKind::Exits };
        let leg = (LegKind::Target, OrderKind::TakeProfit { trigger: target }, target, None);
        let exit = NewPlan::unnamed_exit(symbol, kind, order.side.opposite(), position_side);
        let new = NewPlan { legs: vec![leg], ..exit };
        // A target the price has passed already cannot rest; the entry stands without it.
        let _refused = self.place_plan_at(user, new, at, with_stop.map(|(id, _)| id)).err();
    }
}

fn at_least(now: Time, other: Time) -> Time {
    now.max(other)
}

/// What an order is made of when it is new.
#[derive(Clone, Debug)]
pub(crate) struct NewOrder {
    pub(crate) symbol: usize,
    pub(crate) client: String,
    pub(crate) side: Side,
    pub(crate) position_side: PositionSide,
    pub(crate) reduce_only: bool,
    pub(crate) kind: Kind,
    pub(crate) qty: Qty,
    pub(crate) preset: Preset,
}

impl Exchange {
    /// The record of a new order.
    pub(crate) fn order_of(&self, user: usize, id: u64, new: NewOrder, engine: OrderId, at: Time) -> Order {
        let mode = self.users[user].modes[new.symbol];
        let NewOrder { symbol, client, side, position_side, reduce_only, kind, qty, preset } = new;
        Order {
            id,
            client: if client.is_empty() { id.to_string() } else { client },
            symbol,
            side,
            position_side,
            reduce_only,
            kind,
            qty,
            filled: Qty::ZERO,
            cost: 0,
            fee: Usd::ZERO,
            profit: Usd::ZERO,
            status: Status::Live,
            preset,
            source: "normal",
            cause: Cause::Order,
            position_mode: mode.position,
            margin: mode.margin,
            leverage: mode.leverage,
            created: at,
            updated: at,
            engine,
        }
    }
}
