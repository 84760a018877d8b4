//! Shards in threads: each has its ends of the bus, its lease where there are several processes, and rises again when it fell.
//!
//! It refuses to live on what went wrong at the very start: that is told and ends the process, for somebody sits before it.

use crate::heir;
use crate::outbox::Outbox;
use crate::retell;
use crate::shard::{
    self, Alone, Ended, Incoming, Leaving, Letterbox, Mailbox, Registry, ShardPlan, Surroundings,
};
use crate::{BadEngine, shard::mailbox};
use bus::local::Queues;
use bus::redis::Settings;
use bus::registry::Keeper;
use control::bus::BadTopic;
use control::telemetry::Telemetry;
use control::{Bus, Message, Reader, Subscription, Topic};
use edge::journal::Place;
use edge::trader::Said;
use farm::lease::{HOLD, Lease, LeaseAnswer, LeaseNews, LeaseRequest, ShardId};
use farm::{Right, journal};
use model::Interval;
use risk::Rules;
use std::io::{self, ErrorKind::QuotaExceeded, ErrorKind::StorageFull};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The group of those who hold shards.
const GROUP: &str = "traders";
/// A reader looks whether it is still wanted after this.
const READ: Interval = Interval(250);
/// Who competes for a lease looks at his clocks this often.
const COMPETE: Duration = Duration::from_millis(50);
/// And at the lock of a journal whose writer may be dead this often.
const BURY_EACH: Duration = Duration::from_secs(1);
/// Who waits for a reader to be gone tells it so often that nobody hears it.
const FORGET_EACH: Duration = Duration::from_millis(5);
/// And at a disk that takes nothing this often.
const DISK_EACH: Duration = Duration::from_millis(500);
/// Between two lives of a shard that fell, at least and at most.
const AGAIN_MIN: Duration = Duration::from_secs(1);
const AGAIN_MAX: Duration = Duration::from_secs(30);
/// How long what was said last is carried on behind the end.
const PATIENCE: Duration = Duration::from_secs(5);

/// How the processes of a farm talk.
#[derive(Clone, Debug)]
pub enum Wiring {
    /// There is one process.
    Local(Queues),
    /// By Redis: the bus, and who may speak for what.
    Redis(Box<Settings>),
}

impl Wiring {
    /// A new end that reads this.
    pub fn open(&self, reads: &[Subscription]) -> Box<dyn Bus + Send> {
        match self {
            Wiring::Local(queues) => Box::new(queues.open(reads)),
            Wiring::Redis(settings) => Box::new(bus::redis::End::new(Settings::clone(settings), reads)),
        }
    }
}

/// Why a shard cannot be hosted.
#[derive(Debug, thiserror::Error)]
pub enum BadHost {
    /// It cannot work.
    #[error("shard {shard}: {error}")]
    Engine {
        /// Which.
        shard: String,
        /// Why.
        error: BadEngine,
    },
    /// It has no name.
    #[error(transparent)]
    Topic(#[from] BadTopic),
    /// The system gives no thread.
    #[error("the system gives no thread ({0}): raise the limit of processes")]
    Thread(#[from] std::io::Error),
}

/// What a host tells of its shards, for logs and counters.
pub trait Witness: Send + Sync {
    /// Something was said by a shard's farm or its adapter.
    fn said(&self, shard: &str, said: &Said);
}

/// Nobody watches.
#[derive(Clone, Copy, Debug)]
pub struct NoWitness;

impl Witness for NoWitness {
    fn said(&self, _: &str, _: &Said) {}
}

/// A shard in its thread.
#[derive(Debug)]
struct Hosted {
    name: String,
    letterbox: Letterbox,
    /// What its lives to come are planned under, where it was changed since it was planned.
    rules: Arc<Mutex<Option<Rules>>>,
    thread: JoinHandle<Result<Ended, BadEngine>>,
}

/// All shards of a process.
#[derive(Debug)]
pub struct Host {
    hosted: Vec<Hosted>,
    outbox: Outbox,
    sender: JoinHandle<()>,
    is_leaving: Arc<AtomicBool>,
    /// Told by each shard when it is up for the first time, or cannot be.
    up: Receiver<String>,
}

/// What a shard's threads share.
#[derive(Clone)]
struct Common {
    wiring: Wiring,
    outbox: Outbox,
    witness: Arc<dyn Witness>,
    telemetry: Arc<Telemetry>,
    is_leaving: Arc<AtomicBool>,
    up: Sender<String>,
}

impl Host {
    /// Starts these shards; the number beside each is what it is leased under, in every process of the farm.
    pub fn start(
        plans: Vec<(ShardId, ShardPlan)>,
        wiring: &Wiring,
        witness: Arc<dyn Witness>,
        telemetry: Arc<Telemetry>,
    ) -> Result<Host, BadHost> {
        let (outbox, is_leaving, (up, ups)) = (Outbox::new(), Arc::new(AtomicBool::new(false)), channel());
        let mut end = wiring.open(&[]);
        let of_sender = outbox.clone();
        let sender = thread::Builder::new()
            .name("outbox".to_owned())
            .spawn(move || of_sender.carry(&mut *end, PATIENCE))?;
        let common = Common {
            wiring: wiring.clone(),
            outbox: outbox.clone(),
            witness,
            telemetry,
            is_leaving: Arc::clone(&is_leaving),
            up,
        };
        let mut hosted = Vec::new();
        for (number, plan) in plans {
            let (name, (letterbox, mailbox)) = (plan.names.shard.clone(), mailbox());
            let (topic, rules) = (Topic::commands(&name)?, Arc::new(Mutex::new(None)));
            let supervisor = Supervisor {
                number,
                plan,
                rules: Arc::clone(&rules),
                topic,
                letterbox: letterbox.clone(),
                mailbox,
                common: common.clone(),
            };
            let thread =
                thread::Builder::new().name(format!("shard {name}")).spawn(move || supervisor.run())?;
            hosted.push(Hosted { name, letterbox, rules, thread });
        }
        Ok(Host { hosted, outbox, sender, is_leaving, up: ups })
    }

    /// Waits until a shard is up, or its thread is over; `None` after so long.
    pub fn wait_up(&self, longest: Duration) -> Option<String> {
        self.up.recv_timeout(longest).ok()
    }

    /// Whether a shard is over before it was told to leave.
    pub fn has_failed(&self) -> bool {
        self.hosted.iter().any(|shard| shard.thread.is_finished())
    }

    /// Messages that wait for the bus, and attempts that failed.
    pub fn backlog(&self) -> (usize, u64) {
        self.outbox.backlog()
    }

    /// Where a shard is spoken to, beside the bus.
    pub fn letterbox(&self, shard: &str) -> Option<Letterbox> {
        self.hosted.iter().find(|hosted| hosted.name == shard).map(|hosted| hosted.letterbox.clone())
    }

    /// Puts every shard under other rules: those that live take them into their journals, and each that rises again rises
    /// under them.
    pub fn set_rules(&self, rules: Rules) {
        for shard in &self.hosted {
            *shard.rules.lock().unwrap_or_else(PoisonError::into_inner) = Some(rules);
            // One that does not live rises under them.
            let _is_heard = shard.letterbox.put(Incoming::Rules(rules));
        }
    }

    /// Tells every shard to leave, and waits until all have: how each did, by name.
    pub fn leave(self, how: Leaving) -> Vec<(String, Result<Ended, BadHost>)> {
        self.is_leaving.store(true, Ordering::Release);
        for shard in &self.hosted {
            // One that is over already does not hear.
            let _is_heard = shard.letterbox.put(Incoming::Leave(how));
        }
        let over = |shard: Hosted| {
            let ended = shard.thread.join().expect("a shard that breaks its own rules ends the process");
            let name = shard.name;
            (name.clone(), ended.map_err(|error| BadHost::Engine { shard: name, error }))
        };
        let ended = self.hosted.into_iter().map(over).collect();
        self.outbox.close();
        self.sender.join().expect("what is sent away cannot break");
        ended
    }
}

/// One shard's lives.
struct Supervisor {
    number: ShardId,
    plan: ShardPlan,
    rules: Arc<Mutex<Option<Rules>>>,
    topic: Topic,
    letterbox: Letterbox,
    mailbox: Mailbox,
    common: Common,
}

/// The registry behind a thread of its own.
struct Leased<'k> {
    keeper: &'k Keeper,
    shard: ShardId,
    known: u16,
}

impl Registry for Leased<'_> {
    fn ask(&self, request: LeaseRequest) {
        self.keeper.ask(request, self.known);
    }

    fn answer(&self) -> Option<LeaseAnswer> {
        self.keeper.answer()
    }

    fn leave_word(&self, journal: &Place) {
        heir::leave_word(journal, self.shard, self.keeper.life(), self.known);
    }
}

impl Supervisor {
    fn run(mut self) -> Result<Ended, BadEngine> {
        let shard = self.plan.names.shard.clone();
        let (mut pause, mut has_lived) = (AGAIN_MIN, false);
        loop {
            if !self.await_disk() {
                return Ok(Ended::AsTold);
            }
            let ended = match self.common.wiring.clone() {
                Wiring::Local(_) => self.live(Right::Sole, &Alone),
                Wiring::Redis(settings) => self.compete(&settings),
            };
            match ended {
                Ok(Ended::LostLease) => {
                    tracing::warn!(shard, "the lease is lost: somebody else may speak; competing again");
                    (pause, has_lived) = (AGAIN_MIN, true);
                }
                Ok(ended) => return Ok(ended),
                Err(error) if !has_lived => {
                    let _nobody_waits = self.common.up.send(shard);
                    return Err(error);
                }
                Err(error) => {
                    tracing::error!(shard, %error, "the shard fell; it rises again");
                    thread::sleep(pause);
                    pause = (pause * 2).min(AGAIN_MAX);
                }
            }
            if self.common.is_leaving.load(Ordering::Acquire) {
                return Ok(Ended::AsTold);
            }
        }
    }

    /// Waits while the journal's disk is full, for who cannot write may not speak; `false` if it is to leave before. What else is
    /// wrong with it is told by whoever rises.
    fn await_disk(&self) -> bool {
        let is_full = |error: &io::Error| matches!(error.kind(), StorageFull | QuotaExceeded);
        let mut is_told = false;
        while let Some(error) = self.plan.journal.check_disk().err().filter(is_full) {
            if !is_told {
                let (shard, journal) = (&self.plan.names.shard, self.plan.journal.path().display());
                tracing::error!(shard, %journal, %error, "the journal's disk is full: make room, the shard rises then");
                is_told = true;
            }
            if self.common.is_leaving.load(Ordering::Acquire) {
                return false;
            }
            thread::sleep(DISK_EACH);
        }
        true
    }

    /// Waits for the lease, and lives under it.
    fn compete(&mut self, settings: &Settings) -> Result<Ended, BadEngine> {
        let keeper = Keeper::start(settings.clone(), || {});
        let known = epoch_of(&self.plan.journal);
        let (begun, mut bury_at, mut buried, mut away) = (Instant::now(), None, None, None);
        let mut lease = Lease::new(self.number, keeper.node());
        loop {
            if self.common.is_leaving.load(Ordering::Acquire) {
                lease.release().into_iter().for_each(|request| keeper.ask(request, known));
                keeper.stop();
                return Ok(Ended::AsTold);
            }
            // While there is no connection what is said is lost. Who could not ask was not heard either: he need not stand back.
            if !keeper.is_reached() {
                away.get_or_insert_with(Instant::now);
                thread::sleep(COMPETE);
                continue;
            }
            if let Some(since) = away.take() {
                // One that was started again says nothing for a while, which begins when it first hears anybody.
                let heard = LeaseRequest::Release { shard: self.number, node: keeper.node(), epoch: 0 };
                keeper.ask(heard, known);
                if since.elapsed() >= Duration::from_millis(HOLD.0.unsigned_abs()) {
                    lease = Lease::new(self.number, keeper.node());
                }
            }
            // The dead are buried first, then the lease is asked for.
            if bury_at.is_none_or(|at| Instant::now() >= at) {
                heir::bury(&self.plan.journal, self.number, &keeper, &mut buried);
                bury_at = Some(Instant::now() + BURY_EACH);
            }
            if bury_at.is_none() && begun.elapsed() < BURY_EACH {
                thread::sleep(COMPETE);
                continue;
            }
            let clocks = self.plan.clock.clocks();
            let mut news: Vec<LeaseNews> = std::iter::from_fn(|| keeper.answer())
                .filter_map(|answer| lease.hear(clocks, &answer))
                .collect();
            if lease.next_wake().is_some_and(|wake| clocks.mono >= wake) {
                lease.wake(clocks).into_iter().for_each(|request| keeper.ask(request, known));
            }
            news.extend(lease.take_news());
            if let Some(LeaseNews::Gained(epoch)) =
                news.into_iter().find(|news| matches!(news, LeaseNews::Gained(_)))
            {
                tracing::info!(shard = self.plan.names.shard, epoch, "the lease is gained");
                let registry = Leased { keeper: &keeper, shard: self.number, known: epoch };
                let ended = self.live(Right::Leased(lease, epoch), &registry);
                keeper.stop();
                return ended;
            }
            thread::sleep(COMPETE);
        }
    }

    /// One life: rows that nobody has taken yet are told first, then commands are read and the shard lives.
    fn live(&mut self, right: Right, registry: &dyn Registry) -> Result<Ended, BadEngine> {
        if let Some(rules) = *self.rules.lock().unwrap_or_else(PoisonError::into_inner) {
            self.plan.trading.set_rules(rules);
        }
        let shard = &self.plan.names.shard;
        retell::retell(&self.plan.journal, &self.plan.names, &self.common.outbox);
        let is_over = Arc::new(AtomicBool::new(false));
        let reader = self.read(Arc::clone(&is_over));
        let witness = Arc::clone(&self.common.witness);
        let mut world = Surroundings {
            mailbox: &self.mailbox,
            outbox: &self.common.outbox,
            registry,
            hear: &mut |said| witness.said(shard, said),
            up: &mut || {
                let _nobody_waits = self.common.up.send(shard.clone());
            },
            telemetry: self.common.telemetry.shard(shard),
        };
        let ended = shard::live(&self.plan, right, &mut world);
        is_over.store(true, Ordering::Release);
        // What it hands in behind the end would be waited for by itself, and it by us: it is told until it is gone.
        while !reader.is_finished() {
            self.mailbox.forget();
            thread::sleep(FORGET_EACH);
        }
        self.mailbox.forget();
        reader.join().expect("a reader cannot break");
        ended
    }

    /// Reads what is to be done, one at a time: the next is asked for when this one is in the journal.
    fn read(&self, is_over: Arc<AtomicBool>) -> JoinHandle<()> {
        let member = self.plan.names.node.clone();
        let group = Reader::Group { name: GROUP.to_owned(), member };
        let mut end = self.common.wiring.open(&[
            Subscription { topic: self.topic.clone(), reader: group },
            Subscription { topic: Topic::readings(), reader: Reader::Everyone },
        ]);
        let (letterbox, shard) = (self.letterbox.clone(), self.plan.names.shard.clone());
        thread::spawn(move || {
            while !is_over.load(Ordering::Acquire) {
                match end.next(READ) {
                    Ok(Some(delivery)) => {
                        if !hand_in(&letterbox, &shard, &delivery.message) {
                            // Not done: whoever holds the shard next has it again.
                            return;
                        }
                    }
                    Ok(None) => {}
                    Err(error) => {
                        tracing::warn!(shard, %error, "no commands can be read");
                        thread::sleep(COMPETE);
                    }
                }
            }
        })
    }
}

/// Hands a message in, and waits until it is done with; `false` if the shard is gone.
fn hand_in(letterbox: &Letterbox, shard: &str, message: &[u8]) -> bool {
    match Message::decode(message) {
        Ok(Message::Errand(errand)) if errand.shard == shard => {
            let (done, is_done) = channel();
            letterbox.put(Incoming::Errand(errand, Some(done))) && is_done.recv().is_ok()
        }
        Ok(Message::Measured(reading)) => letterbox.put(Incoming::Measured((&reading).into())),
        Ok(_) => true,
        Err(error) => {
            tracing::warn!(shard, %error, "a message is left aside");
            true
        }
    }
}

/// The highest epoch that a journal knows: a registry that lost its memory begins above it.
fn epoch_of(place: &Place) -> u16 {
    let Ok(segments) = place.read() else { return 0 };
    journal::survey(&segments).map_or(0, |survey| survey.epoch)
}
