//! The conformance suite on the adapter, its sockets and the mock: both generations, both position modes, real time.
//!
//! Every case has an exchange, a server and a link of its own, so what one leaves behind is nobody's. Cases wait for sockets
//! and for the adapter's own pauses, so several are played at a time.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use edge::exchange::{Clock, Link, Told, Urls};
use mock_bitget::{AccountSetup, Exchange, Generation, Request as Rest, Setup, Stretch};
use mock_server::Server;
use model::{
    AccountId, AccountMode, Bar, FromVenue, Instrument, Interval, Known, MarginMode, Mark, OrderId,
    OrderRequest, PositionMode, Price, Rate, Request, Time, ToVenue, Usd,
};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use venue::MarkBar;
use venue::conformance::{Case, Subject, cases};
use venue_bitget::account::Wanted;
use venue_bitget::adapter::{Account, Adapter, Alert, Settings};
use venue_bitget::http::Method;
use venue_bitget::order_id::{Prefix, Sent};
use venue_bitget::request::{Handle, Place, Resting, Terms, TriggerBy};
use venue_bitget::sign::{Credentials, Environment, Secret};

const ACCOUNTS: [AccountId; 2] = [AccountId(5), AccountId(6)];
const BALANCE: Usd = Usd(10_000_000_000);
const PRICE: Price = Price(600_000);
const SYMBOL: &str = "BTCUSDT";
/// How much of the market is told at a time.
const STRETCH: Interval = Interval(4);
/// Cases that are played at a time.
const AT_A_TIME: usize = 8;

/// An adapter on sockets, and the exchange behind them.
struct OverSockets {
    server: Server,
    link: Option<Link<Adapter>>,
    kind: (Generation, PositionMode),
    instrument: Instrument,
    price: Price,
    alerts: Vec<Alert>,
    early: Vec<FromVenue>,
}

fn credentials(which: usize) -> Credentials {
    let part = |letter: char| format!("{letter}{which}");
    Credentials::hmac(part('k'), Secret::new(part('s')), Secret::new(part('p'))).unwrap()
}

fn uid(which: usize) -> String {
    AccountSetup::short(which, "k:s:p:1").unwrap().uid
}

impl OverSockets {
    fn new(kind: (Generation, PositionMode)) -> OverSockets {
        let (generation, position) = kind;
        let accounts = (0..ACCOUNTS.len()).map(|which| AccountSetup {
            generation,
            position,
            balance: BALANCE,
            ..AccountSetup::short(which, &format!("k{which}:s{which}:p{which}:1")).unwrap()
        });
        let clock = mock_server::Clock::new(1.0).unwrap();
        let instrument = Instrument::btcusdt();
        let setup = Setup { accounts: accounts.collect() };
        let mut exchange = Exchange::new(vec![instrument.clone()], setup, clock.now());
        exchange.set_limited(false);
        let server = Server::start(SocketAddr::from(([127, 0, 0, 1], 0)), exchange, clock).unwrap();
        let (alerts, early) = (Vec::new(), Vec::new());
        let mut subject = OverSockets { server, link: None, kind, instrument, price: PRICE, alerts, early };
        subject.trade(PRICE, PRICE);
        let now = subject.now();
        subject.rise(ACCOUNTS.map(|account| Known::nothing(account, now)).to_vec());
        subject
    }

    fn mode_of_account(&self) -> AccountMode {
        AccountMode { position: self.kind.1, margin: MarginMode::Cross, leverage: 10 }
    }

    fn take(&mut self, told: Told) {
        match told {
            Told::Tell(said) => self.early.push(said),
            Told::Alert(alert) => self.alerts.push(alert),
            _ => {}
        }
    }

    fn walk(&mut self, open: Price, close: Price, funding: Option<Rate>) {
        let (high, low) = (open.max(close), open.min(close));
        let mark_per_tick = self.instrument.mark_per_tick();
        self.server.with(|exchange| {
            let mut open_time = exchange.now();
            if open_time.0 % 60_000 + STRETCH.0 > 60_000 {
                open_time = open_time.floor(Interval::MINUTE) + Interval::MINUTE;
            }
            let bar = Bar { open_time, open, high, low, close, volume: 9.0 };
            let mark = MarkBar::from_basis(mark_per_tick, &bar, Mark::ZERO);
            exchange.advance(SYMBOL, &Stretch { bar, interval: STRETCH, mark, funding });
        });
        self.price = close;
    }

    /// What a stranger asks of an account, through a door of his own.
    fn by_hand(&mut self, account: AccountId, request: &Request) {
        let now = self.now();
        let listing = self.link.as_ref().unwrap().protocol().listing().unwrap().clone();
        let terms = Terms {
            generation: match self.kind.0 {
                Generation::V2 => venue_bitget::wire::Generation::V2,
                Generation::V3 => venue_bitget::wire::Generation::V3,
            },
            mode: self.mode_of_account(),
            prefix: Prefix::new("usr").unwrap(),
            listing: &listing,
            trigger_by: TriggerBy::LastPrice,
        };
        let resting = match request {
            Request::Cancel(order) => {
                let handle = Handle::Client(Sent { order: *order, revision: 0 });
                let qty = model::Qty::ZERO;
                Some(Resting { handle, place: Place::Book, qty, reduce_only: false, revision: 0 })
            }
            _ => None,
        };
        let http = terms.send(request, resting.as_ref(), None).unwrap();
        let which = ACCOUNTS.iter().position(|id| *id == account).unwrap();
        let headers = credentials(which).headers(&http, now, Environment::Live);
        let target = http.target();
        let (path, query) = target.split_once('?').unwrap_or((target.as_str(), ""));
        let rest = Rest {
            method: match http.method {
                Method::Get => mock_bitget::Method::Get,
                Method::Post => mock_bitget::Method::Post,
            },
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            body: http.body.clone(),
        };
        let response = self.server.with(|exchange| exchange.rest(now, &rest));
        assert!(response.body.contains("\"00000\""), "{}", response.body);
    }
}

impl Subject for OverSockets {
    fn mode(&self) -> PositionMode {
        self.kind.1
    }

    fn accounts(&self) -> [AccountId; 2] {
        ACCOUNTS
    }

    fn balance(&self) -> Usd {
        BALANCE
    }

    fn instrument(&self) -> &Instrument {
        &self.instrument
    }

    fn now(&mut self) -> Time {
        self.link.as_mut().map_or_else(|| Clock::machine().now(), Link::now)
    }

    fn price(&self) -> Price {
        self.price
    }

    fn say(&mut self, said: ToVenue) {
        self.link.as_mut().unwrap().send(said).unwrap();
    }

    fn listen(&mut self) -> Vec<FromVenue> {
        let mut wait = Duration::from_millis(20);
        while let Some(told) = self.link.as_mut().and_then(|link| link.recv_timeout(wait)) {
            self.take(told);
            wait = Duration::ZERO;
        }
        std::mem::take(&mut self.early)
    }

    fn trade(&mut self, open: Price, close: Price) {
        self.walk(open, close, None);
    }

    fn fund(&mut self, rate: Rate) {
        self.walk(self.price, self.price, Some(rate));
    }

    fn place_by_hand(&mut self, account: AccountId, order: OrderRequest) {
        self.by_hand(account, &Request::Place(order));
    }

    fn cancel_by_hand(&mut self, account: AccountId, id: OrderId) {
        self.by_hand(account, &Request::Cancel(id));
    }

    fn deliver(&mut self) {
        let until = Instant::now() + Duration::from_millis(300);
        while Instant::now() < until {
            self.link.as_mut().unwrap().recv_timeout(Duration::from_millis(10));
        }
    }

    fn die(&mut self) {
        // What it was told, and has not told on, is lost with it.
        self.link.take().unwrap().stop();
        self.early.clear();
        self.alerts.clear();
    }

    fn rise(&mut self, known: Vec<Known>) {
        let clock = Clock::machine();
        let now = clock.now();
        let wanted =
            Wanted { mode: self.mode_of_account(), known_harmless: Vec::new(), bound_to_addresses: true };
        let accounts = known.into_iter().enumerate().map(|(which, known)| Account {
            credentials: credentials(which),
            wanted: wanted.clone(),
            known,
        });
        let settings = Settings {
            environment: Environment::Live,
            prefix: Prefix::new("obf").unwrap(),
            symbol: SYMBOL.to_owned(),
            trigger_by: TriggerBy::LastPrice,
            market: None,
            accounts: accounts.collect(),
            seed: 7,
            lock_step: false,
        };
        let urls = Urls::one(&self.server.urls().rest).unwrap();
        self.link = Some(Link::start(Adapter::new(settings, now), urls, clock).unwrap());
        let begun = Instant::now();
        let ready = |alerts: &[Alert]| alerts.iter().filter(|one| matches!(one, Alert::Ready(..))).count();
        let linked = |early: &[FromVenue]| early.iter().filter(|said| **said == FromVenue::Linked).count();
        while ready(&self.alerts) < ACCOUNTS.len() || linked(&self.early) < ACCOUNTS.len() {
            assert!(begun.elapsed() < Duration::from_secs(30), "not ready: {:?}", self.alerts);
            if let Some(told) = self.link.as_mut().unwrap().recv_timeout(Duration::from_millis(20)) {
                self.take(told);
            }
        }
    }

    fn wallet(&mut self, account: AccountId) -> Usd {
        let which = ACCOUNTS.iter().position(|id| *id == account).unwrap();
        self.server.with(|exchange| exchange.wallet_of(&uid(which))).unwrap()
    }
}

fn play(case: &Case, kind: (Generation, PositionMode)) -> Option<String> {
    let mut subject = OverSockets::new(kind);
    let failed = case.play(&mut subject).err()?;
    Some(format!("{failed}\n{:?}", subject.alerts))
}

/// `CASES=10,51` plays these only.
fn wanted() -> Option<BTreeSet<u8>> {
    let cases = std::env::var("CASES").ok()?;
    Some(cases.split(',').map(|number| number.parse().unwrap()).collect())
}

fn conforms(generation: Generation, position: PositionMode) {
    let (wanted, begun) = (wanted(), Instant::now());
    let all: Vec<Case> = cases();
    let todo = all.iter().filter(|case| wanted.as_ref().is_none_or(|only| only.contains(&case.number)));
    let (todo, failed) = (Mutex::new(todo.copied()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let next = todo.lock().unwrap().next();
                    let Some(case) = next else { return };
                    let words = play(&case, (generation, position));
                    failed.lock().unwrap().extend(words.map(|words| (case.number, words)));
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap();
    failed.sort();
    let numbers: Vec<u8> = failed.iter().map(|(number, _)| *number).collect();
    println!("{generation:?} {position:?}: {} cases, fail: {numbers:?}, {:?}", all.len(), begun.elapsed());
    let words: Vec<String> = failed.into_iter().map(|(_, words)| words).collect();
    assert!(words.is_empty(), "{numbers:?}\n{}", words.join("\n\n"));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "it is waited for in optimised code")]
fn a_classic_one_way_account_conforms() {
    conforms(Generation::V2, PositionMode::OneWay);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "it is waited for in optimised code")]
fn a_classic_hedged_account_conforms() {
    conforms(Generation::V2, PositionMode::Hedge);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "it is waited for in optimised code")]
fn a_unified_one_way_account_conforms() {
    conforms(Generation::V3, PositionMode::OneWay);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "it is waited for in optimised code")]
fn a_unified_hedged_account_conforms() {
    conforms(Generation::V3, PositionMode::Hedge);
}
