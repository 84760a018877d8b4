//! A client over real sockets, on the loopback: requests, a line that is told of the market, and rude ones.
#![allow(clippy::unwrap_used)]

mod client;
mod family;
mod faults;
mod lockstep;
mod rude;

use client::{PATIENCE, address, said, server};
use std::net::TcpStream;
use tungstenite::Message;

#[test]
fn requests_are_answered_one_after_the_other() {
    let server = server(1);
    let one = "GET /api/v2/public/time HTTP/1.1\r\nHost: x\r\n\r\n";
    let last = one.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    let text = said(&server, format!("{one}{one}{last}").as_bytes());
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 3, "{text}");
    assert_eq!(text.matches("serverTime").count(), 3);
}

#[test]
fn a_line_is_told_of_the_market() {
    let server = server(1);
    let stream = TcpStream::connect(address(&server)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
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
