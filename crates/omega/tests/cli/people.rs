//! Personas of somebody's own: a profile is written, checked, shown and run; wrong input first.

use crate::{Sandbox, csv, omega, rows};

#[test]
fn a_persona_of_ones_own_in_five_minutes() {
    let sandbox = Sandbox::new();
    let new = |name: &str, from: &str, file: &std::path::Path| {
        omega(&[&"personas", &"new", &name, &"--from", &from, &"--file", &file])
    };
    let file = sandbox.path("patient.toml");
    for (name, from, message) in [
        ("Patient", "strategic", "takes a to z"),
        ("", "strategic", "name"),
        ("newbie", "strategic", "newbie"),
        ("all", "strategic", "all"),
        ("patient", "stratgic", "no persona is called \"stratgic\""),
        ("patient", "buy_hold", "is a control"),
    ] {
        let said = new(name, from, &file);
        assert!(
            said.code != 0 && said.out.is_empty() && said.err.contains(message),
            "{name} {from}: {said:?}"
        );
        assert_eq!(said.err.lines().count(), 2, "{said:?}");
    }
    assert!(sandbox.names().is_empty(), "nothing was written");
    let nowhere = sandbox.path("no/such/place.toml");
    assert!(new("patient", "strategic", &nowhere).err.contains("place.toml"));
    assert_eq!(new("patient", "strategic", &file).code, 0);
    let again = new("patient", "strategic", &file);
    assert!(again.code != 0 && again.err.contains("exists already"), "{again:?}");
    assert_eq!(omega(&[&"personas", &"check", &file]).code, 0);
    let bars = sandbox.write("bars.csv", csv(&rows(3 * 1_440)));
    let run = omega(&[&"backtest", &"--bars", &bars, &"--persona", &file, &"--json"]).json();
    assert_eq!(run["runs"][0]["persona"], "patient");
    let shown = omega(&[&"personas", &"show", &file]);
    assert!(shown.code == 0 && shown.out.contains("Where a kick leads"), "{shown:?}");
    let text = std::fs::read_to_string(&file).unwrap();
    for (from, to, messages) in [
        ("discipline = 0.8", "discipline = 1.8", vec!["discipline is 1.8"]),
        ("leverage = 2", "leverage = two", vec!["patient.toml"]),
        ("[traits]", "[traits]\nluck = 7", vec!["luck"]),
        ("strategy = \"strategic\"", "strategy = \"luck\"", vec!["strategy is \"luck\""]),
        (
            "confidence = 0.55\nstress = 0.2",
            "confidence = 1.55\nstress = -1",
            vec!["confidence is 1.55", "stress is -1"],
        ),
    ] {
        assert!(text.contains(from), "{from}");
        let line = text[..text.find(from).unwrap()].lines().count() + 1;
        let broken = sandbox.write("patient.toml", text.replace(from, to));
        let said = omega(&[&"personas", &"check", &broken]);
        let everything = format!("{}{}", said.out, said.err);
        assert_eq!(said.code, 1, "{said:?}");
        for message in messages {
            assert!(everything.contains(message), "{message} is not in {said:?}");
        }
        let pointed = (line..line + 3).any(|line| everything.contains(&format!("patient.toml:{line}")));
        assert!(pointed, "line {line}: {said:?}");
        let run = omega(&[&"backtest", &"--bars", &bars, &"--persona", &broken]);
        assert!(run.code == 1 && run.err.contains("patient.toml"), "{run:?}");
    }
}

#[test]
fn the_machine_is_shown_as_it_runs() {
    let shown = omega(&[&"personas", &"show", &"newbie"]).out;
    for text in ["revenge", "exhausted", "at rest", "halves every 50 trades", "in 30 % of trades"] {
        assert!(shown.contains(text), "{text} is not in:\n{shown}");
    }
    let document = omega(&[&"personas", &"show", &"newbie", &"--json"]).json();
    assert!(document.to_string().contains("exhausted"));
    assert!(omega(&[&"personas", &"show", &"newbie", &"--dot"]).out.starts_with("digraph newbie"));
    assert!(omega(&[&"personas", &"show", &"nobody"]).err.contains("nobody is called"));
}
