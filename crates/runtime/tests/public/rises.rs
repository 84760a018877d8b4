//! A farm on the stream trades, by the exchange's clock; killed in the middle it finds that its stop was met without it.

use crate::scene::{BALANCE, Pacer, START, go_on, in_step, journal, rise, turn_until};
use edge::trader::Said;
use farm::{Notice, Word};
use mock_bitget::MadeMarket;
use model::{Interval, Leg, Time};
use runtime::Engine;

fn fills(engine: &Engine) -> u64 {
    engine.farm().bots().iter().map(|bot| bot.ledger().fills()).sum()
}

#[test]
fn a_farm_on_the_stream_trades_by_the_exchanges_clock() {
    let (server, path) = (in_step(4), journal("trades"));
    let mut engine = rise(&path, &server, &["ema_cross", "scalper", "aggressive", "newbie"], START);
    let mut pacer = Pacer::join(&server);
    let (end, mut trips) = (START + Interval::HOUR, 0);
    go_on(&mut engine, &mut pacer, end, |said| {
        trips +=
            said.iter().filter(|one| matches!(one, Said::Word(_, Word::Of(_, Notice::Closed(_))))).count();
    });
    assert_eq!(engine.now(), server.with(|exchange| exchange.now()), "the clock is the exchange's");
    assert!(fills(&engine) >= 4 && trips >= 1, "{} fills, {trips} round trips", fills(&engine));
    let market = MadeMarket::begin(&mock_bitget::btcusdt(), 4, START);
    assert_eq!(engine.farm().instrument(), &mock_bitget::btcusdt(), "the contract is the exchange's");
    assert!(market.past().len() >= 600);
    std::fs::remove_file(&path).unwrap();
}

/// The first minute in which a made market reaches a price, from an instant on.
fn reaches(seed: u64, from: Time, stop: model::Price, is_long: bool) -> Time {
    let mut market = MadeMarket::begin(&mock_bitget::btcusdt(), seed, START);
    loop {
        let bar = market.tick().bar;
        let is_met = if is_long { bar.low <= stop } else { bar.high >= stop };
        if bar.open_time >= from && is_met {
            return bar.open_time;
        }
        assert!(bar.open_time < from + Interval(10 * Interval::DAY.0), "the market never comes there");
    }
}

#[test]
fn what_rested_met_the_bars_that_nobody_saw() {
    let (seed, path) = (4, journal("rises"));
    let server = in_step(seed);
    let bots = &["scalper", "aggressive", "newbie"];
    let mut engine = rise(&path, &server, bots, START);
    let mut pacer = Pacer::join(&server);
    let mut now = START;
    let held = loop {
        now = now + Interval(10 * Interval::MINUTE.0);
        go_on(&mut engine, &mut pacer, now, |_| {});
        let stop_of = |bot: &farm::Bot| {
            let qty = bot.ledger().position().qty;
            let stop = bot.orders().iter().find(|order| order.id.leg == Leg::Stop && qty.0 != 0)?;
            Some((bot.id(), qty, stop.price?))
        };
        if let Some(held) = engine.farm().bots().iter().find_map(stop_of) {
            break held;
        }
        assert!(now < START + Interval(2 * Interval::DAY.0), "nobody holds anything");
    };
    let (bot, qty, stop) = held;
    let lots = |engine: &Engine| -> Vec<i64> {
        engine.farm().bots().iter().map(|bot| bot.ledger().position().qty.0).collect()
    };
    let (filled, died, had) = (fills(&engine), engine.now(), lots(&engine));
    drop(engine);
    let met = reaches(seed, died, stop, qty.0 > 0);
    let back = met.floor(Interval::MINUTE) + Interval(3 * Interval::MINUTE.0);
    pacer.until(back);

    let mut engine = rise(&path, &server, bots, back);
    let mut trips = Vec::new();
    turn_until(&mut engine, "the missed bars come", |engine, said| {
        for one in said {
            if let Said::Word(_, Word::Of(of, Notice::Closed(trade))) = one {
                trips.push((*of, *trade));
            }
        }
        engine.now() >= back
    });
    let (_, trade) = trips.iter().find(|(of, _)| *of == bot).unwrap();
    assert!(trade.exited_at > died && trade.exited_at <= back, "{trade:?} between {died:?} and {back:?}");
    assert!(fills(&engine) > filled);
    let grown =
        |(had, has): (&i64, &i64)| has.abs() > had.abs() || has.signum() == -had.signum() && *has != 0;
    assert!(!had.iter().zip(&lots(&engine)).any(grown), "nobody opens anything in a past that he was not in");
    // It goes on, and its books are the venue's.
    go_on(&mut engine, &mut pacer, back + Interval(30 * Interval::MINUTE.0), |_| {});
    assert!(engine.farm().accounts().all(|account| engine.farm().unexplained(account).is_none()));
    let wallets: i64 = engine.farm().bots().iter().map(|bot| bot.ledger().books().wallet().0).sum();
    assert_ne!(wallets, BALANCE.0 * i64::try_from(bots.len()).unwrap(), "something was won or lost");
    std::fs::remove_file(&path).unwrap();
}
