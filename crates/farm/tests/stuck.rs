//! A disk that takes nothing for a while: nothing is said that is not safe, nothing is thought meanwhile, and nothing is lost.

#![allow(missing_docs, reason = "tests say what they hold")]

use farm::journal::{Keeper, Origin, replay, survey};
use farm::{Character, Clocks, FromVenue, Recruit, Right, Seat};
use model::{BotId, Instrument, Interval, Price, Time, Usd};
use risk::Rules;
use std::cell::RefCell;
use std::rc::Rc;

/// A disk that can be full, and outlives its process.
#[derive(Default)]
struct State {
    safe: Vec<u8>,
    waiting: Vec<u8>,
    is_full: bool,
    is_stuck: bool,
}

#[derive(Clone, Default)]
struct Disk(Rc<RefCell<State>>);

impl Disk {
    fn set_full(&self, is_full: bool) {
        self.0.borrow_mut().is_full = is_full;
    }
}

impl Keeper for Disk {
    fn keep(&mut self, bytes: &[u8]) {
        let mut state = self.0.borrow_mut();
        assert!(!state.is_stuck, "more is kept than the disk has taken");
        state.waiting.extend(bytes);
    }

    fn sync(&mut self) {
        assert!(self.try_sync(), "nobody waits here for a disk that is full");
    }

    fn try_sync(&mut self) -> bool {
        let state = &mut *self.0.borrow_mut();
        state.is_stuck = state.is_full && !state.waiting.is_empty();
        if !state.is_stuck {
            state.safe.append(&mut state.waiting);
        }
        !state.is_stuck
    }

    fn is_stuck(&self) -> bool {
        self.0.borrow().is_stuck
    }
}

const START: Time = Time(1_735_689_600_000);
const NOW: Clocks = Clocks { mono: Time(0), wall: START };

fn origin() -> Origin {
    let profile = persona::catalogue::profile("strategic").expect("listed").expect("valid");
    let character = Character::Twin(Box::new(profile));
    Origin {
        instrument: Instrument::btcusdt(),
        interval: Interval::MINUTE,
        sky: cosmos::Sky::none(),
        recruits: vec![Recruit::alone(BotId(0), character, Usd(10_000 * Usd::ONE.0), 1)],
        accounts: Vec::new(),
        rules: Rules::NONE,
    }
}

#[test]
fn nothing_is_said_or_thought_until_the_disk_has_what_was_decided() {
    let disk = Disk::default();
    let mut seat = Seat::begin(disk.clone(), &origin(), NOW, Right::Sole).expect("a farm");
    seat.act(NOW);
    disk.set_full(true);
    seat.hear(NOW, FromVenue::Linked);
    seat.open(NOW, START, Price(400_000));
    seat.think(NOW);
    let (frames, before) = (seat.frames(), disk.0.borrow().safe.len());
    assert!(seat.act(NOW).is_empty(), "the question follows from nothing that is safe");
    // What is heard from here on stays unheard.
    seat.open(NOW, START + Interval(1), Price(400_001));
    for _ in 0..3 {
        seat.think(NOW);
        assert!(seat.act(NOW).is_empty());
    }
    assert_eq!((seat.frames(), disk.0.borrow().safe.len()), (frames, before));

    disk.set_full(false);
    assert!(!seat.act(NOW).is_empty(), "it is said now");
    seat.think(NOW);
    seat.act(NOW);
    assert!(seat.frames() > frames, "and the rest is thought about");
    assert_eq!(seat.farm().price().map(|(price, _)| price), Some(Price(400_001)));
    let safe = disk.0.borrow().safe.clone();
    assert_eq!(survey(&safe).expect("a journal").frames, seat.frames());
    assert_eq!(replay(&safe).expect("a journal").farm.state_hash(), seat.farm().state_hash());
}
