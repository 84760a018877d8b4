//! What a run was worth: metrics over a daily equity curve and over closed trades, one file each.
//!
//! Two blocks that are never mixed: the equity-based metrics see only daily returns, the trade-based ones
//! only net profits. This crate refuses to print a number where there is none: a metric without a meaning is
//! an [`Undefined`] with a reason, never zero, infinity or NaN. It refuses to guess whether it was given
//! prices or returns, to annualise by anything but 365 days, and to read a file.

pub mod behaviour;
pub mod drawdown;
pub mod metrics;
pub mod over_time;
pub mod population;
pub mod prepared;
pub mod returns;
pub mod significance;
pub mod statistics;
pub mod targets;
pub mod track_record;
pub mod trades;
pub mod undefined;

pub use behaviour::{BEHAVIOURS, Behaviour, LivedTrade, Observations, Occasions, observe};
pub use drawdown::{Drawdown, max_drawdown};
pub use metrics::{METRICS, Metric, Unit, evaluate};
pub use over_time::{Period, over_time};
pub use prepared::{Inputs, Prepared};
pub use targets::{Judgement, TARGETS, TARGETS_NOTE, Target, Verdict, Wanted, judge};
pub use track_record::{
    Moments, best_of_luck, minimum_track_record_days, sharpe_interval, track_record_is_long_enough,
};
pub use trades::{is_loser, is_winner, losers, winners};
pub use undefined::Undefined;
