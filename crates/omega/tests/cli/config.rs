//! `omega config`: what it prints is what it reads, and what is wrong is told with its line; and the document of every key.

use crate::{Said, Sandbox};
use std::path::Path;
use std::process::Command;

const CANARY: &str = "hunter2-canary";

/// Runs in a directory, with some variables and none that the user of this machine has.
fn omega_in(sandbox: &Sandbox, arguments: &[&str], variables: &[(&str, &str)]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_omega"));
    command.args(arguments).current_dir(&sandbox.0).env_clear().envs(variables.iter().copied());
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

#[test]
fn the_example_is_right_and_means_what_nothing_means() {
    let sandbox = Sandbox::new();
    let nothing = omega_in(&sandbox, &["config", "check", "--json"], &[]).json();
    let example = omega_in(&sandbox, &["config", "example"], &[]);
    assert_eq!((example.code, example.err.as_str()), (0, ""));
    sandbox.write("omega.toml", &example.out);
    let said = omega_in(&sandbox, &["config", "check"], &[]);
    assert_eq!(said.code, 0, "{}", said.out);
    for part in [
        "omega.toml is right",
        "omega on paper: nobody's money",
        "1 strategic: strategic, 10000",
        "every value is the usual one",
    ] {
        assert!(said.out.contains(part), "{part} is not in\n{}", said.out);
    }
    let written = omega_in(&sandbox, &["config", "check", "--json"], &[]).json();
    assert_eq!(written["values"], nothing["values"]);
}

#[test]
fn what_is_wrong_is_told_with_its_line_and_no_secret() {
    let sandbox = Sandbox::new();
    let file = "[farm]\nmoed = \"live\"\n[[account]]\nname = \"main\"\nsecret = \"hunter2-canary\"\n";
    sandbox.write("mine.toml", file);
    let variables = [("RISK_TOLERANCE", "wild"), ("EXCHANGE_API_SECRET", CANARY)];
    let said = omega_in(&sandbox, &["config", "check", "mine.toml"], &variables);
    assert_eq!(said.code, 1);
    for part in [
        "error: farm.moed is no key\n --> mine.toml:2:1\n  |\n2 | moed = \"live\"\n  | ^^^^\n  = mend: did you mean `mode`?\n",
        "--> mine.toml:5:10",
        "--> environment variable RISK_TOLERANCE",
    ] {
        assert!(said.out.contains(part), "{part} is not in\n{}", said.out);
    }
    assert!(said.err.starts_with("error: 3 things are wrong in mine.toml"), "{}", said.err);
    let json = omega_in(&sandbox, &["config", "check", "mine.toml", "--json"], &variables);
    let document: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&document["right"], &document["faults"][0]["line"]), (&false.into(), &2.into()));
    for text in [said.out, said.err, json.out, json.err] {
        assert!(!text.contains(CANARY), "{text}");
    }
    let none = omega_in(&sandbox, &["config", "check", "none.toml"], &[]);
    assert!(none.code == 1 && none.err.contains("cannot read none.toml"), "{}", none.err);
}

#[test]
fn profiles_and_secrets_are_looked_at() {
    let sandbox = Sandbox::new();
    let file = "[[account]]\nname = \"main\"\nkey = \"env:MY_KEY\"\nsecret = \"file:key\"\n[[bot]]\nname = \"mine\"\npersona = \"mine.toml\"\n";
    sandbox.write("omega.toml", file);
    let said = omega_in(&sandbox, &["config", "check"], &[]);
    assert!(said.code == 1 && said.err.contains("cannot read the profile mine.toml"), "{}", said.err);
    std::fs::copy(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../personas/newbie.toml"),
        sandbox.path("mine.toml"),
    )
    .unwrap();
    assert_eq!(omega_in(&sandbox, &["config", "check"], &[]).code, 0);
    let said = omega_in(&sandbox, &["config", "check", "--secrets"], &[("MY_KEY", CANARY)]);
    assert!(said.err.contains("account[0].key: env:MY_KEY is there"), "{}", said.err);
    assert!(said.code == 1 && said.err.contains("error: 1 secrets are not to be had"), "{}", said.err);
    assert!(!said.out.contains(CANARY) && !said.err.contains(CANARY));
}

#[test]
fn the_schema_is_for_people_and_for_editors() {
    let sandbox = Sandbox::new();
    let said = omega_in(&sandbox, &["config", "schema"], &[]);
    assert!(said.out.contains("  capital_usdt: a number, default 10000\n"), "{}", said.out);
    assert!(said.out.contains("variable OMEGA_FARM_CAPITAL_USDT, INITIAL_CAPITAL\n"), "{}", said.out);
    let schema = omega_in(&sandbox, &["config", "schema", "--json"], &[]).json();
    assert_eq!(schema["properties"]["farm"]["properties"]["mode"]["enum"][2], "live");
}

const BEGIN: &str =
    "<!-- Made by `omega config schema --markdown`: change the table of keys, not this. -->\n";
const END: &str = "<!-- End of what is made. -->\n";

#[test]
fn the_document_has_every_key() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let kept = std::fs::read_to_string(&file).unwrap();
    let (head, rest) = kept.split_once(BEGIN).expect("the document says where it is made");
    let (_, tail) = rest.split_once(END).expect("and where that ends");
    let made = omega_in(&Sandbox::new(), &["config", "schema", "--markdown"], &[]).out;
    let fresh = format!("{head}{BEGIN}{made}\n{END}{tail}");
    if std::env::var("OMEGA_DOCUMENTS").is_ok_and(|value| value == "write") {
        std::fs::write(&file, &fresh).unwrap();
    } else {
        assert!(fresh == kept, "docs/configuration.md is stale: run this test with OMEGA_DOCUMENTS=write");
    }
}
