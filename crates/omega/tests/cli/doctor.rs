//! `omega doctor`: nothing wrong, one thing after another made wrong, and each with its figure and its mend. Nothing reaches
//! beyond this machine.

use crate::farm::{BOTS, Farm, configuration, omega_in};
use crate::{Said, Sandbox};
use rig::{free_port, is_there};
use serde_json::Value;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

fn document(said: &Said) -> Value {
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"))
}

/// What was found of something: the verdict, and figure and mend in one text.
fn of(document: &Value, what: &str) -> (String, String) {
    let checks = document["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["what"] == what);
    let found = found.unwrap_or_else(|| panic!("{what} was not looked at: {document}"));
    let text = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
    assert_eq!(found["advice"].is_null(), found["ok"] == true, "what is not ok has a mend: {found}");
    (text("verdict"), format!("{} -> {}", text("found"), text("advice")))
}

fn look(sandbox: &Sandbox, variables: &[(&str, &str)]) -> (i32, Value) {
    let said = omega_in(sandbox, variables, &["doctor", "--offline", "--json"]);
    (said.code, document(&said))
}

#[test]
fn a_machine_without_any_file_is_fit() {
    let sandbox = Sandbox::new();
    let begun = Instant::now();
    let said = omega_in(&sandbox, &[], &["doctor", "--offline"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(begun.elapsed() < Duration::from_secs(10), "each check has a limit");
    for what in [
        "disk",
        "file system",
        "safe writes",
        "directory",
        "journal main",
        "history",
        "gateway",
        "Redis",
        "exchange",
        "clock",
    ] {
        assert!(said.out.contains(what), "{what} was not looked at:\n{}", said.out);
    }
    assert!(said.out.lines().all(|line| line.chars().count() <= 100), "{}", said.out);
    assert!(sandbox.names().is_empty(), "nothing was made: {:?}", sandbox.names());
}

#[test]
fn each_thing_that_is_wrong_has_its_figure_and_its_mend() {
    let sandbox = Sandbox::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    sandbox.write("omega.toml", configuration(port, ""));
    std::fs::create_dir(sandbox.path("data")).unwrap();
    sandbox.write("data/local.token", "omega_x");
    std::fs::set_permissions(sandbox.path("data/local.token"), PermissionsExt::from_mode(0o644)).unwrap();
    sandbox.write("data/main.omega", "no journal at all, but long enough to be one");
    sandbox.write("data/history.sqlite", "no database");
    let (code, found) = look(&sandbox, &[]);
    assert_eq!((code, found["verdict"].as_str()), (1, Some("broken")));
    for (what, words) in [
        ("private files", vec!["data/local.token", "chmod o-rwx"]),
        ("journal main", vec!["main.omega", "docs/journal.md"]),
        ("history", vec!["history.sqlite"]),
        ("gateway", vec!["no farm of ours", "gateway.listen"]),
    ] {
        let (verdict, text) = of(&found, what);
        assert_eq!(verdict, "broken", "{what}: {text}");
        assert!(words.iter().all(|word| text.contains(word)), "{what}: {text}");
    }
    let said = omega_in(&sandbox, &[], &["doctor", "--offline"]);
    assert!(said.code == 1 && said.err.contains("broken: ") && said.err.contains("hint: "), "{said:?}");
    sandbox.write("omega.toml", "[farm]\nmode = \"papre\"\n");
    let (code, found) = look(&sandbox, &[]);
    let (verdict, text) = of(&found, "configuration");
    assert!(code == 1 && verdict == "broken" && text.contains("omega config check"), "{text}");
    let missing = omega_in(&sandbox, &[], &["doctor", "--config", "no.toml"]);
    assert!(missing.code == 1 && missing.err.contains("no.toml"), "{missing:?}");
}

#[test]
fn keys_that_are_missing_or_wrong_are_told_without_them() {
    let sandbox = Sandbox::new();
    let more = "[journal]\nencryption_key = \"env:JOURNAL_KEY\"\n";
    sandbox.write("omega.toml", configuration(free_port(), more));
    let (verdict, text) = of(&look(&sandbox, &[]).1, "journal");
    assert!(verdict == "broken" && text.contains("JOURNAL_KEY"), "{text}");
    let (code, found) = look(&sandbox, &[("JOURNAL_KEY", "planted-and-no-key")]);
    assert!(
        code == 1 && of(&found, "journal").0 == "broken" && !found.to_string().contains("planted"),
        "{found}"
    );
}

#[test]
fn a_farm_that_runs_is_recognised() {
    let farm = Farm::start();
    let said = farm.omega(&["doctor", "--offline", "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let found = document(&said);
    assert!(of(&found, "gateway").1.contains("a farm of ours answers"), "{found}");
    assert!(of(&found, "journal main").1.contains("frames in one segment"), "{found}");
    assert_eq!(of(&found, "history").0, "ok");
    farm.stop();
}

#[test]
fn a_redis_is_looked_through() {
    if !is_there("redis-server") {
        return;
    }
    let sandbox = Sandbox::new();
    let redis = |port: u16, more: &str| {
        let bus = format!("[bus]\nhost = \"127.0.0.1\"\nport = {port}\n{more}");
        sandbox.write("omega.toml", configuration(free_port(), &format!("{bus}{BOTS}")));
    };
    redis(free_port(), "");
    let (verdict, text) = of(&look(&sandbox, &[]).1, "Redis");
    assert!(
        verdict == "broken" && text.contains("no connection to redis") && text.contains("start it"),
        "{text}"
    );
    let good = rig::redis::Server::start(&[]);
    redis(good.port, "");
    let (code, found) = look(&sandbox, &[]);
    assert_eq!(code, 0, "{found}");
    for what in ["Redis", "Redis' memory", "Redis' log", "Redis' user", "clock of Redis"] {
        assert_eq!(of(&found, what).0, "ok", "{found}");
    }
    let acl = sandbox.write("users.acl", "user bus on >hunter2hunter2 ~omega:* -@all +ping +time +info +eval +evalsha +script|load +select +auth +xlen\nuser default off\n");
    let bad = rig::redis::Server::start(&[
        "--aclfile",
        acl.to_str().unwrap(),
        "--maxmemory-policy",
        "allkeys-lru",
        "--appendonly",
        "no",
    ]);
    redis(bad.port, "user = \"bus\"\npassword = \"env:PASSWORD_OF_REDIS\"\n");
    let (code, found) = look(&sandbox, &[("PASSWORD_OF_REDIS", "hunter2hunter2")]);
    assert_eq!(code, 1);
    for (what, verdict, words) in [
        ("Redis' memory", "broken", vec!["allkeys-lru", "noeviction"]),
        ("Redis' log", "warning", vec!["appendonly yes"]),
        ("Redis' user", "broken", vec!["XADD", "XREADGROUP", "docs/bus.md"]),
    ] {
        let (is, text) = of(&found, what);
        assert!(is == verdict && words.iter().all(|word| text.contains(word)), "{what} {is}: {text}");
    }
    assert!(!of(&found, "Redis' user").1.contains("XLEN"), "what it may give is not named");
    let (code, found) = look(&sandbox, &[("PASSWORD_OF_REDIS", "wrongwrongwrong")]);
    let (verdict, text) = of(&found, "Redis");
    assert!(code == 1 && verdict == "broken" && text.contains("refuses this user"), "{text}");
    assert!(!found.to_string().contains("wrongwrong"), "{found}");
    let (_, found) = look(&sandbox, &[]);
    assert!(of(&found, "Redis").1.contains("PASSWORD_OF_REDIS"), "{found}");
}

#[test]
fn an_exchange_is_reached_or_left_out() {
    let sandbox = Sandbox::new();
    let at = |rest: &str, socket: &str| {
        let more = format!(
            "[market]\nfeed = \"bitget\"\n[market.bitget]\nrest_url = \"{rest}\"\nws_url = \"{socket}\"\n"
        );
        let text = configuration(free_port(), "")
            .replace("[market]\nwarm_up_bars = 60\n[market.generator]\nspeed = 120\n", "");
        sandbox.write("omega.toml", format!("{text}{more}"));
    };
    at("https://exchange.example", "wss://exchange.example");
    let (code, found) = look(&sandbox, &[]);
    assert_eq!(code, 0, "{found}");
    assert!(of(&found, "exchange requests").1.contains("left out"), "{found}");
    let clock = mock_server::Clock::new(1.0).unwrap();
    let exchange = mock_bitget::Exchange::generated(
        vec![mock_bitget::btcusdt()],
        mock_bitget::Setup { accounts: Vec::new() },
        clock.now(),
        7,
    );
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let server = mock_server::Server::start(address, exchange, clock).unwrap();
    let rest = server.urls().rest;
    let socket = rest.replace("http://", "ws://");
    at(&rest, &socket);
    let (code, found) = look(&sandbox, &[]);
    assert_eq!(code, 0, "{found}");
    assert!(of(&found, "exchange requests").1.contains("answers in"), "{found}");
    assert!(of(&found, "exchange sockets").1.contains("opens one in"), "{found}");
    assert_eq!(of(&found, "clock of the exchange").0, "ok");
    // A port where nobody listens, and one where somebody listens and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let deaf = format!("127.0.0.1:{}", silent.local_addr().unwrap().port());
    at(&format!("http://127.0.0.1:{}", free_port()), &format!("ws://{deaf}"));
    let begun = Instant::now();
    let (code, found) = look(&sandbox, &[]);
    assert!(begun.elapsed() < Duration::from_secs(15), "it waits no longer than it says");
    assert_eq!(code, 1);
    for what in ["exchange requests", "exchange sockets"] {
        let (verdict, text) = of(&found, what);
        assert!(verdict == "broken" && text.contains("market.bitget.rest_url"), "{what}: {text}");
    }
}
