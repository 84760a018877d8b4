//! The second life: the farm and the desk of the journal, before the simulated venue, in the market that was.
//!
//! The way of every word is that of paper: decided, said to the venue's counter, met by the market, heard. What happens inside
//! a bar is known only where the market is told finer than bars. It refuses to hear what the exchange said: that is
//! what it is held against.

use crate::life::{Life, Notes, holders};
use crate::market::{Market, Rates, Stretch, of_bar};
use crate::session::{Act, Facts};
use crate::terms::Terms;
use farm::journal::{Origin, Standing};
use farm::{Action, Actions, Desk, Farm, FromVenue, Step, VenueClock, World, drive};
use model::event::Wake;
use model::{Bar, Event, Interval, Mark, Price, Qty, Time};
use venue::{AccountSettings, Carried, Counter, Venue};

/// Rounds of talk at one instant: a farm asks, is answered and is quiet; more is a loop.
const ROUNDS_MAX: usize = 64;

/// A farm dates a command by what it knows of the venue's clock, which is behind by less than this; when it was given says more.
const LAG_MAX: Interval = Interval(1_000);

/// A life that is lived again.
struct Rehearsal<'m, 't> {
    farm: Farm,
    desk: Desk,
    counter: Counter,
    clock: VenueClock,
    from: Time,
    now: Time,
    /// Where the market was walked to, and the price there.
    walked: (Time, Price),
    /// Where the market that was told parted from the one that the farm saw.
    odd: Option<Time>,
    market: &'t mut Market<'m>,
    rates: &'t Rates,
    notes: Notes,
}

/// The desk under somebody who takes notes.
struct Overheard<'a> {
    desk: &'a mut Desk,
    notes: &'a mut Notes,
    at: Time,
    closes: Time,
}

impl World for Overheard<'_> {
    fn next(&mut self, wake: Option<(Time, Wake)>) -> Step<'_> {
        let step = self.desk.next(wake);
        match &step {
            Step::Event(at, event) => {
                self.at = *at;
                self.notes.event(event);
            }
            Step::Rules(at, _) => self.at = *at,
            Step::Bars(bars) => (self.at, self.closes) = (bars.open_time[0], bars.close_time(0)),
            Step::End => {}
        }
        step
    }

    fn took(&mut self, taken: usize) {
        if taken > 0 {
            self.at = self.closes;
        }
        self.desk.took(taken);
    }

    fn perform(&mut self, action: &Action) {
        self.notes.action(self.at, action);
        self.desk.perform(action);
    }
}

/// The venue as its farm knows it.
fn counter(standing: &Standing, origin: &Origin, terms: &Terms, (at, price): (Time, Price)) -> Counter {
    let mut counter = Counter::new(Venue::new(origin.instrument.clone()), terms.ladder);
    let farm = &standing.farm;
    for known in standing.known() {
        let id = known.account;
        let (balance, positions) = farm.held(id).expect("a farm knows its accounts");
        let mode = terms.mode(origin, id);
        let settings = AccountSettings { id, mode, balance, models: terms.models };
        let is_new = known.heard == 0 && known.orders.is_empty() && known.positions.is_empty();
        if is_new {
            counter.open_account(settings);
            continue;
        }
        let on_it = farm.bots().iter().filter(|bot| bot.account() == id);
        let held: Vec<(_, Qty)> = on_it.map(|bot| (bot.id(), bot.ledger().position().qty)).collect();
        let carried = Carried { positions, held, known };
        let mark: Mark = origin.instrument.mark_of(price);
        counter.carry_account(at, settings, &carried, (price, mark));
    }
    counter
}

/// Lives through a session again. A market that is not the one that the farm saw is refused: where it parts is the error.
pub(crate) fn rehearse(
    facts: &Facts,
    origin: &Origin,
    terms: &Terms,
    market: &mut Market<'_>,
) -> Result<Life, Time> {
    let Facts { standing, from, price, acts, rates } = facts;
    market.skip_to(*from);
    let mut life = Rehearsal {
        farm: standing.farm.clone(),
        desk: standing.desk.clone(),
        counter: counter(standing, origin, terms, (*from, *price)),
        clock: VenueClock::new(*from, *from),
        from: *from,
        now: *from,
        walked: (*from, *price),
        odd: None,
        market,
        rates,
        notes: Notes::begin(&standing.farm),
    };
    life.desk.repeat_open(*from);
    life.talk();
    acts.iter().for_each(|act| life.act(act));
    let Rehearsal { farm, notes, odd, .. } = life;
    odd.map_or_else(|| Ok(notes.end(&farm)), Err)
}

impl Rehearsal<'_, '_> {
    fn act(&mut self, act: &Act) {
        match *act {
            Act::Bar(bar) => {
                self.walk_bar(bar);
                self.see(bar);
            }
            Act::Unseen(bar) => self.walk_bar(bar),
            Act::Event(at, event) => {
                self.walk_until(at);
                if let Event::Command(command) = event {
                    self.walk_to(at.max(command.given_at.min(at + LAG_MAX)));
                }
                // A market that is told stands where it was walked to; bars say nothing of what lies in them.
                if !self.market.is_told() {
                    self.now = self.now.max(self.clock.when(at));
                }
                self.event(at, &event);
                self.talk();
            }
            Act::Rules(at, rules) => {
                self.walk_until(at);
                self.now = self.now.max(self.clock.when(at));
                self.desk.rules(self.clock.at_least(self.now), rules);
                self.talk();
            }
            Act::Passed(at) => self.walk_until(at),
        }
    }

    fn event(&mut self, at: Time, event: &Event) {
        let wall = self.clock.at_least(self.now);
        match *event {
            Event::Tick(price) => {
                self.clock.hear(self.now, at);
                self.desk.tick(at, price);
            }
            Event::Command(command) => self.desk.command(wall, command),
            Event::Measured(measured) => self.desk.measured(wall, measured),
            // What a seat tells itself goes past the desk.
            _ => {
                let mut out = Actions::default();
                self.farm.on_event(at, event, &mut out);
                for action in out.as_slice() {
                    self.notes.action(at, action);
                    self.desk.perform(action);
                }
            }
        }
    }

    /// Walks what was over at this instant.
    fn walk_until(&mut self, at: Time) {
        while let Some(stretch) = self.market.next_if(|end| end <= at) {
            self.walk(&stretch);
        }
    }

    /// Walks on until the market has come to this instant.
    fn walk_to(&mut self, at: Time) {
        while self.walked.0 < at
            && let Some(stretch) = self.market.next_if(|_| true)
        {
            self.walk(&stretch);
        }
    }

    /// The market over a bar: finer, where it is known, else the bar itself.
    fn walk_bar(&mut self, bar: Bar) {
        let interval = self.farm.base();
        let close = bar.open_time + interval;
        self.walk_until(close);
        if self.market.is_told() {
            let is_whole = bar.open_time >= self.from && self.odd.is_none();
            if is_whole && self.walked != (close, bar.close) {
                self.odd = Some(close);
            }
        } else if bar.open_time >= self.walked.0 {
            if self.is_funding_unknown(bar.open_time) {
                self.notes.funding_unknown(holders(&self.farm));
            }
            self.walk(&of_bar(&self.farm.instrument().clone(), bar, interval, self.rates));
        }
        self.now = self.now.max(close);
    }

    fn is_funding_unknown(&self, at: Time) -> bool {
        at.floor(self.farm.instrument().funding_interval) == at && !self.rates.contains_key(&at)
    }

    fn walk(&mut self, stretch: &Stretch) {
        let Stretch { bar, interval, mark, funding } = stretch;
        if let Some(rate) = funding {
            self.counter.settle_funding(bar.open_time, mark.open, *rate);
        }
        self.counter.step(bar, *interval, *mark);
        self.walked = (stretch.end(), bar.close);
        self.now = self.now.max(stretch.end());
        self.hear();
        self.talk();
    }

    fn see(&mut self, bar: Bar) {
        let close = bar.open_time + self.farm.base();
        if self.desk.bar(self.clock.at_least(self.now), bar) {
            self.clock.hear(self.now, close);
        }
        self.talk();
    }

    fn hear(&mut self) {
        while let Some(said) = self.counter.poll() {
            match &said {
                FromVenue::Report { at, .. } | FromVenue::History { at, .. } => {
                    self.clock.hear(self.now, *at)
                }
                FromVenue::Holding { .. } | FromVenue::Linked => {}
            }
            self.desk.hear(self.clock.at_least(self.now), said);
        }
    }

    fn talk(&mut self) {
        for _ in 0..ROUNDS_MAX {
            self.desk.wake(self.clock.at_least(self.now));
            let (desk, notes) = (&mut self.desk, &mut self.notes);
            let (at, closes) = (Time::default(), Time::default());
            drive(&mut self.farm, &mut Overheard { desk, notes, at, closes });
            let said = self.desk.take_outbox();
            self.desk.take_replies();
            self.desk.take_words();
            if said.is_empty() {
                return;
            }
            said.into_iter().for_each(|said| self.counter.say(self.now, said));
            self.hear();
        }
        unreachable!("a farm that is answered at once is quiet at last");
    }
}
