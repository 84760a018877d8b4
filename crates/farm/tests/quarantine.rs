//! An input that breaks the farm: at the second start it is left out, and its bot opens nothing more.

#![allow(missing_docs, reason = "tests say what they hold")]

use farm::journal::{JournalError, Keeper, Origin, Pen, replay, survey};
use farm::{Character, Clocks, FromVenue, Recruit, Right, Seat};
use model::{
    AccountId, BotId, Fill, Instrument, Interval, Leg, Liquidity, OrderId, PositionSide, Price, Qty, Report,
    Time, Usd,
};
use risk::Rules;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

/// A file that outlives its process.
#[derive(Clone, Default)]
struct File(Rc<RefCell<Vec<u8>>>);

impl Keeper for File {
    fn keep(&mut self, bytes: &[u8]) {
        self.0.borrow_mut().extend(bytes);
    }

    fn sync(&mut self) {}
}

const START: Time = Time(1_735_689_600_000);
const NOW: Clocks = Clocks { mono: Time(0), wall: START };
const BROKEN: AccountId = AccountId(1);

fn origin() -> Origin {
    let recruit = |bot| {
        let profile = persona::catalogue::profile("strategic").expect("listed").expect("valid");
        Recruit::alone(BotId(bot), Character::Twin(Box::new(profile)), Usd(10_000 * Usd::ONE.0), 1)
    };
    Origin {
        instrument: Instrument::btcusdt(),
        interval: Interval::MINUTE,
        sky: cosmos::Sky::none(),
        recruits: vec![recruit(0), recruit(1)],
        accounts: Vec::new(),
        rules: Rules::NONE,
    }
}

fn said(number: u64, qty: i64, price: i64) -> FromVenue {
    let fill = Fill {
        id: OrderId { bot: BotId(1), epoch: 0, decision: 1, leg: Leg::Own },
        position_side: PositionSide::Net,
        qty: Qty(qty),
        price: Price(price),
        fee: Usd::ZERO,
        liquidity: Liquidity::Taker,
        remaining: Qty::ZERO,
    };
    FromVenue::Report { account: BROKEN, number, at: START, report: Report::Filled(fill) }
}

/// So many lots at such a price are absurd, and can be borne.
const LOTS: i64 = 100_000_000_000;
const HIGH: i64 = 10_000_000_000;

/// Sold for next to nothing they are a loss that no sum of money holds.
fn poison(number: u64) -> FromVenue {
    said(number, -LOTS, 1)
}

/// A farm that bears what is absurd.
fn begun(file: &File) -> Seat<File> {
    let mut seat = Seat::begin(file.clone(), &origin(), NOW, Right::Sole).expect("a farm");
    seat.open(NOW, START, Price(400_000));
    seat.hear(NOW, said(1, LOTS, HIGH));
    live(&mut seat);
    seat
}

fn rise(file: &File) -> Result<Seat<File>, JournalError> {
    let bytes = file.0.borrow().clone();
    Seat::rise(&bytes, NOW, Right::Sole, |kept| {
        file.0.borrow_mut().truncate(usize::try_from(kept).expect("a small file"));
        file.clone()
    })
}

fn dies<T>(act: impl FnOnce() -> T) -> bool {
    catch_unwind(AssertUnwindSafe(act)).is_err()
}

fn live(seat: &mut Seat<File>) {
    seat.think(NOW);
    seat.act(NOW);
}

#[test]
fn what_breaks_it_twice_is_left_out_and_its_bot_opens_nothing_more() {
    let file = File::default();
    let mut seat = begun(&file);
    assert!(dies(|| {
        seat.hear(NOW, poison(2));
        live(&mut seat);
    }));
    drop(seat);
    assert!(dies(|| rise(&file)), "the start lives through it again");
    let mut seat = rise(&file).expect("the second start leaves it out");
    live(&mut seat);
    let status = |seat: &Seat<File>| [0, 1].map(|bot| seat.farm().bots()[bot].status().name());
    assert_eq!(status(&seat), ["trading", "reduce-only"]);
    assert_eq!(seat.desk().heard(BROKEN), 2, "it is not asked for again");
    // What follows is heard, and another start is no attempt to live through it again.
    seat.hear(NOW, said(3, 5, HIGH));
    live(&mut seat);
    let hash = seat.farm().state_hash();
    drop(seat);
    let seat = rise(&file).expect("nothing breaks it any more");
    assert_eq!((seat.farm().state_hash(), status(&seat)), (hash, ["trading", "reduce-only"]));
    let whole = replay(&file.0.borrow()[..]).expect("it can be replayed");
    assert_eq!(whole.farm.state_hash(), hash);
}

#[test]
fn a_start_that_is_cut_off_is_not_held_against_an_input_that_was_survived() {
    let file = File::default();
    drop(begun(&file));
    for _ in 0..3 {
        drop(rise(&file).expect("nothing is broken"));
    }
    let found = survey(&file.0.borrow()[..]).expect("whole");
    assert_eq!((found.skipped, found.unproven.map(|last| last.was_tried)), (vec![], None));
    assert_eq!(replay(&file.0.borrow()[..]).expect("whole").farm.bots()[1].ledger().fills(), 1);
}

#[test]
fn each_is_left_out_in_its_turn() {
    let file = File::default();
    let mut seat = begun(&file);
    for number in [2, 3] {
        assert!(dies(|| {
            seat.hear(NOW, poison(number));
            live(&mut seat);
        }));
        assert!(dies(|| rise(&file)));
        seat = rise(&file).expect("left out");
        live(&mut seat);
    }
    assert_eq!(survey(&file.0.borrow()[..]).expect("whole").skipped.len(), 2);
}

/// A machine that is killed over and over while it reads its journal has not met a culprit.
#[test]
fn only_an_input_that_a_start_came_to_is_accused() {
    let file = File::default();
    drop(begun(&file));
    let bytes = file.0.borrow().clone();
    let found = survey(&bytes).expect("whole").unproven.expect("nothing was written behind it");
    assert!(!found.was_tried && found.account == Some(BROKEN));
    let mut pen = Pen::resume(bytes, &survey(&file.0.borrow()[..]).expect("whole"));
    pen.attempt();
    let tried = survey(pen.keeper()).expect("whole").unproven.expect("a start died at it");
    assert!(tried.was_tried && tried.number == found.number);
    // Whoever writes down a farm, or goes on, has survived.
    pen.state(0);
    assert_eq!(survey(pen.keeper()).expect("whole").unproven, None);
}
