//! The sessions of a journal, one after the other, each compared as soon as it is over.
//!
//! It only reads: the shard may be writing. It refuses to compare what is not over unless it is told where to stop.

use crate::market::Market;
use crate::session::{Chronicle, Report};
use crate::terms::Terms;
use farm::Farm;
use farm::journal::{self, Coming, Heard, Input, JournalError, Origin, Reader, Shelf, Standing, read_since};
use model::time::SESSION;
use model::{Bar, Event, Price, Time};

/// Why a journal cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadDrift {
    /// It cannot be read.
    #[error("its sessions cannot be lived again: {0}")]
    Journal(#[from] JournalError),
    /// The market that was told is not the one that it was fed with.
    #[error(
        "the market that was told is not the one that the farm saw, from {0} on: name the configuration it ran with, or compare by the journal's own bars"
    )]
    OtherMarket(Time),
}

/// Which sessions.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Those that end behind this instant.
    pub since: Time,
    /// The last is cut before the bar that closes here, whether it is over or not.
    pub until: Option<Time>,
}

/// The sessions that have ended behind `since`: `since` is the end of the last that was reported, or the farthest past.
pub fn finished_since<S: Shelf + ?Sized>(
    shelf: &S,
    since: Time,
    terms: &Terms,
    market: &mut Market<'_>,
) -> Result<Vec<Report>, BadDrift> {
    sessions(shelf, Wanted { since, until: None }, terms, market)
}

/// The sessions that are wanted.
pub fn sessions<S: Shelf + ?Sized>(
    shelf: &S,
    wanted: Wanted,
    terms: &Terms,
    market: &mut Market<'_>,
) -> Result<Vec<Report>, BadDrift> {
    let origin = journal::origin(shelf)?;
    let (current, pending, next_end) = (None, None, None);
    let (reports, stage, odd) = (Vec::new(), Stage::Past, None);
    let mut watch = Watch { origin, wanted, terms, market, stage, next_end, pending, current, reports, odd };
    read_since(shelf, wanted.since, &mut watch)?;
    watch.odd.map_or(Ok(watch.reports), |at| Err(BadDrift::OtherMarket(at)))
}

/// The close of the last bar that a journal's farm has seen.
pub fn last_bar<S: Shelf + ?Sized>(shelf: &S) -> Result<Option<Time>, BadDrift> {
    let mut last = LastBar(None);
    read_since(shelf, Time(i64::MAX), &mut last)?;
    Ok(last.0)
}

struct LastBar(Option<Time>);

impl Reader for LastBar {
    fn parts(&mut self, _: &Coming, _: &Farm) -> bool {
        false
    }

    fn stands(&mut self, _: Standing) {
        unreachable!("nothing was asked for");
    }

    fn hears(&mut self, heard: &Heard<'_>) {
        if let Input::Bars(bars, taken @ 1..) = heard.input {
            self.0 = Some(bars.close_time(taken - 1));
        }
    }
}

/// Where in a farm's life the reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Its market has not opened: bars are its past.
    Past,
    /// It lives.
    Life,
    /// What is wanted is over.
    Done,
}

/// Reads sessions.
struct Watch<'w, 'm> {
    origin: Origin,
    wanted: Wanted,
    terms: &'w Terms,
    market: &'w mut Market<'m>,
    stage: Stage,
    /// Where the session ends that is being read; not known before a bar.
    next_end: Option<Time>,
    /// The session that begins, and the price then.
    pending: Option<(Time, Price)>,
    current: Option<Chronicle>,
    reports: Vec<Report>,
    /// Where the market parted from the journal's.
    odd: Option<Time>,
}

impl Watch<'_, '_> {
    fn begins(&mut self, from: Time, price: Price) -> bool {
        let end = from.floor(SESSION) + SESSION;
        self.next_end = Some(end);
        let is_wanted = end > self.wanted.since;
        if is_wanted {
            self.pending = Some((from, price));
        }
        is_wanted
    }

    fn ends(&mut self, farm: &Farm, to: Time, bar: Bar) {
        let Some(current) = self.current.take() else { return };
        // Behind a gap the market before its end is not known.
        let unseen = (bar.open_time + self.origin.interval == to).then_some(bar);
        match current.end((farm, to, unseen), &self.origin, self.terms, self.market) {
            Ok(report) => self.reports.extend(report),
            Err(at) => (self.odd, self.stage) = (Some(at), Stage::Done),
        }
    }

    fn bar(&mut self, bar: Bar, farm: &Farm) -> bool {
        if self.stage == Stage::Past && farm.session().is_some() {
            self.stage = Stage::Life;
        }
        if self.stage != Stage::Life {
            return false;
        }
        let close = bar.open_time + self.origin.interval;
        let floor = close.floor(SESSION);
        let end = *self.next_end.get_or_insert(if floor == close { close } else { floor + SESSION });
        if close >= end {
            self.ends(farm, end, bar);
        }
        if self.stage == Stage::Done {
            return false;
        }
        if self.wanted.until.is_some_and(|until| close >= until) {
            self.ends(farm, close, bar);
            self.stage = Stage::Done;
            return false;
        }
        if close < end {
            return false;
        }
        self.begins(floor, if floor == close { bar.close } else { bar.open })
    }
}

impl Reader for Watch<'_, '_> {
    fn parts(&mut self, next: &Coming, farm: &Farm) -> bool {
        if let Some(current) = &mut self.current {
            current.await_next(next, farm);
        }
        match *next {
            Coming::Event(at, Event::Tick(price))
                if self.stage == Stage::Past && farm.session().is_none() =>
            {
                self.stage = Stage::Life;
                self.begins(at, price)
            }
            Coming::Event(..) | Coming::Rules(..) => false,
            Coming::Bar(bar) => self.bar(bar, farm),
        }
    }

    fn stands(&mut self, standing: Standing) {
        let (from, price) = self.pending.take().expect("it was asked for");
        self.current = Some(Chronicle::begin(standing, from, price));
    }

    fn hears(&mut self, heard: &Heard<'_>) {
        if let Some(current) = &mut self.current {
            current.hear(heard);
        }
    }
}
