//! The wires between nodes, venue and registry: messages arrive after a while, or twice, or never, or in another order.

use crate::fault::Fault;
use crate::operator::Heard;
use crate::strike::{Far, Fates, Key, Link, Target, Way, up_to};
use farm::{FromVenue, LeaseAnswer, LeaseRequest, Reply, ToVenue};
use model::{Command, CommandId, Interval, Time};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// Whose connection: a shard's seat, by number. A new seat has new connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seated {
    pub(crate) node: u8,
    pub(crate) shard: u8,
    /// Ascends with every seat that was taken for the shard.
    pub(crate) number: u32,
}

/// A message, and between whom.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Letter {
    /// A seat to the venue.
    Order(Seated, ToVenue),
    /// The venue to a seat.
    Said(Seated, FromVenue),
    /// A node to the registry.
    Ask(u8, LeaseRequest),
    /// The registry to a node.
    Answer(u8, LeaseAnswer),
    /// The operator to a node, for a shard.
    Told(u8, u8, Command),
    /// A shard on a node to the operator.
    Replied(u8, u8, CommandId, Reply),
    /// The same.
    Word(u8, u8, Heard),
}

impl Letter {
    fn line(&self) -> (Link, Way) {
        let link = |node, far| Link { node, far };
        match self {
            Letter::Order(seated, _) => (link(seated.node, Far::Venue), Way::Up),
            Letter::Said(seated, _) => (link(seated.node, Far::Venue), Way::Down),
            Letter::Ask(node, _) => (link(*node, Far::Registry), Way::Up),
            Letter::Answer(node, _) => (link(*node, Far::Registry), Way::Down),
            Letter::Told(node, ..) => (link(*node, Far::Operator), Way::Down),
            Letter::Replied(node, ..) | Letter::Word(node, ..) => (link(*node, Far::Operator), Way::Up),
        }
    }
}

/// How long nothing passes.
const PARTITION_MAX: Interval = Interval(120_000);
/// How long everything waits.
const CLOG_MAX: Interval = Interval(60_000);
/// How much later a delayed message is.
const DELAY_MAX: Interval = Interval(20_000);
/// What a message's usual way is drawn for.
const LATENCY: u64 = u64::MAX;

/// A message on its way.
#[derive(Debug)]
struct OnTheWay {
    arrives: Time,
    /// Of those that arrive at one instant the first sent is the first.
    sent: u64,
    key: Key,
    /// Apart, so that the queue moves little.
    letter: Box<Letter>,
}

impl PartialEq for OnTheWay {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for OnTheWay {}

impl PartialOrd for OnTheWay {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OnTheWay {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.arrives, self.sent).cmp(&(other.arrives, other.sent))
    }
}

/// One line.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    cut_until: Option<Time>,
    clogged_until: Option<Time>,
    /// The minute of the last message, and how many were sent in it, by way.
    sent: [(u32, u32); 2],
}

/// All lines.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    queue: BinaryHeap<Reverse<OnTheWay>>,
    lines: BTreeMap<Link, Line>,
    sent: u64,
}

impl Wire {
    /// Sends a message.
    pub(crate) fn send(&mut self, now: Time, letter: Letter, fates: &mut Fates<'_>) {
        let (link, way) = letter.line();
        let key = self.number(now, link, way);
        if self.is_cut(now, link) || fates.strike(now, Fault::Lost, key).is_some() {
            return;
        }
        let copy =
            fates.strike(now, Fault::Repeated, key).map(|_| (self.number(now, link, way), letter.clone()));
        for (key, letter) in [(key, letter)].into_iter().chain(copy) {
            let latency = 1 + fates.luck(LATENCY, key).below(2 * fates.weather.latency_ms + 1);
            let mut arrives = now + Interval(i64::try_from(latency).expect("a way is short"));
            if let Some(mut rng) = fates.strike(now, Fault::Delayed, key) {
                arrives = arrives + up_to(&mut rng, DELAY_MAX);
            }
            if let Some(until) = self.lines[&link].clogged_until.filter(|until| now < *until) {
                arrives = arrives.max(until);
            }
            self.sent += 1;
            let letter = Box::new(letter);
            self.queue.push(Reverse(OnTheWay { arrives, sent: self.sent, key, letter }));
        }
    }

    fn number(&mut self, now: Time, link: Link, way: Way) -> Key {
        let sent = &mut self.lines.entry(link).or_default().sent[way as usize];
        let minute = crate::market::minute_of(now);
        *sent = if sent.0 == minute { (minute, sent.1 + 1) } else { (minute, 1) };
        Key::Message(link, way, minute, sent.1)
    }

    /// What strikes a line in this minute.
    pub(crate) fn break_line(&mut self, now: Time, link: Link, minute: u32, fates: &mut Fates<'_>) {
        let key = Key::Minute(Target::Link(link), minute);
        let line = self.lines.entry(link).or_default();
        if let Some(mut rng) = fates.strike(now, Fault::Partition, key) {
            line.cut_until = Some(now + up_to(&mut rng, PARTITION_MAX));
        }
        if let Some(mut rng) = fates.strike(now, Fault::Clogged, key) {
            line.clogged_until = Some(now + up_to(&mut rng, CLOG_MAX));
        }
    }

    /// Whether nothing passes.
    pub(crate) fn is_cut(&self, now: Time, link: Link) -> bool {
        self.lines.get(&link).and_then(|line| line.cut_until).is_some_and(|until| now < until)
    }

    /// The next message that has arrived by then, when, and what it is known by.
    pub(crate) fn arrived(&mut self, by: Time) -> Option<(Time, Key, Letter)> {
        if self.queue.peek()?.0.arrives > by {
            return None;
        }
        let Reverse(OnTheWay { arrives, key, letter, .. }) = self.queue.pop()?;
        Some((arrives, key, *letter))
    }
}
