//! The simulated venue's matching beside the `orderbook-rs` crate, on the same commands: `make bench-orderbook`.
//!
//! The two are not the same thing. `orderbook-rs` keeps a book of many strangers' orders behind concurrent maps and
//! matches order with order; it knows no money. The venue matches one account's order with the market's price, and
//! margins it, charges it, books it in double entry and says in reports what happened. What is compared is a
//! command from call to answer: who tests a strategy waits for either. It prints and judges nothing.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods, clippy::disallowed_types)]

use model::*;
use orderbook_rs::OrderBook;
use orderbook_rs::prelude::{Id, Side as TheirSide, TimeInForce as TheirTif};
use std::hint::black_box;
use std::time::Instant;
use venue::{AccountSettings, MarkBar, Models, Venue};

const ROUNDS: usize = 9;
const COMMANDS: usize = 200_000;
const ID: AccountId = AccountId(0);
/// Where the market stands, in ticks of 0.1 USDT.
const PRICE: i64 = 600_000;
/// Orders that rest all the time.
const STANDING: usize = 40;

/// One command, for either.
#[derive(Clone, Copy)]
enum Command {
    Place {
        id: u32,
        side: Side,
        price: i64,
        tif: TimeInForce,
    },
    Cancel {
        id: u32,
    },
    /// The market trades through whatever rests on one side up to this price, lot by lot.
    TradeThrough {
        id: u32,
        price: i64,
    },
}

struct Scenario {
    name: &'static str,
    /// Orders at rest before, far from the market.
    standing: usize,
    commands: Vec<Command>,
}

fn scenarios() -> Vec<Scenario> {
    let far = |id: u32| PRICE - 1_000 - i64::from(id % 50);
    let gtc = TimeInForce::GoodTillCancelled;
    let rest = || {
        let pairs = (1..=COMMANDS as u32 / 2).map(|n| n + 1_000);
        let commands = pairs.flat_map(|id| {
            [Command::Place { id, side: Side::Buy, price: far(id), tif: gtc }, Command::Cancel { id }]
        });
        commands.collect()
    };
    let crossing = (1..=COMMANDS as u32).map(|n| {
        let side = if n % 2 == 0 { Side::Buy } else { Side::Sell };
        let price = PRICE + 10 * side.sign();
        Command::Place { id: n + 1_000, side, price, tif: TimeInForce::ImmediateOrCancel }
    });
    // In and out again, so that no position grows.
    let traded = (1..=COMMANDS as u32 / 2).flat_map(|n| {
        let side = if n % 2 == 0 { Side::Buy } else { Side::Sell };
        let (id, price) = (2 * n + 1_000, PRICE - 50 * side.sign());
        [Command::Place { id, side, price, tif: gtc }, Command::TradeThrough { id: id + 1, price }]
    });
    vec![
        Scenario { name: "rest and cancel, nothing else at rest", standing: 0, commands: rest() },
        Scenario { name: "rest and cancel, 40 orders at rest", standing: STANDING, commands: rest() },
        Scenario {
            name: "cross: an IOC limit that fills whole",
            standing: STANDING,
            commands: crossing.collect(),
        },
        Scenario { name: "rest, and be traded through", standing: STANDING, commands: traded.collect() },
    ]
}

fn order(id: u32, side: Side, price: i64, tif: TimeInForce) -> OrderRequest {
    OrderRequest {
        id: OrderId { bot: BotId(0), epoch: 0, decision: id, leg: Leg::Own },
        side,
        position_side: PositionSide::Net,
        qty: Qty(1),
        kind: OrderKind::Limit { price: Price(price), tif },
        reduce_only: false,
        bracket: None,
        one_cancels_other: None,
    }
}

/// Ours: seconds for all commands, and how many fills were said.
fn ours(scenario: &Scenario) -> (f64, usize) {
    let mut venue = Venue::new(Instrument::btcusdt());
    let mode = AccountMode { position: PositionMode::OneWay, margin: MarginMode::Cross, leverage: 20 };
    let balance = Usd(10_000_000 * Usd::ONE.0);
    venue.open_account(AccountSettings { id: ID, mode, balance, models: Models::NONE });
    step(&mut venue, PRICE);
    for n in 0..scenario.standing as u32 {
        let far = order(n + 1, Side::Buy, PRICE - 5_000 - i64::from(n), TimeInForce::GoodTillCancelled);
        venue.execute(venue.now(), ID, &Request::Place(far));
    }
    while venue.poll().is_some() {}
    let (mut fills, begun) = (0, Instant::now());
    for command in &scenario.commands {
        let now = venue.now();
        match *command {
            Command::Place { id, side, price, tif } => {
                venue.execute(now, ID, &Request::Place(order(id, side, price, tif)));
            }
            Command::Cancel { id } => {
                let id = OrderId { bot: BotId(0), epoch: 0, decision: id, leg: Leg::Own };
                venue.execute(now, ID, &Request::Cancel(id));
            }
            Command::TradeThrough { price, .. } => step(&mut venue, price + (price - PRICE).signum()),
        }
        while let Some((_, _, report)) = venue.poll() {
            fills += usize::from(matches!(black_box(report), Report::Filled(_)));
        }
    }
    (begun.elapsed().as_secs_f64(), fills)
}

/// A bar from where the market is to a price and back.
fn step(venue: &mut Venue, to: i64) {
    let at = Price(PRICE);
    let open_time = Time(venue.now().0.max(0));
    let (high, low) = (Price(to.max(PRICE)), Price(to.min(PRICE)));
    let bar = Bar { open_time, open: at, high, low, close: at, volume: 1.0 };
    let mark = MarkBar::from_basis(venue.instrument().mark_per_tick(), &bar, Mark::ZERO);
    venue.step(&bar, Interval::SECOND, mark);
}

/// Theirs: the same.
fn theirs(scenario: &Scenario) -> (f64, usize) {
    let book: OrderBook<()> = OrderBook::new("BTCUSDT");
    let add = |id: u64, price: i64, lots: u64, side, tif| {
        book.add_limit_order(Id::Sequential(id), price as u128, lots, side, tif, None).map(drop)
    };
    // The market that an order of ours meets at its price.
    let much = 1 << 40;
    add(1 << 40, PRICE + 10, much, TheirSide::Sell, TheirTif::Gtc).unwrap();
    add((1 << 40) + 1, PRICE - 10, much, TheirSide::Buy, TheirTif::Gtc).unwrap();
    for n in 0..scenario.standing as u64 {
        add(n + 1, PRICE - 5_000 - n as i64, 1, TheirSide::Buy, TheirTif::Gtc).unwrap();
    }
    let (mut fills, begun) = (0, Instant::now());
    for command in &scenario.commands {
        match *command {
            Command::Place { id, side, price, tif } => {
                let ioc = tif == TimeInForce::ImmediateOrCancel;
                let their_tif = if ioc { TheirTif::Ioc } else { TheirTif::Gtc };
                let their_side = if side == Side::Buy { TheirSide::Buy } else { TheirSide::Sell };
                add(u64::from(id), price, 1, their_side, their_tif).unwrap();
                fills += usize::from(ioc);
            }
            Command::Cancel { id } => {
                let gone = book.cancel_order(Id::Sequential(u64::from(id))).unwrap();
                assert!(black_box(gone).is_some(), "it rested");
            }
            Command::TradeThrough { id, price } => {
                let side = if price < PRICE { TheirSide::Sell } else { TheirSide::Buy };
                fills += usize::from(add(u64::from(id), price, 1, side, TheirTif::Ioc).is_ok());
            }
        }
    }
    (begun.elapsed().as_secs_f64(), fills)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    println!("{COMMANDS} commands a round, the median of {ROUNDS} rounds, one after the other in turns");
    println!("{:<40} {:>14} {:>14} {:>8}", "", "venue", "orderbook-rs", "ratio");
    for scenario in scenarios() {
        let (mut mine, mut other) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (seconds, fills) = ours(&scenario);
            let (their_seconds, their_fills) = theirs(&scenario);
            assert_eq!(fills, their_fills, "{}: both fill the same", scenario.name);
            mine.push(COMMANDS as f64 / seconds / 1e6);
            other.push(COMMANDS as f64 / their_seconds / 1e6);
        }
        let (mine, other) = (median(mine), median(other));
        println!("{:<40} {mine:>8.2} M/s   {other:>8.2} M/s   {:>6.2}x", scenario.name, mine / other);
    }
}
