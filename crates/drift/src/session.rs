//! One session as a journal has it: what stood there when it began, everything that came from outside, and what was done.
//!
//! A session is a quarter of a UTC day, as the farm counts them, and holds the decisions taken from its first instant up to its
//! last: it begins before the bar that closes at its first instant is seen, when nothing decided before is on its way. It refuses to go on
//! where something happened that no market and no command explains.

use crate::compare::Comparison;
use crate::life::{Life, Notes, holders};
use crate::market::{Market, Rates};
use crate::rehearsal::rehearse;
use crate::terms::Terms;
use farm::journal::{Coming, Heard, Input, Origin, Standing};
use farm::{Action, Farm, News};
use model::event::Audit;
use model::time::SESSION;
use model::{Bar, BotId, Event, Mark, Price, Qty, Rate, Report as Told, Time, Usd};
use risk::Rules;
use std::collections::BTreeMap;

/// Which stretch of a farm's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The session's number since the farm's start, from 1.
    pub number: u32,
    /// Its first instant; of the farm's first session, when its market opened.
    pub from: Time,
    /// The first instant behind it, or up to where the journal goes.
    pub to: Time,
    /// Whether it was over.
    pub is_over: bool,
}

/// Why a session cannot be lived again from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// An account held what its books do not explain.
    Unexplained,
    /// Somebody placed an order beside the farm, or one that should rest was not there.
    Orders,
    /// The exchange closed a position against somebody else's.
    Deleveraged,
    /// The exchange said what no exchange says.
    Unsayable,
    /// An input was left out because it broke the farm.
    Quarantined,
}

impl Why {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Why::Unexplained => "an account held what its books do not explain",
            Why::Orders => "an order was placed beside the farm, or one of its own was gone",
            Why::Deleveraged => "the exchange closed a position against somebody else's",
            Why::Unsayable => "the exchange said something that cannot be",
            Why::Quarantined => "an input was left out because it broke the farm",
        }
    }
}

/// Where a comparison ends before its session does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Break {
    /// From here on nothing is compared.
    pub at: Time,
    /// Why.
    pub why: Why,
}

/// What came of comparing both lives of a session.
#[derive(Clone, Debug)]
pub struct Report {
    /// Which session.
    pub span: Span,
    /// By bot.
    pub bots: BTreeMap<BotId, Comparison>,
    /// Where it could not be compared any more.
    pub broken: Option<Break>,
    /// How often the farm rose anew in it: what its venue had in flight then may have been lost.
    pub risen: u32,
}

/// What came from outside.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// A bar was seen.
    Bar(Bar),
    /// The market went on over this bar; the farm sees it in the next session.
    Unseen(Bar),
    /// Somebody said something.
    Event(Time, Event),
    /// Somebody changed the rules.
    Rules(Time, Rules),
    /// The market had come this far.
    Passed(Time),
}

/// All that is known of a session.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) standing: Standing,
    pub(crate) from: Time,
    pub(crate) price: Price,
    pub(crate) acts: Vec<Act>,
    pub(crate) rates: Rates,
}

/// A session that is being read.
#[derive(Clone, Debug)]
pub(crate) struct Chronicle {
    facts: Facts,
    notes: Notes,
    /// Who held something when a bar closed at an instant of funding.
    held: BTreeMap<Time, Vec<BotId>>,
    /// What was done until it could not be compared any more.
    broken: Option<(Break, Life)>,
    risen: u32,
    last: Time,
}

impl Chronicle {
    /// Begins with what stands there; at this instant the market is at this price.
    pub(crate) fn begin(standing: Standing, from: Time, price: Price) -> Chronicle {
        let notes = Notes::begin(&standing.farm);
        let facts = Facts { standing, from, price, acts: Vec::new(), rates: Rates::new() };
        Chronicle { facts, notes, held: BTreeMap::new(), broken: None, risen: 0, last: from }
    }

    /// What comes next, before the farm hears it: what no market and no command explains is not counted any more.
    pub(crate) fn await_next(&mut self, next: &Coming, farm: &Farm) {
        if let (None, Coming::Event(at, event)) = (&self.broken, next)
            && let Some(why) = not_of_the_market(event)
        {
            self.break_off(*at, why, farm);
        }
    }

    fn break_off(&mut self, at: Time, why: Why, farm: &Farm) {
        let life = self.notes.clone().end(farm);
        self.broken = Some((Break { at, why }, life));
    }

    /// One more input of the journal, once its farm has taken it in.
    pub(crate) fn hear(&mut self, heard: &Heard<'_>) {
        if self.broken.is_some() {
            return;
        }
        if let Some(why) = found_out(heard.actions) {
            return self.break_off(self.last, why, heard.farm);
        }
        let at = match heard.input {
            Input::Event(at, event) => {
                self.event(at, &event, heard.farm);
                at
            }
            Input::Rules(at, rules) => {
                self.facts.acts.push(Act::Rules(at, rules));
                at
            }
            Input::Bars(bars, taken) => {
                let seen = (0..taken).map(|i| Act::Bar(bars.get(i)));
                self.facts.acts.extend(seen);
                let at = if taken > 0 { bars.close_time(taken - 1) } else { bars.open_time[0] };
                if at.floor(heard.farm.instrument().funding_interval) == at {
                    self.held.insert(at, holders(heard.farm).collect());
                }
                at
            }
        };
        self.last = self.last.max(at);
        heard.actions.iter().for_each(|action| self.notes.action(at, action));
    }

    fn event(&mut self, at: Time, event: &Event, farm: &Farm) {
        self.notes.event(event);
        match event {
            Event::Report(_, Told::Funding { position, mark, rate, amount, .. }) => {
                let due = at.floor(farm.instrument().funding_interval);
                let told = (*mark != Mark::ZERO).then_some((*rate, *mark));
                if let Some(told) = told.or_else(|| come_to(farm, *position, *amount)) {
                    self.facts.rates.insert(due, told);
                }
                self.facts.acts.push(Act::Passed(at));
            }
            Event::Report(..) => self.facts.acts.push(Act::Passed(at)),
            // The second life wakes, asks and is answered by itself.
            Event::Wake(_) | Event::Audit(..) => {}
            Event::Tenure(_) => {
                self.risen += 1;
                self.facts.acts.push(Act::Event(at, *event));
            }
            _ => self.facts.acts.push(Act::Event(at, *event)),
        }
    }

    /// The session is over, or the journal is: both lives are compared. `unseen` is the bar that the next session sees first.
    pub(crate) fn end(
        mut self,
        (farm, to, unseen): (&Farm, Time, Option<Bar>),
        origin: &Origin,
        terms: &Terms,
        market: &mut Market<'_>,
    ) -> Result<Option<Report>, Time> {
        let Some(session) = farm.session() else { return Ok(None) };
        // Before its second bar is seen the farm is in the session before.
        let ahead = (self.facts.from.floor(SESSION) - session.start).0 / SESSION.0;
        let number = u32::try_from(i64::from(session.number) + ahead).expect("sessions are counted from 1");
        if !market.is_told() {
            for (at, holders) in std::mem::take(&mut self.held) {
                let is_inside = at >= self.facts.from && at < to;
                if is_inside && !self.facts.rates.contains_key(&at) {
                    self.notes.funding_unknown(holders.into_iter());
                }
            }
        }
        let is_over = to == self.facts.from.floor(SESSION) + SESSION;
        let span = Span { number, from: self.facts.from, to, is_over };
        let (broken, lived) = match self.broken {
            Some((broken, life)) => (Some(broken), life),
            None => {
                self.facts.acts.extend(unseen.map(Act::Unseen));
                (None, self.notes.end(farm))
            }
        };
        let again = rehearse(&self.facts, origin, terms, market)?;
        let bots = compare(&lived, &again);
        Ok(Some(Report { span, bots, broken, risen: self.risen }))
    }
}

fn compare(lived: &Life, again: &Life) -> BTreeMap<BotId, Comparison> {
    let both = lived.bots.iter().filter_map(|(bot, deeds)| Some((*bot, deeds, again.bots.get(bot)?)));
    both.map(|(bot, deeds, again)| (bot, Comparison::of(deeds, again))).collect()
}

/// An exchange that tells what funding came to, and neither rate nor mark: both, as they come to that. The second life then pays
/// for what it holds itself.
fn come_to(farm: &Farm, position: Qty, amount: Usd) -> Option<(Rate, Mark)> {
    let (price, _) = farm.price()?;
    let mark = farm.instrument().mark_of(price);
    Some((farm.instrument().funding_rate(position, mark, amount)?, mark))
}

/// Why what an event says cannot follow from the market and commands.
fn not_of_the_market(event: &Event) -> Option<Why> {
    match event {
        Event::Report(_, Told::Deleveraged { .. }) => Some(Why::Deleveraged),
        Event::Unsayable(_) => Some(Why::Unsayable),
        Event::Quarantined(_) => Some(Why::Quarantined),
        Event::Audit(_, Audit::Foreign) => Some(Why::Orders),
        _ => None,
    }
}

/// The same of what the farm found out by itself.
fn found_out(actions: &[Action]) -> Option<Why> {
    actions.iter().find_map(|action| match action {
        Action::Announce(News::Unexplained(_, Some(_))) => Some(Why::Unexplained),
        // An orphan is an order of ours that its bot forgot: the second life forgets it as well.
        Action::Announce(News::Vanished(..)) => Some(Why::Orders),
        _ => None,
    })
}
