//! Why a metric has no value. It refuses to be turned into a number.

use std::fmt;

/// The reason a metric is undefined for a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undefined {
    /// The equity series is empty.
    NoEquity,
    /// The first equity is not above zero.
    NoCapital,
    /// An equity or a profit is NaN or infinite.
    NotFinite,
    /// The result does not fit a float.
    BeyondRange,
    /// Equity fell to zero or below, after which a return means nothing.
    Ruined,
    /// The statistic needs a longer series.
    TooFewDays {
        /// Daily returns there are.
        have: usize,
        /// Daily returns it takes.
        needed: usize,
    },
    /// All daily returns are equal, so there is no risk to divide by.
    ReturnsDoNotVary,
    /// No day ended lower than it began.
    NoLosingDay,
    /// Equity never fell below an earlier value.
    NoDrawdown,
    /// The 5th percentile of daily returns is zero.
    NoTail,
    /// Skew and kurtosis leave the estimate of the Sharpe ratio no variance.
    ExtremeMoments,
    /// No trade was closed.
    NoTrade,
    /// The statistic needs more trades.
    TooFewTrades {
        /// Trades there are.
        have: usize,
        /// Trades it takes.
        needed: usize,
    },
    /// No trade won.
    NoWinningTrade,
    /// No trade lost.
    NoLosingTrade,
    /// Every trade ended at exactly zero.
    NoDecidedTrade,
    /// All trades made the same profit.
    ProfitsDoNotVary,
    /// The Sharpe ratio is not above zero, so no length of record proves that it is.
    SharpeNotPositive,
    /// The run does not measure it.
    NotMeasured,
    /// An estimate needs more of what it is made of.
    TooFew {
        /// What there is too little of, in the plural: `placebos`, `occasions in gain`.
        what: &'static str,
        /// How many there are.
        have: usize,
        /// How many it takes.
        needed: usize,
    },
    /// All placebos gave the same figure, so there is no spread to hold an effect against.
    PlacebosDoNotVary,
    /// So few placebos differ that no result could have been significant.
    LevelOutOfReach {
        /// Distinct placebos there are.
        distinct: usize,
    },
    /// Placebos share so much of any effect that its timing cannot be told.
    NoEffectStandsOut,
    /// All trades were entered equally tired.
    FatigueDoesNotVary,
    /// The median winner was closed at the instant it was opened.
    WinnersHeldNoTime,
    /// No trade entered without a recent loss put anything at risk.
    NothingAtRisk,
}

impl Undefined {
    /// The bare reason, as in `reasons.KEY` of the JSON output.
    pub fn reason(self) -> String {
        let text = match self {
            Undefined::NoEquity => "no equity",
            Undefined::NoCapital => "the starting capital is not above zero",
            Undefined::NotFinite => "the input holds a value that is not a finite number",
            Undefined::BeyondRange => "beyond the range of a number",
            Undefined::Ruined => "the capital was lost",
            Undefined::TooFewDays { have, needed } => return format!("{have} daily returns, needs {needed}"),
            Undefined::ReturnsDoNotVary => "daily returns do not vary",
            Undefined::NoLosingDay => "no losing day",
            Undefined::NoDrawdown => "no drawdown",
            Undefined::NoTail => "the 5th percentile of daily returns is zero",
            Undefined::ExtremeMoments => "skew and kurtosis too extreme for the estimate",
            Undefined::NoTrade => "no trade",
            Undefined::TooFewTrades { have, needed } => return format!("{have} trades, needs {needed}"),
            Undefined::NoWinningTrade => "no winning trade",
            Undefined::NoLosingTrade => "no losing trade",
            Undefined::NoDecidedTrade => "every trade ended at zero",
            Undefined::ProfitsDoNotVary => "all trades made the same profit",
            Undefined::SharpeNotPositive => "the Sharpe ratio is not above zero",
            Undefined::NotMeasured => "not measured",
            Undefined::TooFew { what, have, needed } => return format!("{have} {what}, needs {needed}"),
            Undefined::PlacebosDoNotVary => "placebos do not vary",
            Undefined::LevelOutOfReach { distinct } => {
                return format!("no result of {distinct} distinct placebos can be significant");
            }
            Undefined::NoEffectStandsOut => "no effect stands out from its own placebos",
            Undefined::FatigueDoesNotVary => "fatigue does not vary",
            Undefined::WinnersHeldNoTime => "the median winner was held for no time",
            Undefined::NothingAtRisk => "nothing was at risk without a recent loss",
        };
        text.to_owned()
    }
}

/// As a person reads it in a table: `n/a (no losing trade)`.
impl fmt::Display for Undefined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n/a ({})", self.reason())
    }
}

impl std::error::Error for Undefined {}

#[cfg(test)]
mod tests {
    use super::Undefined;

    #[test]
    fn a_person_reads_the_reason() {
        assert_eq!(Undefined::NoLosingTrade.to_string(), "n/a (no losing trade)");
        assert_eq!(
            Undefined::TooFewDays { have: 2, needed: 4 }.to_string(),
            "n/a (2 daily returns, needs 4)"
        );
        assert_eq!(
            Undefined::TooFew { what: "placebos", have: 3, needed: 20 }.to_string(),
            "n/a (3 placebos, needs 20)"
        );
        assert_eq!(
            Undefined::LevelOutOfReach { distinct: 30 }.to_string(),
            "n/a (no result of 30 distinct placebos can be significant)"
        );
    }
}
