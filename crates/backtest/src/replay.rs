//! History and the simulated venue as a `World`: jumps from one thing that matters to the next.
//!
//! Order of things at a bar: funding on the position held, then requests that arrive and everything the bar's path
//! touches, then the complete bar for the bots. Runs of bars in which the venue has nothing to say are lent whole.

use crate::equity::EquityCurve;
use crate::history::{History, end_of};
use execution::Trade;
use farm::{Action, News, Notice, STRIDE_MAX, SessionSummary, Step, World};
use model::{
    AccountId, Bars, BotId, Event, Interval, Mark, OrderId, Position, PositionSide, Time, Usd, event::Wake,
};
use persona::{Label, Reason};
use venue::Venue;

/// Room for round trips made at once; memory that is not written to is not taken.
const TRADES_EXPECTED: usize = 1 << 16;

/// Room for changes of state made at once.
const FELT_EXPECTED: usize = 1 << 12;

/// The shortest look ahead.
const REACH_MIN: usize = 64;

/// A round trip and why it was begun.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClosedTrade {
    /// The round trip.
    pub trade: Trade,
    /// Why it was begun.
    pub entry_reason: Option<Reason>,
}

/// What one bot did.
#[derive(Clone, Debug)]
pub struct Record {
    /// Which bot.
    pub bot: BotId,
    /// Its equity over time.
    pub curve: EquityCurve,
    /// Its finished round trips and why they were begun.
    pub trades: Vec<ClosedTrade>,
    /// What it was at each session's end.
    pub sessions: Vec<SessionSummary>,
    /// When its emotional state changed, and to what.
    pub felt: Vec<(Time, Label)>,
    /// Requests the venue refused.
    pub rejections: u64,
    wallet: Usd,
    position: Position,
    /// The account spoke since the curve last looked at it.
    stale: bool,
    /// Reasons of the last entries, until their round trips are finished.
    reasons: [Option<(OrderId, Reason)>; 4],
    next_reason: usize,
}

impl Record {
    fn note(&mut self, notice: &Notice) {
        match *notice {
            Notice::Entering { id, reason, .. } => {
                self.reasons[self.next_reason] = Some((id, reason));
                self.next_reason = (self.next_reason + 1) % self.reasons.len();
            }
            Notice::Closed(trade) => {
                let entry_reason = self.reason_of(trade.position.entry.id);
                self.trades.push(ClosedTrade { trade, entry_reason });
            }
            Notice::Rejected(..) => self.rejections += 1,
            Notice::Session(summary) => self.sessions.push(summary),
            Notice::Felt(at, label) => self.felt.push((at, label)),
            Notice::Refused(_)
            | Notice::Ruined(_)
            | Notice::Unanswered
            | Notice::AwaitsApproval(..)
            | Notice::Unusual(..) => {}
        }
    }

    /// Why the round trip of an entry was begun.
    pub fn reason_of(&self, entry: OrderId) -> Option<Reason> {
        self.reasons.iter().flatten().find(|(id, _)| *id == entry).map(|&(_, reason)| reason)
    }
}

/// Where the cursor stands in the lists of interruptions.
#[derive(Clone, Copy, Debug, Default)]
struct Cursor {
    funding: usize,
    day: usize,
    basis: usize,
    shock: usize,
}

/// How far the next bar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The market has not opened: nobody knows a price.
    BeforeOpening,
    /// Nothing of it has happened.
    Ahead,
    /// The venue has walked it; the bots have not seen it.
    Walked,
}

/// A run through history.
#[derive(Clone, Debug)]
pub struct Replay<'a> {
    history: &'a History,
    bars: Bars<'a>,
    venue: Venue,
    records: Vec<Record>,
    cursor: Cursor,
    /// The next bar no bot has seen.
    at: usize,
    stage: Stage,
    basis: Mark,
    now: Time,
    stride: usize,
    /// How far ahead the venue looks now: short while somebody speaks often, so that little is looked at in vain.
    reach: usize,
    lent: usize,
    /// Somebody's fills are bounded by volume.
    thin: bool,
    /// No bar from `at` up to this one is interrupted by anything but the venue.
    interruption: usize,
    news: Vec<News>,
}

impl<'a> Replay<'a> {
    /// A run of the bots that have an account at `venue`.
    pub fn new(history: &'a History, venue: Venue, bots: &[(BotId, Usd)]) -> Replay<'a> {
        let start = history.bars().open_time[0];
        let days = history.days().len();
        let records = bots.iter().map(|&(bot, capital)| Record {
            bot,
            curve: EquityCurve::new(start, capital, days, history.price_max()),
            trades: Vec::with_capacity(TRADES_EXPECTED),
            sessions: Vec::with_capacity((days + 2) * farm::session::SESSIONS_PER_DAY as usize),
            felt: Vec::with_capacity(FELT_EXPECTED),
            rejections: 0,
            wallet: capital,
            position: Position::FLAT,
            stale: false,
            reasons: [None; 4],
            next_reason: 0,
        });
        Replay {
            history,
            bars: history.bars(),
            venue,
            records: records.collect(),
            cursor: Cursor::default(),
            at: 0,
            stage: Stage::BeforeOpening,
            basis: Mark::ZERO,
            now: start,
            stride: STRIDE_MAX,
            reach: REACH_MIN,
            lent: 0,
            thin: true,
            interruption: 0,
            news: Vec::with_capacity(FELT_EXPECTED),
        }
    }

    /// Says that no account's fills are bounded by volume, so that nobody waits for that column.
    pub fn without_volume(mut self) -> Replay<'a> {
        self.thin = false;
        self
    }

    /// Lends at most this many bars at once.
    pub fn with_stride(mut self, stride: usize) -> Replay<'a> {
        assert!((1..=STRIDE_MAX).contains(&stride), "a stride lies in 1..={STRIDE_MAX}");
        self.stride = stride;
        self.reach = stride.min(REACH_MIN);
        self
    }

    /// The venue, to compare books with.
    pub fn venue(&self) -> &Venue {
        &self.venue
    }

    /// The instant the farm is at.
    pub fn now(&self) -> Time {
        self.now
    }

    /// What each bot did.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// What a bot that left the world did.
    pub fn into_records(self) -> Vec<Record> {
        self.records
    }

    /// What was announced to everybody.
    pub fn news(&self) -> &[News] {
        &self.news
    }

    /// The account will have moved: its equity is a new straight line in the price.
    #[inline]
    fn mark_stale(&mut self, account: AccountId) {
        if let Some(record) = self.records.iter_mut().find(|record| record.bot.own_account() == account) {
            record.stale = true;
        }
    }

    fn refresh(&mut self) {
        for record in self.records.iter_mut().filter(|record| record.stale) {
            let account = self.venue.account(record.bot.own_account());
            record.wallet = account.wallet();
            record.position = *account.position(PositionSide::Net);
            record.curve.hold(self.history.instrument(), record.wallet, &record.position);
            record.stale = false;
        }
    }

    /// Basis and funding of the bar about to open; whether funding was settled.
    fn open_bar(&mut self) -> bool {
        let basis = self.history.basis();
        while basis.get(self.cursor.basis).is_some_and(|from| from.index <= self.at) {
            self.basis = basis[self.cursor.basis].basis;
            self.cursor.basis += 1;
        }
        let funding = self.history.funding();
        let settled = self.cursor.funding;
        while let Some(due) = funding.get(self.cursor.funding).filter(|due| due.index <= self.at) {
            self.venue.settle_funding(self.bars.open_time[self.at], due.mark, due.rate);
            self.cursor.funding += 1;
        }
        self.cursor.funding > settled
    }

    /// The first bar after `at` that funding, a midnight or a new basis interrupts.
    fn look_for_interruption(&mut self) {
        let history = self.history;
        let funding = history.funding().get(self.cursor.funding).map(|due| due.index);
        let day = history.days().get(self.cursor.day).copied();
        let basis = if history.has_mark_bars() { None } else { history.basis().get(self.cursor.basis) };
        let shock = history.shocks().get(self.cursor.shock).map(|due| due.index);
        let known = [funding, day, basis.map(|from| from.index), shock];
        self.interruption = known.into_iter().flatten().fold(self.bars.len(), usize::min);
        assert!(self.interruption > self.at, "interruptions lie ahead");
    }

    fn walk(&mut self) {
        let bars = self.bars;
        if let Some(path) = self.history.path_of(self.at) {
            let whole = self.history.mark_bar(self.at, self.basis);
            let basis = whole.open - self.history.instrument().mark_of(bars.open[self.at]);
            for i in 0..path.len() {
                let bar = path.get(i);
                let mut mark = self.history.mark_of_bar(&bar, basis);
                if i == 0 {
                    // Nobody knows when inside the bar its own mark was furthest: at once.
                    (mark.low, mark.high) = (mark.low.min(whole.low), mark.high.max(whole.high));
                }
                self.venue.step(&bar, path.interval, mark);
            }
        } else {
            let mark = self.history.mark_bar(self.at, self.basis);
            let mut bar = bars.get_without_volume(self.at);
            if self.thin {
                bar.volume = bars.volume[self.at];
            }
            self.venue.step(&bar, bars.interval, mark);
        }
        self.stage = Stage::Walked;
    }

    /// Midnights that lie between the last bar taken and the next one.
    fn sample_days(&mut self) {
        let bars = self.bars;
        let due = self.history.days().get(self.cursor.day) == Some(&self.at);
        let ended = self.at == bars.len();
        if !due && !ended {
            return;
        }
        let last = self.at - 1;
        let close = bars.close[last];
        let day_before = bars.open_time[last].day();
        let instrument = self.history.instrument();
        for record in &mut self.records {
            let equity = record.wallet + instrument.usd(record.position.unrealised(close));
            if due {
                for day in day_before + 1..=bars.open_time[self.at].day() {
                    record.curve.sample(Time(day * Interval::DAY.0), equity);
                }
            } else {
                record.curve.sample(end_of(bars), equity);
            }
        }
        self.cursor.day += usize::from(due);
    }
}

impl World for Replay<'_> {
    // The venue in this process answers every request when its bar is walked: no deadline passes unanswered, so
    // `wake` has nothing to wait for.
    fn next(&mut self, _wake: Option<(Time, Wake)>) -> Step<'_> {
        loop {
            if let Some((time, account, report)) = self.venue.poll() {
                self.mark_stale(account);
                self.now = self.now.max(time);
                return Step::Event(self.now, Event::Report(account, report));
            }
            let bars = self.bars;
            if self.stage == Stage::BeforeOpening {
                self.stage = Stage::Ahead;
                return Step::Event(self.now, Event::Tick(bars.open[0]));
            }
            if self.at == bars.len() {
                return Step::End;
            }
            if self.at >= self.interruption {
                assert!(self.stage == Stage::Ahead, "a bar is interrupted before it is walked");
                if let Some(due) =
                    self.history.shocks().get(self.cursor.shock).filter(|due| due.index <= self.at)
                {
                    self.cursor.shock += 1;
                    return Step::Event(self.now, Event::Shock(due.shock));
                }
                let settled = self.open_bar();
                self.look_for_interruption();
                if settled {
                    continue;
                }
            }
            // A bar that was walked is seen together with the quiet ones behind it.
            let known = self.at + usize::from(self.stage == Stage::Walked);
            let end = self.interruption.min(self.at + self.reach).max(known);
            let mark = self.history.mark_path(known, end, self.basis);
            let ahead = bars.slice(known, end);
            let quiet = self.venue.quiet(ahead, mark);
            self.lent = known + quiet - self.at;
            if self.lent > 0 {
                return Step::Bars(bars.slice(self.at, self.at + self.lent));
            }
            self.walk();
        }
    }

    fn took(&mut self, taken: usize) {
        if taken == 0 {
            return;
        }
        self.refresh();
        let bars = self.bars;
        let end = self.at + taken;
        // Asked of every bar; it also brings the columns near the bar that is walked next, before anybody waits for them.
        let sane = bars.slice(self.at, end).are_sane();
        assert!(sane, "an open or close lies outside its bar: importers refuse that");
        let instrument = self.history.instrument();
        for record in &mut self.records {
            record.curve.mark(instrument, record.wallet, &record.position, &bars.close[self.at..end]);
        }
        self.now = bars.close_time(end - 1);
        self.reach = if taken == self.lent { self.reach * 2 } else { REACH_MIN }.min(self.stride);
        self.venue.pass(bars.close[end - 1], self.history.mark_close(end - 1, self.basis), self.now);
        self.stage = Stage::Ahead;
        self.at = end;
        self.sample_days();
    }

    fn perform(&mut self, action: &Action) {
        match action {
            Action::Submit(account, approved) => self.venue.submit(self.now, *account, *approved.request()),
            // The venue answers within its bar: there is nothing to verify.
            Action::Verify(_) | Action::Reply(..) => {}
            Action::Notify(bot, notice) => {
                if let Some(record) = self.records.iter_mut().find(|record| record.bot == *bot) {
                    record.note(notice);
                }
            }
            Action::Announce(news) => self.news.push(*news),
        }
    }
}
