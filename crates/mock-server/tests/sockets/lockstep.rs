//! Lock-step over sockets: two strangers who trade the same market twice hear and answer the same, byte by byte.

use crate::client::{Client, Line, PLACE, listen, market_order, setup};
use mock_bitget::{Exchange, Generation, LockStep, TICK};
use mock_server::{Clock, Server};
use model::{Bar, BarColumns, Instrument, Interval, Price, Rng, Time};
use serde_json::{Value, json};
use std::time::Duration;

const START: i64 = 1_767_225_600_000;
const STEPS: u64 = 150;

fn made(sessions: usize) -> Server {
    let setup = setup(&[Generation::V2, Generation::V3]);
    let mut exchange = Exchange::generated(vec![mock_bitget::btcusdt()], setup, Time(START), 7);
    exchange.set_lock_step(LockStep { sessions, length: None });
    listen(exchange, Clock::new(1.0).unwrap())
}

fn recorded(bars: BarColumns, length: Option<Interval>) -> Server {
    let mut exchange = Exchange::recorded(Instrument::btcusdt(), setup(&[Generation::V2]), bars, 7).unwrap();
    exchange.set_lock_step(LockStep { sessions: 1, length });
    listen(exchange, Clock::new(1.0).unwrap())
}

fn subscriptions(generation: Generation) -> Vec<Value> {
    match generation {
        Generation::V2 => ["orders", "fill", "account", "positions", "orders-algo"]
            .map(|channel| json!({ "instType": "USDT-FUTURES", "channel": channel, "instId": "default" }))
            .into_iter()
            .chain(["books", "trade", "candle1m", "ticker"].map(
                |channel| json!({ "instType": "USDT-FUTURES", "channel": channel, "instId": "BTCUSDT" }),
            ))
            .collect(),
        Generation::V3 => ["order", "fill", "account", "position", "strategy-order"]
            .map(|topic| json!({ "instType": "UTA", "topic": topic }))
            .into_iter()
            .chain(
                ["books", "publicTrade"]
                    .map(|topic| json!({ "instType": "usdt-futures", "topic": topic, "symbol": "BTCUSDT" })),
            )
            .collect(),
    }
}

fn order(generation: Generation, rng: &mut Rng, number: u64) -> (&'static str, Value) {
    let side = if rng.below(2) == 0 { "buy" } else { "sell" };
    let size = format!("0.{:03}", 1 + rng.below(40));
    let client = format!("c{number}");
    let v3 = json!({
        "category": "USDT-FUTURES", "symbol": "BTCUSDT", "qty": size, "side": side,
        "orderType": "market", "clientOid": client,
    });
    match generation {
        Generation::V2 => (PLACE, market_order(side, &size, &client)),
        Generation::V3 => ("/api/v3/trade/place-order", v3),
    }
}

/// A client's whole life: all it heard and all it was answered.
fn live(server: &Server, who: usize, jitter: u64) -> Vec<String> {
    let generation = [Generation::V2, Generation::V3][who];
    let urls = server.urls();
    let address = urls.rest.strip_prefix("http://").unwrap().to_owned();
    let mut client = Client::new(&address, &format!("k{who}"));
    let mut line = Line::new(if who == 0 { &urls.v2[1] } else { &urls.v3[1] });
    line.send(&client.login_frame());
    let subscriptions = subscriptions(generation);
    line.subscribe(&subscriptions);
    let mut told = Vec::new();
    while told.iter().filter(|text: &&String| text.contains(r#""event":"subscribe""#)).count()
        < subscriptions.len()
    {
        told.push(line.hear());
    }
    line.send(r#"{"op":"lockstep"}"#);
    let (mut rng, mut slow) = (Rng::new(who as u64), Rng::new(jitter));
    for step in 1..=STEPS {
        told.extend(line.hear_until(r#""event":"step""#));
        let last: Value = serde_json::from_str(told.last().unwrap()).unwrap();
        assert_eq!(last["step"], step);
        assert_eq!(last["at"], START + step as i64 * TICK.0, "the time is the market's");
        if step % 3 == 0 {
            std::thread::sleep(Duration::from_micros(slow.below(3_000)));
            client.at = last["at"].as_i64().unwrap();
            let (path, body) = order(generation, &mut rng, step);
            told.push(client.send("POST", path, &body.to_string()).1.to_string());
        }
        line.send(&json!({ "op": "acknowledge", "step": step }).to_string());
    }
    told
}

#[test]
fn a_run_of_two_repeats_exactly() {
    let run = |jitter: u64| {
        let server = made(2);
        std::thread::scope(|scope| {
            let lives = [0, 1].map(|who| {
                let server = &server;
                scope.spawn(move || live(server, who, jitter + who as u64))
            });
            lives.map(|life| life.join().unwrap())
        })
    };
    let (once, again) = (run(1), run(77));
    for (first, second) in once.iter().zip(&again) {
        assert!(first.iter().filter(|text| text.contains("tradeScope")).count() > 20, "somebody traded");
        assert!(first.iter().all(|text| !text.contains("\"code\":\"4")), "nothing was refused");
        let differs = first.iter().zip(second).find(|(first, second)| first != second);
        assert_eq!(differs, None);
        assert_eq!(first.len(), second.len());
    }
}

#[test]
fn nothing_moves_before_all_have_come_and_while_one_is_not_ready() {
    let server = made(2);
    let urls = server.urls();
    let mut one = Line::new(&urls.v2[0]);
    one.send(r#"{"op":"lockstep"}"#);
    assert_eq!(one.hear(), r#"{"event":"lockstep","step":0}"#);
    one.send("ping");
    assert_eq!(one.hear(), "pong");
    std::thread::sleep(Duration::from_millis(120));
    assert_eq!(server.with(|exchange| exchange.now()), Time(START), "one of two is not enough");
    let mut other = Line::new(&urls.v3[0]);
    other.send(r#"{"op":"lockstep"}"#);
    assert!(other.hear().contains("lockstep"));
    assert!(one.hear().contains(r#""step":1"#) && other.hear().contains(r#""step":1"#));
    one.send(r#"{"op":"acknowledge","step":1}"#);
    one.send(r#"{"op":"acknowledge","step":1}"#);
    assert!(one.hear().contains("the step to acknowledge is 1"), "once is enough");
    std::thread::sleep(Duration::from_millis(120));
    assert_eq!(server.with(|exchange| exchange.now()), Time(START + TICK.0), "the other is not ready");
    drop(other);
    assert!(one.hear().contains(r#""step":2"#), "who is gone is not waited for");
    one.send(r#"{"op":"acknowledge","step":3}"#);
    assert!(one.hear().contains("30016"), "what was not said yet cannot be acknowledged");
    drop(one);
    std::thread::sleep(Duration::from_millis(120));
    assert_eq!(server.with(|exchange| exchange.now()), Time(START + 2 * TICK.0), "nobody is there");
}

fn minutes(count: i64) -> BarColumns {
    let mut bars = BarColumns::new(Interval::MINUTE);
    for number in 0..count {
        let [open, high, low, close] =
            [600_000, 600_100, 599_900, 600_050].map(|price| Price(price + number));
        bars.push(Bar { open_time: Time(START + number * 60_000), open, high, low, close, volume: 9.0 });
    }
    bars
}

#[test]
fn bars_are_stepped_through_one_by_one_to_their_end() {
    let server = recorded(minutes(3), None);
    let urls = server.urls();
    let address = urls.rest.strip_prefix("http://").unwrap().to_owned();
    let mut client = Client::new(&address, "k0");
    assert_eq!(client.at, START, "time is the file's");
    let day = client.get("/api/v2/mix/market/history-candles?symbol=BTCUSDT&productType=USDT-FUTURES&granularity=1Dutc&limit=200");
    assert!(day.as_array().unwrap().len() >= 90, "90 days lie behind: {}", day.as_array().unwrap().len());
    let minute = client
        .get("/api/v2/mix/market/candles?symbol=BTCUSDT&productType=USDT-FUTURES&granularity=1m&limit=1");
    assert_eq!(minute[0][4], "60000", "the past ends where the file begins");
    // Before anybody joins: the first step is made as soon as somebody has.
    client.post(PLACE, &market_order("buy", "0.01", "a"));
    let mut line = Line::new(&urls.v2[0]);
    line.send(r#"{"op":"lockstep"}"#);
    assert!(line.hear().contains("lockstep"));
    for step in 1..=3 {
        let heard: Value = serde_json::from_str(&line.hear()).unwrap();
        assert_eq!(heard, json!({ "event": "step", "step": step, "at": START + step * 60_000 }));
        line.send(&json!({ "op": "acknowledge", "step": step }).to_string());
    }
    let end: Value = serde_json::from_str(&line.hear()).unwrap();
    assert_eq!(end, json!({ "event": "end", "step": 3, "at": START + 180_000 }));
    client.at = START + 180_000;
    let fills = client.get("/api/v2/mix/order/fills?productType=USDT-FUTURES");
    let price = &fills["fillList"][0]["price"];
    assert!(["60000", "60000.1"].contains(&price.as_str().unwrap()), "it met a bar's open: {price}");
}

#[test]
fn a_step_may_be_longer_than_a_bar() {
    let server = recorded(minutes(10), Some(Interval::minutes(5)));
    let mut line = Line::new(&server.urls().v2[0]);
    line.send(r#"{"op":"lockstep"}"#);
    assert!(line.hear().contains("lockstep"));
    for step in 1..=2_i64 {
        let heard: Value = serde_json::from_str(&line.hear()).unwrap();
        assert_eq!(heard, json!({ "event": "step", "step": step, "at": START + step * 300_000 }));
        line.send(&json!({ "op": "acknowledge", "step": step }).to_string());
    }
    assert!(line.hear().contains(r#""event":"end""#));
}
