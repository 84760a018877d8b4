//! A population study: everybody over every period of a market and every seed, and how the outcomes are distributed.
//!
//! It refuses to pass copies for evidence: a persona that luck hardly touches ends alike whatever the seed, and the
//! number of different outcomes stands beside the number of runs.

mod charts;
mod document;
mod population;
mod row;
mod table;

pub use charts::draw;
pub use document::document;
pub use population::Population;
pub use row::Row;
pub use table::report;

use crate::console::Progress;
use crate::error::Failure;
use crate::fingerprint::Fingerprint;
use crate::finished_runs::{FinishedRuns, key};
use crate::market_flags::VenueFlags;
use crate::parallel;
use backtest::noise::bursty_market;
use backtest::{CostOfEmotion, History, RunSettings, run};
use farm::Character;
use model::{Instrument, Interval, Time, Usd};
use std::cell::OnceCell;

/// Runs beyond which a study is a mistake of the command line.
pub const RUNS_MAX: usize = 1_000_000;

/// A stretch of a market.
#[derive(Clone, Debug)]
pub struct Period {
    /// Its first instant.
    pub from: Time,
    /// Its end.
    pub to: Time,
    /// What is replayed.
    pub history: History,
    /// Of the history.
    pub fingerprint: Fingerprint,
}

/// Where the runs take place.
#[derive(Clone, Debug)]
pub enum Markets {
    /// The same periods for every seed.
    Periods(Vec<Period>),
    /// A made market of so many days for each seed.
    Made {
        /// Its length.
        days: usize,
        /// What is traded.
        instrument: Instrument,
    },
}

/// Whether everybody's calm twin runs too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twins {
    /// It does.
    Run,
    /// It does not, and nothing is known of the cost of emotion.
    Skip,
}

/// What is to be run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where.
    pub markets: Markets,
    /// Who.
    pub characters: Vec<Character>,
    /// What the venue does to them.
    pub venue: VenueFlags,
    /// Their seeds.
    pub seeds: Vec<u64>,
    /// Money each starts with.
    pub capital: Usd,
    /// Their twins.
    pub twins: Twins,
}

impl Markets {
    /// A market cut into whole periods of this length; `None` is one period of all there is.
    pub fn cut(history: &History, length: Option<Interval>) -> Markets {
        let bars = history.bars();
        let (first, end) = (bars.open_time[0], backtest::history::end_of(bars));
        let length = length.unwrap_or(end - first);
        let whole = (end - first).0 / length.0;
        let periods = (0..whole).map(|i| {
            let (from, to) = (first + Interval(i * length.0), first + Interval((i + 1) * length.0));
            (bars.opening_before(from), bars.opening_before(to), from, to)
        });
        // A gap may swallow a whole period.
        let periods = periods.filter(|(a, b, ..)| a < b).map(|(a, b, from, to)| {
            let history = history.part(a, b);
            Period { from, to, fingerprint: Fingerprint::of_history(&history), history }
        });
        Markets::Periods(periods.collect())
    }

    /// Periods that each seed lives through.
    pub fn periods(&self) -> usize {
        match self {
            Markets::Periods(periods) => periods.len(),
            Markets::Made { .. } => 1,
        }
    }

    /// Days of all periods together.
    pub fn days(&self) -> f64 {
        match self {
            Markets::Periods(periods) => {
                let ms: i64 = periods.iter().map(|period| (period.to - period.from).0).sum();
                ms as f64 / Interval::DAY.0 as f64
            }
            Markets::Made { days, .. } => *days as f64,
        }
    }
}

fn made_market(days: usize, instrument: &Instrument, seed: u64) -> History {
    let bars = days * (Interval::DAY.0 / Interval::MINUTE.0) as usize;
    History::new(instrument.clone(), bursty_market(bars, seed), &[], None)
}

impl Plan {
    /// Runs, twins not counted.
    pub fn runs(&self) -> usize {
        self.characters.len() * self.seeds.len() * self.markets.periods()
    }

    /// Steps of the progress bar: everybody in one period with one seed.
    pub fn steps(&self) -> usize {
        self.seeds.len() * self.markets.periods()
    }

    /// Runs what is not known yet, on all cores; rows by period, seed and persona.
    pub fn run(&self, finished: &FinishedRuns, progress: &Progress) -> Result<Vec<Row>, Failure> {
        let groups = parallel::map(self.steps(), |step| {
            let (period, seed) = (step / self.seeds.len(), self.seeds[step % self.seeds.len()]);
            let rows = self.run_group(period, seed, finished);
            progress.done();
            rows
        });
        let mut rows = Vec::with_capacity(self.runs());
        for group in groups {
            rows.extend(group?);
        }
        Ok(rows)
    }

    /// Everybody in one period with one seed.
    fn run_group(&self, period: usize, seed: u64, finished: &FinishedRuns) -> Result<Vec<Row>, Failure> {
        let made = OnceCell::new();
        // A made market is made only for a run that is not known yet.
        let history = || match &self.markets {
            Markets::Periods(periods) => &periods[period].history,
            Markets::Made { days, instrument } => made.get_or_init(|| made_market(*days, instrument, seed)),
        };
        let market = match &self.markets {
            Markets::Periods(periods) => periods[period].fingerprint.to_string(),
            Markets::Made { days, instrument } => format!("made, {days} days of {instrument:?}"),
        };
        let mut rows = Vec::with_capacity(self.characters.len());
        for character in &self.characters {
            let settings = self.settings(character, seed);
            let key = key(&["study", &market, &format!("{settings:?}"), &format!("{:?}", self.twins)]);
            if let Some(row) = finished.recall(&key, |outcome| Row::read(outcome, &settings, period)) {
                rows.push(row);
                continue;
            }
            let row = self.run_one(history(), &settings, period)?;
            finished.keep(&key, row.json())?;
            rows.push(row);
        }
        Ok(rows)
    }

    fn settings(&self, character: &Character, seed: u64) -> RunSettings {
        RunSettings {
            bot: model::BotId(0),
            character: character.clone(),
            capital: self.capital,
            seed,
            models: self.venue.models(character),
            stride: farm::STRIDE_MAX,
            sky: cosmos::Sky::none(),
        }
    }

    fn run_one(&self, history: &History, settings: &RunSettings, period: usize) -> Result<Row, Failure> {
        let name = settings.character.name();
        let failed = |source| Failure::Run { persona: name.to_owned(), source };
        let result = run(history, settings).map_err(failed)?;
        let twin = settings.twin().filter(|_| self.twins == Twins::Run);
        let twin = twin.map(|twin| run(history, &twin)).transpose().map_err(failed)?;
        let cost = twin.map(|twin| CostOfEmotion::of(&result, &twin).total);
        Ok(Row::of(&result, settings, period, cost, history.instrument()))
    }
}
