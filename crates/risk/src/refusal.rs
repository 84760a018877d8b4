//! Why something was not done. Every refusal is counted and can be asked for.

/// A reason to refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// Equity is unknown or gone.
    NoEquity,
    /// The last price is too old, or there is none.
    StalePrice,
    /// The position is not known, or one is held already.
    PositionNotFlat,
    /// Another order is on its way.
    OrderPending,
    /// The bot may only reduce, or is halted.
    NotTrading,
    /// The capital no longer carries the smallest order.
    BelowMinimum,
    /// The stop lies on the wrong side of the price or further than the band allows.
    BadStop,
    /// Drawdown from the peak has reached its limit.
    Drawdown,
    /// Today's loss has reached its limit.
    DailyLoss,
    /// Too many orders in the last hour.
    OrderRate,
    /// More than the instrument or safe arithmetic allows.
    TooLarge,
    /// The stop would be moved away from the price.
    StopLoosened,
    /// A significant trade that somebody has to approve first.
    NeedsApproval,
    /// Nobody approved it in time.
    ApprovalExpired,
    /// Somebody said no.
    Declined,
    /// It was stopped out too often lately.
    CoolDown,
    /// The whole farm's loss of today has reached its limit.
    FarmDailyLoss,
    /// The whole farm's drawdown has reached its limit.
    FarmDrawdown,
    /// All positions together would be too large for the farm's equity.
    FarmExposure,
    /// Too many entries of the whole farm in the last minute.
    FarmOrderRate,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Refusal; 20] = [
        Refusal::NoEquity,
        Refusal::StalePrice,
        Refusal::PositionNotFlat,
        Refusal::OrderPending,
        Refusal::NotTrading,
        Refusal::BelowMinimum,
        Refusal::BadStop,
        Refusal::Drawdown,
        Refusal::DailyLoss,
        Refusal::OrderRate,
        Refusal::TooLarge,
        Refusal::StopLoosened,
        Refusal::NeedsApproval,
        Refusal::ApprovalExpired,
        Refusal::Declined,
        Refusal::CoolDown,
        Refusal::FarmDailyLoss,
        Refusal::FarmDrawdown,
        Refusal::FarmExposure,
        Refusal::FarmOrderRate,
    ];

    /// The word in files and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Refusal::NoEquity => "no_equity",
            Refusal::StalePrice => "stale_price",
            Refusal::PositionNotFlat => "position_not_flat",
            Refusal::OrderPending => "order_pending",
            Refusal::NotTrading => "not_trading",
            Refusal::BelowMinimum => "below_minimum",
            Refusal::BadStop => "bad_stop",
            Refusal::Drawdown => "drawdown",
            Refusal::DailyLoss => "daily_loss",
            Refusal::OrderRate => "order_rate",
            Refusal::TooLarge => "too_large",
            Refusal::StopLoosened => "stop_loosened",
            Refusal::NeedsApproval => "needs_approval",
            Refusal::ApprovalExpired => "approval_expired",
            Refusal::Declined => "declined",
            Refusal::CoolDown => "cool_down",
            Refusal::FarmDailyLoss => "farm_daily_loss",
            Refusal::FarmDrawdown => "farm_drawdown",
            Refusal::FarmExposure => "farm_exposure",
            Refusal::FarmOrderRate => "farm_order_rate",
        }
    }
}
