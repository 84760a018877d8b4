//! A failing run made small: the fewest faults that still make it fail in the same way.
//!
//! Whole kinds first, then the time after and before, then single strikes by delta debugging (Zeller, Hildebrandt 2002). It
//! refuses to take one failure for another: the exit code stays. A farm that aborts takes the shrinking with it: there the
//! trace is what there is.

use crate::checks::Broken;
use crate::fault::Fault;
use crate::market::START;
use crate::run::{run, run_noted};
use crate::settings::Settings;
use crate::strike::{Key, Strike};
use model::{Interval, Time};
use std::collections::BTreeSet;

/// What is left of a failing run.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// How to see it again.
    pub settings: Settings,
    /// The faults that still strike, in order of time.
    pub strikes: Vec<Strike>,
    /// The failure.
    pub broken: Broken,
    /// Runs that it took.
    pub runs: u32,
}

/// Makes a failing run small in so many runs at most; none if it does not fail.
pub fn shrink(settings: &Settings, runs_max: u32) -> Option<Shrunk> {
    let broken = run(settings).broken?;
    let mut search = Search { best: settings.clone(), code: broken.exit_code(), runs: 1, runs_max };
    search.mute_kinds();
    search.end_early();
    search.begin_late();
    search.drop_strikes();
    let Search { best, runs, .. } = search;
    let (strikes, broken) = noted(&best);
    Some(Shrunk { settings: best, strikes, broken: broken.expect("it failed a moment ago"), runs: runs + 1 })
}

/// What strikes in a run, and how it ends.
fn noted(settings: &Settings) -> (Vec<Strike>, Option<Broken>) {
    let mut strikes = Vec::new();
    let outcome = run_noted(settings, &mut |strike| strikes.push(*strike));
    strikes.sort_unstable();
    (strikes, outcome.broken)
}

/// A search for a smaller run.
struct Search {
    best: Settings,
    code: u8,
    runs: u32,
    runs_max: u32,
}

impl Search {
    /// Whether a smaller run fails as well: then it is the best so far.
    fn keeps(&mut self, smaller: Settings) -> bool {
        if self.runs >= self.runs_max {
            return false;
        }
        self.runs += 1;
        let fails = run(&smaller).broken.is_some_and(|broken| broken.exit_code() == self.code);
        if fails {
            self.best = smaller;
        }
        fails
    }

    fn mute_kinds(&mut self) {
        for kind in Fault::ALL {
            let mut smaller = self.best.clone();
            smaller.muted.kinds.insert(kind);
            self.keeps(smaller);
        }
    }

    /// The fewest minutes, as far as halving finds them.
    fn end_early(&mut self) {
        let (mut fails, mut holds) = (self.best.minutes, 0);
        while fails - holds > 1 {
            let minutes = holds + (fails - holds) / 2;
            if self.keeps(Settings { minutes, ..self.best.clone() }) {
                fails = minutes;
            } else {
                holds = minutes;
            }
        }
    }

    /// The latest minute before which nothing has to strike.
    fn begin_late(&mut self) {
        let (mut fails, mut holds) = (0, self.best.minutes);
        while holds - fails > 1 {
            let minute = fails + (holds - fails) / 2;
            let mut smaller = self.best.clone();
            smaller.muted.before = Some(instant(minute));
            if self.keeps(smaller) { fails = minute } else { holds = minute }
        }
    }

    /// Fewer and fewer strikes: halves are left out, then quarters, down to single ones.
    fn drop_strikes(&mut self) {
        let mut left = keys(&self.best);
        let mut parts = 2;
        while left.len() > 1 && self.runs < self.runs_max {
            let size = left.len().div_ceil(parts);
            let smaller = (0..left.len()).step_by(size).find_map(|from| {
                let rest = [&left[..from], &left[(from + size).min(left.len())..]].concat();
                self.keeps(self.only(&rest)).then_some(())
            });
            if smaller.is_some() {
                // What was allowed and did not strike is no longer in the way.
                left = keys(&self.best);
                parts = parts.saturating_sub(1).max(2);
            } else if size == 1 {
                break;
            } else {
                parts = (2 * parts).min(left.len());
            }
        }
        let none = self.only(&[]);
        self.keeps(none);
    }

    fn only(&self, those: &[(Fault, Key)]) -> Settings {
        let mut smaller = self.best.clone();
        smaller.muted.all_but = Some(those.iter().copied().collect::<BTreeSet<_>>());
        smaller
    }
}

fn keys(settings: &Settings) -> Vec<(Fault, Key)> {
    noted(settings).0.iter().map(|strike| (strike.kind, strike.key)).collect()
}

fn instant(minute: u32) -> Time {
    START + Interval(i64::from(minute) * Interval::MINUTE.0)
}
