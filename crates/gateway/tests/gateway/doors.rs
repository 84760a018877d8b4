//! Every way in, without a token, with a wrong one, and with a lower role's.

use crate::client::Client;
use crate::scene::{BOTS, Scene, settings};
use gateway::{BadGateway, Clock, Gateway, LOCAL_TOKEN_FILE, Parts, reads};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;

/// Every method and path of the document, with something in its braces.
fn ways(scene: &Scene) -> Vec<(String, String)> {
    let document = scene.stranger().get("/openapi.json").json();
    let paths = document["paths"].as_object().expect("paths").clone();
    let way = |(path, methods): (String, Value)| {
        let filled = path.replace("{kind}", "trades").replace("{shard}", "main").replace("{bot}", BOTS[0]);
        let filled = filled.split('/').map(|part| if part.starts_with('{') { "1" } else { part });
        let filled = filled.collect::<Vec<_>>().join("/");
        let methods: Vec<String> =
            methods.as_object().expect("methods").keys().map(|m| m.to_uppercase()).collect();
        methods.into_iter().map(move |method| (method, filled.clone())).collect::<Vec<_>>()
    };
    paths.into_iter().flat_map(way).collect()
}

const OPEN: [&str; 3] = ["/health", "/openapi.json", "/ready"];

#[test]
fn nobody_comes_in_without_a_token_or_with_a_wrong_one() {
    let mut settings = settings("strangers");
    settings.rules.attempts_max = 1_000;
    let scene = Scene::with(settings);
    let ways = ways(&scene);
    assert!(ways.len() > 50, "{} ways in", ways.len());
    let wrong = Client { token: Some("omega_aaaaaaaa_aaaa".to_owned()), ..scene.stranger() };
    for (method, path) in &ways {
        for client in [&scene.stranger(), &wrong] {
            let answer = client.send(method, path, &[], Some("{}"));
            if OPEN.contains(&path.as_str()) {
                assert_eq!(answer.status, 200, "{method} {path}: {answer:?}");
            } else {
                assert_eq!((answer.status, answer.error().as_str()), (401, "unknown"), "{method} {path}");
            }
        }
    }
    assert_eq!(scene.errands(), [], "nothing was done for a stranger");
}

#[test]
fn a_lower_role_is_turned_away_and_nothing_is_done() {
    let scene = Scene::new("roles");
    let commands = scene.client("viewer").get("/api/v1/commands").json();
    let roles = ["viewer", "operator", "admin"];
    let rank = |role: &str| roles.iter().position(|one| *one == role).expect("a role");
    for command in commands["commands"].as_array().expect("commands") {
        let (name, role) =
            (command["name"].as_str().expect("a name"), command["role"].as_str().expect("a role"));
        for lower in &roles[..rank(role)] {
            let answer = scene.client(lower).command(name, "{}");
            assert_eq!((answer.status, answer.error().as_str()), (403, "role"), "{name} by a {lower}");
        }
    }
    for (method, path) in [
        ("GET", "/api/v1/audit"),
        ("GET", "/api/v1/identities"),
        ("POST", "/api/v1/identities"),
        ("PATCH", "/api/v1/identities/1"),
        ("DELETE", "/api/v1/identities/1"),
        ("POST", "/api/v1/identities/1/tokens"),
        ("DELETE", "/api/v1/identities/1/authenticator"),
        ("DELETE", "/api/v1/tokens/1"),
    ] {
        for lower in ["viewer", "operator"] {
            let answer =
                scene.client(lower).send(method, path, &[], Some("{\"name\":\"x\",\"role\":\"admin\"}"));
            let is_refused = answer.status == 403 || (path.contains("tokens/1") && answer.status == 400);
            assert!(is_refused, "{method} {path} by {lower}: {answer:?}");
        }
    }
    assert_eq!(scene.errands(), []);
}

#[test]
fn who_has_one_bot_sees_that_one() {
    let scene = Scene::new("guest");
    let guest = scene.client("guest");
    assert_eq!(guest.command("positions", &format!("{{\"bot\":\"{}\"}}", BOTS[0])).status, 200);
    let (own, other) =
        (guest.get(&format!("/api/v1/bots/{}", BOTS[0])), guest.get(&format!("/api/v1/bots/{}", BOTS[1])));
    assert_eq!((own.status, other.status), (200, 404));
    for path in ["/api/v1/views", "/api/v1/shards/main"] {
        let answer = guest.get(path);
        assert!(!answer.text.contains(BOTS[1]) && !answer.text.contains("500"), "{path}: {}", answer.text);
    }
    assert_eq!(guest.get("/metrics").status, 403, "it says what everybody has");
    assert_eq!(scene.client("viewer").get("/metrics").status, 200);
}

#[test]
fn wrong_tokens_lock_their_address_out() {
    let scene = Scene::new("lock-out");
    let wrong = Client { token: Some("omega_aaaaaaaa_aaaa".to_owned()), ..scene.stranger() };
    let statuses: Vec<u16> = (0..6).map(|_| wrong.get("/api/v1/views").status).collect();
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429]);
    assert_eq!(scene.client("viewer").get("/api/v1/views").status, 429, "nothing from here is looked at");
    scene.pass(15 * 60_000);
    assert_eq!(scene.client("viewer").get("/api/v1/views").status, 200);
}

#[test]
fn a_laptop_has_an_administrator_in_a_file_of_its_owner() {
    let settings = settings("laptop");
    let directory = settings.data_dir.clone();
    let open = |settings: &gateway::Settings| {
        let queues = bus::local::Queues::default();
        let parts = Parts {
            hears: Box::new(queues.open(&reads("a"))),
            says: Box::new(queues.open(&[])),
            archive: None,
            seal: None,
            telemetry: Default::default(),
            clock: Clock::of_machine(),
        };
        Gateway::open(settings.clone(), parts)
    };
    let gateway = open(&settings).expect("it opens");
    assert!(matches!(open(&settings), Err(BadGateway::InUse(_))), "one owns the book");
    for file in [LOCAL_TOKEN_FILE, "access.json", gateway::AUDIT_FILE] {
        let mode = std::fs::metadata(directory.join(file)).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let token = std::fs::read_to_string(directory.join(LOCAL_TOKEN_FILE)).expect("a token").trim().to_owned();
    let client = Client { address: gateway.address(), token: Some(token.clone()) };
    assert_eq!(client.get("/api/v1/audit").status, 200);
    let kept = std::fs::read_to_string(directory.join("access.json")).expect("a book");
    assert!(!kept.contains(&token), "a hash is kept of it");
    gateway.leave();
    let mut exposed = settings.clone();
    exposed.listen = "0.0.0.0:0".parse().expect("an address");
    assert!(matches!(open(&exposed), Err(BadGateway::Exposed(_))));
    std::fs::remove_dir_all(directory).expect("ours");
}
