//! The circular-shift placebo test: is the timing of a factor any better than its timing moved by a random amount?
//!
//! The run is repeated with the factor's series shifted around the circle; each gives a placebo statistic. If timing means
//! nothing, the true one is as likely as any to be the most extreme, so p = (1 + k) / (1 + B), k the placebos at least as
//! extreme, ties counted against (Phipson and Smyth 2010; Davison and Hinkley 1997, section 4.4). It is never zero.
//!
//! *Extreme*, two-sided, is the distance from the median of all 1 + B statistics. Not the absolute value: a factor that is on
//! at the wrong times still trades differently, so placebos have a centre that is not zero, and only the distance from it is
//! about timing. The true one belongs to the median, so that all 1 + B are treated alike, which makes p exact for every B.
//!
//! It refuses a verdict below [`DISTINCT_PLACEBOS_MIN`] distinct placebos (shifts that change nothing are not evidence), and
//! where even the most extreme result could not have been significant. A shift tears the series at one seam; that is one
//! step in the whole run, and the same for every placebo.

use super::power::{self, Power};
use super::rounds::Rounds;
use crate::{Undefined, statistics};

/// Distinct placebos below which there is no verdict.
pub const DISTINCT_PLACEBOS_MIN: usize = 20;

/// Which results count against luck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sidedness {
    /// Far from the middle on either side.
    TwoSided,
    /// High ones.
    Greater,
    /// Low ones.
    Less,
}

impl Sidedness {
    /// As it is written in a pre-registration.
    pub const fn name(self) -> &'static str {
        match self {
            Sidedness::TwoSided => "two-sided",
            Sidedness::Greater => "greater",
            Sidedness::Less => "less",
        }
    }

    /// How much a statistic speaks against luck; `center` matters to the two-sided test only.
    pub(super) fn extremeness(self, statistic: f64, center: f64) -> f64 {
        match self {
            Sidedness::TwoSided => (statistic - center).abs(),
            Sidedness::Greater => statistic,
            Sidedness::Less => -statistic,
        }
    }
}

/// One observed statistic and what it is held against.
#[derive(Clone, Copy, Debug)]
pub struct PlaceboTest<'a> {
    /// The statistic at the true timing.
    pub observed: f64,
    /// The statistic at each shift, in the same unit; in the order of the shifts where `likeness` is given.
    pub placebos: &'a [f64],
    /// How much of an effect each placebo still has: the factor's correlation with itself at that shift. A factor that
    /// moves slowly, such as the Moon, leaves near placebos nearly all of it, and power knows. `None`: none has any.
    pub likeness: Option<&'a [f64]>,
    /// How many different runs the shifts led to, counted by the caller (by result hashes); at most one per placebo.
    pub distinct: usize,
    /// Which results count against luck.
    pub sidedness: Sidedness,
    /// Level of the test, inside (0, 1); 0.05 by custom.
    pub alpha: f64,
    /// The effect that would matter, in the statistic's unit, where the pre-registration states one.
    pub effect_of_interest: Option<f64>,
}

/// (1 + k) / (1 + B), k the placebos at least as extreme as the observed statistic.
pub(super) fn p_value(observed: f64, placebos: &[f64], sidedness: Sidedness) -> Result<f64, Undefined> {
    let center = match sidedness {
        Sidedness::TwoSided => {
            let mut all = placebos.to_vec();
            all.push(observed);
            statistics::median(&all)
        }
        // A one-sided test has no middle.
        Sidedness::Greater | Sidedness::Less => 0.0,
    };
    let extreme = |statistic: f64| sidedness.extremeness(statistic, center);
    let observed = extreme(observed);
    if !observed.is_finite() {
        return Err(Undefined::BeyondRange);
    }
    let at_least = placebos.iter().filter(|&&placebo| extreme(placebo) >= observed).count();
    Ok((1 + at_least) as f64 / (1 + placebos.len()) as f64)
}

/// Whether it could be luck.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// p is at most alpha.
    Significant,
    /// p is above alpha. Read it beside the power: it is no proof of absence.
    NotSignificant,
    /// There is nothing to judge by.
    NoVerdict(Undefined),
}

/// How large the effect of the timing is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// Observed minus the mean placebo, in the statistic's unit.
    pub size: f64,
    /// The 95 % interval: observed minus the 97.5 % and the 2.5 % quantile of the placebos. It takes the placebo
    /// distribution as that of the noise around a constant effect.
    pub low: f64,
    /// The upper end of that interval.
    pub high: f64,
    /// The size in standard deviations of the placebos.
    pub deviations: f64,
}

/// What the placebos say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlaceboOutcome {
    /// (1 + k) / (1 + B).
    pub p: Result<f64, Undefined>,
    /// The verdict at the test's level.
    pub verdict: Verdict,
    /// How large the effect is.
    pub effect: Result<Effect, Undefined>,
    /// What could have been found.
    pub power: Result<Power, Undefined>,
}

impl PlaceboTest<'_> {
    /// Runs the test.
    pub fn outcome(&self) -> PlaceboOutcome {
        assert!(self.alpha > 0.0 && self.alpha < 1.0, "a level lies inside (0, 1)");
        assert!(self.distinct <= self.placebos.len(), "each placebo is one outcome at most");
        let counted = self.likeness.is_none_or(|likeness| likeness.len() == self.placebos.len());
        assert!(counted, "each placebo has a likeness");
        let p = self.p();
        PlaceboOutcome { p, verdict: self.verdict(p), effect: self.effect(), power: self.power() }
    }

    fn p(&self) -> Result<f64, Undefined> {
        self.require(1, self.placebos.len(), "placebos")?;
        p_value(self.observed, self.placebos, self.sidedness)
    }

    fn verdict(&self, p: Result<f64, Undefined>) -> Verdict {
        let p = match p.and_then(|p| self.require_distinct().map(|()| p)) {
            Ok(p) => p,
            Err(reason) => return Verdict::NoVerdict(reason),
        };
        // Repeats of one outcome do not make a rarer result, so it is the distinct ones that must reach the level.
        if let Err(reason) = power::attainable_level(self.distinct, self.alpha) {
            return Verdict::NoVerdict(reason);
        }
        if p <= self.alpha { Verdict::Significant } else { Verdict::NotSignificant }
    }

    fn effect(&self) -> Result<Effect, Undefined> {
        self.require_distinct()?;
        let (mean, deviation) = self.spread()?;
        let sorted = statistics::ascending(self.placebos);
        let size = self.observed - mean;
        let effect = Effect {
            size,
            low: self.observed - statistics::quantile(&sorted, 0.975),
            high: self.observed - statistics::quantile(&sorted, 0.025),
            deviations: size / deviation,
        };
        let figures = [effect.size, effect.low, effect.high, effect.deviations];
        if figures.iter().all(|x| x.is_finite()) { Ok(effect) } else { Err(Undefined::BeyondRange) }
    }

    fn power(&self) -> Result<Power, Undefined> {
        self.require_distinct()?;
        let (_, spread) = self.spread()?;
        let level = power::attainable_level(self.placebos.len(), self.alpha)?;
        if self.effect_of_interest.is_some_and(|effect| !effect.is_finite()) {
            return Err(Undefined::NotFinite);
        }
        if let Some(likeness) = self.likeness {
            let rounds = Rounds {
                observed: self.observed,
                placebos: self.placebos,
                likeness,
                sidedness: self.sidedness,
                alpha: self.alpha,
            };
            return Ok(Power {
                smallest_effect: rounds.smallest_effect(spread)?,
                at_effect_of_interest: self.effect_of_interest.map(|effect| rounds.power_at(effect)),
            });
        }
        let smallest_effect = power::smallest_effect(spread, level, self.sidedness);
        let at_effect_of_interest =
            self.effect_of_interest.map(|effect| power::power_at(effect, spread, level, self.sidedness));
        Ok(Power { smallest_effect, at_effect_of_interest })
    }

    fn require_distinct(&self) -> Result<(), Undefined> {
        self.require(DISTINCT_PLACEBOS_MIN, self.distinct, "distinct placebos")
    }

    fn require(&self, needed: usize, have: usize, what: &'static str) -> Result<(), Undefined> {
        if !self.observed.is_finite() || self.placebos.iter().any(|x| !x.is_finite()) {
            return Err(Undefined::NotFinite);
        }
        if have < needed { Err(Undefined::TooFew { what, have, needed }) } else { Ok(()) }
    }

    /// Mean and sample standard deviation of the placebos, of which there are two or more.
    fn spread(&self) -> Result<(f64, f64), Undefined> {
        if self.placebos.iter().all(|&x| x == self.placebos[0]) {
            return Err(Undefined::PlacebosDoNotVary);
        }
        let mean = statistics::mean(self.placebos);
        let deviation = statistics::sample_deviation(self.placebos, mean);
        if mean.is_finite() && deviation.is_finite() && deviation > 0.0 {
            Ok((mean, deviation))
        } else {
            Err(Undefined::BeyondRange)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn against(observed: f64, placebos: &[f64]) -> PlaceboTest<'_> {
        PlaceboTest {
            observed,
            placebos,
            likeness: None,
            distinct: placebos.len(),
            sidedness: Sidedness::TwoSided,
            alpha: 0.05,
            effect_of_interest: None,
        }
    }

    /// 101, 102, ..., 100 + n.
    fn ladder(n: usize) -> Vec<f64> {
        (1..=n).map(|i| 100.0 + i as f64).collect()
    }

    #[test]
    fn by_hand_two_sided() {
        // The median of all 11 is 106: 101 is 5 away and the observed 112 is 6, so it stands alone.
        let placebos = ladder(10);
        assert_eq!(against(112.0, &placebos).outcome().p, Ok(1.0 / 11.0));
        // 108.5 is 2.5 away from 106; 101, 102, 103 and 109, 110 are further.
        assert_eq!(against(108.5, &placebos).outcome().p, Ok(6.0 / 11.0));
        // Ties count against: 110 is 4 from the median 106, as are 110 and 102; 101 is further.
        assert_eq!(against(110.0, &placebos).outcome().p, Ok(4.0 / 11.0));
    }

    #[test]
    fn by_hand_one_sided() {
        let placebos = ladder(10);
        let one_sided = |observed, sidedness| PlaceboTest { sidedness, ..against(observed, &placebos) };
        assert_eq!(one_sided(109.0, Sidedness::Greater).outcome().p, Ok(3.0 / 11.0));
        assert_eq!(one_sided(109.0, Sidedness::Less).outcome().p, Ok(10.0 / 11.0));
        assert_eq!(one_sided(90.0, Sidedness::Less).outcome().p, Ok(1.0 / 11.0));
    }

    #[test]
    fn the_size_of_the_effect() {
        let placebos = ladder(41);
        let effect = against(131.0, &placebos).outcome().effect.expect("varying placebos");
        // Mean 121, quantiles 102 and 140, sample variance 41 x 42 / 12.
        assert_eq!((effect.size, effect.low, effect.high), (10.0, -9.0, 29.0));
        assert!((effect.deviations - 10.0 / 143.5_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn the_verdicts() {
        let placebos = ladder(99);
        assert_eq!(against(400.0, &placebos).outcome().verdict, Verdict::Significant);
        assert_eq!(against(160.0, &placebos).outcome().verdict, Verdict::NotSignificant);
        let few = PlaceboTest { distinct: 19, ..against(400.0, &placebos) };
        let reason = Undefined::TooFew { what: "distinct placebos", have: 19, needed: 20 };
        assert_eq!(few.outcome().verdict, Verdict::NoVerdict(reason));
        assert_eq!((few.outcome().effect, few.outcome().power), (Err(reason), Err(reason)));
        let strict = PlaceboTest { alpha: 0.001, distinct: 30, ..against(400.0, &placebos) };
        let reason = Undefined::LevelOutOfReach { distinct: 30 };
        assert_eq!(strict.outcome().verdict, Verdict::NoVerdict(reason));
        assert_eq!(strict.outcome().p, Ok(0.01));
    }

    #[test]
    fn power_is_told_in_the_statistics_unit() {
        let placebos = ladder(99);
        let test = PlaceboTest { effect_of_interest: Some(80.0), ..against(150.0, &placebos) };
        let power = test.outcome().power.expect("varying placebos");
        let deviation = (99.0_f64 * 100.0 / 12.0).sqrt();
        assert!((power.smallest_effect - 2.801_585 * deviation).abs() < 1e-3, "{power:?}");
        let at = power.at_effect_of_interest.expect("stated");
        // scipy 1.17.1: e = 80 / sqrt(825), z = norm.isf(0.025), norm.cdf(e - z) + norm.cdf(-e - z).
        assert!((at - 0.795_394_296_925).abs() < 1e-10, "{at}");
    }

    #[test]
    fn what_means_nothing_has_its_reason() {
        let none = against(1.0, &[]).outcome();
        let reason = Undefined::TooFew { what: "placebos", have: 0, needed: 1 };
        assert_eq!((none.p, none.verdict), (Err(reason), Verdict::NoVerdict(reason)));
        let flat = against(1.0, &[2.0; 30]).outcome();
        assert_eq!(flat.effect, Err(Undefined::PlacebosDoNotVary));
        let broken = [f64::NAN; 30];
        assert_eq!(against(1.0, &broken).outcome().p, Err(Undefined::NotFinite));
        assert_eq!(against(f64::INFINITY, &ladder(30)).outcome().p, Err(Undefined::NotFinite));
        let wide: Vec<f64> = (0..30).map(|i| if i % 2 == 0 { f64::MAX } else { -f64::MAX }).collect();
        assert_eq!(against(0.0, &wide).outcome().effect, Err(Undefined::BeyondRange));
    }
}
