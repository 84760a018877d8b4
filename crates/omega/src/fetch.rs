//! What a user names by file or URL, as bytes.
//!
//! It refuses answers that are not a success, bodies without end, and to wait for ever.

use crate::error::Failure;
use data::Bytes;

/// The longest body that is read.
#[cfg(feature = "http")]
const BODY_BYTES_MAX: u64 = 256 << 20;
/// The longest that a whole exchange may take.
#[cfg(feature = "http")]
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(60);
/// Answers that point elsewhere, in a row.
#[cfg(feature = "http")]
const REDIRECTS_MAX: u32 = 3;

/// The bytes of a file, or of what a web server says.
pub fn bytes(place: &str) -> Result<Bytes, Failure> {
    if place.starts_with("http://") || place.starts_with("https://") {
        return over_http(place);
    }
    let read = std::fs::read(place);
    read.map(Bytes::from).map_err(|error| {
        Failure::input(format!("cannot read {place}: {error}"), "check the path and its permissions")
    })
}

#[cfg(feature = "http")]
fn over_http(url: &str) -> Result<Bytes, Failure> {
    let agent = ureq::Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .max_redirects(REDIRECTS_MAX)
        .build()
        .new_agent();
    let body = agent
        .get(url)
        .call()
        .and_then(|mut answer| answer.body_mut().with_config().limit(BODY_BYTES_MAX).read_to_vec());
    body.map(Bytes::from).map_err(|error| {
        Failure::input(
            format!("cannot fetch {url}: {error}"),
            "check the address and the network, or fetch the file yourself and name it",
        )
    })
}

#[cfg(not(feature = "http"))]
fn over_http(url: &str) -> Result<Bytes, Failure> {
    Err(Failure::input(
        format!("cannot fetch {url}: this build reads files only"),
        "build with `--features http`, or fetch the file yourself and name it",
    ))
}
