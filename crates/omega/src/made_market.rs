//! A made market in columns, as files and statistics want it.
//!
//! It refuses to choose anything: the settings say which market, and how long is asked for in minutes.

use model::{BarColumns, FundingRate, Interval, Price};
use synthetic::{MarkBar, Market, MarketSettings};

/// Most minutes that are made at once: what a file may hold.
pub const MINUTES_MAX: usize = data::limits::ROWS_MAX;
/// How many minutes are one step of progress.
pub const MINUTES_PER_STEP: usize = 1 << 16;
/// Decimals of a made mark as a price: `Mark` has two more, which are zero.
pub const MARK_DECIMALS: u8 = 8;
const MARK_PER_STEP: i64 = 100;

/// Its columns, one value a minute, and what was settled.
#[derive(Clone, Debug)]
pub struct MadeMarket {
    /// Bars in ticks of 0.1 USDT.
    pub bars: BarColumns,
    /// Trades.
    pub trades: Vec<u32>,
    /// What takers bought.
    pub taker_buy_volume: Vec<f64>,
    /// The mark, as bars without volume in steps of [`MARK_DECIMALS`]; empty where it was not asked for.
    pub mark: BarColumns,
    /// Funding.
    pub funding: Vec<FundingRate>,
}

/// Makes so many minutes; `step` is called each [`MINUTES_PER_STEP`] of them.
pub fn make(
    settings: &MarketSettings,
    minutes: usize,
    with_mark: bool,
    mut step: impl FnMut(),
) -> MadeMarket {
    assert!(minutes <= MINUTES_MAX, "at most {MINUTES_MAX} minutes are made at once");
    let mut market = Market::new(settings);
    let mut made = MadeMarket {
        bars: BarColumns::new(Interval::MINUTE),
        trades: Vec::with_capacity(minutes),
        taker_buy_volume: Vec::with_capacity(minutes),
        mark: BarColumns::new(Interval::MINUTE),
        funding: Vec::new(),
    };
    for i in 0..minutes {
        let minute = market.minute();
        made.bars.push(minute.bar);
        made.trades.push(minute.trades);
        made.taker_buy_volume.push(minute.taker_buy_volume);
        made.funding.extend(minute.funding);
        if with_mark {
            made.mark.push(mark_as_bar(minute.bar.open_time, minute.mark));
        }
        if (i + 1) % MINUTES_PER_STEP == 0 {
            step();
        }
    }
    made
}

fn mark_as_bar(open_time: model::Time, mark: MarkBar) -> model::Bar {
    let price = |mark: model::Mark| {
        assert_eq!(mark.0 % MARK_PER_STEP, 0, "made marks have {MARK_DECIMALS} decimals");
        Price(mark.0 / MARK_PER_STEP)
    };
    let (open, high) = (price(mark.open), price(mark.high));
    let (low, close) = (price(mark.low), price(mark.close));
    model::Bar { open_time, open, high, low, close, volume: 0.0 }
}
