//! The list of commands. Adding one takes a file here and its line (with its `mod`) in the list below.
//!
//! It refuses two of one name, and one that a chat could not register: tests hold every spec to the limits.

use super::Command;

mod alerts;
mod allocate;
mod approve;
mod audit;
mod balance;
mod battle;
mod cancel;
mod close;
mod close_all;
mod confirm;
mod cosmic_influence;
mod deallocate;
mod decline;
mod drift;
mod farm_status;
mod health;
mod help;
mod history;
mod limits;
mod locks;
mod logs;
mod market_analysis;
mod mfa;
mod mode;
mod orders;
mod panic;
mod pause;
mod pnl;
mod positions;
mod profile;
mod psychology;
mod rearm;
mod reconcile;
mod reduce_only;
mod resume;
mod risk;
mod set_risk;
mod start;
mod stats;
mod stop;
mod unlock;
mod whoami;
mod why;

/// Every command, by name.
// tidy: list-of .
pub static COMMANDS: &[&Command] = &[
    &alerts::COMMAND,
    &allocate::COMMAND,
    &approve::COMMAND,
    &audit::COMMAND,
    &balance::COMMAND,
    &battle::COMMAND,
    &cancel::COMMAND,
    &close::COMMAND,
    &close_all::COMMAND,
    &confirm::COMMAND,
    &cosmic_influence::COMMAND,
    &deallocate::COMMAND,
    &decline::COMMAND,
    &drift::COMMAND,
    &farm_status::COMMAND,
    &health::COMMAND,
    &help::COMMAND,
    &history::COMMAND,
    &limits::COMMAND,
    &locks::COMMAND,
    &logs::COMMAND,
    &market_analysis::COMMAND,
    &mfa::COMMAND,
    &mode::COMMAND,
    &orders::COMMAND,
    &panic::COMMAND,
    &pause::COMMAND,
    &pnl::COMMAND,
    &positions::COMMAND,
    &profile::COMMAND,
    &psychology::COMMAND,
    &rearm::COMMAND,
    &reconcile::COMMAND,
    &reduce_only::COMMAND,
    &resume::COMMAND,
    &risk::COMMAND,
    &set_risk::COMMAND,
    &start::COMMAND,
    &stats::COMMAND,
    &stop::COMMAND,
    &unlock::COMMAND,
    &whoami::COMMAND,
    &why::COMMAND,
];
