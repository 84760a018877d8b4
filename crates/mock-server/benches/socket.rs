//! How many orders the mock takes over its socket: signed HTTP requests on the loopback, a thread a connection.
//! `cargo bench -p mock-server`; it prints and judges nothing. The clients take their share of the machine.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints")]

use mock_bitget::{AccountSetup, Exchange, Setup};
use mock_server::{Clock, Server};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;
use venue_bitget::sign::{Credentials, Secret};

const CONNECTIONS: usize = 4;
const OFTEN: usize = 10_000;
const PLACE: &str = "/api/v2/mix/order/place-order";

fn request(credentials: &Credentials, at: i64, connection: usize, number: usize) -> String {
    let side = if number.is_multiple_of(2) { "buy" } else { "sell" };
    let body = format!(
        r#"{{"symbol":"BTCUSDT","productType":"USDT-FUTURES","marginMode":"crossed","marginCoin":"USDT","size":"0.01","side":"{side}","orderType":"market","clientOid":"c{connection}-{number}"}}"#
    );
    let sign = credentials.sign(&format!("{at}POST{PLACE}{body}"));
    format!(
        "POST {PLACE} HTTP/1.1\r\nACCESS-KEY: key\r\nACCESS-SIGN: {sign}\r\nACCESS-TIMESTAMP: {at}\r\nACCESS-PASSPHRASE: pass\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn trade(address: &str, at: i64, connection: usize) {
    let secret = |text: &str| Secret::new(text.to_owned());
    let credentials = Credentials::hmac("key".to_owned(), secret("secret"), secret("pass")).unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut reply = [0; 4_096];
    for number in 0..OFTEN {
        stream.write_all(request(&credentials, at, connection, number).as_bytes()).unwrap();
        // A reply to an order is short, and comes whole.
        let read = stream.read(&mut reply).unwrap();
        assert!(reply[..read].starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&reply[..read]));
    }
}

fn main() {
    let clock = Clock::new(1.0).unwrap();
    let setup = Setup { accounts: vec![AccountSetup::short(0, "key:secret:pass:10000000").unwrap()] };
    let mut exchange = Exchange::generated(vec![mock_bitget::btcusdt()], setup, clock.now(), 7);
    exchange.set_limited(false);
    let server = Server::start(SocketAddr::from(([127, 0, 0, 1], 0)), exchange, clock).unwrap();
    let address = server.urls().rest.strip_prefix("http://").unwrap().to_owned();
    let (start, at) = (Instant::now(), clock.now().0);
    std::thread::scope(|scope| {
        for connection in 0..CONNECTIONS {
            let address = &address;
            scope.spawn(move || trade(address, at, connection));
        }
    });
    let taken = (CONNECTIONS * OFTEN) as f64 / start.elapsed().as_secs_f64();
    println!("{CONNECTIONS} connections, one order after the other on each: {taken:.0} orders/s");
}
