//! Where a secret is, never what it is: `env:NAME`, `file:/path`, `secret:NAME`.
//!
//! It refuses a secret written out, and never repeats what it refused.

use std::fmt;

/// The longest name of a variable or of a secret.
pub const NAME_CHARS_MAX: usize = 64;

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// A variable of the environment.
    Environment(String),
    /// A file, such as a mounted one.
    File(String),
    /// A name in the encrypted file.
    Secret(String),
}

/// No reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadReference {
    /// Perhaps the secret itself.
    #[error("holds a secret itself, or no reference")]
    Plain,
    /// Nothing after the colon.
    #[error("names nothing after the colon")]
    Empty,
    /// Characters no name has.
    #[error(
        "names a variable or a secret with more than letters, digits, `_`, `-` and `.`, or with more than 64"
    )]
    Name,
}

/// What to write instead of a secret.
pub const MEND: &str = "write where it is: \"env:NAME\" (a variable), \"file:/path\" (a file) or \"secret:NAME\" (`omega secrets set NAME`)";

impl Reference {
    /// A reference, if it is one.
    pub fn parse(text: &str) -> Result<Reference, BadReference> {
        let (scheme, rest) = text.split_once(':').ok_or(BadReference::Plain)?;
        let named = |make: fn(String) -> Reference| match rest {
            "" => Err(BadReference::Empty),
            name if is_name(name) => Ok(make(name.to_owned())),
            _ => Err(BadReference::Name),
        };
        match scheme {
            "env" => named(Reference::Environment),
            "secret" => named(Reference::Secret),
            "file" if rest.is_empty() => Err(BadReference::Empty),
            "file" if rest.contains('\0') => Err(BadReference::Name),
            "file" => Ok(Reference::File(rest.to_owned())),
            _ => Err(BadReference::Plain),
        }
    }
}

/// Whether this can be the name of a variable or of a secret.
pub fn is_name(name: &str) -> bool {
    let of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    (1..=NAME_CHARS_MAX).contains(&name.len()) && name.bytes().all(of_name)
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reference::Environment(name) => write!(f, "env:{name}"),
            Reference::File(path) => write!(f, "file:{path}"),
            Reference::Secret(name) => write!(f, "secret:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_kinds_and_back() {
        for text in ["env:EXCHANGE_API_KEY", "file:/run/secrets/key", "secret:bitget.key"] {
            assert_eq!(Reference::parse(text).map(|reference| reference.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn everything_else_is_refused_and_not_repeated() {
        for (text, why) in [
            ("bg_123456", BadReference::Plain),
            ("https://user:hunter2@host", BadReference::Plain),
            ("env:", BadReference::Empty),
            ("file:", BadReference::Empty),
            ("env:A B", BadReference::Name),
            ("secret:../x/y", BadReference::Name),
        ] {
            assert_eq!(Reference::parse(text), Err(why), "{text}");
            assert!(!format!("{why} {why:?}").contains(text));
        }
    }
}
