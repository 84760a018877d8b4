//! Net profits of closed trades. A trade that ended at exactly zero neither won nor lost: it counts as a
//! trade but not in the win rate. This module refuses to look at the equity curve.

use crate::{Undefined, statistics};

/// Whether a trade with this net profit won.
pub fn is_winner(profit: f64) -> bool {
    profit > 0.0
}

/// Whether a trade with this net profit lost.
pub fn is_loser(profit: f64) -> bool {
    profit < 0.0
}

/// The profits above zero, in order.
pub fn winners(profits: &[f64]) -> impl Iterator<Item = f64> + '_ {
    profits.iter().copied().filter(|&profit| is_winner(profit))
}

/// The profits below zero, in order.
pub fn losers(profits: &[f64]) -> impl Iterator<Item = f64> + '_ {
    profits.iter().copied().filter(|&profit| is_loser(profit))
}

/// Closed trades, counted and summed once; there may be none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trades<'a> {
    profits: &'a [f64],
    winners: usize,
    losers: usize,
    gained: f64,
    lost: f64,
}

impl<'a> Trades<'a> {
    /// Counts and sums; refuses a profit that is not a finite number.
    pub fn of(profits: &'a [f64]) -> Result<Trades<'a>, Undefined> {
        if profits.iter().any(|p| !p.is_finite()) {
            return Err(Undefined::NotFinite);
        }
        let trades = Trades {
            profits,
            winners: winners(profits).count(),
            losers: losers(profits).count(),
            gained: winners(profits).sum(),
            lost: -losers(profits).sum::<f64>(),
        };
        assert!(trades.winners + trades.losers <= profits.len(), "no trade both won and lost");
        Ok(trades)
    }

    /// Number of trades, those at exactly zero included.
    pub fn count(&self) -> usize {
        self.profits.len()
    }

    /// Sum of the profits above zero.
    pub fn gained(&self) -> f64 {
        self.gained
    }

    /// Size of the sum of the profits below zero; something to divide by.
    pub fn lost(&self) -> Result<f64, Undefined> {
        self.any()?;
        if self.losers == 0 { Err(Undefined::NoLosingTrade) } else { Ok(self.lost) }
    }

    /// Winners over winners and losers.
    pub fn win_rate(&self) -> Result<f64, Undefined> {
        self.any()?;
        let decided = self.winners + self.losers;
        if decided == 0 {
            return Err(Undefined::NoDecidedTrade);
        }
        Ok(self.winners as f64 / decided as f64)
    }

    /// Mean profit of a winner.
    pub fn average_win(&self) -> Result<f64, Undefined> {
        self.any()?;
        if self.winners == 0 {
            return Err(Undefined::NoWinningTrade);
        }
        Ok(self.gained / self.winners as f64)
    }

    /// Mean size of a loss, positive.
    pub fn average_loss(&self) -> Result<f64, Undefined> {
        Ok(self.lost()? / self.losers as f64)
    }

    /// Mean winner over mean loss.
    pub fn win_loss_ratio(&self) -> Result<f64, Undefined> {
        Ok(self.average_win()? / self.average_loss()?)
    }

    /// Mean profit of a trade.
    pub fn expectancy(&self) -> Result<f64, Undefined> {
        self.any()?;
        Ok(statistics::mean(self.profits))
    }

    /// Mean over sample standard deviation of profits: the quality of one trade.
    pub fn quality(&self) -> Result<f64, Undefined> {
        let mean = self.expectancy()?;
        if self.count() < 2 {
            return Err(Undefined::TooFewTrades { have: self.count(), needed: 2 });
        }
        if self.profits.iter().all(|&p| p == self.profits[0]) {
            return Err(Undefined::ProfitsDoNotVary);
        }
        Ok(mean / statistics::sample_deviation(self.profits, mean))
    }

    fn any(&self) -> Result<(), Undefined> {
        if self.profits.is_empty() { Err(Undefined::NoTrade) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trade_at_zero_is_a_trade_but_neither_won_nor_lost() {
        let trades = Trades::of(&[30.0, 0.0, -10.0, 10.0]).expect("finite");
        assert_eq!(trades.count(), 4);
        assert_eq!(trades.win_rate(), Ok(2.0 / 3.0));
        assert_eq!(trades.average_win(), Ok(20.0));
        assert_eq!(trades.average_loss(), Ok(10.0));
        assert_eq!(trades.win_loss_ratio(), Ok(2.0));
        assert_eq!(trades.expectancy(), Ok(7.5));
    }

    #[test]
    fn every_absence_has_its_reason() {
        let of = |profits: &'static [f64]| Trades::of(profits).expect("finite");
        assert_eq!(of(&[]).win_rate(), Err(Undefined::NoTrade));
        assert_eq!(of(&[]).lost(), Err(Undefined::NoTrade));
        assert_eq!(of(&[0.0]).win_rate(), Err(Undefined::NoDecidedTrade));
        assert_eq!(of(&[1.0]).average_loss(), Err(Undefined::NoLosingTrade));
        assert_eq!(of(&[-1.0]).average_win(), Err(Undefined::NoWinningTrade));
        assert_eq!(of(&[1.0]).quality(), Err(Undefined::TooFewTrades { have: 1, needed: 2 }));
        assert_eq!(of(&[0.1, 0.1, 0.1]).quality(), Err(Undefined::ProfitsDoNotVary));
        assert_eq!(Trades::of(&[f64::NAN]), Err(Undefined::NotFinite));
    }
}
