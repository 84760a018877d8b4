//! Which column plays which role: by the names that venues and tools use, or by position where there are none.
//!
//! It refuses to choose between two columns of one name.

use crate::error::DataError;
use crate::limits::COLUMNS_MAX;
use std::path::Path;

/// What a column is to an importer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// First instant of the bar, or the funding instant.
    Time,
    /// First price.
    Open,
    /// Highest price.
    High,
    /// Lowest price.
    Low,
    /// Last price.
    Close,
    /// Traded quantity in the base coin.
    Volume,
    /// What of the volume takers bought.
    TakerBuyVolume,
    /// Funding rate.
    Rate,
    /// A reading of an outside influence.
    Reading,
}

/// The columns of bars.
pub(crate) const BARS: &[Role] = &[Role::Time, Role::Open, Role::High, Role::Low, Role::Close, Role::Volume];
/// The columns of mark prices.
pub(crate) const MARKS: &[Role] = &[Role::Time, Role::Open, Role::High, Role::Low, Role::Close];
/// What bars may have besides.
pub(crate) const TAKERS: &[Role] = &[Role::TakerBuyVolume];
/// The columns of funding rates.
pub(crate) const FUNDING: &[Role] = &[Role::Time, Role::Rate];
/// The columns of readings.
pub(crate) const READINGS: &[Role] = &[Role::Time, Role::Reading];

impl Role {
    /// Names in order of preference, lower case, letters and digits only.
    pub(crate) const fn aliases(self) -> &'static [&'static str] {
        match self {
            Role::Time => &[
                "opentime",
                "opentimems",
                "fundingtime",
                "calctime",
                "starttime",
                "timestamp",
                "timestampms",
                "datetime",
                "time",
                "date",
                "ts",
                "t",
                "unix",
                "utc",
                "utctime",
                "timeutc",
                "utcdate",
                "dateutc",
                "datetimeutc",
                "timestamputc",
                "timetag",
                "day",
                "epoch",
            ],
            Role::Open => &["open", "o", "openprice"],
            Role::High => &["high", "h", "highprice"],
            Role::Low => &["low", "l", "lowprice"],
            Role::Close => &["close", "c", "closeprice"],
            // BitMEX's `volume` counts contracts of one dollar; what it calls home notional is in coins.
            Role::Volume => &["homenotional", "basevolume", "volumebase", "volumebtc", "volume", "vol", "v"],
            Role::TakerBuyVolume => {
                &["takerbuyvolume", "takerbuybasevolume", "takerbuybaseassetvolume", "takerbuybase"]
            }
            Role::Rate => &["fundingrate", "lastfundingrate", "rate"],
            Role::Reading => &["value", "reading", "level"],
        }
    }

    /// The name in messages, and in the files that the farm writes.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Role::Time => "open_time",
            Role::Open => "open",
            Role::High => "high",
            Role::Low => "low",
            Role::Close => "close",
            Role::Volume => "volume",
            Role::TakerBuyVolume => "taker_buy_volume",
            Role::Rate => "funding_rate",
            Role::Reading => "value",
        }
    }
}

/// Names of a file's columns and the index of each role.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// As the file names them.
    pub names: Vec<String>,
    /// One index for each role asked for, in the order asked.
    pub picks: Vec<(Role, usize)>,
}

impl Layout {
    /// By name.
    pub(crate) fn by_name(file: &Path, names: Vec<String>, wanted: &[Role]) -> Result<Layout, DataError> {
        Layout::by_names_of(file, names, wanted, Role::aliases)
    }

    /// The same, by other names than the usual ones.
    pub(crate) fn by_names_of<'n>(
        file: &Path,
        names: Vec<String>,
        wanted: &[Role],
        aliases: impl Fn(Role) -> &'n [&'n str],
    ) -> Result<Layout, DataError> {
        few_enough(file, names.len())?;
        let plain: Vec<String> = names.iter().map(|name| plain_name(name)).collect();
        let mut picks = Vec::with_capacity(wanted.len());
        let mut missing = Vec::new();
        for &role in wanted {
            let alias = aliases(role).iter().find(|alias| plain.iter().any(|name| name == *alias));
            let Some(alias) = alias else {
                missing.push(role.name());
                continue;
            };
            let mut found = (0..plain.len()).filter(|&i| plain[i] == *alias);
            let index = found.next().expect("the alias was found among the names");
            if found.next().is_some() {
                return Err(DataError::DuplicateColumn { file: file.into(), column: names[index].clone() });
            }
            picks.push((role, index));
        }
        if missing.is_empty() {
            return Ok(Layout { names, picks });
        }
        let found = crate::error::one_line(&names.join(", "));
        Err(DataError::MissingColumns { file: file.into(), missing: missing.join(", "), found })
    }

    /// By position, as in the header-less archives of Binance: the time first, then open, high, low, close, volume;
    /// for funding the time first and the rate last.
    pub(crate) fn by_position(file: &Path, columns: usize, wanted: &[Role]) -> Result<Layout, DataError> {
        few_enough(file, columns)?;
        // What takers bought has no place that all venues agree on.
        let known = if wanted == TAKERS { 0 } else { columns };
        if known < wanted.len() {
            let missing: Vec<&str> = wanted[known..].iter().map(|role| role.name()).collect();
            let found = format!("{columns} without names");
            return Err(DataError::MissingColumns { file: file.into(), missing: missing.join(", "), found });
        }
        let place = |i: usize| if wanted[i] == Role::Rate { columns - 1 } else { i };
        let picks: Vec<(Role, usize)> = (0..wanted.len()).map(|i| (wanted[i], place(i))).collect();
        let mut names: Vec<String> = (1..=columns).map(|i| format!("column_{i}")).collect();
        for &(role, index) in &picks {
            names[index] = role.name().to_owned();
        }
        Ok(Layout { names, picks })
    }

    /// What the file calls the column of a role.
    pub(crate) fn name_of(&self, role: Role) -> &str {
        let pick = self.picks.iter().find(|(picked, _)| *picked == role);
        &self.names[pick.expect("only roles asked for are named").1]
    }
}

fn few_enough(file: &Path, columns: usize) -> Result<(), DataError> {
    if columns <= COLUMNS_MAX {
        return Ok(());
    }
    let (count, max) = (columns as u64, COLUMNS_MAX as u64);
    Err(DataError::TooLarge { file: file.into(), what: "columns", count, max })
}

/// `Open Time`, `open_time` and `openTime` are one name.
pub(crate) fn plain_name(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(header: &str, wanted: &[Role]) -> Vec<usize> {
        let names = header.split(',').map(str::to_owned).collect();
        let layout = Layout::by_name(Path::new("x.csv"), names, wanted).unwrap();
        layout.picks.iter().map(|&(_, index)| index).collect()
    }

    #[test]
    fn names_of_many_venues() {
        for (header, wanted, want) in [
            ("open_time,open,high,low,close,volume,close_time,count", BARS, vec![0, 1, 2, 3, 4, 5]),
            ("timestamp,open_time,open,high,low,close,volume", BARS, vec![1, 2, 3, 4, 5, 6]),
            ("Date,Close,Open,High,Low,Volume", BARS, vec![0, 2, 3, 4, 1, 5]),
            ("timestamp,open,high,low,close,basevolume,usdtvolume", BARS, vec![0, 1, 2, 3, 4, 5]),
            ("open_time,o,h,l,c,volume,homeNotional", BARS, vec![0, 1, 2, 3, 4, 6]),
            ("openTime,Open Price,H,L,C", MARKS, vec![0, 1, 2, 3, 4]),
            ("calc_time,funding_interval_hours,last_funding_rate", FUNDING, vec![0, 2]),
            ("symbol,fundingRate,fundingTime", FUNDING, vec![2, 1]),
        ] {
            assert_eq!(picked(header, wanted), want, "{header}");
        }
    }

    #[test]
    fn ambiguous_and_missing_names_are_refused() {
        let names = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        let twice = Layout::by_name(Path::new("x.csv"), names("time,open,Open,high,low,close,volume"), BARS);
        assert_eq!(twice.unwrap_err().to_string(), "x.csv has more than one column `open`");
        let short = Layout::by_name(Path::new("x.csv"), names("time,open,low,close"), BARS);
        assert_eq!(
            short.unwrap_err().to_string(),
            "x.csv has no column for high, volume; its columns are time, open, low, close"
        );
    }
}
