//! The same orders on the simulated venue itself and through adapter, wire and mock: the same positions, the same money.
//!
//! Both hear of an order at the same instant and both walk the same bars, so whatever differs was lost, doubled or
//! misread on the way: a side, a size, a stop, a fee.

use crate::table::{BALANCE, KINDS, Kind, PRICE, SYMBOL, Table, limit, mode};
use mock_bitget::{Matching, Stretch};
use model::{
    AccountId, Bar, Instrument, Interval, Mark, OrderKind, OrderRequest, PositionMode, PositionSide, Price,
    Qty, Rate, Request, Rng, Side, Time,
};
use venue::{AccountSettings, MarkBar, Models, Venue};

const ID: AccountId = AccountId(0);
const STEPS: usize = 120;
const SEEDS: u64 = 12;

/// The venue beside the table.
struct Both {
    table: Table,
    venue: Venue,
    rng: Rng,
    resting: Vec<OrderRequest>,
}

impl Both {
    fn new(kind: Kind, seed: u64) -> Both {
        let mut table = Table::new(kind);
        table.exchange.set_matching(Matching::WithNextStretch);
        table.exchange.set_limited(false);
        table.connect();
        let mut venue = Venue::new(Instrument::btcusdt());
        venue.open_account(AccountSettings {
            id: ID,
            mode: mode(kind),
            balance: BALANCE,
            models: Models::NONE,
        });
        let price = Price(PRICE);
        let mark = Instrument::btcusdt().mark_of(price);
        venue.pass(price, mark, table.now);
        Both { table, venue, rng: Rng::new(seed), resting: Vec::new() }
    }

    fn below(&mut self, n: u64) -> i64 {
        i64::try_from(self.rng.below(n)).unwrap()
    }

    /// Asks both for the same.
    fn ask(&mut self, request: &Request) {
        // What the adapter will not send, the farm is told, and nobody else.
        if self.table.sendable(request).is_err() {
            return;
        }
        self.table.ask(request);
        self.venue.submit(self.table.now, ID, *request);
    }

    fn act(&mut self) {
        let lots = 1 + self.below(60);
        match self.below(10) {
            0 | 1 => {
                let away = 20 + self.below(400);
                let stop = self.table.price - away;
                let entry = self.table.entry_with_stop(lots, stop, &[]);
                self.ask(&Request::Place(entry));
            }
            2 | 3 => {
                let away = 10 + self.below(300);
                let side = if self.below(2) == 0 { Side::Buy } else { Side::Sell };
                let price = limit(self.table.price - side.sign() * away);
                let order = self.table.order(side, lots, price);
                self.resting.push(order);
                self.ask(&Request::Place(order));
            }
            4 => {
                let held = self.venue.account(ID).position(PositionSide::Long).qty;
                if held.0 > 0 {
                    let part = 1 + self.below(held.0.unsigned_abs());
                    let close = self.table.close_long(part, OrderKind::Market);
                    self.ask(&Request::Place(close));
                }
            }
            5 if !self.resting.is_empty() => {
                let at = self.below(self.resting.len() as u64) as usize;
                let order = self.resting.swap_remove(at);
                let rests = self.venue.account(ID).open_orders().any(|one| one.id == order.id);
                if rests {
                    self.ask(&Request::Cancel(order.id));
                }
            }
            6 => {
                let trigger = Price(self.table.price + 50 + self.below(300));
                let order = self.table.order(Side::Buy, lots, OrderKind::StopMarket { trigger });
                self.ask(&Request::Place(order));
            }
            _ => {}
        }
    }

    /// A second of market for both, with extremes, and funding now and then.
    fn walk(&mut self) {
        let open = self.table.price + self.below(41) - 20;
        let close = open + self.below(401) - 200;
        let (up, down) = (self.below(150), self.below(150));
        let bar = Bar {
            open_time: self.table.now,
            open: Price(open),
            high: Price(open.max(close) + up),
            low: Price(open.min(close) - down),
            close: Price(close),
            volume: 9.0,
        };
        let basis = Mark(self.below(2_000_000_000) - 1_000_000_000);
        let mark = MarkBar::from_basis(Instrument::btcusdt().mark_per_tick(), &bar, basis);
        let funding = (self.below(20) == 0).then(|| Rate(self.below(400_000_000) - 200_000_000));
        let interval = Interval::SECOND;
        self.table.exchange.advance(SYMBOL, &Stretch { bar, interval, mark, funding });
        if let Some(rate) = funding {
            self.venue.settle_funding(bar.open_time, mark.open, rate);
        }
        self.venue.step(&bar, interval, mark);
        while self.venue.poll().is_some() {}
        self.table.now = Time(self.table.now.0 + interval.0);
        self.table.price = close;
        self.table.listen();
    }

    fn compare(&mut self, step: usize) {
        let sides: &[PositionSide] = match self.table.kind.position {
            PositionMode::OneWay => &[PositionSide::Net],
            PositionMode::Hedge => &[PositionSide::Long, PositionSide::Short],
        };
        let told = self.table.positions();
        for side in sides {
            let held =
                told.iter().find(|held| held.position_side == *side).map_or(Qty::ZERO, |held| held.qty);
            assert_eq!(held, self.venue.account(ID).position(*side).qty, "{:?} step {step}", self.table.kind);
        }
        assert_eq!(self.table.wallet(), self.venue.account(ID).wallet(), "{:?} step {step}", self.table.kind);
        let resting = self.table.open_orders().len() + self.table.open_plans().len();
        assert_eq!(resting, self.venue.account(ID).open_orders().len(), "{:?} step {step}", self.table.kind);
    }
}

#[test]
fn case_90_the_wire_changes_nothing() {
    let mut filled = 0;
    for kind in KINDS {
        for seed in 0..SEEDS {
            let mut both = Both::new(kind, seed);
            for step in 0..STEPS {
                both.act();
                both.walk();
                if step % 10 == 9 {
                    both.compare(step);
                }
            }
            filled += both.table.executions.len();
        }
    }
    assert!(filled > 1_500, "a comparison of nothing: {filled} fills");
}
