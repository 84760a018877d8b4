//! What can be wrong with a secret, and what to do next. No variant holds one.

use std::io;
use std::path::PathBuf;

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum BadSecret {
    /// A variable is not there.
    #[error("the environment variable {0} is not set: set it, or name another place for this secret")]
    NotSet(String),
    /// A variable, a file or an input is there and holds nothing, or no text.
    #[error("{0} holds no text: a secret is 1 to 65536 bytes of UTF-8 without a zero byte")]
    NoText(String),
    /// A file could not be read or written.
    #[error("{} cannot be used: {source}: check that the path is right and belongs to the user omega runs as", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Everybody can read it.
    #[error("everybody on this machine can read {}: close it with `chmod o-rwx {}`", .0.display(), .0.display())]
    Open(PathBuf),
    /// There is no encrypted file.
    #[error("there is no encrypted file {}: `omega secrets set NAME` makes it", .0.display())]
    NoSafe(PathBuf),
    /// Nobody said what opens the encrypted file.
    #[error(
        "no passphrase for the encrypted file: set {0} or {0}_FILE, or start omega on a terminal and type it"
    )]
    NoPassphrase(&'static str),
    /// It would be guessed.
    #[error("a new passphrase has at least {0} characters: choose a longer one")]
    Short(usize),
    /// The passphrase does not open the file.
    #[error("the passphrase does not open {}: use the one it was last set or rotated with", .0.display())]
    WrongPassphrase(PathBuf),
    /// The file is not as it was written.
    #[error("{} is damaged ({}): put a copy of it back, or remove it and set its secrets anew", .0.display(), .1)]
    Damaged(PathBuf, &'static str),
    /// The file was changed by somebody who does not know the passphrase.
    #[error(
        "{} was changed by somebody else than omega ({}): put a copy back that you trust, and replace its secrets",
        .0.display(), .1
    )]
    Tampered(PathBuf, &'static str),
    /// A later omega wrote it.
    #[error("{} is of version {}, and this omega knows version 1: use the omega that wrote it", .0.display(), .1)]
    Version(PathBuf, u8),
    /// A name that nothing in the file has.
    #[error("{} has no secret called {name}{meant}: `omega secrets list` shows the names, `omega secrets set {name}` adds it", file.display())]
    Unknown {
        /// Which file.
        file: PathBuf,
        /// Which name.
        name: String,
        /// ` (did you mean x?)` or nothing.
        meant: String,
    },
    /// A name that none can have.
    #[error("{0:?} is no name of a secret: write 1 to 64 letters, digits, `_`, `-` and `.`")]
    Name(String),
    /// Too many.
    #[error("the encrypted file has room for {0} secrets: remove one with `omega secrets rm NAME`")]
    Full(usize),
    /// No key.
    #[error(
        "{0} is no key of 32 bytes: write 64 hexadecimal digits or 44 characters of base64; `omega secrets set NAME --generate` makes one"
    )]
    Key(String),
    /// The random device failed.
    #[error(
        "the operating system gives no random numbers ({0}): check /dev/urandom and seccomp, and start again"
    )]
    Random(getrandom::Error),
}

impl BadSecret {
    /// What is wrong, and what to do next: for those who print them on two lines.
    pub fn told(&self) -> (String, String) {
        let text = self.to_string();
        let (problem, mend) = text.rsplit_once(": ").expect("every message ends with what to do next");
        (problem.to_owned(), mend.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_says_what_to_do_next() {
        let file = || PathBuf::from("s.omega");
        let unknown = BadSecret::Unknown { file: file(), name: "a".to_owned(), meant: String::new() };
        for error in [
            BadSecret::NotSet("A".to_owned()),
            BadSecret::NoText("A".to_owned()),
            BadSecret::File { file: file(), source: io::Error::other("x: y") },
            BadSecret::Open(file()),
            BadSecret::NoSafe(file()),
            BadSecret::NoPassphrase("A"),
            BadSecret::Short(12),
            BadSecret::WrongPassphrase(file()),
            BadSecret::Damaged(file(), "x"),
            BadSecret::Tampered(file(), "x"),
            BadSecret::Version(file(), 2),
            unknown,
            BadSecret::Name("a b".to_owned()),
            BadSecret::Full(1),
            BadSecret::Key("k".to_owned()),
            BadSecret::Random(getrandom::Error::UNEXPECTED),
        ] {
            let (problem, mend) = error.told();
            assert!(problem.len() > 10 && mend.len() > 15, "{problem} | {mend}");
        }
    }
}
