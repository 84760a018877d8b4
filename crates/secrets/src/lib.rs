//! Where secrets are fetched: variables, mounted files, and one encrypted file of our own; and the seal that keeps what
//! lies on a disk unreadable.
//!
//! It refuses to show a secret in any message or Debug output, to read one that everybody on the machine can read, and to
//! write one that is not encrypted.

mod error;
mod fetch;
mod passphrase;
mod safe;
mod seal;
mod text;

pub use error::BadSecret;
pub use fetch::{Fetcher, SECRET_BYTES_MAX};
pub use passphrase::{PASSPHRASE_CHARS_MIN, Passphrase, Source};
pub use safe::{Cost, SECRETS_MAX, Safe};
pub use seal::{BadSeal, KEY_BYTES, Key, OVERHEAD_BYTES, Seal, fill};
pub use text::SecretText;
