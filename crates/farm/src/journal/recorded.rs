//! A world that writes down every input before the core hears it: journal, then act.
//!
//! It refuses to write what the core makes of an input: that is what replaying it is for. A snapshot is a short cut to the
//! same farm, and is written when it is asked for.

use super::memory::Memory;
use super::opening::{self, Place};
use super::origin::Origin;
use super::snapshot::{self, Beside, Nobody};
use super::survey::Survey;
use super::wire::Writer;
use super::{Kind, MAGIC, SEGMENT_MAGIC, VERSION, frame, input, terms};
use crate::action::Action;
use crate::drive::{Step, World};
use crate::flock::Farm;
use model::{Time, event::Wake};

/// Where frames go.
pub trait Keeper {
    /// Keeps these bytes, behind those before.
    fn keep(&mut self, bytes: &[u8]);

    /// Makes everything kept so far survive a crash before it returns: what follows may move money.
    fn sync(&mut self);

    /// The same without waiting for a disk that does not take it: whether everything kept so far survives a crash. What does not
    /// is kept, and tried again by the next call.
    fn try_sync(&mut self) -> bool {
        self.sync();
        true
    }

    /// Whether the last attempt failed: nothing more is to be kept until one succeeds.
    fn is_stuck(&self) -> bool {
        false
    }

    /// Whether so much was kept that a new segment is to begin.
    fn is_full(&self) -> bool {
        false
    }

    /// What is kept from here on belongs to the next segment; whatever a crash leaves of it, it leaves nothing of it without
    /// all of those before.
    fn turn(&mut self) {
        unreachable!("a keeper that is never full keeps one segment");
    }
}

impl Keeper for Vec<u8> {
    fn keep(&mut self, bytes: &[u8]) {
        self.extend(bytes);
    }

    fn sync(&mut self) {}
}

/// The writing end of a journal.
#[derive(Debug)]
pub struct Pen<K> {
    keeper: K,
    place: Place,
    /// What whoever reads only the next segment must know of those before.
    memory: Memory,
    origin: Vec<u8>,
    body: Writer,
    frame: Vec<u8>,
}

impl<K: Keeper> Pen<K> {
    /// A new journal of a farm.
    pub fn new(keeper: K, origin: &Origin) -> Pen<K> {
        let place = Place { segment: 0, at: MAGIC.len(), frames: 0, inputs: 0, chain: 0 };
        let mut pen = Pen::at(keeper, place, Memory::default(), Vec::new());
        pen.keeper.keep(MAGIC);
        pen.body.u16(VERSION);
        origin.write(&mut pen.body);
        pen.origin.clone_from(&pen.body.0);
        pen.flush(Kind::Origin);
        pen
    }

    /// Goes on behind a journal that was looked through.
    pub fn resume(keeper: K, behind: &Survey) -> Pen<K> {
        Pen::at(keeper, behind.place, behind.memory(), behind.origin.clone())
    }

    fn at(keeper: K, place: Place, memory: Memory, origin: Vec<u8>) -> Pen<K> {
        Pen { keeper, place, memory, origin, body: Writer::default(), frame: Vec::new() }
    }

    /// Whether a new segment is to begin, and can: what was heard in a day must fit into its first frame.
    pub fn is_full(&self) -> bool {
        self.keeper.is_full() && self.memory.is_writable()
    }

    /// Begins a new segment: whoever reads nothing else has the farm and what lives beside it. Between two drives only.
    pub fn turn(&mut self, farm: &Farm, beside: &impl Beside) {
        self.keeper.turn();
        self.place = Place { segment: self.place.segment + 1, at: SEGMENT_MAGIC.len(), ..self.place };
        self.keeper.keep(SEGMENT_MAGIC);
        let Place { segment, inputs, chain, .. } = self.place;
        opening::write(&mut self.body, segment, (inputs, chain), &self.memory);
        self.flush(Kind::Segment);
        self.body.0.clone_from(&self.origin);
        self.flush(Kind::Origin);
        self.snapshot_with(farm, beside);
    }

    /// Writes an input down.
    pub fn input(&mut self, step: &Step<'_>) {
        match step {
            Step::Event(now, event) => {
                self.memory.hear(*now, event);
                input::write_event(&mut self.body, *now, event);
                self.flush(Kind::Event);
            }
            Step::Bars(bars) => {
                input::write_bars(&mut self.body, bars);
                self.flush(Kind::Bars);
            }
            Step::Rules(now, rules) => {
                terms::write_change(&mut self.body, *now, rules);
                self.flush(Kind::Rules);
            }
            Step::End => {}
        }
    }

    /// Writes down what the farm's state hash is now that everything before was taken in: a replay must agree.
    pub fn state(&mut self, hash: u64) {
        self.body.u64(hash);
        self.flush(Kind::State);
    }

    /// Writes down that a start is about to live through everything again.
    pub fn attempt(&mut self) {
        self.flush(Kind::Attempt);
    }

    /// Writes down that an input is left out from now on.
    pub fn skip(&mut self, number: u64) {
        self.memory.skipped.push(number);
        self.body.u64(number);
        self.flush(Kind::Skip);
    }

    /// Writes down the farm itself, now that everything before was taken in: a start goes on from here.
    pub fn snapshot(&mut self, farm: &Farm) {
        self.snapshot_with(farm, &Nobody);
    }

    /// The same with what lives beside it. Between two drives only: what has been heard is in the journal.
    pub fn snapshot_with(&mut self, farm: &Farm, beside: &impl Beside) {
        snapshot::write(&mut self.body.0, farm, beside);
        self.flush(Kind::Snapshot);
    }

    /// How many frames were written.
    pub fn frames(&self) -> u64 {
        self.place.frames
    }

    /// Where it is kept, to make it safe there.
    pub fn keeper_mut(&mut self) -> &mut K {
        &mut self.keeper
    }

    /// Where it was kept.
    pub fn keeper(&self) -> &K {
        &self.keeper
    }

    /// Gives it back.
    pub fn into_keeper(self) -> K {
        self.keeper
    }

    fn flush(&mut self, kind: Kind) {
        self.frame.clear();
        let Place { frames, inputs, chain, at, .. } = &mut self.place;
        *chain = frame::write(&mut self.frame, *frames, kind, &self.body.0, *chain);
        *frames += 1;
        *inputs += u64::from(kind.is_input());
        *at += self.frame.len();
        self.body.0.clear();
        self.keeper.keep(&self.frame);
    }
}

/// A world under the pen.
#[derive(Debug)]
pub struct Recorded<'p, W, K> {
    /// The world itself.
    pub world: W,
    /// The pen.
    pub pen: &'p mut Pen<K>,
}

impl<W: World, K: Keeper> World for Recorded<'_, W, K> {
    fn next(&mut self, wake: Option<(Time, Wake)>) -> Step<'_> {
        let step = self.world.next(wake);
        self.pen.input(&step);
        step
    }

    fn took(&mut self, bars: usize) {
        self.world.took(bars);
    }

    fn perform(&mut self, action: &Action) {
        self.world.perform(action);
    }
}

impl<W: World> World for &mut W {
    fn next(&mut self, wake: Option<(Time, Wake)>) -> Step<'_> {
        (**self).next(wake)
    }

    fn took(&mut self, bars: usize) {
        (**self).took(bars);
    }

    fn perform(&mut self, action: &Action) {
        (**self).perform(action);
    }
}
