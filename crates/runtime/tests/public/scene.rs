//! The mock exchange in lock-step or at its own pace, a farm on its stream, and who holds the market's hand beside it.

use cosmos::Sky;
use edge::exchange::{Clock, Urls};
use edge::paper::PaperTerms;
use edge::trader::Said;
use farm::{Character, Recruit, Right};
use mock_bitget::{Exchange, LockStep, Setup};
use mock_server::Server;
use model::{AccountMode, BotId, Interval, MarginMode, PositionMode, Qty, Time, Usd};
use persona::{CONTROLS, ControlSettings, Gains};
use risk::Rules;
use runtime::feed::Public;
use runtime::{Engine, Trading};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};
use venue::{Ladder, Models};
use venue_bitget::sign::Environment;

pub const START: Time = Time(1_760_000_040_000);
pub const STEP: Interval = Interval(5_000);
pub const BALANCE: Usd = Usd(10_000_000_000);

fn character(name: &str) -> Character {
    match CONTROLS.iter().find(|(control, _)| *control == name) {
        Some((control, _)) => {
            Character::Control(control, ControlSettings { fast: 3, slow: 8, quantity: Qty(20) })
        }
        None => {
            let profile = persona::catalogue::profile(name).unwrap().unwrap();
            Character::Persona(Box::new(profile), Gains::default())
        }
    }
}

pub fn terms(bots: &[&str]) -> PaperTerms {
    let mode = AccountMode { position: PositionMode::OneWay, margin: MarginMode::Cross, leverage: 10 };
    let recruits: Vec<Recruit> = (0_u16..)
        .zip(bots)
        .map(|(number, name)| Recruit::alone(BotId(number), character(name), Usd(0), 7))
        .collect();
    PaperTerms {
        interval: Interval::MINUTE,
        accounts: recruits.iter().map(|recruit| (recruit.account, (mode, BALANCE))).collect(),
        recruits,
        models: Models::NONE,
        ladder: Ladder::Afterwards,
        rules: Rules::NONE,
        sky: Sky::default(),
    }
}

pub fn public(rest: &str, clock: Clock, lock_step: bool) -> Public {
    Public {
        environment: Environment::Live,
        urls: Urls::one(rest).unwrap(),
        symbol: "BTCUSDT".to_owned(),
        warm_up: 600,
        seed: 7,
        clock,
        lock_step,
    }
}

/// A made market that waits for whoever listens.
pub fn in_step(seed: u64) -> Server {
    let setup = Setup { accounts: Vec::new() };
    let mut exchange = Exchange::generated(vec![mock_bitget::btcusdt()], setup, START, seed);
    exchange.set_lock_step(LockStep { sessions: 2, length: Some(STEP) });
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    Server::start(address, exchange, mock_server::Clock::new(1.0).unwrap()).unwrap()
}

pub fn journal(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("omega-public-{}-{name}.omega", std::process::id()));
    let _gone = std::fs::remove_file(&path);
    path
}

/// A farm in step with the market, which shows `now` at its start.
pub fn rise(journal: &Path, server: &Server, bots: &[&str], now: Time) -> Engine {
    let public = public(&server.urls().rest, Clock::steps(now), true);
    Engine::rise(
        &journal.into(),
        &Trading::Public { terms: Box::new(terms(bots)), public: Box::new(public) },
        Right::Sole,
    )
    .unwrap()
}

/// Turns until something is so.
pub fn turn_until(engine: &mut Engine, what: &str, mut is_so: impl FnMut(&mut Engine, &[Said]) -> bool) {
    let begun = Instant::now();
    loop {
        let said = engine.turn(Duration::from_millis(20));
        if is_so(engine, &said) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "{what}: not within two minutes");
    }
}

/// The one who holds the market's hand beside the farm.
pub struct Pacer {
    line: WebSocket<MaybeTlsStream<TcpStream>>,
    step: Option<u64>,
}

impl Pacer {
    pub fn join(server: &Server) -> Pacer {
        let (mut line, _) = tungstenite::connect(&server.urls().v2[0]).unwrap();
        line.send(Message::text(r#"{"op":"lockstep"}"#)).unwrap();
        Pacer { line, step: None }
    }

    /// Lets the market go on until then, and stand still.
    pub fn until(&mut self, end: Time) {
        loop {
            if let Some(step) = self.step.take() {
                let done = format!(r#"{{"op":"acknowledge","step":{step}}}"#);
                self.line.send(Message::text(done)).unwrap();
            }
            let Ok(Message::Text(text)) = self.line.read() else { continue };
            let said: serde_json::Value = serde_json::from_str(&text).unwrap();
            if said["event"] == "step" {
                self.step = said["step"].as_u64();
                if said["at"].as_i64().unwrap() >= end.0 {
                    return;
                }
            }
        }
    }
}

/// Farm and market go on until then.
pub fn go_on(engine: &mut Engine, pacer: &mut Pacer, end: Time, mut hear: impl FnMut(&[Said])) {
    std::thread::scope(|scope| {
        let paced = scope.spawn(|| pacer.until(end));
        turn_until(engine, "the market goes on", |engine, said| {
            hear(said);
            engine.now() >= end
        });
        paced.join().unwrap();
    });
}
