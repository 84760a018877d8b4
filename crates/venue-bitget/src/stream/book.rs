//! An order book kept from a snapshot and its changes, and the proof that none is missing.
//!
//! Each change names the one before it; a gap, a restart of the numbers, a crossed book or a wrong checksum breaks the
//! book, and a broken book is thrown away, never mended. Sizes are absolute. The digits are kept as they were written,
//! trailing zeros too, because the checksum is taken over them.

use crate::number::{BadNumber, Exact, Fault, Field};
use crate::wire::market::Depth;
use crate::wire::push::Action;
use crate::wire::{Level, Text};
use model::{Price, Qty, Step};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Levels of one side: the exchange sends 500, and no update should make it many times that.
pub const LEVELS_MAX: usize = 5_000;
/// Levels of each side that a checksum covers.
const CHECKED_LEVELS: usize = 25;

/// Why a book cannot be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A change before anything it could change.
    #[error("a change of the book came before its snapshot")]
    NoSnapshot,
    /// Numbers are missing: a change was lost.
    #[error("a change of the book is missing: {expected} was to be followed, {previous} was")]
    Gap {
        /// The last number we have.
        expected: u64,
        /// The number this change follows.
        previous: u64,
    },
    /// The exchange's numbers begin anew.
    #[error("the exchange began to count its changes anew")]
    Restarted,
    /// Neither numbers nor a checksum.
    #[error("a change of the book carries neither a number nor a checksum")]
    Unprovable,
    /// The book is not the one the exchange has.
    #[error("the checksum of the book is {ours}, the exchange has {theirs}")]
    Checksum {
        /// Over what we have.
        ours: i32,
        /// Over what they have.
        theirs: i32,
    },
    /// The best bid is not below the best ask.
    #[error("the book is crossed")]
    Crossed,
    /// More levels than a book has.
    #[error("the book has more than {LEVELS_MAX} levels on a side")]
    TooDeep,
    /// A number that cannot be used.
    #[error("{0}")]
    Number(#[from] BadNumber),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct AsWritten {
    price: Exact,
    size: Exact,
    qty: Qty,
}

/// The book of one symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    tick: Step,
    lot: Step,
    bids: BTreeMap<Price, AsWritten>,
    asks: BTreeMap<Price, AsWritten>,
    last: Option<Last>,
}

/// What the next change must follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Last {
    sequence: Option<u64>,
    is_snapshot: bool,
}

impl Book {
    /// An empty book, waiting for its snapshot.
    pub fn new(tick: Step, lot: Step) -> Book {
        Book { tick, lot, bids: BTreeMap::new(), asks: BTreeMap::new(), last: None }
    }

    /// Takes a snapshot or a change in. After an error the book is empty again and waits for a snapshot.
    pub fn take(&mut self, action: Action, depth: &Depth<'_>) -> Result<(), Broken> {
        let taken = match action {
            Action::Snapshot => self.replace(depth),
            Action::Update => self.change(depth),
        };
        if taken.is_err() {
            *self = Book::new(self.tick, self.lot);
        }
        taken
    }

    /// Whether it stands on a snapshot.
    pub fn is_known(&self) -> bool {
        self.last.is_some()
    }

    /// Bids, best first.
    pub fn bids(&self) -> impl Iterator<Item = (Price, Qty)> + '_ {
        self.bids.iter().rev().map(|(price, level)| (*price, level.qty))
    }

    /// Asks, best first.
    pub fn asks(&self) -> impl Iterator<Item = (Price, Qty)> + '_ {
        self.asks.iter().map(|(price, level)| (*price, level.qty))
    }

    /// The checksum the exchange would send: CRC-32 over the best levels of both sides, as written.
    pub fn checksum(&self) -> i32 {
        let mut text = String::new();
        let mut bids = self.bids.values().rev().take(CHECKED_LEVELS);
        let mut asks = self.asks.values().take(CHECKED_LEVELS);
        for _ in 0..CHECKED_LEVELS {
            for level in [bids.next(), asks.next()].into_iter().flatten() {
                let colon = if text.is_empty() { "" } else { ":" };
                write!(text, "{colon}{}:{}", level.price, level.size).expect("a text takes any write");
            }
        }
        crc32fast::hash(text.as_bytes()).cast_signed()
    }

    fn replace(&mut self, depth: &Depth<'_>) -> Result<(), Broken> {
        self.bids.clear();
        self.asks.clear();
        self.put(depth)?;
        let sequence = depth.sequence.field("seq").optional().map(Field::sequence).transpose()?;
        self.last = Some(Last { sequence, is_snapshot: true });
        self.check_not_crossed()
    }

    fn change(&mut self, depth: &Depth<'_>) -> Result<(), Broken> {
        let last = self.last.ok_or(Broken::NoSnapshot)?;
        let number = |text: &Text<'_>, name| text.field(name).optional().map(Field::sequence).transpose();
        let (previous, sequence) =
            (number(&depth.previous_sequence, "pseq")?, number(&depth.sequence, "seq")?);
        let checksum = checksum(depth)?;
        match (last.sequence, previous, sequence) {
            (_, Some(0), _) => return Err(Broken::Restarted),
            (Some(expected), Some(previous), Some(sequence)) => {
                // The snapshot may have been taken between two changes.
                let spans = last.is_snapshot && previous <= expected && expected <= sequence;
                if previous != expected && !spans {
                    return Err(Broken::Gap { expected, previous });
                }
            }
            _ if checksum.is_some() => {}
            _ => return Err(Broken::Unprovable),
        }
        self.put(depth)?;
        self.last = Some(Last { sequence, is_snapshot: false });
        if let Some(theirs) = checksum
            && theirs != self.checksum()
        {
            return Err(Broken::Checksum { ours: self.checksum(), theirs });
        }
        self.check_not_crossed()
    }

    fn put(&mut self, depth: &Depth<'_>) -> Result<(), Broken> {
        for (side, levels) in [(&mut self.bids, &depth.bids), (&mut self.asks, &depth.asks)] {
            for Level { price, size } in levels.iter() {
                let (price, size) = (price.field("price"), size.field("size"));
                let ticks = price.price(self.tick)?;
                let level =
                    AsWritten { price: price.exact()?, size: size.exact()?, qty: size.qty(self.lot)? };
                if level.qty.0 == 0 {
                    side.remove(&ticks);
                } else {
                    side.insert(ticks, level);
                }
            }
            if side.len() > LEVELS_MAX {
                return Err(Broken::TooDeep);
            }
        }
        Ok(())
    }

    fn check_not_crossed(&self) -> Result<(), Broken> {
        match (self.bids.keys().next_back(), self.asks.keys().next()) {
            (Some(bid), Some(ask)) if bid >= ask => Err(Broken::Crossed),
            _ => Ok(()),
        }
    }
}

/// The checksum of a change, where there is one: it is absent these days, and zero means absent.
fn checksum(depth: &Depth<'_>) -> Result<Option<i32>, BadNumber> {
    let field = depth.checksum.field("checksum");
    let Some(value) = field.optional().map(Field::integer).transpose()? else { return Ok(None) };
    let value = i32::try_from(value).map_err(|_| field.bad(Fault::TooLarge))?;
    Ok((value != 0).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TENTH: Step = Step { mantissa: 1, decimals: 1 };
    const WHOLE: Step = Step { mantissa: 1, decimals: 0 };

    fn take(book: &mut Book, action: Action, json: &str) -> Result<(), Broken> {
        book.take(action, &serde_json::from_str(json).unwrap())
    }

    fn known(json: &str) -> Book {
        let mut book = Book::new(TENTH, WHOLE);
        take(&mut book, Action::Snapshot, json).unwrap();
        book
    }

    const SNAPSHOT: &str =
        r#"{"asks":[["101","5"],["102","6"]],"bids":[["100","7"],["99.5","8"]],"seq":10,"pseq":0}"#;

    #[test]
    fn checksums_of_the_reference() {
        // 43231.1:4:43232.8:9:43231:6:43232.9:8 and 3366.1:7:3366.8:9:3368:8:3372:8, the second with one bid only.
        let both =
            known(r#"{"bids":[["43231.1","4"],["43231","6"]],"asks":[["43232.8","9"],["43232.9","8"]]}"#);
        assert_eq!(both.checksum(), -1_504_501_796);
        let uneven = known(r#"{"bids":[["3366.1","7"]],"asks":[["3366.8","9"],["3368","8"],["3372","8"]]}"#);
        assert_eq!(uneven.checksum(), 831_078_360);
        assert_eq!(Book::new(TENTH, WHOLE).checksum(), 0);
        let zeros =
            known(r#"{"bids":[["43231.10","4"],["43231","6"]],"asks":[["43232.8","9"],["43232.9","8"]]}"#);
        assert_ne!(zeros.checksum(), both.checksum(), "digits count as they were written");
    }

    #[test]
    fn changes_follow_each_other() {
        let mut book = known(SNAPSHOT);
        take(
            &mut book,
            Action::Update,
            r#"{"bids":[["100","0"]],"asks":[["100.5","1"]],"seq":13,"pseq":10}"#,
        )
        .unwrap();
        take(&mut book, Action::Update, r#"{"bids":[["100.4","3"]],"asks":[],"seq":14,"pseq":13}"#).unwrap();
        assert_eq!(book.bids().next(), Some((Price(1_004), Qty(3))));
        assert_eq!(book.asks().next(), Some((Price(1_005), Qty(1))));
        let gap = take(&mut book, Action::Update, r#"{"bids":[],"asks":[],"seq":17,"pseq":16}"#);
        assert_eq!(gap, Err(Broken::Gap { expected: 14, previous: 16 }));
        assert!(!book.is_known() && book.bids().next().is_none(), "nothing of a broken book is left");
        assert_eq!(take(&mut book, Action::Update, r#"{"seq":18,"pseq":17}"#), Err(Broken::NoSnapshot));
        assert_eq!(take(&mut book, Action::Snapshot, SNAPSHOT), Ok(()));
        // Only the first change may span the snapshot.
        assert_eq!(take(&mut book, Action::Update, r#"{"seq":12,"pseq":9}"#), Ok(()));
        assert!(matches!(
            take(&mut book, Action::Update, r#"{"seq":13,"pseq":11}"#),
            Err(Broken::Gap { .. })
        ));
    }

    #[test]
    fn every_way_a_book_breaks() {
        let after = |json| take(&mut known(SNAPSHOT), Action::Update, json);
        assert_eq!(after(r#"{"seq":11,"pseq":0}"#), Err(Broken::Restarted));
        assert_eq!(after(r#"{"bids":[]}"#), Err(Broken::Unprovable));
        assert_eq!(after(r#"{"bids":[["101","1"]],"seq":11,"pseq":10}"#), Err(Broken::Crossed));
        assert!(matches!(
            after(r#"{"seq":11,"pseq":10,"checksum":5}"#),
            Err(Broken::Checksum { theirs: 5, .. })
        ));
        assert_eq!(after(r#"{"seq":11,"pseq":10,"checksum":0}"#), Ok(()), "zero is no checksum");
        assert!(matches!(after(r#"{"bids":[["99.55","1"]],"seq":11,"pseq":10}"#), Err(Broken::Number(_))));
        assert!(matches!(after(r#"{"bids":[["99","-1"]],"seq":11,"pseq":10}"#), Err(Broken::Number(_))));
        assert!(matches!(after(r#"{"seq":"x","pseq":10}"#), Err(Broken::Number(_))));
        let sum = known(SNAPSHOT).checksum();
        assert_eq!(after(&format!(r#"{{"checksum":{sum}}}"#)), Ok(()), "a checksum alone proves it too");
        let deep: Vec<String> = (0..=LEVELS_MAX).map(|n| format!(r#"["{}","1"]"#, n + 1)).collect();
        let deep = format!(r#"{{"bids":[{}]}}"#, deep.join(","));
        assert_eq!(take(&mut Book::new(TENTH, WHOLE), Action::Snapshot, &deep), Err(Broken::TooDeep));
        let crossed = r#"{"bids":[["5","1"]],"asks":[["5","1"]]}"#;
        assert_eq!(take(&mut Book::new(TENTH, WHOLE), Action::Snapshot, crossed), Err(Broken::Crossed));
    }

    proptest! {
        /// However the changes are cut, kept or lost: the book is the exchange's, or it says that it is not.
        #[test]
        fn a_book_is_right_or_broken(
            changes in prop::collection::vec((1_i64..40, 0_i64..4), 1..60),
            lost in prop::collection::vec(any::<bool>(), 60),
        ) {
            let mut theirs = BTreeMap::new();
            let mut ours = known(r#"{"bids":[],"asks":[],"seq":1,"pseq":0}"#);
            let mut alive = true;
            for (index, (price, size)) in changes.iter().enumerate() {
                let before = theirs.clone();
                if *size == 0 { theirs.remove(price); } else { theirs.insert(*price, *size); }
                let (previous, sequence) = (index + 1, index + 2);
                let json = format!(r#"{{"bids":[["{price}","{size}"]],"seq":{sequence},"pseq":{previous}}}"#);
                let is_lost = lost[index] && index % 7 == 6;
                if !is_lost {
                    let taken = take(&mut ours, Action::Update, &json);
                    prop_assert_eq!(taken.is_ok(), alive);
                } else {
                    alive = false;
                    prop_assert!(before.len() <= 40);
                }
                if alive {
                    let levels: Vec<_> = ours.bids().map(|(p, q)| (p.0 / 10, q.0)).collect();
                    let want: Vec<_> = theirs.iter().rev().map(|(p, q)| (*p, *q)).collect();
                    prop_assert_eq!(levels, want);
                }
            }
        }
    }
}
