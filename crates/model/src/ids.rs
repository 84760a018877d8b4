//! Identities that survive a retry, a restart and a duplicate delivery.

/// A bot of the farm; also the number of its virtual sub-account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BotId(pub u16);

/// Which order of one decision: the entry itself, its stop, or a rung of its take-profit ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Leg {
    /// The order the bot asked for.
    Own,
    /// The protective stop that rests with it.
    Stop,
    /// Rung `0..TARGETS_MAX` of the take-profit ladder.
    Target(u8),
}

/// A client order id: the same decision gets the same id however often it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId {
    /// Who decided.
    pub bot: BotId,
    /// Fencing number of the lease it was decided under.
    pub epoch: u16,
    /// Decision number within the epoch.
    pub decision: u32,
    /// Which order of the decision.
    pub leg: Leg,
}

impl OrderId {
    /// The id of another leg of the same decision.
    pub const fn with_leg(self, leg: Leg) -> OrderId {
        OrderId { leg, ..self }
    }

    /// All of it in one word, for hashes and logs.
    pub const fn word(self) -> u64 {
        let leg = match self.leg {
            Leg::Own => 0,
            Leg::Stop => 1,
            Leg::Target(rung) => 2 + rung as u64,
        };
        (self.bot.0 as u64) << 48 | (self.epoch as u64) << 36 ^ (self.decision as u64) << 4 | leg
    }
}

impl std::fmt::Display for OrderId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "b{}-{}-{}", self.bot.0, self.epoch, self.decision)?;
        match self.leg {
            Leg::Own => Ok(()),
            Leg::Stop => f.write_str("-sl"),
            Leg::Target(rung) => write!(f, "-tp{}", rung + 1),
        }
    }
}
