//! An account at the exchange: its settings, its ledgers, and which order of the engine's is which of its own.
//!
//! Ledgers are bounded: of what has ended the oldest is forgotten. Refuses to know another account.

use crate::records::{Bill, Ended, Fill, Holding, Order, Plan, Transfer};
use crate::setup::AccountSetup;
use model::{AccountId, AccountMode, BotId, Leg, OrderId, PositionSide, Time, Usd};
use std::collections::{BTreeMap, VecDeque};

/// Ended orders, and ended triggers, that are remembered.
pub(crate) const ENDED_KEPT_MAX: usize = 5_000;
/// Fills, bills and ended positions that are remembered.
pub(crate) const LEDGER_KEPT_MAX: usize = 20_000;

/// What an order of the engine's is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Order(u64),
    Plan(u64),
}

/// Whether an account may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Normal,
    /// By its owner: its keys open nothing.
    Frozen,
}

/// An account.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) setup: AccountSetup,
    /// In every engine.
    pub(crate) account: AccountId,
    /// By symbol.
    pub(crate) modes: Vec<AccountMode>,
    /// What lies in no futures account.
    pub(crate) spot: Usd,
    pub(crate) transfers: VecDeque<Transfer>,
    /// What its owner calls it, if it was made while the exchange was open.
    pub(crate) name: String,
    pub(crate) standing: Standing,
    pub(crate) opened: Time,
    /// How many keys were made for it.
    pub(crate) keys_made: u32,
    pub(crate) orders: BTreeMap<u64, Order>,
    pub(crate) plans: BTreeMap<u64, Plan>,
    pub(crate) fills: VecDeque<Fill>,
    pub(crate) bills: VecDeque<Bill>,
    pub(crate) ended: VecDeque<Ended>,
    /// By symbol and line.
    pub(crate) holdings: Vec<[Holding; 2]>,
    clients: BTreeMap<String, u64>,
    subjects: BTreeMap<(usize, OrderId), Subject>,
    decisions: u32,
    nobody: BotId,
    /// How many ids it has been given.
    pub(crate) ids: u64,
    /// Requests on their way since the market last moved.
    pub(crate) on_their_way: usize,
}

/// The index of a position.
pub(crate) const fn line(side: PositionSide) -> usize {
    match side {
        PositionSide::Net | PositionSide::Long => 0,
        PositionSide::Short => 1,
    }
}

impl User {
    pub(crate) fn new(setup: AccountSetup, account: AccountId, modes: Vec<AccountMode>) -> User {
        User {
            account,
            holdings: vec![[Holding::default(); 2]; modes.len()],
            modes,
            spot: Usd::ZERO,
            transfers: VecDeque::new(),
            name: setup.uid.clone(),
            standing: Standing::Normal,
            opened: Time(0),
            keys_made: 0,
            orders: BTreeMap::new(),
            plans: BTreeMap::new(),
            fills: VecDeque::new(),
            bills: VecDeque::new(),
            ended: VecDeque::new(),
            clients: BTreeMap::new(),
            subjects: BTreeMap::new(),
            decisions: 0,
            nobody: BotId(0),
            ids: 0,
            on_their_way: 0,
            setup,
        }
    }

    /// Ids in the engine are of this number's from now on.
    pub(crate) fn call_engine_ids(&mut self, nobody: BotId) {
        self.nobody = nobody;
    }

    /// An id in the engine; they ascend, as it wants them to.
    pub(crate) fn next_engine_id(&mut self) -> OrderId {
        self.decisions = self.decisions.checked_add(1).expect("an account has fewer than 2^32 orders");
        OrderId { bot: self.nobody, epoch: 0, decision: self.decisions, leg: Leg::Own }
    }

    pub(crate) fn is_taken(&self, client: &str) -> bool {
        self.clients.contains_key(client)
    }

    pub(crate) fn add_order(&mut self, order: Order) {
        self.clients.insert(order.client.clone(), order.id);
        self.subjects.insert((order.symbol, order.engine), Subject::Order(order.id));
        self.orders.insert(order.id, order);
        if self.orders.len() > ENDED_KEPT_MAX {
            let ended = self.orders.values().find(|order| !order.is_open()).map(|order| order.id);
            ended.into_iter().for_each(|id| self.forget_order(id));
        }
    }

    pub(crate) fn add_plan(&mut self, plan: Plan) {
        self.clients.insert(plan.client.clone(), plan.id);
        for leg in &plan.legs {
            self.subjects.insert((plan.symbol, leg.engine), Subject::Plan(plan.id));
        }
        self.plans.insert(plan.id, plan);
        if self.plans.len() > ENDED_KEPT_MAX {
            let ended = self.plans.values().find(|plan| !plan.is_open()).map(|plan| plan.id);
            ended.into_iter().for_each(|id| self.forget_plan(id));
        }
    }

    /// Takes an order back that was never accepted.
    pub(crate) fn forget_order(&mut self, id: u64) {
        if let Some(order) = self.orders.remove(&id) {
            self.clients.remove(&order.client);
            self.subjects.remove(&(order.symbol, order.engine));
        }
    }

    pub(crate) fn forget_plan(&mut self, id: u64) {
        if let Some(plan) = self.plans.remove(&id) {
            self.clients.remove(&plan.client);
            plan.legs.iter().for_each(|leg| self.end_subject(plan.symbol, leg.engine));
        }
    }

    pub(crate) fn subject(&self, symbol: usize, engine: OrderId) -> Option<Subject> {
        self.subjects.get(&(symbol, engine)).copied()
    }

    pub(crate) fn set_subject(&mut self, symbol: usize, engine: OrderId, subject: Subject) {
        self.subjects.insert((symbol, engine), subject);
    }

    pub(crate) fn end_subject(&mut self, symbol: usize, engine: OrderId) {
        self.subjects.remove(&(symbol, engine));
    }

    /// The same, unless an exit may still come of it.
    pub(crate) fn end_subject_unless_stopped(&mut self, symbol: usize, engine: OrderId) {
        if let Some(Subject::Order(id)) = self.subject(symbol, engine)
            && self.orders.get(&id).is_none_or(|order| order.preset.stop.is_none())
        {
            self.end_subject(symbol, engine);
        }
    }

    /// The order of an exchange's id, or else of a client's.
    pub(crate) fn id_of(&self, order_id: Option<&str>, client: Option<&str>) -> Option<u64> {
        match order_id {
            Some(id) => id.parse().ok(),
            None => self.clients.get(client?).copied(),
        }
    }

    pub(crate) fn keep_fill(&mut self, fill: Fill) {
        self.fills.push_back(fill);
        if self.fills.len() > LEDGER_KEPT_MAX {
            self.fills.pop_front();
        }
    }

    pub(crate) fn keep_bill(&mut self, bill: Bill) {
        self.bills.push_back(bill);
        if self.bills.len() > LEDGER_KEPT_MAX {
            self.bills.pop_front();
        }
    }

    pub(crate) fn keep_transfer(&mut self, transfer: Transfer) {
        self.transfers.push_back(transfer);
        if self.transfers.len() > LEDGER_KEPT_MAX {
            self.transfers.pop_front();
        }
    }

    pub(crate) fn keep_ended(&mut self, ended: Ended) {
        self.ended.push_back(ended);
        if self.ended.len() > LEDGER_KEPT_MAX {
            self.ended.pop_front();
        }
    }

    /// Whether anything depends on the account's modes, on one symbol or on any.
    pub(crate) fn is_in_use(&self, symbol: Option<usize>) -> bool {
        let fits = |of: usize| symbol.is_none_or(|symbol| symbol == of);
        let held = self
            .holdings
            .iter()
            .enumerate()
            .any(|(of, lines)| fits(of) && lines.iter().any(|holding| !holding.position.is_flat()));
        held || self.orders.values().any(|order| order.is_open() && fits(order.symbol))
            || self.plans.values().any(|plan| plan.is_open() && fits(plan.symbol))
    }
}
