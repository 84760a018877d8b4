//! Faults as keys: whether one strikes, and how, is a function of the seed, its kind and what it strikes, never of how many
//! were drawn before. So a run can be repeated with a part of its faults, which is what shrinking is.

use crate::fault::{Fault, Tally};
use crate::weather::Weather;
use model::{Interval, Rng, Time};
use std::collections::BTreeSet;
use std::fmt;

/// Who is at the other end of a node's link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Far {
    /// The venue.
    Venue,
    /// The registry of leases.
    Registry,
    /// The operator.
    Operator,
}

/// A line between a node and somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// Which node.
    pub node: u8,
    /// To whom.
    pub far: Far,
}

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// Away from the node.
    Up,
    /// To the node.
    Down,
}

/// What can be struck beside a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A line.
    Link(Link),
    /// A machine.
    Node(u8),
    /// A shard's disk.
    Shard(u8),
    /// An account at the venue.
    Account(u16),
    /// The venue.
    Venue,
    /// The registry.
    Registry,
    /// The market.
    Market,
    /// The operator, and what he tells.
    Operator,
    /// Somebody who measures something outside.
    Outside,
}

/// What a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A message: its line, its way, the minute it was sent in, its number within that minute. So what is left out of an hour
    /// does not move what strikes in the next.
    Message(Link, Way, u32, u32),
    /// Something in a minute of the run.
    Minute(Target, u32),
}

impl Key {
    fn words(self) -> [u64; 2] {
        let line = |link: Link| u64::from(link.node) << 8 | link.far as u64;
        match self {
            Key::Message(link, way, minute, number) => {
                [1 << 32 | line(link) << 8 | way as u64, u64::from(minute) << 32 | u64::from(number)]
            }
            Key::Minute(target, minute) => {
                let target = match target {
                    Target::Link(link) => line(link),
                    Target::Node(node) => 1 << 16 | u64::from(node),
                    Target::Shard(shard) => 2 << 16 | u64::from(shard),
                    Target::Account(account) => 3 << 16 | u64::from(account),
                    Target::Venue => 4 << 16,
                    Target::Registry => 5 << 16,
                    Target::Market => 6 << 16,
                    Target::Operator => 7 << 16,
                    Target::Outside => 8 << 16,
                };
                [target, u64::from(minute)]
            }
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let far = match self.far {
            Far::Venue => "venue",
            Far::Registry => "registry",
            Far::Operator => "operator",
        };
        write!(f, "n{} and the {far}", self.node)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Message(link, way, minute, number) => {
                let way = if *way == Way::Up { "up" } else { "down" };
                write!(f, "message {number} {way} between {link} in minute {minute}")
            }
            Key::Minute(target, minute) => {
                match target {
                    Target::Link(link) => write!(f, "the link of {link}")?,
                    Target::Node(node) => write!(f, "n{node}")?,
                    Target::Shard(shard) => write!(f, "the disk of s{shard}")?,
                    Target::Account(account) => write!(f, "a{account}")?,
                    Target::Venue => f.write_str("the venue")?,
                    Target::Registry => f.write_str("the registry")?,
                    Target::Market => f.write_str("the market")?,
                    Target::Operator => f.write_str("the operator")?,
                    Target::Outside => f.write_str("the world outside")?,
                }
                write!(f, " in minute {minute}")
            }
        }
    }
}

/// A fault that struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Strike {
    /// When.
    pub at: Time,
    /// How.
    pub kind: Fault,
    /// What.
    pub key: Key,
}

impl fmt::Display for Strike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.at, self.kind.name(), self.key)
    }
}

/// What does not strike in a run, though its seed says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Muted {
    /// Whole kinds.
    pub kinds: BTreeSet<Fault>,
    /// Everything before; what stands from the first instant on is no matter of time.
    pub before: Option<Time>,
    /// Everything from here on.
    pub from: Option<Time>,
    /// Everything but these, if any are named.
    pub all_but: Option<BTreeSet<(Fault, Key)>>,
}

impl Muted {
    fn mutes(&self, at: Time, kind: Fault, key: Key) -> bool {
        let is_outside =
            self.before.is_some_and(|before| at < before) || self.from.is_some_and(|from| at >= from);
        self.kinds.contains(&kind)
            || (is_outside && !kind.is_standing())
            || self.all_but.as_ref().is_some_and(|those| !those.contains(&(kind, key)))
    }
}

/// Who is told what happens, if anybody.
#[derive(Default)]
pub(crate) struct Watch<'w> {
    /// Of every strike.
    pub(crate) strike: Option<&'w mut dyn FnMut(&Strike)>,
    /// Of every step, a line each.
    pub(crate) line: Option<&'w mut dyn FnMut(String)>,
}

/// What strikes in a run.
pub(crate) struct Fates<'w> {
    seed: u64,
    pub(crate) weather: Weather,
    muted: Muted,
    pub(crate) tally: Tally,
    is_healed: bool,
    watch: Watch<'w>,
}

impl<'w> Fates<'w> {
    pub(crate) fn new(seed: u64, weather: Weather, muted: Muted, watch: Watch<'w>) -> Fates<'w> {
        Fates { seed, weather, muted, tally: Tally::default(), is_healed: false, watch }
    }

    /// From now on nothing strikes.
    pub(crate) fn heal(&mut self) {
        self.weather = Weather::KIND;
        self.is_healed = true;
    }

    /// Whether nothing will strike any more.
    pub(crate) fn is_healed(&self) -> bool {
        self.is_healed
    }

    /// Whether a fault strikes this; if so, what else is to be drawn about it.
    pub(crate) fn strike(&mut self, at: Time, kind: Fault, key: Key) -> Option<Rng> {
        let chance = self.weather.chance(kind);
        if chance <= 0.0 {
            return None;
        }
        let mut rng = self.luck(kind as u64, key);
        if rng.unit() >= chance || self.muted.mutes(at, kind, key) {
            return None;
        }
        self.tally.count(kind);
        let strike = Strike { at, kind, key };
        if let Some(tell) = &mut self.watch.strike {
            tell(&strike);
        }
        if let Some(tell) = &mut self.watch.line {
            tell(format!("{strike}"));
        }
        Some(rng)
    }

    /// What is drawn for something, whatever strikes: how long a message is on its way.
    pub(crate) fn luck(&self, purpose: u64, key: Key) -> Rng {
        let [what, which] = key.words();
        let mut rng = Rng::new(self.seed ^ what.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        let mixed = rng.next_u64() ^ which.wrapping_mul(0xA24B_AED4_963E_E407);
        let mut rng = Rng::new(mixed ^ purpose.wrapping_mul(0x9FB2_1C65_1E98_DF25));
        Rng::new(rng.next_u64())
    }

    /// Tells a step; nothing is put into words that nobody hears.
    pub(crate) fn trace(&mut self, at: Time, words: impl FnOnce() -> String) {
        if let Some(tell) = &mut self.watch.line {
            tell(format!("{at} {}", words()));
        }
    }
}

/// A length of time up to `most`.
pub(crate) fn up_to(rng: &mut Rng, most: Interval) -> Interval {
    Interval(i64::try_from(rng.below(most.0.unsigned_abs())).expect("short"))
}
