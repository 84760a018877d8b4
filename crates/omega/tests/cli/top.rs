//! `omega top`: one picture as text, the document, and the live view on a terminal with its keys.

use crate::Sandbox;
use crate::farm::{Farm, omega_in};
use crate::show::OnTerminal;
use std::time::{Duration, Instant};

#[test]
fn without_a_farm_it_is_one_sentence_and_the_mend() {
    let sandbox = Sandbox::new();
    sandbox.write("token", "omega_abc\n");
    let nobody = format!("http://127.0.0.1:{}", rig::free_port());
    for (words, mend) in [
        (&["top", "--once"][..], "start the farm with `omega run`"),
        (&["top", "--once", "--token-file", "token", "--url", &nobody], "start it with `omega run`"),
        (&["top", "--json", "--token-file", "token", "--url", &nobody], "start it with `omega run`"),
        (&["top", "--url", "ftp://farm", "--token-file", "token"], "http://HOST:PORT"),
    ] {
        let said = omega_in(&sandbox, &[], words);
        assert!(said.code > 0 && said.out.is_empty() && said.err.lines().count() == 2, "{words:?}: {said:?}");
        assert!(said.err.contains(mend), "{words:?}: {said:?}");
    }
}

#[test]
fn one_picture_is_text_and_the_document_is_whole() {
    let farm = Farm::start();
    // Piped, it is a picture without being asked.
    for words in [&["top", "--once"][..], &["top"]] {
        let said = farm.omega(words);
        assert!(said.code == 0 && said.err.is_empty(), "{said:?}");
        for word in
            ["holder_btc", "newbie_btc", "paper", "all well", "kill switch off", "realised", "decisions"]
        {
            assert!(said.out.contains(word), "{word} is missing:\n{}", said.out);
        }
        assert!(!said.out.contains('\x1b'), "no colour in a pipe");
        assert!(said.out.lines().all(|line| line.chars().count() <= 100), "{}", said.out);
    }
    let document = farm.omega(&["top", "--json"]).json();
    assert_eq!(document["ready"]["state"], "ready");
    assert_eq!(document["shards"][0]["view"]["bots"].as_array().map(Vec::len), Some(2));
    assert_eq!(document["shards"][0]["stale"], false);
    assert_eq!(farm.omega(&["ctl", "panic", "--yes"]).code, 0);
    let begun = Instant::now();
    while !farm.omega(&["top", "--once"]).out.contains("KILL SWITCH in main since") {
        assert!(begun.elapsed() < Duration::from_secs(20), "the kill switch is not shown");
        std::thread::sleep(Duration::from_millis(200));
    }
    farm.sandbox.write("wrong", "omega_aaaaaaaa_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
    let refused = farm.omega(&["top", "--once", "--token-file", "wrong"]);
    assert!(
        refused.code == 1 && refused.err.contains("token") && refused.err.contains("hint: "),
        "{refused:?}"
    );
    farm.stop();
}

#[test]
fn two_keys_do_what_one_key_does_not() {
    let mut farm = Farm::start();
    let line = format!("stty rows 24 cols 80; {} top; echo CODE=$?", env!("CARGO_BIN_EXE_omega"));
    let Some(mut terminal) = OnTerminal::of(&farm.sandbox, &line) else { return };
    terminal.wait_for("newbie_btc");
    terminal.press("p");
    std::thread::sleep(Duration::from_millis(800));
    assert_ne!(farm.status("newbie_btc"), "paused", "one key does nothing");
    terminal.press("y");
    farm.eventually("everybody is paused", |farm| farm.status("newbie_btc") == "paused");
    // Shown by the gateway; any other key takes it back.
    terminal.press("r");
    std::thread::sleep(Duration::from_millis(1_500));
    terminal.press("n");
    std::thread::sleep(Duration::from_millis(800));
    assert_eq!(farm.status("newbie_btc"), "paused", "it was taken back");
    terminal.press("r");
    farm.eventually("everybody trades again", |farm| {
        // A key that comes before the question is nothing.
        terminal.press("y");
        terminal.listen();
        !["paused", ""].contains(&farm.status("newbie_btc").as_str())
    });
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    assert!(terminal.text().contains("CODE=0"), "{}", terminal.text());
    farm.stop();
}

#[test]
fn a_farm_that_goes_away_and_comes_back_is_told_of_and_seen_again() {
    let farm = Farm::start();
    let line = format!("stty rows 24 cols 100; {} top; echo CODE=$?", env!("CARGO_BIN_EXE_omega"));
    let Some(mut terminal) = OnTerminal::of(&farm.sandbox, &line) else { return };
    terminal.wait_for("newbie_btc");
    let (port, configuration) =
        (farm.port, std::fs::read_to_string(farm.sandbox.path("omega.toml")).unwrap());
    let (sandbox, _) = farm.stop();
    terminal.wait_for("GATEWAY");
    let farm = Farm::of(sandbox, port, &configuration, &[]);
    let from = terminal.text().len();
    terminal.wait_for_after(from, "all well");
    terminal.press("\x03");
    assert_eq!(terminal.end(), 0);
    farm.stop();
}
