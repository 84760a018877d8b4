//! The equity curve of one bot: every bar's close for the drawdown, one sample a UTC day for the metrics.

use model::{Instrument, Position, Price, Time, Usd};

/// A daily sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Midnight, or the end of the data.
    pub time: Time,
    /// Wallet plus unrealised profit at the last close.
    pub equity: Usd,
}

/// Running extremes and daily samples.
#[derive(Clone, Debug)]
pub struct EquityCurve {
    samples: Vec<Sample>,
    peak: i64,
    trough: i64,
    drawdown: f64,
    /// Equity at a price of zero, in micro-USDT.
    base: i64,
    /// Equity per tick of price.
    slope: i64,
    wide: bool,
    /// No close lies above it.
    price_max: Price,
}

impl EquityCurve {
    /// Starts at `capital`, with room for `days` samples; no close will lie above `price_max`.
    pub fn new(start: Time, capital: Usd, days: usize, price_max: Price) -> EquityCurve {
        let mut samples = Vec::with_capacity(days + 2);
        samples.push(Sample { time: start, equity: capital });
        EquityCurve {
            samples,
            peak: capital.0,
            trough: capital.0,
            drawdown: 0.0,
            base: capital.0,
            slope: 0,
            wide: false,
            price_max,
        }
    }

    /// The wallet or the position changed: equity is a straight line in the price until they change again.
    pub fn hold(&mut self, instrument: &Instrument, wallet: Usd, position: &Position) {
        let value = instrument.tick_lot_value();
        let base = i128::from(wallet.0) * value.denominator - position.cost * value.numerator;
        let slope = i128::from(position.qty.0) * value.numerator;
        let fits = |x: i128| -(1 << 60) < x && x < 1 << 60;
        // Where a tick-lot is finer than a micro-USDT or the position is vast, the wide path is taken.
        self.wide = value.denominator != 1 || !fits(base) || !fits(slope * i128::from(self.price_max.0));
        if !self.wide {
            (self.base, self.slope) = (base as i64, slope as i64);
        }
    }

    /// Marks at the closes of bars during which nothing changed.
    #[inline]
    pub fn mark(&mut self, instrument: &Instrument, wallet: Usd, position: &Position, closes: &[Price]) {
        if position.is_flat() {
            return self.touch(wallet.0);
        }
        if self.wide {
            return self.mark_wide(instrument, wallet, position, closes);
        }
        let (mut peak, mut trough) = (self.peak, self.trough);
        for close in closes {
            // `hold` has made sure that no close overflows this.
            let equity = self.slope.wrapping_mul(close.0).wrapping_add(self.base);
            if equity > peak {
                self.drawdown = self.drawdown.max(fraction(peak, trough));
                (peak, trough) = (equity, equity);
            }
            trough = trough.min(equity);
        }
        (self.peak, self.trough) = (peak, trough);
    }

    fn mark_wide(&mut self, instrument: &Instrument, wallet: Usd, position: &Position, closes: &[Price]) {
        for &close in closes {
            self.touch((wallet + instrument.usd(position.unrealised(close))).0);
        }
    }

    fn touch(&mut self, equity: i64) {
        if equity > self.peak {
            self.drawdown = self.drawdown.max(fraction(self.peak, self.trough));
            (self.peak, self.trough) = (equity, equity);
        }
        self.trough = self.trough.min(equity);
    }

    /// Takes a daily sample.
    pub fn sample(&mut self, time: Time, equity: Usd) {
        if self.samples.last().is_some_and(|last| last.time == time) {
            return;
        }
        self.samples.push(Sample { time, equity });
    }

    /// The daily samples, the starting capital first.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// Deepest fall from a peak at the closes of bars, as a negative fraction of the peak.
    pub fn max_drawdown(&self) -> f64 {
        let deepest = self.drawdown.max(fraction(self.peak, self.trough));
        if deepest > 0.0 { -deepest } else { 0.0 }
    }
}

fn fraction(peak: i64, trough: i64) -> f64 {
    if peak <= 0 || trough == peak { 0.0 } else { (peak as f64 - trough as f64) / peak as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Qty;

    #[test]
    fn fast_and_wide_paths_agree() {
        let mut rng = model::Rng::new(9);
        let closes: Vec<Price> = (0..5_000).map(|_| Price(400_000 + rng.below(80_000) as i64)).collect();
        let fine: Vec<Price> = closes.iter().map(|close| Price(close.0 * 10_000_000)).collect();
        let capital = Usd(10_000 * Usd::ONE.0);
        let drawdown = |instrument: &Instrument, closes: &[Price], entry: i64| {
            let mut position = Position::FLAT;
            position.fill(Qty(-150), Price(entry));
            let mut curve = EquityCurve::new(Time(0), capital, 1, Price(4_800_000_000_000));
            curve.hold(instrument, capital, &position);
            curve.mark(instrument, capital, &position, closes);
            curve.max_drawdown()
        };
        let coarse = drawdown(&Instrument::btcusdt(), &closes, 440_000);
        let wide = drawdown(&Instrument::btcusdt().with_price_decimals(8), &fine, 4_400_000_000_000);
        assert!(coarse < -0.05);
        assert_eq!(coarse.to_bits(), wide.to_bits());
    }

    #[test]
    fn the_straight_line_misses_no_extreme() {
        let instrument = Instrument::btcusdt();
        let mut rng = model::Rng::new(4);
        let mut curve = EquityCurve::new(Time(0), Usd(1_000_000_000), 1, Price(600_000));
        let (mut wallet, mut position) = (Usd(1_000_000_000), Position::FLAT);
        let (mut peak, mut deepest, mut price) = (wallet.0, 0.0_f64, 400_000_i64);
        for _ in 0..400 {
            let fill = Price(price);
            let realised = position.fill(Qty(rng.below(41) as i64 - 20), fill);
            wallet += instrument.usd(realised.profit);
            curve.hold(&instrument, wallet, &position);
            let closes: Vec<Price> = (0..rng.below(40))
                .map(|_| {
                    price = (price + rng.below(2_001) as i64 - 1_000).clamp(200_000, 600_000);
                    Price(price)
                })
                .collect();
            curve.mark(&instrument, wallet, &position, &closes);
            let marks = if position.is_flat() { vec![fill] } else { closes };
            for close in marks {
                let equity = (wallet + instrument.usd(position.unrealised(close))).0;
                peak = peak.max(equity);
                deepest = deepest.max((peak as f64 - equity as f64) / peak as f64);
            }
        }
        assert!(deepest > 0.1, "{deepest}");
        assert_eq!(curve.max_drawdown().to_bits(), (-deepest).to_bits());
    }

    #[test]
    fn the_starting_capital_is_the_first_peak() {
        let mut curve = EquityCurve::new(Time(0), Usd(100), 1, Price(1));
        for equity in [90, 92, 93] {
            curve.touch(equity);
        }
        assert!((curve.max_drawdown() + 0.1).abs() < 1e-15);
    }
}
