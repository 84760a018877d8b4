//! What must hold for any account, in any market, with any orders.

mod faults;
mod random;
mod shared;

use model::*;
use proptest::prelude::*;
use random::{BOT, Exits, Plan, before_bar, instrument, plan, run_naive};
use venue::margin::MarginSchedule;
use venue::{Entry, MarkBar, MarkPath, Models, RestingKind, Role, Venue};

fn sides(mode: PositionMode) -> &'static [PositionSide] {
    match mode {
        PositionMode::OneWay => &[PositionSide::Net],
        PositionMode::Hedge => &[PositionSide::Long, PositionSide::Short],
    }
}

/// Exits of a side: lots its bracket stops cover.
fn covered(venue: &Venue, side: PositionSide) -> Option<i64> {
    let stops = venue.account(BOT.own_account()).open_orders();
    let stops = stops.filter(|order| order.role == Role::BracketStop && order.position_side == side);
    stops.map(|order| order.remaining.0).reduce(|a, b| a + b)
}

fn check_account(venue: &Venue) {
    let account = venue.account(BOT.own_account());
    let frozen: i64 = account.open_orders().map(|order| order.frozen.0).sum();
    assert_eq!(frozen, account.frozen().0, "what is held back is held back for an order");
    let books = account.books();
    for (line, side) in [(0, PositionSide::Long), (1, PositionSide::Short)] {
        if account.position(side).is_flat() {
            assert_eq!(books.balance(Entry::Pool(line)), Usd::ZERO, "no position, no pool");
        }
    }
    if sides(account.mode().position).iter().all(|side| account.position(*side).is_flat()) {
        assert!(account.wallet().0 >= 0, "nobody owes the venue");
        assert_eq!(account.equity(venue.mark()), account.wallet());
    }
    for side in sides(account.mode().position) {
        let held = account.position(*side).qty.0;
        let one_way = account.mode().position == PositionMode::OneWay;
        if let Some(covered) = covered(venue, *side).filter(|_| one_way) {
            assert_eq!(covered, held.abs(), "stops cover exactly what is left");
        }
        for order in account.open_orders().filter(|order| order.position_side == *side) {
            assert!(order.remaining.0 > 0);
            assert!(!order.reduce_only || order.side.sign() * held < 0, "an exit that rests can exit");
        }
    }
    let rungs = account.open_orders().filter(|order| order.role == Role::BracketTarget);
    for rung in rungs {
        let same = |id: OrderId| id.with_leg(rung.id.leg) == rung.id;
        let stop = account.open_orders().find(|order| order.role == Role::BracketStop && same(order.id));
        let offered: i64 = account
            .open_orders()
            .filter(|order| order.role == Role::BracketTarget && same(order.id))
            .map(|order| order.remaining.0)
            .sum();
        assert!(stop.is_some_and(|stop| offered <= stop.remaining.0), "no ladder beyond its stop");
    }
}

/// The tier of a position at a mark: a notional a hair above a tier's bound is in the next one.
fn tier_at<'a>(i: &'a Instrument, leg: &Position, mark: Mark) -> &'a MarginTier {
    let lot = i.mark_lot_value();
    let exact = i128::from(leg.qty.0.abs()) * i128::from(mark.0) * lot.numerator;
    let notional = (exact + lot.denominator - 1) / lot.denominator;
    i.tier(Usd(i64::try_from(notional).expect("small")))
}

/// Equity less maintenance margin and closing fee at a mark, by the instrument's own rounded arithmetic.
fn excess(i: &Instrument, backing: Usd, legs: &[Position], mark: Mark) -> i64 {
    legs.iter().filter(|leg| !leg.is_flat()).fold(backing.0, |sum, leg| {
        let notional = i.notional_at_mark(leg.qty, mark).0;
        let tier = tier_at(i, leg, mark);
        let rate = i128::from(tier.maintenance.0 + i.fees.liquidation.0);
        let required = i128::from(notional.abs()) * rate / i128::from(Rate::ONE.0);
        sum + notional - i.usd(leg.cost).0 - i64::try_from(required).expect("small") + tier.deduction.0
    })
}

/// Holds a level against the arithmetic: lost there, safe one unit before, and just so unless a tier's edge is there.
fn check_level(i: &Instrument, backing: Usd, legs: &[Position], from: Mark, level: Mark, way: i64) {
    let schedule = MarginSchedule::new(i);
    assert!(schedule.liquidates(backing, legs, level));
    let at = excess(i, backing, legs, level);
    // Rounding to micros: two per leg and one for the requirement of each.
    let slack = 3 * legs.len() as i64;
    assert!(at <= slack, "not lost at its level: {at}");
    if level == from {
        return;
    }
    let before = Mark(level.0 - way);
    assert!(!schedule.liquidates(backing, legs, before), "lost before its level");
    assert!(excess(i, backing, legs, before) >= -slack);
    let jumps = legs.iter().any(|leg| tier_at(i, leg, level) != tier_at(i, leg, before));
    let lots: i128 = legs.iter().map(|leg| i128::from(leg.qty.0.abs())).sum();
    let unit = lots * i.mark_lot_value().numerator / i.mark_lot_value().denominator + 1;
    assert!(jumps || i128::from(at.abs()) <= unit + i128::from(slack), "equity is what is required: {at}");
    for part in 1..40 {
        let on_the_way = Mark(from.0 + (before.0 - from.0) / 40 * part);
        assert!(!schedule.liquidates(backing, legs, on_the_way), "a nearer level at {on_the_way:?}");
    }
}

fn check_levels_of(venue: &Venue, from: Mark) {
    let account = venue.account(BOT.own_account());
    let all = [*account.position(PositionSide::Long), *account.position(PositionSide::Short)];
    for side in sides(account.mode().position) {
        let line = random::line(*side);
        let (backing, legs) = match account.mode().margin {
            MarginMode::Cross => (account.books().balance(Entry::Wallet), &all[..]),
            MarginMode::Isolated => (account.books().balance(Entry::Pool(line)), &all[line..=line]),
        };
        let levels = account.liquidation_levels(*side);
        for (level, way) in [(levels.below, -1), (levels.above, 1)] {
            if let Some(level) = level {
                check_level(&instrument(), backing, legs, from, level, way);
            }
        }
    }
}

/// The marks in columns, for `quiet`.
fn columns(marks: &[MarkBar]) -> (Vec<Mark>, Vec<Mark>) {
    (marks.iter().map(|mark| mark.high).collect(), marks.iter().map(|mark| mark.low).collect())
}

/// Runs a plan in strides of at most `stride` bars, passing over what the venue calls quiet.
fn run_striding(plan: &Plan, stride: usize) -> (Venue, Vec<(Time, Report)>, usize) {
    let mut venue = Venue::new(instrument());
    venue.open_account(plan.settings);
    let bars = plan.bars.as_bars();
    let (high, low) = columns(&plan.marks);
    let (mut heard, mut passed, mut i) = (vec![], 0, 0);
    let mut begun = 0;
    while i < bars.len() {
        if begun == i {
            before_bar(plan, &mut venue, i);
            begun += 1;
        }
        let busy = |at: usize| !plan.requests[at].is_empty() || plan.funding[at].is_some();
        let to = (i + 1..bars.len()).find(|at| busy(*at)).unwrap_or(bars.len()).min(i + stride);
        let mark = MarkPath::Bars { high: &high[i..to], low: &low[i..to] };
        let n = venue.quiet(bars.slice(i, to), mark);
        if n > 0 {
            let last = i + n - 1;
            venue.pass(bars.close[last], plan.marks[last].close, bars.close_time(last));
        } else {
            venue.step(&bars.get(i), bars.interval, plan.marks[i]);
        }
        while let Some((at, _, report)) = venue.poll() {
            heard.push((at, report));
        }
        passed += n;
        i += n.max(1);
        begun = i.max(begun);
    }
    (venue, heard, passed)
}

fn hash_of(venue: &Venue) -> u64 {
    let mut hash = StateHash::default();
    venue.state_hash(&mut hash);
    hash.finish()
}

/// Several bots on one venue, each sending its own part of the plan; what each of them hears.
fn run_bots(plan: &Plan, bots: &[u16]) -> Vec<Vec<(Time, Report)>> {
    let mut venue = Venue::new(instrument());
    for bot in bots {
        venue.open_account(venue::AccountSettings { id: AccountId(*bot), ..plan.settings });
    }
    let bars = plan.bars.as_bars();
    let mut heard = vec![vec![]; bots.len()];
    let mut last = Time(i64::MIN);
    for i in 0..bars.len() {
        for bot in bots {
            for request in plan.requests[i].iter().filter(|_| i % (usize::from(*bot) + 1) == 0) {
                venue.submit(bars.open_time[i], AccountId(*bot), *request);
            }
        }
        venue.step(&bars.get(i), bars.interval, plan.marks[i]);
        while let Some((at, bot, report)) = venue.poll() {
            assert!(last <= at, "time does not run back");
            last = at;
            let index = bots.iter().position(|b| *b == bot.0).expect("a bot of this venue");
            heard[index].push((at, report));
        }
    }
    heard
}

fn held(fills: &[(i64, i64)]) -> Position {
    let mut position = Position::FLAT;
    for (qty, price) in fills {
        if *qty != 0 {
            position.fill(Qty(*qty), Price(*price));
        }
    }
    position
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_orders_in_any_market_conserve_money(plan in plan(Exits::Bare)) {
        run_naive(&plan, |venue, _| check_account(venue));
    }

    #[test]
    fn with_a_bracket_on_every_entry_no_position_is_bare(plan in plan(Exits::Bracket)) {
        run_naive(&plan, |venue, _| {
            check_account(venue);
            for side in sides(plan.settings.mode.position) {
                let held = venue.account(BOT.own_account()).position(*side).qty.0;
                let covered = covered(venue, *side).unwrap_or(0);
                match plan.settings.mode.position {
                    PositionMode::OneWay => assert_eq!(covered, held.abs(), "every lot has its stop"),
                    // A close leaves the legs of other decisions: they may cover more than is left.
                    PositionMode::Hedge => assert!(covered >= held.abs(), "every lot has its stop"),
                }
            }
        });
    }

    #[test]
    fn striding_over_quiet_bars_equals_walking_each(plan in plan(Exits::Bare), stride in 1_usize..70) {
        let (naive, listener) = run_naive(&plan, |_, _| {});
        let (striding, heard, _) = run_striding(&plan, stride);
        prop_assert_eq!(&heard, &listener.heard);
        prop_assert_eq!(hash_of(&naive), hash_of(&striding));
    }

    #[test]
    fn bots_on_one_venue_do_not_meet(plan in plan(Exits::Bare)) {
        let together = run_bots(&plan, &[0, 1, 2]);
        for bot in 0..3 {
            prop_assert_eq!(&run_bots(&plan, &[bot])[0], &together[usize::from(bot)]);
        }
    }

    #[test]
    fn levels_at_the_venue_are_where_equity_is_what_is_required(plan in plan(Exits::Bare)) {
        let mut plan = plan;
        // Nothing happens inside these bars: levels are seen from the price of the fill.
        plan.settings.models = Models::NONE;
        for i in 0..plan.bars.len() {
            let open = plan.bars.open[i];
            (plan.bars.high[i], plan.bars.low[i], plan.bars.close[i]) = (open, open, open);
            let mark = plan.marks[i].open;
            plan.marks[i] = MarkBar { open: mark, high: mark, low: mark, close: mark };
        }
        let mut filled_at = None;
        let mut fees = Usd::ZERO;
        run_naive(&plan, |venue, i| {
            let account = venue.account(BOT.own_account());
            if account.fees_paid() != fees || plan.funding[i].is_some() {
                filled_at = Some(plan.marks[i].open);
                fees = account.fees_paid();
            }
            if let Some(from) = filled_at {
                check_levels_of(venue, from);
            }
        });
    }

    #[test]
    fn a_liquidation_level_is_exact_and_the_nearest(
        long in proptest::collection::vec((-3_000_i64..3_000, 500_i64..2_000), 1..6),
        short in proptest::collection::vec((-3_000_i64..3_000, 500_i64..2_000), 0..3),
        backing in 0_i64..8_000_000_000,
        from in 300_i64..3_000,
    ) {
        let i = instrument();
        let legs = [held(&long), held(&short)];
        let from = Mark(from * 10_000_000_000 + 1_234_567);
        let schedule = MarginSchedule::new(&i);
        let levels = schedule.liquidation_levels(Usd(backing), &legs, from);
        for (level, way) in [(levels.below, -1), (levels.above, 1)] {
            match level {
                Some(level) => check_level(&i, Usd(backing), &legs, from, level, way),
                None => for part in 1..60 {
                    let mark = if way < 0 { from.0 / 60 * part } else { from.0 + from.0 / 6 * part };
                    prop_assert!(!schedule.liquidates(Usd(backing), &legs, Mark(mark)));
                },
            }
        }
    }

    #[test]
    fn splitting_a_trade_does_not_change_its_funding(
        parts in proptest::collection::vec(2_i64..500, 1..8),
        rate in -5_000_i64..5_000,
        price in 300_i64..3_000,
    ) {
        let total: i64 = parts.iter().sum();
        let rate = Rate(rate * 1_000_003);
        let whole = funded(&[total], price, rate);
        prop_assert_eq!(whole, funded(&parts, price, rate), "one account, one posting");
        // Accounts of their own round on their own: half a unit each and half for the whole.
        let apart: i64 = parts.iter().map(|part| funded(&[*part], price, rate).0).sum();
        prop_assert!((apart - whole.0).abs() <= parts.len().div_ceil(2) as i64 + 1);
    }
}

/// Funding received on a position bought in parts at one open.
fn funded(parts: &[i64], price: i64, rate: Rate) -> Usd {
    let plain = Instrument { notional_min: Usd::ZERO, ..instrument() };
    let mut venue = Venue::new(plain.clone());
    let mode = AccountMode { position: PositionMode::OneWay, margin: MarginMode::Cross, leverage: 1 };
    let balance = Usd(50_000 * Usd::ONE.0);
    venue.open_account(venue::AccountSettings { id: BOT.own_account(), mode, balance, models: Models::NONE });
    for (decision, part) in (1..).zip(parts) {
        let order = OrderRequest {
            id: OrderId { bot: BOT, epoch: 0, decision, leg: Leg::Own },
            side: Side::Buy,
            position_side: PositionSide::Net,
            qty: Qty(*part),
            kind: OrderKind::Market,
            reduce_only: false,
            bracket: None,
            one_cancels_other: None,
        };
        venue.submit(Time(0), BOT.own_account(), Request::Place(order));
    }
    let price = Price(price);
    let bar = Bar { open_time: Time(0), open: price, high: price, low: price, close: price, volume: 1.0 };
    venue.step(&bar, Interval::MINUTE, MarkBar::from_basis(plain.mark_per_tick(), &bar, Mark::ZERO));
    venue.settle_funding(Time(60_000), venue.mark(), rate);
    assert_eq!(venue.account(BOT.own_account()).position(PositionSide::Net).qty.0, parts.iter().sum::<i64>());
    venue.account(BOT.own_account()).funding_received()
}

/// The generator must reach what the properties are about, or they prove nothing.
#[test]
fn the_random_runs_see_every_kind_of_report() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let strategy = plan(Exits::Bare);
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    let (mut passed, mut bars, mut trailing) = (0, 0, 0);
    for _ in 0..300 {
        let plan = strategy.new_tree(&mut runner).expect("a plan").current();
        let (_, listener) = run_naive(&plan, |venue, _| {
            let live = |kind| matches!(kind, RestingKind::Trailing { watermark: Some(_), .. });
            trailing +=
                usize::from(venue.account(BOT.own_account()).open_orders().any(|order| live(order.kind)));
        });
        passed += run_striding(&plan, 256).2;
        bars += plan.bars.len();
        for (_, report) in listener.heard {
            let name = match report {
                Report::Rejected { reason, .. } => format!("Rejected {reason:?}"),
                Report::Cancelled { reason, .. } => format!("Cancelled {reason:?}"),
                Report::Filled(fill) => format!("Filled {:?}", fill.liquidity),
                other => format!("{other:?}").chars().take_while(|c| c.is_alphanumeric()).collect(),
            };
            *seen.entry(name).or_default() += 1;
        }
    }
    for name in [
        "Accepted",
        "Amended",
        "Triggered",
        "Funding",
        "Liquidated",
        "Filled Maker",
        "Filled Taker",
        "Cancelled Requested",
        "Cancelled Unfilled",
        "Cancelled PositionClosed",
        "Cancelled OtherFilled",
        "Cancelled Liquidated",
        "Cancelled InsufficientMargin",
        "Rejected InsufficientMargin",
        "Rejected LeverageTooHigh",
        "Rejected WouldTake",
        "Rejected CannotFillAll",
        "Rejected WouldTrigger",
        "Rejected NothingToReduce",
        "Rejected BadBracket",
        "Rejected UnknownOrder",
        "Rejected AccountClosed",
    ] {
        assert!(seen.get(name).is_some_and(|times| *times > 5), "{name} is rare: {seen:#?}");
    }
    assert!(passed * 20 > bars && trailing > 50, "{passed} of {bars} bars passed, {trailing} trailing");
}
