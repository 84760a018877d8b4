//! Sessions that have ended, each held against its back-test while the farm goes on.
//!
//! Another process looks, for a fault of whoever looks must end nobody who trades. Beside a journal lies how far its sessions
//! were looked at; where that is lost it begins with the session that is lived now. The budget is that of the file as it is when
//! somebody looks. It refuses to ask at once again where a journal could not be compared.

use crate::drifting::told::{self, Told};
use config::{Config, Mode};
use control::{Bus, Message, Telemetry, Topic};
use edge::journal::Place;
use model::{Interval, Time};
use runtime::Wiring;
use runtime::shard::ShardPlan;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A session's end is in the journal once a bar behind it is: so long after it was told, and again where it was not yet.
const LATER: Duration = Duration::from_secs(30);
/// It is looked this often whether the farm ends.
const NAP: Duration = Duration::from_millis(200);
/// After one that could not be compared.
const AGAIN: Duration = Duration::from_secs(600);

/// Sessions are quarters of a UTC day.
const SESSION: Interval = Interval(6 * Interval::HOUR.0);

/// A journal whose sessions are looked at.
struct Watched {
    shard: String,
    place: Place,
    /// The end of the last session that was looked at.
    since: Option<Time>,
    /// When it is to be looked at.
    look_at: Option<Instant>,
}

impl Watched {
    /// A session has ended in it.
    fn heard_end(&mut self, ended: Time) {
        // Of what went before it nothing is known here, and it is not asked for.
        self.since.get_or_insert(ended.floor(SESSION) - Interval(1));
        self.look_at.get_or_insert(Instant::now() + LATER);
    }
}

/// What all looks share.
struct Looker {
    /// The configuration's file, where there is one.
    config: Option<PathBuf>,
    mode: &'static str,
    end: Box<dyn Bus + Send>,
    telemetry: Arc<Telemetry>,
    is_over: Arc<AtomicBool>,
}

/// Whoever looks.
pub(super) struct Watch {
    thread: JoinHandle<()>,
    is_over: Arc<AtomicBool>,
}

impl Watch {
    /// Begins to look at the journals of these shards.
    pub(super) fn begin<'p>(
        (config, file): (&Config, Option<&Path>),
        plans: impl Iterator<Item = &'p ShardPlan>,
        (wiring, telemetry): (&Wiring, &Arc<Telemetry>),
        ends: Receiver<(String, Time)>,
    ) -> Watch {
        let watched = |plan: &ShardPlan| Watched {
            shard: plan.names.shard.clone(),
            since: kept(&plan.journal),
            place: plan.journal.clone(),
            look_at: None,
        };
        let mut all: Vec<Watched> = plans.map(watched).collect();
        let is_over = Arc::new(AtomicBool::new(false));
        let mode = match config.farm.mode {
            Mode::Paper => "paper",
            Mode::Demo => "demo",
            Mode::Live => "live",
        };
        let mut looker = Looker {
            config: file.map(Path::to_path_buf),
            mode,
            end: wiring.open(&[]),
            telemetry: Arc::clone(telemetry),
            is_over: Arc::clone(&is_over),
        };
        let thread = thread::spawn(move || {
            while !looker.is_over() {
                for (shard, ended) in ends.try_iter() {
                    all.iter_mut().filter(|one| one.shard == shard).for_each(|one| one.heard_end(ended));
                }
                all.iter_mut().for_each(|one| looker.look(one));
                thread::sleep(NAP);
            }
        });
        Watch { thread, is_over }
    }

    pub(super) fn stop(self) {
        self.is_over.store(true, Ordering::Release);
        if self.thread.join().is_err() {
            tracing::error!(
                "the thread that looks at drift is broken; `omega drift` looks at the same sessions"
            );
        }
    }
}

impl Looker {
    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    fn look(&mut self, watched: &mut Watched) {
        let is_due = watched.look_at.is_some_and(|at| Instant::now() >= at);
        let (true, false, Some(since)) = (is_due, self.is_over(), watched.since) else { return };
        match self.ask(&watched.place, since) {
            Ok(all) if all.is_empty() => watched.look_at = Some(Instant::now() + LATER),
            Ok(all) => {
                watched.look_at = None;
                all.into_iter().for_each(|told| self.tell(watched, &told));
            }
            Err(why) => {
                watched.look_at = Some(Instant::now() + AGAIN);
                let shard = watched.shard.as_str();
                tracing::warn!(shard, why, "a session could not be held against its back-test");
            }
        }
    }

    /// Another process looks at what is in the journal.
    fn ask(&self, place: &Place, since: Time) -> Result<Vec<Told>, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        command.arg("drift").arg(place.path()).args(["--told-in", self.mode, "--from", &since.to_string()]);
        if let Some(config) = &self.config {
            command.arg("--config").arg(config);
        }
        let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; "));
        }
        let lines = String::from_utf8_lossy(&output.stdout);
        let told = |line| told::read(line).ok_or_else(|| format!("{line} is no answer"));
        lines.lines().map(told).collect()
    }

    fn tell(&mut self, watched: &mut Watched, told: &Told) {
        let to = Time(told.to);
        if watched.since.is_some_and(|since| to <= since) || !matches!(told.notice, Message::Notice(_)) {
            return;
        }
        if self.end.send(&Topic::events(), &told.notice.encode()).is_err() {
            // It is compared again when the bus is back.
            watched.look_at = Some(Instant::now() + LATER);
            return;
        }
        if let Some(numbers) = self.telemetry.shard(&watched.shard) {
            told.numbers.show(&numbers);
        }
        watched.since = Some(to);
        keep(&watched.place, to);
    }
}

fn beside(journal: &Place) -> PathBuf {
    let path = journal.path();
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".drift");
    path.with_file_name(name)
}

fn kept(journal: &Place) -> Option<Time> {
    std::fs::read_to_string(beside(journal)).ok()?.trim().parse().ok().map(Time)
}

fn keep(journal: &Place, until: Time) {
    if let Err(error) = std::fs::write(beside(journal), until.0.to_string()) {
        tracing::warn!(%error, "how far sessions were looked at is not kept: the last is told of again");
    }
}
