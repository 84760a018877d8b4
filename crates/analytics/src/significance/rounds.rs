//! Power of a circular-shift test on a factor that moves slowly: by going round its own placebos.
//!
//! A normal approximation would promise far too much: shifted by a day the Moon is nearly the same Moon, so near placebos
//! carry nearly the whole effect, and the true timing has to stand out from them. So the curve of the statistic over the
//! shifts is turned to every position (under the null all positions are alike), the effect is added to each placebo in
//! proportion to its likeness, and the share of positions at which the test finds it is the power. It refuses to name a
//! smallest effect where none within its reach is found: an effect that all placebos share cannot be told by timing.

use super::placebo::{Sidedness, p_value};
use super::power::POWER_WANTED;
use crate::{Undefined, statistics};

/// A curve of statistics over shifts, and what each shift leaves of an effect.
#[derive(Clone, Copy, Debug)]
pub struct Rounds<'a> {
    /// The statistic at the true timing.
    pub observed: f64,
    /// The statistics of the placebos, in the order of their shifts.
    pub placebos: &'a [f64],
    /// What each placebo has of an effect, -1..1.
    pub likeness: &'a [f64],
    /// Which results count against luck.
    pub sidedness: Sidedness,
    /// Level of the test.
    pub alpha: f64,
}

/// Effects beyond so many spreads are not looked for.
const REACH_SPREADS: f64 = 10_000.0;
/// Halvings of the search for the smallest effect.
const HALVINGS: usize = 30;

impl Rounds<'_> {
    /// Probability that an effect is found.
    pub fn power_at(&self, effect: f64) -> f64 {
        assert_eq!(self.placebos.len(), self.likeness.len(), "each placebo has a likeness");
        let curve: Vec<f64> = std::iter::once(self.observed).chain(self.placebos.iter().copied()).collect();
        // What the curve has of an effect of its own is part of its roughness; its level is not.
        let level = statistics::mean(&curve);
        let n = curve.len();
        let mut placebos = vec![0.0; n - 1];
        let found = (0..n).filter(|&turn| {
            let noise = |i: usize| curve[(i + turn) % n] - level;
            for (i, placebo) in placebos.iter_mut().enumerate() {
                *placebo = noise(i + 1) + effect * self.likeness[i];
            }
            p_value(noise(0) + effect, &placebos, self.sidedness).is_ok_and(|p| p <= self.alpha)
        });
        found.count() as f64 / n as f64
    }

    /// The smallest effect found with [`POWER_WANTED`], `spread` being the deviation of the placebos.
    pub fn smallest_effect(&self, spread: f64) -> Result<f64, Undefined> {
        let way = if self.sidedness == Sidedness::Less { -1.0 } else { 1.0 };
        let (mut low, mut high) = (0.0, REACH_SPREADS * spread);
        if self.power_at(way * high) < POWER_WANTED {
            return Err(Undefined::NoEffectStandsOut);
        }
        for _ in 0..HALVINGS {
            let middle = (low + high) / 2.0;
            if self.power_at(way * middle) < POWER_WANTED { low = middle } else { high = middle }
        }
        Ok(high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Rng, math};

    fn moonlike(n: usize) -> Vec<f64> {
        (1..n).map(|i| math::cos(i as f64 / n as f64 * std::f64::consts::TAU)).collect()
    }

    /// Each position of a rough curve is the true one once: what is stated is what is measured, on other curves.
    #[test]
    fn stated_power_is_measured_power() {
        let mut rng = Rng::new(4);
        let n = 100;
        let likeness = moonlike(n);
        for effect in [2.0, 10.0, 60.0] {
            let (mut stated, mut found, markets) = (0.0, 0, 400);
            for market in 0..2 * markets {
                let noise: Vec<f64> = (0..n).map(|_| rng.unit() + rng.unit() - 1.0).collect();
                let carried = |i: usize| if i == 0 { 1.0 } else { likeness[i - 1] };
                let with: Vec<f64> = (0..n).map(|i| noise[i] + effect * carried(i)).collect();
                if market < markets {
                    let (observed, placebos) = (noise[0], &noise[1..]);
                    let (sidedness, alpha) = (Sidedness::TwoSided, 0.05);
                    let rounds = Rounds { observed, placebos, likeness: &likeness, sidedness, alpha };
                    stated += rounds.power_at(effect) / f64::from(markets);
                } else {
                    let p = p_value(with[0], &with[1..], Sidedness::TwoSided).unwrap();
                    found += i32::from(p <= 0.05);
                }
            }
            let measured = f64::from(found) / f64::from(markets);
            assert!((stated - measured).abs() < 0.08, "{effect}: {stated} stated, {measured} measured");
        }
    }

    #[test]
    fn an_effect_that_all_placebos_share_is_not_found_by_timing() {
        let placebos: Vec<f64> = (1..100).map(|i| f64::from(i * 37 % 100)).collect();
        let shared = vec![1.0; placebos.len()];
        let of = |likeness| Rounds {
            observed: 0.0,
            placebos: &placebos,
            likeness,
            sidedness: Sidedness::TwoSided,
            alpha: 0.05,
        };
        assert_eq!(of(&shared).smallest_effect(29.0), Err(Undefined::NoEffectStandsOut));
        let alone = vec![0.0; placebos.len()];
        let smallest = of(&alone).smallest_effect(29.0).unwrap();
        assert!((50.0..150.0).contains(&smallest), "{smallest}");
        let moon = moonlike(100);
        assert!(of(&moon).smallest_effect(29.0).unwrap() > 3.0 * smallest);
        // Under no effect the level is what is found.
        assert!((of(&moon).power_at(0.0) - 0.05).abs() < 0.011);
    }
}
