//! One run: a seed, some minutes, a verdict.

use crate::cast;
use crate::checks::{self, Broken, NAKED_MAX_S};
use crate::company::{Company, SHARED};
use crate::disk::Disk;
use crate::fault::Fault;
use crate::front::Front;
use crate::hands::Hands;
use crate::market::{Made, START, STEPS};
use crate::node::{Counted, Doom, Node, Pause};
use crate::operator::Operator;
use crate::oracle::Oracle;
use crate::readings::Readings;
use crate::settings::{Bytes, DAY_MINUTES, Outcome, Sabotage, Settings, Tenancy, Topology};
use crate::sharers::{self, Sharers};
use crate::strike::{Far, Fates, Key, Link, Strike, Target, Watch, up_to};
use crate::turns::DEAD_MAX;
use crate::weather::Weather;
use crate::wire::Wire;
use farm::journal::Origin;
use farm::{Character, Recruit, Registry};
use model::{
    Bar, BotId, Instrument, Interval, Leg, Mark, OrderId, OrderRequest, PositionSide, Price, Qty,
    RejectReason, Rng, StateHash, Time,
};
use risk::{Refusal, Rules};
use std::collections::{BTreeMap, BTreeSet};
use venue::MarkBar;

/// After this long without a fault everybody must have caught up.
const HEALING_MINUTES: u32 = 30;
/// What was done by hand is undone as fast as there is volume for it: so much longer it may take.
const EXPLAINING_MINUTES: u32 = 240;
/// And after this long without anything new nobody may wait any more, in seconds.
const QUIET_S: i64 = 120;
/// How often the venue's record is held against its books.
const RECORD_EACH_MINUTES: u32 = 360;
/// The longest that the venue is closed, or refuses everything, and that a machine stands still.
const CLOSED_MAX: Interval = Interval(300_000);
const STORM_MAX: Interval = Interval(120_000);
const PAUSE_MAX: Interval = Interval(60_000);
/// The farthest that the clock on a wall is set, either way; and that of the registry ahead, as leases allow.
const STEP_MAX: Interval = Interval(300_000);
const REGISTRY_STEP_MAX: Interval = farm::lease::MARGIN;
/// The longest that nobody may speak for a shard: targets and stops fill meanwhile.
const UNATTENDED_MAX: Interval = Interval(4 * Interval::HOUR.0);

/// Everything of one run.
pub(crate) struct World<'w> {
    pub(crate) fates: Fates<'w>,
    pub(crate) tenancy: Tenancy,
    mark_per_tick: i64,
    pub(crate) sabotage: Option<Sabotage>,
    pub(crate) company: Company,
    pub(crate) operator: Operator,
    pub(crate) hands: Hands,
    pub(crate) readings: Readings,
    pub(crate) sharers: Sharers,
    pub(crate) recruits: Vec<Recruit>,
    pub(crate) shards: Vec<Shard>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) registry: Registry,
    pub(crate) registry_clock: crate::clock::Machine,
    /// Until then nobody gains or keeps the right to speak.
    pub(crate) unattended_until: Time,
    pub(crate) market: Made,
    pub(crate) front: Front,
    pub(crate) wire: Wire,
    pub(crate) now: Time,
    pub(crate) opening: Price,
    /// Complete minutes, for those who did not see them.
    pub(crate) bars: Vec<Bar>,
    /// Orders that reached the venue, and what was wrong with the first that should not have been sent.
    pub(crate) asked: BTreeMap<OrderId, OrderRequest>,
    pub(crate) wrong: Option<Broken>,
    pub(crate) orders: u64,
    /// Where bytes are spoken: what went over, and until when an order is valid.
    pub(crate) bytes: Bytes,
    pub(crate) promised: BTreeMap<OrderId, Time>,
    naked: BTreeMap<BotId, u64>,
    naked_s: u64,
    pub(crate) hash: StateHash,
}

/// A farm that outlives its nodes.
#[derive(Debug)]
pub(crate) struct Shard {
    pub(crate) origin: Origin,
    /// What its operator wants it to be under now.
    pub(crate) rules: Rules,
    pub(crate) disk: Disk,
    /// Seats that were taken.
    pub(crate) seats: u32,
    /// Under which epochs; zero without a lease.
    pub(crate) epochs: BTreeSet<u16>,
}

/// Runs a seed.
pub fn run(settings: &Settings) -> Outcome {
    run_watched(settings, Watch::default())
}

/// Runs a seed and tells every step, a line each.
pub fn run_traced(settings: &Settings, tell: &mut dyn FnMut(String)) -> Outcome {
    run_watched(settings, Watch { strike: None, line: Some(tell) })
}

/// Runs a seed and tells every fault that struck.
pub fn run_noted(settings: &Settings, note: &mut dyn FnMut(&Strike)) -> Outcome {
    run_watched(settings, Watch { strike: Some(note), line: None })
}

fn run_watched(settings: &Settings, watch: Watch<'_>) -> Outcome {
    let mut rng = Rng::new(settings.seed ^ 0x5EED_0F7E_A7BE_4711);
    let (drawn, topology) = (Weather::draw(&mut rng), Topology::draw(&mut rng));
    let (weather, topology) = (settings.weather.unwrap_or(drawn), settings.topology.unwrap_or(topology));
    let mut fates = Fates::new(settings.seed, weather, settings.muted.clone(), watch);
    let company = settings.company.unwrap_or_else(|| Company::draw(settings.seed));
    let mut recruits = cast::recruits(settings.seed, topology.bots);
    recruits.extend(company.recruits(settings.seed));
    crate::wired::part(settings, &mut recruits);
    let rules = settings.rules.or(company.rules).unwrap_or_else(|| cast::rules(settings.seed));
    let mut origins = cast::shards(&recruits, topology, rules);
    company.furnish(&mut origins);
    crate::wired::furnish(settings, &mut origins);
    let models = cast::models(&mut fates);
    let mut front = cast::front(settings, &recruits, models);
    company.open_accounts(&recruits, models, &mut front);
    let oracle = Oracle::new(rules.approval.map(|rule| rule.expiry));
    let sharing = recruits.iter().filter(|recruit| recruit.account == SHARED).map(|recruit| recruit.bot);
    let shard = |origin| Shard { rules, origin, disk: Disk::default(), seats: 0, epochs: BTreeSet::new() };
    let mut world = World {
        tenancy: topology.tenancy,
        mark_per_tick: Instrument::btcusdt().mark_per_tick(),
        sabotage: settings.sabotage,
        shards: origins.into_iter().map(shard).collect(),
        nodes: (0..topology.nodes).map(|number| Node::new(number, topology.shards)).collect(),
        registry: Registry::default(),
        registry_clock: crate::clock::Machine::default(),
        unattended_until: START,
        market: Made::new(settings.seed, settings.minutes.div_ceil(DAY_MINUTES)),
        front,
        fates,
        company,
        operator: Operator::new(settings.seed, oracle),
        hands: Hands::new(models.participation),
        readings: Readings::default(),
        sharers: Sharers::new(sharing),
        recruits,
        wire: Wire::default(),
        now: START,
        opening: Price::ZERO,
        bars: Vec::new(),
        asked: BTreeMap::new(),
        wrong: None,
        orders: 0,
        bytes: Bytes::default(),
        promised: BTreeMap::new(),
        naked: BTreeMap::new(),
        naked_s: 0,
        hash: StateHash::default(),
    };
    let broken = world.live(settings.minutes).err();
    world.outcome(settings.seed, topology, broken)
}

/// A bot in one word.
fn word(bot: &farm::Bot) -> u64 {
    let mut hash = StateHash::default();
    bot.hash(&mut hash);
    hash.finish()
}

impl World<'_> {
    fn outcome(&self, seed: u64, topology: Topology, broken: Option<Broken>) -> Outcome {
        let shards = 0..self.shards.len();
        let farms = || shards.clone().filter_map(|shard| Some(self.holder(shard)?.seat.farm()));
        let mut refusals = [0; Refusal::ALL.len()];
        for bot in farms().flat_map(farm::Farm::bots) {
            for (sum, (_, count)) in refusals.iter_mut().zip(bot.refusals()) {
                *sum += count;
            }
        }
        let mut rejections = [0; RejectReason::ALL.len()];
        for shard in &self.shards {
            checks::count_rejections(shard.disk.bytes(), &mut rejections);
        }
        let mut bots: Vec<_> = farms().flat_map(farm::Farm::bots).map(|bot| (bot.id(), word(bot))).collect();
        bots.sort_unstable_by_key(|(bot, _)| *bot);
        Outcome {
            seed,
            topology,
            minutes: self.bars.len() as u64,
            orders: self.orders,
            bytes: Bytes { broken: self.wire.broken(), ..self.bytes },
            fills: farms().flat_map(farm::Farm::bots).map(|bot| bot.ledger().fills()).sum(),
            too_late: self.front.too_late,
            seats: self.shards.iter().map(|shard| u64::from(shard.seats)).sum(),
            faults: self.fates.tally,
            refusals,
            rejections,
            naked_s: self.naked_s,
            steering: self.operator.counts,
            lost_s: self.hands.lost_s,
            strange: checks::strange(&self.front),
            trace: self.hash.finish(),
            bots,
            broken,
        }
    }

    fn live(&mut self, minutes: u32) -> Result<(), Broken> {
        self.set_up();
        for minute in 0..minutes {
            self.minute(minute)?;
            if minute % RECORD_EACH_MINUTES == 0 {
                checks::record(&self.front)?;
            }
        }
        self.fates.heal();
        self.unattended_until = self.now;
        for node in &mut self.nodes {
            node.doomed = None;
            node.dead_until = node.dead_until.map(|until| until.min(self.now + DEAD_MAX));
        }
        for healing in 0..HEALING_MINUTES + EXPLAINING_MINUTES {
            if healing >= HEALING_MINUTES && self.is_explained() {
                break;
            }
            self.tidy_up(healing);
            self.minute(minutes + healing)?;
        }
        self.rest()?;
        checks::venue_books(&self.front)?;
        for shard in 0..self.shards.len() {
            let holder = self.holder(shard).expect("who has come to rest has a holder");
            checks::both_sides(holder.seat.farm(), &self.front)?;
            sharers::both_sides(&self.sharers, holder.seat.farm(), &self.front)?;
            let life = checks::life(&self.shards[shard].disk)?;
            checks::fold(holder.seat.farm(), &life, &self.asked)?;
            checks::given_up(&life, &self.front)?;
            checks::rules(holder.seat.farm(), &self.shards[shard].rules)?;
            self.check_steering(shard)?;
        }
        checks::record(&self.front)?;
        checks::overfilled(&self.front, &self.asked)
    }

    /// The first instant: clocks that drift, and everybody begins.
    fn set_up(&mut self) {
        for node in &mut self.nodes {
            let key = Key::Minute(Target::Node(node.number), 0);
            if let Some(mut rng) = self.fates.strike(START, Fault::Drift, key) {
                node.machine.drift(&mut rng);
            }
        }
        if let Some(mut rng) = self.fates.strike(START, Fault::Drift, Key::Minute(Target::Registry, 0)) {
            self.registry_clock.drift(&mut rng);
        }
    }

    /// Nothing new happens until nobody waits.
    fn rest(&mut self) -> Result<(), Broken> {
        let price = self.market.minute.close;
        for _ in 0..QUIET_S {
            if self.operator.is_quiet() && (0..self.shards.len()).all(|shard| self.is_quiet(shard)) {
                return Ok(());
            }
            let flat =
                Bar { open_time: self.now, open: price, high: price, low: price, close: price, volume: 1e6 };
            self.second(&flat)?;
        }
        if !self.operator.is_quiet() {
            return Err(Broken::Stuck("a command was never answered".to_owned()));
        }
        let loud = (0..self.shards.len()).find(|shard| !self.is_quiet(*shard)).expect("somebody waits");
        Err(Broken::Stuck(match self.holder(loud) {
            None => format!("nobody holds s{loud}"),
            Some(holder) => {
                let open = holder.seat.desk().open_requests();
                if open == 0 && self.front.is_wired() {
                    // What was never heard shows in the books.
                    checks::both_sides(holder.seat.farm(), &self.front)?;
                }
                format!("{open} requests of s{loud} are open, or a report was never heard")
            }
        }))
    }

    fn is_quiet(&self, shard: usize) -> bool {
        self.holder(shard).is_some_and(|holder| {
            checks::is_quiet(holder.seat.desk(), &self.shards[shard].origin, &self.front)
                && (!self.front.is_wired() || checks::both_sides(holder.seat.farm(), &self.front).is_ok())
        })
    }

    fn minute(&mut self, minute: u32) -> Result<(), Broken> {
        if let Some(due) = self.market.begin(minute, &mut self.fates) {
            let mark = self.front.venue().instrument().mark_of(self.market.opening());
            self.front.settle_funding(self.now, mark, due.rate);
            self.tell();
        }
        if minute == 0 {
            self.opening = self.market.opening();
            (0..self.nodes.len()).try_for_each(|node| self.begin_life(node))?;
        }
        self.break_venue(minute);
        self.operate(minute);
        self.meddle(minute);
        self.measure(minute);
        (0..self.nodes.len()).for_each(|node| self.break_node(node, minute));
        for second in 0..STEPS {
            let bar = self.market.second(second);
            self.second(&bar)?;
        }
        self.bars.push(self.market.minute);
        (0..self.nodes.len()).for_each(|node| self.show_bars(node));
        self.hash.word(self.front.venue().mark().0 as u64);
        for shard in 0..self.shards.len() {
            let word = self.holder(shard).map_or(0, |holder| holder.seat.farm().state_hash());
            self.hash.word(word);
        }
        self.check_halts()?;
        self.check_voices()
    }

    /// What strikes the venue and the registry in this minute.
    fn break_venue(&mut self, minute: u32) {
        let World { fates, front, now, .. } = self;
        let key = Key::Minute(Target::Venue, minute);
        if let Some(mut rng) = fates.strike(*now, Fault::Maintenance, key) {
            front.close(*now + up_to(&mut rng, CLOSED_MAX));
            if let Some(bitget) = front.bitget() {
                bitget.disconnect();
            }
        }
        if let Some(mut rng) = fates.strike(*now, Fault::RejectStorm, key) {
            front.refuse_all(rng.below(1_000), *now + up_to(&mut rng, STORM_MAX));
        }
        if front.is_wired() && fates.strike(*now, Fault::Disconnected, key).is_some() {
            front.bitget().expect("it is one").disconnect();
        }
        self.break_accounts(minute);
        let World { fates, now, .. } = self;
        let key = Key::Minute(Target::Registry, minute);
        if let Some(mut rng) = fates.strike(*now, Fault::WallStep, key) {
            let back = rng.below(2) == 0;
            let by = up_to(&mut rng, if back { STEP_MAX } else { REGISTRY_STEP_MAX });
            self.registry_clock.set(Interval(if back { -by.0 } else { by.0 }));
        }
        if let Some(mut rng) = self.fates.strike(self.now, Fault::Unattended, key) {
            self.leave_unattended(up_to(&mut rng, UNATTENDED_MAX));
        }
    }

    /// For so long nobody has the right to speak for any shard, and the market goes on.
    fn leave_unattended(&mut self, long: Interval) {
        self.unattended_until = self.unattended_until.max(self.now + long);
        if self.tenancy == Tenancy::Sole {
            let running: Vec<usize> = (0..self.nodes.len()).filter(|node| self.nodes[*node].runs()).collect();
            running.into_iter().for_each(|node| self.die(node, self.now));
        }
    }

    /// What the venue does to positions of its own accord; of a flat account there is nothing to take.
    fn break_accounts(&mut self, minute: u32) {
        let World { fates, front, now, recruits, mark_per_tick, .. } = self;
        let mut last = None;
        for recruit in recruits {
            // Those who share are in a row.
            if last.replace(recruit.account) == Some(recruit.account) {
                continue;
            }
            let account = front.venue().account(recruit.account);
            let sides = sharers::sides(account);
            let lots = |side: PositionSide| account.position(side).qty.0.abs();
            let Some(side) = sides.iter().copied().max_by_key(|side| lots(*side)) else { continue };
            let lots = lots(side);
            if lots == 0 {
                continue;
            }
            let key = Key::Minute(Target::Account(recruit.account.0), minute);
            if fates.strike(*now, Fault::Seizure, key).is_some() {
                front.seize(*now, recruit.account);
            } else if let Some(mut rng) = fates.strike(*now, Fault::Deleveraging, key) {
                let part = 1 + i64::try_from(rng.below(lots.unsigned_abs())).expect("lots");
                let price = Price(front.venue().mark().0 / *mark_per_tick);
                front.deleverage(*now, recruit.account, side, Qty(part), price);
            }
        }
    }

    /// What strikes a node and its lines in this minute.
    fn break_node(&mut self, node: usize, minute: u32) {
        let World { fates, wire, nodes, now, tenancy, .. } = self;
        let node = &mut nodes[node];
        for far in [Far::Venue, Far::Registry] {
            if far == Far::Venue || *tenancy == Tenancy::Leased {
                wire.break_line(*now, Link { node: node.number, far }, minute, fates);
            }
        }
        let key = Key::Minute(Target::Node(node.number), minute);
        // A lease trusts that one of both clocks is right between two looks: a clock that is set while the other does not
        // count is beyond what it promises.
        if !node.runs() {
            return;
        }
        if let Some(mut rng) = fates.strike(*now, Fault::Paused, key) {
            let until = *now + up_to(&mut rng, PAUSE_MAX);
            let counted = if rng.below(2) == 0 { Counted::Yes } else { Counted::No };
            node.frozen = Some(Pause { since: *now, until, counted });
        } else if let Some(mut rng) = fates.strike(*now, Fault::WallStep, key) {
            let by = up_to(&mut rng, Interval(2 * STEP_MAX.0));
            node.machine.set(Interval(by.0 - STEP_MAX.0));
        }
        if let Some(mut rng) = fates.strike(*now, Fault::Crash, key) {
            let dooms = [Doom::Writing, Doom::Deciding, Doom::Asking];
            node.doomed = Some(dooms[usize::try_from(rng.below(3)).expect("three")]);
        }
    }

    /// One second: what arrives, what the market does, what is due.
    fn second(&mut self, bar: &Bar) -> Result<(), Broken> {
        let end = self.now + Interval::SECOND;
        while let Some((at, key, letter)) = self.wire.arrived(end) {
            self.hash.int(at.0);
            self.deliver(at, key, letter)?;
        }
        let mark = MarkBar::from_basis(self.mark_per_tick, bar, Mark::ZERO);
        self.front.step(bar, Interval::SECOND, mark);
        self.now = end;
        self.tell();
        for node in 0..self.nodes.len() {
            self.tend(node)?;
        }
        self.tend_exchange();
        self.keep_operating();
        self.make_known();
        self.see_hands();
        self.watch_stops()
    }

    /// One voice, one writer, one order by an id.
    fn check_voices(&self) -> Result<(), Broken> {
        if let (Tenancy::Leased, Some((later, earlier))) = (self.tenancy, self.front.served_two) {
            return Err(Broken::TwoVoices { shard: earlier.shard, later, earlier: earlier.number });
        }
        if let Some(wrong) = &self.wrong {
            return Err(wrong.clone());
        }
        let stale = self.shards.iter().zip(0..).find_map(|(shard, number)| Some((number, shard.disk.stale?)));
        stale.map_or(Ok(()), |(shard, writer)| Err(Broken::TwoWriters { shard, writer }))
    }

    /// A persona's position has its stop; what the venue itself leaves without one counts from when it answers again.
    fn watch_stops(&mut self) -> Result<(), Broken> {
        for recruit in &self.recruits {
            if matches!(recruit.character, Character::Control(..)) || recruit.account == SHARED {
                continue;
            }
            let account = self.front.venue().account(recruit.account);
            let is_naked = |side: &PositionSide| {
                let is_stop =
                    |order: &venue::RestingOrder| order.id.leg == Leg::Stop && order.position_side == *side;
                account.position(*side).qty.0 != 0 && !account.open_orders().any(is_stop)
            };
            let is_naked = sharers::sides(account).iter().any(is_naked);
            let answers = self.must_protect(recruit.account);
            let seconds = self.naked.entry(recruit.bot).or_default();
            *seconds = if is_naked && answers { *seconds + 1 } else { 0 };
            self.naked_s = self.naked_s.max(*seconds);
            if *seconds > NAKED_MAX_S {
                return Err(Broken::Naked(recruit.bot, *seconds));
            }
        }
        if self.sharers.is_empty() {
            return Ok(());
        }
        let (seconds, who) = self.sharers.watch(&self.front, self.must_protect(SHARED));
        self.naked_s = self.naked_s.max(seconds);
        match who {
            Some(bot) if seconds > NAKED_MAX_S => Err(Broken::Naked(bot, seconds)),
            _ => Ok(()),
        }
    }
}
