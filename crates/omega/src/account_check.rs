//! Asks an exchange what a farm asks at its start, and says what came of it.
//!
//! Everything is judged by the adapter; here it is only put into words. Where no mode was asked for, whichever the
//! account has will do. It refuses to call that fit which is not known.

use crate::commands::exchange::CheckArguments;
use crate::console::Console;
use crate::error::Failure;
use crate::json::Json;
use crate::table::{Align, Cell, Grid, Tone};
use edge::exchange::{BadUrl, Clock, Link, Place, Told, Urls};
use model::{
    AccountId, AccountMode, FromVenue, Interval, Known, MarginMode, PositionMode, Time, ToVenue, Usd,
};
use std::time::{Duration, Instant};
use venue_bitget::account::{Obstacle, Permission, Standing, Wanted};
use venue_bitget::adapter::{Account, Adapter, Alert, Settings};
use venue_bitget::order_id::Prefix;
use venue_bitget::request::TriggerBy;
use venue_bitget::sign::{BadKey, Credentials, Environment, Secret};
use venue_bitget::wire::Generation;

const ACCOUNT: AccountId = AccountId(0);
/// What the account holds is nice to know, and not waited for any longer.
const BALANCE_PATIENCE: Duration = Duration::from_secs(5);
/// Where a key comes from: name of the variable, and what it is.
const VARIABLES: [&str; 3] = ["EXCHANGE_API_KEY", "EXCHANGE_API_SECRET", "EXCHANGE_API_PASSPHRASE"];

/// What came of it.
enum Verdict {
    Fit(Standing),
    Barred(Standing, Vec<Obstacle>),
}

/// All that was found out.
struct Found {
    verdict: Verdict,
    ahead: Interval,
    balance: Option<Usd>,
}

pub(crate) fn execute(arguments: &CheckArguments, console: &Console) -> Result<(), Failure> {
    let environment = if arguments.demo { Environment::Demo } else { Environment::Live };
    let urls = urls(arguments, environment)?;
    let credentials = credentials(arguments)?;
    let clock = Clock::machine();
    let now = clock.now();
    let adapter = Adapter::new(settings(arguments, environment, credentials, now), now);
    let place = urls.rest.to_string();
    let link = Link::start(adapter, urls, clock)
        .map_err(|error| Failure::input(error.to_string(), "close other programs, or raise `ulimit -n`"))?;
    console.say(&format!("asking {place}"));
    let found = ask(arguments, link, &place)?;
    let obstacles = match &found.verdict {
        Verdict::Fit(_) => Vec::new(),
        Verdict::Barred(standing, obstacles) => matter(arguments, standing, obstacles),
    };
    if arguments.json {
        console.print(&document(arguments, &place, &found, &obstacles).document())?;
    } else {
        let mut text = table(arguments, &place, &found, &obstacles).render(console.has_colour());
        for obstacle in &obstacles {
            text.push_str(&console.paper().wrap(&format!("must change: {obstacle}"), "  "));
        }
        console.print(&text)?;
    }
    match obstacles.len() {
        0 => Ok(()),
        1 => Err(Failure::input(
            "the farm may not trade this account: one thing must change",
            obstacles[0].to_string(),
        )),
        n => Err(Failure::input(
            format!("the farm may not trade this account: {n} things must change"),
            format!("first, {}", obstacles[0]),
        )),
    }
}

fn urls(arguments: &CheckArguments, environment: Environment) -> Result<Urls, Failure> {
    let bad =
        |error: BadUrl| Failure::usage(error.to_string(), "give --url, or --rest, --public and --private");
    if let Some(url) = &arguments.url {
        return Urls::one(url).map_err(bad);
    }
    let mut urls = Urls::bitget(environment);
    if let Some(url) = &arguments.rest {
        urls.rest = Place::rest(url).map_err(bad)?;
    }
    if let Some(url) = &arguments.public {
        urls.public = Place::socket(url).map_err(bad)?;
    }
    if let Some(url) = &arguments.private {
        urls.private = Place::socket(url).map_err(bad)?;
    }
    Ok(urls)
}

fn credentials(arguments: &CheckArguments) -> Result<Credentials, Failure> {
    let names = VARIABLES.join(", ");
    let hint = format!("set {names}, or name a --key-file with these as NAME=VALUE lines");
    let text = match &arguments.key_file {
        None => None,
        Some(file) => Some(std::fs::read_to_string(file).map_err(|error| {
            Failure::input(format!("cannot read {}: {error}", file.display()), hint.clone())
        })?),
    };
    let of = |name: &str| -> Result<String, Failure> {
        let found = match &text {
            None => std::env::var(name).ok(),
            Some(text) => text.lines().find_map(|line| {
                let (key, value) = line.trim().trim_start_matches("export ").split_once('=')?;
                (key.trim() == name).then(|| value.trim().trim_matches('"').to_owned())
            }),
        };
        found.ok_or_else(|| Failure::input(format!("{name} is not set"), hint.clone()))
    };
    let [key, secret, passphrase] = VARIABLES.map(of);
    let made = Credentials::hmac(key?, Secret::new(secret?), Secret::new(passphrase?));
    made.map_err(|bad: BadKey| Failure::input(bad.to_string(), hint))
}

fn settings(
    arguments: &CheckArguments,
    environment: Environment,
    credentials: Credentials,
    now: Time,
) -> Settings {
    let position = match arguments.position_mode.as_deref() {
        Some("hedge") => PositionMode::Hedge,
        _ => PositionMode::OneWay,
    };
    let margin = match arguments.margin_mode.as_deref() {
        Some("isolated") => MarginMode::Isolated,
        _ => MarginMode::Cross,
    };
    let mode = AccountMode { position, margin, leverage: arguments.leverage.unwrap_or(10) };
    let known_harmless = arguments.harmless.clone();
    let wanted = Wanted { mode, known_harmless, bound_to_addresses: !arguments.unbound };
    Settings {
        environment,
        prefix: Prefix::new("obf").expect("three letters are a prefix"),
        symbol: arguments.symbol.clone(),
        trigger_by: TriggerBy::LastPrice,
        market: None,
        accounts: vec![Account { credentials, wanted, known: Known::nothing(ACCOUNT, now) }],
        seed: 0,
        lock_step: false,
    }
}

/// Waits for what the adapter makes of the account.
fn ask(arguments: &CheckArguments, mut link: Link<Adapter>, place: &str) -> Result<Found, Failure> {
    let until = Instant::now() + Duration::from_secs(arguments.patience);
    let mut last = "nothing".to_owned();
    let verdict = loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            link.stop();
            let problem = format!(
                "{place} did not say what the account is within {} s; last heard: {last}",
                arguments.patience
            );
            return Err(Failure::input(
                problem,
                "check the address and the network, or give more --patience",
            ));
        }
        match link.recv_timeout(left) {
            Some(Told::Alert(Alert::Ready(_, standing))) => break Verdict::Fit(standing),
            Some(Told::Alert(Alert::Barred(_, standing, obstacles))) => {
                break Verdict::Barred(standing, obstacles);
            }
            Some(Told::Alert(Alert::LockedOut(_, fatal))) => {
                link.stop();
                return Err(Failure::input("the exchange does not let this key in", fatal.remedy()));
            }
            Some(Told::Alert(Alert::Unlisted(words))) => {
                link.stop();
                return Err(Failure::input(words, "name another --symbol"));
            }
            Some(Told::Alert(Alert::Odd(words))) => last = words,
            _ => {}
        }
    };
    let now = link.now();
    let ahead = link.protocol().exchange_time(now) - now;
    let balance = if matches!(verdict, Verdict::Fit(_)) { balance(&mut link) } else { None };
    link.stop();
    Ok(Found { verdict, ahead, balance })
}

fn balance(link: &mut Link<Adapter>) -> Option<Usd> {
    let asked_at = link.now();
    link.send(ToVenue::AskHolding { account: ACCOUNT, asked_at }).ok()?;
    let until = Instant::now() + BALANCE_PATIENCE;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match link.recv_timeout(left) {
            Some(Told::Tell(FromVenue::Holding { holding, .. })) => return Some(holding.wallet),
            _ if left.is_zero() => return None,
            _ => {}
        }
    }
}

/// The obstacles that are some: a mode nobody asked for is none, as long as it is known.
fn matter(arguments: &CheckArguments, standing: &Standing, obstacles: &[Obstacle]) -> Vec<Obstacle> {
    let even = standing.long_leverage == standing.short_leverage;
    let matters = |obstacle: &&Obstacle| match obstacle {
        Obstacle::Position { is, .. } => is.is_none() || arguments.position_mode.is_some(),
        Obstacle::Margin { is, .. } => is.is_none() || arguments.margin_mode.is_some(),
        Obstacle::Leverage { is, .. } => is.is_none() || !even || arguments.leverage.is_some(),
        _ => true,
    };
    obstacles.iter().filter(matters).cloned().collect()
}

fn standing(found: &Found) -> &Standing {
    match &found.verdict {
        Verdict::Fit(standing) | Verdict::Barred(standing, _) => standing,
    }
}

fn generation(standing: &Standing) -> Option<&'static str> {
    standing.generation.map(|generation| match generation {
        Generation::V2 => "classic (V2)",
        Generation::V3 => "unified (V3)",
    })
}

fn position(standing: &Standing) -> Option<&'static str> {
    standing.position.map(|mode| match mode {
        PositionMode::OneWay => "one_way",
        PositionMode::Hedge => "hedge",
    })
}

fn margin(standing: &Standing) -> Option<&'static str> {
    standing.margin.map(|mode| match mode {
        MarginMode::Cross => "cross",
        MarginMode::Isolated => "isolated",
    })
}

fn permissions(standing: &Standing) -> Option<Vec<String>> {
    let word = |permission: &Permission| match permission {
        Permission::TradeFutures => "trade futures".to_owned(),
        Permission::Withdraw => "withdraw".to_owned(),
        Permission::Harmless(word) => format!("{word} (harmless)"),
        Permission::Unknown(word) => format!("{word} (not known)"),
    };
    let words = standing.permissions.as_ref()?.iter().map(word);
    Some(words.collect())
}

fn document(arguments: &CheckArguments, place: &str, found: &Found, obstacles: &[Obstacle]) -> Json {
    let is = standing(found);
    let text = |value: Option<&str>| Json::optional(value, Json::text);
    let leverage = |value: Option<u16>| Json::optional(value, |value| Json::Whole(i64::from(value)));
    let words = |list: Vec<String>| Json::List(list.into_iter().map(Json::Text).collect());
    Json::object([
        ("may_trade", Json::Truth(obstacles.is_empty())),
        ("exchange", Json::text(place)),
        ("demo", Json::Truth(arguments.demo)),
        ("symbol", Json::text(&arguments.symbol)),
        ("clock_ahead_ms", Json::Whole(found.ahead.0)),
        ("account", text(generation(is))),
        ("position_mode", text(position(is))),
        ("margin_mode", text(margin(is))),
        ("leverage_long", leverage(is.long_leverage)),
        ("leverage_short", leverage(is.short_leverage)),
        ("wallet_usdt", Json::optional(found.balance, Json::money)),
        ("permissions", Json::optional(permissions(is), words)),
        ("bound_to_addresses", Json::optional(is.bound_to_addresses, Json::Truth)),
        ("obstacles", words(obstacles.iter().map(Obstacle::to_string).collect())),
    ])
}

fn table(arguments: &CheckArguments, place: &str, found: &Found, obstacles: &[Obstacle]) -> Grid {
    let is = standing(found);
    let mut grid = Grid::new(&[("what", Align::Left), ("found", Align::Left)]);
    let unknown = || "n/a (the exchange did not say)".to_owned();
    let mut row = |what: &str, value: Option<String>| {
        grid.row(vec![Cell::plain(what), Cell::plain(value.unwrap_or_else(unknown))]);
    };
    let owned = |word: Option<&str>| word.map(str::to_owned);
    let leverage = |value: Option<u16>| value.map_or_else(|| "?".to_owned(), |value| format!("{value}x"));
    let money = if arguments.demo { "demo, no real money" } else { "real money, unless this is a mock" };
    row("exchange", Some(format!("{place} ({money})")));
    let (ms, way) = (found.ahead.0.abs(), if found.ahead.0 < 0 { "behind" } else { "ahead of" });
    row("its clock", Some(format!("{ms} ms {way} this machine's, and allowed for")));
    row("contract", Some(format!("{} can be traded", arguments.symbol)));
    row("account", owned(generation(is)));
    row("position mode", owned(position(is)));
    row("margin mode", owned(margin(is)));
    let known = is.long_leverage.or(is.short_leverage);
    row(
        "leverage",
        known.map(|_| format!("long {}, short {}", leverage(is.long_leverage), leverage(is.short_leverage))),
    );
    let unasked = matches!(found.verdict, Verdict::Barred(..))
        .then(|| "n/a (asked of an account that fits)".to_owned());
    row("wallet", found.balance.map(|usd| format!("{usd} USDT")).or(unasked));
    row("the key may", permissions(is).map(|words| words.join(", ")));
    let bound = |bound| if bound { "some addresses only" } else { "anywhere" };
    row("and is used from", is.bound_to_addresses.map(|yes| bound(yes).to_owned()));
    if obstacles.is_empty() {
        grid.row(vec![Cell::new("verdict", Tone::Good), Cell::plain("the farm may trade this account")]);
    } else {
        grid.row(vec![Cell::new("verdict", Tone::Bad), Cell::plain("the farm may not trade this account")]);
    }
    grid
}
