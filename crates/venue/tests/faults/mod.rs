//! A venue that seizes and deleverages on demand, in any market, with any orders: books balance, positions never flip,
//! and the reports tell all of it.

use crate::random::{BOT, Exits, Listener, Plan, before_bar, instrument, plan, shared_plan};
use crate::{check_account, hash_of, sides};
use model::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use venue::margin::MarginSchedule;
use venue::{Entry, MarkPath, Venue};

/// What the venue does of its own accord before a bar.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Seize,
    /// Lots of a line at a distance in ticks from the last price.
    Deleverage {
        short: bool,
        lots: i64,
        ticks: i64,
    },
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        1 => Just(Fault::Seize),
        6 => (any::<bool>(), 0_i64..3_000, -300_i64..300)
            .prop_map(|(short, lots, ticks)| Fault::Deleverage { short, lots, ticks }),
    ]
}

fn faults() -> impl Strategy<Value = Vec<Option<Fault>>> {
    proptest::collection::vec(proptest::option::weighted(0.3, fault()), 60)
}

/// How often the faults found something to do.
#[derive(Default)]
struct Struck {
    seized: usize,
    part: usize,
    whole: usize,
    in_debt: usize,
    legs_cut: usize,
}

fn strike(
    venue: &mut Venue,
    listener: &mut Listener,
    now: Time,
    last: Price,
    fault: Fault,
    struck: &mut Struck,
) {
    let id = BOT.own_account();
    let before = venue.account(id).clone();
    let quiet_hash = hash_of(venue);
    let heard = listener.heard.len();
    let touched = match fault {
        Fault::Seize => {
            venue.seize(now, id);
            let sides = sides(before.mode().position);
            assert!(sides.iter().all(|side| venue.account(id).position(*side).is_flat()), "nothing is left");
            sides.iter().any(|side| !before.position(*side).is_flat())
        }
        Fault::Deleverage { short, lots, ticks } => {
            let side = match before.mode().position {
                PositionMode::OneWay => PositionSide::Net,
                PositionMode::Hedge if short => PositionSide::Short,
                PositionMode::Hedge => PositionSide::Long,
            };
            let price = Price((last.0 + ticks).max(1));
            let held = before.position(side).qty;
            let closed = venue.deleverage(now, id, side, Qty(lots), price);
            let left = venue.account(id).position(side).qty;
            assert_eq!(left.0, held.0 - held.0.signum() * closed.0, "what it says is what it closed");
            assert_eq!(venue.account(id).fees_paid(), before.fees_paid(), "nobody pays for it");
            let wanted = held.0.abs().min(lots);
            assert!(closed.0 == wanted || closed.0 == 0, "as much as there is, or nothing");
            struck.in_debt += usize::from(closed.0 < wanted);
            struck.part += usize::from(closed.0 > 0 && left.0 != 0);
            struck.whole += usize::from(closed.0 > 0 && left.0 == 0);
            closed.0 > 0
        }
    };
    if !touched {
        assert_eq!(hash_of(venue), quiet_hash, "who holds nothing, or cannot pay, is left alone");
    }
    listener.listen(venue);
    check_account(venue);
    check_said(&listener.heard[heard..], fault, touched, struck);
    check_seizure(&listener.heard[heard..], venue.mark());
    if touched {
        check_guard(venue);
    }
}

/// The fault's own report and what it ends: of nothing else is spoken.
fn check_said(said: &[(Time, Report)], fault: Fault, touched: bool, struck: &mut Struck) {
    assert_eq!(!said.is_empty(), touched);
    for (_, report) in said {
        match (fault, report) {
            (Fault::Seize, Report::Liquidated { .. }) => struck.seized += 1,
            (Fault::Seize, Report::Cancelled { reason: CancelReason::Liquidated, .. }) => {}
            (Fault::Deleverage { .. }, Report::Deleveraged { .. }) => {}
            (Fault::Deleverage { .. }, Report::Cancelled { reason: CancelReason::PositionClosed, .. }) => {
                struck.legs_cut += 1;
            }
            other => panic!("not of this fault: {other:?}"),
        }
    }
}

/// What is seized is closed at the mark, rounded to a tick against it.
fn check_seizure(said: &[(Time, Report)], mark: Mark) {
    let taken = said.iter().find_map(|(_, report)| match report {
        Report::Liquidated { qty, price, .. } => Some((*qty, *price)),
        _ => None,
    });
    let Some((qty, price)) = taken else { return };
    let off = instrument().mark_of(price) - mark;
    assert!(off.0.abs() < instrument().mark_per_tick(), "a tick beside the mark at most");
    assert!(off.0 * qty.0.signum() >= 0, "a long is sold below the mark, a short bought back above it");
}

/// The levels kept after a fault are those of what is left, seen from the venue's mark.
fn check_guard(venue: &Venue) {
    let account = venue.account(BOT.own_account());
    let schedule = MarginSchedule::new(&instrument());
    let all = [*account.position(PositionSide::Long), *account.position(PositionSide::Short)];
    for side in sides(account.mode().position) {
        let line = crate::random::line(*side);
        let (backing, legs) = match account.mode().margin {
            MarginMode::Cross => (account.books().balance(Entry::Wallet), &all[..]),
            MarginMode::Isolated => (account.books().balance(Entry::Pool(line)), &all[line..=line]),
        };
        let levels = schedule.liquidation_levels(backing, legs, venue.mark());
        assert_eq!(account.liquidation_levels(*side), levels);
    }
}

/// Runs a plan with faults before its bars. A bar called quiet must change nothing: bounds follow every fault.
fn run_with_faults(plan: &Plan, faults: &[Option<Fault>], struck: &mut Struck) {
    let mut venue = Venue::new(instrument());
    venue.open_account(plan.settings);
    let mut listener = Listener::new(plan);
    let bars = plan.bars.as_bars();
    assert!(faults.len() >= bars.len(), "a fault or none before every bar");
    for (i, fault) in (0..bars.len()).zip(faults) {
        before_bar(plan, &mut venue, i);
        listener.listen(&mut venue);
        if i > 0
            && let Some(fault) = *fault
        {
            strike(&mut venue, &mut listener, bars.open_time[i], bars.close[i - 1], fault, struck);
        }
        let (high, low) = ([plan.marks[i].high], [plan.marks[i].low]);
        let quiet = venue.quiet(bars.slice(i, i + 1), MarkPath::Bars { high: &high, low: &low }) == 1;
        let mut passed = venue.clone();
        venue.step(&bars.get(i), bars.interval, plan.marks[i]);
        if quiet {
            passed.pass(bars.close[i], plan.marks[i].close, bars.close_time(i));
            assert_eq!(hash_of(&passed), hash_of(&venue), "nothing happens in a quiet bar");
        }
        listener.listen(&mut venue);
        check_account(&venue);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_venue_at_fault_still_keeps_its_books(plan in plan(Exits::Bare), faults in faults()) {
        run_with_faults(&plan, &faults, &mut Struck::default());
    }

    #[test]
    fn a_venue_at_fault_with_brackets_everywhere(plan in plan(Exits::Bracket), faults in faults()) {
        run_with_faults(&plan, &faults, &mut Struck::default());
    }

    #[test]
    fn a_venue_at_fault_on_a_shared_account(plan in shared_plan(Exits::Bare, 3), faults in faults()) {
        run_with_faults(&plan, &faults, &mut Struck::default());
    }
}

/// The faults must strike, or the properties prove nothing.
#[test]
fn the_random_faults_find_something_to_break() {
    let mut runner = TestRunner::deterministic();
    let strategy = (plan(Exits::Bare), faults());
    let mut struck = Struck::default();
    for _ in 0..300 {
        let (plan, faults) = strategy.new_tree(&mut runner).expect("a plan").current();
        run_with_faults(&plan, &faults, &mut struck);
    }
    let Struck { seized, part, whole, in_debt, legs_cut } = struck;
    assert!(seized > 30 && part > 50 && whole > 50, "{seized} seized, {part} in part, {whole} whole");
    assert!(in_debt > 5 && legs_cut > 20, "{in_debt} would have been left in debt, {legs_cut} legs cut");
}
