//! A farm from its journal: the start after a crash, and the proof that a session can be repeated.

use super::frame::{self, Frame, Next};
use super::origin::Origin;
use super::snapshot::{self, Beside, Nobody, Snapshots, Unfit};
use super::survey::{self, Survey};
use super::wire::Reader;
use super::{JournalError, Kind, MAGIC, VERSION, input};
use crate::action::{Action, Actions};
use crate::flock::Farm;
use model::{BarColumns, Bars, Event, Interval, Time};

/// How a journal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Behind a whole frame.
    Whole,
    /// Inside a frame that was never whole: so many bytes were dropped.
    Torn {
        /// Dropped bytes.
        bytes: u64,
    },
}

/// One input.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// An event and its instant.
    Event(Time, Event),
    /// A run of bars, and how many of them the farm took.
    Bars(Bars<'a>, usize),
}

/// What a replay shows of each input, once the farm has taken it in.
#[derive(Debug)]
pub struct Heard<'a> {
    /// Its number: frames from the start of the journal.
    pub number: u64,
    /// The input.
    pub input: Input<'a>,
    /// What the farm asked for.
    pub actions: &'a [Action],
    /// The farm after it.
    pub farm: &'a Farm,
}

/// What came of a replay.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The farm at the end.
    pub farm: Farm,
    /// What it was made from.
    pub origin: Origin,
    /// Frames that were read, origin and states among them.
    pub frames: u64,
    /// Bytes they take: where a journal is cut before it is written on.
    pub bytes: u64,
    /// Inputs among them.
    pub inputs: u64,
    /// Inputs that were lived through again: all of them, or those after the snapshot it began behind.
    pub lived: u64,
    /// State hashes that agreed.
    pub states: u64,
    /// The frame of the snapshot it began behind; `None` is the origin.
    pub behind: Option<u64>,
    /// What became of the snapshots on the way.
    pub snapshots: Snapshots,
    /// How it ended.
    pub ending: Ending,
}

/// Replays a journal.
pub fn replay(bytes: &[u8]) -> Result<Replayed, JournalError> {
    replay_with(bytes, |_| {})
}

/// What a journal's farm was made from, and where its inputs begin.
fn begin(bytes: &[u8]) -> Result<(Origin, usize), JournalError> {
    if !bytes.starts_with(MAGIC) {
        return Err(JournalError::NoOrigin);
    }
    match frame::next(bytes, MAGIC.len(), 0)? {
        Next::Frame(Frame { kind: Kind::Origin, body, .. }, length) => {
            Ok((read_origin(body)?, MAGIC.len() + length))
        }
        Next::Frame(..) => Err(JournalError::Content("it does not say what the farm was made from")),
        Next::End | Next::Torn => {
            Err(JournalError::Content("it was cut off before its farm was written down"))
        }
    }
}

/// What a journal's farm was made from.
pub fn origin(bytes: &[u8]) -> Result<Origin, JournalError> {
    Ok(begin(bytes)?.0)
}

/// Looks through a journal without living it.
pub fn survey(bytes: &[u8]) -> Result<Survey, JournalError> {
    let (_, at) = begin(bytes)?;
    survey::survey(bytes, at, 1)
}

/// Replays a journal and shows every input; every snapshot on the way is held against the farm that got there.
pub fn replay_with(bytes: &[u8], mut show: impl FnMut(&Heard<'_>)) -> Result<Replayed, JournalError> {
    let (origin, at) = begin(bytes)?;
    let fresh = origin.farm()?;
    let skipped = survey::survey(bytes, at, 1)?.skipped;
    let mut snapshots = Snapshots::default();
    let mut fold = Fold::new(bytes, Place::first(at), fresh.clone(), &skipped);
    let ending = fold.run(&mut show, &mut |_| {}, |frame, farm| {
        snapshots.count(frame.number, snapshot::check(frame.body, &fresh, farm));
    })?;
    Ok(fold.end(origin, None, snapshots, ending))
}

/// A start: the farm of a journal, from its last whole snapshot if that is what it says, else from the origin.
pub fn rise(bytes: &[u8]) -> Result<Replayed, JournalError> {
    rise_with(bytes, None, &mut Nobody, |_| {})
}

/// The same with what lives beside the farm, handed over as it was before the first input, and with one more input left out.
/// `reaches` is told the number of every input before it is lived through.
pub fn rise_with<B: Beside>(
    bytes: &[u8],
    culprit: Option<u64>,
    beside: &mut B,
    mut reaches: impl FnMut(u64),
) -> Result<Replayed, JournalError> {
    let (origin, at) = begin(bytes)?;
    let mut skipped = survey::survey(bytes, at, 1)?.skipped;
    skipped.extend(culprit);
    let (first, fresh) = (Place::first(at), origin.farm()?);
    let mut snapshots = Snapshots::default();
    if let Some((frame, behind)) = last_snapshot(bytes, first)? {
        let mut memory = beside.clone();
        let risen = snapshot::open(frame.body, &fresh, &mut memory).and_then(|farm| {
            let mut fold = Fold::new(bytes, behind, farm, &skipped);
            // A life that parts from the journal behind a snapshot is the snapshot's fault, until the whole of it has parted.
            let ending = fold
                .run(&mut |heard| memory.remember(heard), &mut reaches, |_, _| {})
                .map_err(|_| Unfit::Parted)?;
            Ok((fold, ending))
        });
        snapshots.count(frame.number, risen.as_ref().map(|_| ()).map_err(Clone::clone));
        if let Ok((fold, ending)) = risen {
            *beside = memory;
            return Ok(fold.end(origin, Some(frame.number), snapshots, ending));
        }
    }
    let mut fold = Fold::new(bytes, first, fresh, &skipped);
    let ending = fold.run(&mut |heard| beside.remember(heard), &mut reaches, |_, _| {})?;
    Ok(fold.end(origin, None, snapshots, ending))
}

/// The last whole snapshot and the place behind it. Whatever is damaged on the way is refused, though nothing of it would
/// be lived through again.
fn last_snapshot(bytes: &[u8], first: Place) -> Result<Option<(Frame<'_>, Place)>, JournalError> {
    let (mut place, mut last) = (first, None);
    while let Next::Frame(frame, length) = frame::next(bytes, place.at, place.frames)? {
        place.pass(frame.kind, length);
        if frame.kind == Kind::Snapshot {
            last = Some((frame, place));
        }
    }
    Ok(last)
}

/// How far a journal was read.
#[derive(Clone, Copy, Debug)]
struct Place {
    at: usize,
    frames: u64,
    inputs: u64,
}

impl Place {
    /// Behind the origin.
    fn first(at: usize) -> Place {
        Place { at, frames: 1, inputs: 0 }
    }

    fn pass(&mut self, kind: Kind, length: usize) {
        self.at += length;
        self.frames += 1;
        self.inputs += u64::from(matches!(kind, Kind::Event | Kind::Bars));
    }
}

/// A life being lived again.
struct Fold<'a> {
    bytes: &'a [u8],
    place: Place,
    hand: Hand,
    /// Inputs that are left out.
    skipped: &'a [u64],
    lived: u64,
    states: u64,
}

impl<'a> Fold<'a> {
    fn new(bytes: &'a [u8], place: Place, farm: Farm, skipped: &'a [u64]) -> Fold<'a> {
        let hand = Hand { farm, out: Actions::default(), bars: BarColumns::new(Interval::MINUTE) };
        Fold { bytes, place, hand, skipped, lived: 0, states: 0 }
    }

    fn run(
        &mut self,
        show: &mut impl FnMut(&Heard<'_>),
        reaches: &mut impl FnMut(u64),
        mut snapshot: impl FnMut(Frame<'_>, &Farm),
    ) -> Result<Ending, JournalError> {
        loop {
            let (frame, length) = match frame::next(self.bytes, self.place.at, self.place.frames)? {
                Next::Frame(frame, length) => (frame, length),
                Next::End => return Ok(Ending::Whole),
                Next::Torn => return Ok(Ending::Torn { bytes: (self.bytes.len() - self.place.at) as u64 }),
            };
            match frame.kind {
                Kind::State => {
                    self.hand.check(frame)?;
                    self.states += 1;
                }
                Kind::Snapshot => snapshot(frame, &self.hand.farm),
                Kind::Origin => return Err(JournalError::Content("a second origin")),
                Kind::Attempt | Kind::Skip => {}
                Kind::Event | Kind::Bars => {
                    let is_skipped = self.skipped.contains(&frame.number);
                    if !is_skipped {
                        reaches(frame.number);
                    }
                    self.hand.feed(frame, is_skipped, show)?;
                    self.lived += 1;
                }
            }
            self.place.pass(frame.kind, length);
        }
    }

    fn end(self, origin: Origin, behind: Option<u64>, snapshots: Snapshots, ending: Ending) -> Replayed {
        let Fold { place: Place { at, frames, inputs }, hand, lived, states, .. } = self;
        let (farm, bytes) = (hand.farm, at as u64);
        Replayed { farm, origin, frames, bytes, inputs, lived, states, behind, snapshots, ending }
    }
}

fn read_origin(body: &[u8]) -> Result<Origin, JournalError> {
    let mut reader = Reader(body);
    match reader.u16()? {
        VERSION => {}
        other => return Err(JournalError::Version(other)),
    }
    let origin = Origin::read(&mut reader)?;
    reader.end()?;
    Ok(origin)
}

/// Whether a world could have lent these bars to this farm.
fn is_lent(bars: &Bars<'_>, farm: &Farm) -> bool {
    let ascend = |pair: &[Time]| pair[1] - pair[0] >= bars.interval;
    !bars.is_empty()
        && bars.are_sane()
        && bars.interval == farm.base()
        && bars.open_time.windows(2).all(ascend)
        && bars.open_time[0] >= farm.market().now()
}

/// What the farm is fed with, and its outbox: nobody hears it in a replay.
struct Hand {
    farm: Farm,
    out: Actions,
    bars: BarColumns,
}

impl Hand {
    /// An input that is left out is shown, for those who count what was said, and the farm does not hear it.
    fn feed(
        &mut self,
        frame: Frame<'_>,
        is_skipped: bool,
        show: &mut impl FnMut(&Heard<'_>),
    ) -> Result<(), JournalError> {
        let mut reader = Reader(frame.body);
        let input = if frame.kind == Kind::Event {
            let (now, event) = input::read_event(&mut reader)?;
            reader.end()?;
            if !is_skipped {
                self.farm.on_event(now, &event, &mut self.out);
            }
            Input::Event(now, event)
        } else {
            input::read_bars(&mut reader, &mut self.bars)?;
            reader.end()?;
            let bars = self.bars.as_bars();
            if !is_skipped && !is_lent(&bars, &self.farm) {
                return Err(JournalError::Content("a run of bars that no farm was lent"));
            }
            let taken = if is_skipped { bars.len() } else { self.farm.on_bars(bars, &mut self.out) };
            Input::Bars(bars, taken)
        };
        let (number, actions, farm) = (frame.number, self.out.as_slice(), &self.farm);
        show(&Heard { number, input, actions, farm });
        self.out.clear();
        Ok(())
    }

    fn check(&self, frame: Frame<'_>) -> Result<(), JournalError> {
        let mut reader = Reader(frame.body);
        let written = reader.u64()?;
        reader.end()?;
        let found = self.farm.state_hash();
        if found == written {
            return Ok(());
        }
        Err(JournalError::Diverged { input: frame.number.saturating_sub(1), written, found })
    }
}
