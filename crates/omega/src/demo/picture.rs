//! The show as a picture: what is on stage in the order of the battle, and what the user looks at.
//!
//! It refuses to change anything on stage, and to hide that the market is made.

use super::controls::{KEYS, SPEEDS};
use super::stage::{CANDLE, Stage};
use crate::lineup;
use crate::screen::{
    Candle, Header, Held, Liquidation, Market, OF_SHOW, Over, Picture, Seat, Weight, bar, percent, whole,
};
use cosmos::ephemeris::{mercury, moon};
use model::{Instrument, Interval, Mark, Price, time::SESSION};

/// What the user looks at and how.
#[derive(Clone, Copy, Debug)]
pub struct Looks {
    /// The seat that is looked at.
    pub focus: Option<usize>,
    /// Index of the speed.
    pub speed: usize,
    /// Standing still.
    pub paused: bool,
    /// The keys are explained.
    pub help: bool,
    /// Colour is wanted.
    pub colour: bool,
    /// Seed of the market.
    pub seed: u64,
    /// The last day of the show.
    pub days: u32,
}

/// What the help says beside the keys, the most useful first.
const PROSE: &[&str] = &[
    "Six personas trade one made market, each on its own account of paper money.",
    "'stop' and 'liq.' say how far the mark is from the resting stop and from liquidation.",
    "'trust' is confidence. Ranked by return over the deepest fall, from ten trades on.",
];

/// The picture.
pub fn picture<'a>(stage: &'a Stage, looks: &Looks) -> Picture<'a> {
    let ranking = stage.ranking();
    let seats: Vec<Seat<'_>> = (0..stage.seats().len())
        .map(|number| {
            let place = ranking
                .iter()
                .position(|(seat, _)| *seat == number)
                .filter(|place| ranking[*place].1.is_some_and(|standing| standing.score().is_some()));
            seat(stage, number, place)
        })
        .collect();
    let last = seats.iter().filter_map(|seat| seat.curve.last()).fold(1.0_f64, |last, (x, _)| last.max(x));
    Picture {
        header: header(stage, looks),
        farm: Vec::new(),
        columns: OF_SHOW,
        seats,
        order: ranking.iter().map(|(seat, _)| *seat).collect(),
        focus: looks.focus,
        market: market(stage),
        ends: ["day 1".to_owned(), format!("day {:.0}", last.floor() + 1.0)],
        diary: stage.diary(),
        foot: sky(stage),
        keys: KEYS,
        prose: PROSE,
        over: looks.help.then_some(Over::Help),
        colour: looks.colour,
    }
}

fn usdt(instrument: &Instrument, price: Price) -> f64 {
    price.0 as f64 * instrument.tick.as_f64()
}

fn mark_usdt(mark: Mark) -> f64 {
    mark.0 as f64 / 10_f64.powi(i32::from(Mark::DECIMALS))
}

fn seat(stage: &Stage, number: usize, place: Option<usize>) -> Seat<'_> {
    let (bot, place_of, instrument) = (stage.bot(number), &stage.seats()[number], stage.instrument());
    let held = stage.held(number).map(|held| Held {
        side: held.side_word(),
        coins: held.lots as f64 * instrument.lot.as_f64(),
        entry: usdt(instrument, held.entry),
        stop: held.stop.map(|stop| usdt(instrument, stop)),
        liquidation: held.liquidation.map_or(Liquidation::Never, |mark| Liquidation::At(mark_usdt(mark))),
        unrealised: Some(held.unrealised.as_f64()),
    });
    let psyche = bot.psyche();
    let refused: u64 = bot.refusals().map(|(_, count)| count).sum();
    let refused = (refused > 0).then(|| format!("risk said no {refused} times"));
    let claims = lineup::profile(&place_of.name).map(|profile| format!("claims: {}", profile.edge));
    Seat {
        name: &place_of.name,
        persona: &place_of.name,
        status: bot.status().name().to_owned(),
        urgency: Weight::Plain,
        place: place.map(|place| place + 1),
        capital: stage.capital(number).as_f64(),
        equity: Some(stage.equity(number).as_f64()),
        realised: None,
        deepest: place_of.session.map(|session| session.drawdown),
        trades: bot.ledger().trades(),
        held,
        mark: stage.mark().map(mark_usdt),
        feels: psyche.map(|psyche| psyche.label().name().to_owned()),
        experience: psyche.map(|psyche| psyche.experience()),
        mood: psyche.map_or_else(Vec::new, |psyche| psyche.mood().variables().to_vec()),
        energy: place_of.session.and_then(|session| session.energy),
        orders: None,
        naked_ms_max: None,
        reason: place_of.reason.clone(),
        warned: Vec::new(),
        told: refused.into_iter().chain(claims).collect(),
        curve: &place_of.curve,
    }
}

fn market(stage: &Stage) -> Market {
    let price = |price| usdt(stage.instrument(), price);
    let candle = |one: &super::stage::Candle| Candle {
        open: price(one.open),
        high: price(one.high),
        low: price(one.low),
        close: price(one.close),
    };
    Market {
        title: "price, half hours".to_owned(),
        candles: stage.candles().iter().map(candle).collect(),
        price: stage.price().map(price),
    }
}

fn header(stage: &Stage, looks: &Looks) -> Header {
    let now = stage.now().to_string();
    let pace = match looks.paused {
        true => "PAUSED".to_owned(),
        false => format!("{} min/s", whole(f64::from(SPEEDS[looks.speed]))),
    };
    let (day, session) = session(stage, looks.days);
    let mut left =
        vec![(3, "OMEGA".to_owned()), (5, format!("made market, seed {}, not history", looks.seed))];
    left.extend(price(stage));
    let right = vec![(0, format!("{} {}", &now[..10], &now[11..16])), (1, day), (4, session), (2, pace)];
    Header { left, right }
}

/// Which day it is, and which session of it with how much of that is over.
fn session(stage: &Stage, days: u32) -> (String, String) {
    let Some(session) = stage.session() else { return (String::new(), String::new()) };
    let done = (stage.now() - session.start).0 as f64 / SESSION.0 as f64;
    let day = format!("day {}/{days}", session.day());
    (day, format!("session {}/4 {}", session.of_day(), bar(done, 4)))
}

/// What is traded, its last price and the day's change, each with its rank in the header.
fn price(stage: &Stage) -> Vec<(u8, String)> {
    let Some(price) = stage.price() else { return Vec::new() };
    let mut parts = vec![(6, stage.instrument().symbol.clone()), (0, whole(usdt(stage.instrument(), price)))];
    let ago = (Interval::DAY.0 / CANDLE.0) as usize;
    if let Some(before) = stage.candles().iter().rev().nth(ago) {
        let change = percent(price.0 as f64 / before.close.0 as f64 - 1.0);
        parts.push((7, format!("{change} in a day")));
    }
    parts
}

fn sky(stage: &Stage) -> Vec<(Weight, String)> {
    let now = stage.now();
    if !cosmos::ephemeris::covers(now) {
        return vec![(Weight::Quiet, "sky: outside the ephemeris".to_owned())];
    }
    let phase = moon::Phase::of_elongation(moon::elongation_deg(now)).name();
    let lit = moon::illuminated_fraction(now) * 100.0;
    let mercury = mercury::motion(now).name();
    let next = stage.session().map_or_else(String::new, |session| {
        format!("  next session in {}", crate::figures::duration((session.end() - now).0 as f64 / 1_000.0))
    });
    vec![
        (Weight::Quiet, "sky ".to_owned()),
        (Weight::Plain, format!("{phase}, {lit:.0} % lit; Mercury {mercury}")),
        (Weight::Quiet, next),
    ]
}

#[cfg(test)]
mod tests;
