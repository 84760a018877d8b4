//! The one loop. A mode is a `World`; the loop, the bots, risk and ledger are the same in all of them.

use crate::action::{Action, Actions};
use crate::flock::Farm;
use model::{Bars, Event, Time, event::Wake};
use risk::Rules;

/// What the world hands the core: one event, or a lent run of bars. Nothing large is ever moved.
#[derive(Debug)]
pub enum Step<'a> {
    /// Bars that nothing at the venue interrupts.
    Bars(Bars<'a>),
    /// One event.
    Event(Time, Event),
    /// Other rules hold from this instant on.
    Rules(Time, Rules),
    /// No more.
    End,
}

/// The longest run of bars lent at once.
pub const STRIDE_MAX: usize = 256;

/// The one port of the loop.
pub trait World {
    /// Blocks (live) or jumps (history) to the next step, never later than `wake`.
    fn next(&mut self, wake: Option<(Time, Wake)>) -> Step<'_>;
    /// How many of the lent bars the core took; its clock is now the close of the last of them.
    fn took(&mut self, bars: usize);
    /// Does what the core asks.
    fn perform(&mut self, action: &Action);
}

/// Runs a farm in a world to its end.
pub fn drive<W: World>(farm: &mut Farm, world: &mut W) {
    let mut out = Actions::default();
    loop {
        match world.next(farm.next_wake()) {
            Step::End => return,
            Step::Event(now, event) => farm.on_event(now, &event, &mut out),
            Step::Rules(now, rules) => farm.on_rules(now, rules, &mut out),
            Step::Bars(bars) => {
                let taken = farm.on_bars(bars, &mut out);
                assert!(taken > 0 || !out.is_empty(), "a step makes progress");
                world.took(taken);
            }
        }
        for action in out.as_slice() {
            world.perform(action);
        }
        out.clear();
    }
}
