//! What the sky costs: an almanac of a year and a reading each hour of it, beside a plain pass over as many numbers.
//! `cargo bench -p cosmos`; it prints and judges nothing.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "a bench reads the clock and prints"
)]
fn main() {}
