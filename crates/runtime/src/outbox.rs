//! What a shard has to say to others, on its way to the bus: the shard never waits for it.
//!
//! Rows and notices are kept until the bus has taken them, in order; of heartbeats only the last one is. Where too many wait,
//! the rest is not kept here but had from the journal again, and is said to be missing until then. It refuses to forget.

use control::{Bus, Message, Topic, Unsent};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Messages that wait for the bus.
const WAITING_MAX: usize = 1 << 16;
/// Between two attempts to send.
const AGAIN: Duration = Duration::from_millis(100);
/// The longest time that the sender sleeps without being told.
const LOOK_EACH: Duration = Duration::from_millis(500);

/// How far the rows of a journal were taken by the bus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Everything that follows from the frames before this one was taken.
    pub told: u64,
    /// From this frame on it was not kept here: it is in the journal.
    pub missing_from: Option<u64>,
}

#[derive(Debug)]
struct Waiting {
    topic: Topic,
    message: Vec<u8>,
    /// Of which shard, and behind which frame of its journal; answers are of no journal.
    of: Option<(String, u64)>,
}

/// A shard and how it is.
type View = (String, Vec<u8>);

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Waiting>,
    views: BTreeMap<String, Vec<u8>>,
    progress: BTreeMap<String, Progress>,
    /// Of which shard the message is that is being sent.
    in_hand: Option<String>,
    failures: u64,
    is_closed: bool,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// The way out.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    shared: Arc<Shared>,
}

impl Outbox {
    /// One that nobody empties yet.
    pub fn new() -> Outbox {
        Outbox::default()
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.shared.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How a shard is now.
    pub fn view(&self, shard: &str, view: &Message) {
        let bytes = view.encode();
        self.with(|state| state.views.insert(shard.to_owned(), bytes));
        self.shared.changed.notify_all();
    }

    /// An answer to whoever asked.
    pub fn answer(&self, message: &Message) {
        let waiting = Waiting { topic: Topic::answers(), message: message.encode(), of: None };
        self.with(|state| {
            // Who asked asks again: the answer is remembered by the farm.
            if state.waiting.len() < WAITING_MAX {
                state.waiting.push_back(waiting);
            }
        });
        self.shared.changed.notify_all();
    }

    /// What people are to know and no journal tells.
    pub fn notice(&self, message: &Message) {
        let waiting = Waiting { topic: Topic::events(), message: message.encode(), of: None };
        self.with(|state| {
            // Where so much waits it was told already that nothing is taken.
            if state.waiting.len() < WAITING_MAX {
                state.waiting.push_back(waiting);
            }
        });
        self.shared.changed.notify_all();
    }

    /// What follows from the journal up to this frame.
    pub fn tell(&self, shard: &str, frame: u64, messages: &[Message]) {
        self.with(|state| {
            let progress = state.progress.entry(shard.to_owned()).or_default();
            if progress.missing_from.is_some() {
                return;
            }
            let is_of = |waiting: &Waiting| waiting.of.as_ref().is_some_and(|(of, _)| of == shard);
            if messages.is_empty() {
                if !state.waiting.iter().any(is_of) && state.in_hand.as_deref() != Some(shard) {
                    progress.told = frame;
                }
                return;
            }
            if state.waiting.len() + messages.len() >= WAITING_MAX {
                progress.missing_from = Some(frame);
                return;
            }
            let waiting = |message: &Message| Waiting {
                topic: Topic::events(),
                message: message.encode(),
                of: Some((shard.to_owned(), frame)),
            };
            state.waiting.extend(messages.iter().map(waiting));
        });
        self.shared.changed.notify_all();
    }

    /// From here on a shard's rows are told: everything that follows from the frames before was taken.
    pub fn begin(&self, shard: &str, told: u64) {
        self.with(|state| state.progress.insert(shard.to_owned(), Progress { told, missing_from: None }));
    }

    /// How far a shard's rows were taken.
    pub fn progress(&self, shard: &str) -> Progress {
        self.with(|state| state.progress.get(shard).copied().unwrap_or_default())
    }

    /// Messages that wait, and attempts to send that failed.
    pub fn backlog(&self) -> (usize, u64) {
        self.with(|state| (state.waiting.len(), state.failures))
    }

    /// Nothing more will be said: the sender ends once everything is taken.
    pub fn close(&self) {
        self.with(|state| state.is_closed = true);
        self.shared.changed.notify_all();
    }

    /// Empties it into a bus until it is closed and empty, or closed and the bus is away for longer than `patience`.
    pub fn carry(&self, bus: &mut dyn Bus, patience: Duration) {
        let mut away = Duration::ZERO;
        loop {
            let (view, first, is_closed) = self.wait_for_something();
            let is_empty = view.is_none() && first.is_none();
            if is_closed && (is_empty || away > patience) {
                return;
            }
            let sent = match (&view, &first) {
                (Some((_, bytes)), _) => bus.send(&Topic::views(), bytes),
                (None, Some(waiting)) => bus.send(&waiting.topic, &waiting.message),
                (None, None) => continue,
            };
            match sent {
                Ok(()) => {
                    away = Duration::ZERO;
                    if view.is_none() {
                        self.taken(first.expect("it was sent"));
                    }
                }
                Err(Unsent::TooLong(_)) => {
                    self.with(|state| state.failures += 1);
                    if view.is_none() {
                        self.taken(first.expect("it was not sent"));
                    }
                }
                Err(Unsent::Away(_) | Unsent::Full { .. }) => {
                    self.with(|state| {
                        state.failures += 1;
                        if view.is_none() {
                            state.waiting.push_front(first.expect("it was not sent"));
                        }
                    });
                    std::thread::sleep(AGAIN);
                    away += AGAIN;
                    continue;
                }
            }
        }
    }

    fn wait_for_something(&self) -> (Option<View>, Option<Waiting>, bool) {
        let state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_idle =
            |state: &mut State| state.waiting.is_empty() && state.views.is_empty() && !state.is_closed;
        let (mut state, _) = self
            .shared
            .changed
            .wait_timeout_while(state, LOOK_EACH, is_idle)
            .unwrap_or_else(PoisonError::into_inner);
        let view = state.views.pop_first();
        let first = if view.is_some() { None } else { state.waiting.pop_front() };
        state.in_hand = first.as_ref().and_then(|waiting| waiting.of.as_ref()).map(|(of, _)| of.clone());
        (view, first, state.is_closed)
    }

    fn taken(&self, waiting: Waiting) {
        let Some((shard, frame)) = waiting.of else { return };
        self.with(|state| {
            let more = state
                .waiting
                .iter()
                .any(|next| next.of.as_ref().is_some_and(|(of, behind)| *of == shard && *behind == frame));
            if !more {
                state.progress.entry(shard).or_default().told = frame;
            }
        });
    }
}
