//! A farm from its journal: the start after a crash, and the proof that a session can be repeated.

use super::frame::{self, Frame, Next};
use super::origin::Origin;
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
    /// State hashes that agreed.
    pub states: u64,
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

/// Replays a journal and shows every input.
pub fn replay_with(bytes: &[u8], mut show: impl FnMut(&Heard<'_>)) -> Result<Replayed, JournalError> {
    let (origin, mut at) = begin(bytes)?;
    let mut hand =
        Hand { farm: origin.farm()?, out: Actions::default(), bars: BarColumns::new(Interval::MINUTE) };
    let (mut frames, mut inputs, mut states) = (1, 0, 0);
    let ending = loop {
        let (frame, length) = match frame::next(bytes, at, frames)? {
            Next::Frame(frame, length) => (frame, length),
            Next::End => break Ending::Whole,
            Next::Torn => break Ending::Torn { bytes: (bytes.len() - at) as u64 },
        };
        match frame.kind {
            Kind::State => {
                hand.check(frame)?;
                states += 1;
            }
            Kind::Origin => return Err(JournalError::Content("a second origin")),
            Kind::Event | Kind::Bars => {
                hand.feed(frame, &mut show)?;
                inputs += 1;
            }
        }
        (at, frames) = (at + length, frames + 1);
    };
    Ok(Replayed { farm: hand.farm, origin, frames, bytes: at as u64, inputs, states, ending })
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
    fn feed(&mut self, frame: Frame<'_>, show: &mut impl FnMut(&Heard<'_>)) -> Result<(), JournalError> {
        let mut reader = Reader(frame.body);
        let input = if frame.kind == Kind::Event {
            let (now, event) = input::read_event(&mut reader)?;
            reader.end()?;
            self.farm.on_event(now, &event, &mut self.out);
            Input::Event(now, event)
        } else {
            input::read_bars(&mut reader, &mut self.bars)?;
            reader.end()?;
            let bars = self.bars.as_bars();
            if !is_lent(&bars, &self.farm) {
                return Err(JournalError::Content("a run of bars that no farm was lent"));
            }
            let taken = self.farm.on_bars(bars, &mut self.out);
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
