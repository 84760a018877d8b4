//! A farm that runs, for the commands that need one: two bots on paper in a made market, its own port and directory.

use crate::{NO_CATALOGUE, Said, Sandbox};
use rig::{Process, free_port};
use serde_json::Value;
use std::process::Command;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// What its variables are, beside those that no test may inherit.
type Variables<'a> = &'a [(&'a str, &'a str)];

/// The farm.
pub struct Farm {
    pub sandbox: Sandbox,
    pub port: u16,
    variables: Vec<(String, String)>,
    process: Process,
}

/// The two bots: one that buys at the open and holds, one that seldom does anything.
pub const BOTS: &str = "[[bot]]\nname = \"holder_btc\"\npersona = \"buy_hold\"\n\
                        [[bot]]\nname = \"newbie_btc\"\npersona = \"newbie\"\n";

/// Its configuration with more of it behind.
pub fn configuration(port: u16, more: &str) -> String {
    format!(
        "[farm]\nname = \"test\"\ndata_dir = \"data\"\n[gateway]\nlisten = \"127.0.0.1:{port}\"\n\
         [market]\nwarm_up_bars = 60\n[market.generator]\nspeed = 120\n{more}"
    )
}

/// The program in a directory, without what the user of this machine has set.
fn program(sandbox: &Sandbox, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_omega"));
    command.args(words).current_dir(&sandbox.0).env_clear().env("OMEGA_DATA", NO_CATALOGUE);
    for name in ["PATH", "TMPDIR", "LLVM_PROFILE_FILE"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// What a command says in a directory, with these variables.
pub fn omega_in(sandbox: &Sandbox, variables: Variables<'_>, words: &[&str]) -> Said {
    let output = program(sandbox, words).envs(variables.iter().copied()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let code = output.status.code().expect("it ends by itself, not by a signal");
    Said { code, out: text(output.stdout), err: text(output.stderr) }
}

impl Farm {
    /// Two bots, nothing else said.
    pub fn start() -> Farm {
        let port = free_port();
        Farm::of(Sandbox::new(), port, &configuration(port, BOTS), &[])
    }

    /// Of this configuration in that directory, until it is heard.
    pub fn of(sandbox: Sandbox, port: u16, configuration: &str, variables: Variables<'_>) -> Farm {
        sandbox.write("omega.toml", configuration);
        let process = Process::start(program(&sandbox, &["run"]).envs(variables.iter().copied()));
        let variables =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut farm = Farm { sandbox, port, variables, process };
        farm.process.until_said("the shard is up", PATIENCE);
        farm.eventually("every bot trades", |farm| {
            let views = farm.views();
            let bots = views["shards"][0]["view"]["bots"].as_array().cloned().unwrap_or_default();
            !bots.is_empty() && bots.iter().all(|bot| bot["status"] != "scheduled")
        });
        farm
    }

    /// What a command says beside it.
    pub fn omega(&self, words: &[&str]) -> Said {
        let variables: Vec<(&str, &str)> =
            self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        omega_in(&self.sandbox, &variables, words)
    }

    /// How everything is, or nothing.
    pub fn views(&self) -> Value {
        let said = self.omega(&["top", "--json"]);
        if said.code == 0 { said.json() } else { Value::Null }
    }

    /// What a bot is doing.
    pub fn status(&self, bot: &str) -> String {
        let views = self.views();
        let bots = views["shards"][0]["view"]["bots"].as_array().cloned().unwrap_or_default();
        let found = bots.iter().find(|one| one["bot"] == bot).map(|one| one["status"].clone());
        found.and_then(|status| status.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Waits until it is so.
    pub fn eventually(&mut self, what: &str, mut is_so: impl FnMut(&Farm) -> bool) {
        let begun = Instant::now();
        while !is_so(self) {
            assert!(self.process.is_alive(), "the farm has ended: {}", self.process.said());
            assert!(begun.elapsed() < PATIENCE, "not so: {what}; the farm said {}", self.process.said());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The token of whoever has the machine.
    pub fn token(&self) -> String {
        std::fs::read_to_string(self.sandbox.path("data/local.token")).unwrap().trim().to_owned()
    }

    /// Asks it to end; everything it said.
    pub fn stop(mut self) -> (Sandbox, String) {
        let ended = self.process.interrupt(PATIENCE);
        assert!(ended.success(), "{}", self.process.said());
        (self.sandbox, self.process.said())
    }
}
