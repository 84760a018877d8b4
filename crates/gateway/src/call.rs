//! A command of the catalogue, from its words to what it comes to: looked at, permitted, written down, and only then done.
//!
//! It refuses to send anything that was not shown first where the catalogue says so: what is confirmed is the errands that
//! were previewed, and not what the same words would mean by then.

use crate::door::Door;
use crate::errands::ErrandId;
use crate::own;
use crate::refused::Refused;
use crate::reply::{Reply, Sent};
use crate::rights::{Caller, Tried};
use access::{Decision, Granted, Need, Needs, Pending, PendingId, WHAT_BYTES_MAX};
use control::catalogue::{self, Act, Answer, Errands, Kind, Known, Own, Reach, Read, Rows, Rule, Spec};
use control::message::Wanted;
use control::record::Record;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What stands for a value that nobody may see.
const HIDDEN: &str = "***";

/// A command as it was given.
pub(crate) struct Call<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) name: &'a str,
    pub(crate) given: &'a BTreeMap<String, String>,
    /// What numbers its errands have: the same for a repetition.
    pub(crate) seed: &'a [u8],
}

/// A command that waits, as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Waiting {
    command: String,
    scope: String,
    effect: String,
    errands: Vec<(String, Wanted)>,
}

/// The command, and its arguments as they may be written down.
struct Named<'a> {
    spec: &'static Spec,
    arguments: Vec<(&'a str, &'a str)>,
}

impl Named<'_> {
    fn tried<'t>(&'t self, scope: &'t str, decision: Decision, outcome: &'t str) -> Tried<'t> {
        let Named { spec, arguments } = self;
        Tried { command: spec.name, arguments, scope, decision, outcome, command_id: None }
    }
}

impl Door {
    /// Does a command, or says why not.
    pub(crate) fn call(&self, call: &Call<'_>) -> Result<Reply, Refused> {
        let command = catalogue::find(call.name).map_err(|complaint| {
            // Not a word of it is kept: it may be anything.
            self.refuse(call.caller, "unknown", &[], "no_command", complaint.into())
        })?;
        let spec = &command.spec;
        let named = Named { spec, arguments: shown(spec, call.given) };
        let need = Need { role: spec.role, reach: access::Reach::Nothing, size: None };
        self.permitted(call.caller, &named, "", &need)?;
        let arguments = catalogue::parse(spec, call.given)
            .map_err(|complaint| self.complained(call, &named, complaint))?;
        let views = self.known(call.caller)?;
        let known = Known { views: &views, now: self.clock.now() };
        let act =
            command.call(&arguments, &known).map_err(|complaint| self.complained(call, &named, complaint))?;
        match act {
            Act::Answer(answer) => {
                self.write(call.caller, &named.tried("", Decision::Allowed, "answered"))?;
                Ok(Reply::answered(&answer))
            }
            Act::Read(read) => {
                self.write(call.caller, &named.tried("", Decision::Allowed, "answered"))?;
                Ok(Reply::answered(&self.read(call.caller, read)?))
            }
            Act::Errands(errands) => self.errands(call, &named, errands),
            // It is written down where it is confirmed.
            Act::Gateway(Own::Confirm { pending, code }) => {
                self.confirm(call.caller, pending, code.map(|code| code.0).as_deref())
            }
            Act::Gateway(own) => {
                self.write(call.caller, &named.tried("", Decision::Allowed, "answered"))?;
                own::answer(self, call.caller, own)
                    .map_err(|refused| self.refuse(call.caller, spec.name, &named.arguments, "", refused))
            }
        }
    }

    fn write(&self, caller: &Caller, tried: &Tried) -> Result<(), Refused> {
        self.rights().write(self.clock.now(), caller, tried)
    }

    /// A no, written down as far as that is possible: it stands either way.
    pub(crate) fn refuse(
        &self,
        caller: &Caller,
        command: &str,
        arguments: &[(&str, &str)],
        scope: &str,
        refused: Refused,
    ) -> Refused {
        let (decision, outcome) = (Decision::Denied, refused.error);
        let tried = Tried { command, arguments, scope, decision, outcome, command_id: None };
        if self.write(caller, &tried).is_err() {
            self.counted.audit_unwritten.add(1);
        }
        refused
    }

    fn complained(&self, call: &Call<'_>, named: &Named<'_>, complaint: catalogue::Complaint) -> Refused {
        self.refuse(call.caller, named.spec.name, &named.arguments, "", complaint.into())
    }

    fn permitted(&self, caller: &Caller, named: &Named<'_>, scope: &str, need: &Need) -> Result<(), Refused> {
        let permitted = self.rights().access.permits(self.clock.now(), &caller.who, need);
        permitted
            .map_err(|denied| self.refuse(caller, named.spec.name, &named.arguments, scope, denied.into()))
    }

    fn read(&self, caller: &Caller, read: Read) -> Result<Answer, Refused> {
        let Some(mut archive) = self.archive() else { return Err(no_history()) };
        let rows = archive.ask(&read.question)?;
        drop(archive);
        Ok((read.then)(self.his(caller, rows)?))
    }

    /// Of these rows, those of bots that he sees.
    pub(crate) fn his(&self, caller: &Caller, rows: Rows) -> Result<Rows, Refused> {
        let sight = self.sight(caller, &self.live.views())?;
        if sight.is_all {
            return Ok(rows);
        }
        Ok(match rows {
            Rows::Records(mut records) => {
                records.retain(|record| bot_of(record).is_some_and(|bot| sight.sees(bot)));
                Rows::Records(records)
            }
            Rows::Sums(mut sums) => {
                sums.retain(|sum| sight.sees(&sum.of.bot));
                Rows::Sums(sums)
            }
        })
    }

    fn errands(&self, call: &Call<'_>, named: &Named<'_>, errands: Errands) -> Result<Reply, Refused> {
        let spec = named.spec;
        let (names, scope);
        let reach = match &errands.reach {
            Reach::Farm => {
                scope = "farm".to_owned();
                access::Reach::Farm
            }
            Reach::Bots(bots) => {
                scope = bots.join(" ");
                names = bots.iter().map(String::as_str).collect::<Vec<_>>();
                access::Reach::Bots(&names)
            }
        };
        let need = Need { role: spec.role, reach, size: errands.size };
        self.permitted(call.caller, named, &scope, &need)?;
        let wanted: Vec<(String, Wanted)> =
            errands.errands.into_iter().map(|(shard, instruction)| (shard, instruction.into())).collect();
        let at_least = match spec.rule {
            Rule::Look | Rule::Act => None,
            Rule::Confirm => Some(Needs::Confirm),
            Rule::Code => Some(Needs::Totp),
        };
        match at_least {
            None => {
                let sent = self.send(call.caller, named, &scope, Decision::Allowed, call.seed, &wanted)?;
                Ok(Reply::Sent(Box::new(Sent { answer: Some(errands.preview), ..sent })))
            }
            Some(at_least) => {
                let pending =
                    self.preview(call.caller, named, &need, &scope, at_least, &errands.preview, wanted)?;
                Ok(Reply::Json(
                    202,
                    json!({ "state": "waits", "pending": told(&pending), "answer": errands.preview }),
                ))
            }
        }
    }

    /// Writes down and sends. Nothing is sent of which not every line stands.
    fn send(
        &self,
        caller: &Caller,
        named: &Named<'_>,
        scope: &str,
        decision: Decision,
        seed: &[u8],
        wanted: &[(String, Wanted)],
    ) -> Result<Sent, Refused> {
        let farm = self.settings.farm.as_bytes();
        let id_of = |place: usize| ErrandId::of(&[farm, seed, &(place as u64).to_be_bytes()]);
        let numbered: Vec<(ErrandId, String, Wanted)> = wanted
            .iter()
            .enumerate()
            .map(|(place, (shard, wanted))| (id_of(place), shard.clone(), wanted.clone()))
            .collect();
        let now = self.clock.now();
        {
            let mut rights = self.rights();
            for (id, shard, _) in &numbered {
                let scope = format!("{shard}: {scope}");
                let tried = Tried { command_id: Some(id.0), ..named.tried(&scope, decision, "sent") };
                rights.write(now, caller, &tried)?;
            }
        }
        self.errands.send(caller.who.identity().0, caller.who.role(), now, &numbered);
        let ids = numbered.iter().map(|(id, ..)| *id).collect();
        Ok(Sent { command: named.spec.name.to_owned(), answer: None, ids })
    }

    #[expect(clippy::too_many_arguments, reason = "each of them is said once, here")]
    fn preview(
        &self,
        caller: &Caller,
        named: &Named<'_>,
        need: &Need,
        scope: &str,
        at_least: Needs,
        effect: &Answer,
        errands: Vec<(String, Wanted)>,
    ) -> Result<Pending, Refused> {
        let waiting = Waiting {
            command: named.spec.name.to_owned(),
            scope: scope.chars().take(512).collect(),
            effect: String::new(),
            errands,
        };
        let what = waiting.written(&effect.plain());
        let now = self.clock.now();
        let mut rights = self.rights();
        let previewed = rights.access.preview(now, &caller.who, need, at_least, &what);
        let pending = match previewed {
            Ok(changed) => rights.keep(changed)?,
            Err(denied) => {
                drop(rights);
                return Err(self.refuse(caller, named.spec.name, &named.arguments, scope, denied.into()));
            }
        };
        let outcome = format!("waits as {}", pending.id.0);
        rights.write(now, caller, &named.tried(scope, Decision::Previewed, &outcome))?;
        Ok(pending)
    }

    /// Confirms what waits, and does it: once, and exactly what was shown.
    pub(crate) fn confirm(&self, caller: &Caller, id: u64, code: Option<&str>) -> Result<Reply, Refused> {
        let now = self.clock.now();
        let number = id.to_string();
        let mut rights = self.rights();
        let confirmed = rights.access.confirm(now, &caller.who, PendingId(id), code);
        let granted = match confirmed {
            Ok(changed) => rights.keep(changed)?,
            Err(denied) => {
                drop(rights);
                return Err(self.refuse(caller, "confirm", &[("pending", &number)], "", denied.into()));
            }
        };
        drop(rights);
        let Granted { pending, .. } = granted;
        let waiting = Waiting::read(&pending.what);
        let spec = &catalogue::find(&waiting.command)?.spec;
        let named = Named { spec, arguments: vec![("pending", &number)] };
        let seed = [b"pending ".as_slice(), number.as_bytes()].concat();
        let scope = &waiting.scope;
        let sent = self.send(caller, &named, scope, Decision::Confirmed, &seed, &waiting.errands)?;
        let mut answer = Answer::new(format!("{}: confirmed", waiting.command));
        answer.notes = waiting.effect.lines().map(str::to_owned).collect();
        Ok(Reply::Sent(Box::new(Sent { answer: Some(answer), ..sent })))
    }

    /// Takes back what waits.
    pub(crate) fn withdraw(&self, caller: &Caller, id: u64) -> Result<Reply, Refused> {
        let now = self.clock.now();
        let number = id.to_string();
        let mut rights = self.rights();
        match rights.access.withdraw(now, &caller.who, PendingId(id)) {
            Ok(changed) => {
                let pending = rights.keep(changed)?;
                let waiting = Waiting::read(&pending.what);
                let tried = Tried {
                    command: &waiting.command,
                    arguments: &[("pending", &number)],
                    scope: &waiting.scope,
                    decision: Decision::Withdrawn,
                    outcome: "withdrawn",
                    command_id: None,
                };
                rights.write(now, caller, &tried)?;
                Ok(Reply::ok(json!({ "state": "withdrawn", "pending": told(&pending) })))
            }
            Err(denied) => {
                drop(rights);
                Err(self.refuse(caller, "withdraw", &[("pending", &number)], "", denied.into()))
            }
        }
    }

    /// What waits for him.
    pub(crate) fn pendings(&self, caller: &Caller) -> Result<Reply, Refused> {
        let pendings = self.rights().access.pendings(self.clock.now(), &caller.who)?;
        let pendings: Vec<Value> = pendings.iter().map(told).collect();
        Ok(Reply::ok(json!({ "pendings": pendings })))
    }
}

pub(crate) fn no_history() -> Refused {
    Refused::new(
        409,
        "no_history",
        "this gateway has no history to read",
        "start the farm with a [history] section that keeps one",
    )
}

impl From<crate::archive::NoRows> for Refused {
    fn from(no_rows: crate::archive::NoRows) -> Refused {
        match no_rows {
            crate::archive::NoRows::Asked(why) => {
                Refused::bad_request(why, "mend the question, and ask again")
            }
            crate::archive::NoRows::Away(why) => {
                Refused::new(503, "history_away", why, "ask again when the history answers; /ready says when")
            }
        }
    }
}

/// Whose row it is; an audit's is of the whole farm.
pub(crate) fn bot_of(record: &Record) -> Option<&str> {
    match record {
        Record::Trade(row) => Some(&row.bot),
        Record::Session(row) => Some(&row.bot),
        Record::Equity(row) => Some(&row.bot),
        Record::Audit(_) => None,
    }
}

/// Arguments as they may be written down: what the catalogue knows to be a code is none of the record's.
fn shown<'a>(spec: &Spec, given: &'a BTreeMap<String, String>) -> Vec<(&'a str, &'a str)> {
    let is_code = |name: &str| {
        spec.arguments.iter().any(|argument| argument.name == name && argument.kind == Kind::Code)
    };
    given
        .iter()
        .map(|(name, value)| (name.as_str(), if is_code(name) { HIDDEN } else { value.as_str() }))
        .collect()
}

/// What waits, as it is shown.
pub(crate) fn told(pending: &Pending) -> Value {
    let waiting = Waiting::read(&pending.what);
    let needs = match pending.needs {
        Needs::Confirm => "confirm",
        Needs::Totp => "code",
        Needs::SecondPerson => "second_person",
    };
    json!({
        "id": pending.id.0,
        "command": waiting.command,
        "scope": waiting.scope,
        "effect": waiting.effect,
        "asked_by": pending.asker_name,
        "needs": needs,
        "digest": pending.digest.to_string(),
        "asked_at": pending.asked.0,
        "expires_at": pending.expires.0,
    })
}

impl Waiting {
    /// As it is kept, with as much of the effect as there is room for.
    fn written(mut self, effect: &str) -> String {
        let mut room = WHAT_BYTES_MAX;
        loop {
            self.effect = cut(effect, room);
            let what = serde_json::to_string(&self).expect("a command is text and numbers");
            if what.len() <= WHAT_BYTES_MAX || self.effect.is_empty() {
                return what;
            }
            room = self.effect.len().saturating_sub(what.len() - WHAT_BYTES_MAX + 4);
        }
    }

    fn read(what: &str) -> Waiting {
        serde_json::from_str(what).expect("what waits was written here, and its digest was looked at")
    }
}

fn cut(text: &str, bytes_max: usize) -> String {
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(bytes_max.saturating_sub('…'.len_utf8()));
    if end == 0 { String::new() } else { format!("{}…", &text[..end]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_fits_whatever_its_effect_is() {
        for effect in ["short", &"é\"\n".repeat(3_000), &"x".repeat(WHAT_BYTES_MAX)] {
            let waiting = Waiting {
                command: "close".to_owned(),
                scope: "a".to_owned(),
                effect: String::new(),
                errands: vec![("main".to_owned(), Wanted::Close { bot: Some(1) })],
            };
            let what = waiting.written(effect);
            assert!(what.len() <= WHAT_BYTES_MAX, "{}", what.len());
            let again = Waiting::read(&what);
            assert!(!again.effect.is_empty() && effect.starts_with(again.effect.trim_end_matches('…')));
            assert_eq!(again.errands.len(), 1);
        }
    }
}
