//! Changes of the book: who there is, what he may, and what he proves himself with.
//!
//! Whether the caller may make them is asked of `permits` before, like of any command; the first administrator is made by
//! whoever has the machine. Refuses to leave the farm without an administrator. Whatever one person gives another (a
//! role, wider limits, a token, a link) makes that other too new to be a second person for a while.

use crate::access::Access;
use crate::denied::Unfit;
use crate::has_entropy;
use crate::identity::{
    CREDENTIALS_MAX, Credential, CredentialId, IDENTITIES_MAX, Identity, IdentityId, IdentityView, Limits,
    Proof, Who, is_label, is_name,
};
use crate::saved::Changed;
use crate::token::{TOKEN_ENTROPY_BYTES, Token};
use model::Time;
use model::command::Role;

/// A token that was just made.
#[derive(Debug)]
pub struct Issued {
    /// Its number, for revoking it.
    pub id: CredentialId,
    /// Itself, to be shown to its owner once.
    pub token: Token,
}

impl Access {
    /// Everybody, as they may be shown to an administrator.
    pub fn identities(&self) -> impl Iterator<Item = IdentityView> {
        self.book.identities.iter().map(Identity::view)
    }

    /// Somebody new, without a token.
    pub fn add_identity(
        &mut self,
        now: Time,
        name: &str,
        role: Role,
        limits: Limits,
    ) -> Result<Changed<IdentityId>, Unfit> {
        self.check_name(name)?;
        limits.check()?;
        if self.book.identities.len() >= IDENTITIES_MAX {
            return Err(Unfit::IdentitiesFull);
        }
        let id = IdentityId(self.book.next_number());
        self.book.identities.push(Identity {
            id,
            name: name.to_owned(),
            role,
            limits,
            unchanged_since: now,
            credentials: Vec::new(),
            second_factor: Default::default(),
        });
        Ok(self.changed(id))
    }

    /// He is gone, with his tokens and with what waited for his confirmation.
    pub fn remove_identity(&mut self, id: IdentityId) -> Result<Changed<()>, Unfit> {
        self.identity(id)?;
        self.keep_an_admin(id)?;
        self.book.identities.retain(|identity| identity.id != id);
        self.book.pendings.retain(|kept| kept.asker != id);
        Ok(self.changed(()))
    }

    /// Another name; the number stays.
    pub fn rename(&mut self, id: IdentityId, name: &str) -> Result<Changed<()>, Unfit> {
        if self.identity(id)?.name != name {
            self.check_name(name)?;
        }
        self.identity_mut(id)?.name = name.to_owned();
        Ok(self.changed(()))
    }

    /// Another role. What waits for his confirmation is looked at again when he confirms.
    pub fn set_role(&mut self, now: Time, id: IdentityId, role: Role) -> Result<Changed<()>, Unfit> {
        if self.identity(id)?.role > role {
            self.keep_an_admin(id)?;
        }
        let identity = self.identity_mut(id)?;
        if role > identity.role {
            identity.unchanged_since = now;
        }
        identity.role = role;
        Ok(self.changed(()))
    }

    /// Other limits.
    pub fn set_limits(&mut self, now: Time, id: IdentityId, limits: Limits) -> Result<Changed<()>, Unfit> {
        limits.check()?;
        let identity = self.identity_mut(id)?;
        if identity.limits != limits {
            identity.unchanged_since = now;
        }
        identity.limits = limits;
        Ok(self.changed(()))
    }

    /// A token. `by` is who asked for it; none is whoever has the machine. The caller wipes the entropy.
    pub fn issue_token(
        &mut self,
        now: Time,
        by: Option<&Who>,
        id: IdentityId,
        label: &str,
        expires: Option<Time>,
        entropy: &[u8; TOKEN_ENTROPY_BYTES],
    ) -> Result<Changed<Issued>, Unfit> {
        if !has_entropy(entropy) {
            return Err(Unfit::NoEntropy);
        }
        if expires.is_some_and(|expires| expires <= now) {
            return Err(Unfit::Expired);
        }
        let token = Token::made_of(entropy);
        let (public, hash) = (token.public().to_owned(), token.hash());
        let same = |credential: &Credential| matches!(&credential.proof, Proof::Token { public: p, .. } if *p == public);
        if self.book.identities.iter().any(|identity| identity.credentials.iter().any(same)) {
            return Err(Unfit::NoEntropy);
        }
        let proof = Proof::Token { public: public.clone(), hash };
        let id = self.add_credential(now, by, id, label, expires, proof)?;
        Ok(self.changed(Issued { id, token }))
    }

    /// A Discord account that counts as him.
    pub fn link_discord(
        &mut self,
        now: Time,
        by: Option<&Who>,
        id: IdentityId,
        user: u64,
    ) -> Result<Changed<CredentialId>, Unfit> {
        let same =
            |credential: &Credential| matches!(credential.proof, Proof::Discord { user: u } if u == user);
        if self.book.identities.iter().any(|identity| identity.credentials.iter().any(same)) {
            return Err(Unfit::Taken);
        }
        let id = self.add_credential(now, by, id, "discord", None, Proof::Discord { user })?;
        Ok(self.changed(id))
    }

    /// A token or link that counts no longer, from now on and whoever holds it.
    pub fn revoke(&mut self, id: CredentialId) -> Result<Changed<IdentityId>, Unfit> {
        for identity in &mut self.book.identities {
            if let Some(place) = identity.credentials.iter().position(|credential| credential.id == id) {
                identity.credentials.remove(place);
                let whose = identity.id;
                return Ok(self.changed(whose));
            }
        }
        Err(Unfit::NoCredential)
    }

    fn add_credential(
        &mut self,
        now: Time,
        by: Option<&Who>,
        id: IdentityId,
        label: &str,
        expires: Option<Time>,
        proof: Proof,
    ) -> Result<CredentialId, Unfit> {
        if !is_label(label) {
            return Err(Unfit::Label);
        }
        let identity = self.identity_mut(id)?;
        identity.credentials.retain(|credential| credential.counts(now));
        if identity.credentials.len() >= CREDENTIALS_MAX {
            return Err(Unfit::CredentialsFull);
        }
        if by.is_none_or(|by| by.identity != id) {
            identity.unchanged_since = now;
        }
        let number = CredentialId(self.book.next_number());
        let label = label.to_owned();
        let credential = Credential { id: number, proof, label, created: now, expires, last_used: None };
        self.identity_mut(id)?.credentials.push(credential);
        Ok(number)
    }

    fn check_name(&self, name: &str) -> Result<(), Unfit> {
        if !is_name(name) {
            Err(Unfit::Name)
        } else if self.book.identities.iter().any(|identity| identity.name == name) {
            Err(Unfit::Taken)
        } else {
            Ok(())
        }
    }

    /// Whether somebody else is administrator, if this one is.
    fn keep_an_admin(&self, id: IdentityId) -> Result<(), Unfit> {
        let mut admins = self.book.identities.iter().filter(|identity| identity.role == Role::Admin);
        let is_last = admins.next().is_some_and(|first| first.id == id) && admins.next().is_none();
        if is_last { Err(Unfit::LastAdmin) } else { Ok(()) }
    }

    fn identity(&self, id: IdentityId) -> Result<&Identity, Unfit> {
        self.book.identities.iter().find(|identity| identity.id == id).ok_or(Unfit::NoIdentity)
    }

    pub(crate) fn identity_mut(&mut self, id: IdentityId) -> Result<&mut Identity, Unfit> {
        self.book.identities.iter_mut().find(|identity| identity.id == id).ok_or(Unfit::NoIdentity)
    }
}
