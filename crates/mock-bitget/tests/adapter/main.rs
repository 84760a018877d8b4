//! The adapter against the mock, in virtual time: what it tells is what the exchange did, whatever the wire does.

#![allow(clippy::unwrap_used)]

mod books;
mod world;

use mock_bitget::Fault;
use model::{
    Leg, OrderKind, PositionMode, PositionSide, Price, Progress, Qty, Report, Request, Side, TimeInForce,
};
use venue_bitget::adapter::Alert;
use world::{KINDS, SYMBOL, UID, Wire, World};

/// Debug builds are slow; optimised code plays more.
fn seeds() -> u64 {
    if cfg!(debug_assertions) { 3 } else { 8 }
}

fn limit(price: i64, tif: TimeInForce) -> OrderKind {
    OrderKind::Limit { price: Price(price), tif }
}

#[test]
fn an_account_is_made_ready_and_bars_come() {
    for kind in KINDS {
        let mut world = World::new(kind, 1, Wire::Kind);
        world.pass(130);
        let ready = |alert: &Alert| matches!(alert, Alert::Ready(..));
        assert!(world.alerts.iter().any(ready), "{:?}", world.alerts);
        assert!(world.alerts.iter().all(ready), "{:?}", world.alerts);
        assert_eq!(world.linked, 1);
        assert!(world.bars.len() >= 2, "{:?}", world.bars);
        world.compare();
    }
}

#[test]
fn an_entry_brings_its_exits_and_a_stop_ends_them() {
    for kind in KINDS {
        let mut world = World::new(kind, 2, Wire::Kind);
        world.pass(10);
        let price = world.price;
        let entry = world.entry(Side::Buy, 40, OrderKind::Market, Some((price - 20_000, price + 20_000)));
        world.say(Request::Place(entry));
        world.pass(5);
        let rests = world.open.iter().filter(|(.., progress)| *progress == Progress::Taken).count();
        assert_eq!(rests, 3, "{kind:?}: a stop and two rungs: {:?} {:?}", world.reports, world.alerts);
        world.pass(40);
        world.compare();
        let side = if kind.1 == PositionMode::Hedge { PositionSide::Long } else { PositionSide::Net };
        world.leave(side);
        world.pass(60);
        assert_eq!(world.open.len(), 0, "{kind:?}: {:?}", world.reports);
        world.compare();
    }
}

/// A takeover that is found at the first reading after a death is older than what the second one reads, and its bill is too.
#[test]
fn a_takeover_while_the_process_is_dead_is_told_with_what_it_cost() {
    for kind in KINDS {
        let mut world = World::new(kind, 3, Wire::Kind);
        world.pass(10);
        let entry = world.entry(Side::Buy, 20, OrderKind::Market, None);
        world.say(Request::Place(entry));
        world.pass(30);
        world.kill();
        world.exchange.inject(Fault::Seize { uid: UID.to_owned(), symbol: SYMBOL.to_owned() });
        world.pass(400);
        world.rise();
        world.pass(60);
        let settlements: Vec<i64> = world.reports.iter().filter_map(|(_, report)| cost(report)).collect();
        assert!(matches!(settlements[..], [settlement] if settlement < 0), "{kind:?}: {settlements:?}");
        world.compare();
    }
}

/// A rung that was placed hours ago fills while nobody is there, and nobody rises for longer than claims are asked about: lists
/// of ended orders go by when an order was placed, and fills of a classic account name the exchange's id alone.
#[test]
#[cfg_attr(debug_assertions, ignore = "hours take minutes in debug")]
fn an_old_rung_that_fills_while_the_process_is_dead_is_told() {
    for (kind, wire) in KINDS.into_iter().flat_map(|kind| [(kind, Wire::Kind), (kind, Wire::Wild)]) {
        let mut world = World::new(kind, 5, wire);
        world.pass(10);
        let price = world.price;
        let exits = Some((price - 60_000, price + 60_000));
        let entry = world.entry(Side::Buy, 40, OrderKind::Market, exits);
        world.say(Request::Place(entry));
        world.pass(4_500);
        let side = if kind.1 == PositionMode::Hedge { PositionSide::Long } else { PositionSide::Net };
        assert_eq!(world.held(side), Qty(40), "{kind:?}: it rests");
        world.kill();
        world.price = price + 61_000;
        world.pass(900);
        world.price = price;
        world.pass(9_000);
        world.rise();
        world.pass(400);
        assert_eq!(world.held(side), Qty(20), "{kind:?}, {wire:?}: {:?}", world.alerts);
        world.heal();
        world.compare();
    }
}

/// Nobody here opened it: it is shown, and not before it was looked for.
#[test]
fn what_no_fill_explains_is_shown_all_the_same() {
    for kind in KINDS {
        let mut world = World::new(kind, 6, Wire::Kind);
        world.pass(10);
        let entry = world.entry(Side::Buy, 20, OrderKind::Market, None);
        world.say(Request::Place(entry));
        world.pass(60);
        world.by_hand(Side::Buy, 7);
        let shown = world.holdings.len();
        world.pass(20);
        assert_eq!(world.holdings.len(), shown, "{kind:?}: it may be a fill that is not listed yet");
        world.pass(120);
        let last = world.holdings.last().unwrap();
        assert_eq!(last.positions[0], Qty(27), "{kind:?}");
    }
}

fn cost(report: &Report) -> Option<i64> {
    if let Report::Liquidated { settlement, .. } = report { Some(settlement.0) } else { None }
}

fn act(world: &mut World) {
    let (draw, lots) = (world.rng.below(12), 1 + world.rng.below(50) as i64);
    let side = if world.rng.below(2) == 0 { Side::Buy } else { Side::Sell };
    let (price, sign) = (world.price, side.sign());
    let away = 50 + world.rng.below(500) as i64;
    match draw {
        0..=2 => {
            let exits = Some((price - sign * away, price + sign * (60 + away / 2)));
            let entry = world.entry(side, lots, OrderKind::Market, exits);
            world.say(Request::Place(entry));
        }
        3..=4 => {
            let near = price - sign * (world.rng.below(100) as i64);
            let exits = Some((near - sign * away, near + sign * (60 + away / 2)));
            let entry = world.entry(side, lots, limit(near, TimeInForce::PostOnly), exits);
            world.say(Request::Place(entry));
        }
        5 => {
            let order =
                world.entry(side, lots, limit(price + sign * 30, TimeInForce::ImmediateOrCancel), None);
            world.say(Request::Place(order));
        }
        6 | 7 => {
            let sides = [PositionSide::Net, PositionSide::Long, PositionSide::Short];
            let held = sides.into_iter().find(|side| world.held(*side).0 != 0);
            if let Some(side) = held.filter(|_| {
                world.open.iter().all(|(order, ..)| order.id.leg != Leg::Own || order.bracket.is_some())
            }) {
                let hedge = world.open.iter().any(|(order, ..)| order.position_side != PositionSide::Net);
                let side = if side == PositionSide::Net && hedge { PositionSide::Long } else { side };
                world.leave(side);
            }
        }
        8 => {
            let rests = world
                .open
                .iter()
                .find(|(order, .., progress)| (order.id.leg == Leg::Own) && *progress == Progress::Taken);
            if let Some(id) = rests.map(|(order, ..)| order.id) {
                world.say(Request::Cancel(id));
            }
        }
        9 => {
            let stop = world.open.iter().find(|(order, .., progress)| {
                matches!(order.kind, OrderKind::StopMarket { .. }) && *progress == Progress::Taken
            });
            if let Some((order, ..)) = stop {
                let (id, sign) = (order.id, order.side.sign());
                world.say(Request::Amend { id, price: Price(price + sign * (100 + away)) });
            }
        }
        _ => {}
    }
}

fn live(kind: (mock_bitget::Generation, PositionMode), seed: u64, wire: Wire, kills: bool) -> usize {
    let mut world = World::new(kind, seed, wire);
    world.pass(15);
    for step in 0..60 {
        act(&mut world);
        let pause = 1 + world.rng.below(9) as i64;
        world.pass(pause);
        if kills && step % 20 == 19 {
            world.kill();
            let pause = world.rng.below(20) as i64;
            world.pass(pause);
            world.rise();
            world.pass(20);
        }
    }
    world.heal();
    world.compare();
    world.reports.iter().filter(|(_, report)| matches!(report, Report::Filled(_))).count()
}

#[test]
fn what_is_told_is_what_happened() {
    for kind in KINDS {
        let fills: usize = (0..seeds()).map(|seed| live(kind, seed, Wire::Kind, false)).sum();
        assert!(fills > 20, "{kind:?}: a comparison of nothing: {fills}");
    }
}

#[test]
fn whatever_the_wire_does() {
    for kind in KINDS {
        let fills: usize = (0..seeds()).map(|seed| live(kind, seed, Wire::Wild, false)).sum();
        assert!(fills > 20, "{kind:?}: a comparison of nothing: {fills}");
    }
}

#[test]
fn and_whenever_the_process_dies() {
    for kind in KINDS {
        let fills: usize = (0..seeds()).map(|seed| live(kind, seed, Wire::Wild, true)).sum();
        assert!(fills > 20, "{kind:?}: a comparison of nothing: {fills}");
    }
}
