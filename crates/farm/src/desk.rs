//! What stands between a farm and a venue that may not answer: the world of paper and live trading.
//!
//! A venue numbers what it says to an account, from 1. The desk hands the farm each report once and in that order,
//! whatever the wire repeats, loses or turns around; what is missing it asks for. A request whose outcome is unknown is
//! asked about before it is sent again, never after it has expired, and one that cannot have happened any more is told
//! as rejected. It refuses to send an opening order later than it was decided for. Now and then it asks what an account
//! holds, and shows the farm the answer where nothing is unheard or open: what neither side can explain is the farm's to judge.
//!
//! Its clock is the venue's, as well as the process knows it: what has expired is judged by the instant of an answer.

mod memory;

use crate::action::{Action, Word};
use crate::drive::{Step, World};
use crate::journal;
use crate::obedience::Reply;
use model::event::{Audit, Measured, Wake};
use model::order::REQUEST_VALIDITY;
use model::{
    AccountId, Bar, BarColumns, Command, CommandId, Event, Fill, FromVenue, Holding, Interval, OrderId,
    RejectReason, Report, Request, Time, ToVenue,
};
use risk::Rules;
use std::collections::{BTreeMap, VecDeque};

/// A request that was not answered for so long is asked about.
const ANSWER_MAX: Interval = Interval(3_000);
/// A gap between reports is waited out for so long: later ones often overtake.
const GAP_MAX: Interval = Interval(500);
/// A question that was not answered for so long is asked again.
const ASK_AGAIN: Interval = Interval(2_000);
/// The last report of an account may be the one that was lost: nothing behind it tells. So each account is asked about
/// this often, whatever is heard.
const CHECK_EACH: Interval = Interval(30_000);
/// What an account holds is asked for this often.
const AUDIT_EACH: Interval = Interval(60_000);
/// An answer that came too early to be believed is asked for again after this long.
const AUDIT_AGAIN: Interval = Interval(5_000);
/// A venue's instant further ahead of its own clock is a mistake of units.
const AHEAD_MAX: Interval = Interval::HOUR;
/// An answer that repeats the last one tells nothing new, but once in a while it is shown all the same.
const SHOW_AGAIN: Interval = Interval(600_000);
/// A venue may answer before it has done what it took in: after this long what it did is in its answers.
const DONE_WITHIN: Interval = Interval(2_000);
/// A request is carried out this long after it was sent, or not at all; then it is asked about and sent again.
const SENDING_MAX: Interval = Interval(20_000);
/// Words that nobody has fetched, far more than one thought has; the oldest are forgotten, and can be had from the journal.
const WORDS_MAX: usize = 1 << 16;
/// Reports that are kept for later: what is beyond is asked for when its turn comes.
const EARLY_MAX: usize = 1_024;

/// A request whose outcome is not known.
#[derive(Clone, Copy, Debug)]
struct Open {
    request: Request,
    /// Until when it may be carried out; what only leaves a position may whenever it arrives.
    valid_until: Option<Time>,
    /// When it was sent last, or may have been.
    sent_at: Time,
}

/// The conversation about one account.
#[derive(Clone, Debug)]
struct Line {
    account: AccountId,
    /// Reports handed to the farm.
    heard: u64,
    early: BTreeMap<u64, (Time, Report)>,
    gap_since: Option<Time>,
    open: Vec<Open>,
    asked_at: Option<Time>,
    /// When the last question that was answered had been asked.
    answered_at: Time,
    /// When all that had been said until then was known.
    checked_at: Time,
    /// When its holding is asked for next.
    audit_at: Time,
    /// When the last question about it that was answered had been asked.
    audited_at: Time,
    /// What was shown last, if nothing was said by either side since.
    shown: Option<(Time, Holding)>,
}

/// What the farm hears next.
#[derive(Clone, Copy, Debug)]
enum Ready {
    Event(Time, Event),
    Bar(Bar),
    Rules(Time, Rules),
}

/// The desk.
#[derive(Clone, Debug)]
pub struct Desk {
    lines: Vec<Line>,
    ready: VecDeque<Ready>,
    outbox: Vec<ToVenue>,
    replies: Vec<(CommandId, Reply)>,
    words: VecDeque<(Time, Word)>,
    /// The clock on the wall.
    wall: Time,
    /// The instant of what the farm heard last.
    now: Time,
    /// The instant of what it decides on: a bar's close may be older than what was heard before it.
    decided_on: Time,
    bar: BarColumns,
    /// Whether the bar was lent and not yet taken.
    lent: bool,
    /// Nothing may be carried out later than this.
    bound: Option<Time>,
    /// The close of the last bar that was taken.
    shown_until: Time,
}

/// Until when an order may be carried out: leaving is always allowed, whenever it arrives.
fn valid_until(request: &Request, decided_at: Time) -> Option<Time> {
    match request {
        Request::Place(order) if !order.reduce_only => Some(decided_at + REQUEST_VALIDITY),
        Request::Amend { .. } => Some(decided_at + REQUEST_VALIDITY),
        Request::Place(_) | Request::Cancel(_) => None,
    }
}

/// Whether a report tells what became of a request.
fn settles(request: &Request, report: &Report) -> bool {
    let gone = |id: OrderId| match *report {
        Report::Cancelled { id: of, .. } => of == id,
        Report::Filled(Fill { id: of, remaining, .. }) => of == id && remaining.0 == 0,
        _ => false,
    };
    match (request, report) {
        (_, Report::Rejected { reason: RejectReason::DuplicateId, .. }) => false,
        (
            Request::Place(order),
            Report::Accepted { id } | Report::Rejected { id, .. } | Report::Triggered { id },
        ) => *id == order.id,
        (Request::Place(order), Report::Filled(fill)) => fill.id == order.id,
        (Request::Place(order), _) => gone(order.id),
        (Request::Cancel(id), Report::Rejected { id: of, .. }) => of == id,
        (Request::Cancel(id), _) => gone(*id),
        (Request::Amend { id, .. }, Report::Rejected { id: of, .. } | Report::Amended { id: of, .. }) => {
            of == id
        }
        (Request::Amend { id, .. }, _) => gone(*id),
    }
}

impl Desk {
    /// A desk for these accounts, fed with bars of this length.
    pub fn new(accounts: impl Iterator<Item = AccountId>, base: Interval) -> Desk {
        let line = |account| Line {
            account,
            heard: 0,
            early: BTreeMap::new(),
            gap_since: None,
            open: Vec::new(),
            asked_at: None,
            answered_at: Time::default(),
            checked_at: Time::default(),
            audit_at: Time::default(),
            audited_at: Time::default(),
            shown: None,
        };
        Desk {
            lines: accounts.map(line).collect(),
            ready: VecDeque::new(),
            outbox: Vec::new(),
            replies: Vec::new(),
            words: VecDeque::new(),
            wall: Time::default(),
            now: Time::default(),
            decided_on: Time::default(),
            bar: BarColumns::new(base),
            lent: false,
            bound: None,
            shown_until: Time(i64::MIN),
        }
    }

    /// From now on nothing it says may be carried out later than this: its right to speak ends there.
    pub fn bound(&mut self, until: Option<Time>) {
        self.bound = until;
    }

    fn line(&mut self, account: AccountId) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.account == account)
    }

    /// Hears the venue at this hour of the wall's clock.
    pub fn hear(&mut self, wall: Time, said: FromVenue) {
        self.wall = self.wall.max(wall);
        match said {
            FromVenue::Report { account, number, at, report } => {
                self.hear_report(account, number, at, report)
            }
            FromVenue::History { account, asked_at, at, reports, last } => {
                for (number, at, report) in reports {
                    self.hear_report(account, number, at, report);
                }
                self.conclude(account, asked_at, at, last);
            }
            FromVenue::Holding { account, asked_at, holding } => self.audit(account, asked_at, &holding),
            FromVenue::Linked => {
                for i in 0..self.lines.len() {
                    self.ask(i);
                }
            }
        }
    }

    fn hear_report(&mut self, account: AccountId, number: u64, at: Time, report: Report) {
        let wall = self.wall;
        // What is said of an account that is not ours changes nothing here.
        let Some(line) = self.lines.iter_mut().find(|line| line.account == account) else { return };
        if number <= line.heard {
            return;
        }
        if line.early.len() < EARLY_MAX {
            line.early.insert(number, (at, report));
        }
        while let Some((at, report)) = line.early.remove(&(line.heard + 1)) {
            line.heard += 1;
            line.shown = None;
            line.settle(&report);
            // What no venue says is counted like a report, and is not one: the next audit shows what it was about.
            let said = Event::Report(account, report);
            let event = if journal::can_be_said(&said) { said } else { Event::Unsayable(account) };
            self.ready.push_back(Ready::Event(at.min(wall + AHEAD_MAX), event));
        }
        line.gap_since = if line.early.is_empty() { None } else { line.gap_since.or(Some(wall)) };
    }

    /// Everything said before the question was asked is known: what is still open was not heard of until then.
    fn conclude(&mut self, account: AccountId, asked_at: Time, at: Time, last: u64) {
        let Some(i) = self.lines.iter().position(|line| line.account == account) else { return };
        let (wall, line) = (self.wall, &mut self.lines[i]);
        // An answer that comes twice, or behind a later one, is no reason for another question: that would never end.
        if asked_at <= line.answered_at {
            return;
        }
        (line.answered_at, line.asked_at) = (asked_at, None);
        if line.heard < last {
            return self.ask(i);
        }
        line.checked_at = line.checked_at.max(asked_at);
        let mut again = Vec::new();
        let Desk { ready, .. } = self;
        line.open.retain_mut(|open| {
            if open.sent_at >= asked_at {
                return true;
            }
            match open.valid_until {
                // A copy may still be on its way, but it will not be carried out any more.
                Some(until) if at > until + DONE_WITHIN => {
                    ready.extend(expired(wall, account, &open.request));
                    false
                }
                // Too late to send, too early to say so: ask again in a while.
                Some(until) if wall > until => {
                    open.sent_at = wall;
                    true
                }
                _ => {
                    open.sent_at = wall;
                    again.push(*open);
                    true
                }
            }
        });
        for open in again {
            self.send(account, &open);
        }
    }

    fn send(&mut self, account: AccountId, open: &Open) {
        let latest = open.sent_at + SENDING_MAX;
        let valid_until = [open.valid_until, self.bound].into_iter().flatten().fold(latest, Time::min);
        self.outbox.push(ToVenue::Request { account, request: open.request, valid_until });
    }

    /// Shows the farm what an account holds, where everything said before is heard and nothing is open: what is still on
    /// its way would look like a difference.
    fn audit(&mut self, account: AccountId, asked_at: Time, holding: &Holding) {
        let wall = self.wall;
        let Some(line) = self.line(account).filter(|line| line.audited_at < asked_at) else { return };
        line.audited_at = asked_at;
        if line.heard != holding.last || !line.open.is_empty() {
            line.audit_at = wall + AUDIT_AGAIN;
            return;
        }
        line.audit_at = wall + AUDIT_EACH;
        if line.shown.as_ref().is_some_and(|(at, shown)| shown == holding && wall - *at < SHOW_AGAIN) {
            return;
        }
        line.shown = Some((wall, holding.clone()));
        let begin = Audit::Begin { wallet: holding.wallet, positions: holding.positions };
        if !journal::can_be_said(&Event::Audit(account, begin)) {
            return self.ready.push_back(Ready::Event(wall, Event::Unsayable(account)));
        }
        let orders = holding.orders.iter().map(|order| order.map_or(Audit::Foreign, Audit::Order));
        for audit in [begin].into_iter().chain(orders).chain([Audit::End]) {
            self.ready.push_back(Ready::Event(wall, Event::Audit(account, audit)));
        }
    }

    fn ask(&mut self, i: usize) {
        let line = &mut self.lines[i];
        line.asked_at = Some(self.wall);
        self.outbox.push(ToVenue::AskHistory {
            account: line.account,
            after: line.heard,
            asked_at: self.wall,
        });
    }

    /// Takes a complete bar; one that comes again, or is none, is left aside. Whether it was taken.
    pub fn bar(&mut self, wall: Time, bar: Bar) -> bool {
        self.wall = self.wall.max(wall);
        let takes = bar.open_time >= self.shown_until && journal::can_be_lent(&bar);
        if takes {
            self.shown_until = bar.open_time + self.bar.interval;
            self.ready.push_back(Ready::Bar(bar));
        }
        takes
    }

    /// The instant of what the farm heard last.
    pub fn past(&self) -> Time {
        self.now
    }

    /// Takes a measurement.
    pub fn measured(&mut self, wall: Time, measured: Measured) {
        self.wall = self.wall.max(wall);
        self.ready.push_back(Ready::Event(self.wall, Event::Measured(measured)));
    }

    /// Takes a command.
    pub fn command(&mut self, wall: Time, command: Command) {
        self.wall = self.wall.max(wall);
        self.ready.push_back(Ready::Event(self.wall, Event::Command(command)));
    }

    /// Takes other rules.
    pub fn rules(&mut self, wall: Time, rules: Rules) {
        self.wall = self.wall.max(wall);
        self.ready.push_back(Ready::Rules(self.wall, rules));
    }

    /// The rules that the farm has yet to hear of, if there are any.
    pub fn rules_to_come(&self) -> Option<&Rules> {
        self.ready.iter().rev().find_map(|ready| match ready {
            Ready::Rules(_, rules) => Some(rules),
            Ready::Event(..) | Ready::Bar(_) => None,
        })
    }

    /// What is to be answered to those who gave commands: only after everything heard so far is kept.
    pub fn take_replies(&mut self) -> Vec<(CommandId, Reply)> {
        std::mem::take(&mut self.replies)
    }

    /// What somebody may want to know: only after everything heard so far is kept.
    pub fn take_words(&mut self) -> Vec<(Time, Word)> {
        self.words.drain(..).collect()
    }

    fn say(&mut self, word: Word) {
        if self.words.len() == WORDS_MAX {
            self.words.pop_front();
        }
        self.words.push_back((self.now, word));
    }

    /// The market's opening price.
    pub fn tick(&mut self, wall: Time, price: model::Price) {
        self.wall = self.wall.max(wall);
        self.ready.push_back(Ready::Event(wall, Event::Tick(price)));
    }

    /// When somebody must be asked if nothing is heard before.
    pub fn next_wake(&self) -> Option<Time> {
        self.lines.iter().filter_map(|line| Some(line.due()?.min(line.audit_at))).min()
    }

    /// The clock has come this far: asks what is due.
    pub fn wake(&mut self, wall: Time) {
        self.wall = self.wall.max(wall);
        for i in 0..self.lines.len() {
            if self.lines[i].due().is_some_and(|due| due <= self.wall) {
                self.ask(i);
            }
            let line = &mut self.lines[i];
            if line.audit_at <= self.wall {
                line.audit_at = self.wall + ASK_AGAIN;
                self.outbox.push(ToVenue::AskHolding { account: line.account, asked_at: self.wall });
            }
        }
    }

    /// What is to be said to the venue: only after everything heard so far is kept.
    pub fn take_outbox(&mut self) -> Vec<ToVenue> {
        std::mem::take(&mut self.outbox)
    }

    /// Says again what may have been said and was not answered: to a venue that has heard nothing of it.
    pub fn repeat_open(&mut self, wall: Time) {
        self.wall = self.wall.max(wall);
        for line in 0..self.lines.len() {
            let account = self.lines[line].account;
            for open in self.lines[line].open.clone() {
                self.send(account, &Open { sent_at: self.wall, ..open });
            }
        }
    }

    /// Whether a request is about to leave.
    pub fn is_asking(&self) -> bool {
        self.outbox.iter().any(|message| matches!(message, ToVenue::Request { .. }))
    }

    /// Requests whose outcome is not known.
    pub fn open_requests(&self) -> usize {
        self.lines.iter().map(|line| line.open.len()).sum()
    }

    /// The accounts it speaks about.
    pub fn accounts(&self) -> impl Iterator<Item = AccountId> + '_ {
        self.lines.iter().map(|line| line.account)
    }

    /// How many reports of an account the farm has heard.
    pub fn heard(&self, account: AccountId) -> u64 {
        self.lines.iter().find(|line| line.account == account).map_or(0, |line| line.heard)
    }

    fn submit(&mut self, account: AccountId, request: Request) {
        let until = valid_until(&request, self.decided_on);
        let sent_at = self.wall;
        if until.is_some_and(|until| sent_at > until) {
            // Decided on a past that was only heard now.
            self.ready.extend(expired(sent_at, account, &request));
            return;
        }
        let open = Open { request, valid_until: until, sent_at };
        let line = self.line(account).expect("an account that is asked has a line");
        line.open.push(open);
        line.shown = None;
        self.send(account, &open);
    }
}

/// What the desk says in the venue's stead of an order that cannot happen any more; an amend is only forgotten.
fn expired(wall: Time, account: AccountId, request: &Request) -> Option<Ready> {
    let Request::Place(order) = request else { return None };
    let report = Report::Rejected { id: order.id, reason: RejectReason::Expired };
    Some(Ready::Event(wall, Event::Report(account, report)))
}

/// Whether the desk said it.
fn is_made_up(report: &Report) -> bool {
    matches!(report, Report::Rejected { reason: RejectReason::Expired, .. })
}

impl Line {
    fn settle(&mut self, report: &Report) {
        let is_open = |id: OrderId| {
            self.open.iter().any(|open| matches!(open.request, Request::Place(order) if order.id == id))
        };
        // A cancel that overtook its order found nothing yet: it is asked about and sent again.
        if let Report::Rejected { id, reason: RejectReason::UnknownOrder } = *report
            && is_open(id)
        {
            return;
        }
        self.open.retain(|open| !settles(&open.request, report));
    }

    /// When this line must be asked about.
    fn due(&self) -> Option<Time> {
        if let Some(asked_at) = self.asked_at {
            return Some(asked_at + ASK_AGAIN);
        }
        let unanswered = self.open.iter().map(|open| open.sent_at + ANSWER_MAX).min();
        let gap = self.gap_since.map(|since| since + GAP_MAX);
        let check = Some(self.checked_at + CHECK_EACH);
        [unanswered, gap, check].into_iter().flatten().min()
    }
}

impl World for Desk {
    fn next(&mut self, wake: Option<(Time, Wake)>) -> Step<'_> {
        if !self.lent {
            match self.ready.pop_front() {
                Some(Ready::Event(at, event)) => {
                    // The farm's time does not go back: a report may be older than the bar that was heard before it.
                    self.now = self.now.max(at);
                    self.decided_on = self.now;
                    return Step::Event(self.now, event);
                }
                Some(Ready::Rules(at, rules)) => {
                    self.now = self.now.max(at);
                    self.decided_on = self.now;
                    return Step::Rules(self.now, rules);
                }
                Some(Ready::Bar(bar)) => {
                    self.bar.clear();
                    self.bar.push(bar);
                    self.lent = true;
                }
                None => {
                    return match wake {
                        Some((at, wake)) if at <= self.wall => {
                            self.now = self.now.max(at);
                            self.decided_on = self.now;
                            Step::Event(self.now, Event::Wake(wake))
                        }
                        _ => Step::End,
                    };
                }
            }
        }
        Step::Bars(self.bar.as_bars())
    }

    fn took(&mut self, taken: usize) {
        if taken > 0 {
            self.lent = false;
            self.decided_on = self.bar.as_bars().close_time(0);
            self.now = self.now.max(self.decided_on);
        }
    }

    fn perform(&mut self, action: &Action) {
        match action {
            Action::Submit(account, approved) => self.submit(*account, *approved.request()),
            Action::Verify(account) => {
                let wall = self.wall;
                let line = self.line(*account).expect("an account that is asked has a line");
                (line.shown, line.audit_at) = (None, wall);
            }
            Action::Reply(id, reply) => self.replies.push((*id, *reply)),
            Action::Notify(bot, notice) => self.say(Word::Of(*bot, *notice)),
            Action::Announce(news) => self.say(Word::All(*news)),
        }
    }
}
