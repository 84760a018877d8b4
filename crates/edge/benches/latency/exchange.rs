//! An exchange whose ticks are sent, and whose orders are received, at known instants.
//!
//! REST and the private line are the mock's; the public lines are here, so that a tick goes when the bench says so, and
//! among those of all others. Refuses to answer later than it must.

use mock_bitget::{AccountSetup, Exchange, Method, Request, Setup};
use mock_server::{Clock, Server};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tungstenite::{Message, WebSocket};

const ORDER: &str = "/api/v2/mix/order/place-order";

/// A public line: what is subscribed on it, and where to write.
struct Line {
    names: Vec<String>,
    stream: TcpStream,
}

pub struct Venue {
    pub mock: Server,
    clock: Clock,
    lines: Mutex<Vec<Arc<Mutex<Line>>>>,
}

/// An exchange that runs until the process ends: it, its address, and when orders arrive.
pub fn start() -> (Arc<Venue>, SocketAddr, Receiver<Instant>) {
    let clock = Clock::new(1.0).unwrap();
    let setup = Setup { accounts: vec![AccountSetup::short(0, "key:secret:pass:100000").unwrap()] };
    let mut exchange = Exchange::generated(vec![mock_bitget::btcusdt()], setup, clock.now(), 7);
    exchange.set_limited(false);
    let mock = Server::start(SocketAddr::from(([127, 0, 0, 1], 0)), exchange, clock).unwrap();
    let venue = Arc::new(Venue { mock, clock, lines: Mutex::default() });
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = channel();
    let shared = Arc::clone(&venue);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (venue, tell) = (Arc::clone(&shared), tell.clone());
            std::thread::spawn(move || venue.serve(stream.unwrap(), &tell));
        }
    });
    (venue, address, told)
}

/// A ticker row of a symbol, as Bitget has it.
pub fn ticker(name: &str, price: &str) -> String {
    format!(
        concat!(
            r#"{{"action":"snapshot","arg":{{"instType":"USDT-FUTURES","channel":"ticker","instId":"{n}"}},"#,
            r#""data":[{{"instId":"{n}","lastPr":"{p}","bidPr":"{p}","askPr":"{p}","bidSz":"2.71","#,
            r#""askSz":"8.76","open24h":"27000.5","high24h":"30668.5","low24h":"26999.0","change24h":"-0.00002","#,
            r#""fundingRate":"0.000010","nextFundingTime":"1695722400000","markPrice":"{p}","indexPrice":"{p}","#,
            r#""holdingAmount":"929.502","baseVolume":"368.900","quoteVolume":"10152429.961","openUtc":"27000.5","#,
            r#""symbolType":1,"symbol":"{n}","deliveryPrice":"0","ts":"{t}"}}],"ts":{t}}}"#
        ),
        n = name,
        p = price,
        t = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis(),
    )
}

/// A server's text frame.
fn frame(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap().to_be_bytes();
    [&[0x81, 126], &length[..], text.as_bytes()].concat()
}

impl Venue {
    fn serve(&self, mut stream: TcpStream, orders: &Sender<Instant>) {
        stream.set_nodelay(true).unwrap();
        let mut start = [0; 1_024];
        let peeked = stream.peek(&mut start).unwrap();
        if start[..peeked].starts_with(b"GET /v2/ws") {
            return self.line(stream);
        }
        let mut bytes = Vec::new();
        let mut chunk = [0; 65_536];
        loop {
            let Ok(read @ 1..) = stream.read(&mut chunk) else { return };
            bytes.extend_from_slice(&chunk[..read]);
            let at = Instant::now();
            while let Some((request, length)) = request(&bytes) {
                bytes.drain(..length);
                if request.path == ORDER {
                    orders.send(at).unwrap();
                }
                let reply = self.mock.with(|exchange| exchange.rest(self.clock.now(), &request));
                let head =
                    format!("HTTP/1.1 {} X\r\nContent-Length: {}\r\n\r\n", reply.status, reply.body.len());
                stream.write_all((head + &reply.body).as_bytes()).unwrap();
            }
        }
    }

    fn line(&self, stream: TcpStream) {
        let writer = stream.try_clone().unwrap();
        let mut socket = tungstenite::accept(stream).unwrap();
        let line = Arc::new(Mutex::new(Line { names: Vec::new(), stream: writer }));
        self.lines.lock().unwrap().push(Arc::clone(&line));
        while let Ok(message) = socket.read() {
            let Message::Text(text) = message else { continue };
            if text.as_str() == "ping" {
                line.lock().unwrap().stream.write_all(b"\x81\x04pong").unwrap();
                continue;
            }
            let value: serde_json::Value = serde_json::from_str(text.as_str()).unwrap();
            for arg in value["args"].as_array().unwrap() {
                let mut line = line.lock().unwrap();
                let acknowledged = format!(r#"{{"event":"subscribe","arg":{arg}}}"#);
                line.stream.write_all(&frame(&format!("{acknowledged:<126}"))).unwrap();
                let name = arg["instId"].as_str().unwrap().to_owned();
                if arg["channel"] == "ticker" {
                    line.names.push(name);
                } else {
                    let rows = format!(r#"{{"action":"snapshot","arg":{arg},"data":[],"ts":1}}"#);
                    line.stream.write_all(&frame(&format!("{rows:<126}"))).unwrap();
                }
            }
        }
    }

    /// Instruments that are subscribed to.
    pub fn instruments(&self) -> usize {
        self.lines.lock().unwrap().iter().map(|line| line.lock().unwrap().names.len()).sum()
    }

    /// Sends a tick of every instrument but one, so many of them at a time, for ever.
    pub fn stream(&self, but: &str, a_second: u32) {
        const AT_ONCE: usize = 10;
        let pause = Duration::from_secs(1) / a_second * u32::try_from(AT_ONCE).unwrap();
        let mut at = 0;
        loop {
            let lines = self.lines.lock().unwrap().clone();
            for line in &lines {
                let mut line = line.lock().unwrap();
                let names: Vec<String> = line.names.iter().filter(|name| *name != but).cloned().collect();
                let some = names.len().min(AT_ONCE.div_ceil(lines.len()));
                for n in 0..some {
                    let text = ticker(&names[(at + n) % names.len()], "1234.5");
                    if line.stream.write_all(&frame(&text)).is_err() {
                        line.names.clear();
                        break;
                    }
                }
            }
            at += AT_ONCE.div_ceil(lines.len().max(1));
            std::thread::sleep(pause);
        }
    }

    /// Whether an instrument is subscribed to.
    pub fn has(&self, name: &str) -> bool {
        let lines = self.lines.lock().unwrap().clone();
        lines.iter().any(|line| line.lock().unwrap().names.iter().any(|one| one == name))
    }

    /// Sends one tick of an instrument; when.
    pub fn tick(&self, name: &str, price: &str) -> Instant {
        let bytes = frame(&ticker(name, price));
        let lines = self.lines.lock().unwrap().clone();
        let line = lines.iter().find(|line| line.lock().unwrap().names.iter().any(|one| one == name));
        let mut line = line.expect("it is subscribed to").lock().unwrap();
        let at = Instant::now();
        line.stream.write_all(&bytes).unwrap();
        at
    }

    /// Closes and forgets every public line.
    pub fn hang_up(&self) {
        for line in self.lines.lock().unwrap().drain(..) {
            let _closed = line.lock().unwrap().stream.shutdown(std::net::Shutdown::Both);
        }
    }

    /// The last price of the mock's market.
    pub fn price(&self) -> String {
        let path = "/api/v2/mix/market/ticker".to_owned();
        let query = "productType=USDT-FUTURES&symbol=BTCUSDT".to_owned();
        let request = Request { method: Method::Get, path, query, headers: Vec::new(), body: String::new() };
        let reply = self.mock.with(|exchange| exchange.rest(self.clock.now(), &request));
        let value: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
        value["data"][0]["lastPr"].as_str().unwrap().to_owned()
    }
}

fn request(bytes: &[u8]) -> Option<(Request, usize)> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..head]).unwrap();
    let headers: Vec<(String, String)> = text
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|header| header.0 == "content-length");
    let end = head + length.map_or(0, |header| header.1.parse().unwrap());
    let body = String::from_utf8(bytes.get(head..end)?.to_vec()).unwrap();
    let mut words = text.split(' ');
    let method = if words.next() == Some("POST") { Method::Post } else { Method::Get };
    let target = words.next().unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (path, query) = (path.to_owned(), query.to_owned());
    Some((Request { method, path, query, headers, body }, end))
}

/// A bare echo over WebSockets: our end of it.
pub fn echo() -> WebSocket<TcpStream> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let (mut socket, _) = tungstenite::client(format!("ws://{address}/"), stream).unwrap();
        while let Ok(message) = socket.read() {
            socket.send(message).unwrap();
        }
    });
    let (stream, _) = listener.accept().unwrap();
    stream.set_nodelay(true).unwrap();
    tungstenite::accept(stream).unwrap()
}
