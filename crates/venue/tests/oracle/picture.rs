//! What there is to see of an account, the same of both exchanges: money by where it is, positions, orders at rest.
//!
//! It refuses to compare anything inside: two exchanges that look alike after every command are alike.

use crate::naive::account::{Account, Order, Waits};
use crate::naive::terms::Terms;
use model::{Bracket, Mark, OrderId, Position, PositionSide, Price, Qty, Side, StateHash, Usd};
use venue::{Entry, RestingKind, RestingOrder, Role};

/// An order at rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub id: OrderId,
    pub side: Side,
    position_side: PositionSide,
    remaining: Qty,
    pub kind: RestingKind,
    reduce_only: bool,
    role: Role,
    group: Option<u32>,
    frozen: Usd,
    bracket: Option<Bracket>,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Wallet, both pools, trade, fee, funding, transfer, liquidation.
    money: [Usd; 8],
    pub held: [Position; 2],
    pub orders: Vec<Seen>,
    frozen: Usd,
    equity: Usd,
    pub free: Usd,
    maintenance: Usd,
}

fn usd(micros: i128) -> Usd {
    Usd(i64::try_from(micros).expect("money is 64 bits"))
}

fn price(ticks: i128) -> Price {
    Price(i64::try_from(ticks).expect("a price is 64 bits"))
}

fn lots(lots: i128) -> Qty {
    Qty(i64::try_from(lots).expect("lots are 64 bits"))
}

fn kind_of(waits: Waits) -> RestingKind {
    match waits {
        Waits::ForVolume => RestingKind::Market,
        Waits::ToRest { price: at } => RestingKind::Limit { price: price(at) },
        Waits::ToStop { trigger } => RestingKind::Stop { trigger: price(trigger) },
        Waits::ToStopLimit { trigger, price: at } => {
            RestingKind::StopLimit { trigger: price(trigger), price: price(at) }
        }
        Waits::ToTake { trigger } => RestingKind::TakeProfit { trigger: price(trigger) },
        Waits::ToTrail { activation, distance, best } => RestingKind::Trailing {
            activation: price(activation),
            distance: price(distance),
            watermark: best.map(price),
        },
    }
}

impl From<&Order> for Seen {
    fn from(order: &Order) -> Seen {
        Seen {
            id: order.id,
            side: order.side,
            position_side: order.position_side,
            remaining: lots(order.remaining),
            kind: kind_of(order.waits),
            reduce_only: order.reduce_only,
            role: order.role,
            group: order.group,
            frozen: usd(order.frozen),
            bracket: order.bracket,
        }
    }
}

impl From<&RestingOrder> for Seen {
    fn from(order: &RestingOrder) -> Seen {
        Seen {
            id: order.id,
            side: order.side,
            position_side: order.position_side,
            remaining: order.remaining,
            kind: order.kind,
            reduce_only: order.reduce_only,
            role: order.role,
            group: order.group,
            frozen: order.frozen,
            bracket: order.bracket,
        }
    }
}

impl Picture {
    /// Of the oracle.
    pub fn of_naive(terms: &Terms, account: &Account, at: Mark) -> Picture {
        let purse = &account.purse;
        let [long, short] = purse.pools;
        let money = [
            purse.wallet,
            long,
            short,
            purse.trade,
            purse.fee,
            purse.funding,
            purse.transfer,
            purse.liquidation,
        ];
        let mark = i128::from(at.0);
        Picture {
            money: money.map(usd),
            held: account.held.map(|held| Position { qty: lots(held.qty), cost: held.cost }),
            orders: account.orders.iter().map(Seen::from).collect(),
            frozen: usd(account.frozen()),
            equity: usd(account.equity(terms, mark)),
            free: usd(account.free_margin(terms, mark)),
            maintenance: usd(account.held.iter().map(|held| terms.maintenance(held, mark)).sum()),
        }
    }

    /// Of the venue.
    pub fn of_fast(account: &venue::Account, at: Mark) -> Picture {
        let entries = [
            Entry::Wallet,
            Entry::Pool(0),
            Entry::Pool(1),
            Entry::Trade,
            Entry::Fee,
            Entry::Funding,
            Entry::Transfer,
            Entry::Liquidation,
        ];
        Picture {
            money: entries.map(|entry| account.books().balance(entry)),
            held: [PositionSide::Long, PositionSide::Short].map(|side| *account.position(side)),
            orders: account.open_orders().map(Seen::from).collect(),
            frozen: account.frozen(),
            equity: account.equity(at),
            free: account.free_margin(at),
            maintenance: account.maintenance_margin(at),
        }
    }

    /// All money of the owner.
    pub fn owned(&self) -> Usd {
        self.money[0] + self.money[1] + self.money[2]
    }

    pub fn hash(&self, hash: &mut StateHash) {
        self.money.iter().for_each(|amount| hash.int(amount.0));
        for position in &self.held {
            hash.int(position.qty.0);
            hash.int(position.cost as i64);
        }
        for order in &self.orders {
            hash.word(order.id.word());
            hash.int(order.side.sign() * order.remaining.0);
            hash.int(order.frozen.0);
            let (first, second) = match order.kind {
                RestingKind::Market => (0, 0),
                RestingKind::Limit { price } => (price.0, 1),
                RestingKind::Stop { trigger } => (trigger.0, 2),
                RestingKind::TakeProfit { trigger } => (trigger.0, 3),
                RestingKind::StopLimit { trigger, price } => (trigger.0, 4 + price.0),
                RestingKind::Trailing { activation, watermark, .. } => {
                    (activation.0, -watermark.map_or(0, |best| best.0))
                }
            };
            hash.int(first);
            hash.int(second);
        }
    }
}
