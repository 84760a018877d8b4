//! What each factor would do to one decision before anybody's susceptibility and weights. Absent is zero.

use crate::factor::{Factor, FactorSet};

/// The effects at one instant, before weights. A factor that is absent or switched off is exactly 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Influences {
    /// Emotional intensity: -0.3 at the new moon, +0.3 at the full one.
    pub moon: f64,
    /// 1 while Mercury is retrograde.
    pub mercury: f64,
    /// On risk, -0.3..+0.3: the reading's z-score against its own 30 days.
    pub schumann: f64,
    /// Stress, 0..0.1: above Kp 5.
    pub kp: f64,
    /// On size: -0.3 dry .. +0.2 abundant.
    pub liquidity: f64,
    /// On risk: -0.5 despair .. +0.4 euphoria.
    pub sentiment: f64,
    /// On risk, within 0.05.
    pub season: f64,
    /// Impulsiveness: +0.1 in the trader's deep night, -0.1 at mid-day.
    pub circadian: f64,
    /// Which factors said something.
    pub present: FactorSet,
}

impl Influences {
    /// No sky, no readings.
    pub const NONE: Influences = Influences {
        moon: 0.0,
        mercury: 0.0,
        schumann: 0.0,
        kp: 0.0,
        liquidity: 0.0,
        sentiment: 0.0,
        season: 0.0,
        circadian: 0.0,
        present: FactorSet::EMPTY,
    };

    /// The effect of one factor.
    pub const fn of(&self, factor: Factor) -> f64 {
        match factor {
            Factor::Moon => self.moon,
            Factor::Mercury => self.mercury,
            Factor::Schumann => self.schumann,
            Factor::Kp => self.kp,
            Factor::Liquidity => self.liquidity,
            Factor::Sentiment => self.sentiment,
            Factor::Season => self.season,
            Factor::Circadian => self.circadian,
        }
    }
}
