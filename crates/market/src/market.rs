//! The view itself: base bars in, closed frames out.
//!
//! It refuses base intervals that do not fit the kept frames, bars out of order, and to show a decision anything of
//! the next slot: when bars are missing, a frame is closed with what it has *before* the first bar of the next slot is
//! taken. Off-grid bars belong to the slot in which they open.

use crate::aggregate::{FrameBar, OpenBar, Volumes, add_volumes};
use crate::frame::{Frame, FrameSet};
use crate::view::FrameView;
use crate::wants::Wants;
use model::{Bars, Interval, Price, StateHash, Time};
use std::fmt;

/// Why a view cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarketError {
    /// The length of the base bars is not positive.
    BaseNotPositive {
        /// What was asked for.
        base: Interval,
    },
    /// A kept frame is not a whole number of base bars.
    BaseDoesNotDivide {
        /// What was asked for.
        base: Interval,
        /// The frame that does not fit.
        frame: Frame,
    },
}

impl fmt::Display for MarketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MarketError::BaseNotPositive { base } => {
                write!(f, "bars of {base} have no length; feed bars of one minute")
            }
            MarketError::BaseDoesNotDivide { base, frame } => {
                write!(
                    f,
                    "bars of {base} cannot make a {frame} frame; feed bars whose length divides {frame}"
                )
            }
        }
    }
}

impl std::error::Error for MarketError {}

/// A kept frame and the bar that is being built for it from the closed bars of the kept frame before it; its volume is
/// summed in [`Market`]'s `volumes`.
#[derive(Clone, Debug)]
struct KeptFrame {
    view: FrameView,
    building: Option<FrameBar>,
    /// End of the slot being built; [`NEVER`] while there is none.
    slot_end: Time,
}

model::state!(KeptFrame { view, building, slot_end });

const NEVER: Time = Time(i64::MAX);

/// The rolling view of one market, shared by all bots.
#[derive(Clone, Debug)]
pub struct Market {
    base: Interval,
    frames: FrameSet,
    /// Ascending; the first is built from base bars, the others from the bars that the first closes.
    kept: Box<[KeptFrame]>,
    /// The first kept frame if each base bar is a closed bar of it: then it never has an unfinished one.
    one_to_one: FrameSet,
    /// The unfinished bar of the first kept frame; meaningful while that frame's `slot_end` is set.
    open_bar: OpenBar,
    /// What was traded in the open slot of each kept frame, in the order of `kept`; the rest is nobody's.
    volumes: Volumes,
    /// The earliest `slot_end` of all kept frames: a bar that opens then or later closes something first.
    due: Time,
    bars: u64,
    last_close: Price,
    now: Time,
}

model::state!(
    Market { kept, open_bar, volumes, due, bars, last_close, now } origin { base, frames, one_to_one }
    if Market::is_due_where_a_slot_ends
);

impl Market {
    /// A view of what is wanted, to be fed with bars of length `base`; without a frame it only follows price and time.
    pub fn new(base: Interval, wants: Wants) -> Result<Market, MarketError> {
        if base.0 <= 0 {
            return Err(MarketError::BaseNotPositive { base });
        }
        let frames = wants.frames();
        if let Some(frame) = frames.iter().find(|frame| frame.interval().0 % base.0 != 0) {
            return Err(MarketError::BaseDoesNotDivide { base, frame });
        }
        let kept = |frame| KeptFrame {
            view: FrameView::new(frame, wants.of(frame)),
            building: None,
            slot_end: NEVER,
        };
        Ok(Market {
            base,
            frames,
            kept: frames.iter().map(kept).collect(),
            one_to_one: frames.iter().filter(|frame| frame.interval() == base).collect(),
            volumes: Volumes::default(),
            open_bar: OpenBar::default(),
            due: NEVER,
            bars: 0,
            last_close: Price::ZERO,
            now: Time::default(),
        })
    }

    /// Takes bars up to and including the first one that completes a kept frame; returns how many it took and which
    /// frames closed. The set is empty if the bars ran out first. Where data is missing, the frames that ended in the
    /// gap are reported before the bar behind it is taken (so possibly with no bar taken).
    #[inline]
    pub fn absorb(&mut self, bars: Bars<'_>) -> (usize, FrameSet) {
        self.absorb_from(&bars, 0)
    }

    /// [`Self::absorb`] of the bars from index `from` on: nobody cuts them for every bar that closes something.
    #[inline]
    pub fn absorb_from(&mut self, bars: &Bars<'_>, from: usize) -> (usize, FrameSet) {
        assert!(bars.interval == self.base, "a market is fed with bars of its base interval");
        if from >= bars.len() {
            return (0, FrameSet::EMPTY);
        }
        let first = bars.open_at(from);
        assert!(self.bars == 0 || first >= self.now, "bars arrive in order and do not overlap");
        if first >= self.due {
            return (0, self.close_until(first));
        }
        if self.one_to_one.is_empty() {
            return self.absorb_run(bars.slice(from, bars.len()));
        }
        (1, self.absorb_whole(bars, from, first))
    }
    /// Takes bars, at least one, of the open slot of the first kept frame, or all of them if no frame is kept.
    fn absorb_run(&mut self, bars: Bars<'_>) -> (usize, FrameSet) {
        if self.kept.is_empty() {
            self.follow(bars);
            return (bars.len(), FrameSet::EMPTY);
        }
        let slot_end = self.slot_end(bars.open_time[0]);
        let taken = bars_within(bars, slot_end, self.base);
        self.build(bars.slice(0, taken), slot_end);
        let closed = if self.now >= slot_end {
            self.close_until(self.now)
        } else if let Some(&next) = bars.open_time.get(taken) {
            self.close_until(next)
        } else {
            FrameSet::EMPTY
        };
        (taken, closed)
    }

    /// Takes a bar that is a closed one of the first kept frame: bars do not overlap, so each has a slot of its own, and
    /// that slot has ended when the bar has.
    #[inline]
    fn absorb_whole(&mut self, bars: &Bars<'_>, i: usize, opened: Time) -> FrameSet {
        self.bars += 1;
        self.last_close = bars.close[i];
        self.now = opened + self.base;
        let volume = bars.volume[i];
        let (smallest, longer) = self.kept.split_first_mut().expect("one frame is as long as the bars");
        let bar = OpenBar::of(bars, i).close(smallest.slot_at(opened, self.base), volume);
        smallest.view.update(bar);
        if let Some(longer) = longer.first_mut() {
            longer.take(&smallest.view.last);
            self.due = self.due.min(longer.slot_end);
            add_volumes(&mut self.volumes, &[volume]);
            if self.now >= self.due {
                return self.one_to_one.union(self.close_until(self.now));
            }
        }
        self.one_to_one
    }

    /// Whether the next slot to end is the one it waits for, and each longer frame with a slot has a bar being built.
    fn is_due_where_a_slot_ends(&self) -> bool {
        let builds = |kept: &KeptFrame| kept.building.is_some() == (kept.slot_end != NEVER);
        self.due == self.kept.iter().map(|kept| kept.slot_end).min().unwrap_or(NEVER)
            && self.kept.iter().skip(1).all(builds)
    }

    /// The indicators of a kept frame.
    #[inline]
    pub fn frame(&self, frame: Frame) -> &FrameView {
        assert!(
            self.frames.contains(frame),
            "a frame is asked for only where the view was told to keep it: {frame}"
        );
        let below = (1_u32 << frame as u8) - 1;
        &self.kept[(u32::from(self.frames.bits()) & below).count_ones() as usize].view
    }

    /// The frames that are kept.
    pub fn frames(&self) -> FrameSet {
        self.frames
    }

    /// Length of the bars it is fed.
    pub fn base(&self) -> Interval {
        self.base
    }

    /// Number of base bars absorbed.
    pub fn bars(&self) -> u64 {
        self.bars
    }

    /// Close of the last bar absorbed; zero before the first one.
    #[inline]
    pub fn last_close(&self) -> Price {
        self.last_close
    }

    /// Close time of the last bar absorbed; the epoch before the first one.
    #[inline]
    pub fn now(&self) -> Time {
        self.now
    }

    /// Adds the whole view to a state hash.
    pub fn hash(&self, hash: &mut StateHash) {
        hash.int(self.base.0);
        hash.word(u64::from(self.frames.bits()));
        hash.word(self.bars);
        hash.int(self.last_close.0);
        hash.int(self.now.0);
        self.open_bar.hash(hash);
        for volume in self.volumes {
            hash.float(volume);
        }
        for kept in &self.kept {
            hash.int(kept.slot_end.0);
            kept.building.unwrap_or_default().hash(hash);
            kept.view.hash(hash);
        }
    }
}

impl Market {
    /// End of the smallest kept frame's slot that the bar opening at `open_time` belongs to.
    #[inline]
    fn slot_end(&self, open_time: Time) -> Time {
        let smallest = &self.kept[0];
        if smallest.slot_end == NEVER { smallest.slot_end_at(open_time) } else { smallest.slot_end }
    }

    /// Adds bars of one slot to the bar being built.
    #[inline]
    fn build(&mut self, bars: Bars<'_>, slot_end: Time) {
        if self.kept[0].slot_end == NEVER {
            self.open_bar = OpenBar::start(bars);
            self.kept[0].slot_end = slot_end;
            self.due = self.due.min(slot_end);
        } else {
            self.open_bar.extend(bars);
        }
        add_volumes(&mut self.volumes, bars.volume);
        self.follow(bars);
    }

    /// Keeps price, time and count of the bars just taken.
    #[inline]
    fn follow(&mut self, bars: Bars<'_>) {
        let last = bars.len() - 1;
        self.bars += bars.len() as u64;
        self.last_close = bars.close[last];
        self.now = bars.close_time(last);
    }

    /// Closes every frame whose slot has ended by `instant`, shortest first, each feeding the next longer one.
    fn close_until(&mut self, instant: Time) -> FrameSet {
        let mut closed = FrameSet::EMPTY;
        self.due = NEVER;
        for i in 0..self.kept.len() {
            if self.kept[i].slot_end <= instant {
                let bar = self.close(i);
                closed = closed.with(self.kept[i].view.frame);
                if let Some(longer) = self.kept.get_mut(i + 1) {
                    longer.take(&bar);
                }
            }
            self.due = self.due.min(self.kept[i].slot_end);
        }
        assert!(!closed.is_empty() && self.due > instant, "closing is asked for only where a slot has ended");
        closed
    }

    fn close(&mut self, i: usize) -> FrameBar {
        let kept = &mut self.kept[i];
        let volume = std::mem::take(&mut self.volumes[i]);
        let bar = if i == 0 {
            self.open_bar.close(kept.slot_end - kept.view.frame.interval(), volume)
        } else {
            let prices = kept.building.take().expect("a frame with a slot has a bar being built");
            FrameBar { volume, ..prices }
        };
        kept.slot_end = NEVER;
        kept.view.update(bar);
        bar
    }
}

impl KeptFrame {
    /// Start of this frame's slot, of length `interval`, that holds `time`: nearly always the one behind the last, which saves a division.
    #[inline]
    fn slot_at(&self, time: Time, interval: Interval) -> Time {
        let next = self.view.last.open_time + interval;
        if time >= next && time < next + interval { next } else { time.floor(interval) }
    }

    /// End of this frame's slot that holds `time`.
    #[inline]
    fn slot_end_at(&self, time: Time) -> Time {
        let interval = self.view.frame.interval();
        self.slot_at(time, interval) + interval
    }

    /// Takes in a bar that the next shorter kept frame has closed.
    fn take(&mut self, bar: &FrameBar) {
        match &mut self.building {
            Some(building) => {
                assert!(
                    bar.open_time < self.slot_end,
                    "a slot is closed before a bar of the next one is taken"
                );
                building.merge_prices(bar);
            }
            None => {
                self.slot_end = self.slot_end_at(bar.open_time);
                let open_time = self.slot_end - self.view.frame.interval();
                self.building = Some(FrameBar { open_time, ..*bar });
            }
        }
    }
}

/// How many of the bars, at least one, open before `slot_end`. Arithmetic where they follow each other without a gap,
/// a search where they do not.
#[inline]
fn bars_within(bars: Bars<'_>, slot_end: Time, base: Interval) -> usize {
    let first = bars.open_time[0];
    let room = ((slot_end - first).0 + base.0 - 1) / base.0;
    let most = bars.len().min(usize::try_from(room).expect("a bar opens before the end of its slot"));
    if bars.open_time[most - 1].0 == first.0 + (most as i64 - 1) * base.0 {
        return most;
    }
    let times = &bars.open_time[..most];
    let in_order = times.windows(2).all(|pair| pair[1] >= pair[0] + base);
    assert!(in_order, "bars ascend in time and do not overlap");
    times.partition_point(|&time| time < slot_end)
}
