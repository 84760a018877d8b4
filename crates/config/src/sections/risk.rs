//! Rules of the whole farm: `risk::Rules`, in units a person writes. It refuses to touch a bot's own band.

use crate::kinds::{Limit, Money, Truth, whole};
use crate::section::section;
use model::{Interval, Usd};
use risk::rules::{ApprovalRule, CoolDown, Vigilance};

section! {
    /// What the whole farm may do.
    pub struct Risk {
        /// Loss of one UTC day, of the equity at its start, at which nobody opens any more that day.
        daily_loss_max_bps: Option<u32> = Limit { min: 1, max: 10_000 }, default "500", live;
        /// Fall from the highest equity at which nobody opens any more until somebody resumes the farm.
        drawdown_max_bps: Option<u32> = Limit { min: 1, max: 10_000 }, default "2000", live;
        /// Notional of all positions and opening orders together, of equity.
        exposure_max_bps: Option<u32> = Limit { min: 1, max: 1_250_000 }, default "50000", live;
        /// Entries of all bots within a minute.
        entries_per_minute_max: Option<u32> = Limit { min: 1, max: risk::rules::COUNTED_MAX }, default "20", live;
        /// From this risk at the stop on, of equity, a trade waits for somebody's approval.
        approval_from_bps: Option<u32> = Limit { min: 1, max: 10_000 }, default "\"off\"", live;
        /// How long a trade waits for approval before it is given up.
        approval_expiry_s: u32 = whole(1, 86_400), default "300", live;
        /// After so many stops a bot rests.
        cool_down_stops: Option<u32> = Limit { min: 1, max: risk::rules::COUNTED_MAX }, default "4", live;
        /// Within how long those stops count.
        cool_down_within_minutes: u32 = whole(1, 527_040), default "240", live;
        /// How long the bot then rests.
        cool_down_lasts_minutes: u32 = whole(1, 527_040), default "60", live;
        /// Whether what is unusual makes a bot reduce-only.
        vigilance: bool = Truth, default "true", live;
        /// Orders within an hour are unusual above so many times the 99th percentile of the last thirty days' hours.
        unusual_orders_over_p99: u32 = whole(1, 100), default "3", live;
        /// A fill this far from the last known price is unusual.
        unusual_fill_from_mark_bps: u32 = whole(1, 10_000), default "100", live;
        /// So many rejected placements within a minute are unusual.
        unusual_rejections_per_minute: u32 = whole(1, risk::rules::REJECTIONS_MAX as i64), default "5", live;
        /// By so much an account may differ from its books without an alarm: what the exchange rounds away.
        unexplained_max_usdt: Usd = Money { min: Usd(0), max: Usd(1_000_000_000) }, default "0", live;
    }
}

fn minutes(count: u32) -> Interval {
    Interval::minutes(i64::from(count))
}

impl Risk {
    /// As the farm keeps them.
    pub fn rules(&self) -> risk::Rules {
        let expiry = Interval(i64::from(self.approval_expiry_s) * Interval::SECOND.0);
        risk::Rules {
            daily_loss_max_bps: self.daily_loss_max_bps,
            drawdown_max_bps: self.drawdown_max_bps,
            exposure_max_bps: self.exposure_max_bps,
            entries_per_minute_max: self.entries_per_minute_max,
            approval: self.approval_from_bps.map(|risk_bps| ApprovalRule { risk_bps, expiry }),
            cool_down: self.cool_down_stops.map(|stops| CoolDown {
                stops,
                within: minutes(self.cool_down_within_minutes),
                lasts: minutes(self.cool_down_lasts_minutes),
            }),
            vigilance: self.vigilance.then_some(Vigilance {
                orders_over_p99: self.unusual_orders_over_p99,
                fill_from_mark_bps: self.unusual_fill_from_mark_bps,
                rejections_per_minute: self.unusual_rejections_per_minute,
            }),
            unexplained_max: self.unexplained_max_usdt,
        }
    }
}
