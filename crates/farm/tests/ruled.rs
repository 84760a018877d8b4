//! A farm whose rules change while it lives: they bind from the next entry on, undo nothing, and are in its journal.

#![allow(missing_docs, reason = "tests say what they hold")]

use farm::journal::{Input, Keeper, Origin, Pen, Recorded, replay, replay_with, rise, survey};
use farm::{Action, Actions, Character, Clocks, Farm, News, Recruit, Right, Seat, Step, World, drive};
use model::event::Wake;
use model::{
    AccountId, Bar, BarColumns, BotId, CancelReason, Command, CommandId, Event, Fill, Instruction,
    Instrument, Interval, Leg, Liquidity, OrderId, PositionSide, Price, Qty, RejectReason, Report, Request,
    Rng, Role, Scope, Time, Usd,
};
use persona::Gains;
use risk::{CoolDown, Refusal, Rules, Vigilance};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

const START: Time = Time(1_735_689_600_000);
const OPENING: Price = Price(400_000);
const CAPITAL: Usd = Usd(10_000 * Usd::ONE.0);
const DAYS: usize = 6;

fn origin(names: &[&str], rules: Rules) -> Origin {
    let recruit = |(bot, name): (u16, &&str)| {
        let profile = persona::catalogue::profile(name).expect("listed").expect("valid");
        Recruit::alone(BotId(bot), Character::Persona(Box::new(profile), Gains::FULL), CAPITAL, 3)
    };
    Origin {
        instrument: Instrument::btcusdt(),
        interval: Interval::MINUTE,
        sky: cosmos::Sky::none(),
        recruits: (0..).zip(names).map(recruit).collect(),
        accounts: Vec::new(),
        rules,
    }
}

/// A market that fills whatever is asked at the last price; rules change before its bars.
struct Market {
    bars: BarColumns,
    next: usize,
    said: VecDeque<Event>,
    rules: VecDeque<(usize, Rules)>,
    /// Minutes of the bars behind which something was opened.
    entries: Vec<usize>,
}

impl Market {
    fn new(rules: &[(usize, Rules)]) -> Market {
        let mut rng = Rng::new(9);
        let mut bars = BarColumns::new(Interval::MINUTE);
        let mut price = OPENING.0;
        for i in 0..DAYS * 1_440 {
            let reach = if i % 700 < 60 { 900 } else { 150 };
            let open = price;
            price += rng.below(2 * reach + 1) as i64 - reach as i64;
            let (high, low) = (Price(open.max(price) + 50), Price(open.min(price) - 50));
            let open_time = START + Interval::minutes(i as i64);
            let volume = rng.unit() * if reach > 150 { 900.0 } else { 100.0 };
            bars.push(Bar { open_time, open: Price(open), high, low, close: Price(price), volume });
        }
        let said = VecDeque::from([Event::Tick(OPENING)]);
        Market { bars, next: 0, said, rules: rules.iter().copied().collect(), entries: Vec::new() }
    }

    fn now(&self) -> Time {
        START + Interval::minutes(self.next as i64)
    }

    fn entries_within(&self, minutes: std::ops::Range<usize>) -> usize {
        self.entries.iter().filter(|at| minutes.contains(at)).count()
    }
}

impl World for Market {
    fn next(&mut self, _: Option<(Time, Wake)>) -> Step<'_> {
        if let Some(event) = self.said.pop_front() {
            return Step::Event(self.now(), event);
        }
        if let Some((_, rules)) = self.rules.pop_front_if(|(at, _)| *at <= self.next) {
            return Step::Rules(self.now(), rules);
        }
        let until = self.rules.front().map_or(self.bars.len(), |(at, _)| *at);
        let end = until.min(self.next + 64);
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
                let (qty, fee, remaining) = (Qty(order.qty.0 * order.side.sign()), Usd(5), Qty::ZERO);
                let (position_side, liquidity) = (PositionSide::Net, Liquidity::Taker);
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
                if order.reduce_only {
                    for decision in 0..order.id.decision {
                        for leg in [Leg::Stop, Leg::Target(0), Leg::Target(1), Leg::Target(2)] {
                            let id = OrderId { decision, leg, ..order.id };
                            say(Report::Cancelled { id, reason: CancelReason::PositionClosed });
                        }
                    }
                } else {
                    self.entries.push(self.next);
                }
            }
            Request::Cancel(id) => say(Report::Cancelled { id, reason: CancelReason::Requested }),
            Request::Amend { id, price } => say(Report::Amended { id, price }),
        }
    }
}

/// Without anything that stops a bot by itself.
const OPEN: Rules = Rules { exposure_max_bps: Some(1_000_000), ..Rules::NONE };
const TIGHT: Rules = Rules { exposure_max_bps: Some(1), ..Rules::NONE };
const PERSONAS: [&str; 3] = ["aggressive", "newbie", "strategic"];

/// A life under rules that change, and its journal.
fn lived(rules: &[(usize, Rules)]) -> (Farm, Market, Vec<u8>) {
    let origin = origin(&PERSONAS, OPEN);
    let (mut farm, mut pen) = (origin.farm().expect("a farm"), Pen::new(Vec::new(), &origin));
    let mut world = Recorded { world: Market::new(rules), pen: &mut pen };
    drive(&mut farm, &mut world);
    let market = world.world;
    pen.state(farm.state_hash());
    (farm, market, pen.into_keeper())
}

fn refused(farm: &Farm, why: Refusal) -> u64 {
    let of =
        |bot: &farm::Bot| bot.refusals().filter(|(refusal, _)| *refusal == why).map(|(_, n)| n).sum::<u64>();
    farm.bots().iter().map(of).sum()
}

#[test]
fn a_tighter_rule_binds_from_the_next_entry_on_and_a_looser_one_frees() {
    let (first, second, end) = (2 * 1_440 + 7, 4 * 1_440 + 7, DAYS * 1_440 + 1);
    let (free, undisturbed, _) = lived(&[]);
    let (farm, market, journal) = lived(&[(first, TIGHT), (second, OPEN)]);
    assert_eq!(refused(&free, Refusal::FarmExposure), 0);
    assert!(refused(&farm, Refusal::FarmExposure) > 0);
    let until_first = undisturbed.entries.iter().filter(|at| **at <= first);
    assert!(until_first.clone().count() > 3, "{:?}", undisturbed.entries);
    assert!(
        until_first.eq(market.entries.iter().filter(|at| **at <= first)),
        "before the change nothing differs"
    );
    assert!(undisturbed.entries_within(first + 1..second) > 3);
    assert_eq!(market.entries_within(first + 1..second), 0);
    assert!(market.entries_within(second..end) > 0);
    // And the journal is the same life, to the hash that was written behind it.
    let mut heard = Vec::new();
    let replayed = replay_with(&journal, |one| {
        if let Input::Rules(at, rules) = one.input {
            heard.push((at, rules));
            assert_eq!(one.farm.rules(), &rules);
        }
    })
    .expect("the same life");
    assert_eq!(
        heard,
        [(first, TIGHT), (second, OPEN)].map(|(at, rules)| (START + Interval::minutes(at as i64), rules))
    );
    assert_eq!((replayed.states, replayed.farm.state_hash()), (1, farm.state_hash()));
    assert_eq!(format!("{:?}", replayed.farm), format!("{farm:?}"));
}

#[test]
fn a_change_is_part_of_the_state_even_where_it_changes_nothing_else() {
    let minute = 2 * 1_440;
    let same = lived(&[]).0.state_hash();
    let hashes = [lived(&[(minute, OPEN)]), lived(&[(minute + 1, OPEN)])].map(|(farm, ..)| farm.state_hash());
    assert!(hashes[0] != same && hashes[1] != same && hashes[0] != hashes[1]);
}

/// Written on 2026-11-26 by the program before rules could change (commit 00c4800): a control under `Rules::TRADING`, on a made
/// market, in three lives.
const BEFORE: &[u8] = include_bytes!("kept/before-rules-changed.omega");

#[test]
fn a_journal_from_before_rules_could_change_is_the_same_life_still() {
    let bytes = BEFORE.to_vec();
    let replayed = replay(&bytes).expect("its states are reached again");
    assert_eq!((replayed.states, replayed.farm.rules()), (2, &Rules::TRADING));
    assert_eq!(replayed.farm.state_hash(), 0x3121_6156_75b8_3298, "as that program replays it");
    assert!(replayed.farm.bots()[0].ledger().fills() > 0);
    // And it is written on under other rules.
    let file = File(Rc::new(RefCell::new((bytes.clone(), bytes.len()))));
    let mut seat = file.rise();
    seat.set_rules(NOW, TIGHT).expect("they can bind");
    settle(&mut seat);
    drop(seat);
    let again = rise(&file.bytes()).expect("whole");
    assert_eq!((again.farm.rules(), again.inputs), (&TIGHT, replayed.inputs + 1));
}

/// A file that outlives its process, and how far it was made safe.
#[derive(Clone, Default)]
struct File(Rc<RefCell<(Vec<u8>, usize)>>);

impl Keeper for File {
    fn keep(&mut self, bytes: &[u8]) {
        self.0.borrow_mut().0.extend(bytes);
    }

    fn sync(&mut self) {
        let mut file = self.0.borrow_mut();
        file.1 = file.0.len();
    }
}

impl File {
    fn bytes(&self) -> Vec<u8> {
        self.0.borrow().0.clone()
    }

    fn rise(&self) -> Seat<File> {
        let bytes = self.bytes();
        let seat = Seat::rise(&bytes, NOW, Right::Sole, |kept| {
            self.0.borrow_mut().0.truncate(usize::try_from(kept).expect("small"));
            self.clone()
        });
        seat.expect("whole")
    }
}

const NOW: Clocks = Clocks { mono: Time(0), wall: START };

fn settle(seat: &mut Seat<File>) {
    seat.think(NOW);
    seat.act(NOW);
}

fn begun(file: &File) -> Seat<File> {
    let mut seat = Seat::begin(file.clone(), &origin(&PERSONAS, OPEN), NOW, Right::Sole).expect("a farm");
    seat.open(NOW, START, OPENING);
    settle(&mut seat);
    seat
}

#[test]
fn a_seat_writes_them_down_makes_them_safe_and_is_under_them() {
    let file = File::default();
    let mut seat = begun(&file);
    let frames = seat.frames();
    seat.set_rules(NOW, TIGHT).expect("they can bind");
    assert_eq!((seat.farm().rules(), seat.frames()), (&OPEN, frames), "not before it has thought");
    settle(&mut seat);
    assert_eq!((seat.farm().rules(), seat.frames()), (&TIGHT, frames + 1));
    assert!(seat.take_words().iter().any(|(_, word)| matches!(word, farm::Word::All(News::Ruled(_)))));
    let kept = file.0.borrow().1;
    assert_eq!(kept, file.bytes().len(), "and what it is under is safe");
    // Those it is under, and those it is about to be under, are written once.
    for rules in [TIGHT, OPEN, OPEN, TIGHT, OPEN] {
        seat.set_rules(NOW, rules).expect("they can bind");
    }
    settle(&mut seat);
    assert_eq!((seat.farm().rules(), seat.frames()), (&OPEN, frames + 4));
    let never = Rules { entries_per_minute_max: Some(1_000), ..TIGHT };
    assert!(seat.set_rules(NOW, never).is_err());
    settle(&mut seat);
    assert_eq!((seat.farm().rules(), seat.frames()), (&OPEN, frames + 4));
}

#[test]
fn a_crash_behind_a_change_or_inside_it_leaves_the_one_or_the_other() {
    let file = File::default();
    let mut seat = begun(&file);
    let before = file.bytes().len();
    seat.set_rules(NOW, TIGHT).expect("they can bind");
    settle(&mut seat);
    let whole = file.bytes();
    drop(seat);
    for cut in before..=whole.len() {
        *file.0.borrow_mut() = (whole[..cut].to_vec(), cut);
        let seen = survey(&file.bytes()).expect("a torn tail");
        assert!(seen.unproven.is_none_or(|last| !last.was_tried));
        let seat = file.rise();
        let (rules, behind) = if cut == whole.len() { (TIGHT, 1) } else { (OPEN, 0) };
        assert_eq!(seat.farm().rules(), &rules, "cut at {cut} of {}", whole.len());
        drop(seat);
        // And once more: what the start wrote is no other life.
        let replayed = replay(&file.bytes()).expect("whole");
        assert_eq!((replayed.farm.rules(), replayed.inputs), (&rules, 1 + behind));
    }
    // Rising under other rules is taking them; under the same it is nothing.
    let mut seat = file.rise();
    seat.set_rules(NOW, OPEN).expect("they can bind");
    settle(&mut seat);
    drop(seat);
    let replayed = rise(&file.bytes()).expect("whole");
    assert_eq!((replayed.farm.rules(), replayed.inputs), (&OPEN, 3));
}

/// A farm of one with a position, fed by hand.
struct Fed {
    farm: Farm,
    now: Time,
}

impl Fed {
    /// Whoever holds so many lots since the opening.
    fn holding(lots: i64, rules: Rules) -> Fed {
        let farm = origin(&["strategic"], rules).farm().expect("a farm");
        let mut fed = Fed { farm, now: START };
        fed.hear(Event::Tick(OPENING));
        let id = OrderId { bot: BotId(0), epoch: 0, decision: 900, leg: Leg::Own };
        let (position_side, liquidity, remaining) = (PositionSide::Net, Liquidity::Taker, Qty::ZERO);
        let (qty, price, fee) = (Qty(lots), OPENING, Usd::ZERO);
        let fill = Fill { id, position_side, qty, price, fee, liquidity, remaining };
        fed.hear(Event::Report(AccountId(0), Report::Filled(fill)));
        // Rules look at what everybody has when they are asked; so the marks of the day are taken.
        fed.rule(rules);
        fed
    }

    fn hear(&mut self, event: Event) -> Vec<Action> {
        let mut out = Actions::default();
        self.farm.on_event(self.now, &event, &mut out);
        out.as_slice().to_vec()
    }

    fn rule(&mut self, rules: Rules) -> Vec<News> {
        let mut out = Actions::default();
        self.farm.on_rules(self.now, rules, &mut out);
        let news = |action: &Action| match action {
            Action::Announce(news) => Some(*news),
            _ => None,
        };
        out.as_slice().iter().filter_map(news).collect()
    }

    /// The price is such that this many basis points of equity are gone since the opening.
    fn lose(&mut self, bps: i64) {
        let lots = self.farm.bots()[0].ledger().position().qty.0;
        let per_tick = self.farm.instrument().usd(i128::from(lots));
        let ticks = CAPITAL.0 * bps / 10_000 / per_tick.0;
        self.hear(Event::Tick(Price(OPENING.0 - ticks)));
    }

    fn may_enter(&self) -> Result<(), Refusal> {
        self.farm.rules().check(&self.farm.together(self.now), Usd::ZERO)
    }

    fn resume(&mut self, id: u64) {
        let (role, given_at) = (Role::Admin, self.now);
        let instruction = Instruction::Resume(Scope::Farm);
        self.hear(Event::Command(Command { id: CommandId(id), role, given_at, instruction }));
    }
}

const DRAWDOWN: Rules = Rules { drawdown_max_bps: Some(2_000), ..Rules::NONE };
const DAILY: Rules = Rules { daily_loss_max_bps: Some(500), ..Rules::NONE };
const LOTS: i64 = 1_000;

#[test]
fn a_drawdown_that_was_reached_keeps_everybody_whatever_rules_follow() {
    for looser in [Rules { drawdown_max_bps: Some(9_000), ..Rules::NONE }, DAILY, Rules::NONE] {
        let mut fed = Fed::holding(LOTS, DRAWDOWN);
        fed.lose(2_500);
        let news = fed.rule(looser);
        assert!(matches!(news[..], [News::Locked(_), News::Ruled(_)]), "{news:?}");
        fed.now = fed.now + Interval::DAY;
        assert_eq!(fed.may_enter(), Err(Refusal::FarmDrawdown), "{looser:?}");
        fed.resume(1);
        assert_eq!(fed.may_enter(), Ok(()), "{looser:?}");
    }
    // What was not reached is free under the looser one, and a tighter one is reached at once.
    let mut fed = Fed::holding(LOTS, DRAWDOWN);
    fed.lose(1_500);
    assert!(matches!(fed.rule(Rules { drawdown_max_bps: Some(9_000), ..Rules::NONE })[..], [News::Ruled(_)]));
    assert_eq!(fed.may_enter(), Ok(()));
    fed.rule(Rules { drawdown_max_bps: Some(1_000), ..Rules::NONE });
    assert_eq!(fed.may_enter(), Err(Refusal::FarmDrawdown));
}

#[test]
fn a_loss_of_the_day_that_was_reached_binds_until_the_day_is_over() {
    for looser in [Rules { daily_loss_max_bps: Some(2_000), ..Rules::NONE }, DRAWDOWN, Rules::NONE] {
        let mut fed = Fed::holding(LOTS, DAILY);
        fed.lose(600);
        assert_eq!(fed.may_enter(), Err(Refusal::FarmDailyLoss));
        fed.rule(looser);
        assert_eq!(fed.may_enter(), Err(Refusal::FarmDailyLoss), "{looser:?}");
        // Made good it is free, as under the rule that was reached; and lost again it is not.
        fed.lose(400);
        assert_eq!(fed.may_enter(), Ok(()), "{looser:?}");
        fed.rule(looser);
        fed.lose(700);
        assert_eq!(fed.may_enter(), Err(Refusal::FarmDailyLoss), "{looser:?}");
        fed.now = START + Interval::DAY;
        assert_eq!(fed.may_enter(), Ok(()), "{looser:?}");
    }
}

#[test]
fn what_a_watch_has_seen_outlives_a_change_of_its_figures_and_no_pause_of_it() {
    let watch = Vigilance { orders_over_p99: 3, fill_from_mark_bps: 100, rejections_per_minute: 5 };
    let watched = |rule| Rules { vigilance: Some(rule), ..Rules::NONE };
    let mut fed = Fed::holding(LOTS, watched(watch));
    let mut number = 0;
    // It is told to leave, and the venue will not have it.
    let mut rejected = |fed: &mut Fed| {
        number += 1;
        let (id, role, given_at) = (CommandId(number), Role::Admin, fed.now);
        let instruction = Instruction::Close(Scope::Farm);
        fed.hear(Event::Command(Command { id, role, given_at, instruction }));
        let order = fed.farm.bots()[0].orders().iter().find(|order| order.reduce_only).expect("it leaves").id;
        let (id, reason) = (order, RejectReason::PositionTooLarge);
        fed.hear(Event::Report(AccountId(0), Report::Rejected { id, reason }))
    };
    for _ in 0..3 {
        rejected(&mut fed);
    }
    let stricter = watched(Vigilance { rejections_per_minute: 4, ..watch });
    fed.rule(stricter);
    let alarmed = |said: &[Action]| said.iter().any(|action| format!("{action:?}").contains("Unusual"));
    assert!(alarmed(&rejected(&mut fed)), "the fourth within the minute, three of them before the change");
    fed.rule(Rules::NONE);
    fed.rule(stricter);
    assert!(!alarmed(&rejected(&mut fed)), "what was not watched was not seen");
}

#[test]
fn who_rests_rests_on_and_accounts_are_looked_at_where_what_they_may_hold_changes() {
    let rest = CoolDown { stops: 1, within: Interval::HOUR, lasts: Interval::HOUR };
    let mut fed = Fed::holding(LOTS, Rules { cool_down: Some(rest), ..Rules::NONE });
    let id = OrderId { bot: BotId(0), epoch: 0, decision: 900, leg: Leg::Stop };
    let (position_side, liquidity, remaining) = (PositionSide::Net, Liquidity::Taker, Qty::ZERO);
    let (qty, price, fee) = (Qty(-LOTS), Price(399_000), Usd::ZERO);
    let fill = Fill { id, position_side, qty, price, fee, liquidity, remaining };
    fed.hear(Event::Report(AccountId(0), Report::Filled(fill)));
    let rests = |fed: &Fed| fed.farm.bots()[0].allowance(fed.now).and_then(|allowance| allowance.rests_until);
    assert_eq!(rests(&fed), Some(START + Interval::HOUR));
    fed.rule(Rules::NONE);
    assert_eq!(rests(&fed), Some(START + Interval::HOUR));
    let mut out = Actions::default();
    fed.farm.on_rules(fed.now, Rules { unexplained_max: Usd(5), ..Rules::NONE }, &mut out);
    assert!(out.as_slice().contains(&Action::Verify(AccountId(0))));
}
