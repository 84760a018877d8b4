//! Sessions that have ended, each held against its back-test while the farm goes on.
//!
//! Another process looks, for a fault of whoever looks must end nobody who trades. Beside a journal lies how far its sessions
//! were looked at; where that is lost it begins with the session that is lived now. The budget is that of the file as it is when
//! somebody looks. It refuses to ask at once again where a journal could not be compared.

use crate::drifting::told::{self, Told};
use control::{Bus, Message, Telemetry, Topic};
use edge::journal::Place;
use model::{Interval, Time};
use runtime::Wiring;
use runtime::shard::ShardPlan;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
    /// `paper`, `demo` or `live`.
    mode: String,
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
    end: Box<dyn Bus + Send>,
    telemetry: Arc<Telemetry>,
    looking: Arc<Looking>,
}

/// The process that looks just now.
#[derive(Default)]
struct Looking {
    is_over: AtomicBool,
    child: Mutex<Option<Child>>,
}

impl Looking {
    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    fn child(&self) -> MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nobody looks any more.
    fn end(&self) {
        self.is_over.store(true, Ordering::Release);
        if let Some(child) = &mut *self.child() {
            // It has ended by itself where this fails.
            let _ended = child.kill();
        }
    }
}

/// Whoever looks.
pub(super) struct Watch {
    thread: JoinHandle<()>,
    looking: Arc<Looking>,
}

impl Watch {
    /// Begins to look at the journals of these shards.
    pub(super) fn begin<'p>(
        config: Option<&Path>,
        plans: impl Iterator<Item = &'p ShardPlan>,
        (wiring, telemetry): (&Wiring, &Arc<Telemetry>),
        ends: Receiver<(String, Time)>,
    ) -> Watch {
        let watched = |plan: &ShardPlan| Watched {
            shard: plan.names.shard.clone(),
            mode: plan.names.mode.clone(),
            since: kept(&plan.journal),
            place: plan.journal.clone(),
            look_at: None,
        };
        let mut all: Vec<Watched> = plans.map(watched).collect();
        let looking = Arc::new(Looking::default());
        let mut looker = Looker {
            config: config.map(Path::to_path_buf),
            end: wiring.open(&[]),
            telemetry: Arc::clone(telemetry),
            looking: Arc::clone(&looking),
        };
        let thread = thread::spawn(move || {
            while !looker.looking.is_over() {
                for (shard, ended) in ends.try_iter() {
                    all.iter_mut().filter(|one| one.shard == shard).for_each(|one| one.heard_end(ended));
                }
                all.iter_mut().for_each(|one| looker.look(one));
                thread::sleep(NAP);
            }
        });
        Watch { thread, looking }
    }

    /// What is looked at just now is looked at again in the next life.
    pub(super) fn stop(self) {
        self.looking.end();
        if self.thread.join().is_err() {
            tracing::error!(
                "the thread that looks at drift is broken; `omega drift` looks at the same sessions"
            );
        }
    }
}

impl Looker {
    fn look(&mut self, watched: &mut Watched) {
        let is_due = watched.look_at.is_some_and(|at| Instant::now() >= at);
        let (true, false, Some(since)) = (is_due, self.looking.is_over(), watched.since) else { return };
        match self.ask(watched, since) {
            Ok(all) if all.is_empty() => watched.look_at = Some(Instant::now() + LATER),
            Ok(all) => {
                watched.look_at = None;
                all.into_iter().for_each(|told| self.tell(watched, &told));
            }
            Err(_) if self.looking.is_over() => {}
            Err(why) => {
                watched.look_at = Some(Instant::now() + AGAIN);
                let shard = watched.shard.as_str();
                tracing::warn!(shard, why, "a session could not be held against its back-test");
            }
        }
    }

    /// Another process looks at what is in the journal.
    fn ask(&self, watched: &Watched, since: Time) -> Result<Vec<Told>, String> {
        let words = |error: std::io::Error| error.to_string();
        let mut command = Command::new(std::env::current_exe().map_err(words)?);
        let journal = watched.place.path();
        command.arg("drift").arg(journal).args(["--told-in", &watched.mode, "--from", &since.to_string()]);
        if let Some(config) = &self.config {
            command.arg("--config").arg(config);
        }
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let (mut said, mut complained) = (String::new(), String::new());
        let mut child = command.spawn().map_err(words)?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        *self.looking.child() = Some(child);
        if self.looking.is_over() {
            self.looking.end();
        }
        // Its complaint is a sentence, which a pipe holds until what it says is over.
        stdout.expect("it is piped").read_to_string(&mut said).map_err(words)?;
        stderr.expect("it is piped").read_to_string(&mut complained).map_err(words)?;
        let child = self.looking.child().take();
        let status = child.expect("only whoever asks takes it").wait().map_err(words)?;
        if !status.success() {
            return Err(complained.trim().replace('\n', "; "));
        }
        let told = |line| told::read(line).ok_or_else(|| format!("{line} is no answer"));
        said.lines().map(told).collect()
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
