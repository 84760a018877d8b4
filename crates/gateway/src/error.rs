//! Why a gateway does not open, or a file of it cannot be used, and what to do about it.
//!
//! It refuses to repeat what stands in a file of secrets.

use access::{Broken, Unfit};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum BadGateway {
    /// Plain HTTP where others can listen.
    #[error(
        "{0} is reached from other machines and would be spoken to without encryption: give gateway.tls_cert_file and gateway.tls_key_file, or listen on 127.0.0.1, or set gateway.behind_proxy where a proxy in front of it encrypts"
    )]
    Exposed(SocketAddr),
    /// The address is taken, or is not ours.
    #[error(
        "cannot listen on {address} ({source}): choose another address in gateway.listen, or stop who has it"
    )]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// A certificate or key.
    #[error("{} cannot be used for TLS ({why}): give a chain and its key as PEM", file.display())]
    Tls {
        /// Which file.
        file: PathBuf,
        /// Why.
        why: String,
    },
    /// A file that cannot be read or written.
    #[error("cannot {verb} {} ({source}): look at the disk's room and at who may write there", file.display())]
    File {
        /// What was tried.
        verb: &'static str,
        /// Which file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process has it.
    #[error(
        "{} is in use by a gateway that runs: stop it first, or give people and tokens over its API (docs/api.md)",
        .0.display()
    )]
    InUse(PathBuf),
    /// The file of access can be read by others.
    #[error("{} can be read by others on this machine: run chmod 600 on it, and have its authenticators replaced if somebody did", .0.display())]
    Open(PathBuf),
    /// It is sealed, and there is no key.
    #[error("{} is sealed: give the key it was sealed with", .0.display())]
    Sealed(PathBuf),
    /// The seal is another.
    #[error("the seal of {} does not open: give the key it was sealed with, or restore the file from a copy", .0.display())]
    Seal(PathBuf),
    /// Nothing seals.
    #[error("{} cannot be sealed ({why}): mend that first, nothing is kept until then", file.display())]
    NotSealed {
        /// Which file.
        file: PathBuf,
        /// Why.
        why: String,
    },
    /// The book of identities.
    #[error("{}: {source}", file.display())]
    Book {
        /// Which file.
        file: PathBuf,
        /// What is wrong.
        source: Unfit,
    },
    /// A line of the audit that is none.
    #[error("line {line} of {} is no entry of an audit: restore the file from a copy up to there, and find out who can write to it", file.display())]
    NoEntry {
        /// Which file.
        file: PathBuf,
        /// Which line, from 1.
        line: u64,
    },
    /// The chain.
    #[error("{}: {source}", file.display())]
    Audit {
        /// Which file.
        file: PathBuf,
        /// Where and why.
        source: Broken,
    },
    /// No random numbers.
    #[error(
        "the operating system gives no random numbers ({0}): check /dev/urandom and seccomp, and start again"
    )]
    Random(String),
    /// No thread.
    #[error("the operating system gives no thread ({0}): raise the limit of processes, and start again")]
    Thread(io::Error),
    /// It exists already.
    #[error("there are identities already: `omega access list` shows them; an administrator adds more")]
    NotEmpty,
}

impl BadGateway {
    pub(crate) fn file(verb: &'static str, file: &std::path::Path) -> impl FnOnce(io::Error) -> BadGateway {
        let file = file.to_owned();
        move |source| BadGateway::File { verb, file, source }
    }
}
