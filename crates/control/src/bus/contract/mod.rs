//! The contract of the bus: numbered cases of what its users may count on, whoever carries the messages.
//!
//! A case knows the two methods of [`Bus`] and a [`Host`] that opens ends, kills them and lets time pass; queues, servers
//! and wires it does not know. A host that may repeat says so, and is then held to what it promises: everything, in order,
//! at least once. It refuses everything else: a message lost, one too many, one in another's place.

mod deaths;
mod delivery;
mod groups;
mod limits;
mod stage;
mod trouble;

use super::{Bus, Subscription, Topic};
use model::{Interval, Time};
use stage::Stage;

/// Whoever carries messages, with ends that can die and a server that can be hurt.
pub trait Host {
    /// An end that reads these.
    fn open(&mut self, reads: &[Subscription]) -> Box<dyn Bus>;
    /// The process of an end dies, with whatever it has in hand.
    fn crash(&mut self, end: Box<dyn Bus>);
    /// Lets time pass.
    fn pass(&mut self, how_long: Interval);
    /// What a clock shows that goes on while an end waits.
    fn now(&mut self) -> Time;
    /// How long what a dead member of a group held stays with it, before another gets it.
    fn given_up_after(&self) -> Interval;
    /// How many messages a topic keeps.
    fn waiting_max(&self) -> usize;
    /// How many messages of a topic were laid aside.
    fn laid_aside(&mut self, topic: &Topic) -> u64;
    /// Whether a message may come twice though nobody died.
    fn may_repeat(&self) -> bool;
    /// How much longer than it was told an end may wait.
    fn late_max(&self) -> Interval;
    /// Does this to it, and lets it be well again on its own; false if that cannot happen here.
    fn trouble(&mut self, trouble: Trouble) -> bool;
}

/// What can happen to a bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Its server dies without a warning and is started again.
    Restart,
    /// Every connection to it breaks.
    Cut,
}

/// A case.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Its number, from 1.
    pub number: u8,
    /// What must hold, in a sentence.
    pub name: &'static str,
    play: fn(&mut Stage<'_>) -> Result<(), String>,
}

/// All of them.
pub fn cases() -> Vec<Case> {
    let lists = [delivery::CASES, groups::CASES, deaths::CASES, limits::CASES, trouble::CASES];
    let all = lists.into_iter().flatten();
    (1..).zip(all).map(|(number, (name, play))| Case { number, name, play: *play }).collect()
}

/// What a list of cases consists of.
type Row = (&'static str, fn(&mut Stage<'_>) -> Result<(), String>);

impl Case {
    /// Plays it on a bus on which its topics are new. What was not as it must be is the error, in words.
    pub fn play(&self, host: &mut dyn Host) -> Result<(), String> {
        let mut stage = Stage::new(host, self.number);
        (self.play)(&mut stage).map_err(|words| format!("B{:02} {}: {words}", self.number, self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_numbered_from_one_and_named_once() {
        let cases = cases();
        for (i, case) in cases.iter().enumerate() {
            assert_eq!(usize::from(case.number), i + 1);
            assert!(cases[..i].iter().all(|other| other.name != case.name), "{}", case.name);
        }
    }
}
