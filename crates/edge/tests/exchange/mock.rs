//! The real adapter through a link, against the mock on its sockets: start-up, market, an order, a new line.

use edge::exchange::{Clock, Link, Told, Urls};
use mock_bitget::{AccountSetup, Exchange, Generation, Setup};
use mock_server::Server;
use model::{
    AccountId, AccountMode, BotId, FromVenue, Interval, Known, Leg, MarginMode, OrderId, OrderKind,
    OrderRequest, PositionMode, PositionSide, Qty, Report, Request, Side, Time, ToVenue,
};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use venue_bitget::account::Wanted;
use venue_bitget::adapter::{Account, Adapter, Alert, Market, Settings};
use venue_bitget::order_id::Prefix;
use venue_bitget::request::TriggerBy;
use venue_bitget::sign::{Credentials, Environment, Secret};

const ACCOUNT: AccountId = AccountId(5);

fn server(generation: Generation) -> (Server, Time) {
    let clock = mock_server::Clock::new(1.0).unwrap();
    let account = AccountSetup { generation, ..AccountSetup::short(0, "key:secret:pass:10000").unwrap() };
    let setup = Setup { accounts: vec![account] };
    let exchange = Exchange::generated(vec![mock_bitget::btcusdt()], setup, clock.now(), 7);
    let server = Server::start(SocketAddr::from(([127, 0, 0, 1], 0)), exchange, clock).unwrap();
    (server, clock.now())
}

fn adapter(now: Time) -> Adapter {
    let secret = |text: &str| Secret::new(text.to_owned());
    let mode = AccountMode { position: PositionMode::OneWay, margin: MarginMode::Cross, leverage: 10 };
    let account = Account {
        credentials: Credentials::hmac("key".to_owned(), secret("secret"), secret("pass")).unwrap(),
        wanted: Wanted { mode, known_harmless: Vec::new(), bound_to_addresses: true },
        known: Known::nothing(ACCOUNT, now),
    };
    let base = Interval::MINUTE;
    let from = Time(now.floor(base).0 - 3 * base.0);
    let settings = Settings {
        environment: Environment::Live,
        prefix: Prefix::new("obf").unwrap(),
        symbol: "BTCUSDT".to_owned(),
        trigger_by: TriggerBy::LastPrice,
        market: Some(Market { base, from, beside: Vec::new() }),
        accounts: vec![account],
        seed: 7,
        lock_step: false,
    };
    Adapter::new(settings, now)
}

fn market_order() -> Request {
    Request::Place(OrderRequest {
        id: OrderId { bot: BotId(3), epoch: 1, decision: 1, leg: Leg::Own },
        side: Side::Buy,
        position_side: PositionSide::Net,
        qty: Qty(20),
        kind: OrderKind::Market,
        reduce_only: false,
        bracket: None,
        one_cancels_other: None,
    })
}

#[test]
fn the_adapter_starts_sees_the_market_and_trades() {
    for generation in [Generation::V2, Generation::V3] {
        let (server, began) = server(generation);
        let clock = Clock::machine();
        let urls = Urls::one(&server.urls().rest).unwrap();
        let mut link = Link::start(adapter(clock.now()), urls, clock).unwrap();
        let (mut bars, mut ready, mut filled) = (0, false, false);
        let patience = Instant::now();
        while !(bars >= 3 && filled) {
            assert!(patience.elapsed() < Duration::from_secs(40), "{generation:?}: {bars} bars, {ready}");
            match link.recv_timeout(Duration::from_millis(200)) {
                Some(Told::Bar(bar)) => {
                    assert!(bar.open_time.0 >= began.0 - 4 * 60_000);
                    bars += 1;
                }
                Some(Told::Alert(Alert::Ready(account, _))) => {
                    assert_eq!(account, ACCOUNT);
                    ready = true;
                    let valid_until = link.now() + Interval(20_000);
                    let request = market_order();
                    link.send(ToVenue::Request { account, request, valid_until }).unwrap();
                }
                Some(Told::Tell(FromVenue::Report { report: Report::Filled(fill), .. })) => {
                    assert_eq!(fill.qty.0.abs(), 20);
                    filled = true;
                }
                Some(Told::Tell(FromVenue::Report { report: Report::Rejected { reason, .. }, .. })) => {
                    panic!("{reason:?}");
                }
                Some(Told::Alert(Alert::Barred(_, _, why))) => panic!("{why:?}"),
                _ => {}
            }
        }
        let stopped = link.stop();
        assert!(stopped.counters.lines >= 1 && stopped.counters.broken == 0, "{:?}", stopped.counters);
    }
}
