//! Somebody: his name, his role, the bots and the size he is held to, and what he proves himself with.
//!
//! Refuses a limit it does not understand, and to let a role stand for a scope: an administrator of two bots is no
//! administrator of the farm.

use crate::denied::{Denied, Unfit};
use crate::encoding::Digest;
use crate::enrolment::SecondFactor;
use crate::need::{Need, Reach};
use crate::stored;
use model::command::Role;
use model::{Time, Usd};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// The most identities.
pub const IDENTITIES_MAX: usize = 256;
/// The most tokens and links of one identity.
pub const CREDENTIALS_MAX: usize = 16;
/// The most bots a limit names.
pub const BOTS_MAX: usize = 64;
const NAME_BYTES_MAX: usize = 64;

/// Which identity. A number is never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct IdentityId(pub u64);

/// Which token or link. A number is never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CredentialId(pub u64);

/// Whose commands may concern which bots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bots {
    /// All, and the farm as a whole.
    All,
    /// Those of these names.
    Only(BTreeSet<String>),
}

/// What somebody's commands are held to, whatever his role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Which bots.
    pub bots: Bots,
    /// How much one command may move or affect; no limit if none.
    #[serde(rename = "size_max_micro_usdt", with = "stored::usd_option")]
    pub size_max: Option<Usd>,
}

impl Limits {
    /// None at all.
    pub const NONE: Limits = Limits { bots: Bots::All, size_max: None };

    pub(crate) fn check(&self) -> Result<(), Unfit> {
        let bots = match &self.bots {
            Bots::All => true,
            Bots::Only(names) => names.len() <= BOTS_MAX && names.iter().all(|name| is_name(name)),
        };
        let size = self.size_max.is_none_or(|size| size >= Usd::ZERO);
        if bots && size { Ok(()) } else { Err(Unfit::Limits) }
    }
}

/// What somebody proves himself with. Only a hash is kept of a token.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Proof {
    Token { public: String, hash: Digest },
    Discord { user: u64 },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credential {
    pub(crate) id: CredentialId,
    pub(crate) proof: Proof,
    pub(crate) label: String,
    #[serde(rename = "created_ms", with = "stored::time")]
    pub(crate) created: Time,
    #[serde(rename = "expires_ms", with = "stored::time_option")]
    pub(crate) expires: Option<Time>,
    #[serde(rename = "last_used_ms", with = "stored::time_option")]
    pub(crate) last_used: Option<Time>,
}

impl Credential {
    pub(crate) fn counts(&self, now: Time) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }

    pub(crate) fn view(&self) -> CredentialView {
        CredentialView {
            id: self.id,
            kind: match &self.proof {
                Proof::Token { public, .. } => CredentialKind::Token { public: public.clone() },
                Proof::Discord { user } => CredentialKind::Discord { user: *user },
            },
            label: self.label.clone(),
            created: self.created,
            expires: self.expires,
            last_used: self.last_used,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Identity {
    pub(crate) id: IdentityId,
    pub(crate) name: String,
    #[serde(with = "stored::role")]
    pub(crate) role: Role,
    pub(crate) limits: Limits,
    /// Since when he has had all he has: rights, and whatever somebody else gave him to prove himself with.
    #[serde(rename = "unchanged_since_ms", with = "stored::time")]
    pub(crate) unchanged_since: Time,
    pub(crate) credentials: Vec<Credential>,
    pub(crate) second_factor: SecondFactor,
}

impl Identity {
    pub(crate) fn permits(&self, need: &Need) -> Result<(), Denied> {
        if self.role < need.role {
            return Err(Denied::Role { needs: need.role });
        }
        match (&self.limits.bots, need.reach) {
            (_, Reach::Nothing) => {}
            (_, Reach::Bots([])) => return Err(Denied::Bot),
            (Bots::All, Reach::Bots(_) | Reach::Farm) => {}
            (Bots::Only(_), Reach::Farm) => return Err(Denied::Farm),
            (Bots::Only(his), Reach::Bots(names)) => {
                if !names.iter().all(|name| his.contains(*name)) {
                    return Err(Denied::Bot);
                }
            }
        }
        match (self.limits.size_max, need.size) {
            (Some(size_max), Some(size)) if size.0.unsigned_abs() > size_max.0.unsigned_abs() => {
                Err(Denied::Size { size_max })
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn view(&self) -> IdentityView {
        IdentityView {
            id: self.id,
            name: self.name.clone(),
            role: self.role,
            limits: self.limits.clone(),
            unchanged_since: self.unchanged_since,
            enrolled: self.second_factor.is_active(),
            recovery_codes_left: self.second_factor.recovery_codes_left(),
            credentials: self.credentials.iter().map(Credential::view).collect(),
        }
    }
}

/// A name goes into files, the audit and an authenticator's list.
pub(crate) fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    !name.is_empty() && name.len() <= NAME_BYTES_MAX && name.chars().all(plain)
}

pub(crate) fn is_label(label: &str) -> bool {
    label.chars().count() <= NAME_BYTES_MAX && !label.chars().any(char::is_control)
}

/// Somebody who has proved who he is. Only `Access` makes one, and it looks again whenever it is shown one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    pub(crate) identity: IdentityId,
    pub(crate) credential: CredentialId,
    pub(crate) name: String,
    pub(crate) role: Role,
}

impl Who {
    /// Which identity.
    pub fn identity(&self) -> IdentityId {
        self.identity
    }

    /// By which token or link.
    pub fn credential(&self) -> CredentialId {
        self.credential
    }

    /// His name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The role he had at the door: for `model::Command::role`, after `permits` has said yes.
    pub fn role(&self) -> Role {
        self.role
    }
}

/// As the audit writes him: a name may be given again, a number never.
impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.name, self.identity.0)
    }
}

/// What may be shown of an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityView {
    /// Which.
    pub id: IdentityId,
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// What it is held to.
    pub limits: Limits,
    /// Since when it has had what it has.
    pub unchanged_since: Time,
    /// Whether it has an authenticator.
    pub enrolled: bool,
    /// How many recovery codes are left.
    pub recovery_codes_left: usize,
    /// Its tokens and links.
    pub credentials: Vec<CredentialView>,
}

/// What may be shown of a token or link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialView {
    /// Which.
    pub id: CredentialId,
    /// What it is.
    pub kind: CredentialKind,
    /// What its owner calls it.
    pub label: String,
    /// When it was made.
    pub created: Time,
    /// When it ends.
    pub expires: Option<Time>,
    /// When it last let somebody in, to a minute.
    pub last_used: Option<Time>,
}

/// A kind of proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// An API token, and the characters that name it.
    Token {
        /// They stand in the token after its prefix.
        public: String,
    },
    /// A Discord account, vouched for by the transport.
    Discord {
        /// Discord's number of it.
        user: u64,
    },
}
