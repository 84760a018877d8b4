//! API tokens: how one looks, how it is made from entropy, and the hash that is kept of it.
//!
//! A token is `omega_` + eight characters that name it + `_` + 240 random bits, so a leaked one is recognised by scanners
//! and a plain SHA-256 is enough to keep it by: nobody can try 2^240. Refuses to print itself.

use crate::encoding::{Digest, base32};
use std::fmt;
use zeroize::Zeroizing;

/// How much entropy a token is made of: five bytes name it, thirty are the secret.
pub const TOKEN_ENTROPY_BYTES: usize = 35;
/// What every token begins with.
pub const TOKEN_PREFIX: &str = "omega_";
/// Nothing longer is looked at.
pub(crate) const TOKEN_BYTES_MAX: usize = 128;
const NAME_ENTROPY_BYTES: usize = 5;

/// A token as its owner must keep it. It is shown once; nothing here can make it again.
pub struct Token(Zeroizing<String>);

impl Token {
    pub(crate) fn made_of(entropy: &[u8; TOKEN_ENTROPY_BYTES]) -> Token {
        let (name, secret) = entropy.split_at(NAME_ENTROPY_BYTES);
        let (name, secret) = (base32(name), base32(secret));
        let mut text = Zeroizing::new(String::with_capacity(TOKEN_BYTES_MAX));
        text.push_str(TOKEN_PREFIX);
        text.push_str(&name);
        text.push('_');
        text.push_str(&secret);
        text[TOKEN_PREFIX.len()..].make_ascii_lowercase();
        Token(text)
    }

    /// The text, to be shown to its owner and to nobody else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub(crate) fn public(&self) -> &str {
        public_part(&self.0).expect("a token that was just made has a name")
    }

    pub(crate) fn hash(&self) -> Digest {
        hash_of(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

pub(crate) fn hash_of(text: &str) -> Digest {
    Digest::of(&[b"omega access token 1\0", text.as_bytes()])
}

/// The characters that name it, of anything that looks like a token.
pub(crate) fn public_part(text: &str) -> Option<&str> {
    text.strip_prefix(TOKEN_PREFIX)?.split_once('_').map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_recognised_and_says_nothing() {
        let token = Token::made_of(&std::array::from_fn(|index| index as u8));
        assert_eq!(token.reveal(), "omega_aaaqeaye_audaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypsaijc");
        assert_eq!(token.public(), "aaaqeaye");
        assert_eq!(format!("{token:?}"), "Token");
        assert!(token.reveal().len() < TOKEN_BYTES_MAX);
    }
}
