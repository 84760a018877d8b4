//! What a user names by file or URL, as bytes.
//!
//! It refuses to follow redirects to another host and answers that are not a success.

use crate::error::Failure;
use data::Bytes;

/// The bytes of a file.
pub fn bytes(place: &str) -> Result<Bytes, Failure> {
    let read = std::fs::read(place);
    read.map(Bytes::from).map_err(|error| {
        Failure::input(format!("cannot read {place}: {error}"), "check the path and its permissions")
    })
}
