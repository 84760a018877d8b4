//! Which files a repair takes: those that are gone or damaged, and those that lack rows, in case there are more now.
//!
//! Pure. It refuses to replace a file by one that says no more.

use super::plan::{self, Bases, Plan, Via, Wish};
use data::catalogue::{Entry, Fault, Finding, Period, Series, Span};
use model::{Interval, Time};
use std::collections::BTreeSet;

/// What mends the findings of a series; damaged files count as gone, and stay until something replaces them.
pub fn plan(
    series: &Series,
    entries: &[Entry],
    findings: &[&Finding],
    via: Via,
    today: Time,
    bases: &Bases,
) -> Plan {
    let has = |entry: &Entry, is_fault: fn(&Fault) -> bool| {
        findings.iter().any(|finding| is_fault(&finding.fault) && finding.file.as_ref() == Some(&entry.file))
    };
    let sound: Vec<&Entry> =
        entries.iter().filter(|entry| !has(entry, |fault| matches!(fault, Fault::Damaged(_)))).collect();
    let have: Vec<Period> = sound.iter().map(|entry| entry.period).collect();
    let is_held = |day: Time| have.iter().any(|period| period.start() <= day && day < period.end());
    let days: BTreeSet<Time> =
        findings.iter().flat_map(|finding| finding.days()).filter(|day| !is_held(*day)).collect();
    let mut plan = Plan::default();
    for span in spans(&days) {
        let wish = Wish { series: series.clone(), via, span };
        let Plan { jobs, lacks } = plan::plan(&wish, &have, today, bases);
        plan.jobs.extend(jobs);
        plan.lacks.extend(lacks);
    }
    for entry in sound.into_iter().filter(|entry| has(entry, |fault| *fault == Fault::Hole)) {
        // The file's own period: a day stays one though its month could now be had as a whole.
        let job = plan::job(series, via, entry.period, bases);
        plan.jobs.push(plan::Job { before: Some(entry.manifest.clone()), ..job });
    }
    plan
}

/// Runs of neighbouring days.
fn spans(days: &BTreeSet<Time>) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for &day in days {
        match spans.last_mut().filter(|span| span.to == day) {
            Some(span) => span.to = day + Interval::DAY,
            None => spans.push(Span { from: day, to: day + Interval::DAY }),
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use data::catalogue::{Kind, Manifest, Origin, Provenance};

    fn entry(name: &str) -> Entry {
        let period = Period::from_name(name).unwrap();
        let manifest = Manifest {
            rows: 1_000,
            first: period.start(),
            last: period.start(),
            holes: Vec::new(),
            bytes: 1,
            sha256: String::new(),
            provenance: Provenance::default(),
        };
        Entry { period, file: name.into(), manifest }
    }

    fn bases() -> Bases {
        Bases { binance: "b".into(), bitget_archive: "a".into(), bitget_rest: "r".into() }
    }

    #[test]
    fn a_repair_fetches_what_is_gone_and_what_is_short_and_nothing_else() {
        let series = Series::new(Origin::Bitget, "BTCUSDT", Kind::Bars, Interval::MINUTE).unwrap();
        let period = |name: &str| Period::from_name(name).unwrap();
        let finding = |name: &str, fault, file: Option<&str>| Finding {
            series: series.clone(),
            span: Some(period(name).into()),
            file: file.map(Into::into),
            fault,
        };
        let entries = [entry("2024-01-01"), entry("2024-01-03"), entry("2024-01-06")];
        let hole = finding("2024-01-03", Fault::Hole, Some("2024-01-03"));
        let (absent, damaged) = (
            finding("2024-01-02", Fault::Absent, None),
            finding("2024-01-04", Fault::Damaged("rot".to_owned()), Some("2024-01-04")),
        );
        let today = period("2024-06-01").start();
        let plan = plan(&series, &entries, &[&absent, &hole, &damaged], Via::Rest, today, &bases());
        let jobs: Vec<(String, usize)> = plan
            .jobs
            .iter()
            .map(|job| (job.periods[0].to_string(), job.before.as_ref().map_or(0, |before| before.rows)))
            .collect();
        let want = [("2024-01-02", 0), ("2024-01-04", 0), ("2024-01-03", 1_000)];
        assert_eq!(jobs, want.map(|(name, rows)| (name.to_owned(), rows)));
    }

    #[test]
    fn a_day_with_a_hole_is_asked_for_again_though_its_month_is_over() {
        let series = Series::new(Origin::Bitget, "BTCUSDT", Kind::Funding, Interval::MINUTE).unwrap();
        let held = entry("2024-01-31");
        let hole = Finding {
            series: series.clone(),
            span: Some(held.period.into()),
            file: Some(held.file.clone()),
            fault: Fault::Hole,
        };
        let today = Period::from_name("2024-06-01").unwrap().start();
        let plan = plan(&series, std::slice::from_ref(&held), &[&hole], Via::Rest, today, &bases());
        let periods: Vec<_> = plan.jobs.iter().map(|job| (job.recipe, job.periods.clone())).collect();
        assert_eq!(periods, [(crate::download::plan::Recipe::BitgetFunding, vec![held.period])]);
    }
}
