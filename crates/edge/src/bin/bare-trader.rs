//! A trader and nothing beside it, for tests that kill it: bots, an exchange, a journal, by its arguments.
//!
//! `bare-trader JOURNAL REST_URL START_MS GENERATION MODE BOT...`, one account a bot, key `k<N>:s<N>:p<N>`. It refuses any
//! host but this machine: it is no way to trade.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use cosmos::Sky;
use edge::exchange::{Clock, Urls};
use edge::trader::{Plan, Said, Trader};
use farm::{Character, Recruit, Right};
use model::{AccountMode, BotId, Interval, MarginMode, PositionMode, Qty, Time, Usd};
use persona::{CONTROLS, ControlSettings, Gains};
use risk::Rules;
use std::path::Path;
use std::time::Duration;
use venue_bitget::account::Wanted;
use venue_bitget::adapter::Alert;
use venue_bitget::order_id::Prefix;
use venue_bitget::sign::{Credentials, Environment, Secret};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [journal, rest, start, mode, bots @ ..] = &arguments[..] else {
        eprintln!("bare-trader JOURNAL REST_URL START_MS one_way|hedge BOT...");
        std::process::exit(1);
    };
    assert!(rest.starts_with("http://127.0.0.1:"), "a bare trader trades on this machine only");
    let start = Time(start.parse().expect("a time in milliseconds"));
    let position = if mode == "hedge" { PositionMode::Hedge } else { PositionMode::OneWay };
    let plan = plan(bots, position);
    let urls = Urls::one(rest).expect("a URL");
    let mut trader = match Trader::rise(Path::new(journal), &plan, &urls, Clock::steps(start), Right::Sole) {
        Ok(trader) => trader,
        Err(error) => {
            eprintln!("error: {error}");
            std::process::exit(2);
        }
    };
    println!("up");
    loop {
        for said in trader.turn(Duration::from_secs(1)) {
            if let Said::Alert(Alert::Odd(words)) = said {
                eprintln!("odd: {words}");
            }
        }
    }
}

fn plan(bots: &[String], position: PositionMode) -> Plan {
    let mode = AccountMode { position, margin: MarginMode::Cross, leverage: 10 };
    let wanted = Wanted { mode, known_harmless: Vec::new(), bound_to_addresses: false };
    let recruits: Vec<Recruit> = (0_u16..)
        .zip(bots)
        .map(|(number, name)| Recruit::alone(BotId(number), character(name), Usd(0), 7))
        .collect();
    let key = |recruit: &Recruit| {
        let part = |letter: char| format!("{letter}{}", recruit.bot.0);
        let credentials =
            Credentials::hmac(part('k'), Secret::new(part('s')), Secret::new(part('p'))).expect("a key");
        (recruit.account, (credentials, wanted.clone()))
    };
    Plan {
        environment: Environment::Live,
        prefix: Prefix::new("obf").expect("a prefix"),
        symbol: "BTCUSDT".to_owned(),
        interval: Interval::MINUTE,
        warm_up: 600,
        accounts: recruits.iter().map(key).collect(),
        recruits,
        rules: Rules::NONE,
        sky: Sky::default(),
        seed: 7,
        lock_step: true,
    }
}

fn character(name: &str) -> Character {
    match CONTROLS.iter().find(|(control, _)| *control == name) {
        Some((control, _)) => {
            Character::Control(control, ControlSettings { fast: 3, slow: 8, quantity: Qty(20) })
        }
        None => {
            let profile = persona::catalogue::profile(name)
                .expect("a persona of the catalogue")
                .expect("its file is sound");
            Character::Persona(Box::new(profile), Gains::default())
        }
    }
}
