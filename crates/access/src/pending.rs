//! Dangerous commands between their preview and their confirmation.
//!
//! A preview writes down who asked, with which token, for what (opaque bytes and their digest) and what it must be confirmed
//! with. A confirmation takes it out again, so it acts at most once, and everybody concerned is looked at once more: who
//! asked must still be somebody who may, and so must who confirms. Refuses the same identity as its own second person,
//! whatever token he comes with; somebody whose rights are new; and to keep more than a few per identity.

use crate::access::Access;
use crate::denied::Denied;
use crate::encoding::Digest;
use crate::identity::{BOTS_MAX, CredentialId, IdentityId, Who};
use crate::lockout::CLOCK_SET_BACK;
use crate::need::{Need, Needs, Reach};
use crate::saved::Changed;
use crate::stored;
use model::command::Role;
use model::{Time, Usd};
use serde::{Deserialize, Serialize};

/// The most that wait of one identity's.
pub const PENDINGS_PER_IDENTITY_MAX: usize = 8;
/// The longest command that may wait.
pub const WHAT_BYTES_MAX: usize = 4_096;

/// Which confirmation. A number is never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PendingId(pub u64);

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeptReach {
    Nothing,
    Bots(Vec<String>),
    Farm,
}

/// A need that outlives its command.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptNeed {
    #[serde(with = "stored::role")]
    role: Role,
    reach: KeptReach,
    #[serde(rename = "size_micro_usdt", with = "stored::usd_option")]
    size: Option<Usd>,
}

impl KeptNeed {
    fn of(need: &Need) -> KeptNeed {
        let reach = match need.reach {
            Reach::Nothing => KeptReach::Nothing,
            Reach::Bots(names) => KeptReach::Bots(names.iter().map(|&name| name.to_owned()).collect()),
            Reach::Farm => KeptReach::Farm,
        };
        KeptNeed { role: need.role, reach, size: need.size }
    }

    fn with<T>(&self, then: impl FnOnce(&Need) -> T) -> T {
        let names: Vec<&str>;
        let reach = match &self.reach {
            KeptReach::Nothing => Reach::Nothing,
            KeptReach::Bots(kept) => {
                names = kept.iter().map(String::as_str).collect();
                Reach::Bots(&names)
            }
            KeptReach::Farm => Reach::Farm,
        };
        then(&Need { role: self.role, reach, size: self.size })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kept {
    pub(crate) id: PendingId,
    pub(crate) asker: IdentityId,
    credential: CredentialId,
    need: KeptNeed,
    needs: Needs,
    what: String,
    digest: Digest,
    #[serde(rename = "asked_ms", with = "stored::time")]
    asked: Time,
    #[serde(rename = "expires_ms", with = "stored::time")]
    expires: Time,
}

impl Kept {
    /// A clock that was set far back must not keep it alive.
    fn waits(&self, now: Time) -> bool {
        self.asked - now <= CLOCK_SET_BACK && now < self.expires
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.what.len() <= WHAT_BYTES_MAX && self.digest == digest_of(&self.what)
    }
}

fn digest_of(what: &str) -> Digest {
    Digest::of(&[b"omega pending command 1\0", what.as_bytes()])
}

/// What waits, as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Which.
    pub id: PendingId,
    /// Who asked.
    pub asker: IdentityId,
    /// His name.
    pub asker_name: String,
    /// What it must be confirmed with.
    pub needs: Needs,
    /// The command, as the catalogue wrote it.
    pub what: String,
    /// Its digest, by which two people can tell that they look at the same.
    pub digest: Digest,
    /// When it was asked for.
    pub asked: Time,
    /// When it is too late.
    pub expires: Time,
}

/// A command that was confirmed: do it, once. There is no second one of this number.
#[derive(Debug, PartialEq, Eq)]
pub struct Granted {
    /// What it was.
    pub pending: Pending,
    /// Who confirmed.
    pub confirmed_by: IdentityId,
    /// When.
    pub at: Time,
}

impl Access {
    /// Writes a dangerous command down until it is confirmed. `what` is the whole command as text. It needs what the rules
    /// say of it, or `at_least` where that is more.
    pub fn preview(
        &mut self,
        now: Time,
        who: &Who,
        need: &Need,
        at_least: Needs,
        what: &str,
    ) -> Result<Changed<Pending>, Denied> {
        self.permits(now, who, need)?;
        let needs = self.rules().needs(need).max(at_least);
        if what.len() > WHAT_BYTES_MAX || matches!(need.reach, Reach::Bots(names) if names.len() > BOTS_MAX) {
            return Err(Denied::TooLong);
        }
        if needs == Needs::Totp && !self.live(now, who)?.second_factor.is_active() {
            return Err(Denied::NotEnrolled);
        }
        self.drop_expired(now);
        let asker = who.identity;
        if self.book.pendings.iter().filter(|kept| kept.asker == asker).count() >= PENDINGS_PER_IDENTITY_MAX {
            return Err(Denied::TooManyPending);
        }
        let kept = Kept {
            id: PendingId(self.book.next_number()),
            asker,
            credential: who.credential,
            need: KeptNeed::of(need),
            needs,
            what: what.to_owned(),
            digest: digest_of(what),
            asked: now,
            expires: now + self.rules().confirm_expiry,
        };
        let shown = self.shown(&kept);
        self.book.pendings.push(kept);
        Ok(self.changed(shown))
    }

    /// Confirms one, with a code where it needs one; where it needs a second person he always shows a code.
    pub fn confirm(
        &mut self,
        now: Time,
        who: &Who,
        id: PendingId,
        code: Option<&str>,
    ) -> Result<Changed<Granted>, Denied> {
        self.live(now, who)?;
        self.drop_expired(now);
        let place = self.book.pendings.iter().position(|kept| kept.id == id).ok_or(Denied::NotPending)?;
        let kept = &self.book.pendings[place];
        let own = kept.asker == who.identity;
        match (kept.needs, own) {
            (Needs::Confirm | Needs::Totp, true) | (Needs::SecondPerson, false) => {}
            (Needs::SecondPerson, true) => return Err(Denied::SamePerson),
            (Needs::Confirm | Needs::Totp, false) => return Err(Denied::NotPending),
        }
        if !own {
            self.permits_second(now, who, kept)?;
        }
        if !self.asker_still_may(now, kept) {
            self.book.pendings.remove(place);
            self.touch();
            return Err(Denied::AskerLostIt);
        }
        if kept.needs >= Needs::Totp {
            self.spend(now, who, code)?;
        }
        let kept = self.book.pendings.remove(place);
        assert!(kept.id == id && kept.is_sound(), "what is confirmed is what was shown");
        let granted = Granted { pending: self.shown(&kept), confirmed_by: who.identity, at: now };
        Ok(self.changed(granted))
    }

    /// Takes one's own back, or says no to another's that one could have confirmed.
    pub fn withdraw(&mut self, now: Time, who: &Who, id: PendingId) -> Result<Changed<Pending>, Denied> {
        self.live(now, who)?;
        self.drop_expired(now);
        let concerns = |kept: &Kept| {
            kept.asker == who.identity
                || (kept.needs == Needs::SecondPerson && self.permits_second(now, who, kept).is_ok())
        };
        let place = self.book.pendings.iter().position(|kept| kept.id == id && concerns(kept));
        let kept = self.book.pendings.remove(place.ok_or(Denied::NotPending)?);
        let shown = self.shown(&kept);
        Ok(self.changed(shown))
    }

    /// What waits for him: his own, and what he could be the second person of.
    pub fn pendings(&self, now: Time, who: &Who) -> Result<Vec<Pending>, Denied> {
        self.live(now, who)?;
        let for_him = |kept: &&Kept| {
            kept.waits(now)
                && (kept.asker == who.identity
                    || (kept.needs == Needs::SecondPerson && self.permits_second(now, who, kept).is_ok()))
        };
        Ok(self.book.pendings.iter().filter(for_him).map(|kept| self.shown(kept)).collect())
    }

    fn permits_second(&self, now: Time, who: &Who, kept: &Kept) -> Result<(), Denied> {
        kept.need.with(|need| self.permits(now, who, need))?;
        let from = self.live(now, who)?.unchanged_since + self.rules().second_person_after;
        if now < from { Err(Denied::TooNew { from }) } else { Ok(()) }
    }

    /// The token he asked with must still count too: what was asked with a stolen one ends when that is revoked.
    fn asker_still_may(&self, now: Time, kept: &Kept) -> bool {
        self.book.identities.iter().find(|identity| identity.id == kept.asker).is_some_and(|asker| {
            asker
                .credentials
                .iter()
                .any(|credential| credential.id == kept.credential && credential.counts(now))
                && kept.need.with(|need| asker.permits(need)).is_ok()
        })
    }

    fn drop_expired(&mut self, now: Time) {
        let before = self.book.pendings.len();
        self.book.pendings.retain(|kept| kept.waits(now));
        if self.book.pendings.len() != before {
            self.touch();
        }
    }

    fn shown(&self, kept: &Kept) -> Pending {
        let asker = self.book.identities.iter().find(|identity| identity.id == kept.asker);
        Pending {
            id: kept.id,
            asker: kept.asker,
            asker_name: asker.map(|asker| asker.name.clone()).unwrap_or_default(),
            needs: kept.needs,
            what: kept.what.clone(),
            digest: kept.digest,
            asked: kept.asked,
            expires: kept.expires,
        }
    }
}
