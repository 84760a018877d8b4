//! The thread that hears the bus: views, notices and answers come in, the audit's copies go out, and once a second what
//! changed without anybody waiting for it is kept.
//!
//! It refuses to end for a bus that is away, and to lose an answer: it is written into the audit before it counts.

use crate::door::Door;
use crate::rights::Tried;
use access::Decision;
use control::message::{Done, Message, Word};
use control::record::{AuditRecord, Record};
use control::{Bus, Delivery, Topic};
use model::{Interval, Time};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long one look at the bus waits.
const WAIT: Interval = Interval(200);
/// Between two looks at a bus that is away.
const AGAIN: Duration = Duration::from_millis(250);
/// Between two times that what changed at leisure is kept.
const LEISURE: Duration = Duration::from_secs(1);
/// Copies of the audit that go out at once.
const PUBLISHED_AT_ONCE: usize = 32;

/// Hears until it is told to leave.
pub(crate) fn run(door: &Arc<Door>, mut hears: Box<dyn Bus + Send>, leaving: &AtomicBool) {
    let mut leisure = Instant::now();
    while !leaving.load(Ordering::Acquire) {
        match hears.next(WAIT) {
            Ok(delivery) => {
                let now = door.clock.now();
                door.live.bus(now, None);
                if let Some(delivery) = delivery {
                    door.hear(&delivery, now);
                }
            }
            Err(deaf) => {
                door.counted.deaf.add(1);
                door.live.bus(door.clock.now(), Some(deaf.0));
                thread::sleep(AGAIN);
            }
        }
        door.publish();
        if leisure.elapsed() >= LEISURE {
            leisure = Instant::now();
            door.keep_at_leisure();
        }
    }
    door.publish();
    door.keep_at_leisure();
}

impl Door {
    fn hear(&self, delivery: &Delivery, now: Time) {
        match Message::decode(&delivery.message) {
            Ok(Message::View(view)) => self.live.view(*view, now),
            Ok(Message::Notice(notice)) => self.live.notice(notice),
            Ok(Message::Done(done)) => self.hear_done(done, now),
            // Of others, for others.
            Ok(Message::Record(_) | Message::Errand(_) | Message::Measured(_)) => {}
            Err(_) => self.counted.unreadable.add(1),
        }
    }

    fn hear_done(&self, done: Done, now: Time) {
        let Some(acknowledged) = self.errands.acknowledged(&done, now) else { return };
        self.counted.command_ack_ms.took_ms(acknowledged.took_ms);
        let outcome = done.objection.map_or("done", |Word(objection)| objection.name());
        let tried = Tried {
            command: "errand",
            arguments: &[],
            scope: &done.shard,
            decision: Decision::Reported,
            outcome,
            command_id: Some(done.id),
        };
        let written = self.rights().write_own(now, &done.shard, &tried);
        self.count_unwritten(&written);
        self.errands.ring();
        self.live.done(done);
    }

    /// Gives the bus what the history is to have of the audit, in order; what it does not take goes again.
    fn publish(&self) {
        for _ in 0..PUBLISHED_AT_ONCE {
            let Some(entry) = self.rights().to_publish() else { return };
            let record = Record::Audit(AuditRecord {
                chain: self.settings.farm.clone(),
                seq: entry.seq,
                at: entry.at.0,
                who: entry.who.clone(),
                link: crate::audit_file::line_of(&entry),
            });
            if self.errands.say(&Topic::events(), &Message::Record(Box::new(record))).is_err() {
                return;
            }
            self.rights().published(entry.seq);
        }
    }

    fn keep_at_leisure(&self) {
        let kept = self.rights().keep_at_leisure();
        self.count_unwritten(&kept);
    }
}
