//! Where the market of a farm on paper comes from: it is made, or read from a file, or the public stream of an exchange.
//!
//! A feed tells what happened once it has happened, in order: what was traded, then the bar that is complete. It refuses to
//! wait by itself: it says how long there is nothing.

mod generator;
mod pace;
mod replay;

pub use generator::{Generator, Made};
pub use pace::Pace;
pub use replay::{Recorded, Replay};

use edge::paper::Stretch;
use model::{Bar, Price, Time};
use std::time::Duration;

/// What a market did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fed {
    /// The first price that anybody saw.
    Opened(Time, Price),
    /// Something was traded: orders meet it.
    Traded(Stretch),
    /// A bar is complete, of the past or of what was just traded.
    Seen(Bar),
}

/// A market.
pub trait Feed: Send {
    /// What it did next, if it has done it already.
    fn next(&mut self) -> Option<Fed>;
    /// How long there is nothing, as far as it can know; `None` is for ever.
    fn due(&mut self) -> Option<Duration>;
}
