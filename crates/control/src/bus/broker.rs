//! The promises of the bus as one value: topics, groups, what each has in hand. A queue in one process is this behind a lock,
//! the simulator's bus is this behind a bad wire.
//!
//! It refuses to wait, to know a clock, and to forget what a group has not done with.

use super::{DELIVERIES_MAX, Delivery, Keeping, MESSAGE_BYTES_MAX, Reader, Subscription, Topic, Unsent};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// So many bytes a topic keeps, however few messages they are.
pub const WAITING_BYTES_MAX: usize = 16 << 20;
/// Bytes of a topic of which only what is new is worth something: two of the longest messages.
pub const NEWEST_BYTES_MAX: usize = 2 << 20;

/// One end of the bus, from its opening to its closing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EndId(u64);

/// All topics, and who reads them.
#[derive(Debug)]
pub struct Broker {
    topics: BTreeMap<Topic, Log>,
    ends: BTreeMap<EndId, Ears>,
    ends_opened: u64,
    waiting_max: usize,
}

/// A topic: what it keeps is numbered without gaps.
#[derive(Debug, Default)]
struct Log {
    /// The number of the oldest that is kept.
    first: u64,
    kept: VecDeque<Arc<[u8]>>,
    kept_bytes: usize,
    groups: BTreeMap<String, Group>,
    /// What was ever laid aside here, as dead letters of another topic.
    laid_aside: u64,
}

/// How far a group is.
#[derive(Debug)]
struct Group {
    /// The number of the first that nobody has had.
    next: u64,
    /// What somebody has in hand, and how often it was handed out before.
    in_hand: BTreeMap<u64, u32>,
    /// What somebody left, and how often it was handed out.
    left: BTreeMap<u64, u32>,
}

/// What an end reads, and what it was handed last.
#[derive(Debug)]
struct Ears {
    reads: Vec<(Subscription, u64)>,
    /// Which of them is asked first, so that none waits for another.
    turn: usize,
    holds: Option<Held>,
    /// How often it was handed something.
    handed: u64,
}

/// What an end was handed, and has not done with.
#[derive(Debug)]
enum Held {
    /// A group's message, by its number.
    Of(Topic, String, u64),
    /// What one who looks on was shown: by which subscription, and where that stood before.
    Shown(usize, u64),
}

impl Ears {
    fn hold(&mut self, held: Held) {
        self.holds = Some(held);
        self.handed += 1;
    }
}

impl Group {
    /// Everything before this number is done with.
    fn done_before(&self) -> u64 {
        let in_hand = self.in_hand.keys().next().copied().unwrap_or(self.next);
        let left = self.left.keys().next().copied().unwrap_or(self.next);
        self.next.min(in_hand).min(left)
    }
}

impl Log {
    fn end(&self) -> u64 {
        self.first + self.kept.len() as u64
    }

    fn get(&self, number: u64) -> Option<&Arc<[u8]>> {
        self.kept.get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    /// What a group gets next: what somebody left before anything new; and how often it was handed out before.
    fn take_for(&mut self, name: &str) -> Option<(u64, u32)> {
        let end = self.end();
        let group = self.groups.get_mut(name)?;
        if let Some(left) = group.left.pop_first() {
            return Some(left);
        }
        let number = group.next;
        (number < end).then(|| {
            group.next += 1;
            (number, 0)
        })
    }

    fn push(&mut self, message: Arc<[u8]>) {
        self.kept_bytes += message.len();
        self.kept.push_back(message);
    }

    /// Drops what is older, and what groups know of it.
    fn drop_before(&mut self, number: u64) {
        while self.first < number {
            let Some(gone) = self.kept.pop_front() else { return };
            self.kept_bytes -= gone.len();
            self.first += 1;
        }
        for group in self.groups.values_mut() {
            group.next = group.next.max(number);
            group.left = group.left.split_off(&number);
        }
    }

    /// Makes room for one more, if it may.
    fn make_room(&mut self, keeping: Keeping, waiting_max: usize, bytes: usize) -> bool {
        let bytes_max = match keeping {
            Keeping::Unread => WAITING_BYTES_MAX,
            Keeping::Newest => NEWEST_BYTES_MAX,
        };
        loop {
            let is_full = self.kept.len() >= waiting_max
                || (!self.kept.is_empty() && self.kept_bytes + bytes > bytes_max);
            if !is_full {
                return true;
            }
            let is_done = self.groups.values().all(|group| group.done_before() > self.first);
            if keeping == Keeping::Unread && !is_done {
                return false;
            }
            self.drop_before(self.first + 1);
        }
    }
}

impl Broker {
    /// Nothing yet. A topic keeps at most so many messages.
    pub fn new(waiting_max: usize) -> Broker {
        assert!(waiting_max > 0, "a topic keeps at least one message");
        Broker { topics: BTreeMap::new(), ends: BTreeMap::new(), ends_opened: 0, waiting_max }
    }

    /// A new end that reads this.
    pub fn open(&mut self, reads: &[Subscription]) -> EndId {
        self.ends_opened += 1;
        let id = EndId(self.ends_opened);
        let mut placed = Vec::with_capacity(reads.len());
        for one in reads {
            let log = self.topics.entry(one.topic.clone()).or_default();
            let end = log.end();
            if let Reader::Group { name, .. } = &one.reader {
                let next = if one.topic.is_dead() { log.first } else { end };
                let group = Group { next, in_hand: BTreeMap::new(), left: BTreeMap::new() };
                log.groups.entry(name.clone()).or_insert(group);
            }
            placed.push((one.clone(), end));
        }
        self.ends.insert(id, Ears { reads: placed, turn: 0, holds: None, handed: 0 });
        id
    }

    /// An end is gone: what it had in hand is for another.
    pub fn close(&mut self, end: EndId) {
        self.give_back(end);
        self.ends.remove(&end);
    }

    /// What an end has in hand is for another, or comes to it again: nobody knows whether it ever got it.
    pub fn give_back(&mut self, end: EndId) {
        let Some(ears) = self.ends.get_mut(&end) else { return };
        match ears.holds.take() {
            None => {}
            Some(Held::Shown(turn, seen)) => ears.reads[turn].1 = seen,
            Some(Held::Of(topic, name, number)) => {
                let log = self.topics.get_mut(&topic).expect("what is in hand has a topic");
                let group = log.groups.get_mut(&name).expect("what is in hand has a group");
                let before = group.in_hand.remove(&number).expect("it is in hand");
                if number >= log.first {
                    group.left.insert(number, before + 1);
                }
            }
        }
    }

    /// Which handing out an end has in hand: they are counted, and none is zero.
    pub fn in_hand(&self, end: EndId) -> Option<u64> {
        let ears = self.ends.get(&end)?;
        ears.holds.is_some().then_some(ears.handed)
    }

    /// Whether this end is open.
    pub fn is_open(&self, end: EndId) -> bool {
        self.ends.contains_key(&end)
    }

    /// Takes a message in.
    pub fn send(&mut self, topic: &Topic, message: &[u8]) -> Result<(), Unsent> {
        if message.len() > MESSAGE_BYTES_MAX {
            return Err(Unsent::TooLong(message.len()));
        }
        let log = self.topics.entry(topic.clone()).or_default();
        if !log.make_room(topic.keeping(), self.waiting_max, message.len()) {
            return Err(Unsent::Full { topic: topic.name().to_owned(), waiting: log.kept.len() });
        }
        log.push(message.into());
        Ok(())
    }

    /// What this end had in hand is done with; the next one for it, if there is one.
    pub fn next(&mut self, end: EndId) -> Option<Delivery> {
        self.finish(end);
        let count = self.ends.get(&end)?.reads.len();
        for _ in 0..count {
            let ears = self.ends.get_mut(&end)?;
            let turn = ears.turn;
            ears.turn = (turn + 1) % count;
            let (subscription, seen) = ears.reads[turn].clone();
            let topic = subscription.topic;
            let found = match subscription.reader {
                Reader::Everyone => self.look_on(end, turn, &topic, seen),
                Reader::Group { name, .. } => self.hand_out(end, &topic, &name),
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// How many messages of a topic were laid aside.
    pub fn laid_aside(&self, topic: &Topic) -> u64 {
        self.topics.get(&topic.dead()).map_or(0, |log| log.laid_aside)
    }

    fn finish(&mut self, end: EndId) {
        let held = self.ends.get_mut(&end).and_then(|ears| ears.holds.take());
        if let Some(Held::Of(topic, name, number)) = held {
            let log = self.topics.get_mut(&topic).expect("what is in hand has a topic");
            let group = log.groups.get_mut(&name).expect("what is in hand has a group");
            group.in_hand.remove(&number);
        }
    }

    fn look_on(&mut self, end: EndId, turn: usize, topic: &Topic, seen: u64) -> Option<Delivery> {
        let log = self.topics.get(topic)?;
        let number = seen.max(log.first);
        let message = log.get(number)?.to_vec();
        let ears = self.ends.get_mut(&end)?;
        ears.reads[turn].1 = number + 1;
        ears.hold(Held::Shown(turn, number));
        Some(Delivery { topic: topic.clone(), message, delivered_before: 0 })
    }

    fn hand_out(&mut self, end: EndId, topic: &Topic, name: &str) -> Option<Delivery> {
        loop {
            let log = self.topics.get_mut(topic)?;
            let (number, before) = log.take_for(name)?;
            let message = Arc::clone(log.get(number).expect("what is left or new is kept"));
            if before >= DELIVERIES_MAX && !topic.is_dead() {
                self.lay_aside(&topic.dead(), message);
                continue;
            }
            let group = log.groups.get_mut(name).expect("it was just asked");
            group.in_hand.insert(number, before);
            let ears = self.ends.get_mut(&end).expect("it asks");
            ears.hold(Held::Of(topic.clone(), name.to_owned(), number));
            return Some(Delivery {
                topic: topic.clone(),
                message: message.to_vec(),
                delivered_before: before,
            });
        }
    }

    fn lay_aside(&mut self, dead: &Topic, message: Arc<[u8]>) {
        let log = self.topics.entry(dead.clone()).or_default();
        let has_room = log.make_room(dead.keeping(), self.waiting_max, message.len());
        assert!(has_room, "dead letters make room");
        log.laid_aside += 1;
        log.push(message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(topic: &Topic) -> [Subscription; 1] {
        let reader = Reader::Group { name: "group".to_owned(), member: "a".to_owned() };
        [Subscription { topic: topic.clone(), reader }]
    }

    #[test]
    fn what_is_given_back_comes_again_to_whoever_asks() {
        let topic = Topic::events();
        let mut broker = Broker::new(10);
        let [one, two] = [(); 2].map(|()| broker.open(&group(&topic)));
        broker.send(&topic, b"x").expect("room");
        let shown = |broker: &mut Broker, end| broker.next(end).map(|delivery| delivery.delivered_before);
        assert_eq!(shown(&mut broker, one), Some(0));
        assert_eq!(broker.in_hand(one), Some(1));
        broker.give_back(one);
        assert_eq!(broker.in_hand(one), None);
        assert_eq!(shown(&mut broker, two), Some(1));
        assert_eq!(shown(&mut broker, one), None);
    }

    #[test]
    fn few_long_messages_fill_a_topic_as_many_short_ones_do() {
        let topic = Topic::events();
        let mut broker = Broker::new(1_000);
        let end = broker.open(&group(&topic));
        let message = vec![0; MESSAGE_BYTES_MAX];
        let fits = WAITING_BYTES_MAX / MESSAGE_BYTES_MAX;
        for n in 0..fits {
            assert_eq!(broker.send(&topic, &message), Ok(()), "message {n}");
        }
        assert!(
            matches!(broker.send(&topic, &message), Err(Unsent::Full { waiting, .. }) if waiting == fits)
        );
        assert!(broker.next(end).is_some());
        assert!(broker.send(&topic, &message).is_err(), "the first is in hand");
        assert!(broker.next(end).is_some());
        assert_eq!(broker.send(&topic, &message), Ok(()));
    }

    #[test]
    fn what_went_under_its_reader_is_not_left_by_him() {
        let topic = Topic::views();
        let mut broker = Broker::new(2);
        let [one, two] = [(); 2].map(|()| broker.open(&group(&topic)));
        broker.send(&topic, b"old").expect("it makes room");
        assert!(broker.next(one).is_some());
        for message in [b"a", b"b", b"c"] {
            broker.send(&topic, message).expect("it makes room");
        }
        broker.close(one);
        let mut rest = Vec::new();
        while let Some(delivery) = broker.next(two) {
            rest.push(delivery.message);
        }
        assert_eq!(rest, [b"b", b"c"]);
    }
}
