//! First aid: what a farm needs of this machine and of those it talks to, looked at one by one, each with its figure and its mend.
//!
//! It refuses to change anything, to show a secret, to wait for anybody longer than it says, and to reach for what the
//! configuration does not need.

mod build;
mod clocks;
mod disk;
#[cfg(feature = "gateway")]
mod door;
#[cfg(feature = "run")]
mod exchange;
#[cfg(feature = "run")]
mod records;
#[cfg(feature = "run")]
mod redis;
mod rights;

use crate::commands::doctor::Arguments;
use crate::configured;
use crate::console::Console;
use crate::error::Failure;
use crate::json::Json;
use crate::table::{Align, Cell, Grid, Tone, wrap_within};
use config::{Config, Environment, Mode};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

/// How long everything together may take; each check has limits of its own below it.
const LIMIT: Duration = Duration::from_secs(8);

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// A farm runs, but somebody should look.
    Warning,
    /// A farm does not run, or not safely.
    Broken,
}

impl Verdict {
    /// As it is told.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Broken => "broken",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub struct Finding {
    what: String,
    verdict: Verdict,
    found: String,
    /// What to do, where it is not as it should be.
    mend: Option<String>,
}

impl Finding {
    fn ok(what: &str, found: impl Into<String>) -> Finding {
        Finding { what: what.to_owned(), verdict: Verdict::Ok, found: found.into(), mend: None }
    }

    fn warning(what: &str, found: impl Into<String>, mend: impl Into<String>) -> Finding {
        let (found, mend) = (found.into(), Some(mend.into()));
        Finding { what: what.to_owned(), verdict: Verdict::Warning, found, mend }
    }

    fn broken(what: &str, found: impl Into<String>, mend: impl Into<String>) -> Finding {
        Finding { verdict: Verdict::Broken, ..Finding::warning(what, found, mend) }
    }
}

/// What checks look at.
#[derive(Debug)]
struct Ground {
    config: Config,
    environment: Environment,
    /// Whether what lies beyond this machine is left out.
    offline: bool,
}

impl Ground {
    /// Whether a host is looked at: always where it is this machine.
    fn reaches(&self, host: &str) -> bool {
        is_here(host) || !self.offline
    }

    fn left_out(what: &str, host: &str) -> Finding {
        Finding::ok(what, format!("{host} is beyond this machine and was left out (--offline)"))
    }
}

/// Whether a host is this machine.
fn is_here(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<std::net::IpAddr>().map_or(bare == "localhost", |at| at.is_loopback())
}

/// A check of the farm's surroundings; it may find several things.
type Check = fn(&Ground) -> Vec<Finding>;

/// All of them, in the order in which they are told.
const CHECKS: &[(&str, Check)] = &[
    ("disk", disk::look),
    ("rights", rights::look),
    #[cfg(feature = "run")]
    ("journal", records::journals),
    #[cfg(feature = "run")]
    ("history", records::history),
    #[cfg(feature = "gateway")]
    ("gateway", door::look),
    #[cfg(feature = "run")]
    ("redis", redis::look),
    #[cfg(feature = "run")]
    ("exchange", exchange::look),
];

/// Looks at everything and tells it.
pub fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let mut findings = build::look();
    findings.push(clocks::own());
    let written = configured::written(arguments.config.as_deref())?;
    let environment = configured::environment();
    match configured::read(&written, &environment) {
        Ok(config) => {
            let from = if written.is_there {
                written.file.display().to_string()
            } else {
                "no file: the defaults".to_owned()
            };
            let mode = match config.farm.mode {
                Mode::Paper => "paper",
                Mode::Demo => "demo",
                Mode::Live => "live",
            };
            let bots = config.plan().shards.iter().map(|shard| shard.bots.len()).sum::<usize>();
            findings.push(Finding::ok("configuration", format!("{from}; mode {mode}, {bots} bots")));
            findings.extend(looked(Ground { config, environment, offline: arguments.offline }));
        }
        Err(faults) => {
            let found = format!("{} things are wrong; the first: {}", faults.len(), faults[0]);
            let mend = "`omega config check` lists all; what follows from it was not looked at";
            findings.push(Finding::broken("configuration", found, mend));
        }
    }
    if arguments.json {
        console.print(&document(&findings).document())?;
    } else {
        console.print(&table(&findings, console))?;
    }
    let broken: Vec<&str> =
        findings.iter().filter(|one| one.verdict == Verdict::Broken).map(|one| one.what.as_str()).collect();
    if broken.is_empty() {
        return Ok(());
    }
    Err(Failure::input(format!("broken: {}", broken.join(", ")), "do what stands behind each arrow above"))
}

/// All at once, each for so long and no longer.
fn looked(ground: Ground) -> Vec<Finding> {
    let ground = Arc::new(ground);
    let begun = Instant::now();
    let under_way: Vec<_> = CHECKS
        .iter()
        .map(|(what, check)| {
            let (sender, receiver) = channel();
            let ground = Arc::clone(&ground);
            std::thread::spawn(move || {
                // Who did not want to wait any longer has left.
                let _is_heard = sender.send(check(&ground));
            });
            (*what, receiver)
        })
        .collect();
    let wait = |(what, receiver): (&str, std::sync::mpsc::Receiver<Vec<Finding>>)| {
        let left = LIMIT.saturating_sub(begun.elapsed()).max(Duration::from_millis(10));
        receiver.recv_timeout(left).unwrap_or_else(|_| {
            let found = format!("no answer within {} s", LIMIT.as_secs());
            vec![Finding::broken(what, found, "look at the disk or the server it waits for, then ask again")]
        })
    };
    under_way.into_iter().flat_map(wait).collect()
}

fn document(findings: &[Finding]) -> Json {
    let one = |finding: &Finding| {
        Json::object([
            ("what", Json::text(&finding.what)),
            ("ok", Json::Truth(finding.verdict == Verdict::Ok)),
            ("verdict", Json::text(finding.verdict.name())),
            ("found", Json::text(&finding.found)),
            ("advice", Json::optional(finding.mend.as_ref(), Json::text)),
        ])
    };
    let worst = findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Ok);
    Json::object([
        ("verdict", Json::text(worst.name())),
        ("checks", Json::List(findings.iter().map(one).collect())),
    ])
}

fn table(findings: &[Finding], console: &Console) -> String {
    let columns = [("check", Align::Left), ("", Align::Left), ("found", Align::Left)];
    let mut grid = Grid::new(&columns);
    for finding in findings {
        let tone = match finding.verdict {
            Verdict::Ok => Tone::Good,
            Verdict::Warning => Tone::Wary,
            Verdict::Broken => Tone::Bad,
        };
        let verdict = Cell::new(finding.verdict.name(), tone);
        let mut lines = wrapped(&finding.found).into_iter();
        grid.row(vec![Cell::plain(&finding.what), verdict, Cell::plain(lines.next().unwrap_or_default())]);
        let mend = finding.mend.as_ref().map_or_else(Vec::new, |mend| wrapped(&format!("-> {mend}")));
        for line in lines.chain(mend) {
            grid.row(vec![Cell::plain(""), Cell::plain(""), Cell::plain(line)]);
        }
    }
    grid.render(console.has_colour())
}

/// Columns of what was found.
const FOUND_WIDTH: usize = 70;

fn wrapped(text: &str) -> Vec<String> {
    wrap_within(&shown(text), "", FOUND_WIDTH).lines().map(str::to_owned).collect()
}

/// What servers and disks say is shown, and does not act in a terminal.
fn shown(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
