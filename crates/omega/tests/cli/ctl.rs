//! `omega ctl` as somebody meets it: without a farm, with the wrong token, with words that mean nothing; then steering one.

use crate::Sandbox;
use crate::farm::{Farm, omega_in};
use serde_json::Value;

#[test]
fn without_a_farm_it_says_how_to_have_one() {
    let sandbox = Sandbox::new();
    sandbox.write("token", "omega_abc\n");
    sandbox.write("empty", "\n");
    sandbox.write("broken.toml", "[gateway]\nlisten = \"nowhere\"\n");
    let nobody = format!("http://127.0.0.1:{}", rig::free_port());
    for (words, code, problem, mend) in [
        (&["ctl"][..], 2, "<COMMAND>", "omega ctl --help"),
        (&["ctl", "paus"], 2, "no command \"paus\"", "`omega ctl help` lists all commands"),
        (&["ctl", "pause"], 2, "`pause` needs `bot`", "omega ctl help"),
        (&["ctl", "pause", "a", "b"], 2, "pause", "omega ctl help"),
        (&["ctl", "allocate", "newbie_btc", "much"], 2, "much", "omega ctl help"),
        (&["ctl", "health"], 1, "omega-data/local.token", "start the farm with `omega run`"),
        (&["ctl", "--config", "broken.toml", "health"], 1, "nowhere", "omega config check"),
        (&["ctl", "--config", "no.toml", "health"], 1, "no.toml", "omega config example"),
        (&["ctl", "--token-file", "empty", "--url", &nobody, "health"], 1, "has no token", "put one in it"),
        (&["ctl", "--token-file", "token", "--url", "farm", "health"], 2, "--url farm", "http://HOST:PORT"),
        (&["ctl", "--token-file", "token", "--url", &nobody, "health"], 1, "does not answer", "omega run"),
    ] {
        let said = omega_in(&sandbox, &[], words);
        assert_eq!((said.code, said.out.as_str()), (code, ""), "{words:?}: {said:?}");
        let lines: Vec<&str> = said.err.lines().collect();
        assert!(
            lines.len() == 2 && lines[0].starts_with("error: ") && lines[1].starts_with("hint: "),
            "{said:?}"
        );
        assert!(lines[0].contains(problem) && said.err.contains(mend), "{words:?}: {said:?}");
    }
    let help = omega_in(&sandbox, &[], &["ctl", "help"]);
    assert!(help.code == 0 && help.out.contains("close_all") && help.out.contains("panic"), "{help:?}");
    let one = omega_in(&sandbox, &[], &["ctl", "help", "close", "--json"]).json();
    assert_eq!(one["state"], "answered");
    assert!(omega_in(&sandbox, &[], &["ctl", "help", "clse"]).err.contains("close"));
    assert!(!sandbox.path("omega-data").exists(), "who only asks makes nothing");
}

#[test]
fn a_farm_is_looked_at_and_steered() {
    let mut farm = Farm::start();
    let shown = farm.omega(&["ctl", "farm_status"]);
    assert!(shown.code == 0 && shown.err.is_empty() && shown.out.contains("holder_btc"), "{shown:?}");
    let nobody = farm.omega(&["ctl", "pause", "holder"]);
    assert_eq!((nobody.code, nobody.out.as_str()), (1, ""));
    assert!(nobody.err.contains("did you mean") || nobody.err.contains("holder_btc"), "{nobody:?}");
    assert_eq!(farm.omega(&["ctl", "pause", "newbie_btc"]).code, 0);
    farm.eventually("the newbie is paused", |farm| farm.status("newbie_btc") == "paused");
    // What is dangerous is shown, waits, and is done once it is confirmed.
    let waits = farm.omega(&["ctl", "resume", "newbie_btc"]);
    assert!(waits.code == 4 && waits.out.contains("resume newbie_btc"), "{waits:?}");
    let hint = waits.err.split('`').nth(1).expect("it says how to confirm").to_owned();
    assert_eq!(farm.status("newbie_btc"), "paused", "nothing was confirmed");
    let words: Vec<&str> = hint.split(' ').skip(1).collect();
    assert_eq!(farm.omega(&words).code, 0, "{hint}");
    farm.eventually("the newbie trades again", |farm| {
        !["paused", ""].contains(&farm.status("newbie_btc").as_str())
    });
    let again = farm.omega(&words);
    assert!(again.code == 1 && again.err.contains("hint: "), "confirmed once: {again:?}");
    let done: Value = farm.omega(&["ctl", "panic", "--yes", "--json"]).json();
    assert_eq!(done["state"], "done");
    farm.eventually("everybody has left", |farm| {
        let view = &farm.views()["shards"][0]["view"];
        view["flat_at"].is_i64()
            && view["bots"].as_array().is_some_and(|bots| bots.iter().all(|bot| bot["position"].is_null()))
    });
    let objected = farm.omega(&["ctl", "resume", "all", "--yes"]);
    let rearmed = farm.omega(&["ctl", "rearm", "--yes"]);
    assert!(objected.code != 0 || rearmed.code != 3, "{objected:?} {rearmed:?}");
    farm.stop();
}

#[test]
fn a_wrong_token_and_a_token_of_less_open_nothing() {
    let farm = Farm::start();
    farm.sandbox.write("wrong", "omega_aaaaaaaa_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
    for command in ["health", "panic"] {
        let said = farm.omega(&["ctl", "--token-file", "wrong", command]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
        assert!(
            said.err.contains("error: ") && said.err.contains("hint: ") && !said.err.contains("bbbb"),
            "{said:?}"
        );
    }
    assert!(farm.views()["shards"][0]["view"]["halted_at"].is_null());
    farm.stop();
}
