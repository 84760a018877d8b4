//! Cases of entries that bring their exits along: a stop and a ladder, and everything that can become of them.
//!
//! Refuses nothing of its own: a case is what it says. The instant at which legs come to rest is free, that they do is not.

use super::Row;
use super::stage::{End, Stage, Word};
use model::{
    CancelReason, Leg, OrderId, OrderKind, OrderRequest, Price, RejectReason, Report, Side, TimeInForce,
};

use Word::{Filled, Gone, Moved, Refused, Taken, WentOff};

type Played = Result<(), String>;

pub(super) const CASES: &[Row] = &[
    ("an entry that fills brings its stop and its ladder to rest", legs_rest),
    ("a stop alone rests over the whole position", stop_alone),
    ("a stop goes off, fills, and its ladder is over", stop_goes_off),
    ("a short's stop goes off above", stop_of_short),
    ("a market that gaps through a stop fills it where it opens", stop_gapped),
    ("all rungs fill one by one, and the stop is over", ladder_fills),
    ("a rung fills, then the stop closes the rest", rung_then_stop),
    ("a stop is moved, and goes off where it is now", stop_moved),
    ("a stop is taken back, and the position stands without", stop_cancelled),
    ("a rung is taken back, and the stop stays", rung_cancelled),
    ("a limit with exits brings them when it fills, not before", limit_brings_legs),
    ("a limit with exits that is taken back brings nothing", entry_cancelled),
    ("a post-only entry that is refused brings nothing", entry_refused),
    ("a stop on the wrong side of its entry is refused", bad_bracket),
    ("a position closed at market by another decision leaves no exits", closed_beside),
    ("an entry behind a trigger brings its stop, or is refused", triggered_entry),
];

/// An entry at market with a stop and two rungs, all at rest.
fn enter(stage: &mut Stage<'_>, side: Side) -> Result<OrderId, String> {
    let order = stage.entry(side, 20, OrderKind::Market);
    let order = stage.with_exits(order, 300, &[(200, 8), (400, 12)]);
    let id = stage.place(order);
    stage.hears(id, &[Filled(20 * side.sign(), End::Whole)])?;
    for leg in [Leg::Stop, Leg::Target(0), Leg::Target(1)] {
        stage.hears(id.with_leg(leg), &[Taken])?;
    }
    Ok(id)
}

fn legs_rest(stage: &mut Stage<'_>) -> Played {
    enter(stage, Side::Buy)?;
    let rests = stage.holding(0)?.orders.len();
    if rests == 3 { Ok(()) } else { Err(format!("{rests} legs rest, not 3")) }
}

fn stop_alone(stage: &mut Stage<'_>) -> Played {
    let order = stage.entry(Side::Sell, 20, OrderKind::Market);
    let order = stage.with_exits(order, 300, &[]);
    let stop = stage.place(order).with_leg(Leg::Stop);
    stage.hears(stop, &[Taken])?;
    stage.settle()?;
    stage.go(350);
    stage.hears(stop, &[Taken, WentOff, Filled(20, End::Whole)])
}

/// What nothing is left for says so, whatever it calls the reason.
fn over(stage: &mut Stage<'_>, id: OrderId) -> Played {
    stage.hears(id, &[Taken, Gone(&[])])
}

fn stopped(stage: &mut Stage<'_>, side: Side) -> Played {
    let id = enter(stage, side)?;
    stage.go(-350 * side.sign());
    let stop = id.with_leg(Leg::Stop);
    stage.hears(stop, &[Taken, WentOff, Filled(-20 * side.sign(), End::Whole)])?;
    over(stage, id.with_leg(Leg::Target(0)))?;
    over(stage, id.with_leg(Leg::Target(1)))?;
    stage.settle()?;
    stage.go(800 * side.sign());
    stage.settle()
}

fn stop_goes_off(stage: &mut Stage<'_>) -> Played {
    stopped(stage, Side::Buy)
}

fn stop_of_short(stage: &mut Stage<'_>) -> Played {
    stopped(stage, Side::Sell)
}

fn stop_gapped(stage: &mut Stage<'_>) -> Played {
    let id = enter(stage, Side::Buy)?;
    let at = stage.at(-500);
    stage.gap(-500);
    let stop = id.with_leg(Leg::Stop);
    stage.hears(stop, &[Taken, WentOff, Filled(-20, End::Whole)])?;
    let price = stage.fill(stop)?.price;
    if price == at { Ok(()) } else { Err(format!("it filled at {price:?}, not at {at:?}")) }
}

fn ladder_fills(stage: &mut Stage<'_>) -> Played {
    let id = enter(stage, Side::Buy)?;
    let prices = [stage.at(200), stage.at(400)];
    stage.go(250);
    let rungs = [0, 1].map(|rung| id.with_leg(Leg::Target(rung)));
    stage.hears(rungs[0], &[Taken, Filled(-8, End::Whole)])?;
    stage.settle()?;
    stage.go(200);
    stage.hears(rungs[1], &[Taken, Filled(-12, End::Whole)])?;
    over(stage, id.with_leg(Leg::Stop))?;
    let got = [stage.fill(rungs[0])?.price, stage.fill(rungs[1])?.price];
    if got == prices { Ok(()) } else { Err(format!("rungs filled at {got:?}, not at {prices:?}")) }
}

fn rung_then_stop(stage: &mut Stage<'_>) -> Played {
    let id = enter(stage, Side::Sell)?;
    stage.go(-250);
    stage.hears(id.with_leg(Leg::Target(0)), &[Taken, Filled(8, End::Whole)])?;
    stage.settle()?;
    stage.go(600);
    let stop = id.with_leg(Leg::Stop);
    stage.until("the stop's fill", |stage| stage.fill(stop).is_ok())?;
    over(stage, id.with_leg(Leg::Target(1)))?;
    stage.settle()?;
    let lots = stage.fill(stop)?.qty.0;
    if lots == 12 { Ok(()) } else { Err(format!("the stop closed {lots} lots, not 12")) }
}

fn stop_moved(stage: &mut Stage<'_>) -> Played {
    let stop = enter(stage, Side::Buy)?.with_leg(Leg::Stop);
    let to = stage.at(-600);
    stage.amend(stop, to);
    stage.hears(stop, &[Taken, Moved(to)])?;
    stage.settle()?;
    stage.go(-400);
    stage.settle()?;
    stage.hears(stop, &[Taken, Moved(to)])?;
    stage.go(-250);
    stage.hears(stop, &[Taken, Moved(to), WentOff, Filled(-20, End::Whole)])
}

fn stop_cancelled(stage: &mut Stage<'_>) -> Played {
    let stop = enter(stage, Side::Buy)?.with_leg(Leg::Stop);
    stage.cancel(stop);
    stage.hears(stop, &[Taken, Gone(&[CancelReason::Requested])])?;
    // A ladder may offer no more than its stop covers: whether it stays is the venue's.
    stage.settle()?;
    stage.go(-400);
    stage.settle()?;
    let held = stage.held(stage.line(Side::Buy));
    if held == 20 { Ok(()) } else { Err(format!("{held} lots are held, not 20")) }
}

fn rung_cancelled(stage: &mut Stage<'_>) -> Played {
    let id = enter(stage, Side::Buy)?;
    let rung = id.with_leg(Leg::Target(0));
    stage.cancel(rung);
    stage.hears(rung, &[Taken, Gone(&[CancelReason::Requested])])?;
    stage.settle()?;
    stage.go(250);
    stage.settle()?;
    stage.hears(rung, &[Taken, Gone(&[])])?;
    stage.hears(id.with_leg(Leg::Stop), &[Taken])
}

fn limit_entry(stage: &mut Stage<'_>) -> OrderRequest {
    let kind = stage.limit(-100, TimeInForce::GoodTillCancelled);
    let order = stage.entry(Side::Buy, 20, kind);
    stage.with_exits(order, 300, &[(200, 8), (400, 12)])
}

fn silent_legs(stage: &Stage<'_>, id: OrderId) -> Played {
    let legs = [Leg::Stop, Leg::Target(0), Leg::Target(1)].map(|leg| id.with_leg(leg));
    let said: Vec<Report> = legs.iter().flat_map(|leg| stage.said_of(0, *leg)).collect();
    let acts = |report: &Report| matches!(report, Report::Accepted { .. } | Report::Filled(_));
    if said.iter().any(acts) { Err(format!("legs of nothing live: {said:?}")) } else { Ok(()) }
}

fn limit_brings_legs(stage: &mut Stage<'_>) -> Played {
    let order = limit_entry(stage);
    let id = stage.place(order);
    stage.hears(id, &[Taken])?;
    stage.settle()?;
    silent_legs(stage, id)?;
    stage.go(-150);
    stage.hears(id, &[Taken, Filled(20, End::Whole)])?;
    for leg in [Leg::Stop, Leg::Target(0), Leg::Target(1)] {
        stage.hears(id.with_leg(leg), &[Taken])?;
    }
    stage.settle()?;
    stage.go(-200);
    stage.hears(id.with_leg(Leg::Stop), &[Taken, WentOff, Filled(-20, End::Whole)])
}

fn entry_cancelled(stage: &mut Stage<'_>) -> Played {
    let order = limit_entry(stage);
    let id = stage.place(order);
    stage.hears(id, &[Taken])?;
    stage.cancel(id);
    stage.hears(id, &[Taken, Gone(&[CancelReason::Requested])])?;
    stage.go(-500);
    stage.settle()?;
    silent_legs(stage, id)
}

fn entry_refused(stage: &mut Stage<'_>) -> Played {
    let kind = stage.limit(50, TimeInForce::PostOnly);
    let order = stage.entry(Side::Buy, 20, kind);
    let order = stage.with_exits(order, 300, &[(200, 20)]);
    let id = stage.place(order);
    stage.hears(id, &[Refused(&[RejectReason::WouldTake])])?;
    stage.settle()?;
    silent_legs(stage, id)
}

fn bad_bracket(stage: &mut Stage<'_>) -> Played {
    let order = stage.entry(Side::Buy, 20, OrderKind::Market);
    let order = stage.with_exits(order, -300, &[]);
    let id = stage.place(order);
    stage.hears(id, &[Refused(&[RejectReason::BadBracket, RejectReason::WouldTrigger])])
}

fn closed_beside(stage: &mut Stage<'_>) -> Played {
    let id = enter(stage, Side::Buy)?;
    let order = stage.exit(Side::Sell, 20, OrderKind::Market);
    let close = stage.place(order);
    stage.hears(close, &[Filled(-20, End::Whole)])?;
    for leg in [Leg::Stop, Leg::Target(0), Leg::Target(1)] {
        over(stage, id.with_leg(leg))?;
    }
    stage.settle()?;
    stage.go(-500);
    stage.settle()
}

fn triggered_entry(stage: &mut Stage<'_>) -> Played {
    let trigger = stage.at(100);
    let order = stage.entry(Side::Buy, 20, OrderKind::StopMarket { trigger });
    let mut order = stage.with_exits(order, 300, &[]);
    if let Some(bracket) = &mut order.bracket {
        bracket.stop = Price(trigger.0 - 300);
    }
    let id = stage.place(order);
    stage.until("an answer", |stage| !stage.said_of(0, id).is_empty())?;
    if matches!(stage.said_of(0, id)[0], Report::Rejected { .. }) {
        return stage.hears(id, &[Refused(&[RejectReason::BadBracket])]);
    }
    stage.go(150);
    stage.hears(id, &[Taken, WentOff, Filled(20, End::Whole)])?;
    stage.hears(id.with_leg(Leg::Stop), &[Taken])?;
    stage.settle()?;
    stage.go(-400);
    stage.hears(id.with_leg(Leg::Stop), &[Taken, WentOff, Filled(-20, End::Whole)])
}
