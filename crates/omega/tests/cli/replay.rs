//! A session lived again: the same state, the same money, and a decision explained by its inputs.

use crate::{Sandbox, omega};
use serde_json::Value;

fn session(days: &str) -> (Sandbox, Value) {
    let sandbox = Sandbox::new();
    let said = omega(&[&"demo", &"--days", &days, &"--seed", &"5", &"--dir", &sandbox.0, &"--json"]);
    let document = said.json();
    (sandbox, document)
}

#[test]
fn a_session_lived_again_has_the_same_money() {
    let (sandbox, document) = session("20");
    let journal = sandbox.path("journal.omega");
    let replayed = omega(&[&"replay", &journal, &"--json"]).json();
    assert_eq!(replayed["bars"], 20 * 1_440);
    assert!(replayed["states_checked"].as_i64().unwrap() >= 20 * 4 - 1);
    // Sessions 1, 2, 3, 5, 8, 13, 21, 34 and 55 of the 80: each was written down whole at its end.
    assert_eq!((&replayed["snapshots_agreed"], &replayed["snapshots_left_aside"]), (&9.into(), &0.into()));
    for bot in replayed["bots"].as_array().unwrap() {
        let runs = document["runs"].as_array().unwrap();
        let run = runs.iter().find(|run| run["persona"] == bot["persona"]).unwrap();
        assert_eq!(bot["equity"], run["final_equity"], "{}", bot["persona"]);
    }
    let text = omega(&[&"replay", &journal]);
    assert_eq!(text.code, 0, "{}", text.err);
    assert!(
        text.out.contains("all reached again")
            && text.out.contains("9 written down, each the farm")
            && text.out.contains("newbie"),
        "{}",
        text.out
    );
}

#[test]
fn a_decision_is_explained_by_its_inputs() {
    let (sandbox, _) = session("20");
    let journal = sandbox.path("journal.omega");
    let decisions = omega(&[&"replay", &journal, &"--decisions", &"--json"]).json();
    let decisions = decisions.as_array().unwrap();
    assert!(decisions.len() > 20);
    let mut filled = 0;
    for decision in decisions.iter().take(40) {
        let order = decision["order"].as_str().unwrap();
        let story = omega(&[&"replay", &journal, &"--why", &order]);
        assert_eq!(story.code, 0, "{}", story.err);
        for word in ["because", "asked", "heard", "result", decision["reason"].as_str().unwrap()] {
            assert!(story.out.contains(word), "{word} of {order} is missing: {}", story.out);
        }
        filled += usize::from(story.out.contains(" filled "));
    }
    assert!(filled > 2, "{filled} of the stories tell of a fill");
    let strangers = omega(&[&"replay", &journal, &"--why", &"b3-0-4000000"]);
    assert_eq!(strangers.code, 2);
    assert!(strangers.err.contains("nobody took that decision") && strangers.err.contains("b3 is newbie"));
    assert_eq!(omega(&[&"replay", &journal, &"--why", &"12"]).code, 2);
}

#[test]
fn a_torn_journal_is_replayed_and_a_changed_one_is_not() {
    let (sandbox, _) = session("3");
    let bytes = std::fs::read(sandbox.path("journal.omega")).unwrap();
    let torn = sandbox.write("torn", &bytes[..bytes.len() - 30]);
    let said = omega(&[&"replay", &torn]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("never whole"), "{}", said.err);
    let mut changed = bytes;
    let middle = changed.len() / 2;
    changed[middle] ^= 4;
    let changed = sandbox.write("changed", &changed);
    let said = omega(&[&"replay", &changed]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("damaged at byte"), "{}", said.err);
    let said = omega(&[&"replay", &sandbox.write("bars.csv", "time,open\n")]);
    assert_eq!((said.code, said.err.contains("no journal")), (1, true), "{}", said.err);
}

#[test]
fn a_snapshot_of_another_farm_is_told_of() {
    let (sandbox, _) = session("2");
    let bytes = std::fs::read(sandbox.path("journal.omega")).unwrap();
    let lived = farm::journal::replay(&bytes).unwrap();
    let whole = farm::journal::survey(&bytes).unwrap();
    let mut pen = farm::journal::Pen::resume(bytes, &whole);
    pen.snapshot(&lived.origin.farm().unwrap());
    let wrong = sandbox.write("wrong", pen.keeper());
    let said = omega(&[&"replay", &wrong]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("a snapshot is of no use to a start"), "{}", said.err);
    assert!(said.err.contains("not the farm that the inputs make"), "{}", said.err);
    assert!(said.out.contains("are the farm that got there, 1 are not"), "{}", said.out);
}
