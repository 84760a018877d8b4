//! What can be laid into a market on purpose: the days that traders remember.
//!
//! A scenario bends the market's own life and does not replace it: the luck of each minute stays what it would have been. It
//! refuses parameters: a crash is a crash, and whoever wants another one lays two. What several do together is bounded
//! (`schedule`): a market may be made wild, not absurd.

use model::Interval;

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// The price falls by three tenths in the first part of it, in fear and heavy trade, which then wear off.
    Crash,
    /// The price falls by a seventh in minutes and is nearly back within the hour.
    FlashCrash,
    /// Four times the usual movement, without a direction.
    HighVolatility,
    /// Hardly anybody trades, and whoever does moves the price far: long wicks on little volume.
    LiquidityCrisis,
    /// Nothing happens.
    DeadMarket,
    /// A minute opens 6 % away from the close before it, upwards or downwards, and unrest follows.
    Gap,
    /// The price goes one way by 5 % a day.
    Trend {
        /// Whether it goes up.
        up: bool,
    },
    /// The price stays within 1.5 % of where it was.
    Range,
}

impl Scenario {
    /// Every scenario.
    pub const ALL: [Scenario; 9] = [
        Scenario::Crash,
        Scenario::FlashCrash,
        Scenario::HighVolatility,
        Scenario::LiquidityCrisis,
        Scenario::DeadMarket,
        Scenario::Gap,
        Scenario::Trend { up: true },
        Scenario::Trend { up: false },
        Scenario::Range,
    ];

    /// What it is called, where it is asked for by name.
    pub const fn name(self) -> &'static str {
        match self {
            Scenario::Crash => "crash",
            Scenario::FlashCrash => "flash_crash",
            Scenario::HighVolatility => "high_volatility",
            Scenario::LiquidityCrisis => "liquidity_crisis",
            Scenario::DeadMarket => "dead_market",
            Scenario::Gap => "gap",
            Scenario::Trend { up: true } => "trend_up",
            Scenario::Trend { up: false } => "trend_down",
            Scenario::Range => "range",
        }
    }

    /// The scenario of that name.
    pub fn parse(name: &str) -> Option<Scenario> {
        Scenario::ALL.into_iter().find(|scenario| scenario.name() == name)
    }

    /// How long it lasts where nothing is said.
    pub const fn usual_length(self) -> Interval {
        match self {
            Scenario::FlashCrash | Scenario::Gap => Interval::HOUR,
            Scenario::Crash => Interval(8 * Interval::HOUR.0),
            Scenario::LiquidityCrisis => Interval(4 * Interval::HOUR.0),
            Scenario::HighVolatility | Scenario::DeadMarket => Interval::DAY,
            Scenario::Trend { .. } | Scenario::Range => Interval(3 * Interval::DAY.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_is_found_by_its_name() {
        for scenario in Scenario::ALL {
            assert_eq!(Scenario::parse(scenario.name()), Some(scenario));
        }
        assert_eq!(Scenario::parse("Crash"), None);
    }
}
