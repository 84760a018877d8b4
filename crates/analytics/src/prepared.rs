//! What the metrics share, computed once per run. It refuses to decide what a metric means: a curve or a set
//! of trades that is no good is kept as the reason why, and every metric that needs it passes the reason on.

use crate::drawdown::drawdowns;
use crate::returns::Returns;
use crate::trades::Trades;
use crate::{Undefined, statistics};

/// What a run leaves behind.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// Equity in USDT: the starting capital, then one value per UTC day, flat days kept.
    pub equity: &'a [f64],
    /// Net profit in USDT of each closed trade; may be empty.
    pub profits: &'a [f64],
}

/// The shared quantities of one run.
#[derive(Clone, Debug)]
pub struct Prepared<'a> {
    equity: &'a [f64],
    returns: Result<Returns, Undefined>,
    drawdowns: Result<Vec<f64>, Undefined>,
    trades: Result<Trades<'a>, Undefined>,
}

impl<'a> Prepared<'a> {
    /// Computes them.
    pub fn new(inputs: &Inputs<'a>) -> Prepared<'a> {
        Prepared {
            equity: inputs.equity,
            returns: Returns::of(inputs.equity),
            drawdowns: drawdowns(inputs.equity),
            trades: Trades::of(inputs.profits),
        }
    }

    /// Final equity over starting capital.
    pub fn growth(&self) -> Result<f64, Undefined> {
        // Drawdowns exist exactly where the curve is finite and starts above zero.
        if let Err(reason @ (Undefined::NoEquity | Undefined::NoCapital | Undefined::NotFinite)) =
            self.drawdowns
        {
            return Err(reason);
        }
        let last = self.equity.last().ok_or(Undefined::NoEquity)?;
        Ok(last / self.equity[0])
    }

    /// Daily returns.
    pub fn returns(&self) -> Result<&Returns, Undefined> {
        self.returns.as_ref().map_err(|reason| *reason)
    }

    /// Distance of each day's equity from the peak so far, the starting point included.
    pub fn drawdowns(&self) -> Result<&[f64], Undefined> {
        self.drawdowns.as_deref().map_err(|reason| *reason)
    }

    /// The deepest of them: zero or negative.
    pub fn max_drawdown(&self) -> Result<f64, Undefined> {
        Ok(self.drawdowns()?.iter().copied().fold(0.0, f64::min))
    }

    /// Historical value at risk: the 5th percentile of daily returns.
    pub fn value_at_risk(&self) -> Result<f64, Undefined> {
        let bound = statistics::quantile(&self.returns()?.sorted, 0.05);
        // Between absurd extremes it may overflow, and an infinite bound would put every day in the tail.
        if bound.is_finite() { Ok(bound) } else { Err(Undefined::BeyondRange) }
    }

    /// Closed trades.
    pub fn trades(&self) -> Result<&Trades<'a>, Undefined> {
        self.trades.as_ref().map_err(|reason| *reason)
    }
}
