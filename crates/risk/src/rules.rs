//! What the whole farm may do, and what makes it wary: the operator's settings, the same for every bot. No mood reaches
//! them. A back-test runs without them unless it is told otherwise.

use crate::Refusal;
use model::{Interval, StateHash, Usd};

/// Rules of a farm. What is `None` is not limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Loss of one UTC day, in basis points of the equity at its start, at which nobody opens any more that day.
    pub daily_loss_max_bps: Option<u32>,
    /// Fall from the highest equity, in basis points, at which nobody opens any more until somebody resumes.
    pub drawdown_max_bps: Option<u32>,
    /// Notional of all positions and opening orders together, in basis points of equity.
    pub exposure_max_bps: Option<u32>,
    /// Entries of all bots within a minute.
    pub entries_per_minute_max: Option<u32>,
    /// Which trades wait for somebody's approval.
    pub approval: Option<ApprovalRule>,
    /// After which losses a bot rests.
    pub cool_down: Option<CoolDown>,
    /// What is unusual enough to stop opening.
    pub vigilance: Option<Vigilance>,
    /// Money by which an account may differ from its books without an alarm: what a venue rounds away.
    pub unexplained_max: Usd,
}

/// Significant trades are made only once somebody approved them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApprovalRule {
    /// From this risk at the stop on, in basis points of equity, a trade is significant.
    pub risk_bps: u32,
    /// How long it waits.
    pub expiry: Interval,
}

/// So many stops within so long, and a bot rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoolDown {
    /// Stops.
    pub stops: u32,
    /// Within.
    pub within: Interval,
    /// Rests for.
    pub lasts: Interval,
}

/// As far as rejections within a minute are counted.
pub const REJECTIONS_MAX: u32 = 16;
/// As far as entries and stops are counted.
pub const COUNTED_MAX: u32 = 32;
/// The longest time in a rule.
pub const LENGTH_MAX: Interval = Interval(366 * Interval::DAY.0);

/// A rule that could never bind, or that is no length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// More than is counted.
    #[error("{what} of {value} would never be reached: at most {most} are counted")]
    NotCounted {
        /// Which rule.
        what: &'static str,
        /// What it says.
        value: u32,
        /// As far as is counted.
        most: u32,
    },
    /// No length of time.
    #[error("{what} lies between 1 ms and 366 days")]
    Length {
        /// Which rule.
        what: &'static str,
    },
}

/// What is unusual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vigilance {
    /// Orders within an hour, in multiples of the 99th percentile of the last thirty days' hours.
    pub orders_over_p99: u32,
    /// A fill this far from the last price known, in basis points.
    pub fill_from_mark_bps: u32,
    /// Rejected placements within a minute.
    pub rejections_per_minute: u32,
}

model::value!(ApprovalRule { risk_bps, expiry });
model::value!(CoolDown { stops, within, lasts });
model::value!(Vigilance { orders_over_p99, fill_from_mark_bps, rejections_per_minute });
model::value!(Rules {
    daily_loss_max_bps,
    drawdown_max_bps,
    exposure_max_bps,
    entries_per_minute_max,
    approval,
    cool_down,
    vigilance,
    unexplained_max,
} if |rules| rules.check_bounds().is_ok());

impl Rules {
    /// None at all.
    pub const NONE: Rules = Rules {
        daily_loss_max_bps: None,
        drawdown_max_bps: None,
        exposure_max_bps: None,
        entries_per_minute_max: None,
        approval: None,
        cool_down: None,
        vigilance: None,
        unexplained_max: Usd::ZERO,
    };

    /// Those of a farm that trades, on paper or for real.
    pub const TRADING: Rules = Rules {
        daily_loss_max_bps: Some(500),
        drawdown_max_bps: Some(2_000),
        exposure_max_bps: Some(50_000),
        entries_per_minute_max: Some(20),
        approval: None,
        cool_down: Some(CoolDown { stops: 4, within: Interval::minutes(240), lasts: Interval::minutes(60) }),
        vigilance: Some(Vigilance { orders_over_p99: 3, fill_from_mark_bps: 100, rejections_per_minute: 5 }),
        unexplained_max: Usd::ZERO,
    };
}

/// What all bots of a farm have and do together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crowd {
    /// Equity of all.
    pub equity: Usd,
    /// The highest it was.
    pub equity_peak: Usd,
    /// What it was at the start of the UTC day.
    pub equity_at_midnight: Usd,
    /// Notional of positions and opening orders.
    pub notional: Usd,
    /// Entries within the last minute.
    pub entries_last_minute: u32,
    /// Its drawdown has reached the limit, and nobody has resumed it since.
    pub locked: bool,
    /// A limit of a day's loss that was reached today under rules before these: until the day is over it binds beside them.
    pub daily_loss_reached_bps: Option<u32>,
}

impl Crowd {
    /// Nobody.
    pub const NONE: Crowd = Crowd {
        equity: Usd::ZERO,
        equity_peak: Usd::ZERO,
        equity_at_midnight: Usd::ZERO,
        notional: Usd::ZERO,
        entries_last_minute: 0,
        locked: false,
        daily_loss_reached_bps: None,
    };
}

fn fell(crowd: &Crowd, from: Usd, bps: Option<u32>) -> bool {
    bps.is_some_and(|bps| {
        i128::from((from - crowd.equity).0) * 10_000 >= i128::from(from.0.max(1)) * i128::from(bps)
    })
}

impl Rules {
    /// Whether each rule can bind.
    pub fn check_bounds(&self) -> Result<(), RulesError> {
        let stops = self.cool_down.map_or(0, |rule| rule.stops);
        let rejections = self.vigilance.map_or(0, |rule| rule.rejections_per_minute);
        for (what, value, most) in [
            ("a limit of entries per minute", self.entries_per_minute_max.unwrap_or(0), COUNTED_MAX),
            ("a number of stops", stops, COUNTED_MAX),
            ("a number of rejections per minute", rejections, REJECTIONS_MAX),
        ] {
            if value > most {
                return Err(RulesError::NotCounted { what, value, most });
            }
        }
        let cool_down = self.cool_down.map(|rule| [rule.within, rule.lasts]).into_iter().flatten();
        let lengths = cool_down.map(|length| ("a cool-down", length));
        let expiry = self.approval.map(|rule| ("the expiry of an approval", rule.expiry));
        for (what, length) in lengths.chain(expiry) {
            if !(1..=LENGTH_MAX.0).contains(&length.0) {
                return Err(RulesError::Length { what });
            }
        }
        Ok(())
    }

    /// Adds them to a hash.
    pub fn hash(&self, hash: &mut StateHash) {
        let Rules {
            daily_loss_max_bps,
            drawdown_max_bps,
            exposure_max_bps,
            entries_per_minute_max,
            approval,
            cool_down,
            vigilance,
            unexplained_max,
        } = *self;
        for limit in [daily_loss_max_bps, drawdown_max_bps, exposure_max_bps, entries_per_minute_max] {
            hash.int(limit.map_or(-1, i64::from));
        }
        let approval = approval.map_or([-1; 2], |rule| [i64::from(rule.risk_bps), rule.expiry.0]);
        let cool_down =
            cool_down.map_or([-1; 3], |rule| [i64::from(rule.stops), rule.within.0, rule.lasts.0]);
        let vigilance = vigilance.map_or([-1; 3], |rule| {
            [rule.orders_over_p99, rule.fill_from_mark_bps, rule.rejections_per_minute].map(i64::from)
        });
        for word in approval.into_iter().chain(cool_down).chain(vigilance).chain([unexplained_max.0]) {
            hash.int(word);
        }
    }

    /// The limit of a day's loss that binds today.
    pub fn daily_loss_today(&self, crowd: &Crowd) -> Option<u32> {
        [self.daily_loss_max_bps, crowd.daily_loss_reached_bps].into_iter().flatten().min()
    }

    /// The same if it has been reached: where the rules are about to change it goes on binding today.
    pub fn daily_loss_reached(&self, crowd: &Crowd) -> Option<u32> {
        self.daily_loss_today(crowd).filter(|bps| fell(crowd, crowd.equity_at_midnight, Some(*bps)))
    }

    /// Whether drawdown has reached its limit: from then on nobody opens until somebody resumes the farm.
    pub fn locks(&self, crowd: &Crowd) -> bool {
        fell(crowd, crowd.equity_peak, self.drawdown_max_bps)
    }

    /// Whether one more entry of so much notional keeps to the rules.
    pub fn check(&self, crowd: &Crowd, adds: Usd) -> Result<(), Refusal> {
        let notional = i128::from((crowd.notional + adds).0) * 10_000;
        let equity = i128::from(crowd.equity.0.max(0));
        if self.daily_loss_reached(crowd).is_some() {
            Err(Refusal::FarmDailyLoss)
        } else if crowd.locked || self.locks(crowd) {
            Err(Refusal::FarmDrawdown)
        } else if self.exposure_max_bps.is_some_and(|bps| notional > equity * i128::from(bps)) {
            Err(Refusal::FarmExposure)
        } else if self.entries_per_minute_max.is_some_and(|most| crowd.entries_last_minute >= most) {
            Err(Refusal::FarmOrderRate)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CROWD: Crowd = Crowd {
        equity: Usd(9_600),
        equity_peak: Usd(10_000),
        equity_at_midnight: Usd(10_000),
        notional: Usd(40_000),
        entries_last_minute: 3,
        locked: false,
        daily_loss_reached_bps: None,
    };

    #[test]
    fn a_limit_that_was_reached_today_binds_beside_a_looser_one() {
        let reached = Some(300);
        let looser = Rules { daily_loss_max_bps: Some(2_000), ..Rules::TRADING };
        let crowd = Crowd { daily_loss_reached_bps: reached, ..CROWD };
        assert_eq!(looser.check(&CROWD, Usd(0)), Ok(()));
        assert_eq!(looser.check(&crowd, Usd(0)), Err(Refusal::FarmDailyLoss));
        assert_eq!((looser.daily_loss_reached(&crowd), looser.daily_loss_reached(&CROWD)), (reached, None));
        // What has recovered is free, as it was under the rule that was reached.
        let recovered = Crowd { equity: Usd(9_800), ..crowd };
        assert_eq!(looser.check(&recovered, Usd(0)), Ok(()));
        // Without any rule it binds all the same.
        assert_eq!(Rules::NONE.check(&crowd, Usd(0)), Err(Refusal::FarmDailyLoss));
    }

    #[test]
    fn every_field_is_in_the_hash() {
        let of = |rules: Rules| {
            let mut hash = StateHash::default();
            rules.hash(&mut hash);
            hash.finish()
        };
        let base = Rules {
            approval: Some(ApprovalRule { risk_bps: 50, expiry: Interval::MINUTE }),
            ..Rules::TRADING
        };
        let (approval, cool_down, vigilance) =
            (base.approval.unwrap(), base.cool_down.unwrap(), base.vigilance.unwrap());
        let others = [
            Rules { daily_loss_max_bps: Some(1), ..base },
            Rules { drawdown_max_bps: None, ..base },
            Rules { exposure_max_bps: Some(1), ..base },
            Rules { entries_per_minute_max: None, ..base },
            Rules { approval: Some(ApprovalRule { risk_bps: 51, ..approval }), ..base },
            Rules { approval: Some(ApprovalRule { expiry: Interval::HOUR, ..approval }), ..base },
            Rules { approval: None, ..base },
            Rules { cool_down: Some(CoolDown { stops: 9, ..cool_down }), ..base },
            Rules { cool_down: Some(CoolDown { within: Interval::DAY, ..cool_down }), ..base },
            Rules { cool_down: Some(CoolDown { lasts: Interval::DAY, ..cool_down }), ..base },
            Rules { vigilance: Some(Vigilance { orders_over_p99: 9, ..vigilance }), ..base },
            Rules { vigilance: Some(Vigilance { fill_from_mark_bps: 9, ..vigilance }), ..base },
            Rules { vigilance: Some(Vigilance { rejections_per_minute: 9, ..vigilance }), ..base },
            Rules { unexplained_max: Usd(1), ..base },
        ];
        let mut all: Vec<u64> = others.map(of).into_iter().chain([of(base)]).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), others.len() + 1);
    }

    #[test]
    fn each_rule_has_its_refusal_and_none_refuses_nothing() {
        let adds = Usd(1_000);
        assert_eq!(Rules::NONE.check(&Crowd { equity: Usd(-5), ..CROWD }, adds), Ok(()));
        assert_eq!(Rules::TRADING.check(&CROWD, adds), Ok(()));
        let cases = [
            (Crowd { equity: Usd(9_500), ..CROWD }, Refusal::FarmDailyLoss),
            (Crowd { equity: Usd(8_000), equity_at_midnight: Usd(8_000), ..CROWD }, Refusal::FarmDrawdown),
            (Crowd { locked: true, ..CROWD }, Refusal::FarmDrawdown),
            (Crowd { notional: Usd(47_001), ..CROWD }, Refusal::FarmExposure),
            (Crowd { entries_last_minute: 20, ..CROWD }, Refusal::FarmOrderRate),
        ];
        for (crowd, want) in cases {
            assert_eq!(Rules::TRADING.check(&crowd, adds), Err(want));
        }
    }
}
