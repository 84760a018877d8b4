//! Random markets, accounts and orders for the property tests, and an independent ledger that listens to reports.

use model::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use venue::{Account, AccountSettings, MarkBar, Models, Role, Venue};

/// The one bot of these tests, or the first of several that share its account.
pub const BOT: BotId = BotId(3);

/// One bar of a random market and what is ordered before it.
#[derive(Clone, Debug)]
pub struct Beat {
    moves: (i64, i64, i64, i64),
    volume: i64,
    basis: i64,
    /// Funding settled before the bar, in units of 1e-6.
    pub funding: Option<i64>,
    orders: Vec<Wish>,
}

/// An order still relative to the price of its moment.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Whose, of the bots of the account.
    bot: u16,
    kind: u8,
    side: Side,
    /// The short position of a hedge, not the long one.
    short: bool,
    qty: i64,
    near: i64,
    far: i64,
    group: Option<u32>,
    exits: Exits,
}

/// What an entry carries, where it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exits {
    /// A bracket.
    Bracket,
    /// Nothing.
    Bare,
}

/// A whole random run, worked out.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How the account is opened.
    pub settings: AccountSettings,
    /// The market.
    pub bars: BarColumns,
    /// Its marks.
    pub marks: Vec<MarkBar>,
    /// What is sent before each bar.
    pub requests: Vec<Vec<Request>>,
    /// Funding settled before each bar.
    pub funding: Vec<Option<Rate>>,
}

/// A coin with cheap prices, jumping tiers, a rebate for makers and a dear forced close.
pub fn instrument() -> Instrument {
    let tier = |usdt: i64, bps: i64, leverage_max| MarginTier {
        notional_max: Usd(usdt * Usd::ONE.0),
        maintenance: Rate::bps(bps),
        deduction: Usd::ZERO,
        leverage_max,
    };
    Instrument {
        symbol: "RANDOM".to_owned(),
        tick: Step::decimal(0),
        lot: Step::decimal(3),
        qty_min: Qty(2),
        notional_min: Usd(5 * Usd::ONE.0),
        fees: FeeSchedule { maker: Rate::bps(-1), taker: Rate::bps(6), liquidation: Rate::bps(13) },
        tiers: vec![tier(1_000, 50, 50), tier(3_000, 150, 30), tier(10_000, 400, 12), tier(60_000, 900, 5)],
        funding_interval: Interval(8 * Interval::HOUR.0),
        leverage_max: 50,
    }
}

fn wish(always: Exits, bots: u16) -> impl Strategy<Value = Wish> {
    let shape = (0_u8..14, any::<bool>(), any::<bool>());
    let size = (1_i64..4_000, -40_i64..40, 1_i64..80, proptest::option::weighted(0.2, 0_u32..3));
    (0..bots, shape, size).prop_map(move |(bot, (kind, buy, short), (qty, near, far, group))| Wish {
        bot,
        kind,
        side: if buy { Side::Buy } else { Side::Sell },
        short,
        qty,
        near,
        far,
        group,
        exits: if always == Exits::Bracket || far % 2 == 0 { Exits::Bracket } else { Exits::Bare },
    })
}

fn beat(always: Exits, bots: u16) -> impl Strategy<Value = Beat> {
    let moves = (-25_i64..25, 0_i64..60, 0_i64..60, 0_i64..=100);
    let funding = proptest::option::weighted(0.15, -3_000_i64..3_000);
    let orders = proptest::collection::vec(wish(always, bots), 0..3);
    (moves, 0_i64..30, -8_i64..8, funding, orders).prop_map(|(moves, volume, basis, funding, orders)| Beat {
        moves,
        volume,
        basis,
        funding,
        orders,
    })
}

fn settings() -> impl Strategy<Value = AccountSettings> {
    let mode = (any::<bool>(), any::<bool>(), 1_u16..=30);
    let models = (0_i64..30, 0_i64..130, proptest::option::weighted(0.4, 500_i64..5_000));
    (mode, models, 50_i64..4_000).prop_map(|((hedge, isolated, leverage), (slip, latency, part), balance)| {
        AccountSettings {
            id: BOT.own_account(),
            mode: AccountMode {
                position: if hedge { PositionMode::Hedge } else { PositionMode::OneWay },
                margin: if isolated { MarginMode::Isolated } else { MarginMode::Cross },
                leverage,
            },
            balance: Usd(balance * Usd::ONE.0),
            models: Models {
                slippage: Rate::bps((slip - 15).max(0)),
                latency: Interval((latency - 60).max(0) * 1_000),
                participation: part.map(Rate::bps),
            },
        }
    })
}

/// Any account in any market with any orders; with `Exits::Bracket`, every entry carries one that may.
pub fn plan(always: Exits) -> impl Strategy<Value = Plan> {
    plan_of(settings(), always, 1)
}

/// The same for one hedge account that several bots share.
pub fn shared_plan(always: Exits, bots: u16) -> impl Strategy<Value = Plan> {
    let hedged = settings().prop_map(|mut settings| {
        settings.mode.position = PositionMode::Hedge;
        settings.balance += settings.balance;
        settings
    });
    plan_of(hedged, always, bots)
}

fn plan_of(
    settings: impl Strategy<Value = AccountSettings>,
    always: Exits,
    bots: u16,
) -> impl Strategy<Value = Plan> {
    (settings, proptest::collection::vec(beat(always, bots), 1..60)).prop_map(move |(settings, beats)| {
        let instrument = instrument();
        let mut plan = Plan {
            settings,
            bars: BarColumns::new(Interval::MINUTE),
            marks: vec![],
            requests: vec![],
            funding: vec![],
        };
        let mut last = 1_000_i64;
        // Bots that share an account count alike.
        let mut decisions = vec![0_u32; usize::from(bots)];
        for (index, beat) in beats.iter().enumerate() {
            let requests = beat.orders.iter().map(|wish| {
                let decision = &mut decisions[usize::from(wish.bot)];
                *decision += 1;
                request(wish, &settings, *decision, last)
            });
            plan.requests.push(requests.collect());
            plan.funding.push(beat.funding.map(|millionths| Rate(millionths * 1_000_000)));
            let (gap, up, down, at) = beat.moves;
            let open = (last + if gap.abs() > 20 { gap * 4 } else { gap / 8 }).clamp(200, 5_000);
            let (high, low) = (open + up, open - down);
            let close = low + (high - low) * at / 100;
            let bar = Bar {
                open_time: Time(index as i64 * Interval::MINUTE.0),
                open: Price(open),
                high: Price(high),
                low: Price(low),
                close: Price(close),
                volume: beat.volume as f64,
            };
            plan.marks.push(MarkBar::from_basis(
                instrument.mark_per_tick(),
                &bar,
                Mark(beat.basis * 3_333_333_333),
            ));
            plan.bars.push(bar);
            last = close;
        }
        plan
    })
}

fn request(wish: &Wish, settings: &AccountSettings, decision: u32, last: i64) -> Request {
    let id = OrderId { bot: BotId(BOT.0 + wish.bot), epoch: 1, decision, leg: Leg::Own };
    let back = OrderId { decision: decision.saturating_sub(1 + (wish.far % 4) as u32), ..id };
    let side = wish.side;
    let (price, ahead) = (Price((last + wish.near).max(1)), Price(last + side.sign() * wish.far));
    let behind = Price((last - side.sign() * wish.far).max(1));
    let limit = |tif| OrderKind::Limit { price, tif };
    let kind = match wish.kind {
        0..=2 => OrderKind::Market,
        3..=4 => limit(TimeInForce::GoodTillCancelled),
        5 => limit(TimeInForce::PostOnly),
        6 => limit(TimeInForce::ImmediateOrCancel),
        7 => limit(TimeInForce::FillOrKill),
        8 => OrderKind::StopMarket { trigger: ahead },
        9 => OrderKind::StopLimit { trigger: ahead, price: Price((ahead.0 + wish.near / 4).max(1)) },
        10 => OrderKind::TakeProfit { trigger: behind },
        11 => OrderKind::TrailingStop {
            activation: (wish.near > 0).then_some(behind),
            distance: Price(wish.far / 2),
        },
        12 => return Request::Cancel(back),
        _ => return Request::Amend { id: back.with_leg(Leg::Stop), price },
    };
    let opens = (side == Side::Buy) != wish.short;
    let (position_side, reduce_only) = match settings.mode.position {
        PositionMode::OneWay => (PositionSide::Net, wish.short && wish.near > 10),
        PositionMode::Hedge if wish.short => (PositionSide::Short, !opens),
        PositionMode::Hedge => (PositionSide::Long, !opens),
    };
    let bracket = (wish.exits == Exits::Bracket && !reduce_only).then(|| {
        let target =
            |rung: i64, qty| Target { price: Price(last + side.sign() * wish.far * rung), qty: Qty(qty) };
        let mut targets = [Target::default(); TARGETS_MAX];
        if wish.qty > 10 {
            targets[0] = target(1, wish.qty / 3);
            targets[1] = target(2, wish.qty / 4);
        }
        Bracket { stop: Price((last - side.sign() * (wish.far + 41)).max(1)), targets }
    });
    let one_cancels_other = wish.group;
    let qty = Qty(wish.qty);
    Request::Place(OrderRequest {
        id,
        side,
        position_side,
        qty,
        kind,
        reduce_only,
        bracket,
        one_cancels_other,
    })
}

/// A ledger that knows only what the reports said.
pub struct Listener {
    /// Realised money.
    pub balance: Usd,
    /// Net or long, and short.
    pub positions: [Position; 2],
    /// Everything heard, in order.
    pub heard: Vec<(Time, Report)>,
    instrument: Instrument,
    reducing: Vec<OrderId>,
    /// Decisions whose entry carries a bracket.
    bracketed: BTreeSet<OrderId>,
    /// What its own orders have left of what a decision opened, since its line was last flat.
    left: BTreeMap<OrderId, (PositionSide, i64)>,
    /// Decisions whose stop went off.
    stopped: BTreeSet<OrderId>,
    /// Stops that filled to the end for less than their decision had left: the line held no more.
    pub clipped: usize,
}

impl Listener {
    /// Before anything was said.
    pub fn new(plan: &Plan) -> Listener {
        let orders = plan.requests.iter().flatten().filter_map(|request| match request {
            Request::Place(order) => Some(order),
            _ => None,
        });
        let reducing = orders.clone().filter(|order| order.reduce_only).map(|order| order.id);
        let bracketed = orders.filter(|order| order.bracket.is_some()).map(|order| order.id);
        Listener {
            balance: plan.settings.balance,
            positions: [Position::FLAT; 2],
            heard: vec![],
            instrument: instrument(),
            reducing: reducing.collect(),
            bracketed: bracketed.collect(),
            left: BTreeMap::new(),
            stopped: BTreeSet::new(),
            clipped: 0,
        }
    }

    /// Takes what the venue has to say and holds it against the account.
    pub fn listen(&mut self, venue: &mut Venue) {
        while let Some((at, account, report)) = venue.poll() {
            assert_eq!(account, BOT.own_account());
            assert!(self.heard.last().is_none_or(|(before, _)| *before <= at), "time does not run back");
            self.heard.push((at, report));
            match report {
                Report::Filled(fill) => {
                    self.attribute(&fill);
                    let held = self.apply(fill.position_side, fill.qty, fill.price);
                    self.balance -= fill.fee;
                    if fill.id.leg != Leg::Own || self.reducing.contains(&fill.id) {
                        let now = self.positions[line(fill.position_side)].qty;
                        assert!(now.abs() < held.abs() && now.0 * held.0 >= 0, "reduce-only only reduces");
                    }
                }
                Report::Liquidated { position_side, qty, price, fee, settlement } => {
                    self.apply(position_side, qty, price);
                    self.balance += settlement - fee;
                    assert!(self.positions[line(position_side)].is_flat());
                }
                Report::Deleveraged { position_side, qty, price } => {
                    let held = self.apply(position_side, qty, price);
                    let now = self.positions[line(position_side)].qty;
                    assert!(
                        now.abs() < held.abs() && now.0 * held.0 >= 0,
                        "nobody is deleveraged beyond flat"
                    );
                }
                Report::Triggered { id } if id.leg == Leg::Stop => {
                    self.stopped.insert(id.with_leg(Leg::Own));
                }
                Report::Funding { position_side, position, amount, .. } => {
                    assert_eq!(position, self.positions[line(position_side)].qty);
                    self.balance += amount;
                }
                _ => {}
            }
        }
        let account = venue.account(BOT.own_account());
        assert!(venue.balanced());
        assert_eq!(account.wallet(), self.balance, "the reports tell every posting");
        assert_eq!(*account.position(PositionSide::Long), self.positions[0]);
        assert_eq!(*account.position(PositionSide::Short), self.positions[1]);
        if account.mode().position == PositionMode::Hedge {
            self.check_legs(account);
        }
    }

    /// Books a fill with the decision it belongs to; one that only closes what others opened has nothing.
    fn attribute(&mut self, fill: &Fill) {
        let (decision, side) = (fill.id.with_leg(Leg::Own), fill.position_side);
        let opened = if side == PositionSide::Short { -fill.qty.0 } else { fill.qty.0 };
        if opened > 0 {
            self.left.entry(decision).or_insert((side, 0)).1 += opened;
        } else if let Some((_, left)) = self.left.get_mut(&decision) {
            *left += opened;
            let ended = fill.id.leg == Leg::Stop && fill.remaining.0 == 0;
            self.clipped += usize::from(ended && *left > 0);
        }
    }

    /// In hedge mode the stop of a decision covers what its own orders have left of it, whatever others did.
    fn check_legs(&self, account: &Account) {
        for (decision, (_, left)) in &self.left {
            assert!(*left >= 0, "nobody's exits take more than his entry opened: {decision}");
            let mut stops = account.open_orders().filter(|order| order.role == Role::BracketStop);
            let stop = stops.find(|order| order.id.with_leg(Leg::Own) == *decision);
            let covered = stop.map_or(0, |stop| stop.remaining.0);
            if self.stopped.contains(decision) {
                // What went off was clipped to the line.
                assert!(covered <= *left, "{decision} covers {covered} of {left}");
            } else if self.bracketed.contains(decision) {
                assert_eq!(covered, *left, "{decision}");
            } else {
                assert_eq!(stop, None);
            }
        }
        for leg in account.open_orders().filter(|order| order.role != Role::Own) {
            assert!(self.left.contains_key(&leg.id.with_leg(Leg::Own)), "no legs without lots: {}", leg.id);
        }
    }

    fn apply(&mut self, side: PositionSide, qty: Qty, price: Price) -> Qty {
        let position = &mut self.positions[line(side)];
        let held = position.qty;
        self.balance += self.instrument.usd(position.fill(qty, price).profit);
        if position.is_flat() {
            self.left.retain(|_, (opened, _)| *opened != side);
        }
        held
    }
}

/// Index of a side's position.
pub fn line(side: PositionSide) -> usize {
    usize::from(side == PositionSide::Short)
}

/// Runs a plan bar by bar, calling `look` after each.
pub fn run_naive(plan: &Plan, mut look: impl FnMut(&Venue, usize)) -> (Venue, Listener) {
    let mut venue = Venue::new(instrument());
    venue.open_account(plan.settings);
    let mut listener = Listener::new(plan);
    let bars = plan.bars.as_bars();
    for i in 0..bars.len() {
        before_bar(plan, &mut venue, i);
        venue.step(&bars.get(i), bars.interval, plan.marks[i]);
        listener.listen(&mut venue);
        look(&venue, i);
    }
    (venue, listener)
}

/// Sends and settles what belongs before a bar.
pub fn before_bar(plan: &Plan, venue: &mut Venue, i: usize) {
    let now = plan.bars.open_time[i];
    if let Some(rate) = plan.funding[i] {
        venue.settle_funding(now, plan.marks[i].open, rate);
    }
    for request in &plan.requests[i] {
        venue.submit(now, BOT.own_account(), *request);
    }
}
