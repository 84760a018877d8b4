//! Lock-step: the market goes on when everybody who listens has said that he is ready, and its time is the time.
//!
//! A line that has said `{"op":"lockstep"}` hears `{"event":"lockstep","step":N}`, the step behind which it takes part, then
//! `{"event":"step","step":N,"at":MS}` behind the pushes of each step, and says `{"op":"acknowledge","step":N}` when it has
//! done what it wanted to do. What a request does is pushed before its answer: a `ping` behind it is answered behind that. Between two steps time stands still, so a
//! run over sockets is the same each time, however slow they are. Refuses to step before as many lines as were asked
//! for have joined, and while none is there.

use crate::exchange::{Exchange, Matching};
use crate::journal::Entry;
use crate::made::Pace;
use crate::session::SessionId;
use crate::source::Source;
use model::{Interval, Time};
use serde_json::{Value, json};

/// How a market is kept in step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockStep {
    /// Lines that have to join before the first step.
    pub sessions: usize,
    /// How much of the market a step is; one stretch if nothing is said.
    pub length: Option<Interval>,
}

/// How far a market in lock-step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Steps {
    wanted: LockStep,
    /// The last step that was made; they are counted from 1.
    number: u64,
    /// When it ended.
    at: Time,
    phase: Phase,
}

/// What a market in lock-step waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// For lines to join.
    Gathering,
    Stepping,
    /// For nothing more: a recording has an end.
    Over,
}

impl Exchange {
    /// From here on the market goes on in lock-step: orders meet it with the next stretch, nothing is counted against
    /// limits, and no line is closed for its silence.
    ///
    /// # Panics
    ///
    /// If the market is handed in: then whoever hands it in keeps the step.
    pub fn set_lock_step(&mut self, wanted: LockStep) {
        let handed_in = |source: &Source| matches!(source, Source::HandedIn);
        assert!(
            self.listings.iter().all(|listing| !handed_in(&listing.source)),
            "a market in lock-step is made or recorded"
        );
        self.set_matching(Matching::WithNextStretch);
        self.set_limited(false);
        self.steps = Some(Steps { wanted, number: 0, at: self.now, phase: Phase::Gathering });
    }

    /// The exchange's time, which in lock-step is the market's.
    pub fn now(&self) -> Time {
        self.now
    }

    /// A line joins: it has nothing to acknowledge yet.
    pub(crate) fn join(&mut self, id: SessionId) {
        let Some(steps) = self.steps else { return };
        if let Some(session) = self.sessions.get_mut(&id.0) {
            session.join(steps.number);
            session.say_json(&json!({ "event": "lockstep", "step": steps.number }));
        }
        self.step_when_all_are_ready();
    }

    pub(crate) fn acknowledge(&mut self, id: SessionId, step: Option<u64>) {
        let Some(steps) = self.steps else { return };
        let Some(session) = self.sessions.get_mut(&id.0) else { return };
        if step != Some(steps.number) || !session.acknowledge(steps.number) {
            let now = steps.number;
            return session.complain(30_016, &format!("Param error: the step to acknowledge is {now}"));
        }
        self.step_when_all_are_ready();
    }

    /// Makes the next step if there is nobody to wait for.
    pub(crate) fn step_when_all_are_ready(&mut self) {
        let Some(steps) = &mut self.steps else { return };
        let joined = self.sessions.values().filter_map(|session| session.acknowledged());
        let (mut there, mut all_ready) = (0, true);
        for acknowledged in joined {
            there += 1;
            all_ready &= acknowledged >= steps.number;
        }
        if steps.phase == Phase::Gathering && there >= steps.wanted.sessions.max(1) {
            steps.phase = Phase::Stepping;
        }
        if steps.phase == Phase::Stepping && there > 0 && all_ready {
            self.step();
        }
    }

    fn step(&mut self) {
        let Some(steps) = self.steps else { return };
        let Some((end, _)) = self.next_stretch_end() else { return self.end_of_recording(steps) };
        let end = steps.wanted.length.map_or(end, |length| steps.at + length);
        self.run_until(end, Pace::TickByTick);
        self.tell();
        let number = steps.number + 1;
        self.stepped(number);
        self.note(|at| Entry::Stepped { at, number });
        self.tell_joined(&json!({ "event": "step", "step": number, "at": self.now.0 }));
    }

    /// A step was made, now or in an earlier life.
    pub(crate) fn stepped(&mut self, number: u64) {
        if let Some(steps) = self.steps {
            self.steps = Some(Steps { number, at: self.now, ..steps });
        }
    }

    fn end_of_recording(&mut self, steps: Steps) {
        self.steps = Some(Steps { phase: Phase::Over, ..steps });
        self.tell_joined(&json!({ "event": "end", "step": steps.number, "at": steps.at.0 }));
    }

    fn tell_joined(&mut self, frame: &Value) {
        let joined = self.sessions.values_mut().filter(|session| session.acknowledged().is_some());
        joined.for_each(|session| session.say_json(frame));
    }
}
