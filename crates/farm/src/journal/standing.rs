//! A journal read from an instant on, for whoever wants to go on elsewhere from the midst of it: what stood there when an
//! input came, farm, desk and all that was heard until then.
//!
//! It refuses to say what might have been: the reader is shown what was, and is handed copies.

use super::frame::{self, Frame, Next as NextFrame};
use super::memory::Memory;
use super::opening::Opening;
use super::replay::{Fold, Heard, Replayed, of, open, survey};
use super::shelf::Shelf;
use super::snapshot::Snapshots;
use super::told::Told;
use super::wire::Reader as Bytes;
use super::{JournalError, Kind, input, terms};
use crate::desk::Desk;
use crate::flock::Farm;
use crate::seat;
use model::{AccountId, Bar, BarColumns, Event, Interval, Known, Time};
use risk::Rules;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// A farm in the midst of its life, and what lives beside it.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The farm.
    pub farm: Farm,
    /// Its desk, with the requests whose outcome is not known.
    pub desk: Desk,
    told: BTreeMap<AccountId, Told>,
}

impl Standing {
    /// What is known of each account, for whoever speaks for a venue from here on.
    pub fn known(&self) -> Vec<Known> {
        seat::know(&self.farm, &self.desk, &self.told, Time(i64::MIN))
    }
}

/// The input that comes next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// An event and its instant.
    Event(Time, Event),
    /// Other rules, and from when on they hold.
    Rules(Time, Rules),
    /// A run of bars, of which this is the first.
    Bar(Bar),
}

/// Who reads.
pub trait Reader {
    /// Whether what stands before this input is wanted.
    fn parts(&mut self, next: &Next, farm: &Farm) -> bool;

    /// What stands there, before the input that parts.
    fn stands(&mut self, standing: Standing);

    /// An input, once the farm has taken it in.
    fn hears(&mut self, heard: &Heard<'_>);
}

/// A journal being read.
struct Reading<'r, R> {
    reader: &'r mut R,
    desk: Desk,
    memory: Memory,
    scratch: BarColumns,
}

/// Reads a journal from the last segment that begins before `since`, or the nearest before it whose snapshot can be gone on
/// from. What the reader is shown first may be older than `since`.
pub fn read_since<S: Shelf + ?Sized, R: Reader>(
    shelf: &S,
    since: Time,
    reader: &mut R,
) -> Result<Replayed, JournalError> {
    let (skipped, (first, mut segment)) = (survey(shelf)?.skipped, shelf.range());
    let (mut fold, desk, memory) = loop {
        let bytes = shelf.segment(segment)?;
        let opening = of(segment, open(&bytes, segment))?;
        let is_before = of(segment, begins(&bytes, &opening))?.is_some_and(|at| at < since);
        if segment == first || is_before {
            let mut desk = seat::desk_of(&of(segment, opening.origin())?);
            match Fold::begin(shelf, segment, &mut desk, &skipped) {
                Ok(fold) => break (fold, desk, opening.memory),
                Err(error) if segment == first => return Err(error),
                Err(_) => {}
            }
        }
        segment -= 1;
    };
    let reading = RefCell::new(Reading { reader, desk, memory, scratch: BarColumns::new(Interval::MINUTE) });
    let ending = fold.run(
        &mut |heard| reading.borrow_mut().hear(heard),
        &mut |frame, farm| reading.borrow_mut().come(frame, farm),
        |_, _| {},
    )?;
    Ok(fold.end(Snapshots::default(), ending))
}

/// The instant of the first input of a segment.
fn begins(bytes: &[u8], opening: &Opening<'_>) -> Result<Option<Time>, JournalError> {
    let (mut place, mut scratch) = (opening.place, BarColumns::new(Interval::MINUTE));
    while let NextFrame::Frame(frame, length) = frame::next(bytes, place.at, place.frames)? {
        match coming(frame, &mut scratch)? {
            Some(Next::Event(at, _) | Next::Rules(at, _)) => return Ok(Some(at)),
            Some(Next::Bar(bar)) => return Ok(Some(bar.open_time + scratch.interval)),
            None => place.pass(frame, length),
        }
    }
    Ok(None)
}

/// What a frame says that comes, if it is an input.
fn coming(frame: Frame<'_>, scratch: &mut BarColumns) -> Result<Option<Next>, JournalError> {
    match frame.kind {
        Kind::Event => {
            let (at, event) = input::read_event(&mut Bytes(frame.body))?;
            Ok(Some(Next::Event(at, event)))
        }
        Kind::Rules => {
            let (at, rules) = terms::read_change(&mut Bytes(frame.body))?;
            Ok(Some(Next::Rules(at, rules)))
        }
        Kind::Bars => {
            input::read_bars(&mut Bytes(frame.body), scratch)?;
            Ok((!scratch.is_empty()).then(|| Next::Bar(scratch.as_bars().get(0))))
        }
        _ => Ok(None),
    }
}

impl<R: Reader> Reading<'_, R> {
    fn come(&mut self, frame: Frame<'_>, farm: &Farm) {
        // What cannot be read is told by whoever feeds it to the farm.
        let Ok(Some(next)) = coming(frame, &mut self.scratch) else { return };
        if self.reader.parts(&next, farm) {
            let (desk, told) = (self.desk.clone(), self.memory.told.clone());
            self.reader.stands(Standing { farm: farm.clone(), desk, told });
        }
    }

    fn hear(&mut self, heard: &Heard<'_>) {
        self.desk.remember(heard);
        if let super::Input::Event(at, event) = heard.input {
            self.memory.hear(at, &event);
        }
        self.reader.hears(heard);
    }
}
