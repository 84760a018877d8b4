//! The audit: every attempt, whole over restarts, and broken where somebody changed it.

use crate::scene::{BOTS, FARM, Scene, eventually};
use gateway::{AUDIT_FILE, BadGateway, verify_file};

#[test]
fn every_attempt_is_a_link_and_a_change_is_found() {
    let mut scene = Scene::new("audit");
    let operator = scene.client("operator");
    assert_eq!(operator.command("pause", &format!("{{\"bot\":\"{}\"}}", BOTS[0])).status, 200);
    assert_eq!(operator.command("allocate", "{}").status, 403);
    assert_eq!(operator.command("pause", "{\"bot\":\"nobody\"}").status, 404);
    assert_eq!(operator.command("dance", "{}").status, 404);
    scene.restart();
    let path = scene.directory.join(AUDIT_FILE);
    let text = std::fs::read_to_string(&path).expect("an audit");
    for wanted in [
        "\"decision\":\"allowed\"",
        "\"outcome\":\"role\"",
        "\"outcome\":\"nobody\"",
        "\"outcome\":\"no_command\"",
    ] {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
    let allowed = text.lines().position(|line| line.contains("\"outcome\":\"sent\"")).expect("a line");
    let reported = text.lines().position(|line| line.contains("\"reported\"")).expect("a line");
    assert!(allowed < reported, "written down before it was done");
    let head = verify_file(&path, FARM, None).expect("it is whole");
    assert_eq!(head.seq as usize, text.lines().count());
    verify_file(&path, FARM, Some(head)).expect("it is the same");
    assert!(verify_file(&path, "Another", None).is_err(), "a chain belongs to its farm");
    std::fs::write(&path, text.replacen("operator#", "somebody#", 1)).expect("ours");
    let Err(BadGateway::Audit { source, .. }) = verify_file(&path, FARM, None) else {
        panic!("it was changed")
    };
    assert!(source.seq as usize <= text.lines().count());
    let cut: Vec<&str> = text.lines().collect();
    std::fs::write(&path, cut[..cut.len() - 1].join("\n") + "\n").expect("ours");
    assert!(verify_file(&path, FARM, Some(head)).is_err(), "its end is missing");
    std::fs::write(&path, text).expect("ours");
}

#[test]
fn the_history_gets_a_copy_of_every_link() {
    let scene = Scene::new("copies");
    let reader = control::Reader::Everyone;
    let mut end = scene.queues.open(&[control::Subscription { topic: control::Topic::events(), reader }]);
    scene.client("viewer").command("whoami", "{}");
    let mut heard = None;
    eventually("a copy", || {
        use control::Bus;
        let delivery = end.next(model::Interval(100)).expect("a local bus");
        heard = delivery.and_then(|delivery| control::Message::decode(&delivery.message).ok());
        matches!(&heard, Some(control::Message::Record(record)) if matches!(&**record, control::Record::Audit(row) if row.link.contains("whoami")))
    });
}

#[test]
fn half_a_line_was_never_written() {
    let mut scene = Scene::new("torn");
    scene.client("viewer").command("whoami", "{}");
    scene.gateway.take().expect("it runs").leave();
    let path = scene.directory.join(AUDIT_FILE);
    let whole = std::fs::read_to_string(&path).expect("an audit");
    std::fs::write(&path, format!("{whole}{{\"seq\":")).expect("ours");
    scene.open();
    scene.client("viewer").command("whoami", "{}");
    let head = verify_file(&path, FARM, None).expect("it goes on");
    assert!(head.seq as usize > whole.lines().count());
}
