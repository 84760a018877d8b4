//! What rows mean: signs, fees, endings; the same fill in both dialects is the same fill.
//!
//! Payloads are written out here, after the reference's skeletons; numbers are chosen so that a wrong sign shows.
#![allow(clippy::unwrap_used)]

use model::{
    CancelReason, Instrument, Leg, Liquidity, Mark, PositionMode, PositionSide, Price, Qty, RejectReason,
    Report, Side, Time, Usd,
};
use venue_bitget::meaning::{
    Ending, Forced, Held, Reading, Source, Status, Unread, execution, held, order_state, positions, settled,
    wallet,
};
use venue_bitget::order_id::{Foreign, Origin, Prefix};
use venue_bitget::wire::Generation::{self, V2, V3};
use venue_bitget::wire::account::{Balance, Bill};
use venue_bitget::wire::trading::{Fill, Order, Position};

fn reading(instrument: &Instrument, generation: Generation, position: PositionMode) -> Reading<'_> {
    Reading { generation, position, instrument, prefix: Prefix::new("obf").unwrap() }
}

const PUSHED_V2: &str = r#"{"instId":"BTCUSDT","orderId":"136","clientOid":"obf-3-0-c-e","status":"partially_filled",
    "side":"buy","posSide":"long","posMode":"hedge_mode","tradeSide":"close","orderType":"limit","force":"gtc",
    "price":"60000.0","size":"0.020","accBaseVolume":"0.012","baseVolume":"0.005","fillPrice":"60000.1",
    "tradeId":"77","fillTime":"1760000000123","fillFee":"-0.18000030","fillFeeCoin":"USDT","tradeScope":"T",
    "cTime":"1760000000100","uTime":"1760000000124"}"#;

#[test]
fn a_pushed_order_of_v2_tells_of_its_fill() {
    let btc = Instrument::btcusdt();
    let hedge = reading(&btc, V2, PositionMode::Hedge);
    let state = order_state(&hedge, &serde_json::from_str(PUSHED_V2).unwrap()).unwrap();
    assert_eq!((&state.status, state.qty, state.filled), (&Status::PartlyFilled, Qty(20), Qty(12)));
    let fill = state.report().unwrap();
    assert_eq!((fill.id.bot.0, fill.id.decision, fill.id.leg), (3, 12, Leg::Own));
    assert_eq!(fill.position_side, PositionSide::Long);
    assert_eq!(fill.qty, Qty(-5), "a closed long is a sale, whatever V2 calls it");
    assert_eq!((fill.price, fill.fee, fill.remaining), (Price(600_001), Usd(180_000), Qty(8)));
    assert_eq!(fill.liquidity, Liquidity::Taker);
    // The same row without its fill: an order that has only been accepted, or cancelled.
    let bare = PUSHED_V2.replace(r#""fillPrice":"60000.1","#, r#""fillPrice":"0","#);
    let cancelled = bare
        .replace("partially_filled", "canceled")
        .replace("\"cTime\"", "\"cancelReason\":\"normal_cancel\",\"cTime\"");
    let state = order_state(&hedge, &serde_json::from_str(&cancelled).unwrap()).unwrap();
    assert_eq!(state.status, Status::Ended(Ending::Cancelled(CancelReason::Requested)));
    assert_eq!((state.report(), state.filled), (None, Qty(12)));
    let nameless = PUSHED_V2.replace(r#""tradeId":"77","#, "");
    let state = order_state(&hedge, &serde_json::from_str(&nameless).unwrap()).unwrap();
    assert_eq!(
        state.execution, None,
        "a fill without an id could be booked twice: the listing will tell of it"
    );
    // What is not ours is read, and reported to nobody.
    let foreign = PUSHED_V2.replace("obf-3-0-c-e", "");
    let state = order_state(&hedge, &serde_json::from_str(&foreign).unwrap()).unwrap();
    assert_eq!((state.origin, state.report()), (Origin::Foreign(Foreign::Unnamed), None));
    assert!(state.execution.is_some());
    // Nor is what nobody asked for: a takeover is not a fill of an order.
    let forced = PUSHED_V2.replace(r#""tradeSide":"close""#, r#""tradeSide":"burst_close_long""#);
    let state = order_state(&hedge, &serde_json::from_str(&forced).unwrap()).unwrap();
    assert_eq!((state.way.forced, state.report()), (Some(Forced::Liquidation), None));
}

#[test]
fn the_same_fill_in_every_dialect() {
    let btc = Instrument::btcusdt();
    let v2_listed = r#"{"tradeId":"77","symbol":"BTCUSDT","orderId":"136","price":"60000.1","baseVolume":"0.005",
        "feeDetail":[{"deduction":"no","feeCoin":"USDT","totalDeductionFee":"0","totalFee":"-0.1800003"}],
        "side":"buy","tradeSide":"close","posMode":"hedge_mode","tradeScope":"maker","cTime":"1760000000123"}"#;
    let v2_pushed = v2_listed.replace(r#""side":"buy""#, r#""side":"sell""#);
    let v3_listed = r#"{"execId":"77","orderId":"136","category":"USDT-FUTURES","symbol":"BTCUSDT","side":"sell",
        "execPrice":"60000.1","execQty":"0.005","tradeScope":"maker","tradeSide":"close",
        "feeDetail":[{"feeCoin":"USDT","fee":"0.1800003"}],"createdTime":"1760000000123"}"#;
    let v3_pushed = v3_listed.replace(r#""tradeSide":"close","#, r#""tradeSide":"close","holdSide":"long","#);
    let read = |generation, json: &str, source| {
        let row: Fill<'_> = serde_json::from_str(json).unwrap();
        execution(&reading(&btc, generation, PositionMode::Hedge), &row, source)
    };
    let listed = read(V2, v2_listed, Source::Listing).unwrap();
    assert_eq!((listed.way.side, listed.way.position_side), (Side::Sell, PositionSide::Long));
    assert_eq!((listed.qty, listed.fee, listed.at), (Qty(5), Usd(180_000), Time(1_760_000_000_123)));
    assert_eq!(listed.liquidity, Liquidity::Maker);
    assert_eq!(read(V2, &v2_pushed, Source::FillChannel), Ok(listed.clone()));
    assert_eq!(read(V3, v3_listed, Source::Listing), Ok(listed.clone()));
    assert_eq!(read(V3, &v3_pushed, Source::FillChannel), Ok(listed.clone()));
    // The fill channel read as a listing books a sale as a purchase of the other position.
    let wrong = read(V2, &v2_pushed, Source::Listing).unwrap();
    assert_eq!((wrong.way.side, wrong.way.position_side), (Side::Buy, PositionSide::Short));
    let rebate = v3_listed.replace("0.1800003", "-0.18");
    assert_eq!(read(V3, &rebate, Source::Listing).unwrap().fee, Usd(-180_000));
    let bgb = v2_listed.replace(r#""feeCoin":"USDT""#, r#""feeCoin":"BGB""#);
    let bgb = read(V2, &bgb, Source::Listing).unwrap();
    assert_eq!((bgb.fee, bgb.other_fees[0].amount.as_str()), (Usd::ZERO, "0.1800003"));
    let liquidated = v2_listed.replace(r#""close""#, r#""burst_close_long""#);
    assert_eq!(read(V2, &liquidated, Source::Listing).unwrap().way.forced, Some(Forced::Liquidation));
    let between = liquidated.replace("60000.1", "60000.123456");
    assert_eq!(
        read(V2, &between, Source::Listing).unwrap().price,
        Price(600_001),
        "a takeover's price is rounded"
    );
    let deleveraged = v2_listed.replace(r#""close""#, r#""dte_sys_adl_close_long""#);
    let report =
        Report::Deleveraged { position_side: PositionSide::Long, qty: Qty(-5), price: Price(600_001) };
    assert_eq!(read(V2, &deleveraged, Source::Listing).unwrap().deleveraged(), Some(report));
    assert_eq!(listed.deleveraged(), None);
    let between = v2_listed.replace("60000.1", "60000.15");
    assert!(matches!(read(V2, &between, Source::Listing), Err(Unread::Number(bad)) if bad.field == "price"));
    let other = v2_listed.replace("BTCUSDT", "ETHUSDT");
    assert_eq!(read(V2, &other, Source::Listing), Err(Unread::OtherSymbol("ETHUSDT".to_owned())));
    let unnamed = v2_listed.replace(r#""tradeId":"77""#, r#""tradeId":null"#);
    assert_eq!(read(V2, &unnamed, Source::Listing), Err(Unread::NoId));
}

#[test]
fn what_bitget_cancels_at_once_was_refused() {
    let btc = Instrument::btcusdt();
    let one_way = reading(&btc, V3, PositionMode::OneWay);
    let status = |word: &str, reason: &str| {
        let json = format!(
            r#"{{"symbol":"BTCUSDT","orderId":"1","side":"buy","qty":"0.010","cumExecQty":"0","price":"1.0",
            "orderStatus":"{word}","cancelReason":"{reason}","updatedTime":"5"}}"#
        );
        let order: Order<'_> = serde_json::from_str(&json).unwrap();
        order_state(&one_way, &order).unwrap().status
    };
    let cancelled = |reason| Status::Ended(Ending::Cancelled(reason));
    let refused = |reason| Status::Ended(Ending::Refused(reason));
    for (reason, ending) in [
        ("post_only_fill_cancel", refused(RejectReason::WouldTake)),
        ("fok_not_full_cancel", refused(RejectReason::CannotFillAll)),
        ("ioc_not_full_cancel", cancelled(CancelReason::Unfilled)),
        ("burst_cancel", cancelled(CancelReason::Liquidated)),
        ("back_contract_cancel", cancelled(CancelReason::PositionClosed)),
        ("normal_cancel", cancelled(CancelReason::Requested)),
        ("a_new_reason", cancelled(CancelReason::Vanished)),
    ] {
        assert_eq!(status("cancelled", reason), ending, "{reason}");
        assert_eq!(status("canceled", reason), ending, "{reason}");
    }
    assert_eq!(status("new", ""), Status::Live);
    assert_eq!(status("pondering", ""), Status::Unknown("pondering".to_owned()));
}

#[test]
fn positions_get_their_sign_from_the_side_they_are_held_on() {
    let btc = Instrument::btcusdt();
    let json = r#"{"symbol":"BTCUSDT","holdSide":"short","total":"0.002","openPriceAvg":"37355.512345678901",
        "liquidationPrice":"-5","leverage":20,"posMode":"one_way_mode"}"#;
    let row: Position<'_> = serde_json::from_str(json).unwrap();
    let want = Held {
        position_side: PositionSide::Net,
        qty: Qty(-2),
        entry: Some(Mark(373_555_123_456_789)),
        liquidation: None,
        leverage: Some(20),
    };
    assert_eq!(held(&reading(&btc, V2, PositionMode::OneWay), &row), Ok(want));
    let hedge = held(&reading(&btc, V2, PositionMode::Hedge), &row).unwrap();
    assert_eq!((hedge.position_side, hedge.qty), (PositionSide::Short, Qty(-2)));
    let ended = r#"{"symbol":"BTCUSDT","posSide":"long","size":"0","avgPrice":"0","liqPrice":"","positionStatus":"ended"}"#;
    let ended = held(&reading(&btc, V3, PositionMode::Hedge), &serde_json::from_str(ended).unwrap()).unwrap();
    assert_eq!((ended.qty, ended.entry, ended.position_side), (Qty(0), None, PositionSide::Long));
    assert_eq!(positions(&[hedge, ended]), [Qty(0), Qty(-2)]);
    assert_eq!(positions(&[want]), [Qty(-2), Qty(0)], "a net position comes first");
    let nameless = json.replace("short", "net");
    assert!(
        held(&reading(&btc, V2, PositionMode::OneWay), &serde_json::from_str(&nameless).unwrap()).is_err()
    );
}

#[test]
fn a_wallet_is_realised_money() {
    let btc = Instrument::btcusdt();
    let json = r#"{"marginCoin":"USDT","available":"100.25","accountEquity":"90","unrealizedPL":"-10.25","balance":"7"}"#;
    let of = |generation, json: &str| {
        let row: Balance<'_> = serde_json::from_str(json).unwrap();
        wallet(&reading(&btc, generation, PositionMode::OneWay), &row)
    };
    assert_eq!(of(V2, json), Ok(Usd(100_250_000)));
    assert_eq!(of(V3, json), Ok(Usd(7_000_000)));
    assert_eq!(of(V2, &json.replace("USDT", "BTC")), Err(Unread::OtherCoin("BTC".to_owned())));
    assert!(of(V2, &json.replace("100.25", "")).is_err(), "unknown is not zero");
}

#[test]
fn funding_has_its_sign_in_both_generations() {
    let read = |json: &str| {
        let bill: Bill<'_> = serde_json::from_str(json).unwrap();
        settled(&bill).unwrap().map(|settled| settled.amount)
    };
    let v2 = r#"{"billId":"1","symbol":"BTCUSDT","amount":"-0.00499250","fee":"0","businessType":"contract_settle_fee","coin":"USDT","cTime":"1"}"#;
    assert_eq!(read(v2), Some(Usd(-4_993)));
    assert_eq!(read(&v2.replace("contract_settle_fee", "open_long")), None);
    assert_eq!(read(&v2.replace(r#""coin":"USDT""#, r#""coin":"BTC""#)), None);
    for (way, amount, want) in [("OUT", "0.5", -500_000), ("OUT", "-0.5", -500_000), ("IN", "0.5", 500_000)] {
        let v3 = format!(
            r#"{{"category":"USDT-FUTURES","id":"1","symbol":"BTCUSDT","coin":"USDT","type":"CONTRACT_MAIN_SETTLE_FEE_USER_{way}","amount":"{amount}","ts":"1"}}"#
        );
        assert_eq!(read(&v3), Some(Usd(want)), "{way} {amount}");
    }
}
