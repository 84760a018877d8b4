//! The scenarios that wait and those that run, and what they do to a minute.
//!
//! It refuses to draw luck: what it says of a minute depends on the clock and on where the price was when a scenario began.

use crate::settings::SCENARIOS_MAX;
use crate::{Laid, Scenario};
use model::{Interval, Time};

/// What scenarios make of a minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bend {
    /// Size of a jump between the close before and this open, in logarithms; its sign is the market's luck.
    pub gap: f64,
    /// Added to the return: the steps of paths.
    pub drift: f64,
    /// Added to the return too: hands that draw the price back to a path, and how strong they are together.
    pull: f64,
    hands: f64,
    /// Factor of the return's deviation.
    pub volatility: f64,
    /// Factor of the volume.
    pub volume: f64,
    /// Factor of how far prices reach beyond open and close.
    pub wick: f64,
    /// The logarithms of price that must not be left.
    pub walls: Option<(f64, f64)>,
}

/// The largest factors that stacked scenarios come to: twice what the wildest does alone.
const VOLATILITY_MAX: f64 = 8.0;
const VOLUME_MAX: f64 = 16.0;
const WICK_MAX: f64 = 8.0;

impl Bend {
    /// A minute of which no scenario makes anything.
    pub(crate) const NONE: Bend = Bend {
        gap: 0.0,
        drift: 0.0,
        pull: 0.0,
        hands: 0.0,
        volatility: 1.0,
        volume: 1.0,
        wick: 1.0,
        walls: None,
    };

    fn and(self, other: Bend) -> Bend {
        Bend {
            gap: self.gap + other.gap,
            drift: self.drift + other.drift,
            pull: self.pull + other.pull,
            hands: self.hands + other.hands,
            volatility: self.volatility * other.volatility,
            volume: self.volume * other.volume,
            wick: self.wick * other.wick,
            walls: other.walls.or(self.walls),
        }
    }

    /// What scenarios may do together. Hands that are stronger than one would throw the price beyond its path, further
    /// each minute, from one end of all prices to the other.
    fn bounded(self) -> Bend {
        Bend {
            drift: self.drift + self.pull / self.hands.max(1.0),
            volatility: self.volatility.min(VOLATILITY_MAX),
            volume: self.volume.min(VOLUME_MAX),
            wick: self.wick.min(WICK_MAX),
            ..self
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Planned {
    scenario: Scenario,
    begins: Time,
    minutes: i64,
    /// The logarithm of price at the close before it began; nothing while it waits.
    from: Option<f64>,
}

/// All of them.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    planned: Vec<Planned>,
}

impl Schedule {
    pub(crate) fn new(scenarios: &[Laid]) -> Schedule {
        let mut schedule = Schedule { planned: Vec::with_capacity(SCENARIOS_MAX) };
        let fitted = scenarios.iter().all(|laid| schedule.lay(*laid));
        assert!(fitted, "at most {SCENARIOS_MAX} scenarios lie in a market at once");
        schedule
    }

    /// Whether it fitted.
    #[must_use]
    pub(crate) fn lay(&mut self, laid: Laid) -> bool {
        if self.planned.len() == SCENARIOS_MAX {
            return false;
        }
        let length = laid.lasts.unwrap_or(laid.scenario.usual_length());
        let minutes = (length.0 / Interval::MINUTE.0).max(1);
        self.planned.push(Planned { scenario: laid.scenario, begins: laid.at, minutes, from: None });
        true
    }

    pub(crate) fn holds(&self, scenario: Scenario) -> bool {
        self.planned.iter().any(|planned| planned.scenario == scenario)
    }

    /// What becomes of the minute that opens at `time`, the close before being at `log_price`.
    pub(crate) fn bend(&mut self, time: Time, log_price: f64) -> Bend {
        let mut bend = Bend::NONE;
        let mut over = false;
        for planned in self.planned.iter_mut().filter(|planned| planned.begins <= time) {
            if planned.from.is_none() {
                planned.begins = time;
            }
            let from = *planned.from.get_or_insert(log_price);
            let minute = (time - planned.begins).0 / Interval::MINUTE.0;
            bend = bend.and(of_scenario(planned, minute, log_price - from, from));
            over |= minute + 1 >= planned.minutes;
        }
        if over {
            let end = time + Interval::MINUTE;
            let runs = |planned: &Planned| planned.begins + Interval::minutes(planned.minutes) > end;
            self.planned.retain(|planned| planned.from.is_none() || runs(planned));
        }
        bend.bounded()
    }
}

/// `minute` of a scenario that began at `from` and has since moved by `moved`, all in logarithms.
fn of_scenario(planned: &Planned, minute: i64, moved: f64, from: f64) -> Bend {
    let progress = |minute: i64| minute as f64 / planned.minutes as f64;
    let (now, then) = (progress(minute), progress(minute + 1));
    // A path that is followed: its own step, and a hand on a part of what the price strayed from it.
    let follow = |path: fn(f64) -> f64, hand: f64| Bend {
        drift: path(then) - path(now),
        pull: hand * (path(now) - moved),
        hands: hand,
        ..Bend::NONE
    };
    let tight = (30.0 / planned.minutes as f64).clamp(0.02, 0.5);
    let fading = |most: f64, now: f64| 1.0 + (most - 1.0) * (1.0 - now);
    match planned.scenario {
        Scenario::Crash => {
            Bend { volatility: fading(3.0, now), volume: fading(6.0, now), ..follow(crash_path, tight) }
        }
        Scenario::FlashCrash => Bend {
            volatility: fading(2.5, now),
            volume: fading(8.0, now),
            wick: 1.5,
            ..follow(flash_crash_path, tight)
        },
        Scenario::HighVolatility => Bend { volatility: 4.0, volume: 3.0, ..Bend::NONE },
        Scenario::LiquidityCrisis => Bend { volatility: 1.5, volume: 0.06, wick: 4.0, ..Bend::NONE },
        Scenario::DeadMarket => Bend { volatility: 0.04, volume: 0.01, ..Bend::NONE },
        Scenario::Gap => Bend {
            gap: if minute == 0 { 0.06 } else { 0.0 },
            volatility: fading(3.0, now),
            volume: fading(5.0, now),
            ..Bend::NONE
        },
        Scenario::Trend { up } => trend(up, minute, moved),
        Scenario::Range => Bend {
            pull: -0.005 * moved,
            hands: 0.005,
            volatility: 0.6,
            volume: 0.7,
            walls: Some((from - RANGE_HALF, from + RANGE_HALF)),
            ..Bend::NONE
        },
    }
}

/// Half the width of a range, in logarithms.
const RANGE_HALF: f64 = 0.015;
/// Depth of a crash: a fall by 30 %.
const CRASH_DEPTH: f64 = -0.357;
/// Depth of a flash crash, a fall by 15 %, and what of it is not recovered.
const FLASH_CRASH: (f64, f64) = (-0.1625, -0.02);
/// A trend's way in a day.
const TREND_PER_DAY: f64 = 0.05;

/// Fast, then slower, over by two thirds of the time.
fn crash_path(progress: f64) -> f64 {
    let left = (1.0 - progress * 1.5).max(0.0);
    CRASH_DEPTH * (1.0 - left * left)
}

/// Down in the first tenth, back by four fifths.
fn flash_crash_path(progress: f64) -> f64 {
    let (depth, lasting) = FLASH_CRASH;
    let back = ((progress - 0.1) / 0.7).clamp(0.0, 1.0);
    if progress < 0.1 {
        depth * progress * 10.0
    } else {
        lasting + (depth - lasting) * (1.0 - back) * (1.0 - back)
    }
}

/// Its own step each minute, and a weak hand on what strays: a trend has pullbacks, and gets there.
fn trend(up: bool, minute: i64, moved: f64) -> Bend {
    let step = if up { TREND_PER_DAY } else { -TREND_PER_DAY } / 1_440.0;
    let hand = 0.004;
    let pull = hand * (step * minute as f64 - moved);
    Bend { drift: step, pull, hands: hand, volume: 1.3, ..Bend::NONE }
}

/// `log_price`, thrown back by the wall it would have gone through.
pub(crate) fn within((low, high): (f64, f64), log_price: f64) -> f64 {
    let thrown = if log_price > high {
        high - (log_price - high)
    } else {
        low + (low - log_price).max(log_price - low)
    };
    thrown.clamp(low, high)
}
