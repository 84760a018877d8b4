//! The bus of a farm in one process: the promises of the bus behind a lock, with somebody to wake who waits.
//!
//! It refuses to grow without a limit (a topic that is full says so to the sender) and to outlive its process: what nobody
//! had done with is gone with it, which is why a process that is alone journals what it must not lose.

use control::bus::WAITING_MAX;
use control::bus::broker::{Broker, EndId};
use control::{Bus, Deaf, Delivery, Subscription, Topic, Unsent};
use model::Interval;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// All queues of a process. A clone is the same queues.
#[derive(Clone, Debug)]
pub struct Queues(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    broker: Mutex<Broker>,
    came: Condvar,
}

/// One end of them; dropped, what it had in hand is for another of its group.
#[derive(Debug)]
pub struct End {
    shared: Arc<Shared>,
    id: EndId,
}

impl Default for Queues {
    fn default() -> Queues {
        Queues::new(WAITING_MAX)
    }
}

impl Queues {
    /// Empty ones that keep at most so many messages a topic.
    pub fn new(waiting_max: usize) -> Queues {
        Queues(Arc::new(Shared { broker: Mutex::new(Broker::new(waiting_max)), came: Condvar::new() }))
    }

    /// A new end that reads this.
    pub fn open(&self, reads: &[Subscription]) -> End {
        let id = self.0.broker().open(reads);
        End { shared: Arc::clone(&self.0), id }
    }

    /// How many messages of a topic were laid aside.
    pub fn laid_aside(&self, topic: &Topic) -> u64 {
        self.0.broker().laid_aside(topic)
    }
}

impl Shared {
    fn broker(&self) -> MutexGuard<'_, Broker> {
        self.broker.lock().expect("nobody panics while he holds the queues")
    }
}

impl Bus for End {
    fn send(&mut self, topic: &Topic, message: &[u8]) -> Result<(), Unsent> {
        let sent = self.shared.broker().send(topic, message);
        if sent.is_ok() {
            self.shared.came.notify_all();
        }
        sent
    }

    fn next(&mut self, wait: Interval) -> Result<Option<Delivery>, Deaf> {
        let wait = Duration::from_millis(u64::try_from(wait.0).unwrap_or(0));
        let mut broker = self.shared.broker();
        let mut until = None;
        loop {
            if let Some(delivery) = broker.next(self.id) {
                return Ok(Some(delivery));
            }
            let now = Instant::now();
            let left = until.get_or_insert(now + wait).saturating_duration_since(now);
            if left.is_zero() {
                return Ok(None);
            }
            let waited = self.shared.came.wait_timeout(broker, left);
            broker = waited.expect("nobody panics while he holds the queues").0;
        }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        // A process that unwinds has nobody left to hand anything to.
        if let Ok(mut broker) = self.shared.broker.lock() {
            broker.close(self.id);
            self.shared.came.notify_all();
        }
    }
}
