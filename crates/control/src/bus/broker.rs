//! The promises of the bus as one value: topics, groups, what each has in hand. A queue in one process is this behind a lock,
//! the simulator's bus is this behind a bad wire.
//!
//! It refuses to wait, to know a clock, and to forget what a group has not done with.

use super::{DELIVERIES_MAX, Delivery, Keeping, MESSAGE_BYTES_MAX, Reader, Subscription, Topic, Unsent};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// So many bytes a topic keeps, however few messages they are.
pub const WAITING_BYTES_MAX: usize = 16 << 20;

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
    holds: Option<(Topic, String, u64)>,
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
        loop {
            let is_full = self.kept.len() >= waiting_max
                || (!self.kept.is_empty() && self.kept_bytes + bytes > WAITING_BYTES_MAX);
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
        self.ends.insert(id, Ears { reads: placed, turn: 0, holds: None });
        id
    }

    /// An end is gone: what it had in hand is for another.
    pub fn close(&mut self, end: EndId) {
        let Some(ears) = self.ends.remove(&end) else { return };
        if let Some((topic, name, number)) = ears.holds
            && let Some(log) = self.topics.get_mut(&topic)
            && let Some(group) = log.groups.get_mut(&name)
            && let Some(before) = group.in_hand.remove(&number)
            && number >= log.first
        {
            group.left.insert(number, before + 1);
        }
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
        let Some((topic, name, number)) = self.ends.get_mut(&end).and_then(|ears| ears.holds.take()) else {
            return;
        };
        let log = self.topics.get_mut(&topic).expect("what is in hand has a topic");
        if let Some(group) = log.groups.get_mut(&name) {
            group.in_hand.remove(&number);
        }
    }

    fn look_on(&mut self, end: EndId, turn: usize, topic: &Topic, seen: u64) -> Option<Delivery> {
        let log = self.topics.get(topic)?;
        let number = seen.max(log.first);
        let message = log.get(number)?.to_vec();
        self.ends.get_mut(&end)?.reads[turn].1 = number + 1;
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
            ears.holds = Some((topic.clone(), name.to_owned(), number));
            return Some(Delivery { topic: topic.clone(), message: message.to_vec(), delivered_before: before });
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
