//! `omega mock-exchange` as a process: killed at any moment it goes on from its state, and it says what is wrong with its
//! flags.

use super::{NO_CATALOGUE, Sandbox, csv, omega, rows};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A mock exchange that runs; it is killed when it is done with.
struct Mock {
    process: Child,
    door: Door,
}

/// Where one listens.
#[derive(Clone)]
struct Door(String);

impl std::ops::Deref for Mock {
    type Target = Door;

    fn deref(&self) -> &Door {
        &self.door
    }
}

impl Mock {
    fn start(flags: &[&str]) -> Mock {
        let mut process = Command::new(env!("CARGO_BIN_EXE_omega"))
            .args(["mock-exchange", "--account", "k:s:p:10000", "--unlimited"])
            .args(flags)
            .env("OMEGA_DATA", NO_CATALOGUE)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let urls: Value = serde_json::from_str(&line).expect("one JSON line says where it listens");
        let address = urls["rest"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
        Mock { process, door: Door(address) }
    }

    /// The hard way: SIGKILL.
    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Door {
    fn ask(&self, method: &str, target: &str, body: &str) -> std::io::Result<Value> {
        let clock = self.exchange("GET", "/api/v2/public/time", "", "")?;
        let at = clock["data"]["serverTime"].as_str().unwrap().to_owned();
        let mut mac = Hmac::<Sha256>::new_from_slice(b"s").unwrap();
        mac.update(format!("{at}{method}{target}{body}").as_bytes());
        let sign = STANDARD.encode(mac.finalize().into_bytes());
        let headers = format!(
            "ACCESS-KEY: k\r\nACCESS-SIGN: {sign}\r\nACCESS-TIMESTAMP: {at}\r\nACCESS-PASSPHRASE: p\r\n"
        );
        self.exchange(method, target, &headers, body)
    }

    fn exchange(&self, method: &str, target: &str, headers: &str, body: &str) -> std::io::Result<Value> {
        let mut stream = TcpStream::connect(&self.0)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let length = body.len();
        let head = format!(
            "{method} {target} HTTP/1.1\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n"
        );
        stream.write_all(format!("{head}{body}").as_bytes())?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        serde_json::from_str(body).map_err(std::io::Error::other)
    }

    fn get(&self, target: &str) -> Value {
        let told = self.ask("GET", target, "").unwrap();
        assert_eq!(told["code"], "00000", "{target}: {told}");
        told["data"].clone()
    }

    /// All there is of the account, but for what moves with the market.
    fn account(&self) -> Vec<Value> {
        [
            "/api/v2/mix/order/orders-pending?productType=USDT-FUTURES",
            "/api/v2/mix/order/orders-history?productType=USDT-FUTURES",
            "/api/v2/mix/order/orders-plan-pending?productType=USDT-FUTURES&planType=profit_loss",
            "/api/v2/mix/order/fills?productType=USDT-FUTURES",
            "/api/v2/mix/account/bill?productType=USDT-FUTURES",
        ]
        .map(|target| self.get(target))
        .to_vec()
    }

    /// Places an order, unless nobody answers.
    fn place(&self, name: &str) -> Option<String> {
        let side = if name.ends_with(['0', '2', '4', '6', '8']) { "buy" } else { "sell" };
        let body = json!({
            "symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginMode": "crossed", "marginCoin": "USDT",
            "size": "0.002", "side": side, "orderType": "market", "clientOid": name,
        })
        .to_string();
        let told = self.ask("POST", PLACE, &body).ok()?;
        assert_eq!(told["code"], "00000", "{told}");
        Some(name.to_owned())
    }
}

fn order(number: usize) -> String {
    let side = if number.is_multiple_of(3) { "sell" } else { "buy" };
    let mut order = json!({
        "symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginMode": "crossed", "marginCoin": "USDT",
        "size": "0.002", "side": side, "orderType": "market", "clientOid": format!("c{number}"),
    });
    if number.is_multiple_of(4) {
        (order["orderType"], order["price"]) = (json!("limit"), json!("20000"));
    }
    if side == "buy" {
        order["presetStopLossPrice"] = json!("15000");
    }
    order.to_string()
}

const PLACE: &str = "/api/v2/mix/order/place-order";

#[test]
fn a_killed_exchange_goes_on_where_it_was() {
    let sandbox = Sandbox::new();
    let state = sandbox.path("state");
    let flags = ["--state", state.to_str().unwrap(), "--symbols", "BTCUSDT"];
    let mut number = 0;
    for life in 0..4 {
        let mock = Mock::start(&flags);
        let known = mock.get("/api/v2/mix/order/orders-history?productType=USDT-FUTURES&limit=1");
        assert_eq!(known["entrustedList"].is_null(), life == 0, "it remembers");
        for _ in 0..6 + life {
            number += 1;
            let told = mock.ask("POST", PLACE, &order(number)).unwrap();
            assert!(told["code"] == "00000" || order(number).contains("\"sell\""), "{told}");
        }
        let before = mock.account();
        mock.kill();
        let again = Mock::start(&flags);
        assert_eq!(again.account(), before, "life {life}");
        let told = again.ask("POST", PLACE, &order(1)).unwrap();
        assert_eq!(told["code"], "40786", "an id is taken for good");
        again.kill();
    }
}

#[test]
fn what_was_answered_is_kept_however_it_is_killed() {
    let sandbox = Sandbox::new();
    let state = sandbox.path("state");
    let flags = ["--state", state.to_str().unwrap(), "--symbols", "BTCUSDT"];
    for life in 0..3 {
        let mut mock = Mock::start(&flags);
        let mut answered = Vec::new();
        std::thread::scope(|scope| {
            let (door, process) = (mock.door.clone(), &mut mock.process);
            let trading = scope.spawn(move || {
                (0..).map_while(|number| door.place(&format!("l{life}-{number}"))).collect::<Vec<String>>()
            });
            std::thread::sleep(Duration::from_millis(150 + 90 * life));
            process.kill().unwrap();
            answered = trading.join().unwrap();
        });
        mock.process.wait().unwrap();
        assert!(!answered.is_empty(), "it was killed in the midst of something");
        let again = Mock::start(&flags);
        for client in &answered {
            let target = format!(
                "/api/v2/mix/order/detail?symbol=BTCUSDT&productType=USDT-FUTURES&clientOid={client}"
            );
            assert_eq!(again.get(&target)["clientOid"], client.as_str());
        }
        again.kill();
    }
}

#[test]
fn a_state_belongs_to_what_it_was_begun_with() {
    let sandbox = Sandbox::new();
    let state = sandbox.path("state");
    let kept = ["--state", state.to_str().unwrap(), "--symbols", "BTCUSDT"];
    let running = Mock::start(&kept);
    let base = ["mock-exchange", "--state", state.to_str().unwrap()];
    let refused = |flags: &[&str]| {
        let all: Vec<&dyn AsRef<std::ffi::OsStr>> =
            base.iter().chain(flags).map(|flag| flag as &dyn AsRef<std::ffi::OsStr>).collect();
        let said = omega(&all);
        assert_ne!(said.code, 0);
        said.err
    };
    let own = ["--account", "k:s:p:10000", "--symbols", "BTCUSDT"];
    assert!(refused(&own).contains("held by another"));
    running.kill();
    for (flags, flag) in [
        (["--account", "k:s:p:10001", "--symbols", "BTCUSDT"], "--account"),
        (["--account", "k:s:p:10000", "--symbols", "ETHUSDT"], "--symbols"),
    ] {
        let err = refused(&flags);
        assert!(err.contains(flag) && err.contains("another directory"), "{err}");
    }
    let log = state.join("exchange.log");
    let mut bytes = std::fs::read(&log).unwrap();
    bytes[20] ^= 1;
    std::fs::write(&log, [&bytes[..], b"more\n"].concat()).unwrap();
    assert!(refused(&own).contains("damaged at line 1"));
}

#[test]
fn bars_are_a_market_in_their_own_time() {
    let sandbox = Sandbox::new();
    let file = sandbox.write("bars.csv", csv(&rows(600)));
    let mock = Mock::start(&["--bars", file.to_str().unwrap(), "--lock-step"]);
    let time = mock.exchange("GET", "/api/v2/public/time", "", "").unwrap();
    assert_eq!(time["data"]["serverTime"], super::START_MS.to_string());
    let day = mock.get("/api/v2/mix/market/history-candles?symbol=BTCUSDT&productType=USDT-FUTURES&granularity=1Dutc&limit=200");
    assert!(day.as_array().unwrap().len() >= 90);
    mock.kill();
}

#[test]
fn a_capture_is_a_market_with_its_own_book() {
    let sandbox = Sandbox::new();
    let push = |action: &str, bid: &str, ask: &str, at: i64, numbers: (u64, u64)| {
        json!({
            "action": action, "arg": { "instType": "USDT-FUTURES", "channel": "books", "instId": "BTCUSDT" },
            "data": [{ "bids": [[bid, "1.5"]], "asks": [[ask, "0.5"]], "ts": at.to_string(),
                       "pseq": numbers.0, "seq": numbers.1 }],
            "ts": at,
        })
        .to_string()
    };
    let start = super::START_MS;
    let lines = [
        push("snapshot", "60000", "60010.5", start, (0, 7)),
        push("update", "60001", "60009", start + 400, (7, 9)),
        push("update", "60002", "60008", start + 3_600_000, (9, 10)),
    ];
    let file = sandbox.write("capture.jsonl", lines.join("\n"));
    let mock = Mock::start(&["--capture", file.to_str().unwrap()]);
    std::thread::sleep(Duration::from_millis(1_200));
    let book = mock.get("/api/v2/mix/market/merge-depth?symbol=BTCUSDT&productType=USDT-FUTURES&limit=5");
    assert_eq!(book["bids"], json!([[60_001.0, 1.5], [60_000.0, 1.5]]), "{book}");
    let ticker = mock.get("/api/v2/mix/market/ticker?symbol=BTCUSDT&productType=USDT-FUTURES");
    assert_eq!((&ticker[0]["bidPr"], &ticker[0]["askPr"]), (&json!("60001"), &json!("60009")));
    mock.kill();
}

#[test]
fn wrong_flags_say_what_to_change() {
    let sandbox = Sandbox::new();
    let file = sandbox.write("bars.csv", csv(&rows(10)));
    let faults = sandbox.write("faults.toml", "[[fault]]\nafter_ms = 5\nfault = \"plague\"");
    let (bars, faults) = (file.to_str().unwrap(), faults.to_str().unwrap());
    for (flags, part) in [
        (vec!["--bars", bars, "--generate", "seed=3"], "cannot be used with"),
        (vec!["--bars", bars, "--start", "2026-01-01"], "cannot be used with"),
        (vec!["--bars", bars, "--symbols", "BTCUSDT,ETHUSDT"], "--symbols BTCUSDT"),
        (vec!["--bars", bars, "--lock-step", "--step", "30s"], "leave --step out"),
        (vec!["--bars", "/nonexistent/bars.csv"], "bars.csv"),
        (vec!["--bars", bars, "--capture", bars], "cannot be used with"),
        (vec!["--capture", bars], "line 1: it is no push"),
        (vec!["--step", "1s"], "--lock-step"),
        (vec!["--lock-step", "0"], "1..=100"),
        (vec!["--lock-step", "--speed", "2"], "cannot be used with"),
        (vec!["--faults", faults], "choose one of"),
        (vec!["--faults", "/nonexistent/faults.toml"], "TOML file of faults"),
        (vec!["--speed", "0"], "1 is real time"),
        (vec!["--symbols", "DOGEUSDT"], "BTCUSDT and ETHUSDT"),
        (vec!["--state", "/proc/nowhere"], "name a directory"),
        (vec!["--account", "k:s:p"], "KEY:SECRET:PASSPHRASE"),
    ] {
        let all: Vec<&dyn AsRef<std::ffi::OsStr>> = std::iter::once(&"mock-exchange")
            .chain(&flags)
            .map(|flag| flag as &dyn AsRef<std::ffi::OsStr>)
            .collect();
        let said = omega(&all);
        assert!(said.code != 0 && said.err.contains(part), "{flags:?}: {}", said.err);
    }
}
