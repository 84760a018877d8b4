//! What a state of mind makes of a decision: of a signal, of a move it watched, of a position it holds.
//!
//! Every deviation from the method is multiplied by the gain of emotion, so that a gain of zero is the method itself,
//! to the last bit. It refuses to remember: nothing here writes to the mood but the passing of time.

use crate::label::Label;
use crate::modifier::Modifier;
use crate::psyche::Psyche;
use crate::signal::{EntryKind, EntryStyle, Impulse, Mistake, Reason, Signal};
use model::{Interval, Side, Time};

/// Entry threshold of a signal's strength when nothing is felt.
pub const THRESHOLD: f64 = 0.5;
/// A move that is chased, in average true ranges of a quarter of an hour.
const CHASED_ATR: f64 = 1.2;
/// Chance that a felt temptation is followed.
const CHASE_CHANCE: f64 = 0.6;
const REVENGE_CHANCE: f64 = 0.5;
/// A loss older than this is slept over.
const REVENGE_WITHIN: Interval = Interval(2 * Interval::HOUR.0);
/// Chance per look of taking a gain early, for somebody without discipline and patience.
const TAKE_EARLY_CHANCE: f64 = 0.05;
/// A gain of this many R tempts fully.
const TEMPTING_R: f64 = 0.5;
/// Chance per look and unit of a state's impulse to leave: in gain, in loss.
const LEAVE_CHANCE_IN_GAIN: f64 = 0.06;
const LEAVE_CHANCE_IN_LOSS: f64 = 0.02;
/// In panic an adverse spike is left with this chance.
const PANIC_CHANCE: f64 = 0.8;
/// A stop is moved away when the price has come this far towards it.
const STOP_IN_SIGHT: f64 = 0.75;

/// What a draw is for; two purposes never share luck.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
enum Purpose {
    Slip = 1,
    SlipKind = 2,
    SlipSize = 3,
    Leave = 4,
    Chase = 5,
    Revenge = 6,
    MoveStop = 7,
}

/// What a flat persona watches at each quarter of an hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Watched {
    /// Close less open of the last quarter of an hour, in its average true ranges.
    pub move_atr: f64,
    /// Side of the last trade.
    pub last_side: Option<Side>,
}

/// A look at a position: every quarter of an hour while one is held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Occasion {
    /// Unrealised profit in multiples of the risk at the entry.
    pub r: f64,
    /// The last quarter of an hour went against it by much more than is usual.
    pub spiked: bool,
}

/// Why a mind leaves without its method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// A gain taken early, or nerves.
    Impulse,
    /// Panic.
    Panic,
}

impl Psyche {
    fn luck(&self, at: Time, purpose: Purpose) -> f64 {
        self.draws.unit(at, purpose as u64)
    }

    /// What is felt in one decision, 0..: character, gain and the intensity of the hour.
    fn felt(&self, modifier: &Modifier) -> f64 {
        self.dampening() * self.gains.emotion * modifier.intensity
    }

    /// What the mood makes of a signal; `None` if it does not act on it. `rest` is where in the band a calm decision
    /// of this session falls.
    pub fn colour(
        &mut self,
        now: Time,
        signal: Signal,
        kind: EntryKind,
        rest: f64,
        modifier: &Modifier,
    ) -> Option<Impulse> {
        self.relax(now);
        if !self.label.enters() && self.gains.emotion > 0.0 {
            return None;
        }
        let (felt, effect) = (self.felt(modifier), self.effect());
        let threshold = THRESHOLD * modifier.threshold * (1.0 + effect.threshold * felt);
        if signal.strength < threshold {
            return None;
        }
        let mistake = self.slip(now, modifier);
        let slipped = match mistake {
            Some(Mistake::WrongSize) => 0.5 + self.luck(now, Purpose::SlipSize),
            Some(Mistake::Late | Mistake::SkippedTarget) | None => 1.0,
        };
        let moved = (self.mood.risk_appetite - self.base.risk_appetite) * self.gains.emotion;
        let state = 1.0 + effect.size * felt;
        Some(Impulse {
            signal,
            kind,
            mistake,
            appetite: (rest + moved).clamp(0.0, 1.0),
            size: state * modifier.size * slipped,
            sky: modifier.size,
            leverage: state,
            stop_distance: 1.0 + effect.stop * felt,
            target_distance: 1.0 + effect.target * felt,
        })
    }

    /// Chance of a mistake: experience halves it, fatigue and Mercury raise it.
    pub fn mistake_chance(&self, modifier: &Modifier) -> f64 {
        let traits = &self.traits;
        let learnt = match traits.mistake_halving_trades {
            0 => traits.mistake_chance,
            trades => traits.mistake_chance * model::math::pow(0.5, f64::from(self.experience() / trades)),
        };
        let tired = traits.mistake_fatigue * self.mood.fatigue;
        ((learnt.max(traits.mistake_floor) + tired) * self.gains.emotion + modifier.mistake).clamp(0.0, 1.0)
    }

    fn slip(&self, now: Time, modifier: &Modifier) -> Option<Mistake> {
        let chance = self.mistake_chance(modifier);
        (chance > 0.0 && self.luck(now, Purpose::Slip) < chance).then(|| {
            match (self.luck(now, Purpose::SlipKind) * 3.0) as u8 {
                0 => Mistake::Late,
                1 => Mistake::WrongSize,
                _ => Mistake::SkippedTarget,
            }
        })
    }

    /// An entry without a signal: a chased move, or a loss to be won back.
    pub fn tempt(&mut self, now: Time, watched: &Watched) -> Option<(Signal, EntryKind)> {
        let felt = self.dampening() * self.gains.emotion;
        match self.label {
            Label::Fomo if watched.move_atr.abs() >= CHASED_ATR => {
                if self.luck(now, Purpose::Chase) >= CHASE_CHANCE * felt {
                    return None;
                }
                let side = if watched.move_atr > 0.0 { Side::Buy } else { Side::Sell };
                let reason = Reason::Chased { direction: side.sign(), move_atr: watched.move_atr.abs() };
                Some((self.unsignalled(side, reason), EntryKind::Fomo))
            }
            Label::Revenge => {
                let last = self.last_trade().filter(|last| last.r_multiple < 0.0)?;
                let lost_on = watched.last_side?;
                if now - last.ended_at > REVENGE_WITHIN
                    || self.luck(now, Purpose::Revenge) >= REVENGE_CHANCE * felt
                {
                    return None;
                }
                let side = lost_on.opposite();
                let reason = Reason::WonBack { direction: side.sign(), lost_r: -last.r_multiple };
                Some((self.unsignalled(side, reason), EntryKind::Revenge))
            }
            _ => None,
        }
    }

    fn unsignalled(&self, side: Side, reason: Reason) -> Signal {
        Signal { side, strength: THRESHOLD, style: EntryStyle::Take, reason }
    }

    /// Whether to leave a position without the method's leave. The sky is asked only where it could decide: most
    /// draws are above any chance.
    pub fn leave(
        &mut self,
        now: Time,
        occasion: &Occasion,
        most: &Modifier,
        modifier: impl FnOnce() -> Modifier,
    ) -> Option<Leaving> {
        self.relax(now);
        let gain = self.gains.emotion;
        if gain == 0.0 {
            return None;
        }
        let draw = self.luck(now, Purpose::Leave);
        if self.label == Label::Panic && occasion.spiked && draw < PANIC_CHANCE * gain.min(1.0) {
            return Some(Leaving::Panic);
        }
        let felt = self.effect().exit * self.dampening();
        if draw >= self.leave_chance(felt.abs(), occasion.r, most) {
            return None;
        }
        (draw < self.leave_chance(felt, occasion.r, &modifier())).then_some(Leaving::Impulse)
    }

    /// Chance per look to leave, for what the state does to the impulse. More of anything never makes it less.
    fn leave_chance(&self, felt: f64, r: f64, modifier: &Modifier) -> f64 {
        let exit = felt * modifier.intensity;
        let traits = &self.traits;
        let chance = if r > 0.0 {
            let hasty = (1.0 - traits.discipline) * (1.0 - traits.patience);
            let early = TAKE_EARLY_CHANCE * hasty * (r / TEMPTING_R).min(1.0);
            early * (1.0 + exit).max(0.0) + LEAVE_CHANCE_IN_GAIN * exit.max(0.0) * hasty.max(0.1)
        } else {
            LEAVE_CHANCE_IN_LOSS * exit.max(0.0)
        };
        chance * modifier.exit * self.gains.emotion
    }

    /// Whether the stop of the position entered at `since` is moved away, now that the price has come `way` (0..1)
    /// from the entry towards it.
    pub fn moves_stop(&self, since: Time, way: f64) -> bool {
        let chance = self.traits.moves_stops * self.gains.emotion;
        way >= STOP_IN_SIGHT && chance > 0.0 && self.luck(since, Purpose::MoveStop) < chance
    }
}
