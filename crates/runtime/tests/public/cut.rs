//! Lines are cut, or fall silent, and come back: the market is torn there and nowhere else.

#[allow(dead_code)]
#[path = "../../../edge/tests/exchange/proxy.rs"]
mod proxy;

use crate::scene::{journal, public, terms};
use edge::exchange::Clock;
use edge::trader::Said;
use farm::Right;
use mock_bitget::{Exchange, Setup};
use mock_server::Server;
use model::{Interval, Time};
use proxy::{Fault, Proxy};
use runtime::feed::{Bitget, Fed, Feed, Past};
use runtime::{Engine, Trading};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use venue_bitget::adapter::Alert;

/// The exchange's clock is so far ahead of this machine's.
const AHEAD: Interval = Interval(4_000_000);

fn exchange() -> Server {
    let now = Clock::wall() + AHEAD;
    let clock = mock_server::Clock::starting_at(now, 1.0).unwrap();
    let setup = Setup { accounts: Vec::new() };
    let exchange = Exchange::generated(vec![mock_bitget::btcusdt()], setup, now, 7);
    Server::start(SocketAddr::from(([127, 0, 0, 1], 0)), exchange, clock).unwrap()
}

fn proxy_of(server: &Server) -> Proxy {
    Proxy::start(server.urls().rest.strip_prefix("http://").unwrap().parse().unwrap())
}

/// Everything that is told until something is; time must have no gap in it.
fn told_until(
    feed: &mut Bitget,
    told: &mut Vec<Fed>,
    what: &str,
    mut is_it: impl FnMut(&Fed, &Bitget) -> bool,
) {
    let begun = Instant::now();
    loop {
        assert!(begun.elapsed() < Duration::from_secs(100), "{what}: not told");
        feed.wait(Duration::from_millis(100));
        while let Some(fed) = feed.next() {
            told.push(fed);
            if is_it(&fed, feed) {
                return;
            }
        }
    }
}

fn is_whole(told: &[Fed]) {
    let stretches: Vec<_> = told
        .iter()
        .filter_map(|fed| if let Fed::Traded(stretch) = fed { Some(stretch) } else { None })
        .collect();
    assert!(stretches.len() > 10, "{} stretches", stretches.len());
    for pair in stretches.windows(2) {
        assert_eq!(pair[0].bar.open_time + pair[0].interval, pair[1].bar.open_time, "no time is left out");
        assert_eq!(pair[0].mark.close, pair[1].mark.open, "nor does the mark leap");
    }
}

#[test]
fn a_cut_line_is_a_tear_and_the_next_bar_mends_it() {
    let server = exchange();
    let proxy = proxy_of(&server);
    let public = public(&proxy.url(), Clock::machine(), false);
    let listed = public.look().unwrap();
    let off = (listed.now - (Clock::wall() + AHEAD)).0.abs();
    assert!(off < 1_000, "its clock is the exchange's: {off} ms off");
    let base = Interval::MINUTE;
    let mut feed = Bitget::begin(&public, &listed.instrument, base, Past::New, listed.now).unwrap();
    let mut told = Vec::new();
    told_until(&mut feed, &mut told, "the market", |fed, _| *fed == Fed::SightRegained);
    let seen = told.iter().filter(|fed| matches!(fed, Fed::Seen(_))).count();
    assert!(seen >= 600, "{seen} bars of the past");
    assert_eq!(told[0], Fed::SightLost);
    assert!(matches!(told[told.len() - 2], Fed::Opened(at, _) if at >= listed.now - Interval(5_000)));
    let mut ticks = 0;
    told_until(&mut feed, &mut told, "prices", |fed, _| {
        ticks += u32::from(matches!(fed, Fed::Traded(_)));
        ticks == 20
    });
    proxy.set(Fault::CutAfter(0));
    told_until(&mut feed, &mut told, "that it is cut", |fed, _| *fed == Fed::SightLost);
    assert!(feed.take_alerts().iter().any(|alert| matches!(alert, Alert::Doubted(None, _))));
    let passed = |told: &[Fed]| {
        told.iter().rev().find_map(|fed| if let Fed::Passed(at) = fed { Some(*at) } else { None })
    };
    let cut = passed(&told).unwrap();
    told_until(&mut feed, &mut told, "the time that passes", |fed, _| {
        assert!(!matches!(fed, Fed::Traded(_)), "nobody knows a price: {fed:?}");
        matches!(fed, Fed::Passed(at) if *at > cut + Interval(2_000))
    });
    proxy.set(Fault::None);
    told_until(&mut feed, &mut told, "that it is back", |fed, _| *fed == Fed::SightRegained);
    let back = passed(&told).unwrap();
    told_until(
        &mut feed,
        &mut told,
        "the bar",
        |fed, _| matches!(fed, Fed::Seen(bar) if bar.open_time + base > back),
    );
    is_whole(&told);
    // What the bar of the tear reached was traded.
    let Some(Fed::Seen(torn)) =
        told.iter().find(|fed| matches!(fed, Fed::Seen(bar) if bar.open_time + base > cut))
    else {
        panic!("a bar over the cut")
    };
    let over =
        told.iter().filter_map(|fed| if let Fed::Traded(stretch) = fed { Some(stretch.bar) } else { None });
    let of_it: Vec<_> = over.filter(|bar| bar.open_time >= cut - Interval(1_000)).collect();
    assert!(of_it.iter().any(|bar| bar.low <= torn.low) && of_it.iter().any(|bar| bar.high >= torn.high));
}

#[test]
fn a_silent_wire_is_said_and_nothing_is_carried_out_meanwhile() {
    let server = exchange();
    let proxy = proxy_of(&server);
    let path = journal("silent");
    let trading = Trading::Public {
        terms: Box::new(terms(&["ema_cross"])),
        public: Box::new(public(&proxy.url(), Clock::machine(), false)),
    };
    let mut engine = Engine::rise(&(&path).into(), &trading, Right::Sole).unwrap();
    let begun = Instant::now();
    while engine.farm().price().is_none() || engine.open_requests() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "the market does not open");
        engine.turn(Duration::from_millis(100));
    }
    assert!(engine.waker().is_some() && engine.idle().is_none(), "its sockets are waited for in its turn");
    proxy.set(Fault::HalfOpen);
    let (cut, mut alerts) = (engine.now(), Vec::new());
    while !alerts.iter().any(|said| matches!(said, Said::Alert(Alert::Doubted(None, _)))) {
        assert!(begun.elapsed() < Duration::from_secs(90), "nobody says that it is silent: {alerts:?}");
        alerts.extend(engine.turn(Duration::from_millis(200)));
    }
    let now: Time = engine.now();
    assert!(now - cut >= Interval(5_000), "its clock goes on: {cut:?} to {now:?}");
    let (_, priced_at) = engine.farm().price().unwrap();
    // What was on its way when it was cut still came.
    assert!(now - priced_at >= Interval(4_000), "and the price is as old as it is: {priced_at:?} at {now:?}");
    std::fs::remove_file(&path).unwrap();
}
