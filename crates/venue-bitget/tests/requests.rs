//! Requests to the byte, in both generations and both position modes.
//!
//! The table of sides is the reference's (12.1), written out: what is bought and sold must not depend on the code that
//! is under test. Refuses to compare by parsing: the signature is over the bytes.
#![allow(clippy::unwrap_used)]

use model::{
    AccountMode, BotId, Bracket, Instrument, Leg, MarginMode, OrderId, OrderKind, OrderRequest, PositionMode,
    PositionSide, Price, Qty, RejectReason, Request, Side, Step, TARGETS_MAX, Target, Time, TimeInForce, Usd,
};
use venue_bitget::http::{HttpRequest, Lane, Method};
use venue_bitget::instrument::{Listing, Status};
use venue_bitget::order_id::{Prefix, Sent};
use venue_bitget::request::{
    Handle, Place, Resting, Terms, TriggerBy, Unsendable, place_all, protect, rungs,
};
use venue_bitget::wire::Generation::{self, V2, V3};

const OPEN_LONG: (PositionSide, Side, bool) = (PositionSide::Long, Side::Buy, false);
const CLOSE_LONG: (PositionSide, Side, bool) = (PositionSide::Long, Side::Sell, true);
const OPEN_SHORT: (PositionSide, Side, bool) = (PositionSide::Short, Side::Sell, false);
const CLOSE_SHORT: (PositionSide, Side, bool) = (PositionSide::Short, Side::Buy, true);

fn terms(listing: &Listing, generation: Generation, position: PositionMode) -> Terms<'_> {
    Terms {
        generation,
        mode: AccountMode { position, margin: MarginMode::Cross, leverage: 5 },
        prefix: Prefix::new("obf").unwrap(),
        listing,
        trigger_by: TriggerBy::LastPrice,
    }
}

fn id(leg: Leg) -> OrderId {
    OrderId { bot: BotId(3), epoch: 0, decision: 12, leg }
}

fn order(mode: PositionMode, way: (PositionSide, Side, bool), kind: OrderKind) -> OrderRequest {
    let (position_side, side, reduce_only) = way;
    let position_side = if mode == PositionMode::OneWay { PositionSide::Net } else { position_side };
    let (bracket, one_cancels_other) = (None, None);
    OrderRequest {
        id: id(Leg::Own),
        side,
        position_side,
        qty: Qty(20),
        kind,
        reduce_only,
        bracket,
        one_cancels_other,
    }
}

fn limit(price: i64, tif: TimeInForce) -> OrderKind {
    OrderKind::Limit { price: Price(price), tif }
}

fn sent(terms: &Terms<'_>, order: OrderRequest) -> Result<HttpRequest, Unsendable> {
    terms.send(&Request::Place(order), None, None)
}

#[test]
fn the_table_of_sides() {
    let btc = Listing::plain(Instrument::btcusdt());
    for (generation, mode, way, words) in [
        (V2, PositionMode::OneWay, OPEN_LONG, r#""side":"buy","reduceOnly":"NO""#),
        (V2, PositionMode::OneWay, CLOSE_LONG, r#""side":"sell","reduceOnly":"YES""#),
        (V2, PositionMode::OneWay, OPEN_SHORT, r#""side":"sell","reduceOnly":"NO""#),
        (V2, PositionMode::OneWay, CLOSE_SHORT, r#""side":"buy","reduceOnly":"YES""#),
        (V2, PositionMode::Hedge, OPEN_LONG, r#""side":"buy","tradeSide":"open""#),
        (V2, PositionMode::Hedge, CLOSE_LONG, r#""side":"buy","tradeSide":"close""#),
        (V2, PositionMode::Hedge, OPEN_SHORT, r#""side":"sell","tradeSide":"open""#),
        (V2, PositionMode::Hedge, CLOSE_SHORT, r#""side":"sell","tradeSide":"close""#),
        (V3, PositionMode::OneWay, OPEN_LONG, r#""side":"buy","reduceOnly":"no""#),
        (V3, PositionMode::OneWay, CLOSE_LONG, r#""side":"sell","reduceOnly":"yes""#),
        (V3, PositionMode::OneWay, OPEN_SHORT, r#""side":"sell","reduceOnly":"no""#),
        (V3, PositionMode::OneWay, CLOSE_SHORT, r#""side":"buy","reduceOnly":"yes""#),
        (V3, PositionMode::Hedge, OPEN_LONG, r#""side":"buy","posSide":"long""#),
        (V3, PositionMode::Hedge, CLOSE_LONG, r#""side":"sell","posSide":"long""#),
        (V3, PositionMode::Hedge, OPEN_SHORT, r#""side":"sell","posSide":"short""#),
        (V3, PositionMode::Hedge, CLOSE_SHORT, r#""side":"buy","posSide":"short""#),
    ] {
        let request = sent(&terms(&btc, generation, mode), order(mode, way, OrderKind::Market)).unwrap();
        let head = match generation {
            V2 => concat!(
                r#"{"symbol":"BTCUSDT","productType":"USDT-FUTURES","marginMode":"crossed","#,
                r#""marginCoin":"USDT","size":"0.020","#
            ),
            V3 => r#"{"category":"USDT-FUTURES","symbol":"BTCUSDT","qty":"0.020","#,
        };
        assert_eq!(
            request.body,
            format!(r#"{head}{words},"orderType":"market","clientOid":"obf-3-0-c-e"}}"#)
        );
        let path =
            if generation == V2 { "/api/v2/mix/order/place-order" } else { "/api/v3/trade/place-order" };
        assert_eq!((request.method, request.path, request.query.len()), (Method::Post, path, 0));
        assert_eq!(request.lane, if way.2 { Lane::Protect } else { Lane::Ordinary });
    }
}

#[test]
fn what_does_not_fit_the_position_mode_is_not_sent() {
    let btc = Listing::plain(Instrument::btcusdt());
    for generation in [V2, V3] {
        let hedge = terms(&btc, generation, PositionMode::Hedge);
        let net = order(PositionMode::OneWay, OPEN_LONG, OrderKind::Market);
        assert_eq!(sent(&hedge, net).unwrap_err().reason(), RejectReason::WrongPositionSide);
        let one_way = terms(&btc, generation, PositionMode::OneWay);
        let long = order(PositionMode::Hedge, OPEN_LONG, OrderKind::Market);
        assert_eq!(sent(&one_way, long).unwrap_err().reason(), RejectReason::WrongPositionSide);
        let backwards = OrderRequest { reduce_only: true, ..long };
        assert_eq!(sent(&hedge, backwards).unwrap_err().reason(), RejectReason::WrongSideForPosition);
    }
}

fn bracket() -> Bracket {
    let mut targets = [Target::default(); TARGETS_MAX];
    targets[0] = Target { price: Price(610_000), qty: Qty(12) };
    targets[1] = Target { price: Price(620_000), qty: Qty(8) };
    Bracket { stop: Price(590_005), targets }
}

#[test]
fn an_entry_takes_its_stop_along_and_its_ladder_follows_the_fills() {
    let btc = Listing::plain(Instrument::btcusdt());
    let kind = limit(600_000, TimeInForce::PostOnly);
    let entry = OrderRequest { bracket: Some(bracket()), ..order(PositionMode::Hedge, OPEN_LONG, kind) };
    let v2 = sent(&terms(&btc, V2, PositionMode::Hedge), entry).unwrap();
    assert_eq!(
        v2.body,
        concat!(
            r#"{"symbol":"BTCUSDT","productType":"USDT-FUTURES","marginMode":"crossed","marginCoin":"USDT","#,
            r#""size":"0.020","price":"60000.0","side":"buy","tradeSide":"open","orderType":"limit","#,
            r#""force":"post_only","clientOid":"obf-3-0-c-e","presetStopLossPrice":"59000.5"}"#
        )
    );
    let mut unified = terms(&btc, V3, PositionMode::Hedge);
    unified.mode.margin = MarginMode::Isolated;
    unified.trigger_by = TriggerBy::MarkPrice;
    assert_eq!(
        sent(&unified, entry).unwrap().body,
        concat!(
            r#"{"category":"USDT-FUTURES","symbol":"BTCUSDT","qty":"0.020","price":"60000.0","side":"buy","#,
            r#""posSide":"long","orderType":"limit","timeInForce":"post_only","clientOid":"obf-3-0-c-e","#,
            r#""marginMode":"isolated","stopLoss":"59000.5","slTriggerBy":"mark","slOrderType":"market"}"#
        )
    );
    let ladder = |opened| -> Vec<(Leg, i64)> {
        rungs(&entry, Qty(opened)).iter().map(|rung| (rung.id.leg, rung.qty.0)).collect()
    };
    assert_eq!(ladder(0), []);
    assert_eq!(ladder(5), [(Leg::Target(0), 5)]);
    assert_eq!(ladder(15), [(Leg::Target(0), 12), (Leg::Target(1), 3)]);
    assert_eq!(ladder(20), [(Leg::Target(0), 12), (Leg::Target(1), 8)]);
    let all = place_all(&terms(&btc, V2, PositionMode::Hedge), &rungs(&entry, Qty(20))).unwrap();
    assert_eq!((all.path, all.lane), ("/api/v2/mix/order/batch-place-order", Lane::Protect));
    assert!(all.body.contains(concat!(
        r#""orderList":[{"size":"0.012","price":"61000.0","side":"buy","tradeSide":"close","orderType":"limit","#,
        r#""force":"gtc","clientOid":"obf-3-0-c-a"},{"size":"0.008","#
    )));
    let all = place_all(&terms(&btc, V3, PositionMode::Hedge), &rungs(&entry, Qty(20))).unwrap();
    assert!(
        all.body.starts_with(r#"[{"category":"USDT-FUTURES","symbol":"BTCUSDT","qty":"0.012""#),
        "{}",
        all.body
    );
}

#[test]
fn triggers_have_endpoints_of_their_own() {
    let btc = Listing::plain(Instrument::btcusdt());
    let stop = order(PositionMode::OneWay, CLOSE_LONG, OrderKind::StopMarket { trigger: Price(590_005) });
    let v2 = sent(&terms(&btc, V2, PositionMode::OneWay), stop).unwrap();
    assert_eq!((v2.path, v2.lane), ("/api/v2/mix/order/place-plan-order", Lane::Protect));
    assert_eq!(
        v2.body,
        concat!(
            r#"{"symbol":"BTCUSDT","productType":"USDT-FUTURES","marginMode":"crossed","marginCoin":"USDT","#,
            r#""planType":"normal_plan","size":"0.020","triggerPrice":"59000.5","triggerType":"fill_price","#,
            r#""side":"sell","reduceOnly":"yes","orderType":"market","clientOid":"obf-3-0-c-e"}"#
        )
    );
    let kind = OrderKind::StopLimit { trigger: Price(610_000), price: Price(610_010) };
    let v3 =
        sent(&terms(&btc, V3, PositionMode::Hedge), order(PositionMode::Hedge, OPEN_LONG, kind)).unwrap();
    assert_eq!(v3.path, "/api/v3/trade/place-strategy-order");
    assert_eq!(
        v3.body,
        concat!(
            r#"{"category":"USDT-FUTURES","symbol":"BTCUSDT","type":"trigger","qty":"0.020","side":"buy","#,
            r#""posSide":"long","triggerBy":"market","triggerPrice":"61000.0","triggerOrderType":"limit","#,
            r#""triggerOrderPrice":"61001.0","clientOid":"obf-3-0-c-e"}"#
        )
    );
}

#[test]
fn a_naked_position_gets_a_stop_of_its_own() {
    let btc = Listing::plain(Instrument::btcusdt());
    let stop = |generation, mode, side, held| {
        protect(&terms(&btc, generation, mode), id(Leg::Stop), side, held, Price(590_000))
            .map(|sent| sent.body)
    };
    assert_eq!(
        stop(V2, PositionMode::OneWay, PositionSide::Net, Side::Sell).unwrap(),
        concat!(
            r#"{"marginCoin":"USDT","productType":"USDT-FUTURES","symbol":"BTCUSDT","planType":"pos_loss","#,
            r#""triggerPrice":"59000.0","triggerType":"fill_price","holdSide":"sell","clientOid":"obf-3-0-c-s"}"#
        )
    );
    let hedge = stop(V2, PositionMode::Hedge, PositionSide::Long, Side::Buy).unwrap();
    assert!(hedge.contains(r#""holdSide":"long""#), "{hedge}");
    assert_eq!(
        stop(V3, PositionMode::Hedge, PositionSide::Short, Side::Sell).unwrap(),
        concat!(
            r#"{"category":"USDT-FUTURES","symbol":"BTCUSDT","type":"tpsl","tpslMode":"full","posSide":"short","#,
            r#""stopLoss":"59000.0","slTriggerBy":"market","slOrderType":"market","clientOid":"obf-3-0-c-s"}"#
        )
    );
    assert!(stop(V2, PositionMode::Hedge, PositionSide::Net, Side::Buy).is_err());
    assert!(stop(V3, PositionMode::Hedge, PositionSide::Short, Side::Buy).is_err());
}

fn resting(place: Place, handle: Handle<'_>) -> Resting<'_> {
    Resting { handle, place, qty: Qty(20), reduce_only: place != Place::Book, revision: 1 }
}

#[test]
fn cancels_go_where_the_order_rests() {
    let btc = Listing::plain(Instrument::btcusdt());
    let request = Request::Cancel(id(Leg::Own));
    let exchange = Handle::Exchange("136");
    let trigger = Place::Trigger { limit: None };
    let v2_head = r#"{"symbol":"BTCUSDT","productType":"USDT-FUTURES","marginCoin":"USDT","#;
    for (generation, resting, path, body) in [
        (V2, None, "/api/v2/mix/order/cancel-order", format!(r#"{v2_head}"clientOid":"obf-3-0-c-e"}}"#)),
        (
            V2,
            Some(resting(Place::Book, exchange)),
            "/api/v2/mix/order/cancel-order",
            format!(r#"{v2_head}"orderId":"136"}}"#),
        ),
        (
            V2,
            Some(resting(trigger, exchange)),
            "/api/v2/mix/order/cancel-plan-order",
            format!(r#"{v2_head}"planType":"normal_plan","orderIdList":[{{"orderId":"136"}}]}}"#),
        ),
        (
            V2,
            Some(resting(Place::PositionStop, exchange)),
            "/api/v2/mix/order/cancel-plan-order",
            format!(r#"{v2_head}"planType":"profit_loss","orderIdList":[{{"orderId":"136"}}]}}"#),
        ),
        (V3, None, "/api/v3/trade/cancel-order", r#"{"clientOid":"obf-3-0-c-e"}"#.to_owned()),
        (
            V3,
            Some(resting(trigger, exchange)),
            "/api/v3/trade/cancel-strategy-order",
            r#"{"orderId":"136"}"#.to_owned(),
        ),
    ] {
        let terms = terms(&btc, generation, PositionMode::OneWay);
        let sent = terms.send(&request, resting.as_ref(), None).unwrap();
        assert_eq!((sent.path, sent.body, sent.lane), (path, body, Lane::Protect));
        let preset = self::resting(Place::Preset, exchange);
        assert_eq!(terms.send(&request, Some(&preset), None), Err(Unsendable::NoPresetCancel));
    }
    let stop = Request::Cancel(id(Leg::Stop));
    let unlisted = terms(&btc, V2, PositionMode::OneWay).send(&stop, None, None);
    assert_eq!(
        unlisted,
        Err(Unsendable::NotListed),
        "the book does not know stops, and would say they are gone"
    );
    let handles = [exchange, Handle::Client(Sent { order: id(Leg::Target(0)), revision: 0 })];
    let all = terms(&btc, V2, PositionMode::OneWay).cancel_all(&handles);
    assert_eq!(
        all.body,
        format!(r#"{v2_head}"orderIdList":[{{"orderId":"136"}},{{"clientOid":"obf-3-0-c-a"}}]}}"#)
    );
}

fn amended(generation: Generation, leg: Leg, place: Place) -> Result<HttpRequest, Unsendable> {
    let btc = Listing::plain(Instrument::btcusdt());
    let request = Request::Amend { id: id(leg), price: Price(591_000) };
    let resting = resting(place, Handle::Exchange("136"));
    terms(&btc, generation, PositionMode::OneWay).send(&request, Some(&resting), Some(Time(7)))
}

fn check_amended(generation: Generation, leg: Leg, place: Place, path: &str, body: &str) {
    let sent = amended(generation, leg, place).unwrap();
    assert_eq!((sent.path, sent.body.as_str(), sent.valid_until), (path, body, Some(Time(7))));
    assert_eq!(sent.lane, if place == Place::Book { Lane::Ordinary } else { Lane::Protect });
}

#[test]
fn amendments_of_v2_keep_what_protects() {
    let modify = "/api/v2/mix/order/modify-order";
    check_amended(
        V2,
        Leg::Own,
        Place::Book,
        modify,
        concat!(
            r#"{"symbol":"BTCUSDT","productType":"USDT-FUTURES","orderId":"136","newClientOid":"obf-3-0-c-e2","#,
            r#""newSize":"0.020","newPrice":"59100.0"}"#
        ),
    );
    check_amended(
        V2,
        Leg::Stop,
        Place::PositionStop,
        "/api/v2/mix/order/modify-tpsl-order",
        concat!(
            r#"{"marginCoin":"USDT","productType":"USDT-FUTURES","symbol":"BTCUSDT","orderId":"136","#,
            r#""triggerPrice":"59100.0","triggerType":"fill_price","size":""}"#
        ),
    );
    check_amended(
        V2,
        Leg::Stop,
        Place::Preset,
        modify,
        concat!(
            r#"{"symbol":"BTCUSDT","productType":"USDT-FUTURES","orderId":"136","newClientOid":"obf-3-0-c-e2","#,
            r#""newPresetStopLossPrice":"59100.0"}"#
        ),
    );
    check_amended(
        V2,
        Leg::Own,
        Place::Trigger { limit: Some(Price(590_990)) },
        "/api/v2/mix/order/modify-plan-order",
        concat!(
            r#"{"productType":"USDT-FUTURES","orderId":"136","newSize":"0.020","newPrice":"59099.0","#,
            r#""newTriggerPrice":"59100.0","newTriggerType":"fill_price"}"#
        ),
    );
}

#[test]
fn amendments_of_v3_keep_the_order() {
    check_amended(
        V3,
        Leg::Own,
        Place::Book,
        "/api/v3/trade/modify-order",
        r#"{"orderId":"136","price":"59100.0","autoCancel":"no"}"#,
    );
    check_amended(
        V3,
        Leg::Stop,
        Place::PositionStop,
        "/api/v3/trade/modify-strategy-order",
        r#"{"orderId":"136","stopLoss":"59100.0","slTriggerBy":"market","slOrderType":"market"}"#,
    );
    assert_eq!(amended(V3, Leg::Stop, Place::Preset), Err(Unsendable::NoPresetAmend));
    let unknown = Request::Amend { id: id(Leg::Stop), price: Price(1) };
    let btc = Listing::plain(Instrument::btcusdt());
    assert_eq!(terms(&btc, V2, PositionMode::OneWay).send(&unknown, None, None), Err(Unsendable::NotListed));
}

#[test]
fn prices_and_sizes_are_printed_at_the_step() {
    let odd = Listing::plain(Instrument {
        tick: Step { mantissa: 5, decimals: 4 },
        lot: Step { mantissa: 10, decimals: 0 },
        notional_min: Usd::ZERO,
        ..Instrument::btcusdt()
    });
    let kind = limit(3, TimeInForce::ImmediateOrCancel);
    let request =
        sent(&terms(&odd, V2, PositionMode::OneWay), order(PositionMode::OneWay, OPEN_LONG, kind)).unwrap();
    assert!(request.body.contains(r#""size":"200","price":"0.0015""#), "{}", request.body);
    assert!(request.body.contains(r#""force":"ioc""#), "{}", request.body);
}

#[test]
fn what_bitget_would_refuse_or_cannot_do_stays_here() {
    let btc = Listing::plain(Instrument::btcusdt());
    let one_way = terms(&btc, V2, PositionMode::OneWay);
    let entry = order(PositionMode::OneWay, OPEN_LONG, limit(600_000, TimeInForce::GoodTillCancelled));
    let refused = |order| sent(&one_way, order).unwrap_err().reason();
    assert_eq!(refused(OrderRequest { qty: Qty(0), ..entry }), RejectReason::QuantityTooSmall);
    assert_eq!(
        refused(OrderRequest { kind: limit(0, TimeInForce::FillOrKill), ..entry }),
        RejectReason::NotionalTooSmall
    );
    let stop = OrderKind::StopMarket { trigger: Price(0) };
    assert_eq!(refused(OrderRequest { kind: stop, ..entry }), RejectReason::PriceNotPositive);
    let tiny = OrderRequest { qty: Qty(1), kind: limit(40_000, TimeInForce::FillOrKill), ..entry };
    assert_eq!(refused(tiny), RejectReason::NotionalTooSmall);
    assert!(
        sent(&one_way, OrderRequest { reduce_only: true, ..tiny }).is_ok(),
        "a remainder can always be closed"
    );
    let mut closing_only = btc.clone();
    closing_only.status = Status::CloseOnly;
    (closing_only.limit_qty_max, closing_only.market_qty_max) = (Some(Qty(19)), Some(Qty(25)));
    let near_the_end = terms(&closing_only, V3, PositionMode::OneWay);
    assert_eq!(sent(&near_the_end, entry), Err(Unsendable::NotOpen));
    let leave = OrderRequest { reduce_only: true, ..entry };
    assert_eq!(sent(&near_the_end, leave), Err(Unsendable::Refused(RejectReason::PositionTooLarge)));
    assert!(
        sent(&near_the_end, OrderRequest { kind: OrderKind::Market, ..leave }).is_ok(),
        "leaving is always allowed"
    );
    let trailing = OrderKind::TrailingStop { activation: None, distance: Price(5) };
    assert_eq!(sent(&one_way, OrderRequest { kind: trailing, ..entry }), Err(Unsendable::NoTrailing));
    assert_eq!(
        sent(&one_way, OrderRequest { one_cancels_other: Some(1), ..entry }),
        Err(Unsendable::NoGroups)
    );
    let closing = OrderRequest { reduce_only: true, bracket: Some(bracket()), ..entry };
    assert_eq!(refused(closing), RejectReason::BadBracket);
}
