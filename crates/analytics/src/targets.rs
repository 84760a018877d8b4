//! The seed's trading targets as pass or fail per bot. It refuses to promise them, and to pass what was not
//! measured.

use crate::Undefined;
use std::fmt;

/// Which side of a bound passes; the bound itself fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wanted {
    /// Strictly more.
    Above(f64),
    /// Strictly less.
    Below(f64),
}

/// One target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Key of the figure it judges; a metric's where there is one.
    pub key: &'static str,
    /// As a person reads it.
    pub title: &'static str,
    /// What passes.
    pub wanted: Wanted,
}

/// Share of equity that the riskiest trade would lose at its stop: measured by the run, not a metric of this
/// crate.
pub const RISK_PER_TRADE: &str = "risk_per_trade";

/// The targets of the seed that have a bound; trade frequency and duration have none and are only reported.
pub const TARGETS: &[Target] = &[
    Target { key: "win_rate", title: "win rate > 55 %", wanted: Wanted::Above(0.55) },
    Target { key: "profit_factor", title: "profit factor > 1.5", wanted: Wanted::Above(1.5) },
    Target { key: "win_loss_ratio", title: "win/loss > 1.5", wanted: Wanted::Above(1.5) },
    Target { key: "max_drawdown", title: "max drawdown < 15 %", wanted: Wanted::Above(-0.15) },
    Target { key: "cagr", title: "return > 40 % a year", wanted: Wanted::Above(0.40) },
    Target { key: "sharpe", title: "Sharpe > 1.5", wanted: Wanted::Above(1.5) },
    Target { key: "calmar", title: "Calmar > 2", wanted: Wanted::Above(2.0) },
    Target { key: RISK_PER_TRADE, title: "risk per trade < 2 %", wanted: Wanted::Below(0.02) },
];

/// What a reader should know before weighing the verdicts.
pub const TARGETS_NOTE: &str = "Reported, never promised. The targets are not independent: \
55 % winners of 1.5 times the losers make a profit factor of 1.83, an expectancy of 0.375 R and a Kelly share \
of 25 %; a profit factor of 1.5 at 55 % takes a win/loss of only 1.23.";

/// How a run did against one target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// On the wanted side.
    Pass(f64),
    /// On the bound or the wrong side of it.
    Fail(f64),
    /// Neither: there is no figure.
    Undefined(Undefined),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Pass(_) => f.write_str("pass"),
            Verdict::Fail(_) => f.write_str("fail"),
            Verdict::Undefined(reason) => reason.fmt(f),
        }
    }
}

/// A target and its verdict.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// The target.
    pub target: &'static Target,
    /// How the run did.
    pub verdict: Verdict,
}

impl Target {
    /// Judges one figure.
    pub fn verdict(&self, figure: Result<f64, Undefined>) -> Verdict {
        let value = match figure {
            Err(reason) => return Verdict::Undefined(reason),
            Ok(value) if !value.is_finite() => return Verdict::Undefined(Undefined::NotFinite),
            Ok(value) => value,
        };
        let passes = match self.wanted {
            Wanted::Above(bound) => value > bound,
            Wanted::Below(bound) => value < bound,
        };
        if passes { Verdict::Pass(value) } else { Verdict::Fail(value) }
    }
}

/// Judges what [`crate::evaluate`] returned, with [`RISK_PER_TRADE`] appended where the run knows it.
pub fn judge(figures: &[(&'static str, Result<f64, Undefined>)]) -> Vec<Judgement> {
    let figure_of = |key: &str| {
        figures.iter().find(|(k, _)| *k == key).map_or(Err(Undefined::NotMeasured), |(_, figure)| *figure)
    };
    TARGETS
        .iter()
        .map(|target| Judgement { target, verdict: target.verdict(figure_of(target.key)) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict_of(key: &'static str, figure: Result<f64, Undefined>) -> Verdict {
        let judgements = judge(&[(key, figure)]);
        judgements.iter().find(|j| j.target.key == key).expect("a target").verdict
    }

    #[test]
    fn a_bound_fails_and_a_hair_beyond_it_passes() {
        for (key, bound, better) in [
            ("win_rate", 0.55, 1e-9),
            ("max_drawdown", -0.15, 1e-9),
            ("cagr", 0.40, 1e-9),
            (RISK_PER_TRADE, 0.02, -1e-9),
        ] {
            assert_eq!(verdict_of(key, Ok(bound)), Verdict::Fail(bound), "{key}");
            assert_eq!(verdict_of(key, Ok(bound + better)), Verdict::Pass(bound + better), "{key}");
        }
    }

    #[test]
    fn what_has_no_figure_neither_passes_nor_fails() {
        let reason = Undefined::NoLosingTrade;
        assert_eq!(verdict_of("profit_factor", Err(reason)), Verdict::Undefined(reason));
        assert_eq!(verdict_of("sharpe", Ok(f64::NAN)), Verdict::Undefined(Undefined::NotFinite));
        let unmeasured = Verdict::Undefined(Undefined::NotMeasured);
        assert!(judge(&[]).iter().all(|j| j.verdict == unmeasured));
        assert_eq!(unmeasured.to_string(), "n/a (not measured)");
    }

    #[test]
    fn every_target_but_the_runs_own_judges_a_metric() {
        for target in TARGETS {
            let is_metric = crate::METRICS.iter().any(|metric| metric.key == target.key);
            assert_eq!(is_metric, target.key != RISK_PER_TRADE, "{}", target.key);
        }
    }

    #[test]
    fn the_note_is_right() {
        let (rate, ratio) = (0.55_f64, 1.5);
        let profit_factor = rate * ratio / (1.0 - rate);
        assert!((profit_factor - 1.83).abs() < 0.005);
        assert!(((1.0 + ratio) * rate - 1.0 - 0.375).abs() < 1e-12);
        assert!((rate - (1.0 - rate) / ratio - 0.25).abs() < 1e-12);
        assert!((1.5 * (1.0 - rate) / rate - 1.23).abs() < 0.005);
    }
}
