//! What the catalogue leaves to the gateway, because only it knows who asks.
//!
//! It refuses to show the secret of an authenticator twice, or to anybody but its owner.

use crate::clock::random;
use crate::door::Door;
use crate::refused::Refused;
use crate::reply::Reply;
use crate::rights::Caller;
use access::{Bots, IdentityView, RECOVERY_ENTROPY_BYTES, TOTP_ENTROPY_BYTES, role_word};
use control::catalogue::{Answer, BotName, Colour, Own, Table};
use control::message::{NoticeSaid, Tier};
use model::Time;
use serde_json::json;

/// Answers it.
pub(crate) fn answer(door: &Door, caller: &Caller, own: Own) -> Result<Reply, Refused> {
    match own {
        Own::WhoAmI => Ok(Reply::answered(&who_am_i(door, caller)?)),
        Own::Mfa { code, old } => {
            let (code, old) = (code.map(|code| code.0), old.map(|code| code.0));
            enrol(door, caller, code.as_deref(), old.as_deref())
        }
        Own::Confirm { pending, code } => door.confirm(caller, pending, code.map(|code| code.0).as_deref()),
        Own::Said { tier, of, rows_max } => {
            Ok(Reply::answered(&said(door, caller, tier, of.as_ref(), rows_max)?))
        }
        Own::Health(answer) => Ok(Reply::answered(&health(door, answer))),
        Own::Drift { of } => drift(door, caller, of.as_ref()),
    }
}

/// What was said last of finished sessions against their back-tests. Each is of all bots of its shard: who may not see all of
/// them is told nothing.
fn drift(door: &Door, caller: &Caller, of: Option<&BotName>) -> Result<Reply, Refused> {
    let sight = door.sight(caller, &door.live.views())?;
    let mut drifts = door.live.drifts();
    drifts.retain(|said| sight.is_all && of.is_none_or(|of| of.shard == said.shard));
    let Some(worst) = drifts.iter().map(|said| said.tier).max() else {
        let mend = "a session is compared when it is over: ask again after its end; `omega drift DIRECTORY` looks at \
                    earlier ones";
        let why = "no finished session was compared with the back-tester since this gateway began";
        return Err(Refused::new(409, "no_drift", why, mend));
    };
    let mut answer = Answer::new("Finished sessions against the back-tester on the same market");
    let mut table = Table::new("The last of each shard", &["ended", "shard", "how loud", "what"]);
    for said in &drifts {
        let (ended, tier) = (Time(said.at).to_string(), said.tier.name().to_owned());
        table.row([ended, said.shard.clone(), tier, said.text.clone()]);
    }
    answer.table(table).look(if worst == Tier::Informational { Colour::Good } else { Colour::Warning });
    Ok(Reply::answered(&answer))
}

/// His own row of the book.
pub(crate) fn himself(door: &Door, caller: &Caller) -> Result<IdentityView, Refused> {
    let id = caller.who.identity();
    let view = door.rights().access.identities().find(|identity| identity.id == id);
    view.ok_or_else(|| access::Denied::Unknown.into())
}

fn who_am_i(door: &Door, caller: &Caller) -> Result<Answer, Refused> {
    let view = himself(door, caller)?;
    let mut answer = Answer::new(format!("{} ({})", view.name, role_word(view.role)));
    answer.field(
        "bots",
        match &view.limits.bots {
            Bots::All => "all".to_owned(),
            Bots::Only(bots) => bots.iter().cloned().collect::<Vec<_>>().join(", "),
        },
    );
    let size = view.limits.size_max.map_or_else(|| "no limit".to_owned(), |size| format!("{size} USDT"));
    answer.field("size of one command", size);
    answer.field("authenticator", if view.enrolled { "enrolled" } else { "none" });
    if view.enrolled {
        answer.field("recovery codes left", view.recovery_codes_left.to_string());
    }
    answer.field(
        "second person from",
        (view.unchanged_since + door.settings.rules.second_person_after).to_string(),
    );
    answer.field("tokens and links", view.credentials.len().to_string());
    Ok(answer)
}

/// Begins an enrolment, or finishes it with a first code.
fn enrol(door: &Door, caller: &Caller, code: Option<&str>, old: Option<&str>) -> Result<Reply, Refused> {
    let now = door.clock.now();
    let unwritable = |error| Refused::unwritable(&error);
    let mut rights = door.rights();
    match code {
        None => {
            let entropy = random::<TOTP_ENTROPY_BYTES>().map_err(unwritable)?;
            let enrolment = rights.access.enrol(now, &caller.who, old, &entropy)?;
            let enrolment = rights.keep(enrolment)?;
            let mut answer = Answer::new("Put this into your authenticator");
            answer.field("secret", enrolment.secret()).field("address", enrolment.uri());
            answer
                .note("It is shown once. Then give `mfa` with the first code it shows, within ten minutes.");
            Ok(Reply::answered(&answer))
        }
        Some(code) => {
            let entropy = random::<RECOVERY_ENTROPY_BYTES>().map_err(unwritable)?;
            let codes = rights.access.finish_enrolment(now, &caller.who, code, &entropy)?;
            let codes = rights.keep(codes)?;
            let mut answer = Answer::new("Your authenticator counts from now on");
            let mut table = Table::new("Recovery codes, each good once", &["code"]);
            codes.reveal().for_each(|code| {
                table.row([code.to_owned()]);
            });
            answer.table(table).look(Colour::Good);
            answer.note("They are shown once: keep them on paper, for the day the phone is lost.");
            Ok(Reply::answered(&answer))
        }
    }
}

fn said(
    door: &Door,
    caller: &Caller,
    tier: Tier,
    of: Option<&BotName>,
    rows_max: u32,
) -> Result<Answer, Refused> {
    let sight = door.sight(caller, &door.live.views())?;
    let fits = |said: &NoticeSaid| {
        let is_of = of.is_none_or(|of| said.shard == of.shard && said.bot.as_deref() == Some(&of.bot));
        let is_his = said.bot.as_deref().map_or(sight.is_all, |bot| sight.sees(bot));
        said.tier >= tier && is_of && is_his
    };
    let notices = door.live.notices(fits, rows_max as usize);
    let mut answer = Answer::new("What was said lately");
    let mut table = Table::new("Newest first", &["when", "who", "how loud", "what"]);
    for said in &notices {
        let who = said.bot.clone().unwrap_or_else(|| said.shard.clone());
        table.row([Time(said.at).to_string(), who, said.tier.name().to_owned(), said.text.clone()]);
    }
    let colour = match notices.iter().map(|said| said.tier).max() {
        Some(Tier::Critical) => Colour::Bad,
        Some(Tier::Warning) => Colour::Warning,
        _ => Colour::Neutral,
    };
    answer.table(table).look(colour);
    if notices.is_empty() {
        answer.note("Nothing was, since this gateway began.");
    }
    Ok(answer)
}

/// The shards' health, and ours.
fn health(door: &Door, mut answer: Answer) -> Answer {
    let ails = door.ails();
    answer.field("gateway", if ails.is_empty() { "ready" } else { "not ready" });
    answer.field("commands on their way", door.errands.waiting().to_string());
    for (what, why) in &ails {
        answer.note(format!("{what}: {why}"));
        answer.look(Colour::Bad);
    }
    answer
}

impl Door {
    /// What is not as it has to be, each in words: the bus, the history, and the shards that are silent.
    pub(crate) fn ails(&self) -> Vec<(String, String)> {
        let mut ails = Vec::new();
        if let Some(why) = self.live.deaf() {
            ails.push(("bus".to_owned(), why));
        }
        if let Some(why) = self.archive_ails() {
            ails.push(("history".to_owned(), why));
        }
        let (views, now) = (self.live.views(), self.clock.now());
        for heard in &views {
            let silent = now - heard.at;
            if silent > control::catalogue::STALE_AFTER {
                let why = format!("silent for {} s: look at its process and at its lease", silent.0 / 1_000);
                ails.push((format!("shard {}", heard.view.shard), why));
            }
        }
        for shard in &self.settings.shards {
            if !views.iter().any(|heard| heard.view.shard == *shard) {
                ails.push((
                    format!("shard {shard}"),
                    "not heard of yet: look whether its process runs".to_owned(),
                ));
            }
        }
        ails
    }

    /// Whether it is ready, for whoever sends traffic.
    pub(crate) fn ready(&self) -> Reply {
        let ails = self.ails();
        let shown: Vec<_> = ails.iter().map(|(what, why)| json!({ "what": what, "why": why })).collect();
        let (status, state) = if ails.is_empty() { (200, "ready") } else { (503, "not ready") };
        Reply::Json(status, json!({ "state": state, "ails": shown }))
    }
}
