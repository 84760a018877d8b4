//! A fence around other people's decoders: a panic inside one of them becomes a damaged file.
//!
//! It catches only where the build unwinds. Under `panic = "abort"` a decoder's panic ends the process, so the
//! importers check sizes and counts before they hand bytes over and keep this for what is left.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static DECODING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside a decoder, where a panic is the file's fault: a panic hook may stay silent.
pub fn decoding() -> bool {
    DECODING.get()
}

/// Runs a decoder; a panic in it is an error like its others.
#[cfg_attr(not(any(feature = "parquet", feature = "feather", feature = "archives")), allow(dead_code))]
pub(crate) fn fenced<T>(decode: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let outer = DECODING.replace(true);
    // The closure's state is dropped with the error: nobody sees what a panic left half done.
    let result = catch_unwind(AssertUnwindSafe(decode));
    DECODING.set(outer);
    result.unwrap_or_else(|_| Err("its decoder gave up".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error() {
        std::panic::set_hook(Box::new(|info| {
            if !decoding() {
                eprintln!("{info}");
            }
        }));
        assert_eq!(fenced(|| Ok(1)), Ok(1));
        let result: Result<(), String> = fenced(|| panic!("on purpose"));
        assert_eq!(result, Err("its decoder gave up".to_owned()));
        assert!(!decoding());
    }
}
