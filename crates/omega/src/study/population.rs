//! The distribution of everything about one persona over all its runs.
//!
//! It refuses to hide runs whose figure has no meaning: they are counted beside those that have one.

use super::Row;
use crate::json::Json;
use analytics::population::{QUANTILES, Summary, summarise};
use analytics::{BEHAVIOURS, Undefined};
use std::collections::BTreeSet;

/// A figure over the runs of one persona.
#[derive(Clone, Debug, PartialEq)]
pub struct Spread {
    /// The figures of the runs that have one.
    pub values: Vec<f64>,
    /// Runs without one.
    pub undefined: usize,
    /// Its summary.
    pub summary: Result<Summary, Undefined>,
}

impl Spread {
    fn of(figures: impl Iterator<Item = Option<f64>>) -> Spread {
        let figures: Vec<Option<f64>> = figures.collect();
        let values: Vec<f64> = figures.iter().filter_map(|figure| *figure).collect();
        Spread { undefined: figures.len() - values.len(), summary: summarise(&values), values }
    }

    /// The median, where there is one.
    pub fn median(&self) -> Option<f64> {
        Some(self.summary.ok()?.quantiles[2])
    }

    /// As JSON.
    pub fn json(&self) -> Json {
        let Ok(summary) = self.summary else {
            return Json::object([("count", Json::count(0)), ("undefined", Json::count(self.undefined))]);
        };
        let quantiles = QUANTILES.iter().zip(summary.quantiles);
        let quantiles = quantiles.map(|(p, value)| (format!("p{:02.0}", p * 100.0), Json::Number(value)));
        Json::object([
            ("count", Json::count(summary.count)),
            ("undefined", Json::count(self.undefined)),
            ("quantiles", Json::Object(quantiles.collect())),
            ("mean", Json::Number(summary.mean)),
            ("deviation", Json::optional(summary.deviation.ok(), Json::Number)),
            ("share_positive", Json::Number(summary.share_positive)),
        ])
    }
}

/// One persona over all its runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    /// Who.
    pub persona: String,
    /// How many runs.
    pub runs: usize,
    /// How many of them ended differently.
    pub distinct: usize,
    /// The fewest and the most seeds that ended differently in one period.
    pub seeds_that_differ: (usize, usize),
    /// Net result as a fraction of capital.
    pub returns: Spread,
    /// Deepest fall, negative.
    pub drawdown: Spread,
    /// Round trips.
    pub trades: Spread,
    /// Share of the runs that were ruined.
    pub ruined: f64,
    /// The cost of emotion as a fraction of capital.
    pub cost: Spread,
    /// The behavioural metrics in the order of their list.
    pub behaviour: Vec<Spread>,
    /// Median return of each period.
    pub by_period: Vec<Option<f64>>,
}

impl Population {
    /// Of the rows of `persona`, in periods `0..periods`.
    pub fn of(persona: &str, rows: &[Row], periods: usize) -> Population {
        let rows: Vec<&Row> = rows.iter().filter(|row| row.persona == persona).collect();
        assert!(!rows.is_empty(), "a population has a member");
        let outcomes = |period: usize| {
            let inside = rows.iter().filter(move |row| row.period == period);
            inside.map(|row| row.state_hash).collect::<BTreeSet<u64>>().len()
        };
        let differ: Vec<usize> = (0..periods).map(outcomes).collect();
        let of = |figure: &dyn Fn(&Row) -> Option<f64>| Spread::of(rows.iter().map(|row| figure(row)));
        let median_of = |period: usize| {
            let inside = rows.iter().filter(|row| row.period == period);
            Spread::of(inside.map(|row| Some(row.total_return()))).median()
        };
        Population {
            persona: persona.to_owned(),
            runs: rows.len(),
            distinct: differ.iter().sum(),
            seeds_that_differ: (
                differ.iter().copied().min().expect("there is a period"),
                differ.iter().copied().max().expect("there is a period"),
            ),
            returns: of(&|row| Some(row.total_return())),
            drawdown: of(&|row| Some(row.max_drawdown)),
            trades: of(&|row| Some(row.trades as f64)),
            ruined: rows.iter().filter(|row| row.ruined_at.is_some()).count() as f64 / rows.len() as f64,
            cost: of(&Row::cost_share),
            behaviour: (0..BEHAVIOURS.len()).map(|i| of(&|row| row.behaviour[i])).collect(),
            by_period: (0..periods).map(median_of).collect(),
        }
    }

    /// Whether it feels anything: a control has no figure of behaviour.
    pub fn feels(&self) -> bool {
        self.behaviour.iter().any(|spread| !spread.values.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Time, Usd};

    fn row(period: usize, seed: u64, net: i64, state_hash: u64) -> Row {
        Row {
            persona: "p".to_owned(),
            seed,
            period,
            capital: Usd(100 * Usd::ONE.0),
            net: Usd(net * Usd::ONE.0),
            max_drawdown: -0.1,
            trades: 3,
            ruined_at: (net == -50).then_some(Time(0)),
            state_hash,
            cost: (net > 0).then_some(Usd(Usd::ONE.0)),
            behaviour: vec![None; BEHAVIOURS.len()],
        }
    }

    #[test]
    fn copies_are_counted_once_a_period() {
        let stranger = Row { persona: "q".to_owned(), ..row(0, 1, 7, 5) };
        let rows = [row(0, 1, 10, 1), row(0, 2, 10, 1), row(1, 1, -50, 1), row(1, 2, 20, 2), stranger];
        let population = Population::of("p", &rows, 2);
        assert_eq!((population.runs, population.distinct, population.seeds_that_differ), (4, 3, (1, 2)));
        assert_eq!(population.returns.summary.expect("runs").share_positive, 0.75);
        assert_eq!(population.returns.values, [0.1, 0.1, -0.5, 0.2]);
        assert_eq!((population.cost.values.len(), population.cost.undefined), (3, 1));
        assert_eq!(population.by_period[0], Some(0.1));
        assert!((population.by_period[1].expect("two runs") + 0.15).abs() < 1e-12);
        assert_eq!(population.ruined, 0.25);
        assert!(!population.feels() && population.behaviour[0].median().is_none());
    }
}
