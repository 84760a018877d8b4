//! The rate budget all bots of a machine share: of each address, of each user and endpoint, with a part kept back.
//!
//! 30 % of every allowance is for cancels and stops alone, so a burst of entries never costs a bot its way out. A 429
//! pauses everybody, for longer each time; it never kills. Windows slide, so no clock of the exchange's has to be
//! guessed. Refuses to queue: it says when to ask again, and the shell decides what still matters then.

use crate::http::{HttpRequest, Lane, Quota};
use model::{Interval, Time};
use std::collections::{BTreeMap, VecDeque};

/// Requests of one address in a minute, new sockets included.
pub const ADDRESS_PER_MINUTE: usize = 6_000;
/// Of a hundred, what only `Lane::Protect` may use.
pub const RESERVED_PERCENT: usize = 30;
/// Users and endpoints that are counted; beyond it the oldest count is dropped.
pub const COUNTS_MAX: usize = 4_096;

const MINUTE: Interval = Interval::MINUTE;
const SECOND: Interval = Interval::SECOND;
const PAUSE_FIRST: Interval = Interval(1_000);
/// What an address needs after a breach.
const PAUSE_MAX: Interval = Interval(300_000);
/// Without a 429 for so long the next pause is a short one again.
const FORGIVEN_AFTER: Interval = Interval(600_000);

/// A user of the exchange: all keys of one user share the allowance of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub u32);

/// Why a request has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// The exchange said 429.
    Paused,
    /// The address has used its allowance, or all of it that is not kept back.
    Address,
    /// The user has, on this endpoint.
    Endpoint,
}

/// A request that may not go yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// When to ask again.
    pub until: Time,
    /// Why.
    pub held: Held,
}

/// The instants of the requests within one window.
#[derive(Clone, Debug, Default)]
struct Window {
    sent: VecDeque<Time>,
}

impl Window {
    /// Drops what has left the window.
    fn forget(&mut self, now: Time, length: Interval) {
        while self.sent.front().is_some_and(|first| *first + length <= now) {
            self.sent.pop_front();
        }
    }

    /// When one more may go, if not now.
    fn wait(&mut self, now: Time, length: Interval, allowed: usize) -> Option<Time> {
        self.forget(now, length);
        // The one that must leave the window before another one fits.
        let leaving = self.sent.len().checked_sub(allowed)?;
        self.sent.get(leaving).map(|sent| *sent + length)
    }
}

/// The budget.
#[derive(Clone, Debug, Default)]
pub struct Budget {
    address: Window,
    endpoints: BTreeMap<(Option<UserId>, &'static str), Window>,
    paused_until: Option<Time>,
    pause: Interval,
    last_breach: Option<Time>,
}

/// What a lane may use of an allowance; never nothing.
pub const fn allowance(whole: usize, lane: Lane) -> usize {
    let kept = match lane {
        Lane::Protect => 0,
        Lane::Ordinary => whole * RESERVED_PERCENT / 100,
    };
    let left = whole - kept;
    if left == 0 { 1 } else { left }
}

impl Budget {
    /// Nothing used yet.
    pub fn new() -> Budget {
        Budget::default()
    }

    /// Takes a request out of the budget, or says when to ask again. A public request belongs to no user.
    pub fn take(&mut self, now: Time, request: &HttpRequest, user: UserId) -> Result<(), Wait> {
        if let Some(until) = self.paused_until.filter(|until| *until > now) {
            return Err(Wait { until, held: Held::Paused });
        }
        let lane = request.lane;
        if let Some(until) = self.address.wait(now, MINUTE, allowance(ADDRESS_PER_MINUTE, lane)) {
            return Err(Wait { until, held: Held::Address });
        }
        let user = match request.quota {
            Quota::Address => None,
            Quota::User => Some(user),
        };
        self.make_room(now);
        let window = self.endpoints.entry((user, request.path)).or_default();
        let allowed = allowance(usize::from(request.per_second), lane);
        if let Some(until) = window.wait(now, SECOND, allowed) {
            return Err(Wait { until, held: Held::Endpoint });
        }
        window.sent.push_back(now);
        self.address.sent.push_back(now);
        Ok(())
    }

    /// A new socket counts against the address too.
    pub fn take_handshake(&mut self, now: Time) -> Result<(), Wait> {
        if let Some(until) = self.paused_until.filter(|until| *until > now) {
            return Err(Wait { until, held: Held::Paused });
        }
        match self.address.wait(now, MINUTE, ADDRESS_PER_MINUTE) {
            Some(until) => Err(Wait { until, held: Held::Address }),
            None => {
                self.address.sent.push_back(now);
                Ok(())
            }
        }
    }

    /// The exchange said 429: everybody waits, twice as long as the last time. Answers that were on their way together
    /// are one breach.
    pub fn breached(&mut self, now: Time) {
        if self.paused_until.is_some_and(|until| until > now) {
            return;
        }
        let forgiven = self.last_breach.is_none_or(|last| now - last >= FORGIVEN_AFTER);
        self.pause = if forgiven { PAUSE_FIRST } else { Interval((self.pause.0 * 2).min(PAUSE_MAX.0)) };
        self.paused_until = Some(now + self.pause);
        self.last_breach = Some(now);
    }

    /// What the exchange says is left of an endpoint's second (`x-mbx-used-remain-limit`): if it counts more than we do
    /// (another program, another machine), its count is the truth.
    pub fn heard_remaining(&mut self, now: Time, request: &HttpRequest, user: UserId, remaining: u32) {
        let whole = u32::from(request.per_second);
        if remaining >= whole {
            return;
        }
        let user = (request.quota == Quota::User).then_some(user);
        let window = self.endpoints.entry((user, request.path)).or_default();
        window.forget(now, SECOND);
        let used = usize::try_from(whole - remaining).expect("a second's allowance is small");
        while window.sent.len() < used {
            window.sent.push_back(now);
        }
    }

    /// Until when everybody waits, if so.
    pub fn paused_until(&self, now: Time) -> Option<Time> {
        self.paused_until.filter(|until| *until > now)
    }

    fn make_room(&mut self, now: Time) {
        if self.endpoints.len() >= COUNTS_MAX {
            self.endpoints.retain(|_, window| window.sent.back().is_some_and(|last| *last + SECOND > now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Endpoint;
    use proptest::prelude::*;

    const BOT: UserId = UserId(1);

    fn order(lane: Lane) -> HttpRequest {
        Endpoint::change("/api/v2/mix/order/place-order", 10).tell(String::new(), lane)
    }

    fn taken(budget: &mut Budget, now: i64, lane: Lane) -> usize {
        (0..100).take_while(|_| budget.take(Time(now), &order(lane), BOT).is_ok()).count()
    }

    #[test]
    fn entries_stop_at_seventy_percent_and_exits_go_on() {
        let mut budget = Budget::new();
        assert_eq!(taken(&mut budget, 0, Lane::Ordinary), 7);
        let wait = budget.take(Time(10), &order(Lane::Ordinary), BOT).unwrap_err();
        assert_eq!(wait, Wait { until: Time(1_000), held: Held::Endpoint });
        assert_eq!(taken(&mut budget, 10, Lane::Protect), 3, "what is kept for stops and cancels");
        assert_eq!(taken(&mut budget, 999, Lane::Protect), 0);
        assert_eq!(taken(&mut budget, 1_000, Lane::Ordinary), 4, "three exits are still in the window");
        assert!(
            budget.take(Time(1_000), &order(Lane::Ordinary), UserId(2)).is_ok(),
            "another user has its own"
        );
    }

    #[test]
    fn all_bots_share_the_address() {
        let mut budget = Budget::new();
        let ordinary = allowance(ADDRESS_PER_MINUTE, Lane::Ordinary);
        for n in 0..ordinary {
            let user = UserId(u32::try_from(n / 5).unwrap());
            assert_eq!(budget.take(Time(0), &order(Lane::Ordinary), user), Ok(()));
        }
        let wait = Wait { until: Time(60_000), held: Held::Address };
        assert_eq!(budget.take(Time(0), &order(Lane::Ordinary), UserId(90_000)), Err(wait));
        assert_eq!(budget.take(Time(0), &order(Lane::Protect), UserId(90_000)), Ok(()));
        assert_eq!(budget.take_handshake(Time(0)), Ok(()));
        assert_eq!(ordinary, 4_200);
        assert_eq!(budget.take(Time(60_000), &order(Lane::Ordinary), UserId(90_000)), Ok(()));
    }

    #[test]
    fn a_429_pauses_longer_each_time_and_is_forgiven() {
        let mut budget = Budget::new();
        let mut now = Time(0);
        let mut pauses = Vec::new();
        for _ in 0..11 {
            budget.breached(now);
            budget.breached(now);
            let until = budget.paused_until(now).unwrap();
            let wait = Wait { until, held: Held::Paused };
            assert_eq!(
                budget.take(now, &order(Lane::Protect), BOT),
                Err(wait),
                "an exit would only make it worse"
            );
            assert_eq!(budget.take_handshake(now), Err(wait));
            pauses.push((until - now).0 / 1_000);
            now = until;
            assert_eq!(budget.take(now, &order(Lane::Ordinary), BOT), Ok(()));
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        now = now + FORGIVEN_AFTER;
        budget.breached(now);
        assert_eq!(budget.paused_until(now), Some(now + PAUSE_FIRST));
    }

    #[test]
    fn the_exchanges_count_is_the_truth() {
        let mut budget = Budget::new();
        budget.heard_remaining(Time(0), &order(Lane::Ordinary), BOT, 9);
        assert_eq!(taken(&mut budget, 0, Lane::Ordinary), 6, "somebody else has sent one");
        budget.heard_remaining(Time(2_000), &order(Lane::Ordinary), BOT, 0);
        assert_eq!(taken(&mut budget, 2_000, Lane::Protect), 0);
        assert_eq!(taken(&mut budget, 3_000, Lane::Protect), 10);
    }

    #[test]
    fn a_slow_endpoint_still_answers_somebody() {
        let mut budget = Budget::new();
        let once = Endpoint::private("/api/v2/spot/account/info", 1).ask(Vec::new());
        assert_eq!(budget.take(Time(0), &once, BOT), Ok(()));
        assert_eq!(budget.take(Time(999), &once, BOT).unwrap_err().until, Time(1_000));
        assert_eq!(allowance(1, Lane::Ordinary), 1);
    }

    proptest! {
        /// No second of any alignment ever sees more than the exchange allows, whoever asks for what when.
        #[test]
        fn no_window_is_ever_overdrawn(asks in prop::collection::vec((0_i64..400, any::<bool>(), 0_u32..3), 1..300)) {
            let mut budget = Budget::new();
            let (mut now, mut sent) = (0_i64, Vec::new());
            for (pause, protect, user) in asks {
                now += pause;
                let lane = if protect { Lane::Protect } else { Lane::Ordinary };
                match budget.take(Time(now), &order(lane), UserId(user)) {
                    Ok(()) => sent.push((now, user, protect)),
                    Err(wait) => {
                        prop_assert!(wait.until > Time(now), "asking again at once cannot help");
                        prop_assert!(wait.until <= Time(now + 1_000));
                    }
                }
                let in_window = |only_entries: bool| sent.iter().filter(|one| {
                    one.0 > now - 1_000 && one.1 == user && !(only_entries && one.2)
                }).count();
                prop_assert!(in_window(false) <= 10 && in_window(true) <= 7);
            }
        }
    }
}
