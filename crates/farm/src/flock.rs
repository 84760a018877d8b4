//! The farm: many bots, one market view, one sky, one session clock. A pod is a farm of one.

use crate::action::{Action, Actions, News};
use crate::battle::Battle;
use crate::bot::Bot;
use crate::roster::{Checkpoint, Roster};
use crate::session::Session;
use cosmos::Sky;
use market::{Frame, FrameSet, Market, MarketError, Wants};
use model::{
    Bars, Event, Instrument, Interval, Price, StateHash, Time,
    event::{Shock, Wake},
};
use persona::{Context, Outside};

/// A quarter of an hour that moves this much, and this many average true ranges, is a black swan.
const SWAN_MOVE: f64 = 0.03;
const SWAN_ATR: f64 = 6.0;

/// Bots over one shared view of one market.
#[derive(Clone, Debug)]
pub struct Farm {
    instrument: Instrument,
    base: Interval,
    market: Market,
    sky: Sky,
    roster: Roster,
    battle: Battle,
    /// The first instant, once it is known.
    first: Option<Time>,
    session: Option<Session>,
    /// Its end; before the first bar in the farthest past, so that the hot path asks one question.
    session_end: Time,
    last: (Price, Time),
}

model::state!(
    Farm { market, roster, battle, first, session, session_end, last } origin { instrument, base, sky }
    if |farm| farm.first.is_some() == farm.session.is_some()
        && farm.session_end == farm.session.map_or(Time(i64::MIN), |session| session.end())
);

impl Farm {
    /// A farm of these bots, fed with bars of length `base`; it keeps only what some bot reads.
    pub fn new(
        instrument: Instrument,
        base: Interval,
        roster: Roster,
        sky: Sky,
    ) -> Result<Farm, MarketError> {
        let wants = roster.bots().iter().fold(Wants::NONE, |wants, bot| wants.union(bot.wants()));
        let market = Market::new(base, wants)?;
        let battle = Battle::of(roster.bots().len());
        Ok(Farm {
            instrument,
            base,
            market,
            sky,
            roster,
            battle,
            first: None,
            session: None,
            session_end: Time(i64::MIN),
            last: (Price::ZERO, Time::default()),
        })
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

    /// Its roster, to pause and resume.
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

    /// The shared view.
    pub fn market(&self) -> &Market {
        &self.market
    }

    /// The earliest deadline and what it is for.
    pub fn next_wake(&self) -> Option<(Time, Wake)> {
        self.bots()
            .iter()
            .filter_map(|bot| Some((bot.deadline()?, Wake::Unanswered(bot.id()))))
            .min_by_key(|w| w.0)
    }

    /// Hears one event.
    pub fn on_event(&mut self, now: Time, event: &Event, out: &mut Actions) {
        let Farm { instrument, roster, .. } = self;
        match *event {
            Event::Tick(price) => {
                if self.last.0 == Price::ZERO {
                    self.last = (price, now);
                }
                for bot in roster.bots_mut() {
                    bot.on_tick(now, instrument, price, out);
                }
            }
            Event::Report(account, ref report) => {
                // A report for an account that is not here is another process's; it changes nothing.
                if let Some(bot) = roster.bots_mut().iter_mut().find(|bot| bot.account() == account) {
                    bot.on_report(now, instrument, report, out);
                }
            }
            Event::Shock(shock) => self.shake(now, shock, out),
            Event::Wake(Wake::Unanswered(id)) => {
                if let Some(bot) = roster.bot_mut(id) {
                    bot.on_unanswered(now, out);
                }
            }
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
                bot.decide(&self.instrument, &context, &self.sky, out);
            }
        }
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
        hash.finish()
    }
}
