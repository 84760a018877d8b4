//! The market that the second life trades in: finer than bars where somebody can tell it again, else the bars themselves.
//!
//! It refuses to look ahead: a stretch is walked when it is over. What bars do not say (the mark between two fundings) is the
//! price.

use model::{Bar, Instrument, Interval, Mark, Price, Rate, Time};
use std::collections::BTreeMap;
use std::iter::Peekable;
use venue::MarkBar;

/// A stretch of the market.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// What was traded.
    pub bar: Bar,
    /// How long it is.
    pub interval: Interval,
    /// The mark over it.
    pub mark: MarkBar,
    /// What is settled at its first instant.
    pub funding: Option<Rate>,
}

impl Stretch {
    /// When it is over.
    pub fn end(&self) -> Time {
        self.bar.open_time + self.interval
    }
}

/// Where the second life's market comes from.
pub enum Market<'m> {
    /// The bars that the farm saw, and the rates that it was told.
    Bars,
    /// The market itself, told again in order; it knows its funding.
    Told(Peekable<Box<dyn Iterator<Item = Stretch> + 'm>>),
}

impl<'m> Market<'m> {
    /// The market itself, in order and without end: a made market, or the file that was replayed.
    pub fn told(stretches: impl Iterator<Item = Stretch> + 'm) -> Market<'m> {
        let boxed: Box<dyn Iterator<Item = Stretch> + 'm> = Box::new(stretches);
        Market::Told(boxed.peekable())
    }

    /// Whether it is told itself: then it also says when funding is due.
    pub(crate) fn is_told(&self) -> bool {
        matches!(self, Market::Told(_))
    }

    /// Leaves out what was over before.
    pub(crate) fn skip_to(&mut self, from: Time) {
        if let Market::Told(stretches) = self {
            while stretches.next_if(|next| next.bar.open_time < from).is_some() {}
        }
    }

    /// The next stretch that is over when `is_over` says so; bars have none of their own.
    pub(crate) fn next_if(&mut self, is_over: impl Fn(Time) -> bool) -> Option<Stretch> {
        match self {
            Market::Told(stretches) => stretches.next_if(|next| is_over(next.end())),
            Market::Bars => None,
        }
    }
}

/// Funding as it was told to anybody: the rate and the mark, by the instant it was due.
pub(crate) type Rates = BTreeMap<Time, (Rate, Mark)>;

/// A bar as a stretch of the market.
pub(crate) fn of_bar(instrument: &Instrument, bar: Bar, interval: Interval, rates: &Rates) -> Stretch {
    let due = rates.get(&bar.open_time);
    let price: Price = bar.open;
    let basis = due.map_or(Mark::ZERO, |(_, mark)| *mark - instrument.mark_of(price));
    let flat = MarkBar::from_basis(instrument.mark_per_tick(), &bar, Mark::ZERO);
    let open = instrument.mark_of(price) + basis;
    // What was told of the mark may lie outside of what the bar's trades say.
    let mark = MarkBar { open, high: flat.high.max(open), low: flat.low.min(open), ..flat };
    Stretch { bar, interval, mark, funding: due.map(|(rate, _)| *rate) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_that_was_told_outside_of_a_bar_widens_its_range() {
        let instrument = Instrument::btcusdt();
        let bar = Bar {
            open_time: Time(0),
            open: Price(500_000),
            high: Price(500_100),
            low: Price(499_900),
            close: Price(500_050),
            volume: 1.0,
        };
        for ticks in [-900, 0, 900] {
            let told = instrument.mark_of(Price(500_000 + ticks));
            let rates = Rates::from([(Time(0), (Rate(100), told))]);
            let mark = of_bar(&instrument, bar, Interval::MINUTE, &rates).mark;
            assert_eq!(mark.open, told);
            assert!(
                mark.low <= mark.open.min(mark.close) && mark.open.max(mark.close) <= mark.high,
                "{mark:?}"
            );
        }
    }
}
