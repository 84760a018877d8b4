//! Who may do what, and how sure that must be. Who there is stands elsewhere: identities are kept by `omega access`.

use crate::kinds::{ListOf, Money, Secret, whole, word, words};
use crate::reference::Reference;
use crate::section::section;
use model::Usd;

words! {
    /// What somebody may do; each includes those before it.
    pub enum AccessRole {
        /// Look.
        Viewer = "viewer",
        /// Start, stop, tune and close.
        Operator = "operator",
        /// Change limits, allocate, and give rights.
        Admin = "admin",
    }
}

section! {
    /// Who may do what, and how sure that must be.
    pub struct Access {
        /// From this notional or amount on, a command needs two people.
        two_person_from_usdt: Usd = Money { min: Usd(0), max: Usd(1_000_000_000_000_000) }, default "50000", live;
        /// How long a command waits to be confirmed.
        confirm_expiry_s: u32 = whole(5, 3_600), default "60", live;
        /// After so many failed attempts an identity is locked out.
        lock_out_attempts: u32 = whole(1, 100), default "5", live;
        /// How long it is locked out.
        lock_out_s: u32 = whole(1, 604_800), default "900", live;
        /// Roles that confirm dangerous commands with a one-time code (TOTP).
        totp_required_roles: Vec<AccessRole> = ListOf { kind: word(), most: 3 }, default "[\"admin\"]", live;
        /// Where the key is that encrypts who there is (access.json, with the secrets of authenticators): 32 bytes in hexadecimal or base64. Unset: not encrypted.
        encryption_key: Option<Reference> = Secret, unset "\"secret:access_key\"", restart;
    }
}
