//! Who trades beside the farms: somebody with the password of an account of ours, and strangers at the same venue.
//!
//! What is done by hand has an id that no farm gives, and no farm is told of it: it has to be seen in what an account holds.
//! Everything that was done by hand is undone once everything heals. It refuses to let a stranger meet us: accounts never do.

use crate::company::{Attended, NOBODY, SHARED, STRANGERS};
use crate::fault::Fault;
use crate::front::is_foreign;
use crate::run::World;
use crate::strike::{Key, Target};
use model::{
    AccountId, BotId, Bracket, Interval, Leg, OrderId, OrderKind, OrderRequest, PositionMode, PositionSide,
    Price, Qty, Rate, RejectReason, Report, Request, Rng, Side, TARGETS_MAX, Target as Rung, Time,
    TimeInForce, Usd,
};
use std::collections::BTreeMap;

/// Numbers of those who trade by hand, and of strangers.
pub(crate) const HAND: BotId = BotId(NOBODY);
const STRANGER: BotId = BotId(NOBODY + 1);
/// The longest that something done by hand is left.
const LEFT_MAX_MINUTES: u64 = 120;
/// The most that is traded, and paid in, by hand.
const LOTS_MAX: u64 = 30;
const PAID_MAX: u64 = 50_000_000;
/// A position without a stop because of somebody's hand is counted apart for so long after, while the venue answers.
const AFTERMATH: Interval = Interval(120_000);
/// Who has looked at an account within so long has seen what is done by hand there.
const SEEN_MAX: Interval = Interval(600_000);
/// What somebody pays in who has to trade on an account that has nothing.
const MARGIN_MIN: Usd = Usd(200 * Usd::ONE.0);
/// The least share of a second's volume with which something done by hand fills in the end.
const SHARE_MIN: Rate = Rate::bps(500);
/// The most orders that a stranger places at a time: more than the venue lets rest.
const MANY: u32 = 70;

/// What was done by hand on an account and is not undone.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    /// From this minute on it is undone.
    until: u32,
    /// Since when something of it was there.
    since: Option<Time>,
    order: Option<OrderId>,
    lots: [i64; 2],
}

/// Everybody who is not a farm.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hands {
    decision: u32,
    /// Nothing is traded by hand where there is hardly any volume for it: it could never be undone.
    is_thin: bool,
    open: BTreeMap<AccountId, Open>,
    /// Reports about it that were looked at.
    heard: BTreeMap<AccountId, (usize, usize)>,
    /// Paid in by hand, and not paid out again.
    paid: BTreeMap<AccountId, Usd>,
    /// For how long stops are counted apart still. It runs only while the venue answers: before that, nobody can mend them.
    apart: BTreeMap<AccountId, Interval>,
    /// The longest that a position stood without a stop that was lost, in seconds.
    pub(crate) lost_s: u64,
    /// Whose stop was lost, of which side, and for how many seconds it is missed.
    losing: BTreeMap<(AccountId, BotId), (PositionSide, u64)>,
}

impl Hands {
    pub(crate) fn new(participation: Option<Rate>) -> Hands {
        Hands { is_thin: participation.is_some_and(|share| share < SHARE_MIN), ..Hands::default() }
    }

    fn id(&mut self, bot: BotId) -> OrderId {
        self.decision += 1;
        OrderId { bot, epoch: 0, decision: self.decision, leg: Leg::Own }
    }

    fn set_apart(&mut self, account: AccountId, left: Interval) {
        let known = self.apart.entry(account).or_insert(left);
        *known = left.max(*known);
    }

    /// Whether a position without its stop is somebody else's doing.
    fn is_apart(&self, account: AccountId) -> bool {
        let holds = self.open.get(&account).is_some_and(|open| open.lots != [0, 0]);
        holds
            || self.losing.keys().any(|(known, _)| *known == account)
            || self.apart.get(&account).is_some_and(|left| left.0 > 0)
    }

    /// Whether something done by hand is there for so long that everybody must have seen it.
    pub(crate) fn lasts(&self, now: Time, account: AccountId) -> bool {
        let seen = |open: &Open| open.since.is_some_and(|since| now - since > SEEN_MAX);
        self.open.get(&account).is_some_and(seen)
    }
}

fn plain(id: OrderId, side: Side, position_side: PositionSide, lots: i64, kind: OrderKind) -> OrderRequest {
    OrderRequest {
        id,
        side,
        position_side,
        qty: Qty(lots),
        kind,
        reduce_only: false,
        bracket: None,
        one_cancels_other: None,
    }
}

impl World<'_> {
    /// Accounts of ours, each once.
    fn our_accounts(&self) -> Vec<AccountId> {
        let mut accounts: Vec<AccountId> = self.recruits.iter().map(|recruit| recruit.account).collect();
        accounts.dedup();
        accounts
    }

    fn last_price(&self) -> Price {
        Price(self.front.venue().mark().0 / self.front.venue().instrument().mark_per_tick())
    }

    /// What hands and strangers do in this minute.
    pub(crate) fn meddle(&mut self, minute: u32) {
        self.talk_nonsense(minute);
        if self.company.attended == Attended::Never || minute == 0 {
            return;
        }
        for account in self.our_accounts() {
            self.undo(minute, account);
            let key = Key::Minute(Target::Account(account.0), minute);
            if !self.hands.is_thin
                && let Some(rng) = self.fates.strike(self.now, Fault::HandOrder, key)
            {
                self.place_by_hand(minute, account, rng);
            }
            if !self.hands.is_thin
                && let Some(rng) = self.fates.strike(self.now, Fault::HandTrade, key)
            {
                self.trade_by_hand(minute, account, rng);
            }
            if let Some(mut rng) = self.fates.strike(self.now, Fault::HandMoney, key) {
                let paid = self.hands.paid.entry(account).or_default();
                let amount = i64::try_from(1 + rng.below(PAID_MAX)).expect("small");
                let amount = Usd(if rng.below(2) == 0 { amount } else { -amount.min(paid.0) });
                if amount.0 != 0 && self.front.pay(account, amount) {
                    *paid += amount;
                    self.fates.trace(self.now, || format!("{amount} is paid into {account} by hand"));
                }
            }
            self.lose_stop(account, key);
        }
    }

    /// How many lots somebody holds by hand. What the venue took over in the meantime is nobody's to close.
    fn see_fills(&mut self, account: AccountId) {
        let World { hands, front, now, .. } = self;
        let (foreign, said) = (front.foreign(account), front.record(account));
        let (heard, told) = hands.heard.entry(account).or_default();
        let open = hands.open.entry(account).or_default();
        let (mut touched, mut taken) = (false, false);
        for (_, report) in &foreign[*heard..] {
            if let Report::Filled(fill) = report {
                open.lots[usize::from(fill.position_side == PositionSide::Short)] += fill.qty.0;
                touched = true;
            }
        }
        let is_takeover =
            |report: &Report| matches!(report, Report::Liquidated { .. } | Report::Deleveraged { .. });
        if open.lots != [0, 0] && said[*told..].iter().any(|(_, report)| is_takeover(report)) {
            open.lots = [0, 0];
            taken = true;
        }
        (*heard, *told) = (foreign.len(), said.len());
        let rests = front.venue().account(account).open_orders().any(|order| is_foreign(order.id));
        let held = front.venue().account(account);
        let holds = crate::sharers::LINES.iter().any(|side| held.position(*side).qty.0 != 0);
        let is_there = (open.lots != [0, 0] && holds) || rests;
        open.since = if is_there { open.since.or(Some(*now)) } else { None };
        if touched || taken {
            hands.set_apart(account, if taken { Interval(i64::MAX) } else { AFTERMATH });
        }
    }

    fn submit(&mut self, account: AccountId, request: Request) {
        if let Request::Place(order) = &request {
            self.asked.insert(order.id, *order);
        }
        self.front.submit(self.now, account, request);
    }

    /// Which side somebody takes, and how it is called on this account.
    fn side(&self, account: AccountId, rng: &mut Rng) -> (Side, PositionSide) {
        let side = if rng.below(2) == 0 { Side::Buy } else { Side::Sell };
        (side, self.front.venue().account(account).mode().position.opened_by(side))
    }

    /// An order far from the price.
    fn place_by_hand(&mut self, minute: u32, account: AccountId, mut rng: Rng) {
        if self.hands.open.get(&account).is_some_and(|open| open.order.is_some()) {
            return;
        }
        let ((side, position_side), id) = (self.side(account, &mut rng), self.hands.id(HAND));
        let price = Price(self.last_price().0 * (100 - side.sign() * 4) / 100);
        let kind = OrderKind::Limit { price, tif: TimeInForce::GoodTillCancelled };
        let open = self.hands.open.entry(account).or_default();
        open.order = Some(id);
        open.until = minute + 1 + u32::try_from(rng.below(LEFT_MAX_MINUTES)).expect("short");
        self.submit(account, Request::Place(plain(id, side, position_side, 2, kind)));
    }

    fn trade_by_hand(&mut self, minute: u32, account: AccountId, mut rng: Rng) {
        let ((side, position_side), id) = (self.side(account, &mut rng), self.hands.id(HAND));
        let lots = 1 + i64::try_from(rng.below(LOTS_MAX)).expect("small");
        let open = self.hands.open.entry(account).or_default();
        open.until = minute + 1 + u32::try_from(rng.below(LEFT_MAX_MINUTES)).expect("short");
        self.hands.set_apart(account, AFTERMATH);
        self.submit(account, Request::Place(plain(id, side, position_side, lots, OrderKind::Market)));
    }

    /// What was done by hand is taken back, once it was left for long enough, or everything has healed.
    fn undo(&mut self, minute: u32, account: AccountId) {
        let Some(open) = self.hands.open.get(&account).copied() else { return };
        if minute < open.until && !self.fates.is_healed() {
            return;
        }
        if let Some(id) = open.order {
            let rests = self.front.venue().account(account).open_orders().any(|order| order.id == id);
            if rests {
                self.submit(account, Request::Cancel(id));
            } else {
                self.hands.open.get_mut(&account).expect("it is there").order = None;
            }
        }
        // One after the other: what still fills must not be closed twice.
        if self.front.venue().account(account).open_orders().any(|order| is_foreign(order.id)) {
            return;
        }
        let Some(beyond) = self.too_many(account) else { return };
        // Who has the lots in his books no more has given them up: then there is nothing left to undo.
        let of_hand = |line: usize| {
            let (lots, beyond) = (open.lots[line], beyond[line]);
            if lots.signum() == beyond.signum() { lots.signum() * lots.abs().min(beyond.abs()) } else { 0 }
        };
        let lots = if self.fates.is_healed() { beyond } else { [of_hand(0), of_hand(1)] };
        if beyond == [0, 0] {
            self.hands.open.get_mut(&account).expect("it is there").lots = beyond;
        }
        for (line, lots) in lots.into_iter().enumerate().filter(|(_, lots)| *lots != 0) {
            if self.front.venue().account(account).wallet() <= MARGIN_MIN {
                self.front.pay(account, MARGIN_MIN);
            }
            let hedged = self.front.venue().account(account).mode().position == PositionMode::Hedge;
            let position_side = match (hedged, line) {
                (false, _) => PositionSide::Net,
                (true, 0) => PositionSide::Long,
                (true, _) => PositionSide::Short,
            };
            let (side, id) = (if lots > 0 { Side::Sell } else { Side::Buy }, self.hands.id(HAND));
            let reduces = (lots > 0) == (line == 0);
            let order = OrderRequest {
                reduce_only: hedged && reduces,
                ..plain(id, side, position_side, lots.abs(), OrderKind::Market)
            };
            self.hands.set_apart(account, AFTERMATH);
            self.submit(account, Request::Place(order));
        }
    }

    /// What the venue holds more than the books of who holds the farm; none while nobody does.
    fn too_many(&self, account: AccountId) -> Option<[i64; 2]> {
        let is_here = |recruit: &farm::Recruit| recruit.account == account;
        let shard = self.shards.iter().position(|shard| shard.origin.recruits.iter().any(is_here))?;
        let farm = self.holder(shard)?.seat.farm();
        let held = self.front.venue().account(account);
        let hedged = held.mode().position == PositionMode::Hedge;
        let mut lots = [PositionSide::Long, PositionSide::Short].map(|side| held.position(side).qty.0);
        for bot in farm.bots().iter().filter(|bot| bot.account() == account) {
            let own = bot.ledger().position().qty.0;
            lots[usize::from(hedged && own < 0)] -= own;
        }
        Some(lots)
    }

    /// The venue loses a stop, and says nothing.
    fn lose_stop(&mut self, account: AccountId, key: Key) {
        let stops = self.front.venue().account(account).open_orders();
        let stops: Vec<(OrderId, PositionSide)> = stops
            .filter(|order| order.id.leg == Leg::Stop && !is_foreign(order.id))
            .map(|order| (order.id, order.position_side))
            .collect();
        if stops.is_empty() {
            return;
        }
        let Some(mut rng) = self.fates.strike(self.now, Fault::Vanished, key) else { return };
        let (id, side) = stops[usize::try_from(rng.below(stops.len() as u64)).expect("few")];
        self.front.lose(account, id);
        self.hands.losing.insert((account, id.bot), (side, 0));
        self.fates.trace(self.now, || format!("the venue loses {id}"));
    }

    /// One more second: what was filled by hand, and whose stop is lost and still missed.
    pub(crate) fn see_hands(&mut self) {
        if self.company.attended == Attended::Never {
            return;
        }
        let World { hands, front, now, unattended_until, .. } = self;
        for (account, left) in &mut hands.apart {
            let mends = *now >= *unattended_until && front.answers(*now, *account);
            let passed = if mends { Interval::SECOND.0 } else { 0 };
            *left = Interval((left.0 - passed).max(0));
        }
        let open: Vec<AccountId> = hands.open.keys().copied().collect();
        open.into_iter().for_each(|account| self.see_fills(account));
        let World { hands, front, sharers, now, unattended_until, .. } = self;
        let Hands { losing, lost_s, .. } = hands;
        losing.retain(|(account, bot), (side, seconds)| {
            let held = front.venue().account(*account);
            let holds = match *account {
                SHARED => sharers.holds(*bot, *side),
                _ => held.position(*side).qty.0 != 0,
            };
            let is_stop = |order: &venue::RestingOrder| {
                let id = order.id;
                id.leg == Leg::Stop && id.bot == *bot && order.position_side == *side
            };
            let stands = holds && !held.open_orders().any(is_stop);
            *seconds += u64::from(*now >= *unattended_until);
            *lost_s = if stands { (*lost_s).max(*seconds) } else { *lost_s };
            stands
        });
    }

    /// Whether a persona's position must have its stop now: the venue answers, and it is nobody else's doing. An entry that
    /// fills while nobody is there brings its stop along.
    pub(crate) fn must_protect(&self, account: AccountId) -> bool {
        self.front.answers(self.now, account) && !self.hands.is_apart(account)
    }

    /// A stranger asks for what cannot be.
    fn talk_nonsense(&mut self, minute: u32) {
        let key = Key::Minute(Target::Account(STRANGERS[0].0), minute);
        let Some(mut rng) = self.fates.strike(self.now, Fault::Nonsense, key) else { return };
        if self.last_price().0 <= 0 {
            return;
        }
        let all = RejectReason::ALL;
        let reason = all[usize::try_from(rng.below(all.len() as u64)).expect("few")];
        match reason {
            RejectReason::DuplicateId => {
                let id = self.hands.id(STRANGER);
                for _ in 0..2 {
                    let order = plain(id, Side::Buy, PositionSide::Net, 1, OrderKind::Market);
                    self.submit(STRANGERS[0], Request::Place(order));
                }
            }
            RejectReason::UnknownOrder => {
                let id = self.hands.id(STRANGER);
                self.submit(STRANGERS[0], Request::Cancel(id));
            }
            RejectReason::TooManyOrders => self.crowd(),
            _ => {
                let (account, order) = self.nonsense(reason);
                self.submit(account, Request::Place(order));
            }
        }
    }

    /// More orders than may rest, and all of them back.
    fn crowd(&mut self) {
        let price = Price(self.last_price().0 * 9 / 10);
        let kind = OrderKind::Limit { price, tif: TimeInForce::GoodTillCancelled };
        let ids: Vec<OrderId> = (0..MANY).map(|_| self.hands.id(STRANGER)).collect();
        for id in &ids {
            self.submit(STRANGERS[0], Request::Place(plain(*id, Side::Buy, PositionSide::Net, 1, kind)));
        }
        ids.into_iter().for_each(|id| self.submit(STRANGERS[0], Request::Cancel(id)));
    }

    /// An order that is refused for this reason, and on whose account.
    fn nonsense(&mut self, reason: RejectReason) -> (AccountId, OrderRequest) {
        let (id, price) = (self.hands.id(STRANGER), self.last_price());
        let [net, hedged, empty] = STRANGERS;
        let order = |lots, kind| plain(id, Side::Buy, PositionSide::Net, lots, kind);
        let limit = |price, tif| OrderKind::Limit { price, tif };
        let market = order(1, OrderKind::Market);
        let far = Price(price.0 / 2);
        let no_targets = [Rung::default(); TARGETS_MAX];
        match reason {
            RejectReason::QuantityTooSmall => (net, order(0, OrderKind::Market)),
            RejectReason::NotionalTooSmall => {
                (net, order(1, limit(Price(1), TimeInForce::GoodTillCancelled)))
            }
            RejectReason::PositionTooLarge => (net, order(i64::MAX / 4, OrderKind::Market)),
            RejectReason::PriceNotPositive => {
                (net, order(1, limit(Price(0), TimeInForce::GoodTillCancelled)))
            }
            RejectReason::InsufficientMargin => (net, order(17_000, OrderKind::Market)),
            RejectReason::LeverageTooHigh => (net, order(200_000, OrderKind::Market)),
            RejectReason::WouldTake => (net, order(1, limit(Price(price.0 * 2), TimeInForce::PostOnly))),
            RejectReason::CannotFillAll => (net, order(1, limit(far, TimeInForce::FillOrKill))),
            RejectReason::WouldTrigger => (net, order(1, OrderKind::StopMarket { trigger: far })),
            RejectReason::NothingToReduce => (
                hedged,
                OrderRequest {
                    reduce_only: true,
                    side: Side::Sell,
                    position_side: PositionSide::Long,
                    ..market
                },
            ),
            RejectReason::WrongPositionSide => {
                (net, OrderRequest { position_side: PositionSide::Long, ..market })
            }
            RejectReason::WrongSideForPosition => {
                (hedged, OrderRequest { position_side: PositionSide::Short, ..market })
            }
            RejectReason::BadBracket => {
                let bracket = Some(Bracket { stop: Price(price.0 * 2), targets: no_targets });
                (net, OrderRequest { bracket, ..market })
            }
            _ => (empty, market),
        }
    }
}
