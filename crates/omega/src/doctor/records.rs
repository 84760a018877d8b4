//! What a farm left behind: its journals and its history, read as a start would read them.
//!
//! It refuses to mend anything, and to ask for a passphrase: where one is needed, the environment has it or it says so.

use super::{Finding, Ground};
use crate::figures;
use config::{Feed, HistoryKind, Reference};
use edge::exchange::Clock;
use edge::journal::{JournalKey, Place};
use farm::journal::{Ending, Shelf, origin, survey};
use history::{BadStore, Sqlite};
use model::{Interval, Time};
use secrets::{BadSecret, Fetcher, Key};
use std::path::{Path, PathBuf};

/// What is left of an almanac when it is time to say that it ends.
const MOON_LEFT_MIN: Interval = Interval(30 * Interval::DAY.0);

/// A journal of each shard, whoever runs it: of one that runs the last frame may be half there.
pub(super) fn journals(ground: &Ground) -> Vec<Finding> {
    let data = Path::new(&ground.config.farm.data_dir);
    let key = match key_of(ground, "journal.encryption_key", ground.config.journal.encryption_key.as_ref()) {
        Ok(key) => key,
        Err(error) => return vec![no_key("journal", &error)],
    };
    let plan = ground.config.plan();
    let sealed = key.is_some();
    let key = key.map(|key| JournalKey::new(&key));
    plan.shards
        .iter()
        .map(|shard| {
            let place = Place::at(data.join(format!("{}.omega", shard.name))).sealed(key.clone());
            // A made market has a time of its own.
            let now = (ground.config.market.feed == Feed::Bitget).then(Clock::wall);
            journal(&format!("journal {}", shard.name), &place, sealed, now)
        })
        .collect()
}

/// What is said of a farm that will not know any more where the Moon stands, if that is soon.
fn moonless(read: &impl Shelf, now: Option<Time>) -> Option<String> {
    let ends = origin(read).ok()?.almanac_ends()?;
    (ends - now? < MOON_LEFT_MIN)
        .then(|| format!("its almanac ends on {}, and bots that feel the sky feel none then", day(ends)))
}

fn day(at: Time) -> String {
    at.to_string().chars().take_while(|letter| *letter != 'T').collect()
}

fn journal(what: &str, place: &Place, sealed: bool, now: Option<Time>) -> Finding {
    const MEND: &str = "`omega replay` says where it breaks; docs/journal.md says what to do then";
    let read = match place.read() {
        Ok(read) if read.is_nowhere() || read.is_empty() => {
            return Finding::ok(what, "none yet: the farm begins");
        }
        Ok(read) => read,
        Err(error) => return Finding::broken(what, error.to_string(), MEND),
    };
    match survey(&read) {
        Ok(found) => {
            let (_, last) = read.range();
            let kept = if sealed { ", sealed" } else { "" };
            let ended = if matches!(found.ending, Ending::Torn { .. }) {
                "; its last frame is half there, and left out"
            } else {
                ""
            };
            let frames = figures::count(found.frames);
            let segments =
                if last == 0 { "one segment".to_owned() } else { format!("{} segments", last + 1) };
            let behind = found.snapshot.map_or_else(
                || "no snapshot yet".to_owned(),
                |frame| {
                    format!(
                        "last snapshot {} frames back",
                        figures::count(found.frames.saturating_sub(frame + 1))
                    )
                },
            );
            let text = format!("{frames} frames in {segments}{kept}, {behind}{}{ended}", age(place, last));
            match (found.skipped.len(), moonless(&read, now)) {
                (0, None) => Finding::ok(what, text),
                (0, Some(ends)) => Finding::warning(
                    what,
                    format!("{text}; {ends}"),
                    "close what the farm holds, then begin a new journal: it knows the sky of 400 days",
                ),
                (count, _) => Finding::warning(
                    what,
                    format!("{text}; {count} inputs broke the farm and are left out"),
                    "look with `omega replay --why`; its bots only reduce until they are resumed",
                ),
            }
        }
        Err(error) => Finding::broken(what, format!("{}: {error}", place.path().display()), MEND),
    }
}

/// When it was written last.
fn age(place: &Place, segment: u32) -> String {
    let written = std::fs::metadata(place.segment_path(segment)).and_then(|about| about.modified());
    let age = written.ok().and_then(|at| at.elapsed().ok());
    age.map_or_else(String::new, |age| format!(", written {} ago", figures::duration(age.as_secs_f64())))
}

fn key_of(ground: &Ground, what: &str, reference: Option<&Reference>) -> Result<Option<Key>, BadSecret> {
    let Some(reference) = reference else { return Ok(None) };
    let file = PathBuf::from(&ground.config.secrets.file);
    let mut fetcher = Fetcher::new(&ground.environment, &file, Box::new(|_| None));
    fetcher.fetch(reference).and_then(|text| Key::parse(what, &text)).map(Some)
}

fn no_key(what: &str, error: &BadSecret) -> Finding {
    let (problem, mend) = error.told();
    Finding::broken(what, format!("its key cannot be had: {problem}"), mend)
}

/// The history, opened for looking only. Rows that are sealed stay so: it is the key that is looked for.
pub(super) fn history(ground: &Ground) -> Vec<Finding> {
    const WHAT: &str = "history";
    let config = &ground.config;
    let key = config.history.encryption_key.as_ref();
    if let Err(error) = key_of(ground, "history.encryption_key", key) {
        return vec![no_key(WHAT, &error)];
    }
    if config.history.kind() == HistoryKind::Mongodb {
        return vec![server(ground)];
    }
    let file = PathBuf::from(config.history.file(&config.farm.data_dir));
    if !file.exists() {
        return vec![Finding::ok(WHAT, format!("none yet: {} begins with the farm", file.display()))];
    }
    let bytes = std::fs::metadata(&file).map_or(0, |about| about.len());
    vec![match Sqlite::look(&file, None) {
        Ok(_) => Finding::ok(WHAT, format!("{} opens, {} KiB", file.display(), bytes >> 10)),
        Err(error) => unread(WHAT, &error),
    }]
}

fn unread(what: &str, error: &BadStore) -> Finding {
    let said = error.to_string();
    let (problem, mend) = said.rsplit_once(": ").unwrap_or((&said, "look at [history]"));
    Finding::broken(what, problem, mend)
}

#[cfg(feature = "mongodb")]
fn server(ground: &Ground) -> Finding {
    const WHAT: &str = "MongoDB";
    let history = &ground.config.history;
    let Some(reference) = &history.url else {
        let mend = "set history.url to where its address is, like \"env:MONGODB_URL\"";
        return Finding::broken(WHAT, "nobody says where the server is", mend);
    };
    let file = PathBuf::from(&ground.config.secrets.file);
    let mut fetcher = Fetcher::new(&ground.environment, &file, Box::new(|_| None));
    let address = match fetcher.fetch(reference) {
        Ok(address) => address.expose().to_owned(),
        Err(error) => return no_key(WHAT, &error),
    };
    // The address is a secret; of its hosts only whether they are this machine matters.
    let hosts = address.rsplit('@').next().unwrap_or_default().trim_start_matches("mongodb://");
    let hosts = hosts.split('/').next().unwrap_or_default();
    let is_reached =
        hosts.split(',').all(|host| ground.reaches(host.rsplit_once(':').map_or(host, |(host, _)| host)));
    if !is_reached {
        return Ground::left_out(WHAT, "its server");
    }
    let begun = std::time::Instant::now();
    let server = history::Server { address, database: history.database.clone() };
    match history::Mongo::look(&server, None) {
        Ok(_) => {
            Finding::ok(WHAT, format!("answers, {} ms with the connection", begun.elapsed().as_millis()))
        }
        Err(BadStore::NotOurs(_)) => Finding::ok(WHAT, "answers; nothing of ours in the database yet"),
        Err(error) => unread(WHAT, &error),
    }
}

#[cfg(not(feature = "mongodb"))]
fn server(_: &Ground) -> Finding {
    let mend = "set history.kind = \"sqlite\", or build omega with the feature `mongodb`";
    Finding::broken("MongoDB", "this build cannot speak to it", mend)
}
