//! The time frames of the view. A closed list on purpose: each divides the next, so a larger frame is built from the
//! closed bars of the smallest kept one. Refused here: frames of odd lengths, which would break that nesting.

use model::Interval;

/// A time frame, aligned to UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Frame {
    /// One minute.
    M1,
    /// Five minutes.
    M5,
    /// Fifteen minutes.
    M15,
    /// One hour.
    H1,
    /// Four hours.
    H4,
    /// One day, from midnight UTC.
    D1,
}

impl Frame {
    /// Every frame, shortest first; each interval divides the next.
    pub const ALL: [Frame; 6] = [Frame::M1, Frame::M5, Frame::M15, Frame::H1, Frame::H4, Frame::D1];

    /// Length of one bar.
    pub const fn interval(self) -> Interval {
        match self {
            Frame::M1 => Interval::MINUTE,
            Frame::M5 => Interval::minutes(5),
            Frame::M15 => Interval::minutes(15),
            Frame::H1 => Interval::HOUR,
            Frame::H4 => Interval::minutes(240),
            Frame::D1 => Interval::DAY,
        }
    }

    /// Position in [`Frame::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The usual short name, such as `15m`.
    pub const fn name(self) -> &'static str {
        match self {
            Frame::M1 => "1m",
            Frame::M5 => "5m",
            Frame::M15 => "15m",
            Frame::H1 => "1h",
            Frame::H4 => "4h",
            Frame::D1 => "1d",
        }
    }

    /// The frame of a short name; `None` if there is no such frame.
    pub fn from_name(name: &str) -> Option<Frame> {
        Frame::ALL.into_iter().find(|frame| frame.name() == name)
    }
}

impl std::fmt::Display for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of frames: those that are kept, or those that have just closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FrameSet(u8);

impl FrameSet {
    /// No frame.
    pub const EMPTY: FrameSet = FrameSet(0);
    /// Every frame.
    pub const ALL: FrameSet = FrameSet((1 << Frame::ALL.len()) - 1);

    /// This set and `frame`.
    #[must_use]
    pub const fn with(self, frame: Frame) -> FrameSet {
        FrameSet(self.0 | 1 << frame as u8)
    }

    /// The frames of either set.
    #[must_use]
    pub const fn union(self, other: FrameSet) -> FrameSet {
        FrameSet(self.0 | other.0)
    }

    /// The frames of both sets.
    #[must_use]
    #[inline]
    pub const fn intersection(self, other: FrameSet) -> FrameSet {
        FrameSet(self.0 & other.0)
    }

    /// Whether `frame` is in it.
    #[inline]
    pub const fn contains(self, frame: Frame) -> bool {
        self.0 & (1 << frame as u8) != 0
    }

    /// Whether it has none.
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its frames, shortest first.
    pub fn iter(self) -> impl Iterator<Item = Frame> {
        Frame::ALL.into_iter().filter(move |&frame| self.contains(frame))
    }

    /// The set as bits, for hashes.
    pub const fn bits(self) -> u8 {
        self.0
    }
}

impl FromIterator<Frame> for FrameSet {
    fn from_iter<I: IntoIterator<Item = Frame>>(frames: I) -> FrameSet {
        frames.into_iter().fold(FrameSet::EMPTY, FrameSet::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_nest_and_have_names() {
        for pair in Frame::ALL.windows(2) {
            assert!(pair[0].interval() < pair[1].interval());
            assert_eq!(
                pair[1].interval().0 % pair[0].interval().0,
                0,
                "{} does not divide {}",
                pair[0],
                pair[1]
            );
        }
        for (i, frame) in Frame::ALL.into_iter().enumerate() {
            assert_eq!(frame.index(), i);
            assert_eq!(frame.name(), frame.interval().to_string());
            assert_eq!(Frame::from_name(frame.name()), Some(frame));
        }
        assert_eq!(Frame::from_name("7m"), None);
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set = FrameSet::EMPTY.with(Frame::H4).with(Frame::M1);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Frame::M1, Frame::H4]);
        assert!(!set.contains(Frame::D1) && !set.is_empty() && FrameSet::EMPTY.is_empty());
        assert_eq!(Frame::ALL.into_iter().collect::<FrameSet>(), FrameSet::ALL);
    }
}
