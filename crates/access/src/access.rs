//! The book of identities with the door before it: who is let in, what he may, and how the book is kept and read.
//!
//! One process owns it. What is kept is text of a stated layout; who failed at the door is in memory only. Refuses a file
//! it does not wholly understand, and lets nobody in by one.

use crate::denied::{Denied, Unfit};
use crate::encoding::Digest;
use crate::identity::{
    CREDENTIALS_MAX, Credential, IDENTITIES_MAX, Identity, IdentityId, Proof, Who, is_label, is_name,
};
use crate::lockout::{LockOut, Peer};
use crate::need::{Need, Reach, Rules};
use crate::pending::{Kept, PENDINGS_PER_IDENTITY_MAX};
use crate::saved::{Changed, Saved};
use crate::token::{self, TOKEN_BYTES_MAX};
use model::{Interval, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use subtle::{Choice, ConditionallySelectable};
use zeroize::Zeroizing;

/// The layout of the file; raised with every change of it.
const LAYOUT: u64 = 1;
/// How much longer than the last one a text may get before it is moved, which would leave a copy that nobody wipes.
const SAVED_BYTES_SPARE: usize = 131_072;
/// How old the kept instant of a token's last use may get.
const LAST_USED_GRAIN: Interval = Interval::MINUTE;

/// What is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Book {
    layout: u64,
    next: u64,
    pub(crate) identities: Vec<Identity>,
    pub(crate) pendings: Vec<Kept>,
}

impl Book {
    /// One sequence for identities, tokens and confirmations: no number means two things.
    pub(crate) fn next_number(&mut self) -> u64 {
        let number = self.next;
        self.next = self.next.checked_add(1).expect("2^64 numbers are not used up");
        number
    }

    /// The first thing about it that cannot be.
    fn unsound(&self) -> Option<&'static str> {
        let (mut numbers, mut names, mut proofs) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        if self.identities.len() > IDENTITIES_MAX {
            return Some("too many identities");
        }
        for identity in &self.identities {
            if !numbers.insert(identity.id.0) || !names.insert(identity.name.as_str()) {
                return Some("two identities of one number or name");
            }
            if !is_name(&identity.name) || identity.limits.check().is_err() {
                return Some("a name or limit that cannot be");
            }
            if identity.credentials.len() > CREDENTIALS_MAX || !identity.second_factor.is_sound() {
                return Some("too many tokens or recovery codes");
            }
            for credential in &identity.credentials {
                let proof = match &credential.proof {
                    Proof::Token { hash, .. } => *hash,
                    Proof::Discord { user } => Digest::of(&[b"discord", &user.to_be_bytes()]),
                };
                if !numbers.insert(credential.id.0) || !proofs.insert(proof) || !is_label(&credential.label) {
                    return Some("two tokens that are one, or a label that cannot be");
                }
            }
        }
        for kept in &self.pendings {
            if !numbers.insert(kept.id.0) || !kept.is_sound() {
                return Some("a waiting command that is not what was shown");
            }
            let of_his = self.pendings.iter().filter(|other| other.asker == kept.asker).count();
            if of_his > PENDINGS_PER_IDENTITY_MAX {
                return Some("too many waiting commands");
            }
        }
        (numbers.last().is_some_and(|last| *last >= self.next)).then_some("a number from the future")
    }
}

/// Identities, what they may, and what waits for their confirmation.
pub struct Access {
    rules: Rules,
    issuer: String,
    pub(crate) book: Book,
    lock_out: LockOut,
    unsaved: bool,
    saved_bytes: usize,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Access of {} identities", self.book.identities.len())
    }
}

impl Access {
    /// A book without anybody. `issuer` is what authenticators call this farm.
    pub fn new(issuer: &str, rules: Rules) -> Access {
        let book = Book { layout: LAYOUT, next: 1, identities: Vec::new(), pendings: Vec::new() };
        Access {
            rules,
            issuer: issuer.to_owned(),
            book,
            lock_out: LockOut::new(),
            unsaved: true,
            saved_bytes: 0,
        }
    }

    /// The book as it was kept. Lock-outs at the door are not in it; those of authenticators are.
    pub fn load(issuer: &str, rules: Rules, text: &str) -> Result<Access, Unfit> {
        #[derive(Deserialize)]
        struct Layout {
            layout: u64,
        }
        // serde's own words may quote what it read; the place is enough.
        let damaged = |error: serde_json::Error| Unfit::Damaged {
            why: format!("line {}, column {}", error.line(), error.column()),
        };
        let Layout { layout } = serde_json::from_str(text).map_err(damaged)?;
        if layout != LAYOUT {
            return Err(Unfit::Layout { found: layout, wanted: LAYOUT });
        }
        let book: Book = serde_json::from_str(text).map_err(damaged)?;
        if let Some(why) = book.unsound() {
            return Err(Unfit::Damaged { why: why.to_owned() });
        }
        let mut access = Access::new(issuer, rules);
        access.book = book;
        access.unsaved = false;
        access.saved_bytes = text.len();
        Ok(access)
    }

    /// All of it, to be kept.
    pub fn save(&mut self) -> Saved {
        self.unsaved = false;
        let mut text = Zeroizing::new(Vec::with_capacity(self.saved_bytes + SAVED_BYTES_SPARE));
        serde_json::to_writer_pretty(&mut *text, &self.book).expect("the book is numbers and text");
        self.saved_bytes = text.len();
        let text = String::from_utf8(std::mem::take(&mut *text)).expect("JSON is UTF-8");
        Saved(Zeroizing::new(text))
    }

    /// What to keep at leisure, if anything: when a token was last used, wrong codes, what ran out. Ask once a second or so.
    pub fn unsaved(&mut self) -> Option<Saved> {
        self.unsaved.then(|| self.save())
    }

    /// The rules in force.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Other rules from now on. What waits keeps what it needs.
    pub fn set_rules(&mut self, rules: Rules) {
        self.rules = rules;
    }

    /// How many peers are remembered for their failures: at most `PEERS_MAX`.
    pub fn peers_remembered(&self) -> usize {
        self.lock_out.peers_remembered()
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(crate) fn touch(&mut self) {
        self.unsaved = true;
    }

    pub(crate) fn changed<T>(&mut self, value: T) -> Changed<T> {
        Changed { value, saved: self.save() }
    }

    /// Who comes with this token from there. `peer` is what the door locks out: an address, or the first 64 bits of an
    /// IPv6 one, never something the caller can choose freely.
    pub fn identify(&mut self, now: Time, peer: &str, token: &str) -> Result<Who, Denied> {
        let peer = Peer::of(peer);
        if let Some(until) = self.lock_out.locked_until(now, peer, &self.rules) {
            return Err(Denied::LockedOut { until });
        }
        // Nothing was guessed.
        if token.is_empty() {
            return Err(Denied::Unknown);
        }
        match self.place_of(now, token) {
            Some((identity, credential)) => Ok(self.let_in(now, identity, credential)),
            None => {
                let named = self.named_by(token);
                self.lock_out.failed(now, peer, named.map(|identity| identity.0), &self.rules);
                Err(Denied::Unknown)
            }
        }
    }

    /// Who has this Discord account. The transport must have it from Discord itself, signed.
    pub fn identify_discord(&mut self, now: Time, user: u64) -> Result<Who, Denied> {
        for identity in 0..self.book.identities.len() {
            let credentials = &self.book.identities[identity].credentials;
            let his = |credential: &Credential| {
                credential.counts(now)
                    && matches!(credential.proof, Proof::Discord { user: his } if his == user)
            };
            if let Some(credential) = credentials.iter().position(his) {
                return Ok(self.let_in(now, identity, credential));
            }
        }
        Err(Denied::Unknown)
    }

    /// Where the token stands. Every hash is compared, and whole, so the time it takes tells nothing.
    fn place_of(&self, now: Time, token: &str) -> Option<(usize, usize)> {
        let given = token::hash_of(if token.len() <= TOKEN_BYTES_MAX { token } else { "" });
        let (mut place, mut any) = ((0u32, 0u32), Choice::from(0));
        for (i, identity) in self.book.identities.iter().enumerate() {
            for (c, credential) in identity.credentials.iter().enumerate() {
                let Proof::Token { hash, .. } = &credential.proof else { continue };
                let same = hash.is(&given) & Choice::from(u8::from(credential.counts(now)));
                place.0.conditional_assign(&(i as u32), same);
                place.1.conditional_assign(&(c as u32), same);
                any |= same;
            }
        }
        bool::from(any).then_some((place.0 as usize, place.1 as usize))
    }

    /// Whose token it would be by its public part.
    fn named_by(&self, token: &str) -> Option<IdentityId> {
        let name = token::public_part(token)?;
        let his = |credential: &Credential| matches!(&credential.proof, Proof::Token { public, .. } if public == name);
        self.book.identities.iter().find(|identity| identity.credentials.iter().any(his)).map(|one| one.id)
    }

    fn let_in(&mut self, now: Time, identity: usize, credential: usize) -> Who {
        let identity = &mut self.book.identities[identity];
        let credential = &mut identity.credentials[credential];
        if credential.last_used.is_none_or(|last| now - last >= LAST_USED_GRAIN) {
            credential.last_used = Some(now);
            self.unsaved = true;
        }
        Who {
            identity: identity.id,
            credential: credential.id,
            name: identity.name.clone(),
            role: identity.role,
        }
    }

    /// Whether he may. He is looked up again: what he was at the door does not count.
    pub fn permits(&self, now: Time, who: &Who, need: &Need) -> Result<(), Denied> {
        self.live(now, who)?.permits(need)
    }

    /// Whether he may see this bot: what a list shown to him is filtered by.
    pub fn sees(&self, now: Time, who: &Who, bot: &str) -> bool {
        let need = Need { role: model::command::Role::Viewer, reach: Reach::Bots(&[bot]), size: None };
        self.permits(now, who, &need).is_ok()
    }

    /// The identity, if it and the token he came with still count.
    pub(crate) fn live(&self, now: Time, who: &Who) -> Result<&Identity, Denied> {
        let identity = self.book.identities.iter().find(|identity| identity.id == who.identity);
        identity.filter(|identity| counts(identity, now, who)).ok_or(Denied::Unknown)
    }

    pub(crate) fn live_mut(&mut self, now: Time, who: &Who) -> Result<&mut Identity, Denied> {
        let identity = self.book.identities.iter_mut().find(|identity| identity.id == who.identity);
        identity.filter(|identity| counts(identity, now, who)).ok_or(Denied::Unknown)
    }
}

fn counts(identity: &Identity, now: Time, who: &Who) -> bool {
    identity.credentials.iter().any(|credential| credential.id == who.credential && credential.counts(now))
}
