//! The gate between wanting and doing: the only maker of `Approved`.
//!
//! Unknown means no: without equity, a fresh price or a known position nothing is opened. Leaving a position is
//! always allowed. A refusal is a value with a reason, never an error.

pub mod gate;
pub mod limits;
pub mod refusal;
pub mod rules;
pub mod sizing;

pub use gate::{
    Approved, Clearance, Exposure, SIGNIFICANT_RISK_BPS, Wish, approve_cancel, approve_close,
    approve_control, approve_entry, approve_looser_stop, approve_stop, ladder,
};
pub use limits::{Limits, TradingState};
pub use refusal::Refusal;
pub use rules::{ApprovalRule, CoolDown, Crowd, Rules, RulesError, Vigilance};
