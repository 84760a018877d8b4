//! What the farm asks of its venue, as Bitget wants to be asked: place, cancel, amend, in both generations and both
//! position modes.
//!
//! Every request is an exact method, path and body; prices and sizes are printed at the instrument's step. It refuses
//! what Bitget cannot do (a stop that trails by a distance, groups) and what it would do otherwise than meant (a side
//! that does not fit the position mode), before anything is sent, with the reason the farm knows.

mod amend;
mod body;
mod cancel;
mod direction;
mod place;
mod protect;
pub mod reads;

pub use cancel::CANCELS_MAX;
pub use place::{batch_max, place_all, rungs};
pub use protect::protect;

use crate::http::{HttpRequest, Lane};
use crate::instrument::Listing;
use crate::order_id::{Prefix, Sent};
use crate::wire::Generation;
use model::{AccountMode, Leg, OrderId, Price, Qty, RejectReason, Request, Time};

/// The product everything here is about.
pub(crate) const PRODUCT: &str = "USDT-FUTURES";
/// What its margin is in.
pub(crate) const MARGIN_COIN: &str = "USDT";

/// Which price sets a trigger off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriggerBy {
    /// The last trade: what the simulated venue does.
    LastPrice,
    /// The mark: harder to push, but not where the fill will be.
    MarkPrice,
}

/// What a request depends on besides itself.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// Which endpoints.
    pub generation: Generation,
    /// The account's settings, as they were read at start.
    pub mode: AccountMode,
    /// What our ids begin with.
    pub prefix: Prefix,
    /// Steps, symbol, status and maxima.
    pub listing: &'a Listing,
    /// Which price sets a trigger off.
    pub trigger_by: TriggerBy,
}

/// How the exchange is told which order is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handle<'a> {
    /// By its own id, which always works.
    Exchange(&'a str),
    /// By ours, for what was not acknowledged yet.
    Client(Sent),
}

/// Where an order rests: each place has endpoints of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the book.
    Book,
    /// As a trigger order, with the price of the limit order it becomes.
    Trigger {
        /// `None`: a market order.
        limit: Option<Price>,
    },
    /// As the stop of a whole position: a preset that came to life, or one placed by `protect`.
    PositionStop,
    /// As the preset stop of an entry that has not filled: it is changed through the entry.
    Preset,
}

/// What is known of an order that rests.
#[derive(Clone, Copy, Debug)]
pub struct Resting<'a> {
    /// Which, for the exchange; of a preset, the entry that carries it.
    pub handle: Handle<'a>,
    /// Where it rests.
    pub place: Place,
    /// Its whole size.
    pub qty: Qty,
    /// Whether it can only make a position smaller.
    pub reduce_only: bool,
    /// How often it has been replaced.
    pub revision: u16,
}

/// A request that is not sent, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    /// It breaks a rule the venue would hold it to.
    #[error("the venue would refuse it ({})", .0.name())]
    Refused(RejectReason),
    /// The contract is not open for new positions.
    #[error(
        "the contract is not open for new positions: only close what is held, and read the contract list again"
    )]
    NotOpen,
    /// Bitget trails by a ratio of the price, and only on classic accounts.
    #[error("Bitget cannot trail a stop by a distance: place a stop, and amend it as the price moves")]
    NoTrailing,
    /// Bitget knows no groups of orders.
    #[error("Bitget has no one-cancels-other groups: send plain orders, and cancel the other one on a fill")]
    NoGroups,
    /// A trigger order of V3 takes no stop with it.
    #[error("a trigger order of a unified account carries no bracket: place the stop when it has filled")]
    NoBracketOnTrigger,
    /// The preset stop of an unfilled V3 entry cannot be moved.
    #[error("the preset stop of an unfilled entry cannot be moved on a unified account: cancel the entry")]
    NoPresetAmend,
    /// A preset stop is not cancelled apart from its entry.
    #[error("the preset stop of an unfilled entry cannot be cancelled alone: cancel the entry")]
    NoPresetCancel,
    /// Nothing is known of the order.
    #[error("nothing is known of this order: list open and plan orders, then ask again")]
    NotListed,
    /// Too many times replaced.
    #[error("the order was replaced too often: cancel it, and decide anew")]
    TooManyRevisions,
}

impl Unsendable {
    /// What the farm is told.
    pub const fn reason(self) -> RejectReason {
        match self {
            Unsendable::Refused(reason) => reason,
            Unsendable::NotListed | Unsendable::NoPresetAmend | Unsendable::NoPresetCancel => {
                RejectReason::UnknownOrder
            }
            Unsendable::NoBracketOnTrigger => RejectReason::BadBracket,
            Unsendable::NotOpen
            | Unsendable::NoTrailing
            | Unsendable::NoGroups
            | Unsendable::TooManyRevisions => RejectReason::Expired,
        }
    }
}

impl Terms<'_> {
    /// The request over the wire. What a cancel or an amendment is about must be known, except that an entry may be
    /// cancelled by our id alone, since its acknowledgement may be the message that was lost.
    pub fn send(
        &self,
        request: &Request,
        resting: Option<&Resting<'_>>,
        valid_until: Option<Time>,
    ) -> Result<HttpRequest, Unsendable> {
        let mut sent = match *request {
            Request::Place(ref order) => place::place(self, order)?,
            Request::Cancel(id) => match (resting, id.leg) {
                (Some(resting), _) => cancel::cancel(self, resting)?,
                // A stop looked for in the book is not found there, and would be taken for gone.
                (None, Leg::Stop) => return Err(Unsendable::NotListed),
                (None, _) => cancel::cancel(self, &unseen(id))?,
            },
            Request::Amend { id, price } => {
                amend::amend(self, id, resting.ok_or(Unsendable::NotListed)?, price)?
            }
        };
        sent.valid_until = valid_until;
        Ok(sent)
    }

    pub(crate) fn price(&self, price: Price) -> Result<String, Unsendable> {
        match price.0 {
            ..=0 => Err(Unsendable::Refused(RejectReason::PriceNotPositive)),
            _ => Ok(self.listing.instrument.format_price(price).to_string()),
        }
    }

    pub(crate) fn qty(&self, qty: Qty) -> Result<String, Unsendable> {
        match qty.0 {
            ..=0 => Err(Unsendable::Refused(RejectReason::QuantityTooSmall)),
            _ => Ok(self.listing.instrument.format_qty(qty).to_string()),
        }
    }

    pub(crate) fn symbol(&self) -> &str {
        &self.listing.instrument.symbol
    }

    /// The word for what sets a trigger off.
    pub(crate) fn trigger_word(&self) -> &'static str {
        match (self.generation, self.trigger_by) {
            (Generation::V2, TriggerBy::LastPrice) => "fill_price",
            (Generation::V2, TriggerBy::MarkPrice) => "mark_price",
            (Generation::V3, TriggerBy::LastPrice) => "market",
            (Generation::V3, TriggerBy::MarkPrice) => "mark",
        }
    }
}

/// An order of which only our id is known: in the book, under its first id.
fn unseen(id: OrderId) -> Resting<'static> {
    let handle = Handle::Client(Sent { order: id, revision: 0 });
    Resting { handle, place: Place::Book, qty: Qty::ZERO, reduce_only: false, revision: 0 }
}

const fn lane(reduces: bool) -> Lane {
    if reduces { Lane::Protect } else { Lane::Ordinary }
}
