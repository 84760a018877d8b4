//! The text `Access` is kept as, and the rule that what was changed is kept before anybody acts on it.
//!
//! Refuses to hand the result of a change to somebody who has not written the change down.

use std::fmt;
use zeroize::Zeroizing;

/// The whole state as text. It holds the secrets of authenticators: keep it where only the gateway reads it, sealed
/// where a key is configured. It prints as nothing and is wiped when dropped.
pub struct Saved(pub(crate) Zeroizing<String>);

impl Saved {
    /// What is to be written.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Saved")
    }
}

/// A change that was made in memory, and what came of it: to be had once it is written.
#[derive(Debug)]
#[must_use = "a change that is not kept is undone by a restart"]
pub struct Changed<T> {
    pub(crate) value: T,
    pub(crate) saved: Saved,
}

impl<T> Changed<T> {
    /// Writes the state down, then gives what came of the change. Where writing fails nobody gets it, so nothing is done
    /// on the strength of it: a confirmation is used up, a code is spent, a token belongs to nobody.
    pub fn keep<E>(self, write: impl FnOnce(&Saved) -> Result<(), E>) -> Result<T, E> {
        write(&self.saved)?;
        Ok(self.value)
    }
}
