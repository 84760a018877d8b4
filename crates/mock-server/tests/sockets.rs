//! A client over real sockets, on the loopback: requests, a line that is told of the market, and rude ones.
#![allow(clippy::unwrap_used)]

use mock_bitget::{AccountSetup, Exchange, Setup};
use mock_server::{Clock, Server};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use tungstenite::Message;

fn server() -> Server {
    let clock = Clock::new(1.0).unwrap();
    let setup = Setup { accounts: vec![AccountSetup::short(0, "k:s:p:1000").unwrap()] };
    let exchange = Exchange::generated(vec![mock_bitget::btcusdt()], setup, clock.now(), 7);
    Server::start(SocketAddr::from(([127, 0, 0, 1], 0)), exchange, clock).unwrap()
}

fn address(server: &Server) -> String {
    server.urls().rest.strip_prefix("http://").unwrap().to_owned()
}

fn said(server: &Server, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address(server)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(bytes).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn requests_are_answered_one_after_the_other() {
    let server = server();
    let one = "GET /api/v2/public/time HTTP/1.1\r\nHost: x\r\n\r\n";
    let last = one.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    let text = said(&server, format!("{one}{one}{last}").as_bytes());
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 3, "{text}");
    assert_eq!(text.matches("serverTime").count(), 3);
}

#[test]
fn rude_clients_are_shown_out() {
    let server = server();
    for (bytes, status) in [
        ("nonsense\r\n\r\n", " 400 "),
        ("PUT / HTTP/1.1\r\n\r\n", " 405 "),
        ("POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n", " 413 "),
        ("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", " 400 "),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", " 411 "),
        ("GET /v9/ws HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n", " 404 "),
    ] {
        let text = said(&server, bytes.as_bytes());
        assert!(text.starts_with("HTTP/1.1") && text.contains(status), "{bytes}: {text}");
    }
    let long = format!("GET / HTTP/1.1\r\nX: {}\r\n", "x".repeat(20_000));
    assert!(said(&server, long.as_bytes()).contains(" 431 "));
}

#[test]
fn a_line_is_told_of_the_market() {
    let server = server();
    let stream = TcpStream::connect(address(&server)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let (mut line, _) = tungstenite::client(server.urls().v2[0].as_str(), stream).unwrap();
    line.send(Message::text("ping")).unwrap();
    assert_eq!(line.read().unwrap(), Message::text("pong"));
    let arg = r#"{"instType":"USDT-FUTURES","channel":"books","instId":"BTCUSDT"}"#;
    line.send(Message::text(format!(r#"{{"op":"subscribe","args":[{arg}]}}"#))).unwrap();
    let mut heard = Vec::new();
    while heard.len() < 4 {
        heard.push(line.read().unwrap().into_text().unwrap().to_string());
    }
    assert!(heard[0].contains(r#""event":"subscribe""#) && heard[1].contains(r#""action":"snapshot""#));
    assert!(heard[2..].iter().all(|text| text.contains(r#""action":"update""#)), "{heard:?}");
}
