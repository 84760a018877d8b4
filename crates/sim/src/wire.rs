//! The wire between a process and the venue: messages arrive after a while, or twice, or never, or in another order.

use crate::weather::{Fault, Tally, Weather};
use farm::{FromVenue, ToVenue};
use model::{Interval, Rng, Time};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// A message and which way it goes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Message {
    /// To the venue.
    Up(ToVenue),
    /// To the process, in the life that it was sent to: a new life has new connections.
    Down(u64, FromVenue),
}

/// How long nothing passes.
const PARTITION_MAX_MS: u64 = 120_000;
/// How much later a delayed message is.
const DELAY_MAX_MS: u64 = 20_000;

/// The wire.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    queue: BinaryHeap<Reverse<(Time, u64)>>,
    messages: BTreeMap<u64, Message>,
    number: u64,
    cut_until: Option<Time>,
}

impl Wire {
    /// Sends a message under this weather.
    pub(crate) fn send(
        &mut self,
        now: Time,
        message: &Message,
        weather: &Weather,
        rng: &mut Rng,
        tally: &mut Tally,
    ) {
        if self.is_cut(now) || weather.strikes(Fault::Lost, rng, tally) {
            return;
        }
        let copies = 1 + u64::from(weather.strikes(Fault::Repeated, rng, tally));
        for _ in 0..copies {
            let mut takes = 1 + rng.below(2 * weather.latency_ms + 1);
            if weather.strikes(Fault::Delayed, rng, tally) {
                takes += rng.below(DELAY_MAX_MS);
            }
            let takes = i64::try_from(takes).expect("a delay is short");
            self.queue.push(Reverse((now + Interval(takes), self.number)));
            self.messages.insert(self.number, message.clone());
            self.number += 1;
        }
    }

    /// Cuts it for a while.
    pub(crate) fn cut(&mut self, now: Time, rng: &mut Rng) {
        let lasts = i64::try_from(rng.below(PARTITION_MAX_MS)).expect("a partition is short");
        self.cut_until = Some(now + Interval(lasts));
    }

    fn is_cut(&self, now: Time) -> bool {
        self.cut_until.is_some_and(|until| now < until)
    }

    /// The next message that has arrived by then.
    pub(crate) fn arrived(&mut self, by: Time) -> Option<(Time, Message)> {
        let Reverse((at, number)) = *self.queue.peek()?;
        if at > by {
            return None;
        }
        self.queue.pop();
        let message = self.messages.remove(&number).expect("a queued message is kept");
        Some((at, message))
    }
}
