//! A thread between a bus and a store: takes rows one by one, keeps them by the batch, and tells how far it has come.
//!
//! What it promises: every row it took is tried until it is kept, in the order it was taken, and `kept` never counts one that is
//! not on a disk. It holds at most so many rows; then it takes no more, and who reads the bus leaves them there. It refuses to
//! block a trader (`offer` never waits), to drop a row, and to hide that its store is away.

use crate::bad::{BadRecord, BadStore};
use crate::row;
use crate::store::{Kept, Store};
use control::record::Record;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Opens the store, and again whenever it was away.
pub type Open = Box<dyn FnMut() -> Result<Box<dyn Store>, BadStore> + Send>;

/// How a writer works.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// So many rows wait at most.
    pub waiting_max: usize,
    /// So many are kept at once at most.
    pub batch_rows_max: usize,
    /// So long the first row of a batch waits for others, unless somebody waits for it.
    pub batch_wait: Duration,
    /// After a first failure it is tried again so soon, and each time after twice that.
    pub retry_min: Duration,
    /// But never later than this.
    pub retry_max: Duration,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace {
            waiting_max: 16_384,
            batch_rows_max: 1_024,
            batch_wait: Duration::from_millis(50),
            retry_min: Duration::from_millis(100),
            retry_max: Duration::from_secs(2),
        }
    }
}

/// The place of a row among all that were taken, from 1: all up to it are kept once `kept` has reached it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NotTaken {
    /// The store does not keep up, or is away.
    #[error(
        "{0} rows wait for the history: leave the rest on the bus, and look at why the store does not answer"
    )]
    Full(usize),
    /// No store would ever keep it.
    #[error(transparent)]
    Never(#[from] BadRecord),
    /// The writer has been told to end.
    #[error("the history is being closed: the next process takes it from the bus")]
    Closing,
}

/// How it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// All up to this are on a disk.
    pub kept: Ticket,
    /// Taken, but not kept yet.
    pub waiting: usize,
    /// What became of all that was kept.
    pub rows: Kept,
    /// Attempts in a row that failed, and why the last did; nothing while it works.
    pub away: Option<(u32, String)>,
}

/// What was left when a writer was closed before its store came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{waiting} rows were not kept ({why}): they are still on the bus, and the next process takes them from there"
)]
pub struct Left {
    /// So many.
    pub waiting: usize,
    /// Why.
    pub why: String,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Record>,
    standing: Standing,
    taken: Ticket,
    /// Somebody waits for all up to this: no batch is held back for company.
    wanted: Ticket,
    /// When it is given up, if it is to end.
    ends: Option<Instant>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    pace: Pace,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("whoever holds the lock only moves rows and counts")
    }

    /// Waits until something changes, at most so long.
    fn wait<'a>(&self, state: MutexGuard<'a, State>, wait: Duration) -> MutexGuard<'a, State> {
        self.changed.wait_timeout(state, wait).expect("whoever holds the lock only moves rows and counts").0
    }
}

/// The near end.
pub struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("standing", &self.standing()).finish_non_exhaustive()
    }
}

impl Writer {
    /// Starts it. A store that cannot be opened yet is one that is away.
    ///
    /// # Panics
    ///
    /// If the pace allows no row, or the system has no room for a thread.
    pub fn start(open: Open, pace: Pace) -> Writer {
        assert!(pace.batch_rows_max > 0 && pace.waiting_max > 0, "a writer that may hold no row keeps none");
        let shared = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new(), pace });
        let far = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("history".to_owned()).spawn(move || write(&far, open));
        Writer { shared, thread: Some(thread.expect("the system has room for a thread")) }
    }

    /// Takes a row, at once or not at all.
    pub fn offer(&self, record: Record) -> Result<Ticket, NotTaken> {
        self.put(record, Duration::ZERO)
    }

    /// Takes a row, after waiting for room at most so long.
    pub fn put(&self, record: Record, wait: Duration) -> Result<Ticket, NotTaken> {
        row::check(&record)?;
        let until = Instant::now() + wait;
        let mut state = self.shared.state();
        loop {
            if state.ends.is_some() {
                return Err(NotTaken::Closing);
            }
            if state.standing.waiting < self.shared.pace.waiting_max {
                state.queue.push_back(record);
                state.standing.waiting += 1;
                state.taken.0 += 1;
                let ticket = state.taken;
                self.shared.changed.notify_all();
                return Ok(ticket);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(NotTaken::Full(state.standing.waiting));
            }
            state = self.shared.wait(state, left);
        }
    }

    /// All up to this are on a disk: what a bus may be told.
    pub fn kept(&self) -> Ticket {
        self.shared.state().standing.kept
    }

    /// Waits at most so long until all up to the ticket are on a disk, without company for their batch; whether they are.
    pub fn wait_kept(&self, ticket: Ticket, wait: Duration) -> bool {
        let until = Instant::now() + wait;
        let mut state = self.shared.state();
        state.wanted = state.wanted.max(ticket);
        self.shared.changed.notify_all();
        while state.standing.kept < ticket {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.shared.wait(state, left);
        }
        true
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        self.shared.state().standing.clone()
    }

    /// Takes nothing more, keeps what it has, and ends; gives up a store that is away after so long.
    pub fn close(mut self, wait: Duration) -> Result<Standing, Left> {
        self.end(wait);
        let state = self.shared.state();
        let standing = state.standing.clone();
        drop(state);
        match standing {
            Standing { waiting: 0, .. } => Ok(standing),
            Standing { waiting, away, .. } => {
                Err(Left { waiting, why: away.map_or_else(|| "the time was up".to_owned(), |(_, why)| why) })
            }
        }
    }

    fn end(&mut self, wait: Duration) {
        self.shared.state().ends = Some(Instant::now() + wait);
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            // Its own panic has been told where panics are told; the rows are counted as waiting.
            self.shared.state().standing.away = Some((1, "the writer itself broke".to_owned()));
        }
    }
}

/// A writer that is let go keeps what it has, as far as that works now.
impl Drop for Writer {
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.end(Duration::ZERO);
        }
    }
}

/// The thread.
fn write(shared: &Shared, mut open: Open) {
    let mut store: Option<Box<dyn Store>> = None;
    while let Some(batch) = next_batch(shared) {
        let mut retry = shared.pace.retry_min;
        loop {
            match attempt(&mut store, &mut open, &batch) {
                Ok(kept) => {
                    done(shared, batch.len(), kept);
                    break;
                }
                Err(error) => {
                    // Whatever was wrong with it, it is opened anew: a file may have been put back, a server restarted.
                    store = None;
                    if !again(shared, &error, retry) {
                        return;
                    }
                    retry = (retry * 2).min(shared.pace.retry_max);
                }
            }
        }
    }
}

fn attempt(store: &mut Option<Box<dyn Store>>, open: &mut Open, batch: &[Record]) -> Result<Kept, BadStore> {
    if store.is_none() {
        *store = Some(open()?);
    }
    store.as_mut().expect("it was just opened").keep(batch)
}

/// The rows of the next batch, once there are enough, or nobody waits any longer; nothing at the end.
fn next_batch(shared: &Shared) -> Option<Vec<Record>> {
    let Pace { batch_rows_max, batch_wait, .. } = shared.pace;
    let mut state = shared.state();
    let mut since: Option<Instant> = None;
    loop {
        let held = state.queue.len();
        if held > 0 {
            let waited = since.get_or_insert_with(Instant::now).elapsed();
            let is_wanted = state.wanted > state.standing.kept;
            if held >= batch_rows_max || is_wanted || state.ends.is_some() || waited >= batch_wait {
                let rows = held.min(batch_rows_max);
                return Some(state.queue.drain(..rows).collect());
            }
            state = shared.wait(state, batch_wait.saturating_sub(waited));
        } else if state.ends.is_some() {
            return None;
        } else {
            state = shared.wait(state, Duration::from_secs(60));
        }
    }
}

fn done(shared: &Shared, rows: usize, kept: Kept) {
    let mut state = shared.state();
    let standing = &mut state.standing;
    standing.kept.0 += rows as u64;
    standing.waiting -= rows;
    standing.away = None;
    standing.rows.added += kept.added;
    standing.rows.repeated += kept.repeated;
    standing.rows.contradicted += kept.contradicted;
    drop(state);
    shared.changed.notify_all();
}

/// Says that it did not work and waits; whether it is to be tried again.
fn again(shared: &Shared, error: &BadStore, retry: Duration) -> bool {
    let until = Instant::now() + retry;
    let mut state = shared.state();
    let failures = state.standing.away.as_ref().map_or(0, |(failures, _)| *failures);
    state.standing.away = Some((failures.saturating_add(1), error.to_string()));
    shared.changed.notify_all();
    loop {
        let now = Instant::now();
        if state.ends.is_some_and(|ends| now >= ends) {
            return false;
        }
        if now >= until {
            return true;
        }
        let next = state.ends.map_or(until, |ends| ends.min(until));
        state = shared.wait(state, next - now);
    }
}
