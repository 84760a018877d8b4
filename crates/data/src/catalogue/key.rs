//! What a file of the catalogue is called: source, symbol, kind, interval and the UTC day or month it is about.
//!
//! It refuses a symbol that is not plain letters and digits: a name is also a path.

use model::{Interval, Time};
use std::fmt;
use std::path::PathBuf;

/// Whose history it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Binance USDT-M futures.
    Binance,
    /// Bitget USDT-M futures.
    Bitget,
}

impl Origin {
    /// All of them.
    pub const ALL: [Origin; 2] = [Origin::Binance, Origin::Bitget];

    /// As it is typed, and as its directory is called.
    pub const fn name(self) -> &'static str {
        match self {
            Origin::Binance => "binance",
            Origin::Bitget => "bitget",
        }
    }

    /// The one of that name.
    pub fn from_name(name: &str) -> Option<Origin> {
        Origin::ALL.into_iter().find(|origin| origin.name() == name)
    }
}

/// What the rows are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Traded prices.
    Bars,
    /// Funding rates.
    Funding,
    /// Mark prices.
    Mark,
    /// Index prices.
    Index,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 4] = [Kind::Bars, Kind::Funding, Kind::Mark, Kind::Index];

    /// As it is typed.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Bars => "bars",
            Kind::Funding => "funding",
            Kind::Mark => "mark",
            Kind::Index => "index",
        }
    }

    /// The one of that name.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The longest that lies between two funding instants; a market may settle more often.
pub const FUNDING_SLOT: Interval = Interval(8 * Interval::HOUR.0);
/// Longest symbol.
const SYMBOL_BYTES_MAX: usize = 32;
/// The lengths of bars that are kept: a day holds several of each, so that a day's file shows its own interval.
pub const INTERVALS: [Interval; 7] = [
    Interval::MINUTE,
    Interval::minutes(3),
    Interval::minutes(5),
    Interval::minutes(15),
    Interval::minutes(30),
    Interval::HOUR,
    Interval::minutes(240),
];

/// One kind of rows of one market at one source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Series {
    /// Whose.
    pub origin: Origin,
    /// Which market.
    pub symbol: String,
    /// What.
    pub kind: Kind,
    /// The length of a bar; of funding the longest that lies between two instants.
    pub interval: Interval,
}

impl Series {
    /// A series; `None` where the symbol is no plain name.
    pub fn new(origin: Origin, symbol: &str, kind: Kind, interval: Interval) -> Option<Series> {
        let plain = symbol.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if symbol.is_empty() || symbol.len() > SYMBOL_BYTES_MAX || !plain {
            return None;
        }
        let interval = if kind == Kind::Funding { FUNDING_SLOT } else { interval };
        Some(Series { origin, symbol: symbol.to_owned(), kind, interval })
    }

    /// Its directory below the root.
    pub fn folder(&self) -> PathBuf {
        let name = match self.kind {
            Kind::Funding => self.kind.name().to_owned(),
            kind => format!("{}-{}", kind.name(), self.interval),
        };
        PathBuf::from(self.origin.name()).join(&self.symbol).join(name)
    }

    /// What the last part of a directory means.
    pub(crate) fn kind_of_folder(name: &str) -> Option<(Kind, Interval)> {
        if name == Kind::Funding.name() {
            return Some((Kind::Funding, FUNDING_SLOT));
        }
        let (kind, length) = name.split_once('-')?;
        let kind = Kind::from_name(kind).filter(|kind| *kind != Kind::Funding)?;
        INTERVALS.into_iter().find(|interval| interval.to_string() == length).map(|interval| (kind, interval))
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.origin.name(), self.symbol, self.kind.name())?;
        if self.kind == Kind::Funding { Ok(()) } else { write!(f, " {}", self.interval) }
    }
}

/// The UTC day or month that a file is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Period {
    /// A day, by its midnight.
    Day(Time),
    /// A month, by the midnight of its first day.
    Month(Time),
}

impl Period {
    /// The day that holds an instant.
    pub fn day_of(time: Time) -> Period {
        Period::Day(time.floor(Interval::DAY))
    }

    /// The month that holds an instant.
    pub fn month_of(time: Time) -> Period {
        let (year, month, _) = time.date();
        Period::Month(Time::from_date(year, month, 1).expect("every month has a first day"))
    }

    /// First instant.
    pub fn start(self) -> Time {
        match self {
            Period::Day(start) | Period::Month(start) => start,
        }
    }

    /// First instant that is no longer in it.
    pub fn end(self) -> Time {
        match self {
            Period::Day(start) => start + Interval::DAY,
            Period::Month(start) => month_after(start).expect("a month whose end is no date is not named"),
        }
    }

    /// Its midnights, in order.
    pub fn days(self) -> impl Iterator<Item = Time> {
        let (start, end) = (self.start(), self.end());
        (0..(end - start).0 / Interval::DAY.0).map(move |day| start + Interval(day * Interval::DAY.0))
    }

    /// The period of a name such as `2024-01-05` or `2024-01`; `None` where it ends after the last date there is.
    pub fn from_name(name: &str) -> Option<Period> {
        let number = |text: &str, digits: usize| {
            (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| text.parse::<i64>().ok())?
        };
        let mut parts = name.split('-');
        let (year, month) = (number(parts.next()?, 4)?, number(parts.next()?, 2)?);
        let period = match parts.next() {
            Some(day) => Period::Day(Time::from_date(year, month, number(day, 2)?)?),
            None => {
                let start = Time::from_date(year, month, 1)?;
                month_after(start)?;
                Period::Month(start)
            }
        };
        parts.next().is_none().then_some(period)
    }
}

/// The first instant of the month after one; `None` where that is no date.
fn month_after(start: Time) -> Option<Time> {
    let (year, month, _) = start.date();
    let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    Time::from_date(year, month, 1)
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.start().date();
        match self {
            Period::Day(_) => write!(f, "{year:04}-{month:02}-{day:02}"),
            Period::Month(_) => write!(f, "{year:04}-{month:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_what_they_name() {
        for name in ["2024-02-29", "2024-02", "2023-12", "2023-12-31"] {
            let period = Period::from_name(name).unwrap();
            assert_eq!(period.to_string(), name);
            assert_eq!(period.days().count() as i64, (period.end() - period.start()).0 / Interval::DAY.0);
        }
        for name in ["2023-02-29", "2023", "2023-13", "2023-1", "2023-01-01-01", "23-01-01", "9999-12", "x"] {
            assert_eq!(Period::from_name(name), None, "{name}");
        }
        assert_eq!(Period::from_name("2024-02").unwrap().days().count(), 29);
        for kind in Kind::ALL {
            let series = Series::new(Origin::Binance, "BTCUSDT", kind, Interval::minutes(15)).unwrap();
            let folder = series.folder();
            let name = folder.file_name().unwrap().to_str().unwrap();
            assert_eq!(Series::kind_of_folder(name), Some((kind, series.interval)));
        }
    }

    #[test]
    fn a_symbol_cannot_lead_elsewhere() {
        for symbol in ["", "../X", "btc", "BTC/USDT", "牛来USDT", "A.B", &"A".repeat(33)] {
            assert_eq!(Series::new(Origin::Bitget, symbol, Kind::Bars, Interval::MINUTE), None, "{symbol}");
        }
    }
}
