//! What goes wrong between an adapter and its exchange, and what both must make of it.

use crate::table::{BALANCE, KINDS, PRICE, SYMBOL, Table, limit};
use mock_bitget::{Fault, Scheduled};
use model::{Interval, OrderKind, Qty, Request, Side};
use venue_bitget::errors::Fatal;
use venue_bitget::inquiry::{Conclusion, Inquiry, Look};
use venue_bitget::meaning::{Forced, Status};
use venue_bitget::request::Handle;
use venue_bitget::request::reads::Read;
use venue_bitget::response::{Delay, Outcome};
use venue_bitget::sign::Environment;
use venue_bitget::wire::trading::Order;
use venue_bitget::wire::{Generation, answer};

#[test]
fn case_20_an_id_is_taken_once() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        let order = table.order(Side::Buy, 20, limit(PRICE - 1_000));
        table.place(&order);
        assert_eq!(table.ask(&Request::Place(order)), Outcome::Ask, "{kind:?}: a duplicate is looked for");
        assert_eq!(table.open_orders().len(), 1);
    }
}

fn look(table: &mut Table, order: model::OrderId) -> Look {
    let handle = Handle::Client(venue_bitget::order_id::Sent { order, revision: 0 });
    let (status, body) = table.read_raw(Read::Order { symbol: SYMBOL, handle });
    match answer::<Order<'_>>(status, &body) {
        Ok(_) => Look::Found,
        Err(failure) => Look::of(&failure),
    }
}

#[test]
fn case_21_an_unknown_outcome_is_asked_about_and_found() {
    for kind in KINDS {
        for fault in [Fault::FailAfter { requests: 1 }, Fault::Unknown { requests: 1 }] {
            let mut table = Table::new(kind);
            table.fault(fault.clone());
            let order = table.order(Side::Buy, 20, limit(PRICE - 1_000));
            assert_eq!(table.ask(&Request::Place(order)), Outcome::Ask, "{kind:?} {fault:?}");
            let mut inquiry = Inquiry::new(table.now, table.now);
            let found = look(&mut table, order.id);
            assert_eq!(inquiry.looked(table.now, found), Conclusion::Exists, "{kind:?}: it was taken");
            assert_eq!(table.open_orders().len(), 1);
        }
    }
}

#[test]
fn case_22_what_never_arrived_is_never_found() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        table.fault(Fault::Fail { requests: 1 });
        let order = table.order(Side::Buy, 20, limit(PRICE - 1_000));
        assert_eq!(table.ask(&Request::Place(order)), Outcome::Ask, "{kind:?}");
        let mut inquiry = Inquiry::new(table.now, table.now);
        for _ in 0..2 {
            let look = look(&mut table, order.id);
            assert_eq!(look, Look::NotFound, "{kind:?}");
            assert!(matches!(inquiry.looked(table.now, look), Conclusion::AskAgain(_)));
        }
        table.wait();
        let look = look(&mut table, order.id);
        assert_eq!(inquiry.looked(table.now, look), Conclusion::NeverAccepted, "{kind:?}");
    }
}

#[test]
fn case_23_a_throttled_request_is_for_later() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        table.fault(Fault::Refuse { requests: 1 });
        let order = table.order(Side::Buy, 20, limit(PRICE - 1_000));
        assert_eq!(table.ask(&Request::Place(order)), Outcome::Later(Delay::Budget), "{kind:?}");
        table.place(&order);
        // Eleven in one second are one too many.
        let orders: Vec<_> = (0..11).map(|_| table.order(Side::Buy, 1, limit(PRICE - 1_000))).collect();
        table.wait();
        let told = orders.iter().map(|order| {
            let sent = table.sendable(&Request::Place(*order)).unwrap();
            table.send(&sent).0
        });
        let told: Vec<u16> = told.collect();
        assert_eq!(told.iter().filter(|status| **status == 429).count(), 1, "{kind:?}: {told:?}");
        table.fault(Fault::Maintenance { lasts: Interval(5_000) });
        assert_eq!(table.ask(&Request::Cancel(order.id)), Outcome::Later(Delay::Exchange), "{kind:?}");
    }
}

#[test]
fn case_24_a_jumped_clock_is_told_and_measured_again() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        table.exchange.schedule(Scheduled {
            at: table.now + Interval(500),
            fault: Fault::ClockJump { by: Interval(60_000) },
        });
        let order = table.order(Side::Buy, 20, limit(PRICE - 1_000));
        assert_eq!(table.ask(&Request::Place(order)), Outcome::Later(Delay::Clock), "{kind:?}");
        let time: serde_json::Value = table.read(Read::ServerTime).unwrap();
        let server: i64 = time["serverTime"].as_str().unwrap().parse().unwrap();
        assert_eq!(server - table.now.0, 60_000);
        assert!(table.exchange.wallet_of("1000000001") == Some(BALANCE));
    }
}

#[test]
fn case_25_a_lost_line_comes_back_and_the_account_is_read_anew() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        table.connect();
        assert_eq!(table.resyncs, 1, "{kind:?}");
        let before = table.orders.len();
        table.fault(Fault::Disconnect);
        let order = table.order(Side::Buy, 20, OrderKind::Market);
        table.place(&order);
        assert_eq!(table.orders.len(), before, "nobody heard");
        for _ in 0..10 {
            table.wait();
            table.run_line();
        }
        assert_eq!(table.resyncs, 2, "{kind:?}: what was missed is read");
        assert_eq!(table.fills().len(), 1);
        let order = table.close_long(20, OrderKind::Market);
        table.place(&order);
        assert_eq!(table.orders.last().unwrap().status, Status::Filled, "{kind:?}: and the line hears again");
    }
}

#[test]
fn case_26_a_seized_account_hears_of_it() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        table.connect();
        let entry = table.entry_with_stop(20, PRICE - 5_000, &[]);
        table.place(&entry);
        table.fault(Fault::Seize { uid: "1000000001".to_owned(), symbol: SYMBOL.to_owned() });
        assert!(table.positions().is_empty() && table.open_plans().is_empty(), "{kind:?}");
        let fill = &table.fills()[0];
        assert_eq!(fill.way.forced, Some(Forced::Liquidation), "{kind:?}");
        assert_eq!(fill.change(), Qty(-20));
        let pushed = table.executions.last().unwrap();
        assert_eq!(pushed.way, fill.way, "{kind:?}");
        assert!(table.exchange.is_balanced());
    }
}

#[test]
fn case_27_a_deleveraged_position_hears_of_it() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        table.connect();
        let entry = table.entry_with_stop(20, PRICE - 5_000, &[]);
        table.place(&entry);
        let (uid, symbol) = ("1000000001".to_owned(), SYMBOL.to_owned());
        table.fault(Fault::Deleverage { uid, symbol, lots: Qty(5) });
        let [held] = table.positions()[..] else { panic!("{kind:?}: one position") };
        assert_eq!(held.qty, Qty(15));
        let fill = table.executions.last().unwrap().clone();
        assert!(fill.deleveraged().is_some(), "{kind:?}: {fill:?}");
        assert_eq!(table.open_plans().len(), 1, "what is left stays protected");
    }
}

#[test]
fn case_28_doubled_and_swapped_pushes_change_nothing_that_is_counted_by_id() {
    for kind in KINDS {
        for fault in [Fault::Duplicate { pushes: 20 }, Fault::Reorder { pushes: 3 }] {
            let mut table = Table::new(kind);
            table.connect();
            table.fault(fault.clone());
            let order = table.order(Side::Buy, 20, OrderKind::Market);
            table.place(&order);
            // What is held back comes with the next push.
            table.wait();
            table.exchange.pass(table.now);
            let order = table.close_long(20, OrderKind::Market);
            table.place(&order);
            let mut ids: Vec<&str> = table.executions.iter().map(|fill| fill.trade_id.as_str()).collect();
            let told = ids.len();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), 2, "{kind:?} {fault:?}");
            assert_eq!(told > 2, matches!(fault, Fault::Duplicate { .. }), "{kind:?} {fault:?}");
        }
    }
}

#[test]
fn case_29_demo_and_live_do_not_mix() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        table.environment = Environment::Demo;
        let order = table.order(Side::Buy, 20, OrderKind::Market);
        let told = table.ask(&Request::Place(order));
        assert!(matches!(told, Outcome::Stop { fatal: Fatal::Environment, .. }), "{kind:?}: {told:?}");
    }
}

#[test]
fn case_30_the_wrong_generation_says_which_is_right() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        let order = table.order(Side::Buy, 20, OrderKind::Market);
        let other = if kind.generation == Generation::V2 { Generation::V3 } else { Generation::V2 };
        let terms = venue_bitget::request::Terms { generation: other, ..table.terms() };
        let sent = terms.send(&Request::Place(order), None, None).unwrap();
        let (status, body) = table.send(&sent);
        let told = venue_bitget::response::outcome(&Request::Place(order), Some((status, &body)));
        let Outcome::Stop { fatal, .. } = told else { panic!("{kind:?}: {told:?}") };
        assert_eq!(fatal, Fatal::Generation(kind.generation));
    }
}
