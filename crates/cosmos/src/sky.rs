//! What a farm is handed: the sky and the readings, for any instant that has been.
//!
//! Reading it allocates nothing and copying it is cheap, so each bot may have its own. It refuses to have an effect
//! where it knows nothing: a factor that is switched off or absent is exactly 0.

use crate::almanac::Almanac;
use crate::banding;
use crate::coordinates::Coordinates;
use crate::ephemeris::mercury::Motion;
use crate::factor::{Factor, FactorSet};
use crate::influences::Influences;
use crate::series::{Series, SeriesError};
use model::snapshot::{Restore, Save, State, Unreadable};
use model::{Interval, Time};
use std::sync::Arc;

/// How a factor's time is moved: for placebos.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shift {
    /// Not at all.
    #[default]
    None,
    /// Read so much later.
    By(Interval),
    /// Read so much later, going round within a window.
    Around { by: Interval, from: Time, to: Time },
}

impl Shift {
    #[inline]
    fn apply(self, now: Time) -> Time {
        match self {
            Shift::None => now,
            Shift::By(by) => now + by,
            Shift::Around { by, from, to } => {
                from + Interval((now.0 - from.0 + by.0).rem_euclid(to.0 - from.0))
            }
        }
    }
}

const FACTORS: usize = Factor::ALL.len();

/// The sky over a place, the readings there are, and which factors count.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sky {
    almanac: Option<Arc<Almanac>>,
    series: [Option<Arc<Series>>; FACTORS],
    coordinates: Coordinates,
    on: FactorSet,
    shifts: [Shift; FACTORS],
    /// Of what values were learned: those series are no longer the ones it was made with.
    learned: FactorSet,
}

/// What was learned; the rest follows from what it was made with.
impl State for Sky {
    fn save(&self, to: &mut Save) {
        let Sky { almanac: _, series, coordinates: _, on: _, shifts: _, learned } = self;
        learned.save(to);
        for factor in learned.iter() {
            series[factor as usize].as_ref().expect("only a series learns").save(to);
        }
    }

    fn restore(&mut self, from: &mut Restore<'_>) -> Result<(), Unreadable> {
        self.learned.restore(from)?;
        for factor in self.learned.iter() {
            let made = self.series[factor as usize].as_ref();
            let mut series = Series::clone(made.ok_or(Unreadable("values of a series that is not there"))?);
            series.restore(from)?;
            self.series[factor as usize] = Some(Arc::new(series));
        }
        Ok(())
    }
}

impl Sky {
    /// No sky: every influence is exactly 0 at all times.
    pub fn none() -> Sky {
        Sky::default()
    }

    /// This sky with the Moon and Mercury of an almanac.
    #[must_use]
    pub fn with_almanac(mut self, almanac: Arc<Almanac>) -> Sky {
        self.almanac = Some(almanac);
        self
    }

    /// This sky with a series; it takes the place of an earlier one of the same factor.
    #[must_use]
    pub fn with_series(mut self, series: Arc<Series>) -> Sky {
        let factor = series.factor();
        self.series[factor as usize] = Some(series);
        self
    }

    /// Learns a value of a factor that it has a series of; what is no value of it changes nothing.
    pub fn learn(&mut self, now: Time, factor: Factor, stamp: Time, value: f64) -> Result<(), SeriesError> {
        let series = self.series[factor as usize].as_ref().ok_or(SeriesError::Absent { factor })?;
        self.series[factor as usize] = Some(Arc::new(series.learned(now, stamp, value)?));
        self.learned = self.learned.with(factor);
        Ok(())
    }

    /// This sky over another place.
    #[must_use]
    pub fn with_coordinates(mut self, coordinates: Coordinates) -> Sky {
        self.coordinates = coordinates;
        self
    }

    /// This sky with these factors switched on and no others.
    #[must_use]
    pub fn with_factors(mut self, on: FactorSet) -> Sky {
        self.on = on;
        self
    }

    /// The same sky with one factor read at another time, for placebos; an earlier shift of it is forgotten.
    ///
    /// What is worked out is read at `now + by`, so an almanac must reach there. A series goes round within `window`: it
    /// is read at `from + (now - from + by) mod (to - from)`, and what was known is judged there.
    #[must_use]
    pub fn shifted(&self, factor: Factor, by: Interval, window: (Time, Time)) -> Sky {
        let (from, to) = window;
        assert!(from < to, "a window from {from} to {to} has nothing to go round in");
        let mut sky = self.clone();
        sky.shifts[factor as usize] =
            if factor.is_read() { Shift::Around { by, from, to } } else { Shift::By(by) };
        sky
    }

    /// Whether any factor is read at another time than now: only placebos are.
    pub fn is_shifted(&self) -> bool {
        self.shifts.iter().any(|shift| *shift != Shift::None)
    }

    /// The smallest shift that is a different reading; `None` for a series that is not there.
    pub fn resolution(&self, factor: Factor) -> Option<Interval> {
        factor.resolution().or_else(|| Some(self.series(factor)?.resolution()))
    }

    /// The almanac.
    pub fn almanac(&self) -> Option<&Almanac> {
        self.almanac.as_deref()
    }

    /// The series of a factor.
    pub fn series(&self, factor: Factor) -> Option<&Series> {
        self.series[factor as usize].as_deref()
    }

    /// The place.
    pub fn coordinates(&self) -> Coordinates {
        self.coordinates
    }

    /// The factors that are switched on.
    pub fn factors(&self) -> FactorSet {
        self.on
    }

    /// When a factor is read at `now`: then, unless it was shifted.
    #[inline]
    pub(crate) fn read_at(&self, factor: Factor, now: Time) -> Time {
        self.shifts[factor as usize].apply(now)
    }

    /// What one factor would do at `now`; `None` where it is off or absent.
    #[inline]
    pub fn effect(&self, factor: Factor, now: Time) -> Option<f64> {
        if !self.on.contains(factor) {
            return None;
        }
        let at = self.read_at(factor, now);
        match factor {
            Factor::Moon => Some(banding::moon(self.almanac.as_deref()?.elongation_deg(at)?)),
            Factor::Mercury => Some(match self.almanac.as_deref()?.mercury(at)? {
                Motion::Retrograde => 1.0,
                Motion::Direct => 0.0,
            }),
            Factor::Season => Some(banding::season(at, self.coordinates.latitude_deg())),
            Factor::Circadian => {
                Some(banding::circadian(banding::local_hour(at, self.coordinates.longitude_deg())))
            }
            Factor::Schumann | Factor::Kp | Factor::Liquidity | Factor::Sentiment => {
                self.series[factor as usize].as_deref()?.effect(at)
            }
        }
    }

    /// What each factor would do at `now`.
    #[inline]
    pub fn at(&self, now: Time) -> Influences {
        let mut influences = Influences::NONE;
        if self.on.is_empty() {
            return influences;
        }
        let mut felt = |factor: Factor| match self.effect(factor, now) {
            Some(effect) => {
                influences.present = influences.present.with(factor);
                effect
            }
            None => 0.0,
        };
        let (moon, mercury) = (felt(Factor::Moon), felt(Factor::Mercury));
        let (schumann, kp) = (felt(Factor::Schumann), felt(Factor::Kp));
        let (liquidity, sentiment) = (felt(Factor::Liquidity), felt(Factor::Sentiment));
        let (season, circadian) = (felt(Factor::Season), felt(Factor::Circadian));
        let present = influences.present;
        Influences { moon, mercury, schumann, kp, liquidity, sentiment, season, circadian, present }
    }
}
