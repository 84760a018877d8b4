//! One seat of one shard: its farm, its desk, the pen of its journal, and the right to speak for it.
//!
//! What every process is made of, on a laptop, in a pod and in the simulation. It refuses to think or to speak while it may not:
//! a journal has one writer and a venue hears one voice. It journals, then acts; it knows the venue's time only from what the
//! venue says, never from the wall. A seat that lost its lease is done: whoever gains the shard again rises from the journal.

mod clock;
mod known;
mod tally;

pub use clock::VenueClock;
pub use tally::Tally;

use crate::action::Word;
use crate::desk::Desk;
use crate::drive::{Step, World, drive};
use crate::flock::Farm;
use crate::journal::{self, JournalError, Keeper, Origin, Pen, Recorded, Shelf, Told};
use crate::lease::{Clocks, Lease};
use crate::obedience::Reply;
use model::event::Measured;
use model::{
    AccountId, Bar, Command, CommandId, Event, FromVenue, Known, Leg, Price, Request, Time, ToVenue,
};
use risk::{Rules, rules::RulesError};
use std::collections::BTreeMap;

/// By what a seat speaks.
#[derive(Clone, Debug)]
pub enum Right {
    /// Nobody else could: a laptop.
    Sole,
    /// A lease that was gained under this epoch, and under no other.
    Leased(Lease, u16),
    /// The same, and whoever owns the seat looks after the lease: where nothing that is said could be carried out later.
    Granted(u16),
}

impl Right {
    /// Whether something may be begun now.
    fn holds(&self, now: Clocks) -> bool {
        match self {
            Right::Sole | Right::Granted(_) => true,
            Right::Leased(lease, epoch) => lease.epoch(now) == Some(*epoch),
        }
    }
}

/// A seat.
#[derive(Debug)]
pub struct Seat<K> {
    farm: Farm,
    desk: Desk,
    pen: Pen<K>,
    right: Right,
    clock: VenueClock,
    /// What lies in a journal that is safe, and may be said.
    replies: Vec<(CommandId, Reply)>,
    words: Vec<(Time, Word)>,
    /// The frame behind which the farm is written down next.
    snapshot_at: u64,
    /// What was known of each account when it was taken.
    known: Vec<Known>,
    tally: Tally,
}

/// The farm is written down behind so many frames: what a start lives through again at most.
const SNAPSHOT_EACH: u64 = 2_000;

impl<K: Keeper> Seat<K> {
    /// The first seat of a shard: its journal begins here.
    pub fn begin(keeper: K, origin: &Origin, now: Clocks, right: Right) -> Result<Seat<K>, JournalError> {
        let farm = origin.farm()?;
        let pen = Pen::new(keeper, origin);
        let clock = VenueClock::new(now.mono, Time::default());
        let (desk, snapshot_at, replies, words) = (desk_of(origin), SNAPSHOT_EACH, Vec::new(), Vec::new());
        let known = know(&farm, &desk, &BTreeMap::new(), Time(i64::MIN));
        let tally = Tally::default();
        let mut seat = Seat { farm, desk, pen, right, clock, replies, words, snapshot_at, known, tally };
        seat.take_up(Time::default());
        Ok(seat)
    }

    /// The next one, from its journal. `keep` is told how many bytes of the last segment count, and keeps what follows behind
    /// those.
    pub fn rise<S: Shelf + ?Sized>(
        shelf: &S,
        now: Clocks,
        right: Right,
        keep: impl FnOnce(u64) -> K,
    ) -> Result<Seat<K>, JournalError> {
        journal::check_last_follows(shelf)?;
        let (mut desk, survey) = (desk_of(&journal::origin(shelf)?), journal::survey(shelf)?);
        // Nobody knows whether the last input was survived. Where a start came to it and no further, it was not.
        let culprit = survey.unproven.filter(|last| last.was_tried);
        let mut pen = Pen::resume(keep(survey.bytes), &survey);
        let replayed = journal::rise_with(shelf, culprit.map(|last| last.number), &mut desk, |number| {
            if survey.unproven.is_some_and(|last| last.number == number) {
                pen.attempt();
                pen.keeper_mut().sync();
            }
        })?;
        let past = desk.past();
        let clock = VenueClock::new(now.mono, past);
        let snapshot_at = replayed.behind.unwrap_or(0) + SNAPSHOT_EACH;
        let (farm, replies, words) = (replayed.farm, Vec::new(), Vec::new());
        let known = know(&farm, &desk, &survey.told, Time(i64::MIN));
        let tally = Tally::default();
        let mut seat = Seat { farm, desk, pen, right, clock, replies, words, snapshot_at, known, tally };
        if let Some(last) = culprit {
            seat.pen.skip(last.number);
            seat.take(past, Event::Quarantined(last.account));
        }
        seat.pen.state(seat.farm.state_hash());
        seat.desk.hear(past, FromVenue::Linked);
        seat.take_up(past);
        Ok(seat)
    }

    /// Takes in what it tells itself, journalled like any other input.
    fn take(&mut self, past: Time, event: Event) {
        self.pen.input(&Step::Event(past, event));
        let mut out = crate::Actions::default();
        self.farm.on_event(past, &event, &mut out);
        out.as_slice().iter().for_each(|action| self.desk.perform(action));
    }

    /// Under which epoch everything from here on is decided is an input like any other.
    fn take_up(&mut self, past: Time) {
        if let Right::Leased(_, epoch) | Right::Granted(epoch) = self.right {
            self.take(past, Event::Tenure(epoch));
        }
        self.pen.keeper_mut().sync();
    }

    /// Hears the venue.
    pub fn hear(&mut self, now: Clocks, said: FromVenue) {
        match &said {
            FromVenue::Report { at, .. } | FromVenue::History { at, .. } => self.clock.hear(now.mono, *at),
            FromVenue::Holding { .. } | FromVenue::Linked => {}
        }
        self.bind();
        self.tally.hear(&said);
        self.desk.hear(self.clock.at_least(now.mono), said);
    }

    /// The market's opening price, traded at this instant.
    pub fn open(&mut self, now: Clocks, at: Time, price: Price) {
        self.clock.hear(now.mono, at);
        self.desk.tick(at, price);
    }

    /// Sees a complete bar.
    pub fn see(&mut self, now: Clocks, bar: Bar) {
        let close = bar.open_time + self.farm.base();
        if self.desk.bar(self.clock.at_least(now.mono), bar) {
            self.clock.hear(now.mono, close);
            self.tally.see(close);
        }
    }

    /// Hears what somebody wants done.
    pub fn command(&mut self, now: Clocks, command: Command) {
        self.desk.command(self.clock.at_least(now.mono), command);
    }

    /// Hears what somebody measured.
    pub fn measured(&mut self, now: Clocks, measured: Measured) {
        self.desk.measured(self.clock.at_least(now.mono), measured);
    }

    /// Puts its farm under other rules from its next thought on; those it is under, or is about to be, change nothing.
    pub fn set_rules(&mut self, now: Clocks, rules: Rules) -> Result<(), RulesError> {
        rules.check_bounds()?;
        if *self.desk.rules_to_come().unwrap_or(self.farm.rules()) != rules {
            self.desk.rules(self.clock.at_least(now.mono), rules);
        }
        Ok(())
    }

    /// What is to be answered to those who gave commands, as far as it is safe on the disk.
    pub fn take_replies(&mut self) -> Vec<(CommandId, Reply)> {
        std::mem::take(&mut self.replies)
    }

    /// What somebody may want to know, as far as it is safe on the disk.
    pub fn take_words(&mut self) -> Vec<(Time, Word)> {
        std::mem::take(&mut self.words)
    }

    /// When the monotonic clock must wake it.
    pub fn next_wake(&self) -> Option<Time> {
        let farm = self.farm.next_wake().map(|(at, _)| at);
        let next = [self.desk.next_wake(), farm].into_iter().flatten().min()?;
        Some(self.clock.when(next))
    }

    /// Thinks about everything heard. What comes of it lies in the journal, not yet safe, and in the outbox. While it may not
    /// speak what was heard stays unheard: somebody else may be writing the journal. So it does while the disk takes nothing: what
    /// would be decided then is decided when it can be done, and what would be too late by then is found to be.
    pub fn think(&mut self, now: Clocks) {
        if !self.right.holds(now) || self.pen.keeper().is_stuck() {
            return;
        }
        self.bind();
        self.desk.wake(self.clock.at_least(now.mono));
        drive(&mut self.farm, &mut Recorded { world: &mut self.desk, pen: &mut self.pen });
        if self.pen.is_full() {
            self.pen.turn(&self.farm, &self.desk);
        } else if self.pen.frames() >= self.snapshot_at {
            self.pen.snapshot_with(&self.farm, &self.desk);
        } else {
            return;
        }
        self.snapshot_at = self.pen.frames() + SNAPSHOT_EACH;
    }

    /// Journal, then act: makes safe what was written, and only then says what is to be said, if it may. Replies and words are
    /// there until it acts again. What the disk does not take yet is not said yet.
    pub fn act(&mut self, now: Clocks) -> Vec<ToVenue> {
        if !self.right.holds(now) || !self.pen.keeper_mut().try_sync() {
            return Vec::new();
        }
        self.replies = self.desk.take_replies();
        self.words = self.desk.take_words();
        let said = self.desk.take_outbox();
        self.tally.say(self.clock.at_least(now.mono), &said);
        said
    }

    /// What was counted since somebody looked last.
    pub fn take_tally(&mut self) -> Tally {
        self.tally.take()
    }

    /// Nothing said from here on is carried out after the lease may be somebody else's, by the venue's own clock.
    fn bind(&mut self) {
        if let Right::Leased(lease, _) = &self.right {
            let until = lease.says_until().map_or(Time(i64::MIN), |until| self.clock.at_least(until));
            self.desk.bound(Some(until));
        }
    }

    /// Takes back what would open something: its owner is about to leave, and keeps what protects.
    pub fn withdraw(&self) -> Vec<ToVenue> {
        let opens = |order: &&execution::Working| !order.reduce_only && order.id.leg == Leg::Own;
        let orders = self
            .farm
            .bots()
            .iter()
            .flat_map(|bot| bot.orders().iter().filter(opens).map(|order| (bot.account(), order.id)));
        let cancel = |(account, id)| ToVenue::Request {
            account,
            request: Request::Cancel(id),
            valid_until: Time(i64::MAX),
        };
        orders.map(cancel).collect()
    }

    /// What was known of each account when this seat was taken, for whoever speaks for a venue that numbers nothing.
    pub fn known(&self) -> &[Known] {
        &self.known
    }

    /// Its farm.
    pub fn farm(&self) -> &Farm {
        &self.farm
    }

    /// Its desk.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Its lease, to be woken and to hear the registry; none on a laptop.
    pub fn lease_mut(&mut self) -> Option<&mut Lease> {
        match &mut self.right {
            Right::Sole | Right::Granted(_) => None,
            Right::Leased(lease, _) => Some(lease),
        }
    }

    /// Whether something may be begun now.
    pub fn may_speak(&self, now: Clocks) -> bool {
        self.right.holds(now)
    }

    /// Leaves: what is left is the right, to compete with again, and where the journal was kept.
    pub fn stand_up(self) -> (Right, K) {
        (self.right, self.pen.into_keeper())
    }

    /// Frames of its journal.
    pub fn frames(&self) -> u64 {
        self.pen.frames()
    }

    /// Where its journal is kept.
    pub fn keeper(&self) -> &K {
        self.pen.keeper()
    }

    /// Where its journal is kept.
    pub fn keeper_mut(&mut self) -> &mut K {
        self.pen.keeper_mut()
    }
}

pub(crate) fn know(farm: &Farm, desk: &Desk, told: &BTreeMap<AccountId, Told>, since: Time) -> Vec<Known> {
    let accounts = desk.accounts();
    accounts.map(|account| known::known(farm, account, desk.heard(account), told, since)).collect()
}

pub(crate) fn desk_of(origin: &Origin) -> Desk {
    let mut accounts: Vec<_> = origin.recruits.iter().map(|recruit| recruit.account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    Desk::new(accounts.into_iter(), origin.interval)
}
