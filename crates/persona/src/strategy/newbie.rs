//! Chases big bars, follows tips, guesses its exits, loses its nerve: what most people do first.
//!
//! All of its luck is keyed by the instant and by what it is for: two runs that differ in one decision share the
//! rest. The edge it claims, and where it fails, are `edge` and `fails` of `personas/newbie.toml`.

use super::{Context, Held};
use crate::profile::TargetShare;
use crate::signal::{EntryStyle, Reason, Signal};
use market::{Frame, Indicator, Wants};
use model::{Draws, Side, StateHash, TARGETS_MAX, time::SESSION};

/// A bar whose body is this many average true ranges is big.
const BIG_BODY_ATR: f64 = 1.0;
/// A day that made this much is talked about the day after.
const TALKED_ABOUT: f64 = 0.01;
/// Chance to act on a big bar at its keenest.
const CHASE_CHANCE: f64 = 0.5;
/// Chance to act on a tip at its keenest, each quarter of an hour.
const TIP_CHANCE: f64 = 0.02;
/// Chance to give up a position, each quarter of an hour.
const NERVE_CHANCE: f64 = 0.02;
/// Stop distance as a fraction of the price.
const STOP: (f64, f64) = (0.01, 0.05);
/// Most rungs of a guessed ladder.
const RUNGS_MAX: usize = 3;
/// Distance between its rungs in R.
const RUNG_R: (f64, f64) = (0.3, 1.3);

/// What a draw is for.
#[derive(Clone, Copy)]
#[repr(u64)]
enum Purpose {
    Keenness = 1,
    Chase,
    Tip,
    Nerve,
    Stop,
    Rungs,
    FirstRung,
}

/// Only its luck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newbie {
    draws: Draws,
}

model::state!(Newbie {} origin { draws });

impl Newbie {
    /// What it reads.
    pub const WANTS: Wants = Wants::NONE.with(Frame::M15, &[Indicator::Atr14]).with(Frame::D1, &[]);

    /// With its luck.
    pub fn new(draws: Draws) -> Newbie {
        Newbie { draws }
    }

    fn draw(&self, context: &Context<'_>, purpose: Purpose) -> f64 {
        self.draws.unit(context.now, purpose as u64)
    }

    /// Chases a big bar, or follows a tip, when it happens to look; some sessions it looks often, some hardly.
    pub fn should_enter_trade(&mut self, context: &Context<'_>) -> Option<Signal> {
        if !context.closed.contains(Frame::M15) {
            return None;
        }
        let keenness = self.draws.unit(context.now.floor(SESSION), Purpose::Keenness as u64);
        let chases = self.draw(context, Purpose::Chase) < keenness * CHASE_CHANCE;
        let listens = self.draw(context, Purpose::Tip) < keenness * TIP_CHANCE;
        chases.then(|| chase(context)).flatten().or_else(|| listens.then(|| tip(context)).flatten())
    }

    /// Loses its nerve once in a while.
    pub fn should_exit_trade(&mut self, context: &Context<'_>, held: &Held) -> Option<Reason> {
        assert!(held.since <= context.now, "a position is held before it is left");
        let gives_up = self.draw(context, Purpose::Nerve) < NERVE_CHANCE;
        (context.closed.contains(Frame::M15) && gives_up).then_some(Reason::LostNerve)
    }

    /// One to five percent, as it happens.
    pub fn stop_distance(&self, context: &Context<'_>) -> Option<f64> {
        let share = STOP.0 + (STOP.1 - STOP.0) * self.draw(context, Purpose::Stop);
        Some(context.price.0 as f64 * share)
    }

    /// One to three equal rungs, somewhere.
    pub fn take_profit(&self, context: &Context<'_>) -> Option<[TargetShare; TARGETS_MAX]> {
        let mut ladder = [TargetShare { share: 0.0, at_r: 0.0 }; TARGETS_MAX];
        let rungs = 1 + (self.draw(context, Purpose::Rungs) * RUNGS_MAX as f64) as usize;
        let mut at_r = 0.0;
        for (purpose, rung) in (Purpose::FirstRung as u64..).zip(&mut ladder[..rungs]) {
            at_r += RUNG_R.0 + (RUNG_R.1 - RUNG_R.0) * self.draws.unit(context.now, purpose);
            *rung = TargetShare { share: 1.0 / rungs as f64, at_r };
        }
        Some(ladder)
    }

    /// Adds its luck to a state hash.
    pub fn hash(&self, hash: &mut StateHash) {
        hash.word(self.draws.key());
    }
}

fn signal(up: bool, strength: f64, reason: Reason) -> Signal {
    let side = if up { Side::Buy } else { Side::Sell };
    Signal { side, strength: strength.min(1.0), style: EntryStyle::Take, reason }
}

/// The last bar was big: surely it goes on.
fn chase(context: &Context<'_>) -> Option<Signal> {
    let quarter = context.market.frame(Frame::M15);
    let (bar, atr) = (&quarter.last, quarter.atr_14().value()?);
    let body = bar.close - bar.open;
    if atr <= 0.0 || body.abs() < atr * BIG_BODY_ATR {
        return None;
    }
    let (change, ranges) = (body / bar.open, (bar.high - bar.low) / atr);
    let reason = Reason::BigBar { direction: if body > 0.0 { 1 } else { -1 }, change, ranges };
    // 0.5 for an ordinary bar, 1 for one of six ranges.
    Some(signal(body > 0.0, 0.5 + ranges / 12.0, reason))
}

/// Yesterday made news: surely it goes on.
fn tip(context: &Context<'_>) -> Option<Signal> {
    let day = context.market.frame(Frame::D1);
    if day.bars == 0 {
        return None;
    }
    let change = day.last.close / day.last.open - 1.0;
    if change.abs() < TALKED_ABOUT {
        return None;
    }
    let reason = Reason::Tipped { direction: if change > 0.0 { 1 } else { -1 }, change };
    // 1 for a day of ten percent.
    Some(signal(change > 0.0, 0.5 + change.abs() * 5.0, reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_market::MadeMarket;
    use model::{BotId, Concern, Interval};

    fn newbie() -> Newbie {
        Newbie::new(Draws::stream(1, BotId(0), Concern::Strategy))
    }

    /// What it does while the market wiggles for ten days and makes a big bar of `change` ticks every two hours, taken
    /// back little by little if `back`.
    fn signals(change: i64, back: bool) -> Vec<Signal> {
        let (mut made, mut newbie, mut seen) =
            (MadeMarket::new(Newbie::WANTS, 200_000), newbie(), Vec::new());
        for bar in 0..960 {
            let step = match (bar % 8, bar % 2) {
                (7, _) => change,
                (at, _) if back && at < 7 => -change / 7,
                (_, 0) => 40,
                _ => -40,
            };
            made.bar(made.close() + step, 60, 10.0);
            seen.extend(newbie.should_enter_trade(&made.context(0.0)));
        }
        seen
    }

    #[test]
    fn it_chases_big_bars_either_way_but_not_all_of_them() {
        for (change, side) in [(600, Side::Buy), (-600, Side::Sell)] {
            let seen = signals(change, true);
            assert!((10..=60).contains(&seen.len()), "{} of 120 big bars", seen.len());
            for signal in seen {
                assert_eq!(signal.side, side);
                assert!((0.5..=1.0).contains(&signal.strength));
                assert!(matches!(signal.reason, Reason::BigBar { .. }), "{:?}", signal.reason);
            }
        }
    }

    #[test]
    fn it_follows_yesterday_and_leaves_a_dull_market_alone() {
        for (change, side) in [(1_200, Side::Buy), (-1_200, Side::Sell)] {
            let mut seen = signals(change, false);
            assert!(seen.iter().all(|signal| signal.side == side));
            seen.retain(|signal| matches!(signal.reason, Reason::Tipped { .. }));
            assert!((2..=30).contains(&seen.len()), "{}", seen.len());
        }
        assert_eq!(signals(40, false), []);
    }

    #[test]
    fn its_exits_are_guesses_inside_bounds_and_the_same_when_asked_again() {
        let (mut made, mut newbie) = (MadeMarket::new(Newbie::WANTS, 200_000), newbie());
        let (mut gave_up, mut rungs_seen) = (0, [0; TARGETS_MAX + 1]);
        for _ in 0..2_000 {
            made.wiggle(1, 40, 10.0);
            let context = made.context(0.0);
            let held = made.held(Side::Buy, Interval::HOUR);
            gave_up += usize::from(newbie.should_exit_trade(&context, &held).is_some());
            let stop = newbie.stop_distance(&context).expect("always") / context.price.0 as f64;
            assert!((STOP.0..STOP.1).contains(&stop));
            let ladder = newbie.take_profit(&context).expect("always");
            assert_eq!(newbie.take_profit(&context), Some(ladder));
            let rungs: Vec<_> = ladder.iter().filter(|rung| rung.share > 0.0).collect();
            assert!((rungs.iter().map(|rung| rung.share).sum::<f64>() - 1.0).abs() < 1e-9);
            assert!(rungs.windows(2).all(|pair| pair[0].at_r < pair[1].at_r) && rungs[0].at_r >= RUNG_R.0);
            rungs_seen[rungs.len()] += 1;
        }
        assert!((20..=60).contains(&gave_up), "{gave_up} of 2000");
        assert!(rungs_seen[1..=RUNGS_MAX].iter().all(|&seen| seen > 500), "{rungs_seen:?}");
    }
}
