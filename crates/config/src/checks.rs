//! What must fit between sections. Each check blames the value that a user would change.
//!
//! A check refuses to judge values that were refused themselves: they stand for nothing.

use crate::ACCOUNT_VARIABLES;
use crate::kinds::{PersonaName, Wrong};
use crate::reader::Reader;
use crate::sections::{BusKind, Config, Feed, HistoryKind, Mode, Positions};
use model::nearest::nearest;
use std::collections::BTreeMap;

/// Bots of one shard, as a farm has room for them.
pub const BOTS_OF_A_SHARD_MAX: usize = 32;

/// A check, and the sections it reads.
type Check = (&'static [&'static str], fn(&Config, &mut Reader<'_>));

const CHECKS: &[Check] = &[
    (&["bot", "account"], unique_names),
    (&["bot", "account"], unique_numbers),
    (&["bot", "account", "farm.mode"], accounts_of_bots),
    (&["bot", "account", "farm"], shards),
    (&["bot"], twins),
    (&["farm.mode", "market.feed"], money_needs_the_exchange),
    (&["farm.mode", "account"], money_needs_keys),
    (&["market"], replays),
    (&["risk"], limits_in_order),
    (&["bus"], redis),
    (&["history"], databases),
    (&["gateway"], certificates),
];

/// Notes everything that does not fit.
pub(crate) fn check(config: &Config, reader: &mut Reader<'_>) {
    for (reads, check) in CHECKS {
        if reads.iter().all(|path| reader.is_sound(path)) {
            check(config, reader);
        }
    }
}

/// The first of the same value before each later one.
fn repeated<T: Ord>(values: impl Iterator<Item = Option<T>>) -> Vec<(usize, usize)> {
    let mut first = BTreeMap::new();
    let mut again = Vec::new();
    for (index, value) in values.enumerate() {
        let Some(value) = value else { continue };
        match first.get(&value) {
            Some(before) => again.push((*before, index)),
            None => drop(first.insert(value, index)),
        }
    }
    again
}

fn unique_names(config: &Config, reader: &mut Reader<'_>) {
    for (before, index) in repeated(config.bot.iter().map(|bot| Some(&bot.name))) {
        let problem = format!("is \"{}\", as bot[{before}] is called already", config.bot[index].name);
        reader.blame(&format!("bot[{index}].name"), Wrong::new(problem, "give each bot a name of its own"));
    }
    for (before, index) in repeated(config.account.iter().map(|account| Some(&account.name))) {
        let problem =
            format!("is \"{}\", as account[{before}] is called already", config.account[index].name);
        reader.blame(
            &format!("account[{index}].name"),
            Wrong::new(problem, "give each account a name of its own"),
        );
    }
}

fn unique_numbers(config: &Config, reader: &mut Reader<'_>) {
    let mend = "give each a number of its own, and keep it for good: orders and journal are known by it";
    for (before, index) in repeated(config.bot.iter().map(|bot| bot.number)) {
        let problem = format!("is that of bot[{before}], \"{}\"", config.bot[before].name);
        reader.blame(&format!("bot[{index}].number"), Wrong::new(problem, mend));
    }
    for (before, index) in repeated(config.account.iter().map(|account| account.number)) {
        let problem = format!("is that of account[{before}], \"{}\"", config.account[before].name);
        reader.blame(&format!("account[{index}].number"), Wrong::new(problem, mend));
    }
}

fn accounts_of_bots(config: &Config, reader: &mut Reader<'_>) {
    let names: Vec<&str> = config.account.iter().map(|account| account.name.as_str()).collect();
    let paper = config.farm.mode == Mode::Paper;
    let mut holders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, bot) in config.crew().iter().enumerate() {
        let path = format!("bot[{index}].account");
        match &bot.account {
            Some(name) if !names.contains(&name.as_str()) => {
                let meant = nearest(name, names.iter().copied());
                let mend = match (meant, names.is_empty()) {
                    (Some(meant), _) => format!("did you mean \"{meant}\"?"),
                    (None, true) => format!("add [[account]] with name = \"{name}\""),
                    (None, false) => format!("there are {}", names.join(", ")),
                };
                reader.blame(&path, Wrong::new(format!("is \"{name}\", and no account is called so"), mend));
            }
            None if paper && names.contains(&bot.name.as_str()) => {
                let problem = format!("is \"{}\", which is also the name of an account", bot.name);
                let mend =
                    format!("write account = \"{}\" if it trades there, or call it something else", bot.name);
                reader.blame(&format!("bot[{index}].name"), Wrong::new(problem, mend));
            }
            None if !paper && names.len() > 1 => {
                let mend = format!("write account = one of {}", names.join(", "));
                reader.blame(&path, Wrong::new("is missing, and there are several accounts", mend));
            }
            _ => holders.entry(config.account_of(bot)).or_default().push(index),
        }
    }
    for (index, account) in config.account.iter().enumerate() {
        let bots = holders.get(&account.name).map_or(0, Vec::len);
        if account.position_mode == Positions::OneWay && bots > 1 {
            let problem = format!(
                "is \"one_way\", and {bots} bots share the account: opposite positions would cancel out and lose their stops"
            );
            let mend = "set the account to hedge mode at the exchange and write \"hedge\", or give each bot an account";
            reader.blame(&format!("account[{index}].position_mode"), Wrong::new(problem, mend));
        }
    }
}

fn shards(config: &Config, reader: &mut Reader<'_>) {
    let crew = config.crew();
    let mut bots_of: BTreeMap<String, usize> = BTreeMap::new();
    let mut shard_of: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for (index, bot) in crew.iter().enumerate() {
        let shard = config.shard_of(bot);
        let bots = bots_of.entry(shard.clone()).or_default();
        *bots += 1;
        if *bots == BOTS_OF_A_SHARD_MAX + 1 {
            let problem =
                format!("is one too many in shard \"{shard}\": it has room for {BOTS_OF_A_SHARD_MAX} bots");
            reader.blame(
                &format!("bot[{index}]"),
                Wrong::new(problem, "write shard = \"another\" from this bot on"),
            );
        }
        let account = config.account_of(bot);
        let (before, first) = shard_of.entry(account.clone()).or_insert((shard.clone(), index)).clone();
        if before != shard {
            let problem = format!(
                "is \"{shard}\", but bot[{first}] of the same account \"{account}\" is in \"{before}\""
            );
            let mend = "put all bots of an account into one shard: what it pays and owes is shared out among them there";
            reader.blame(&format!("bot[{index}].shard"), Wrong::new(problem, mend));
        }
    }
}

fn twins(config: &Config, reader: &mut Reader<'_>) {
    for (index, bot) in config.bot.iter().enumerate() {
        if bot.calm && matches!(bot.persona, PersonaName::Control(_)) {
            let problem = format!("is true, but {} is a control and feels nothing anyway", bot.persona);
            reader.blame(&format!("bot[{index}].calm"), Wrong::new(problem, "take the line away"));
        }
    }
}

fn money_needs_the_exchange(config: &Config, reader: &mut Reader<'_>) {
    if config.farm.mode == Mode::Paper || config.market.feed == Feed::Bitget {
        return;
    }
    let path = if reader.is_written("market.feed") { "market.feed" } else { "farm.mode" };
    let problem = match path {
        "market.feed" => format!("is \"{}\", but farm.mode is \"{}\"", config.market.feed, config.farm.mode),
        _ => format!("is \"{}\", but prices come from the {}", config.farm.mode, config.market.feed),
    };
    reader.blame(
        path,
        Wrong::new(problem, "orders at an exchange need its prices: write feed = \"bitget\" in [market]"),
    );
}

fn money_needs_keys(config: &Config, reader: &mut Reader<'_>) {
    if config.farm.mode == Mode::Paper {
        return;
    }
    if config.account.is_empty() {
        let mend = format!(
            "set {}, or add [[account]] with key, secret and passphrase",
            ACCOUNT_VARIABLES.join(", ")
        );
        reader.blame(
            "farm.mode",
            Wrong::new(format!("is \"{}\", and no account has keys", config.farm.mode), mend),
        );
    }
    for (index, account) in config.account.iter().enumerate() {
        let keys = [("key", &account.key), ("secret", &account.secret), ("passphrase", &account.passphrase)];
        for ((name, reference), variable) in keys.into_iter().zip(ACCOUNT_VARIABLES) {
            if reference.is_none() {
                let problem = format!("is missing, and farm.mode is \"{}\"", config.farm.mode);
                let from_variables = !reader.is_written("account");
                let mend = match from_variables {
                    true => format!("set {variable} as well"),
                    false => format!("write {name} = \"env:{variable}\", \"file:/path\" or \"secret:NAME\""),
                };
                let path =
                    if from_variables { "farm.mode".to_owned() } else { format!("account[{index}].{name}") };
                let problem = if from_variables {
                    format!("is \"{}\", and {variable} is not set", config.farm.mode)
                } else {
                    problem
                };
                reader.blame(&path, Wrong::new(problem, mend));
            }
        }
    }
}

fn replays(config: &Config, reader: &mut Reader<'_>) {
    let replay = &config.market.replay;
    if config.market.feed == Feed::Replay && replay.file.is_none() {
        let mend = "write file = \"bars.csv\" in [market.replay]";
        reader.blame("market.feed", Wrong::new("is \"replay\", and no file is named", mend));
    }
    if let (Some(from), Some(to)) = (replay.from, replay.to)
        && from >= to
    {
        reader.blame(
            "market.replay.to",
            Wrong::new("is not after market.replay.from", "swap the two, or leave one out"),
        );
    }
}

fn limits_in_order(config: &Config, reader: &mut Reader<'_>) {
    let risk = &config.risk;
    if let (Some(day), Some(fall)) = (risk.daily_loss_max_bps, risk.drawdown_max_bps)
        && day > fall
    {
        let problem = format!("is {day}, above drawdown_max_bps, {fall}: it would never be reached");
        let path = ["risk.daily_loss_max_bps", "risk.drawdown_max_bps"]
            .into_iter()
            .find(|path| reader.is_written(path));
        let path = path.unwrap_or("risk.daily_loss_max_bps");
        let problem = match path {
            "risk.drawdown_max_bps" => {
                format!("is {fall}, below daily_loss_max_bps, {day}, which would never be reached")
            }
            _ => problem,
        };
        reader.blame(path, Wrong::new(problem, "a day may lose at most what all days together may"));
    }
    let most = persona::profile::RISK_PER_TRADE_MAX_BPS;
    if let Some(from) = risk.approval_from_bps.filter(|from| *from > most) {
        let problem = format!("is {from}, and no trade risks more than {most}: nothing would ever wait");
        reader.blame("risk.approval_from_bps", Wrong::new(problem, format!("write 1 to {most}, or \"off\"")));
    }
    if risk.cool_down_lasts_minutes > risk.cool_down_within_minutes * 100 {
        let problem = format!(
            "is {}, more than a hundred times cool_down_within_minutes",
            risk.cool_down_lasts_minutes
        );
        reader
            .blame("risk.cool_down_lasts_minutes", Wrong::new(problem, "both are minutes: shorten the rest"));
    }
    if let Err(why) = risk.rules().check_bounds() {
        reader.blame("risk", Wrong::new(why.to_string(), "lower it"));
    }
}

fn redis(config: &Config, reader: &mut Reader<'_>) {
    let bus = &config.bus;
    if bus.kind == BusKind::Local && reader.is_written("bus.url") {
        reader.blame(
            "bus.url",
            Wrong::new("is given, but bus.kind is \"local\"", "write kind = \"redis\", or take the URL away"),
        );
    }
    if bus.url.is_some() && !bus.sentinel.hosts.is_empty() {
        reader.blame(
            "bus.sentinel.hosts",
            Wrong::new("are given beside bus.url", "keep one: the sentinels say where the master is"),
        );
    }
    let is_tls = bus.url.as_deref().is_some_and(|url| url.starts_with("rediss://"));
    if bus.tls_ca_file.is_some() && !is_tls {
        let mend = "write url = \"rediss://HOST:PORT\", with two s, for TLS";
        reader.blame("bus.tls_ca_file", Wrong::new("is given, but nothing is encrypted", mend));
    }
}

fn databases(config: &Config, reader: &mut Reader<'_>) {
    let history = &config.history;
    if history.kind == HistoryKind::Mongodb && history.url.is_none() {
        let mend = "set MONGODB_URL, or write url = \"env:NAME\" in [history]";
        reader.blame("history.kind", Wrong::new("is \"mongodb\", and no URL is named", mend));
    }
}

fn certificates(config: &Config, reader: &mut Reader<'_>) {
    let gateway = &config.gateway;
    let (path, missing) = match (&gateway.tls_cert_file, &gateway.tls_key_file) {
        (Some(_), None) => ("gateway.tls_cert_file", "tls_key_file"),
        (None, Some(_)) => ("gateway.tls_key_file", "tls_cert_file"),
        _ => return,
    };
    reader.blame(
        path,
        Wrong::new(format!("stands without {missing}"), format!("write {missing} as well, or neither")),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_repetition_names_the_first() {
        assert_eq!(repeated([Some(1), None, Some(2), Some(1), None, Some(1)].into_iter()), [(0, 3), (0, 5)]);
    }
}
