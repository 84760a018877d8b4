//! A journal in segments is the same life, wherever it was cut, and no segment can be taken away or exchanged unnoticed.

use super::frame::{self, Next};
use super::{
    Bound, JournalError, Keeper, Origin, Shelf, Unfit, opening, replay_from, replay_with, rise, survey,
};
use crate::lease::Clocks;
use crate::{Character, Farm, Recruit, Right, Seat};
use model::{
    AccountId, Bar, BotId, Command, CommandId, Fill, FromVenue, Instruction, Instrument, Interval, Leg,
    Liquidity, OrderId, PositionSide, Price, Qty, Report, Rng, Role, Scope, Time, Usd,
};

/// Segments of so many frames, or a few more.
#[derive(Debug)]
struct Pages {
    each: usize,
    kept: usize,
    segments: Vec<Vec<u8>>,
}

impl Keeper for Pages {
    fn keep(&mut self, bytes: &[u8]) {
        self.kept += 1;
        self.segments.last_mut().expect("one at least").extend(bytes);
    }

    fn sync(&mut self) {}

    fn is_full(&self) -> bool {
        self.kept >= self.each
    }

    fn turn(&mut self) {
        self.kept = 0;
        self.segments.push(Vec::new());
    }
}

const START: Time = Time(1_735_689_600_000);

fn origin() -> Origin {
    let recruit = |(bot, name)| {
        let profile = persona::catalogue::profile(name).expect("listed").expect("valid");
        Recruit::alone(BotId(bot), Character::Twin(Box::new(profile)), Usd(10_000 * Usd::ONE.0), 1)
    };
    Origin {
        instrument: Instrument::btcusdt(),
        interval: Interval::MINUTE,
        sky: cosmos::Sky::none(),
        recruits: [(0, "strategic"), (1, "aggressive")].map(recruit).into(),
        accounts: Vec::new(),
        rules: risk::Rules::NONE,
    }
}

/// Minutes, commands and fills from nowhere: everything that a journal remembers of what was told.
fn live(each: usize, seed: u64) -> (Farm, Vec<Vec<u8>>) {
    let clocks = |at: Time| Clocks { mono: Time((at - START).0), wall: at };
    let pages = Pages { each, kept: 0, segments: vec![Vec::new()] };
    let mut seat = Seat::begin(pages, &origin(), clocks(START), Right::Granted(3)).expect("a farm");
    seat.open(clocks(START), START, Price(400_000));
    let (mut rng, mut price, mut number) = (Rng::new(seed), 400_000, [0_u64; 2]);
    for minute in 0..600_i64 {
        let open_time = START + Interval::minutes(minute);
        let now = clocks(open_time + Interval::MINUTE);
        let close = price + rng.below(401) as i64 - 200;
        let (high, low) = (price.max(close) + 20, price.min(close) - 20);
        let bar = [price, high, low, close].map(Price);
        let [open, high, low, close_at] = bar;
        seat.see(now, Bar { open_time, open, high, low, close: close_at, volume: 10.0 });
        price = close;
        if rng.below(3) == 0 {
            let bot = rng.below(2) as usize;
            number[bot] += 1;
            let id =
                OrderId { bot: BotId(bot as u16), epoch: 3, decision: number[bot] as u32, leg: Leg::Own };
            let remaining = Qty(rng.below(2) as i64);
            let (qty, fee) = (Qty(if number[bot].is_multiple_of(2) { -2 } else { 2 }), Usd(1));
            let (position_side, liquidity, price) = (PositionSide::Net, Liquidity::Taker, Price(price));
            let fill = Fill { id, position_side, qty, price, fee, liquidity, remaining };
            let (account, number, at) = (AccountId(bot as u16), number[bot], now.wall);
            seat.hear(now, FromVenue::Report { account, number, at, report: Report::Filled(fill) });
        }
        if minute % 97 == 5 {
            let instruction = Instruction::Pause(Scope::Bot(BotId(1)));
            let (id, role) = (CommandId(minute as u64), Role::Admin);
            seat.command(now, Command { id, role, given_at: now.wall, instruction });
        }
        seat.think(now);
        let _nobody_answers = seat.act(now);
    }
    let farm = seat.farm().clone();
    (farm, seat.stand_up().1.segments)
}

#[test]
fn cut_into_segments_it_is_the_same_life() {
    let (farm, whole) = live(usize::MAX, 4);
    assert_eq!(whole.len(), 1);
    let said = survey(&whole[0]).expect("whole");
    let inputs = replay_with(&whole[0], |_| {}).expect("whole").inputs;
    for each in [60, 250] {
        let (cut, segments) = live(each, 4);
        assert!(segments.len() > 2, "{} segments", segments.len());
        assert_eq!(cut.state_hash(), farm.state_hash(), "how it is written down changes nothing");
        let shelf = Bound::new(0, segments.clone());
        let replayed = replay_with(&shelf, |_| {}).expect("whole");
        assert_eq!((replayed.farm.state_hash(), replayed.inputs), (farm.state_hash(), inputs));
        assert_eq!(replayed.snapshots.agreed, segments.len() as u64 - 1);
        let found = survey(&shelf).expect("whole");
        assert_eq!(
            (&found.told, found.epoch),
            (&said.told, said.epoch),
            "what was told is known from the last"
        );
        assert_eq!((found.frames, found.place.inputs), (replayed.frames, inputs));
        // By its last segment alone it rises; whatever is there, it is the same farm.
        for kept in 0..segments.len() {
            let shelf = Bound::new(kept as u32, segments[kept..].to_vec());
            assert_eq!(rise(&shelf).expect("it rises").farm.state_hash(), farm.state_hash());
            let replayed = replay_with(&shelf, |_| {}).expect("whole");
            assert_eq!((replayed.farm.state_hash(), replayed.inputs), (farm.state_hash(), inputs));
        }
    }
}

#[test]
fn no_segment_is_missed_exchanged_or_cut_short_unnoticed() {
    let ((_, segments), (_, others)) = (live(150, 4), live(150, 5));
    let last = segments.len() - 1;
    let refused = |segments: Vec<Vec<u8>>| {
        let shelf = Bound::new(0, segments);
        let rises = crate::journal::check_last_follows(&shelf).and_then(|()| rise(&shelf).map(|_| ()));
        (replay_with(&shelf, |_| {}).expect_err("it is noticed"), rises)
    };
    for missing in 1..last {
        let mut without = segments.clone();
        without.remove(missing);
        let (error, rises) = refused(without);
        assert!(matches!(error, JournalError::Exchanged { .. }), "{error}");
        assert!(matches!(rises, Err(JournalError::Exchanged { .. })), "{rises:?}");
    }
    for exchanged in 1..=last {
        let mut with = segments.clone();
        with[exchanged].clone_from(&others[exchanged]);
        let (error, rises) = refused(with);
        assert!(matches!(error, JournalError::Exchanged { .. }), "{error}");
        assert!(rises.is_err() || exchanged + 1 < last, "a start reads the last two");
    }
    for short in 0..last {
        let mut cut = segments.clone();
        cut[short].truncate(segments[short].len() - 1);
        let (error, rises) = refused(cut);
        assert!(matches!(error, JournalError::CutOff(at) if at == short as u32), "{error}");
        assert!(rises.is_err() || short + 1 < last, "a start reads the last two");
    }
    // The last may be torn, but not in how it begins: nobody acts before that is whole.
    let whole = survey(&Bound::new(0, segments.clone())).expect("whole");
    let mut torn = segments.clone();
    torn[last].truncate(segments[last].len() - 1);
    assert!(survey(&Bound::new(0, torn)).expect("torn").frames < whole.frames);
    let mut torn = segments;
    torn[last].truncate(30);
    assert!(survey(&Bound::new(0, torn)).is_err());
}

#[test]
fn a_snapshot_of_another_program_needs_the_segments_before() {
    let (_, mut segments) = live(150, 4);
    segments.truncate(2);
    let farm = rise(&Bound::new(0, segments.clone())).expect("whole").farm;
    written_by_another(&mut segments[1]);
    let risen = rise(&Bound::new(0, segments.clone())).expect("it is lived through again");
    assert_eq!((risen.farm.state_hash(), risen.behind), (farm.state_hash(), None));
    let error = rise(&segments[1]).expect_err("nobody can make its farm");
    assert!(matches!(error, JournalError::NeedsEarlier { segment: 1, why: Unfit::Program(_) }), "{error}");
}

/// Another version in the snapshot that a segment begins with.
fn written_by_another(segment: &mut [u8]) {
    let place = opening::open(segment).expect("a segment").place;
    let Ok(Next::Frame(frame, length)) = frame::next(segment, place.at, place.frames) else {
        panic!("behind its opening there is the farm");
    };
    let (mut body, mut written, name) = (frame.body.to_vec(), Vec::new(), env!("CARGO_PKG_VERSION"));
    let at = body.windows(name.len()).position(|window| window == name.as_bytes()).expect("it says so");
    body[at] ^= 1;
    frame::write(&mut written, frame.number, frame.kind, &body, 0);
    segment[place.at..place.at + length].copy_from_slice(&written);
}

#[test]
fn a_reader_begins_at_the_segment_that_holds_what_he_wants() {
    let (farm, segments) = live(150, 4);
    let shelf = Bound::new(0, segments);
    let frames = survey(&shelf).expect("whole").frames;
    let mut firsts = Vec::new();
    for wanted in (0..frames).step_by(37) {
        let mut first = None;
        let replayed = replay_from(&shelf, wanted, |heard| {
            first.get_or_insert(heard.number);
        });
        assert_eq!(replayed.expect("whole").farm.state_hash(), farm.state_hash());
        firsts.push(first.expect("something was heard"));
        // The opening of a segment is three frames that nobody hears.
        assert!(first.is_some_and(|first| first <= wanted + 3), "{first:?} for {wanted}");
    }
    firsts.dedup();
    assert_eq!(firsts.len(), shelf.range().1 as usize + 1, "each segment was begun at");
}
