//! For who holds the exchange in his hand: the engine behind the counter, what it says, and names for its orders.
//!
//! A simulation checks the engine by the orders' own ids, trades by hand without a key, and breaks promises on purpose.
//! All of it goes through the records, so that every listing tells the same as the engine. Refuses to be reached over a wire.

use crate::exchange::Exchange;
use crate::records::{BillKind, Kind, Preset};
use crate::refusal::Refusal;
use crate::reports::NewOrder;
use crate::setup::AccountSetup;
use crate::user::{Subject, User};
use model::{
    AccountId, AccountMode, BotId, OrderId, OrderKind, OrderRequest, RejectReason, Report, Request, Time, Usd,
};
use venue::{AccountSettings, Models, Venue};

/// The one symbol of who looks inside.
const SYMBOL: usize = 0;

/// What an order of the engine is called by, out of the id its client gave it.
pub type Names = fn(&str) -> Option<OrderId>;

/// Something that was given to the engine or came out of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Overheard {
    /// The engine was asked for this.
    Asked(AccountId, Request),
    /// It said this.
    Said(Time, AccountId, Report),
}

/// What is kept for who looks inside.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inside {
    names: Option<(Names, BotId)>,
    overheard: Vec<Overheard>,
    /// Every placement is refused for this, until then.
    storm: Option<(RejectReason, Time)>,
    overlooks_clocks: bool,
}

impl Exchange {
    /// From now on the engine's orders are called as this says, all others are `nobody`'s, and what happens is overheard.
    pub fn look_inside(&mut self, names: Names, nobody: BotId) {
        assert!(self.users.is_empty() && self.listings.len() == 1, "names are given before anybody trades");
        self.inside.names = Some((names, nobody));
    }

    /// Opens an account under a number of its own in the engine.
    pub fn open_as(&mut self, setup: AccountSetup, account: AccountId, models: Models) {
        let mode = AccountMode { position: setup.position, margin: setup.margin, leverage: setup.leverage };
        let balance = setup.balance;
        self.listings[SYMBOL].venue.open_account(AccountSettings { id: account, mode, balance, models });
        self.users.push(User::new(setup, account, vec![mode]));
        if let Some((_, nobody)) = self.inside.names {
            self.users.last_mut().expect("it was just added").call_engine_ids(nobody);
        }
    }

    /// The engine.
    pub fn engine(&self) -> &Venue {
        &self.listings[SYMBOL].venue
    }

    /// Does something to the engine itself; what comes of it is written down and told.
    pub fn intervene<T>(&mut self, act: impl FnOnce(&mut Venue) -> T) -> T {
        let done = act(&mut self.listings[SYMBOL].venue);
        self.drain(SYMBOL);
        self.tell();
        done
    }

    /// What was given to the engine and what it said, since it was last asked.
    pub fn overheard(&mut self) -> Vec<Overheard> {
        std::mem::take(&mut self.inside.overheard)
    }

    pub(crate) fn overhear(&mut self, one: Overheard) {
        if self.inside.names.is_some() {
            self.inside.overheard.push(one);
        }
    }

    /// Refuses every placement for a while.
    pub fn refuse_all(&mut self, reason: RejectReason, until: Time) {
        self.inside.storm = Some((reason, until));
    }

    /// Whether a request is taken however long ago it was signed.
    pub fn overlook_clocks(&mut self, overlooks: bool) {
        self.inside.overlooks_clocks = overlooks;
    }

    /// The clock a signature is held against.
    pub(crate) fn clock_for(&self, timestamp: Option<&str>) -> Time {
        let signed = timestamp.filter(|_| self.inside.overlooks_clocks).and_then(|text| text.parse().ok());
        signed.map_or(self.clock(), Time)
    }

    pub(crate) fn storm(&self) -> Option<RejectReason> {
        self.inside.storm.filter(|(_, until)| self.now < *until).map(|(reason, _)| reason)
    }

    /// Money from outside, or (negative) away. Returns whether it was moved.
    pub fn pay(&mut self, account: AccountId, amount: Usd) -> bool {
        let Some(user) = self.user_with(account) else { return false };
        let moved = self.listings[SYMBOL].venue.transfer(account, amount);
        if moved {
            let kind = if amount.0 >= 0 { BillKind::In } else { BillKind::Out };
            self.bill(user, None, kind, amount, Usd::ZERO, self.now);
            self.tell();
        }
        moved
    }

    /// Loses an order at rest without a word, in the engine and in the records. Returns whether it was there.
    pub fn lose(&mut self, account: AccountId, id: OrderId) -> bool {
        let lost = self.listings[SYMBOL].venue.lose(account, id);
        let Some(user) = self.user_with(account).filter(|_| lost) else { return lost };
        match self.users[user].subject(SYMBOL, id) {
            Some(Subject::Plan(plan)) => self.users[user].forget_plan(plan),
            Some(Subject::Order(order)) => self.users[user].forget_order(order),
            None => {}
        }
        lost
    }

    /// Trades by hand: under a name of the client's, without a key.
    pub fn trade(&mut self, account: AccountId, client: &str, request: &Request) -> Result<(), RejectReason> {
        let user = self.user_with(account).expect("who trades by hand has an account");
        let done = match request {
            Request::Place(order) => self.place(user, by_hand(client, order)).map(|_| ()),
            Request::Cancel(_) => match self.users[user].id_of(None, Some(client)) {
                Some(id) => self.cancel(user, id),
                None => Err(Refusal::not_found(self.generation(user))),
            },
            Request::Amend { .. } => unreachable!("nobody amends by hand here"),
        };
        self.tell();
        done.map_err(|_| RejectReason::UnknownOrder)
    }

    /// Which of the accounts is called so in the engine.
    pub(crate) fn user_with(&self, account: AccountId) -> Option<usize> {
        // Usually they are numbered as they were opened.
        let usual = usize::from(account.0);
        match self.users.get(usual) {
            Some(user) if user.account == account => Some(usual),
            _ => self.users.iter().position(|user| user.account == account),
        }
    }

    /// An id in the engine for an order of this name.
    pub(crate) fn engine_id(&mut self, user: usize, client: &str) -> OrderId {
        let named = self.inside.names.and_then(|(names, _)| names(client));
        named.unwrap_or_else(|| self.users[user].next_engine_id())
    }
}

fn by_hand(client: &str, order: &OrderRequest) -> NewOrder {
    let kind = match order.kind {
        OrderKind::Limit { price, tif } => Kind::Limit { price, tif },
        _ => Kind::Market,
    };
    NewOrder {
        symbol: SYMBOL,
        client: client.to_owned(),
        side: order.side,
        position_side: order.position_side,
        reduce_only: order.reduce_only,
        kind,
        qty: order.qty,
        preset: Preset::default(),
    }
}
