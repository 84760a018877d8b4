//! Who somebody is, what he may do, and the record of what he tried.
//!
//! # For whoever reviews this
//!
//! **What is guarded**: the right to steer bots, to move money between them and to lift a halt; the secrets of
//! authenticators; the truth about who did what.
//!
//! **Against whom, and what he meets**
//!
//! | adversary | what is refused him |
//! |---|---|
//! | a stranger who guesses | 240 random bits; all hashes compared whole; one answer for unknown, wrong, expired and revoked; a lock-out by peer, in which nothing is looked at |
//! | a flood from many peers | memory (fixed tables), and locking anybody else out: an identity under attack is never closed, its attackers get one try each |
//! | who steals a token | what needs a code, or a second person; the guessing of codes (few tries, lock-outs that double); what he asked for before the token was revoked |
//! | who reads a code over a shoulder | using it again: a step counts once, over restarts too |
//! | an operator who reaches too far | commands above his role, on bots that are not his, on the whole farm, above his size |
//! | one administrator alone | confirming his own command above the limit, by whatever token; making himself a second person: whatever he gives another makes that one too new for a day |
//! | who repeats, delays or reorders requests | a second effect: a confirmation is taken out before it is acted on, and ends by itself |
//! | who reads the file of identities | tokens and recovery codes (hashes only). Not the secrets of authenticators: seal the file (`Saved`) |
//! | who changes the audit afterwards | doing it unseen, as long as one later head is kept elsewhere |
//!
//! **What this crate cannot do**: know that a peer is who it says (the door's), keep the file from being put back to an older
//! one (whoever can do that can use a spent code again within its minute, and a revoked token), tell whose phone a
//! first authenticator is on (its owner enrols it as soon as he has his token), or stop somebody who has the machine.
//!
//! # Its shape
//!
//! Everything is plain state: the instant and the entropy are handed in, and what is to be kept is handed out. A change
//! comes as `Changed`, whose value is had only by keeping the state: *keep, then act*. Unknown means no everywhere.
//!
//! ```text
//! token ── identify ──► Who ── permits(Need) ──► ok ─────────────────────► act
//!                        │                        └ dangerous: preview ──► Pending ── confirm ──► Granted: act once
//!                        └ each of these: Chain::append ──► Entry
//! ```
//!
//! ```
//! use access::{Access, Limits, Need, Needs, Reach, Rules, Saved};
//! use model::{Time, command::Role};
//! # let (now, random) = (Time(1_800_000_000_000), std::array::from_fn(|index| index as u8));
//! # let write = |_: &Saved| -> Result<(), std::io::Error> { Ok(()) };
//! let mut access = Access::new("Omega", Rules::default());
//! let ann = access.add_identity(now, "ann", Role::Operator, Limits::NONE)?.keep(write)?;
//! let issued = access.issue_token(now, None, ann, "laptop", None, &random)?.keep(write)?;
//!
//! let who = access.identify(now, "192.0.2.1", issued.token.reveal())?;
//! let need = Need { role: Role::Operator, reach: Reach::Bots(&["strategic_btc"]), size: None };
//! access.permits(now, &who, &need)?;
//! let pending = access.preview(now, &who, &need, Needs::Confirm, "close strategic_btc")?.keep(write)?;
//! let granted = access.confirm(now, &who, pending.id, None)?.keep(write)?;
//! assert_eq!(granted.pending.what, "close strategic_btc");
//! assert!(access.confirm(now, &who, pending.id, None).is_err(), "it acts once");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Refuses to read a clock or a random device, to keep a token, and to print a secret.

mod access;
mod audit;
mod denied;
mod encoding;
mod enrolment;
mod identity;
mod lockout;
mod need;
mod pending;
mod registry;
mod saved;
mod stored;
mod token;
mod totp;

pub use access::Access;
pub use audit::{Attempt, Broken, Chain, Decision, Entry, Head, REDACTED, TEXT_BYTES_MAX, Why, verify};
pub use denied::{Class, Denied, Unfit};
pub use encoding::Digest;
pub use enrolment::{
    ENROLMENT_EXPIRY, Enrolment, RECOVERY_CODES, RECOVERY_ENTROPY_BYTES, RecoveryCodes, TOTP_ENTROPY_BYTES,
};
pub use identity::{
    BOTS_MAX, Bots, CREDENTIALS_MAX, CredentialId, CredentialKind, CredentialView, IDENTITIES_MAX,
    IdentityId, IdentityView, Limits, Who,
};
pub use lockout::PEERS_MAX;
pub use need::{Need, Needs, Reach, Rules, role_named, role_word};
pub use pending::{Granted, PENDINGS_PER_IDENTITY_MAX, Pending, PendingId, WHAT_BYTES_MAX};
pub use registry::Issued;
pub use saved::{Changed, Saved};
pub use token::{TOKEN_ENTROPY_BYTES, TOKEN_PREFIX, Token};
pub use totp::code_shown;

/// A random device that is not there gives the same byte again and again.
fn has_entropy(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| *byte != bytes[0])
}
