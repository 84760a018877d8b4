//! `omega access`, `omega token` and `omega audit` on the files of a farm: what a newcomer does wrong first, then people made,
//! changed and removed, and the record of it.

use crate::Sandbox;
use crate::farm::{BOTS, Farm, configuration, omega_in};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

#[test]
fn what_a_newcomer_does_wrong_says_what_to_do_and_makes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("broken.toml", "[farm]\nname = 3\n");
    for (words, code, problem, mend) in [
        (&["access", "list"][..], 1, "nobody may come in at a farm in omega-data yet", "omega access init"),
        (&["access", "list", "--data", "nowhere"], 1, "nowhere", "give --data"),
        (&["access", "add", "--name", "carl", "--role", "admin"], 1, "omega-data", "omega access init"),
        (&["access", "add", "--name", "carl", "--role", "boss"], 2, "boss", "omega access add --help"),
        (&["access", "remove", "carl"], 2, "carl", "omega access remove --help"),
        (&["access", "list", "--config", "broken.toml"], 1, "broken.toml", "omega config check"),
        (&["access", "list", "--config", "no.toml"], 1, "no.toml", "omega config example"),
        (&["token", "issue", "1"], 1, "omega-data", "omega access init"),
        (&["token", "issue", "1", "--days", "0"], 2, "0", "omega token issue --help"),
        (&["token", "revoke", "one"], 2, "one", "omega token revoke --help"),
        (&["audit", "verify"], 1, "there is no omega-data/audit.log", "--data"),
        (&["audit", "verify", "file.log", "--farm", "a"], 1, "there is no file.log", "name the file"),
        (&["audit", "verify", "--head", "7"], 2, "--head 7 is no head", "omega audit verify"),
    ] {
        let said = omega_in(&sandbox, &[], words);
        assert_eq!((said.code, said.out.as_str()), (code, ""), "{words:?}: {said:?}");
        assert_eq!(said.err.lines().count(), 2, "{words:?}: {said:?}");
        assert!(said.err.contains(problem) && said.err.contains(mend), "{words:?}: {said:?}");
        assert!(!said.err.contains("--url"), "these commands work on files: {said:?}");
    }
    assert_eq!(sandbox.names(), ["broken.toml"]);
}

#[test]
fn people_are_made_changed_and_removed_and_all_of_it_is_written_down() {
    let sandbox = Sandbox::new();
    sandbox.write("omega.toml", configuration(rig::free_port(), ""));
    let omega = |words: &[&str]| omega_in(&sandbox, &[], words);
    let first = omega(&["access", "init", "--name", "ann"]);
    let token = first.out.trim().to_owned();
    assert!(first.code == 0 && token.starts_with("omega_") && !first.err.contains(&token), "{first:?}");
    let again = omega(&["access", "init"]);
    assert!(again.code == 1 && again.err.contains("omega access list"), "{again:?}");
    let carl = ["--name", "carl", "--role", "operator", "--bot", "newbie_btc", "--size-max", "100"];
    let added = omega(&[&["access", "add"][..], &carl].concat());
    let number = added.out.trim().rsplit(' ').next().unwrap_or_default().to_owned();
    assert!(added.code == 0 && added.out.starts_with("carl is number"), "{added:?}");
    for (words, problem) in [
        (&["access", "add", "--name", "carl", "--role", "viewer"][..], "already has that name"),
        (&["access", "add", "--name", "", "--role", "viewer"], "name"),
        (&["access", "add", "--name", "dan", "--role", "viewer", "--size-max", "1.1234567"], "1.1234567"),
        (&["access", "role", "77", "viewer"], "no such identity"),
        (&["access", "remove", "1"], "admin"),
        (&["token", "issue", "77"], "no such identity"),
        (&["token", "revoke", "77"], "no such token"),
    ] {
        let said = omega(words);
        assert!(said.code != 0 && said.out.is_empty() && said.err.contains("hint: "), "{words:?}: {said:?}");
        assert!(said.err.contains(problem), "{words:?}: {said:?}");
    }
    let issued = omega(&["token", "issue", &number, "--label", "phone", "--days", "90"]);
    assert!(issued.code == 0 && issued.out.starts_with("omega_"), "{issued:?}");
    let listed = omega(&["access", "list", "--json"]).json();
    let carl = &listed["identities"][1];
    assert_eq!((carl["name"].as_str(), carl["role"].as_str()), (Some("carl"), Some("operator")));
    assert_eq!(
        (carl["size_max_usdt"].as_str(), carl["bots"][0].as_str()),
        (Some("100.000000"), Some("newbie_btc"))
    );
    let token_number = carl["credentials"][0]["id"].to_string();
    assert_eq!(omega(&["token", "revoke", &token_number]).code, 0);
    assert_eq!(omega(&["access", "role", &number, "viewer"]).code, 0);
    assert_eq!(omega(&["access", "reset-mfa", &number]).code, 0);
    assert_eq!(omega(&["access", "remove", &number]).code, 0);
    assert!(!omega(&["access", "list"]).out.contains("carl"));
    for name in ["data/access.json", "data/audit.log"] {
        let text = std::fs::read_to_string(sandbox.path(name)).unwrap();
        assert!(!text.contains(&token), "{name} knows a token by its hash only");
    }
    let whole = omega(&["audit", "verify", "--json"]).json();
    assert!(whole["entries"].as_u64().is_some_and(|entries| entries >= 7), "{whole}");
    let head = format!("{}:{}", whole["entries"], whole["hash"].as_str().unwrap());
    assert_eq!(omega(&["audit", "verify", "--head", &head]).code, 0);
    // One byte changed, the end cut off, the name of another farm: each is noticed.
    let file = sandbox.path("data/audit.log");
    let text = std::fs::read_to_string(&file).unwrap();
    let shorter = text.trim_end().rsplit_once('\n').unwrap().0.to_owned() + "\n";
    for (wrong, words) in [
        (text.replacen("carl", "karl", 1), vec!["audit", "verify"]),
        (shorter, vec!["audit", "verify", "--head", &head]),
        (text.clone(), vec!["audit", "verify", "--farm", "other"]),
    ] {
        std::fs::write(&file, wrong).unwrap();
        let said = omega(&words);
        assert!(said.code == 1 && said.out.is_empty() && said.err.contains("hint: "), "{words:?}: {said:?}");
    }
    assert!(omega(&["audit", "verify", "--farm", "other"]).err.contains("look at the farm's name first"));
}

#[test]
fn a_sealed_book_is_opened_with_its_key_only() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "omega.toml",
        configuration(rig::free_port(), "[access]\nencryption_key = \"env:BOOK_KEY\"\n"),
    );
    let with_key = |words: &[&str]| omega_in(&sandbox, &[("BOOK_KEY", KEY)], words);
    assert_eq!(with_key(&["access", "init", "--name", "ann"]).code, 0);
    assert!(with_key(&["access", "list"]).out.contains("ann"));
    assert!(!std::fs::read_to_string(sandbox.path("data/access.json")).unwrap_or_default().contains("ann"));
    let without = omega_in(&sandbox, &[], &["access", "list"]);
    assert!(
        without.code == 1 && without.err.contains("BOOK_KEY") && without.err.contains("hint: "),
        "{without:?}"
    );
    let wrong = omega_in(&sandbox, &[("BOOK_KEY", &KEY.replace("00", "ff"))], &["access", "list"]);
    assert!(wrong.code == 1 && wrong.err.contains("does not open"), "{wrong:?}");
    let no_key = omega_in(&sandbox, &[], &["access", "list", "--farm", "test", "--data", "data"]);
    assert!(no_key.code == 1 && no_key.err.contains("is sealed"), "{no_key:?}");
}

#[test]
fn while_a_gateway_runs_its_book_is_its_own() {
    let port = rig::free_port();
    let farm = Farm::of(Sandbox::new(), port, &configuration(port, BOTS), &[]);
    for words in [
        &["access", "list"][..],
        &["token", "issue", "1"],
        &["access", "add", "--name", "x", "--role", "viewer"],
    ] {
        let said = farm.omega(words);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
        assert!(
            said.err.contains("in use by a gateway that runs") && said.err.contains("docs/api.md"),
            "{said:?}"
        );
    }
    let (sandbox, _) = farm.stop();
    assert!(omega_in(&sandbox, &[], &["access", "list"]).out.contains("local"));
    assert_eq!(omega_in(&sandbox, &[], &["audit", "verify"]).code, 0);
}
