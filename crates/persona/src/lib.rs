//! Personas: a profile (data), a psyche (pure, seeded) and a strategy (one file each, a closed set).
//!
//! A strategy says what it sees (`Signal`), the psyche says what the mood makes of it (`Impulse`). Nothing here can
//! send an order or move the band of risk: that is `risk`'s alone.

pub mod catalogue;
pub mod label;
#[cfg(test)]
mod made_market;
pub mod mood;
pub mod profile;
pub mod psyche;
pub mod reason;
pub mod signal;
pub mod strategy;

pub use catalogue::{CONTROLS, PERSONAS};
pub use label::Label;
pub use mood::Mood;
pub use profile::{Profile, ProfileError};
pub use psyche::{Gains, Outcome, Psyche};
pub use reason::Reason;
pub use signal::{EntryStyle, Impulse, Signal};
pub use strategy::{Context, ControlSettings, Held, Strategy};
