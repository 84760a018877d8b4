//! Farm and venue with Bitget's bytes between them: the adapter's protocol core on one side, the mock's on the other.
//!
//! Everything else of a run is as it is without: seats, journals, leases, the engine, what strikes, and what must hold. Who is
//! asked is the same engine behind both, so its orders go by our names for them. A wire here is TCP: an exchange over HTTP may
//! not arrive, or be done without anybody hearing of it, and may overtake another; a socket says everything once and in its
//! order until it breaks. Refuses to look into the adapter: what it is told and what it says is all there is.
//!
//! Several bots on one hedged account are left out: at Bitget the stop that an entry brings along is for all of a position, so
//! what one of them closes the others lose. Who would share has an account of his own here, as he must have there.

mod bitget;
mod carrying;
mod near;

pub(crate) use bitget::Bitget;
pub(crate) use near::Near;

use crate::hands::HAND;
use crate::settings::{Counter, Settings};
use crate::wire::Seated;
use farm::journal::Origin;
use farm::{AccountPlan, Character, Recruit};
use mock_bitget::Generation;
use model::{AccountId, Leg, OrderId, PositionMode, Rng, Usd};
use venue_bitget::adapter::LineId;
use venue_bitget::order_id::{self, Prefix};

/// What is traded.
pub(crate) const SYMBOL: &str = "BTCUSDT";
/// What comes before the number of something that is done by hand.
const BY_HAND: &str = "hand-";

/// What kind of account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// Classic or unified.
    pub generation: Generation,
    /// One net position, or two.
    pub position: PositionMode,
}

impl Dialect {
    /// A control turns a position around in one order, which hedge mode does not know.
    pub(crate) fn position_for(self, character: &Character) -> PositionMode {
        if matches!(character, Character::Control(..)) { PositionMode::OneWay } else { self.position }
    }

    /// Each account has its own.
    pub(crate) fn draw(seed: u64, account: AccountId) -> Dialect {
        let mut rng = Rng::new(seed ^ 0xB17_6E7 ^ u64::from(account.0) << 32);
        let generation = if rng.below(2) == 0 { Generation::V2 } else { Generation::V3 };
        let position = if rng.below(2) == 0 { PositionMode::OneWay } else { PositionMode::Hedge };
        Dialect { generation, position }
    }
}

/// Who would share an account has one of his own.
pub(crate) fn part(settings: &Settings, recruits: &mut [Recruit]) {
    if settings.counter != Counter::Direct {
        recruits.iter_mut().for_each(|recruit| recruit.account = recruit.bot.own_account());
    }
}

/// A farm is set up for the accounts it has.
pub(crate) fn furnish(settings: &Settings, origins: &mut [Origin]) {
    let Counter::Bitget(dialect) = settings.counter else { return };
    for origin in origins {
        for recruit in &origin.recruits {
            let dialect = dialect.unwrap_or_else(|| Dialect::draw(settings.seed, recruit.account));
            let (id, mode) = (recruit.account, dialect.position_for(&recruit.character));
            if mode == PositionMode::Hedge {
                origin.accounts.push(AccountPlan { id, mode, treasury: Usd::ZERO });
            }
        }
    }
}

/// A socket: a new one has a new number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Socket {
    pub(crate) seated: Seated,
    pub(crate) line: LineId,
    pub(crate) number: u32,
}

/// What our orders begin with.
pub(crate) fn prefix() -> Prefix {
    Prefix::new("obf").expect("three letters")
}

/// What the engine calls an order, by the id its client gave it.
fn name_of(client: &str) -> Option<OrderId> {
    if let Some(number) = client.strip_prefix(BY_HAND) {
        let decision = number.parse().ok()?;
        return Some(OrderId { bot: HAND, epoch: 0, decision, leg: Leg::Own });
    }
    match prefix().origin(client) {
        order_id::Origin::Ours(sent) if sent.revision == 0 => Some(sent.order),
        _ => None,
    }
}
