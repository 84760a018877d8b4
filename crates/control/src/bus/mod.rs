//! The bus as its users see it: two methods. A queue in one process, Redis between many, the simulator's wire under a seed.
//!
//! What every one of them promises, and what the contract ([`contract`]) holds them to: a message that `send` took is handed
//! to every reader it is for **at least once** and, within one topic and one sender, for the first time in order; somebody
//! who dies before he asks for the next one leaves what he had to another of his group, where it comes before anything newer.
//! What it refuses to promise is *once*: every message carries its own identity, and who acts on it remembers that. Nor does
//! it hold anybody up for a reader of the kind `Everyone`: who looks on and is slow misses the oldest.

pub mod broker;
pub mod contract;

use model::Interval;

/// The longest message, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// The longest topic, in bytes.
pub const TOPIC_BYTES_MAX: usize = 64;
/// So often a message is handed out before it is laid aside as dead.
pub const DELIVERIES_MAX: u32 = 5;
/// So many messages a topic keeps, unless an implementation is set to fewer.
pub const WAITING_MAX: usize = 10_000;
/// What a topic's dead letters are called beside it.
const DEAD: &str = ".dead";

/// Where messages go: `events`, `commands.btc-1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic(String);

/// What becomes of a topic that keeps as much as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// Nothing goes that a group has not done with: the sender hears that it is full.
    Unread,
    /// The oldest goes, read or not: only what is new is worth something.
    Newest,
}

/// No topic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no topic: lower-case letters, digits, `.`, `-` and `_`, at most {TOPIC_BYTES_MAX} bytes")]
pub struct BadTopic(pub String);

impl Topic {
    /// The topic of this name.
    pub fn new(name: &str) -> Result<Topic, BadTopic> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
        let good = !name.is_empty() && name.len() <= TOPIC_BYTES_MAX && name.bytes().all(fits);
        if good { Ok(Topic(name.to_owned())) } else { Err(BadTopic(name.to_owned())) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// What becomes of it when it is full: heartbeats, measurements and dead letters make room, everything else waits.
    pub fn keeping(&self) -> Keeping {
        let first = self.0.split('.').next();
        match first {
            Some("views" | "readings") => Keeping::Newest,
            _ if self.is_dead() => Keeping::Newest,
            _ => Keeping::Unread,
        }
    }

    /// Where its messages are laid aside that were handed out too often. Of a topic of dead letters it is itself: nothing is
    /// laid aside there, and a group of it begins with the first that is kept instead of with what is sent from now on.
    pub fn dead(&self) -> Topic {
        if self.is_dead() { self.clone() } else { Topic(format!("{}{DEAD}", self.0)) }
    }

    /// Whether it holds dead letters.
    pub fn is_dead(&self) -> bool {
        self.0.ends_with(DEAD)
    }

    /// What is to be done by whoever holds a shard.
    pub fn commands(shard: &str) -> Result<Topic, BadTopic> {
        Topic::new(&format!("commands.{shard}"))
    }

    /// What became of it.
    pub fn answers() -> Topic {
        Topic("answers".to_owned())
    }

    /// How every shard is: heartbeats.
    pub fn views() -> Topic {
        Topic("views".to_owned())
    }

    /// What happened, to be kept and to be told.
    pub fn events() -> Topic {
        Topic("events".to_owned())
    }

    /// What was measured outside.
    pub fn readings() -> Topic {
        Topic("readings".to_owned())
    }
}

/// How somebody reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reader {
    /// Each message goes to one of a group, from the first time on that anybody read for the group, also while nobody does;
    /// it is done when its reader asks for the next.
    Group {
        /// Of the group.
        name: String,
        /// Of this member; two that run at once have two names.
        member: String,
    },
    /// Each message from now on; nothing is kept for those who are away.
    Everyone,
}

/// What somebody reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subscription {
    /// Which topic.
    pub topic: Topic,
    /// How.
    pub reader: Reader,
}

/// A message that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Where it was sent.
    pub topic: Topic,
    /// What was sent.
    pub message: Vec<u8>,
    /// How often it was handed out before, to anybody of the group.
    pub delivered_before: u32,
}

/// What was not sent. It may have been, where the line broke: it is sent again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsent {
    /// Nobody carries it now.
    #[error("the bus does not answer ({0}): it is tried again; look at its server")]
    Away(String),
    /// It does not fit.
    #[error("a message of {0} bytes is too long: at most {MESSAGE_BYTES_MAX}")]
    TooLong(usize),
    /// Nobody takes anything away.
    #[error("{topic} is full: {waiting} messages wait; look at who reads it")]
    Full {
        /// Which topic.
        topic: String,
        /// How many wait.
        waiting: usize,
    },
}

/// Nothing can be heard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bus does not answer ({0}): it is tried again; look at its server")]
pub struct Deaf(pub String);

/// One end of the bus.
pub trait Bus {
    /// Gives a message away. After `Ok` it outlives this process, as far as the bus does.
    fn send(&mut self, topic: &Topic, message: &[u8]) -> Result<(), Unsent>;

    /// The next message of anything this end reads; what was handed out before is done with. Waits at most so long.
    fn next(&mut self, wait: Interval) -> Result<Option<Delivery>, Deaf>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_a_short_plain_word() {
        for good in ["events", "commands.btc-1", "a_b.c"] {
            assert_eq!(Topic::new(good).expect("a topic").name(), good);
        }
        assert_eq!(Topic::events().dead().name(), "events.dead");
        assert_eq!(Topic::events().dead().dead(), Topic::events().dead());
        for bad in ["", "A", "a b", "ä", "a/b", &"x".repeat(TOPIC_BYTES_MAX + 1)] {
            assert!(Topic::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_makes_room_is_said_by_the_name() {
        let commands = Topic::commands("btc-1").expect("a topic");
        for (topic, keeping) in [
            (Topic::views(), Keeping::Newest),
            (Topic::readings(), Keeping::Newest),
            (Topic::events().dead(), Keeping::Newest),
            (Topic::events(), Keeping::Unread),
            (Topic::answers(), Keeping::Unread),
            (commands, Keeping::Unread),
        ] {
            assert_eq!(topic.keeping(), keeping, "{topic:?}");
        }
    }
}
