//! What the sky does to one decision of one persona: influences x susceptibility x gain, held inside bounds.
//!
//! It is worked out anew for each decision and written nowhere: adding it to the mood on every look would ratchet
//! everybody to the maximum. Absent factors are 0, and 0 changes no bit of a decision.

use crate::profile::Susceptibility;
use cosmos::banding::MOON_EFFECT_MAX;
use cosmos::{Factor, Influences, Sky};
use model::Time;

/// Dials of one decision; [`Modifier::NONE`] turns nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Modifier {
    /// Multiplies the size: 0.5..=1.5.
    pub size: f64,
    /// Multiplies the entry threshold: 0.7..=1.3.
    pub threshold: f64,
    /// Multiplies the impulse to leave: 0.8..=1.5.
    pub exit: f64,
    /// Multiplies what is felt: emotional intensity.
    pub intensity: f64,
    /// Added to the chance of a mistake.
    pub mistake: f64,
    /// How the factors stand together, -1..1: what the cosmic strategy follows.
    pub alignment: f64,
}

/// Bounds of all factors together.
pub const SIZE_BOUNDS: (f64, f64) = (0.5, 1.5);
/// Bounds of all factors together.
pub const THRESHOLD_BOUNDS: (f64, f64) = (0.7, 1.3);
/// Bounds of all factors together.
pub const EXIT_BOUNDS: (f64, f64) = (0.8, 1.5);

/// Mercury retrograde, before susceptibility.
const MERCURY_MISTAKE: f64 = 0.05;
const MERCURY_EXIT: f64 = 0.1;
/// How much of the emotional intensity reaches size and threshold directly.
const INTENSITY_SHARE: f64 = 0.5;

impl Modifier {
    /// No sky at all.
    pub const NONE: Modifier =
        Modifier { size: 1.0, threshold: 1.0, exit: 1.0, intensity: 1.0, mistake: 0.0, alignment: 0.0 };

    /// The dials of a persona under this sky at `now`.
    pub fn under(sky: &Sky, now: Time, felt: &Susceptibility, gain: f64) -> Modifier {
        if gain == 0.0 || sky.factors().is_empty() {
            return Modifier::NONE;
        }
        let dials = Modifier::of(&sky.at(now), felt, gain);
        let most = Modifier::most(felt, gain);
        assert!(
            dials.exit <= most.exit && dials.intensity.abs() <= most.intensity,
            "{dials:?} beyond {most:?}"
        );
        dials
    }

    /// What turns the impulse to leave, turned as far as any sky can: to rule a decision out without asking.
    pub fn most(felt: &Susceptibility, gain: f64) -> Modifier {
        let intensity = 1.0 + MOON_EFFECT_MAX * felt.lunar * gain;
        Modifier { exit: EXIT_BOUNDS.1, intensity, ..Modifier::NONE }
    }

    /// The dials of a persona under these influences.
    pub fn of(influences: &Influences, felt: &Susceptibility, gain: f64) -> Modifier {
        if influences.present.is_empty() || gain == 0.0 {
            return Modifier::NONE;
        }
        let i = influences;
        let moon = i.moon * felt.lunar * gain;
        let mercury = i.mercury * felt.mercury * gain;
        let stress = i.kp * felt.schumann * gain;
        let risk =
            (i.schumann * felt.schumann + i.sentiment * felt.sentiment + i.season * felt.seasonal) * gain;
        let liquidity = i.liquidity * gain;
        let night = i.circadian * felt.seasonal * gain;
        let within = |x: f64, bounds: (f64, f64)| x.clamp(bounds.0, bounds.1);
        Modifier {
            size: within(1.0 + INTENSITY_SHARE * moon + risk + liquidity - stress, SIZE_BOUNDS),
            threshold: within(1.0 - INTENSITY_SHARE * moon - night + stress, THRESHOLD_BOUNDS),
            exit: within(1.0 + MERCURY_EXIT * mercury + stress, EXIT_BOUNDS),
            intensity: 1.0 + moon,
            mistake: MERCURY_MISTAKE * mercury,
            alignment: (alignment(i, felt) * gain).clamp(-1.0, 1.0),
        }
    }
}

/// Each present factor on -1..1, weighted by how much it is felt.
fn alignment(i: &Influences, felt: &Susceptibility) -> f64 {
    let parts = [
        (Factor::Moon, i.moon / MOON_EFFECT_MAX, felt.lunar),
        (Factor::Mercury, 1.0 - 2.0 * i.mercury, felt.mercury),
        (Factor::Schumann, i.schumann / 0.3, felt.schumann),
        (Factor::Kp, -i.kp / 0.1, felt.schumann),
        (Factor::Sentiment, i.sentiment / 0.5, felt.sentiment),
        (Factor::Season, i.season / 0.05, felt.seasonal),
        (Factor::Circadian, -i.circadian / 0.1, felt.seasonal),
    ];
    let (mut sum, mut weights) = (0.0, 0.0);
    for (factor, standing, weight) in parts {
        if i.present.contains(factor) {
            sum += standing * weight;
            weights += weight;
        }
    }
    if weights > 0.0 { sum / weights } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmos::FactorSet;

    const FELT: Susceptibility =
        Susceptibility { lunar: 0.9, schumann: 0.9, seasonal: 0.9, sentiment: 0.9, mercury: 0.9 };

    fn everything(sign: f64) -> Influences {
        Influences {
            moon: 0.3 * sign,
            mercury: 1.0,
            schumann: 0.3 * sign,
            kp: 0.1,
            liquidity: 0.2 * sign,
            sentiment: 0.4 * sign,
            season: 0.05 * sign,
            circadian: 0.1 * sign,
            present: FactorSet::ALL,
        }
    }

    #[test]
    fn absent_or_unfelt_turns_no_dial() {
        assert_eq!(Modifier::of(&Influences::NONE, &FELT, 1.0), Modifier::NONE);
        assert_eq!(Modifier::of(&everything(1.0), &FELT, 0.0), Modifier::NONE);
        let numb = Susceptibility { lunar: 0.0, schumann: 0.0, seasonal: 0.0, sentiment: 0.0, mercury: 0.0 };
        let quiet = Influences { liquidity: 0.0, ..everything(1.0) };
        assert_eq!(Modifier::of(&quiet, &numb, 1.0), Modifier::NONE);
    }

    #[test]
    fn all_together_stay_inside_the_bounds() {
        for sign in [-1.0, 1.0] {
            for gain in [0.5, 1.0, 2.0, 100.0] {
                let dials = Modifier::of(&everything(sign), &FELT, gain);
                assert!((SIZE_BOUNDS.0..=SIZE_BOUNDS.1).contains(&dials.size), "{dials:?}");
                assert!((THRESHOLD_BOUNDS.0..=THRESHOLD_BOUNDS.1).contains(&dials.threshold), "{dials:?}");
                assert!((EXIT_BOUNDS.0..=EXIT_BOUNDS.1).contains(&dials.exit), "{dials:?}");
                assert!((-1.0..=1.0).contains(&dials.alignment), "{dials:?}");
            }
        }
        let full = Modifier::of(
            &Influences { moon: 0.3, present: FactorSet::EMPTY.with(Factor::Moon), ..Influences::NONE },
            &FELT,
            1.0,
        );
        assert!((full.size - 1.135).abs() < 1e-12 && (full.threshold - 0.865).abs() < 1e-12);
        assert!((full.alignment - 1.0).abs() < 1e-12);
    }
}
