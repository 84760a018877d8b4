//! One shard's loop: hears commands and its market, thinks, and says what came of it.
//!
//! What is answered and told is in the journal already. A command is given back to the bus as done only then. It refuses to
//! leave a position without its stop: whoever stops it may take back entries or close what is held, never what protects.

use crate::disk::Disk;
use crate::engine::{BadEngine, Engine, Trading};
use crate::measures::Measures;
use crate::outbox::Outbox;
use crate::retell;
use control::message::{Done, Errand, Word};
use control::telemetry::ShardTelemetry;
use control::view::Names;
use control::{Message, Teller};
use edge::exchange::{Clock, Waker};
use edge::journal::Place;
use edge::trader::Said;
use farm::lease::{Lease, LeaseAnswer, LeaseNews, LeaseRequest};
use farm::{BotStatus, Reply, Right};
use model::event::Measured;
use model::{BotId, Command, CommandId, Instruction, Interval, Role, Scope, Time};
use risk::Rules;
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often others are told how it is.
const VIEW_EACH: Duration = Duration::from_secs(1);
/// A turn that waits for sockets looks up after this.
const TURN: Duration = Duration::from_millis(500);
/// How long a stop may take that closes positions, and one that only takes back orders.
const CLOSING_MAX: Duration = Duration::from_secs(60);
/// Commands that a shard gives itself have numbers nobody draws: the highest bit is set.
const OWN_COMMANDS: u64 = 1 << 63;
const WITHDRAWING_MAX: Duration = Duration::from_secs(15);

/// A shard.
#[derive(Debug)]
pub struct ShardPlan {
    /// Names that its farm does not know.
    pub names: Names,
    /// Where its journal lies.
    pub journal: Place,
    /// Where it trades.
    pub trading: Trading,
    /// By which its lease is counted: this machine's.
    pub clock: Clock,
}

/// What a graceful stop does with orders and positions. Stops of positions always stay until they are flat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// Leaves everything as it rests.
    Keep,
    /// Takes opening orders back.
    CancelEntries,
    /// Closes every position and takes every order back.
    Close,
}

/// What somebody says to a shard.
#[derive(Debug)]
pub enum Incoming {
    /// Something is to be done; the bus is told when it is in the journal.
    Errand(Errand, Option<Sender<()>>),
    /// Something was measured.
    Measured(Measured),
    /// Other rules hold from now on.
    Rules(Rules),
    /// It is to leave.
    Leave(Leaving),
}

/// Where a shard is spoken to.
#[derive(Clone, Debug)]
pub struct Letterbox {
    sender: Sender<Incoming>,
    waker: Arc<Mutex<Option<Waker>>>,
}

/// Where a shard hears.
#[derive(Debug)]
pub struct Mailbox {
    receiver: Receiver<Incoming>,
    sender: Sender<Incoming>,
    waker: Arc<Mutex<Option<Waker>>>,
}

/// Somewhere to be spoken to, and to hear.
pub fn mailbox() -> (Letterbox, Mailbox) {
    let (sender, receiver) = channel();
    let waker = Arc::new(Mutex::new(None));
    (Letterbox { sender: sender.clone(), waker: Arc::clone(&waker) }, Mailbox { receiver, sender, waker })
}

impl Mailbox {
    /// What was said to a life that is over is not heard by the next: whoever waits for it is told that it was not done.
    pub fn forget(&self) {
        let keep: Vec<Incoming> =
            self.receiver.try_iter().filter(|incoming| matches!(incoming, Incoming::Leave(_))).collect();
        keep.into_iter().for_each(|leave| {
            let _is_heard_by_itself = self.sender.send(leave);
        });
    }
}

impl Letterbox {
    /// Says something; `false` if nobody hears any more.
    pub fn put(&self, incoming: Incoming) -> bool {
        let is_heard = self.sender.send(incoming).is_ok();
        if let Some(waker) = &*self.waker.lock().unwrap_or_else(PoisonError::into_inner) {
            waker.wake();
        }
        is_heard
    }
}

/// How a shard's life ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was told to leave, and what it was told to do is done.
    AsTold,
    /// It was told to leave, and not all was done in time: in words.
    Unfinished(String),
    /// It may not speak any more: somebody else may.
    LostLease,
}

/// The registry of leases, as a shard sees it: it never waits.
pub trait Registry {
    /// Asks.
    fn ask(&self, request: LeaseRequest);
    /// The next answer, if one has come.
    fn answer(&self) -> Option<LeaseAnswer>;
    /// This life holds the journal now: who comes after it, should it die, may know under which lease it did.
    fn leave_word(&self, journal: &Place);
}

/// Nobody else could speak.
#[derive(Clone, Copy, Debug)]
pub struct Alone;

impl Registry for Alone {
    fn ask(&self, _: LeaseRequest) {}

    fn answer(&self) -> Option<LeaseAnswer> {
        None
    }

    fn leave_word(&self, _: &Place) {}
}

/// What a shard needs of the world besides its plan.
pub struct Surroundings<'w> {
    /// Where it hears.
    pub mailbox: &'w Mailbox,
    /// Where it speaks.
    pub outbox: &'w Outbox,
    /// The registry of leases; a laptop has none.
    pub registry: &'w dyn Registry,
    /// Hears what else is said, for logs and counters.
    pub hear: &'w mut dyn FnMut(&Said),
    /// Told when it has risen.
    pub up: &'w mut dyn FnMut(),
    /// What is measured of it; nothing where nobody counts.
    pub telemetry: Option<Arc<ShardTelemetry>>,
}

/// A farm that is alive.
struct Alive<'w, 's> {
    engine: Engine,
    teller: Teller,
    /// Where no order can come too late, the lease is kept here, by this clock.
    lease: Option<Lease>,
    clock: Clock,
    epoch: u16,
    /// Commands whose answer is to come, and the bus that waits.
    asked: BTreeMap<CommandId, Vec<Sender<()>>>,
    journal: Place,
    told: u64,
    instructions: u64,
    views: u64,
    view_at: Instant,
    leaving: Option<Left>,
    measures: Measures,
    disk: Disk,
    /// Frames of its journal that are safe.
    safe: u64,
    /// When the youngest command was given, by its giver's clock and by the farm's.
    given: Option<(Time, Time)>,
    world: &'s mut Surroundings<'w>,
}

/// On its way out.
#[derive(Debug)]
struct Left {
    how: Leaving,
    until: Instant,
    /// Who traded when it was told to leave, and does again when it comes back.
    traded: Vec<BotId>,
    /// Everything was asked for, and what was asked for is done.
    resumed: bool,
}

/// Lives until it is told to leave or may not speak any more.
pub fn live(plan: &ShardPlan, right: Right, world: &mut Surroundings<'_>) -> Result<Ended, BadEngine> {
    let (epoch, lease, right) = match right {
        Right::Leased(lease, epoch) if plan.trading.binds_orders() => {
            (epoch, None, Right::Leased(lease, epoch))
        }
        Right::Leased(lease, epoch) => (epoch, Some(lease), Right::Granted(epoch)),
        right => (0, None, right),
    };
    let engine = Engine::rise(&plan.journal, &plan.trading, right)?;
    // Not before the journal is locked: whoever finds it free takes the writer of this word for dead.
    world.registry.leave_word(&plan.journal);
    let shard = plan.names.shard.clone();
    *world.mailbox.waker.lock().unwrap_or_else(PoisonError::into_inner) = engine.waker();
    let mut alive = Alive {
        teller: Teller::new(plan.names.clone()).with_margins(plan.trading.margins()),
        lease,
        clock: plan.clock,
        epoch,
        asked: BTreeMap::new(),
        journal: plan.journal.clone(),
        told: 0,
        instructions: 0,
        views: 0,
        view_at: Instant::now(),
        leaving: None,
        measures: Measures::begin(world.telemetry.clone(), engine.farm()),
        disk: Disk::default(),
        safe: 0,
        given: None,
        engine,
        world,
    };
    (alive.world.up)();
    let ended = alive.run(&shard);
    let Alive { mut engine, mut lease, world, .. } = alive;
    if ended != Ended::LostLease {
        // What is still on its way is in the journal, and known to whoever holds the shard next.
        let held = lease.as_mut().or_else(|| engine.lease_mut());
        held.and_then(Lease::release).into_iter().for_each(|request| world.registry.ask(request));
    }
    *world.mailbox.waker.lock().unwrap_or_else(PoisonError::into_inner) = None;
    engine.stop();
    Ok(ended)
}

impl Alive<'_, '_> {
    fn run(&mut self, shard: &str) -> Ended {
        loop {
            let wait = self.view_at.saturating_duration_since(Instant::now());
            self.hear_others(wait);
            if self.tend_lease() == Some(LeaseNews::Lost) {
                return Ended::LostLease;
            }
            let said = self.engine.turn(wait.min(TURN));
            self.measures.turned(&mut self.engine);
            self.disk.look(shard, self.engine.stuck(), self.world.outbox);
            self.tell(shard, &said);
            if let Some(ended) = self.leave() {
                self.view(shard);
                return ended;
            }
            if Instant::now() >= self.view_at {
                self.view(shard);
            }
        }
    }

    /// Hears what others say; on paper it waits for them until there is something to do.
    fn hear_others(&mut self, wait: Duration) {
        let first = match self.engine.idle() {
            Some(idle) => self.world.mailbox.receiver.recv_timeout(idle.min(wait).min(TURN)).ok(),
            None => None,
        };
        let incoming: Vec<Incoming> =
            first.into_iter().chain(self.world.mailbox.receiver.try_iter()).collect();
        incoming.into_iter().for_each(|incoming| self.hear(incoming));
    }

    fn hear(&mut self, incoming: Incoming) {
        match incoming {
            Incoming::Errand(errand, done) => self.hear_errand(&errand, done),
            Incoming::Measured(measured) => self.engine.measured(measured),
            Incoming::Rules(rules) => {
                if let Err(error) = self.engine.set_rules(rules) {
                    tracing::error!(shard = self.teller.names().shard, %error, "the rules are not taken");
                }
            }
            Incoming::Leave(how) => self.begin_to_leave(how),
        }
    }

    fn hear_errand(&mut self, errand: &Errand, done: Option<Sender<()>>) {
        match errand.command() {
            Ok(command) => {
                // How long ago it was given is told by one clock; the farm lives by another.
                let ago = Interval((Clock::wall() - command.given_at).0);
                let mut given_at = self.engine.now() - ago;
                // The farm's clock may stand where ours goes on: who was given later is never taken for earlier.
                if self.given.is_none_or(|(wall, _)| command.given_at >= wall) {
                    given_at = self.given.map_or(given_at, |(_, farms)| given_at.max(farms));
                    self.given = Some((command.given_at, given_at));
                }
                self.asked.entry(command.id).or_default().extend(done);
                self.engine.command(Command { given_at, ..command });
            }
            Err(_) => {
                let objection = Some(Word(farm::Objection::Unknown));
                self.answer(CommandId(errand.id), objection, &errand.shard.clone());
            }
        }
    }

    fn answer(&mut self, id: CommandId, objection: Option<Word<farm::Objection>>, shard: &str) {
        let at = Clock::wall().0;
        self.world.outbox.answer(&Message::Done(Done { id: id.0, shard: shard.to_owned(), at, objection }));
        for done in self.asked.remove(&id).unwrap_or_default() {
            // Whoever asked may be gone.
            let _is_heard = done.send(());
        }
    }

    /// Tells what was said: all of it is in the journal.
    fn tell(&mut self, shard: &str, said: &[Said]) {
        let mut messages = Vec::new();
        for one in said {
            (self.world.hear)(one);
            match one {
                Said::Word(at, word) => messages.extend(self.teller.tell(*at, word, self.engine.farm())),
                Said::Reply(id, reply) => self.reply(*id, *reply, shard),
                Said::Alert(_) => {}
            }
        }
        // While the disk takes nothing the farm is ahead of its journal: what it is is told when that is safe.
        if self.engine.stuck().is_none() {
            self.safe = self.engine.frames();
            let now = self.engine.now();
            messages.extend(self.teller.look(now, self.engine.farm()));
        }
        self.world.outbox.tell(shard, self.safe, &messages);
    }

    fn reply(&mut self, id: CommandId, reply: Reply, shard: &str) {
        self.answer(id, reply.err().map(Word), shard);
    }

    fn view(&mut self, shard: &str) {
        self.views += 1;
        self.view_at = Instant::now() + VIEW_EACH;
        let age = self.measures.look(&mut self.engine, self.world.outbox);
        let at = Clock::wall();
        let mut view = self.teller.view(self.engine.farm(), (self.views, self.epoch), at);
        if let (Some(price), Some(age)) = (&mut view.price, age) {
            price.age_ms = age.0;
        }
        self.world.outbox.view(shard, &Message::View(Box::new(view)));
        self.keep_progress(shard);
    }

    /// How far others have taken what it told: what is behind that is told again by its next life.
    fn keep_progress(&mut self, shard: &str) {
        let progress = self.world.outbox.progress(shard);
        if progress.told > self.told {
            self.told = progress.told;
            retell::keep(&self.journal, self.told);
        }
        // More was said than could wait for a bus that was away: it is in the journal.
        if progress.missing_from.is_some() && self.world.outbox.backlog().0 == 0 {
            retell::retell(&self.journal, self.teller.names(), self.world.outbox);
        }
    }

    /// What is due about the lease; a laptop has none.
    fn tend_lease(&mut self) -> Option<LeaseNews> {
        let clocks = match &self.lease {
            Some(_) => self.clock.clocks(),
            None => self.engine.clocks()?,
        };
        let answers: Vec<LeaseAnswer> = std::iter::from_fn(|| self.world.registry.answer()).collect();
        let lease = match &mut self.lease {
            Some(lease) => lease,
            None => self.engine.lease_mut()?,
        };
        let mut news: Vec<LeaseNews> =
            answers.iter().filter_map(|answer| lease.hear(clocks, answer)).collect();
        let is_due = lease.next_wake().is_some_and(|wake| clocks.mono >= wake);
        let request = if is_due { lease.wake(clocks) } else { None };
        news.extend(lease.take_news());
        request.into_iter().for_each(|request| self.world.registry.ask(request));
        news.contains(&LeaseNews::Lost).then_some(LeaseNews::Lost)
    }

    fn begin_to_leave(&mut self, how: Leaving) {
        let longest = match how {
            Leaving::Keep => Duration::ZERO,
            Leaving::CancelEntries => WITHDRAWING_MAX,
            Leaving::Close => CLOSING_MAX,
        };
        let trades = |bot: &&farm::Bot| matches!(bot.status(), BotStatus::Trading | BotStatus::Scheduled);
        let traded: Vec<BotId> = self.engine.farm().bots().iter().filter(trades).map(farm::Bot::id).collect();
        match how {
            Leaving::Keep => {}
            Leaving::CancelEntries => self.engine.withdraw(),
            Leaving::Close => {
                for bot in self.engine.farm().bots().iter().map(farm::Bot::id).collect::<Vec<_>>() {
                    self.instruct(Instruction::ReduceOnly(Scope::Bot(bot)));
                    self.instruct(Instruction::Close(Scope::Bot(bot)));
                }
            }
        }
        self.leaving = Some(Left { how, until: Instant::now() + longest, traded, resumed: false });
    }

    /// A command of its own.
    fn instruct(&mut self, instruction: Instruction) {
        self.instructions += 1;
        let number = Clock::wall().0.unsigned_abs() << 12 | self.instructions & 0xFFF;
        let (id, given_at) = (CommandId(OWN_COMMANDS | number), self.engine.now());
        self.engine.command(Command { id, role: Role::Admin, given_at, instruction });
    }

    /// Whether it has left, and how.
    fn leave(&mut self) -> Option<Ended> {
        let left = self.leaving.as_ref()?;
        let (how, is_late) = (left.how, Instant::now() >= left.until);
        let opening = |order: &execution::Working| !order.reduce_only && order.id.leg == model::Leg::Own;
        let bots = self.engine.farm().bots();
        let entries = bots.iter().flat_map(|bot| bot.orders().iter()).filter(|order| opening(order)).count();
        let held = bots.iter().filter(|bot| !bot.ledger().position().is_flat()).count();
        let orders: usize = bots.iter().map(|bot| bot.orders().iter().count()).sum();
        let is_done = match how {
            Leaving::Keep => true,
            Leaving::CancelEntries => entries == 0,
            Leaving::Close => held == 0 && orders == 0,
        };
        if !is_done && !is_late {
            return None;
        }
        if how == Leaving::Close && !left.resumed {
            // Whoever traded trades again when the farm comes back.
            for bot in left.traded.clone() {
                self.instruct(Instruction::Resume(Scope::Bot(bot)));
            }
            self.leaving.as_mut().expect("it is leaving").resumed = true;
            return None;
        }
        Some(if is_done {
            Ended::AsTold
        } else {
            Ended::Unfinished(format!(
                "{held} positions and {orders} orders were left, {entries} of them would open something"
            ))
        })
    }
}
