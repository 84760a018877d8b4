//! Clients with bad manners, over real sockets: each is refused, shown out and counted, and the next one is served.

use crate::client::{
    Client, Line, PATIENCE, PLACE, address, counted, listen, market_order, said, server, setup, wait_for,
};
use mock_bitget::{Exchange, Generation};
use mock_server::{Clock, Server};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use tungstenite::Message;

/// A server whose time is so many times as fast.
fn fast(speed: f64) -> Server {
    let clock = Clock::new(speed).unwrap();
    let setup = setup(&[Generation::V2]);
    listen(Exchange::generated(vec![mock_bitget::btcusdt()], setup, clock.now(), 7), clock)
}

fn is_well(server: &Server) {
    let mut client = Client::new(&address(server), "k0");
    assert_eq!(client.send("POST", PLACE, &market_order("buy", "0.01", "well").to_string()).0, 200);
    assert!(server.with(|exchange| exchange.is_balanced()));
}

#[test]
fn requests_that_cannot_be_parsed_end_the_connection_with_a_status() {
    let server = server(1);
    for (bytes, status) in [
        ("nonsense\r\n\r\n", 400),
        ("PUT / HTTP/1.1\r\n\r\n", 405),
        ("POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        ("GET /v9/ws HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n", 404),
    ] {
        let before = counted(&server, &format!("bad request {status}"));
        let text = said(&server, bytes.as_bytes());
        assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{bytes}: {text}");
        assert_eq!(counted(&server, &format!("bad request {status}")), before + 1, "{bytes}");
    }
    let long = format!("GET / HTTP/1.1\r\nX: {}\r\n", "x".repeat(20_000));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(100));
    for huge in [long, many] {
        assert!(said(&server, huge.as_bytes()).contains(" 431 "));
    }
    assert_eq!(counted(&server, "bad request 431"), 2);
    is_well(&server);
}

#[test]
fn bodies_of_the_wrong_shape_are_refused_with_a_code() {
    let server = server(1);
    server.with(|exchange| exchange.set_limited(false));
    let mut client = Client::new(&address(&server), "k0");
    let order = market_order("buy", "0.01", "a").to_string();
    let with = |key: &str, value: Value| {
        let mut order: Value = serde_json::from_str(&order).unwrap();
        order[key] = value;
        order.to_string()
    };
    let mut bodies = vec![
        order[..order.len() - 7].to_owned(),
        "{".to_owned(),
        "[1,2".to_owned(),
        "\"text\"".to_owned(),
        "null".to_owned(),
        "\u{0}\u{1}".to_owned(),
        "[".repeat(10_000),
        with("size", json!({ "a": 1 })),
        with("size", json!([])),
        with("size", Value::Null),
        with("symbol", json!(7)),
        with("side", json!(true)),
        with("marginCoin", json!("DOGE")),
        with("clientOid", json!("x".repeat(1_000))),
    ];
    for absurd in
        ["1e400", "-0.01", "NaN", "inf", "99999999999999999999999999", "0.00000000000000001", "0", ""]
    {
        bodies.push(with("size", json!(absurd)));
        let mut limit: Value = serde_json::from_str(&order).unwrap();
        (limit["orderType"], limit["price"]) = (json!("limit"), json!(absurd));
        bodies.push(limit.to_string());
    }
    for body in &bodies {
        let (status, told) = client.send("POST", PLACE, body);
        assert!(status == 400 && told["code"] != "00000", "{}: {told}", &body[..body.len().min(200)]);
    }
    for target in [
        "/api/v2/mix/order/fills?productType=USDT-FUTURES&limit=-1",
        "/api/v2/mix/order/fills?productType=USDT-FUTURES&limit=99999999999999999999",
        "/api/v2/mix/order/fills?productType=USDT-FUTURES&startTime=x",
        "/api/v2/mix/order/detail?productType=USDT-FUTURES&symbol=BTCUSDT&orderId=-5",
    ] {
        let (status, told) = client.send("GET", target, "");
        assert!(status == 400 && told["code"] != "00000", "{target}: {told}");
    }
    for target in [
        "/api/v2/mix/market/candles?symbol=BTCUSDT&productType=USDT-FUTURES&granularity=1m&startTime=-9223372036854775808&endTime=9223372036854775807&limit=1000",
        "/api/v2/mix/market/history-candles?symbol=BTCUSDT&productType=USDT-FUTURES&granularity=1M&endTime=-9223372036854775808",
        "/api/v2/mix/market/candles?symbol=BTCUSDT&productType=USDT-FUTURES&granularity=1W&startTime=9223372036854775807",
        "/api/v2/mix/market/candles?symbol=%00%ff&productType=%%%&granularity=&limit=%41",
    ] {
        let (status, _) = client.send("GET", target, "");
        assert!(status == 200 || status == 400, "{target}: {status}");
    }
    let refused: u64 = ["40020", "40019", "43006", "40786", "45110", "40304", "43012", "40034"]
        .iter()
        .map(|code| counted(&server, &format!("refused {code}")))
        .sum();
    assert!(refused >= bodies.len() as u64, "{refused} of {} are counted", bodies.len());
    is_well(&server);
}

#[test]
fn a_signature_is_good_once_and_for_thirty_seconds() {
    let server = fast(100.0);
    let mut client = Client::new(&address(&server), "k0");
    let order = market_order("buy", "0.01", "a").to_string();
    let request = client.head("POST", PLACE, &order);
    let forged = request.replacen("0.01", "0.02", 1);
    assert_eq!(client.say(forged.as_bytes()).1["code"], "40009", "another body");
    assert_eq!(client.say(request.as_bytes()).1["code"], "00000");
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(client.say(request.as_bytes()).1["code"], "40008", "forty seconds later");
    client.look_at_the_clock();
    client.at += 40_000;
    assert_eq!(client.send("POST", PLACE, &order).1["code"], "40008", "out of the future");
    for at in ["", "x", "-9223372036854775808", "9223372036854775807", "99999999999999999999"] {
        let odd = request.replace(
            &format!("ACCESS-TIMESTAMP: {}", request_time(&request)),
            &format!("ACCESS-TIMESTAMP: {at}"),
        );
        assert_eq!(client.say(odd.as_bytes()).0, 400, "{at}");
    }
    assert!(counted(&server, "refused 40008") >= 2 && counted(&server, "refused 40009") == 1);
    let mut line = Line::new(&server.urls().v2[1]);
    line.send(r#"{"op":"login","args":[{"apiKey":"k0","passphrase":"p","timestamp":"9223372036854775807","sign":"x"}]}"#);
    assert!(line.hear().contains("30014") && line.ends());
    wait_for(&server, "frame refused 30014");
    is_well(&server);
}

fn request_time(request: &str) -> &str {
    let line = request.lines().find_map(|line| line.strip_prefix("ACCESS-TIMESTAMP: "));
    line.unwrap()
}

#[test]
fn frames_that_are_no_words_are_counted() {
    let server = server(1);
    for (frame, code) in [
        (r#"{"op":"subscr"#, "30002"),
        ("[]", "30002"),
        ("7", "30002"),
        (r#"{"op":7}"#, "30002"),
        (r#"{"op":"dance"}"#, "30003"),
        (r#"{"op":"lockstep"}"#, "30003"),
        (r#"{"op":"subscribe","args":[7]}"#, "30001"),
        (r#"{"op":"subscribe","args":[{"instType":[],"channel":{},"instId":1e999}]}"#, "30002"),
        (r#"{"op":"subscribe","args":[{"instType":[],"channel":{},"instId":null}]}"#, "30001"),
        (r#"{"op":"login","args":[7]}"#, "30011"),
        (r#"{"op":"login"}"#, "30011"),
    ] {
        let mut line = Line::new(&server.urls().v2[1]);
        let name = format!("frame refused {code}");
        let before = counted(&server, &name);
        line.send(frame);
        let told = line.hear();
        assert!(told.contains(code), "{frame}: {told}");
        drop(line);
        let until = Instant::now() + PATIENCE;
        while counted(&server, &name) != before + 1 {
            assert!(Instant::now() < until, "{frame} is not counted");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    is_well(&server);
}

#[test]
fn huge_and_broken_frames_end_the_line() {
    let server = server(1);
    let mut line = Line::new(&server.urls().v2[0]);
    line.send(&"x".repeat(5_000));
    assert!(line.hear().contains("30007") && line.ends());
    let mut line = Line::new(&server.urls().v2[0]);
    let _refused = line.0.send(Message::text("x".repeat(1 << 20)));
    assert!(line.ends());
    wait_for(&server, "frame too long");
    // Not masked; not UTF-8; a reserved word of the protocol; a length of nine exabytes.
    for bytes in [
        &[0x81, 0x02, b'h', b'i'][..],
        &[0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe],
        &[0x8b, 0x80, 0, 0, 0, 0],
        &[0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0],
    ] {
        let before = counted(&server, "broken frame") + counted(&server, "frame too long");
        let mut line = Line::new(&server.urls().v2[0]);
        line.0.get_mut().write_all(bytes).unwrap();
        assert!(line.ends());
        let until = Instant::now() + PATIENCE;
        while counted(&server, "broken frame") + counted(&server, "frame too long") == before {
            assert!(Instant::now() < until, "{bytes:?} is not counted");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    assert!(counted(&server, "broken frame") > 0);
    is_well(&server);
}

#[test]
fn a_line_that_does_not_listen_is_closed() {
    let server = server(1);
    server.with(|exchange| exchange.set_limited(false));
    let mut line = Line::new(&server.urls().v2[0]);
    let lengths = ["1m", "5m", "15m", "30m", "1H", "4H", "6H", "12H"].into_iter();
    let args = lengths.map(|length| json!({ "instType": "USDT-FUTURES", "channel": format!("candle{length}"), "instId": "BTCUSDT" }));
    let ask = json!({ "op": "subscribe", "args": args.collect::<Vec<Value>>() }).to_string();
    // Each time it is told hundreds of candles of each, and takes none.
    let until = Instant::now() + PATIENCE;
    while counted(&server, "slow reader closed") == 0 {
        assert!(Instant::now() < until, "a slow reader is closed");
        let _sent = line.0.send(Message::text(ask.as_str()));
    }
    is_well(&server);
    drop(line);
    let lines = || server.with(|exchange| exchange.lines());
    while lines() > 0 {
        assert!(Instant::now() < until, "what is closed is forgotten");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn answers_that_nobody_takes_end_the_connection() {
    let server = server(1);
    server.with(|exchange| exchange.set_limited(false));
    let mut stream = TcpStream::connect(address(&server)).unwrap();
    let target =
        "/api/v2/mix/market/candles?symbol=BTCUSDT&productType=USDT-FUTURES&granularity=1m&limit=1000";
    let requests = format!("GET {target} HTTP/1.1\r\n\r\n").repeat(150);
    stream.write_all(requests.as_bytes()).unwrap();
    wait_for(&server, "slow reader closed");
    is_well(&server);
}

#[test]
fn a_request_in_crumbs_is_not_waited_for() {
    let server = server(1);
    let mut stream = TcpStream::connect(address(&server)).unwrap();
    let start = Instant::now();
    let mut crumbs = "GET /api/v2/public/time HTTP/1.1\r\nX-Slow: ".bytes().chain(std::iter::repeat(b'x'));
    while counted(&server, "bad request 408") == 0 {
        assert!(start.elapsed() < PATIENCE, "it waits for ever");
        let _sent = stream.write_all(&[crumbs.next().unwrap()]);
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(start.elapsed() >= Duration::from_secs(4), "an honest client has time: {:?}", start.elapsed());
    let mut torn = TcpStream::connect(address(&server)).unwrap();
    torn.write_all(b"POST /api HTTP/1.1\r\nContent-Length: 5\r\n\r\nab").unwrap();
    drop(torn);
    wait_for(&server, "torn request");
    is_well(&server);
}

#[test]
fn an_address_that_asks_too_often_is_not_heard_for_a_while() {
    let server = server(1);
    let mut stream = TcpStream::connect(address(&server)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let one = "GET /api/v9/nothing HTTP/1.1\r\n\r\n";
    // Answers that fit what a socket holds before anybody reads it.
    for _ in 0..61 {
        stream.write_all(one.repeat(100).as_bytes()).unwrap();
        let (mut heard, mut chunk) = (String::new(), [0; 65_536]);
        while heard.matches("requestTime").count() < 100 {
            let read = stream.read(&mut chunk).unwrap();
            heard.push_str(&String::from_utf8_lossy(&chunk[..read]));
        }
    }
    let refused = counted(&server, "address refused 429");
    assert!((1..=100).contains(&refused), "6 100 requests, of which {refused} are too many");
    let text = said(&server, b"GET /api/v2/public/time HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert!(text.starts_with("HTTP/1.1 429 ") && text.contains("\"429\""), "{text}");
    server.with(|exchange| exchange.set_limited(false));
    is_well(&server);
}
