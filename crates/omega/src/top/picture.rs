//! A farm that runs, as a picture: how the whole is in words, a row a bot, what was said.
//!
//! It refuses to say anything by colour alone, and to leave a shard's silence to be noticed by who looks.

use super::farm::{Farm, Shard, Way};
use super::keys::KEYS;
use crate::figures;
use crate::screen::{Header, Held, Liquidation, Market, OF_FARM, Over, Picture, Seat, Weight, bar, whole};
use control::ShardView;
use control::view::{BotView, PositionView};
use model::{Interval, Time};

/// Clocks that are further apart are two: a market that is made or played back has its own.
const ONE_CLOCK: Interval = Interval::DAY;
/// A price that is older is worth an alarm.
const PRICE_AGE_MAX: Interval = Interval(30_000);

/// What the user looks at and how.
#[derive(Clone, Debug)]
pub struct Looks {
    /// The bot that is looked at.
    pub focus: Option<usize>,
    /// What lies over the picture.
    pub over: Option<Over>,
    /// Colour is wanted.
    pub colour: bool,
}

/// What the help says beside the keys, the most useful first.
const PROSE: &[&str] = &[
    "A command is shown before it is done, and nothing is done until you say y.",
    "'realised' is what was won or lost by what is held no more, 'open' by what is held; 'stop' is how far its stop is.",
    "'naked' is the longest that a position ever stood without a stop at the venue.",
];

/// The picture at an instant.
pub fn picture<'a>(farm: &'a Farm, looks: &Looks, now: Time) -> Picture<'a> {
    let seats: Vec<Seat<'a>> = farm.seats().iter().map(|seat| seat_of(farm, seat, now)).collect();
    let focus = looks.focus.filter(|focus| *focus < seats.len());
    let shown = focus.and_then(|focus| farm.shard(&farm.seats()[focus].shard));
    let shown = shown.or_else(|| farm.shards().next().map(|(_, shard)| shard));
    let is_long = farm.known.is_some_and(|(first, last)| last - first > Interval::DAY);
    let time = |at: Time| at.to_string()[if is_long { 8..16 } else { 11..16 }].replace('T', " ");
    Picture {
        header: header(farm, shown, now),
        farm: state(farm, now),
        columns: OF_FARM,
        order: (0..seats.len()).collect(),
        seats,
        focus,
        market: shown.map(market).unwrap_or_default(),
        ends: farm.known.map_or_else(Default::default, |(first, last)| [time(first), time(last)]),
        diary: &farm.diary,
        foot: shown.map(foot).unwrap_or_default(),
        keys: KEYS,
        prose: PROSE,
        over: looks.over.clone(),
        colour: looks.colour,
    }
}

fn header(farm: &Farm, shown: Option<&Shard>, now: Time) -> Header {
    let way = match farm.way {
        Way::Stream => "live",
        Way::Asking => "asking",
        Way::Away(_) => "NO LINE",
    };
    let right = vec![
        (4, shown.map(session).unwrap_or_default()),
        (3, way.to_owned()),
        (1, format!("{} UTC", &now.to_string()[11..19])),
    ];
    let mut left = vec![(3, "OMEGA".to_owned())];
    if let Some(Ok(view)) = shown.map(|shard| shard.view.as_ref()) {
        let mode = if view.mode == "live" { "LIVE MONEY".to_owned() } else { view.mode.clone() };
        left.extend([(0, mode), (5, view.symbol.clone())]);
        left.extend(price(view, shown.map_or(Interval(0), |shard| now - shard.heard)));
    }
    Header { left, right }
}

/// The last price and how old it is.
fn price(view: &ShardView, unheard: Interval) -> Vec<(u8, String)> {
    let Some(price) = &view.price else { return vec![(0, "no price yet".to_owned())] };
    let last = price.last.parse::<f64>().map_or_else(|_| price.last.clone(), whole);
    let age = Interval(price.age_ms.max(0) + unheard.0.max(0));
    let old = if age > PRICE_AGE_MAX { "OLD: " } else { "" };
    let mut parts = vec![(0, last), (2, format!("{old}{} ago", figures::duration(age.0 as f64 / 1_000.0)))];
    if (view.at - price.at).abs() > ONE_CLOCK.0 {
        let at = Time(price.at).to_string();
        parts.push((4, format!("market of {} {}", &at[..10], &at[11..16])));
    }
    parts
}

fn session(shard: &Shard) -> String {
    let Ok(view) = &shard.view else { return String::new() };
    let (Some(session), Some(price)) = (&view.session, &view.price) else { return String::new() };
    let done = (price.at - session.starts) as f64 / (session.ends - session.starts).max(1) as f64;
    format!("day {} session {}/4 {}", session.day, session.of_day, bar(done, 4))
}

/// How the whole is: the worst first, and where nothing is wrong that.
fn state(farm: &Farm, now: Time) -> Vec<(Weight, String)> {
    let mut said = Vec::new();
    if let Way::Away(since) = farm.way {
        let away = figures::duration((now - since).0.max(0) as f64 / 1_000.0);
        said.push(format!("THE GATEWAY DOES NOT ANSWER for {away}: all below is old; asking again"));
    }
    for (name, shard) in farm.shards() {
        of_shard(name, shard, now, &mut said);
    }
    for (what, why) in &farm.ails {
        let is_told = farm.shards().any(|(name, _)| *what == format!("shard {name}"));
        if !is_told {
            said.push(format!("{what}: {why}"));
        }
    }
    if said.is_empty() {
        return vec![(Weight::Quiet, all_well(farm))];
    }
    said.into_iter().map(|text| (Weight::Alarm, text)).collect()
}

fn of_shard(name: &str, shard: &Shard, now: Time, said: &mut Vec<String>) {
    if let Some(silent) = shard.silent(now) {
        let silent = figures::duration(silent.0 as f64 / 1_000.0);
        said.push(format!(
            "shard {name} IS SILENT for {silent}: its figures are of then; look at its process"
        ));
    }
    let view = match &shard.view {
        Ok(view) => view,
        Err(why) => {
            return said.push(format!("shard {name} speaks another version ({why}): take the omega it runs"));
        }
    };
    if let Some(at) = view.halted_at {
        let flat = match view.flat_at {
            Some(_) => "all is known to be flat",
            None => "not all is known to be flat yet",
        };
        let at = Time(at).to_string();
        said.push(format!("KILL SWITCH in {name} since {} {}: {flat}", &at[..10], &at[11..19]));
    }
    for lock in view.locks.iter().filter(|lock| lock.lock != "kill_switch") {
        said.push(format!("nobody opens in {name}: {}; {} ends it", lock.why, lock.ends));
    }
    for account in view.accounts.iter().filter(|account| account.unexplained.is_some()) {
        said.push(format!("account {} holds what its books do not explain: `reconcile`", account.account));
    }
}

fn all_well(farm: &Farm) -> String {
    let views: Vec<&ShardView> = farm.shards().filter_map(|(_, shard)| shard.view.as_ref().ok()).collect();
    let bots: Vec<&BotView> = views.iter().flat_map(|view| &view.bots).collect();
    if bots.is_empty() {
        return "no bot was heard of yet".to_owned();
    }
    let holding = bots.iter().filter(|bot| bot.position.is_some()).count();
    let gained: f64 = bots
        .iter()
        .filter_map(|bot| bot.equity.map(|equity| equity.0.as_f64() - bot.capital.0.as_f64()))
        .sum();
    let plural = |count: usize, one: &str| {
        if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
    };
    let (shards, sign) = (plural(views.len(), "shard"), if gained >= 0.5 { "+" } else { "" });
    format!(
        "all well: {shards} and {} speak, kill switch off, {holding} hold, {sign}{} USDT",
        plural(bots.len(), "bot"),
        whole(gained)
    )
}

fn foot(shard: &Shard) -> Vec<(Weight, String)> {
    let Ok(view) = &shard.view else { return Vec::new() };
    let sky = |factor: &str| {
        let found = view.sky.iter().find(|influence| influence.factor == factor);
        found.and_then(|influence| influence.seen.as_ref()).map(|seen| seen.band.replace('_', " "))
    };
    let words = [("moon", sky("moon")), ("mercury", sky("mercury"))];
    let seen: Vec<String> =
        words.iter().filter_map(|(name, band)| band.as_ref().map(|band| format!("{name}: {band}"))).collect();
    let frames = view.market.iter().filter_map(|look| {
        let regime = look.regime.as_deref()?;
        Some(format!(
            "{} {regime}{}",
            look.frame,
            look.trend.as_deref().map_or(String::new(), |t| format!(" {t}"))
        ))
    });
    let market: Vec<String> = frames.take(3).collect();
    vec![
        (Weight::Quiet, "sky ".to_owned()),
        (Weight::Plain, if seen.is_empty() { "nothing known".to_owned() } else { seen.join(", ") }),
        (Weight::Quiet, "  market ".to_owned()),
        (Weight::Plain, if market.is_empty() { "nothing closed yet".to_owned() } else { market.join(", ") }),
    ]
}

fn market(shard: &Shard) -> Market {
    let minutes = shard.candle_length().0 / Interval::MINUTE.0;
    let view = shard.view.as_ref().ok();
    Market {
        title: format!("price, {minutes} min, since you look"),
        candles: shard.candles().copied().collect(),
        price: view.and_then(|view| view.price.as_ref()?.last.parse().ok()),
    }
}

fn parsed(text: &str) -> Option<f64> {
    text.parse().ok()
}

fn held_of(position: &PositionView) -> Option<Held> {
    Some(Held {
        side: if position.side == "long" { "long" } else { "short" },
        coins: parsed(&position.quantity)?,
        entry: parsed(&position.entry_price)?,
        stop: position.stop.as_deref().and_then(parsed),
        liquidation: Liquidation::Untold,
        unrealised: position.unrealised.map(|usd| usd.0.as_f64()),
    })
}

fn seat_of<'a>(farm: &'a Farm, seat: &'a super::farm::Seat, now: Time) -> Seat<'a> {
    let shard = farm.shard(&seat.shard);
    let view = shard.and_then(|shard| shard.view.as_ref().ok());
    let bot = view.and_then(|view| view.bots.iter().find(|bot| bot.bot == seat.bot));
    let silent = shard.and_then(|shard| shard.silent(now));
    let (status, urgency) = match (silent, bot) {
        (Some(silent), _) => (format!("silent {}", short(silent)), Weight::Alarm),
        (None, None) => ("gone".to_owned(), Weight::Alarm),
        (None, Some(bot)) => status(bot),
    };
    let empty = Seat {
        name: &seat.bot,
        persona: "",
        status,
        urgency,
        place: None,
        capital: 0.0,
        equity: None,
        realised: None,
        deepest: None,
        trades: 0,
        held: None,
        mark: None,
        feels: None,
        experience: None,
        mood: Vec::new(),
        energy: None,
        orders: None,
        naked_ms_max: None,
        reason: None,
        warned: Vec::new(),
        told: Vec::new(),
        curve: &seat.curve,
    };
    match (view, bot) {
        (Some(view), Some(bot)) => filled(empty, view, bot),
        _ => empty,
    }
}

/// What it is doing, in a word that needs no colour.
fn status(bot: &BotView) -> (String, Weight) {
    let word = bot.status.replace('_', " ");
    let word = if word == "reduce only" { "reduces".to_owned() } else { word };
    match bot.status.as_str() {
        _ if bot.waits.is_some() => ("ASKS".to_owned(), Weight::Strong),
        "trading" if !bot.locks.is_empty() => ("locked".to_owned(), Weight::Strong),
        "trading" | "scheduled" => (word, Weight::Plain),
        "ruined" | "halted" => (word.to_uppercase(), Weight::Alarm),
        _ => (word, Weight::Strong),
    }
}

/// A length of time in three letters.
fn short(time: Interval) -> String {
    match time.0 / 1_000 {
        s @ ..100 => format!("{s}s"),
        s @ 100..6_000 => format!("{}m", s / 60),
        s => format!("{}h", (s / 3_600).min(99)),
    }
}

fn filled<'a>(seat: Seat<'a>, view: &'a ShardView, bot: &'a BotView) -> Seat<'a> {
    let capital = bot.capital.0.as_f64();
    let standing = view.battle.iter().enumerate().find(|(_, standing)| standing.bot == bot.bot);
    let mood = bot.mood.as_ref();
    let wanted = bot.decisions.iter().rev().find_map(|decision| decision.what.strip_prefix("wanted in: "));
    Seat {
        persona: &bot.persona,
        place: standing.filter(|(_, one)| one.score.is_some()).map(|(place, _)| place + 1),
        capital,
        equity: bot.equity.map(|equity| equity.0.as_f64()),
        realised: Some(bot.wallet.0.as_f64() - capital),
        deepest: standing.map(|(_, one)| one.drawdown),
        trades: bot.trades,
        held: bot.position.as_ref().and_then(held_of),
        mark: view.price.as_ref().and_then(|price| parsed(&price.last)),
        feels: mood.map(|mood| mood.label.clone()),
        mood: mood.map_or_else(Vec::new, |mood| {
            vec![
                ("confidence", mood.confidence),
                ("stress", mood.stress),
                ("fatigue", mood.fatigue),
                ("urge", mood.urge),
                ("risk_appetite", mood.risk_appetite),
            ]
        }),
        energy: bot.energy,
        orders: Some(bot.orders.len()),
        naked_ms_max: Some(bot.naked_ms_max),
        reason: wanted.map(str::to_owned),
        warned: warned(bot),
        told: told(bot),
        ..seat
    }
}

fn warned(bot: &BotView) -> Vec<(Weight, String)> {
    let waits = bot.waits.as_ref().map(|waits| {
        format!("asks for approval: {} ({}); `omega ctl approve {}`", waits.side, waits.why, waits.order)
    });
    let locks = bot.locks.iter().map(|lock| format!("{}; {} ends it", lock.why, lock.ends));
    waits.into_iter().chain(locks).map(|text| (Weight::Alarm, text)).collect()
}

fn told(bot: &BotView) -> Vec<String> {
    let mut told = Vec::new();
    let money = |amount: control::Amount| figures::money(amount.0);
    told.push(format!("fees {} USDT, funding {} USDT", money(bot.fees), money(bot.funding)));
    let naked = figures::duration(bot.naked_ms_max as f64 / 1_000.0);
    let naked =
        if bot.naked_ms_max == 0 { "never naked".to_owned() } else { format!("naked at most {naked}") };
    let energy = bot.energy.map_or_else(String::new, |energy| format!(", energy {energy:.2}"));
    told.push(format!("{} orders, {} fills, {naked}{energy}", bot.orders.len(), bot.fills));
    for order in &bot.orders {
        let price =
            order.price.as_deref().map_or_else(|| "at market".to_owned(), |price| format!("at {price}"));
        let leaves = if order.reduce_only { ", only leaves" } else { "" };
        told.push(format!("{} {} {price}: {}{leaves}", order.side, order.quantity, order.status));
    }
    let refused: u64 = bot.refusals.values().sum();
    if refused > 0 {
        told.push(format!("risk said no {refused} times"));
    }
    if let Some(risk) = &bot.risk {
        told.push(format!("risk {}, leverage {} of {}", risk.level, risk.leverage[0], risk.leverage[1]));
    }
    told.push(format!("{} on account {}", bot.persona, bot.account));
    told
}

#[cfg(test)]
mod tests;
