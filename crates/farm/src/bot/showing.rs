//! What a bot shows of itself: what it may, and what of that is used. Nothing here changes anything.
//!
//! It refuses to forecast: whether the next entry is allowed is the gate's to say, at the price of that instant.

use super::Bot;
use cosmos::Factor;
use model::{Interval, RiskLevel, Time, Usd};
use persona::Profile;
use risk::{Limits, TradingState};

/// What a persona may, and what of it is used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Allowance {
    /// Its limits, with the part of the band that it uses.
    pub limits: Limits,
    /// Which part that is.
    pub level: RiskLevel,
    /// The equity from which its drawdown is counted.
    pub equity_peak: Usd,
    /// Equity at the start of this UTC day; nothing where it has not looked at a price today.
    pub equity_at_midnight: Option<Usd>,
    /// Entries within the last hour.
    pub entries_last_hour: u32,
    /// Until when it rests after too many stops.
    pub rests_until: Option<Time>,
}

impl Bot {
    /// What it may, and what of it is used by this instant; a control has no limits.
    pub fn allowance(&self, now: Time) -> Option<Allowance> {
        self.mind.as_ref()?;
        let (level, _) = self.level;
        Some(Allowance {
            limits: self.limits.at(level),
            level,
            equity_peak: self.equity_peak,
            equity_at_midnight: (self.midnight.0 == now.day()).then_some(self.midnight.1),
            entries_last_hour: self.entries.within(now, Interval::HOUR),
            rests_until: self.rests_until.filter(|until| *until > now),
        })
    }

    /// What it was told itself, and what the whole farm was.
    pub fn told(&self) -> [TradingState; 2] {
        [self.state, self.imposed]
    }

    /// Who it is; a control is nobody.
    pub fn profile(&self) -> Option<&Profile> {
        self.mind.as_ref().map(|mind| mind.profile())
    }

    /// How much of an outside influence it feels; nothing for controls and calm twins.
    pub fn susceptibility_to(&self, factor: Factor) -> f64 {
        self.mind.as_ref().map_or(0.0, |mind| mind.susceptibility_to(factor))
    }

    /// Energy, 0 to 1.1; nothing for controls.
    pub fn energy(&self) -> Option<f64> {
        self.mind.as_ref().map(|mind| mind.energy(self.results.win_rate()))
    }
}
