//! A market that was: the bars of a file or of a capture, one stretch a bar, behind a past that is made.
//!
//! A file rarely has the 90 days of every candle behind it, so the days before its first bar are made from a seed and
//! scaled until they end at that bar's open. Nothing is known of the marks and the funding of the file's days: the mark
//! is the traded price, and nothing is settled. Refuses bars that do not cut minutes evenly.

use crate::capture::{BookChange, Capture};
use crate::made::DAYS_BEHIND;
use crate::tape::Stretch;
use model::{Bar, BarColumns, Instrument, Interval, Mark, Price, Time};
use synthetic::{Market, MarketSettings, Minute, PRICE_START};
use venue::MarkBar;

/// Bars that no market can be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadBars {
    /// Nothing happens.
    #[error("there is not one bar: give a file that has some in the range that was asked for")]
    None,
    /// Candles are added up from minutes.
    #[error(
        "bars of {0} ms are neither whole minutes nor even parts of one: give bars of a minute, or of whole minutes"
    )]
    Length(i64),
    /// A bar that opens off its own grid.
    #[error("the bar at {0} does not open with a minute or an even part of one: give bars that do")]
    OffGrid(Time),
}

/// A recorded market.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    bars: BarColumns,
    mark_per_tick: i64,
    next: usize,
    /// Of a capture, what each bar did to the book.
    changes: Vec<BookChange>,
}

impl Recorded {
    /// The market of these bars.
    pub(crate) fn new(instrument: &Instrument, bars: BarColumns) -> Result<Recorded, BadBars> {
        let (length, minute) = (bars.interval.0, Interval::MINUTE.0);
        let even = length > 0 && (length % minute == 0 || minute % length == 0);
        if !even {
            return Err(BadBars::Length(length));
        }
        if bars.is_empty() {
            return Err(BadBars::None);
        }
        let grid = Interval(length.min(minute));
        if let Some(odd) = bars.open_time.iter().find(|open| open.floor(grid) != **open) {
            return Err(BadBars::OffGrid(*odd));
        }
        Ok(Recorded { bars, mark_per_tick: instrument.mark_per_tick(), next: 0, changes: Vec::new() })
    }

    /// The market of a capture.
    pub(crate) fn captured(instrument: &Instrument, capture: Capture) -> Result<Recorded, BadBars> {
        let Capture { bars, changes } = capture;
        Ok(Recorded { changes, ..Recorded::new(instrument, bars)? })
    }

    /// What the bar that was told last did to the book.
    pub(crate) fn book_change(&self) -> Option<&BookChange> {
        self.changes.get(self.next.checked_sub(1)?)
    }

    /// When the first bar opens.
    pub(crate) fn start(&self) -> Time {
        self.bars.open_time[0]
    }

    pub(crate) fn next_end(&self) -> Option<Time> {
        self.bars.open_time.get(self.next).map(|open| *open + self.bars.interval)
    }

    pub(crate) fn next(&mut self, now: Time) -> Option<Stretch> {
        self.next_end().filter(|end| *end <= now)?;
        let bar = self.bars.as_bars().get(self.next);
        self.next += 1;
        let mark = MarkBar::from_basis(self.mark_per_tick, &bar, Mark::ZERO);
        Some(Stretch { bar, interval: self.bars.interval, mark, funding: None })
    }

    /// The days before the first bar, minute by minute, ending at its open.
    pub(crate) fn past(&self, instrument: &Instrument, seed: u64, mut tell: impl FnMut(&Stretch)) {
        let until = self.start().floor(Interval::MINUTE);
        let minutes = DAYS_BEHIND * Interval::DAY.0 / Interval::MINUTE.0;
        let wanted = self.bars.open[0];
        let price = instrument.price_f64(wanted).clamp(PRICE_START.0, PRICE_START.1);
        let start = until - Interval(minutes * Interval::MINUTE.0);
        let mut market = Market::new(&MarketSettings { seed, start, price, scenarios: Vec::new() });
        let mut rehearsal = market.clone();
        let last = (0..minutes).map(|_| rehearsal.minute().bar.close).last().expect("a past is long");
        let scale = Scale { wanted, last, mark_per_tick: self.mark_per_tick };
        for _ in 0..minutes {
            tell(&scale.stretch(&market.minute()));
        }
    }
}

/// Makes one price another, and everything else in proportion: what was higher stays no lower.
struct Scale {
    wanted: Price,
    last: Price,
    mark_per_tick: i64,
}

/// Mark units in one of the made market's ticks, 0.1 USDT.
const MARK_PER_MADE_TICK: i64 = 10_i64.pow(Mark::DECIMALS as u32 - 1);

impl Scale {
    fn price(&self, price: Price) -> Price {
        let (wanted, last) = (i128::from(self.wanted.0), i128::from(self.last.0));
        let scaled = (i128::from(price.0) * wanted + last / 2) / last;
        Price(i64::try_from(scaled.max(1)).expect("a made price stays near the one it is scaled to"))
    }

    fn mark(&self, mark: Mark, price: Price) -> Mark {
        let basis = i128::from(mark.0 - price.0 * MARK_PER_MADE_TICK);
        let scaled = basis * i128::from(self.wanted.0) * i128::from(self.mark_per_tick)
            / (i128::from(self.last.0) * i128::from(MARK_PER_MADE_TICK));
        let mark = i128::from(self.price(price).0) * i128::from(self.mark_per_tick) + scaled;
        Mark(i64::try_from(mark.max(1)).expect("a mark stays near its price"))
    }

    fn stretch(&self, minute: &Minute) -> Stretch {
        let Minute { bar, mark, funding, .. } = minute;
        let [open, high, low, close] =
            [bar.open, bar.high, bar.low, bar.close].map(|price| self.price(price));
        let marks = MarkBar {
            open: self.mark(mark.open, bar.open),
            high: self.mark(mark.high, bar.high),
            low: self.mark(mark.low, bar.low),
            close: self.mark(mark.close, bar.close),
        };
        Stretch {
            bar: Bar { open, high, low, close, ..*bar },
            interval: Interval::MINUTE,
            mark: marks,
            funding: funding.as_ref().map(|funding| funding.rate),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(interval: i64, opens: &[i64]) -> BarColumns {
        let mut bars = BarColumns::new(Interval(interval));
        for (number, at) in opens.iter().enumerate() {
            let [open, high, low, close] = [500_000, 500_900, 499_000, 500_400 + number as i64].map(Price);
            bars.push(Bar { open_time: Time(*at), open, high, low, close, volume: 5.0 });
        }
        bars
    }

    #[test]
    fn the_past_ends_where_the_bars_begin() {
        let i = Instrument::btcusdt().with_price_decimals(2);
        let start = 1_760_000_000_000 / 60_000 * 60_000;
        let mut recorded = Recorded::new(&i, bars(60_000, &[start, start + 60_000])).unwrap();
        let mut past = Vec::new();
        recorded.past(&i, 3, |stretch| past.push(*stretch));
        assert_eq!(past.len(), 91 * 1_440);
        let last = past.last().unwrap();
        assert_eq!((last.bar.close, last.bar.open_time), (Price(500_000), Time(start - 60_000)));
        for pair in past.windows(2) {
            assert_eq!(pair[0].bar.open_time + Interval::MINUTE, pair[1].bar.open_time);
            let bar = pair[0].bar;
            assert!(bar.low <= bar.open.min(bar.close) && bar.high >= bar.open.max(bar.close));
        }
        let basis = (last.mark.close.0 - i.mark_of(last.bar.close).0).abs();
        assert!(basis < i.mark_of(Price(5_000)).0, "the mark is near its price: {basis}");
        assert!(past.iter().any(|stretch| stretch.funding.is_some()));
        assert_eq!(recorded.next(Time(start + 59_999)), None);
        assert_eq!(recorded.next(Time(start + 60_000)).unwrap().bar.close, Price(500_400));
        assert_eq!(recorded.next(Time(i64::MAX)).unwrap().bar.close, Price(500_401));
        assert_eq!((recorded.next(Time(i64::MAX)), recorded.next_end()), (None, None));
    }

    #[test]
    fn what_cannot_be_replayed_says_why() {
        let refused = |bars| Recorded::new(&Instrument::btcusdt(), bars).unwrap_err();
        assert_eq!(refused(bars(60_000, &[])), BadBars::None);
        assert_eq!(refused(bars(90_000, &[0])), BadBars::Length(90_000));
        assert_eq!(refused(bars(300_000, &[30_000])), BadBars::OffGrid(Time(30_000)));
        assert!(Recorded::new(&Instrument::btcusdt(), bars(15_000, &[15_000])).is_ok());
    }
}
