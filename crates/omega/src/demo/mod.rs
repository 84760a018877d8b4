//! The demo's market: made on the spot, so that a first look needs no file, no network and no licence.
//!
//! It refuses to pass for history: it is a seeded walk with trends in it, and says so.

mod walk;

pub use walk::{DemoMarket, generate};
