//! Every fault, armed by the admin endpoint and by a schedule, as a client on a socket meets it.

use crate::client::{Client, Line, PLACE, address, listen, market_order, server, setup};
use mock_bitget::{Exchange, Generation, Scheduled};
use mock_server::{Clock, Server};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// What a fault is armed with, and what shows it.
type Case = (Value, fn(&Server, &mut Client));

const FILLS: &str = "/api/v2/mix/order/fills?productType=USDT-FUTURES";
/// How long after the start a scheduled fault strikes.
const AFTER: Duration = Duration::from_millis(700);

fn buy(client: &mut Client, name: &str) -> (u16, Value) {
    client.look_at_the_clock();
    client.send("POST", PLACE, &market_order("buy", "0.01", name).to_string())
}

fn fills(client: &mut Client) -> usize {
    client.look_at_the_clock();
    client.get(FILLS)["fillList"].as_array().map_or(0, Vec::len)
}

fn books(server: &Server) -> Line {
    let mut line = Line::new(&server.urls().v2[0]);
    line.subscribe(&[json!({ "instType": "USDT-FUTURES", "channel": "books", "instId": "BTCUSDT" })]);
    line.hear_until("snapshot");
    line
}

/// `pseq` and `seq` of the next pushes.
fn chain(line: &mut Line, pushes: usize) -> Vec<(u64, u64)> {
    let next = |line: &mut Line| {
        let push: Value = serde_json::from_str(&line.hear()).unwrap();
        let row = &push["data"][0];
        (row["pseq"].as_u64().unwrap(), row["seq"].as_u64().unwrap())
    };
    (0..pushes).map(|_| next(line)).collect()
}

fn is_unbroken(chain: &[(u64, u64)]) -> bool {
    chain.windows(2).all(|pair| pair[0].1 == pair[1].0)
}

const NOTHING_ELSE: &str = "after that everything is as before";

fn cases() -> Vec<Case> {
    [on_requests(), on_lines(), on_the_exchange()].concat()
}

fn on_requests() -> Vec<Case> {
    vec![
        (json!({ "fault": "refuse" }), |_, client| {
            assert_eq!(buy(client, "a").0, 429);
            assert_eq!((fills(client), buy(client, "b").0), (0, 200), "{NOTHING_ELSE}");
        }),
        (json!({ "fault": "fail" }), |_, client| {
            let (status, body) = buy(client, "a");
            assert!(status == 502 && body.as_str().unwrap().starts_with("<html>"), "{body}");
            assert_eq!((fills(client), buy(client, "a").0), (0, 200), "{NOTHING_ELSE}");
        }),
        (json!({ "fault": "fail_after" }), |_, client| {
            assert_eq!(buy(client, "a").0, 502);
            assert_eq!((fills(client), buy(client, "b").0), (1, 200), "it was done all the same");
        }),
        (json!({ "fault": "unknown" }), |_, client| {
            assert_eq!(buy(client, "a").1["code"], "40725");
            assert_eq!((fills(client), buy(client, "b").0), (1, 200), "it was done all the same");
        }),
        (json!({ "fault": "hang_up" }), |server, client| {
            client.look_at_the_clock();
            let order = market_order("buy", "0.01", "a").to_string();
            let mut stream = TcpStream::connect(address(server)).unwrap();
            stream.write_all(client.head("POST", PLACE, &order).as_bytes()).unwrap();
            let mut heard = Vec::new();
            let read = stream.read_to_end(&mut heard).unwrap();
            assert_eq!((read, fills(client), buy(client, "b").0), (0, 1, 200), "done, and not a word of it");
        }),
        (json!({ "fault": "latency", "by_ms": 250, "ms": 60_000 }), |server, client| {
            let start = Instant::now();
            client.look_at_the_clock();
            assert!(start.elapsed() >= Duration::from_millis(250), "{:?}", start.elapsed());
            let (start, mut line) = (Instant::now(), Line::new(&server.urls().v2[0]));
            line.send("ping");
            assert_eq!(line.hear(), "pong");
            assert!(start.elapsed() >= Duration::from_millis(250), "pushes too: {:?}", start.elapsed());
        }),
    ]
}

fn on_lines() -> Vec<Case> {
    vec![
        (json!({ "fault": "stale", "ms": 60_000 }), |server, _| {
            let mut line = books(server);
            assert_eq!(line.hear_within(Duration::from_millis(800)), None, "no word of the market");
            line.send("ping");
            assert_eq!(line.hear(), "pong", "the line is well");
        }),
        (json!({ "fault": "drop", "pushes": 2 }), |server, _| {
            let mut line = books(server);
            let first = chain(&mut line, 3);
            assert!(is_unbroken(&first), "behind the gap");
            assert_eq!(server.with(|exchange| exchange.counted("push lost", 0)), 2);
        }),
        (json!({ "fault": "duplicate", "pushes": 1 }), |server, _| {
            let heard = chain(&mut books(server), 3);
            assert_eq!(heard[0], heard[1]);
            assert!(is_unbroken(&heard[1..]), "{NOTHING_ELSE}");
        }),
        (json!({ "fault": "reorder", "pushes": 1 }), |server, _| {
            let heard = chain(&mut books(server), 4);
            assert_eq!(heard[1].1, heard[0].0, "the second comes first: {heard:?}");
            assert!(heard[2].1 == heard[3].0, "{NOTHING_ELSE}");
        }),
    ]
}

fn on_the_exchange() -> Vec<Case> {
    let uid = "1000000001";
    vec![
        (json!({ "fault": "clock_jump", "ms": 3_600_000 }), |server, client| {
            let before = server.with(|exchange| exchange.now().0);
            let (status, body) = client.send("GET", FILLS, "");
            assert!(
                client.at >= before + 3_590_000 || (status, &body["code"]) == (400, &json!("40008")),
                "{body}"
            );
            client.look_at_the_clock();
            assert!(client.at - before >= 3_600_000);
            assert_eq!(fills(client), 0);
        }),
        (json!({ "fault": "maintenance", "ms": 60_000 }), |_, client| {
            assert_eq!(buy(client, "a").1["code"], "40200");
            let (status, _) = client.send("GET", "/api/v2/mix/market/tickers?productType=USDT-FUTURES", "");
            assert_eq!(status, 200, "the market is open to look at");
        }),
        (json!({ "fault": "seize", "uid": uid, "symbol": "BTCUSDT" }), |_, client| {
            let text = client.get(FILLS).to_string();
            assert!(text.contains("burst_sell_single") || text.contains("burst"), "{text}");
        }),
        (json!({ "fault": "deleverage", "uid": uid, "symbol": "BTCUSDT", "lots": 4 }), |_, client| {
            let text = client.get(FILLS).to_string();
            assert!(text.contains("dte_sys_adl"), "{text}");
            let held = client.get("/api/v2/mix/position/all-position?productType=USDT-FUTURES");
            assert_eq!(held[0]["total"], "0.006", "of 0.010");
        }),
    ]
}

/// Faults that strike a position find one.
fn prepare(fault: &Value, client: &mut Client) {
    if fault.get("uid").is_some() {
        assert_eq!(buy(client, "held").0, 200);
    }
}

#[test]
fn each_fault_is_armed_by_the_admin_endpoint() {
    for (fault, shows) in cases() {
        let server = server(1);
        let mut client = Client::new(&address(&server), "k0");
        prepare(&fault, &mut client);
        client.fault(&fault);
        shows(&server, &mut client);
    }
}

#[test]
fn each_fault_strikes_by_a_schedule() {
    for (fault, shows) in cases() {
        let clock = Clock::new(1.0).unwrap();
        let start = clock.now();
        let setup = setup(&[Generation::V2]);
        let mut exchange = Exchange::generated(vec![mock_bitget::btcusdt()], setup, start, 7);
        let mut text = format!("[[fault]]\nafter_ms = {}\n", AFTER.as_millis());
        for (key, value) in fault.as_object().unwrap() {
            text.push_str(&format!("{key} = {value}\n"));
        }
        let armed = Instant::now();
        for scheduled in Scheduled::from_toml(&text, clock.now()).unwrap() {
            exchange.schedule(scheduled);
        }
        let server = listen(exchange, clock);
        let mut client = Client::new(&address(&server), "k0");
        prepare(&fault, &mut client);
        std::thread::sleep((AFTER + Duration::from_millis(100)).saturating_sub(armed.elapsed()));
        shows(&server, &mut client);
    }
}

#[test]
fn a_disconnect_ends_all_lines_now_or_later() {
    let server = server(1);
    let mut client = Client::new(&address(&server), "k0");
    let (mut public, mut private) = (books(&server), Line::new(&server.urls().v2[1]));
    client.fault(&json!({ "fault": "disconnect" }));
    assert!(public.ends() && private.ends());
    let mut again = books(&server);
    client.fault(&json!({ "fault": "disconnect", "after_ms": 200 }));
    again.send("ping");
    assert!(!again.hear_until("pong").is_empty(), "not yet");
    assert!(again.ends());
}

#[test]
fn what_cannot_be_armed_says_why() {
    let server = server(1);
    let mut client = Client::new(&address(&server), "k0");
    for (fault, part) in [
        (json!({ "fault": "plague" }), "choose one of refuse"),
        (json!({}), "Parameter fault"),
        (json!({ "fault": "stale" }), "Parameter ms"),
        (json!({ "fault": "drop", "pushes": -1 }), "Parameter pushes"),
        (json!({ "fault": "deleverage", "uid": "1", "symbol": "BTCUSDT" }), "Parameter lots"),
        (json!({ "fault": "fail", "after_ms": -5 }), "Parameter after_ms"),
    ] {
        let (status, told) = client.send("POST", "/mock/faults", &fault.to_string());
        assert!(status == 400 && told["msg"].as_str().unwrap().contains(part), "{fault}: {told}");
    }
    let refused = |text: &str| Scheduled::from_toml(text, model::Time(0)).unwrap_err().to_string();
    for (text, part) in [
        ("[[fault]]\nfault = \"fail\"", "the 1th fault: Parameter after_ms"),
        ("[[fault]]\nafter_ms = 5\nfault = \"plague\"", "choose one of"),
        ("fault = 3", "[[fault]] tables"),
        ("[[blame]]", "[[fault]] tables"),
    ] {
        assert!(refused(text).contains(part), "{text}: {}", refused(text));
    }
}
