//! The demo's market, a minute at a time: what `omega data generate` makes, as the farm wants it.

use backtest::Coming;
use model::{Price, Time};
use synthetic::{Market, MarketSettings, Minute, Scenario};
use venue::MarkBar;

/// 2025-01-01T00:00:00Z.
pub const START: Time = Time(1_735_689_600_000);
const PRICE: f64 = 60_000.0;
/// No made market trades above this: ten million USDT, in ticks of 0.1.
pub const PRICE_MAX: Price = Price(synthetic::PRICE_MAX as i64 * 10);

/// A market that is made while somebody watches.
#[derive(Clone, Debug)]
pub struct MadeMarket(Market);

impl MadeMarket {
    /// The market of a seed.
    pub fn new(seed: u64) -> MadeMarket {
        let scenarios = Vec::new();
        MadeMarket(Market::new(&MarketSettings { seed, start: START, price: PRICE, scenarios }))
    }

    /// The next minute.
    pub fn minute(&mut self) -> Coming {
        let Minute { bar, mark, funding, .. } = self.0.minute();
        let mark = MarkBar { open: mark.open, high: mark.high, low: mark.low, close: mark.close };
        Coming { bar, mark, funding: funding.map(|funding| funding.rate), shock: None }
    }

    /// From the next minute on the market crashes; `false` where it does so already.
    pub fn crash(&mut self) -> bool {
        !self.0.holds(Scenario::Crash) && self.0.lay(Scenario::Crash, None)
    }
}
