//! Honest experiments: whether a difference could be luck. Intervals by the bootstrap, p-values against placebos, the
//! correction for looking at several factors, and the text that is written down before the run.
//!
//! It refuses a verdict where there are too few distinct placebos to carry one, a p-value of zero, and a figure without
//! a spread to hold it against: those are an [`Undefined`](crate::Undefined) with its reason.

pub mod binomial;
pub mod bootstrap;
pub mod hypothesis;
pub mod placebo;
pub mod power;
pub mod romano_wolf;
pub mod rounds;
pub mod shifts;

pub use binomial::{rate_interval, rejections_upper_bound};
pub use bootstrap::{Bootstrap, Estimate, RESAMPLES_DEFAULT, bootstrap, optimal_block_length};
pub use hypothesis::{Hypothesis, Material};
pub use placebo::{DISTINCT_PLACEBOS_MIN, Effect, PlaceboOutcome, PlaceboTest, Sidedness, Verdict};
pub use power::Power;
pub use romano_wolf::{Adjusted, Factor, romano_wolf};
pub use rounds::Rounds;
pub use shifts::shifts;
