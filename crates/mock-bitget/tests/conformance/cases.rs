//! What an adapter does all day: place, fill, stop, ladder, cancel, amend, and a wallet that is explained.

use crate::table::{BALANCE, KINDS, Kind, PRICE, SYMBOL, Table, limit, mode};
use model::{Leg, OrderKind, Price, Qty, Rate, RejectReason, Request, Side, TimeInForce, Usd};
use venue_bitget::account::{Detected, Standing, Wanted, generation_of};
use venue_bitget::meaning::{Ending, PlanKind, Status};
use venue_bitget::order_id::Origin;
use venue_bitget::request::reads::Read;
use venue_bitget::request::rungs;
use venue_bitget::wire::account::{Balance, KeyInfo, Settings};
use venue_bitget::wire::{Generation, answer};

#[test]
fn case_01_the_account_at_start_is_known_and_cleared() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        let (status, body) = table.read_raw(Read::Settings);
        let settings = answer::<Settings<'_>>(status, &body);
        assert_eq!(generation_of(&settings), Detected::Is(kind.generation));
        let standing = match settings {
            Ok(settings) => Standing::of_unified(&settings, SYMBOL).unwrap(),
            Err(_) => {
                let (status, body) = table.read_raw(Read::Account(SYMBOL));
                Standing::of_classic(&answer::<Balance<'_>>(status, &body).unwrap()).unwrap()
            }
        };
        let (status, body) = table.read_raw(Read::KeyInfo);
        let standing = standing.with_key(&answer::<KeyInfo<'_>>(status, &body).unwrap());
        let wanted = Wanted { mode: mode(kind), known_harmless: Vec::new(), bound_to_addresses: true };
        let cleared = standing.clearance(&wanted);
        assert!(cleared.is_ok(), "{kind:?}: {cleared:?}");
        assert_eq!(table.wallet(), BALANCE);
    }
}

#[test]
fn case_02_a_market_order_with_a_stop_fills_and_is_protected() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        table.connect();
        let entry = table.entry_with_stop(20, PRICE - 5_000, &[]);
        table.place(&entry);
        let filled = table.orders.last().unwrap();
        assert_eq!((&filled.status, filled.filled), (&Status::Filled, Qty(20)), "{kind:?}");
        let report = filled.report();
        let fill = table.executions.last().unwrap();
        assert_eq!((fill.origin, fill.change(), fill.price), (filled.origin, Qty(20), Price(PRICE)));
        // 0.02 at 60 000, six basis points.
        assert_eq!(fill.fee, Usd(720_000));
        assert_eq!(fill.way.position_side, entry.position_side);
        // V3's order rows carry no fill.
        assert_eq!(report.map(|told| (told.id, told.fee)), told_with_the_order(kind, entry.id, fill.fee));
        let [held] = table.positions()[..] else { panic!("one position") };
        assert_eq!((held.qty, held.leverage), (Qty(20), Some(10)));
        assert!(table.open_orders().is_empty(), "a stop is in no list of plain orders");
        let [stop] = &table.open_plans()[..] else { panic!("{kind:?}: one stop") };
        assert_eq!(stop.kind, PlanKind::Exit { stop: Some(Price(PRICE - 5_000)), target: None });
        let own = entry.id.with_leg(Leg::Stop);
        assert_eq!(table.register.whose(&stop.order_id), Some(own), "{kind:?}: adopted from the stream");
    }
}

fn told_with_the_order(kind: Kind, id: model::OrderId, fee: Usd) -> Option<(model::OrderId, Usd)> {
    (kind.generation == Generation::V2).then_some((id, fee))
}

#[test]
fn case_03_the_stop_fires_and_leads_back_to_its_entry() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        table.connect();
        let entry = table.entry_with_stop(20, PRICE - 500, &[]);
        table.place(&entry);
        table.trade(PRICE - 900);
        assert!(table.positions().is_empty() && table.open_plans().is_empty(), "{kind:?}");
        let out = table.executions.last().unwrap().clone();
        assert_eq!((out.change(), out.price), (Qty(-20), Price(PRICE - 500)), "{kind:?}");
        let listed = table.fills();
        assert_eq!(listed.len(), 2);
        assert_eq!(listed[0].way, out.way, "{kind:?}: the listing and the fill channel mean the same");
        if kind.generation == Generation::V2 {
            // V3's pushes do not say what a trigger became.
            assert_eq!(table.register.whose(&out.order_id), Some(entry.id.with_leg(Leg::Stop)), "{kind:?}");
        }
    }
}

#[test]
fn case_04_a_ladder_takes_profit_and_the_stop_goes_with_the_position() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        table.connect();
        let entry = table.entry_with_stop(20, PRICE - 5_000, &[(PRICE + 500, 12), (PRICE + 900, 8)]);
        table.place(&entry);
        for rung in rungs(&entry, Qty(20)) {
            table.place(&rung);
        }
        assert_eq!(table.open_orders().len(), 2, "{kind:?}");
        table.trade(PRICE + 600);
        let [held] = table.positions()[..] else { panic!("{kind:?}: one position") };
        assert_eq!(held.qty, Qty(8));
        let out = table.executions.last().unwrap();
        assert_eq!(
            (out.change(), out.price, out.liquidity),
            (Qty(-12), Price(PRICE + 500), model::Liquidity::Maker)
        );
        table.trade(PRICE + 1_000);
        assert!(table.positions().is_empty() && table.open_orders().is_empty(), "{kind:?}");
        assert!(table.open_plans().is_empty(), "{kind:?}: nothing is left to protect");
    }
}

#[test]
fn case_05_a_resting_order_is_cancelled_once() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        table.connect();
        let order = table.order(Side::Buy, 20, limit(PRICE - 1_000));
        table.place(&order);
        assert_eq!(table.orders.last().unwrap().status, Status::Live);
        table.ask(&Request::Cancel(order.id));
        let ended = Status::Ended(Ending::Cancelled(model::CancelReason::Requested));
        assert_eq!(table.orders.last().unwrap().status, ended, "{kind:?}");
        assert!(table.open_orders().is_empty());
        assert_eq!(table.refused(&Request::Cancel(order.id)), RejectReason::UnknownOrder, "{kind:?}");
        assert_eq!(table.wallet(), BALANCE);
    }
}

#[test]
fn case_06_an_order_is_amended_and_fills_where_it_was_moved_to() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        table.connect();
        let order = table.order(Side::Buy, 20, limit(PRICE - 1_000));
        table.place(&order);
        let before = table.open_orders()[0].order_id.clone();
        table.ask(&Request::Amend { id: order.id, price: Price(PRICE - 500) });
        let [open] = &table.open_orders()[..] else { panic!("{kind:?}: one order") };
        assert_eq!(open.price, Some(Price(PRICE - 500)));
        assert_eq!(
            open.order_id == before,
            kind.generation == Generation::V3,
            "{kind:?}: only V3 keeps the order"
        );
        table.trade(PRICE - 600);
        let fill = table.executions.last().unwrap();
        let Origin::Ours(sent) = fill.origin else { panic!("{kind:?}: {fill:?}") };
        assert_eq!((sent.order, fill.price, fill.qty), (order.id, Price(PRICE - 500), Qty(20)), "{kind:?}");
        assert_eq!(sent.revision, u16::from(kind.generation == Generation::V2), "{kind:?}");
    }
}

#[test]
fn case_07_a_stop_is_moved_without_a_gap() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        table.connect();
        let entry = table.entry_with_stop(20, PRICE - 5_000, &[]);
        table.place(&entry);
        let stop = entry.id.with_leg(Leg::Stop);
        table.ask(&Request::Amend { id: stop, price: Price(PRICE - 400) });
        let [plan] = &table.open_plans()[..] else { panic!("{kind:?}: one stop") };
        assert_eq!(plan.kind, PlanKind::Exit { stop: Some(Price(PRICE - 400)), target: None });
        let wrong = Request::Amend { id: stop, price: Price(PRICE + 400) };
        assert_eq!(table.refused(&wrong), RejectReason::WouldTrigger, "{kind:?}");
        assert_eq!(table.open_plans().len(), 1, "{kind:?}: a refused amendment leaves it where it was");
        table.trade(PRICE - 500);
        assert!(table.positions().is_empty());
    }
}

#[test]
fn case_08_the_preset_of_an_unfilled_entry_moves_with_v2_alone() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        table.connect();
        let mut entry = table.entry_with_stop(20, PRICE - 9_000, &[]);
        entry.kind = limit(PRICE - 1_000);
        table.place(&entry);
        let amend = Request::Amend { id: entry.id.with_leg(Leg::Stop), price: Price(PRICE - 8_000) };
        if kind.generation == Generation::V3 {
            assert!(table.sendable(&amend).is_err());
            continue;
        }
        table.ask(&amend);
        assert_eq!(table.open_orders().len(), 1, "the entry stays");
        table.trade(PRICE - 1_100);
        let [stop] = &table.open_plans()[..] else { panic!("one stop") };
        assert_eq!(stop.kind, PlanKind::Exit { stop: Some(Price(PRICE - 8_000)), target: None });
    }
}

#[test]
fn case_09_free_triggers_rest_out_of_sight_and_go_off() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        table.connect();
        let trigger = Price(PRICE + 1_000);
        let market = table.order(Side::Buy, 20, OrderKind::StopMarket { trigger });
        table.place(&market);
        let order = table.order(Side::Buy, 10, OrderKind::StopLimit { trigger, price: Price(PRICE + 1_200) });
        table.place(&order);
        assert!(table.open_orders().is_empty(), "{kind:?}");
        assert_eq!(table.open_plans().len(), 2);
        table.ask(&Request::Amend { id: market.id, price: Price(PRICE + 800) });
        table.ask(&Request::Cancel(order.id));
        let [left] = &table.open_plans()[..] else { panic!("{kind:?}: one trigger") };
        assert_eq!(left.kind, PlanKind::Free { trigger: Price(PRICE + 800) });
        table.trade(PRICE + 900);
        let [held] = table.positions()[..] else { panic!("{kind:?}: one position") };
        assert_eq!(held.qty, Qty(20));
        let taken = table.executions.last().unwrap();
        assert_eq!(taken.price, Price(PRICE + 800));
    }
}

#[test]
fn case_10_what_is_refused_is_refused_for_the_reason() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        table.connect();
        let post_only = OrderKind::Limit { price: Price(PRICE + 100), tif: TimeInForce::PostOnly };
        let order = table.order(Side::Buy, 10, post_only);
        table.place(&order);
        let refused = Status::Ended(Ending::Refused(RejectReason::WouldTake));
        assert_eq!(table.orders.last().unwrap().status, refused, "{kind:?}: accepted, then cancelled");
        let fill_or_kill = OrderKind::Limit { price: Price(PRICE - 100), tif: TimeInForce::FillOrKill };
        let order = table.order(Side::Buy, 10, fill_or_kill);
        table.place(&order);
        let refused = Status::Ended(Ending::Refused(RejectReason::CannotFillAll));
        assert_eq!(table.orders.last().unwrap().status, refused);
        let immediate = OrderKind::Limit { price: Price(PRICE - 100), tif: TimeInForce::ImmediateOrCancel };
        let order = table.order(Side::Buy, 10, immediate);
        table.place(&order);
        let unfilled = Status::Ended(Ending::Cancelled(model::CancelReason::Unfilled));
        assert_eq!(table.orders.last().unwrap().status, unfilled);
        let too_much = table.order(Side::Buy, 5_000, OrderKind::Market);
        assert_eq!(table.refused(&Request::Place(too_much)), RejectReason::InsufficientMargin, "{kind:?}");
        let nothing = table.close_long(10, OrderKind::Market);
        assert_eq!(table.refused(&Request::Place(nothing)), RejectReason::NothingToReduce, "{kind:?}");
        let silly = table.entry_with_stop(10, PRICE + 1, &[]);
        assert_eq!(table.refused(&Request::Place(silly)), RejectReason::WouldTrigger, "{kind:?}");
        assert!(table.positions().is_empty() && table.open_orders().is_empty());
        assert_eq!(table.wallet(), BALANCE, "a refusal costs nothing");
    }
}

#[test]
fn case_11_positions_and_fills_explain_the_wallet_to_the_unit() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        table.connect();
        let entry = table.entry_with_stop(37, PRICE - 3_333, &[]);
        table.place(&entry);
        table.trade(PRICE + 777);
        let part = table.close_long(13, OrderKind::Market);
        table.place(&part);
        table.stretch(PRICE + 801, Some(Rate(123_456_789)));
        let short = table.order(Side::Sell, 11, limit(PRICE + 900));
        table.place(&short);
        table.trade(PRICE + 1_001);
        table.trade(PRICE - 4_000);
        let wallet = table.wallet();
        let (profit, fees) = explained(&mut table);
        let funding = funding(&mut table);
        assert!(funding.0 < 0, "{kind:?}: a long pays a positive rate");
        assert_eq!(wallet, BALANCE + profit - fees + funding, "{kind:?}");
        assert!(table.exchange.is_balanced());
        let pushed: Usd = table.executions.iter().fold(Usd::ZERO, |sum, fill| sum + fill.fee);
        assert_eq!(pushed, fees, "{kind:?}: the stream and the listing tell of the same fees");
    }
}

/// Realised profit and fees of all fills, worked out from sides, sizes and prices alone.
fn explained(table: &mut Table) -> (Usd, Usd) {
    let instrument = model::Instrument::btcusdt();
    let mut positions = [model::Position::FLAT; 2];
    let (mut profit, mut fees) = (Usd::ZERO, Usd::ZERO);
    for fill in table.fills().iter().rev() {
        let line = usize::from(fill.way.position_side == model::PositionSide::Short);
        let realised = positions[line].fill(fill.change(), fill.price);
        profit += instrument.usd(realised.profit);
        fees += fill.fee;
    }
    (profit, fees)
}

fn funding(table: &mut Table) -> Usd {
    use venue_bitget::meaning::settled;
    use venue_bitget::wire::Page;
    use venue_bitget::wire::account::Bill;
    let (status, body) = table.read_raw(Read::FundingBills { since: model::Time(0), after: "" });
    let page: Page<'_, Bill<'_>> = answer(status, &body).unwrap();
    let amounts = page.rows.iter().filter_map(|row| settled(row).unwrap());
    amounts.fold(Usd::ZERO, |sum, settled| sum + settled.amount)
}
