//! What a placebo test could have found: a test that could not is no evidence of absence.
//!
//! Normal approximation: under an effect d the statistic is taken as normal around (placebo mean + d) with the placebos'
//! standard deviation s. Then a two-sided test at level a finds it with probability Phi(d/s - z) + Phi(-d/s - z), z the
//! 1 - a/2 quantile, and a one-sided one with Phi(d/s - z), z the 1 - a quantile (Cohen 1988, chapter 2). With heavy tails
//! or few placebos this is a rough figure. It refuses placebos that do not vary, and a level that so few placebos cannot reach.

use super::placebo::Sidedness;
use crate::{Undefined, statistics};

/// The power that an experiment is planned for.
pub const POWER_WANTED: f64 = 0.8;

/// What could have been found, in the statistic's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Power {
    /// Size of the smallest effect that is found with 80 % probability, in the direction that is tested.
    pub smallest_effect: f64,
    /// Probability of finding the effect of interest, where one was stated.
    pub at_effect_of_interest: Option<f64>,
}

/// The level that a rank among `placebos` can really have: the largest multiple of 1/(1+B) up to `alpha`.
pub fn attainable_level(placebos: usize, alpha: f64) -> Result<f64, Undefined> {
    let ranks = (1 + placebos) as f64;
    // The small allowance keeps 0.05 x 1000 at 50 whatever the float says.
    let level = (alpha * ranks + 1e-9).floor() / ranks;
    if level > 0.0 { Ok(level) } else { Err(Undefined::LevelOutOfReach { distinct: placebos }) }
}

/// Probability that an effect of `effect` is found, `spread` being the standard deviation of the placebos.
pub fn power_at(effect: f64, spread: f64, level: f64, sidedness: Sidedness) -> f64 {
    assert!(spread > 0.0, "power is held against a spread");
    let standard = effect / spread;
    let beyond = |distance: f64| statistics::normal_probability(distance);
    match sidedness {
        Sidedness::TwoSided => {
            let z = -statistics::normal_quantile(level / 2.0);
            beyond(standard - z) + beyond(-standard - z)
        }
        Sidedness::Greater => beyond(standard + statistics::normal_quantile(level)),
        Sidedness::Less => beyond(-standard + statistics::normal_quantile(level)),
    }
}

/// Size of the smallest effect found with [`POWER_WANTED`]: (z + 0.8416) spreads. The far tail of a two-sided test is
/// left out, as usual: at 5 % it adds a millionth to the power.
pub fn smallest_effect(spread: f64, level: f64, sidedness: Sidedness) -> f64 {
    assert!(spread > 0.0, "power is held against a spread");
    let tail = match sidedness {
        Sidedness::TwoSided => level / 2.0,
        Sidedness::Greater | Sidedness::Less => level,
    };
    (statistics::normal_quantile(POWER_WANTED) - statistics::normal_quantile(tail)) * spread
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_textbook_figures() {
        // (1.959964 + 0.841621) and (1.644854 + 0.841621) standard deviations.
        assert!((smallest_effect(2.0, 0.05, Sidedness::TwoSided) - 2.0 * 2.801_585).abs() < 1e-5);
        assert!((smallest_effect(1.0, 0.05, Sidedness::Greater) - 2.486_475).abs() < 1e-5);
        for sidedness in [Sidedness::TwoSided, Sidedness::Greater] {
            let effect = smallest_effect(3.0, 0.05, sidedness);
            assert!((power_at(effect, 3.0, 0.05, sidedness) - 0.8).abs() < 1e-5);
            assert!((power_at(0.0, 3.0, 0.05, sidedness) - 0.05).abs() < 1e-12);
        }
        assert!((power_at(-4.0, 2.0, 0.05, Sidedness::Less) - 0.638_760).abs() < 1e-5);
        assert!(power_at(-4.0, 2.0, 0.05, Sidedness::Greater) < 1e-3);
    }

    #[test]
    fn the_level_is_a_multiple_of_what_a_rank_can_say() {
        assert_eq!(attainable_level(999, 0.05), Ok(0.05));
        assert_eq!(attainable_level(20, 0.05), Ok(1.0 / 21.0));
        assert_eq!(attainable_level(19, 0.05), Ok(0.05));
        assert_eq!(attainable_level(18, 0.05), Err(Undefined::LevelOutOfReach { distinct: 18 }));
    }
}
