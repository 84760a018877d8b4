//! The population study: many lives of each persona, and what becomes of them.
//!
//! It refuses to hide how few lives differ: seeds change luck alone, and who has none lives the same life again.

pub mod pictures;
pub mod tables;

use crate::error::Failure;
use crate::finished::Finished;
use crate::{fingerprint, parallel};
use analytics::behaviour::{BEHAVIOURS, Observations};
use backtest::{CostOfEmotion, History, RunResult, RunSettings, run};
use model::StateHash;
use std::collections::BTreeSet;

/// One life: who, on which period, with which seed.
#[derive(Clone, Debug)]
pub struct Life {
    /// Index of the persona.
    pub persona: usize,
    /// Index of the period.
    pub period: usize,
    /// The bot.
    pub settings: RunSettings,
}

/// What became of it. Fractions are of the capital.
#[derive(Clone, Debug, PartialEq)]
pub struct Lived {
    /// Return.
    pub total_return: f64,
    /// Deepest fall at bar closes, negative.
    pub drawdown: f64,
    /// Round trips.
    pub trades: f64,
    /// 1 where the capital was gone.
    pub ruined: f64,
    /// The calm twin's net less the persona's, as a fraction of the capital; `None` without a twin.
    pub cost: Option<f64>,
    /// Behavioural metrics, in the list's order; `None` where undefined.
    pub behaviour: Vec<Option<f64>>,
    /// All it did, in one word; its luck is not part of it.
    pub hash: u64,
}

/// Every round trip in one word: lives of other seeds that did the same are the same.
fn deeds(result: &RunResult) -> u64 {
    let mut hash = StateHash::default();
    for closed in &result.trades {
        hash.int(closed.trade.position.entered_at.0);
        hash.int(closed.trade.exited_at.0);
        hash.int(closed.trade.net().0);
    }
    hash.finish()
}

impl Lived {
    fn of(result: &RunResult, twin: Option<&RunResult>, capital: f64, history: &History) -> Lived {
        let trades = result.lived_trades(history.instrument());
        let seen = Observations { occasions: result.lived_occasions(), trades: &trades };
        Lived {
            total_return: result.net.as_f64() / capital,
            drawdown: result.max_drawdown,
            trades: result.trades.len() as f64,
            ruined: f64::from(u8::from(result.ruined_at.is_some())),
            cost: twin.map(|twin| CostOfEmotion::of(result, twin).total.as_f64() / capital),
            behaviour: BEHAVIOURS.iter().map(|metric| metric.evaluate(&seen).ok()).collect(),
            hash: deeds(result),
        }
    }

    /// As words of a line: floats by their bits, so that a life read back is the life that was lived.
    fn line(&self) -> String {
        let bits = |x: f64| format!("{:016x}", x.to_bits());
        let maybe = |x: Option<f64>| x.map_or("-".to_owned(), bits);
        let mut words = vec![format!("{:016x}", self.hash)];
        words.extend([self.total_return, self.drawdown, self.trades, self.ruined].map(bits));
        words.push(maybe(self.cost));
        words.extend(self.behaviour.iter().map(|x| maybe(*x)));
        words.join(" ")
    }

    fn read(line: &str) -> Option<Lived> {
        let words: Vec<&str> = line.split(' ').collect();
        let bits = |at: usize| Some(f64::from_bits(u64::from_str_radix(words.get(at)?, 16).ok()?));
        let maybe = |at: usize| if words.get(at) == Some(&"-") { Some(None) } else { bits(at).map(Some) };
        if words.len() != 6 + BEHAVIOURS.len() {
            return None;
        }
        Some(Lived {
            hash: u64::from_str_radix(words[0], 16).ok()?,
            total_return: bits(1)?,
            drawdown: bits(2)?,
            trades: bits(3)?,
            ruined: bits(4)?,
            cost: maybe(5)?,
            behaviour: (6..words.len()).map(maybe).collect::<Option<_>>()?,
        })
    }
}

/// Whether twins live beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twins {
    /// Each persona's.
    Beside,
    /// None.
    Left,
}

/// Lives them all on all cores; the seconds of one core they took.
pub fn live(
    histories: &[History],
    lives: &[Life],
    twins: Twins,
    finished: &Finished,
    done: impl Fn() + Sync,
) -> Result<Vec<Lived>, Failure> {
    let markets: Vec<String> = histories.iter().map(fingerprint::of_market).collect();
    let lived = parallel::map(lives.len(), |i| {
        let life = &lives[i];
        let lived = one(&histories[life.period], &markets[life.period], life, twins, finished);
        done();
        lived
    });
    lived.into_iter().collect()
}

fn one(
    history: &History,
    market: &str,
    life: &Life,
    twins: Twins,
    finished: &Finished,
) -> Result<Lived, Failure> {
    let key = format!(
        "{}{}",
        if twins == Twins::Beside { "t" } else { "" },
        fingerprint::of_run(market, &life.settings)
    );
    if let Some(lived) = finished.get(&key).and_then(Lived::read) {
        return Ok(lived);
    }
    let failed = |source| Failure::Run { persona: life.settings.character.name().to_owned(), source };
    let result = run(history, &life.settings).map_err(failed)?;
    let twin = life.settings.twin().filter(|_| twins == Twins::Beside);
    let twin = twin.map(|twin| run(history, &twin)).transpose().map_err(failed)?;
    let lived = Lived::of(&result, twin.as_ref(), life.settings.capital.as_f64(), history);
    finished.keep(&key, &lived.line())?;
    Ok(lived)
}

/// How a figure is read off a life.
type ReadOff = Box<dyn Fn(&Lived) -> Option<f64>>;

/// A figure that a study describes: its name, its unit's factor for people, and how it is read off a life.
pub struct Figure {
    /// In tables and JSON.
    pub key: &'static str,
    /// As one says it.
    pub title: String,
    /// Multiplies it for people: 100 for per cent.
    pub scale: f64,
    /// The value, where there is one.
    pub of: ReadOff,
}

/// Every figure: outcomes first, then each behavioural metric.
pub fn figures() -> Vec<Figure> {
    let outcome = |key, title: &str, scale, of: fn(&Lived) -> Option<f64>| Figure {
        key,
        title: title.to_owned(),
        scale,
        of: Box::new(of),
    };
    let mut figures = vec![
        outcome("total_return", "return, %", 100.0, |lived| Some(lived.total_return)),
        outcome("max_drawdown", "max drawdown, %", 100.0, |lived| Some(lived.drawdown)),
        outcome("trades", "trades", 1.0, |lived| Some(lived.trades)),
        outcome("cost_of_emotion", "cost of emotion, % of capital", 100.0, |lived| lived.cost),
    ];
    for (i, metric) in BEHAVIOURS.iter().enumerate() {
        let percent = matches!(metric.unit, analytics::Unit::Fraction);
        figures.push(Figure {
            key: metric.key,
            title: if percent { format!("{}, %", metric.title) } else { metric.title.to_owned() },
            scale: if percent { 100.0 } else { 1.0 },
            of: Box::new(move |lived| lived.behaviour[i]),
        });
    }
    figures
}

/// How many of the lives differ.
pub fn distinct<'a>(lives: impl Iterator<Item = &'a Lived>) -> usize {
    lives.map(|lived| lived.hash).collect::<BTreeSet<u64>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_read_back_as_it_was_lived() {
        let mut behaviour: Vec<Option<f64>> = vec![None; BEHAVIOURS.len()];
        behaviour[0] = Some(-0.125);
        let lived = Lived {
            total_return: -0.1,
            drawdown: -0.3,
            trades: 17.0,
            ruined: 0.0,
            cost: Some(0.02),
            behaviour,
            hash: 7,
        };
        assert_eq!(Lived::read(&lived.line()), Some(lived.clone()));
        let calm = Lived { cost: None, ..lived };
        assert_eq!(Lived::read(&calm.line()), Some(calm.clone()));
        assert_eq!(Lived::read("1 2 3"), None);
        assert_eq!(distinct([&calm, &calm].into_iter()), 1);
    }
}
