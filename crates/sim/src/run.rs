//! One run: a seed, some days, a verdict.

use crate::checks::{self, Broken, NAKED_MAX_S};
use crate::front::Front;
use crate::market::{Made, START};
use crate::process::Process;
use crate::weather::{Fault, Tally, Weather};
use crate::wire::{Message, Wire};
use cosmos::Sky;
use farm::journal::Origin;
use farm::{Character, FromVenue, Recruit, ToVenue};
use model::order::AccountMode;
use model::{
    Bar, BotId, Instrument, Interval, Leg, MarginMode, Mark, OrderId, PositionMode, PositionSide, Qty,
    Request, Rng, StateHash, Time, Usd,
};
use persona::{ControlSettings, Gains};
use std::collections::BTreeMap;
use venue::{AccountSettings, MarkBar, Models, Venue};

/// What is run.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Seed of everything.
    pub seed: u64,
    /// Days under faults.
    pub days: u32,
    /// What is broken; drawn from the seed if nothing is said.
    pub weather: Option<Weather>,
    /// Only this one of its bots; all of them if nothing is said.
    pub alone: Option<BotId>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its seed.
    pub seed: u64,
    /// Minutes lived.
    pub minutes: u64,
    /// Requests that reached the venue in time.
    pub orders: u64,
    /// Fills.
    pub fills: u64,
    /// Requests that reached it too late and were not carried out.
    pub too_late: u64,
    /// Faults by kind.
    pub faults: Tally,
    /// The longest that a persona's position stood without a stop while the venue answered, in seconds.
    pub naked_s: u64,
    /// Everything that happened, in one word.
    pub trace: u64,
    /// What each bot is at the end, in one word.
    pub bots: Vec<(BotId, u64)>,
    /// What broke first.
    pub broken: Option<Broken>,
}

const CAPITAL: Usd = Usd(10_000 * Usd::ONE.0);
/// After this long without a fault everybody must have caught up.
const HEALING: Interval = Interval::minutes(30);
/// And after this long without anything new nobody may wait any more, in seconds.
const QUIET_S: i64 = 120;
/// The longest that the venue is closed, and that a process is dead.
const CLOSED_MAX_MS: u64 = 300_000;
const DEAD_MAX_MS: u64 = 180_000;

/// Who trades: personas whose positions must be protected, and controls that trade all the time.
fn recruits(seed: u64) -> Vec<Recruit> {
    let persona = |name| {
        let profile = persona::catalogue::profile(name).expect("listed").expect("built in");
        Character::Persona(Box::new(profile), Gains::FULL)
    };
    let control = |fast, slow, quantity| {
        Character::Control("ema_cross", ControlSettings { fast, slow, quantity: Qty(quantity) })
    };
    let characters =
        [persona("newbie"), persona("scalper"), persona("aggressive"), control(3, 7, 20), control(5, 12, 35)];
    let number = |i: usize| BotId(u16::try_from(i).expect("few bots"));
    let recruit = |(i, character)| Recruit::alone(number(i), character, CAPITAL, seed);
    characters.into_iter().enumerate().map(recruit).collect()
}

/// A bot in one word.
fn word(bot: &farm::Bot) -> u64 {
    let mut hash = StateHash::default();
    bot.hash(&mut hash);
    hash.finish()
}

fn venue(instrument: &Instrument, recruits: &[Recruit]) -> Venue {
    let mut venue = Venue::new(instrument.clone());
    for recruit in recruits {
        let leverage = match &recruit.character {
            Character::Persona(profile, _) | Character::Twin(profile) => profile.risk.leverage_max,
            Character::Control(..) => 10,
        };
        let mode = AccountMode { position: PositionMode::OneWay, margin: MarginMode::Cross, leverage };
        venue.open_account(AccountSettings {
            id: recruit.account,
            mode,
            balance: recruit.capital,
            models: Models::NONE,
        });
    }
    venue
}

/// When a process dies: between writing and keeping, where there is something to lose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doom {
    /// At the next step that writes.
    Writing,
    /// At the next step that decides: what is written down was never sent.
    Deciding,
}

impl Doom {
    fn strikes(self, process: &Process) -> bool {
        process.disk().unsynced() > 0 && (self == Doom::Writing || process.desk.is_asking())
    }
}

/// Everything of one run.
struct World<'t> {
    /// Who is told every step, if anybody.
    told: Option<&'t mut dyn FnMut(String)>,
    origin: Origin,
    market: Made,
    front: Front,
    wire: Wire,
    process: Option<Process>,
    /// What the dead one's disk kept, its life, and when it rises.
    grave: Option<(Vec<u8>, u64, Time)>,
    /// How it dies, if it is to.
    doomed: Option<Doom>,
    weather: Weather,
    rng: Rng,
    faults: Tally,
    now: Time,
    /// Complete minutes, for those who were dead meanwhile.
    bars: Vec<Bar>,
    asked: BTreeMap<OrderId, i64>,
    orders: u64,
    naked: BTreeMap<BotId, u64>,
    naked_s: u64,
    hash: StateHash,
}

/// Runs a seed.
pub fn run(settings: &Settings) -> Outcome {
    run_told(settings, None)
}

/// Runs a seed and tells every step, a line each.
pub fn run_traced(settings: &Settings, tell: &mut dyn FnMut(String)) -> Outcome {
    run_told(settings, Some(tell))
}

fn run_told(settings: &Settings, told: Option<&mut dyn FnMut(String)>) -> Outcome {
    let mut rng = Rng::new(settings.seed ^ 0x5EED_0F7E_A7BE_4711);
    let weather = settings.weather.unwrap_or_else(|| Weather::draw(&mut rng));
    let instrument = Instrument::btcusdt();
    let mut recruits = recruits(settings.seed);
    recruits.retain(|recruit| settings.alone.is_none_or(|alone| recruit.bot == alone));
    let origin = Origin {
        instrument: instrument.clone(),
        interval: Interval::MINUTE,
        sky: Sky::none(),
        recruits: recruits.clone(),
        accounts: Vec::new(),
        rules: risk::Rules::NONE,
    };
    let mut world = World {
        told,
        process: Some(Process::begin(&origin)),
        origin,
        market: Made::new(settings.seed, settings.days),
        front: Front::new(venue(&instrument, &recruits)),
        wire: Wire::default(),
        grave: None,
        doomed: None,
        weather,
        rng,
        faults: Tally::default(),
        now: START,
        bars: Vec::new(),
        asked: BTreeMap::new(),
        orders: 0,
        naked: BTreeMap::new(),
        naked_s: 0,
        hash: StateHash::default(),
    };
    let broken = world.live(settings.days).err();
    Outcome {
        seed: settings.seed,
        minutes: world.bars.len() as u64,
        orders: world.orders,
        fills: world
            .process
            .iter()
            .flat_map(|process| process.farm.bots())
            .map(|bot| bot.ledger().fills())
            .sum(),
        too_late: world.front.too_late,
        faults: world.faults,
        naked_s: world.naked_s,
        trace: world.hash.finish(),
        bots: world
            .process
            .iter()
            .flat_map(|process| process.farm.bots())
            .map(|bot| (bot.id(), word(bot)))
            .collect(),
        broken,
    }
}

impl World<'_> {
    fn live(&mut self, days: u32) -> Result<(), Broken> {
        let minutes = i64::from(days) * Interval::DAY.0 / Interval::MINUTE.0;
        for minute in 0..minutes {
            self.minute()?;
            if minute % 360 == 0 {
                checks::record(&self.front, &self.origin.instrument, CAPITAL)?;
            }
        }
        self.weather = Weather::KIND;
        self.doomed = None;
        for _ in 0..HEALING.0 / Interval::MINUTE.0 {
            self.minute()?;
        }
        self.rest()?;
        let Some(process) = &self.process else {
            return Err(Broken::Stuck("the process is dead".to_owned()));
        };
        checks::both_sides(process, &self.front)?;
        checks::record(&self.front, &self.origin.instrument, CAPITAL)?;
        checks::overfilled(&self.front, &self.asked)?;
        checks::fold(process)
    }

    /// Nothing new happens until nobody waits.
    fn rest(&mut self) -> Result<(), Broken> {
        let price = self.market.minute.close;
        for _ in 0..QUIET_S {
            if self.process.as_ref().is_some_and(|process| checks::is_quiet(process, &self.front)) {
                return Ok(());
            }
            let flat =
                Bar { open_time: self.now, open: price, high: price, low: price, close: price, volume: 1e6 };
            self.second(&flat)?;
        }
        let open = self.process.as_ref().map_or(0, |process| process.desk.open_requests());
        Err(Broken::Stuck(format!("{open} requests are open, or a report was never heard")))
    }

    /// Tells a step; nothing is put into words that nobody hears.
    fn trace(&mut self, at: Time, words: impl FnOnce() -> String) {
        if let Some(tell) = &mut self.told {
            tell(format!("{at} {}", words()));
        }
    }

    fn minute(&mut self) -> Result<(), Broken> {
        let first = self.bars.is_empty();
        if let Some(due) = self.market.begin() {
            let mark = self.origin.instrument.mark_of(self.market.minute.open);
            self.front.venue.settle_funding(self.now, mark, due.rate);
            self.tell();
        }
        if first && let Some(process) = &mut self.process {
            process.open(self.now, self.market.minute.open);
        }
        self.break_things();
        for second in 0..60 {
            let bar = self.market.second(second);
            self.second(&bar)?;
        }
        self.bars.push(self.market.minute);
        if let Some(process) = &mut self.process {
            process.see(self.now, self.market.minute);
            self.step();
        }
        self.hash.word(self.front.venue.mark().0 as u64);
        if let Some(process) = &self.process {
            self.hash.word(process.farm.state_hash());
        }
        Ok(())
    }

    fn break_things(&mut self) {
        let weather = self.weather;
        let World { rng, faults, .. } = self;
        if weather.strikes(Fault::Partition, rng, faults) {
            self.wire.cut(self.now, rng);
            self.trace(self.now, || "the wire is cut".to_owned());
        }
        let World { rng, faults, .. } = self;
        if weather.strikes(Fault::Maintenance, rng, faults) {
            let lasts = i64::try_from(rng.below(CLOSED_MAX_MS)).expect("short");
            self.front.close(self.now, Interval(lasts));
            self.trace(self.now, || format!("the venue closes for {lasts} ms"));
        }
        let World { rng, faults, .. } = self;
        if self.process.is_some() && weather.strikes(Fault::Crash, rng, faults) {
            self.doomed = Some(if rng.below(2) == 0 { Doom::Writing } else { Doom::Deciding });
        }
    }

    /// One second: what arrives, what the market does, what is due.
    fn second(&mut self, bar: &Bar) -> Result<(), Broken> {
        let end = self.now + Interval::SECOND;
        while let Some((at, message)) = self.wire.arrived(end) {
            match message {
                Message::Up(message) => self.reach_venue(at, message),
                Message::Down(life, said) => self.reach_process(at, life, said),
            }
        }
        let mark = MarkBar::from_basis(self.origin.instrument.mark_per_tick(), bar, Mark::ZERO);
        self.front.venue.step(bar, Interval::SECOND, mark);
        self.now = end;
        self.tell();
        if self.grave.as_ref().is_some_and(|(_, _, rises)| *rises <= end) {
            self.rise()?;
        }
        if self.process.as_ref().is_some_and(|process| process.is_due(end)) {
            self.step();
        }
        self.watch_stops()
    }

    fn reach_venue(&mut self, at: Time, message: ToVenue) {
        self.trace(at, || format!("venue hears {message:?}"));
        let World { weather, rng, faults, .. } = self;
        let is_request = matches!(message, ToVenue::Request { .. });
        if is_request && weather.strikes(Fault::Throttled, rng, faults) {
            return;
        }
        if let ToVenue::Request { request: Request::Place(order), .. } = &message {
            self.asked.entry(order.id).or_insert(order.qty.0);
        }
        self.orders += u64::from(is_request);
        if let Some(answer) = self.front.hear(at, message) {
            self.send_down(at, answer);
        }
    }

    fn reach_process(&mut self, at: Time, life: u64, said: FromVenue) {
        let lives = self.process.as_ref().is_some_and(|process| process.life == life);
        if lives {
            self.trace(at, || format!("farm hears {said:?}"));
        }
        if let Some(process) = self.process.as_mut().filter(|_| lives) {
            process.hear(at, said);
            self.step_at(at);
        }
    }

    /// The venue tells what is new.
    fn tell(&mut self) {
        for said in self.front.said() {
            if !self.front.is_closed(self.now) {
                self.send_down(self.now, said);
            }
        }
    }

    fn send_down(&mut self, at: Time, said: FromVenue) {
        let Some(life) = self.process.as_ref().map(|process| process.life) else { return };
        let World { wire, weather, rng, faults, .. } = self;
        wire.send(at, &Message::Down(life, said), weather, rng, faults);
    }

    /// The process thinks and acts, or dies in between.
    fn step(&mut self) {
        self.step_at(self.now);
    }

    fn step_at(&mut self, now: Time) {
        let Some(process) = &mut self.process else { return };
        process.think(now);
        if self.doomed.is_some_and(|doom| doom.strikes(process)) {
            return self.die();
        }
        let outbox = process.act();
        let World { wire, weather, rng, faults, .. } = self;
        for message in outbox {
            wire.send(now, &Message::Up(message), weather, rng, faults);
        }
    }

    fn die(&mut self) {
        let World { weather, rng, faults, .. } = self;
        let weather = *weather;
        let process = self.process.take().expect("only the living die");
        let unsynced = process.disk().unsynced();
        let left = if weather.strikes(Fault::UnsyncedLost, rng, faults) {
            0
        } else if weather.strikes(Fault::TornTail, rng, faults) {
            usize::try_from(rng.below(unsynced as u64)).expect("bytes in memory")
        } else {
            unsynced
        };
        let rises = self.now + Interval(i64::try_from(rng.below(DEAD_MAX_MS)).expect("short"));
        self.trace(self.now, || format!("the process dies; {left} of {unsynced} bytes reach the disk"));
        self.grave = Some((process.disk().after_crash(left), process.life + 1, rises));
        self.doomed = None;
    }

    fn rise(&mut self) -> Result<(), Broken> {
        let (bytes, life, _) = self.grave.take().expect("somebody is dead");
        let mut process =
            Process::rise(&bytes, life, self.now).map_err(|error| Broken::Replay(error.to_string()))?;
        let seen = process.farm.market().now();
        if seen == Time::default() {
            process.open(self.now, self.bars.first().map_or(self.market.minute.open, |bar| bar.open));
        }
        for bar in self.bars.iter().filter(|bar| bar.open_time >= seen) {
            process.see(self.now, *bar);
        }
        self.process = Some(process);
        self.trace(self.now, || format!("life {life} begins"));
        self.step();
        Ok(())
    }

    /// A persona's position has its stop.
    fn watch_stops(&mut self) -> Result<(), Broken> {
        for recruit in &self.origin.recruits {
            if matches!(recruit.character, Character::Control(..)) {
                continue;
            }
            let account = self.front.venue.account(recruit.account);
            let held = account.position(PositionSide::Net).qty.0 != 0;
            let stopped = account.open_orders().any(|order| order.id.leg == Leg::Stop);
            let seconds = self.naked.entry(recruit.bot).or_default();
            *seconds = if held && !stopped && !self.front.is_closed(self.now) { *seconds + 1 } else { 0 };
            self.naked_s = self.naked_s.max(*seconds);
            if *seconds > NAKED_MAX_S {
                return Err(Broken::Naked(recruit.bot, *seconds));
            }
        }
        Ok(())
    }
}
