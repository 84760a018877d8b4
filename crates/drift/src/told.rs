//! A report as others hear of it: a sentence for people, numbers for whoever measures the farm.
//!
//! It refuses to wake anybody: a session that was not as its back-test is looked at in the morning; what cannot wait has alerts
//! of its own.

use crate::budget::Budget;
use crate::compare::{Comparison, Subject, Verdict};
use crate::session::Report;
use control::message::{NoticeKind, NoticeSaid, Tier};
use control::telemetry::ShardTelemetry;
use control::view::Names;
use model::{Usd, div_round_half_away};

/// So many names are told.
const NAMED_MAX: usize = 6;

impl Report {
    /// All bots together.
    pub fn together(&self) -> Comparison {
        let mut all = Comparison::default();
        self.bots.values().for_each(|one| all.add(one));
        all
    }

    /// The worst of all bots' lines and of the lines of all together; a session that could not be compared to its end is
    /// never within.
    pub fn verdict(&self, budget: &Budget) -> Verdict {
        let each = self.bots.values().flat_map(|one| one.lines(budget));
        let all = each.chain(self.together().lines(budget)).map(|line| line.verdict).max();
        let least = if self.broken.is_some() { Verdict::Unknown } else { Verdict::Within };
        all.unwrap_or(Verdict::Unknown).max(least)
    }

    /// Which lines are over their budget, or not known, of whichever bot.
    pub fn subjects(&self, budget: &Budget, verdict: Verdict) -> Vec<Subject> {
        let together = self.together();
        let all = || self.bots.values().chain([&together]).flat_map(|one| one.lines(budget));
        Subject::ALL
            .into_iter()
            .filter(|subject| all().any(|line| line.subject == *subject && line.verdict == verdict))
            .collect()
    }
}

fn cents(amount: Usd) -> String {
    let cents = div_round_half_away(i128::from(amount.0), 10_000);
    let sign = if cents < 0 { "-" } else { "+" };
    format!("{sign}{}.{:02} USDT", cents.abs() / 100, cents.abs() % 100)
}

fn named(subjects: &[Subject]) -> String {
    subjects.iter().take(NAMED_MAX).map(|subject| subject.name()).collect::<Vec<_>>().join(", ")
}

/// What is said of a session to people: good to know where it is within budget, to be looked at where it is not or where
/// nobody can say.
pub fn notice(report: &Report, names: &Names, budget: &Budget) -> NoticeSaid {
    let (number, all) = (report.span.number, report.together());
    let verdict = report.verdict(budget);
    let mut text = format!(
        "session {number} against its back-test: {} of {} signals the same, {} trades missing and {} extra, result {}",
        all.signals.matched,
        all.signals.all(),
        all.trades.missing,
        all.trades.extra,
        cents(all.result.difference())
    );
    if let Some(gap) = all.gap() {
        text.push_str(&format!(", fills {:+.2} bp on average", gap.mean_milli_bps as f64 / 1_000.0));
    }
    match verdict {
        Verdict::Within => text.push_str("; within budget"),
        Verdict::Over => {
            text.push_str(&format!("; over budget: {}", named(&report.subjects(budget, Verdict::Over))));
        }
        Verdict::Unknown => text.push_str("; not all of it is known"),
    }
    if let Some(broken) = report.broken {
        text.push_str(&format!("; not comparable from {} on: {}", broken.at, broken.why.words()));
    }
    let (tier, kind) = match verdict {
        Verdict::Within => (Tier::Informational, NoticeKind::PerformanceSummary),
        Verdict::Unknown | Verdict::Over => (Tier::Warning, NoticeKind::RiskAlert),
    };
    let key = NoticeSaid::drift_key(&names.shard, i64::from(number));
    NoticeSaid { key, shard: names.shard.clone(), bot: None, at: report.span.to.0, kind, tier, text }
}

/// The numbers of a session, for whoever measures the shard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Lines that are over their budget.
    pub lines_over: u64,
    /// Lines that nobody can judge.
    pub lines_unknown: u64,
    /// Signals that only one of the two lives had.
    pub signal_mismatches: u64,
    /// The mean gap of fills, in thousandths of a basis point; nothing where none is in both lives.
    pub fill_gap_milli_bps: Option<i64>,
    /// How much more the farm made, in micro-USDT; nothing where only a part was compared.
    pub result_gap_micro_usdt: Option<i64>,
}

impl Numbers {
    /// Of a report.
    pub fn of(report: &Report, budget: &Budget) -> Numbers {
        let all = report.together();
        let count = |verdict| report.subjects(budget, verdict).len() as u64;
        Numbers {
            lines_over: count(Verdict::Over),
            lines_unknown: count(Verdict::Unknown) + u64::from(report.broken.is_some()),
            signal_mismatches: u64::from(all.signals.unmatched()),
            fill_gap_milli_bps: all.gap().map(|gap| gap.mean_milli_bps),
            // What was compared in part says nothing of the session's result.
            result_gap_micro_usdt: report.broken.is_none().then(|| all.result.difference().0),
        }
    }

    /// Shows them as those of the last session that was compared.
    pub fn show(&self, telemetry: &ShardTelemetry) {
        telemetry.drift_lines_over.set(self.lines_over);
        telemetry.drift_lines_unknown.set(self.lines_unknown);
        telemetry.drift_signal_mismatches.set(self.signal_mismatches);
        match self.fill_gap_milli_bps {
            Some(gap) => telemetry.drift_fill_gap_milli_bps.set(gap),
            None => telemetry.drift_fill_gap_milli_bps.forget(),
        }
        match self.result_gap_micro_usdt {
            Some(gap) => telemetry.drift_result_gap_micro_usdt.set(gap),
            None => telemetry.drift_result_gap_micro_usdt.forget(),
        }
    }
}
