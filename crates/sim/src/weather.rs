//! How likely each fault is in a run: each seed draws its own mix, so that some faults meet alone and some together.

use crate::fault::{FAULTS, FIRST_FAULTS, Fault, LAST_FAULTS};
use model::Rng;

/// What the stream of those faults is split off by that came later.
const OTHERS: u64 = 0x0E2A_702F_1A57_0001;
/// And what those of each are that came last.
const LAST: [u64; LAST_FAULTS] = [0x0E2A_702F_1A57_0002, 0x0E2A_702F_1A57_0003];

/// Chances of one run. Those of messages are per message, the others per minute and per what they strike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weather {
    chances: [f64; FAULTS],
    /// Usual way of a message, in milliseconds.
    pub latency_ms: u64,
}

impl Weather {
    /// Nothing is broken, and every message takes the same time.
    pub const KIND: Weather = Weather { chances: [0.0; FAULTS], latency_ms: 0 };

    /// The mix of a seed: each fault is in it or not, and rare or frequent.
    pub fn draw(rng: &mut Rng) -> Weather {
        let mut chances = [0.0; FAULTS];
        let mut draw = |faults: &[Fault], rng: &mut Rng| {
            for fault in faults {
                let (is_in, how) = (rng.below(2) == 0, rng.unit());
                let share = if fault.is_standing() { 1.0 } else { how };
                chances[*fault as usize] = if is_in { most(*fault) * share } else { 0.0 };
            }
        };
        let (first, others) = Fault::ALL.split_at(FIRST_FAULTS);
        let (others, last) = others.split_at(others.len() - LAST_FAULTS);
        draw(first, rng);
        let latency_ms = 5 + rng.below(300);
        let mut own = Rng::new(rng.clone().next_u64() ^ OTHERS);
        draw(others, &mut own);
        for (fault, stream) in last.chunks(1).zip(LAST) {
            draw(fault, &mut Rng::new(rng.clone().next_u64() ^ stream));
        }
        Weather { chances, latency_ms }
    }

    /// How likely a fault is.
    pub fn chance(&self, fault: Fault) -> f64 {
        self.chances[fault as usize]
    }

    /// The same with one fault as likely as this.
    #[must_use]
    pub fn with(mut self, fault: Fault, chance: f64) -> Weather {
        self.chances[fault as usize] = chance;
        self
    }
}

/// The most frequent that it is.
const fn most(fault: Fault) -> f64 {
    match fault {
        Fault::Lost | Fault::Repeated | Fault::Delayed => 0.3,
        Fault::Throttled => 0.2,
        Fault::Partition | Fault::Clogged | Fault::Maintenance | Fault::RejectStorm => 0.003,
        Fault::Crash | Fault::Paused => 0.004,
        // Each takes hours of a day.
        Fault::Unattended => 0.004,
        Fault::WallStep => 0.01,
        // Of the crashes.
        Fault::TornTail | Fault::UnsyncedLost => 0.7,
        // Of the requests that come too late.
        Fault::GhostAcceptance => 0.5,
        Fault::BookGap => 0.004,
        // Of three instants a day.
        Fault::FundingSpike => 0.7,
        // Of each account.
        Fault::Seizure => 0.001,
        Fault::Deleveraging => 0.002,
        Fault::Instructed => 0.1,
        Fault::Ruled => 0.02,
        // Of the commands.
        Fault::Duplicated | Fault::HeldBack => 0.3,
        Fault::Contradicted | Fault::Unauthorised => 0.01,
        Fault::Flooded => 0.002,
        // Of each account.
        Fault::HandOrder | Fault::HandTrade | Fault::HandMoney => 0.002,
        // Of each account with a stop.
        Fault::Vanished => 0.02,
        Fault::Nonsense => 0.05,
        // Of the requests that are answered.
        Fault::Unacknowledged => 0.2,
        Fault::Disconnected => 0.01,
        // Of one measurement an hour.
        Fault::ReadingMissing | Fault::ReadingAbsurd | Fault::ReadingLate | Fault::ReadingTwice => 0.3,
        Fault::Drift | Fault::PartialFills | Fault::Slippage => 1.0,
    }
}
