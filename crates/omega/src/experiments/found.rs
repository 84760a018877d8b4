//! What experiments found, for people and for programs.
//!
//! It refuses to call anything significant that is not, and to print a p-value without what could have been found.

use crate::json::Json;
use crate::table::{Align, Cell, Grid, Tone, wrap};
use analytics::Undefined;
use analytics::significance::{Adjusted, Verdict};
use backtest::Finding;

/// A finding and its correction for having looked at several factors.
pub type Judged<'a> = (&'a Finding, Result<Adjusted, Undefined>);

/// What the corrected p says at a level; the finding's own refusals stand.
fn verdict(finding: &Finding, adjusted: &Result<Adjusted, Undefined>, alpha: f64) -> (String, Tone) {
    match (finding.outcome.verdict, *adjusted) {
        (Verdict::NoVerdict(reason), _) | (_, Err(reason)) => {
            (format!("no verdict: {}", reason.reason()), Tone::Quiet)
        }
        (_, Ok(adjusted)) if adjusted.p_adjusted <= alpha => ("significant".to_owned(), Tone::Good),
        (Verdict::Significant, Ok(_)) => ("not after correction".to_owned(), Tone::Plain),
        (Verdict::NotSignificant, Ok(_)) => ("not significant".to_owned(), Tone::Plain),
    }
}

/// As a table.
pub fn table(findings: &[Judged<'_>], alpha: f64, colour: bool) -> String {
    let heads = ["with-without", "timing", "95 % interval", "p", "corrected", "shifts", "finds 80 %"];
    let mut columns = vec![("factor", Align::Left)];
    columns.extend(heads.map(|head| (head, Align::Right)));
    let mut grid = Grid::new(&columns);
    let mut verdicts = String::new();
    for (finding, adjusted) in findings {
        let outcome = &finding.outcome;
        let figure = |value: Result<String, Undefined>| match value {
            Ok(text) => Cell::plain(text),
            Err(_) => Cell::new("n/a", Tone::Quiet),
        };
        grid.row(vec![
            Cell::new(finding.factor.name(), Tone::Strong),
            Cell::plain(format!("{:+.2} %", finding.observed)),
            figure(outcome.effect.map(|effect| format!("{:+.2} %", effect.size))),
            figure(outcome.effect.map(|effect| format!("{:+.2} to {:+.2}", effect.low, effect.high))),
            figure(outcome.p.map(|p| format!("{p:.3}"))),
            figure(adjusted.map(|adjusted| format!("{:.3}", adjusted.p_adjusted))),
            Cell::plain(format!("{} of {}", finding.distinct, finding.placebos.len())),
            figure(outcome.power.map(|power| format!("{:.1} %", power.smallest_effect))),
        ]);
        let (said, tone) = verdict(finding, adjusted, alpha);
        verdicts.push_str(&format!("  {}: {}\n", finding.factor.name(), tone.paint(&said, colour)));
    }
    format!("{}{verdicts}{}", grid.render(colour), wrap(NOTE, "  "))
}

const NOTE: &str = "Net with the factor less net without any sky, in per cent of capital, on the same market and luck. The \
    column timing is what the true timing adds over the placebos, in which the factor is moved in time; shifts counts \
    those that led to different runs (no verdict below 20); the last column is the smallest effect found with 80 % \
    probability. p is corrected for the number of factors looked at (Romano-Wolf). Not significant is not proof of nothing.";

/// As JSON.
pub fn json(findings: &[Judged<'_>], alpha: f64) -> Json {
    let number = |value: Result<f64, Undefined>| Json::optional(value.ok(), Json::Number);
    let one = |(finding, adjusted): &Judged<'_>| {
        let outcome = &finding.outcome;
        let interest = outcome.power.ok().and_then(|power| power.at_effect_of_interest);
        Json::object([
            ("factor", Json::text(finding.factor.name())),
            ("observed_percent", Json::Number(finding.observed)),
            ("effect_percent", number(outcome.effect.map(|effect| effect.size))),
            ("effect_low_95", number(outcome.effect.map(|effect| effect.low))),
            ("effect_high_95", number(outcome.effect.map(|effect| effect.high))),
            ("effect_deviations", number(outcome.effect.map(|effect| effect.deviations))),
            ("p", number(outcome.p)),
            ("p_corrected", number(adjusted.map(|adjusted| adjusted.p_adjusted))),
            ("placebos", Json::count(finding.placebos.len())),
            ("effective_shifts", Json::count(finding.distinct)),
            ("smallest_effect_80_percent", number(outcome.power.map(|power| power.smallest_effect))),
            ("power_at_effect_of_interest", Json::optional(interest, Json::Number)),
            ("verdict", Json::Text(verdict(finding, adjusted, alpha).0)),
        ])
    };
    Json::List(findings.iter().map(one).collect())
}
