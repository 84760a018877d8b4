//! A thread between a trader and the registry, so that the trader never waits for it: questions go in, answers come out.
//!
//! A question is asked once, on the connection there is when it is taken up; what was waiting while there was none is thrown
//! away, for a lease asks again by itself, and an answer is worth nothing when it is late.

use super::{Life, Registry};
use crate::redis::{Settings, duration};
use farm::lease::{ASK_AGAIN, LeaseAnswer, LeaseRequest, NodeId, ShardId};
use model::Interval;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Questions that wait at most: of a process that holds every shard there should be, twice.
const ASKED_MAX: usize = 4_096;
/// So long the thread tries to connect before it looks whether it is still wanted, and whether anybody asks.
const LOOK_EACH: Duration = Duration::from_millis(100);

/// A question: by which life, and for somebody whose journal knows which epoch.
#[derive(Clone, Copy, Debug)]
struct Asked {
    life: Life,
    request: LeaseRequest,
    epoch_known: u16,
}

/// The registry, as a trader uses it.
#[derive(Debug)]
pub struct Keeper {
    life: Life,
    asks: SyncSender<Asked>,
    answers: Receiver<LeaseAnswer>,
    is_reached: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Keeper {
    /// Starts the thread, as a new life; `wake` is called after each answer, from the thread, and must not wait.
    pub fn start(settings: Settings, wake: impl Fn() + Send + 'static) -> Keeper {
        let life = Life::begin();
        // A question is asked again after so long: to wait longer for its answer would only hold up the next.
        let answer_within = Interval(settings.answer_within.0.min(ASK_AGAIN.0));
        let registry = Registry::new(Settings { answer_within, ..settings });
        let (asks, asked) = sync_channel(ASKED_MAX);
        let (answer, answers) = sync_channel(ASKED_MAX);
        let is_reached = Arc::new(AtomicBool::new(false));
        let of_thread = Arc::clone(&is_reached);
        let mut desk = Desk { registry, asked, answer, is_reached: of_thread };
        let thread = thread::spawn(move || desk.keep(&wake));
        Keeper { life, asks, answers, is_reached, thread }
    }

    /// As whom it asks: leases are taken out under this number.
    pub fn node(&self) -> NodeId {
        self.life.node
    }

    /// Asks, for somebody whose journal knows this epoch (0: none). Never waits: what has no room is not asked, as if it were
    /// lost on the way.
    pub fn ask(&self, request: LeaseRequest, epoch_known: u16) {
        let _ = self.asks.try_send(Asked { life: self.life, request, epoch_known });
    }

    /// This life, to be left for whoever comes after it.
    pub fn life(&self) -> Life {
        self.life
    }

    /// Gives back what another life holds. Only for who knows that it is over: who has its journal's lock does.
    pub fn release_for(&self, dead: Life, shard: ShardId, epoch: u16) {
        let request = LeaseRequest::Release { shard, node: dead.node, epoch };
        let _ = self.asks.try_send(Asked { life: dead, request, epoch_known: epoch });
    }

    /// The next answer, if one has come.
    pub fn answer(&self) -> Option<LeaseAnswer> {
        self.answers.try_recv().ok()
    }

    /// Whether the registry answered last.
    pub fn is_reached(&self) -> bool {
        self.is_reached.load(Ordering::Relaxed)
    }

    /// Says what still waits (a release), where there is a connection, and ends. Who only drops it does not wait for that.
    pub fn stop(self) {
        drop(self.asks);
        // A thread that panicked has said so itself.
        let _ = self.thread.join();
    }
}

/// The thread's side.
struct Desk {
    registry: Registry,
    asked: Receiver<Asked>,
    answer: SyncSender<LeaseAnswer>,
    is_reached: Arc<AtomicBool>,
}

impl Desk {
    fn keep(&mut self, wake: &impl Fn()) {
        loop {
            if !self.registry.is_connected() {
                let up = self.registry.connect(Instant::now() + LOOK_EACH).is_ok();
                self.is_reached.store(up, Ordering::Relaxed);
                if self.throw_away() {
                    return;
                }
                continue;
            }
            match self.asked.recv_timeout(duration(ASK_AGAIN)) {
                Ok(asked) => self.ask(&asked, wake),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn ask(&mut self, asked: &Asked, wake: &impl Fn()) {
        let heard = self.registry.hear(asked.life, &asked.request, asked.epoch_known);
        self.is_reached.store(heard.is_ok(), Ordering::Relaxed);
        if let Ok(Some(answer)) = heard {
            // Who does not take his answers asks again.
            let _ = self.answer.try_send(answer);
            wake();
        }
    }

    /// What was asked while nobody was there; whether nobody asks any more.
    fn throw_away(&self) -> bool {
        loop {
            match self.asked.try_recv() {
                Ok(_) => {}
                Err(TryRecvError::Empty) => return false,
                Err(TryRecvError::Disconnected) => return true,
            }
        }
    }
}
