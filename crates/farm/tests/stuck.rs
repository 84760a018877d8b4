//! A disk that takes nothing for a while: nothing is said that is not safe, nothing is thought meanwhile, and nothing is lost.

#![allow(missing_docs, reason = "tests say what they hold")]

use farm::journal::{Keeper, Origin, replay, survey};
use farm::{Character, Clocks, FromVenue, Recruit, Right, Seat};
use model::{BotId, Instrument, Interval, Price, Time, Usd};
use risk::Rules;
use std::cell::RefCell;
use std::rc::Rc;

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Room {
    #[default]
    Some,
    None,
    /// None, and it was tried.
    Refused,
}

/// What a disk has.
#[derive(Default)]
struct State {
    safe: Vec<u8>,
    waiting: Vec<u8>,
    room: Room,
}

/// A disk that can be full, and outlives its process.

#[derive(Clone, Default)]
struct Disk(Rc<RefCell<State>>);

impl Disk {
    fn set(&self, room: Room) {
        self.0.borrow_mut().room = room;
    }
}

impl Keeper for Disk {
    fn keep(&mut self, bytes: &[u8]) {
        let mut state = self.0.borrow_mut();
        assert!(state.room != Room::Refused, "more is kept than the disk has taken");
        state.waiting.extend(bytes);
    }

    fn sync(&mut self) {
        assert!(self.try_sync(), "nobody waits here for a disk that is full");
    }

    fn try_sync(&mut self) -> bool {
        let state = &mut *self.0.borrow_mut();
        if state.room != Room::Some && !state.waiting.is_empty() {
            state.room = Room::Refused;
            return false;
        }
        state.safe.append(&mut state.waiting);
        true
    }

    fn is_stuck(&self) -> bool {
        self.0.borrow().room == Room::Refused
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
    disk.set(Room::None);
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

    disk.set(Room::Some);
    assert!(!seat.act(NOW).is_empty(), "it is said now");
    seat.think(NOW);
    seat.act(NOW);
    assert!(seat.frames() > frames, "and the rest is thought about");
    assert_eq!(seat.farm().price().map(|(price, _)| price), Some(Price(400_001)));
    let safe = disk.0.borrow().safe.clone();
    assert_eq!(survey(&safe).expect("a journal").frames, seat.frames());
    assert_eq!(replay(&safe).expect("a journal").farm.state_hash(), seat.farm().state_hash());
}
