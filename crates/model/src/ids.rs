//! Identities that survive a retry, a restart and a duplicate delivery.

/// A bot of the farm; also the number of its virtual sub-account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BotId(pub u16);

impl BotId {
    /// The account of a bot that has one to itself.
    pub const fn own_account(self) -> AccountId {
        AccountId(self.0)
    }
}

/// An account at a venue: one bot's, or one that several share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub u16);

impl std::fmt::Display for AccountId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a{}", self.0)
    }
}

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

impl std::str::FromStr for OrderId {
    type Err = BadOrderId;

    /// Reads what `Display` writes.
    fn from_str(text: &str) -> Result<OrderId, BadOrderId> {
        let mut parts = text.strip_prefix('b').ok_or(BadOrderId)?.split('-');
        let mut number = || parts.next().ok_or(BadOrderId);
        let bot = BotId(number()?.parse().map_err(|_| BadOrderId)?);
        let epoch = number()?.parse().map_err(|_| BadOrderId)?;
        let decision = number()?.parse().map_err(|_| BadOrderId)?;
        let leg = match (parts.next(), parts.next()) {
            (None, _) => Leg::Own,
            (Some("sl"), None) => Leg::Stop,
            (Some(rung), None) => {
                let rung: u8 = rung.strip_prefix("tp").ok_or(BadOrderId)?.parse().map_err(|_| BadOrderId)?;
                let inside = rung.checked_sub(1).filter(|rung| usize::from(*rung) < crate::TARGETS_MAX);
                Leg::Target(inside.ok_or(BadOrderId)?)
            }
            _ => return Err(BadOrderId),
        };
        Ok(OrderId { bot, epoch, decision, leg })
    }
}

/// Text that is no order id, which looks like `b3-0-12`, `b3-0-12-sl` or `b3-0-12-tp1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadOrderId;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_id_is_read_as_it_is_written() {
        for leg in [Leg::Own, Leg::Stop, Leg::Target(0), Leg::Target(3)] {
            let id = OrderId { bot: BotId(3), epoch: 7, decision: 4_000_000_000, leg };
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        for text in [
            "",
            "b",
            "3-0-1",
            "b3-0",
            "b3-0-1-",
            "b3-0-1-xx",
            "b3-0-1-tp0",
            "b3-0-1-tp9",
            "b3-0-1-sl-sl",
            "b70000-0-1",
        ] {
            assert_eq!(text.parse::<OrderId>(), Err(BadOrderId), "{text}");
        }
    }
}
