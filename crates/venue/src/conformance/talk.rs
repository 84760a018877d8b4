//! Cases of the conversation itself: what was missed, what is there, others on the account, a process that dies, two accounts.
//!
//! Refuses nothing of its own: a case is what it says.

use super::Row;
use super::stage::{End, Stage, Word};
use crate::counter::HISTORY_MAX;
use model::{CancelReason, Leg, OrderId, OrderKind, Qty, Rate, Report, Request, Side, TimeInForce};

use Word::{Filled, Gone, Taken, WentOff};

type Played = Result<(), String>;

pub(super) const CASES: &[Row] = &[
    ("an account at rest holds nothing, and its history is empty", at_rest),
    ("a holding shows what fills came to, and what rests", holding_after_fills),
    ("a history from any number is what was said, and ends at the last", history_from_anywhere),
    ("a history from beyond the end is empty", history_beyond),
    ("what is too much for one answer comes in several", paged),
    ("somebody else's order is not told of, and shown as nobody's", foreign_order),
    ("somebody else's fill is not told of, and shows in the holding", foreign_fill),
    ("funding is told once, and is the money", funding),
    ("who holds nothing hears of no funding", no_funding),
    ("a process that was dead hears what happened, once", dead_meanwhile),
    ("a process that died before it heard of its order hears of it", died_before_answer),
    ("a process that is back finds its exits at rest, and they work", back_with_exits),
    ("a ladder that was not there when the process died comes to rest", ladder_after_death),
    ("a process that is back repeats nothing, funding neither", nothing_repeated),
    ("two accounts with the same ids are two", two_accounts),
    ("two lives of one id on two accounts end each for itself", two_lives),
];

fn at_rest(stage: &mut Stage<'_>) -> Played {
    let (reports, last) = stage.ask_history(0)?;
    let holding = stage.holding(0)?;
    let nothing = reports.is_empty() && last == 0 && holding.orders.is_empty();
    let is_flat = holding.positions == [Qty::ZERO; 2] && holding.wallet == stage.subject.balance();
    if nothing && is_flat { Ok(()) } else { Err(format!("{last} reports, {holding:?}")) }
}

fn open(stage: &mut Stage<'_>, side: Side, lots: i64) -> Result<OrderId, String> {
    let order = stage.entry(side, lots, OrderKind::Market);
    let id = stage.place(order);
    stage.hears(id, &[Filled(lots * side.sign(), End::Whole)])?;
    Ok(id)
}

fn rest(stage: &mut Stage<'_>, away: i64) -> Result<OrderId, String> {
    let kind = stage.limit(away, TimeInForce::GoodTillCancelled);
    let order = stage.entry(Side::Buy, 20, kind);
    let id = stage.place(order);
    stage.hears(id, &[Taken])?;
    Ok(id)
}

fn holding_after_fills(stage: &mut Stage<'_>) -> Played {
    open(stage, Side::Buy, 20)?;
    let id = rest(stage, -5_000)?;
    stage.go(300);
    let order = stage.exit(Side::Sell, 5, OrderKind::Market);
    let close = stage.place(order);
    stage.hears(close, &[Filled(-5, End::Whole)])?;
    let holding = stage.holding(0)?;
    let is_right = holding.orders == [Some(id)] && holding.positions == [Qty(15), Qty::ZERO];
    if is_right { Ok(()) } else { Err(format!("{holding:?}")) }
}

fn history_from_anywhere(stage: &mut Stage<'_>) -> Played {
    open(stage, Side::Buy, 20)?;
    let id = rest(stage, -5_000)?;
    stage.cancel(id);
    stage.hears(id, &[Taken, Gone(&[CancelReason::Requested])])?;
    let heard = stage.books[0].heard.clone();
    // What was asked after is not kept: so the numbers ascend.
    for after in 0..=heard.len() {
        let (reports, last) = stage.ask_history(after as u64)?;
        let told: Vec<Report> = reports.iter().map(|(.., report)| *report).collect();
        let wanted: Vec<Report> = heard[after..].iter().map(|(_, report)| *report).collect();
        if told != wanted || last != heard.len() as u64 {
            return Err(format!("after {after} of {last}: {told:?}, not {wanted:?}"));
        }
    }
    Ok(())
}

fn history_beyond(stage: &mut Stage<'_>) -> Played {
    open(stage, Side::Sell, 20)?;
    let heard = stage.books[0].heard.len() as u64;
    let (reports, last) = stage.ask_history(heard)?;
    if reports.is_empty() && last == heard { Ok(()) } else { Err(format!("{last}: {reports:?}")) }
}

fn paged(stage: &mut Stage<'_>) -> Played {
    let wanted = HISTORY_MAX + 6;
    while stage.books[0].heard.len() < wanted {
        // Few at a time: a venue that counts requests lets some wait.
        let orders = [(); 6].map(|()| {
            let kind = stage.limit(-5_000, TimeInForce::GoodTillCancelled);
            stage.entry(Side::Buy, 20, kind)
        });
        let ids = orders.map(|order| stage.place(order));
        for id in ids {
            stage.hears(id, &[Taken])?;
            stage.cancel(id);
        }
        for id in ids {
            stage.hears(id, &[Taken, Gone(&[CancelReason::Requested])])?;
        }
    }
    let heard = stage.books[0].heard.clone();
    let mut told = Vec::new();
    loop {
        let (reports, last) = stage.ask_history(told.len() as u64)?;
        let fits = reports.len() <= HISTORY_MAX && last == heard.len() as u64;
        if !fits || reports.is_empty() {
            return Err(format!("{} reports in one answer, of {last}", reports.len()));
        }
        told.extend(reports.into_iter().map(|(_, _, report)| report));
        if told.len() as u64 >= last {
            break;
        }
    }
    let said: Vec<Report> = heard.into_iter().map(|(_, report)| report).collect();
    if told == said { Ok(()) } else { Err("the pages are not what was said".to_owned()) }
}

fn foreign_order(stage: &mut Stage<'_>) -> Played {
    let kind = stage.limit(-5_000, TimeInForce::GoodTillCancelled);
    let (order, account) = (stage.entry(Side::Buy, 20, kind), stage.first());
    stage.subject.place_by_hand(account, order);
    for _ in 0..3 {
        stage.listen()?;
    }
    stage.settle_beside(&[None], [Qty::ZERO; 2])?;
    let own = rest(stage, -4_000)?;
    stage.cancel(own);
    stage.hears(own, &[Taken, Gone(&[CancelReason::Requested])])?;
    stage.settle_beside(&[None], [Qty::ZERO; 2])?;
    stage.subject.cancel_by_hand(account, order.id);
    for _ in 0..3 {
        stage.listen()?;
    }
    Ok(())
}

fn foreign_fill(stage: &mut Stage<'_>) -> Played {
    open(stage, Side::Buy, 20)?;
    let (order, account) = (stage.entry(Side::Buy, 7, OrderKind::Market), stage.first());
    stage.subject.place_by_hand(account, order);
    for _ in 0..3 {
        stage.listen()?;
    }
    let heard = stage.books[0].heard.len();
    stage.settle_beside(&[], [Qty(7), Qty::ZERO])?;
    if stage.books[0].heard.len() != heard {
        return Err(format!("it was told of: {:?}", &stage.books[0].heard[heard..]));
    }
    // The account is left as its books say.
    let close = stage.exit(Side::Sell, 7, OrderKind::Market);
    stage.subject.place_by_hand(account, close);
    for _ in 0..3 {
        stage.listen()?;
    }
    stage.stain();
    Ok(())
}

fn fundings(stage: &Stage<'_>) -> Vec<Report> {
    let reports = stage.books[0].heard.iter().map(|(_, report)| *report);
    reports.filter(|report| matches!(report, Report::Funding { .. })).collect()
}

fn funding(stage: &mut Stage<'_>) -> Played {
    open(stage, Side::Buy, 20)?;
    stage.fund(Rate(100_000_000));
    // A venue says nothing of money: it is read now and then, and with a holding.
    stage.settle()?;
    match fundings(stage)[..] {
        [Report::Funding { amount, position, .. }] if amount.0 < 0 && position == Qty(20) => Ok(()),
        ref other => Err(format!("not one payment of a long position: {other:?}")),
    }
}

fn no_funding(stage: &mut Stage<'_>) -> Played {
    stage.fund(Rate(100_000_000));
    stage.settle()?;
    if stage.books[0].heard.is_empty() { Ok(()) } else { Err("something was told".to_owned()) }
}

fn dead_meanwhile(stage: &mut Stage<'_>) -> Played {
    let id = rest(stage, -100)?;
    stage.die();
    stage.go(-200);
    stage.rise();
    stage.hears(id, &[Taken, Filled(20, End::Whole)])?;
    stage.settle()
}

fn died_before_answer(stage: &mut Stage<'_>) -> Played {
    let order = stage.entry(Side::Buy, 20, OrderKind::Market);
    let id = stage.place(order);
    // It has reached the venue; what was said of it was heard by nobody.
    stage.subject.deliver();
    stage.die();
    stage.rise();
    stage.hears(id, &[Filled(20, End::Whole)])?;
    stage.settle()
}

fn enter(stage: &mut Stage<'_>) -> Result<OrderId, String> {
    let order = stage.entry(Side::Buy, 20, OrderKind::Market);
    let order = stage.with_exits(order, 300, &[(200, 8), (400, 12)]);
    let id = stage.place(order);
    for leg in [Leg::Stop, Leg::Target(0), Leg::Target(1)] {
        stage.hears(id.with_leg(leg), &[Taken])?;
    }
    Ok(id)
}

fn back_with_exits(stage: &mut Stage<'_>) -> Played {
    let id = enter(stage)?;
    stage.settle()?;
    stage.die();
    stage.rise();
    stage.settle()?;
    stage.go(250);
    stage.hears(id.with_leg(Leg::Target(0)), &[Taken, Filled(-8, End::Whole)])?;
    stage.settle()?;
    stage.go(-600);
    let stop = id.with_leg(Leg::Stop);
    stage.until("the stop's fill", |stage| stage.fill(stop).is_ok())?;
    stage.settle()
}

fn ladder_after_death(stage: &mut Stage<'_>) -> Played {
    let kind = stage.limit(-100, TimeInForce::GoodTillCancelled);
    let order = stage.entry(Side::Buy, 20, kind);
    let order = stage.with_exits(order, 400, &[(200, 8), (400, 12)]);
    let id = stage.place(order);
    stage.hears(id, &[Taken])?;
    stage.die();
    stage.go(-150);
    stage.rise();
    stage.hears(id, &[Taken, Filled(20, End::Whole)])?;
    for leg in [Leg::Stop, Leg::Target(0), Leg::Target(1)] {
        stage.hears(id.with_leg(leg), &[Taken])?;
    }
    stage.settle()?;
    stage.go(-300);
    stage.hears(id.with_leg(Leg::Stop), &[Taken, WentOff, Filled(-20, End::Whole)])
}

fn nothing_repeated(stage: &mut Stage<'_>) -> Played {
    open(stage, Side::Buy, 20)?;
    let id = rest(stage, -5_000)?;
    stage.fund(Rate(100_000_000));
    stage.settle()?;
    let heard = stage.books[0].heard.len();
    for _ in 0..2 {
        stage.die();
        stage.rise();
        stage.settle()?;
    }
    if stage.books[0].heard.len() != heard {
        return Err(format!("it was told again: {:?}", &stage.books[0].heard[heard..]));
    }
    stage.cancel(id);
    stage.hears(id, &[Taken, Gone(&[CancelReason::Requested])])
}

fn two_accounts(stage: &mut Stage<'_>) -> Played {
    let buy = stage.entry(Side::Buy, 20, OrderKind::Market);
    let sell =
        model::OrderRequest { side: Side::Sell, position_side: stage.line(Side::Sell), qty: Qty(5), ..buy };
    let (first, second) = (stage.place_on(0, buy), stage.place_on(1, sell));
    stage.hears_on(0, first, &[Filled(20, End::Whole)])?;
    stage.hears_on(1, second, &[Filled(-5, End::Whole)])?;
    stage.settle()
}

fn two_lives(stage: &mut Stage<'_>) -> Played {
    let kind = stage.limit(-100, TimeInForce::GoodTillCancelled);
    let order = stage.entry(Side::Buy, 20, kind);
    let id = stage.place_on(0, order);
    stage.place_on(1, order);
    stage.hears_on(0, id, &[Taken])?;
    stage.hears_on(1, id, &[Taken])?;
    let second = stage.books[1].account;
    stage.request_on(second, Request::Cancel(id), model::Interval(20_000));
    stage.hears_on(1, id, &[Taken, Gone(&[CancelReason::Requested])])?;
    stage.go(-150);
    stage.hears_on(0, id, &[Taken, Filled(20, End::Whole)])
}
