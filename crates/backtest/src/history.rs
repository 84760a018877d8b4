//! History to replay: bars with everything that interrupts a run of them already looked up.

use model::event::Shock;
use model::{BarColumns, Bars, FundingRate, Instrument, Interval, Mark, MarkColumns, Price, Rate, Time};
use venue::{MarkBar, MarkPath};

/// One funding instant on the bar that opens at (or first after) it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FundingAt {
    /// Index of that bar.
    pub index: usize,
    /// Rate.
    pub rate: Rate,
    /// What the position is valued at: the bar's mark open, else its open.
    pub mark: Mark,
}

/// News at a bar: heard before it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShockAt {
    /// Index of the bar that opens then, or first after it.
    pub index: usize,
    /// What happened.
    pub shock: Shock,
}

/// From a bar on, the mark lies this far above the traded price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasisFrom {
    /// Index of the first bar it holds for.
    pub index: usize,
    /// Mark minus traded price at the last instant both were known.
    pub basis: Mark,
}

/// Mark highs and lows bar by bar, where mark bars have the interval of the bars.
#[derive(Clone, Debug)]
struct MarkAligned {
    open: Vec<Mark>,
    high: Vec<Mark>,
    low: Vec<Mark>,
    close: Vec<Mark>,
}

/// A market's past.
#[derive(Clone, Debug)]
pub struct History {
    instrument: Instrument,
    bars: BarColumns,
    path: Option<BarColumns>,
    funding: Vec<FundingAt>,
    basis: Vec<BasisFrom>,
    shocks: Vec<ShockAt>,
    aligned: Option<MarkAligned>,
    /// Indices of bars that are the first of their UTC day, without the very first bar.
    days: Vec<usize>,
    price_max: Price,
    mark_per_tick: i64,
}

impl History {
    /// Prepares a replay of `bars` (in ticks of `instrument`), settling `funding` and valuing at `mark` where given.
    pub fn new(
        instrument: Instrument,
        bars: BarColumns,
        funding: &[FundingRate],
        mark: Option<&MarkColumns>,
    ) -> History {
        assert!(!bars.is_empty(), "a back-test needs at least one bar");
        assert!(
            bars.open_time.windows(2).all(|pair| pair[1] - pair[0] >= bars.interval),
            "bars ascend and do not overlap"
        );
        let view = bars.as_bars();
        let basis = mark.map_or_else(Vec::new, |mark| basis_of(&instrument, view, mark));
        let aligned = mark
            .filter(|mark| mark.interval == bars.interval)
            .map(|mark| align(&instrument, view, mark, &basis));
        let funding = place_funding(&instrument, view, funding, mark, &basis);
        let days =
            (1..bars.len()).filter(|&i| view.open_time[i].day() != view.open_time[i - 1].day()).collect();
        let price_max = bars.high.iter().copied().max().expect("there is a bar");
        let mark_per_tick = instrument.mark_per_tick();
        History {
            instrument,
            bars,
            path: None,
            funding,
            basis,
            shocks: Vec::new(),
            aligned,
            days,
            price_max,
            mark_per_tick,
        }
    }

    /// Adds finer bars: where the venue's answer depends on the path inside a bar, they are walked instead of it.
    pub fn with_path(mut self, path: BarColumns) -> History {
        assert!(path.interval < self.bars.interval, "the path is finer than the bars");
        self.path = Some(path);
        self
    }

    /// Adds news; what happened outside the bars is not heard.
    pub fn with_shocks(mut self, shocks: &[(Time, Shock)]) -> History {
        let mut shocks = shocks.to_vec();
        shocks.sort_by_key(|(time, _)| *time);
        let times = &self.bars.open_time;
        let place = |&(time, shock): &(Time, Shock)| {
            let index = times.partition_point(|&open| open < time);
            (time >= times[0] && index < times.len()).then_some(ShockAt { index, shock })
        };
        self.shocks = shocks.iter().filter_map(place).collect();
        self
    }

    /// Bars `from..to` as a history of their own: what was known at the first of them is known there, and nothing else
    /// of what came before.
    pub fn part(&self, from: usize, to: usize) -> History {
        assert!(from < to && to <= self.bars.len(), "a part has a bar and lies inside");
        let inside = |index: usize| (from..to).contains(&index);
        let bars = self.bars.as_bars().slice(from, to);
        let columns = columns_of(bars);
        let (opened, ended) = (bars.open_time[0], end_of(bars));
        let mut basis = Vec::new();
        match basis_at(&self.basis, from) {
            Mark::ZERO => {}
            known => basis.push(BasisFrom { index: 0, basis: known }),
        }
        let later = self.basis.iter().filter(|known| known.index > from && inside(known.index));
        basis.extend(later.map(|known| BasisFrom { index: known.index - from, ..*known }));
        let cut = |marks: &[Mark]| marks[from..to].to_vec();
        let funding = self.funding.iter().filter(|due| inside(due.index));
        let shocks = self.shocks.iter().filter(|due| inside(due.index));
        History {
            instrument: self.instrument.clone(),
            path: self.path().map(|path| columns_of(path.between(opened, ended))),
            funding: funding.map(|due| FundingAt { index: due.index - from, ..*due }).collect(),
            basis,
            shocks: shocks.map(|due| ShockAt { index: due.index - from, ..*due }).collect(),
            aligned: self.aligned.as_ref().map(|mark| MarkAligned {
                open: cut(&mark.open),
                high: cut(&mark.high),
                low: cut(&mark.low),
                close: cut(&mark.close),
            }),
            days: self.days.iter().filter(|&&day| day > from && day < to).map(|day| day - from).collect(),
            price_max: columns.high.iter().copied().max().expect("a part has a bar"),
            mark_per_tick: self.mark_per_tick,
            bars: columns,
        }
    }

    /// News by bar.
    pub fn shocks(&self) -> &[ShockAt] {
        &self.shocks
    }

    /// What is traded.
    pub fn instrument(&self) -> &Instrument {
        &self.instrument
    }

    /// All bars.
    pub fn bars(&self) -> Bars<'_> {
        self.bars.as_bars()
    }

    /// Length of a bar.
    pub fn interval(&self) -> Interval {
        self.bars.interval
    }

    /// Funding instants by bar.
    pub fn funding(&self) -> &[FundingAt] {
        &self.funding
    }

    /// First bars of UTC days.
    pub fn days(&self) -> &[usize] {
        &self.days
    }

    /// Where the basis changes.
    pub fn basis(&self) -> &[BasisFrom] {
        &self.basis
    }

    /// Whether mark bars have the interval of the bars.
    pub fn has_mark_bars(&self) -> bool {
        self.aligned.is_some()
    }

    /// The finer bars inside bar `i`, if they are all there and tell the same story: a path with holes could hide the
    /// very price that stops a position out.
    pub fn path_of(&self, i: usize) -> Option<Bars<'_>> {
        let bar = self.bars.as_bars().get(i);
        let inside = self.path.as_ref()?.as_bars().between(bar.open_time, bar.open_time + self.bars.interval);
        let whole = inside.len() as i64 * inside.interval.0 == self.bars.interval.0;
        let same = whole
            && inside.open[0] == bar.open
            && inside.close[inside.len() - 1] == bar.close
            && inside.high.iter().max() == Some(&bar.high)
            && inside.low.iter().min() == Some(&bar.low);
        same.then_some(inside)
    }

    /// The finer bars, if there are any.
    pub fn path(&self) -> Option<Bars<'_>> {
        Some(self.path.as_ref()?.as_bars())
    }

    /// How many bars have a path inside that is walked instead of them.
    pub fn paths(&self) -> usize {
        (0..self.bars.len()).filter(|&i| self.path_of(i).is_some()).count()
    }

    /// Mark prices of bars `from..to`, given the basis that holds for them.
    pub fn mark_path(&self, from: usize, to: usize, basis: Mark) -> MarkPath<'_> {
        match &self.aligned {
            Some(mark) => MarkPath::Bars { high: &mark.high[from..to], low: &mark.low[from..to] },
            None => MarkPath::Basis(basis),
        }
    }

    /// Mark prices of bar `i`.
    pub fn mark_bar(&self, i: usize, basis: Mark) -> MarkBar {
        if let Some(mark) = &self.aligned {
            return MarkBar {
                open: mark.open[i],
                high: mark.high[i],
                low: mark.low[i],
                close: mark.close[i],
            };
        }
        self.mark_of_bar(&self.bars.as_bars().get(i), basis)
    }

    /// The mark at the close of bar `i`.
    #[inline]
    pub fn mark_close(&self, i: usize, basis: Mark) -> Mark {
        match &self.aligned {
            Some(mark) => mark.close[i],
            None => (Mark(self.bars.close[i].0 * self.mark_per_tick) + basis).max(Mark(1)),
        }
    }

    /// The highest price there is.
    pub fn price_max(&self) -> Price {
        self.price_max
    }

    /// Mark prices of any bar at a basis.
    pub fn mark_of_bar(&self, bar: &model::Bar, basis: Mark) -> MarkBar {
        MarkBar::from_basis(self.mark_per_tick, bar, basis)
    }
}

/// Lent bars as columns of their own.
fn columns_of(bars: Bars<'_>) -> BarColumns {
    let mut columns = BarColumns::new(bars.interval);
    (0..bars.len()).for_each(|i| columns.push(bars.get(i)));
    columns
}

/// Mark opens against the bars that open with them: between instants the last known basis is carried, never an
/// unfinished mark bar's high, low or close.
fn basis_of(instrument: &Instrument, bars: Bars<'_>, mark: &MarkColumns) -> Vec<BasisFrom> {
    let mut known = Vec::with_capacity(mark.open_time.len());
    for (&time, &open) in mark.open_time.iter().zip(&mark.open) {
        if let Ok(index) = bars.open_time.binary_search(&time) {
            known.push(BasisFrom { index, basis: open - instrument.mark_of(bars.open[index]) });
        }
    }
    known
}

fn basis_at(basis: &[BasisFrom], index: usize) -> Mark {
    let known = basis.partition_point(|from| from.index <= index);
    known.checked_sub(1).map_or(Mark::ZERO, |at| basis[at].basis)
}

fn align(instrument: &Instrument, bars: Bars<'_>, mark: &MarkColumns, basis: &[BasisFrom]) -> MarkAligned {
    let n = bars.len();
    let column = || Vec::with_capacity(n);
    let mut aligned = MarkAligned { open: column(), high: column(), low: column(), close: column() };
    for i in 0..n {
        match mark.open_time.binary_search(&bars.open_time[i]) {
            Ok(at) => {
                aligned.open.push(mark.open[at]);
                aligned.high.push(mark.high[at]);
                aligned.low.push(mark.low[at]);
                aligned.close.push(mark.close[at]);
            }
            Err(_) => {
                let basis = basis_at(basis, i);
                aligned.open.push(instrument.mark_of(bars.open[i]) + basis);
                aligned.high.push(instrument.mark_of(bars.high[i]) + basis);
                aligned.low.push(instrument.mark_of(bars.low[i]) + basis);
                aligned.close.push(instrument.mark_of(bars.close[i]) + basis);
            }
        }
    }
    aligned
}

/// An instant is settled before the first bar that opens at or after it trades.
fn place_funding(
    instrument: &Instrument,
    bars: Bars<'_>,
    funding: &[FundingRate],
    mark: Option<&MarkColumns>,
    basis: &[BasisFrom],
) -> Vec<FundingAt> {
    let first = bars.open_time[0];
    let mut placed = Vec::with_capacity(funding.len());
    for settled in funding.iter().filter(|settled| settled.time >= first) {
        let index = bars.open_time.partition_point(|&time| time < settled.time);
        let Some(&opens) = bars.open_time.get(index) else { break };
        let known = mark.and_then(|mark| Some(mark.open[mark.open_time.binary_search(&opens).ok()?]));
        let mark = known.unwrap_or_else(|| instrument.mark_of(bars.open[index]) + basis_at(basis, index));
        placed.push(FundingAt { index, rate: settled.rate, mark });
    }
    placed
}

/// The last instant of a history.
pub fn end_of(bars: Bars<'_>) -> Time {
    bars.close_time(bars.len() - 1)
}
