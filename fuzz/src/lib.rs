//! Fuzzing of whoever reads what others wrote: the importers, the Bitget adapter and the mock must survive any bytes.
//!
//! The bodies live here once and are driven twice: by the seeded mutator of this crate, on stable Rust, in every
//! `make test`; and by libFuzzer (`fuzz/libfuzzer`) in `make fuzz` where a nightly toolchain is at hand. A body refuses
//! more than a panic: what an importer accepts must be sound bars, and what it refuses must be said in one line
//! with a hint.

pub mod bitget;
pub mod judge;
pub mod mutate;
pub mod seeds;
pub mod targets;
