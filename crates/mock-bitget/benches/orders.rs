//! How many orders the mock takes: signed requests as text in, replies as text out, without a socket.
//! `cargo bench -p mock-bitget`; it prints and judges nothing.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench reads the clock and prints"
)]

use mock_bitget::{AccountSetup, Exchange, Method, Request, Setup, Stretch};
use model::{Bar, Instrument, Interval, Mark, Price, Time};
use std::time::Instant;
use venue::MarkBar;
use venue_bitget::sign::{Credentials, Secret};

const ROUNDS: usize = 7;
const OFTEN: usize = 20_000;
const NOW: Time = Time(1_760_000_100_000);

fn exchange() -> Exchange {
    let setup = Setup { accounts: vec![AccountSetup::short(0, "key:secret:pass:10000000").unwrap()] };
    let mut exchange = Exchange::new(vec![Instrument::btcusdt()], setup, NOW);
    exchange.set_limited(false);
    let price = Price(600_000);
    let open_time = Time(NOW.0 - 1_000);
    let bar = Bar { open_time, open: price, high: price, low: price, close: price, volume: 1.0 };
    let mark = MarkBar::from_basis(Instrument::btcusdt().mark_per_tick(), &bar, Mark::ZERO);
    exchange.advance("BTCUSDT", &Stretch { bar, interval: Interval::SECOND, mark, funding: None });
    exchange
}

fn signed(credentials: &Credentials, path: &str, body: String) -> Request {
    let sign = credentials.sign(&format!("{}POST{path}{body}", NOW.0));
    let headers = [
        ("ACCESS-KEY", "key".to_owned()),
        ("ACCESS-SIGN", sign),
        ("ACCESS-TIMESTAMP", NOW.0.to_string()),
        ("ACCESS-PASSPHRASE", "pass".to_owned()),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
    Request { method: Method::Post, path: path.to_owned(), query: String::new(), headers, body }
}

/// Orders a second, the median of several rounds on an exchange each.
fn per_second(name: &str, body: impl Fn(usize) -> Vec<(&'static str, String)>) {
    let secret = |text: &str| Secret::new(text.to_owned());
    let credentials = Credentials::hmac("key".to_owned(), secret("secret"), secret("pass")).unwrap();
    let requests: Vec<Request> =
        (0..OFTEN).flat_map(&body).map(|(path, body)| signed(&credentials, path, body)).collect();
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let mut exchange = exchange();
            let start = Instant::now();
            for request in &requests {
                let response = exchange.rest(NOW, request);
                assert_eq!(response.status, 200, "{}", response.body);
            }
            requests.len() as f64 / start.elapsed().as_secs_f64()
        })
        .collect();
    rounds.sort_unstable_by(f64::total_cmp);
    println!("{name}: {:.0} requests/s", rounds[ROUNDS / 2]);
}

const PLACE: &str = "/api/v2/mix/order/place-order";
const CANCEL: &str = "/api/v2/mix/order/cancel-order";

fn order(number: usize, side: &str, more: &str) -> String {
    format!(
        r#"{{"symbol":"BTCUSDT","productType":"USDT-FUTURES","marginMode":"crossed","marginCoin":"USDT","size":"0.01","side":"{side}","clientOid":"c{number}",{more}}}"#
    )
}

fn main() {
    per_second("market orders that fill", |i| {
        let side = if i.is_multiple_of(2) { "buy" } else { "sell" };
        vec![(PLACE, order(i, side, r#""orderType":"market""#))]
    });
    per_second("limit orders that rest, and their cancels", |i| {
        let cancel = format!(r#"{{"symbol":"BTCUSDT","productType":"USDT-FUTURES","clientOid":"c{i}"}}"#);
        vec![
            (PLACE, order(i, "buy", r#""orderType":"limit","price":"59000","reduceOnly":"NO""#)),
            (CANCEL, cancel),
        ]
    });
}
