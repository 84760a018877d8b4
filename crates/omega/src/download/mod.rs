//! Downloading history: what is planned is fetched, checked, turned into rows, and kept in the catalogue file by file.
//!
//! Planning, addresses, stitching and judging answers are pure and lie in files of their own; sockets and the disk are
//! touched in `transfer` and here. It refuses to pass over anything in silence: every day that was wanted and is not
//! there ends up in the report with the reason.

mod answer;
pub mod archive_binance;
pub mod archive_bitget;
mod budget;
pub mod plan;
pub mod repair;
pub mod rest_bitget;
mod rows;
mod transfer;

pub use transfer::{Lock, Manners};

use crate::console::Progress;
use crate::error::Failure;
use crate::parallel;
use data::catalogue::{Catalogue, Period, Provenance, Span, holes};
use data::{Bytes, DataError};
use plan::{Bases, Body, Job, Lack, Plan, Recipe, by_days};
use rows::Rows;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use transfer::{Arrived, DAMAGED_MAX, Missing, Transfers, UNCHECKED};

/// What a download came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Files written.
    pub written: usize,
    /// Requests made.
    pub requests: usize,
    /// Bytes of bodies.
    pub bytes: u64,
    /// What was wanted and could not be had.
    pub lacks: Vec<Lack>,
}

/// What a job came to.
#[derive(Debug, Default)]
struct Done {
    written: usize,
    lacks: Vec<Lack>,
    /// Jobs for the days of a month that is not published as one.
    instead: Vec<Job>,
}

/// A run of jobs over one catalogue.
struct Download<'d> {
    catalogue: &'d Catalogue,
    transfers: Transfers,
    bases: &'d Bases,
    /// How many jobs still need a body; at none it goes.
    needed: Mutex<BTreeMap<String, usize>>,
}

/// Does all of a plan, `workers` jobs side by side.
pub fn run(
    catalogue: &Catalogue,
    lock: &Lock,
    plan: Plan,
    bases: &Bases,
    manners: Manners,
    workers: usize,
    progress: &Progress,
) -> Result<Outcome, Failure> {
    let Plan { mut jobs, lacks } = plan;
    let transfers = Transfers::new(catalogue.root(), lock, manners);
    for series in jobs.iter().map(|job| &job.series).collect::<BTreeSet<_>>() {
        catalogue.sweep(series)?;
    }
    // A month may turn into days, whose bodies an earlier run may have left.
    let of_days: Vec<Job> = jobs.iter().filter_map(|job| by_days(job, bases)).flatten().collect();
    let bodies = jobs.iter().chain(&of_days).flat_map(|job| &job.bodies);
    transfers.keep_only(&bodies.map(|body| body.url.as_str()).collect());
    let download = Download { catalogue, transfers, bases, needed: Mutex::default() };
    let mut outcome = Outcome { lacks, ..Outcome::default() };
    while !jobs.is_empty() {
        download.need(&jobs);
        let done = parallel::map_on(workers, jobs.len(), |i| {
            progress.begin(format!("{} {}", jobs[i].series, jobs[i].periods[0]));
            let done = download.job(&jobs[i]);
            progress.done();
            done
        });
        jobs = Vec::new();
        for done in done {
            let Done { written, lacks, instead } = done?;
            outcome.written += written;
            outcome.lacks.extend(lacks);
            jobs.extend(instead);
        }
    }
    (outcome.requests, outcome.bytes) = download.transfers.counted();
    Ok(outcome)
}

impl Download<'_> {
    fn need(&self, jobs: &[Job]) {
        let mut needed = self.needed.lock().expect("no holder of this lock panics");
        for body in jobs.iter().flat_map(|job| &job.bodies) {
            *needed.entry(body.url.clone()).or_default() += 1;
        }
    }

    /// The bodies of a job that is done; those that no other job needs go.
    fn release(&self, job: &Job) {
        let mut needed = self.needed.lock().expect("no holder of this lock panics");
        for Body { url, .. } in &job.bodies {
            let count = needed.get_mut(url).expect("every body of a job was counted");
            *count -= 1;
            if *count == 0 {
                self.transfers.discard(url);
            }
        }
    }

    fn job(&self, job: &Job) -> Result<Done, Failure> {
        if job.recipe == Recipe::BitgetFunding {
            return self.funding_pages(job);
        }
        let period = job.periods[0];
        let lack = |why: String| Lack { series: job.series.clone(), period, why };
        match self.rows(job) {
            Ok((rows, provenance)) => {
                let worse = worse(job, period, &rows);
                if worse.is_none() {
                    rows.store(self.catalogue, &job.series, period, provenance)?;
                }
                self.release(job);
                let lacks: Vec<Lack> = worse.map(|why| lack(why.to_owned())).into_iter().collect();
                Ok(Done { written: 1 - lacks.len(), lacks, ..Done::default() })
            }
            Err(Missing::NotThere(why)) => match by_days(job, self.bases) {
                Some(instead) => Ok(Done { instead, ..Done::default() }),
                None => Ok(Done { lacks: vec![lack(why)], ..Done::default() }),
            },
            Err(Missing::Failed(why)) => Ok(Done { lacks: vec![lack(why)], ..Done::default() }),
        }
    }

    /// The rows of a job's file. A body without a checksum that does not unpack is fetched again.
    fn rows(&self, job: &Job) -> Result<(Rows, Provenance), Missing> {
        let mut damaged = 0;
        loop {
            let arrived = job.bodies.iter().map(|body| self.transfers.get(body));
            let arrived: Vec<Arrived> = arrived.collect::<Result<_, _>>()?;
            let provenance = Provenance {
                urls: job.bodies.iter().map(|body| body.url.clone()).collect(),
                checks: arrived.iter().map(|arrived| arrived.check.clone()).collect(),
            };
            let bodies = arrived.into_iter().map(|arrived| arrived.bytes).collect();
            let (culprit, error) = match rows_of(job, bodies) {
                Ok(rows) => return Ok((rows, provenance)),
                Err(wrong) => wrong,
            };
            if let DataError::Empty { file } | DataError::NothingInRange { file, .. } = &error {
                job.bodies.iter().for_each(|body| self.transfers.forget(&body.url));
                return Err(Missing::NotThere(format!("no rows of it in {}", file.display())));
            }
            damaged += 1;
            let url = &provenance.urls[culprit];
            if provenance.checks[culprit] != UNCHECKED || damaged == DAMAGED_MAX {
                let failed = Missing::Failed(error.to_string());
                self.transfers.condemn(url, &failed);
                return Err(failed);
            }
            self.transfers.discard(url);
        }
    }

    /// Reads pages of funding rates from the newest back to the first period, and keeps each period.
    fn funding_pages(&self, job: &Job) -> Result<Done, Failure> {
        let first = job.periods[0].start();
        let (mut rates, mut urls) = (Vec::new(), Vec::new());
        let mut failure = None;
        for number in 1..=rest_bitget::FUNDING_PAGES_MAX {
            let body = rest_bitget::funding_page(&self.bases.bitget_rest, &job.series, number);
            // A page is about other rates once there are newer ones, so it is not kept.
            self.transfers.discard(&body.url);
            let page = self.transfers.get(&body);
            self.transfers.discard(&body.url);
            let read = page.map(|page| rest_bitget::funding(Path::new(&body.url), &page.bytes));
            urls.push(body.url);
            match read {
                Ok(Ok((page, is_last))) => {
                    rates.extend(page);
                    if is_last || rates.last().is_some_and(|rate| rate.time <= first) {
                        break;
                    }
                }
                Ok(Err(error)) => failure = Some(error.to_string()),
                Err(Missing::NotThere(why) | Missing::Failed(why)) => failure = Some(why),
            }
            if failure.is_some() {
                break;
            }
        }
        let rates = match (failure, rest_bitget::in_order(Path::new(&urls[0]), rates)) {
            (None, Ok(rates)) => rates,
            (Some(why), _) => return Ok(all_lack(job, &why)),
            (None, Err(error)) => return Ok(all_lack(job, &error.to_string())),
        };
        let mut done = Done::default();
        for &period in &job.periods {
            let inside = rates.iter().filter(|rate| period.start() <= rate.time && rate.time < period.end());
            let rows = Rows::Funding(inside.copied().collect());
            let none = format!("no rates of it in the {} pages of {}", urls.len(), urls[0]);
            let why = if rows.len() == 0 { Some(none) } else { worse(job, period, &rows).map(str::to_owned) };
            if let Some(why) = why {
                done.lacks.push(Lack { series: job.series.clone(), period, why });
                continue;
            }
            let provenance = Provenance { urls: vec![urls[0].clone()], checks: vec!["envelope".to_owned()] };
            rows.store(self.catalogue, &job.series, period, provenance)?;
            done.written += 1;
        }
        Ok(done)
    }
}

/// Why rows do not replace the file that a job is about, if it is there.
fn worse(job: &Job, period: Period, rows: &Rows) -> Option<&'static str> {
    let Some(before) = &job.before else { return None };
    if rows.len() <= before.rows {
        return Some("the source has no more rows of it than are here");
    }
    let is_known = |hole: &Span| before.holes.iter().any(|old| old.from <= hole.from && hole.to <= old.to);
    let all_are_known =
        holes(job.series.kind, job.series.interval, period, &rows.times()).iter().all(is_known);
    (!all_are_known).then_some("the source has more rows of it, but lacks some of those that are here")
}

fn all_lack(job: &Job, why: &str) -> Done {
    let lack = |&period: &Period| Lack { series: job.series.clone(), period, why: why.to_owned() };
    Done { lacks: job.periods.iter().map(lack).collect(), ..Done::default() }
}

/// The rows in the bodies of a job; an error comes with the index of the body that it is about.
fn rows_of(job: &Job, bodies: Vec<Bytes>) -> Result<Rows, (usize, DataError)> {
    let (period, place) = (job.periods[0], |i: usize| Path::new(&job.bodies[i].url));
    let first = |error: DataError| (0, error);
    let rows = match job.recipe {
        Recipe::BinanceZip => {
            let zip = bodies.into_iter().next().expect("a job of Binance has one body");
            archive_binance::rows(&job.series, period, place(0), zip).map_err(first)?
        }
        Recipe::BitgetZips => {
            let zips = bodies.try_into().expect("a UTC day takes two files");
            archive_bitget::rows(period, [place(0), place(1)], zips)?
        }
        Recipe::BitgetPages => rest_bitget::candles(period, place(0), &bodies).map_err(first)?,
        Recipe::BitgetFunding => unreachable!("pages of funding are read as they come"),
    };
    if rows.len() == 0 {
        return Err(first(DataError::Empty { file: place(0).into() }));
    }
    if let Rows::Bars(loaded) = &rows
        && loaded.bars.interval != job.series.interval
    {
        let problem = format!("holds {} bars, not {}", loaded.bars.interval, job.series.interval);
        return Err(first(DataError::Catalogue { file: place(0).into(), problem }));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use data::catalogue::{Kind, Manifest, Origin, Series};
    use model::{FundingRate, Interval, Rate};

    #[test]
    fn more_rows_replace_a_file_only_with_all_of_its_own() {
        let period = Period::from_name("2024-01-02").unwrap();
        let at = |hour: i64| period.start() + Interval(hour * Interval::HOUR.0);
        let series = Series::new(Origin::Bitget, "BTCUSDT", Kind::Funding, Interval::MINUTE).unwrap();
        let bases = Bases { binance: "b".into(), bitget_archive: "a".into(), bitget_rest: "r".into() };
        let before = Manifest {
            rows: 2,
            first: at(0),
            last: at(8),
            holes: vec![Span { from: at(16), to: at(24) }],
            bytes: 1,
            sha256: String::new(),
            provenance: Provenance::default(),
        };
        let job = plan::job(&series, plan::Via::Rest, period, &bases);
        let job = Job { before: Some(before), ..job };
        let said = |hours: &[i64]| {
            let rate = |&hour: &i64| FundingRate { time: at(hour), rate: Rate(1) };
            worse(&job, period, &Rows::Funding(hours.iter().map(rate).collect()))
        };
        assert_eq!(said(&[0, 8, 16]), None);
        assert!(said(&[0, 8]).is_some_and(|why| why.contains("no more rows")));
        assert!(said(&[8, 12, 16, 20]).is_some_and(|why| why.contains("lacks some")), "midnight is gone");
    }
}
