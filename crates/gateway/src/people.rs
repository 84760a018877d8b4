//! Who there is: made, changed and removed by administrators, and at first by whoever has the machine.
//!
//! It refuses a change without a code where the rules want one, and to show a token twice.

use crate::book::{BookFile, write_private};
use crate::clock::{Clock, random};
use crate::door::Door;
use crate::error::BadGateway;
use crate::refused::Refused;
use crate::rights::{Caller, Rights, Tried};
use crate::settings::Settings;
use access::{
    Bots, Changed, CredentialId, CredentialKind, Decision, IdentityId, IdentityView, Issued, Limits, Need,
    Reach, Saved, TOKEN_ENTROPY_BYTES, Unfit, role_named, role_word,
};
use model::{Decimal, Interval, Role, Time, Usd};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The file in a farm's directory with the token of whoever has the machine.
pub const LOCAL_TOKEN_FILE: &str = "local.token";
/// His name.
pub const LOCAL_NAME: &str = "local";

/// Somebody new, as he is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPerson {
    pub(crate) name: String,
    pub(crate) role: String,
    #[serde(default)]
    pub(crate) bots: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) size_max_usdt: Option<String>,
}

/// What is changed of somebody; what is not said stays.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    #[serde(default)]
    pub(crate) role: Option<String>,
    /// All, by an empty list.
    #[serde(default)]
    pub(crate) bots: Option<Vec<String>>,
    /// None, by an empty text.
    #[serde(default)]
    pub(crate) size_max_usdt: Option<String>,
}

/// A token, as it is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    #[serde(default)]
    pub(crate) label: String,
    #[serde(default)]
    pub(crate) days: Option<u32>,
}

/// Somebody, as he is shown.
pub fn shown(view: &IdentityView) -> Value {
    let credentials: Vec<Value> = view
        .credentials
        .iter()
        .map(|one| {
            let (kind, name) = match &one.kind {
                CredentialKind::Token { public } => ("token", public.clone()),
                CredentialKind::Discord { user } => ("discord", user.to_string()),
            };
            json!({
                "id": one.id.0, "kind": kind, "name": name, "label": one.label, "created_at": one.created.0,
                "expires_at": one.expires.map(|at| at.0), "last_used_at": one.last_used.map(|at| at.0),
            })
        })
        .collect();
    let bots = match &view.limits.bots {
        Bots::All => Value::Null,
        Bots::Only(bots) => json!(bots),
    };
    json!({
        "id": view.id.0, "name": view.name, "role": role_word(view.role), "bots": bots,
        "size_max_usdt": view.limits.size_max.map(|size| size.to_string()),
        "unchanged_since": view.unchanged_since.0, "authenticator": view.enrolled,
        "recovery_codes_left": view.recovery_codes_left, "credentials": credentials,
    })
}

fn role_of(word: &str) -> Result<Role, Refused> {
    role_named(word)
        .ok_or_else(|| Refused::bad_request("there is no such role", "give viewer, operator or admin"))
}

fn size_of(text: &str) -> Result<Usd, Refused> {
    let micro = Decimal::parse(text).ok().and_then(|decimal| decimal.scaled(6).ok());
    micro.map(Usd).ok_or_else(|| {
        Refused::bad_request(
            "that is no amount of USDT",
            "give one with at most six decimals, like \"250.5\"",
        )
    })
}

fn bots_of(bots: Vec<String>) -> Bots {
    if bots.is_empty() { Bots::All } else { Bots::Only(bots.into_iter().collect()) }
}

impl NewPerson {
    /// What he may.
    pub(crate) fn rights(&self) -> Result<(Role, Limits), Refused> {
        let bots = bots_of(self.bots.clone().unwrap_or_default());
        let size_max = self.size_max_usdt.as_deref().map(size_of).transpose()?;
        Ok((role_of(&self.role)?, Limits { bots, size_max }))
    }
}

/// A change under the lock, after its line stands.
type Act<'a, T> = &'a mut dyn FnMut(&mut Rights, Time) -> Result<T, Refused>;

impl Door {
    /// Something that changes who there is: permitted, with a code where the rules want one, written down, then done.
    pub(crate) fn administer<T>(
        &self,
        caller: &Caller,
        code: Option<&str>,
        (command, arguments): (&str, &[(&str, &str)]),
        act: Act<'_, T>,
    ) -> Result<T, Refused> {
        let need = Need { role: Role::Admin, reach: Reach::Farm, size: None };
        let now = self.clock.now();
        let mut rights = self.rights();
        let checked = rights.access.permits(now, &caller.who, &need).and_then(|()| {
            let wants_code = self.settings.rules.totp_from.is_some_and(|from| from <= Role::Admin);
            wants_code
                .then(|| rights.access.check_code(now, &caller.who, code.unwrap_or_default()))
                .transpose()
        });
        match checked {
            Ok(spent) => spent.map_or(Ok(()), |spent| rights.keep(spent))?,
            Err(mut denied) => {
                if code.is_none() && denied == access::Denied::CodeWrong {
                    denied = access::Denied::CodeNeeded;
                }
                drop(rights);
                return Err(self.refuse(caller, command, arguments, "", denied.into()));
            }
        }
        let decision = Decision::Allowed;
        let tried = Tried { command, arguments, scope: "", decision, outcome: "allowed", command_id: None };
        rights.write(now, caller, &tried)?;
        act(&mut rights, now).inspect_err(|refused| {
            let decision = Decision::Reported;
            let tried =
                Tried { command, arguments, scope: "", decision, outcome: refused.error, command_id: None };
            if rights.write(now, caller, &tried).is_err() {
                self.counted.audit_unwritten.add(1);
            }
        })
    }

    pub(crate) fn identities(&self) -> Value {
        let rights = self.rights();
        json!({ "identities": rights.access.identities().map(|view| shown(&view)).collect::<Vec<_>>() })
    }

    pub(crate) fn add_person(
        &self,
        caller: &Caller,
        code: Option<&str>,
        new: &NewPerson,
    ) -> Result<Value, Refused> {
        let (role, limits) = new.rights()?;
        let arguments = [("name", new.name.as_str()), ("role", new.role.as_str())];
        let id = self.administer(caller, code, ("identity_add", &arguments), &mut |rights, now| {
            let added = rights.access.add_identity(now, &new.name, role, limits.clone())?;
            rights.keep(added)
        })?;
        Ok(json!({ "id": id.0 }))
    }

    pub(crate) fn change_person(
        &self,
        caller: &Caller,
        code: Option<&str>,
        id: u64,
        change: &Change,
    ) -> Result<Value, Refused> {
        let role = change.role.as_deref().map(role_of).transpose()?;
        let size = match change.size_max_usdt.as_deref() {
            None => None,
            Some("") => Some(None),
            Some(text) => Some(Some(size_of(text)?)),
        };
        let (number, id) = (id.to_string(), IdentityId(id));
        let said = format!("{change:?}");
        let arguments = [("identity", number.as_str()), ("change", said.as_str())];
        self.administer(caller, code, ("identity_change", &arguments), &mut |rights, now| {
            let view = rights.access.identities().find(|view| view.id == id).ok_or(Unfit::NoIdentity)?;
            let mut limits = view.limits.clone();
            if let Some(bots) = &change.bots {
                limits.bots = bots_of(bots.clone());
            }
            limits.size_max = size.unwrap_or(limits.size_max);
            if limits != view.limits {
                let changed = rights.access.set_limits(now, id, limits)?;
                rights.keep(changed)?;
            }
            if let Some(role) = role {
                let changed = rights.access.set_role(now, id, role)?;
                rights.keep(changed)?;
            }
            Ok(())
        })?;
        Ok(json!({ "state": "done" }))
    }

    pub(crate) fn remove_person(
        &self,
        caller: &Caller,
        code: Option<&str>,
        id: u64,
    ) -> Result<Value, Refused> {
        let number = id.to_string();
        let arguments = [("identity", number.as_str())];
        self.administer(caller, code, ("identity_remove", &arguments), &mut |rights, _| {
            let removed = rights.access.remove_identity(IdentityId(id))?;
            rights.keep(removed)
        })?;
        Ok(json!({ "state": "done" }))
    }

    pub(crate) fn reset_authenticator(
        &self,
        caller: &Caller,
        code: Option<&str>,
        id: u64,
    ) -> Result<Value, Refused> {
        let number = id.to_string();
        let arguments = [("identity", number.as_str())];
        self.administer(caller, code, ("authenticator_reset", &arguments), &mut |rights, now| {
            let reset = rights.access.reset_second_factor(now, IdentityId(id))?;
            rights.keep(reset)
        })?;
        Ok(json!({ "state": "done" }))
    }

    pub(crate) fn add_token(
        &self,
        caller: &Caller,
        code: Option<&str>,
        id: u64,
        new: &NewToken,
    ) -> Result<Value, Refused> {
        let number = id.to_string();
        let entropy = random::<TOKEN_ENTROPY_BYTES>().map_err(|error| Refused::unwritable(&error))?;
        let arguments = [("identity", number.as_str()), ("label", new.label.as_str())];
        let issued = self.administer(caller, code, ("issue", &arguments), &mut |rights, now| {
            let expires = expiry(now, new.days);
            let by = Some(&caller.who);
            let issued = rights.access.issue_token(now, by, IdentityId(id), &new.label, expires, &entropy)?;
            rights.keep(issued)
        })?;
        Ok(json!({ "id": issued.id.0, "token": issued.token.reveal(), "note": "it is shown once" }))
    }

    /// One's own may be revoked by oneself.
    pub(crate) fn revoke(&self, caller: &Caller, code: Option<&str>, id: u64) -> Result<Value, Refused> {
        let number = id.to_string();
        let arguments = [("credential", number.as_str())];
        let is_own = crate::own::himself(self, caller)?.credentials.iter().any(|one| one.id.0 == id);
        if is_own {
            let now = self.clock.now();
            let mut rights = self.rights();
            let (decision, outcome) = (Decision::Allowed, "allowed");
            let tried = Tried {
                command: "revoke",
                arguments: &arguments,
                scope: "",
                decision,
                outcome,
                command_id: None,
            };
            rights.write(now, caller, &tried)?;
            let revoked = rights.access.revoke(CredentialId(id))?;
            rights.keep(revoked)?;
        } else {
            self.administer(caller, code, ("revoke", &arguments), &mut |rights, _| {
                let revoked = rights.access.revoke(CredentialId(id))?;
                rights.keep(revoked).map(|_| ())
            })?;
        }
        Ok(json!({ "state": "done" }))
    }
}

fn expiry(now: Time, days: Option<u32>) -> Option<Time> {
    days.map(|days| now + Interval(Interval::DAY.0 * i64::from(days)))
}

/// The book, for whoever has the machine and while no gateway runs: `omega access` and `omega token`.
#[derive(Debug)]
pub struct Offline {
    rights: Rights,
    clock: Clock,
}

impl Offline {
    /// Owns book and audit of this farm.
    pub fn open(
        farm: &str,
        directory: &Path,
        rules: access::Rules,
        seal: Option<Box<dyn crate::book::Seal>>,
    ) -> Result<Offline, BadGateway> {
        let book = BookFile::own(directory, seal)?;
        let access = book.read(farm, rules)?;
        let audit = crate::audit_file::AuditFile::open(directory, farm)?;
        Ok(Offline { rights: Rights::new(access, book, audit), clock: Clock::of_machine() })
    }

    /// The same over a book that is owned already.
    pub(crate) fn of(book: BookFile, settings: &Settings, clock: Clock) -> Result<Offline, BadGateway> {
        let access = book.read(&settings.farm, settings.rules)?;
        let audit = crate::audit_file::AuditFile::open(&settings.data_dir, &settings.farm)?;
        Ok(Offline { rights: Rights::new(access, book, audit), clock })
    }

    /// The book, for whoever goes on with it.
    pub(crate) fn into_book(self) -> BookFile {
        self.rights.into_book()
    }

    /// Everybody.
    pub fn identities(&self) -> Vec<IdentityView> {
        self.rights.access.identities().collect()
    }

    /// Makes a change: its line in the audit first.
    fn change<T>(
        &mut self,
        (command, arguments): (&str, &[(&str, &str)]),
        act: impl FnOnce(&mut access::Access, Time) -> Result<Changed<T>, Unfit>,
    ) -> Result<T, BadGateway> {
        let now = self.clock.now();
        let decision = Decision::Allowed;
        let tried = Tried { command, arguments, scope: "", decision, outcome: "allowed", command_id: None };
        self.rights.write_own(now, "machine", &tried)?;
        let changed = act(&mut self.rights.access, now)
            .map_err(|source| BadGateway::Book { file: PathBuf::from("access.json"), source })?;
        changed.keep(|saved: &Saved| self.rights.write_book(saved))
    }

    /// The first administrator, and his token.
    pub fn init(&mut self, name: &str) -> Result<Issued, BadGateway> {
        if self.rights.access.identities().next().is_some() {
            return Err(BadGateway::NotEmpty);
        }
        let id = self.add(name, Role::Admin, Limits::NONE)?;
        self.issue(id, "first", None)
    }

    /// Somebody new.
    pub fn add(&mut self, name: &str, role: Role, limits: Limits) -> Result<IdentityId, BadGateway> {
        let arguments = [("name", name), ("role", role_word(role))];
        self.change(("identity_add", &arguments), |access, now| access.add_identity(now, name, role, limits))
    }

    /// Another role.
    pub fn set_role(&mut self, id: IdentityId, role: Role) -> Result<(), BadGateway> {
        let number = id.0.to_string();
        let arguments = [("identity", number.as_str()), ("role", role_word(role))];
        self.change(("identity_change", &arguments), |access, now| access.set_role(now, id, role))
    }

    /// He is gone.
    pub fn remove(&mut self, id: IdentityId) -> Result<(), BadGateway> {
        let number = id.0.to_string();
        self.change(("identity_remove", &[("identity", &number)]), |access, _| access.remove_identity(id))
    }

    /// His authenticator is gone.
    pub fn reset_authenticator(&mut self, id: IdentityId) -> Result<(), BadGateway> {
        let number = id.0.to_string();
        let arguments = [("identity", number.as_str())];
        self.change(("authenticator_reset", &arguments), |access, now| access.reset_second_factor(now, id))
    }

    /// A token, shown once.
    pub fn issue(&mut self, id: IdentityId, label: &str, days: Option<u32>) -> Result<Issued, BadGateway> {
        let entropy = random::<TOKEN_ENTROPY_BYTES>()?;
        let number = id.0.to_string();
        let arguments = [("identity", number.as_str()), ("label", label)];
        self.change(("issue", &arguments), |access, now| {
            access.issue_token(now, None, id, label, expiry(now, days), &entropy)
        })
    }

    /// A token or link that counts no longer.
    pub fn revoke(&mut self, id: CredentialId) -> Result<IdentityId, BadGateway> {
        let number = id.0.to_string();
        self.change(("revoke", &[("credential", &number)]), |access, _| access.revoke(id))
    }

    /// Where nobody is yet, an administrator whose token stands in a file of this directory, for its owner alone.
    pub(crate) fn make_local_admin(&mut self, directory: &Path) -> Result<(), BadGateway> {
        if self.rights.access.identities().next().is_some() {
            return Ok(());
        }
        let issued = self.init(LOCAL_NAME)?;
        let line = zeroize::Zeroizing::new(format!("{}\n", issued.token.reveal()));
        write_private(&directory.join(LOCAL_TOKEN_FILE), line.as_bytes())
    }
}
