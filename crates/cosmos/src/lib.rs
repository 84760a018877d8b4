//! The sky and the other outside influences, as functions of time: astronomy from an ephemeris, readings from series
//! that somebody measured. It refuses to invent: a reading has a source, a unit and an instant from which it was
//! known, or it is absent and has no effect.

pub mod almanac;
pub mod banding;
pub mod coordinates;
pub mod ephemeris;
pub mod factor;
pub mod influences;
pub mod provenance;
pub mod series;
pub mod sky;

mod trailing;

pub use almanac::{Almanac, AlmanacError};
pub use banding::Felt;
pub use coordinates::Coordinates;
pub use ephemeris::calendar::{Event, EventKind};
pub use factor::{Factor, FactorSet};
pub use influences::Influences;
pub use provenance::{Absence, Observation, Provenance};
pub use series::{Reading, Series, SeriesError, Silence, Terms};
pub use sky::Sky;
