//! Personas: a profile (data), a psyche (pure, seeded) and a strategy (one file each, a closed set).
//!
//! A strategy says what it sees (`Signal`), the psyche says what the mood makes of it (`Impulse`). Nothing here can
//! send an order or move the band of risk: that is `risk`'s alone.

pub mod catalogue;
pub mod decision;
pub mod gains;
pub mod label;
#[cfg(test)]
mod made_market;
pub mod mind;
pub mod modifier;
pub mod mood;
pub mod profile;
pub mod psyche;
pub mod reason;
pub mod signal;
pub mod strategy;

pub use catalogue::{CONTROLS, PERSONAS};
pub use decision::{Leaving, Occasion, Watched};
pub use gains::Gains;
pub use label::Label;
pub use mind::{Mind, MindDraws, Traded};
pub use modifier::Modifier;
pub use mood::Mood;
pub use profile::{Profile, ProfileError};
pub use psyche::{Blow, Outcome, Psyche};
pub use reason::Reason;
pub use signal::{EntryKind, EntryStyle, Impulse, Mistake, Signal};
pub use strategy::{Context, ControlSettings, Held, Outside, Strategy};
