//! The flags that say which sky a command stands under, for every command that has one.
//!
//! It refuses a reading whose factor is worked out, and a place that is not on Earth.

use crate::error::Failure;
use crate::fetch;
use clap::Args;
use cosmos::ephemeris::{FROM, TO};
use cosmos::{Almanac, Coordinates, Factor, FactorSet, Sky};
use data::{ReadingOptions, readings_from_bytes};
use model::{Interval, Time};
use std::path::Path;
use std::sync::Arc;

/// The sky.
#[derive(Args, Clone, Debug)]
pub struct SkyFlags {
    /// Factors that are felt: names, all or none
    #[arg(long, value_name = "NAMES", default_value = "all", value_delimiter = ',')]
    pub factors: Vec<String>,
    /// Readings of kp, schumann, sentiment or liquidity: FACTOR=FILE or FACTOR=URL, then any of ,column= ,unit=
    /// ,source= ,interval=3h ,lag=1h ,stale=2d; may be repeated
    #[arg(long, value_name = "FACTOR=FILE")]
    pub reading: Vec<String>,
    /// Where the trader lives, for season and hour: degrees north
    #[arg(long, value_name = "DEG", default_value_t = 51.5, allow_negative_numbers = true)]
    pub latitude: f64,
    /// Degrees east
    #[arg(long, value_name = "DEG", default_value_t = 0.0, allow_negative_numbers = true)]
    pub longitude: f64,
}

impl Default for SkyFlags {
    /// As on a command line that says nothing of a sky.
    fn default() -> SkyFlags {
        let command = SkyFlags::augment_args(clap::Command::new("sky"));
        let matches = command.try_get_matches_from(["sky"]).expect("every flag of a sky has a default");
        clap::FromArgMatches::from_arg_matches(&matches).expect("clap checked the flags when it matched them")
    }
}

/// Room on both sides of a market, so that a factor can be moved by its period.
const MARGIN: Interval = Interval(400 * Interval::DAY.0);

impl SkyFlags {
    /// The factors that were named.
    pub fn named(&self) -> Result<FactorSet, Failure> {
        let mut set = FactorSet::EMPTY;
        for name in self.factors.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
            match name {
                "all" => set = FactorSet::ALL,
                "none" => {}
                name => set = set.with(factor("--factors", name)?),
            }
        }
        Ok(set)
    }

    /// The sky over `from..=to`, every factor on that was named.
    pub fn sky(&self, from: Time, to: Time) -> Result<Sky, Failure> {
        let on = self.named()?;
        let place = Coordinates::new(self.latitude, self.longitude).ok_or_else(|| {
            Failure::usage(
                format!("{} north, {} east is no place on Earth", self.latitude, self.longitude),
                "give --latitude in -90..90 and --longitude in -180..180",
            )
        })?;
        let mut sky = Sky::none().with_factors(on).with_coordinates(place);
        let reach = (Time((from - MARGIN).0.max(FROM.0)), Time((to + MARGIN).0.min(TO.0)));
        // Before 1950 and after 2100 there is no almanac; the Moon is absent there, not guessed.
        if reach.0 < reach.1 {
            let almanac = Almanac::new(reach.0, reach.1).expect("the range was cut to the ephemeris");
            sky = sky.with_almanac(Arc::new(almanac));
        }
        for text in &self.reading {
            sky = sky.with_series(Arc::new(series(text)?));
        }
        Ok(sky)
    }
}

/// A factor by its word.
pub fn factor(flag: &str, name: &str) -> Result<Factor, Failure> {
    Factor::from_name(name).ok_or_else(|| {
        let known = Factor::ALL.map(Factor::name).join(", ");
        Failure::usage(format!("{flag}: no factor is called \"{name}\""), format!("there are {known}"))
    })
}

const FORM: &str = "give FACTOR=FILE, such as kp=kp.csv,unit=Kp,source=GFZ,lag=1h";

fn series(text: &str) -> Result<cosmos::Series, Failure> {
    let wrong = |problem: String| Failure::usage(format!("--reading {text}: {problem}"), FORM);
    let (name, rest) = text.split_once('=').ok_or_else(|| wrong("it has no =".to_owned()))?;
    let factor = factor("--reading", name)?;
    if !factor.is_read() {
        return Err(wrong(format!("{name} is worked out and needs no reading")));
    }
    let mut parts = rest.split(',');
    let file =
        parts.next().filter(|file| !file.is_empty()).ok_or_else(|| wrong("it names no file".to_owned()))?;
    let mut options = ReadingOptions::default();
    for part in parts {
        let (key, value) =
            part.split_once('=').ok_or_else(|| wrong(format!("\"{part}\" is not KEY=VALUE")))?;
        let length = || length(value).ok_or_else(|| wrong(format!("{key}={value} is no length of time")));
        match key {
            "column" => options.column = Some(value.to_owned()),
            "unit" => options.unit = Some(value.to_owned()),
            "source" => options.source = Some(value.to_owned()),
            "interval" => options.interval = Some(length()?),
            "lag" => options.lag = Some(length()?),
            "stale" => options.stale_after = Some(length()?),
            _ => return Err(wrong(format!("nothing is called \"{key}\""))),
        }
    }
    let bytes = fetch::bytes(file)?;
    Ok(readings_from_bytes(Path::new(file), bytes, factor, &options)?)
}

/// `90m`, `3h`, `2d`.
fn length(text: &str) -> Option<Interval> {
    let unit = match text.chars().last()? {
        'm' => Interval::MINUTE,
        'h' => Interval::HOUR,
        'd' => Interval::DAY,
        _ => return None,
    };
    let count: u32 = text[..text.len() - 1].parse().ok()?;
    Some(Interval(i64::from(count) * unit.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        assert_eq!(length("3h"), Some(Interval(3 * Interval::HOUR.0)));
        assert_eq!((length("90m"), length("2d")), (Some(Interval::minutes(90)), Some(Interval(172_800_000))));
        assert_eq!((length("3"), length("h"), length("-1h"), length("")), (None, None, None, None));
    }
}
