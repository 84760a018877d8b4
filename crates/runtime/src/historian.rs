//! What is to be kept, from the bus into the history.
//!
//! A message is done with only when its row is on the store's disk. Several of them are in hand at once, so that a disk is
//! waited for by the batch. It refuses to lose a row because the store is away: then the bus keeps it.

use crate::host::Wiring;
use control::{Bus, Message, Reader, Subscription, Telemetry, Topic};
use history::Writer;
use history::writer::{NotTaken, Open, Pace};
use model::Interval;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The group of those who keep.
const GROUP: &str = "history";
/// Messages in hand at once.
const HANDS: usize = 8;
const READ: Interval = Interval(250);
/// How long a row may wait before it is looked whether the process ends.
const WAIT: Duration = Duration::from_millis(250);
/// How long the last rows are tried at the end.
const PATIENCE: Duration = Duration::from_secs(5);

/// Somebody who keeps what is told.
#[derive(Debug)]
pub struct Historian {
    hands: Vec<JoinHandle<()>>,
    watch: JoinHandle<()>,
    writer: Arc<Writer>,
    is_over: Arc<AtomicBool>,
}

impl Historian {
    /// Begins to keep. `member` is this process's life.
    pub fn start(wiring: &Wiring, member: &str, open: Open, telemetry: Arc<Telemetry>) -> Historian {
        let (is_over, writer) =
            (Arc::new(AtomicBool::new(false)), Arc::new(Writer::start(open, Pace::default())));
        let hand = |number: usize| {
            let reader = Reader::Group { name: GROUP.to_owned(), member: format!("{member}-{number}") };
            let mut end = wiring.open(&[Subscription { topic: Topic::events(), reader }]);
            let (over, writer) = (Arc::clone(&is_over), Arc::clone(&writer));
            thread::spawn(move || read(&mut *end, &writer, &over))
        };
        let hands = (0..HANDS).map(hand).collect();
        let (over, of_writer) = (Arc::clone(&is_over), Arc::clone(&writer));
        let watch = thread::spawn(move || watch(&of_writer, &telemetry, &over));
        Historian { hands, watch, writer, is_over }
    }

    /// Keeps what it has in hand, and ends.
    pub fn stop(self) {
        self.is_over.store(true, Ordering::Release);
        for thread in self.hands.into_iter().chain([self.watch]) {
            if thread.join().is_err() {
                tracing::error!("a thread of the history is broken; its rows are still on the bus");
            }
        }
        let writer = Arc::into_inner(self.writer).expect("the threads that had it are over");
        if let Err(left) = writer.close(PATIENCE) {
            tracing::warn!(%left, "the history is behind");
        }
    }
}

/// Takes one message after another until the process ends.
fn read(end: &mut dyn Bus, writer: &Writer, is_over: &AtomicBool) {
    while !is_over.load(Ordering::Acquire) {
        match end.next(READ) {
            Ok(Some(delivery)) => {
                if !keep(writer, &delivery.message, is_over) {
                    return;
                }
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "nothing can be read for the history");
                thread::sleep(WAIT);
            }
        }
    }
}

/// Looks how the store does: how much waits, and how often it failed.
fn watch(writer: &Writer, telemetry: &Telemetry, is_over: &AtomicBool) {
    let mut failed = 0;
    while !is_over.load(Ordering::Acquire) {
        let standing = writer.standing();
        telemetry.history_waiting.set(standing.waiting as u64);
        let now = standing.away.as_ref().map_or(0, |(attempts, _)| u64::from(*attempts));
        if let Some((attempts, why)) = standing.away.filter(|_| failed == 0) {
            tracing::warn!(attempts, why, "the history does not answer: rows wait on the bus");
        }
        if now == 0 && failed > 0 {
            tracing::info!("the history answers again");
        }
        telemetry.history_failures.add(now.saturating_sub(failed));
        failed = now;
        thread::sleep(WAIT);
    }
}

/// Keeps one message; `false` if the process ends before it is kept.
fn keep(writer: &Writer, message: &[u8], is_over: &AtomicBool) -> bool {
    let record = match Message::decode(message) {
        Ok(Message::Record(record)) => *record,
        Ok(_) => return true,
        Err(error) => {
            tracing::warn!(%error, "a message is left out of the history");
            return true;
        }
    };
    loop {
        match writer.put(record.clone(), WAIT) {
            Ok(ticket) => {
                while !writer.wait_kept(ticket, WAIT) {
                    if is_over.load(Ordering::Acquire) {
                        return false;
                    }
                }
                return true;
            }
            Err(NotTaken::Never(error)) => {
                tracing::warn!(%error, "a row is left out of the history");
                return true;
            }
            Err(error @ (NotTaken::Full(_) | NotTaken::Closing)) => {
                tracing::warn!(%error, "the history waits");
                if is_over.load(Ordering::Acquire) {
                    return false;
                }
            }
        }
    }
}
