//! How loud people are told what a farm says, and how often: whatever carries notices to them asks here first.
//!
//! A notice comes at least once from the bus, so one that comes again is known by its key. Of each kind and bot there is at
//! most one in so long; those in between are counted and told with the next, or when the time is over. It refuses to hold
//! back or to drop what is critical, whatever was set; and where its memory is full it tells rather than forgets.

use crate::message::{NoticeKind, NoticeSaid, Tier};
use model::{Interval, Time};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Keys that are remembered: more than come twice after a crash.
pub const KEYS_MAX: usize = 16_384;
/// Kinds of bots of which it is counted what was held back.
pub const STREAMS_MAX: usize = 16_384;

/// How loud a kind is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loudness {
    /// It is told.
    Aloud,
    /// It is told without a sound.
    Silently,
    /// It is not told.
    Off,
}

/// How a kind is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// How loud.
    pub loudness: Loudness,
    /// The least time between two of the same bot.
    pub least: Interval,
}

impl Manner {
    /// Each one, aloud.
    pub const EACH: Manner = Manner { loudness: Loudness::Aloud, least: Interval(0) };
}

/// How every kind is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manners([Manner; NoticeKind::ALL.len()]);

impl Manners {
    /// Every notice, aloud.
    pub const EACH: Manners = Manners([Manner::EACH; NoticeKind::ALL.len()]);

    /// As this says of each kind.
    pub fn of(each: impl FnMut(NoticeKind) -> Manner) -> Manners {
        Manners(NoticeKind::ALL.map(each))
    }

    /// How a kind is told.
    pub fn manner(&self, kind: NoticeKind) -> Manner {
        self.0[kind as usize]
    }
}

/// What somebody is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// In words: the notice's own, and of those that were held back before it.
    pub text: String,
    /// How many those are.
    pub held_back: u32,
}

/// What is to be done about a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is told.
    Aloud(Telling),
    /// It is told without a sound.
    Silently(Telling),
    /// It is counted, and told with the next or when the time is over.
    Held,
    /// It was told before, or its kind is off.
    Dropped,
}

/// What was held back and is due, though nothing came behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Overdue {
    /// The last of them.
    pub notice: NoticeSaid,
    /// How it is told: never [`Verdict::Held`].
    pub verdict: Verdict,
}

/// Whose, and what: shard, bot, kind.
type Stream = (String, Option<String>, NoticeKind);

/// When something of a stream was told last, and what was held back since.
#[derive(Clone, Debug)]
struct Told {
    at: Time,
    held: Option<Held>,
}

#[derive(Clone, Debug)]
struct Held {
    count: u32,
    since: Time,
    last: NoticeSaid,
}

/// Who decides it, for one listener.
#[derive(Clone, Debug)]
pub struct Noise {
    manners: Manners,
    keys: BTreeSet<String>,
    /// The same in the order they came in.
    order: VecDeque<String>,
    streams: BTreeMap<Stream, Told>,
}

impl Told {
    /// Whether another one would come too early. A clock that was turned back holds nothing back.
    fn is_recent(&self, now: Time, least: Interval) -> bool {
        now >= self.at && now - self.at < least
    }

    fn hold(&mut self, notice: &NoticeSaid) {
        match &mut self.held {
            Some(held) => (held.count, held.last) = (held.count.saturating_add(1), notice.clone()),
            held => *held = Some(Held { count: 1, since: Time(notice.at), last: notice.clone() }),
        }
    }
}

/// A notice with so many before it.
fn telling(text: &str, held_back: u32, since: Time, last: &str) -> Telling {
    let text = match held_back {
        0 => text.to_owned(),
        1 => format!("{text} [and before it: {last}]"),
        more => format!("{text} [and {more} before it since {since}, the last: {last}]"),
    };
    Telling { text, held_back }
}

impl Loudness {
    fn verdict(self, telling: Telling) -> Verdict {
        match self {
            Loudness::Aloud => Verdict::Aloud(telling),
            Loudness::Silently => Verdict::Silently(telling),
            Loudness::Off => Verdict::Dropped,
        }
    }
}

impl Noise {
    /// For a listener who wants it so.
    pub fn new(manners: Manners) -> Noise {
        Noise { manners, keys: BTreeSet::new(), order: VecDeque::new(), streams: BTreeMap::new() }
    }

    /// He wants it otherwise from now on: what was held back of a kind that is off now is dropped.
    pub fn set_manners(&mut self, manners: Manners) {
        self.manners = manners;
        self.streams.retain(|(.., kind), _| manners.manner(*kind).loudness != Loudness::Off);
    }

    /// What is to be done about a notice that came at this instant.
    pub fn hear(&mut self, notice: &NoticeSaid, now: Time) -> Verdict {
        if !self.remember(&notice.key) {
            return Verdict::Dropped;
        }
        let Manner { loudness, least } = self.manners.manner(notice.kind);
        let alone = || Telling { text: notice.text.clone(), held_back: 0 };
        if notice.tier == Tier::Critical {
            return Verdict::Aloud(alone());
        }
        if loudness == Loudness::Off {
            return Verdict::Dropped;
        }
        let stream = (notice.shard.clone(), notice.bot.clone(), notice.kind);
        if let Some(told) = self.streams.get_mut(&stream) {
            if told.is_recent(now, least) {
                told.hold(notice);
                return Verdict::Held;
            }
            let held = told.held.take();
            told.at = now;
            let telling = held
                .map_or_else(alone, |held| telling(&notice.text, held.count, held.since, &held.last.text));
            return loudness.verdict(telling);
        }
        if least.0 > 0 && self.has_room(now) {
            self.streams.insert(stream, Told { at: now, held: None });
        }
        loudness.verdict(alone())
    }

    /// What was held back for long enough, though nothing came behind it.
    pub fn due(&mut self, now: Time) -> Vec<Overdue> {
        let manners = self.manners;
        self.take(now, |told, kind| !told.is_recent(now, manners.manner(kind).least))
    }

    /// Everything that is held back: the listener is about to leave.
    pub fn rest(&mut self, now: Time) -> Vec<Overdue> {
        self.take(now, |_, _| true)
    }

    fn take(&mut self, now: Time, mut is_due: impl FnMut(&Told, NoticeKind) -> bool) -> Vec<Overdue> {
        let mut overdue = Vec::new();
        for ((.., kind), told) in &mut self.streams {
            if told.held.is_none() || !is_due(told, *kind) {
                continue;
            }
            let Held { count, since, last } = told.held.take().expect("it was just seen");
            told.at = now;
            let text = match count {
                1 => last.text.clone(),
                more => format!("{} [the last of {more} since {since}]", last.text),
            };
            let verdict = self.manners.manner(*kind).loudness.verdict(Telling { text, held_back: count - 1 });
            overdue.push(Overdue { notice: last, verdict });
        }
        overdue
    }

    /// Whether it comes for the first time, as far as is remembered.
    fn remember(&mut self, key: &str) -> bool {
        if !self.keys.insert(key.to_owned()) {
            return false;
        }
        self.order.push_back(key.to_owned());
        if self.order.len() > KEYS_MAX {
            let oldest = self.order.pop_front().expect("there are many");
            self.keys.remove(&oldest);
        }
        true
    }

    /// Whether one more can be watched; those of whom nothing was told lately make room.
    fn has_room(&mut self, now: Time) -> bool {
        if self.streams.len() >= STREAMS_MAX {
            let manners = self.manners;
            self.streams.retain(|(.., kind), told| {
                told.held.is_some() || told.is_recent(now, manners.manner(*kind).least)
            });
        }
        self.streams.len() < STREAMS_MAX
    }
}

#[cfg(test)]
mod tests;
