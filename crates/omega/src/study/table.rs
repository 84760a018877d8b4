//! A study as tables for a person.
//!
//! It refuses to show a quantile without saying of how many different outcomes it is one.

use super::Population;
use super::population::Spread;
use crate::figures;
use crate::table::{Cell, Comparison, Tone, wrap};
use analytics::{BEHAVIOURS, Unit};

/// Periods beyond which they are listed in the JSON document only.
const PERIODS_LISTED_MAX: usize = 13;

/// The tables; `periods` are the days on which they begin.
pub fn report(heading: &str, populations: &[Population], periods: &[String], colour: bool) -> String {
    let strong = |text: &str| Tone::Strong.paint(text, colour);
    let mut text = format!("{}\n\n", strong(heading));
    let section = |text: &mut String, title: &str, table: &Comparison| {
        text.push_str(&format!("{}\n{}\n", strong(title), table.render(colour)));
    };
    section(&mut text, "Outcomes (returns and falls in % of the capital)", &outcomes(populations));
    text.push_str(&wrap(SEEDS_NOTE, "  "));
    if (2..=PERIODS_LISTED_MAX).contains(&periods.len()) {
        text.push('\n');
        section(&mut text, "Median return by period", &by_period(populations, periods));
    }
    let twins: Vec<&Population> = populations.iter().filter(|of| !of.cost.values.is_empty()).collect();
    if !twins.is_empty() {
        text.push('\n');
        section(&mut text, "Cost of emotion (% of the capital; above zero is lost)", &costs(&twins));
    }
    let feeling: Vec<&Population> = populations.iter().filter(|population| population.feels()).collect();
    if !feeling.is_empty() {
        text.push('\n');
        section(&mut text, "Behaviour: median (5 % .. 95 % of the runs)", &behaviours(&feeling));
    }
    text
}

const SEEDS_NOTE: &str = "A seed changes a persona's luck and nothing else. Whose luck decides little ends alike with \
    most seeds: then the spread is that of the periods, and more seeds are no more evidence. Each period begins cold: \
    averages of four hours need days before they say anything.";

fn heads<'a>(populations: impl Iterator<Item = &'a Population>) -> Vec<String> {
    populations.map(|population| population.persona.clone()).collect()
}

fn percent(figure: f64) -> Cell {
    let text = format!("{:.2}", figure * 100.0);
    let sign = if text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.') { 0.0 } else { figure };
    Cell::signed(
        if sign == 0.0 { "0.00".to_owned() } else { text },
        sign.signum() as i64 * i64::from(sign != 0.0),
    )
}

/// The tone of a figure of which less is better.
fn cost(figure: f64) -> Cell {
    Cell::plain(format!("{:.2}", figure * 100.0))
}

fn quantile(spread: &Spread, at: usize, cell: fn(f64) -> Cell) -> Cell {
    spread.summary.map_or_else(|_| Cell::new("-", Tone::Quiet), |summary| cell(summary.quantiles[at]))
}

fn positive(spread: &Spread) -> Cell {
    let share = |share: f64| Cell::plain(format!("{:.0} %", share * 100.0));
    spread.summary.map_or_else(|_| Cell::new("-", Tone::Quiet), |summary| share(summary.share_positive))
}

fn outcomes(populations: &[Population]) -> Comparison {
    let mut table = Comparison::new(heads(populations.iter()));
    let mut row = |label: &str, cell: &dyn Fn(&Population) -> Cell| {
        table.row(label, populations.iter().map(cell).collect());
    };
    row("runs", &|of| Cell::plain(figures::count(of.runs as i128)));
    row("different outcomes", &|of| Cell::plain(figures::count(of.distinct as i128)));
    row("seeds that differ", &|of| {
        let seeds = of.runs / of.by_period.len();
        let (fewest, most) = of.seeds_that_differ;
        let range = if fewest == most { most.to_string() } else { format!("{fewest}-{most}") };
        Cell::plain(format!("{range} of {seeds}"))
    });
    for (at, label) in ["return, 5 %", "  25 %", "  median", "  75 %", "  95 %"].into_iter().enumerate() {
        row(label, &|of| quantile(&of.returns, at, percent));
    }
    row("above zero", &|of| positive(&of.returns));
    row("deepest fall, median", &|of| quantile(&of.drawdown, 2, percent));
    row("  worst 5 %", &|of| quantile(&of.drawdown, 0, percent));
    row("trades, median", &|of| quantile(&of.trades, 2, |trades| Cell::plain(format!("{trades:.0}"))));
    row("ruined", &|of| Cell::plain(format!("{:.1} %", of.ruined * 100.0)));
    table
}

fn by_period(populations: &[Population], periods: &[String]) -> Comparison {
    let mut table = Comparison::new(heads(populations.iter()));
    for (i, period) in periods.iter().enumerate() {
        let cell = |of: &Population| of.by_period[i].map_or(Cell::new("-", Tone::Quiet), percent);
        table.row(period, populations.iter().map(cell).collect());
    }
    table
}

fn costs(populations: &[&Population]) -> Comparison {
    let mut table = Comparison::new(heads(populations.iter().copied()));
    for (at, label) in ["5 %", "25 %", "median", "75 %", "95 %"].into_iter().enumerate() {
        table.row(label, populations.iter().map(|of| quantile(&of.cost, at, cost)).collect());
    }
    table.row("runs in which it cost", populations.iter().map(|of| positive(&of.cost)).collect());
    table
}

fn behaviours(populations: &[&Population]) -> Comparison {
    let mut table = Comparison::new(heads(populations.iter().copied()));
    for (i, metric) in BEHAVIOURS.iter().enumerate() {
        let cell = |of: &&Population| match of.behaviour[i].summary {
            Ok(summary) => {
                let [low, _, middle, _, high] = summary.quantiles.map(|value| short(metric.unit, value));
                Cell::plain(format!("{middle} ({low} .. {high})"))
            }
            Err(_) => Cell::new("n/a", Tone::Quiet),
        };
        table.row(metric.title, populations.iter().map(cell).collect());
    }
    table
}

/// Three figures in a cell have room for few digits.
fn short(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Fraction => format!("{:.1}", value * 100.0 + 0.0) + " %",
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Row;
    use crate::table::WIDTH_MAX;
    use model::Usd;

    #[test]
    fn a_hair_below_zero_has_no_sign() {
        for (figure, text) in [(-0.000_01, "0.00"), (0.0, "0.00"), (0.000_01, "0.00"), (-0.012_3, "-1.23")] {
            assert_eq!(percent(figure), Cell::signed(text, i64::from(figure < -0.001) * -1), "{figure}");
        }
    }

    #[test]
    fn every_line_fits_and_copies_are_named() {
        let names: Vec<&str> = persona::PERSONAS.iter().map(|(name, _)| *name).collect();
        let row = |persona: &&str, seed: u64, period: usize| Row {
            persona: (*persona).to_owned(),
            seed,
            period,
            capital: Usd(10_000 * Usd::ONE.0),
            net: Usd(-1_234_567_891),
            max_drawdown: -0.987_65,
            trades: 12_345,
            ruined_at: None,
            state_hash: 1,
            cost: Some(Usd(987_654_321)),
            behaviour: vec![Some(-0.987_654); BEHAVIOURS.len()],
        };
        let rows: Vec<Row> =
            names.iter().flat_map(|name| (0..40).map(move |i| row(name, i / 2, (i % 2) as usize))).collect();
        let populations: Vec<Population> = names.iter().map(|name| Population::of(name, &rows, 2)).collect();
        let periods = ["2022-01-01".to_owned(), "2022-04-01".to_owned()];
        let text = report("A study", &populations, &periods, false);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH_MAX), "{text}");
        assert_eq!(text.matches("1 of 20").count(), names.len());
        assert!(BEHAVIOURS.iter().all(|metric| text.contains(metric.title)));
    }
}
