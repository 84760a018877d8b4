//! The record from which a farm rises. It refuses to be made fast at the price of being wrong: see `Fsync`.

use crate::kinds::{Secret, whole, word, words};
use crate::reference::Reference;
use crate::section::section;

words! {
    /// When the disk must have what is written.
    pub enum Fsync {
        /// Before anything is acted on: journal, then act. An order that was sent is always in it.
        Always = "always",
    }
}

section! {
    /// The record from which a farm rises after any crash.
    pub struct Journal {
        /// How large a segment grows before the next begins.
        segment_mib: u32 = whole(1, 1_024), default "64", restart;
        /// When the disk must have what is written. There is one answer: a power cut that forgets a sent order would double it, so nothing weaker is offered.
        fsync: Fsync = word(), default "\"always\"", restart;
        /// Where the key is that encrypts it at rest: 32 bytes in hexadecimal or base64. Unset: not encrypted.
        encryption_key: Option<Reference> = Secret, unset "\"secret:journal_key\"", restart;
    }
}
