//! The farm: many bots, one market view, one sky, one session clock. A pod is a farm of one.

use crate::accounts::{Account, Difference};
use crate::action::{Action, Actions, News};
use crate::battle::Battle;
use crate::bot::{Bot, Unusual};
use crate::obedience::Memory;
use crate::roster::{Checkpoint, Roster};
use crate::ruling::Together;
use crate::session::Session;
use cosmos::{Factor, Sky};
use market::{Frame, FrameSet, Indicator, Market, MarketError, Wants};
use model::{
    AccountId, Bars, Event, Instrument, Interval, Position, PositionMode, Price, StateHash, Time, Usd,
    event::{Measured, Shock, Wake},
};
use persona::{Context, Outside};
use risk::Rules;

/// A quarter of an hour that moves this much, and this many average true ranges, is a black swan.
const SWAN_MOVE: f64 = 0.03;
const SWAN_ATR: f64 = 6.0;

/// What people are told of the market, where somebody decides on that frame anyway: nobody's decision reads it.
const TOLD_OF: Wants = Wants::NONE.with(Frame::M15, &[Indicator::Regime]);

/// Bots over one shared view of one market.
#[derive(Clone, Debug)]
pub struct Farm {
    pub(crate) instrument: Instrument,
    base: Interval,
    market: Market,
    sky: Sky,
    pub(crate) roster: Roster,
    pub(crate) accounts: Vec<Account>,
    pub(crate) rules: Rules,
    /// When they were changed last; never, where they are those it was made with.
    pub(crate) ruled_at: Option<Time>,
    pub(crate) commands: Memory,
    /// When the kill switch was thrown, and when everything was known to be flat since.
    pub(crate) halted_at: Option<Time>,
    pub(crate) flat_at: Option<Time>,
    /// What all bots have and do together; looked at only where there are rules.
    pub(crate) together: Together,
    battle: Battle,
    /// Whether the market has opened: bars before it are its past, learnt from and not decided on.
    is_open: bool,
    /// The first instant, once it is known.
    first: Option<Time>,
    session: Option<Session>,
    /// Its end; before the first bar in the farthest past, so that the hot path asks one question.
    session_end: Time,
    pub(crate) last: (Price, Time),
}

/// Why a farm cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FarmError {
    /// Its bars do not fit its frames.
    #[error(transparent)]
    Market(#[from] MarketError),
    /// Sub-ledgers could not sum to their account.
    #[error(
        "a tick times a lot of {0} is no whole number of micro-USDT: the bots of account {1} could not share it to the unit; give each an account"
    )]
    Inexact(String, AccountId),
}

model::state!(
    Farm {
        market,
        sky,
        roster,
        rules,
        ruled_at,
        commands,
        halted_at,
        flat_at,
        together,
        battle,
        is_open,
        first,
        session,
        session_end,
        last,
    }
    origin { instrument, base }
    each { accounts }
    if |farm| farm.first.is_some() == farm.session.is_some()
        && farm.session_end == farm.session.map_or(Time(i64::MIN), |session| session.end())
        && farm.bots().iter().all(|bot| bot.is_under(&farm.rules))
);

impl Farm {
    /// A farm of these bots, fed with bars of length `base`; it keeps only what some bot reads or people are told of.
    pub fn new(instrument: Instrument, base: Interval, roster: Roster, sky: Sky) -> Result<Farm, FarmError> {
        let read = roster.bots().iter().fold(Wants::NONE, |wants, bot| wants.union(bot.wants()));
        let wants = if read.frames().contains(Frame::M15) { read.union(TOLD_OF) } else { read };
        let market = Market::new(base, wants)?;
        let battle = Battle::of(roster.bots().len());
        let accounts = accounts_of(&instrument, &roster)?;
        Ok(Farm {
            instrument,
            base,
            market,
            sky,
            roster,
            accounts,
            rules: Rules::NONE,
            ruled_at: None,
            commands: Memory::default(),
            halted_at: None,
            flat_at: None,
            together: Together::default(),
            battle,
            is_open: false,
            first: None,
            session: None,
            session_end: Time(i64::MIN),
            last: (Price::ZERO, Time::default()),
        })
    }

    /// Since when the kill switch is thrown, and since when everything is known to be flat.
    pub fn halted(&self) -> Option<(Time, Option<Time>)> {
        self.halted_at.map(|at| (at, self.flat_at))
    }

    /// What an account holds that its books do not explain.
    pub fn unexplained(&self, id: AccountId) -> Option<Difference> {
        self.accounts.iter().find(|account| account.id == id)?.unexplained
    }

    /// Money of an account that belongs to no bot.
    pub fn treasury(&self, id: AccountId) -> Option<Usd> {
        self.accounts.iter().find(|account| account.id == id).map(Account::treasury)
    }

    /// What an account has and holds as its books say: money, and the net position or the long and the short one.
    pub fn held(&self, id: AccountId) -> Option<(Usd, [Position; 2])> {
        let account = self.accounts.iter().find(|account| account.id == id)?;
        if let Some(mirror) = &account.mirror {
            return Some((mirror.wallet, mirror.lines));
        }
        let bot = self.bots().iter().find(|bot| bot.account() == id)?;
        let wallet = account.treasury() + bot.ledger().books().wallet();
        Some((wallet, [*bot.ledger().position(), Position::FLAT]))
    }

    /// Its accounts.
    pub fn accounts(&self) -> impl Iterator<Item = AccountId> + '_ {
        self.accounts.iter().map(|account| account.id)
    }

    /// What is traded.
    pub fn instrument(&self) -> &Instrument {
        &self.instrument
    }

    /// The last price it saw, and when it was traded.
    pub fn price(&self) -> Option<(Price, Time)> {
        (self.last.0 != Price::ZERO).then_some(self.last)
    }

    /// Length of the bars it is fed with.
    pub fn base(&self) -> Interval {
        self.base
    }

    /// Its bots.
    pub fn bots(&self) -> &[Bot] {
        self.roster.bots()
    }

    /// Its roster.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Its roster, to put a bot back to a checkpoint; on a shared account that would part it from the others.
    pub fn roster_mut(&mut self) -> &mut Roster {
        &mut self.roster
    }

    /// The ranking.
    pub fn battle(&self) -> &Battle {
        &self.battle
    }

    /// The session it is in.
    pub fn session(&self) -> Option<Session> {
        self.session
    }

    /// What all of them may together.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// What is outside.
    pub fn sky(&self) -> &Sky {
        &self.sky
    }

    /// The shared view.
    pub fn market(&self) -> &Market {
        &self.market
    }

    /// The earliest deadline and what it is for.
    pub fn next_wake(&self) -> Option<(Time, Wake)> {
        self.bots().iter().filter_map(Bot::next_wake).min_by_key(|wake| wake.0)
    }

    /// Hears one event.
    pub fn on_event(&mut self, now: Time, event: &Event, out: &mut Actions) {
        let Farm { instrument, roster, .. } = self;
        match *event {
            Event::Tick(price) => {
                self.is_open = true;
                self.last = (price, now);
                for bot in roster.bots_mut() {
                    bot.on_tick(now, instrument, price, out);
                }
            }
            Event::Report(account, ref report) => self.hear_account(now, account, report, out),
            Event::Command(ref command) => self.hear_command(now, command, out),
            Event::Audit(account, ref audit) => self.hear_audit(now, account, audit, out),
            // What it was about is not known: the next audit may show it.
            Event::Unsayable(account) => {
                self.alarm_account(now, account, out);
                out.push(Action::Verify(account));
            }
            Event::Quarantined(account) => {
                let concerns = |bot: &&mut Bot| account.is_none_or(|account| bot.account() == account);
                for bot in roster.bots_mut().iter_mut().filter(concerns) {
                    bot.alarm(now, Unusual::Quarantined, out);
                }
            }
            Event::Measured(ref measured) => self.learn(now, measured, out),
            Event::Tenure(epoch) => roster.bots_mut().iter_mut().for_each(|bot| bot.set_epoch(epoch)),
            Event::Shock(shock) => self.shake(now, shock, out),
            Event::Wake(Wake::Unanswered(id) | Wake::Leave(id) | Wake::Unapproved(id)) => {
                let Some(bot) = roster.bot_mut(id) else { return };
                match *event {
                    Event::Wake(Wake::Leave(_)) => bot.on_leave(now, out),
                    Event::Wake(Wake::Unapproved(_)) => bot.on_unapproved(now, out),
                    _ => bot.on_unanswered(now, out),
                }
            }
        }
    }

    /// What is no reading is said, and has no effect.
    fn learn(&mut self, now: Time, measured: &Measured, out: &mut Actions) {
        let known = Factor::ALL.get(usize::from(measured.factor)).is_some_and(|factor| {
            self.sky.learn(now, *factor, measured.stamp, f64::from_bits(measured.bits)).is_ok()
        });
        if !known {
            out.push(Action::Announce(News::NoReading(now, measured.factor)));
        }
    }

    fn shake(&mut self, now: Time, shock: Shock, out: &mut Actions) {
        out.push(Action::Announce(News::Shock(now, shock)));
        for bot in self.roster.bots_mut() {
            bot.on_shock(now, shock, out);
        }
    }

    /// Takes bars until somebody has something to say; returns how many it took.
    pub fn on_bars(&mut self, bars: Bars<'_>, out: &mut Actions) -> usize {
        if !self.is_open {
            return self.learn_past(bars);
        }
        let bars = self.within_session(bars, out);
        if bars.is_empty() {
            return 0;
        }
        let taken = if self.market.frames().is_empty() && self.bots().len() == 1 {
            self.roster.bots_mut()[0].scan(&self.instrument, bars, out)
        } else {
            self.view(bars, out)
        };
        if taken > 0 {
            self.last = (bars.close[taken - 1], bars.close_time(taken - 1));
        }
        taken
    }

    /// Bars from before the market opened: what reads them learns from them, and nobody decides on what is over.
    #[cold]
    fn learn_past(&mut self, bars: Bars<'_>) -> usize {
        for at in 0..bars.len() {
            let bar = bars.slice(at, at + 1);
            // It closes what is over first.
            while self.market.absorb(bar).0 == 0 {}
            self.roster.bots_mut().iter_mut().for_each(|bot| bot.learn(bar));
            self.last = (bar.close[0], bar.close_time(0));
        }
        bars.len()
    }

    /// The bars before the session's end; where there are none the session ends, and nothing is taken.
    #[inline]
    fn within_session<'b>(&mut self, bars: Bars<'b>, out: &mut Actions) -> Bars<'b> {
        let inside = bars.opening_before(self.session_end);
        if inside == bars.len() { bars } else { self.at_session_end(bars, inside, out) }
    }

    #[cold]
    fn at_session_end<'b>(&mut self, bars: Bars<'b>, inside: usize, out: &mut Actions) -> Bars<'b> {
        if inside > 0 {
            return bars.slice(0, inside);
        }
        let opens = bars.open_at(0);
        let first = *self.first.get_or_insert(opens);
        let ended = self.session.replace(Session::at(first, opens));
        self.session_end = self.session.expect("it was just begun").end();
        match ended {
            Some(session) => {
                self.end_session(session, out);
                bars.slice(0, 0)
            }
            // The farm's first bar begins its first session.
            None => bars.slice(0, bars.opening_before(self.session_end)),
        }
    }

    fn end_session(&mut self, session: Session, out: &mut Actions) {
        let (price, _) = self.last;
        let now = session.end();
        for bot in self.roster.bots_mut() {
            bot.end_session(now, &self.instrument, session, price, out);
        }
        let Farm { instrument, roster, battle, .. } = self;
        let standings = roster.bots().iter().map(|bot| bot.standing(instrument, price));
        if roster.bots().len() > 1
            && let Some(change) = battle.rank(standings)
        {
            out.push(Action::Announce(News::Lead(change)));
        }
        if session.is_checkpoint() {
            roster.take_checkpoint(session.number, now);
            out.push(Action::Announce(News::Checkpoint(session)));
        }
    }

    fn view(&mut self, bars: Bars<'_>, out: &mut Actions) -> usize {
        // Bots that read base bars must all stand at the same bar when one of them speaks.
        let one_by_one = self.bots().iter().any(Bot::reads_base_bars);
        let mut taken = 0;
        while taken < bars.len() && out.is_empty() {
            let (absorbed, closed) = if one_by_one {
                self.scan_one(bars.slice(taken, taken + 1), out)
            } else {
                self.market.absorb_from(&bars, taken)
            };
            taken += absorbed;
            if !closed.is_empty() {
                self.decide(closed, out);
            }
        }
        taken
    }

    /// Shows one bar to the view and, once the view has taken it, to the bots that read base bars.
    fn scan_one(&mut self, bar: Bars<'_>, out: &mut Actions) -> (usize, FrameSet) {
        let (absorbed, closed) = self.market.absorb(bar);
        if absorbed > 0 {
            for bot in self.roster.bots_mut().iter_mut().filter(|bot| bot.reads_base_bars()) {
                bot.scan(&self.instrument, bar, out);
            }
        }
        (absorbed, closed)
    }

    #[inline]
    fn decide(&mut self, closed: FrameSet, out: &mut Actions) {
        let now = self.market.now();
        if closed.contains(Frame::M15) && self.is_swan() {
            self.shake(now, Shock::BlackSwan, out);
        }
        self.last = (self.market.last_close(), now);
        let mut crowd = self.crowd(now, out);
        let mut context = Context {
            market: &self.market,
            closed,
            now,
            price: self.market.last_close(),
            outside: Outside::NONE,
        };
        for bot in self.roster.bots_mut() {
            // A frame that only others want is no occasion: a bot decides as often as it would alone.
            context.closed = closed.intersection(bot.frames());
            if !context.closed.is_empty() {
                bot.decide(&self.instrument, &context, &self.sky, &mut crowd, out);
            }
        }
        self.count_entries(now, &crowd);
    }

    fn is_swan(&self) -> bool {
        let quarter = self.market.frame(Frame::M15);
        let moved = (quarter.last.close - quarter.last.open).abs();
        moved >= SWAN_MOVE * quarter.last.open
            && quarter.atr_14().value().is_some_and(|atr| moved >= SWAN_ATR * atr)
    }

    /// The snapshots of the roster.
    pub fn checkpoints(&self) -> &[Checkpoint] {
        self.roster.checkpoints()
    }

    /// Every bot in one word: books, orders, strategy, mind. Two farms that agree on it have taken the same decisions so far.
    pub fn state_hash(&self) -> u64 {
        let mut hash = StateHash::default();
        for bot in self.bots() {
            bot.hash(&mut hash);
        }
        for account in &self.accounts {
            account.hash(&mut hash);
        }
        self.commands.hash(&mut hash);
        for at in [self.halted_at, self.flat_at] {
            hash.int(at.map_or(-1, |at| at.0));
        }
        self.together.hash(&mut hash);
        hash.int(self.last.1.0);
        // A farm that is still under the rules it was made with has the state that it had before they could change.
        if let Some(at) = self.ruled_at {
            hash.int(at.0);
            self.rules.hash(&mut hash);
        }
        hash.finish()
    }
}

/// The accounts of a roster: what is said of those that are more than one bot's own, and the others.
fn accounts_of(instrument: &Instrument, roster: &Roster) -> Result<Vec<Account>, FarmError> {
    let value = instrument.tick_lot_value();
    let mut accounts: Vec<Account> = Vec::new();
    for bot in roster.bots() {
        let plan = roster.plan(bot.account());
        if accounts.iter().any(|account| account.id == plan.id) {
            continue;
        }
        let on_it = roster.bots().iter().filter(|other| other.account() == plan.id);
        let (count, capital) = on_it
            .fold((0, Usd::ZERO), |(count, sum), other| (count + 1, sum + other.ledger().books().wallet()));
        let shared = count > 1 || plan.mode == PositionMode::Hedge;
        if shared && value.numerator % value.denominator != 0 {
            return Err(FarmError::Inexact(instrument.symbol.clone(), plan.id));
        }
        accounts.push(Account::new(plan, capital, shared));
    }
    Ok(accounts)
}
