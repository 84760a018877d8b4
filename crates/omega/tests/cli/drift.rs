//! A farm that ran in a made market against its back-test, as a user sees it.

use crate::{Sandbox, omega};
use serde_json::Value;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A farm that runs as fast as its market can be made, and ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _is_over = self.0.wait();
    }
}

/// A journal's farm is still running when its sessions are first compared.
fn farm(config: &str) -> (Sandbox, Value) {
    let sandbox = Sandbox::new();
    sandbox.write("omega.toml", config);
    let running = Command::new(env!("CARGO_BIN_EXE_omega"))
        .arg("run")
        .current_dir(&sandbox.0)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _running = Running(running);
    let begun = Instant::now();
    loop {
        assert!(begun.elapsed() < Duration::from_secs(300), "nobody trades");
        std::thread::sleep(Duration::from_secs(2));
        let (code, out, err) = drift(&sandbox, &["--json"]);
        // Before the first bar there is nothing to compare.
        assert!(code == Some(0) || code == Some(1), "{out}{err}");
        let Ok(document) = serde_json::from_str::<Value>(&out) else { continue };
        let sessions = document["shards"][0]["sessions"].as_array().unwrap();
        let fills = |session: &Value| session["together"]["fills"]["matched"].as_i64().unwrap();
        if sessions.len() > 1 && sessions.iter().map(fills).sum::<i64>() > 1 {
            return (sandbox, document);
        }
    }
}

fn drift(sandbox: &Sandbox, arguments: &[&str]) -> (Option<i32>, String, String) {
    let said = Command::new(env!("CARGO_BIN_EXE_omega"))
        .arg("drift")
        .args(arguments)
        .current_dir(&sandbox.0)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (said.status.code(), text(said.stdout), text(said.stderr))
}

const CONFIG: &str = "[market.generator]\nspeed = 0.0\nseed = 5\n\n[gateway]\nlisten = \"127.0.0.1:0\"\n";

#[test]
fn a_farm_on_paper_in_a_made_market_has_no_drift() {
    let (sandbox, document) = farm(CONFIG);
    let sessions = document["shards"][0]["sessions"].as_array().unwrap();
    assert!(!sessions.is_empty());
    for session in sessions {
        let all = &session["together"];
        for tally in ["signals", "trades", "fills"] {
            assert_eq!((&all[tally]["missing"], &all[tally]["extra"]), (&0.into(), &0.into()), "{session}");
        }
        for pair in ["fees_usdt", "funding_usdt", "result_usdt"] {
            assert_eq!(all[pair]["difference"].as_f64(), Some(0.0), "{session}");
        }
        assert_eq!(session["verdict"], "within");
    }
    let (code, out, _) = drift(&sandbox, &["--bot", "newbie"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("signals") && out.contains("within") && out.contains("tick by tick"), "{out}");
    let (code, _, err) = drift(&sandbox, &["--bot", "nobody"]);
    assert_eq!((code, err.contains("no bot is called so")), (Some(2), true), "{err}");
    // Another market than the farm saw is refused, not compared.
    let other = sandbox.write("other.toml", CONFIG.replace("seed = 5", "seed = 6"));
    let (code, _, err) = drift(&sandbox, &["--config", other.to_str().unwrap()]);
    assert_eq!((code, err.contains("not the one that the farm saw")), (Some(1), true), "{err}");
    let (code, _, err) = drift(&sandbox, &["nowhere"]);
    assert_eq!(code, Some(1), "{err}");
}

#[test]
fn the_demo_is_compared_by_its_own_bars() {
    let sandbox = Sandbox::new();
    assert_eq!(omega(&[&"demo", &"--days", &"4", &"--seed", &"5", &"--dir", &sandbox.0, &"--json"]).code, 0);
    let (code, out, err) = drift(&sandbox, &["journal.omega", "--json"]);
    let document: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    let shard = &document["shards"][0];
    assert_eq!(shard["market"], "by the journal's own bars");
    assert!(shard["sessions"].as_array().unwrap().len() >= 15);
    assert_eq!((code, &shard["verdict"]), (Some(0), &"within".into()), "{err}");
    // Its venue slips, which its journal does not say: where nothing is allowed that is too much.
    sandbox.write("omega.toml", "[drift]\nfill_gap_mean_max_bps = 0\n");
    let (code, out, err) = drift(&sandbox, &["journal.omega"]);
    assert_eq!((code, err.contains("[drift]")), (Some(3), true), "{err}");
    let line = out.lines().find(|line| line.trim_start().starts_with("fill gap")).unwrap();
    assert!(line.ends_with("over"), "{out}");
}
