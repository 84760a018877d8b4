//! The market's past: what lies before its opening is learnt from, and nobody decides on what is over.

#![allow(missing_docs, reason = "tests say what they hold")]

use farm::{Actions, Character, Farm, Recruit, Roster};
use model::{Bar, BarColumns, BotId, Event, Instrument, Interval, Price, Qty, Rng, Time, Usd};
use persona::ControlSettings;

const START: Time = Time(1_735_689_600_000);

fn bars(count: i64) -> BarColumns {
    let (mut rng, mut bars, mut price) = (Rng::new(4), BarColumns::new(Interval::MINUTE), 400_000_i64);
    for minute in 0..count {
        let open = price;
        price += rng.below(401) as i64 - 200;
        let (high, low) = (Price(open.max(price) + 20), Price(open.min(price) - 20));
        let open_time = Time(START.0 + minute * 60_000);
        bars.push(Bar { open_time, open: Price(open), high, low, close: Price(price), volume: 10.0 });
    }
    bars
}

fn farm(names: &[&str]) -> Farm {
    let character = |name: &str| match persona::catalogue::profile(name) {
        Some(profile) => Character::Twin(Box::new(profile.expect("valid"))),
        None => Character::Control("ema_cross", ControlSettings { fast: 5, slow: 20, quantity: Qty(10) }),
    };
    let place =
        |(bot, name): (u16, &&str)| Recruit::alone(BotId(bot), character(name), Usd(10_000 * Usd::ONE.0), 1);
    let places: Vec<Recruit> = (0..).zip(names).map(place).collect();
    let roster = Roster::of(&places, &[]).expect("a roster");
    Farm::new(Instrument::btcusdt(), Interval::MINUTE, roster, cosmos::Sky::none()).expect("a farm")
}

/// Feeds everything; how many actions there were.
fn feed(farm: &mut Farm, bars: &BarColumns, (from, to): (usize, usize)) -> usize {
    let (mut at, mut actions, mut out) = (from, 0, Actions::default());
    while at < to {
        at += farm.on_bars(bars.as_bars().slice(at, to), &mut out);
        actions += out.as_slice().len();
        out.clear();
    }
    actions
}

#[test]
fn nobody_decides_on_what_is_over_and_everybody_has_learnt_from_it() {
    let bars = bars(6_000);
    for names in [&["ema_cross"][..], &["scalper", "ema_cross"], &["strategic", "newbie", "fibonacci"]] {
        let mut farm = farm(names);
        assert_eq!(feed(&mut farm, &bars, (0, 5_000)), 0, "{names:?}");
        assert_eq!(farm.session(), None, "sessions begin when the market opens");
        assert_eq!(farm.market().now(), bars.as_bars().close_time(4_999));
        let opened = bars.as_bars().close_time(4_999);
        farm.on_event(opened, &Event::Tick(bars.close[4_999]), &mut Actions::default());
        let first = farm.session();
        assert_eq!(first, None);
        feed(&mut farm, &bars, (5_000, 5_001));
        assert_eq!(farm.session().map(|session| session.number > 0), Some(true));
    }
}

/// A control that learnt from the past crosses where one that lived through it does.
#[test]
fn what_was_learnt_is_what_was_lived() {
    let bars = bars(1_000);
    let (mut lived, mut learnt) = (farm(&["ema_cross"]), farm(&["ema_cross"]));
    lived.on_event(START, &Event::Tick(bars.open[0]), &mut Actions::default());
    feed(&mut lived, &bars, (0, 500));
    feed(&mut learnt, &bars, (0, 500));
    learnt.on_event(bars.as_bars().close_time(499), &Event::Tick(bars.close[499]), &mut Actions::default());
    let next = |farm: &mut Farm| {
        let mut out = Actions::default();
        let mut at = 500;
        while out.is_empty() && at < 1_000 {
            at += farm.on_bars(bars.as_bars().slice(at, 1_000), &mut out);
        }
        at
    };
    // The one that lived has an order on its way already, so it says nothing new; it took as many bars at least.
    let learnt_at = next(&mut learnt);
    assert!(
        learnt_at < 1_000 && next(&mut lived) >= learnt_at,
        "the averages were warm: a cross was seen at {learnt_at}"
    );
}
