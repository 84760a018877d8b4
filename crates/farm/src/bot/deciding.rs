//! How a persona decides at the close of frames: what it holds is managed, else an entry is looked for.
//!
//! The order of a decision is the same for everybody: method, then mind, then gate. The mind only turns dials of what
//! the method says, or is tempted where the method is silent; the gate has the last word.

use super::{Bot, Late};
use crate::action::{Action, Actions, Notice};
use crate::conduct::Look;
use execution::{EntryContext, ExitReason};
use market::{Frame, FrameView};
use model::{Instrument, Interval, OrderId, Price, Qty, Request, TARGETS_MAX, Time, Usd};
use persona::profile::TargetShare;
use persona::psyche::LIQUIDATION_NEAR;
use persona::{
    Blow, Context, EntryKind, EntryStyle, Held, Impulse, Leaving, Mistake, Modifier, Occasion, Signal,
    Watched,
};
use risk::{Approved, Clearance, Crowd, Exposure, Refusal, SIGNIFICANT_RISK_BPS, TradingState, Wish};

/// A quarter of an hour this many average true ranges long is a missed move to the flat, an adverse spike to those
/// it goes against.
const MOVE_ATR: f64 = 2.5;
const SPIKE_ATR: f64 = 2.0;
/// Below this energy significant trades wait for approval.
const ENERGY_MIN: f64 = 0.25;
/// A stop that is moved away goes this much further, in first distances.
const MOVED_STOP_R: f64 = 1.5;

/// An entry as the method and the mind want it, before anybody allowed it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    impulse: Impulse,
    stop_distance: f64,
    targets: [TargetShare; TARGETS_MAX],
    rungs: usize,
}

model::value!(Wanted { impulse, stop_distance, targets, rungs } if |wanted| wanted.rungs <= TARGETS_MAX);

impl Wanted {
    fn new(impulse: Impulse, stop_distance: f64, ladder: &[TargetShare]) -> Wanted {
        let mut targets = [TargetShare::default(); TARGETS_MAX];
        targets[..ladder.len()].copy_from_slice(ladder);
        Wanted { impulse, stop_distance, targets, rungs: ladder.len() }
    }

    pub(super) fn impulse(&self) -> &Impulse {
        &self.impulse
    }

    fn wish(&self) -> Wish<'_> {
        let targets = &self.targets[..self.rungs];
        Wish { impulse: &self.impulse, stop_distance: self.stop_distance, targets }
    }
}

/// Close less open of the last quarter of an hour in its average true ranges; 0 while that is unknown.
fn move_atr(quarter: &FrameView) -> f64 {
    let moved = quarter.last.close - quarter.last.open;
    quarter.atr_14().value().filter(|&atr| atr > 0.0).map_or(0.0, |atr| moved / atr)
}

impl Bot {
    /// Decides at the close of frames.
    pub fn decide(
        &mut self,
        instrument: &Instrument,
        context: &Context<'_>,
        sky: &cosmos::Sky,
        crowd: &mut Crowd,
        out: &mut Actions,
    ) {
        let Some(mind) = &self.mind else { return };
        let context = &Context { outside: mind.outside(sky), ..*context };
        self.price = Some((context.price, context.now));
        let equity = self.ledger.equity(instrument, context.price);
        self.equity_peak = self.equity_peak.max(equity);
        if self.midnight.0 != context.now.day() {
            self.midnight = (context.now.day(), equity);
        }
        match self.held() {
            Some(held) => self.manage(instrument, context, &held, sky, out),
            None if self.orders.is_empty() && self.ruined_at.is_none() => {
                self.look_for_entry(instrument, context, sky, crowd, out)
            }
            None => {}
        }
        self.give_up_waiting(context.now, out);
    }

    pub(super) fn held(&self) -> Option<Held> {
        let trade = self.ledger.open_trade()?;
        let entry = self.ledger.position().entry_price()?;
        let first_stop = trade.entry.stop?;
        let stop = self.orders.stop_leg().and_then(|order| order.price).unwrap_or(first_stop);
        Some(Held { side: trade.side, entry, first_stop, stop, since: trade.entered_at })
    }

    /// A resting entry that nobody took in time is taken back.
    fn give_up_waiting(&mut self, now: Time, out: &mut Actions) {
        // An exit has taken it back already.
        if self.expires.is_some_and(|expires| now >= expires) && !self.orders.is_closing() {
            self.expires = None;
            self.cancel_opening(out);
        }
    }

    fn manage(
        &mut self,
        instrument: &Instrument,
        context: &Context<'_>,
        held: &Held,
        sky: &cosmos::Sky,
        out: &mut Actions,
    ) {
        let gain = (context.price.0 - held.entry.0) * held.side.sign();
        let look = if context.closed.contains(Frame::M15) { Look::Regular } else { Look::Between };
        if look == Look::Regular {
            self.occasions.look(gain);
        }
        if self.orders.is_closing() {
            return;
        }
        if self.strategy.should_exit_trade(context, held).is_some() {
            self.occasions.exit(gain, look);
            return self.close(context.now, ExitReason::Signal, out);
        }
        if look == Look::Regular
            && let Some(reason) = self.nerves(instrument, context, held, gain, sky, out)
        {
            self.occasions.exit(gain, look);
            return self.close(context.now, reason, out);
        }
        let Some(to) = self.strategy.trail_stop(context, held) else { return };
        let Some(stop) = self.orders.protective_stop().map(|order| order.id) else { return };
        match risk::approve_stop(self.ledger.position().qty, held.stop, to, stop) {
            Ok(approved) => self.submit(context.now, approved, out),
            Err(refusal) => self.refuse(refusal, out),
        }
    }

    /// What a look at the position does to the mind, and whether it gives way.
    fn nerves(
        &mut self,
        instrument: &Instrument,
        context: &Context<'_>,
        held: &Held,
        gain: i64,
        sky: &cosmos::Sky,
        out: &mut Actions,
    ) -> Option<ExitReason> {
        let now = context.now;
        self.mind.as_ref()?.psyche()?;
        let against = -move_atr(context.market.frame(Frame::M15)) * held.side.sign() as f64;
        let spiked = against >= SPIKE_ATR;
        if spiked {
            self.feel(now, out, |mind| mind.take(now, Blow::AdverseSpike));
        }
        self.fear_liquidation(instrument, context, gain, out);
        let r = gain as f64 / held.risk_distance().max(1) as f64;
        let mut leaving = None;
        self.feel(now, out, |mind| leaving = mind.leave(now, &Occasion { r, spiked }, sky));
        if let Some(leaving) = leaving {
            return Some(match leaving {
                Leaving::Impulse => ExitReason::Impulse,
                Leaving::Panic => ExitReason::Panic,
            });
        }
        self.move_stop_away(instrument, context, held, r, out);
        None
    }

    /// Each new nearness to liquidation is felt once.
    fn fear_liquidation(
        &mut self,
        instrument: &Instrument,
        context: &Context<'_>,
        gain: i64,
        out: &mut Actions,
    ) {
        if gain >= 0 {
            return;
        }
        let lots = self.ledger.position().qty.abs();
        let notional = instrument.notional(lots, context.price);
        let equity = self.ledger.equity(instrument, context.price);
        let maintenance = instrument.tier(notional).maintenance.as_f64() * notional.as_f64();
        let distance = (equity.as_f64() - maintenance) / notional.as_f64().max(1.0);
        let nearer = self.worst_distance.is_none_or(|worst| distance < 0.7 * worst);
        if distance < LIQUIDATION_NEAR && nearer {
            self.worst_distance = Some(distance.max(0.0));
            let now = context.now;
            self.feel(now, out, |mind| mind.take(now, Blow::NearLiquidation { distance }));
        }
    }

    /// Somebody without discipline moves a stop that is about to be hit, once in a trade.
    fn move_stop_away(
        &mut self,
        instrument: &Instrument,
        context: &Context<'_>,
        held: &Held,
        r: f64,
        out: &mut Actions,
    ) {
        let Some(mind) = &self.mind else { return };
        if self.trading_state() >= TradingState::ReduceOnly {
            return;
        }
        if held.stop != held.first_stop || !mind.moves_stop(held.since, -r) {
            return;
        }
        let Some(stop) = self.orders.protective_stop().map(|order| order.id) else { return };
        let further = (held.risk_distance() as f64 * MOVED_STOP_R) as i64;
        let to = Price(held.entry.0 - held.side.sign() * further);
        let equity = self.ledger.equity(instrument, context.price);
        let position = self.ledger.position();
        let asked =
            risk::approve_looser_stop(&self.limits, instrument, equity, position, held.stop, to, stop);
        match asked {
            Ok((approved, _)) => self.submit(context.now, approved, out),
            Err(refusal) => self.refuse(refusal, out),
        }
    }

    /// The method's signal; one decided a decision ago and made late; or a temptation.
    fn look_for_entry(
        &mut self,
        instrument: &Instrument,
        context: &Context<'_>,
        sky: &cosmos::Sky,
        crowd: &mut Crowd,
        out: &mut Actions,
    ) {
        let now = context.now;
        // One question at a time.
        if self.proposal.is_some() {
            return;
        }
        if let Some(late) = self.late.take()
            && now - late.decided_at <= LATE_MAX
        {
            return self.ask(instrument, context, &late.impulse, crowd, out);
        }
        let (signal, kind) = match self.strategy.should_enter_trade(context) {
            Some(signal) => (signal, EntryKind::Signal),
            None => match self.temptation(context, out) {
                Some(tempted) => tempted,
                None => return,
            },
        };
        let mind = self.mind.as_ref().expect("decide returns early without a mind");
        let modifier = mind.modifier(now, sky);
        let Some(impulse) = self.colour(now, signal, kind, &modifier, out) else { return };
        if impulse.mistake == Some(Mistake::Late) {
            self.late = Some(Late { impulse, decided_at: now });
            return;
        }
        self.ask(instrument, context, &impulse, crowd, out);
    }

    fn colour(
        &mut self,
        now: Time,
        signal: Signal,
        kind: EntryKind,
        modifier: &Modifier,
        out: &mut Actions,
    ) -> Option<Impulse> {
        let mut impulse = None;
        self.feel(now, out, |mind| impulse = mind.colour(now, signal, kind, modifier));
        impulse
    }

    /// Only the quarter of an hour tempts.
    fn temptation(&mut self, context: &Context<'_>, out: &mut Actions) -> Option<(Signal, EntryKind)> {
        if !context.closed.contains(Frame::M15) || !self.mind.as_ref()?.feels() {
            return None;
        }
        let now = context.now;
        let move_atr = move_atr(context.market.frame(Frame::M15));
        if move_atr.abs() >= MOVE_ATR {
            self.feel(now, out, |mind| mind.take(now, Blow::MissedMove));
        }
        let watched = Watched { move_atr, last_side: self.last_side };
        self.mind.as_mut()?.tempt(now, &watched)
    }

    /// Asks the gate.
    fn ask(
        &mut self,
        instrument: &Instrument,
        context: &Context<'_>,
        impulse: &Impulse,
        crowd: &mut Crowd,
        out: &mut Actions,
    ) {
        let Some(stop_distance) = self.strategy.stop_distance(context) else { return };
        let id = self.next_id();
        let mind = self.mind.as_ref().expect("only a persona asks");
        let own = self.strategy.take_profit(context);
        let ladder = own.as_ref().map_or(&mind.profile().targets[..], |own| {
            &own[..own.iter().take_while(|rung| rung.share > 0.0).count()]
        });
        let skipped = impulse.mistake == Some(Mistake::SkippedTarget) && ladder.len() > 1;
        let ladder = if skipped { &ladder[1..] } else { ladder };
        let wanted = Wanted::new(*impulse, stop_distance, ladder);
        let energy = if mind.feels() { mind.energy(self.results.win_rate()) } else { 1.0 };
        let tired = (energy < ENERGY_MIN).then_some(SIGNIFICANT_RISK_BPS);
        let asked = [self.rules.approval.map(|rule| rule.risk_bps), tired];
        let clearance = asked.into_iter().flatten().min().map_or(Clearance::Full, Clearance::Below);
        self.request(instrument, context.now, id, wanted, clearance, crowd, out);
    }

    /// Asks the gate for an entry as it is wanted.
    #[expect(clippy::too_many_arguments, reason = "what an entry depends on")]
    pub(super) fn request(
        &mut self,
        instrument: &Instrument,
        now: Time,
        id: OrderId,
        wanted: Wanted,
        clearance: Clearance,
        crowd: &mut Crowd,
        out: &mut Actions,
    ) {
        self.watch_orders(now, out);
        let exposure = self.exposure(instrument, now, clearance, crowd);
        let limits = self.limits.at(self.level.0);
        match risk::approve_entry(&limits, instrument, &exposure, &wanted.wish(), id) {
            Ok((approved, leverage)) => {
                let impulse = &wanted.impulse;
                let equity = exposure.equity.unwrap_or(Usd::ZERO);
                self.enter(now, id, impulse, &approved, (equity, leverage), out);
                crowd.entries_last_minute += 1;
                let price = self.price.map_or(Price::ZERO, |(price, _)| price);
                self.submit(now, approved, out);
                crowd.notional += self.notional(instrument, price);
            }
            Err(Refusal::NeedsApproval) if self.rules.approval.is_some() => {
                let expiry = self.rules.approval.map_or(Interval(0), |rule| rule.expiry);
                self.propose(id, wanted, now + expiry, out);
            }
            Err(refusal) => {
                self.refuse(refusal, out);
                self.check_ruin(now, instrument, out);
            }
        }
    }

    /// Remembers an entry that leaves: in which state of mind, and until when it waits.
    fn enter(
        &mut self,
        now: Time,
        id: OrderId,
        impulse: &Impulse,
        approved: &Approved,
        (equity, leverage): (Usd, u16),
        out: &mut Actions,
    ) {
        let mind = self.mind.as_ref().expect("only a persona asks");
        let stop = match approved.request() {
            Request::Place(order) => order.bracket.map(|bracket| bracket.stop),
            Request::Cancel(_) | Request::Amend { .. } => None,
        };
        let fatigue = mind.psyche().map_or(0.0, |psyche| psyche.mood().fatigue);
        self.entering = Some(EntryContext {
            id,
            stop,
            mood: mind.label().name(),
            kind: impulse.kind.name(),
            mistake: impulse.mistake.is_some(),
            fatigue_permille: (fatigue * 1_000.0) as u16,
            sky_permille: (impulse.sky * 1_000.0).round() as u16,
            equity,
            leverage,
        });
        self.expires = match impulse.signal.style {
            EntryStyle::Make { patience, .. } => Some(now + patience),
            EntryStyle::Take => None,
        };
        self.entries.push(now);
        let mood = Some(mind.label());
        out.push(Action::Notify(self.id, Notice::Entering { id, reason: impulse.signal.reason, mood }));
    }

    fn exposure(&self, instrument: &Instrument, now: Time, clearance: Clearance, crowd: &Crowd) -> Exposure {
        Exposure {
            now,
            equity: self.price.map(|(price, _)| self.ledger.equity(instrument, price)),
            equity_peak: self.equity_peak,
            equity_at_midnight: self.midnight.1,
            price: self.price,
            position: Some(self.ledger.position().qty),
            order_pending: !self.orders.is_empty(),
            state: self.trading_state(),
            entries_last_hour: self.entries.within(now, Interval::HOUR),
            clearance,
            mode: self.mode,
            rests_until: self.rests_until,
            farm: (self.rules, *crowd),
        }
    }

    pub(super) fn close(&mut self, now: Time, reason: ExitReason, out: &mut Actions) {
        let position = self.ledger.position().qty;
        if position == Qty::ZERO || self.orders.is_closing() || !self.orders.has_room(1) {
            return;
        }
        self.leaving = reason;
        self.cancel_opening(out);
        let id = self.next_id();
        self.submit(now, risk::approve_close(self.mode, position, id), out);
    }
}

/// A mistake of lateness does not outlive the next decisions.
const LATE_MAX: Interval = Interval::minutes(60);
