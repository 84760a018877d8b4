//! The public side: instruments, candles of every length, books with and without gaps, and a made market.

use crate::table::{KINDS, Kind, PRICE, START, SYMBOL, Table, credentials, family, over_the_table, prefix};
use mock_bitget::{Exchange, Fault, Said, Setup};
use model::{Instrument, Interval, PositionMode, Time};
use venue_bitget::instrument::Listing;
use venue_bitget::request::reads::{Read, granularity};
use venue_bitget::sign::Environment;
use venue_bitget::stream::{Connection, Output, Subscription};
use venue_bitget::wire::market::{Candle, Contract, Tier};
use venue_bitget::wire::{Generation, Pushed, Rows, Topic, answer};

#[test]
fn case_40_the_contract_list_is_the_instrument() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        let (status, body) = table.read_raw(Read::Contracts);
        let contracts: Rows<Contract<'_>> = answer(status, &body).unwrap();
        let (status, tiers) = table.read_raw(Read::Tiers(SYMBOL));
        let tiers: Rows<Tier<'_>> = answer(status, &tiers).unwrap();
        let listing = Listing::of(&contracts.0[0], &tiers.0).unwrap();
        assert_eq!(listing.instrument, Instrument::btcusdt(), "{kind:?}");
    }
}

fn generated() -> Exchange {
    Exchange::generated(vec![mock_bitget::btcusdt(), mock_bitget::ethusdt()], Setup::default(), now(), 7)
}

fn now() -> Time {
    // Off the round, as clocks are.
    START + Interval(17_123)
}

fn candles(exchange: &mut Exchange, symbol: &str, length: Interval, from: Time) -> Vec<[f64; 5]> {
    let request = Read::Candles { symbol, length, from }.request(Generation::V2, &prefix());
    let response = exchange.rest(now(), &over_the_table(&request, now(), Environment::Live));
    let rows: Rows<Candle<'_>> = answer(response.status, &response.body).unwrap();
    let number = |text: &venue_bitget::wire::Text<'_>| -> f64 { text.as_str().parse().unwrap() };
    let row = |row: &Candle<'_>| [&row.open_time, &row.open, &row.high, &row.low, &row.close].map(number);
    rows.0.iter().map(row).collect()
}

#[test]
fn case_41_every_length_has_ninety_days_behind_it() {
    let mut exchange = generated();
    exchange.set_limited(false);
    let from = Time(now().0 - 90 * Interval::DAY.0);
    let minutes = [1, 3, 5, 15, 30, 60, 240, 360, 720, 1_440, 4_320];
    for (symbol, length) in
        ["BTCUSDT", "ETHUSDT"].into_iter().flat_map(|s| minutes.map(|m| (s, Interval::minutes(m))))
    {
        assert!(granularity(length).is_some());
        let rows = candles(&mut exchange, symbol, length, from);
        let first = from.floor(length);
        let expected = if first < from { first + length } else { first };
        assert_eq!(rows[0][0] as i64, expected.0, "{symbol} {length}: oldest first, days from midnight UTC");
        assert!(rows.windows(2).all(|pair| pair[1][0] - pair[0][0] == length.0 as f64), "{symbol} {length}");
        let sane = |[_, open, high, low, close]: &[f64; 5]| {
            low <= open && low <= close && high >= open && high >= close
        };
        assert!(rows.iter().all(sane), "{symbol} {length}");
        let rows = candles(&mut exchange, symbol, length, Time(now().0 - 20 * length.0));
        let last = *rows.last().unwrap();
        assert!(last[0] as i64 + length.0 <= now().0, "{symbol} {length}: only closed ones are history");
        assert!(last[0] as i64 + 2 * length.0 > now().0, "{symbol} {length}: up to the last one");
    }
}

#[test]
fn case_42_plain_days_begin_in_the_east() {
    let mut exchange = generated();
    let day = |exchange: &mut Exchange, name: &str| -> i64 {
        let request = mock_bitget::Request {
            method: mock_bitget::Method::Get,
            path: "/api/v2/mix/market/candles".to_owned(),
            query: format!("productType=usdt-futures&symbol=BTCUSDT&granularity={name}&limit=3"),
            headers: Vec::new(),
            body: String::new(),
        };
        let response = exchange.rest(now(), &request);
        let rows: Rows<Candle<'_>> = answer(response.status, &response.body).unwrap();
        assert_eq!(rows.0.len(), 3);
        rows.0[2].open_time.as_str().parse().unwrap()
    };
    assert_eq!(day(&mut exchange, "1D").rem_euclid(Interval::DAY.0), 16 * Interval::HOUR.0);
    assert_eq!(day(&mut exchange, "1Dutc").rem_euclid(Interval::DAY.0), 0);
}

#[test]
fn case_43_the_same_seed_is_the_same_exchange() {
    let (mut one, mut other) = (generated(), generated());
    let later = now() + Interval(90_000);
    let request = Read::Ticker("ETHUSDT").request(Generation::V3, &prefix());
    let request = over_the_table(&request, later, Environment::Live);
    assert_eq!(one.rest(later, &request), other.rest(later, &request));
    assert!(one.next_wake().is_some_and(|at| at > later && at <= later + Interval(250)));
}

/// A public line on a made market, driven for so long.
fn listened(
    generation: Generation,
    subscriptions: Vec<Subscription>,
    faults: &[(i64, Fault)],
) -> (Connection, Heard) {
    let mut exchange = generated();
    let mut line = Connection::new(generation, None, subscriptions, 7);
    let mut heard = Heard::default();
    let mut session = None;
    for step in 0..400_i64 {
        let at = now() + Interval(step * 100);
        faults.iter().filter(|fault| fault.0 == step).for_each(|fault| exchange.inject(fault.1.clone()));
        exchange.pass(at);
        let mut out: Vec<Output<'static>> = Vec::new();
        line.wake(at, &mut out);
        for one in out {
            match one {
                Output::Open => {
                    session = exchange.connect(at, family(generation));
                    let mut more = Vec::new();
                    line.opened(at, &mut more);
                    for one in more {
                        let Output::Send(text) = one else { continue };
                        exchange.hear(at, session.unwrap(), &text);
                    }
                }
                Output::Send(text) => exchange.hear(at, session.unwrap(), &text),
                Output::Stale { .. } => heard.stale += 1,
                _ => {}
            }
        }
        for said in session.map(|session| exchange.said(session)).unwrap_or_default() {
            let Said::Text(text) = said else { panic!("closed at step {step}") };
            let mut out = Vec::new();
            line.on_frame(at, &text, &mut out);
            let mut send = Vec::new();
            for one in out {
                match one {
                    Output::BookChanged { .. } => heard.changes += 1,
                    Output::Stale { .. } => heard.stale += 1,
                    Output::Odd(oddity) => heard.odd.push(format!("{oddity:?}")),
                    Output::Refused { code, .. } => heard.odd.push(code),
                    Output::Send(text) => send.push(text),
                    Output::Rows { rows, .. } => heard.rows(&rows),
                    _ => {}
                }
            }
            send.iter().for_each(|text| exchange.hear(at, session.unwrap(), text));
        }
    }
    (line, heard)
}

#[derive(Debug, Default)]
struct Heard {
    changes: usize,
    stale: usize,
    tickers: usize,
    candles: usize,
    trades: usize,
    odd: Vec<String>,
}

impl Heard {
    fn rows(&mut self, rows: &Pushed<'_>) {
        match rows {
            Pushed::Ticker(rows) => self.tickers += rows.len(),
            Pushed::Candles(rows) => self.candles += rows.len(),
            Pushed::Trades(rows) => self.trades += rows.len(),
            other => panic!("{other:?}"),
        }
    }
}

fn book() -> Subscription {
    let i = Instrument::btcusdt();
    Subscription::book(SYMBOL, i.tick, i.lot)
}

#[test]
fn case_44_a_market_is_followed_without_a_doubt() {
    for generation in [Generation::V2, Generation::V3] {
        let subscriptions = vec![
            book(),
            Subscription::of_symbol(Topic::Ticker, SYMBOL),
            Subscription::of_symbol(Topic::Trades, SYMBOL),
            Subscription::candles(SYMBOL, Interval::MINUTE),
        ];
        let (line, heard) = listened(generation, subscriptions, &[]);
        assert!(heard.odd.is_empty() && heard.stale == 0, "{generation:?}: {heard:?}");
        // 40 seconds of four ticks each, a snapshot besides; a candle a second, and the rows of its snapshot.
        assert!(heard.changes > 150, "{generation:?}: {heard:?}");
        assert!(heard.tickers > 70 && heard.trades > 150, "{generation:?}: {heard:?}");
        assert!((530..560).contains(&heard.candles), "{generation:?}: {heard:?}");
        let kept = line.book(0).unwrap();
        let (bid, ask) = (kept.bids().next().unwrap(), kept.asks().next().unwrap());
        assert_eq!(ask.0.0 - bid.0.0, 1, "{generation:?}: a spread of a tick");
    }
}

#[test]
fn case_45_a_gap_in_the_book_is_seen_and_mended() {
    for generation in [Generation::V2, Generation::V3] {
        let (line, heard) = listened(generation, vec![book()], &[(100, Fault::Drop { pushes: 1 })]);
        assert_eq!((heard.odd.len(), heard.stale), (1, 1), "{generation:?}: {heard:?}");
        assert!(heard.odd[0].contains("missing"), "{heard:?}");
        assert!(line.book(0).is_some(), "{generation:?}: known again");
        let (_, heard) = listened(generation, vec![book()], &[(100, Fault::Reorder { pushes: 1 })]);
        assert_eq!(heard.stale, 1, "{generation:?}: swapped changes are a gap too: {heard:?}");
    }
}

#[test]
fn case_46_a_stale_feed_is_doubted() {
    for generation in [Generation::V2, Generation::V3] {
        let stale = Fault::Stale { lasts: Interval(15_000) };
        let ticker = vec![Subscription::of_symbol(Topic::Ticker, SYMBOL)];
        let (_, heard) = listened(generation, ticker, &[(50, stale)]);
        assert!(heard.stale >= 1, "{generation:?}: {heard:?}");
    }
}

/// What a line is told for a frame.
fn told(exchange: &mut Exchange, generation: Generation, frame: &str) -> Vec<Said> {
    let session = exchange.connect(now(), family(generation)).unwrap();
    exchange.hear(now(), session, frame);
    exchange.said(session)
}

fn text(said: &[Said]) -> String {
    match said {
        [Said::Text(text), ..] => text.clone(),
        _ => panic!("{said:?}"),
    }
}

#[test]
fn case_47_a_wrong_product_is_acknowledged_and_silent() {
    let mut exchange = generated();
    let frame =
        r#"{"op":"subscribe","args":[{"instType":"USDC-FUTURES","channel":"ticker","instId":"BTCUSDT"}]}"#;
    let said = told(&mut exchange, Generation::V2, frame);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(text(&said).contains(r#""event":"subscribe""#));
    let frame = frame.replace("BTCUSDT", "NOPEUSDT");
    assert!(text(&told(&mut exchange, Generation::V2, &frame)).contains("30001"));
    let frame = frame.replace("NOPEUSDT", "BTCUSDT").replace("ticker", "books50");
    assert!(text(&told(&mut exchange, Generation::V2, &frame)).contains("30016"));
    assert_eq!(text(&told(&mut exchange, Generation::V2, "ping")), "pong");
    assert!(text(&told(&mut exchange, Generation::V2, r#"{"op":"ping"}"#)).contains("30002"));
    assert!(text(&told(&mut exchange, Generation::V2, r#"{"op":"dance"}"#)).contains("30003"));
    assert!(text(&told(&mut exchange, Generation::V2, "{")).contains("30002"));
    let private = r#"{"op":"subscribe","args":[{"instType":"UTA","topic":"order"}]}"#;
    assert!(text(&told(&mut exchange, Generation::V3, private)).contains("30004"));
    let long = " ".repeat(5_000);
    assert_eq!(told(&mut exchange, Generation::V3, &long).last(), Some(&Said::Close));
}

#[test]
fn case_48_a_login_is_in_seconds() {
    let mut table = Table::new(Kind { generation: Generation::V2, position: PositionMode::OneWay });
    let session = table.exchange.connect(table.now, family(Generation::V2)).unwrap();
    table.exchange.hear(table.now, session, &credentials().login_frame(table.now));
    assert_eq!(text(&table.exchange.said(session)), r#"{"code":0,"event":"login"}"#);
    for (frame, code) in [
        (credentials().login_frame(Time(table.now.0 * 1_000)), "30014"),
        (credentials().login_frame(table.now).replace("\"key\"", "\"nobody\""), "30011"),
        (credentials().login_frame(table.now).replace("pass", "word"), "30012"),
        (credentials().login_frame(table.now).replace("\"timestamp\":\"1", "\"timestamp\":\"x"), "30013"),
        (credentials().login_frame(table.now).replace("\"sign\":\"", "\"sign\":\"x"), "30015"),
    ] {
        let session = table.exchange.connect(table.now, family(Generation::V2)).unwrap();
        table.exchange.hear(table.now, session, &frame);
        let said = table.exchange.said(session);
        assert!(text(&said).contains(code), "{said:?}");
        assert_eq!(said.last(), Some(&Said::Close));
    }
    assert_eq!(table.price, PRICE);
}

#[test]
fn case_49_a_silent_client_and_a_chatty_one_lose_their_line() {
    let mut exchange = generated();
    let session = exchange.connect(now(), family(Generation::V2)).unwrap();
    exchange.pass(now() + Interval(131_000));
    assert_eq!(exchange.said(session), [Said::Close]);
    let at = now() + Interval(140_000);
    let session = exchange.connect(at, family(Generation::V2)).unwrap();
    (0..11).for_each(|_| exchange.hear(at, session, "ping"));
    assert_eq!(exchange.said(session).last(), Some(&Said::Close));
}
