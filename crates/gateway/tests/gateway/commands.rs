//! What is done, how often, and what has to be shown and confirmed before.

use crate::scene::{BOTS, Manner, START, Scene, eventually, settings};
use control::message::{Message, NoticeKind, NoticeSaid, Tier, Wanted};
use control::{Bus, Topic};
use model::Usd;

fn of(bot: &str) -> String {
    format!("{{\"bot\":\"{bot}\"}}")
}

#[test]
fn what_makes_things_safer_is_done_at_once_and_once() {
    let scene = Scene::new("at-once");
    let operator = scene.client("operator");
    let key = [("idempotency-key", "one")];
    let path = "/api/v1/commands/pause";
    let first = operator.send("POST", path, &key, Some(&of(BOTS[0])));
    assert_eq!((first.status, first.json()["state"].as_str()), (200, Some("done")), "{first:?}");
    let again = operator.send("POST", path, &key, Some(&of(BOTS[0])));
    assert_eq!(again.json()["errands"], first.json()["errands"], "the same answer");
    let other = operator.send("POST", path, &key, Some(&of(BOTS[1])));
    assert_eq!((other.status, other.error().as_str()), (422, "key_reused"));
    let errands = scene.errands();
    assert_eq!(errands.len(), 1);
    assert_eq!(errands[0].instruction, Wanted::Pause { bot: Some(1) });
    let id = first.json()["errands"][0]["id"].as_str().expect("a number").to_owned();
    assert_eq!(operator.get(&format!("/api/v1/errands/{id}")).json()["state"], "done");
    assert_eq!(scene.client("admin").get(&format!("/api/v1/errands/{id}")).status, 404, "another's");
}

#[test]
fn a_key_is_the_same_command_after_a_restart() {
    let mut scene = Scene::new("restart");
    let send = |scene: &Scene| {
        let key = [("idempotency-key", "over a restart")];
        scene.client("operator").send("POST", "/api/v1/commands/pause", &key, Some(&of(BOTS[0])))
    };
    let first = send(&scene);
    scene.restart();
    let second = send(&scene);
    assert_eq!(first.json()["errands"][0]["id"], second.json()["errands"][0]["id"]);
    let errands = scene.errands();
    assert!(errands.iter().all(|errand| errand.id == errands[0].id), "the shard knows it by its number");
}

#[test]
fn what_a_shard_says_no_to_or_does_not_answer_is_told_as_it_is() {
    let mut settings = settings("honest");
    settings.acknowledge_within = std::time::Duration::from_millis(200);
    let scene = Scene::with(settings);
    let operator = scene.client("operator");
    scene.manner(Manner::Objects);
    let no = operator.command("pause", &of(BOTS[0]));
    assert_eq!((no.status, no.error().as_str()), (409, "objected"), "{no:?}");
    assert_eq!(no.json()["errands"][0]["objection"], "halted");
    scene.manner(Manner::IsSilent);
    let sent = operator.command("pause", &of(BOTS[0]));
    assert_eq!((sent.status, sent.json()["state"].as_str()), (202, Some("sent")), "{sent:?}");
}

#[test]
fn what_is_dangerous_is_shown_first_and_confirmed_once() {
    let scene = Scene::new("confirm");
    let operator = scene.client("operator");
    let shown = operator.command("resume", &of(BOTS[0]));
    assert_eq!((shown.status, shown.json()["state"].as_str()), (202, Some("waits")), "{shown:?}");
    assert_eq!(scene.errands(), [], "nothing before it is confirmed");
    let id = shown.json()["pending"]["id"].as_u64().expect("a number");
    let confirm = format!("/api/v1/pending/{id}/confirm");
    assert_eq!(scene.client("viewer").post(&confirm, "{}").status, 404, "it is another's");
    assert_eq!(operator.get("/api/v1/pending").json()["pendings"][0]["id"], id);
    let done = operator.post(&confirm, "{}");
    assert_eq!((done.status, done.json()["state"].as_str()), (200, Some("done")), "{done:?}");
    assert_eq!(operator.post(&confirm, "{}").status, 404, "it acts once");
    assert_eq!(scene.errands().len(), 1);
    let second = operator.command("resume", &of(BOTS[0])).json()["pending"]["id"].as_u64().expect("a number");
    scene.pass(121_000);
    assert_eq!(operator.post(&format!("/api/v1/pending/{second}/confirm"), "{}").status, 404, "it ran out");
    let third = operator.command("resume", &of(BOTS[0])).json()["pending"]["id"].as_u64().expect("a number");
    let back = operator.send("DELETE", &format!("/api/v1/pending/{third}"), &[], None);
    assert_eq!(back.json()["state"], "withdrawn");
    assert_eq!(scene.errands().len(), 1);
}

#[test]
fn an_administrators_command_wants_a_code_and_a_code_is_good_once() {
    let scene = Scene::new("codes");
    let admin = scene.client("admin");
    let body = format!("{{\"bot\":\"{}\",\"amount\":\"250\"}}", BOTS[0]);
    let none = admin.command("allocate", &body);
    assert_eq!((none.status, none.error().as_str()), (403, "not_enrolled"), "{none:?}");
    let secret = scene.enrol("admin");
    let ask = || admin.command("allocate", &body).json()["pending"]["id"].as_u64().expect("a number");
    let confirm = |id: u64, code: &str| {
        admin.post(&format!("/api/v1/pending/{id}/confirm"), &format!("{{\"code\":\"{code}\"}}"))
    };
    let (first, second) = (ask(), ask());
    let bare = admin.post(&format!("/api/v1/pending/{first}/confirm"), "{}");
    assert_eq!((bare.status, bare.error().as_str()), (403, "code_needed"));
    let code = scene.code(&secret);
    assert_eq!(confirm(first, &code).status, 200);
    let replayed = confirm(second, &code);
    assert_eq!((replayed.status, replayed.error().as_str()), (403, "code_wrong"), "a code that was used");
    scene.pass(90_000);
    assert_eq!(confirm(second, &code).error(), "code_wrong", "a code that is too old");
    assert_eq!(scene.errands().len(), 1);
    let audit = std::fs::read_to_string(scene.directory.join(gateway::AUDIT_FILE)).expect("an audit");
    assert!(!audit.contains(&code), "no code is written down");
}

#[test]
fn above_the_limit_two_people_are_needed() {
    let mut settings = settings("two");
    settings.rules.second_person_above = Some(Usd(100_000_000));
    let scene = Scene::with(settings);
    let (first, second) = (scene.enrol("admin"), scene.enrol("other_admin"));
    let body = format!("{{\"bot\":\"{}\",\"amount\":\"250\"}}", BOTS[0]);
    let shown = scene.client("admin").command("allocate", &body).json();
    assert_eq!(shown["pending"]["needs"], "second_person", "{shown}");
    let path = format!("/api/v1/pending/{}/confirm", shown["pending"]["id"]);
    let code = |secret: &[u8]| format!("{{\"code\":\"{}\"}}", scene.code(secret));
    assert_eq!(scene.client("admin").post(&path, &code(&first)).error(), "same_person");
    assert_eq!(scene.client("operator").post(&path, "{}").status, 403);
    let seen = scene.client("other_admin").get("/api/v1/pending").json();
    assert!(seen["pendings"][0]["effect"].as_str().is_some_and(|effect| effect.contains("250")), "{seen}");
    assert_eq!(scene.errands(), []);
    assert_eq!(scene.client("other_admin").post(&path, &code(&second)).status, 200);
    assert_eq!(scene.errands().len(), 1);
}

#[test]
fn administrators_make_people_with_a_code() {
    let scene = Scene::new("people");
    let admin = scene.client("admin");
    let secret = scene.enrol("admin");
    let new = "{\"name\":\"carl\",\"role\":\"operator\",\"bots\":[\"newbie_btc\"],\"size_max_usdt\":\"100\"}";
    assert_eq!(admin.post("/api/v1/identities", new).error(), "code_needed");
    let code = scene.code(&secret);
    let made = admin.send("POST", "/api/v1/identities", &[("x-omega-code", &code)], Some(new));
    assert_eq!(made.status, 200, "{made:?}");
    let id = made.json()["id"].as_u64().expect("a number");
    scene.pass(30_000);
    let code = scene.code(&secret);
    let path = format!("/api/v1/identities/{id}/tokens");
    let issued =
        admin.send("POST", &path, &[("x-omega-code", &code)], Some("{\"label\":\"phone\",\"days\":30}"));
    assert_eq!(issued.status, 200, "{issued:?}");
    let carl =
        crate::client::Client { token: issued.json()["token"].as_str().map(str::to_owned), ..admin.clone() };
    assert_eq!(carl.command("pause", &of(BOTS[0])).status, 200);
    assert_eq!(carl.command("pause", "{\"bot\":\"all\"}").error(), "farm");
    let own = format!("/api/v1/tokens/{}", issued.json()["id"]);
    assert_eq!(carl.send("DELETE", &own, &[], None).status, 200, "his own, without a code");
    assert_eq!(carl.get("/api/v1/views").status, 401);
}

#[test]
fn how_a_session_differs_from_its_back_test_is_answered_once_it_was_compared() {
    let scene = Scene::new("drift");
    let viewer = scene.client("viewer");
    let none = viewer.command("drift", "{}");
    assert_eq!((none.status, none.error().as_str()), (409, "no_drift"), "{none:?}");
    let mut end = scene.queues.open(&[]);
    for (session, text) in [(1, "an old one"), (2, "session 2 against its back-test: all the same")] {
        let notice = NoticeSaid {
            key: NoticeSaid::drift_key("main", session),
            shard: "main".to_owned(),
            bot: None,
            at: START,
            kind: NoticeKind::PerformanceSummary,
            tier: Tier::Informational,
            text: text.to_owned(),
        };
        end.send(&Topic::events(), &Message::Notice(notice).encode()).expect("a local bus");
    }
    eventually("the second", || viewer.command("drift", "{}").text.contains("all the same"));
    let answer = viewer.command("drift", &of(BOTS[0]));
    assert!(answer.status == 200 && !answer.text.contains("an old one"), "{answer:?}");
    let guest = scene.client("guest").command("drift", "{}");
    assert_eq!((guest.status, guest.error().as_str()), (409, "no_drift"), "it is of others' bots too");
}
