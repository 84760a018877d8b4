//! The committed document is the one that is served, metrics are what Prometheus reads, and `/ready` says what ails.

use crate::scene::{Manner, Scene, eventually};

#[test]
fn the_document_in_docs_is_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let text = gateway::document_text();
    if std::env::var_os("OMEGA_DOCUMENTS").is_some_and(|word| word == "write") {
        std::fs::write(path, &text).expect("docs can be written");
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == text,
        "docs/openapi.json is old: OMEGA_DOCUMENTS=write cargo nextest run -p gateway document"
    );
}

#[test]
fn metrics_say_how_everybody_is_and_no_secret() {
    let scene = Scene::new("metrics");
    scene.manner(Manner::Acknowledges);
    let client = scene.client("operator");
    client.command("pause", "{\"bot\":\"newbie_btc\"}");
    let text = client.get("/metrics").text;
    for wanted in [
        "omega_bot_equity_usdt{shard=\"main\",bot=\"newbie_btc\",mode=\"paper\"} 1000",
        "omega_refusals_total{shard=\"main\",bot=\"newbie_btc\",reason=\"stale_price\"} 3",
        "omega_command_ack_ms_count 1",
        "omega_http_requests_total{method=\"POST\",route=\"/api/v1/commands/{command}\",status=\"200\"} 1",
        "omega_shard_epoch{shard=\"main\"} 1",
        "process_resident_memory_bytes ",
    ] {
        assert!(text.contains(wanted), "{wanted} in\n{text}");
    }
    assert!(!text.contains("omega_aaaa") && !text.contains(&scene.tokens["operator"]));
}

#[test]
fn ready_names_what_ails() {
    let scene = Scene::new("ready");
    let stranger = scene.stranger();
    assert_eq!(stranger.get("/ready").status, 200);
    scene.pass(60_000);
    // The next view mends it; between the two it is said.
    eventually("a word about the silence, or its end", || {
        let answer = stranger.get("/ready");
        answer.status == 200 || answer.text.contains("silent for 60 s")
    });
    assert_eq!(stranger.get("/health").status, 200);
}

const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/prometheus");

#[test]
fn every_metric_of_an_alert_is_on_the_page() {
    let scene = Scene::new("rules");
    let page = scene.client("viewer").get("/metrics").text;
    let rules = std::fs::read_to_string(format!("{RULES}/omega.rules.yml")).expect("rules");
    let expressions = rules.lines().filter(|line| line.trim_start().starts_with("expr:"));
    let words = expressions.flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    let metrics: Vec<&str> =
        words.filter(|word| word.starts_with("omega_") || word.starts_with("process_")).collect();
    assert!(metrics.len() > 20, "{metrics:?}");
    for metric in metrics {
        let family = metric.trim_end_matches("_bucket");
        assert!(page.contains(&format!("# HELP {family} ")), "{metric} is nowhere on the page");
    }
}

#[test]
fn prometheus_own_tool_holds_the_alerts() {
    for arguments in [["check", "rules", "omega.rules.yml"], ["test", "rules", "omega.rules.test.yml"]] {
        match std::process::Command::new("promtool").args(arguments).current_dir(RULES).output() {
            Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
            Err(_) => eprintln!("SKIPPED: no promtool (Debian's package prometheus) to {arguments:?}"),
        }
    }
}
