//! Whatever is changed in a snapshot is noticed; whatever is made up is refused, and nothing of it panics.

use super::super::{Kind, MAGIC, Origin, Pen, Recorded, VERSION, frame, rise, wire::Writer};
use super::*;
use crate::action::{Action, Actions};
use crate::drive::{Step, World, drive};
use crate::roster::{Character, Recruit};
use model::event::Wake;
use model::{
    Bar, BarColumns, BotId, CancelReason, Event, Fill, Instrument, Interval, Leg, Liquidity, PositionSide,
    Price, Qty, Report, Request, Rng, Time, Usd,
};
use persona::{ControlSettings, Gains, Mood};
use std::collections::VecDeque;

fn origin(names: &[&str]) -> Origin {
    let recruit = |(number, name): (u16, &&str)| {
        let character = if *name == "ema_cross" {
            Character::Control("ema_cross", ControlSettings { fast: 20, slow: 50, quantity: Qty(10) })
        } else {
            let mut profile = persona::catalogue::profile(name).expect("listed").expect("built in");
            profile.base =
                Mood { confidence: 0.5, stress: 0.25, fatigue: 0.25, urge: 0.25, risk_appetite: 0.5 };
            Character::Persona(Box::new(profile), Gains::FULL)
        };
        Recruit::alone(BotId(number), character, Usd(10_000 * Usd::ONE.0), 3)
    };
    Origin {
        instrument: Instrument::btcusdt(),
        interval: Interval::MINUTE,
        sky: cosmos::Sky::none(),
        recruits: (0..).zip(names).map(recruit).collect(),
        accounts: Vec::new(),
        rules: risk::Rules::TRADING,
    }
}

const EVERYBODY: [&str; 7] =
    ["strategic", "aggressive", "scalper", "newbie", "fibonacci", "cosmic", "ema_cross"];

/// A venue that does what it is asked at the last price, and lets stops and targets rest.
struct Obliging {
    bars: BarColumns,
    next: usize,
    said: VecDeque<Event>,
}

impl Obliging {
    /// Minutes of a walk that is sometimes in a hurry.
    fn of(minutes: usize) -> Obliging {
        let mut rng = Rng::new(9);
        let mut bars = BarColumns::new(Interval::MINUTE);
        let mut price = 400_000_i64;
        for i in 0..minutes {
            let reach = if i % 700 < 60 { 900 } else { 150 };
            let open = price;
            price += rng.below(2 * reach + 1) as i64 - reach as i64;
            let (high, low) = (Price(open.max(price) + 50), Price(open.min(price) - 50));
            let open_time = Time(1_700_006_400_000 + i as i64 * 60_000);
            let volume = rng.unit() * if reach > 150 { 900.0 } else { 100.0 };
            bars.push(Bar { open_time, open: Price(open), high, low, close: Price(price), volume });
        }
        let opening = Event::Tick(bars.open[0]);
        Obliging { bars, next: 0, said: VecDeque::from([opening]) }
    }

    fn now(&self) -> Time {
        self.next.checked_sub(1).map_or(self.bars.open_time[0], |last| self.bars.as_bars().close_time(last))
    }
}

impl World for Obliging {
    fn next(&mut self, _: Option<(Time, Wake)>) -> Step<'_> {
        if let Some(event) = self.said.pop_front() {
            return Step::Event(self.now(), event);
        }
        let end = self.bars.len().min(self.next + 64);
        if self.next == end { Step::End } else { Step::Bars(self.bars.as_bars().slice(self.next, end)) }
    }

    fn took(&mut self, bars: usize) {
        self.next += bars;
    }

    fn perform(&mut self, action: &Action) {
        let Action::Submit(account, approved) = action else { return };
        let price = self.bars.close[self.next.saturating_sub(1)];
        let mut say = |report| self.said.push_back(Event::Report(*account, report));
        match *approved.request() {
            Request::Place(order) => {
                let qty = Qty(order.qty.0 * order.side.sign());
                let (position_side, liquidity) = (PositionSide::Net, Liquidity::Taker);
                let (fee, remaining) = (Usd(5), Qty::ZERO);
                say(Report::Filled(Fill {
                    id: order.id,
                    position_side,
                    qty,
                    price,
                    fee,
                    liquidity,
                    remaining,
                }));
                if let Some(bracket) = order.bracket {
                    say(Report::Accepted { id: order.id.with_leg(Leg::Stop) });
                    for (rung, _) in bracket.targets() {
                        say(Report::Accepted { id: order.id.with_leg(Leg::Target(rung)) });
                    }
                }
                // A close takes what protected the position with it.
                if order.reduce_only {
                    for decision in 0..order.id.decision {
                        for leg in [Leg::Stop, Leg::Target(0), Leg::Target(1), Leg::Target(2)] {
                            let id = model::OrderId { decision, leg, ..order.id };
                            say(Report::Cancelled { id, reason: CancelReason::PositionClosed });
                        }
                    }
                }
            }
            Request::Cancel(id) => say(Report::Cancelled { id, reason: CancelReason::Requested }),
            Request::Amend { id, price } => say(Report::Amended { id, price }),
        }
    }
}

/// A farm that has lived for so many minutes, what it was before, and its journal.
fn lived(origin: &Origin, minutes: usize) -> (Farm, Farm, Vec<u8>) {
    let fresh = origin.farm().expect("an origin of listed personas");
    let mut farm = fresh.clone();
    let mut pen = Pen::new(Vec::new(), origin);
    drive(&mut farm, &mut Recorded { world: Obliging::of(minutes), pen: &mut pen });
    (farm, fresh, pen.keeper().clone())
}

fn body_of(farm: &Farm) -> Vec<u8> {
    let mut body = Vec::new();
    write(&mut body, farm, &Nobody);
    body
}

/// What lives in a body.
fn lives(body: &[u8]) -> &[u8] {
    let mut from = Restore::new(body, WORDS);
    from.list().and_then(|_| u16::read(&mut from)).and_then(|_| u64::read(&mut from)).expect("a head");
    from.rest()
}

fn sealed(lives: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    seal(&mut body, (PROGRAM, LAYOUT), lives);
    body
}

fn read(body: &[u8], fresh: &Farm) -> Result<Farm, Unfit> {
    open(body, fresh, &mut Nobody)
}

#[test]
fn a_farm_is_read_back_as_it_lives() {
    let (farm, fresh, _) = lived(&origin(&EVERYBODY), 9_000);
    let trades: u32 = farm.bots().iter().map(|bot| bot.ledger().trades()).sum();
    assert!(trades > 20 && farm.checkpoints().len() > 4, "{trades} round trips");
    let risen = read(&body_of(&farm), &fresh).expect("just written");
    assert_eq!(format!("{risen:?}"), format!("{farm:?}"));
    assert_eq!(check(&body_of(&farm), &fresh, &farm), Ok(()));
    assert_eq!(check(&body_of(&fresh), &fresh, &farm), Err(Unfit::Parted));
}

#[test]
fn no_flipped_bit_passes() {
    let (farm, fresh, _) = lived(&origin(&["newbie"]), 2_000);
    let mut body = body_of(&farm);
    for bit in 0..body.len() * 8 {
        body[bit / 8] ^= 1 << (bit % 8);
        assert!(read(&body, &fresh).is_err(), "bit {bit} of {}", body.len() * 8);
        body[bit / 8] ^= 1 << (bit % 8);
    }
    assert!(read(&body, &fresh).is_ok());
}

/// Sealed again, as somebody would who makes one up: what cannot be is refused, and what can be is a farm.
#[test]
fn whatever_is_made_up_is_read_or_refused() {
    let (farm, fresh, _) = lived(&origin(&EVERYBODY), 4_000);
    let whole = lives(&body_of(&farm)).to_vec();
    let mut rng = Rng::new(4);
    let (mut refused, mut unreadable) = (0, 0);
    for _ in 0..2_000 {
        let mut changed = whole.clone();
        for _ in 0..=rng.below(3) {
            changed[rng.below(whole.len() as u64) as usize] ^= 1 << rng.below(8);
        }
        match read(&sealed(&changed), &fresh) {
            Ok(risen) => assert!(risen.bots().len() == farm.bots().len()),
            Err(why) => {
                refused += 1;
                unreadable += usize::from(matches!(why, Unfit::Unreadable(_)));
            }
        }
    }
    assert!(refused > 300 && unreadable > 100, "{refused} refused, {unreadable} not to be read");
    for _ in 0..300 {
        let cut = rng.below(whole.len() as u64) as usize;
        assert!(read(&sealed(&whole[..cut]), &fresh).is_err(), "cut at {cut}");
        let bytes: Vec<u8> = (0..rng.below(400)).map(|_| rng.below(256) as u8).collect();
        assert!(read(&sealed(&bytes), &fresh).is_err() && read(&bytes, &fresh).is_err());
    }
}

#[test]
fn a_farm_of_others_is_refused() {
    let (farm, _, _) = lived(&origin(&["scalper", "newbie"]), 2_000);
    for others in [&["newbie"][..], &["newbie", "scalper"], &["scalper", "ema_cross"], &EVERYBODY] {
        let fresh = origin(others).farm().expect("an origin of listed personas");
        assert!(read(&body_of(&farm), &fresh).is_err(), "{others:?}");
    }
}

/// A start takes nothing from another program's snapshot, and says so.
#[test]
fn another_programs_snapshot_is_left_aside() {
    let (farm, fresh, journal) = lived(&origin(&["newbie"]), 1_000);
    let whole = lives(&body_of(&farm)).to_vec();
    for (program, layout) in [("0.0.9", LAYOUT), (PROGRAM, LAYOUT + 1)] {
        let mut body = Vec::new();
        seal(&mut body, (program, layout), &whole);
        assert!(matches!(read(&body, &fresh), Err(Unfit::Program(_))));
        let frames = rise(&journal).expect("whole").frames;
        let mut journal = journal.clone();
        frame::write(&mut journal, frames, Kind::Snapshot, &body, 0);
        let risen = rise(&journal).expect("the inputs are whole");
        assert_eq!(risen.farm.state_hash(), farm.state_hash());
        assert_eq!((risen.behind, risen.lived, risen.frames), (None, risen.inputs, frames + 1));
        let first = risen.snapshots.first_left_aside.expect("one was left aside");
        assert_eq!(first.number, frames);
        assert!(first.why.to_string().contains(program), "{}", first.why);
    }
}

/// A snapshot right behind the origin, of a farm that has heard nothing: the next life is the first one.
#[test]
fn a_farm_that_heard_nothing_rises() {
    let origin = origin(&EVERYBODY);
    let fresh = origin.farm().expect("an origin of listed personas");
    let mut pen = Pen::new(Vec::new(), &origin);
    pen.snapshot(&fresh);
    let risen = rise(pen.keeper()).expect("whole");
    assert_eq!((risen.behind, risen.inputs, risen.snapshots.agreed), (Some(1), 0, 1));
    assert_eq!(format!("{:?}", risen.farm), format!("{fresh:?}"));
    let mut body = Writer::default();
    body.u16(VERSION - 1);
    let mut older = MAGIC.to_vec();
    frame::write(&mut older, 0, Kind::Origin, &body.0, 0);
    assert!(rise(&older).is_err());
}

/// What is written of a farm that has heard nothing depends on the layout alone. If this fails, fields were added, left
/// out or turned around: raise `LAYOUT`, then pin it anew.
#[test]
fn the_layout_is_the_one_that_is_numbered() {
    let mut farm = origin(&EVERYBODY).farm().expect("an origin of listed personas");
    farm.on_event(Time(1_700_006_400_000), &Event::Tick(Price(400_000)), &mut Actions::default());
    let bytes = farm_bytes(&farm);
    assert_eq!((LAYOUT, bytes.len(), digest(&bytes)), (4, 5_377, 15_379_787_661_811_721_118));
}

#[test]
fn the_words_are_those_that_moods_and_entries_have() {
    for label in Label::ALL {
        assert!(WORDS.contains(&label.name()));
    }
    for kind in EntryKind::ALL {
        assert!(WORDS.contains(&kind.name()));
    }
    let id = model::OrderId { bot: BotId(0), epoch: 0, decision: 1, leg: Leg::Own };
    let plain = EntryContext::plain(id);
    assert!(WORDS.contains(&plain.mood) && WORDS.contains(&plain.kind));
}
