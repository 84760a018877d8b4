//! Does a factor matter? The same persona, luck and market with the factor and without any sky, and again with the
//! factor moved in time: placebos, which have its shape and not its timing.
//!
//! It runs nothing itself: it says which runs there are, so that whoever has cores can share them out and resume, and
//! judges what came of them. It refuses a factor that has no reading in the window.

use crate::run::{RunResult, RunSettings};
use analytics::significance::{self, PlaceboOutcome, PlaceboTest, Sidedness};
use cosmos::{Factor, FactorSet, Sky};
use model::{Interval, Rng, Time, Usd};
use std::collections::BTreeSet;

/// What is compared, in words.
pub const STATISTIC: &str = "net with the factor less net without any sky, per cent of capital";

/// What is kept of one run: enough to judge, small enough to keep in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arm {
    /// Its net result.
    pub net: Usd,
    /// All it did, in one word.
    pub hash: u64,
}

impl From<&RunResult> for Arm {
    fn from(result: &RunResult) -> Arm {
        Arm { net: result.net, hash: result.state_hash }
    }
}

/// How an experiment is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Design {
    /// Which factor.
    pub factor: Factor,
    /// First and last instant of the market.
    pub window: (Time, Time),
    /// How many placebos are wanted.
    pub placebos: usize,
    /// Seed of the choice of shifts.
    pub seed: u64,
}

/// Why there is no experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExperimentError {
    /// The sky has no such series, or no almanac.
    #[error("there are no readings of {} in the window", .0.name())]
    Absent(Factor),
    /// The window holds no two different shifts.
    #[error("the window is too short to move {} in it", .0.name())]
    TooShort(Factor),
}

/// The runs of one factor.
#[derive(Clone, Debug)]
pub struct Experiment {
    design: Design,
    shifts: Vec<Interval>,
    /// How much each placebo's reading is like the true one: their correlation over the window.
    likeness: Vec<f64>,
    settings: RunSettings,
}

/// Stream of the choice of shifts, apart from everything else that the seed is for.
const SHIFTS: u64 = 0x5348_4946_5453;

impl Experiment {
    /// An experiment on the bot of `settings`, whose sky has the factor and whatever else; only the factor is on.
    pub fn new(settings: &RunSettings, design: Design) -> Result<Experiment, ExperimentError> {
        let Design { factor, window: (from, to), placebos, seed } = design;
        let sky = settings.sky.clone().with_factors(FactorSet::EMPTY.with(factor));
        let resolution = sky.resolution(factor).ok_or(ExperimentError::Absent(factor))?;
        let days = (to - from).0 / Interval::DAY.0;
        let known =
            (0..=days.max(1)).any(|day| sky.effect(factor, from + Interval(day * Interval::DAY.0)).is_some());
        if !known {
            return Err(ExperimentError::Absent(factor));
        }
        let span = factor.period().unwrap_or(to - from);
        let mut rng = Rng::new(seed ^ SHIFTS ^ factor as u64);
        let shifts = significance::shifts(span, resolution, placebos, &mut rng);
        if shifts.len() < 2 {
            return Err(ExperimentError::TooShort(factor));
        }
        let likeness = likeness(&sky, &design, resolution, &shifts);
        let settings = RunSettings { sky, ..settings.clone() };
        Ok(Experiment { design, shifts, likeness, settings })
    }

    /// The factor.
    pub fn factor(&self) -> Factor {
        self.design.factor
    }

    /// How much of an effect each placebo still has, -1..1.
    pub fn likeness(&self) -> &[f64] {
        &self.likeness
    }

    /// The shifts of the placebos.
    pub fn shifts(&self) -> &[Interval] {
        &self.shifts
    }

    /// How many runs there are beside the one without any sky: the true timing and the placebos.
    pub fn arms(&self) -> usize {
        1 + self.shifts.len()
    }

    /// The settings of an arm: 0 is the true timing.
    pub fn arm(&self, arm: usize) -> RunSettings {
        let Some(shift) = arm.checked_sub(1) else { return self.settings.clone() };
        let sky = self.settings.sky.shifted(self.design.factor, self.shifts[shift], self.design.window);
        RunSettings { sky, ..self.settings.clone() }
    }

    /// The settings of the run without any sky: the same for every factor.
    pub fn without(&self) -> RunSettings {
        RunSettings { sky: Sky::none(), ..self.settings.clone() }
    }

    /// What the runs say, `arms` in their order.
    pub fn judge(&self, without: Arm, arms: &[Arm], question: &Question) -> Finding {
        assert_eq!(arms.len(), self.arms(), "every arm was run");
        let capital = self.settings.capital.as_f64();
        let statistic = |arm: &Arm| (arm.net - without.net).as_f64() / capital * 100.0;
        let placebos: Vec<f64> = arms[1..].iter().map(statistic).collect();
        let observed = statistic(&arms[0]);
        let distinct = arms[1..].iter().map(|arm| arm.hash).collect::<BTreeSet<u64>>().len();
        let test = PlaceboTest {
            observed,
            placebos: &placebos,
            likeness: Some(&self.likeness),
            distinct,
            sidedness: question.sidedness,
            alpha: question.alpha,
            effect_of_interest: question.effect_of_interest,
        };
        let outcome = test.outcome();
        Finding { factor: self.design.factor, observed, placebos, distinct, outcome }
    }
}

/// Correlation of the factor with itself at each shift, over the window at the factor's resolution.
fn likeness(sky: &Sky, design: &Design, resolution: Interval, shifts: &[Interval]) -> Vec<f64> {
    let (from, to) = design.window;
    let steps = ((to - from).0 / resolution.0).max(1);
    let readings = |sky: &Sky| -> Vec<f64> {
        let at = |step: i64| sky.effect(design.factor, from + Interval(step * resolution.0));
        (0..steps).map(|step| at(step).unwrap_or(0.0)).collect()
    };
    let own = readings(sky);
    let shifted = |&by: &Interval| readings(&sky.shifted(design.factor, by, design.window));
    shifts.iter().map(|by| correlation(&own, &shifted(by))).collect()
}

/// Pearson's correlation; two readings that do not vary are alike.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let (mut both, mut own_a, mut own_b) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        both += (x - mean_a) * (y - mean_b);
        own_a += (x - mean_a) * (x - mean_a);
        own_b += (y - mean_b) * (y - mean_b);
    }
    let scale = (own_a * own_b).sqrt();
    if scale > 0.0 { (both / scale).clamp(-1.0, 1.0) } else { 1.0 }
}

/// What is asked of an experiment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Question {
    /// Which results count against luck.
    pub sidedness: Sidedness,
    /// Level of the test.
    pub alpha: f64,
    /// The effect that would matter, in per cent of capital.
    pub effect_of_interest: Option<f64>,
}

/// What an experiment found. Statistics are net with less net without, in per cent of capital.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Which factor.
    pub factor: Factor,
    /// The statistic at the true timing.
    pub observed: f64,
    /// The statistic at each shift.
    pub placebos: Vec<f64>,
    /// How many different runs the shifts led to: the effective number of shifts.
    pub distinct: usize,
    /// p, verdict, effect and power.
    pub outcome: PlaceboOutcome,
}
