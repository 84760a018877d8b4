//! Trigger orders: free ones, and the exits of positions. They are invisible to whoever lists orders of the book.
//!
//! Each of their levels is a stop, a target or a trailing stop of the engine, which goes off at a traded price (whatever
//! price was asked for). Refuses a limit order behind a target, which the engine has not.

use crate::exchange::{Exchange, Happening};
use crate::orders::check_client;
use crate::records::{LegKind, Plan, PlanKind, PlanLeg, PlanStatus, Preset, TriggerBy};
use crate::refusal::Refusal;
use crate::user::Subject;
use model::{
    Bracket, OrderKind, OrderRequest, PositionSide, Price, Qty, RejectReason, Request, Side, TARGETS_MAX,
    Target, Time,
};
use venue::margin::MarginSchedule;

/// A level to wait for: what it is, what the engine does there, where, and behind which limit.
pub(crate) type NewLeg = (LegKind, OrderKind, Price, Option<Price>);

/// What a trigger order is made of when it is new.
#[derive(Clone, Debug)]
pub(crate) struct NewPlan {
    pub(crate) symbol: usize,
    pub(crate) client: String,
    pub(crate) kind: PlanKind,
    pub(crate) side: Side,
    pub(crate) position_side: PositionSide,
    pub(crate) reduce_only: bool,
    pub(crate) qty: Option<Qty>,
    pub(crate) legs: Vec<NewLeg>,
    pub(crate) by: TriggerBy,
    pub(crate) preset: Preset,
}

impl NewPlan {
    /// An exit of a whole position that nobody named: its levels come apart.
    pub(crate) fn unnamed_exit(
        symbol: usize,
        kind: PlanKind,
        side: Side,
        position_side: PositionSide,
    ) -> NewPlan {
        NewPlan {
            symbol,
            client: String::new(),
            kind,
            side,
            position_side,
            reduce_only: true,
            qty: None,
            legs: Vec::new(),
            by: TriggerBy::LastPrice,
            preset: Preset::default(),
        }
    }
}

impl Exchange {
    /// Places a trigger order.
    pub(crate) fn place_plan(&mut self, user: usize, new: NewPlan) -> Result<u64, Refusal> {
        let generation = self.generation(user);
        check_client(generation, &new.client)?;
        if self.users[user].is_taken(&new.client) {
            return Err(Refusal::duplicate(generation));
        }
        self.place_plan_at(user, new, self.now, None)
    }

    /// The same at an instant; a leg may join a trigger order that rests.
    pub(crate) fn place_plan_at(
        &mut self,
        user: usize,
        new: NewPlan,
        at: Time,
        join: Option<u64>,
    ) -> Result<u64, Refusal> {
        let generation = self.generation(user);
        let held = self.held(user, new.symbol, new.position_side);
        // One-way mode: an exit of a long is a sell that finds a long.
        if new.reduce_only && held.0.signum() * new.side.sign() >= 0 {
            return Err(Refusal::of(generation, RejectReason::NothingToReduce));
        }
        let instrument = self.listings[new.symbol].instrument();
        let whole = Qty(MarginSchedule::new(instrument).lots_max());
        let group =
            (new.legs.len() > 1).then(|| u32::try_from(self.users[user].plans.len()).unwrap_or(0) + 1);
        let mut requests = Vec::new();
        let mut legs = Vec::new();
        for (kind, engine_kind, trigger, limit) in &new.legs {
            let engine = self.engine_id(user, &new.client);
            legs.push(PlanLeg { kind: *kind, trigger: *trigger, limit: *limit, engine });
            requests.push(OrderRequest {
                id: engine,
                side: new.side,
                position_side: new.position_side,
                qty: new.qty.unwrap_or(whole),
                kind: *engine_kind,
                reduce_only: new.reduce_only,
                bracket: new
                    .preset
                    .stop
                    .map(|stop| Bracket { stop, targets: [Target::default(); TARGETS_MAX] }),
                one_cancels_other: group,
            });
        }
        let id = match join {
            Some(id) => {
                self.join_plan(user, new.symbol, id, &legs);
                id
            }
            None => self.record_new(user, &new, legs),
        };
        let symbol = new.symbol;
        for (index, request) in requests.iter().enumerate() {
            if let Err(reason) = self.ask(user, symbol, Request::Place(*request)) {
                for placed in &requests[..index] {
                    // It rested a moment ago, and nothing has happened since.
                    let _gone = self.ask(user, symbol, Request::Cancel(placed.id));
                }
                if join.is_none() {
                    self.users[user].forget_plan(id);
                    self.happened.retain(
                        |one| !matches!(one, Happening::Plan(whose, plan) if *whose == user && plan.id == id),
                    );
                }
                return Err(Refusal::of(generation, reason));
            }
        }
        if let Some(plan) = self.users[user].plans.get_mut(&id) {
            plan.updated = at;
            let plan = plan.clone();
            self.happened.push(Happening::Plan(user, Box::new(plan)));
        }
        Ok(id)
    }

    fn join_plan(&mut self, user: usize, symbol: usize, id: u64, legs: &[PlanLeg]) {
        let owner = &mut self.users[user];
        legs.iter().for_each(|leg| owner.set_subject(symbol, leg.engine, Subject::Plan(id)));
        let plan = owner.plans.get_mut(&id).expect("a leg joins a plan on record");
        plan.legs.extend_from_slice(legs);
    }

    fn record_new(&mut self, user: usize, new: &NewPlan, legs: Vec<PlanLeg>) -> u64 {
        let id = self.next_id(user);
        let mode = self.users[user].modes[new.symbol];
        let plan = Plan {
            id,
            client: if new.client.is_empty() { id.to_string() } else { new.client.clone() },
            symbol: new.symbol,
            kind: new.kind,
            side: new.side,
            position_side: new.position_side,
            reduce_only: new.reduce_only,
            qty: new.qty,
            legs,
            by: new.by,
            preset: new.preset,
            status: PlanStatus::Live,
            child: None,
            position_mode: mode.position,
            margin: mode.margin,
            created: self.now,
            // Until the engine has taken it.
            updated: Time(i64::MIN),
        };
        self.users[user].add_plan(plan);
        id
    }

    /// A trigger order that the engine made of its own accord: the stop of an entry.
    pub(crate) fn record_plan(&mut self, user: usize, at: Time, new: &NewPlan, legs: Vec<PlanLeg>) {
        let id = self.record_new(user, new, legs);
        let plan = self.users[user].plans.get_mut(&id).expect("it was just recorded");
        (plan.created, plan.updated) = (at, at);
        let plan = plan.clone();
        self.happened.push(Happening::Plan(user, Box::new(plan)));
    }

    /// A trigger order that rests, or why there is none.
    pub(crate) fn open_plan(&self, user: usize, id: Option<u64>) -> Result<&Plan, Refusal> {
        let found = id.and_then(|id| self.users[user].plans.get(&id)).filter(|plan| plan.is_open());
        found.ok_or_else(|| Refusal::not_found(self.generation(user)))
    }

    /// Takes a trigger order back.
    pub(crate) fn cancel_plan(&mut self, user: usize, id: u64) -> Result<(), Refusal> {
        let plan = self.open_plan(user, Some(id))?;
        let (symbol, generation) = (plan.symbol, self.generation(user));
        for leg in plan.legs.clone() {
            if self.users[user].subject(symbol, leg.engine).is_some() {
                self.ask(user, symbol, Request::Cancel(leg.engine))
                    .map_err(|reason| Refusal::of(generation, reason))?;
            }
        }
        Ok(())
    }

    /// Moves a level of a trigger order that rests.
    pub(crate) fn move_trigger(
        &mut self,
        user: usize,
        id: u64,
        kind: Option<LegKind>,
        trigger: Price,
    ) -> Result<(), Refusal> {
        let generation = self.generation(user);
        let plan = self.open_plan(user, Some(id))?;
        let leg = plan.legs.iter().find(|leg| kind.is_none_or(|kind| kind == leg.kind));
        let Some((symbol, engine)) = leg.map(|leg| (plan.symbol, leg.engine)) else {
            return Err(Refusal::not_found(generation));
        };
        self.ask(user, symbol, Request::Amend { id: engine, price: trigger })
            .map_err(|reason| Refusal::of(generation, reason))
    }

    /// What a price is to a position or to an order: where the engine waits for it.
    pub(crate) fn wait_for(&self, symbol: usize, side: Side, trigger: Price) -> LegKind {
        let last = self.listings[symbol].venue.last();
        if (trigger.0 - last.0) * side.sign() > 0 { LegKind::Stop } else { LegKind::Target }
    }

    /// The leg of a free trigger: whichever way the price has to go.
    pub(crate) fn free_leg(
        &self,
        symbol: usize,
        side: Side,
        trigger: Price,
        limit: Option<Price>,
    ) -> Result<NewLeg, Refusal> {
        let kind = match (self.wait_for(symbol, side, trigger), limit) {
            (LegKind::Stop, None) => OrderKind::StopMarket { trigger },
            (LegKind::Stop, Some(price)) => OrderKind::StopLimit { trigger, price },
            (_, None) => OrderKind::TakeProfit { trigger },
            (_, Some(_)) => {
                return Err(Refusal::new(
                    "40020",
                    "this exchange has no limit orders behind a favourable trigger",
                ));
            }
        };
        Ok((LegKind::Free, kind, trigger, limit))
    }
}
