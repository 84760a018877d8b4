//! `omega exchange check` against the mock on the loopback: fit, unfit, locked out, absent; and no secret in any word.

use crate::{Said, Sandbox, omega};
use mock_bitget::{AccountSetup, Exchange, Generation, Permission, Setup};
use mock_server::{Clock, Server};
use model::PositionMode;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

const SECRET: &str = "s3cr3ts3cr3t";
const PHRASE: &str = "passw0rdpassw0rd";

fn server(change: impl FnOnce(&mut AccountSetup)) -> Server {
    let clock = Clock::new(1.0).unwrap();
    let mut account = AccountSetup::short(0, &format!("thekey:{SECRET}:{PHRASE}:1234.5")).unwrap();
    change(&mut account);
    let exchange =
        Exchange::generated(vec![mock_bitget::btcusdt()], Setup { accounts: vec![account] }, clock.now(), 7);
    Server::start(SocketAddr::from(([127, 0, 0, 1], 0)), exchange, clock).unwrap()
}

fn key_file(sandbox: &Sandbox, secret: &str) -> std::path::PathBuf {
    let text = format!(
        "EXCHANGE_API_KEY=thekey\nexport EXCHANGE_API_SECRET=\"{secret}\"\nEXCHANGE_API_PASSPHRASE = {PHRASE}\n"
    );
    sandbox.write("key.env", text)
}

fn check(url: &str, file: &Path, more: &[&str]) -> Said {
    let mut words: Vec<&dyn AsRef<std::ffi::OsStr>> =
        vec![&"exchange", &"check", &"--url", &url, &"--key-file", &file];
    more.iter().for_each(|word| words.push(word));
    let said = omega(&words);
    for text in [&said.out, &said.err] {
        assert!(!text.contains(SECRET) && !text.contains(PHRASE) && !text.contains("thekey"), "{text}");
    }
    said
}

#[test]
fn an_account_that_fits() {
    for (generation, name) in [(Generation::V2, "classic (V2)"), (Generation::V3, "unified (V3)")] {
        let server =
            server(|account| (account.generation, account.position) = (generation, PositionMode::Hedge));
        let sandbox = Sandbox::new();
        let file = key_file(&sandbox, SECRET);
        let url = server.urls().rest;
        let json = check(&url, &file, &["--json", "--position-mode", "hedge", "--leverage", "10"]).json();
        assert_eq!(json["may_trade"], true, "{json}");
        assert_eq!((json["account"].as_str(), json["position_mode"].as_str()), (Some(name), Some("hedge")));
        assert_eq!(
            (json["leverage_long"].as_i64(), json["bound_to_addresses"].as_bool()),
            (Some(10), Some(true))
        );
        assert_eq!(json["wallet_usdt"].to_string(), "1234.5");
        assert!(json["clock_ahead_ms"].as_i64().unwrap().abs() < 2_000, "{json}");
        let said = check(&url, &file, &[]);
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(said.out.contains("the farm may trade this account"), "{}", said.out);
    }
}

#[test]
fn an_account_that_does_not_says_what_to_change() {
    let server = server(|account| account.keys[0].permissions.push(Permission::Withdraw));
    let sandbox = Sandbox::new();
    let file = key_file(&sandbox, SECRET);
    let said = check(&server.urls().rest, &file, &["--position-mode", "hedge", "--leverage", "3"]);
    assert_eq!(said.code, 1, "{}", said.out);
    for words in ["position mode is one-way", "leverage of longs", "leverage of shorts", "can withdraw money"]
    {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
    assert!(said.err.contains("4 things must change") && said.err.contains("hint: first, "), "{}", said.err);
}

#[test]
fn who_is_not_let_in_or_hears_nothing_is_told_why() {
    let server = server(|_| {});
    let sandbox = Sandbox::new();
    let url = server.urls().rest;
    let wrong = check(&url, &key_file(&sandbox, "wrong"), &[]);
    assert_eq!((wrong.code, wrong.out.as_str()), (1, ""));
    assert!(
        wrong.err.contains("does not let this key in") && wrong.err.contains("passphrase"),
        "{}",
        wrong.err
    );
    let file = key_file(&sandbox, SECRET);
    let demo = check(&url, &file, &["--demo"]);
    assert!(demo.code == 1 && demo.err.contains("demo keys belong to the demo"), "{}", demo.err);
    let unlisted = check(&url, &file, &["--symbol", "NOPEUSDT"]);
    assert!(unlisted.code == 1 && unlisted.err.contains("NOPEUSDT is not traded"), "{}", unlisted.err);
    // A port that was free a moment ago.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let absent = check(&format!("http://{nobody}"), &file, &["--patience", "1"]);
    assert!(absent.code == 1 && absent.err.contains("does not take connections"), "{}", absent.err);
}

#[test]
fn what_is_missing_or_misspelt_is_named() {
    let sandbox = Sandbox::new();
    let file = key_file(&sandbox, SECRET);
    let spelt = check("127.0.0.1:80", &file, &[]);
    assert!(
        spelt.code == 2 && spelt.err.contains("does not begin with https:// or http://"),
        "{}",
        spelt.err
    );
    let empty = sandbox.write("empty.env", "");
    let missing = check("http://127.0.0.1:9", &empty, &[]);
    assert!(missing.code == 1 && missing.err.contains("EXCHANGE_API_KEY is not set"), "{}", missing.err);
    let both = omega(&[&"exchange", &"check", &"--url", &"http://a", &"--rest", &"http://b"]);
    assert_eq!(both.code, 2);
}
