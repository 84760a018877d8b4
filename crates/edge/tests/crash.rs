//! A trader is killed at any moment, over and over, and each time it comes back it knows what the venue knows.
//!
//! The process is a real one, its sockets and its journal too; the market waits for it and for this test, so that what is
//! compared stands still. Optimised code is killed fifty times with `KILLS=50` (`make kills`).
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use farm::journal;
use farm::{Action, Farm};
use mock_bitget::{AccountSetup, Exchange, LockStep, Setup};
use mock_server::{Clock, Server};
use model::{Interval, OrderId, PositionMode, Qty, Request, Rng, Time, Usd};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};
use venue_bitget::order_id::{Origin, Prefix};

const START: Time = Time(1_760_000_040_000);
const SYMBOL: &str = "BTCUSDT";
/// A trader that is up again has caught up within this.
const CAUGHT_UP: Duration = Duration::from_secs(5);
/// Each bot has an account; a control has no use for a hedged one.
fn bots(position: PositionMode) -> [&'static str; 4] {
    let first = if position == PositionMode::Hedge { "newbie" } else { "ema_cross" };
    [first, "scalper", "aggressive", "fibonacci"]
}

/// The one who holds the market's hand beside the trader.
struct Pacer {
    line: WebSocket<MaybeTlsStream<TcpStream>>,
    step: Option<u64>,
}

impl Pacer {
    fn join(server: &Server) -> Pacer {
        let (mut line, _) = tungstenite::connect(&server.urls().v2[0]).unwrap();
        line.send(Message::text(r#"{"op":"lockstep"}"#)).unwrap();
        if let MaybeTlsStream::Plain(stream) = line.get_ref() {
            stream.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
        }
        Pacer { line, step: None }
    }

    /// Lets the market go on, if it waits for us; whether it did.
    fn go_on(&mut self) -> bool {
        if self.step.is_none() {
            match self.line.read() {
                Ok(Message::Text(text)) => {
                    let said: serde_json::Value = serde_json::from_str(&text).unwrap();
                    self.step = (said["event"] == "step").then(|| said["step"].as_u64().unwrap());
                }
                Ok(_) => {}
                Err(tungstenite::Error::Io(error)) => {
                    use std::io::ErrorKind::{TimedOut, WouldBlock};
                    assert!(matches!(error.kind(), WouldBlock | TimedOut), "{error}");
                }
                Err(error) => panic!("{error}"),
            }
        }
        let Some(step) = self.step.take() else { return false };
        self.line.send(Message::text(format!(r#"{{"op":"acknowledge","step":{step}}}"#))).unwrap();
        true
    }
}

/// A trader's process; killed when it is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _killed = self.0.kill();
        let _gone = self.0.wait();
    }
}

fn start(journal: &Path, server: &Server, mode: PositionMode) -> Process {
    let word = if mode == PositionMode::Hedge { "hedge" } else { "one_way" };
    let mut child = Command::new(env!("CARGO_BIN_EXE_bare-trader"))
        .arg(journal)
        .arg(server.urls().rest)
        // What its clock shows until the first step: time does not jump when it joins.
        .arg(server.with(|exchange| exchange.now()).0.to_string())
        .arg(word)
        .args(bots(mode))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut up = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut up).unwrap();
    assert_eq!(up, "up\n", "it does not rise");
    // Until all its lines have joined the market does not wait for it.
    let (until, wanted) = (Instant::now() + Duration::from_secs(10), bots(mode).len() + 2);
    while server.with(|exchange| exchange.joined()) < wanted {
        assert!(Instant::now() < until, "its lines do not join");
        std::thread::sleep(Duration::from_millis(2));
    }
    Process(child)
}

fn uid(bot: usize) -> String {
    AccountSetup::short(bot, "k:s:p:1").unwrap().uid
}

fn server(generation: mock_bitget::Generation, position: PositionMode) -> Server {
    let accounts = (0..bots(position).len()).map(|bot| AccountSetup {
        generation,
        position,
        ..AccountSetup::short(bot, &format!("k{bot}:s{bot}:p{bot}:10000")).unwrap()
    });
    let setup = Setup { accounts: accounts.collect() };
    // A market in which a persona enters in the first hour.
    let mut exchange = Exchange::generated(vec![mock_bitget::btcusdt()], setup, START, 4);
    let length = Some(Interval::MINUTE);
    // The trader's lines, one for the market and one an account, and ours.
    exchange.set_lock_step(LockStep { sessions: bots(position).len() + 2, length });
    Server::start(SocketAddr::from(([127, 0, 0, 1], 0)), exchange, Clock::new(1.0).unwrap()).unwrap()
}

/// What a journal says: a farm, and every order it ever asked for.
fn read(journal: &Path) -> Option<(Farm, BTreeSet<OrderId>)> {
    let bytes = std::fs::read(journal).ok()?;
    let mut asked = BTreeSet::new();
    let replayed = journal::replay_with(&bytes, |heard| {
        for action in heard.actions {
            if let Action::Submit(_, approved) = action
                && let Request::Place(order) = approved.request()
            {
                asked.insert(order.id);
            }
        }
    });
    replayed.ok().map(|replayed| (replayed.farm, asked))
}

/// Whether the farm of the journal has what the venue has; else what differs.
fn differences(farm: &Farm, server: &Server, bots: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (number, bot) in farm.bots().iter().enumerate() {
        let (books, held) = (bot.ledger().books().wallet(), bot.ledger().position().qty);
        let venue = server.with(|exchange| {
            let uid = uid(number);
            let [long, short] = exchange.held_of(&uid, SYMBOL).unwrap();
            let persona = bots[number] != "ema_cross";
            (
                exchange.wallet_of(&uid).unwrap(),
                long + short,
                persona && exchange.is_naked(&uid, SYMBOL).unwrap(),
            )
        });
        let (wallet, lots, naked): (Usd, Qty, bool) = venue;
        if (wallet, lots) != (books, held) {
            found.push(format!(
                "{}: {books} and {held:?} in its books, {wallet} and {lots:?} there",
                bots[number]
            ));
        }
        if naked {
            found.push(format!("{}: {lots:?} without a stop", bots[number]));
        }
    }
    found
}

/// Every order at the venue was asked for, once. The journal is read behind the venue: what is in the one is in the other.
fn nothing_is_doubled(journal: &Path, server: &Server, bots: usize) -> usize {
    let of = |bot| {
        server
            .with(|exchange| exchange.clients_of(&uid(bot)).unwrap().into_iter().map(str::to_owned).collect())
    };
    let clients: Vec<Vec<String>> = (0..bots).map(of).collect();
    let (_, asked) = read(journal).unwrap();
    let prefix = Prefix::new("obf").unwrap();
    let mut seen = BTreeSet::new();
    for (bot, clients) in clients.iter().enumerate() {
        for client in clients {
            let Origin::Ours(sent) = prefix.origin(client) else { continue };
            assert!(seen.insert((bot, sent)), "{client} is there twice");
            let entry = sent.order.with_leg(model::Leg::Own);
            assert!(asked.contains(&sent.order) || asked.contains(&entry), "nobody asked for {client}");
        }
    }
    seen.len()
}

fn soak(generation: mock_bitget::Generation, position: PositionMode, kills: u32, seed: u64) {
    let server = server(generation, position);
    let mut pacer = Pacer::join(&server);
    let journal = std::env::temp_dir().join(format!("omega-crash-{}-{seed}.omega", std::process::id()));
    let _gone = std::fs::remove_file(&journal);
    let mut rng = Rng::new(seed);
    let (mut slowest, mut steps, mut orders) = (Duration::ZERO, 0_u64, 0);
    let mut process = start(&journal, &server, position);
    for kill in 0..kills {
        // Minutes of the market, and then any moment.
        let (minutes, started) = (steps + 20 + rng.below(900), Instant::now());
        while steps < minutes && started.elapsed() < Duration::from_secs(8) {
            steps += u64::from(pacer.go_on());
        }
        std::thread::sleep(Duration::from_micros(rng.below(15_000)));
        drop(process);
        // The market does not wait for the dead.
        let missed = rng.below(12);
        for _ in 0..missed {
            let until = Instant::now() + Duration::from_secs(2);
            while !pacer.go_on() {
                assert!(Instant::now() < until, "the market waits for the dead");
            }
        }
        let back = Instant::now();
        process = start(&journal, &server, position);
        loop {
            let (farm, _) = read(&journal).unwrap();
            let found = differences(&farm, &server, &bots(position));
            if found.is_empty() {
                slowest = slowest.max(back.elapsed());
                orders = nothing_is_doubled(&journal, &server, bots(position).len());
                break;
            }
            assert!(back.elapsed() < CAUGHT_UP, "kill {kill}, {}: {found:#?}", journal.display());
            std::thread::sleep(Duration::from_millis(30));
            steps += u64::from(pacer.go_on());
        }
    }
    drop(process);
    let (farm, _) = read(&journal).unwrap();
    let fills: u64 = farm.bots().iter().map(|bot| bot.ledger().fills()).sum();
    println!(
        "{generation:?} {position:?}: {kills} kills, {steps} minutes, {orders} orders, {fills} fills, back within {slowest:?}"
    );
    // Personas wait for hours; the control of the other kind of account never does, given more than the minutes of debug.
    let traded = if position == PositionMode::Hedge { orders > 0 } else { fills >= u64::from(kills) };
    let lively = kills < 5 || traded;
    assert!(lively, "a crash of nothing: {orders} orders, {fills} fills");
    std::fs::remove_file(&journal).unwrap();
}

/// How often a process is killed, in each of two kinds of account.
fn kills() -> u32 {
    std::env::var("KILLS")
        .ok()
        .map_or(if cfg!(debug_assertions) { 2 } else { 5 }, |kills| kills.parse().unwrap())
}

#[test]
fn a_killed_trader_of_a_unified_account_knows_what_the_venue_knows() {
    soak(mock_bitget::Generation::V3, PositionMode::OneWay, kills(), 1);
}

#[test]
fn a_killed_trader_of_a_classic_hedged_account_knows_what_the_venue_knows() {
    soak(mock_bitget::Generation::V2, PositionMode::Hedge, kills(), 2);
}
