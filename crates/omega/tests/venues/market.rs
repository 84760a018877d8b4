//! The made market: what everything costs in every minute, whoever asks.

use model::Time;

pub const MINUTE_MS: i64 = 60_000;
pub const FUNDING_MS: i64 = 8 * 3_600_000;

/// Tenths of a dollar in a minute: waves of hours and of days.
fn price(minute: i64) -> i64 {
    let wave = |length: i64| (minute.rem_euclid(2 * length) - length).abs();
    400_000 + wave(1_440) * 3 + wave(37) * 20 + wave(211) * 7
}

/// Time, open, high, low, close, volume of a bar; a mark has finer prices and no volume.
pub fn row(open_time: i64, interval: i64, is_mark: bool) -> [String; 6] {
    let (first, last) = (open_time / MINUTE_MS, (open_time + interval) / MINUTE_MS);
    let prices = first..=last;
    let (high, low) = (prices.clone().map(price).max().unwrap() + 5, prices.map(price).min().unwrap() - 5);
    let fraction = if is_mark { "1234567" } else { "" };
    let text = |tenths: i64| format!("{}.{}{fraction}", tenths / 10, tenths % 10);
    let volume = if is_mark { "0".to_owned() } else { format!("{}.5", first % 7 + 1) };
    [open_time.to_string(), text(price(first)), text(high), text(low), text(price(last)), volume]
}

/// The rate at an instant.
pub fn rate(time: i64) -> String {
    let step = (time / FUNDING_MS) % 7 - 3;
    format!("{}0.0000{}", if step < 0 { "-" } else { "" }, step.abs())
}

/// Rows of a span.
pub fn rows(from: i64, to: i64, interval: i64, is_mark: bool) -> Vec<[String; 6]> {
    (from..to).step_by(interval as usize).map(|time| row(time, interval, is_mark)).collect()
}

/// Midnight of a date written `20240105`.
pub fn compact_day(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    Some(Time::from_date(number(0..4)?, number(4..6)?, number(6..8)?)?.0)
}
