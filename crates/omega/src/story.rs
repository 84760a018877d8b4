//! Why a decision was taken: everything that went into it and came of it, out of a replay.
//!
//! It refuses to interpret: each line is an input, a state or an answer of that instant.

use crate::json::Json;
use crate::table::{Align, Cell, Grid, Tone};
use farm::journal::{Heard, Input, Origin};
use farm::{Action, Farm, Notice};
use model::{AccountId, Event, Instrument, Leg, OrderId, OrderKind, Report, Request, Side, Time};
use persona::{Label, Mood, Reason};

/// One decision to enter.
#[derive(Clone, Debug)]
struct Decision {
    number: u64,
    at: Time,
    id: OrderId,
    reason: Reason,
    mood: Option<Label>,
}

impl Decision {
    fn of(heard: &Heard<'_>, action: &Action) -> Option<Decision> {
        let Action::Notify(_, Notice::Entering { id, reason, mood }) = *action else { return None };
        Some(Decision { number: heard.number, at: instant(heard), id, reason, mood })
    }
}

/// The instant of an input.
fn instant(heard: &Heard<'_>) -> Time {
    match &heard.input {
        Input::Event(now, _) | Input::Rules(now, _) => *now,
        Input::Bars(bars, taken) => bars.close_time(taken.saturating_sub(1)),
    }
}

fn name(origin: &Origin, id: OrderId) -> &str {
    let known = origin.recruits.iter().find(|recruit| recruit.bot == id.bot);
    known.map_or("nobody", |recruit| recruit.character.name())
}

/// Every decision of a session.
#[derive(Debug, Default)]
pub struct Decisions(Vec<Decision>);

impl Decisions {
    /// Hears an input.
    pub fn hear(&mut self, heard: &Heard<'_>) {
        self.0.extend(heard.actions.iter().filter_map(|action| Decision::of(heard, action)));
    }

    /// As a table.
    pub fn text(&self, origin: &Origin, colour: bool) -> String {
        let mut grid = Grid::new(&[
            ("order", Align::Left),
            ("time", Align::Left),
            ("who", Align::Left),
            ("feels", Align::Left),
            ("because", Align::Left),
        ]);
        for decision in &self.0 {
            grid.row(vec![
                Cell::plain(decision.id.to_string()),
                Cell::new(decision.at.to_string(), Tone::Quiet),
                Cell::new(name(origin, decision.id), Tone::Strong),
                Cell::plain(decision.mood.map_or("-", Label::name)),
                Cell::plain(decision.reason.describe(&origin.instrument)),
            ]);
        }
        grid.render(colour)
    }

    /// As a document.
    pub fn json(&self, origin: &Origin) -> Json {
        let decision = |decision: &Decision| {
            Json::object([
                ("order", Json::text(decision.id)),
                ("time", Json::text(decision.at)),
                ("persona", Json::text(name(origin, decision.id))),
                ("mood", Json::optional(decision.mood, |mood| Json::text(mood.name()))),
                ("reason", Json::text(decision.reason.describe(&origin.instrument))),
            ])
        };
        Json::List(self.0.iter().map(decision).collect())
    }
}

/// One decision in full.
#[derive(Debug)]
pub struct Story {
    id: OrderId,
    decision: Option<Decision>,
    mood: Option<Mood>,
    requests: Vec<Request>,
    /// Number, instant and what the venue said of any of its orders.
    answers: Vec<(u64, Time, Report)>,
    closed: Option<execution::Trade>,
}

impl Story {
    /// The story of the decision that an order belongs to.
    pub fn of(id: OrderId) -> Story {
        let id = id.with_leg(Leg::Own);
        Story { id, decision: None, mood: None, requests: Vec::new(), answers: Vec::new(), closed: None }
    }

    /// Hears an input.
    pub fn hear(&mut self, heard: &Heard<'_>) {
        if let Input::Event(now, Event::Report(account, report)) = &heard.input {
            let ours = match report.order() {
                Some(id) => id.with_leg(Leg::Own) == self.id,
                // Funding and a forced close concern whatever is held.
                None => self.is_on(heard.farm, *account) && self.is_held(),
            };
            if ours {
                self.answers.push((heard.number, *now, *report));
            }
        }
        for action in heard.actions {
            match action {
                Action::Submit(_, approved) if self.concerns(approved.request()) => {
                    self.requests.push(*approved.request());
                }
                Action::Notify(_, Notice::Closed(trade)) if trade.position.entry.id == self.id => {
                    self.closed = Some(*trade);
                }
                _ => {}
            }
            if let Some(decision) = Decision::of(heard, action).filter(|decision| decision.id == self.id) {
                let bot = heard.farm.bots().iter().find(|bot| bot.id() == self.id.bot);
                self.mood = bot.and_then(|bot| bot.psyche()).map(|psyche| *psyche.mood());
                self.decision = Some(decision);
            }
        }
    }

    /// Something of it was filled and it is not closed yet.
    /// Whether its bot trades on this account.
    fn is_on(&self, farm: &Farm, account: AccountId) -> bool {
        farm.bots().iter().any(|bot| bot.id() == self.id.bot && bot.account() == account)
    }

    fn is_held(&self) -> bool {
        let filled = |(_, _, report): &(u64, Time, Report)| matches!(report, Report::Filled(_));
        self.closed.is_none() && self.answers.iter().any(filled)
    }

    fn concerns(&self, request: &Request) -> bool {
        let id = match request {
            Request::Place(order) => order.id,
            Request::Cancel(id) | Request::Amend { id, .. } => *id,
        };
        id.with_leg(Leg::Own) == self.id
    }

    /// The story, if there was such a decision.
    pub fn told(self, origin: &Origin) -> Option<Told> {
        let decision = self.decision?;
        let instrument = &origin.instrument;
        let mut lines = vec![("because", decision.reason.describe(instrument))];
        if let (Some(label), Some(mood)) = (decision.mood, self.mood) {
            let felt: Vec<String> = mood
                .variables()
                .iter()
                .map(|(name, value)| format!("{} {value:.2}", name.replace('_', " ")))
                .collect();
            lines.push(("felt", format!("{}: {}", label.name(), felt.join(", "))));
        }
        lines.push(("sky", sky(origin, decision.at)));
        lines.extend(self.requests.iter().map(|request| ("asked", asked(instrument, request))));
        let told = self.answers.iter().map(|(number, at, report)| {
            ("heard", format!("{at} {} (input {number})", said(instrument, report)))
        });
        lines.extend(told);
        lines.push((
            "result",
            match &self.closed {
                Some(trade) => format!(
                    "{} closed by {}: gross {}, fees {}, funding {}, net {} USDT",
                    trade.exited_at,
                    trade.reason.name().replace('_', " "),
                    trade.position.gross,
                    trade.position.fees,
                    trade.position.funding,
                    trade.net()
                ),
                None if self.answers.iter().any(|(_, _, report)| matches!(report, Report::Filled(_))) => {
                    "still open when the session ended".to_owned()
                }
                None => "nothing of it was filled".to_owned(),
            },
        ));
        let head = format!(
            "{} decided {} at {} (input {})",
            name(origin, self.id),
            self.id,
            decision.at,
            decision.number
        );
        Some(Told { head, lines })
    }
}

/// What each factor that was present would do, before anybody's susceptibility.
fn sky(origin: &Origin, at: Time) -> String {
    let present: Vec<String> = origin
        .sky
        .factors()
        .iter()
        .filter_map(|factor| Some(format!("{} {:+.3}", factor.name(), origin.sky.effect(factor, at)?)))
        .collect();
    if present.is_empty() { "nothing was felt".to_owned() } else { present.join(", ") }
}

fn asked(instrument: &Instrument, request: &Request) -> String {
    let price = |price| instrument.format_price(price).to_string();
    match request {
        Request::Cancel(id) => format!("cancel {id}"),
        Request::Amend { id, price: to } => format!("move {id} to {}", price(*to)),
        Request::Place(order) => {
            let side = if order.side == Side::Buy { "buy" } else { "sell" };
            let how = match order.kind {
                OrderKind::Market => "at market".to_owned(),
                OrderKind::Limit { price: limit, tif } => {
                    format!("no worse than {}, {}", price(limit), tif.name())
                }
                OrderKind::StopMarket { trigger } => format!("stop at {}", price(trigger)),
                OrderKind::StopLimit { trigger, .. } => format!("stop limit at {}", price(trigger)),
                OrderKind::TakeProfit { trigger } => format!("take profit at {}", price(trigger)),
                OrderKind::TrailingStop { .. } => "trailing stop".to_owned(),
            };
            let only = if order.reduce_only { ", reduce-only" } else { "" };
            let bracket = order.bracket.as_ref().map_or_else(String::new, |bracket| {
                let targets: Vec<String> = bracket
                    .targets()
                    .map(|(_, target)| {
                        format!("{} at {}", instrument.format_qty(target.qty), price(target.price))
                    })
                    .collect();
                format!("; stop {}; targets {}", price(bracket.stop), targets.join(", "))
            });
            format!("{side} {} {how}{only}{bracket}", instrument.format_qty(order.qty))
        }
    }
}

fn said(instrument: &Instrument, report: &Report) -> String {
    match report {
        Report::Accepted { id } => format!("{id} rests"),
        Report::Rejected { id, reason } => format!("{id} refused: {}", reason.name().replace('_', " ")),
        Report::Triggered { id } => format!("{id} went off"),
        Report::Cancelled { id, .. } => format!("{id} is gone"),
        Report::Amended { id, price } => format!("{id} moved to {}", instrument.format_price(*price)),
        Report::Filled(fill) => format!(
            "{} filled {} at {}, fee {}",
            fill.id,
            instrument.format_qty(fill.qty),
            instrument.format_price(fill.price),
            fill.fee
        ),
        Report::Funding { amount, .. } => format!("funding {amount}"),
        Report::Liquidated { fee, .. } => format!("liquidated, fee {fee}"),
        Report::Deleveraged { qty, .. } => format!("{} lots deleveraged", qty.0.abs()),
    }
}

/// A story as it is told.
#[derive(Debug)]
pub struct Told {
    head: String,
    lines: Vec<(&'static str, String)>,
}

impl Told {
    /// To a person.
    pub fn text(&self, colour: bool) -> String {
        let mut text = format!("{}\n", Tone::Strong.paint(&self.head, colour));
        for (label, line) in &self.lines {
            text.push_str(&format!("  {label:<8} {line}\n"));
        }
        text
    }

    /// To a program.
    pub fn json(&self) -> Json {
        let line = |(label, line): &(&'static str, String)| {
            Json::object([("what", Json::text(label)), ("text", Json::text(line))])
        };
        Json::object([
            ("decision", Json::text(&self.head)),
            ("story", Json::List(self.lines.iter().map(line).collect())),
        ])
    }
}
