//! A market made bar by bar for the tests of strategies. It refuses to be random: what is drawn is what is seen.

use crate::strategy::{Context, Held, Outside};
use market::{FrameSet, Market, Wants};
use model::{Bar, BarColumns, Interval, Price, Side, Time};

/// A view of what a strategy wants, fed with bars of the smallest of them.
#[derive(Clone, Debug)]
pub(crate) struct MadeMarket {
    market: Market,
    base: Interval,
    open_time: Time,
    close: i64,
    closed: FrameSet,
}

impl MadeMarket {
    /// At this price, on a midnight.
    pub(crate) fn new(wants: Wants, price: i64) -> MadeMarket {
        let base = wants.frames().iter().next().expect("a strategy reads a frame").interval();
        let market = Market::new(base, wants).expect("a frame divides the longer ones");
        MadeMarket { market, base, open_time: Time(0), close: price, closed: FrameSet::EMPTY }
    }

    /// A bar from the last close to `close`, with a wick of so many ticks at both ends.
    pub(crate) fn bar(&mut self, close: i64, wick: i64, volume: f64) {
        let mut bars = BarColumns::new(self.base);
        bars.push(Bar {
            open_time: self.open_time,
            open: Price(self.close),
            high: Price(self.close.max(close) + wick),
            low: Price(self.close.min(close) - wick),
            close: Price(close),
            volume,
        });
        let (taken, closed) = self.market.absorb(bars.as_bars());
        assert_eq!(taken, 1);
        self.closed = closed;
        self.close = close;
        self.open_time = self.market.now();
    }

    /// So many bars up and down by `step`, ending where they began if there is an even number of them.
    pub(crate) fn wiggle(&mut self, bars: usize, step: i64, volume: f64) {
        for i in 0..bars {
            let way = if i % 2 == 0 { 1 } else { -1 };
            self.bar(self.close + way * step, step / 2, volume);
        }
    }

    /// The last close.
    pub(crate) fn close(&self) -> i64 {
        self.close
    }

    /// What a strategy sees now.
    pub(crate) fn context(&self, alignment: f64) -> Context<'_> {
        Context {
            market: &self.market,
            closed: self.closed,
            now: self.market.now(),
            price: Price(self.close),
            outside: Outside::Aligned(alignment),
        }
    }

    /// A position entered this long ago at the last close, with its stop a hundredth away.
    pub(crate) fn held(&self, side: Side, ago: Interval) -> Held {
        let stop = Price(self.close - side.sign() * self.close / 100);
        Held { side, entry: Price(self.close), first_stop: stop, stop, since: self.market.now() - ago }
    }
}
