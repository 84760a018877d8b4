//! What the exchange says instead of doing it: a code, words, an HTTP status.
//!
//! The codes are those of the reference (section 13); where several mean the same, the one its text names. The two
//! generations have different codes for the same reason, so a reason becomes a code only where a reply is written.

use crate::setup::Generation;
use model::RejectReason;

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    /// An ordinary one: HTTP 400.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { status: 400, code, message: message.into() }
    }

    pub(crate) fn with_status(self, status: u16) -> Refusal {
        Refusal { status, ..self }
    }

    pub(crate) fn parameter(name: &str) -> Refusal {
        Refusal::new("40020", format!("Parameter {name} error"))
    }

    pub(crate) fn unknown_symbol(symbol: &str) -> Refusal {
        Refusal::new("40034", format!("Parameter {symbol} does not exist"))
    }

    /// What a reason of the matching engine is called.
    pub(crate) fn of(generation: Generation, reason: RejectReason) -> Refusal {
        let (v2, v3, message) = words(reason);
        Refusal::new(if generation == Generation::V2 { v2 } else { v3 }, message)
    }

    /// Nothing of that id is open, or ever was.
    pub(crate) fn not_found(generation: Generation) -> Refusal {
        match generation {
            Generation::V2 => Refusal::new("40768", "Order does not exist"),
            Generation::V3 => Refusal::new("25204", "Order does not exist"),
        }
    }

    /// The id is taken.
    pub(crate) fn duplicate(generation: Generation) -> Refusal {
        Refusal::of(generation, RejectReason::DuplicateId)
    }
}

/// Code of V2, code of V3, words.
const fn words(reason: RejectReason) -> (&'static str, &'static str, &'static str) {
    match reason {
        RejectReason::DuplicateId => ("40786", "25212", "Duplicate clientOid"),
        RejectReason::QuantityTooSmall => ("43006", "25207", "Transaction quantity less than minimum"),
        RejectReason::NotionalTooSmall => ("45110", "25611", "less than the minimum amount 5 USDT"),
        RejectReason::PositionTooLarge => ("40921", "25208", "exceeds the maximum position of the symbol"),
        RejectReason::PriceNotPositive => ("40020", "25200", "Parameter price error"),
        RejectReason::InsufficientMargin | RejectReason::AccountClosed => {
            ("40762", "25202", "The order size is greater than the max open size")
        }
        RejectReason::LeverageTooHigh => ("40797", "25223", "exceeded the maximum settable leverage"),
        RejectReason::WouldTake => ("43008", "25205", "a post-only order would take"),
        RejectReason::CannotFillAll => ("43009", "25206", "a fill-or-kill order cannot fill"),
        RejectReason::WouldTrigger | RejectReason::BadBracket => {
            ("40917", "25585", "the trigger price is on the wrong side of the current price")
        }
        RejectReason::NothingToReduce => ("22002", "25227", "No position to close"),
        RejectReason::WrongPositionSide | RejectReason::WrongSideForPosition => (
            "40774",
            "25236",
            "The order type for unilateral position must also be the unilateral position type.",
        ),
        RejectReason::UnknownOrder => ("40768", "25204", "Order does not exist"),
        RejectReason::TooManyOrders => ("45118", "25211", "The number of open orders has reached the limit"),
        RejectReason::Expired => ("40725", "25000", "service return an error"),
    }
}
