//! What is unusual about a bot: the fail-safe against what nobody thought of.
//!
//! It refuses to judge what it has not seen enough of: until a week of hours is known, no number of orders is unusual.

use super::Bot;
use crate::action::Actions;
use model::snapshot::{Restore, Save, State, Unreadable, Value};
use model::{Fill, Interval, Price, StateHash, Time};

/// Hours that are remembered: thirty days.
const HOURS_MAX: usize = 720;
/// Hours that must be known before their percentile means anything.
const HOURS_MIN: usize = 168;
/// Fewer orders within an hour are never unusual.
const ORDERS_MIN: u32 = 10;
/// A price this old says nothing of a fill.
const PRICE_AGE_MAX: Interval = Interval::minutes(2);
/// Rejections that are remembered.
const REJECTIONS_MAX: usize = risk::rules::REJECTIONS_MAX as usize;

/// Something unusual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unusual {
    /// Far more orders within an hour than in the last thirty days.
    OrderRate,
    /// A fill far from the price last known.
    FillFarFromMark,
    /// Many rejected placements within a minute.
    Rejections,
    /// A position or a balance that its books do not explain.
    Unexplained,
    /// The last input it was to hear broke it twice and is left out.
    Quarantined,
}

impl Unusual {
    /// All of them.
    pub const ALL: [Unusual; 5] = [
        Unusual::OrderRate,
        Unusual::FillFarFromMark,
        Unusual::Rejections,
        Unusual::Unexplained,
        Unusual::Quarantined,
    ];

    /// The word in files and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Unusual::OrderRate => "order_rate",
            Unusual::FillFarFromMark => "fill_far_from_mark",
            Unusual::Rejections => "rejections",
            Unusual::Unexplained => "unexplained",
            Unusual::Quarantined => "quarantined",
        }
    }
}

/// What it has seen.
#[derive(Clone, Debug)]
pub(super) struct Vigil {
    /// Orders of complete hours, the oldest overwritten first.
    hours: Vec<u16>,
    next: usize,
    /// The hour that is not over, and its orders.
    hour: i64,
    orders: u32,
    rejected: [Time; REJECTIONS_MAX],
    rejections: usize,
}

model::state!(Vigil { hours, next, hour, orders, rejected, rejections } if |vigil| {
    vigil.hours.len() <= HOURS_MAX && vigil.next < HOURS_MAX
});

/// What it has seen, where its rules ask for a watch: what is not watched is not seen, and is learnt anew.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch(Option<Box<Vigil>>);

impl Watch {
    /// From now on there is a watch or not; one that is goes on.
    pub(super) fn keep(&mut self, is_kept: bool) {
        match is_kept {
            true => drop(self.0.get_or_insert_default()),
            false => self.0 = None,
        }
    }

    pub(super) fn is_kept(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn hash(&self, hash: &mut StateHash) {
        if let Some(vigil) = &self.0 {
            vigil.hash(hash);
        }
    }
}

impl State for Watch {
    fn save(&self, to: &mut Save) {
        self.is_kept().write(to);
        if let Some(vigil) = &self.0 {
            vigil.save(to);
        }
    }

    fn restore(&mut self, from: &mut Restore<'_>) -> Result<(), Unreadable> {
        self.keep(bool::read(from)?);
        self.0.as_mut().map_or(Ok(()), |vigil| vigil.restore(from))
    }
}

impl Default for Vigil {
    fn default() -> Self {
        Vigil {
            hours: Vec::with_capacity(HOURS_MAX),
            next: 0,
            hour: i64::MIN,
            orders: 0,
            rejected: [Time(i64::MIN); REJECTIONS_MAX],
            rejections: 0,
        }
    }
}

impl Vigil {
    fn keep(&mut self, orders: u32) {
        let orders = u16::try_from(orders).unwrap_or(u16::MAX);
        if self.hours.len() < HOURS_MAX {
            self.hours.push(orders);
        } else {
            self.hours[self.next] = orders;
        }
        self.next = (self.next + 1) % HOURS_MAX;
    }

    /// One more order; how many there were in this hour.
    fn order(&mut self, now: Time) -> u32 {
        self.orders = self.orders_at(now) + 1;
        self.orders
    }

    /// Orders of this hour so far.
    fn orders_at(&mut self, now: Time) -> u32 {
        let hour = now.0.div_euclid(Interval::HOUR.0);
        if self.hour != hour {
            let gone = if self.hour == i64::MIN { 0 } else { hour - self.hour };
            for i in 0..gone.clamp(0, HOURS_MAX as i64) {
                self.keep(if i == 0 { self.orders } else { 0 });
            }
            (self.hour, self.orders) = (hour, 0);
        }
        self.orders
    }

    /// The 99th percentile of the hours known, once enough are.
    fn p99(&self) -> Option<u32> {
        if self.hours.len() < HOURS_MIN {
            return None;
        }
        let mut sorted = self.hours.clone();
        sorted.sort_unstable();
        Some(u32::from(sorted[(sorted.len() * 99).div_ceil(100) - 1]))
    }

    fn hash(&self, hash: &mut StateHash) {
        hash.word(self.hours.len() as u64);
        for word in [self.hour, i64::from(self.orders), self.next as i64, self.rejections as i64] {
            hash.int(word);
        }
    }

    /// One more rejection; how many there were within a minute.
    fn reject(&mut self, now: Time) -> u32 {
        self.rejected[self.rejections % REJECTIONS_MAX] = now;
        self.rejections += 1;
        let recent = self.rejected.iter().filter(|at| at.0 > now.0 - Interval::MINUTE.0).count();
        u32::try_from(recent).expect("a handful")
    }
}

impl Bot {
    /// An order leaves.
    pub(super) fn count_order(&mut self, now: Time) {
        if let Some(vigil) = &mut self.vigil.0 {
            vigil.order(now);
        }
    }

    /// Another entry is about to be asked for: were there too many orders, there is none.
    pub(super) fn watch_orders(&mut self, now: Time, out: &mut Actions) {
        let (Some(rule), Some(vigil)) = (self.rules.vigilance, &mut self.vigil.0) else { return };
        let orders = vigil.orders_at(now);
        let most = |p99: u32| rule.orders_over_p99.saturating_mul(p99.max(1));
        if orders >= ORDERS_MIN && vigil.p99().is_some_and(|p99| orders >= most(p99)) {
            vigil.orders = 0;
            self.alarm(now, Unusual::OrderRate, out);
        }
    }

    /// A placement was refused.
    pub(super) fn watch_rejections(&mut self, now: Time, out: &mut Actions) {
        let (Some(rule), Some(vigil)) = (self.rules.vigilance, &mut self.vigil.0) else { return };
        if vigil.reject(now) >= rule.rejections_per_minute {
            vigil.rejected = [Time(i64::MIN); REJECTIONS_MAX];
            self.alarm(now, Unusual::Rejections, out);
        }
    }

    /// A fill came in; `known` is the last price and when it was known.
    pub(crate) fn watch_fill(&mut self, now: Time, fill: &Fill, known: (Price, Time), out: &mut Actions) {
        let Some(rule) = self.rules.vigilance else { return };
        let (mark, at) = known;
        let off = i128::from((fill.price - mark).abs().0) * 10_000;
        let far = off > i128::from(mark.0) * i128::from(rule.fill_from_mark_bps);
        if mark.0 > 0 && now - at <= PRICE_AGE_MAX && far {
            self.alarm(now, Unusual::FillFarFromMark, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_must_be_known_before_an_hour_is_unusual() {
        let mut vigil = Vigil::default();
        let hour = |i: i64| Time(i * Interval::HOUR.0);
        for i in 0..168 {
            assert_eq!(vigil.p99(), None, "hour {i}");
            for k in 0..1 + i % 3 {
                assert_eq!(i64::from(vigil.order(Time(hour(i).0 + k))), k + 1);
            }
        }
        vigil.order(hour(168));
        assert_eq!(vigil.p99(), Some(3));
        // Hours without orders count as such, and the oldest are forgotten.
        vigil.order(hour(168 + 800));
        assert_eq!((vigil.hours.len(), vigil.p99()), (HOURS_MAX, Some(0)));
    }

    #[test]
    fn rejections_count_within_a_minute() {
        let mut vigil = Vigil::default();
        let counts: Vec<u32> =
            [0, 10_000, 59_999, 60_000, 200_000].map(|at| vigil.reject(Time(at))).into_iter().collect();
        assert_eq!(counts, [1, 2, 3, 3, 1]);
    }
}
