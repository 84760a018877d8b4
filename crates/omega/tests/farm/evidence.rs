//! What must be so however a farm was treated: its books are the exchange's, nothing was ordered twice or by two, nothing
//! stands unprotected, and every round trip is in the history once.

use crate::scene::{Farm, PERSONAS, SYMBOL, account, books};
use edge::journal::Place;
use farm::{Action, journal};
use mock_server::Server;
use model::{Leg, OrderId, Request, Time};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use venue_bitget::order_id::{Origin, Prefix};

/// A journal as it is on the disk.
struct Told {
    wallet: i64,
    lots: i64,
    /// Every order that was ever asked for.
    asked: BTreeSet<OrderId>,
    trips: usize,
}

/// Reads the journal of an account's shard in this directory; it may be written meanwhile.
fn told(farm: &Farm, home: &str, number: usize) -> Option<Told> {
    let place = Place::at(farm.data(home).join(format!("a{number}.omega")));
    let segments = place.read().ok()?;
    let (mut asked, mut trips) = (BTreeSet::new(), 0);
    let replayed = journal::replay_with(&segments, |heard| {
        for action in heard.actions {
            match action {
                Action::Submit(_, approved) => {
                    if let Request::Place(order) = approved.request() {
                        asked.insert(order.id);
                    }
                }
                Action::Notify(_, farm::Notice::Closed(_)) => trips += 1,
                _ => {}
            }
        }
    });
    let farm = replayed.ok()?.farm;
    let bot = farm.bots().first()?;
    let (wallet, lots) = (bot.ledger().books().wallet().0, bot.ledger().position().qty.0);
    Some(Told { wallet, lots, asked, trips })
}

/// What differs between a farm's books and the exchange's; `homes` says where each account's journal is.
pub fn differences(farm: &Farm, server: &Server, homes: &[&str]) -> Vec<String> {
    let at_exchange = books(server, homes.len());
    let differs = |(number, home): (usize, &&str)| {
        let there = at_exchange[number];
        let said = |what: String| Some(format!("{}: {what}", PERSONAS[number]));
        match told(farm, home, number) {
            None => said("its journal cannot be read".to_owned()),
            Some(told) if (told.wallet, told.lots) == there => None,
            Some(told) => said(format!("{:?} in its books, {there:?} there", (told.wallet, told.lots))),
        }
    };
    homes.iter().enumerate().filter_map(differs).collect()
}

/// Waits until nothing differs, while the market makes a step where `go_on` makes one; how long that took.
pub fn until_explained(
    farm: &Farm,
    server: &Server,
    homes: &[&str],
    longest: Duration,
    mut go_on: impl FnMut(),
) -> Duration {
    let begun = Instant::now();
    loop {
        let found = differences(farm, server, homes);
        if found.is_empty() {
            return begun.elapsed();
        }
        assert!(begun.elapsed() < longest, "not explained: {found:#?}");
        std::thread::sleep(Duration::from_millis(100));
        go_on();
    }
}

/// Every order at the exchange was asked for, once, and no life spoke after the one that came behind it. How many there are.
pub fn nothing_is_doubled(farm: &Farm, server: &Server, homes: &[&str]) -> usize {
    let prefix = Prefix::new("obf").expect("the usual one");
    let mut orders = 0;
    for (number, home) in homes.iter().enumerate() {
        let uid = account(number).uid;
        let clients: Vec<String> = server.with(|exchange| {
            let clients = exchange.clients_of(&uid).expect("an account of its own");
            clients.into_iter().map(str::to_owned).collect()
        });
        // The journal is read behind the exchange: what is there is here too.
        let asked = told(farm, home, number).expect("it can be read").asked;
        let mut seen = BTreeSet::new();
        for client in &clients {
            let Origin::Ours(sent) = prefix.origin(client) else { continue };
            assert!(seen.insert(sent), "{client} of {} is there twice", PERSONAS[number]);
            let entry = sent.order.with_leg(Leg::Own);
            let is_asked = asked.contains(&sent.order) || asked.contains(&entry);
            assert!(is_asked, "nobody asked for {client} of {}", PERSONAS[number]);
        }
        orders += seen.len();
    }
    orders
}

/// No life decided anything behind the one that came after it: of what was ordered by decision the exchange heard epochs
/// that only grow.
pub fn epochs_only_grow(server: &Server) {
    let prefix = Prefix::new("obf").expect("the usual one");
    for (number, persona) in PERSONAS.iter().enumerate() {
        let uid = account(number).uid;
        let epochs: Vec<u16> = server.with(|exchange| {
            let clients = exchange.clients_of(&uid).expect("an account of its own");
            let ours = clients.into_iter().filter_map(|client| match prefix.origin(client) {
                Origin::Ours(sent) if sent.order.leg == Leg::Own => Some(sent.order.epoch),
                Origin::Ours(_) | Origin::Foreign(_) => None,
            });
            ours.collect()
        });
        assert!(epochs.is_sorted(), "{persona}: an older life spoke behind a newer one: {epochs:?}");
    }
}

/// What a journal heard is in the order of time.
pub fn instants_only_grow(farm: &Farm, homes: &[&str]) {
    for (number, home) in homes.iter().enumerate() {
        let segments =
            Place::at(farm.data(home).join(format!("a{number}.omega"))).read().expect("it can be read");
        let mut last = Time(i64::MIN);
        let replayed = journal::replay_with(&segments, |heard| {
            if let Some(at) = heard.input.at() {
                assert!(at >= last, "account {number}: {at} is heard behind {last}");
                last = at;
            }
        });
        assert!(replayed.is_ok(), "account {number}: its journal cannot be read");
    }
}

/// Orders and triggers that the exchange was ever asked for, by all of a persona's account.
pub fn ordered(server: &Server, persona: &str) -> usize {
    let number = PERSONAS.iter().position(|known| *known == persona).expect("one of the six");
    let uid = account(number).uid;
    server.with(|exchange| exchange.clients_of(&uid).expect("an account of its own").len())
}

/// Who of the personas holds something that nothing protects.
pub fn naked(server: &Server) -> Vec<&'static str> {
    let is_naked = |(number, _): &(usize, &&str)| {
        let uid = account(*number).uid;
        server.with(|exchange| exchange.is_naked(&uid, SYMBOL).expect("an account of its own"))
    };
    PERSONAS.iter().enumerate().filter(is_naked).map(|(_, persona)| *persona).collect()
}

/// Round trips that the journals tell of.
pub fn trips(farm: &Farm, homes: &[&str]) -> usize {
    let of = |(number, home): (usize, &&str)| told(farm, home, number).expect("it can be read").trips;
    homes.iter().enumerate().map(of).sum()
}

/// Every round trip is in the history that this process keeps, once.
pub fn until_kept(farm: &Farm, gateway: &str, homes: &[&str], longest: Duration) {
    let begun = Instant::now();
    loop {
        let (kept, wanted) = (farm.rows(gateway, "trades").len(), trips(farm, homes));
        assert!(kept <= wanted, "{kept} rows of {wanted} round trips: one is there twice");
        if kept == wanted {
            return;
        }
        assert!(begun.elapsed() < longest, "{kept} of {wanted} round trips are kept");
        std::thread::sleep(Duration::from_millis(100));
    }
}
