//! From a tick on the socket to the order on the socket, while a hundred instruments stream, against a bare echo over
//! the same kind of socket in the same run; and from a decision to signed bytes. `cargo bench -p edge`; it prints and
//! judges nothing.
//!
//! The tick is written and the order is read by threads of this process, so both instants are of one clock. Tick and
//! echo take turns: what disturbs the one disturbs the other. The link is that of the farm, the adapter is the real one,
//! and its budget allows seven entries a second, which is why this takes a minute.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs, reason = "a bench prints")]

mod crowd;
mod exchange;

use crowd::Crowd;
use edge::exchange::{Clock, Link, Told, Urls};
use model::{
    AccountId, AccountMode, BotId, Bracket, Instrument, Interval, Known, Leg, MarginMode, OrderId, OrderKind,
    OrderRequest, PositionMode, PositionSide, Price, Qty, Request, Side, TARGETS_MAX, Target, Time,
    TimeInForce, ToVenue,
};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use tungstenite::{Message, WebSocket};
use venue_bitget::account::Wanted;
use venue_bitget::adapter::{Account, Adapter, Alert, Market, Settings};
use venue_bitget::instrument::Listing;
use venue_bitget::order_id::Prefix;
use venue_bitget::request::{Terms, TriggerBy};
use venue_bitget::sign::{Credentials, Environment, Secret};
use venue_bitget::wire::Generation;

const SYMBOL: &str = "BTCUSDT";
const INSTRUMENTS: usize = 100;
const TICKS_A_SECOND: u32 = 1_000;
const SAMPLES: usize = 200;
const BETWEEN: Duration = Duration::from_millis(160);
const ACCOUNT: AccountId = AccountId(5);
/// Tickers of one line: the dialect has fifty subscriptions, and the adapter one of its own besides the ticker's.
const BESIDE: usize = 48;

fn credentials() -> Credentials {
    let secret = |text: &str| Secret::new(text.to_owned());
    Credentials::hmac("key".to_owned(), secret("secret"), secret("pass")).unwrap()
}

fn protocol(now: Time) -> Crowd {
    let others: Vec<String> = (1..INSTRUMENTS).map(|n| format!("COIN{n}USDT")).collect();
    let mode = AccountMode { position: PositionMode::OneWay, margin: MarginMode::Cross, leverage: 10 };
    let account = Account {
        credentials: credentials(),
        wanted: Wanted { mode, known_harmless: Vec::new(), bound_to_addresses: true },
        known: Known::nothing(ACCOUNT, now),
    };
    let base = Interval::MINUTE;
    let market = Market { base, from: now.floor(base), beside: others[..BESIDE].to_vec() };
    let settings = Settings {
        environment: Environment::Live,
        prefix: Prefix::new("obf").unwrap(),
        symbol: SYMBOL.to_owned(),
        trigger_by: TriggerBy::LastPrice,
        market: Some(market),
        accounts: vec![account],
        seed: 7,
        lock_step: false,
    };
    Crowd::new(Adapter::new(settings, now), &others[BESIDE..], 50)
}

/// A limit below the market that is taken at once or not at all: it is not.
fn order(decision: u32, price: Price) -> OrderRequest {
    OrderRequest {
        id: OrderId { bot: BotId(3), epoch: 1, decision, leg: Leg::Own },
        side: Side::Buy,
        position_side: PositionSide::Net,
        qty: Qty(20),
        kind: OrderKind::Limit { price: Price(price.0 * 995 / 1_000), tif: TimeInForce::ImmediateOrCancel },
        reduce_only: false,
        bracket: None,
        one_cancels_other: None,
    }
}

fn approved(link: &mut Link<Crowd>, decision: u32, price: Price) -> ToVenue {
    let valid_until = link.now() + Interval(5_000);
    ToVenue::Request { account: ACCOUNT, request: Request::Place(order(decision, price)), valid_until }
}

/// Where the farm is.
#[derive(Clone, Copy)]
enum Farm {
    /// In the thread that waits for the sockets.
    Here,
    /// In another, with a queue each way.
    Beyond,
}

/// Trades until it is over; how long each order took from the decision to its socket.
fn trade(
    farm: Farm,
    address: SocketAddr,
    private: &str,
    ready: &AtomicBool,
    over: &AtomicBool,
) -> Vec<Duration> {
    let clock = Clock::machine();
    let rest = format!("http://{address}");
    let urls = Urls::parse(&rest, &format!("ws://{address}"), private).unwrap();
    let mut link = Link::start(protocol(clock.now()), urls, clock).unwrap();
    let (mut took, mut decision) = (Vec::new(), 0);
    let waker = link.waker();
    let (to_farm, of_link) = channel::<Price>();
    let (to_link, of_farm) = channel::<Price>();
    let beyond = std::thread::spawn(move || {
        while let Ok(price) = of_link.recv() {
            to_link.send(price).unwrap();
            waker.wake();
        }
    });
    while !over.load(Ordering::Relaxed) {
        let told = link.recv_timeout(Duration::from_millis(50));
        let price = match (told, farm) {
            (Some(Told::Alert(Alert::Ready(..))), _) => {
                ready.store(true, Ordering::Relaxed);
                continue;
            }
            (Some(Told::Price(_, price)), Farm::Here) => price,
            (Some(Told::Price(_, price)), Farm::Beyond) => {
                to_farm.send(price).unwrap();
                continue;
            }
            (None, Farm::Beyond) => match of_farm.try_recv() {
                Ok(price) => price,
                Err(_) => continue,
            },
            _ => continue,
        };
        decision += 1;
        let said = approved(&mut link, decision, price);
        let begun = Instant::now();
        link.send(said).unwrap();
        took.push(begun.elapsed());
    }
    drop(to_farm);
    beyond.join().unwrap();
    link.stop();
    took
}

fn line(name: &str, samples: &mut [Duration]) -> [f64; 2] {
    samples.sort_unstable();
    let at = |part: usize| samples[(samples.len() * part / 100).min(samples.len() - 1)].as_secs_f64() * 1e6;
    let [p50, p99] = [at(50), at(99)];
    println!("{name:<58} p50 {p50:>8.1} us   p99 {p99:>8.1} us   ({} samples)", samples.len());
    [p50, p99]
}

fn once_round(echo: &mut WebSocket<TcpStream>, text: &str) -> Duration {
    let at = Instant::now();
    echo.send(Message::text(text)).unwrap();
    echo.read().unwrap();
    at.elapsed()
}

struct Stage<'a> {
    venue: &'a Arc<exchange::Venue>,
    address: SocketAddr,
    orders: &'a Receiver<Instant>,
}

fn measure(stage: &Stage<'_>, farm: Farm, name: &str) {
    let Stage { venue, address, orders } = stage;
    let (ready, over) = (AtomicBool::new(false), AtomicBool::new(false));
    let private = venue.mock.urls().rest.replace("http", "ws");
    let mut echo = exchange::echo();
    std::thread::scope(|scope| {
        let trading = scope.spawn(|| trade(farm, *address, &private, &ready, &over));
        while venue.instruments() < INSTRUMENTS || !ready.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(500));
            // A ticker that says nothing is doubted.
            if venue.has(SYMBOL) {
                venue.tick(SYMBOL, &venue.price());
            }
        }
        std::thread::sleep(Duration::from_millis(1_500));
        while orders.try_recv().is_ok() {}
        let (mut ticks, mut echoes, mut lost) = (Vec::new(), Vec::new(), 0);
        for _ in 0..SAMPLES {
            let price = venue.price();
            let sent = venue.tick(SYMBOL, &price);
            match orders.recv_timeout(Duration::from_secs(1)) {
                Ok(arrived) => ticks.push(arrived - sent),
                Err(_) => lost += 1,
            }
            std::thread::sleep(BETWEEN / 2);
            echoes.push(once_round(&mut echo, &exchange::ticker(SYMBOL, &price)));
            std::thread::sleep(BETWEEN / 2);
        }
        over.store(true, Ordering::Relaxed);
        let mut took = trading.join().unwrap();
        println!("{name}; {lost} ticks without an order");
        let bare = line("  a bare echo over a WebSocket", &mut echoes);
        let ours = line("  tick on the socket to order on the socket", &mut ticks);
        line("  from the decision until `send` is back, socket included", &mut took);
        println!("  times a bare echo: {:.2} at p50, {:.2} at p99", ours[0] / bare[0], ours[1] / bare[1]);
    });
    venue.hang_up();
}

/// The dialect's part: an order with its stop to the bytes of its request and their signature.
fn sign() {
    let listing = Listing::plain(Instrument::btcusdt());
    let mode = AccountMode { position: PositionMode::OneWay, margin: MarginMode::Cross, leverage: 10 };
    let terms = Terms {
        generation: Generation::V2,
        mode,
        prefix: Prefix::new("obf").unwrap(),
        listing: &listing,
        trigger_by: TriggerBy::LastPrice,
    };
    let credentials = credentials();
    let mut samples: Vec<Duration> = (0..20_000)
        .map(|decision| {
            let stop = Bracket { stop: Price(590_000), targets: [Target::default(); TARGETS_MAX] };
            let order = OrderRequest { bracket: Some(stop), ..order(decision, Price(603_015)) };
            let begun = Instant::now();
            let request = terms.send(&Request::Place(order), None, None).unwrap();
            let headers = credentials.headers(&request, Time(1_760_000_000_000), Environment::Live);
            let bytes = (request.target(), request.body, headers);
            let took = begun.elapsed();
            std::hint::black_box(bytes);
            took
        })
        .collect();
    line("decision to signed bytes, in memory", &mut samples);
}

fn main() {
    sign();
    let (venue, address, orders) = exchange::start();
    let streaming = Arc::clone(&venue);
    std::thread::spawn(move || streaming.stream(SYMBOL, TICKS_A_SECOND));
    println!("{INSTRUMENTS} instruments stream {TICKS_A_SECOND} ticks a second");
    let stage = Stage { venue: &venue, address, orders: &orders };
    measure(&stage, Farm::Here, "the farm waits for the sockets itself");
    measure(&stage, Farm::Beyond, "the farm is in another thread, a queue each way");
    std::process::exit(0);
}
