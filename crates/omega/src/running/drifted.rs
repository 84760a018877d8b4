//! Sessions that have ended, each held against its back-test while the farm goes on.
//!
//! It reads what is safe in the journals and stops nobody. Beside a journal lies how far its sessions were looked at; where
//! that is lost it begins with the session that is lived now. It refuses to go on about a journal it cannot compare: that is
//! said once.

use crate::drifting;
use config::Config;
use control::view::Names;
use control::{Bus, Message, Telemetry, Topic};
use drift::{BadDrift, Budget, Market, Report, Terms};
use edge::journal::Place;
use farm::journal;
use model::Time;
use runtime::Wiring;
use runtime::shard::ShardPlan;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Between two looks at the journals; sessions last hours.
const LOOK_EACH: Duration = Duration::from_secs(20);
/// It is looked this often whether the farm ends.
const NAP: Duration = Duration::from_millis(200);

/// A journal whose sessions are looked at.
struct Watched {
    place: Place,
    names: Names,
    terms: Terms,
    /// The end of the last session that was looked at, once it is known.
    since: Option<Time>,
    /// It was said that it cannot be compared.
    is_given_up: bool,
}

/// Whoever looks.
pub(super) struct Watch {
    thread: JoinHandle<()>,
    is_over: Arc<AtomicBool>,
    budget: Arc<Mutex<Budget>>,
}

impl Watch {
    /// Begins to look at the journals of these shards.
    pub(super) fn begin<'p>(
        config: &Config,
        plans: impl Iterator<Item = &'p ShardPlan>,
        wiring: &Wiring,
        telemetry: &Arc<Telemetry>,
    ) -> Watch {
        let watched = |plan: &ShardPlan| {
            let terms = Terms::configured(config, &plan.names.shard)?;
            let (place, names) = (plan.journal.clone(), plan.names.clone());
            Some(Watched { since: told(&place), place, names, terms, is_given_up: false })
        };
        let mut all: Vec<Watched> = plans.filter_map(watched).collect();
        let (is_over, config, telemetry) =
            (Arc::new(AtomicBool::new(false)), config.clone(), Arc::clone(telemetry));
        let (over, mut end) = (Arc::clone(&is_over), wiring.open(&[]));
        let budget = Arc::new(Mutex::new(Budget::from(&config.drift)));
        let allowed = Arc::clone(&budget);
        let thread = thread::spawn(move || {
            let mut look_at = Instant::now();
            while !over.load(Ordering::Acquire) {
                if Instant::now() >= look_at {
                    let budget = *allowed.lock().unwrap_or_else(PoisonError::into_inner);
                    all.iter_mut().for_each(|one| one.look((&config, &budget), &mut *end, &telemetry));
                    look_at = Instant::now() + LOOK_EACH;
                }
                thread::sleep(NAP);
            }
        });
        Watch { thread, is_over, budget }
    }

    /// Sessions that end from now on are held against this.
    pub(super) fn set_budget(&self, budget: Budget) {
        *self.budget.lock().unwrap_or_else(PoisonError::into_inner) = budget;
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

impl Watched {
    fn look(&mut self, (config, budget): (&Config, &Budget), end: &mut dyn Bus, telemetry: &Telemetry) {
        if self.is_given_up {
            return;
        }
        let shard = self.names.shard.clone();
        match self.finished(config) {
            Ok(reports) => {
                for report in reports {
                    let notice = drift::notice(&report, &self.names, budget);
                    if end.send(&Topic::events(), &Message::Notice(notice).encode()).is_err() {
                        // It is compared again when the bus is back.
                        return;
                    }
                    if let Some(numbers) = telemetry.shard(&shard) {
                        drift::measure(&report, budget, &numbers);
                    }
                    self.since = Some(report.span.to);
                    keep(&self.place, report.span.to);
                }
            }
            Err(error) => {
                self.is_given_up = true;
                tracing::warn!(shard, %error, "sessions cannot be held against their back-tests");
            }
        }
    }

    fn finished(&mut self, config: &Config) -> Result<Vec<Report>, BadDrift> {
        // What cannot be read yet, or not any more, is the shard's to say.
        let Ok(segments) = self.place.read() else { return Ok(Vec::new()) };
        if segments.is_empty() {
            return Ok(Vec::new());
        }
        let Some(last) = drift::last_bar(&segments)? else { return Ok(Vec::new()) };
        let since = *self.since.get_or_insert(last);
        let origin = journal::origin(&segments)?;
        let (mut market, _): (Market<'_>, _) = drifting::market(config, true, &origin);
        drift::finished_since(&segments, since, &self.terms, &mut market)
    }
}

fn beside(journal: &Place) -> PathBuf {
    let path = journal.path();
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".drift");
    path.with_file_name(name)
}

fn told(journal: &Place) -> Option<Time> {
    std::fs::read_to_string(beside(journal)).ok()?.trim().parse().ok().map(Time)
}

fn keep(journal: &Place, until: Time) {
    if let Err(error) = std::fs::write(beside(journal), until.0.to_string()) {
        tracing::warn!(%error, "how far sessions were looked at is not kept: the last is told of again");
    }
}
