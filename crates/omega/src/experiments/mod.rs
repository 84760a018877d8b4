//! Experiments on the sky: running them on all cores, resuming them, saying what they found, and testing the test.
//!
//! It refuses to run twice what it has run once.

pub mod found;
pub mod registration;
pub mod selftest;

use crate::console::Progress;
use crate::error::Failure;
use crate::finished::Finished;
use crate::{fingerprint, parallel};
use backtest::{Arm, Experiment, Finding, History, Question, RunSettings, run};
use model::Usd;

/// Runs all experiments on one market: without any sky once, and each one's arms.
pub fn run_all(
    history: &History,
    market_hash: &str,
    experiments: &[Experiment],
    question: &Question,
    finished: &Finished,
    progress: &Progress,
) -> Result<Vec<Finding>, Failure> {
    let Some(first) = experiments.first() else { return Ok(Vec::new()) };
    let without = first.without();
    let mut places: Vec<(String, RunSettings)> = vec![(fingerprint::of_run(market_hash, &without), without)];
    for experiment in experiments {
        // A sky holds whole series: it is written out once, and each placebo is named by its shift.
        let base = fingerprint::of_run(market_hash, &experiment.arm(0));
        let shift = |arm: usize| arm.checked_sub(1).map_or(0, |at| experiment.shifts()[at].0);
        let key = |arm: usize| fingerprint::of_text(&format!("{base} shifted {}", shift(arm)));
        places.extend((0..experiment.arms()).map(|arm| (key(arm), experiment.arm(arm))));
    }
    let arms = parallel::map(places.len(), |i| {
        let (key, settings) = &places[i];
        let arm = one_arm(history, key, settings, finished);
        progress.done();
        arm
    });
    let arms = arms.into_iter().collect::<Result<Vec<Arm>, Failure>>()?;
    let mut rest = &arms[1..];
    let mut findings = Vec::with_capacity(experiments.len());
    for experiment in experiments {
        let (own, others) = rest.split_at(experiment.arms());
        findings.push(experiment.judge(arms[0], own, question));
        rest = others;
    }
    Ok(findings)
}

fn one_arm(
    history: &History,
    key: &str,
    settings: &RunSettings,
    finished: &Finished,
) -> Result<Arm, Failure> {
    if let Some(arm) = finished.get(key).and_then(read_arm) {
        return Ok(arm);
    }
    let persona = || settings.character.name().to_owned();
    let result = run(history, settings).map_err(|source| Failure::Run { persona: persona(), source })?;
    let arm = Arm::from(&result);
    finished.keep(key, &format!("{} {:016x}", arm.net.0, arm.hash))?;
    Ok(arm)
}

fn read_arm(text: &str) -> Option<Arm> {
    let (net, hash) = text.split_once(' ')?;
    Some(Arm { net: Usd(net.parse().ok()?), hash: u64::from_str_radix(hash, 16).ok()? })
}
