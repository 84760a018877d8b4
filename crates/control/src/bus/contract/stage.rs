//! What a case is played on: short words for ends, messages and what must come, so that a case reads as what it says.
//!
//! It refuses to hide what came instead: every disappointment names it.

use super::{Host, Trouble};
use crate::bus::{Bus, Delivery, Reader, Subscription, Topic, Unsent};
use model::{Interval, Time};

/// So long a case waits for what must come.
const PATIENCE: Interval = Interval(20_000);
/// So long it waits for what must not.
const QUIET: Interval = Interval(60);
/// So long an end is asked at once.
const TURN: Interval = Interval(50);

/// An end.
pub(super) type End = Box<dyn Bus>;

pub(super) struct Stage<'a> {
    host: &'a mut dyn Host,
    number: u8,
}

/// The text of a message.
pub(super) fn text(n: usize) -> Vec<u8> {
    format!("message {n}").into_bytes()
}

/// What to call it in an error.
fn shown(message: &[u8]) -> String {
    let start = &message[..message.len().min(24)];
    format!("{:?} ({} bytes)", String::from_utf8_lossy(start), message.len())
}

impl Stage<'_> {
    pub(super) fn new(host: &mut dyn Host, number: u8) -> Stage<'_> {
        Stage { host, number }
    }

    /// A topic of this case alone, that keeps what is not read.
    pub(super) fn topic(&self, name: &str) -> Topic {
        Topic::new(&format!("case.{}.{name}", self.number)).expect("a short name")
    }

    /// A topic of this case alone, that keeps what is new.
    pub(super) fn newest(&self, name: &str) -> Topic {
        Topic::new(&format!("views.{}.{name}", self.number)).expect("a short name")
    }

    pub(super) fn may_repeat(&self) -> bool {
        self.host.may_repeat()
    }

    pub(super) fn waiting_max(&self) -> usize {
        self.host.waiting_max()
    }

    /// Somebody who only sends.
    pub(super) fn sender(&mut self) -> End {
        self.host.open(&[])
    }

    /// A member of a group.
    pub(super) fn member(&mut self, topic: &Topic, group: &str, member: &str) -> End {
        self.host.open(&[of_group(topic, group, member)])
    }

    /// Somebody who looks on.
    pub(super) fn onlooker(&mut self, topic: &Topic) -> End {
        self.host.open(&[everyone(topic)])
    }

    pub(super) fn open(&mut self, reads: &[Subscription]) -> End {
        self.host.open(reads)
    }

    pub(super) fn crash(&mut self, end: End) {
        self.host.crash(end);
    }

    /// Until what the dead held is given to others.
    pub(super) fn give_up(&mut self) {
        let after = self.host.given_up_after();
        self.host.pass(Interval(after.0 + 50));
    }

    pub(super) fn laid_aside(&mut self, topic: &Topic) -> u64 {
        self.host.laid_aside(topic)
    }

    pub(super) fn trouble(&mut self, trouble: Trouble) -> bool {
        self.host.trouble(trouble)
    }

    pub(super) fn now(&mut self) -> Time {
        self.host.now()
    }

    pub(super) fn late_max(&self) -> Interval {
        self.host.late_max()
    }

    /// Sends, again and again where nobody answers.
    pub(super) fn send(&mut self, end: &mut End, topic: &Topic, message: &[u8]) -> Result<(), String> {
        let until = self.host.now() + PATIENCE;
        loop {
            match end.send(topic, message) {
                Ok(()) => return Ok(()),
                Err(Unsent::Away(_)) if self.host.now() < until => self.host.pass(TURN),
                Err(unsent) => return Err(format!("{} was not sent: {unsent}", shown(message))),
            }
        }
    }

    /// Sends messages until the topic is full; how many it took.
    pub(super) fn fill(&mut self, end: &mut End, topic: &Topic) -> Result<usize, String> {
        let most = self.host.waiting_max();
        for n in 0..=most {
            let waiting = loop {
                match end.send(topic, &text(n)) {
                    Ok(()) => break None,
                    Err(Unsent::Full { topic: name, waiting }) if name == topic.name() => {
                        break Some(waiting);
                    }
                    Err(Unsent::Away(_)) => self.host.pass(TURN),
                    Err(unsent) => return Err(format!("message {n} was not sent: {unsent}")),
                }
            };
            match waiting {
                None => {}
                // Where an answer may be lost a message may be there twice, and the topic is full earlier.
                Some(waiting) if waiting == most && (n == most || self.may_repeat()) => return Ok(n),
                Some(waiting) => return Err(format!("full after {n} of {most}, and {waiting} wait")),
            }
        }
        Err(format!("{most} are kept, and it took one more"))
    }

    /// Sends messages of these numbers.
    pub(super) fn send_all(
        &mut self,
        end: &mut End,
        topic: &Topic,
        numbers: impl IntoIterator<Item = usize>,
    ) -> Result<(), String> {
        numbers.into_iter().try_for_each(|n| self.send(end, topic, &text(n)))
    }

    /// What comes next, if it comes in time. Who is deaf for a moment is asked again.
    pub(super) fn next(&mut self, end: &mut End, wait: Interval) -> Option<Delivery> {
        let until = self.host.now() + wait;
        loop {
            let now = self.host.now();
            let left = Interval((until.0 - now.0).clamp(0, TURN.0));
            match end.next(left) {
                Ok(Some(delivery)) => return Some(delivery),
                Ok(None) => {}
                Err(_) => self.host.pass(Interval(20)),
            }
            if self.host.now() >= until {
                return None;
            }
        }
    }

    /// Something comes.
    pub(super) fn some(&mut self, end: &mut End) -> Result<Delivery, String> {
        self.next(end, PATIENCE).ok_or_else(|| "nothing came".to_owned())
    }

    /// Exactly this comes next, handed out so often before. (Where messages may repeat: at least so often, and what was
    /// `heard` before is passed over.)
    pub(super) fn expect(
        &mut self,
        end: &mut End,
        topic: &Topic,
        n: usize,
        before: u32,
    ) -> Result<(), String> {
        loop {
            let delivery = self.some(end)?;
            let is_it = delivery.message == text(n) && delivery.topic == *topic;
            let counts = delivery.delivered_before == before
                || self.may_repeat() && delivery.delivered_before > before;
            if is_it && counts {
                return Ok(());
            }
            if !self.may_repeat() || is_it {
                let Delivery { topic: of, message, delivered_before } = delivery;
                let came = shown(&message);
                return Err(format!(
                    "message {n} of {} after {before} deliveries was due, and there came {came} of {} after {delivered_before}",
                    topic.name(),
                    of.name()
                ));
            }
        }
    }

    /// These come next, in order, for the first time each.
    pub(super) fn expect_all(
        &mut self,
        end: &mut End,
        topic: &Topic,
        numbers: impl IntoIterator<Item = usize>,
    ) -> Result<(), String> {
        numbers.into_iter().try_for_each(|n| self.expect(end, topic, n, 0))
    }

    /// Nothing comes for a while. (Where messages may repeat: nothing that was not among these.)
    pub(super) fn silence(&mut self, end: &mut End, heard: &[usize]) -> Result<(), String> {
        while let Some(delivery) = self.next(end, QUIET) {
            let is_known = heard.iter().any(|n| text(*n) == delivery.message);
            if !self.may_repeat() || !is_known {
                return Err(format!("{} came, and nothing was due", shown(&delivery.message)));
            }
        }
        Ok(())
    }

    /// Reads until all these have come at least once; each came first after the one before it.
    pub(super) fn gather(&mut self, end: &mut End, count: usize) -> Result<(), String> {
        let mut heard = 0;
        while heard < count {
            let delivery = self.some(end).map_err(|words| format!("{words} after {heard} of {count}"))?;
            if delivery.message == text(heard) {
                heard += 1;
            } else if !(0..heard).rev().any(|n| text(n) == delivery.message) {
                return Err(format!("{} came before message {heard}", shown(&delivery.message)));
            }
        }
        Ok(())
    }
}

/// A group's member reads a topic.
pub(super) fn of_group(topic: &Topic, group: &str, member: &str) -> Subscription {
    let reader = Reader::Group { name: group.to_owned(), member: member.to_owned() };
    Subscription { topic: topic.clone(), reader }
}

/// Somebody looks on.
pub(super) fn everyone(topic: &Topic) -> Subscription {
    Subscription { topic: topic.clone(), reader: Reader::Everyone }
}
