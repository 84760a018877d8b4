//! The test of the test: markets with nothing in them, on which it may cry wolf only as often as chance allows, and
//! markets with something planted, which it must find as often as it says it would.
//!
//! It refuses to judge itself by one market: a rate is counted over many, with its interval.

use crate::console::Progress;
use crate::error::Failure;
use crate::parallel;
use analytics::Undefined;
use analytics::significance::{Sidedness, Verdict, rate_interval, rejections_upper_bound};
use backtest::planted::{self, Planted};
use backtest::{Arm, Design, Experiment, History, Question, RunSettings, run};
use cosmos::{Almanac, Factor, FactorSet, Sky};
use model::{Instrument, Interval, Rng, Time};
use std::sync::Arc;

/// What is tested.
#[derive(Clone, Debug)]
pub struct SelfTest {
    /// The bot; its sky is made here.
    pub settings: RunSettings,
    /// Which factor; one that the almanac knows.
    pub factor: Factor,
    /// Strength of what is planted; 0 for nothing.
    pub strength: f64,
    /// How many markets.
    pub runs: usize,
    /// Days of each.
    pub days: u32,
    /// Placebos of each.
    pub placebos: usize,
    /// Level of the test.
    pub alpha: f64,
    /// Seed of everything.
    pub seed: u64,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Tally {
    /// Markets on which a verdict was possible.
    pub judged: usize,
    /// Markets on which there was none.
    pub no_verdict: usize,
    /// Markets on which it was significant.
    pub rejections: usize,
    /// Rejections that chance alone exceeds in one of a hundred such tests.
    pub rejections_max: usize,
    /// Share of rejections with its 95 % interval (Clopper-Pearson).
    pub rate: Result<(f64, f64, f64), Undefined>,
    /// Mean effect of the timing, in per cent of capital.
    pub effect: f64,
    /// Power at that mean effect, as tests on markets with nothing planted state it; `None` where nothing is planted.
    pub stated_power: Option<f64>,
}

/// One market's verdict, and power at an effect where that was asked.
struct One {
    verdict: Verdict,
    effect: f64,
    power: Option<f64>,
}

/// First of the days on which a market may begin, and how many there are: many lunations and Mercury's years.
const FIRST_DAY: (i64, i64, i64) = (1990, 1, 1);
const DAYS: u64 = 20_000;

impl SelfTest {
    /// How many markets it takes: where something is planted, as many again without it.
    pub fn markets(&self) -> usize {
        if self.strength > 0.0 { 2 * self.runs } else { self.runs }
    }

    /// How many runs of a bot it takes.
    pub fn bot_runs(&self) -> usize {
        self.markets() * (self.placebos + 2)
    }

    /// Runs it on all cores.
    pub fn run(&self, progress: &Progress) -> Result<Tally, Failure> {
        let mut tally = self.tally(&self.all(self.strength, None, progress)?);
        if self.strength > 0.0 {
            // What could be found is stated where nothing was planted: an effect must not hide in its own noise.
            let stated: Vec<f64> =
                self.all(0.0, Some(tally.effect), progress)?.iter().filter_map(|one| one.power).collect();
            tally.stated_power = Some(stated.iter().sum::<f64>() / stated.len().max(1) as f64);
        }
        Ok(tally)
    }

    fn all(&self, strength: f64, effect: Option<f64>, progress: &Progress) -> Result<Vec<One>, Failure> {
        let ones = parallel::map(self.runs, |market| {
            let one = self.one(market as u64, strength, effect);
            progress.done();
            one
        });
        ones.into_iter().collect()
    }

    fn one(&self, market: u64, strength: f64, effect: Option<f64>) -> Result<One, Failure> {
        let mut rng = Rng::new(self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ market);
        let (year, month, day) = FIRST_DAY;
        let first = Time::from_date(year, month, day).expect("a day of the calendar");
        let from = first + Interval(rng.below(DAYS) as i64 * Interval::DAY.0);
        let minutes = self.days as usize * 1_440;
        let to = from + Interval(minutes as i64 * Interval::MINUTE.0);
        let period = self.factor.period().unwrap_or(Interval::DAY);
        let almanac = Almanac::new(from, to + period)
            .map_err(|error| Failure::usage(error.to_string(), "give fewer days"))?;
        let sky =
            Sky::none().with_almanac(Arc::new(almanac)).with_factors(FactorSet::EMPTY.with(self.factor));
        let planted = Planted { factor: self.factor, strength };
        let bars = planted::market(from, minutes, rng.next_u64(), &sky, planted);
        let history = History::new(Instrument::btcusdt(), bars, &[], None);
        let settings = RunSettings { sky, seed: rng.next_u64(), ..self.settings.clone() };
        let design =
            Design { factor: self.factor, window: (from, to), placebos: self.placebos, seed: rng.next_u64() };
        let experiment = Experiment::new(&settings, design)
            .map_err(|error| Failure::usage(error.to_string(), "give more days"))?;
        let arm = |settings: &RunSettings| {
            let persona = settings.character.name().to_owned();
            let result = run(&history, settings).map_err(|source| Failure::Run { persona, source })?;
            Ok(Arm::from(&result))
        };
        let without = arm(&experiment.without())?;
        let arms =
            (0..experiment.arms()).map(|i| arm(&experiment.arm(i))).collect::<Result<Vec<_>, Failure>>()?;
        let question =
            Question { sidedness: Sidedness::TwoSided, alpha: self.alpha, effect_of_interest: effect };
        let finding = experiment.judge(without, &arms, &question);
        Ok(One {
            verdict: finding.outcome.verdict,
            effect: finding.outcome.effect.map_or(0.0, |effect| effect.size),
            power: finding.outcome.power.ok().and_then(|power| power.at_effect_of_interest),
        })
    }

    fn tally(&self, ones: &[One]) -> Tally {
        let judged: Vec<&One> =
            ones.iter().filter(|one| !matches!(one.verdict, Verdict::NoVerdict(_))).collect();
        let rejections = judged.iter().filter(|one| one.verdict == Verdict::Significant).count();
        let n = judged.len().max(1) as f64;
        let effect = judged.iter().map(|one| one.effect).sum::<f64>() / n;
        let interval = rate_interval(rejections as u64, judged.len() as u64);
        Tally {
            judged: judged.len(),
            no_verdict: ones.len() - judged.len(),
            rejections,
            rejections_max: rejections_upper_bound(judged.len() as u64, self.alpha, 0.01) as usize,
            rate: interval.map(|(low, high)| (rejections as f64 / n, low, high)),
            effect,
            stated_power: None,
        }
    }
}
