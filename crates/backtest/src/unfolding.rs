//! A market that is still being made, as a `World`: one bar at a time, with news between them, so that somebody can watch.
//!
//! What unfolds is taped: the same farm over the tape as [`History`] does the same to the last bit. It refuses to know the
//! next bar: it ends where it has none, and goes on when it is given one.

use crate::history::History;
use crate::run::{RunError, RunSettings, farm_of, recruit, venue_of};
use farm::journal::{Keeper, Origin, Pen, Recorded};
use farm::{Action, Farm, News, Notice, Step, World, drive};
use model::event::{Shock, Wake};
use model::{
    Bar, BarColumns, BotId, Event, FundingRate, Instrument, Interval, Mark, MarkColumns, Price, Rate, Time,
};
use venue::{MarkBar, Venue};

/// One bar and what comes with it.
#[derive(Clone, Copy, Debug)]
pub struct Coming {
    /// The bar.
    pub bar: Bar,
    /// Its marks.
    pub mark: MarkBar,
    /// What is settled before it trades.
    pub funding: Option<Rate>,
    /// What is heard before it opens.
    pub shock: Option<Shock>,
}

/// What was recorded: as files would hold it.
#[derive(Clone, Debug)]
pub struct Tape {
    /// Bars.
    pub bars: BarColumns,
    /// Marks of the same interval.
    pub mark: MarkColumns,
    /// Funding.
    pub funding: Vec<FundingRate>,
    /// News.
    pub shocks: Vec<(Time, Shock)>,
}

impl Tape {
    fn new(interval: Interval) -> Tape {
        let column = Vec::new;
        let mark = MarkColumns {
            interval,
            open_time: Vec::new(),
            open: column(),
            high: column(),
            low: column(),
            close: column(),
        };
        Tape { bars: BarColumns::new(interval), mark, funding: Vec::new(), shocks: Vec::new() }
    }

    fn record(&mut self, coming: &Coming) {
        let Coming { bar, mark, funding, shock } = *coming;
        let time = bar.open_time;
        self.bars.push(bar);
        self.mark.open_time.push(time);
        self.mark.open.push(mark.open);
        self.mark.high.push(mark.high);
        self.mark.low.push(mark.low);
        self.mark.close.push(mark.close);
        self.funding.extend(funding.map(|rate| FundingRate { time, rate }));
        self.shocks.extend(shock.map(|shock| (time, shock)));
    }

    /// The tape as history.
    pub fn history(&self, instrument: Instrument) -> History {
        History::new(instrument, self.bars.clone(), &self.funding, Some(&self.mark)).with_shocks(&self.shocks)
    }
}

/// How far the bar is that was given last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The bots have seen it.
    Seen,
    /// Nothing of it has happened.
    Ahead,
    /// Its news were heard.
    Heard,
    /// Its funding is settled.
    Settled,
    /// The venue has walked it.
    Walked,
}

/// What was said while a bar was lived through.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Of bots.
    pub notices: Vec<(Time, BotId, Notice)>,
    /// Of the farm.
    pub news: Vec<(Time, News)>,
}

/// The world.
#[derive(Clone, Debug)]
struct Unfolding {
    tape: Tape,
    venue: Venue,
    stage: Stage,
    /// Whether anybody knows a price.
    opened: bool,
    now: Time,
    said: Said,
}

impl Unfolding {
    fn bar(&self) -> Bar {
        let bars = self.tape.bars.as_bars();
        bars.get(bars.len() - 1)
    }

    fn mark(&self) -> MarkBar {
        let (at, mark) = (self.tape.bars.len() - 1, &self.tape.mark);
        MarkBar { open: mark.open[at], high: mark.high[at], low: mark.low[at], close: mark.close[at] }
    }

    fn settle(&mut self) {
        let opens = self.bar().open_time;
        if let Some(due) = self.tape.funding.last().filter(|due| due.time == opens) {
            let (mark, rate) = (self.mark().open, due.rate);
            self.venue.settle_funding(opens, mark, rate);
        }
    }
}

impl World for Unfolding {
    // The venue in this process answers every request when its bar is walked: `wake` has nothing to wait for.
    fn next(&mut self, _wake: Option<(Time, Wake)>) -> Step<'_> {
        loop {
            if let Some((time, account, report)) = self.venue.poll() {
                self.now = self.now.max(time);
                return Step::Event(self.now, Event::Report(account, report));
            }
            match self.stage {
                Stage::Seen => return Step::End,
                Stage::Ahead if !self.opened => {
                    self.opened = true;
                    let bar = self.bar();
                    self.now = bar.open_time;
                    return Step::Event(self.now, Event::Tick(bar.open));
                }
                Stage::Ahead => {
                    self.stage = Stage::Heard;
                    let opens = self.bar().open_time;
                    if let Some(&(_, shock)) = self.tape.shocks.last().filter(|(at, _)| *at == opens) {
                        return Step::Event(self.now, Event::Shock(shock));
                    }
                }
                Stage::Heard => {
                    self.stage = Stage::Settled;
                    self.settle();
                }
                Stage::Settled => {
                    self.stage = Stage::Walked;
                    let (bar, mark) = (self.bar(), self.mark());
                    self.venue.step(&bar, self.tape.bars.interval, mark);
                }
                Stage::Walked => {
                    let bars = self.tape.bars.as_bars();
                    return Step::Bars(bars.slice(bars.len() - 1, bars.len()));
                }
            }
        }
    }

    fn took(&mut self, taken: usize) {
        if taken == 0 {
            return;
        }
        let bar = self.bar();
        assert!(
            self.tape.bars.as_bars().slice(self.tape.bars.len() - 1, self.tape.bars.len()).are_sane(),
            "an open or close lies outside its bar: {bar:?}"
        );
        self.now = bar.open_time + self.tape.bars.interval;
        self.venue.pass(bar.close, self.mark().close, self.now);
        self.stage = Stage::Seen;
    }

    fn perform(&mut self, action: &Action) {
        match action {
            Action::Submit(account, approved) => self.venue.submit(self.now, *account, *approved.request()),
            // The venue answers within its bar: there is nothing to verify.
            Action::Verify(_) | Action::Reply(..) => {}
            Action::Notify(bot, notice) => self.said.notices.push((self.now, *bot, *notice)),
            Action::Announce(news) => self.said.news.push((self.now, *news)),
        }
    }
}

/// A farm in a market that is being made.
#[derive(Clone, Debug)]
pub struct Show {
    farm: Farm,
    world: Unfolding,
}

impl Show {
    /// Before the first bar. Prices stay below `price_max`: what a control's margin is reckoned by.
    pub fn new(
        instrument: &Instrument,
        interval: Interval,
        settings: &[RunSettings],
        price_max: Price,
    ) -> Result<Show, RunError> {
        let farm = farm_of(instrument, interval, settings)?;
        let world = Unfolding {
            tape: Tape::new(interval),
            venue: venue_of(instrument, settings, price_max),
            stage: Stage::Seen,
            opened: false,
            now: Time::default(),
            said: Said::default(),
        };
        Ok(Show { farm, world })
    }

    /// Lives through one bar, and says what the bots and the farm said meanwhile. Every input is written down before it
    /// is heard.
    pub fn live_recorded<K: Keeper>(&mut self, coming: &Coming, pen: &mut Pen<K>) -> Said {
        self.announce(coming);
        drive(&mut self.farm, &mut Recorded { world: &mut self.world, pen });
        std::mem::take(&mut self.world.said)
    }

    /// Lives through one bar, and says what the bots and the farm said meanwhile.
    pub fn live(&mut self, coming: &Coming) -> Said {
        self.announce(coming);
        drive(&mut self.farm, &mut self.world);
        std::mem::take(&mut self.world.said)
    }

    fn announce(&mut self, coming: &Coming) {
        let known = self.world.tape.bars.as_bars();
        assert!(
            known.is_empty() || coming.bar.open_time >= known.close_time(known.len() - 1),
            "bars ascend and do not overlap"
        );
        self.world.tape.record(coming);
        self.world.stage = Stage::Ahead;
    }

    /// What its farm was made from.
    pub fn origin(instrument: &Instrument, interval: Interval, settings: &[RunSettings]) -> Origin {
        let sky = settings.first().expect("a farm has a bot").sky.clone();
        let recruits = settings.iter().map(recruit).collect();
        Origin {
            instrument: instrument.clone(),
            interval,
            sky,
            recruits,
            accounts: Vec::new(),
            rules: risk::Rules::NONE,
        }
    }

    /// The farm.
    pub fn farm(&self) -> &Farm {
        &self.farm
    }

    /// The venue.
    pub fn venue(&self) -> &Venue {
        &self.world.venue
    }

    /// The instant the farm is at.
    pub fn now(&self) -> Time {
        self.world.now
    }

    /// The last price, once there is one.
    pub fn price(&self) -> Option<Price> {
        self.world.tape.bars.close.last().copied()
    }

    /// The last mark, once there is one.
    pub fn mark(&self) -> Option<Mark> {
        self.world.tape.mark.close.last().copied()
    }

    /// What was recorded so far.
    pub fn tape(&self) -> &Tape {
        &self.world.tape
    }
}
