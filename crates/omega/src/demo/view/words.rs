//! Figures as short as a column is wide.

use model::{Instrument, Mark, Price, Usd};

/// A price in whole USDT, with thousands apart.
pub fn price(instrument: &Instrument, price: Price) -> String {
    whole(price.0 as f64 * instrument.tick.as_f64())
}

/// A number without decimals, with thousands apart.
pub fn whole(value: f64) -> String {
    crate::figures::count(value.round() as i64)
}

/// Money without cents.
pub fn money(usd: Usd) -> String {
    whole(usd.as_f64())
}

/// The same with its sign.
pub fn gain(usd: Usd) -> String {
    let text = money(usd);
    if usd.0 > 0 { format!("+{text}") } else { text }
}

/// A signed percentage of one decimal.
pub fn percent(fraction: f64) -> String {
    let percent = fraction * 100.0;
    // Nobody has lost -0.0 %.
    let percent = if percent.abs() < 0.05 { 0.0 } else { percent };
    format!("{percent:+.1}%")
}

/// The mark as a price, to the nearest tick.
pub fn ticks_of(instrument: &Instrument, mark: Mark) -> Price {
    let per_tick = instrument.mark_per_tick();
    Price((mark.0 + per_tick / 2).div_euclid(per_tick))
}

/// A share of a bar, such as `▮▮▮▯▯`.
pub fn bar(share: f64, cells: usize) -> String {
    let full = (share.clamp(0.0, 1.0) * cells as f64).round() as usize;
    "▮".repeat(full) + &"▯".repeat(cells - full)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        let instrument = Instrument::btcusdt();
        assert_eq!(price(&instrument, Price(601_234)), "60,123");
        assert_eq!((gain(Usd(12_345_678)), gain(Usd(-12_345_678))), ("+12".to_owned(), "-12".to_owned()));
        assert_eq!((percent(0.0123), percent(-0.0001)), ("+1.2%".to_owned(), "+0.0%".to_owned()));
        let mark = instrument.mark_of(Price(77));
        assert_eq!(ticks_of(&instrument, mark), Price(77));
        assert_eq!(ticks_of(&instrument, Mark(mark.0 + 1)), Price(77));
        assert_eq!((bar(0.5, 4), bar(2.0, 3), bar(-1.0, 2)), ("▮▮▯▯".into(), "▮▮▮".into(), "▯▯".into()));
    }
}
