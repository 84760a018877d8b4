//! A conversation of the adapter with the mock, written down as it happens: the well-formed bytes that damage starts from.
//!
//! The same on every machine. Refuses to be long: what is damaged has to be read thousands of times a second.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use mock_bitget::{
    AccountSetup, Exchange, Generation as Family, Request as Rest, Said, SessionId, Setup, Stretch,
};
use model::{
    AccountId, AccountMode, Bar, BotId, Bracket, Instrument, Interval, Known, Leg, MarginMode, Mark, OrderId,
    OrderKind, OrderRequest, PositionMode, Price, Qty, Rate, Request, Side, TARGETS_MAX, Target, Time,
    TimeInForce, ToVenue,
};
use venue::MarkBar;
use venue_bitget::account::Wanted;
use venue_bitget::adapter::{Account, Adapter, CallId, Doing, LineId, Market, Settings, Signed};
use venue_bitget::http::Method;
use venue_bitget::order_id::Prefix;
use venue_bitget::request::TriggerBy;
use venue_bitget::sign::{Credentials, Environment, Secret};

/// When every conversation begins.
pub const START: Time = Time(1_760_000_040_000);
/// What is traded.
pub const SYMBOL: &str = "BTCUSDT";
/// What the farm calls the account.
pub const ACCOUNT: AccountId = AccountId(5);
/// Ticks of 0.1 USDT.
pub const PRICE: i64 = 600_000;
const TICK: Interval = Interval(250);
const TICKS: i64 = 56;

/// Generation and position mode of each account; its number is that of its key.
pub const KINDS: [(Family, PositionMode); 4] = [
    (Family::V2, PositionMode::OneWay),
    (Family::V2, PositionMode::Hedge),
    (Family::V3, PositionMode::OneWay),
    (Family::V3, PositionMode::Hedge),
];

/// What was said, in lines.
#[derive(Clone, Debug, Default)]
pub struct Talk {
    /// What the adapter heard, as `adapter` reads it.
    pub tape: Vec<String>,
    /// What the mock heard, as `mock` reads it.
    pub heard: Vec<String>,
    /// Bodies of replies.
    pub replies: Vec<String>,
    /// Frames of the mock's.
    pub frames: Vec<String>,
}

/// The conversation over an account of each kind.
pub fn talks() -> &'static [Talk] {
    static TALKS: OnceLock<Vec<Talk>> = OnceLock::new();
    TALKS.get_or_init(|| (0..KINDS.len()).map(|kind| Recorder::new(kind).record()).collect())
}

/// The key of the account of a kind.
pub fn credentials(kind: usize) -> Credentials {
    let secret = |text: &str| Secret::new(text.to_owned());
    let made = Credentials::hmac(format!("key{kind}"), secret("secret"), secret("pass"));
    made.expect("a key, a secret and a passphrase make credentials")
}

/// An exchange with an account of each kind, whose market stands.
pub fn exchange() -> Exchange {
    let account = |(number, (generation, position))| AccountSetup {
        generation,
        position,
        ..AccountSetup::short(number, &format!("key{number}:secret:pass:10000")).expect("the short form")
    };
    let setup = Setup { accounts: KINDS.into_iter().enumerate().map(account).collect() };
    let mut exchange = Exchange::new(vec![Instrument::btcusdt()], setup, START);
    exchange.set_limited(false);
    exchange.advance(SYMBOL, &stretch(START, PRICE, PRICE, None));
    exchange
}

/// A second of market, straight from a price to another.
pub fn stretch(open_time: Time, from: i64, to: i64, funding: Option<Rate>) -> Stretch {
    let (open, close) = (Price(from), Price(to));
    let bar = Bar { open_time, open, high: open.max(close), low: open.min(close), close, volume: 5.0 };
    let mark = MarkBar::from_basis(Instrument::btcusdt().mark_per_tick(), &bar, Mark::ZERO);
    Stretch { bar, interval: Interval::SECOND, mark, funding }
}

/// An adapter that wants to begin.
pub fn adapter(position: PositionMode, key: usize) -> Adapter {
    let mode = AccountMode { position, margin: MarginMode::Cross, leverage: 10 };
    let wanted = Wanted { mode, known_harmless: Vec::new(), bound_to_addresses: false };
    let account = Account { credentials: credentials(key), wanted, known: Known::nothing(ACCOUNT, START) };
    let from = Time(START.0 - START.0.rem_euclid(60_000));
    let settings = Settings {
        environment: Environment::Live,
        prefix: Prefix::new("obf").expect("three letters are a prefix"),
        symbol: SYMBOL.to_owned(),
        trigger_by: TriggerBy::LastPrice,
        market: Some(Market { base: Interval::MINUTE, from, beside: Vec::new() }),
        accounts: vec![account],
        seed: 7,
        lock_step: false,
    };
    Adapter::new(settings, START)
}

/// What a desk says, by number: every kind of request there is, and its questions.
pub fn saying(number: usize, position: PositionMode, now: Time) -> ToVenue {
    let account = ACCOUNT;
    match number % 12 {
        10 => ToVenue::AskHistory { account, after: 0, asked_at: now },
        11 => ToVenue::AskHolding { account, asked_at: now },
        number => {
            let valid_until = now + Interval(10_000);
            ToVenue::Request { account, request: request(number as u32, position), valid_until }
        }
    }
}

fn request(number: u32, position: PositionMode) -> Request {
    let id = |decision| OrderId { bot: BotId(3), epoch: 1, decision, leg: Leg::Own };
    let gtc = TimeInForce::GoodTillCancelled;
    let limit = |off: i64, tif| OrderKind::Limit { price: Price(PRICE + off), tif };
    let mut order = OrderRequest {
        id: id(number),
        side: Side::Buy,
        position_side: position.opened_by(Side::Buy),
        qty: Qty(10),
        kind: OrderKind::Market,
        reduce_only: false,
        bracket: None,
        one_cancels_other: None,
    };
    match number {
        0 => {
            let mut targets = [Target::default(); TARGETS_MAX];
            targets[0] = Target { price: Price(PRICE + 3_000), qty: Qty(4) };
            order.bracket = Some(Bracket { stop: Price(PRICE - 3_000), targets });
        }
        1 => order.kind = limit(-500, gtc),
        2 => order.kind = limit(-700, TimeInForce::PostOnly),
        3 => order.kind = OrderKind::StopMarket { trigger: Price(PRICE + 900) },
        4 => order.kind = OrderKind::StopLimit { trigger: Price(PRICE + 800), price: Price(PRICE + 850) },
        5 => return Request::Amend { id: id(1), price: Price(PRICE - 600) },
        6 => return Request::Cancel(id(2)),
        7 => order.kind = limit(5, TimeInForce::ImmediateOrCancel),
        8 => return Request::Amend { id: id(0).with_leg(Leg::Stop), price: Price(PRICE - 2_000) },
        _ => {
            (order.side, order.reduce_only) = (Side::Sell, true);
            order.qty = Qty(5);
        }
    }
    Request::Place(order)
}

/// A request of the adapter's as the mock hears it.
fn as_heard(signed: &Signed) -> Rest {
    let (path, query) = signed.target.split_once('?').unwrap_or((signed.target.as_str(), ""));
    Rest {
        method: if signed.method == Method::Get {
            mock_bitget::Method::Get
        } else {
            mock_bitget::Method::Post
        },
        path: path.to_owned(),
        query: query.to_owned(),
        headers: signed.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        body: signed.body.clone(),
    }
}

struct Recorder {
    kind: usize,
    exchange: Exchange,
    adapter: Adapter,
    now: Time,
    sockets: BTreeMap<LineId, SessionId>,
    talk: Talk,
}

impl Recorder {
    fn new(kind: usize) -> Recorder {
        Recorder {
            kind,
            exchange: exchange(),
            adapter: adapter(KINDS[kind].1, kind),
            now: START + Interval::SECOND,
            sockets: BTreeMap::new(),
            talk: Talk::default(),
        }
    }

    fn record(mut self) -> Talk {
        let mut price = PRICE;
        for tick in 1..=TICKS {
            if tick % 4 == 0 {
                let to = PRICE + [0, 300, 950, -300, -800, 100][(tick / 4 % 6) as usize];
                let funding = (tick == 40).then_some(Rate::bps(1));
                self.exchange.advance(SYMBOL, &stretch(self.now, price, to, funding));
                price = to;
            }
            self.now = self.now + TICK;
            self.talk.tape.push(format!("W {}", TICK.0));
            self.exchange.pass(self.now);
            self.carry();
            if tick > 12 && tick % 3 == 0 {
                let number = (tick / 3) as usize - 5;
                self.talk.tape.push(format!("S {number}"));
                self.adapter.say(self.now, saying(number, KINDS[self.kind].1, self.now));
                self.carry();
            }
        }
        self.talk
    }

    /// Does what the adapter wants, at once, and wakes it when it wants to be: exactly as whoever plays the tape will.
    fn carry(&mut self) {
        self.act();
        self.listen();
        while self.adapter.next_wake().is_some_and(|at| at <= self.now) {
            self.adapter.wake(self.now);
            self.act();
            self.listen();
        }
    }

    fn act(&mut self) {
        while let Some(doing) = self.adapter.poll() {
            match doing {
                Doing::Call(call, signed) => self.call(call, &signed),
                Doing::Open(line, _, path) => {
                    let family = if path.starts_with("/v2/") { Family::V2 } else { Family::V3 };
                    let session = self.exchange.connect(self.now, family).expect("a line is free");
                    self.talk.heard.push(format!("+{}", if family == Family::V2 { 2 } else { 3 }));
                    self.talk.tape.push(format!("O {}", line.0));
                    self.sockets.insert(line, session);
                    self.adapter.opened(self.now, line);
                }
                Doing::Say(line, text) => {
                    if let Some(session) = self.sockets.get(&line) {
                        self.talk.heard.push(format!(">{text}"));
                        self.exchange.hear(self.now, *session, &text);
                    }
                }
                Doing::Close(line, _) => drop(self.sockets.remove(&line)),
                _ => {}
            }
        }
    }

    fn call(&mut self, call: CallId, signed: &Signed) {
        let response = self.exchange.rest(self.now, &as_heard(signed));
        let (method, target, body) = (signed.method.name(), &signed.target, &signed.body);
        self.talk.heard.push(format!("{}{method} {target} {body}", self.kind));
        self.talk.tape.push(format!("A {} {}", response.status, response.body));
        self.talk.replies.push(response.body.clone());
        self.adapter.answered(self.now, call, Some((response.status, &response.body)), None);
    }

    fn listen(&mut self) {
        for (line, session) in self.sockets.clone() {
            for said in self.exchange.said(session) {
                match said {
                    Said::Text(text) => {
                        self.talk.tape.push(format!("F {} {text}", line.0));
                        self.adapter.frame(self.now, line, &text);
                        self.talk.frames.push(text);
                        self.act();
                    }
                    Said::Close => {
                        self.sockets.remove(&line);
                        self.talk.tape.push(format!("C {}", line.0));
                        self.adapter.closed(self.now, line);
                    }
                }
            }
        }
    }
}

/// Lines put together to seeds of a size that is quickly read.
pub fn in_pieces(lines: &[String], bytes_max: usize) -> Vec<Vec<u8>> {
    let mut pieces: Vec<Vec<u8>> = vec![Vec::new()];
    for line in lines {
        let last = pieces.last_mut().expect("there is one from the beginning");
        if !last.is_empty() && last.len() + line.len() > bytes_max {
            pieces.push(Vec::new());
        }
        let last = pieces.last_mut().expect("there is one from the beginning");
        last.extend_from_slice(line.as_bytes());
        last.push(b'\n');
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Damage to a conversation in which nothing happens would find nothing.
    #[test]
    fn the_conversations_are_about_something() {
        for (talk, kind) in talks().iter().zip(KINDS) {
            let heard = |word: &str| talk.heard.iter().filter(|line| line.contains(word)).count();
            let told = |word: &str| talk.frames.iter().filter(|frame| frame.contains(word)).count();
            assert!(
                heard("place-order") >= 5 && heard("POST") >= 8 && heard(">") >= 3,
                "{kind:?}: {:#?}",
                talk.heard
            );
            assert!(told("filled") >= 1 && told("ticker") >= 5, "{kind:?}: {:#?}", talk.frames);
            let taken = talk.replies.iter().filter(|body| body.contains("00000")).count();
            assert!(taken * 10 >= talk.replies.len() * 8, "{kind:?}: {:#?}", talk.replies);
            assert_eq!(told("\"event\":\"error\""), 0, "{kind:?}");
        }
    }
}
