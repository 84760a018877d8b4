//! Raw clients: signed requests and lines, with nothing of the server's or the adapter's protocol core between.

use mock_bitget::{AccountSetup, Exchange, Generation, Setup};
use mock_server::{Clock, Server};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};
use tungstenite::{Message, WebSocket};
use venue_bitget::sign::{Credentials, Secret};

pub const PATIENCE: Duration = Duration::from_secs(20);
pub const LOCALHOST: [u8; 4] = [127, 0, 0, 1];

pub fn listen(exchange: Exchange, clock: Clock) -> Server {
    Server::start(SocketAddr::from((LOCALHOST, 0)), exchange, clock).unwrap()
}

/// A server with a made market and classic accounts `k0`, `k1`, …
pub fn server(accounts: usize) -> Server {
    let clock = Clock::new(1.0).unwrap();
    let setup = setup(&vec![Generation::V2; accounts]);
    listen(Exchange::generated(vec![mock_bitget::btcusdt()], setup, clock.now(), 7), clock)
}

pub fn setup(generations: &[Generation]) -> Setup {
    let accounts = generations.iter().enumerate().map(|(number, generation)| {
        let account = AccountSetup::short(number, &format!("k{number}:s:p:10000")).unwrap();
        AccountSetup { generation: *generation, ..account }
    });
    Setup { accounts: accounts.collect() }
}

pub fn address(server: &Server) -> String {
    server.urls().rest.strip_prefix("http://").unwrap().to_owned()
}

/// How often something went wrong, as the admin endpoint says.
pub fn counted(server: &Server, name: &str) -> u64 {
    let text = said(server, b"GET /mock/counters HTTP/1.1\r\nConnection: close\r\n\r\n");
    let body: Value = serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap();
    body["data"]["counted"][name].as_u64().unwrap_or(0)
}

/// Waits until something was counted.
pub fn wait_for(server: &Server, name: &str) {
    let until = Instant::now() + PATIENCE;
    while counted(server, name) == 0 {
        assert!(Instant::now() < until, "`{name}` is never counted");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Everything that is said in reply to bytes, until the end.
pub fn said(server: &Server, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address(server)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(bytes).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// Somebody with a key and a connection.
pub struct Client {
    stream: TcpStream,
    credentials: Credentials,
    key: String,
    /// What the exchange's clock showed when it was last asked.
    pub at: i64,
}

fn credentials(key: &str, secret: &str) -> Credentials {
    let hidden = |text: &str| Secret::new(text.to_owned());
    Credentials::hmac(key.to_owned(), hidden(secret), hidden("p")).unwrap()
}

impl Client {
    pub fn new(address: &str, key: &str) -> Client {
        Client::with_secret(address, key, "s")
    }

    pub fn with_secret(address: &str, key: &str, secret: &str) -> Client {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut client = Client { stream, credentials: credentials(key, secret), key: key.to_owned(), at: 0 };
        client.look_at_the_clock();
        client
    }

    pub fn look_at_the_clock(&mut self) {
        let (_, time) = self.send("GET", "/api/v2/public/time", "");
        self.at = time["data"]["serverTime"].as_str().unwrap().parse().unwrap();
    }

    pub fn head(&self, method: &str, target: &str, body: &str) -> String {
        let Client { at, key, .. } = self;
        let sign = self.credentials.sign(&format!("{at}{method}{target}{body}"));
        format!(
            "{method} {target} HTTP/1.1\r\nHost: x\r\nACCESS-KEY: {key}\r\nACCESS-SIGN: {sign}\r\nACCESS-TIMESTAMP: {at}\r\nACCESS-PASSPHRASE: p\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    /// A signed request: status and reply.
    pub fn send(&mut self, method: &str, target: &str, body: &str) -> (u16, Value) {
        let bytes = self.head(method, target, body);
        self.say(bytes.as_bytes())
    }

    /// Bytes as they are, which are answered like a request.
    pub fn say(&mut self, bytes: &[u8]) -> (u16, Value) {
        self.stream.write_all(bytes).unwrap();
        let (status, body) = self.reply();
        (status, serde_json::from_str(&body).unwrap_or(Value::String(body)))
    }

    fn reply(&mut self) -> (u16, String) {
        let mut bytes = Vec::new();
        let mut chunk = [0; 65_536];
        loop {
            let read = self.stream.read(&mut chunk).unwrap();
            assert!(read > 0, "the line ended: {}", String::from_utf8_lossy(&bytes));
            bytes.extend_from_slice(&chunk[..read]);
            let text = String::from_utf8_lossy(&bytes);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
            if body.len() >= length.parse().unwrap() {
                return (head[9..12].parse().unwrap(), body.to_owned());
            }
        }
    }

    pub fn get(&mut self, target: &str) -> Value {
        let (status, value) = self.send("GET", target, "");
        assert_eq!((status, value["code"].as_str()), (200, Some("00000")), "{target}: {value}");
        value["data"].clone()
    }

    pub fn post(&mut self, target: &str, body: &Value) -> Value {
        let (status, value) = self.send("POST", target, &body.to_string());
        assert_eq!((status, value["code"].as_str()), (200, Some("00000")), "{target}: {value}");
        value["data"].clone()
    }

    /// Lets something go wrong.
    pub fn fault(&mut self, fault: &Value) {
        let (status, value) = self.send("POST", "/mock/faults", &fault.to_string());
        assert_eq!(status, 200, "{value}");
    }

    pub fn login_frame(&self) -> String {
        self.credentials.login_frame(model::Time(self.at))
    }
}

/// A market order of a classic account.
pub fn market_order(side: &str, size: &str, client: &str) -> Value {
    json!({
        "symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginMode": "crossed", "marginCoin": "USDT",
        "size": size, "side": side, "orderType": "market", "clientOid": client,
    })
}

pub const PLACE: &str = "/api/v2/mix/order/place-order";

/// A WebSocket.
pub struct Line(pub WebSocket<TcpStream>);

impl Line {
    pub fn new(url: &str) -> Line {
        let address = url.strip_prefix("ws://").and_then(|url| url.split('/').next()).unwrap();
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Line(tungstenite::client(url, stream).unwrap().0)
    }

    pub fn send(&mut self, text: &str) {
        self.0.send(Message::text(text)).unwrap();
    }

    pub fn hear(&mut self) -> String {
        self.0.read().unwrap().into_text().unwrap().to_string()
    }

    /// What is said within a while, or nothing.
    pub fn hear_within(&mut self, lasts: Duration) -> Option<String> {
        self.0.get_ref().set_read_timeout(Some(lasts)).unwrap();
        let heard = self.0.read();
        self.0.get_ref().set_read_timeout(Some(PATIENCE)).unwrap();
        heard.ok().map(|message| message.into_text().unwrap().to_string())
    }

    /// Whether the other side ends it.
    pub fn ends(&mut self) -> bool {
        loop {
            match self.0.read() {
                Ok(Message::Close(_)) | Err(_) => return true,
                Ok(_) => {}
            }
        }
    }

    /// Everything up to and including the first frame that holds a text.
    pub fn hear_until(&mut self, part: &str) -> Vec<String> {
        let mut heard = Vec::new();
        loop {
            heard.push(self.hear());
            if heard.last().is_some_and(|text| text.contains(part)) {
                return heard;
            }
        }
    }

    pub fn subscribe(&mut self, args: &[Value]) {
        self.send(&json!({ "op": "subscribe", "args": args }).to_string());
    }
}
