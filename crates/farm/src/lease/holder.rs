//! A node's side of a lease: what it asks the registry, and for how long it may speak.
//!
//! It keeps a time of its own, the sum of what passed between its looks at the two clocks, and counts from when it asked. It
//! refuses answers to questions it does not remember, refuses to speak on an epoch it once lost, and when it is told to
//! release says so to the registry only after everything it may have begun is over.

use super::{
    ASK_AGAIN, ASKS_MAX, BEGIN, COMPETE_EACH, COMPETE_SPREAD, Clocks, HOLD, LOOK_EACH, LeaseAnswer,
    LeaseNews, LeaseRequest, MARGIN, NodeId, RENEW_EACH, STAND_BACK, ShardId,
};
use model::order::REQUEST_VALIDITY;
use model::{Interval, Time};

/// One node's lease of one shard.
///
/// Whoever owns it calls `wake` when `next_wake` is due and `hear` for what the registry says, sends what `wake` and `release`
/// return, and asks `epoch` with fresh clocks before each thing it says to the venue. What it says must carry a validity of at
/// most [`REQUEST_VALIDITY`] from those clocks, which the venue enforces.
#[derive(Clone, Debug)]
pub struct Lease {
    shard: ShardId,
    node: NodeId,
    /// The last look at the clocks; none before the first.
    seen: Option<Clocks>,
    /// Own time at that look. It starts at zero, never goes back, and is nowhere slower than the better of both clocks.
    own: Time,
    phase: Phase,
    /// Questions whose answer would still be worth something, oldest first.
    asks: Vec<Ask>,
    /// When the last question left, in own time, and its stamp.
    asked: Option<(Time, Clocks)>,
    /// What is held is counted on until this own time.
    until: Time,
    /// On the monotonic clock, which never runs ahead: what was begun before the last look is over.
    over_at: Time,
    /// The highest epoch ever held.
    epoch_last: Option<u16>,
    /// How often it competed since it last held.
    attempt: u32,
    farewell: Option<Farewell>,
    /// Lost by silence, and not told yet.
    news: Option<LeaseNews>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Competes again at this own time.
    Waiting { until: Time },
    /// Asked to acquire; the same question is repeated until it is answered or its answer would be worth nothing.
    Asking { asked_at: Clocks, since: Time },
    /// Holds an epoch, for a question asked at this own time.
    Held { epoch: u16, since: Time },
    /// Told to release, and may have begun something until the next look at the clocks.
    Leaving { epoch: u16 },
    /// Wants nothing more.
    Left,
}

#[derive(Clone, Copy, Debug)]
struct Ask {
    asked_at: Clocks,
    /// In own time.
    since: Time,
    /// The epoch it would renew; none if it would acquire.
    renews: Option<u16>,
}

/// A release that is to be said once it is due, so that a registry that heard more than it could answer is not left waiting.
#[derive(Clone, Copy, Debug)]
struct Farewell {
    epoch: u16,
    /// On the monotonic clock: own time may leap ahead of what passed, and a release must not be early.
    due: Time,
    is_said: bool,
}

impl Lease {
    /// A node that will compete for a shard at once.
    pub fn new(shard: ShardId, node: NodeId) -> Lease {
        Lease {
            shard,
            node,
            seen: None,
            own: Time(0),
            phase: Phase::Waiting { until: Time(0) },
            asks: Vec::with_capacity(ASKS_MAX),
            asked: None,
            until: Time(0),
            over_at: Time(0),
            epoch_last: None,
            attempt: 0,
            farewell: None,
            news: None,
        }
    }

    /// When the monotonic clock must wake it; an instant long past before the first look, none once it has left for good.
    pub fn next_wake(&self) -> Option<Time> {
        let Some(seen) = self.seen else { return Some(Time(0)) };
        let farewell = self.farewell.filter(|farewell| !farewell.is_said).map(|farewell| farewell.due);
        let next = match self.phase {
            Phase::Left => return farewell.map(|due| due.max(seen.mono)),
            Phase::Leaving { .. } => self.own,
            Phase::Held { .. } => self.ask_due().min(self.until),
            Phase::Waiting { .. } | Phase::Asking { .. } => self.ask_due(),
        };
        let left_ms = next.min(self.own + LOOK_EACH).0 - self.own.0;
        let next = seen.mono + Interval(left_ms.max(0));
        Some(farewell.map_or(next, |due| due.clamp(seen.mono, next)))
    }

    /// The clocks have come this far: counts, and says what is due to the registry.
    pub fn wake(&mut self, now: Clocks) -> Option<LeaseRequest> {
        self.look(now);
        if let Some(request) = self.bid_farewell(false) {
            return Some(request);
        }
        // A stamp names its question, so no two have the same: the wall may repeat itself, the other clock does not.
        let is_fresh = self.asked.is_none_or(|(_, asked_at)| now.mono > asked_at.mono);
        if self.own < self.ask_due() || !is_fresh {
            return None;
        }
        match self.phase {
            Phase::Asking { asked_at, since } if self.own < since + HOLD => {
                self.asked = Some((self.own, now));
                Some(LeaseRequest::Acquire { shard: self.shard, node: self.node, asked_at })
            }
            Phase::Asking { .. } => {
                self.wait(STAND_BACK);
                None
            }
            Phase::Waiting { .. } => {
                self.ask(now, None);
                self.phase = Phase::Asking { asked_at: now, since: self.own };
                Some(LeaseRequest::Acquire { shard: self.shard, node: self.node, asked_at: now })
            }
            Phase::Held { epoch, .. } => {
                self.ask(now, Some(epoch));
                Some(LeaseRequest::Renew { shard: self.shard, node: self.node, epoch, asked_at: now })
            }
            Phase::Leaving { .. } | Phase::Left => None,
        }
    }

    /// Hears the registry. A gain stands for the loss of what was held before, too.
    pub fn hear(&mut self, now: Clocks, answer: &LeaseAnswer) -> Option<LeaseNews> {
        self.look(now);
        let is_ours = (answer.shard, answer.node) == (self.shard, self.node);
        let position = self.asks.iter().position(|ask| is_ours && ask.asked_at == answer.asked_at);
        let Some(position) = position else { return self.take_news() };
        let ask = self.asks[position];
        match (ask.renews, answer.granted) {
            (None, Some(epoch)) => {
                self.asks.remove(position);
                self.gain(epoch, ask.since);
            }
            // The question is remembered: a copy of it that was delayed may still be granted.
            (None, None) => self.be_refused(ask.asked_at),
            (Some(asked), Some(granted)) if asked == granted => {
                self.asks.remove(position);
                self.prolong(granted, ask.since);
            }
            (Some(asked), _) => {
                self.asks.remove(position);
                if matches!(self.phase, Phase::Held { epoch, .. } if epoch == asked) {
                    self.lose(COMPETE_EACH);
                }
            }
        }
        self.take_news()
    }

    /// What changed by the mere passing of time, and was not told by `hear`: to be asked after each `wake`.
    pub fn take_news(&mut self) -> Option<LeaseNews> {
        self.news.take()
    }

    /// Stops beginning anything, for good: who wants the shard again makes another lease, under another node's number.
    ///
    /// The request is returned only when nothing said can be carried out any more; until then `wake` returns it when it is
    /// due. Call again to repeat it. Nothing is lost but time if it never arrives.
    pub fn release(&mut self) -> Option<LeaseRequest> {
        match self.phase {
            Phase::Held { epoch, .. } => self.phase = Phase::Leaving { epoch },
            Phase::Waiting { .. } | Phase::Asking { .. } => self.phase = Phase::Left,
            Phase::Leaving { .. } | Phase::Left => {}
        }
        self.bid_farewell(true)
    }

    /// The epoch under which something may be begun now; none if nothing may be.
    pub fn epoch(&self, now: Clocks) -> Option<u16> {
        let Phase::Held { epoch, .. } = self.phase else { return None };
        let own = Time(self.own.0.saturating_add(now.since(self.seen?).0));
        (own < self.until - BEGIN_BEFORE).then_some(epoch)
    }

    /// When the monotonic clock shows this, nothing said by this node is carried out any more; none if that is so already.
    ///
    /// It is as of the last look at the clocks, and never too early: where only the wall says that time passed, what was
    /// said just before may still be on its way.
    pub fn says_until(&self) -> Option<Time> {
        let seen = self.seen?;
        let until = self.may_say_until(seen).map_or(self.over_at, |until| until.max(self.over_at));
        (until > seen.mono).then_some(until)
    }

    /// As of a look: until when on the monotonic clock something may be carried out that is begun after it.
    fn may_say_until(&self, seen: Clocks) -> Option<Time> {
        let is_silent = matches!(self.phase, Phase::Waiting { .. } | Phase::Asking { .. } | Phase::Left);
        let may_begin = !is_silent && self.own < self.until - BEGIN_BEFORE;
        may_begin.then(|| seen.mono + (self.until - self.own))
    }

    /// Counts what passed since the last look, and draws what follows from that alone.
    fn look(&mut self, now: Clocks) {
        let seen = self.seen.unwrap_or(now);
        let mono = seen.mono.max(now.mono);
        if let Some(until) = self.may_say_until(seen) {
            self.over_at = self.over_at.max(until.min(mono + REQUEST_VALIDITY));
        }
        self.own = self.own + now.since(seen).min(LEAP_MAX);
        self.seen = Some(Clocks { mono, wall: now.wall });
        let own = self.own;
        self.asks.retain(|ask| own < ask.since + HOLD);
        let due = self.over_at + MARGIN;
        match self.phase {
            Phase::Held { epoch, .. } if own >= self.until => {
                self.lose(STAND_BACK);
                // The registry may have heard renewals whose answers were lost.
                self.farewell = Some(Farewell { epoch, due, is_said: false });
            }
            Phase::Leaving { epoch } => {
                self.phase = Phase::Left;
                self.farewell = Some(Farewell { epoch, due, is_said: false });
            }
            _ => {}
        }
    }

    /// When the next question may leave, in own time.
    fn ask_due(&self) -> Time {
        let not_before = self.asked.map_or(Time(0), |(own, _)| own + ASK_AGAIN);
        match self.phase {
            Phase::Waiting { until } => not_before.max(until),
            Phase::Held { since, .. } => not_before.max(since + RENEW_EACH),
            Phase::Asking { .. } | Phase::Leaving { .. } | Phase::Left => not_before,
        }
    }

    fn ask(&mut self, now: Clocks, renews: Option<u16>) {
        assert!(
            self.asks.len() < ASKS_MAX,
            "questions are a second apart, and forgotten when they are worth nothing"
        );
        self.asks.push(Ask { asked_at: now, since: self.own, renews });
        self.asked = Some((self.own, now));
    }

    fn gain(&mut self, epoch: u16, since: Time) {
        if self.epoch_last.is_some_and(|last| epoch <= last) {
            return;
        }
        match self.phase {
            Phase::Waiting { .. } | Phase::Asking { .. } => {
                self.phase = Phase::Held { epoch, since };
                self.epoch_last = Some(epoch);
                self.until = since + HOLD;
                self.attempt = 0;
                self.farewell = None;
                self.news = Some(LeaseNews::Gained(epoch));
            }
            // Nothing was ever said under it.
            Phase::Left => {
                let due = self.over_at + MARGIN;
                self.epoch_last = Some(epoch);
                self.farewell = Some(Farewell { epoch, due, is_said: false });
            }
            Phase::Held { .. } | Phase::Leaving { .. } => {}
        }
    }

    fn prolong(&mut self, granted: u16, asked: Time) {
        let Phase::Held { epoch, since } = self.phase else { return };
        if epoch == granted {
            // Answers may overtake each other: the latest question counts.
            self.phase = Phase::Held { epoch, since: since.max(asked) };
            self.until = self.until.max(asked + HOLD);
        }
    }

    fn be_refused(&mut self, refused: Clocks) {
        if matches!(self.phase, Phase::Asking { asked_at, .. } if asked_at == refused) {
            self.wait(COMPETE_EACH);
        }
    }

    fn lose(&mut self, wait: Interval) {
        self.asks.retain(|ask| ask.renews.is_none());
        self.news = Some(LeaseNews::Lost);
        self.wait(wait);
    }

    /// Spread by two primes, so that no two nodes keep meeting.
    fn wait(&mut self, at_least: Interval) {
        let spread =
            (u64::from(self.node.0) * 379 + u64::from(self.attempt) * 617) % COMPETE_SPREAD.0.unsigned_abs();
        self.attempt = self.attempt.wrapping_add(1);
        let spread = i64::try_from(spread).expect("less than the spread");
        self.phase = Phase::Waiting { until: self.own + Interval(at_least.0 + spread) };
    }

    fn bid_farewell(&mut self, is_repeating: bool) -> Option<LeaseRequest> {
        let mono = self.seen?.mono;
        let farewell = self.farewell.as_mut()?;
        if mono < farewell.due || (farewell.is_said && !is_repeating) {
            return None;
        }
        farewell.is_said = true;
        Some(LeaseRequest::Release { shard: self.shard, node: self.node, epoch: farewell.epoch })
    }
}

/// How long before the end of what it counts on it begins nothing any more.
const BEGIN_BEFORE: Interval = Interval(HOLD.0 - BEGIN.0);

/// More than any deadline here, and all that one look counts: a wall that leaps by ages must not overflow a sum.
const LEAP_MAX: Interval = Interval::DAY;

#[cfg(test)]
mod tests;
