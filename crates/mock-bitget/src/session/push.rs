//! What is pushed on which line: the first rows of a subscription, and every happening after them.
//!
//! Public rows go out at most so often; a private line hears of its own account only. Lost, doubled and swapped pushes
//! happen here, and silence of the market. Refuses to push what was not subscribed to.

use super::Session;
use super::topic::{Subscription, Topic};
use crate::candles::Window;
use crate::exchange::{Exchange, Happening};
use crate::faults::take;
use crate::rows::{market_v2, ms, push_v3};
use crate::setup::Generation;
use crate::tape::Depth;
use model::{Interval, Time};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Candles of a first push; later ones are the present candle.
const CANDLES_FIRST: usize = 500;
/// Trades of a first push.
const TRADES_FIRST: usize = 50;
/// How often at most.
const TICKER_EACH: Interval = Interval(300);
const CANDLE_EACH: Interval = Interval(1_000);

/// A push, or the row of V3 that has no list around it.
fn push(action: &str, arg: &Value, rows: Value, at: Time) -> Value {
    json!({ "action": action, "arg": arg, "data": rows, "ts": at.0 })
}

impl Exchange {
    /// What a subscription is told at once.
    pub(super) fn first_rows(&self, user: Option<usize>, subscription: &mut Subscription) -> Vec<Value> {
        let at = self.clock();
        subscription.pushed = self.now;
        let generation = user.map(|user| self.generation(user));
        let rows = match (subscription.topic, subscription.symbol, user) {
            (
                Topic::Ticker | Topic::Trades | Topic::Candles(_) | Topic::Books | Topic::Best(_),
                Some(symbol),
                _,
            ) => {
                return self.public_rows(subscription, symbol, true);
            }
            (Topic::Account, _, Some(user)) => self.account_rows(user, generation),
            (Topic::Equity, _, Some(user)) => json!([self.pushed_equity_v2(user)]),
            (Topic::Positions, _, Some(user)) => self.position_rows(user, generation),
            _ => return Vec::new(),
        };
        vec![push("snapshot", subscription.arg(), rows, at)]
    }

    fn account_rows(&self, user: usize, generation: Option<Generation>) -> Value {
        match generation {
            Some(Generation::V3) => json!([self.pushed_account_v3(user)]),
            _ => json!([self.pushed_account_v2(user)]),
        }
    }

    fn position_rows(&self, user: usize, generation: Option<Generation>) -> Value {
        let open = self.open_positions(user).into_iter();
        let rows = open.map(|(symbol, side)| match generation {
            Some(Generation::V3) => self.pushed_position_v3(user, symbol, side),
            _ => self.pushed_position_v2(user, symbol, side),
        });
        rows.collect()
    }

    /// Rows of the market, whole or what is new.
    fn public_rows(&self, subscription: &mut Subscription, symbol: usize, whole: bool) -> Vec<Value> {
        let (listing, at) = (&self.listings[symbol], self.clock());
        let (i, tape) = (listing.instrument(), &listing.tape);
        let is_v2 = subscription.arg().get("channel").is_some();
        let (action, rows) = match subscription.topic {
            Topic::Ticker if is_v2 => ("snapshot", json!([self.pushed_ticker_v2(symbol)])),
            Topic::Ticker => ("snapshot", json!([self.ticker_v3(symbol)])),
            Topic::Candles(length) => {
                let rows_max = if whole { CANDLES_FIRST } else { 1 };
                let candles = length.candles(tape, Window { from: None, to: None, rows_max });
                let row = |candle| {
                    if is_v2 {
                        let mut row = market_v2::candle(i, candle);
                        row.extend(row.last().cloned());
                        json!(row)
                    } else {
                        push_v3::candle(i, candle)
                    }
                };
                (if whole { "snapshot" } else { "update" }, candles.iter().map(row).collect())
            }
            Topic::Trades => {
                let told = subscription.told;
                let new = tape.trades.iter().rev().take_while(|trade| trade.id > told).take(TRADES_FIRST);
                let rows: Vec<Value> = new
                    .map(|trade| if is_v2 { market_v2::trade(i, trade) } else { push_v3::trade(i, trade) })
                    .collect();
                subscription.told = tape.trades.back().map_or(told, |trade| trade.id);
                if rows.is_empty() && !whole {
                    return Vec::new();
                }
                (if whole { "snapshot" } else { "update" }, json!(rows))
            }
            Topic::Books if whole => ("snapshot", json!([book(is_v2, i, tape.book(), usize::MAX, at)])),
            Topic::Books => ("update", json!([book(is_v2, i, tape.change(), usize::MAX, at)])),
            Topic::Best(levels) => {
                let mut row = book(is_v2, i, tape.book(), levels, at);
                if is_v2 {
                    row["checksum"] = 0.into();
                }
                ("snapshot", json!([row]))
            }
            _ => unreachable!("a private topic has no public rows"),
        };
        vec![push(action, subscription.arg(), rows, at)]
    }

    /// Tells all lines what has happened since.
    pub(crate) fn tell(&mut self) {
        let happened = std::mem::take(&mut self.happened);
        if !self.sessions.is_empty() {
            let mut money = BTreeSet::new();
            let mut moved = BTreeSet::new();
            for happening in &happened {
                match happening {
                    Happening::Market(symbol) => self.tell_market(*symbol),
                    Happening::Money(user) => drop(money.insert(*user)),
                    other => {
                        moved.extend(private_user(other));
                        self.tell_private(other);
                    }
                }
            }
            money.extend(moved);
            money.into_iter().for_each(|user| self.tell_money(user));
        }
        self.look_after_lines();
    }

    fn tell_market(&mut self, symbol: usize) {
        let now = self.now;
        if now < self.faults.stale_until {
            return;
        }
        let mut sessions = std::mem::take(&mut self.sessions);
        for session in sessions.values_mut() {
            for at in 0..session.subscriptions.len() {
                let subscription = &mut session.subscriptions[at];
                let each = match subscription.topic {
                    Topic::Ticker => TICKER_EACH,
                    Topic::Candles(_) => CANDLE_EACH,
                    _ => Interval(0),
                };
                let due = now.0.saturating_sub(subscription.pushed.0) >= each.0;
                if subscription.is_private() || subscription.symbol != Some(symbol) || !due {
                    continue;
                }
                subscription.pushed = now;
                for frame in self.public_rows(subscription, symbol, false) {
                    self.faulty_push(session, frame);
                }
            }
        }
        self.sessions = sessions;
    }

    fn tell_private(&mut self, happening: &Happening) {
        let Some(user) = private_user(happening) else { return };
        let v3 = self.generation(user) == Generation::V3;
        let at = self.clock();
        let mut sessions = std::mem::take(&mut self.sessions);
        for session in sessions.values_mut().filter(|session| session.user == Some(user)) {
            for index in 0..session.subscriptions.len() {
                let subscription = &session.subscriptions[index];
                if let Some(row) = self.private_row(happening, subscription, v3) {
                    // The one push whose row has no list around it.
                    let rows = if subscription.topic == Topic::FastFills { row } else { json!([row]) };
                    let frame = push("snapshot", subscription.arg(), rows, at);
                    self.faulty_push(session, frame);
                }
            }
        }
        self.sessions = sessions;
    }

    fn private_row(&self, happening: &Happening, subscription: &Subscription, v3: bool) -> Option<Value> {
        let hears = |topic, symbol| subscription.hears(topic, symbol);
        Some(match happening {
            Happening::Order(_, order, fill) if hears(Topic::Orders, order.symbol) => {
                if v3 {
                    self.pushed_order_v3(order)
                } else {
                    self.pushed_order_v2(order, fill.as_deref())
                }
            }
            Happening::Plan(_, plan) if hears(Topic::Plans, plan.symbol) => {
                if v3 {
                    self.pushed_plan_v3(plan)
                } else {
                    self.pushed_plan_v2(plan)
                }
            }
            Happening::Fill(_, fill) if hears(Topic::Fills, fill.symbol) => {
                if v3 {
                    self.pushed_fill_v3(fill)
                } else {
                    self.pushed_fill_v2(fill)
                }
            }
            Happening::Fill(_, fill) if hears(Topic::FastFills, fill.symbol) => {
                self.pushed_fast_fill_v3(fill)
            }
            Happening::Ended(_, ended) if !v3 && hears(Topic::Ended, ended.symbol) => {
                self.pushed_ended_v2(ended)
            }
            Happening::Ended(user, ended) if v3 && hears(Topic::Positions, ended.symbol) => {
                self.pushed_ended_v3(ended, self.users[*user].modes[ended.symbol].leverage)
            }
            Happening::Deleveraged(_, fill) if hears(Topic::Deleveraging, fill.symbol) => {
                self.pushed_adl(fill)
            }
            _ => return None,
        })
    }

    /// Balance and positions as they are now, once however much has happened.
    fn tell_money(&mut self, user: usize) {
        let due: Vec<u64> =
            self.sessions.iter().filter(|(_, s)| s.user == Some(user)).map(|(id, _)| *id).collect();
        due.into_iter().for_each(|id| self.tell_again(id, user));
    }

    pub(super) fn tell_again(&mut self, id: u64, user: usize) {
        let generation = Some(self.generation(user));
        let (account, positions) =
            (self.account_rows(user, generation), self.position_rows(user, generation));
        let equity = json!([self.pushed_equity_v2(user)]);
        let at = self.clock();
        let mut sessions = std::mem::take(&mut self.sessions);
        if let Some(session) = sessions.get_mut(&id) {
            for index in 0..session.subscriptions.len() {
                let subscription = &session.subscriptions[index];
                let rows = match subscription.topic {
                    Topic::Account => account.clone(),
                    Topic::Positions => positions.clone(),
                    Topic::Equity => equity.clone(),
                    _ => continue,
                };
                let frame = push("snapshot", subscription.arg(), rows, at);
                self.faulty_push(session, frame);
            }
        }
        self.sessions = sessions;
    }

    /// A push, unless it is lost, or twice, or after the next.
    fn faulty_push(&mut self, session: &mut Session, frame: Value) {
        let text = frame.to_string();
        if take(&mut self.faults.drop) {
            return self.count("push lost", 0);
        }
        if session.held.is_none() && take(&mut self.faults.reorder) {
            session.held = Some(text);
            return;
        }
        if take(&mut self.faults.duplicate) {
            session.say(text.clone());
        }
        session.say(text);
        if let Some(held) = session.held.take() {
            session.say(held);
        }
    }
}

fn private_user(happening: &Happening) -> Option<usize> {
    match happening {
        Happening::Order(user, ..)
        | Happening::Plan(user, _)
        | Happening::Fill(user, _)
        | Happening::Money(user)
        | Happening::Ended(user, _)
        | Happening::Deleveraged(user, _) => Some(*user),
        Happening::Market(_) => None,
    }
}

fn book(is_v2: bool, i: &model::Instrument, depth: &Depth, levels: usize, at: Time) -> Value {
    let (asks, bids) = market_v2::levels(i, depth, levels, |text| text);
    let (sequence, previous) = (depth.sequence, depth.previous);
    if is_v2 {
        json!({ "asks": asks, "bids": bids, "ts": ms(at), "seq": sequence, "pseq": previous })
    } else {
        json!({ "a": asks, "b": bids, "ts": ms(at), "seq": sequence, "pseq": previous, "maxDepth": "200" })
    }
}
