//! Every way in: a table of paths with who may take them and what answers.
//!
//! The document of the API, the labels of the metrics and the tests of who may not are made from this table, so no way in can
//! be left out of them. It refuses a path that is not in it.

use crate::archive::{PAGE_ROWS_MAX, Wanted};
use crate::call::{Call, bot_of, no_history};
use crate::door::Door;
use crate::errands::ErrandId;
use crate::http::Asked;
use crate::live::shown;
use crate::people::{Change, NewPerson, NewToken};
use crate::refused::Refused;
use crate::repeats::Outcome;
use crate::reply::Reply;
use crate::rights::Caller;
use access::Reach;
use control::catalogue::COMMANDS;
use control::record::Kind;
use model::{Role, Time};
use serde::Deserialize;
use serde_json::{Value, json};

/// Who may take a way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entrance {
    /// Anybody.
    Open,
    /// Whoever has a token; what it comes to may need more.
    Known,
    /// Administrators of the whole farm.
    Admin,
}

/// Whose handler it is.
pub(crate) enum Handler {
    Open(fn(&Door, &Asked) -> Result<Reply, Refused>),
    Known(fn(&Door, &Caller, &Asked) -> Result<Reply, Refused>),
}

/// A way in.
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) entrance: Entrance,
    pub(crate) summary: &'static str,
    pub(crate) handler: Handler,
}

const fn open(
    path: &'static str,
    summary: &'static str,
    handler: fn(&Door, &Asked) -> Result<Reply, Refused>,
) -> Route {
    Route { method: "GET", path, entrance: Entrance::Open, summary, handler: Handler::Open(handler) }
}

const fn known(
    (method, path): (&'static str, &'static str),
    entrance: Entrance,
    summary: &'static str,
    handler: fn(&Door, &Caller, &Asked) -> Result<Reply, Refused>,
) -> Route {
    Route { method, path, entrance, summary, handler: Handler::Known(handler) }
}

/// All of them.
pub(crate) static ROUTES: &[Route] = &[
    open("/health", "Whether the process lives", |_, _| Ok(Reply::ok(json!({ "state": "alive" })))),
    open("/ready", "Whether bus, history and shards answer, and which does not", |door, _| Ok(door.ready())),
    known(("GET", "/metrics"), Entrance::Known, "Metrics in Prometheus' text format", metrics),
    open("/openapi.json", "The document of this API", |_, _| Ok(Reply::ok(crate::openapi::document()))),
    known(("GET", "/api/v1/commands"), Entrance::Known, "Every command there is", commands),
    known(("POST", "/api/v1/commands/{command}"), Entrance::Known, "Give a command", command),
    known(("GET", "/api/v1/errands/{errand}"), Entrance::Known, "How far a command of yours is", errand),
    known(
        ("GET", "/api/v1/pending"),
        Entrance::Known,
        "What waits for your confirmation",
        |door, caller, _| door.pendings(caller),
    ),
    known(("POST", "/api/v1/pending/{pending}/confirm"), Entrance::Known, "Confirm what waits", confirm),
    known(
        ("DELETE", "/api/v1/pending/{pending}"),
        Entrance::Known,
        "Take back what waits",
        |door, caller, asked| door.withdraw(caller, asked.number("waiting command")?),
    ),
    known(("GET", "/api/v1/views"), Entrance::Known, "How everything is", views),
    known(("GET", "/api/v1/shards/{shard}"), Entrance::Known, "How a shard is", shard),
    known(("GET", "/api/v1/bots/{bot}"), Entrance::Known, "How a bot is", bot),
    known(("GET", "/api/v1/history/{kind}"), Entrance::Known, "Rows of the history, newest first", history),
    known(
        ("GET", "/api/v1/events"),
        Entrance::Known,
        "How everything is and what happens, as a stream",
        events,
    ),
    known(("GET", "/api/v1/audit"), Entrance::Admin, "The last entries of the audit, newest first", audit),
    known(("GET", "/api/v1/identities"), Entrance::Admin, "Who there is", |door, _, _| {
        Ok(Reply::ok(door.identities()))
    }),
    known(("POST", "/api/v1/identities"), Entrance::Admin, "Make somebody", |door, caller, asked| {
        let new: NewPerson = asked.json()?;
        door.add_person(caller, asked.code.as_deref(), &new).map(Reply::ok)
    }),
    known(
        ("PATCH", "/api/v1/identities/{identity}"),
        Entrance::Admin,
        "Change what somebody may",
        |door, caller, asked| {
            let change: Change = asked.json()?;
            door.change_person(caller, asked.code.as_deref(), asked.number("identity")?, &change)
                .map(Reply::ok)
        },
    ),
    known(
        ("DELETE", "/api/v1/identities/{identity}"),
        Entrance::Admin,
        "Remove somebody",
        |door, caller, asked| {
            door.remove_person(caller, asked.code.as_deref(), asked.number("identity")?).map(Reply::ok)
        },
    ),
    known(
        ("POST", "/api/v1/identities/{identity}/tokens"),
        Entrance::Admin,
        "Make a token, shown once",
        |door, caller, asked| {
            let new: NewToken = asked.json()?;
            door.add_token(caller, asked.code.as_deref(), asked.number("identity")?, &new).map(Reply::ok)
        },
    ),
    known(
        ("DELETE", "/api/v1/identities/{identity}/authenticator"),
        Entrance::Admin,
        "Take somebody's authenticator away",
        |door, caller, asked| {
            door.reset_authenticator(caller, asked.code.as_deref(), asked.number("identity")?).map(Reply::ok)
        },
    ),
    known(
        ("DELETE", "/api/v1/tokens/{token}"),
        Entrance::Known,
        "Revoke a token: one's own, or as administrator",
        |door, caller, asked| {
            door.revoke(caller, asked.code.as_deref(), asked.number("token or link")?).map(Reply::ok)
        },
    ),
];

/// Where a path leads.
pub(crate) enum Way {
    /// To this one, with what stands in its braces.
    To(&'static Route, Vec<String>),
    /// The path is there, for these methods.
    OtherMethod(Vec<&'static str>),
    Nowhere,
}

/// Finds it.
pub(crate) fn find(method: &str, path: &str) -> Way {
    let mut others = Vec::new();
    for route in ROUTES {
        let Some(parts) = matched(route.path, path) else { continue };
        if route.method == method {
            return Way::To(route, parts);
        }
        others.push(route.method);
    }
    if others.is_empty() { Way::Nowhere } else { Way::OtherMethod(others) }
}

fn matched(pattern: &str, path: &str) -> Option<Vec<String>> {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    let mut parts = Vec::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(parts),
            (Some(hole), Some(part)) if hole.starts_with('{') => {
                parts.push(crate::http::decoded(part, false).filter(|part| !part.is_empty())?);
            }
            (Some(word), Some(part)) if word == part => {}
            _ => return None,
        }
    }
}

/// Metrics say what everybody has: not for who may see some bots only.
fn metrics(door: &Door, caller: &Caller, _: &Asked) -> Result<Reply, Refused> {
    if !door.settings.metrics {
        return Err(Refused::new(
            404,
            "no_metrics",
            "metrics are switched off",
            "set telemetry.metrics = true",
        ));
    }
    door.permits(caller, Role::Viewer, Reach::Farm)?;
    Ok(Reply::Text(200, crate::exposition::CONTENT_TYPE, door.metrics()))
}

fn commands(_: &Door, _: &Caller, asked: &Asked) -> Result<Reply, Refused> {
    asked.only(&[])?;
    let listed: Vec<Value> = COMMANDS.iter().map(|command| crate::openapi::listed(&command.spec)).collect();
    Ok(Reply::ok(json!({ "commands": listed })))
}

fn command(door: &Door, caller: &Caller, asked: &Asked) -> Result<Reply, Refused> {
    let given = asked.arguments()?;
    let name = asked.part();
    let Some(key) = &asked.key else {
        let seed = crate::clock::random::<32>().map_err(|error| Refused::unwritable(&error))?;
        return door.call(&Call { caller, name, given: &given, seed: &*seed });
    };
    let who = caller.who.identity();
    let what = format!("{name} {}", json!(given));
    match door.repeats().begin(who, key, &what)? {
        None | Some(Outcome::UnderWay) => {}
        Some(Outcome::Answered(status, body)) => return Ok(Reply::Json(status, body)),
        Some(Outcome::Sent(sent)) => return Ok(Reply::Sent(sent)),
    }
    let seed = [b"key ".as_slice(), &who.0.to_be_bytes(), key.as_bytes(), what.as_bytes()].concat();
    let reply = door.call(&Call { caller, name, given: &given, seed: &seed });
    let outcome = match &reply {
        Ok(Reply::Json(status, body)) if *status == 202 => Some(Outcome::Answered(*status, body.clone())),
        Ok(Reply::Sent(sent)) => Some(Outcome::Sent(sent.clone())),
        // What only looks, or was refused, is looked at again.
        _ => None,
    };
    door.repeats().finish(who, key, outcome);
    reply
}

fn errand(door: &Door, caller: &Caller, asked: &Asked) -> Result<Reply, Refused> {
    asked.only(&[])?;
    let found = ErrandId::parse(asked.part()).and_then(|id| door.errands.of(caller.who.identity().0, id));
    found.map(Reply::ok).ok_or_else(|| Refused::not_here("errand of yours", asked.part()))
}

fn confirm(door: &Door, caller: &Caller, asked: &Asked) -> Result<Reply, Refused> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Confirmation {
        #[serde(default)]
        code: Option<String>,
    }
    let Confirmation { code } = asked.json()?;
    door.confirm(caller, asked.number("waiting command")?, code.as_deref())
}

/// A view with its age, as this caller may see it.
fn views_of(door: &Door, caller: &Caller, fits: impl Fn(&str) -> bool) -> Result<Vec<Value>, Refused> {
    let (views, now) = (door.live.views(), door.clock.now());
    let sight = door.sight(caller, &views)?;
    let views = views.iter().filter(|heard| fits(&heard.view.shard));
    let views = views.filter(|heard| sight.is_all || heard.view.bots.iter().any(|bot| sight.sees(&bot.bot)));
    Ok(views
        .map(|heard| {
            let view = serde_json::to_value(&*heard.view).expect("a view has no key that is no text");
            let silent = now - heard.at;
            json!({
                "view": shown(&view, &|bot| sight.sees(bot), sight.is_all),
                "silent_ms": silent.0.max(0),
                "stale": silent > control::catalogue::STALE_AFTER,
            })
        })
        .collect())
}

fn views(door: &Door, caller: &Caller, asked: &Asked) -> Result<Reply, Refused> {
    asked.only(&[])?;
    Ok(Reply::ok(json!({ "shards": views_of(door, caller, |_| true)? })))
}

fn shard(door: &Door, caller: &Caller, asked: &Asked) -> Result<Reply, Refused> {
    asked.only(&[])?;
    let name = asked.part();
    let found = views_of(door, caller, |shard| shard == name)?;
    found.into_iter().next().map(Reply::ok).ok_or_else(|| Refused::not_here("shard", name))
}

fn bot(door: &Door, caller: &Caller, asked: &Asked) -> Result<Reply, Refused> {
    asked.only(&[])?;
    let name = asked.part();
    let mut found = Vec::new();
    for one in views_of(door, caller, |_| true)? {
        let bots = one["view"]["bots"].as_array().map_or(&[][..], Vec::as_slice);
        for bot in bots.iter().filter(|bot| bot["bot"] == name) {
            found.push(json!({ "shard": one["view"]["shard"], "at": one["view"]["at"], "stale": one["stale"], "bot": bot }));
        }
    }
    if found.is_empty() {
        Err(Refused::not_here("bot", name))
    } else {
        Ok(Reply::ok(json!({ "bots": found })))
    }
}

fn history(door: &Door, caller: &Caller, asked: &Asked) -> Result<Reply, Refused> {
    asked.only(&["shard", "bot", "mode", "from", "to", "after", "count"])?;
    let kind = Kind::from_name(asked.part()).ok_or_else(|| Refused::not_here("kind of row", asked.part()))?;
    if kind == Kind::Audit {
        door.permits(caller, Role::Admin, Reach::Farm)?;
    }
    let text = |name: &str| asked.query.get(name).cloned();
    let instant = |name: &str| Ok::<_, Refused>(asked.query_number::<i64>(name)?.map(Time));
    let rows_max = asked.query_number::<u32>("count")?.unwrap_or(100);
    if !(1..=PAGE_ROWS_MAX).contains(&rows_max) {
        return Err(Refused::bad_request("`count` is out of range", format!("give 1 to {PAGE_ROWS_MAX}")));
    }
    let wanted = Wanted {
        kind,
        shard: text("shard"),
        bot: text("bot"),
        mode: text("mode"),
        from: instant("from")?,
        to: instant("to")?,
        after: text("after"),
        rows_max,
    };
    let Some(mut archive) = door.archive() else { return Err(no_history()) };
    let mut given = archive.page(&wanted)?;
    drop(archive);
    let sight = door.sight(caller, &door.live.views())?;
    given.records.retain(|record| sight.is_all || bot_of(record).is_some_and(|bot| sight.sees(bot)));
    Ok(Reply::ok(json!({ "rows": given.records, "next": given.next })))
}

fn events(door: &Door, caller: &Caller, asked: &Asked) -> Result<Reply, Refused> {
    asked.only(&[])?;
    // Whether he sees anything at all is asked before the stream begins; what he sees, with each event.
    door.sight(caller, &[])?;
    Ok(Reply::Stream(caller.clone(), asked.last_event))
}

fn audit(door: &Door, _: &Caller, asked: &Asked) -> Result<Reply, Refused> {
    asked.only(&["before", "count"])?;
    let before = asked.query_number::<u64>("before")?;
    let count = asked.query_number::<usize>("count")?.unwrap_or(100);
    let rights = door.rights();
    let entries = rights.audit.recent(before, count.min(1_000));
    let head = rights.audit.head();
    Ok(Reply::ok(json!({ "entries": entries, "head": head })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_one_route_or_nowhere() {
        for route in ROUTES {
            let path = route.path.replace(['{', '}'], "");
            let Way::To(found, parts) = find(route.method, &path) else { panic!("{path} leads nowhere") };
            assert_eq!(found.path, route.path);
            assert_eq!(parts.len(), route.path.matches('{').count());
        }
        assert!(matches!(find("PUT", "/health"), Way::OtherMethod(methods) if methods == ["GET"]));
        for path in ["/", "", "/health/", "/api/v1/bots/", "/api/v1/bots/%ff", "/api/v1/bots/a/b", "//health"]
        {
            assert!(matches!(find("GET", path), Way::Nowhere), "{path}");
        }
    }

    #[test]
    fn what_is_open_is_said_here() {
        let open: Vec<&str> =
            ROUTES.iter().filter(|route| route.entrance == Entrance::Open).map(|route| route.path).collect();
        assert_eq!(open, ["/health", "/ready", "/openapi.json"]);
    }
}
