//! A farm that runs reads its file again when it is told to, takes what it can, names what it cannot, and nothing of a file
//! with a mistake.

use super::{Sandbox, omega};
use rig::Process;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

fn config(port: u16, more: &str) -> String {
    format!(
        "[farm]\ndata_dir = \"data\"\nseed = 3\n[market]\nwarm_up_bars = 20\n[market.generator]\nspeed = 60.0\n\
         [gateway]\nlisten = \"127.0.0.1:{port}\"\n[[bot]]\nname = \"cross\"\npersona = \"ema_cross\"\n{more}"
    )
}

fn run(sandbox: &Sandbox) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_omega"));
    Process::start(command.args(["run", "--config", "omega.toml"]).current_dir(&sandbox.0))
}

fn hang_up(process: &Process) {
    let told = Command::new("kill").args(["-HUP", &process.id().to_string()]).status();
    assert!(told.unwrap().success());
}

/// What it has said since it had said so much.
fn since(process: &Process, before: &str) -> String {
    process.said()[before.len()..].to_owned()
}

/// Writes the file, says so, and waits for the last line about it.
fn reload(sandbox: &Sandbox, process: &Process, text: &str) -> String {
    let before = process.said();
    sandbox.write("omega.toml", text);
    hang_up(process);
    let begun = std::time::Instant::now();
    let is_over = |said: &str| said.contains("was read again") || said.contains("everything stays as it was");
    while !is_over(&since(process, &before)) {
        assert!(begun.elapsed() < SOON, "{}", process.said());
        std::thread::sleep(Duration::from_millis(10));
    }
    since(process, &before)
}

fn bots(journal: &Path) -> String {
    omega(&[&"replay", &journal]).out
}

#[test]
fn a_farm_reads_its_file_again() {
    let (sandbox, port) = (Sandbox::new(), rig::free_port());
    sandbox.write("omega.toml", config(port, "[risk]\ndaily_loss_max_bps = 500\n"));
    let mut farm = run(&sandbox);
    farm.until_said("the shard is up", SOON);
    // What can be taken is taken: limits by the farm itself, in its journal.
    let other =
        "[risk]\ndaily_loss_max_bps = 300\n[access]\nlock_out_s = 60\n[notify.trade_exit]\nlevel = \"off\"\n";
    let said = reload(&sandbox, &farm, &config(port, other).replace("seed = 3", "seed = 4"));
    for line in [
        "risk.daily_loss_max_bps is 300 now, and was 500",
        "access.lock_out_s is 60 now, and was 900",
        "notify.trade_exit.level is \"off\" now, and was \"on\"",
        "farm.seed is another in the file: it is taken by a restart",
        "the configuration was read again: 3 changes taken, 1 wait for a restart",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    farm.until_said("other rules hold from now on: daily loss 3.00 %", SOON);
    // What waits for a restart is said again as long as it waits; what was taken is not.
    let said = reload(&sandbox, &farm, &config(port, other).replace("seed = 3", "seed = 4"));
    assert!(said.contains("0 changes taken, 1 wait for a restart"), "{said}");
    // Nothing of a file with a mistake is taken.
    let broken = other.replace("300", "0").replace("60", "61");
    let said = reload(&sandbox, &farm, &config(port, &broken));
    for part in ["omega.toml: line ", "risk.daily_loss_max_bps", "\"off\"", "everything stays as it was"] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    assert!(!said.contains("lock_out_s"), "{said}");
    // Nor of a file that is no TOML, or is gone.
    assert!(reload(&sandbox, &farm, "[risk\n").contains("omega.toml: line 1"));
    std::fs::remove_file(sandbox.path("omega.toml")).unwrap();
    let before = farm.said();
    hang_up(&farm);
    farm.until_said("cannot read omega.toml", SOON);
    assert!(!since(&farm, &before).contains("was read again"));
    // How much is logged changes at once.
    let quiet = format!("{other}[telemetry]\nlog = \"error\"\n");
    sandbox.write("omega.toml", config(port, &quiet));
    let before = farm.said();
    hang_up(&farm);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(since(&farm, &before), "", "who wants errors only hears nothing of what is as it should be");
    assert!(farm.is_alive());
    assert!(farm.interrupt(SOON).success(), "{}", farm.said());
    // The change is in its journal: it rises under it, and nothing changes again.
    sandbox.write("omega.toml", config(port, "[risk]\ndaily_loss_max_bps = 300\n"));
    let mut farm = run(&sandbox);
    farm.until_said("the shard is up", SOON);
    assert!(farm.interrupt(SOON).success());
    assert!(!farm.said().contains("other rules"), "{}", farm.said());
    assert!(bots(&sandbox.path("data/main.omega")).contains("ema_cross"));
    // What was written into the file and can only be had from the beginning is refused with what to do.
    sandbox.write("omega.toml", config(port, "capital_usdt = 20000\n"));
    let mut farm = run(&sandbox);
    assert!(!farm.wait(SOON).success());
    assert!(farm.said().contains("put its capital_usdt back"), "{}", farm.said());
}
