//! Which client ids an account has used, without a list of them: a bot's ids ascend by (epoch, decision).
//!
//! An id below the highest accepted decision of its bot is taken for a repeat, whether it was sent before or not. Bots
//! that share an account count alike: nothing one has sent makes an id of another a repeat.

use model::{BotId, Bracket, Leg, OrderId, StateHash};

/// The most bots that may ever trade one account: an order of one more is refused as one too many.
pub const BOTS_MAX: usize = 64;

/// What each bot has used, in the order of their first orders.
#[derive(Clone, Debug)]
pub(crate) struct SeenIds {
    bots: Vec<SeenOfBot>,
}

/// The highest decision of a bot accepted so far, and its legs.
#[derive(Clone, Copy, Debug)]
struct SeenOfBot {
    bot: BotId,
    /// (epoch, decision) in one word.
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

impl SeenOfBot {
    fn contains(&self, id: OrderId, bracket: Option<&Bracket>) -> bool {
        let word = decision_word(id);
        word < self.highest || (word == self.highest && self.legs & all_bits(id, bracket) != 0)
    }
}

impl SeenIds {
    pub(crate) fn new() -> SeenIds {
        SeenIds { bots: Vec::with_capacity(BOTS_MAX) }
    }

    /// Whether this id, or one its bracket's legs would carry, was used.
    pub(crate) fn contains(&self, id: OrderId, bracket: Option<&Bracket>) -> bool {
        self.of(id.bot).is_some_and(|seen| seen.contains(id, bracket))
    }

    /// Whether ids of this bot can be told apart from those of the others.
    pub(crate) fn has_room_for(&self, bot: BotId) -> bool {
        self.bots.len() < BOTS_MAX || self.of(bot).is_some()
    }

    fn of(&self, bot: BotId) -> Option<&SeenOfBot> {
        self.bots.iter().find(|seen| seen.bot == bot)
    }

    pub(crate) fn insert(&mut self, id: OrderId, bracket: Option<&Bracket>) {
        assert!(!self.contains(id, bracket), "an id is accepted once");
        assert!(self.has_room_for(id.bot), "room was found before an order was accepted");
        let word = decision_word(id);
        let known = self.bots.iter().position(|seen| seen.bot == id.bot);
        let index = known.unwrap_or_else(|| {
            self.bots.push(SeenOfBot { bot: id.bot, highest: 0, legs: 0 });
            self.bots.len() - 1
        });
        let seen = &mut self.bots[index];
        if word > seen.highest {
            (seen.highest, seen.legs) = (word, 0);
        }
        seen.legs |= all_bits(id, bracket);
    }

    pub(crate) fn hash(&self, hash: &mut StateHash) {
        let first = self.bots.first();
        hash.word(first.map_or(0, |seen| seen.highest));
        hash.word(first.map_or(0, |seen| seen.legs));
        // The hash of an account of one bot does not depend on whether others could share it.
        for seen in self.bots.iter().skip(1) {
            hash.word(u64::from(seen.bot.0));
            hash.word(seen.highest);
            hash.word(seen.legs);
        }
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
        let mut seen = SeenIds::new();
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

    #[test]
    fn bots_that_count_alike_are_told_apart() {
        let id = |bot, epoch, decision| OrderId { bot: BotId(bot), epoch, decision, leg: Leg::Own };
        let bracket = Bracket { stop: Price(1), targets: Default::default() };
        let mut seen = SeenIds::new();
        seen.insert(id(1, 2, 9), Some(&bracket));
        assert!(!seen.contains(id(2, 2, 9), Some(&bracket)), "the same number of another bot");
        assert!(!seen.contains(id(2, 0, 0), None), "a lower one of another bot");
        seen.insert(id(2, 0, 3), None);
        assert!(seen.contains(id(2, 0, 3), None) && seen.contains(id(2, 0, 2), None));
        assert!(seen.contains(id(1, 2, 9).with_leg(Leg::Stop), None), "the first one's are still known");
        assert!(!seen.contains(id(1, 2, 10), None) && !seen.contains(id(2, 0, 4), None));
        seen.insert(id(2, 2, 9), None);
        assert!(seen.contains(id(2, 0, 4), None) && !seen.contains(id(1, 2, 10), None));
    }

    #[test]
    fn as_many_bots_as_there_is_room_for() {
        let id = |bot, decision| OrderId { bot: BotId(bot), epoch: 0, decision, leg: Leg::Own };
        let mut seen = SeenIds::new();
        for bot in 0..BOTS_MAX as u16 {
            assert!(seen.has_room_for(BotId(bot)));
            seen.insert(id(bot, 1), None);
        }
        assert!(!seen.has_room_for(BotId(BOTS_MAX as u16)) && seen.has_room_for(BotId(7)));
        seen.insert(id(7, 2), None);
        assert!(seen.contains(id(7, 2), None) && !seen.contains(id(8, 2), None));
    }

    #[test]
    fn the_hash_tells_whose_ids_were_seen() {
        let id = |bot, decision| OrderId { bot: BotId(bot), epoch: 0, decision, leg: Leg::Own };
        let hash_of = |ids: &[OrderId]| {
            let (mut seen, mut hash) = (SeenIds::new(), StateHash::default());
            ids.iter().for_each(|id| seen.insert(*id, None));
            seen.hash(&mut hash);
            hash.finish()
        };
        let one = hash_of(&[id(1, 1)]);
        let two = hash_of(&[id(1, 1), id(2, 1)]);
        assert!(one != two && two != hash_of(&[id(1, 1), id(3, 1)]) && two != hash_of(&[id(1, 1), id(2, 2)]));
    }
}
