//! What a configuration means: defaults, variables, plans, reloads; and that no text breaks the reader.

#![allow(clippy::unwrap_used, reason = "a test that fails should stop and say so")]

use config::{
    BusKind, Config, Environment, HistoryKind, Mode, Reference, Reload, Stop, Times, example, json_schema,
    schema, specs,
};
use model::{AccountId, BotId, Usd};
use proptest::prelude::*;

fn environment(pairs: &[(&str, &str)]) -> Environment {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn read(text: &str) -> Config {
    read_with(text, &[])
}

fn read_with(text: &str, pairs: &[(&str, &str)]) -> Config {
    Config::read(text, &environment(pairs)).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

#[test]
fn nothing_is_six_personas_on_paper_on_a_made_market() {
    let config = read("");
    let plan = config.plan();
    assert_eq!((config.farm.mode, plan.shards.len()), (Mode::Paper, 1));
    let names: Vec<(u16, &str)> =
        plan.shards[0].bots.iter().map(|bot| (bot.number.0, bot.name.as_str())).collect();
    let all =
        [(1, "strategic"), (2, "aggressive"), (3, "scalper"), (4, "newbie"), (5, "fibonacci"), (6, "cosmic")];
    assert_eq!(names, all);
    assert_eq!(plan.shards[0].accounts.len(), 6, "each has an account of its own");
    assert!(plan.shards[0].bots.iter().all(|bot| bot.capital == Usd(10_000_000_000)));
    assert_eq!(config.risk.rules(), risk::Rules::TRADING);
    assert_eq!((config.bus.kind(), config.history.kind()), (BusKind::Local, HistoryKind::Sqlite));
}

#[test]
fn the_example_says_what_nothing_means() {
    let example = example();
    assert_eq!(read(&example), read(""));
    // With its comments taken away it still is a configuration: every example of a value is one.
    let values = example.lines().map(|line| match line.strip_prefix('#') {
        Some(value) if !value.starts_with(' ') => value,
        _ => line,
    });
    let all = values.collect::<Vec<_>>().join("\n").replace("\nurl = \"redis", "\n#");
    let all = all.replace("\ntls_ca_file", "\n#").replace("\nshard", "\n#");
    let config = read(&all);
    assert_eq!((config.bot.len(), config.account.len()), (1, 1));
    for spec in specs() {
        assert!(example.contains(&spec.header()), "{} is not in the example", spec.path);
    }
}

#[test]
fn every_key_is_documented_once_and_says_all() {
    let schema = schema();
    for spec in specs() {
        assert!(!spec.about.is_empty());
        for key in &spec.keys {
            assert!(
                key.about.ends_with('.') || key.about.ends_with(')'),
                "{}.{}: {}",
                spec.path,
                key.name,
                key.about
            );
            assert!(schema.contains(&key.about), "{}.{}", spec.path, key.name);
            assert!(!key.says.takes.is_empty());
        }
    }
    for variable in [
        "REDIS_HOST",
        "EXCHANGE_API_KEY",
        "EXCHANGE_API_SECRET",
        "EXCHANGE_API_PASSPHRASE",
        "DISCORD_TOKEN",
        "INITIAL_CAPITAL",
        "RISK_TOLERANCE",
        "OMEGA_MARKET_GENERATOR_SPEED",
        "OMEGA_FARM_MODE",
    ] {
        assert!(schema.contains(variable), "{variable}");
    }
    let json: serde_json::Value = serde_json::from_str(&json_schema()).unwrap();
    let leverage = &json["properties"]["account"]["items"]["properties"]["leverage"];
    assert_eq!(
        (&leverage["minimum"], &leverage["maximum"], &leverage["default"]),
        (&1.into(), &125.into(), &10.into())
    );
    let speed = &json["properties"]["market"]["properties"]["generator"]["properties"]["speed"];
    assert_eq!(speed["x-variables"][0], "OMEGA_MARKET_GENERATOR_SPEED");
}

#[test]
fn the_leverage_of_an_account_of_variables_is_the_tables() {
    let keys = [("EXCHANGE_API_KEY", "a"), ("EXCHANGE_API_SECRET", "b"), ("EXCHANGE_API_PASSPHRASE", "c")];
    let money = "[farm]\nmode = \"demo\"\n[market]\nfeed = \"bitget\"\n";
    let config = read_with(money, &keys);
    let written = read_with(
        &format!(
            "{money}[[account]]\nname = \"main\"\nkey = \"env:EXCHANGE_API_KEY\"\nsecret = \"env:EXCHANGE_API_SECRET\"\npassphrase = \"env:EXCHANGE_API_PASSPHRASE\"\n"
        ),
        &[],
    );
    assert_eq!(config.account, written.account);
    let plan = config.plan();
    assert_eq!((plan.shards[0].bots.len(), plan.shards[0].accounts.len()), (6, 1), "six bots share it");
    assert_eq!(
        plan.shards[0].accounts[0].keys.as_ref().unwrap().secret,
        Reference::Environment("EXCHANGE_API_SECRET".to_owned())
    );
}

#[test]
fn variables_go_before_the_file_and_ours_before_theirs() {
    let text = "[farm]\ncapital_usdt = 1\n";
    assert!(Config::read(text, &Environment::new()).is_err(), "too little");
    let config = read_with(text, &[("INITIAL_CAPITAL", "2500.50"), ("RISK_TOLERANCE", "low")]);
    assert_eq!(config.farm.capital_usdt, Usd(2_500_500_000));
    assert_eq!(config.farm.risk_tolerance.to_string(), "low");
    let both = [("INITIAL_CAPITAL", "2500"), ("OMEGA_FARM_CAPITAL_USDT", "3000")];
    assert_eq!(read_with(text, &both).farm.capital_usdt, Usd(3_000_000_000));
    assert_eq!(
        read_with("", &[("INITIAL_CAPITAL", "")]).farm.capital_usdt,
        Usd(10_000_000_000),
        "empty is unset"
    );
    let lists =
        [("OMEGA_ACCESS_TOTP_REQUIRED_ROLES", "admin, operator"), ("OMEGA_TELEMETRY_METRICS", "false")];
    let config = read_with("", &lists);
    assert_eq!((config.access.totp_required_roles.len(), config.telemetry.metrics), (2, false));
}

#[test]
fn what_kubernetes_sets_by_itself_does_no_harm() {
    let set = [
        ("REDIS_PORT", "tcp://10.0.0.7:6380"),
        ("REDIS_HOST", "redis"),
        ("OMEGA_GATEWAY_SERVICE_HOST", "10.0.0.8"),
        ("OMEGA_GATEWAY_PORT", "tcp://10.0.0.8:8080"),
        ("OMEGA_GATEWAY_PORT_8080_TCP_ADDR", "10.0.0.8"),
        ("OMEGA_SECRETS_KEY", "hunter2"),
        ("OMEGA_TEST_DATA", "/x"),
        ("REDIS_PASSWORD", "hunter2"),
        ("MONGODB_URL", "mongodb://u:hunter2@m"),
    ];
    let config = read_with("", &set);
    assert_eq!((config.bus.kind(), config.bus.address().as_str()), (BusKind::Redis, "redis://redis:6380"));
    assert_eq!(config.bus.password, Some(Reference::Environment("REDIS_PASSWORD".to_owned())));
    assert_eq!(config.history.kind(), HistoryKind::Mongodb);
    assert!(!format!("{config:?}{}", config.summary()).contains("hunter2"));
}

const SHARED: &str = "[[account]]\nname = \"deep\"\n[[account]]\nname = \"alone\"\nposition_mode = \"one_way\"\n\
    [[bot]]\nname = \"a\"\npersona = \"strategic\"\naccount = \"deep\"\n\
    [[bot]]\nname = \"b\"\npersona = \"scalper\"\naccount = \"deep\"\nnumber = 1\n\
    [[bot]]\nname = \"c\"\npersona = \"mine.toml\"\naccount = \"alone\"\ncalm = true\ncapital_usdt = 77.5\n\
    [[bot]]\nname = \"d\"\npersona = \"buy_hold\"\n";

#[test]
fn a_plan_leaves_nothing_open() {
    let config = read(&format!("[farm]\nshards = \"by_account\"\n{SHARED}"));
    let plan = config.plan();
    let shards: Vec<(&str, Vec<u16>, Vec<u16>)> = plan
        .shards
        .iter()
        .map(|shard| {
            let bots = shard.bots.iter().map(|bot| bot.number.0).collect();
            (shard.name.as_str(), bots, shard.accounts.iter().map(|account| account.number.0).collect())
        })
        .collect();
    // Written numbers are kept, and the lowest free ones go to the others in the order of the file.
    let want = [("deep", vec![1, 2], vec![1]), ("alone", vec![3], vec![2]), ("d", vec![4], vec![10_004])];
    assert_eq!(shards, want);
    let calm = &plan.shards[1].bots[0];
    assert_eq!(
        (calm.number, calm.capital, calm.calm, calm.account),
        (BotId(3), Usd(77_500_000), true, AccountId(2))
    );
    assert_eq!(plan.shards[0].bots[1].name, "a");
}

#[test]
fn a_reload_says_what_needs_a_restart() {
    let old = read(SHARED);
    assert!(old.changes(&old).is_empty());
    let new = read(&format!(
        "[telemetry]\nlog = \"debug\"\n[farm]\nstop = \"close\"\nseed = 2\n[bus]\nhost = \"r\"\n{SHARED}"
    ));
    let changes = old.changes(&new);
    let paths =
        |changes: &[config::Change]| changes.iter().map(|change| change.path.clone()).collect::<Vec<_>>();
    assert_eq!(paths(&changes.live), ["farm.stop", "telemetry.log"]);
    assert_eq!(paths(&changes.restart), ["bus.host", "farm.seed"]);
    assert_eq!((changes.restart[0].from.as_deref(), changes.restart[0].to.as_deref()), (None, Some("\"r\"")));
    assert_eq!(new.farm.stop, Stop::Close);
    let fewer = read(SHARED.rsplit_once("[[bot]]").unwrap().0);
    assert!(paths(&old.changes(&fewer).restart).contains(&"bot[3].name".to_owned()));
    let stops = specs().into_iter().flat_map(|spec| spec.keys).find(|key| key.name == "stop");
    assert_eq!(stops.map(|key| key.reload), Some(Reload::Live), "the table says so");
}

#[test]
fn what_is_written_reads_back() {
    // Every value, written as the summary shows it, is the same configuration.
    let config = read(&format!(
        "[farm]\nseed = 9\nrisk_tolerance = \"high\"\n[market.replay]\nfrom = 2024-01-31T06:00:00Z\nto = \"2024-02-01\"\n[risk]\ndaily_loss_max_bps = \"off\"\n{SHARED}"
    ));
    let mut text = String::new();
    for entry in config.entries() {
        let Some(value) = entry.value else { continue };
        if !entry.path.contains('[') {
            text.push_str(&format!("{} = {value}\n", entry.path));
        }
    }
    for (name, count) in [("account", config.account.len()), ("bot", config.bot.len())] {
        for index in 0..count {
            text.push_str(&format!("[[{name}]]\n"));
            let prefix = format!("{name}[{index}].");
            for entry in config.entries() {
                if let (Some(key), Some(value)) = (entry.path.strip_prefix(&prefix), entry.value) {
                    text.push_str(&format!("{key} = {value}\n"));
                }
            }
        }
    }
    assert_eq!(read(&text), config);
    assert!(config.summary().contains("daily_loss_max_bps = \"off\"") && config.summary().contains("77.5"));
}

#[test]
fn lists_have_no_variables_by_rule() {
    for spec in specs().into_iter().filter(|spec| spec.times == Times::Many) {
        assert!(spec.keys.iter().all(|key| key.variables.is_empty()), "{}: its places move", spec.path);
    }
    assert_eq!(
        read_with("[[bot]]\nname = \"a\"\npersona = \"scalper\"\n", &[("OMEGA_BOT", "x")]).bot.len(),
        1
    );
}

/// A valid text with some bytes changed, cut or doubled.
fn mutated() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), 0_u8..4, any::<char>(), 1_usize..40);
    let seed = prop_oneof![Just(example()), Just(example().replace("\n#", "\n")), Just(SHARED.to_owned())];
    (seed, prop::collection::vec(change, 1..12)).prop_map(|(text, changes)| {
        let mut letters: Vec<char> = text.chars().collect();
        for (at, kind, letter, count) in changes {
            if letters.is_empty() {
                break;
            }
            let at = at.index(letters.len());
            let end = (at + count).min(letters.len());
            match kind {
                0 => letters[at] = letter,
                1 => letters.insert(at, letter),
                2 => drop(letters.drain(at..end)),
                _ => {
                    let copy = letters[at..end].to_vec();
                    letters.splice(at..at, copy);
                }
            }
        }
        letters.into_iter().collect()
    })
}

fn survives(text: &str, environment: &Environment) {
    match Config::read(text, environment) {
        Ok(config) => {
            assert!(!config.plan().shards.is_empty() && !config.summary().is_empty());
            assert!(config.changes(&config).is_empty());
        }
        Err(faults) => {
            assert!(!faults.is_empty());
            for fault in faults {
                assert!(!fault.mend.is_empty() && fault.shown("omega.toml").starts_with("error: "));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        survives(&String::from_utf8_lossy(&bytes), &Environment::new());
    }

    #[test]
    fn no_mutated_file_breaks_the_reader(text in mutated()) {
        survives(&text, &Environment::new());
    }

    #[test]
    fn no_variable_breaks_the_reader(value in "\\PC{0,40}", which in 0_usize..6) {
        let names = ["OMEGA_FARM_MODE", "INITIAL_CAPITAL", "REDIS_PORT", "OMEGA_RISK_DAILY_LOSS_MAX_BPS", "REDIS_URL", "OMEGA_FARM_XYZ"];
        survives("", &environment(&[(names[which], &value)]));
    }
}
