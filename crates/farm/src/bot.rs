//! A bot: strategy, psyche, risk and ledger in a row. It hears and asks; it never waits and never fails.

use crate::action::{Action, Actions, Notice};
use execution::{EntryContext, ExitReason, Ledger, Orders, Trade};
use market::FrameSet;
use model::{
    Bars, BotId, Fill, Instrument, Interval, Leg, Liquidity, OrderId, Price, Qty, RejectReason, Report,
    Request, StateHash, Time, Usd, order::REQUEST_VALIDITY,
};
use persona::strategy::Turn;
use persona::{Context, EntryStyle, Held, Outcome, Profile, Psyche, Reason, Strategy};
use risk::{Approved, Exposure, Limits, Refusal, TradingState, Wish};

/// How a bot is made.
#[derive(Clone, Debug)]
pub struct BotSettings {
    /// Its number and sub-account.
    pub id: BotId,
    /// Fencing number of the lease it runs under.
    pub epoch: u16,
    /// How it thinks.
    pub strategy: Strategy,
    /// Who it is; `None` for a control.
    pub persona: Option<(Profile, Psyche)>,
    /// Money it starts with.
    pub capital: Usd,
}

/// The mind of a persona: absent in a control.
#[derive(Clone, Debug)]
struct Mind {
    profile: Profile,
    psyche: Psyche,
    limits: Limits,
}

/// One bot.
#[derive(Clone, Debug)]
pub struct Bot {
    id: BotId,
    epoch: u16,
    strategy: Strategy,
    mind: Option<Mind>,
    ledger: Ledger,
    orders: Orders,
    state: TradingState,
    decision: u32,
    price: Option<(Price, Time)>,
    equity_peak: Usd,
    midnight: (i64, Usd),
    entries: EntryClock,
    /// The decision behind the order that opens.
    entering: Option<EntryContext>,
    /// When an entry that rests is taken back.
    waits_until: Option<Time>,
    /// Why the position is being left on our own order.
    leaving: ExitReason,
    /// Where a control wants to be, once its order in flight has ended.
    wanted: Option<Turn>,
    ruined_at: Option<Time>,
    refusals: [u64; Refusal::ALL.len()],
}

/// When the last entries were made: a ring just long enough for the limit per hour.
#[derive(Clone, Debug, Default)]
struct EntryClock {
    times: [Time; EntryClock::ENTRIES_MAX as usize],
    next: usize,
    made: u64,
}

impl EntryClock {
    /// As far as it can count.
    const ENTRIES_MAX: u32 = 32;

    fn push(&mut self, now: Time) {
        self.times[self.next] = now;
        self.next = (self.next + 1) % self.times.len();
        self.made += 1;
    }

    fn within(&self, now: Time, window: Interval) -> u32 {
        let known = self.made.min(self.times.len() as u64) as usize;
        self.times[..known].iter().filter(|&&at| now - at < window).count() as u32
    }
}

impl Bot {
    /// A bot before its first bar.
    pub fn new(settings: BotSettings) -> Bot {
        let mind = settings.persona.map(|(profile, psyche)| {
            let limits = Limits::of_band(profile.risk);
            assert!(
                limits.entries_per_hour_max <= EntryClock::ENTRIES_MAX,
                "the clock counts up to the limit"
            );
            Mind { profile, psyche, limits }
        });
        assert_eq!(
            mind.is_none(),
            settings.strategy.is_control(),
            "controls have no mind, personas have one"
        );
        Bot {
            id: settings.id,
            epoch: settings.epoch,
            strategy: settings.strategy,
            mind,
            ledger: Ledger::new(settings.capital),
            orders: Orders::default(),
            state: TradingState::Active,
            decision: 0,
            price: None,
            equity_peak: settings.capital,
            midnight: (i64::MIN, settings.capital),
            entries: EntryClock::default(),
            entering: None,
            waits_until: None,
            leaving: ExitReason::Signal,
            wanted: None,
            ruined_at: None,
            refusals: [0; Refusal::ALL.len()],
        }
    }

    /// Its number.
    pub fn id(&self) -> BotId {
        self.id
    }

    /// Its books.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Its orders.
    pub fn orders(&self) -> &Orders {
        &self.orders
    }

    /// Its state of mind; `None` for a control.
    pub fn psyche(&self) -> Option<&Psyche> {
        self.mind.as_ref().map(|mind| &mind.psyche)
    }

    /// When it could no longer carry the smallest order.
    pub fn ruined_at(&self) -> Option<Time> {
        self.ruined_at
    }

    /// What the gate refused, by reason.
    pub fn refusals(&self) -> impl Iterator<Item = (Refusal, u64)> + '_ {
        Refusal::ALL.into_iter().zip(self.refusals)
    }

    /// The frames it reads.
    pub fn frames(&self) -> FrameSet {
        self.strategy.frames()
    }

    /// Whether it decides on base bars rather than on closed frames.
    pub fn reads_base_bars(&self) -> bool {
        matches!(self.strategy, Strategy::EmaCross(_))
    }

    /// When an unanswered request must be asked about.
    pub fn deadline(&self) -> Option<Time> {
        if self.orders.is_empty() {
            return None;
        }
        self.orders.oldest_unanswered().map(|sent| sent + REQUEST_VALIDITY)
    }

    fn next_id(&mut self) -> OrderId {
        self.decision += 1;
        OrderId { bot: self.id, epoch: self.epoch, decision: self.decision, leg: Leg::Own }
    }

    fn equity(&self, instrument: &Instrument) -> Option<Usd> {
        self.price.map(|(price, _)| self.ledger.equity(instrument, price))
    }

    fn submit(&mut self, now: Time, approved: Approved, out: &mut Actions) {
        if let Request::Place(request) = approved.request() {
            self.orders.sent(request, now);
        }
        out.push(Action::Submit(self.id, approved));
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

    /// Hears a price outside a bar: the market's opening, or a ticker.
    pub fn on_tick(&mut self, now: Time, instrument: &Instrument, price: Price, out: &mut Actions) {
        let opening = self.price.is_none();
        self.price = Some((price, now));
        if let (Strategy::BuyHold(strategy), true) = (&self.strategy, opening) {
            let target = strategy.quantity(instrument, self.ledger.books().wallet(), price);
            self.turn(now, instrument, Turn { target, reason: Reason::Opened }, out);
        }
    }

    /// Reads base bars until it has something to say; returns how many it took.
    #[inline]
    pub fn scan(&mut self, instrument: &Instrument, bars: Bars<'_>, out: &mut Actions) -> usize {
        let (taken, turn) = self.strategy.scan(bars);
        if let Some(turn) = turn {
            self.price = Some((bars.close[taken - 1], bars.close_time(taken - 1)));
            self.turn(bars.close_time(taken - 1), instrument, turn, out);
        }
        taken
    }

    /// A control goes to its target in one order; while one is in flight the next waits for its end, because only
    /// then the position is known.
    fn turn(&mut self, now: Time, instrument: &Instrument, turn: Turn, out: &mut Actions) {
        if self.state != TradingState::Active {
            return;
        }
        if !self.orders.is_empty() {
            if self.wanted.replace(turn).is_none() {
                self.cancel_opening(out);
            }
            return;
        }
        if turn.target == self.ledger.position().qty {
            return;
        }
        let id = self.next_id();
        match risk::approve_control(instrument, self.ledger.position().qty, turn.target, id) {
            Ok(approved) => {
                self.entering = Some(EntryContext { id, stop: None, mood: "none", leverage: 1 });
                out.push(Action::Notify(self.id, Notice::Entering { id, reason: turn.reason, mood: None }));
                self.submit(now, approved, out);
            }
            Err(refusal) => {
                self.refuse(refusal, out);
                if self.ledger.position().is_flat() {
                    self.ruin(now, out);
                }
            }
        }
    }

    /// Decides at the close of frames.
    pub fn decide(&mut self, instrument: &Instrument, context: &Context<'_>, out: &mut Actions) {
        if self.mind.is_none() {
            return;
        }
        self.price = Some((context.price, context.now));
        let equity = self.ledger.equity(instrument, context.price);
        self.equity_peak = self.equity_peak.max(equity);
        if self.midnight.0 != context.now.day() {
            self.midnight = (context.now.day(), equity);
        }
        match self.held() {
            Some(held) => self.manage(context, &held, out),
            None if self.orders.is_empty() && self.ruined_at.is_none() => {
                self.enter(instrument, context, out)
            }
            None => {}
        }
        self.give_up_waiting(context.now, out);
    }

    /// An entry that has rested for its patience is taken back; what has filled of it stays, with its bracket.
    fn give_up_waiting(&mut self, now: Time, out: &mut Actions) {
        // An exit has taken it back already.
        if self.waits_until.is_some_and(|until| now >= until) && !self.orders.is_closing() {
            self.waits_until = None;
            self.cancel_opening(out);
        }
    }

    fn held(&self) -> Option<Held> {
        let trade = self.ledger.open_trade()?;
        let entry = self.ledger.position().entry_price()?;
        let first_stop = trade.entry.stop?;
        let stop = self.orders.stop_leg().and_then(|order| order.price).unwrap_or(first_stop);
        Some(Held { side: trade.side, entry, first_stop, stop, since: trade.entered_at })
    }

    fn manage(&mut self, context: &Context<'_>, held: &Held, out: &mut Actions) {
        if self.orders.is_closing() {
            return;
        }
        if self.strategy.should_exit_trade(context, held).is_some() {
            return self.close(context.now, ExitReason::Signal, out);
        }
        let Some(to) = self.strategy.trail_stop(context, held) else { return };
        let Some(stop) = self.orders.protective_stop().map(|order| order.id) else { return };
        match risk::approve_stop(self.ledger.position().qty, held.stop, to, stop) {
            Ok(approved) => self.submit(context.now, approved, out),
            Err(refusal) => self.refuse(refusal, out),
        }
    }

    fn enter(&mut self, instrument: &Instrument, context: &Context<'_>, out: &mut Actions) {
        let Some(signal) = self.strategy.should_enter_trade(context) else { return };
        let Some(stop_distance) = self.strategy.stop_distance(context) else { return };
        let exposure = self.exposure(instrument, context.now);
        let id = self.next_id();
        let mind = self.mind.as_mut().expect("decide returns early without a mind");
        let Some(impulse) = mind.psyche.colour(context.now, signal) else { return };
        let mood = mind.psyche.label();
        let own_ladder = self.strategy.take_profit(context);
        let targets = own_ladder.as_ref().map_or(&mind.profile.targets[..], |ladder| {
            &ladder[..ladder.iter().take_while(|rung| rung.share > 0.0).count()]
        });
        let wish = Wish { impulse: &impulse, stop_distance, targets };
        match risk::approve_entry(&mind.limits, instrument, &exposure, &wish, id) {
            Ok((approved, leverage)) => {
                let stop = match approved.request() {
                    Request::Place(order) => order.bracket.map(|bracket| bracket.stop),
                    Request::Cancel(_) | Request::Amend { .. } => None,
                };
                self.entering = Some(EntryContext { id, stop, mood: mood.name(), leverage });
                self.waits_until = match signal.style {
                    EntryStyle::Take => None,
                    EntryStyle::Make { patience, .. } => Some(context.now + patience),
                };
                self.entries.push(context.now);
                let notice = Notice::Entering { id, reason: signal.reason, mood: Some(mood) };
                out.push(Action::Notify(self.id, notice));
                self.submit(context.now, approved, out);
            }
            Err(refusal) => {
                self.refuse(refusal, out);
                self.check_ruin(context.now, instrument, out);
            }
        }
    }

    fn exposure(&self, instrument: &Instrument, now: Time) -> Exposure {
        Exposure {
            now,
            equity: self.equity(instrument),
            equity_peak: self.equity_peak,
            equity_at_midnight: self.midnight.1,
            price: self.price,
            position: Some(self.ledger.position().qty),
            order_pending: !self.orders.is_empty(),
            state: self.state,
            entries_last_hour: self.entries.within(now, Interval::HOUR),
        }
    }

    fn check_ruin(&mut self, now: Time, instrument: &Instrument, out: &mut Actions) {
        let (Some(mind), Some((price, _))) = (&self.mind, self.price) else { return };
        let equity = self.ledger.equity(instrument, price);
        if !risk::sizing::carries_minimum(instrument, &mind.limits.band, equity, price) {
            self.ruin(now, out);
        }
    }

    fn close(&mut self, now: Time, reason: ExitReason, out: &mut Actions) {
        let position = self.ledger.position().qty;
        if position == Qty::ZERO || self.orders.is_closing() || !self.orders.has_room(1) {
            return;
        }
        self.leaving = reason;
        self.cancel_opening(out);
        let id = self.next_id();
        self.submit(now, risk::approve_close(position, id), out);
    }

    /// What is left of an entry must not fill behind an exit.
    fn cancel_opening(&self, out: &mut Actions) {
        for order in self.orders.iter().filter(|order| !order.reduce_only) {
            out.push(Action::Submit(self.id, risk::approve_cancel(order.id)));
        }
    }

    /// Hears what the venue says of this bot's account.
    pub fn on_report(&mut self, now: Time, instrument: &Instrument, report: &Report, out: &mut Actions) {
        match *report {
            Report::Accepted { id } | Report::Triggered { id } | Report::Amended { id, .. } => {
                self.orders.on_report(id, report);
            }
            Report::Cancelled { id, .. } => {
                self.orders.on_report(id, report);
            }
            Report::Rejected { id, reason } => self.on_rejected(now, instrument, id, reason, report, out),
            Report::Filled(ref fill) => self.on_fill(now, instrument, fill, report, out),
            Report::Funding { amount, .. } => self.ledger.on_funding(amount),
            Report::Liquidated { position_side, qty, price, fee, settlement } => {
                let id = self.entering.map_or_else(|| self.next_id(), |entry| entry.id);
                let fill = Fill {
                    id,
                    position_side,
                    qty,
                    price,
                    fee,
                    liquidity: Liquidity::Taker,
                    remaining: Qty::ZERO,
                };
                let trade =
                    self.ledger.on_liquidated(now, instrument, &fill, settlement, self.entry_context(id));
                self.price = Some((price, now));
                self.settle(now, instrument, trade, out);
            }
        }
        self.stay_protected(now, out);
        if self.orders.is_empty()
            && let Some(turn) = self.wanted.take()
        {
            self.turn(now, instrument, turn, out);
        }
    }

    fn on_rejected(
        &mut self,
        now: Time,
        instrument: &Instrument,
        id: OrderId,
        reason: RejectReason,
        report: &Report,
        out: &mut Actions,
    ) {
        // A refused amend or cancel leaves its order as it was; only a placement dies of a rejection.
        let placement =
            self.orders.get(id).is_some_and(|order| order.status == execution::OrderStatus::Submitted);
        if placement {
            self.orders.on_report(id, report);
        }
        out.push(Action::Notify(self.id, Notice::Rejected(id, reason)));
        let broke = matches!(reason, RejectReason::InsufficientMargin | RejectReason::AccountClosed);
        match (&self.mind, broke, self.ledger.position().is_flat()) {
            (_, false, _) => {}
            (Some(_), true, _) => self.check_ruin(now, instrument, out),
            (None, true, true) => self.ruin(now, out),
            // What can no longer be turned around can still be left.
            (None, true, false) => self.close(now, ExitReason::Signal, out),
        }
    }

    fn entry_context(&self, id: OrderId) -> EntryContext {
        self.entering.unwrap_or(EntryContext { id, stop: None, mood: "none", leverage: 1 })
    }

    fn on_fill(
        &mut self,
        now: Time,
        instrument: &Instrument,
        fill: &Fill,
        report: &Report,
        out: &mut Actions,
    ) {
        let reason = match fill.id.leg {
            Leg::Own => self.leaving,
            Leg::Target(_) => ExitReason::Target,
            Leg::Stop if self.stop_was_moved() => ExitReason::TrailingStop,
            Leg::Stop => ExitReason::Stop,
        };
        self.orders.on_report(fill.id, report);
        let entry = self.entry_context(fill.id);
        let trade = self.ledger.on_fill(now, instrument, fill, entry, reason);
        self.price = Some((fill.price, now));
        self.settle(now, instrument, trade, out);
    }

    fn stop_was_moved(&self) -> bool {
        self.held().is_some_and(|held| held.stop != held.first_stop)
    }

    /// Lives through a finished round trip.
    fn settle(&mut self, now: Time, instrument: &Instrument, trade: Option<Trade>, out: &mut Actions) {
        let Some(trade) = trade else { return };
        out.push(Action::Notify(self.id, Notice::Closed(trade)));
        if self.ledger.position().is_flat() {
            self.cancel_opening(out);
        }
        self.leaving = ExitReason::Signal;
        let equity = self.ledger.books().wallet();
        let peak = self.equity_peak.max(equity);
        if let Some(mind) = &mut self.mind {
            let drawdown = (peak - equity).as_f64() / peak.as_f64().max(1.0);
            let outcome = Outcome {
                r_multiple: r_multiple(instrument, &trade),
                drawdown,
                held: trade.exited_at - trade.position.entered_at,
            };
            mind.psyche.process_trade_result(now, &outcome);
            self.equity_peak = peak;
            self.check_ruin(now, instrument, out);
        } else if equity.0 <= 0 && self.ledger.position().is_flat() {
            self.ruin(now, out);
        }
    }

    /// A persona's position whose stop is gone is left at once.
    fn stay_protected(&mut self, now: Time, out: &mut Actions) {
        if self.mind.is_none() || self.ledger.position().is_flat() {
            return;
        }
        if self.orders.stop_leg().is_none() {
            self.close(now, ExitReason::Command, out);
        }
    }

    /// A request was not answered in time: say so and start its clock again; reconciliation is the world's.
    pub fn on_unanswered(&mut self, now: Time, out: &mut Actions) {
        self.orders.asked_again(now);
        out.push(Action::Notify(self.id, Notice::Unanswered));
    }

    /// Adds the bot to a state hash.
    pub fn hash(&self, hash: &mut StateHash) {
        hash.word(u64::from(self.id.0));
        hash.word(u64::from(self.decision));
        self.ledger.hash(hash);
        self.orders.hash(hash);
        self.strategy.hash(hash);
        if let Some(mind) = &self.mind {
            mind.psyche.hash(hash);
        }
        hash.int(self.waits_until.map_or(-1, |until| until.0));
        hash.int(self.equity_peak.0);
        hash.int(self.ruined_at.map_or(-1, |at| at.0));
        for count in self.refusals {
            hash.word(count);
        }
    }
}

/// Net profit over what was at risk at the entry's stop.
fn r_multiple(instrument: &Instrument, trade: &Trade) -> f64 {
    let Some(stop) = trade.position.entry.stop else { return 0.0 };
    let opened = i128::from(trade.position.opened.0);
    let at_risk = instrument.usd((trade.position.entry_cost - opened * i128::from(stop.0)).abs());
    trade.net().as_f64() / at_risk.as_f64().max(0.01)
}
