//! What is run, and what came of it.

use crate::checks::Broken;
use crate::company::Company;
use crate::fault::Tally;
use crate::operator::Steering;
use crate::strike::Muted;
use crate::weather::Weather;
use crate::wired::Dialect;
use farm::Objection;
use model::{BotId, RejectReason, Rng};
use risk::{Refusal, Rules};

/// Minutes of a day.
pub const DAY_MINUTES: u32 = 1_440;
/// Most nodes and shards of a run; a seed draws up to three of each.
pub const NODES_MAX: u8 = 3;
/// Everybody alone on a shard.
pub const BOTS_MAX: u8 = 5;

/// What is run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Seed of everything.
    pub seed: u64,
    /// Minutes under faults.
    pub minutes: u32,
    /// What is broken; drawn from the seed if nothing is said.
    pub weather: Option<Weather>,
    /// What runs where; drawn from the seed if nothing is said.
    pub topology: Option<Topology>,
    /// What the farms may do; drawn from the seed if nothing is said.
    pub rules: Option<Rules>,
    /// Who else is there; drawn from the seed if nothing is said.
    pub company: Option<Company>,
    /// What does not strike all the same.
    pub muted: Muted,
    /// What is between farm and venue.
    pub counter: Counter,
    /// A safeguard of the simulation itself that is taken away, to see that it would be missed.
    pub sabotage: Option<Sabotage>,
}

impl Settings {
    /// A seed as it is, for a day.
    pub fn of(seed: u64) -> Settings {
        let muted = Muted::default();
        let minutes = DAY_MINUTES;
        Settings {
            seed,
            minutes,
            weather: None,
            topology: None,
            rules: None,
            company: None,
            muted,
            counter: Counter::Direct,
            sabotage: None,
        }
    }

    /// A seed as it is, for a day, with bytes between farm and venue.
    pub fn wired(seed: u64) -> Settings {
        Settings { counter: Counter::Bitget(None), ..Settings::of(seed) }
    }

    /// A seed for a day in which nothing is broken, and nobody is limited by what others do.
    pub fn kind(seed: u64, topology: Topology) -> Settings {
        let (weather, topology, rules) = (Some(Weather::KIND), Some(topology), Some(Rules::NONE));
        Settings { weather, topology, rules, company: Some(Company::NONE), ..Settings::of(seed) }
    }
}

/// What is between farm and venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// Nothing: they exchange values.
    Direct,
    /// Bitget's bytes, on accounts like this; drawn from the seed if nothing is said.
    Bitget(Option<Dialect>),
}

/// What is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// The disk says that it has synced, and has not.
    DiskForgets,
    /// A seat goes on as if its lease were for ever.
    LeaseIsIgnored,
}

/// How a node comes to speak for a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenancy {
    /// There is one node, and nobody else could.
    Sole,
    /// By a lease.
    Leased,
}

/// What runs where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topology {
    /// Machines.
    pub nodes: u8,
    /// Farms with a journal each.
    pub shards: u8,
    /// Bots, dealt out to the shards in turn.
    pub bots: u8,
    /// How a shard is held.
    pub tenancy: Tenancy,
}

impl Topology {
    /// One node with these shards and bots, and no lease.
    pub const fn laptop(shards: u8, bots: u8) -> Topology {
        Topology { nodes: 1, shards, bots, tenancy: Tenancy::Sole }
    }

    pub(crate) fn draw(rng: &mut Rng) -> Topology {
        let mut few = |most: u8| 1 + u8::try_from(rng.below(u64::from(most))).expect("few");
        let (nodes, shards) = (few(NODES_MAX), few(NODES_MAX));
        let tenancy = if nodes == 1 && rng.below(2) == 0 { Tenancy::Sole } else { Tenancy::Leased };
        Topology { nodes, shards, bots: BOTS_MAX, tenancy }
    }
}

/// What went over the connections of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bytes {
    /// Calls over HTTP.
    pub calls: u64,
    /// Frames that were read on sockets.
    pub frames: u64,
    /// Orders that were taken, and whose acknowledgement never came.
    pub unacknowledged: u64,
    /// Rungs that an adapter placed for an entry.
    pub rungs: u64,
    /// Stops that an entry brought along and that went off.
    pub stops: u64,
    /// Stops that were moved.
    pub moved: u64,
    /// Sockets that broke.
    pub broken: u64,
    /// Adapters that were born.
    pub adapters: u64,
}

impl Bytes {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Bytes) -> Bytes {
        let Bytes { calls, frames, unacknowledged, rungs, stops, moved, broken, adapters } = self;
        Bytes {
            calls: calls + other.calls,
            frames: frames + other.frames,
            unacknowledged: unacknowledged + other.unacknowledged,
            rungs: rungs + other.rungs,
            stops: stops + other.stops,
            moved: moved + other.moved,
            broken: broken + other.broken,
            adapters: adapters + other.adapters,
        }
    }
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its seed.
    pub seed: u64,
    /// What ran where.
    pub topology: Topology,
    /// Minutes lived.
    pub minutes: u64,
    /// Requests that reached the venue.
    pub orders: u64,
    /// What went over connections, where farm and venue speak bytes.
    pub bytes: Bytes,
    /// Fills.
    pub fills: u64,
    /// Requests that reached it too late and were not carried out.
    pub too_late: u64,
    /// Seats that were taken.
    pub seats: u64,
    /// Faults by kind.
    pub faults: Tally,
    /// What the gates of all bots refused, in the order of `Refusal::ALL`.
    pub refusals: [u64; Refusal::ALL.len()],
    /// What the venue refused, as the farms heard it, in the order of `RejectReason::ALL`.
    pub rejections: [u64; RejectReason::ALL.len()],
    /// The longest that a persona's position stood without a stop while the venue answered, in seconds.
    pub naked_s: u64,
    /// The longest that a position stood whose stop the venue had lost, in seconds.
    pub lost_s: u64,
    /// What the venue refused those whose orders no farm placed, in the order of `RejectReason::ALL`.
    pub strange: [u64; RejectReason::ALL.len()],
    /// What was told and heard.
    pub steering: Steering,
    /// Everything that happened, in one word.
    pub trace: u64,
    /// What each bot is at the end, in one word.
    pub bots: Vec<(BotId, u64)>,
    /// What broke first.
    pub broken: Option<Broken>,
}

impl Outcome {
    /// Everything that was refused, by name: by the gates of the bots, by the venue (strangers' nonsense among it), and by
    /// the farms to those who told them something.
    pub fn refused(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let gates = Refusal::ALL.iter().map(|refusal| refusal.name()).zip(self.refusals);
        let all = self.rejections.iter().zip(self.strange).map(|(ours, theirs)| ours + theirs);
        let venue = RejectReason::ALL.iter().map(|reason| reason.name()).zip(all);
        // The first of the answers are those of what was done.
        let answers = self.steering.answers.iter().skip(1).copied();
        gates.chain(venue).chain(Objection::ALL.iter().map(|objection| objection.name()).zip(answers))
    }
}
