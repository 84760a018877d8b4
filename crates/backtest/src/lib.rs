//! Back-testing: history and the simulated venue as a `World` of the one loop.
//!
//! It refuses to give a bot anything that was not known at that instant: bars are lent when complete, orders reach
//! the venue after the bar they were decided on, and prices inside a bar are walked the pessimistic way.

pub mod equity;
pub mod experiment;
pub mod history;
pub mod lived;
pub mod noise;
pub mod planted;
pub mod replay;
pub mod run;
pub mod twin;
pub mod unfolding;

pub use equity::EquityCurve;
pub use experiment::{Arm, Design, Experiment, ExperimentError, Finding, Question};
pub use history::History;
pub use replay::{ClosedTrade, Replay};
pub use run::{RunError, RunResult, RunSettings, prepare, run};
pub use twin::{Cause, CostOfEmotion};
pub use unfolding::{Coming, Said, Show, Tape};
