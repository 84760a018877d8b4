//! Which files a repair takes: those that are gone or damaged, and those that lack rows, in case there are more now.
//!
//! Pure. It refuses to replace a file by one that says no more.

use super::plan::{self, Bases, Plan, Via, Wish};
use data::catalogue::{Entry, Fault, Finding, Period, Series, Span};
use model::{Interval, Time};
use std::collections::BTreeSet;

/// What mends the findings of a series; damaged files are gone already.
pub fn plan(
    series: &Series,
    entries: &[Entry],
    findings: &[&Finding],
    via: Via,
    today: Time,
    bases: &Bases,
) -> Plan {
    let have: Vec<Period> = entries.iter().map(|entry| entry.period).collect();
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
    let is_short = |entry: &&Entry| {
        findings
            .iter()
            .any(|finding| finding.fault == Fault::Hole && finding.file.as_ref() == Some(&entry.file))
    };
    for entry in entries.iter().filter(is_short) {
        let others: Vec<Period> = have.iter().copied().filter(|period| *period != entry.period).collect();
        let wish = Wish { series: series.clone(), via, span: entry.period.into() };
        let Plan { jobs, lacks } = plan::plan(&wish, &others, today, bases);
        let mended = jobs.into_iter().filter(|job| job.periods == [entry.period]);
        plan.jobs.extend(mended.map(|job| plan::Job { rows_before: entry.manifest.rows, ..job }));
        plan.lacks.extend(lacks);
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
    use data::catalogue::{Manifest, Origin, Provenance};

    #[test]
    fn a_repair_fetches_what_is_gone_and_what_is_short_and_nothing_else() {
        let series =
            Series::new(Origin::Bitget, "BTCUSDT", data::catalogue::Kind::Bars, Interval::MINUTE).unwrap();
        let period = |name: &str| Period::from_name(name).unwrap();
        let entry = |name: &str| Entry {
            period: period(name),
            file: name.into(),
            manifest: Manifest {
                rows: 1_000,
                first: period(name).start(),
                last: period(name).start(),
                holes: Vec::new(),
                bytes: 1,
                sha256: String::new(),
                provenance: Provenance::default(),
            },
        };
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
        let bases = Bases { binance: "b".into(), bitget_archive: "a".into(), bitget_rest: "r".into() };
        let today = period("2024-06-01").start();
        let plan = plan(&series, &entries, &[&absent, &hole, &damaged], Via::Rest, today, &bases);
        let jobs: Vec<(String, usize)> =
            plan.jobs.iter().map(|job| (job.periods[0].to_string(), job.rows_before)).collect();
        let want = [("2024-01-02", 0), ("2024-01-04", 0), ("2024-01-03", 1_000)];
        assert_eq!(jobs, want.map(|(name, rows)| (name.to_owned(), rows)));
    }
}
