//! The socket's state machine, driven without a socket: every way a line fails, and that it comes back.
//!
//! Time moves only where a test moves it. The last test throws everything at the machine in random order and then lets
//! a kind exchange answer: whatever happened, all subscriptions must be believed again within minutes.
#![allow(clippy::unwrap_used)]

use model::{Interval, Step, Time};
use proptest::prelude::*;
use venue_bitget::clock::ExchangeClock;
use venue_bitget::errors::Fatal;
use venue_bitget::sign::{Credentials, Secret};
use venue_bitget::stream::{Connection, Doubt, Oddity, Output, Reason, Subscription, Why};
use venue_bitget::wire::Generation::{self, V2, V3};
use venue_bitget::wire::{Pushed, Topic};

/// A line with its clock and the shell's side of it.
struct Driven {
    line: Connection,
    now: Time,
}

impl Driven {
    fn public(generation: Generation, subscriptions: Vec<Subscription>) -> Driven {
        Driven { line: Connection::new(generation, None, subscriptions, 7), now: Time(1_760_000_000_000) }
    }

    fn private(generation: Generation, topics: &[Topic]) -> Driven {
        let secret = || Secret::new("secret".to_owned());
        let credentials = Credentials::hmac("key".to_owned(), secret(), secret()).unwrap();
        let subscriptions = topics.iter().map(|topic| Subscription::of_account(*topic)).collect();
        let line = Connection::new(generation, Some(credentials), subscriptions, 7);
        Driven { line, now: Time(1_760_000_000_000) }
    }

    fn wake(&mut self) -> Vec<Output<'static>> {
        let mut out = Vec::new();
        self.line.wake(self.now, &mut out);
        out
    }

    /// Goes to the next deadline and does what is due then.
    fn next(&mut self) -> (Why, Vec<Output<'static>>) {
        let (due, why) = self.line.next_wake().expect("a line that is not locked out has a deadline");
        self.now = self.now.max(due);
        (why, self.wake())
    }

    fn open(&mut self) -> Vec<Output<'static>> {
        let (why, out) = self.next();
        assert_eq!((why, out), (Why::Reconnect, vec![Output::Open]));
        let mut out = Vec::new();
        self.line.opened(self.now, &mut out);
        out
    }

    fn hear<'a>(&mut self, frame: &'a str) -> Vec<Output<'a>> {
        let mut out = Vec::new();
        self.line.on_frame(self.now, frame, &mut out);
        out
    }
}

fn sent(frame: &str) -> Output<'static> {
    Output::Send(frame.to_owned())
}

fn book() -> Subscription {
    Subscription::book("MAVUSDT", Step::decimal(5), Step::decimal(2))
}

const ARG: &str = r#"{"instType":"USDT-FUTURES","channel":"books","instId":"MAVUSDT"}"#;

fn ack(arg: &str) -> String {
    format!(r#"{{"event":"subscribe","arg":{arg}}}"#)
}

fn changes(action: &str, rows: &str) -> String {
    format!(r#"{{"action":"{action}","arg":{ARG},"data":[{rows}],"ts":1}}"#)
}

const FIRST: &str =
    r#"{"asks":[["0.01039","4499.23"]],"bids":[["0.01038","4311.15"]],"seq":427583461144,"pseq":0}"#;

#[test]
fn a_book_with_a_hole_is_thrown_away_and_learnt_anew() {
    let mut driven = Driven::public(V2, vec![book()]);
    let subscribe = format!(r#"{{"op":"subscribe","args":[{ARG}]}}"#);
    assert_eq!(driven.open(), [sent(&subscribe)]);
    assert_eq!(driven.hear(&ack(ARG)), []);
    assert!(!driven.line.is_fresh(0), "an acknowledgement proves nothing");
    let changed = |at| Output::BookChanged { subscription: 0, at: Some(Time(at)) };
    assert_eq!(driven.hear(&changes("snapshot", FIRST)), [changed(1), Output::Fresh { subscription: 0 }]);
    let follows = r#"{"asks":[],"bids":[["0.00519","30828.52"]],"seq":427583480559,"pseq":427583461144}"#;
    assert_eq!(driven.hear(&changes("update", follows)), [changed(1)]);
    assert_eq!(driven.line.book(0).unwrap().bids().count(), 2);
    driven.now = driven.now + Interval(1_000);
    let hole = r#"{"asks":[],"bids":[],"seq":427583480700,"pseq":427583480664}"#;
    let frame = changes("update", hole);
    let out = driven.hear(&frame);
    assert!(matches!(&out[0], Output::Odd(Oddity::Unreadable(why)) if why.contains("missing")), "{out:?}");
    let unsubscribe = subscribe.replace("subscribe", "unsubscribe");
    assert_eq!(out[1..], [Output::Stale { subscription: 0, doubt: Doubt::Broken }, sent(&unsubscribe)]);
    assert!(driven.line.book(0).is_none());
    assert_eq!(driven.hear(&changes("update", hole)), [], "the tail of the old subscription");
    assert_eq!(driven.next(), (Why::Subscribe, vec![sent(&subscribe)]));
    driven.hear(&ack(ARG));
    assert_eq!(driven.hear(&changes("snapshot", FIRST)).len(), 2);
    assert_eq!(driven.line.book(0).unwrap().asks().count(), 1);
    // On a new line nothing of the old book is left to be continued.
    driven.line.closed(driven.now, &mut Vec::new());
    driven.open();
    assert_eq!(driven.hear(&changes("update", follows)), []);
    assert!(driven.line.book(0).is_none());
}

#[test]
fn acknowledged_but_silent_is_a_failure() {
    let mut driven = Driven::public(V2, vec![Subscription::of_symbol(Topic::Ticker, "BTCUSDT")]);
    let arg = r#"{"instType":"USDT-FUTURES","channel":"ticker","instId":"BTCUSDT"}"#;
    driven.open();
    for line in 0..2 {
        let (mut begun, mut reason) = (1, None);
        while reason.is_none() {
            driven.hear(&ack(arg));
            driven.hear("pong");
            for output in driven.next().1 {
                match output {
                    Output::Send(frame) => begun += u32::from(frame.contains(r#""subscribe""#)),
                    Output::Close(why) => reason = Some(why),
                    other => panic!("{other:?}"),
                }
            }
        }
        assert_eq!(
            (begun, reason),
            (3, Some(Reason::Hopeless)),
            "line {line}: three attempts, then it is suspected"
        );
        assert_eq!(driven.line.next_wake().unwrap().1, Why::Reconnect);
        driven.open();
    }
}

#[test]
fn a_stream_that_falls_quiet_is_stale_on_time() {
    let ticker = Subscription::of_symbol(Topic::Ticker, "BTCUSDT");
    let mut driven = Driven::public(V3, vec![ticker]);
    driven.open();
    let arg = r#"{"instType":"usdt-futures","topic":"ticker","symbol":"BTCUSDT"}"#;
    let row = format!(r#"{{"action":"snapshot","arg":{arg},"data":[{{"lastPrice":"1"}}],"ts":1}}"#);
    driven.hear(&ack(arg));
    let out = driven.hear(&row);
    assert!(matches!(&out[0], Output::Rows { rows: Pushed::Ticker(rows), .. } if rows.len() == 1));
    assert_eq!(out[1], Output::Fresh { subscription: 0 });
    let heard_at = driven.now;
    let (why, out) = driven.next();
    assert_eq!((why, driven.now - heard_at), (Why::Doubt, Interval(10_000)));
    assert_eq!(out[0], Output::Stale { subscription: 0, doubt: Doubt::Quiet });
    assert_eq!(out.len(), 2, "and it is subscribed to again: {out:?}");
}

#[test]
fn rows_from_the_past_are_stale_by_the_exchanges_clock() {
    let mut driven = Driven::public(V2, vec![Subscription::of_symbol(Topic::Trades, "BTCUSDT")]);
    let mut clock = ExchangeClock::default();
    // The exchange is an hour ahead of us.
    let server = driven.now + Interval::HOUR;
    assert!(clock.heard(driven.now, server, driven.now));
    driven.line.set_clock(clock);
    driven.open();
    let at = |ms: i64| {
        let ts = server.0 + ms;
        let arg = r#"{"instType":"USDT-FUTURES","channel":"trade","instId":"BTCUSDT"}"#;
        format!(r#"{{"action":"update","arg":{arg},"data":[],"ts":{ts}}}"#)
    };
    assert_eq!(driven.hear(&at(0)).last(), Some(&Output::Fresh { subscription: 0 }));
    let stale = Output::Stale { subscription: 0, doubt: Doubt::Late };
    assert_eq!(driven.hear(&at(-5_001)).last(), Some(&stale));
    assert_eq!(driven.hear(&at(-5_001)).len(), 1, "told once");
    assert_eq!(driven.hear(&at(-100)).last(), Some(&Output::Fresh { subscription: 0 }));
}

#[test]
fn a_trade_is_told_once_whatever_is_repeated() {
    let mut driven = Driven::public(V2, vec![Subscription::of_symbol(Topic::Trades, "BTCUSDT")]);
    let trades = |ids: &[u32]| {
        let row = |id| format!(r#"{{"ts":"1","price":"1","size":"1","side":"buy","tradeId":"{id}"}}"#);
        let rows: Vec<String> = ids.iter().map(row).collect();
        let arg = r#"{"instType":"USDT-FUTURES","channel":"trade","instId":"BTCUSDT"}"#;
        format!(r#"{{"action":"update","arg":{arg},"data":[{}],"ts":1}}"#, rows.join(","))
    };
    let told = |driven: &mut Driven, ids: &[u32]| -> Vec<String> {
        match &driven.hear(&trades(ids))[0] {
            Output::Rows { rows: Pushed::Trades(rows), .. } => {
                rows.iter().map(|row| row.id.to_string()).collect()
            }
            other => panic!("{other:?}"),
        }
    };
    driven.open();
    assert_eq!(told(&mut driven, &[2, 1]), ["2", "1"]);
    driven.line.closed(driven.now, &mut Vec::new());
    driven.open();
    assert_eq!(told(&mut driven, &[4, 3, 2]), ["4", "3"]);
    assert_eq!(told(&mut driven, &[4]), Vec::<String>::new());
}

#[test]
fn a_line_that_dies_young_comes_back_ever_later() {
    let mut driven = Driven::public(V2, vec![Subscription::of_symbol(Topic::Ticker, "BTCUSDT")]);
    let frame = FRAMES[10].replace("MAVUSDT", "BTCUSDT");
    let mut pauses = Vec::new();
    for age in [0, 0, 0, 0, 0, 0, 61_000, 0] {
        driven.open();
        driven.now = driven.now + Interval(age);
        driven.hear(&frame);
        driven.wake();
        driven.line.closed(driven.now, &mut Vec::new());
        pauses.push((driven.line.next_wake().unwrap().0 - driven.now).0);
    }
    for (pause, most) in pauses.iter().zip([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 1_000, 2_000]) {
        assert!((most / 2..=most).contains(pause), "{pauses:?}");
    }
}

#[test]
fn ping_is_a_bare_text_and_no_pong_ends_the_line() {
    let mut driven = Driven::private(V2, &[Topic::Orders]);
    driven.open();
    driven.hear(r#"{"event":"login","code":0}"#);
    driven.hear(&ack(r#"{"instType":"USDT-FUTURES","channel":"orders","instId":"default"}"#));
    let up = driven.now;
    assert_eq!(driven.next(), (Why::Ping, vec![sent("ping")]));
    assert_eq!(driven.now - up, Interval(20_000));
    driven.hear("pong");
    assert_eq!(driven.next(), (Why::Ping, vec![sent("ping")]));
    let unanswered = driven.now;
    assert_eq!(driven.next(), (Why::Ping, vec![sent("ping")]));
    let (why, out) = driven.next();
    assert_eq!((why, driven.now - unanswered), (Why::Pong, Interval(30_000)));
    assert_eq!(
        out,
        [Output::Close(Reason::NoPong), Output::Stale { subscription: 0, doubt: Doubt::Disconnected }]
    );
}

#[test]
fn a_private_line_logs_in_in_seconds_and_reads_what_it_missed() {
    let topics = [Topic::Orders, Topic::Positions];
    let mut driven = Driven::private(V3, &topics);
    for _ in 0..2 {
        let out = driven.open();
        let [Output::Send(login)] = &out[..] else { panic!("{out:?}") };
        assert!(login.starts_with(r#"{"op":"login","args":[{"apiKey":"key""#), "{login}");
        let seconds = driven.now.0 / 1_000;
        assert!(login.contains(&format!(r#""timestamp":"{seconds}""#)), "{login}");
        assert_eq!(
            driven.hear(r#"{"event":"login","code":"0","msg":""}"#),
            [sent(
                r#"{"op":"subscribe","args":[{"instType":"UTA","topic":"order"},{"instType":"UTA","topic":"position"}]}"#
            )]
        );
        assert_eq!(
            driven.hear(&ack(r#"{"instType":"UTA","topic":"order"}"#)),
            [Output::Fresh { subscription: 0 }]
        );
        assert_eq!(driven.hear(&ack(r#"{"instType":"UTA","topic":"position"}"#)), [Output::Resync]);
        let positions =
            r#"{"action":"snapshot","arg":{"instType":"UTA","topic":"position"},"data":[],"ts":1}"#;
        assert_eq!(driven.hear(positions).last(), Some(&Output::Fresh { subscription: 1 }));
        let mut out = Vec::new();
        driven.line.closed(driven.now, &mut out);
        assert_eq!(out.len(), 2, "both are stale: {out:?}");
        assert!(!driven.line.is_fresh(0) && !driven.line.is_fresh(1));
    }
}

#[test]
fn a_private_stream_that_was_in_doubt_is_read_over_rest_too() {
    let mut driven = Driven::private(V3, &[Topic::Positions]);
    let arg = r#"{"instType":"UTA","topic":"position"}"#;
    let rows = format!(r#"{{"action":"snapshot","arg":{arg},"data":[],"ts":1}}"#);
    driven.open();
    driven.hear(r#"{"event":"login","code":0}"#);
    assert_eq!(driven.hear(&ack(arg)), [Output::Resync]);
    driven.hear(&rows);
    let mut stale = false;
    while !stale {
        driven.hear("pong");
        stale = driven.next().1.contains(&Output::Stale { subscription: 0, doubt: Doubt::Quiet });
    }
    driven.next();
    assert_eq!(driven.hear(&ack(arg)), [Output::Resync]);
    assert_eq!(driven.hear(&rows).len(), 2, "and it is fresh again");
}

#[test]
fn a_refused_login_is_told_by_what_must_be_done() {
    let refuse = |code: &str| {
        let mut driven = Driven::private(V2, &[Topic::Orders]);
        driven.open();
        let frame = format!(r#"{{"event":"error","code":{code},"msg":"no"}}"#);
        let out: Vec<Output<'static>> =
            driven.hear(&frame).into_iter().filter(|o| !matches!(o, Output::Odd(_))).map(owned).collect();
        (out, driven.line.next_wake().map(|due| due.1))
    };
    let locked = vec![Output::Close(Reason::LoginRefused), Output::LockedOut(Fatal::Credentials)];
    for code in ["30005", "\"30011\"", "30012", "30015"] {
        assert_eq!(refuse(code), (locked.clone(), None), "{code}: never again with this key");
    }
    let clock = vec![Output::MeasureClock, Output::Close(Reason::LoginClock)];
    assert_eq!(refuse("30014"), (clock, Some(Why::Reconnect)));
    assert_eq!(refuse("30006"), (vec![Output::Close(Reason::Throttled)], Some(Why::Reconnect)));
    assert_eq!(refuse("39999"), (vec![Output::Close(Reason::LoginRefused)], Some(Why::Reconnect)));
}

fn owned(output: Output<'_>) -> Output<'static> {
    match output {
        Output::Close(reason) => Output::Close(reason),
        Output::LockedOut(fatal) => Output::LockedOut(fatal),
        Output::MeasureClock => Output::MeasureClock,
        Output::Send(frame) => Output::Send(frame),
        other => panic!("not expected here: {other:?}"),
    }
}

#[test]
fn an_unknown_symbol_is_refused_for_good_in_both_dialects() {
    let v2 = r#"{"event":"error","arg":{"instType":"USDT-FUTURES","channel":"ticker","instId":"NOPEUSDT"},"code":30001,"msg":"doesn't exist","op":"subscribe"}"#;
    let v3 = r#"{"event":"error","code":30001,"msg":"{\"instType\":\"usdt-futures\",\"symbol\":\"NOPEUSDT\",\"topic\":\"ticker\"} doesn't exist","connId":"0a"}"#;
    for (generation, complaint) in [(V2, v2), (V3, v3)] {
        let symbols = ["BTCUSDT", "NOPEUSDT"].map(|symbol| Subscription::of_symbol(Topic::Ticker, symbol));
        let mut driven = Driven::public(generation, symbols.to_vec());
        driven.open();
        assert_eq!(driven.hear(complaint), [Output::Refused { subscription: 1, code: "30001".to_owned() }]);
        let (channel, symbol) = if generation == V2 { ("channel", "instId") } else { ("topic", "symbol") };
        let rows = format!(r#"{{"arg":{{"{channel}":"ticker","{symbol}":"NOPEUSDT"}},"data":[],"ts":1}}"#);
        driven.hear(&rows);
        assert!(!driven.line.is_fresh(1), "rows of what was refused change nothing");
        driven.line.closed(driven.now, &mut Vec::new());
        let out = driven.open();
        let [Output::Send(frame)] = &out[..] else { panic!("{out:?}") };
        assert!(frame.contains("BTCUSDT") && !frame.contains("NOPE"), "{frame}");
    }
}

#[test]
fn many_subscriptions_go_ten_a_frame_and_a_frame_a_second() {
    let tickers = (0..25).map(|n| Subscription::of_symbol(Topic::Ticker, &format!("C{n}USDT"))).collect();
    let mut driven = Driven::public(V2, tickers);
    let start = driven.now;
    let mut frames = vec![(Interval(0), driven.open())];
    for _ in 0..2 {
        let (why, out) = driven.next();
        assert_eq!(why, Why::Subscribe);
        frames.push((driven.now - start, out));
    }
    let counts: Vec<(i64, usize)> = frames
        .iter()
        .map(|(at, out)| match &out[..] {
            [Output::Send(frame)] => (at.0, frame.matches("instId").count()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(counts, [(0, 10), (1_000, 10), (2_000, 5)]);
    for (_, out) in frames {
        assert!(matches!(&out[0], Output::Send(frame) if frame.len() <= 4_096));
    }
}

#[test]
fn gibberish_is_counted_and_ends_the_line_in_the_end() {
    let mut driven = Driven::public(V2, vec![book()]);
    driven.open();
    for _ in 0..19 {
        assert!(matches!(driven.hear("{\"data\":")[..], [Output::Odd(Oddity::Unreadable(_))]));
    }
    driven.hear("pong");
    for _ in 0..19 {
        assert_eq!(driven.hear("{\"data\":").len(), 1, "a good frame between them is a new beginning");
    }
    assert_eq!(driven.hear("{").last(), Some(&Output::Close(Reason::Gibberish)));
    assert_eq!(driven.hear("{"), [], "the last words of a line that was given up");
}

/// What can happen to a line.
#[derive(Clone, Debug)]
enum Happening {
    Wake(i64),
    Opened,
    Closed,
    Frame(usize),
    Junk(String),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        3 => (0_i64..40_000).prop_map(Happening::Wake),
        2 => Just(Happening::Opened),
        1 => Just(Happening::Closed),
        6 => (0_usize..FRAMES.len()).prop_map(Happening::Frame),
        1 => "\\PC{0,40}".prop_map(Happening::Junk),
    ]
}

const FRAMES: &[&str] = &[
    "pong",
    "ping",
    r#"{"event":"login","code":0}"#,
    r#"{"event":"error","code":30006,"msg":"too many"}"#,
    r#"{"event":"error","code":30016,"msg":"x"}"#,
    r#"{"event":"subscribe","arg":{"instType":"USDT-FUTURES","channel":"books","instId":"MAVUSDT"}}"#,
    r#"{"event":"subscribe","arg":{"instType":"USDT-FUTURES","channel":"ticker","instId":"MAVUSDT"}}"#,
    r#"{"action":"snapshot","arg":{"instType":"USDT-FUTURES","channel":"books","instId":"MAVUSDT"},"data":[{"asks":[["2","1"]],"bids":[["1","1"]],"seq":5,"pseq":0}],"ts":1}"#,
    r#"{"action":"update","arg":{"instType":"USDT-FUTURES","channel":"books","instId":"MAVUSDT"},"data":[{"asks":[],"bids":[["1","2"]],"seq":6,"pseq":5}],"ts":1}"#,
    r#"{"action":"update","arg":{"instType":"USDT-FUTURES","channel":"books","instId":"MAVUSDT"},"data":[{"asks":[],"bids":[["1","x"]],"seq":9,"pseq":6}],"ts":1}"#,
    r#"{"action":"snapshot","arg":{"instType":"USDT-FUTURES","channel":"ticker","instId":"MAVUSDT"},"data":[{"lastPr":"1"}],"ts":1}"#,
    r#"{"action":"snapshot","arg":{"instType":"USDT-FUTURES","channel":"ticker","instId":"MAVUSDT"},"data":[3],"ts":1}"#,
];

/// The shell's side: whether a socket is open, so that the machine's requests can be checked against it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Socket {
    #[default]
    Closed,
    Wanted,
    Open,
}

impl Socket {
    fn obey(&mut self, out: &[Output<'_>]) {
        for output in out {
            match output {
                Output::Open => {
                    assert_eq!(*self, Socket::Closed, "a second socket was asked for");
                    *self = Socket::Wanted;
                }
                Output::Send(_) => assert_eq!(*self, Socket::Open, "a frame for a socket that is closed"),
                Output::Close(_) => *self = Socket::Closed,
                _ => {}
            }
        }
    }
}

/// A kind exchange: answers what is sent, and then keeps talking.
fn answer_kindly(driven: &mut Driven, socket: &mut Socket, out: Vec<Output<'static>>) {
    socket.obey(&out);
    let mut heard = Vec::new();
    for output in out {
        let Output::Send(frame) = output else { continue };
        match frame.as_str() {
            "ping" => heard.push("pong"),
            _ if frame.contains(r#""unsubscribe""#) => {}
            _ => {
                heard.extend(
                    frame.contains("\"books\"").then_some([FRAMES[5], FRAMES[7]]).into_iter().flatten(),
                );
                heard.extend(
                    frame.contains("\"ticker\"").then_some([FRAMES[6], FRAMES[10]]).into_iter().flatten(),
                );
            }
        }
    }
    for frame in heard {
        let out = driven.hear(frame);
        socket.obey(&out);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn whatever_happens_the_line_comes_back(happenings in prop::collection::vec(happening(), 0..120)) {
        let mut driven =
            Driven::public(V2, vec![
                Subscription::book("MAVUSDT", Step::decimal(5), Step::decimal(2)),
                Subscription::of_symbol(Topic::Ticker, "MAVUSDT"),
            ]);
        let mut socket = Socket::default();
        for happening in happenings {
            let now = driven.now;
            let mut out: Vec<Output<'_>> = Vec::new();
            match &happening {
                Happening::Wake(ms) => {
                    driven.now = now + Interval(*ms);
                    driven.line.wake(driven.now, &mut out);
                }
                Happening::Opened if socket == Socket::Wanted => {
                    socket = Socket::Open;
                    driven.line.opened(now, &mut out);
                }
                Happening::Closed if socket != Socket::Closed => {
                    socket = Socket::Closed;
                    driven.line.closed(now, &mut out);
                }
                Happening::Frame(index) if socket == Socket::Open => driven.line.on_frame(now, FRAMES[*index], &mut out),
                Happening::Junk(text) if socket == Socket::Open => driven.line.on_frame(now, text, &mut out),
                _ => {}
            }
            socket.obey(&out);
            prop_assert!(!driven.line.is_fresh(0) || socket == Socket::Open, "nothing is believed without a line");
        }
        let (healed, mut steps) = (driven.now, 0);
        while !(driven.line.is_fresh(0) && driven.line.is_fresh(1) && driven.line.book(0).is_some()) {
            if socket == Socket::Wanted {
                socket = Socket::Open;
                let mut out = Vec::new();
                driven.line.opened(driven.now, &mut out);
                answer_kindly(&mut driven, &mut socket, out);
                continue;
            }
            let (due, _) = driven.line.next_wake().expect("a public line is never locked out");
            driven.now = driven.now.max(due);
            let out = driven.wake();
            answer_kindly(&mut driven, &mut socket, out);
            steps += 1;
            prop_assert!(steps < 200, "the machine spins at {:?}", driven.line.next_wake());
        }
        prop_assert!(driven.now - healed < Interval(6 * Interval::MINUTE.0), "healing took {:?}", driven.now - healed);
    }
}
