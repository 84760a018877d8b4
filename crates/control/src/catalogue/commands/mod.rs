//! The list of commands. Adding one takes a file here and its line (with its `mod`) in the list below.
//!
//! It refuses two of one name, and one that a chat could not register: tests hold every spec to the limits.

use super::Command;

mod farm_status;
mod pause;
mod stats;

/// Every command, by name.
// tidy: list-of .
pub static COMMANDS: &[&Command] = &[&farm_status::COMMAND, &pause::COMMAND, &stats::COMMAND];
