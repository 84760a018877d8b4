//! A farm as its operator runs it: processes of the real binary, a real Redis, the mock exchange on its socket.
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

mod cut_off;
mod evidence;
mod full_disk;
mod many;
mod one_system;
mod scene;
mod soak;
mod stepped_clock;
mod survives;
