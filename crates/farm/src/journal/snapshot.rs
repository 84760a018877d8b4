//! A farm as it lives, in a frame: what a start goes on from instead of living everything through again.
//!
//! It holds what lives and nothing that follows from the origin, over which it is read. It vouches for itself: by the
//! program that wrote it, by a digest of its bytes, and by the state hash of the farm that was written down. It refuses
//! to be trusted beyond that: whatever does not hold is left aside with a reason, and the inputs are lived through.

use super::replay::Heard;
use crate::flock::Farm;
use execution::EntryContext;
use model::StateHash;
use model::snapshot::{Restore, Save, State, Unreadable, Value};
use persona::{EntryKind, Label};

/// The program that reads its own snapshots; what was decided by another one is decided again.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");
/// Of what is written and in which order: raised whenever a list of `state!` or `value!` changes.
pub(super) const LAYOUT: u16 = 4;

/// The words that live in a farm.
const WORDS: &[&str] = &words();

const fn words() -> [&'static str; Label::ALL.len() + EntryKind::ALL.len() + 1] {
    let mut words = [EntryContext::NO_MOOD; Label::ALL.len() + EntryKind::ALL.len() + 1];
    let mut i = 0;
    while i < Label::ALL.len() {
        words[i] = Label::ALL[i].name();
        i += 1;
    }
    while i < Label::ALL.len() + EntryKind::ALL.len() {
        words[i] = EntryKind::ALL[i - Label::ALL.len()].name();
        i += 1;
    }
    words
}

/// What lives beside a farm and is made from the same inputs: the desk's memory.
pub trait Beside: State + Clone {
    /// Lives through one input, behind the farm.
    fn remember(&mut self, heard: &Heard<'_>);
}

/// Nobody beside the farm: whatever was written down for somebody is not looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nobody;

impl State for Nobody {
    fn save(&self, _: &mut Save) {}

    fn restore(&mut self, from: &mut Restore<'_>) -> Result<(), Unreadable> {
        from.take(from.rest().len())?;
        Ok(())
    }
}

impl Beside for Nobody {
    fn remember(&mut self, _: &Heard<'_>) {}
}

/// Why a snapshot is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It was written by another program.
    #[error("it was written by version {0}, which this program does not read")]
    Program(String),
    /// Bytes that were changed after they were written.
    #[error("its bytes are not those that were written")]
    Changed,
    /// It is no snapshot of this farm.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] Unreadable),
    /// It is not the farm that was written down.
    #[error("the farm made from it is in state {found:016x}, it says {written:016x}")]
    State {
        /// What it says.
        written: u64,
        /// What it came to.
        found: u64,
    },
    /// It is not the farm that its journal makes.
    #[error("it is not the farm that the inputs make")]
    Parted,
}

/// A snapshot that was left aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftAside {
    /// Its frame.
    pub number: u64,
    /// Why.
    pub why: Unfit,
}

/// What became of the snapshots of a journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshots {
    /// How many are the farm that they say.
    pub agreed: u64,
    /// How many were left aside.
    pub left_aside: u64,
    /// The first of these.
    pub first_left_aside: Option<LeftAside>,
}

impl Snapshots {
    pub(super) fn count(&mut self, number: u64, found: Result<(), Unfit>) {
        match found {
            Ok(()) => self.agreed += 1,
            Err(why) => {
                self.left_aside += 1;
                self.first_left_aside.get_or_insert(LeftAside { number, why });
            }
        }
    }
}

fn digest(bytes: &[u8]) -> u64 {
    let mut hash = StateHash::default();
    hash.word(bytes.len() as u64);
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash.word(u64::from_le_bytes(word));
    }
    hash.finish()
}

/// The farm by itself.
pub(super) fn farm_bytes(farm: &Farm) -> Vec<u8> {
    let mut to = Save::default();
    farm.save(&mut to);
    to.into_bytes()
}

/// Writes the body of a frame.
pub(super) fn write(body: &mut Vec<u8>, farm: &Farm, beside: &impl Beside) {
    let mut lives = Save::default();
    farm.state_hash().write(&mut lives);
    let bytes = farm_bytes(farm);
    lives.list(&bytes);
    beside.save(&mut lives);
    seal(body, (PROGRAM, LAYOUT), &lives.into_bytes());
}

fn seal(body: &mut Vec<u8>, (program, layout): (&str, u16), lives: &[u8]) {
    let mut head = Save::default();
    head.list(program.as_bytes());
    layout.write(&mut head);
    digest(lives).write(&mut head);
    body.extend(head.into_bytes());
    body.extend(lives);
}

/// A snapshot whose bytes are those that this program wrote.
struct Sealed<'a> {
    state: u64,
    farm: &'a [u8],
    beside: &'a [u8],
}

fn unseal(body: &[u8]) -> Result<Sealed<'_>, Unfit> {
    let mut from = Restore::new(body, WORDS);
    let (program, layout) = (from.list()?, u16::read(&mut from)?);
    if (program, layout) != (PROGRAM.as_bytes(), LAYOUT) {
        let shown = &program[..program.len().min(PROGRAM_SHOWN_MAX)];
        return Err(Unfit::Program(format!("{} (layout {layout})", String::from_utf8_lossy(shown))));
    }
    let written = u64::read(&mut from)?;
    if digest(from.rest()) != written {
        return Err(Unfit::Changed);
    }
    let (state, farm) = (u64::read(&mut from)?, from.list()?);
    Ok(Sealed { state, farm, beside: from.rest() })
}

/// How much of a stranger's version is shown.
const PROGRAM_SHOWN_MAX: usize = 32;

impl Sealed<'_> {
    /// The farm over one that was made from its origin and heard nothing.
    fn farm(&self, fresh: &Farm) -> Result<Farm, Unfit> {
        let mut farm = fresh.clone();
        let mut from = Restore::new(self.farm, WORDS);
        farm.restore(&mut from)?;
        from.end()?;
        let (written, found) = (self.state, farm.state_hash());
        if written == found { Ok(farm) } else { Err(Unfit::State { written, found }) }
    }
}

/// The farm of a snapshot and what lives beside it, over what their origin made.
pub(super) fn open(body: &[u8], fresh: &Farm, beside: &mut impl Beside) -> Result<Farm, Unfit> {
    let sealed = unseal(body)?;
    let mut from = Restore::new(sealed.beside, WORDS);
    beside.restore(&mut from)?;
    from.end()?;
    sealed.farm(fresh)
}

/// Whether a snapshot is the farm that got there, in every bit that lives.
pub(super) fn check(body: &[u8], fresh: &Farm, there: &Farm) -> Result<(), Unfit> {
    let sealed = unseal(body)?;
    let risen = sealed.farm(fresh)?;
    let agree = risen.state_hash() == there.state_hash() && sealed.farm == farm_bytes(there);
    if agree { Ok(()) } else { Err(Unfit::Parted) }
}

#[cfg(test)]
mod tests;
