//! Both lives side by side: what is in both, what only one of them did, and what the same thing cost.
//!
//! It refuses to let a gain hide a loss: better than the back-test is drift as well, and signs are kept where they tell
//! something. What is not known is neither within budget nor over it.

use crate::budget::Budget;
use crate::life::{Deeds, Filled};
use model::Usd;
use std::collections::BTreeSet;

/// Things that both lives should have done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Both did.
    pub matched: u32,
    /// Only the back-test did.
    pub missing: u32,
    /// Only the farm did.
    pub extra: u32,
}

impl Tally {
    fn of<K: Ord>(lived: &BTreeSet<K>, again: &BTreeSet<K>) -> Tally {
        let count = |n: usize| u32::try_from(n).expect("a session's deeds are counted in 32 bits");
        let matched = lived.intersection(again).count();
        Tally {
            matched: count(matched),
            missing: count(again.len() - matched),
            extra: count(lived.len() - matched),
        }
    }

    /// Done by one of them only.
    pub fn unmatched(&self) -> u32 {
        self.missing + self.extra
    }

    /// All of them.
    pub fn all(&self) -> u32 {
        self.matched + self.unmatched()
    }

    fn add(&mut self, other: &Tally) {
        self.matched += other.matched;
        self.missing += other.missing;
        self.extra += other.extra;
    }

    fn verdict(&self, max_bps: u32) -> Verdict {
        let allowed = u64::from(self.all()) * u64::from(max_bps) / 10_000;
        Verdict::when(u64::from(self.unmatched()) <= allowed)
    }
}

/// The same amount in both lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    /// What it was.
    pub lived: Usd,
    /// What the back-test makes of it.
    pub again: Usd,
}

impl Pair {
    /// How much more it was.
    pub fn difference(&self) -> Usd {
        self.lived - self.again
    }

    fn add(&mut self, other: &Pair) {
        self.lived += other.lived;
        self.again += other.again;
    }

    fn verdict(&self, of: Usd, max_bps: u32) -> Verdict {
        let allowed = i128::from(of.0.abs()) * i128::from(max_bps) / 10_000;
        Verdict::when(i128::from(self.difference().0).abs() <= allowed)
    }
}

/// How far fills lie from the same fills of the back-test, in 1/1000 of a basis point; worse is positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// On average.
    pub mean_milli_bps: i64,
    /// One in twenty is worse, or better, by more than this.
    pub p95_milli_bps: i64,
    /// The farthest, on whichever side.
    pub worst_milli_bps: i64,
}

impl Gap {
    fn of(gaps: &[i64]) -> Option<Gap> {
        if gaps.is_empty() {
            return None;
        }
        let count = i64::try_from(gaps.len()).expect("a session's fills are counted");
        let sum: i128 = gaps.iter().map(|gap| i128::from(*gap)).sum();
        let mean = model::div_round_half_away(sum, i128::from(count));
        let mut by_size = gaps.to_vec();
        by_size.sort_by_key(|gap| (gap.abs(), *gap));
        // Nearest rank: of twenty the nineteenth.
        let rank = (gaps.len() * 19).div_ceil(20);
        Some(Gap {
            mean_milli_bps: i64::try_from(mean).expect("a mean lies among its numbers"),
            p95_milli_bps: by_size[rank - 1],
            worst_milli_bps: by_size[by_size.len() - 1],
        })
    }

    fn verdict(&self, budget: &Budget) -> Verdict {
        let within = |milli: i64, max: u32| milli.abs() <= i64::from(max) * 1_000;
        Verdict::when(
            within(self.mean_milli_bps, budget.fill_gap_mean_max_bps)
                && within(self.p95_milli_bps, budget.fill_gap_p95_max_bps)
                && within(self.worst_milli_bps, budget.fill_gap_worst_max_bps),
        )
    }
}

/// Whether a budget was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It was.
    Within,
    /// Nobody can say.
    Unknown,
    /// It was not.
    Over,
}

impl Verdict {
    const fn when(is_within: bool) -> Verdict {
        if is_within { Verdict::Within } else { Verdict::Over }
    }

    /// In a word.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Within => "within",
            Verdict::Unknown => "unknown",
            Verdict::Over => "over",
        }
    }
}

/// What a line of a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Decisions.
    Signals,
    /// Round trips.
    Trades,
    /// Prices of fills.
    FillGap,
    /// Fees.
    Fees,
    /// Funding.
    Funding,
    /// What it all came to.
    Result,
}

impl Subject {
    /// All of them, in the order of a report.
    pub const ALL: [Subject; 6] = [
        Subject::Signals,
        Subject::Trades,
        Subject::FillGap,
        Subject::Fees,
        Subject::Funding,
        Subject::Result,
    ];

    /// In words.
    pub const fn name(self) -> &'static str {
        match self {
            Subject::Signals => "signals",
            Subject::Trades => "trades",
            Subject::FillGap => "fill gap",
            Subject::Fees => "fees",
            Subject::Funding => "funding",
            Subject::Result => "result",
        }
    }
}

/// A line of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// About what.
    pub subject: Subject,
    /// Whether its budget was kept.
    pub verdict: Verdict,
}

/// Both lives of a bot, or of several: everything that is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Decisions, by bar and side.
    pub signals: Tally,
    /// Round trips, by the decision that began them and how they ended.
    pub trades: Tally,
    /// Orders that filled, by decision and leg.
    pub fills: Tally,
    /// Of each order that filled in both lives: 1/1000 of a basis point, worse is positive.
    pub gaps_milli_bps: Vec<i64>,
    /// Paid is positive.
    pub fees: Pair,
    /// Received is positive.
    pub funding: Pair,
    /// Change of equity.
    pub result: Pair,
    /// Equity that the session began with.
    pub equity: Usd,
    /// Fundings that may have been due in either life, and of which nobody was told.
    pub fundings_unknown: u32,
}

impl Comparison {
    /// Of what was done with what the back-test does.
    pub fn of(lived: &Deeds, again: &Deeds) -> Comparison {
        let keys = |deeds: &Deeds| deeds.fills.keys().copied().collect::<BTreeSet<_>>();
        let both = lived.fills.iter().filter_map(|(key, fill)| Some((fill, again.fills.get(key)?)));
        Comparison {
            signals: Tally::of(&lived.signals, &again.signals),
            trades: Tally::of(&lived.trips, &again.trips),
            fills: Tally::of(&keys(lived), &keys(again)),
            gaps_milli_bps: both.filter_map(|(lived, again)| gap(lived, again)).collect(),
            fees: Pair { lived: lived.fees, again: again.fees },
            funding: Pair { lived: lived.funding, again: again.funding },
            result: Pair { lived: lived.result, again: again.result },
            equity: lived.equity_before,
            fundings_unknown: lived.fundings_unknown.max(again.fundings_unknown),
        }
    }

    /// Takes another one in. Equity is added: of several sessions it is that of all of them.
    pub fn add(&mut self, other: &Comparison) {
        self.signals.add(&other.signals);
        self.trades.add(&other.trades);
        self.fills.add(&other.fills);
        self.gaps_milli_bps.extend(&other.gaps_milli_bps);
        self.fees.add(&other.fees);
        self.funding.add(&other.funding);
        self.result.add(&other.result);
        self.equity += other.equity;
        self.fundings_unknown += other.fundings_unknown;
    }

    /// How far the fills lie apart; nothing where none is in both lives.
    pub fn gap(&self) -> Option<Gap> {
        Gap::of(&self.gaps_milli_bps)
    }

    /// Whether everything is the same to the unit.
    pub fn is_none(&self) -> bool {
        let same = |tally: &Tally| tally.unmatched() == 0;
        same(&self.signals)
            && same(&self.trades)
            && same(&self.fills)
            && self.gaps_milli_bps.iter().all(|gap| *gap == 0)
            && [self.fees, self.funding, self.result].iter().all(|pair| pair.difference().0 == 0)
            && self.fundings_unknown == 0
    }

    /// Each line and its verdict.
    pub fn lines(&self, budget: &Budget) -> [Line; Subject::ALL.len()] {
        Subject::ALL.map(|subject| Line { subject, verdict: self.verdict(subject, budget) })
    }

    fn verdict(&self, subject: Subject, budget: &Budget) -> Verdict {
        match subject {
            Subject::Signals => self.signals.verdict(budget.signals_max_bps),
            Subject::Trades => self.trades.verdict(budget.trades_max_bps),
            Subject::FillGap => match self.gap() {
                Some(gap) => gap.verdict(budget),
                // Where nothing filled there is no gap; where only one of them did, nobody knows it.
                None if self.fills.all() == 0 => Verdict::Within,
                None => Verdict::Unknown,
            },
            Subject::Fees => self.fees.verdict(self.fees.again, budget.fees_max_bps),
            Subject::Funding => {
                let known = self.funding.verdict(self.funding.again, budget.funding_max_bps);
                if self.fundings_unknown > 0 { known.max(Verdict::Unknown) } else { known }
            }
            Subject::Result => self.result.verdict(self.equity, budget.result_max_bps),
        }
    }
}

/// The worst of all lines.
pub fn overall(lines: &[Line]) -> Verdict {
    lines.iter().map(|line| line.verdict).max().unwrap_or(Verdict::Unknown)
}

/// How far an order's average price lies from that of the back-test.
fn gap(lived: &Filled, again: &Filled) -> Option<i64> {
    // Two that went different ways are no pair: the decisions say so already.
    if lived.lots.signum() != again.lots.signum() || again.cost == 0 {
        return None;
    }
    let crossed =
        (lived.cost.checked_mul(again.lots.abs().into())?, again.cost.checked_mul(lived.lots.abs().into())?);
    if crossed.0 == crossed.1 {
        return Some(0);
    }
    let ratio = crossed.0 as f64 / crossed.1 as f64 - 1.0;
    Some((ratio * 1e7).round() as i64 * lived.lots.signum())
}
