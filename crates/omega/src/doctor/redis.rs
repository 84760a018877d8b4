//! Redis, where the configuration talks over one: reached, let in, new enough, set up not to forget, near enough.
//!
//! It refuses to write there, and to show what it logged in with.

use super::{Finding, Ground, clocks};
use bus::redis::{Condition, Settings};
use config::{BusKind, Config};
use cosmos::Sky;
use runtime::feed::Recorded;
use runtime::{Wirer, Wiring};
use secrets::Fetcher;
use std::path::Path;
use std::time::Duration;

const WHAT: &str = "Redis";
/// Every command and every lease waits for a round trip.
const FAR: Duration = Duration::from_millis(50);

pub(super) fn look(ground: &Ground) -> Vec<Finding> {
    let bus = &ground.config.bus;
    if bus.kind() != BusKind::Redis {
        return vec![Finding::ok(WHAT, "not needed: all is in one process")];
    }
    let settings = match wiring(ground) {
        Ok(Wiring::Redis(settings)) => settings,
        Ok(Wiring::Local(_)) => return vec![Finding::ok(WHAT, "not needed: all is in one process")],
        Err(said) => return vec![told(&said)],
    };
    let hosts = settings.sentinel.as_ref().map_or_else(
        || vec![settings.host.clone()],
        |sentinel| sentinel.nodes.iter().map(|(host, _)| host.clone()).collect(),
    );
    if let Some(host) = hosts.iter().find(|host| !ground.reaches(host)) {
        return vec![Ground::left_out(WHAT, host)];
    }
    match Condition::of(&settings) {
        Ok(condition) => judged(&settings, &condition),
        Err(failed) => vec![told(&failed.to_string())],
    }
}

/// Every one of these errors ends with what to do next.
fn told(said: &str) -> Finding {
    let (problem, mend) = said.rsplit_once(": ").unwrap_or((said, "look at [bus]"));
    Finding::broken(WHAT, problem, mend)
}

/// As `omega run` would talk; of bars and sky it needs nothing.
fn wiring(ground: &Ground) -> Result<Wiring, String> {
    let file = Path::new(&ground.config.secrets.file);
    let mut fetcher = Fetcher::new(&ground.environment, file, Box::new(|_| None));
    let no_bars = |_: &Config| Err::<Recorded, String>("nobody reads bars here".to_owned());
    let mut wirer = Wirer {
        config: &ground.config,
        fetcher: &mut fetcher,
        read_bars: &no_bars,
        node: "doctor".to_owned(),
        sky: Sky::none(),
    };
    wirer.wiring().map_err(|error| error.to_string())
}

fn judged(settings: &Settings, condition: &Condition) -> Vec<Finding> {
    let ms = condition.round_trip.as_secs_f64() * 1_000.0;
    let place = match &settings.sentinel {
        Some(sentinel) => format!("master {} of {} sentinels", sentinel.master, sentinel.nodes.len()),
        None => format!("{}:{}", settings.host, settings.port),
    };
    let found = format!("{} at {place}, {ms:.1} ms away", condition.version);
    let mut findings = vec![if !condition.is_at_least(6, 2) {
        Finding::broken(WHAT, found, "install Redis 6.2 or newer")
    } else if condition.round_trip > FAR {
        Finding::warning(WHAT, found, "put it nearer: every command and every lease waits for it")
    } else {
        Finding::ok(WHAT, found)
    }];
    findings.push(memory(condition));
    findings.push(log(condition));
    findings.push(commands(condition));
    let round_trip = i64::try_from(condition.round_trip.as_millis()).unwrap_or(i64::MAX);
    findings.push(clocks::beside("Redis", condition.ahead, round_trip));
    findings
}

fn memory(condition: &Condition) -> Finding {
    const WHAT: &str = "Redis' memory";
    match condition.policy.as_deref() {
        Some("noeviction") => Finding::ok(WHAT, "what is kept is never thrown away (noeviction)"),
        Some(policy) => Finding::broken(
            WHAT,
            format!("maxmemory-policy is {policy}: unread messages and epochs of leases may be thrown away"),
            "set `maxmemory-policy noeviction` in redis.conf",
        ),
        None => Finding::warning(WHAT, "it does not say its maxmemory-policy", "see that it is noeviction"),
    }
}

fn log(condition: &Condition) -> Finding {
    const WHAT: &str = "Redis' log";
    match condition.keeps_log {
        Some(true) => Finding::ok(WHAT, "it keeps one (AOF)"),
        Some(false) => Finding::warning(
            WHAT,
            "appendonly is off: a restart of Redis forgets commands that are on their way",
            "set `appendonly yes` and `appendfsync always` in redis.conf",
        ),
        None => Finding::warning(WHAT, "it does not say whether it keeps one", "see that appendonly is yes"),
    }
}

fn commands(condition: &Condition) -> Finding {
    const WHAT: &str = "Redis' user";
    match condition.refused.as_deref() {
        Some([]) => Finding::ok(WHAT, "may give every command that is needed"),
        Some(refused) => Finding::broken(
            WHAT,
            format!("may not give {}", refused.join(", ")),
            "allow it in the access list: docs/bus.md has the line",
        ),
        None => Finding::ok(WHAT, "older than 7.0: it cannot be asked what the user may"),
    }
}
