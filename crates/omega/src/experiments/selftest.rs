//! The test of the test: markets with nothing in them, on which it may cry wolf only as often as chance allows, and
//! markets with something planted, which it must find as often as it says it would.
//!
//! It refuses to judge itself by one market: a rate is counted over many, with its interval.

use crate::console::Progress;
use crate::error::Failure;
use crate::parallel;
use analytics::Undefined;
use analytics::significance::power::{attainable_level, power_at};
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
    /// Power at that mean effect, as each test states it, averaged.
    pub stated_power: f64,
}

/// One market's verdict.
struct One {
    verdict: Verdict,
    effect: f64,
    spread: f64,
}

/// First of the days on which a market may begin, and how many there are: many lunations and Mercury's years.
const FIRST_DAY: (i64, i64, i64) = (1990, 1, 1);
const DAYS: u64 = 20_000;

impl SelfTest {
    /// How many runs of a bot it takes.
    pub fn bot_runs(&self) -> usize {
        self.runs * (self.placebos + 2)
    }

    /// Runs it on all cores.
    pub fn run(&self, progress: &Progress) -> Result<Tally, Failure> {
        let ones = parallel::map(self.runs, |market| {
            let one = self.one(market as u64);
            progress.done();
            one
        });
        Ok(self.tally(&ones.into_iter().collect::<Result<Vec<One>, Failure>>()?))
    }

    fn one(&self, market: u64) -> Result<One, Failure> {
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
        let planted = Planted { factor: self.factor, strength: self.strength };
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
            Question { sidedness: Sidedness::TwoSided, alpha: self.alpha, effect_of_interest: None };
        let finding = experiment.judge(without, &arms, &question);
        let effect = finding.outcome.effect.ok();
        let size = effect.map_or(0.0, |effect| effect.size);
        let spread = effect.map_or(0.0, |effect| (effect.size / effect.deviations).abs());
        Ok(One { verdict: finding.outcome.verdict, effect: size, spread })
    }

    fn tally(&self, ones: &[One]) -> Tally {
        let judged: Vec<&One> =
            ones.iter().filter(|one| !matches!(one.verdict, Verdict::NoVerdict(_))).collect();
        let rejections = judged.iter().filter(|one| one.verdict == Verdict::Significant).count();
        let n = judged.len().max(1) as f64;
        let effect = judged.iter().map(|one| one.effect).sum::<f64>() / n;
        let level = attainable_level(self.placebos, self.alpha).unwrap_or(self.alpha);
        let power = |one: &&&One| power_at(effect, one.spread, level, Sidedness::TwoSided);
        let spread_out: Vec<&&One> = judged.iter().filter(|one| one.spread > 0.0).collect();
        let stated_power = spread_out.iter().map(power).sum::<f64>() / spread_out.len().max(1) as f64;
        let interval = rate_interval(rejections as u64, judged.len() as u64);
        Tally {
            judged: judged.len(),
            no_verdict: ones.len() - judged.len(),
            rejections,
            rejections_max: rejections_upper_bound(judged.len() as u64, self.alpha, 0.01) as usize,
            rate: interval.map(|(low, high)| (rejections as f64 / n, low, high)),
            effect,
            stated_power,
        }
    }
}
