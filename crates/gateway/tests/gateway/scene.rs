//! A farm with a gateway, some people, and a stand-in for its shard that counts what it is told.
//!
//! Refuses to act: it acknowledges.

use crate::client::Client;
use access::{Limits, Rules, code_shown};
use bus::local::Queues;
use control::message::{Done, Errand, Message, Word};
use control::view::BotView;
use control::{Amount, Bus, Reader, ShardView, Subscription, Telemetry, Topic};
use farm::Objection;
use gateway::{Clock, Gateway, Offline, Parts, Settings, reads};
use model::{Interval, Role, Time, Usd};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// 2026-11-26, at a step's beginning.
pub const START: i64 = 1_795_651_200_000;
pub const FARM: &str = "Test";
pub const BOTS: [&str; 2] = ["newbie_btc", "strategic_btc"];

/// What the shard does with an errand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    Acknowledges,
    Objects,
    IsSilent,
}

/// All of it.
pub struct Scene {
    pub directory: PathBuf,
    pub settings: Settings,
    pub now: Arc<AtomicI64>,
    pub queues: Queues,
    pub errands: Arc<Mutex<Vec<Errand>>>,
    pub manner: Arc<Mutex<Manner>>,
    pub gateway: Option<Gateway>,
    pub tokens: BTreeMap<&'static str, String>,
    is_over: Arc<AtomicBool>,
    shard: Option<JoinHandle<()>>,
}

pub fn bot(name: &str, number: u16, trades: u32) -> BotView {
    let amount = Amount(Usd(1_000_000_000));
    BotView {
        bot: name.to_owned(),
        number,
        persona: "newbie".to_owned(),
        account: "main".to_owned(),
        status: "trading".to_owned(),
        capital: amount,
        wallet: amount,
        equity: Some(amount),
        fees: Amount::default(),
        funding: Amount::default(),
        position: None,
        orders: Vec::new(),
        trades,
        fills: 0,
        mood: None,
        waits: None,
        refusals: BTreeMap::from([("stale_price".to_owned(), 3)]),
        naked_ms_max: 0,
        energy: None,
        risk: None,
        limits: Vec::new(),
        locks: Vec::new(),
        decisions: Vec::new(),
    }
}

pub fn view(number: u64, at: i64) -> ShardView {
    ShardView {
        shard: "main".to_owned(),
        node: "stand-in".to_owned(),
        epoch: 1,
        number,
        at,
        mode: "paper".to_owned(),
        symbol: "BTCUSDT".to_owned(),
        bar_ms: 60_000,
        price: None,
        halted_at: None,
        flat_at: None,
        session: None,
        accounts: vec![control::view::AccountView {
            account: "main".to_owned(),
            number: 1,
            treasury: Amount(Usd(500_000_000)),
            unexplained: None,
        }],
        bots: (1..).zip(BOTS).map(|(place, name)| bot(name, place, number as u32)).collect(),
        market: Vec::new(),
        sky: Vec::new(),
        limits: Vec::new(),
        locks: Vec::new(),
        battle: Vec::new(),
    }
}

/// Waits until it is so.
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < until, "{what} did not come to be");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub fn settings(name: &str) -> Settings {
    let directory = std::env::temp_dir().join(format!("omega-gateway-{name}-{}", std::process::id()));
    let _was_there = std::fs::remove_dir_all(&directory);
    let mut settings = Settings::new(FARM, directory);
    settings.listen.set_port(0);
    settings.shards = vec!["main".to_owned()];
    settings.rules = Rules { second_person_after: Interval(0), ..Rules::default() };
    settings
}

impl Scene {
    /// With these people: a viewer of one bot, a viewer, an operator, two administrators.
    pub fn new(name: &str) -> Scene {
        Scene::with(settings(name))
    }

    pub fn with(settings: Settings) -> Scene {
        let directory = settings.data_dir.clone();
        let mut tokens = BTreeMap::new();
        let mut people = Offline::open(FARM, &directory, settings.rules, None).expect("a new book");
        let one = Limits { bots: access::Bots::Only([BOTS[0].to_owned()].into()), size_max: None };
        for (name, role, limits) in [
            ("guest", Role::Viewer, one),
            ("viewer", Role::Viewer, Limits::NONE),
            ("operator", Role::Operator, Limits::NONE),
            ("admin", Role::Admin, Limits::NONE),
            ("other_admin", Role::Admin, Limits::NONE),
        ] {
            let id = people.add(name, role, limits).expect("a new name");
            let issued = people.issue(id, "test", None).expect("a first token");
            tokens.insert(name, issued.token.reveal().to_owned());
        }
        drop(people);
        let mut scene = Scene {
            directory,
            settings,
            now: Arc::new(AtomicI64::new(START)),
            queues: Queues::default(),
            errands: Arc::default(),
            manner: Arc::new(Mutex::new(Manner::Acknowledges)),
            gateway: None,
            tokens,
            is_over: Arc::default(),
            shard: None,
        };
        scene.shard = Some(scene.stand_in());
        scene.open();
        scene
    }

    pub fn open(&mut self) {
        let now = Arc::clone(&self.now);
        let parts = Parts {
            hears: Box::new(self.queues.open(&reads("test"))),
            says: Box::new(self.queues.open(&[])),
            archive: None,
            seal: None,
            telemetry: Arc::new(Telemetry::default()),
            clock: Clock::of(move || Time(now.load(Ordering::SeqCst))),
        };
        self.gateway = Some(Gateway::open(self.settings.clone(), parts).expect("it opens"));
        let viewer = self.client("viewer");
        eventually("a view", || viewer.get("/api/v1/shards/main").status == 200);
    }

    /// The process is gone, and comes back with what was kept.
    pub fn restart(&mut self) {
        self.gateway.take().expect("it runs").leave();
        self.open();
    }

    /// The shard: hears errands, says how it is.
    fn stand_in(&self) -> JoinHandle<()> {
        let topic = Topic::commands("main").expect("a topic");
        let reader = Reader::Group { name: "main".to_owned(), member: "1".to_owned() };
        let mut end = self.queues.open(&[Subscription { topic, reader }]);
        let (errands, manner) = (Arc::clone(&self.errands), Arc::clone(&self.manner));
        let (now, is_over) = (Arc::clone(&self.now), Arc::clone(&self.is_over));
        std::thread::spawn(move || {
            let mut number = 0;
            while !is_over.load(Ordering::SeqCst) {
                number += 1;
                let view = Message::View(Box::new(view(number, now.load(Ordering::SeqCst))));
                end.send(&Topic::views(), &view.encode()).expect("a local bus");
                let Some(delivery) = end.next(Interval(50)).expect("a local bus") else { continue };
                let Ok(Message::Errand(errand)) = Message::decode(&delivery.message) else { continue };
                errands.lock().expect("nobody panics with it").push(errand.clone());
                let objection = match *manner.lock().expect("nobody panics with it") {
                    Manner::IsSilent => continue,
                    Manner::Objects => Some(Word(Objection::Halted)),
                    Manner::Acknowledges => None,
                };
                let done = Done { id: errand.id, shard: "main".to_owned(), at: 1, objection };
                end.send(&Topic::answers(), &Message::Done(done).encode()).expect("a local bus");
            }
        })
    }

    pub fn client(&self, name: &str) -> Client {
        let address = self.gateway.as_ref().expect("it runs").address();
        Client { address, token: Some(self.tokens[name].clone()) }
    }

    pub fn stranger(&self) -> Client {
        Client { token: None, ..self.client("viewer") }
    }

    pub fn errands(&self) -> Vec<Errand> {
        self.errands.lock().expect("nobody panics with it").clone()
    }

    pub fn manner(&self, manner: Manner) {
        *self.manner.lock().expect("nobody panics with it") = manner;
    }

    pub fn pass(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::SeqCst);
    }

    /// Enrols him an authenticator; the codes it shows from the next step on are good.
    pub fn enrol(&self, name: &str) -> Vec<u8> {
        let client = self.client(name);
        let shown = client.command("mfa", "{}");
        assert_eq!(shown.status, 200, "{shown:?}");
        let secret = unbase32(field(&shown.json(), "secret").as_str());
        let done = client.command("mfa", &format!("{{\"code\":\"{}\"}}", self.code(&secret)));
        assert_eq!(done.status, 200, "{done:?}");
        self.pass(30_000);
        secret
    }

    pub fn code(&self, secret: &[u8]) -> String {
        code_shown(secret, Time(self.now.load(Ordering::SeqCst))).expect("after 1970").to_string()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        drop(self.gateway.take());
        let over = self.shard.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            assert!(over.is_some_and(|over| over.is_ok()), "the stand-in ended well");
            std::fs::remove_dir_all(&self.directory).expect("ours");
        }
    }
}

/// A field of the answer in a reply.
pub fn field(reply: &Value, name: &str) -> String {
    let fields = reply["answer"]["fields"].as_array().expect("fields");
    let found = fields.iter().find(|field| field[0] == name).unwrap_or_else(|| panic!("{name} in {reply}"));
    found[1].as_str().expect("text").to_owned()
}

fn unbase32(text: &str) -> Vec<u8> {
    let (mut bits, mut held, mut bytes) = (0u32, 0u64, Vec::new());
    for letter in text.bytes().filter(u8::is_ascii_alphanumeric) {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            other => other - b'2' + 26,
        };
        held = held << 5 | u64::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    bytes
}
