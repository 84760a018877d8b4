//! The workshop: the checks that keep the house rules, run as `cargo xtask tidy` and as a test.
//!
//! It exists so that a rule is a program that fails and not a sentence that ages. It refuses to change any file:
//! it names the place and what to do there.

pub mod tidy;
pub mod tree;
pub mod workspace;
