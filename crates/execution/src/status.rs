//! The life of an order on one screen.

use model::Report;

/// Where an order is in its life, as far as its owner has heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderStatus {
    /// A leg of a bracket that waits, at the venue, for its entry to fill.
    Attached,
    /// Sent; nothing heard.
    Submitted,
    /// Rests at the venue.
    Resting,
    /// Its trigger was reached; it is being filled.
    Triggered,
    /// Some of it has filled.
    PartiallyFilled,
    /// All of it has filled.
    Filled,
    /// It went away without (further) fills.
    Cancelled,
    /// It was refused.
    Rejected,
}

model::value!(enum OrderStatus {
    0 => Attached,
    1 => Submitted,
    2 => Resting,
    3 => Triggered,
    4 => PartiallyFilled,
    5 => Filled,
    6 => Cancelled,
    7 => Rejected,
});

impl OrderStatus {
    /// The word in views and files.
    pub const fn name(self) -> &'static str {
        match self {
            OrderStatus::Attached => "attached",
            OrderStatus::Submitted => "submitted",
            OrderStatus::Resting => "resting",
            OrderStatus::Triggered => "triggered",
            OrderStatus::PartiallyFilled => "partially_filled",
            OrderStatus::Filled => "filled",
            OrderStatus::Cancelled => "cancelled",
            OrderStatus::Rejected => "rejected",
        }
    }
}

/// What a report says about one order, without its figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The venue has it.
    Accepted,
    /// The venue will not have it.
    Rejected,
    /// It went off.
    Triggered,
    /// Part of it filled.
    PartFilled,
    /// The last of it filled.
    AllFilled,
    /// It is gone.
    Cancelled,
    /// Its price was moved.
    Amended,
}

impl Heard {
    /// What a report says of the order it is about; `None` for reports about positions.
    pub fn of(report: &Report) -> Option<Heard> {
        match report {
            Report::Accepted { .. } => Some(Heard::Accepted),
            Report::Rejected { .. } => Some(Heard::Rejected),
            Report::Triggered { .. } => Some(Heard::Triggered),
            Report::Filled(fill) if fill.remaining.0 > 0 => Some(Heard::PartFilled),
            Report::Filled(_) => Some(Heard::AllFilled),
            Report::Cancelled { .. } => Some(Heard::Cancelled),
            Report::Amended { .. } => Some(Heard::Amended),
            Report::Funding { .. } | Report::Liquidated { .. } | Report::Deleveraged { .. } => None,
        }
    }
}

impl OrderStatus {
    /// Whether nothing more can happen to it.
    pub const fn is_final(self) -> bool {
        matches!(self, OrderStatus::Filled | OrderStatus::Cancelled | OrderStatus::Rejected)
    }

    /// The next status, or `None` where the news is late or repeated and changes nothing.
    /// A fill may outrun the acceptance it follows from.
    pub const fn transition(self, heard: Heard) -> Option<OrderStatus> {
        use OrderStatus::{
            Attached, Cancelled, Filled, PartiallyFilled, Rejected, Resting, Submitted, Triggered,
        };
        match (self, heard) {
            (Filled | Cancelled | Rejected, _) => None,
            (Attached | Submitted, Heard::Accepted) => Some(Resting),
            (Attached | Submitted, Heard::Rejected) => Some(Rejected),
            (Resting | Triggered | PartiallyFilled, Heard::Accepted | Heard::Rejected) => None,
            (PartiallyFilled, Heard::Triggered) => None,
            (Attached | Submitted | Resting | Triggered, Heard::Triggered) => Some(Triggered),
            (_, Heard::PartFilled) => Some(PartiallyFilled),
            (_, Heard::AllFilled) => Some(Filled),
            (_, Heard::Cancelled) => Some(Cancelled),
            (_, Heard::Amended) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUSES: [OrderStatus; 8] = [
        OrderStatus::Attached,
        OrderStatus::Submitted,
        OrderStatus::Resting,
        OrderStatus::Triggered,
        OrderStatus::PartiallyFilled,
        OrderStatus::Filled,
        OrderStatus::Cancelled,
        OrderStatus::Rejected,
    ];
    const NEWS: [Heard; 7] = [
        Heard::Accepted,
        Heard::Rejected,
        Heard::Triggered,
        Heard::PartFilled,
        Heard::AllFilled,
        Heard::Cancelled,
        Heard::Amended,
    ];

    #[test]
    fn the_dead_stay_dead_and_no_news_goes_back() {
        let rank = |status: OrderStatus| STATUSES.iter().position(|&s| s == status);
        for status in STATUSES {
            for heard in NEWS {
                if let Some(next) = status.transition(heard) {
                    assert!(!status.is_final(), "{status:?} heard {heard:?}");
                    assert!(rank(next) >= rank(status), "{status:?} + {heard:?} -> {next:?}");
                }
            }
        }
    }

    #[test]
    fn a_fill_may_outrun_its_acceptance() {
        let filled = OrderStatus::Submitted.transition(Heard::AllFilled);
        assert_eq!(filled, Some(OrderStatus::Filled));
        assert_eq!(OrderStatus::Filled.transition(Heard::Accepted), None);
    }
}
