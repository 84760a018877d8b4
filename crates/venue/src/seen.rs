//! Which client ids an account has used, without a list of them: ids ascend by (epoch, decision).
//!
//! An id below the highest accepted decision is taken for a repeat, whether it was sent before or not.

use model::{Bracket, Leg, OrderId, StateHash};

/// The highest decision accepted so far, and its legs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SeenIds {
    /// (epoch, decision) in one word; zero before the first.
    highest: u64,
    legs: u64,
}

const fn decision_word(id: OrderId) -> u64 {
    // One more than the number itself, so that decision 0 of epoch 0 is above "none yet".
    ((id.epoch as u64) << 32 | id.decision as u64) + 1
}

const fn leg_bit(leg: Leg) -> u64 {
    match leg {
        Leg::Own => 1,
        Leg::Stop => 2,
        Leg::Target(rung) => 4 << (rung & 31),
    }
}

fn all_bits(id: OrderId, bracket: Option<&Bracket>) -> u64 {
    let legs = bracket.map_or(0, |bracket| {
        let stop = leg_bit(Leg::Stop);
        bracket.targets().fold(stop, |legs, (rung, _)| legs | leg_bit(Leg::Target(rung)))
    });
    leg_bit(id.leg) | legs
}

impl SeenIds {
    /// Whether this id, or one its bracket's legs would carry, was used.
    pub(crate) fn contains(&self, id: OrderId, bracket: Option<&Bracket>) -> bool {
        let word = decision_word(id);
        word < self.highest || (word == self.highest && self.legs & all_bits(id, bracket) != 0)
    }

    pub(crate) fn insert(&mut self, id: OrderId, bracket: Option<&Bracket>) {
        assert!(!self.contains(id, bracket), "an id is accepted once");
        let word = decision_word(id);
        if word > self.highest {
            *self = SeenIds { highest: word, legs: 0 };
        }
        self.legs |= all_bits(id, bracket);
    }

    pub(crate) fn hash(&self, hash: &mut StateHash) {
        hash.word(self.highest);
        hash.word(self.legs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{BotId, Price};

    #[test]
    fn an_id_not_above_the_highest_was_seen() {
        let id = |epoch, decision, leg| OrderId { bot: BotId(1), epoch, decision, leg };
        let bracket = Bracket { stop: Price(1), targets: Default::default() };
        let mut seen = SeenIds::default();
        assert!(!seen.contains(id(0, 0, Leg::Own), None));
        seen.insert(id(0, 0, Leg::Own), None);
        assert!(seen.contains(id(0, 0, Leg::Own), None));
        assert!(!seen.contains(id(0, 0, Leg::Stop), None));
        seen.insert(id(0, 7, Leg::Target(2)), None);
        assert!(seen.contains(id(0, 7, Leg::Target(2)), None) && seen.contains(id(0, 6, Leg::Own), None));
        assert!(!seen.contains(id(0, 7, Leg::Own), None) && !seen.contains(id(1, 0, Leg::Own), None));
        seen.insert(id(0, 7, Leg::Stop), None);
        assert!(seen.contains(id(0, 7, Leg::Own), Some(&bracket)), "its stop's id is taken");
        seen.insert(id(1, 0, Leg::Own), Some(&bracket));
        assert!(seen.contains(id(1, 0, Leg::Stop), None) && seen.contains(id(0, 9, Leg::Own), None));
    }
}
