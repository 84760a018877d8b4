//! The factors: a closed list. What one does to a decision is in `influences`, how strongly it is felt is a persona's.

use crate::banding::TROPICAL_YEAR;
use model::Interval;
use model::snapshot::{Restore, Save, Unreadable, Value};

/// An outside influence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Factor {
    /// Moon phase.
    Moon,
    /// Mercury retrograde.
    Mercury,
    /// Schumann resonance.
    Schumann,
    /// Geomagnetic activity.
    Kp,
    /// Depth and spread of our own book.
    Liquidity,
    /// A sentiment index.
    Sentiment,
    /// Season at the trader's latitude.
    Season,
    /// Hour of the trader's day.
    Circadian,
}

impl Factor {
    /// All of them.
    pub const ALL: [Factor; 8] = [
        Factor::Moon,
        Factor::Mercury,
        Factor::Schumann,
        Factor::Kp,
        Factor::Liquidity,
        Factor::Sentiment,
        Factor::Season,
        Factor::Circadian,
    ];

    /// The word in files and flags.
    pub const fn name(self) -> &'static str {
        match self {
            Factor::Moon => "moon",
            Factor::Mercury => "mercury",
            Factor::Schumann => "schumann",
            Factor::Kp => "kp",
            Factor::Liquidity => "liquidity",
            Factor::Sentiment => "sentiment",
            Factor::Season => "season",
            Factor::Circadian => "circadian",
        }
    }

    /// Whether it is read from a series that somebody measured; the others are worked out.
    pub const fn is_read(self) -> bool {
        matches!(self, Factor::Schumann | Factor::Kp | Factor::Liquidity | Factor::Sentiment)
    }

    /// After how long it comes round again: the synodic month of 29.530588 d, Mercury's synodic period of 115.8775 d,
    /// the tropical year, a day; a series has no period.
    pub const fn period(self) -> Option<Interval> {
        match self {
            Factor::Moon => Some(Interval(2_551_442_803)),
            Factor::Mercury => Some(Interval(10_011_816_000)),
            Factor::Season => Some(TROPICAL_YEAR),
            Factor::Circadian => Some(Interval::DAY),
            Factor::Schumann | Factor::Kp | Factor::Liquidity | Factor::Sentiment => None,
        }
    }

    /// The smallest shift in time that is a different reading; of a series only the series knows it
    /// ([`crate::Series::resolution`]).
    pub const fn resolution(self) -> Option<Interval> {
        match self {
            Factor::Moon | Factor::Mercury => Some(Interval(6 * Interval::HOUR.0)),
            Factor::Season => Some(Interval::DAY),
            Factor::Circadian => Some(Interval::HOUR),
            Factor::Schumann | Factor::Kp | Factor::Liquidity | Factor::Sentiment => None,
        }
    }

    /// The factor of a word.
    pub fn from_name(name: &str) -> Option<Factor> {
        Factor::ALL.into_iter().find(|factor| factor.name() == name)
    }
}

/// A set of factors: those that are switched on, or those that are present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FactorSet(u8);

impl Value for FactorSet {
    fn write(&self, to: &mut Save) {
        let FactorSet(bits) = self;
        bits.write(to);
    }

    fn read(from: &mut Restore<'_>) -> Result<FactorSet, Unreadable> {
        Ok(FactorSet(Value::read(from)?))
    }
}

impl FactorSet {
    /// None.
    pub const EMPTY: FactorSet = FactorSet(0);
    /// Every one.
    pub const ALL: FactorSet = FactorSet(u8::MAX);

    /// This set and `factor`.
    #[must_use]
    pub const fn with(self, factor: Factor) -> FactorSet {
        FactorSet(self.0 | 1 << factor as u8)
    }

    /// This set without `factor`.
    #[must_use]
    pub const fn without(self, factor: Factor) -> FactorSet {
        FactorSet(self.0 & !(1 << factor as u8))
    }

    /// Whether `factor` is in it.
    #[inline]
    pub const fn contains(self, factor: Factor) -> bool {
        self.0 & (1 << factor as u8) != 0
    }

    /// Whether it has none.
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its factors.
    pub fn iter(self) -> impl Iterator<Item = Factor> {
        Factor::ALL.into_iter().filter(move |&factor| self.contains(factor))
    }
}

impl FromIterator<Factor> for FactorSet {
    fn from_iter<I: IntoIterator<Item = Factor>>(factors: I) -> FactorSet {
        factors.into_iter().fold(FactorSet::EMPTY, FactorSet::with)
    }
}
