//! A farm from its journal: the start after a crash, and the proof that a session can be repeated.

use super::frame::{self, Frame, Next};
use super::opening::{self, Opening, Place};
use super::origin::Origin;
use super::shelf::Shelf;
use super::snapshot::{self, Beside, Nobody, Snapshots, Unfit};
use super::survey::{self, Survey};
use super::wire::Reader;
use super::{JournalError, Kind, input, terms};
use crate::action::{Action, Actions};
use crate::flock::Farm;
use model::{BarColumns, Bars, Event, Interval, Time};
use risk::Rules;
use std::borrow::Cow;

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
    /// Other rules, and from when on they hold.
    Rules(Time, Rules),
}

impl Input<'_> {
    /// The instant that it says; bars of which none was taken say none.
    pub fn at(&self) -> Option<Time> {
        match self {
            Input::Event(at, _) | Input::Rules(at, _) => Some(*at),
            Input::Bars(bars, taken) => taken.checked_sub(1).map(|last| bars.close_time(last)),
        }
    }
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
    /// Bytes that those of the last segment take: where it is cut before it is written on.
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
pub fn replay<S: Shelf + ?Sized>(shelf: &S) -> Result<Replayed, JournalError> {
    replay_with(shelf, |_| {})
}

/// What a journal's farm was made from.
pub fn origin<S: Shelf + ?Sized>(shelf: &S) -> Result<Origin, JournalError> {
    let last = shelf.range().1;
    of(last, open(&shelf.segment(last)?, last).and_then(|opening| opening.origin()))
}

/// Looks through a journal without living it: through its last segment, which says what must be known of those before.
pub fn survey<S: Shelf + ?Sized>(shelf: &S) -> Result<Survey, JournalError> {
    let last = shelf.range().1;
    let bytes = shelf.segment(last)?;
    of(last, open(&bytes, last).and_then(|opening| survey::survey(&bytes, opening)))
}

/// Whether the last segment was written behind the one before it, if that is there: what a start, which lives through nothing
/// of that one, would not notice.
pub(crate) fn check_last_follows<S: Shelf + ?Sized>(shelf: &S) -> Result<(), JournalError> {
    let (first, last) = shelf.range();
    if first == last {
        return Ok(());
    }
    let bytes = shelf.segment(last - 1)?;
    let opening = of(last - 1, open(&bytes, last - 1))?;
    let mut place = opening.place;
    loop {
        match of(last - 1, frame::next(&bytes, place.at, place.frames))? {
            Next::Frame(frame, length) => place.pass(frame, length),
            Next::Torn => return Err(JournalError::CutOff(last - 1)),
            Next::End => break,
        }
    }
    of(last, open(&shelf.segment(last)?, last))?.check_follows(&place, opening.origin)
}

/// How the segment begins that should have this number.
pub(super) fn open(bytes: &[u8], segment: u32) -> Result<Opening<'_>, JournalError> {
    let opening = opening::open(bytes)?;
    if opening.place.segment == segment {
        return Ok(opening);
    }
    Err(JournalError::Exchanged { segment, what: "it says that it is another one" })
}

/// Replays a journal and shows every input; every snapshot on the way is held against the farm that got there.
pub fn replay_with<S: Shelf + ?Sized>(
    shelf: &S,
    show: impl FnMut(&Heard<'_>),
) -> Result<Replayed, JournalError> {
    let (skipped, (first, _)) = (survey(shelf)?.skipped, shelf.range());
    show_from(shelf, first, &skipped, show)
}

/// The same from the segment that holds this frame, or the nearest before it whose snapshot can be gone on from.
pub fn replay_from<S: Shelf + ?Sized>(
    shelf: &S,
    frame: u64,
    show: impl FnMut(&Heard<'_>),
) -> Result<Replayed, JournalError> {
    let (skipped, (first, mut segment)) = (survey(shelf)?.skipped, shelf.range());
    loop {
        let bytes = shelf.segment(segment)?;
        let is_before = of(segment, open(&bytes, segment))?.first <= frame;
        drop(bytes);
        if segment == first || (is_before && Fold::begin(shelf, segment, &mut Nobody, &[]).is_ok()) {
            return show_from(shelf, segment, &skipped, show);
        }
        segment -= 1;
    }
}

fn show_from<S: Shelf + ?Sized>(
    shelf: &S,
    segment: u32,
    skipped: &[u64],
    mut show: impl FnMut(&Heard<'_>),
) -> Result<Replayed, JournalError> {
    let mut snapshots = Snapshots::default();
    let mut fold = Fold::begin(shelf, segment, &mut Nobody, skipped)?;
    let fresh = fold.origin.farm()?;
    let ending = fold.run(&mut show, &mut |_, _| {}, |frame, farm| {
        snapshots.count(frame.number, snapshot::check(frame.body, &fresh, farm));
    })?;
    Ok(fold.end(snapshots, ending))
}

/// A start: the farm of a journal, from its last whole snapshot if that is what it says, else from the origin.
pub fn rise<S: Shelf + ?Sized>(shelf: &S) -> Result<Replayed, JournalError> {
    rise_with(shelf, None, &mut Nobody, |_| {})
}

/// The same with what lives beside the farm, handed over as it was before the first input, and with one more input left out.
/// `reaches` is told the number of every input before it is lived through.
pub fn rise_with<S: Shelf + ?Sized, B: Beside>(
    shelf: &S,
    culprit: Option<u64>,
    beside: &mut B,
    mut reaches: impl FnMut(u64),
) -> Result<Replayed, JournalError> {
    let mut skipped = survey(shelf)?.skipped;
    skipped.extend(culprit);
    let mut reaches = |frame: Frame<'_>, _: &Farm| reaches(frame.number);
    let (first, last) = shelf.range();
    let mut snapshots = Snapshots::default();
    if let Some((number, risen)) = of(last, rise_behind_last(shelf, &skipped, beside, &mut reaches))? {
        snapshots.count(number, risen.as_ref().map(|_| ()).map_err(Clone::clone));
        if let Ok((fold, ending)) = risen {
            return Ok(fold.end(snapshots, ending));
        }
    }
    // A life that parts from the journal behind a segment's snapshot is the snapshot's fault, until the whole of it has parted.
    for segment in (first..=last).rev() {
        let mut memory = beside.clone();
        let lived = Fold::begin(shelf, segment, &mut memory, &skipped).and_then(|mut fold| {
            let ending = fold.run(&mut |heard| memory.remember(heard), &mut reaches, |_, _| {})?;
            Ok((fold, ending))
        });
        match lived {
            Ok((fold, ending)) => {
                *beside = memory;
                return Ok(fold.end(snapshots, ending));
            }
            Err(error) if segment == first => return Err(error),
            Err(_) => {}
        }
    }
    unreachable!("a journal has a first segment")
}

/// A life behind a snapshot of this number, if there is one: how it went.
type Behind<'s, 'k, S> = Option<(u64, Result<(Fold<'s, 'k, S>, Ending), Unfit>)>;

/// Lives on from the last whole snapshot of the last segment. Whatever is damaged on the way is refused, though nothing of it
/// would be lived through again.
fn rise_behind_last<'s, 'k, S: Shelf + ?Sized, B: Beside>(
    shelf: &'s S,
    skipped: &'k [u64],
    beside: &mut B,
    reaches: &mut impl FnMut(Frame<'_>, &Farm),
) -> Result<Behind<'s, 'k, S>, JournalError> {
    let segment = shelf.range().1;
    let bytes = shelf.segment(segment)?;
    let opening = open(&bytes, segment)?;
    let (mut place, mut last) = (opening.place, None);
    while let Next::Frame(frame, length) = frame::next(&bytes, place.at, place.frames)? {
        place.pass(frame, length);
        if frame.kind == Kind::Snapshot {
            last = Some((frame, place));
        }
    }
    let Some((frame, behind)) = last else { return Ok(None) };
    let (origin, mut memory) = (opening.origin()?, beside.clone());
    let fresh = origin.farm()?;
    let (number, origin_bytes) = (frame.number, opening.origin.to_vec());
    let risen = snapshot::open(frame.body, &fresh, &mut memory).and_then(|farm| {
        let mut fold = Fold::new(shelf, behind, farm, (origin, origin_bytes), skipped);
        fold.behind = Some(number);
        fold.bytes = bytes.clone();
        // A life that parts from the journal behind a snapshot is the snapshot's fault, until the whole of it has parted.
        let ending =
            fold.run(&mut |heard| memory.remember(heard), reaches, |_, _| {}).map_err(|_| Unfit::Parted)?;
        Ok((fold, ending))
    });
    if risen.is_ok() {
        *beside = memory;
    }
    Ok(Some((number, risen)))
}

/// Says in which segment something is wrong, where there is more than one.
pub(super) fn of<T>(segment: u32, found: Result<T, JournalError>) -> Result<T, JournalError> {
    found.map_err(|error| match error {
        JournalError::Segment { .. } | JournalError::Exchanged { .. } | JournalError::Unread(_) => error,
        error if segment == 0 => error,
        error => JournalError::Segment { segment, error: Box::new(error) },
    })
}

/// A life being lived again.
pub(super) struct Fold<'s, 'k, S: ?Sized> {
    shelf: &'s S,
    /// The segment that is being read.
    bytes: Cow<'s, [u8]>,
    place: Place,
    pub(super) origin: Origin,
    origin_bytes: Vec<u8>,
    /// The snapshot it began behind.
    behind: Option<u64>,
    hand: Hand,
    /// Inputs that are left out.
    skipped: &'k [u64],
    lived: u64,
    states: u64,
}

impl<'s, 'k, S: Shelf + ?Sized> Fold<'s, 'k, S> {
    fn new(
        shelf: &'s S,
        place: Place,
        farm: Farm,
        (origin, origin_bytes): (Origin, Vec<u8>),
        skipped: &'k [u64],
    ) -> Fold<'s, 'k, S> {
        let hand = Hand { farm, out: Actions::default(), bars: BarColumns::new(Interval::MINUTE) };
        let (bytes, behind) = (Cow::Borrowed(&[][..]), None);
        Fold { shelf, bytes, place, origin, origin_bytes, behind, hand, skipped, lived: 0, states: 0 }
    }

    /// Where a segment begins: behind the origin, or behind the snapshot there.
    pub(super) fn begin(
        shelf: &'s S,
        segment: u32,
        beside: &mut impl Beside,
        skipped: &'k [u64],
    ) -> Result<Fold<'s, 'k, S>, JournalError> {
        let bytes = shelf.segment(segment)?;
        let opening = of(segment, open(&bytes, segment))?;
        let (mut place, origin) = (opening.place, (of(segment, opening.origin())?, opening.origin.to_vec()));
        let fresh = origin.0.farm()?;
        if segment == 0 {
            let mut fold = Fold::new(shelf, place, fresh, origin, skipped);
            fold.bytes = bytes;
            return Ok(fold);
        }
        let Next::Frame(frame @ Frame { number, kind: Kind::Snapshot, body, .. }, length) =
            of(segment, frame::next(&bytes, place.at, place.frames))?
        else {
            return of(segment, Err(JournalError::Content("it does not begin with its farm")));
        };
        let farm = snapshot::open(body, &fresh, beside)
            .map_err(|why| JournalError::NeedsEarlier { segment, why })?;
        place.pass(frame, length);
        let mut fold = Fold::new(shelf, place, farm, origin, skipped);
        (fold.behind, fold.bytes) = (Some(number), bytes);
        Ok(fold)
    }

    pub(super) fn run(
        &mut self,
        show: &mut impl FnMut(&Heard<'_>),
        reaches: &mut impl FnMut(Frame<'_>, &Farm),
        mut snapshot: impl FnMut(Frame<'_>, &Farm),
    ) -> Result<Ending, JournalError> {
        loop {
            let segment = self.place.segment;
            let ending = of(segment, self.run_segment(show, reaches, &mut snapshot))?;
            if segment == self.shelf.range().1 {
                return Ok(ending);
            }
            if ending != Ending::Whole {
                return Err(JournalError::CutOff(segment));
            }
            let bytes = self.shelf.segment(segment + 1)?;
            let opening = of(segment + 1, open(&bytes, segment + 1))?;
            opening.check_follows(&self.place, &self.origin_bytes)?;
            self.place = opening.place;
            self.bytes = bytes;
        }
    }

    fn run_segment(
        &mut self,
        show: &mut impl FnMut(&Heard<'_>),
        reaches: &mut impl FnMut(Frame<'_>, &Farm),
        snapshot: &mut impl FnMut(Frame<'_>, &Farm),
    ) -> Result<Ending, JournalError> {
        loop {
            let (frame, length) = match frame::next(&self.bytes, self.place.at, self.place.frames)? {
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
                Kind::Segment => return Err(JournalError::Content("a segment inside another")),
                Kind::Attempt | Kind::Skip => {}
                Kind::Event | Kind::Bars | Kind::Rules => {
                    let is_skipped = self.skipped.contains(&frame.number);
                    if !is_skipped {
                        reaches(frame, &self.hand.farm);
                    }
                    self.hand.feed(frame, is_skipped, show)?;
                    self.lived += 1;
                }
            }
            self.place.pass(frame, length);
        }
    }

    pub(super) fn end(self, snapshots: Snapshots, ending: Ending) -> Replayed {
        let Fold { place: Place { at, frames, inputs, .. }, hand, origin, lived, states, behind, .. } = self;
        let (farm, bytes) = (hand.farm, at as u64);
        Replayed { farm, origin, frames, bytes, inputs, lived, states, behind, snapshots, ending }
    }
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
        let input = match frame.kind {
            Kind::Event => {
                let (now, event) = input::read_event(&mut reader)?;
                reader.end()?;
                if !is_skipped {
                    self.farm.on_event(now, &event, &mut self.out);
                }
                Input::Event(now, event)
            }
            Kind::Rules => {
                let (now, rules) = terms::read_change(&mut reader)?;
                reader.end()?;
                if !is_skipped {
                    self.farm.on_rules(now, rules, &mut self.out);
                }
                Input::Rules(now, rules)
            }
            _ => {
                input::read_bars(&mut reader, &mut self.bars)?;
                reader.end()?;
                let bars = self.bars.as_bars();
                if !is_skipped && !is_lent(&bars, &self.farm) {
                    return Err(JournalError::Content("a run of bars that no farm was lent"));
                }
                let taken = if is_skipped { bars.len() } else { self.farm.on_bars(bars, &mut self.out) };
                Input::Bars(bars, taken)
            }
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
