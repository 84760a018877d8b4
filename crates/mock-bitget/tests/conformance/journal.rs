//! A life that is repeated from its journal: the same orders, fills, bills, positions and money, to the byte.

use mock_bitget::{AccountSetup, Exchange, Fault, Generation, LockStep, Method, Request, Scheduled, Setup};
use model::{Interval, PositionMode, Rng, Time};
use serde_json::json;
use venue_bitget::sign::{Credentials, Secret};

const START: Time = Time(1_767_225_600_000);
const PLACE: [&str; 2] = ["/api/v2/mix/order/place-order", "/api/v3/trade/place-order"];

fn exchange() -> Exchange {
    let account = |number: usize, generation, position| {
        let account = AccountSetup::short(number, &format!("k{number}:s:p:5000")).unwrap();
        AccountSetup { generation, position, ..account }
    };
    let accounts = vec![
        account(0, Generation::V2, PositionMode::OneWay),
        account(1, Generation::V3, PositionMode::OneWay),
    ];
    let symbols = vec![mock_bitget::btcusdt(), mock_bitget::ethusdt()];
    let mut exchange = Exchange::generated(symbols, Setup { accounts }, START, 11);
    exchange.set_limited(false);
    exchange
}

fn ask(exchange: &mut Exchange, now: Time, user: usize, target: &str, body: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let secret = |text: &str| Secret::new(text.to_owned());
    let key = format!("k{user}");
    let credentials = Credentials::hmac(key.clone(), secret("s"), secret("p")).unwrap();
    let (method, word) = if body.is_empty() { (Method::Get, "GET") } else { (Method::Post, "POST") };
    // The clock may have jumped.
    let clock = Request {
        method: Method::Get,
        path: "/api/v2/public/time".to_owned(),
        query: String::new(),
        headers: Vec::new(),
        body: String::new(),
    };
    let told: serde_json::Value = serde_json::from_str(&exchange.rest(now, &clock).body).unwrap();
    let at = told["data"]["serverTime"].as_str().unwrap().to_owned();
    let sign = credentials.sign(&format!("{at}{word}{target}{body}"));
    let headers = [
        ("ACCESS-KEY", key),
        ("ACCESS-SIGN", sign),
        ("ACCESS-TIMESTAMP", at),
        ("ACCESS-PASSPHRASE", "p".to_owned()),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
    let (path, query, body) = (path.to_owned(), query.to_owned(), body.to_owned());
    exchange.rest(now, &Request { method, path, query, headers, body }).body
}

/// All that can be read of the accounts, but for what depends on the market's present price.
fn ledgers(exchange: &mut Exchange, now: Time) -> Vec<String> {
    let mut read = Vec::new();
    for target in [
        "/api/v2/mix/order/orders-pending?productType=USDT-FUTURES",
        "/api/v2/mix/order/orders-history?productType=USDT-FUTURES",
        "/api/v2/mix/order/orders-plan-pending?productType=USDT-FUTURES&planType=profit_loss",
        "/api/v2/mix/order/orders-plan-history?productType=USDT-FUTURES&planType=profit_loss",
        "/api/v2/mix/order/fills?productType=USDT-FUTURES",
        "/api/v2/mix/account/bill?productType=USDT-FUTURES",
        "/api/v2/mix/position/all-position?productType=USDT-FUTURES",
        "/api/v2/mix/position/history-position?productType=USDT-FUTURES",
        "/api/v2/mix/account/accounts?productType=USDT-FUTURES",
    ] {
        read.push(ask(exchange, now, 0, target, ""));
    }
    for target in [
        "/api/v3/trade/unfilled-orders?category=USDT-FUTURES",
        "/api/v3/trade/history-orders?category=USDT-FUTURES",
        "/api/v3/trade/fills?category=USDT-FUTURES",
        "/api/v3/account/financial-records?category=USDT-FUTURES",
        "/api/v3/position/current-position?category=USDT-FUTURES",
        "/api/v3/account/assets",
    ] {
        read.push(ask(exchange, now, 1, target, ""));
    }
    assert!(read.iter().all(|body| body.contains("\"00000\"")), "{read:?}");
    read
}

fn act(exchange: &mut Exchange, now: Time, rng: &mut Rng, number: u64) {
    let user = rng.below(2) as usize;
    let side = if rng.below(2) == 0 { "buy" } else { "sell" };
    let symbol = if rng.below(3) == 0 { "ETHUSDT" } else { "BTCUSDT" };
    let size = format!("0.{:02}", 1 + rng.below(9));
    let far = if side == "buy" { (40_000, 1_000) } else { (90_000, 9_000) };
    let stop = if symbol == "BTCUSDT" { far.0 } else { far.1 };
    let client = format!("c{number}");
    let body = if user == 0 {
        json!({
            "symbol": symbol, "productType": "USDT-FUTURES", "marginMode": "crossed", "marginCoin": "USDT",
            "size": size, "side": side, "orderType": "market", "clientOid": client,
            "presetStopLossPrice": stop.to_string(),
        })
    } else {
        json!({
            "category": "USDT-FUTURES", "symbol": symbol, "qty": size, "side": side,
            "orderType": "market", "clientOid": client,
        })
    };
    ask(exchange, now, user, PLACE[user], &body.to_string());
}

/// Lives for a while, and repeats it each so often.
fn live(exchange: &mut Exchange, beginning: impl Fn() -> Exchange, seed: u64) -> (usize, usize) {
    exchange.keep_journal();
    let (mut lines, mut now, mut rng) = (Vec::new(), START, Rng::new(seed));
    let mut repeated = 0;
    for number in 0..250 {
        // Now and then nobody looks for a while.
        now = now + Interval(if rng.below(40) == 0 { 260_000 } else { 1 + rng.below(3_000) as i64 });
        match rng.below(10) {
            0..5 => act(exchange, now, &mut rng, number),
            5 if rng.below(8) == 0 => {
                let (uid, symbol) = ("1000000001".to_owned(), "BTCUSDT".to_owned());
                let at = now + Interval(rng.below(4_000) as i64);
                exchange.schedule(Scheduled { at, fault: Fault::Seize { uid, symbol } });
            }
            6 if rng.below(10) == 0 => exchange.inject(Fault::ClockJump { by: Interval(1_500) }),
            7 => drop(ask(exchange, now, 0, "/api/v2/mix/order/orders-pending?productType=USDT-FUTURES", "")),
            _ => exchange.pass(now),
        }
        lines.extend(exchange.take_journal());
        if number % 125 == 124 {
            let mut again = beginning();
            again.repeat(lines.iter().map(String::as_str)).unwrap();
            again.keep_journal();
            again.pass(exchange.now());
            assert_eq!(ledgers(&mut again, now), ledgers(exchange, now), "seed {seed}, after {number}");
            assert!(again.is_balanced());
            repeated += 1;
        }
    }
    (repeated, lines.len())
}

#[test]
fn case_91_a_life_is_repeated_from_its_journal() {
    let mut seizures = 0;
    for seed in 0..3 {
        let mut exchange = exchange();
        let (repeated, lines) = live(&mut exchange, self::exchange, seed);
        assert!(repeated == 2 && lines > 100, "{lines} lines");
        let now = exchange.now();
        seizures += usize::from(ledgers(&mut exchange, now)[5].contains("burst"));
    }
    assert!(seizures > 0, "faults that leave something behind are repeated too");
}

#[test]
fn case_92_steps_are_repeated_and_counted_on() {
    let in_step = || {
        let mut exchange = exchange();
        exchange.set_lock_step(LockStep { sessions: 1, length: None });
        exchange
    };
    let mut exchange = in_step();
    exchange.keep_journal();
    let join = |exchange: &mut Exchange| {
        let line = exchange.connect(START, Generation::V2).unwrap();
        exchange.hear(START, line, r#"{"op":"lockstep"}"#);
        line
    };
    let line = join(&mut exchange);
    let mut rng = Rng::new(3);
    for step in 1..=40 {
        if step % 4 == 0 {
            act(&mut exchange, START, &mut rng, step);
        }
        exchange.hear(START, line, &json!({ "op": "acknowledge", "step": step }).to_string());
    }
    let lines = exchange.take_journal();
    let mut again = in_step();
    again.repeat(lines.iter().map(String::as_str)).unwrap();
    assert_eq!(again.now(), exchange.now());
    assert_eq!(ledgers(&mut again, START), ledgers(&mut exchange, START));
    let line = join(&mut again);
    let told = format!("{:?}", again.said(line));
    assert!(told.contains(r#"\"step\":42"#), "it goes on where it was: {told}");
}

#[test]
fn case_93_lines_that_do_not_follow_are_refused() {
    for (line, why) in [
        ("", "no entry"),
        ("{}", "no entry"),
        (r#"{"at":1}"#, "back in time"),
        (r#"{"at":1767225700000,"key":"k9","path":"/api/v2/mix/order/place-order","body":""}"#, "a key that"),
        (r#"{"at":1767225700000,"key":"k0","path":"/nowhere","body":""}"#, "an endpoint that"),
        (r#"{"at":1767225700000,"key":"k0","path":"/api/v2/mix/order/place-order","body":"{"}"#, "its body"),
    ] {
        let refused = exchange().repeat([line].into_iter()).unwrap_err().to_string();
        assert!(refused.contains(why) && refused.contains("empty directory"), "{line}: {refused}");
    }
}
