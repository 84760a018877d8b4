//! `omega secrets`: set, list, rotate, check and remove, and that no secret is ever printed.

use crate::{Said, Sandbox};
use std::io::Write;
use std::process::{Command, Stdio};

const CANARY: &str = "hunter2-canary";
const OLD: (&str, &str) = ("OMEGA_SECRETS_KEY", "correct horse battery");
const NEW: (&str, &str) = ("OMEGA_SECRETS_NEW_KEY", "staple, correct again");

fn secrets(sandbox: &Sandbox, words: &str, given: &str, variables: &[(&str, &str)]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_omega"));
    command
        .arg("secrets")
        .args(words.split(' '))
        .current_dir(&sandbox.0)
        .env_clear()
        .envs(variables.iter().copied());
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that fails before it reads closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(given.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let said =
        Said { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) };
    for secret in [CANARY, OLD.1, NEW.1] {
        assert!(!said.out.contains(secret) && !said.err.contains(secret), "{said:?} shows a secret");
    }
    said
}

#[test]
fn a_life_of_a_file_of_secrets() {
    let sandbox = Sandbox::new();
    let none = secrets(&sandbox, "list", "", &[OLD]);
    assert!(none.code == 1 && none.err.contains("there is no encrypted file secrets.omega"), "{}", none.err);
    let set = secrets(&sandbox, "set bitget_key", &format!("{CANARY}\n"), &[OLD]);
    assert_eq!(
        (set.code, set.out.as_str()),
        (0, "set bitget_key in secrets.omega: write \"secret:bitget_key\" where it is needed\n"),
        "{}",
        set.err
    );
    assert_eq!(secrets(&sandbox, "set journal_key --generate", "", &[OLD]).code, 0);
    assert_eq!(secrets(&sandbox, "list", "", &[OLD]).out, "bitget_key\njournal_key\n");
    assert_eq!(secrets(&sandbox, "check", "", &[OLD]).out, "secrets.omega is whole: 2 secrets\n");
    let rotated = secrets(&sandbox, "rotate", "", &[OLD, NEW]);
    assert_eq!(
        (rotated.code, rotated.out.as_str()),
        (0, "2 secrets of secrets.omega are under the new passphrase\n"),
        "{}",
        rotated.err
    );
    let old = secrets(&sandbox, "check", "", &[OLD]);
    assert!(old.code == 1 && old.err.contains("the passphrase does not open secrets.omega"), "{}", old.err);
    let now = [("OMEGA_SECRETS_KEY", NEW.1)];
    let config = "[[account]]\nname = \"main\"\nkey = \"secret:bitget_key\"\n";
    sandbox.write("omega.toml", config);
    let checked = Command::new(env!("CARGO_BIN_EXE_omega"))
        .args(["config", "check", "--secrets"])
        .current_dir(&sandbox.0)
        .env_clear()
        .envs(now)
        .output()
        .unwrap();
    let said = String::from_utf8(checked.stderr).unwrap();
    assert!(
        checked.status.success() && said.contains("account[0].key: secret:bitget_key is there"),
        "{said}"
    );
    assert_eq!(secrets(&sandbox, "rm bitget_key", "", &now).code, 0);
    let again = secrets(&sandbox, "rm bitget_key", "", &now);
    assert!(again.code == 1 && again.err.contains("has no secret called bitget_key"), "{}", again.err);
    assert_eq!(secrets(&sandbox, "list", "", &now).out, "journal_key\n");
    assert_eq!(sandbox.names(), ["omega.toml", "secrets.omega"]);
}

#[test]
fn what_is_wrong_has_its_words() {
    let sandbox = Sandbox::new();
    let says = |words: &str, given: &str, variables: &[(&str, &str)], want: &str| {
        let said = secrets(&sandbox, words, given, variables);
        assert!(said.code != 0 && said.err.contains(want), "{words}: {said:?}");
        assert!(said.err.lines().any(|line| line.starts_with("hint: ")), "{said:?}");
    };
    says("set key", CANARY, &[], "set OMEGA_SECRETS_KEY or OMEGA_SECRETS_KEY_FILE");
    says("set key", CANARY, &[("OMEGA_SECRETS_KEY", "short")], "at least 12 characters");
    says("set key", "", &[OLD], "holds no text");
    says("set a/b", CANARY, &[OLD], "is no name of a secret");
    assert!(sandbox.names().is_empty(), "nothing was made");
    assert_eq!(secrets(&sandbox, "set key", CANARY, &[OLD]).code, 0);
    says("rotate", "", &[OLD], "OMEGA_SECRETS_NEW_KEY");
    says("rotate", "", &[OLD, ("OMEGA_SECRETS_NEW_KEY", "short")], "at least 12 characters");
    let mut bytes = std::fs::read(sandbox.path("secrets.omega")).unwrap();
    let last = bytes.len() - 60;
    bytes[last] ^= 1;
    sandbox.write("secrets.omega", &bytes);
    says("check", "", &[OLD], "secrets.omega is damaged");
    sandbox.write("secrets.omega", &bytes[..40]);
    says("list", "", &[OLD], "secrets.omega is damaged");
    sandbox.write("omega.toml", "[fram]\n");
    says("list", "", &[OLD], "does not say where the secrets are");
}

#[test]
fn a_person_types_and_nothing_is_shown() {
    if Command::new("script").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("SKIPPED: no `script` (util-linux) to play the terminal");
        return;
    }
    let sandbox = Sandbox::new();
    let omega = env!("CARGO_BIN_EXE_omega");
    let mut child = Command::new("script")
        .args(["-qfec", &format!("{omega} secrets set typed; echo CODE=$?"), "typescript"])
        .current_dir(&sandbox.0)
        .env_remove(OLD.0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut keys = child.stdin.take().unwrap();
    let shown = || std::fs::read_to_string(sandbox.path("typescript")).unwrap_or_default();
    // Each answer is typed once its question stands there.
    for (question, answer) in [
        ("typed: ", CANARY),
        ("typed, once more: ", CANARY),
        ("new passphrase: ", OLD.1),
        ("new passphrase, once more: ", OLD.1),
    ] {
        let asked = (0..600).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            shown().contains(question)
        });
        assert!(asked, "{question} is not asked:\n{}", shown());
        // The terminal stops echoing right behind the question.
        std::thread::sleep(std::time::Duration::from_millis(300));
        keys.write_all(format!("{answer}\r").as_bytes()).unwrap();
        keys.flush().unwrap();
    }
    child.wait().unwrap();
    let shown = shown();
    assert!(shown.contains("CODE=0") && shown.contains("set typed in secrets.omega"), "{shown}");
    assert!(!shown.contains(CANARY) && !shown.contains(OLD.1), "{shown}");
    assert_eq!(secrets(&sandbox, "list", "", &[OLD]).out, "typed\n");
}
