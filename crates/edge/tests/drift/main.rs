//! Drift: a farm on paper is its own back-test, to the unit, session by session; what is done to its journal is seen in the
//! line it belongs to.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod lives;
mod paper;
mod sabotage;
