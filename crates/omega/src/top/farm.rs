//! What is known of a farm that runs: the last view of each shard, when it was heard, and what was said since.
//!
//! It refuses to show what is old as if it were new: a shard that says nothing is silent, and for how long is known. It reads
//! no clock: instants are handed in.

use super::lines;
use crate::line::Event;
use crate::screen::{Candle, Curve, Diary, Kind, Said};
use control::ShardView;
use control::catalogue::STALE_AFTER;
use control::message::NoticeSaid;
use control::record::{EquityRecord, Record};
use model::{Interval, Time};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

/// The most candles that are kept: more than the widest terminal has columns.
const CANDLES_MAX: usize = 512;
/// The most bots that have a row.
const SEATS_MAX: usize = 4_096;

/// A shard as it was heard last.
#[derive(Clone, Debug)]
pub struct Shard {
    value: Value,
    /// What it said; or why that cannot be read.
    pub view: Result<ShardView, String>,
    /// When, by the clock of who looks.
    pub heard: Time,
    /// Its market, oldest first, each with its first instant.
    candles: VecDeque<(Time, Candle)>,
}

/// A bot that was seen.
#[derive(Clone, Debug)]
pub struct Seat {
    /// Where.
    pub shard: String,
    /// Its name.
    pub bot: String,
    /// Its gain in per cent, over minutes since the first that is known.
    pub curve: Curve,
    /// The last decision that was noted.
    decided_at: i64,
}

/// How news come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// As they happen.
    Stream,
    /// By asking again and again: the stream is broken.
    Asking,
    /// Not at all, since then.
    Away(Time),
}

/// The farm.
#[derive(Clone, Debug)]
pub struct Farm {
    shards: BTreeMap<String, Shard>,
    seats: Vec<Seat>,
    /// What was said.
    pub diary: Diary,
    /// What the gateway says is wrong, by what it is.
    pub ails: Vec<(String, String)>,
    /// How news come.
    pub way: Way,
    /// The first instant of the curves, and the last.
    pub known: Option<(Time, Time)>,
}

impl Farm {
    /// Nothing is known yet.
    pub fn new() -> Farm {
        let (shards, seats, diary) = (BTreeMap::new(), Vec::new(), Diary::default());
        Farm { shards, seats, diary, ails: Vec::new(), way: Way::Asking, known: None }
    }

    /// The shards, by name.
    pub fn shards(&self) -> impl Iterator<Item = (&str, &Shard)> {
        self.shards.iter().map(|(name, shard)| (name.as_str(), shard))
    }

    /// A shard.
    pub fn shard(&self, name: &str) -> Option<&Shard> {
        self.shards.get(name)
    }

    /// The bots, in the order in which they were first seen.
    pub fn seats(&self) -> &[Seat] {
        &self.seats
    }

    /// Whether another shard has a bot of this name.
    pub fn is_ambiguous(&self, bot: &str) -> bool {
        self.seats.iter().filter(|seat| seat.bot == bot).count() > 1
    }

    /// The answer of `/api/v1/views`.
    pub fn hear_views(&mut self, answer: &Value, now: Time) {
        for one in answer["shards"].as_array().map_or(&[][..], Vec::as_slice) {
            let silent = one["silent_ms"].as_i64().unwrap_or(0).max(0);
            self.hear_view(&one["view"], Some(Interval(silent)), now);
        }
    }

    /// Something of the stream.
    pub fn hear(&mut self, event: &Event, now: Time) {
        match event.name.as_str() {
            "snapshot" => {
                for view in event.data["shards"].as_array().map_or(&[][..], Vec::as_slice) {
                    self.hear_view(view, None, now);
                }
            }
            "view" => {
                let name = event.data["shard"].as_str().unwrap_or_default();
                let mut value = self.shards.get(name).map_or(Value::Null, |shard| shard.value.clone());
                merge(&mut value, &event.data);
                self.hear_view(&value, None, now);
            }
            "notice" => {
                if let Ok(notice) = serde_json::from_value::<NoticeSaid>(event.data.clone()) {
                    self.note(&notice);
                }
            }
            _ => {}
        }
    }

    /// The answer of `/ready`.
    pub fn hear_ready(&mut self, answer: &Value) {
        let text = |ail: &Value, name: &str| ail[name].as_str().unwrap_or_default().to_owned();
        let ails = answer["ails"].as_array().map_or(&[][..], Vec::as_slice);
        self.ails = ails.iter().map(|ail| (text(ail, "what"), text(ail, "why"))).collect();
    }

    /// Rows of the history, newest first: what was before somebody looked.
    pub fn hear_rows(&mut self, answer: &Value) {
        let rows = answer["rows"].as_array().map_or(&[][..], Vec::as_slice).iter().rev();
        for record in rows.filter_map(|row| serde_json::from_value::<Record>(row.clone()).ok()) {
            match record {
                Record::Equity(row) => self.recall(&row),
                Record::Trade(row) => {
                    let who = self.seat_of(&row.shard, &row.bot);
                    let (kind, text) = lines::of_trade(&row);
                    self.diary.note(Said { at: Time(row.exited_at), who, kind, text });
                }
                Record::Session(_) | Record::Audit(_) => {}
            }
        }
    }

    fn recall(&mut self, row: &EquityRecord) {
        let view = self.shards.get(&row.shard).and_then(|shard| shard.view.as_ref().ok());
        let Some(view) = view.filter(|view| view.mode == row.mode) else { return };
        // A market that is made again has been there before.
        let is_past = view.price.as_ref().is_some_and(|price| row.at <= price.at);
        let bot = view.bots.iter().find(|bot| bot.bot == row.bot);
        if let (true, Some(capital)) = (is_past, bot.map(|bot| bot.capital.0.as_f64())) {
            self.trace(&row.shard, &row.bot, Time(row.at), row.equity.0.as_f64(), capital);
        }
    }

    fn seat_of(&self, shard: &str, bot: &str) -> Option<usize> {
        self.seats.iter().position(|seat| seat.shard == shard && seat.bot == bot)
    }

    /// The gateway says for how long a shard was silent, the stream does not: told again, a view is no younger for that.
    fn hear_view(&mut self, value: &Value, silent: Option<Interval>, now: Time) {
        let Some(name) = value["shard"].as_str().map(str::to_owned) else { return };
        let view = serde_json::from_value::<ShardView>(value.clone()).map_err(|error| error.to_string());
        let before = self.shards.remove(&name);
        let same =
            |shard: &Shard| shard.value["number"] == value["number"] && shard.value["node"] == value["node"];
        let heard = match (silent, before.as_ref().filter(|shard| same(shard))) {
            (Some(silent), _) => now - silent,
            (None, Some(shard)) => shard.heard,
            (None, None) => now,
        };
        let candles = before.map_or_else(VecDeque::new, |shard| shard.candles);
        let mut shard = Shard { value: value.clone(), view, heard, candles };
        shard.candle();
        self.shards.insert(name.clone(), shard);
        self.look_at_bots(&name);
    }

    fn look_at_bots(&mut self, name: &str) {
        let Some(Ok(view)) = self.shards.get(name).map(|shard| shard.view.clone()) else { return };
        let mut decided = Vec::new();
        for bot in &view.bots {
            let seat = match self.seat_of(name, &bot.bot) {
                Some(seat) => seat,
                None if self.seats.len() >= SEATS_MAX => continue,
                None => {
                    let (shard, bot) = (name.to_owned(), bot.bot.clone());
                    self.seats.push(Seat { shard, bot, curve: Curve::default(), decided_at: i64::MIN });
                    self.seats.len() - 1
                }
            };
            let since = self.seats[seat].decided_at;
            for decision in bot.decisions.iter().filter(|decision| decision.at > since) {
                self.seats[seat].decided_at = decision.at;
                // While the stream speaks it says the same, and more.
                if since == i64::MIN || self.way != Way::Stream {
                    let kind = lines::kind_of(&decision.what);
                    let text = decision.what.clone();
                    decided.push(Said { at: Time(decision.at), who: Some(seat), kind, text });
                }
            }
        }
        decided.sort_by_key(|line| line.at);
        decided.into_iter().for_each(|line| self.diary.note(line));
    }

    /// Adds how much everybody has now to what was known before.
    pub fn sample(&mut self) {
        let mut points = Vec::new();
        for (name, shard) in &self.shards {
            let Ok(view) = &shard.view else { continue };
            let Some(price) = &view.price else { continue };
            for bot in &view.bots {
                if let Some(equity) = bot.equity {
                    let (equity, capital) = (equity.0.as_f64(), bot.capital.0.as_f64());
                    points.push((name.clone(), bot.bot.clone(), Time(price.at), equity, capital));
                }
            }
        }
        for (shard, bot, at, equity, capital) in points {
            self.trace(&shard, &bot, at, equity, capital);
        }
    }

    fn trace(&mut self, shard: &str, bot: &str, at: Time, equity: f64, capital: f64) {
        let Some(seat) = self.seat_of(shard, bot).filter(|_| capital > 0.0) else { return };
        let (first, last) = self.known.unwrap_or((at, at));
        self.known = Some((first, last.max(at)));
        let minutes = (at - first).0 as f64 / Interval::MINUTE.0 as f64;
        let curve = &mut self.seats[seat].curve;
        if minutes >= 0.0 && curve.last().is_none_or(|(before, _)| minutes > before) {
            curve.push(minutes, (equity / capital - 1.0) * 100.0);
        }
    }

    fn note(&mut self, notice: &NoticeSaid) {
        let who = notice.bot.as_deref().and_then(|bot| self.seat_of(&notice.shard, bot));
        let kind = lines::kind_of_notice(notice);
        self.diary.note(Said { at: Time(notice.at), who, kind, text: notice.text.clone() });
    }

    /// A line of who looks.
    pub fn say(&mut self, at: Time, kind: Kind, text: String) {
        self.diary.note(Said { at, who: None, kind, text });
    }
}

impl Shard {
    /// For how long it has said nothing, where that is too long.
    pub fn silent(&self, now: Time) -> Option<Interval> {
        let silent = now - self.heard;
        (silent > STALE_AFTER).then_some(silent)
    }

    /// Its market.
    pub fn candles(&self) -> impl Iterator<Item = &Candle> {
        self.candles.iter().map(|(_, candle)| candle)
    }

    /// How long a candle is.
    pub fn candle_length(&self) -> Interval {
        let bar = self.view.as_ref().map_or(0, |view| view.bar_ms);
        Interval(bar.max(Interval::MINUTE.0))
    }

    fn candle(&mut self) {
        let length = self.candle_length();
        let Ok(ShardView { price: Some(price), .. }) = &self.view else { return };
        let (Ok(last), opens) = (price.last.parse::<f64>(), Time(price.at).floor(length)) else { return };
        match self.candles.back_mut() {
            Some((at, candle)) if *at == opens => {
                (candle.high, candle.low) = (candle.high.max(last), candle.low.min(last));
                candle.close = last;
            }
            // A market that goes back is another one.
            Some((at, _)) if *at > opens => self.candles.clear(),
            before => {
                let open = before.map_or(last, |(_, candle)| candle.close);
                let (high, low) = (open.max(last), open.min(last));
                if self.candles.len() == CANDLES_MAX {
                    self.candles.pop_front();
                }
                self.candles.push_back((opens, Candle { open, high, low, close: last }));
            }
        }
    }
}

/// A delta over what was known: its keys, and of the bots those that changed, whole.
fn merge(known: &mut Value, delta: &Value) {
    let (Value::Object(known), Value::Object(delta)) = (&mut *known, delta) else {
        known.clone_from(delta);
        return;
    };
    for (key, value) in delta {
        if key != "bots" && key != "bots_gone" {
            known.insert(key.clone(), value.clone());
        }
    }
    let list = |key: &str| delta.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let Some(Value::Array(bots)) = known.get_mut("bots") else {
        known.insert("bots".to_owned(), list("bots").into());
        return;
    };
    bots.retain(|bot| !list("bots_gone").contains(&bot["bot"]));
    for changed in list("bots") {
        match bots.iter_mut().find(|bot| bot["bot"] == changed["bot"]) {
            Some(bot) => bot.clone_from(changed),
            None => bots.push(changed.clone()),
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
