//! The mock under arbitrary requests and frames, signed as they should be, so that damage gets past the door.
//!
//! Lines: `0GET /path?query` and `0POST /path body` of the account with that number (`!` before it: not signed), `+2` and
//! `+3` open a line of that generation, `>text` is said on the newest one, `-` hangs up, `W ms` lets time pass. It refuses
//! replies that are no JSON, books that do not balance, and outboxes without a bound.

use mock_bitget::{Exchange, Generation, Method, OUTBOX_MAX, Request, Said, SessionId};
use model::{Interval, Time};

use super::talk::{PRICE, START, SYMBOL, credentials, exchange, in_pieces, stretch, talks};

const LINES_MAX: usize = 400;
/// Lines between two seconds of market.
const LINES_PER_SECOND: usize = 5;
/// The largest body or frame.
const SAID_BYTES_MAX: usize = 1 << 20;
const SEED_BYTES_MAX: usize = 3 * 1_024;

fn lines_of(wanted: impl Fn(&str) -> bool) -> Vec<Vec<u8>> {
    let of = |talk: &super::talk::Talk| {
        let lines: Vec<String> = talk.heard.iter().filter(|line| wanted(line)).cloned().collect();
        in_pieces(&lines, SEED_BYTES_MAX)
    };
    talks().iter().flat_map(of).collect()
}

/// Requests, and the faults that can be asked for.
pub fn requests() -> Vec<Vec<u8>> {
    let mut seeds = lines_of(|line| !line.starts_with(['+', '>']));
    seeds.push(FAULTS.as_bytes().to_vec());
    seeds.push(READS.as_bytes().to_vec());
    seeds
}

/// Frames, with the orders that give them something to tell.
pub fn conversations() -> Vec<Vec<u8>> {
    lines_of(|line| line.starts_with(['+', '>']) || line.contains("POST"))
}

const FAULTS: &str = r#"0POST /mock/faults {"fault":"refuse","count":2}
0POST /mock/faults {"fault":"clock_jump","ms":-5000}
0POST /mock/faults {"fault":"liquidate","uid":"1000000001","symbol":"BTCUSDT"}
0POST /mock/faults {"fault":"deleverage","uid":"1000000001","symbol":"BTCUSDT","side":"long","size":"0.01","price":"1"}
"#;

const READS: &str = "0GET /api/v2/mix/market/candles?symbol=BTCUSDT&productType=USDT-FUTURES&granularity=1m&limit=10&startTime=1&endTime=9
0GET /api/v2/mix/market/merge-depth?symbol=BTCUSDT&productType=USDT-FUTURES&limit=max&precision=scale0
0GET /api/v2/mix/market/fills?symbol=BTCUSDT&productType=USDT-FUTURES&limit=100
2GET /api/v3/market/candles?category=USDT-FUTURES&symbol=BTCUSDT&interval=1H&limit=1000
2GET /api/v3/market/orderbook?category=USDT-FUTURES&symbol=BTCUSDT&limit=200
";

/// Requests.
pub fn mock_rest(bytes: &[u8]) {
    play(bytes);
}

/// Sockets.
pub fn mock_socket(bytes: &[u8]) {
    play(bytes);
}

fn play(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut player =
        Player { exchange: exchange(), now: START + Interval::SECOND, price: PRICE, lines: vec![] };
    for (number, line) in text.lines().take(LINES_MAX).enumerate() {
        player.play(line);
        player.listen();
        if number % LINES_PER_SECOND == LINES_PER_SECOND - 1 {
            player.trade(number as i64);
        }
        assert!(player.exchange.is_balanced(), "the books do not balance after {line}");
    }
}

struct Player {
    exchange: Exchange,
    now: Time,
    price: i64,
    lines: Vec<SessionId>,
}

impl Player {
    fn play(&mut self, line: &str) {
        let mut letters = line.chars();
        match letters.next() {
            Some('+') => {
                let generation = if letters.next() == Some('3') { Generation::V3 } else { Generation::V2 };
                self.lines.extend(self.exchange.connect(self.now, generation));
            }
            Some('-') => self.lines.pop().into_iter().for_each(|session| self.exchange.hung_up(session)),
            Some('>') => {
                if let Some(session) = self.lines.last() {
                    self.exchange.hear(self.now, *session, letters.as_str());
                }
            }
            Some('W') => {
                let ms = letters.as_str().trim().parse::<i64>().unwrap_or(0).clamp(0, 600_000);
                self.now = self.now + Interval(ms);
                self.exchange.pass(self.now);
            }
            Some('!') => self.ask(letters.as_str(), None),
            Some(digit) => self.ask(letters.as_str(), Some(digit.to_digit(4).unwrap_or(0) as usize)),
            None => {}
        }
    }

    fn ask(&mut self, text: &str, account: Option<usize>) {
        let (method, rest) = text.split_once(' ').unwrap_or((text, ""));
        let (target, body) = rest.split_once(' ').unwrap_or((rest, ""));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let method = if method == "POST" { Method::Post } else { Method::Get };
        let mut request = Request {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: vec![],
            body: body.to_owned(),
        };
        if let Some(account) = account {
            let at = self.now.0.to_string();
            let signature = credentials(account).sign(&format!("{at}{}{target}{body}", method.name()));
            let key = format!("key{account}");
            let headers = [
                ("ACCESS-KEY", key.as_str()),
                ("ACCESS-SIGN", &signature),
                ("ACCESS-TIMESTAMP", &at),
                ("ACCESS-PASSPHRASE", "pass"),
            ];
            request.headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        }
        let response = self.exchange.rest(self.now, &request);
        assert!(response.body.len() <= SAID_BYTES_MAX, "{} bytes for {text}", response.body.len());
        if response.status != 502 {
            let reply: serde_json::Value =
                serde_json::from_str(&response.body).expect("a reply of the exchange's is JSON");
            let done = reply["code"] == "00000";
            assert!(reply["code"].is_string() && done == (response.status == 200), "{}", response.body);
        }
    }

    fn listen(&mut self) {
        let exchange = &mut self.exchange;
        self.lines.retain(|session| {
            let said = exchange.said(*session);
            assert!(said.len() <= OUTBOX_MAX + 1, "{} frames wait", said.len());
            for one in &said {
                if let Said::Text(text) = one {
                    assert!(text.len() <= SAID_BYTES_MAX, "a frame of {} bytes", text.len());
                    let sound = text == "pong" || serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
                    assert!(sound, "a frame that is no JSON: {text}");
                }
            }
            !said.contains(&Said::Close)
        });
    }

    /// A second of market, up and down so that triggers go off.
    fn trade(&mut self, number: i64) {
        let to = PRICE + [400, -900, 1_200, -4_000, 0][(number / LINES_PER_SECOND as i64 % 5) as usize];
        self.exchange.advance(SYMBOL, &stretch(self.now, self.price, to, None));
        self.price = to;
        self.now = self.now + Interval::SECOND;
        self.listen();
    }
}
