//! A farm on paper and its back-test.

use crate::lives::{ALONE, Case, START, command, flat, grow, of, opens, reports, trips_without_drift};
use drift::{Budget, Market, Stretch, Verdict, finished_since};
use edge::paper::Paper;
use farm::Right;
use mock_bitget::MadeMarket;
use model::time::SESSION;
use model::{
    AccountId, Bar, BotId, Instruction, Interval, MarginMode, PositionMode, Rate, RiskLevel, Scope, Time,
};
use risk::Rules;
use venue::Ladder;

/// In debug a day takes seconds.
const DAYS: usize = if cfg!(debug_assertions) { 2 } else { 12 };

/// Every session is the same to the unit; how many there were, and round trips in them.
fn is_its_own_back_test(case: &Case) -> u32 {
    let minutes = case.minutes();
    let minutes = &minutes[..DAYS * 1_440];
    let kept = case.live(minutes, |_, _| {});
    let reports = reports(case, &kept, &mut Market::told(minutes.iter().copied()));
    let trips = trips_without_drift(&reports);
    assert_eq!(reports.len(), DAYS * 4, "sessions");
    let numbers: Vec<u32> = reports.iter().map(|report| report.span.number).collect();
    assert!((1..).zip(&numbers).all(|(wanted, number)| wanted == *number), "{numbers:?}");
    assert!(reports[..DAYS * 4 - 1].iter().all(|report| report.span.is_over));
    println!("{}: {} sessions, {trips} round trips", case.name, reports.len());
    trips
}

#[test]
fn everybody_on_an_account_of_his_own() {
    assert!(is_its_own_back_test(&ALONE) as usize >= DAYS * 3);
}

#[test]
fn with_ladders_at_once_and_isolated_margin() {
    let case = Case { name: "at-once", ladder: Ladder::AtOnce, margin: MarginMode::Isolated, ..ALONE };
    assert!(is_its_own_back_test(&case) as usize >= DAYS * 3);
}

#[test]
fn with_fills_in_parts() {
    let case = Case { name: "parts", participation: Some(Rate::bps(20)), ..ALONE };
    assert!(is_its_own_back_test(&case) as usize >= DAYS * 3);
}

#[test]
fn on_one_hedged_account() {
    let case = Case {
        name: "hedged",
        position: PositionMode::Hedge,
        shared: Some(AccountId(3)),
        bots: &["scalper", "newbie", "aggressive", "fibonacci", "cosmic"],
        ladder: Ladder::AtOnce,
        ..ALONE
    };
    assert!(is_its_own_back_test(&case) as usize >= DAYS * 2);
}

/// Bars are all that a journal knows of the market: where the market was its bars, nothing is missing but the mark.
#[test]
fn by_its_journal_alone() {
    let case = Case { name: "journal", ..ALONE };
    let minutes = case.minutes();
    let minutes: Vec<Stretch> = minutes[..1_440].iter().map(flat).collect();
    let kept = case.live(&minutes, |_, _| {});
    let reports = reports(&case, &kept, &mut Market::Bars);
    for report in &reports {
        for one in report.bots.values() {
            let known = drift::Comparison { fundings_unknown: 0, ..one.clone() };
            assert!(known.is_none(), "{:?}: {one:?}", report.span);
        }
    }
    let unknown: u32 = reports.iter().map(|report| report.together().fundings_unknown).sum();
    assert!(unknown > 0, "somebody held something at eight, and no rate was told");
    let verdicts: Vec<Verdict> = reports.iter().map(|report| report.verdict(&Budget::default())).collect();
    assert!(verdicts.contains(&Verdict::Unknown), "what is unknown is not within: {verdicts:?}");
}

/// Marks and fundings of which the journal tells what somebody was told: the rest is the price.
#[test]
fn fundings_are_those_that_were_told() {
    let case = Case { name: "funded", ..ALONE };
    let minutes = case.minutes();
    let kept = case.live(&minutes[..2 * 1_440], |_, _| {});
    let reports = reports(&case, &kept, &mut Market::Bars);
    let all: Vec<_> = reports.iter().map(drift::Report::together).collect();
    assert!(all.iter().any(|one| one.funding.lived.0 != 0), "somebody was told of funding");
    assert!(all.iter().all(drift::Comparison::is_none), "{all:?}");
}

#[test]
fn commands_in_the_middle_are_given_again() {
    let case = Case { name: "commands", ..ALONE };
    let minutes = case.minutes();
    let minutes = &minutes[..1_440];
    let mut given = 0;
    let kept = case.live(minutes, |number, paper| {
        let instruction = match number {
            100 => Instruction::Pause(Scope::Bot(BotId(0))),
            161 => Instruction::Resume(Scope::Bot(BotId(0))),
            222 => Instruction::SetRisk(BotId(1), RiskLevel::Low),
            333 | 777 => Instruction::Close(Scope::Farm),
            400 => Instruction::ReduceOnly(Scope::Bot(BotId(6))),
            555 => Instruction::Resume(Scope::Bot(BotId(6))),
            900 => Instruction::Panic,
            930 => Instruction::Rearm,
            _ => return,
        };
        given += 1;
        paper.command(command(given, paper.now(), instruction));
    });
    assert_eq!(given, 9);
    let told = reports(&case, &kept, &mut Market::told(minutes.iter().copied()));
    assert!(trips_without_drift(&told) > 0);
}

#[test]
fn rules_that_change_in_the_middle_change_in_both_lives() {
    let case = Case { name: "ruled", ..ALONE };
    let minutes = case.minutes();
    let minutes = &minutes[..1_440];
    let tight = Rules { exposure_max_bps: Some(1), ..Rules::NONE };
    let kept = case.live(minutes, |number, paper| match number {
        400 => paper.set_rules(tight).unwrap(),
        800 => paper.set_rules(Rules { daily_loss_max_bps: Some(2), ..Rules::TRADING }).unwrap(),
        1_100 => paper.set_rules(Rules::NONE).unwrap(),
        _ => {}
    });
    let told = reports(&case, &kept, &mut Market::told(minutes.iter().copied()));
    assert!(trips_without_drift(&told) > 0);
}

/// The market of `omega run` on the generator: quarters of a second, of which the farm sees minutes. Commands come at any of them.
#[test]
fn in_a_market_of_ticks() {
    let case = Case { name: "ticks", seed: 5, ..ALONE };
    let (minutes, warm_up) = if cfg!(debug_assertions) { (40, 600) } else { (26 * 60, 600) };
    // Sessions end within what is lived through.
    let start = START + SESSION + Interval(-15 * 60_000);
    let kept = case.keep();
    let mut market = MadeMarket::begin(&mock_bitget::btcusdt(), case.seed, start);
    let past = market.take_past();
    let mut paper = Paper::rise(&kept.0, &case.plan(), start, Right::Sole).unwrap();
    past[past.len() - warm_up..].iter().for_each(|minute| paper.see(minute.bar));
    let mut opened = false;
    let mut minute: Option<Bar> = None;
    let mut again = market.clone();
    for tick in 0..minutes * 240_u64 {
        let stretch = of(&market.tick());
        if !opened {
            opened = true;
            let (at, price) = opens(&stretch);
            paper.open(at, price);
            paper.turn();
        }
        let Stretch { bar, interval, mark, funding } = stretch;
        paper.trade(&edge::paper::Stretch { bar, interval, mark, funding });
        paper.turn();
        grow(&mut minute, &bar);
        if stretch.end().floor(Interval::MINUTE) == stretch.end() {
            let whole = minute.take().unwrap();
            paper.see(whole);
            paper.turn();
        }
        if tick % 1_777 == 1_000 {
            let bot = BotId((tick / 1_777 % 7) as u16);
            let instruction = if tick % 2 == 0 {
                Instruction::Close(Scope::Bot(bot))
            } else {
                Instruction::SetRisk(bot, RiskLevel::High)
            };
            paper.command(command(tick + 1, paper.now(), instruction));
        }
    }
    drop(paper);
    let ticks = std::iter::from_fn(move || Some(of(&again.tick())));
    let told = reports(&case, &kept, &mut Market::told(ticks));
    let trips = trips_without_drift(&told);
    assert!(told.len() >= 2 && told[0].span.is_over, "{} sessions", told.len());
    let trips_min = if cfg!(debug_assertions) { 1 } else { 20 };
    println!("ticks: {} sessions, {trips} round trips", told.len());
    assert!(trips >= trips_min, "{trips} round trips");
}

/// Who asks again from where he was told up to hears of each session once, while the journal goes on.
#[test]
fn each_session_is_told_once_while_the_shard_goes_on() {
    let case = Case { name: "once", ..ALONE };
    let minutes = case.minutes();
    let (mut since, mut told) = (Time(i64::MIN), Vec::new());
    let kept = case.keep();
    let (place, plan) = (kept.0.clone(), case.plan());
    let mut paper = Paper::rise(&place, &plan, START, Right::Sole).unwrap();
    paper.open(minutes[0].bar.open_time, minutes[0].bar.open);
    for (number, minute) in minutes[..1_600].iter().enumerate() {
        let Stretch { bar, interval, mark, funding } = *minute;
        paper.trade(&edge::paper::Stretch { bar, interval, mark, funding });
        paper.see(bar);
        paper.turn();
        if number % 100 == 7 {
            let shelf = place.read().unwrap();
            let mut market = Market::told(minutes.iter().copied());
            let reports = finished_since(&shelf, since, &case.terms(), &mut market).unwrap();
            for report in reports {
                assert!(report.span.is_over && report.span.to <= paper.now());
                since = report.span.to;
                told.push(report);
            }
        }
    }
    assert_eq!(told.iter().map(|report| report.span.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    trips_without_drift(&told);
}
