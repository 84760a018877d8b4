//! What every request meets: who calls, whether he may, and the state that answers it.
//!
//! It refuses whoever has no token before anything else is looked at, and answers the same whether a thing is not there or
//! not his.

use crate::archive::Archive;
use crate::audit_file::AuditFile;
use crate::book::BookFile;
use crate::clock::Clock;
use crate::counted::Counted;
use crate::errands::Errands;
use crate::error::BadGateway;
use crate::live::{Heard, Live};
use crate::refused::Refused;
use crate::repeats::Repeats;
use crate::rights::{Caller, Rights, Tried};
use crate::settings::Settings;
use access::{Decision, Denied, Need, Reach};
use control::ShardView;
use control::telemetry::Telemetry;
use model::{Role, Time};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a gateway works with.
pub(crate) struct Door {
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) live: Live,
    pub(crate) errands: Arc<Errands>,
    pub(crate) counted: Counted,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) began: Time,
    rights: Mutex<Rights>,
    archive: Option<Mutex<Box<dyn Archive>>>,
    repeats: Mutex<Repeats>,
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Door of {}", self.settings.farm)
    }
}

/// Which bots somebody sees.
pub(crate) struct Sight {
    /// Those of the views that are his.
    bots: BTreeSet<String>,
    pub(crate) is_all: bool,
}

impl Sight {
    pub(crate) fn sees(&self, bot: &str) -> bool {
        self.is_all || self.bots.contains(bot)
    }
}

/// What the world gives a gateway.
pub(crate) struct Given {
    pub(crate) clock: Clock,
    pub(crate) errands: Arc<Errands>,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) archive: Option<Box<dyn Archive>>,
    pub(crate) book: BookFile,
}

impl Door {
    pub(crate) fn open(settings: Settings, given: Given) -> Result<Door, BadGateway> {
        let Given { clock, errands, telemetry, archive, book } = given;
        let access = book.read(&settings.farm, settings.rules)?;
        let audit = AuditFile::open(&settings.data_dir, &settings.farm)?;
        let began = clock.now();
        Ok(Door {
            live: Live::new(began),
            errands,
            counted: Counted::default(),
            telemetry,
            began,
            rights: Mutex::new(Rights::new(access, book, audit)),
            archive: archive.map(Mutex::new),
            repeats: Mutex::new(Repeats::default()),
            clock,
            settings,
        })
    }

    pub(crate) fn rights(&self) -> MutexGuard<'_, Rights> {
        self.rights.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn repeats(&self) -> MutexGuard<'_, Repeats> {
        self.repeats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The history, if there is one.
    pub(crate) fn archive(&self) -> Option<MutexGuard<'_, Box<dyn Archive>>> {
        self.archive.as_ref().map(|archive| archive.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What keeps the history from answering. While somebody reads it, it answers.
    pub(crate) fn archive_ails(&self) -> Option<String> {
        self.archive.as_ref()?.try_lock().ok()?.ails()
    }

    /// Who comes with this token.
    pub(crate) fn identify(&self, peer: &str, token: Option<&str>) -> Result<Caller, Refused> {
        let now = self.clock.now();
        let from = format!("http {peer}");
        let mut rights = self.rights();
        if rights.access.identities().next().is_none() {
            return Err(Refused::new(
                503,
                "nobody_yet",
                "this farm has no identities yet",
                "run `omega access init` on its machine, then come with the token it shows",
            ));
        }
        match rights.access.identify(now, peer, token.unwrap_or_default()) {
            Ok(who) => Ok(Caller { who, from }),
            Err(denied) => {
                // Somebody without a token has tried nothing; who is locked out is not listened to.
                if token.is_some() && denied == Denied::Unknown {
                    let written = rights.write_stranger(now, &from, denied.word());
                    self.count_unwritten(&written);
                }
                Err(denied.into())
            }
        }
    }

    pub(crate) fn count_unwritten<T>(&self, written: &Result<T, BadGateway>) {
        if written.is_err() {
            self.counted.audit_unwritten.add(1);
        }
    }

    /// Whether somebody may look at something of the whole farm, or of nobody.
    pub(crate) fn permits(&self, caller: &Caller, role: Role, reach: Reach) -> Result<(), Refused> {
        let now = self.clock.now();
        let need = Need { role, reach, size: None };
        let mut rights = self.rights();
        let permitted = rights.access.permits(now, &caller.who, &need);
        permitted.map_err(|denied| {
            let decision = Decision::Denied;
            let tried = Tried {
                command: "look",
                arguments: &[],
                scope: "",
                decision,
                outcome: denied.word(),
                command_id: None,
            };
            let written = rights.write(now, caller, &tried);
            if written.is_err() {
                self.counted.audit_unwritten.add(1);
            }
            denied.into()
        })
    }

    /// Which bots he sees of these views.
    pub(crate) fn sight(&self, caller: &Caller, views: &[Heard]) -> Result<Sight, Refused> {
        let now = self.clock.now();
        let rights = self.rights();
        let everything = Need { role: Role::Viewer, reach: Reach::Farm, size: None };
        let is_all = match rights.access.permits(now, &caller.who, &everything) {
            Ok(()) => true,
            Err(Denied::Farm) => false,
            Err(denied) => return Err(denied.into()),
        };
        let names = views.iter().flat_map(|heard| heard.view.bots.iter().map(|bot| bot.bot.clone()));
        let bots = names.filter(|bot| is_all || rights.access.sees(now, &caller.who, bot)).collect();
        Ok(Sight { bots, is_all })
    }

    /// What he may know of the farm: the views, without others' bots and without the money of the whole.
    pub(crate) fn known(&self, caller: &Caller) -> Result<Vec<ShardView>, Refused> {
        let views = self.live.views();
        let sight = self.sight(caller, &views)?;
        let shown = |heard: &Heard| {
            let mut view = (*heard.view).clone();
            if !sight.is_all {
                view.bots.retain(|bot| sight.sees(&bot.bot));
                view.battle.retain(|standing| sight.sees(&standing.bot));
                view.accounts.clear();
                view.limits.clear();
            }
            view
        };
        Ok(views.iter().map(shown).filter(|view| sight.is_all || !view.bots.is_empty()).collect())
    }
}
