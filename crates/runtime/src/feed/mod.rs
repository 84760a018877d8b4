//! Where the market of a farm on paper comes from: it is made, or read from a file, or the public stream of an exchange.
//!
//! A feed tells what happened once it has happened, in order: what was traded, then the bar that is complete. It says how long
//! there is nothing, or what wakes who waits for its sockets. It refuses to wait where it is only asked what is next.

pub mod bitget;
mod generator;
mod pace;
mod replay;

pub use bitget::{BadLook, Bitget, Listed, Past, Public};
pub use generator::{Generator, Made};
pub use pace::Pace;
pub use replay::{Recorded, Replay};

use edge::exchange::Waker;
use edge::paper::Stretch;
use model::{Bar, Price, Time};
use std::time::Duration;
use venue_bitget::adapter::Alert;

/// What a market did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fed {
    /// The first price that anybody saw.
    Opened(Time, Price),
    /// Something was traded: orders meet it.
    Traded(Stretch),
    /// A bar is complete, of the past or of what was just traded.
    Seen(Bar),
    /// Its clock has come this far, whether anything was traded or not.
    Passed(Time),
    /// Nobody knows from here on what it does: what is said to it is lost.
    SightLost,
    /// It is known again.
    SightRegained,
}

/// A market.
pub trait Feed: Send {
    /// What it did next, if it has done it already.
    fn next(&mut self) -> Option<Fed>;
    /// How long there is nothing, as far as it can know; `None` is for ever.
    fn due(&mut self) -> Option<Duration>;

    /// What lets it return when it waits for its sockets; one without sockets is not waited for in itself.
    fn waker(&self) -> Option<Waker> {
        None
    }

    /// Waits for its sockets until something is told.
    fn wait(&mut self, _longest: Duration) {}

    /// How often its sockets were opened anew.
    fn reconnects(&self) -> u64 {
        0
    }

    /// What somebody should know about it.
    fn take_alerts(&mut self) -> Vec<Alert> {
        Vec::new()
    }
}
