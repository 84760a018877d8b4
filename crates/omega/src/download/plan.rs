//! Which files a wish takes: what is there already is left alone, whole past months come as one, the rest by days.
//!
//! Pure: it knows the day it is because it is told. It refuses a period that would overlap a file that is there.

use super::{archive_binance, archive_bitget, rest_bitget};
use data::catalogue::{Kind, Manifest, Origin, Period, Series, Span};
use model::Time;

/// From which of a source's doors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// Files of whole days or months.
    Archive,
    /// Pages of the public interface.
    Rest,
}

/// Where the sources are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bases {
    /// Binance's archive.
    pub binance: String,
    /// Bitget's archive.
    pub bitget_archive: String,
    /// Bitget's public interface.
    pub bitget_rest: String,
}

/// What is wanted of a series.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Of which.
    pub series: Series,
    /// By which door.
    pub via: Via,
    /// Whole UTC days.
    pub span: Span,
}

/// How a body shows that it arrived whole and unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// By a file of the same name that ends in `.CHECKSUM`.
    Sidecar,
    /// By an entity tag that is an MD5, where the server sends one.
    EntityTag,
    /// By being an envelope that says so.
    Envelope,
}

/// Something to fetch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Body {
    /// Its address.
    pub url: String,
    /// How it is checked.
    pub check: Check,
}

/// How bodies become rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipe {
    /// One zip of Binance.
    BinanceZip,
    /// Two zips of Bitget, whose days begin at 16:00 UTC.
    BitgetZips,
    /// Pages of candles.
    BitgetPages,
    /// Pages of funding rates, newest first: how many are read is known only as they come.
    BitgetFunding,
}

/// One file of the catalogue to make; of funding pages, all files that the pages are about.
#[derive(Clone, Debug)]
pub struct Job {
    /// Of which series.
    pub series: Series,
    /// Of which days or months, in order.
    pub periods: Vec<Period>,
    /// How.
    pub recipe: Recipe,
    /// From what.
    pub bodies: Vec<Body>,
    /// What is known of the sound file that it replaces: it must have more rows, and all of those.
    pub before: Option<Manifest>,
}

/// Something that cannot be had, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack {
    /// Of which series.
    pub series: Series,
    /// Which day or month.
    pub period: Period,
    /// Why, naming the address.
    pub why: String,
}

/// What to do, and what cannot be done.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What to do.
    pub jobs: Vec<Job>,
    /// What no source publishes.
    pub lacks: Vec<Lack>,
}

/// When a whole month is one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Months {
    Never,
    WhereWhollyWanted,
    WhereOver,
    Only,
}

fn months(origin: Origin, kind: Kind) -> Months {
    match (origin, kind) {
        // Binance publishes funding by months only.
        (Origin::Binance, Kind::Funding) => Months::Only,
        (Origin::Binance, _) => Months::WhereWhollyWanted,
        (Origin::Bitget, Kind::Funding) => Months::WhereOver,
        (Origin::Bitget, _) => Months::Never,
    }
}

/// The periods of a span that are not there, none overlapping one that is.
fn periods(span: Span, have: &[Period], today: Time, months: Months) -> Vec<Period> {
    assert!(span.from.time_of_day_ms() == 0 && span.to.time_of_day_ms() == 0, "whole days are wanted");
    let mut wanted = Vec::new();
    let mut month_start = Period::month_of(span.from);
    while month_start.start() < span.to {
        let month = month_start;
        month_start = Period::Month(month.end());
        let days = || month.days().filter(|day| span.from <= *day && *day < span.to);
        let is_there = |day: Time| have.iter().any(|period| period.start() <= day && day < period.end());
        let is_untouched = !month.days().any(is_there);
        let is_over = month.end() <= today;
        let as_month = match months {
            Months::Never => false,
            Months::WhereWhollyWanted => is_over && is_untouched && days().count() == month.days().count(),
            Months::WhereOver => is_over && is_untouched,
            Months::Only => is_untouched,
        };
        if as_month {
            wanted.push(month);
        } else {
            wanted.extend(days().filter(|day| !is_there(*day)).map(Period::Day));
        }
    }
    wanted
}

/// What a wish takes beyond what is there.
pub fn plan(wish: &Wish, have: &[Period], today: Time, bases: &Bases) -> Plan {
    let Wish { series, via, span } = wish;
    let periods = periods(*span, have, today, months(series.origin, series.kind));
    let mut plan = Plan::default();
    if series.origin == Origin::Bitget && series.kind == Kind::Funding {
        if !periods.is_empty() {
            let (series, recipe) = (series.clone(), Recipe::BitgetFunding);
            plan.jobs.push(Job { series, periods, recipe, bodies: Vec::new(), before: None });
        }
        return plan;
    }
    for period in periods {
        if series.kind == Kind::Funding && period.end() > today {
            let why = "Binance publishes funding when the month is over; bitget has it sooner".to_owned();
            plan.lacks.push(Lack { series: series.clone(), period, why });
            continue;
        }
        plan.jobs.push(job(series, *via, period, bases));
    }
    plan
}

/// What makes the file of a period.
pub fn job(series: &Series, via: Via, period: Period, bases: &Bases) -> Job {
    let (recipe, bodies) = match (series.origin, series.kind, via) {
        (Origin::Binance, ..) => {
            (Recipe::BinanceZip, vec![archive_binance::body(&bases.binance, series, period)])
        }
        (Origin::Bitget, Kind::Funding, _) => (Recipe::BitgetFunding, Vec::new()),
        (Origin::Bitget, Kind::Bars, Via::Archive) => (
            Recipe::BitgetZips,
            archive_bitget::bodies(&bases.bitget_archive, &series.symbol, period.start()),
        ),
        (Origin::Bitget, ..) => {
            (Recipe::BitgetPages, rest_bitget::candle_pages(&bases.bitget_rest, series, period))
        }
    };
    Job { series: series.clone(), periods: vec![period], recipe, bodies, before: None }
}

/// The days of a month that is not published as one.
pub fn by_days(job: &Job, bases: &Bases) -> Option<Vec<Job>> {
    let [month @ Period::Month(_)] = job.periods[..] else { return None };
    if job.recipe != Recipe::BinanceZip || job.series.kind == Kind::Funding {
        return None;
    }
    let of_day = |day: Time| self::job(&job.series, Via::Archive, Period::Day(day), bases);
    Some(month.days().map(of_day).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Interval;

    fn day(name: &str) -> Time {
        Period::from_name(name).unwrap().start()
    }

    fn planned(from: &str, to: &str, have: &[&str], months: Months) -> String {
        let span = Span { from: day(from), to: day(to) + Interval::DAY };
        let have: Vec<Period> = have.iter().map(|name| Period::from_name(name).unwrap()).collect();
        let names: Vec<String> =
            periods(span, &have, day("2024-04-10"), months).iter().map(Period::to_string).collect();
        names.join(" ")
    }

    #[test]
    fn whole_past_months_come_as_one_and_the_rest_by_days() {
        let whole = Months::WhereWhollyWanted;
        assert_eq!(
            planned("2024-01-30", "2024-03-02", &[], whole),
            "2024-01-30 2024-01-31 2024-02 2024-03-01 2024-03-02"
        );
        assert_eq!(planned("2024-02-01", "2024-02-29", &["2024-02"], whole), "");
        let days = planned("2024-02-01", "2024-02-29", &["2024-02-03"], whole);
        assert_eq!(days.split(' ').count(), 28, "no month over a day that is there: {days}");
        assert!(!days.contains("2024-02-03"));
        assert_eq!(planned("2024-04-01", "2024-04-02", &[], whole), "2024-04-01 2024-04-02");
        assert_eq!(planned("2024-01-31", "2024-02-01", &[], Months::Never), "2024-01-31 2024-02-01");
    }

    #[test]
    fn funding_comes_by_months_even_for_a_day() {
        assert_eq!(
            planned("2024-01-31", "2024-04-01", &[], Months::WhereOver),
            "2024-01 2024-02 2024-03 2024-04-01"
        );
        assert_eq!(planned("2024-04-01", "2024-04-02", &[], Months::Only), "2024-04");
        assert_eq!(planned("2024-03-05", "2024-03-06", &["2024-03-05"], Months::WhereOver), "2024-03-06");
    }

    #[test]
    fn an_unpublished_month_is_a_lack_and_not_a_request() {
        let series = Series::new(Origin::Binance, "BTCUSDT", Kind::Funding, Interval::MINUTE).unwrap();
        let span = Span { from: day("2024-03-01"), to: day("2024-04-05") };
        let bases = Bases { binance: "b".into(), bitget_archive: "a".into(), bitget_rest: "r".into() };
        let plan = plan(&Wish { series, via: Via::Archive, span }, &[], day("2024-04-10"), &bases);
        assert_eq!((plan.jobs.len(), plan.lacks.len()), (1, 1));
        assert_eq!(plan.lacks[0].period.to_string(), "2024-04");
    }
}
