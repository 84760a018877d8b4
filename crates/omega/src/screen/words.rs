//! Figures as short as a column is wide.

/// A number without decimals, with thousands apart.
pub fn whole(value: f64) -> String {
    crate::figures::count(value.round() as i64)
}

/// The same with its sign.
pub fn gain(value: f64) -> String {
    let text = whole(value);
    if value > 0.0 && text != "0" { format!("+{text}") } else { text }
}

/// A signed percentage of one decimal.
pub fn percent(fraction: f64) -> String {
    let percent = fraction * 100.0;
    // Nobody has lost -0.0 %.
    let percent = if percent.abs() < 0.05 { 0.0 } else { percent };
    format!("{percent:+.1}%")
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
        assert_eq!(whole(60_123.4), "60,123");
        assert_eq!(
            (gain(12.3), gain(-12.3), gain(0.2)),
            ("+12".to_owned(), "-12".to_owned(), "0".to_owned())
        );
        assert_eq!((percent(0.0123), percent(-0.0001)), ("+1.2%".to_owned(), "+0.0%".to_owned()));
        assert_eq!((bar(0.5, 4), bar(2.0, 3), bar(-1.0, 2)), ("▮▮▯▯".into(), "▮▮▮".into(), "▯▯".into()));
    }
}
