//! What is broken in a run and how often: each seed draws its own mix, so that some faults meet alone and some together.

use model::Rng;

/// One way to break things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// A message never arrives.
    Lost,
    /// A message arrives twice.
    Repeated,
    /// A message arrives much later than those behind it.
    Delayed,
    /// Nothing passes for a while.
    Partition,
    /// The process dies, at once, and starts again.
    Crash,
    /// A crash in the middle of a write: the last frame is on the disk in part.
    TornTail,
    /// A crash that loses what was written and not yet kept.
    UnsyncedLost,
    /// The venue answers nothing for a while and does nothing it is told.
    Maintenance,
    /// The venue throttles: a request is not even looked at.
    Throttled,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 9] = [
        Fault::Lost,
        Fault::Repeated,
        Fault::Delayed,
        Fault::Partition,
        Fault::Crash,
        Fault::TornTail,
        Fault::UnsyncedLost,
        Fault::Maintenance,
        Fault::Throttled,
    ];

    /// The word in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Fault::Lost => "lost",
            Fault::Repeated => "repeated",
            Fault::Delayed => "delayed",
            Fault::Partition => "partition",
            Fault::Crash => "crash",
            Fault::TornTail => "torn_tail",
            Fault::UnsyncedLost => "unsynced_lost",
            Fault::Maintenance => "maintenance",
            Fault::Throttled => "throttled",
        }
    }
}

/// How often each fault happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally([u64; Fault::ALL.len()]);

impl Tally {
    /// One more.
    pub(crate) fn count(&mut self, fault: Fault) {
        self.0[fault as usize] += 1;
    }

    /// How often.
    pub fn of(&self, fault: Fault) -> u64 {
        self.0[fault as usize]
    }

    /// Both together.
    #[must_use]
    pub fn plus(mut self, other: &Tally) -> Tally {
        for (sum, more) in self.0.iter_mut().zip(other.0) {
            *sum += more;
        }
        self
    }
}

/// Chances of one run. Those of messages are per message, the others per minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weather {
    chances: [f64; Fault::ALL.len()],
    /// Usual way of a message, in milliseconds.
    pub latency_ms: u64,
}

impl Weather {
    /// Nothing is broken, and every message takes the same time.
    pub const KIND: Weather = Weather { chances: [0.0; Fault::ALL.len()], latency_ms: 0 };

    /// The mix of a seed: each fault is in it or not, and rare or frequent.
    pub fn draw(rng: &mut Rng) -> Weather {
        let mut chances = [0.0; Fault::ALL.len()];
        for fault in Fault::ALL {
            let most = match fault {
                Fault::Lost | Fault::Repeated | Fault::Delayed => 0.3,
                Fault::Throttled => 0.2,
                Fault::Partition | Fault::Maintenance => 0.003,
                Fault::Crash => 0.004,
                // Of the crashes.
                Fault::TornTail | Fault::UnsyncedLost => 0.7,
            };
            let (is_in, how) = (rng.below(2) == 0, rng.unit());
            chances[fault as usize] = if is_in { most * how } else { 0.0 };
        }
        Weather { chances, latency_ms: 5 + rng.below(300) }
    }

    /// How likely a fault is.
    pub fn chance(&self, fault: Fault) -> f64 {
        self.chances[fault as usize]
    }

    /// Whether it happens now; counted if it does.
    pub(crate) fn strikes(&self, fault: Fault, rng: &mut Rng, tally: &mut Tally) -> bool {
        let chance = self.chance(fault);
        let strikes = chance > 0.0 && rng.unit() < chance;
        if strikes {
            tally.count(fault);
        }
        strikes
    }
}
