//! Six personas on six accounts of a mock exchange that waits for them, and the processes that trade them.

use crate::evidence::naked;
use mock_bitget::{AccountSetup, Environment, Exchange, Generation, LockStep, Setup};
use mock_server::{Clock, Server};
use model::{Interval, PositionMode, Time};
use rig::{Process, Scratch};
use serde_json::Value;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

pub const SYMBOL: &str = "BTCUSDT";
pub const PERSONAS: [&str; 6] = ["strategic", "aggressive", "scalper", "newbie", "fibonacci", "cosmic"];
/// 2026-01-01T00:00:00Z.
pub const START: Time = Time(1_767_225_600_000);
/// A market in which something happens at once: it begins here, with this seed.
const BUSY: Time = Time(1_760_000_340_000);
const BUSY_SEED: u64 = 166;
/// Where tests are at home.
pub const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// So many bots have room in a shard.
pub const OF_A_SHARD: usize = 32;
/// How long something on this machine may take when others build beside it.
pub const SOON: Duration = Duration::from_secs(60);

/// An account of the mock by its place: its keys and its number there.
pub fn account(number: usize) -> AccountSetup {
    let words = format!("k{number}:s{number}:p{number}:10000");
    AccountSetup {
        generation: Generation::V2,
        position: PositionMode::OneWay,
        environment: Environment::Demo,
        ..AccountSetup::short(number, &words).expect("words of an account")
    }
}

/// A market that waits for nobody, at this address: a second of it is one of ours. A minute after its beginning one of
/// [`Farm::busy`] orders, and another one buys.
pub fn in_real_time(at: IpAddr) -> Server {
    let setup = Setup { accounts: (0..PERSONAS.len()).map(account).collect() };
    let mut exchange = Exchange::generated(vec![mock_bitget::btcusdt()], setup, BUSY, BUSY_SEED);
    // Six who read the past at once from one address would be refused for half a minute.
    exchange.set_limited(false);
    let clock = Clock::starting_at(BUSY, 1.0).expect("a speed");
    Server::start(SocketAddr::from((at, 0)), exchange, clock).expect("a port")
}

/// A market that waits for so many lines at its steps.
pub fn in_step(accounts: usize, seed: u64, lines: usize, length: Interval) -> Server {
    let setup = Setup { accounts: (0..accounts).map(account).collect() };
    let mut exchange = Exchange::generated(vec![mock_bitget::btcusdt()], setup, START, seed);
    exchange.set_lock_step(LockStep { sessions: lines, length: Some(length) });
    let local = SocketAddr::from(([127, 0, 0, 1], 0));
    Server::start(local, exchange, Clock::new(1.0).expect("a speed")).expect("a port")
}

/// The one who holds the market's hand beside the farm.
pub struct Pacer {
    line: WebSocket<MaybeTlsStream<TcpStream>>,
    step: Option<u64>,
}

impl Pacer {
    pub fn join(server: &Server) -> Pacer {
        let (mut line, _) = tungstenite::connect(&server.urls().v2[0]).expect("it listens");
        line.send(Message::text(r#"{"op":"lockstep"}"#)).expect("it hears");
        Pacer { line, step: None }
    }

    /// One step, at this pace, if the market waits for us; nobody is waited for longer than a moment.
    pub fn go_on(&mut self, server: &Server, step: Interval, pace: f64) {
        if let MaybeTlsStream::Plain(stream) = self.line.get_ref() {
            stream.set_read_timeout(Some(Duration::from_millis(50))).expect("a socket has a timeout");
        }
        if let Some(step) = self.step.take() {
            let done = format!(r#"{{"op":"acknowledge","step":{step}}}"#);
            self.line.send(Message::text(done)).expect("it hears");
        }
        let due = Instant::now() + Duration::from_secs_f64(step.0 as f64 / 1_000.0 / pace);
        while self.step.is_none() && Instant::now() < due + SOON {
            match self.line.read() {
                Ok(Message::Text(text)) => {
                    let said: Value = serde_json::from_str(&text).expect("it speaks JSON");
                    self.step = if said["event"] == "step" { said["step"].as_u64() } else { None };
                }
                Ok(_) => {}
                Err(tungstenite::Error::Io(_)) => return,
                Err(error) => panic!("{error} at {:?}", server.with(|exchange| exchange.now())),
            }
        }
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
    }

    /// Lets the market go on until then, and stand still; at most so many of its seconds in one of ours.
    pub fn until(&mut self, end: Time, pace: Option<f64>) {
        let (begun, mut first) = (Instant::now(), None);
        loop {
            if let Some(step) = self.step.take() {
                let done = format!(r#"{{"op":"acknowledge","step":{step}}}"#);
                self.line.send(Message::text(done)).expect("it hears");
            }
            let Ok(Message::Text(text)) = self.line.read() else { continue };
            let said: Value = serde_json::from_str(&text).expect("it speaks JSON");
            if said["event"] != "step" {
                continue;
            }
            self.step = said["step"].as_u64();
            let at = said["at"].as_i64().expect("a step has its instant");
            if at >= end.0 {
                return;
            }
            if let Some(pace) = pace {
                let passed = (at - *first.get_or_insert(at)) as f64 / 1_000.0;
                let due = Duration::from_secs_f64(passed / pace);
                std::thread::sleep(due.saturating_sub(begun.elapsed()));
            }
        }
    }
}

/// What differs between farms.
pub struct Farm {
    /// Where its files are.
    pub home: Scratch,
    /// Lines of its configuration behind what all farms have.
    config: String,
    /// Where its gateway listens.
    listen: String,
    envs: Vec<(String, String)>,
}

impl Farm {
    /// A farm on this exchange: a persona an account.
    pub fn new(server: &Server, lock_step: bool, more: &str) -> Farm {
        let market = format!("warm_up_bars = 600\n[market.bitget]\nlock_step = {lock_step}\n");
        Farm::on(server, &market, more)
    }

    /// A farm in a market that waits for nobody, over a Redis that is there.
    pub fn busy(server: &Server, redis: (IpAddr, u16)) -> Farm {
        let bus = format!("[bus]\nhost = \"{}\"\nport = {}\n", redis.0, redis.1);
        Farm::on(server, "warm_up_bars = 3000\n[market.bitget]\n", &bus)
    }

    /// `market` are the lines of its section, up to the exchange's addresses.
    fn on(server: &Server, market: &str, more: &str) -> Farm {
        let rest = server.urls().rest;
        let socket = rest.replace("http://", "ws://");
        let listen = format!("127.0.0.1:{}", rig::free_port());
        let mut config = format!(
            "[farm]\nmode = \"demo\"\nshards = \"by_account\"\n[market]\nfeed = \"bitget\"\n{market}\
             rest_url = \"{rest}\"\nws_url = \"{socket}\"\n\
             [gateway]\nlisten = \"{listen}\"\n[access]\ntotp_required_roles = []\n{more}\n"
        );
        let mut envs = Vec::new();
        for (number, persona) in PERSONAS.iter().enumerate() {
            write!(
                config,
                "[[account]]\nname = \"a{number}\"\nkey = \"env:K{number}\"\nsecret = \"env:S{number}\"\n\
                 passphrase = \"env:P{number}\"\nposition_mode = \"one_way\"\nmargin_mode = \"cross\"\nleverage = 10\n\
                 [[bot]]\nname = \"{persona}\"\npersona = \"{persona}\"\naccount = \"a{number}\"\n"
            )
            .expect("a string takes everything");
            for letter in ['k', 's', 'p'] {
                envs.push((format!("{}{number}", letter.to_ascii_uppercase()), format!("{letter}{number}")));
            }
        }
        Farm { home: Scratch::in_memory(), config, listen, envs }
    }

    /// So many bots on paper, by turns of each persona, on a made market at this speed.
    pub fn on_paper(bots: usize, speed: f64) -> Farm {
        let listen = format!("127.0.0.1:{}", rig::free_port());
        let mut config = format!(
            "[market]\nfeed = \"generator\"\nwarm_up_bars = 600\n[market.generator]\nspeed = {speed:?}\n\
             [gateway]\nlisten = \"{listen}\"\n"
        );
        for (number, persona) in (0..bots).zip(PERSONAS.iter().cycle()) {
            let shard = number / OF_A_SHARD;
            write!(
                config,
                "[[bot]]\nname = \"{persona}_{number}\"\npersona = \"{persona}\"\nshard = \"s{shard}\"\n\
                 capital_usdt = 10000\n"
            )
            .expect("a string takes everything");
        }
        Farm { home: Scratch::in_memory(), config, listen, envs: Vec::new() }
    }

    /// Where a process of it keeps its files.
    pub fn data(&self, name: &str) -> PathBuf {
        self.home.0.join(name)
    }

    /// The binary, set up for this farm.
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_omega"));
        self.dress(&mut command, name);
        command
    }

    /// Gives a command what the binary needs of this farm.
    pub fn dress(&self, command: &mut Command, name: &str) {
        let file = self.home.0.join("omega.toml");
        std::fs::write(&file, &self.config).expect("a file of its own");
        command.envs(self.envs.iter().map(|(key, value)| (key, value)));
        command.env("OMEGA_FARM_DATA_DIR", self.data(name)).current_dir(&self.home.0);
    }

    /// Starts a process of it.
    pub fn run(&self, name: &str, arguments: &[&str]) -> Process {
        Process::start(self.command(name).arg("run").args(arguments))
    }

    /// Gives a command over HTTP, as a person does; the answer as JSON.
    pub fn ctl(&self, name: &str, words: &[&str]) -> Value {
        let output = self.command(name).args(["ctl", "--json", "--yes"]).args(words).output();
        let output = output.expect("the binary is there");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
            panic!("ctl {words:?} says no JSON, but {}", String::from_utf8_lossy(&output.stderr))
        })
    }

    /// Gives a command until a shard has acted on it, one way or the other; how long that took.
    pub fn until_acted(&self, name: &str, words: &[&str]) -> Duration {
        let begun = Instant::now();
        loop {
            let answer = self.ctl(name, words);
            let errands = answer["errands"].as_array().cloned().unwrap_or_default();
            let is_acted = |errand: &Value| errand["state"] == "done" || errand["state"] == "objected";
            if !errands.is_empty() && errands.iter().all(is_acted) {
                return begun.elapsed();
            }
            assert!(begun.elapsed() < SOON, "nobody acts: {answer}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The page of metrics, as Prometheus reads it.
    pub fn metrics(&self, name: &str) -> String {
        self.get(name, "/metrics")
    }

    /// What its gateway answers, with the head.
    pub fn get(&self, name: &str, path: &str) -> String {
        let token = std::fs::read_to_string(self.data(name).join("local.token")).expect("it runs");
        let mut line = TcpStream::connect(&self.listen).expect("it listens");
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\nconnection: close\r\n\r\n",
            self.listen,
            token.trim()
        );
        line.write_all(request.as_bytes()).expect("it hears");
        let mut page = String::new();
        line.read_to_string(&mut page).expect("it answers in text");
        page
    }

    /// Rows of the history that a process keeps.
    pub fn rows(&self, name: &str, kind: &str) -> Vec<Value> {
        let output = self
            .command(name)
            .args(["history", "list", "--json", "--count", "10000", "--kind", kind, "--db"])
            .arg(self.data(name).join("history.sqlite"))
            .output()
            .expect("the binary is there");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("it prints text");
        let page: Value = serde_json::from_str(&text).expect("it prints JSON");
        page["rows"].as_array().expect("rows").clone()
    }
}

/// Time passes, and nobody stands unprotected, until then or until this is so; whether it is.
pub fn pass(server: &Server, until: Instant, mut is_so: impl FnMut() -> bool) -> bool {
    while !is_so() {
        let found = naked(server);
        assert!(found.is_empty(), "unprotected: {found:?}");
        if Instant::now() >= until {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}

/// Waits until somebody holds something.
pub fn until_held(server: &Server) {
    let is_held = || books(server, PERSONAS.len()).iter().any(|(_, lots)| *lots != 0);
    assert!(pass(server, Instant::now() + 2 * SOON, is_held), "nobody buys anything");
}

/// What each account has at the exchange: its wallet in micro-USDT and its position in lots.
pub fn books(server: &Server, accounts: usize) -> Vec<(i64, i64)> {
    let of = |number: usize| {
        let uid = account(number).uid;
        server.with(|exchange| {
            let [long, short] = exchange.held_of(&uid, SYMBOL).expect("an account of its own");
            (exchange.wallet_of(&uid).expect("the same").0, (long + short).0)
        })
    };
    (0..accounts).map(of).collect()
}

/// Waits until so many lines are in step.
pub fn until_joined(server: &Server, lines: usize) {
    let begun = Instant::now();
    while server.with(|exchange| exchange.joined()) < lines {
        assert!(begun.elapsed() < SOON, "only {} lines join", server.with(|exchange| exchange.joined()));
        std::thread::sleep(Duration::from_millis(10));
    }
}
