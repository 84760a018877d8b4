//! How long the dialect takes: an order to signed bytes, and frames to rows and books, without a socket.
//! `cargo bench -p venue-bitget`; it prints and judges nothing.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench reads the clock and prints"
)]

use model::{
    AccountMode, BotId, Bracket, Instrument, Leg, MarginMode, OrderId, OrderKind, OrderRequest, PositionMode,
    PositionSide, Price, Qty, Request, Side, Step, TARGETS_MAX, Target, Time, TimeInForce,
};
use std::hint::black_box;
use std::time::Instant;
use venue_bitget::instrument::Listing;
use venue_bitget::order_id::Prefix;
use venue_bitget::request::{Terms, TriggerBy};
use venue_bitget::sign::{Credentials, Environment, Secret};
use venue_bitget::stream::{Connection, Output, Subscription};
use venue_bitget::wire::{Generation, Topic};

const ROUNDS: usize = 9;
const OFTEN: u32 = 5_000;

/// The median of several rounds, in nanoseconds each.
fn median_ns(mut work: impl FnMut(u32)) -> u128 {
    let mut rounds: Vec<u128> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            (0..OFTEN).for_each(&mut work);
            start.elapsed().as_nanos() / u128::from(OFTEN)
        })
        .collect();
    rounds.sort_unstable();
    rounds[ROUNDS / 2]
}

fn order() {
    let listing = Listing::plain(Instrument::btcusdt());
    let terms = Terms {
        generation: Generation::V2,
        mode: AccountMode { position: PositionMode::Hedge, margin: MarginMode::Cross, leverage: 5 },
        prefix: Prefix::new("obf").unwrap(),
        listing: &listing,
        trigger_by: TriggerBy::LastPrice,
    };
    let secret = || Secret::new("f00dfeed".repeat(8));
    let credentials = Credentials::hmac("key".to_owned(), secret(), secret()).unwrap();
    let bytes = |decision| {
        let order = OrderRequest {
            id: OrderId { bot: BotId(3), epoch: 7, decision, leg: Leg::Own },
            side: Side::Buy,
            position_side: PositionSide::Long,
            qty: Qty(20),
            kind: OrderKind::Limit { price: Price(600_000), tif: TimeInForce::ImmediateOrCancel },
            reduce_only: false,
            bracket: Some(Bracket { stop: Price(590_000), targets: [Target::default(); TARGETS_MAX] }),
            one_cancels_other: None,
        };
        let request = terms.send(&Request::Place(order), None, None).unwrap();
        let at = Time(1_760_000_000_000 + i64::from(decision));
        (credentials.headers(&request, at, Environment::Live), request.target(), request.body)
    };
    println!("order to signed bytes        {:>8} ns", median_ns(|n| drop(black_box(bytes(n)))));
}

fn open(subscription: Subscription) -> Connection {
    let mut line = Connection::new(Generation::V2, None, vec![subscription], 1);
    let mut out = Vec::new();
    line.wake(Time(0), &mut out);
    line.opened(Time(0), &mut out);
    line
}

fn books() {
    let mut line = open(Subscription::book("BTCUSDT", Step::decimal(1), Step::decimal(4)));
    let arg = r#"{"instType":"USDT-FUTURES","channel":"books","instId":"BTCUSDT"}"#;
    let side = |from: i32, by: i32, levels: i32| {
        let level = |n: i32| format!(r#"["{}.5","{}.1250"]"#, from + by * n, 1 + n % 7);
        (0..levels).map(level).collect::<Vec<_>>().join(",")
    };
    let depth = |levels, numbers: &str| {
        format!(
            r#"[{{"bids":[{}],"asks":[{}],{numbers},"ts":"1"}}]"#,
            side(50_000, -1, levels),
            side(50_001, 1, levels)
        )
    };
    let snapshot =
        format!(r#"{{"action":"snapshot","arg":{arg},"data":{},"ts":1}}"#, depth(500, r#""seq":1,"pseq":0"#));
    let mut out = Vec::new();
    line.on_frame(Time(0), &snapshot, &mut out);
    let updates: Vec<String> = (1..OFTEN * u32::try_from(ROUNDS).unwrap() + 1)
        .map(|n| {
            let numbers = format!(r#""seq":{},"pseq":{n}"#, n + 1);
            format!(r#"{{"action":"update","arg":{arg},"data":{},"ts":1}}"#, depth(10, &numbers))
        })
        .collect();
    let mut next = updates.iter();
    let ours = median_ns(|_| {
        let mut out = Vec::new();
        line.on_frame(Time(0), next.next().unwrap(), &mut out);
        assert!(matches!(out[0], Output::BookChanged { .. }));
    });
    let bare = median_ns(|n| {
        let frame = &updates[n as usize];
        drop(black_box(serde_json::from_str::<serde_json::Value>(frame).unwrap()));
    });
    let bytes = updates[0].len();
    println!("book update of 20 levels     {ours:>8} ns   ({bytes} bytes; untyped JSON alone {bare} ns)");
}

fn ticker() {
    let mut line = open(Subscription::of_symbol(Topic::Ticker, "BTCUSDT"));
    let frame = concat!(
        r#"{"action":"snapshot","arg":{"instType":"USDT-FUTURES","channel":"ticker","instId":"BTCUSDT"},"#,
        r#""data":[{"instId":"BTCUSDT","lastPr":"27000.5","bidPr":"27000","askPr":"27000.5","bidSz":"2.71","#,
        r#""askSz":"8.76","open24h":"27000.5","high24h":"30668.5","low24h":"26999.0","change24h":"-0.00002","#,
        r#""fundingRate":"0.000010","nextFundingTime":"1695722400000","markPrice":"27000.0","indexPrice":"25702.4","#,
        r#""holdingAmount":"929.502","baseVolume":"368.900","quoteVolume":"10152429.961","openUtc":"27000.5","#,
        r#""symbolType":1,"symbol":"BTCUSDT","deliveryPrice":"0","ts":"1695715383021"}],"ts":1695715383039}"#
    );
    let ours = median_ns(|_| {
        let mut out = Vec::new();
        line.on_frame(Time(0), frame, &mut out);
        black_box(&out);
    });
    let bare = median_ns(|_| drop(black_box(serde_json::from_str::<serde_json::Value>(frame).unwrap())));
    println!(
        "ticker                       {ours:>8} ns   ({} bytes; untyped JSON alone {bare} ns)",
        frame.len()
    );
}

fn main() {
    order();
    books();
    ticker();
}
