//! Made markets and tampered ones. The tamper test: history with its future replaced by noise; decisions before it
//! must not change by a bit.

use model::{Bar, BarColumns, Interval, Price, Rng, Time};

/// The same bars with everything from index `from` on replaced by a random walk.
pub fn replace_future(bars: &BarColumns, from: usize, seed: u64) -> BarColumns {
    let mut tampered = bars.clone();
    let mut rng = Rng::new(seed);
    let mut last = from.checked_sub(1).map_or(bars.open[0].0, |before| bars.close[before].0);
    for i in from..bars.len() {
        let reach = (last / 200).max(2) as u64;
        let mut step = |around: i64| (around + rng.below(2 * reach + 1) as i64 - reach as i64).max(1);
        let (open, close) = (step(last), step(last));
        let (up, down) = (step(open), step(close));
        tampered.open[i] = Price(open);
        tampered.close[i] = Price(close);
        tampered.high[i] = Price(open.max(close).max(up).max(down));
        tampered.low[i] = Price(open.min(close).min(up).min(down));
        tampered.volume[i] = rng.unit() * 1_000.0;
        last = close;
    }
    tampered
}

/// A made market: one-minute bars of a seeded walk with trends of hours, for tests and benchmarks without data.
pub fn random_market(bars: usize, seed: u64) -> BarColumns {
    let mut rng = Rng::new(seed);
    let mut market = BarColumns::new(Interval::MINUTE);
    let (mut price, mut drift) = (400_000_i64, 0_i64);
    for i in 0..bars {
        if i % 360 == 0 {
            drift = rng.below(61) as i64 - 30;
        }
        let reach = (price / 1_500).max(2);
        let mut near = |around: i64, by: i64| (around + rng.below(2 * by as u64 + 1) as i64 - by).max(10);
        let open = near(price, 2);
        let close = near(open + drift, reach);
        let (up, down) = (near(open.max(close), reach / 2), near(open.min(close), reach / 2));
        market.push(Bar {
            open_time: Time(1_577_836_800_000 + i as i64 * Interval::MINUTE.0),
            open: Price(open),
            high: Price(open.max(close).max(up)),
            low: Price(open.min(close).min(down)),
            close: Price(close),
            volume: 1.0 + rng.unit() * 200.0,
        });
        price = close;
    }
    market
}

/// The same market with bursts.
pub fn bursty_market(bars: usize, seed: u64) -> BarColumns {
    let mut market = random_market(bars, seed);
    add_bursts(&mut market, !seed);
    market
}

/// Lays bursts over a market of minutes: every now and then a quarter of an hour runs one way on eight times the volume,
/// which is what methods that wait for volume need to see.
pub fn add_bursts(market: &mut BarColumns, seed: u64) {
    let mut rng = Rng::new(seed);
    let (mut lift, mut push) = (0_i64, 0_i64);
    for i in 0..market.len() {
        if i % 15 == 0 {
            push = if rng.below(20) == 0 {
                (rng.below(2) as i64 * 2 - 1) * (market.close[i].0 / 1_500)
            } else {
                0
            };
        }
        let (before, after) = (lift, lift + push);
        lift = after;
        let shift = |price: &mut Price, by: i64| *price = Price((price.0 + by).max(10));
        shift(&mut market.open[i], before);
        shift(&mut market.close[i], after);
        shift(&mut market.high[i], before.max(after));
        shift(&mut market.low[i], before.min(after));
        if push != 0 {
            market.volume[i] *= 8.0;
        }
    }
}
