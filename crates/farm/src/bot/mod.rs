//! A bot: strategy, mind, risk and ledger in a row. It hears and asks; it never waits and never fails.

mod control;
mod deciding;
mod hearing;
mod obeying;
mod proposal;
mod showing;
mod vigil;

use crate::action::{Action, Actions, Notice};
use crate::conduct::{EntryClock, Naked, Occasions, Results};
use crate::session::Session;
use crate::summary::SessionSummary;
use execution::{EntryContext, ExitReason, Ledger, Orders};
use market::{Frame, FrameSet, Indicator, Wants};
use model::{
    AccountId, BotId, Instrument, Leg, OrderId, PositionMode, Price, Request, RiskLevel, Side, StateHash,
    Time, Usd,
    event::{Shock, Wake},
    order::REQUEST_VALIDITY,
};
use persona::profile::RiskBand;
use persona::strategy::Turn;
use persona::{Blow, Impulse, Label, Mind, Psyche, Strategy, Traded};
use proposal::Proposal;
use risk::{Approved, Limits, Refusal, Rules, TradingState};
pub use showing::Allowance;
pub use vigil::Unusual;
use vigil::Watch;

/// How a bot is made.
#[derive(Clone, Debug)]
pub struct BotSettings {
    /// Its number and sub-account.
    pub id: BotId,
    /// The venue's account it trades on.
    pub account: AccountId,
    /// How positions are held there.
    pub mode: PositionMode,
    /// Fencing number of the lease it runs under.
    pub epoch: u16,
    /// How it thinks.
    pub strategy: Strategy,
    /// Who it is; `None` for a control.
    pub mind: Option<Mind>,
    /// Money it starts with.
    pub capital: Usd,
}

/// An entry decided and, by mistake, not yet made.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Late {
    impulse: Impulse,
    decided_at: Time,
}

model::value!(Late { impulse, decided_at });

/// What a bot is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BotStatus {
    /// It knows no price yet.
    Scheduled,
    /// It trades.
    Trading,
    /// Told to wait: it manages what it holds and opens nothing.
    Paused,
    /// It may only leave.
    ReduceOnly,
    /// It may only leave, and should.
    Halted,
    /// Its capital no longer carries the smallest order.
    Ruined,
}

impl BotStatus {
    /// The word in files and tables.
    pub const fn name(self) -> &'static str {
        match self {
            BotStatus::Scheduled => "scheduled",
            BotStatus::Trading => "trading",
            BotStatus::Paused => "paused",
            BotStatus::ReduceOnly => "reduce-only",
            BotStatus::Halted => "halted",
            BotStatus::Ruined => "ruined",
        }
    }
}

/// One bot.
#[derive(Clone, Debug)]
pub struct Bot {
    id: BotId,
    account: AccountId,
    mode: PositionMode,
    epoch: u16,
    strategy: Strategy,
    wants: Wants,
    mind: Option<Mind>,
    limits: Limits,
    capital: Usd,
    ledger: Ledger,
    orders: Orders,
    /// What it was told itself, and what the whole farm was: the stricter counts.
    state: TradingState,
    imposed: TradingState,
    rules: Rules,
    /// Which part of its band it uses, and when that was given.
    level: (RiskLevel, Time),
    decision: u32,
    price: Option<(Price, Time)>,
    equity_peak: Usd,
    midnight: (i64, Usd),
    entries: EntryClock,
    /// When it was stopped out lately, and until when it rests of it.
    stops: EntryClock,
    rests_until: Option<Time>,
    /// When it tries again to leave what it has to leave.
    leave_at: Option<Time>,
    /// Attempts to leave that the venue refused in a row.
    refused_leaves: u32,
    /// A significant trade that waits for approval.
    proposal: Option<Proposal>,
    vigil: Watch,
    /// The decision behind the order that opens.
    entering: Option<EntryContext>,
    /// When a resting entry is taken back.
    expires: Option<Time>,
    late: Option<Late>,
    /// Why the position is being left on our own order.
    leaving: ExitReason,
    /// Where a control wants to be, once its order in flight has ended.
    wanted: Option<Turn>,
    last_side: Option<Side>,
    /// Nearest that liquidation came to the position held.
    worst_distance: Option<f64>,
    occasions: Occasions,
    results: Results,
    session_fills: u32,
    /// Highest equity and deepest fall at session ends: what the battle ranks by.
    session_peak: Usd,
    session_drawdown: f64,
    ruined_at: Option<Time>,
    naked: Naked,
    refusals: [u64; Refusal::ALL.len()],
}

model::state!(
    Bot {
        epoch,
        strategy,
        capital,
        ledger,
        orders,
        state,
        imposed,
        rules,
        level,
        decision,
        price,
        equity_peak,
        midnight,
        entries,
        stops,
        rests_until,
        leave_at,
        refused_leaves,
        proposal,
        vigil,
        entering,
        expires,
        late,
        leaving,
        wanted,
        last_side,
        worst_distance,
        occasions,
        results,
        session_fills,
        session_peak,
        session_drawdown,
        ruined_at,
        naked,
        refusals,
    }
    origin { id, account, mode, wants, limits }
    optional { mind }
    if |bot| bot.vigil.is_kept() == bot.rules.vigilance.is_some()
);

/// A control has no band; these limits are never asked.
const NO_BAND: RiskBand = RiskBand {
    tolerance: [0.0, 0.0],
    risk_per_trade_bps: [0, 0],
    leverage: 1,
    leverage_max: 1,
    margin_max_bps: 0,
    stop_bps: [0, 0],
    redrawn_each_session: false,
};

/// What a mind reads beside its method: how far the market moved in a quarter of an hour.
const MIND_WANTS: Wants = Wants::NONE.with(Frame::M15, &[Indicator::Atr14]);

fn wants(strategy: &Strategy) -> Wants {
    if strategy.is_control() { strategy.wants() } else { strategy.wants().union(MIND_WANTS) }
}

impl Bot {
    /// A bot before its first bar.
    pub fn new(settings: BotSettings) -> Bot {
        let band = settings.mind.as_ref().map_or(NO_BAND, |mind| mind.profile().risk);
        let limits = Limits::of_band(band);
        assert!(limits.entries_per_hour_max <= EntryClock::ENTRIES_MAX, "the clock counts up to the limit");
        assert_eq!(
            settings.mind.is_none(),
            settings.strategy.is_control(),
            "controls have no mind, personas have one"
        );
        Bot {
            id: settings.id,
            account: settings.account,
            mode: settings.mode,
            epoch: settings.epoch,
            wants: wants(&settings.strategy),
            strategy: settings.strategy,
            mind: settings.mind,
            limits,
            capital: settings.capital,
            ledger: Ledger::new(settings.capital),
            orders: Orders::default(),
            state: TradingState::Active,
            imposed: TradingState::Active,
            rules: Rules::NONE,
            level: (RiskLevel::Medium, Time(i64::MIN)),
            decision: 0,
            price: None,
            equity_peak: settings.capital,
            midnight: (i64::MIN, settings.capital),
            entries: EntryClock::default(),
            stops: EntryClock::default(),
            rests_until: None,
            leave_at: None,
            refused_leaves: 0,
            proposal: None,
            vigil: Watch::default(),
            entering: None,
            expires: None,
            late: None,
            leaving: ExitReason::Signal,
            wanted: None,
            last_side: None,
            worst_distance: None,
            occasions: Occasions::default(),
            results: Results::default(),
            session_fills: 0,
            session_peak: settings.capital,
            session_drawdown: 0.0,
            ruined_at: None,
            naked: Naked::default(),
            refusals: [0; Refusal::ALL.len()],
        }
    }

    /// Its number.
    pub fn id(&self) -> BotId {
        self.id
    }

    /// The venue's account it trades on.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// Its books.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Its orders.
    pub fn orders(&self) -> &Orders {
        &self.orders
    }

    /// Its state of mind; `None` for a control and for a calm twin.
    pub fn psyche(&self) -> Option<&Psyche> {
        self.mind.as_ref()?.psyche()
    }

    /// Looks at positions and what was made of them.
    pub fn occasions(&self) -> &Occasions {
        &self.occasions
    }

    /// When it could no longer carry the smallest order.
    pub fn ruined_at(&self) -> Option<Time> {
        self.ruined_at
    }

    /// What it is doing.
    pub fn status(&self) -> BotStatus {
        match (self.ruined_at, self.trading_state(), self.price) {
            (Some(_), _, _) => BotStatus::Ruined,
            (_, TradingState::Halted, _) => BotStatus::Halted,
            (_, TradingState::ReduceOnly, _) => BotStatus::ReduceOnly,
            (_, TradingState::Paused, _) => BotStatus::Paused,
            (_, TradingState::Active, None) => BotStatus::Scheduled,
            (_, TradingState::Active, Some(_)) => BotStatus::Trading,
        }
    }

    /// What it may do: the stricter of what it and the whole farm were told.
    pub fn trading_state(&self) -> TradingState {
        self.state.max(self.imposed)
    }

    /// What the gate refused, by reason.
    pub fn refusals(&self) -> impl Iterator<Item = (Refusal, u64)> + '_ {
        Refusal::ALL.into_iter().zip(self.refusals)
    }

    /// What it reads of the market.
    pub fn wants(&self) -> Wants {
        self.wants
    }

    /// The frames at whose close it decides.
    #[inline]
    pub(crate) fn frames(&self) -> FrameSet {
        self.wants.frames()
    }

    /// Whether it decides on base bars rather than on closed frames.
    pub fn reads_base_bars(&self) -> bool {
        matches!(self.strategy, Strategy::EmaCross(_))
    }

    /// When it must be woken, and what for.
    pub fn next_wake(&self) -> Option<(Time, Wake)> {
        let unanswered = if self.orders.is_empty() { None } else { self.orders.oldest_unanswered() };
        let unanswered = unanswered.map(|sent| (sent + REQUEST_VALIDITY, Wake::Unanswered(self.id)));
        let leave = self.leave_at.map(|at| (at, Wake::Leave(self.id)));
        let unapproved = self.proposal.as_ref().map(|open| (open.expires, Wake::Unapproved(self.id)));
        [unanswered, leave, unapproved].into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    fn next_id(&mut self) -> OrderId {
        self.decision += 1;
        OrderId { bot: self.id, epoch: self.epoch, decision: self.decision, leg: Leg::Own }
    }

    fn submit(&mut self, now: Time, approved: Approved, out: &mut Actions) {
        if let Request::Place(request) = approved.request() {
            self.orders.sent(request, now);
            self.count_order(now);
        }
        out.push(Action::Submit(self.account, approved));
    }

    fn refuse(&mut self, refusal: Refusal, out: &mut Actions) {
        let at = Refusal::ALL.iter().position(|&known| known == refusal).expect("ALL holds every refusal");
        self.refusals[at] += 1;
        out.push(Action::Notify(self.id, Notice::Refused(refusal)));
    }

    fn ruin(&mut self, now: Time, out: &mut Actions) {
        if self.ruined_at.is_none() {
            self.ruined_at = Some(now);
            self.state = TradingState::ReduceOnly;
            out.push(Action::Notify(self.id, Notice::Ruined(now)));
        }
    }

    /// Whatever touches the mind passes here, so that a change of state is never missed.
    fn feel(&mut self, now: Time, out: &mut Actions, touch: impl FnOnce(&mut Mind)) {
        let Some(mind) = &mut self.mind else { return };
        let before: Label = mind.label();
        touch(mind);
        let after = mind.label();
        if after != before {
            out.push(Action::Notify(self.id, Notice::Felt(now, after)));
        }
    }

    /// News shakes everybody who feels.
    pub fn on_shock(&mut self, now: Time, shock: Shock, out: &mut Actions) {
        self.feel(now, out, |mind| mind.take(now, Blow::Shock(shock)));
    }

    /// A session is over; `price` is the last one known.
    pub fn end_session(
        &mut self,
        now: Time,
        instrument: &Instrument,
        session: Session,
        price: Price,
        out: &mut Actions,
    ) {
        let traded = if self.session_fills > 0 || !self.ledger.position().is_flat() {
            Traded::Something
        } else {
            Traded::Nothing
        };
        self.session_fills = 0;
        self.feel(now, out, |mind| mind.end_session(now, traded));
        let equity = self.ledger.equity(instrument, price);
        self.session_peak = self.session_peak.max(equity);
        let fell = (self.session_peak - equity).as_f64() / self.session_peak.as_f64().max(1.0);
        self.session_drawdown = self.session_drawdown.max(fell);
        let summary = SessionSummary {
            session,
            at: now,
            equity,
            total_return: self.total_return(equity),
            drawdown: self.session_drawdown,
            trades: self.ledger.trades(),
            mood: self.psyche().map(|psyche| (psyche.label(), *psyche.mood())),
            energy: self.energy(),
            occasions: self.occasions,
        };
        out.push(Action::Notify(self.id, Notice::Session(summary)));
    }

    /// Where it stands in the battle, as of the last session's end.
    pub fn standing(&self, instrument: &Instrument, price: Price) -> crate::battle::Standing {
        let equity = self.ledger.equity(instrument, price);
        crate::battle::Standing {
            bot: self.id,
            total_return: self.total_return(equity),
            drawdown: self.session_drawdown,
            trades: self.ledger.trades(),
        }
    }

    /// Of the money put in; of none there is no return.
    fn total_return(&self, equity: Usd) -> f64 {
        if self.capital.0 == 0 { 0.0 } else { (equity - self.capital).as_f64() / self.capital.as_f64() }
    }

    fn check_ruin(&mut self, now: Time, instrument: &Instrument, out: &mut Actions) {
        let (Some(_), Some((price, _))) = (&self.mind, self.price) else { return };
        let equity = self.ledger.equity(instrument, price);
        if !risk::sizing::carries_minimum(instrument, &self.limits.band, equity, price) {
            self.ruin(now, out);
        }
    }

    /// What is left of an entry must not fill behind an exit.
    fn cancel_opening(&self, out: &mut Actions) {
        for order in self.orders.iter().filter(|order| !order.reduce_only) {
            out.push(Action::Submit(self.account, risk::approve_cancel(order.id)));
        }
    }

    /// Adds the bot to a state hash.
    pub fn hash(&self, hash: &mut StateHash) {
        hash.word(u64::from(self.id.0));
        hash.word(u64::from(self.decision));
        self.ledger.hash(hash);
        self.orders.hash(hash);
        self.strategy.hash(hash);
        if let Some(mind) = &self.mind {
            mind.hash(hash);
            self.occasions.hash(hash);
            self.results.hash(hash);
        }
        hash.int(self.equity_peak.0);
        hash.int(self.ruined_at.map_or(-1, |at| at.0));
        hash.word(self.state as u64 | (self.imposed as u64) << 8);
        for at in [self.leave_at, self.rests_until, self.proposal.as_ref().map(|open| open.expires)] {
            hash.int(at.map_or(-1, |at| at.0));
        }
        hash.int(self.naked.ms_max);
        for word in [self.capital.0, self.midnight.0, self.midnight.1.0, i64::from(self.epoch)] {
            hash.int(word);
        }
        self.entries.hash(hash);
        self.stops.hash(hash);
        hash.int(self.expires.map_or(-1, |at| at.0));
        hash.word(self.proposal.as_ref().map_or(0, |open| open.id.word()));
        self.vigil.hash(hash);
        for count in self.refusals {
            hash.word(count);
        }
        // Whom nobody ever told has the state it had before there was anything to tell.
        if self.level.1 != Time(i64::MIN) {
            hash.word(self.level.0 as u64);
            hash.int(self.level.1.0);
        }
    }
}
