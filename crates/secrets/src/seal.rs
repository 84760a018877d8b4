//! XChaCha20-Poly1305 with a random nonce before it: encryption at rest for journal, history and the file of secrets.
//!
//! It refuses what was changed in any byte, and what was sealed for another place: that is what the associated data say.

use crate::error::BadSecret;
use crate::text::SecretText;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use std::fmt;
use zeroize::Zeroizing;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;
/// By so much a sealed text is longer than the plain one.
pub const OVERHEAD_BYTES: usize = NONCE_BYTES + TAG_BYTES;

/// A key, overwritten when it goes.
pub struct Key(Zeroizing<[u8; KEY_BYTES]>);

impl Key {
    /// A key of these bytes.
    pub fn new(bytes: [u8; KEY_BYTES]) -> Key {
        Key(Zeroizing::new(bytes))
    }

    /// A new one.
    ///
    /// # Errors
    /// The random device failed.
    pub fn generate() -> Result<Key, BadSecret> {
        let mut key = Key::new([0; KEY_BYTES]);
        fill(&mut *key.0)?;
        Ok(key)
    }

    /// Reads 64 hexadecimal digits or 44 characters of base64; `what` names the key in an error.
    ///
    /// # Errors
    /// It is neither.
    pub fn parse(what: &str, text: &SecretText) -> Result<Key, BadSecret> {
        let text = text.expose().trim();
        let bytes = match text.len() {
            64 => of_hexadecimal(text),
            _ => STANDARD.decode(text).ok().map(Zeroizing::new),
        };
        let bytes = bytes.and_then(|bytes| <[u8; KEY_BYTES]>::try_from(bytes.as_slice()).ok());
        bytes.map(Key::new).ok_or_else(|| BadSecret::Key(what.to_owned()))
    }

    /// As 64 hexadecimal digits, to be kept as a secret.
    pub fn to_text(&self) -> SecretText {
        SecretText::new(self.0.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

fn of_hexadecimal(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> =
        pairs.map(|pair| Some(digit(&pair[0])? << 4 | digit(pair.get(1)?)?)).collect();
    bytes.map(Zeroizing::new)
}

/// Fills with random bytes of the operating system.
///
/// # Errors
/// The random device failed.
pub fn fill(bytes: &mut [u8]) -> Result<(), BadSecret> {
    getrandom::fill(bytes).map_err(BadSecret::Random)
}

/// What was sealed is not what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSeal {
    /// Shorter than any sealed text.
    #[error("the sealed text was cut off: restore it from a copy")]
    Short,
    /// Another key, another place, or changed bytes.
    #[error(
        "the seal is broken: use the key it was sealed with; if it is that key, the bytes were changed: restore them from a copy"
    )]
    Broken,
    /// The random device failed.
    #[error("the operating system gives no random numbers: check /dev/urandom and seccomp, and start again")]
    NoRandom,
}

/// Seals and opens with one key.
pub struct Seal(XChaCha20Poly1305);

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal")
    }
}

impl Seal {
    /// With that key.
    pub fn new(key: &Key) -> Seal {
        Seal(XChaCha20Poly1305::new((&*key.0).into()))
    }

    /// Seals `plain` for the place that `aad` says: nonce, ciphertext, tag.
    ///
    /// # Errors
    /// [`BadSeal::NoRandom`]: nothing is sealed with a nonce that might have been used.
    pub fn seal(&self, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, BadSeal> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| BadSeal::NoRandom)?;
        let encrypted = self.0.encrypt(&XNonce::from(nonce), Payload { msg: plain, aad });
        let encrypted = encrypted.expect("a text that fits in memory is below the cipher's limit of 256 GiB");
        let mut sealed = Vec::with_capacity(NONCE_BYTES + encrypted.len());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&encrypted);
        Ok(sealed)
    }

    /// Opens what was sealed for that place.
    ///
    /// # Errors
    /// It was cut off, changed, sealed for another place or with another key.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, BadSeal> {
        let (nonce, encrypted) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(BadSeal::Short)?;
        if encrypted.len() < TAG_BYTES {
            return Err(BadSeal::Short);
        }
        self.0.decrypt(&XNonce::from(*nonce), Payload { msg: encrypted, aad }).map_err(|_| BadSeal::Broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// draft-irtf-cfrg-xchacha-03, A.3.1.
    #[test]
    fn the_drafts_own_vector_opens() {
        let hex = |text: &str| of_hexadecimal(text).unwrap();
        let key: Vec<u8> = (0x80..=0x9f).collect();
        let sealed = [
            "404142434445464748494a4b4c4d4e4f5051525354555657",
            "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52e",
            "c0875924c1c7987947deafd8780acf49",
        ];
        let seal = Seal::new(&Key::new(key.try_into().unwrap()));
        let plain = seal.open(&hex("50515253c0c1c2c3c4c5c6c7"), &hex(&sealed.concat())).unwrap();
        assert!(plain.starts_with(b"Ladies and Gentlemen of the class of '99"));
    }

    #[test]
    fn every_flipped_bit_every_cut_and_every_other_place_is_noticed() {
        let seal = Seal::new(&Key::new([7; KEY_BYTES]));
        let sealed = seal.seal(b"journal 3", b"a record").unwrap();
        assert_eq!(sealed.len(), OVERHEAD_BYTES + 8);
        assert_eq!(seal.open(b"journal 3", &sealed).as_deref(), Ok(b"a record".as_slice()));
        assert_eq!(seal.open(b"journal 4", &sealed), Err(BadSeal::Broken));
        assert_eq!(Seal::new(&Key::new([8; KEY_BYTES])).open(b"journal 3", &sealed), Err(BadSeal::Broken));
        for bit in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(seal.open(b"journal 3", &flipped), Err(BadSeal::Broken), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(seal.open(b"journal 3", &sealed[..length]).is_err(), "{length}");
        }
        assert_ne!(seal.seal(b"", b"x").unwrap(), seal.seal(b"", b"x").unwrap(), "no nonce twice");
    }

    #[test]
    fn keys_are_read_in_both_spellings_and_never_shown() {
        let key = Key::generate().unwrap();
        let hex = key.to_text();
        let base64 = SecretText::new(STANDARD.encode(*key.0));
        for text in [&hex, &base64] {
            assert_eq!(*Key::parse("k", text).unwrap().0, *key.0);
        }
        for wrong in ["", "00", &"g".repeat(64), &"0".repeat(63), "é"] {
            let error = Key::parse("journal.encryption_key", &SecretText::new(wrong.to_owned())).unwrap_err();
            assert!(error.to_string().starts_with("journal.encryption_key is no key"), "{error}");
        }
        assert_eq!(format!("{key:?}"), "***");
        assert_ne!(*Key::generate().unwrap().0, *key.0);
    }
}
