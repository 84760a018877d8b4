//! What is to be kept, from the bus into the history.
//!
//! A message is done with only when its row is on the store's disk. It refuses to lose a row because the store is away: then
//! the bus keeps it.

use crate::host::Wiring;
use control::{Message, Reader, Subscription, Topic};
use history::Writer;
use history::writer::{NotTaken, Open, Pace};
use model::Interval;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The group of those who keep.
const GROUP: &str = "history";
const READ: Interval = Interval(250);
/// How long a row may wait before it is looked whether the process ends.
const WAIT: Duration = Duration::from_millis(250);
/// How long the last rows are tried at the end.
const PATIENCE: Duration = Duration::from_secs(5);

/// Somebody who keeps what is told.
#[derive(Debug)]
pub struct Historian {
    thread: JoinHandle<()>,
    is_over: Arc<AtomicBool>,
}

impl Historian {
    /// Begins to keep.
    pub fn start(wiring: &Wiring, member: String, open: Open) -> Historian {
        let is_over = Arc::new(AtomicBool::new(false));
        let reader = Reader::Group { name: GROUP.to_owned(), member };
        let mut end = wiring.open(&[Subscription { topic: Topic::events(), reader }]);
        let over = Arc::clone(&is_over);
        let thread = thread::spawn(move || {
            let writer = Writer::start(open, Pace::default());
            while !over.load(Ordering::Acquire) {
                match end.next(READ) {
                    Ok(Some(delivery)) => {
                        if !keep(&writer, &delivery.message, &over) {
                            break;
                        }
                    }
                    Ok(None) => {}
                    Err(error) => {
                        tracing::warn!(%error, "nothing can be read for the history");
                        thread::sleep(WAIT);
                    }
                }
            }
            if let Err(left) = writer.close(PATIENCE) {
                tracing::warn!(%left, "the history is behind");
            }
        });
        Historian { thread, is_over }
    }

    /// Keeps what it has in hand, and ends.
    pub fn stop(self) {
        self.is_over.store(true, Ordering::Release);
        if self.thread.join().is_err() {
            tracing::error!("the history's thread is broken; its rows are still on the bus");
        }
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
