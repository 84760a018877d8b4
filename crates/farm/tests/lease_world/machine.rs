//! A machine: two clocks that drift, step, stop and lie, and the process that runs on it.
//!
//! It keeps the one assumption there is: between two looks of the process, one of its clocks counts what passes.

use farm::lease::{Clocks, Lease, NodeId, ShardId};
use model::Time;

pub const SHARD: ShardId = ShardId(5);
pub const TICK_MS: i64 = 10;

/// A clock in microseconds, so that a drift of a thousandth is exact.
#[derive(Clone, Copy)]
pub struct Drifting {
    pub us: i64,
    /// Thousandths of true time.
    pub rate: i64,
}

impl Drifting {
    pub fn tick(&mut self) {
        self.us += TICK_MS * self.rate;
    }

    pub fn now(self) -> Time {
        Time(self.us.div_euclid(1_000))
    }
}

/// Which clock did not count everything since the last look.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hides {
    Nothing,
    Mono,
    Wall,
}

/// What the process does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum State {
    Runs,
    /// Until this true time; the monotonic clock may stand still meanwhile.
    Frozen {
        until: i64,
        mono_rate: i64,
    },
    /// Another life begins at this true time, if any does.
    Dead {
        until: i64,
    },
}

pub struct Machine {
    pub node: NodeId,
    pub mono: Drifting,
    pub wall: Drifting,
    pub lease: Lease,
    pub state: State,
    hides: Hides,
    /// Counts the lives of this machine; the registry does not know.
    pub life: usize,
    /// Nothing comes in, and nothing goes out, before this true time.
    pub deaf_until: i64,
    pub mute_until: i64,
}

impl Machine {
    pub fn new(number: u32, mono_rate: i64, wall_rate: i64) -> Machine {
        let node = NodeId(number);
        let zero = i64::from(number) * 77_777_777;
        Machine {
            node,
            mono: Drifting { us: zero, rate: mono_rate },
            wall: Drifting { us: 1_700_000_000_000_000 + zero, rate: wall_rate },
            lease: Lease::new(SHARD, node),
            state: State::Runs,
            hides: Hides::Nothing,
            life: 0,
            deaf_until: 0,
            mute_until: 0,
        }
    }

    pub fn clocks(&self) -> Clocks {
        Clocks { mono: self.mono.now(), wall: self.wall.now() }
    }

    /// Time passes; a process that was frozen thaws, a dead one is born again with no memory and the same number.
    pub fn tick(&mut self, now: i64) {
        let mono_stands = matches!(self.state, State::Frozen { mono_rate: 0, .. });
        if !mono_stands {
            self.mono.tick();
        }
        self.wall.tick();
        match self.state {
            State::Frozen { until, .. } if until <= now => self.state = State::Runs,
            State::Dead { until } if until <= now => {
                self.state = State::Runs;
                self.hides = Hides::Nothing;
                self.lease = Lease::new(SHARD, self.node);
                self.life += 1;
            }
            _ => {}
        }
    }

    /// Clocks for a wake or an answer: the process looks at them.
    pub fn look(&mut self) -> Clocks {
        self.hides = Hides::Nothing;
        self.clocks()
    }

    pub fn step_wall(&mut self, by_ms: i64) {
        if by_ms < 0 {
            let mono_stands = matches!(self.state, State::Frozen { mono_rate: 0, .. });
            if self.hides == Hides::Mono || mono_stands {
                return;
            }
            self.hides = Hides::Wall;
        }
        self.wall.us += by_ms * 1_000;
    }

    pub fn freeze(&mut self, until: i64, sleeps: bool) {
        if self.state != State::Runs {
            return;
        }
        let sleeps = sleeps && self.hides != Hides::Wall;
        if sleeps {
            self.hides = Hides::Mono;
        }
        self.state = State::Frozen { until, mono_rate: if sleeps { 0 } else { self.mono.rate } };
    }
}
