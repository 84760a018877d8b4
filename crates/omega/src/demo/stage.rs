//! What is on stage: a farm in a market that is made while it runs, and what a screen can show of it.
//!
//! It refuses to decide anything: who trades and how is the farm's, what it costs is the venue's.

use super::diary;
use super::market::{MadeMarket, PRICE_MAX};
use crate::error::Failure;
use crate::screen::{Curve, Diary, Kind, Said};
use backtest::{RunSettings, Show, Tape};
use farm::journal::Pen;
use farm::{Bot, News, Notice, SessionSummary, Standing};
use model::event::Shock;
use model::{BotId, Instrument, Interval, Mark, PositionSide, Price, Side, Time, Usd};
use std::collections::VecDeque;

/// Equity is looked at this often.
const SAMPLE: Interval = Interval::minutes(15);
/// A candle on the screen is this long.
pub const CANDLE: Interval = Interval::minutes(30);
/// The most candles that are kept: more than the widest terminal has columns.
const CANDLES_MAX: usize = 512;
/// The most news that wait: one is told a minute.
const SHOCKS_MAX: usize = 16;

/// Highest, lowest and so on of half an hour, in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candle {
    /// Its first instant.
    pub opens: Time,
    /// First price.
    pub open: Price,
    /// Highest.
    pub high: Price,
    /// Lowest.
    pub low: Price,
    /// Last.
    pub close: Price,
}

/// A position as a person looks at it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Held {
    /// Long or short.
    pub side: Side,
    /// Lots, unsigned.
    pub lots: i64,
    /// Average entry.
    pub entry: Price,
    /// Where the protective stop rests.
    pub stop: Option<Price>,
    /// Where the venue would take it over.
    pub liquidation: Option<Mark>,
    /// At the last price.
    pub unrealised: Usd,
}

impl Held {
    /// Long or short, as a word.
    pub const fn side_word(&self) -> &'static str {
        match self.side {
            Side::Buy => "long",
            Side::Sell => "short",
        }
    }
}

/// One bot's place on the stage.
#[derive(Clone, Debug)]
pub struct Seat {
    /// Its name.
    pub name: String,
    /// Equity over the capital, in per cent of gain, over days.
    pub curve: Curve,
    /// The last session's end.
    pub session: Option<SessionSummary>,
    /// Why it wanted in last, and in which mood.
    pub reason: Option<String>,
    /// The side it held when it was last looked at.
    side: Option<Side>,
}

/// The stage.
#[derive(Debug)]
pub struct Stage {
    instrument: Instrument,
    settings: Vec<RunSettings>,
    show: Show,
    pen: Pen<Vec<u8>>,
    market: MadeMarket,
    seats: Vec<Seat>,
    candles: VecDeque<Candle>,
    diary: Diary,
    opened: Option<Time>,
    shocks: VecDeque<Shock>,
}

impl Stage {
    /// Before the curtain.
    pub fn new(
        instrument: Instrument,
        market: MadeMarket,
        settings: Vec<RunSettings>,
    ) -> Result<Stage, Failure> {
        let show = Show::new(&instrument, Interval::MINUTE, &settings, PRICE_MAX)
            .map_err(|source| Failure::Run { persona: "the farm of the demo".to_owned(), source })?;
        let origin = Show::origin(&instrument, Interval::MINUTE, &settings);
        let seat = |settings: &RunSettings| Seat {
            name: settings.character.name().to_owned(),
            curve: Curve::default(),
            session: None,
            reason: None,
            side: None,
        };
        Ok(Stage {
            seats: settings.iter().map(seat).collect(),
            instrument,
            settings,
            show,
            pen: Pen::new(Vec::new(), &origin),
            market,
            candles: VecDeque::with_capacity(CANDLES_MAX),
            diary: Diary::default(),
            opened: None,
            shocks: VecDeque::with_capacity(SHOCKS_MAX),
        })
    }

    /// One more minute.
    pub fn minute(&mut self) {
        let mut coming = self.market.minute();
        coming.shock = self.shocks.pop_front();
        self.opened.get_or_insert(coming.bar.open_time);
        self.candle(&coming.bar);
        let said = self.show.live_recorded(&coming, &mut self.pen);
        for (at, bot, notice) in &said.notices {
            self.hear(*at, usize::from(bot.0), notice);
        }
        if said.notices.iter().any(|(_, _, notice)| matches!(notice, Notice::Session(_))) {
            self.pen.state(self.show.farm().state_hash());
        }
        // What is announced as restorable is in the journal, to be restored from.
        if said.news.iter().any(|(_, news)| matches!(news, News::Checkpoint(_))) {
            self.pen.snapshot(self.show.farm());
        }
        for (at, news) in said.news {
            let name = |bot: BotId| self.seats[usize::from(bot.0)].name.clone();
            let (kind, text) = diary::of_news(&news, name);
            self.diary.note(Said { at, who: None, kind, text });
        }
        (0..self.seats.len()).for_each(|seat| self.look_at_position(seat));
        let now = self.show.now();
        if now.floor(SAMPLE) == now {
            self.sample(now, coming.bar.close);
        }
    }

    fn candle(&mut self, bar: &model::Bar) {
        let opens = bar.open_time.floor(CANDLE);
        if let Some(last) = self.candles.back_mut().filter(|last| last.opens == opens) {
            (last.high, last.low) = (last.high.max(bar.high), last.low.min(bar.low));
            last.close = bar.close;
            return;
        }
        if self.candles.len() == CANDLES_MAX {
            self.candles.pop_front();
        }
        let (open, high, low, close) = (bar.open, bar.high, bar.low, bar.close);
        self.candles.push_back(Candle { opens, open, high, low, close });
    }

    fn hear(&mut self, at: Time, who: usize, notice: &Notice) {
        match notice {
            Notice::Session(summary) => self.seats[who].session = Some(*summary),
            Notice::Entering { reason, mood, .. } => {
                let mood = mood.map_or_else(String::new, |mood| format!(" [{}]", mood.name()));
                self.seats[who].reason = Some(format!("{}{mood}", reason.describe(&self.instrument)));
            }
            _ => {}
        }
        if let Some((kind, text)) = diary::of_notice(notice) {
            self.diary.note(Said { at, who: Some(who), kind, text });
        }
    }

    /// A wish becomes a line only when it was filled: most quotes of a maker never are.
    fn look_at_position(&mut self, seat: usize) {
        let side = Side::of(self.bot(seat).ledger().position().qty);
        if std::mem::replace(&mut self.seats[seat].side, side) == side {
            return;
        }
        let Some(held) = self.held(seat) else { return };
        let coins = held.lots as f64 * self.instrument.lot.as_f64();
        let price = |price: Price| format!("{:.1}", price.0 as f64 * self.instrument.tick.as_f64());
        let stop = held.stop.map_or("no stop yet".to_owned(), |stop| format!("stop {}", price(stop)));
        let reason = self.seats[seat].reason.as_deref().unwrap_or("no reason given");
        let text = format!("{} {coins:.3} at {}, {stop}: {reason}", held.side_word(), price(held.entry));
        self.diary.note(Said { at: self.show.now(), who: Some(seat), kind: Kind::Entry, text });
    }

    fn sample(&mut self, now: Time, price: Price) {
        let opened = self.opened.expect("a minute was lived");
        let days = (now - opened).0 as f64 / Interval::DAY.0 as f64;
        let capital = self.settings.iter().map(|settings| settings.capital.as_f64());
        for ((seat, bot), capital) in self.seats.iter_mut().zip(self.show.farm().bots()).zip(capital) {
            let equity = bot.ledger().equity(&self.instrument, price).as_f64();
            seat.curve.push(days, (equity / capital - 1.0) * 100.0);
        }
    }

    /// News before the next minute, or behind those that wait; the diary says when too many do.
    pub fn shake(&mut self, shock: Shock) {
        if self.shocks.len() < SHOCKS_MAX {
            self.shocks.push_back(shock);
        } else {
            let text = format!("no more news: {SHOCKS_MAX} wait already, and one is told a minute");
            self.say(Kind::Refusal, text);
        }
    }

    /// The market crashes from the next minute on, and the diary says who did it; one crash at a time.
    pub fn crash(&mut self) {
        if self.market.crash() {
            self.say(Kind::News, "you let the market crash".to_owned());
        } else {
            self.say(Kind::Refusal, "the market is crashing already".to_owned());
        }
    }

    /// A line of the whole farm's.
    fn say(&mut self, kind: Kind, text: String) {
        self.diary.note(Said { at: self.show.now(), who: None, kind, text });
    }

    /// What is traded.
    pub fn instrument(&self) -> &Instrument {
        &self.instrument
    }

    /// Who plays.
    pub fn seats(&self) -> &[Seat] {
        &self.seats
    }

    /// The bot in a seat.
    pub fn bot(&self, seat: usize) -> &Bot {
        &self.show.farm().bots()[seat]
    }

    /// Money it began with.
    pub fn capital(&self, seat: usize) -> Usd {
        self.settings[seat].capital
    }

    /// Money and what it holds, at the last price.
    pub fn equity(&self, seat: usize) -> Usd {
        match self.show.price() {
            Some(price) => self.bot(seat).ledger().equity(&self.instrument, price),
            None => self.capital(seat),
        }
    }

    /// What is held in a seat; `None` is flat.
    pub fn held(&self, seat: usize) -> Option<Held> {
        let (bot, price) = (self.bot(seat), self.show.price()?);
        let position = bot.ledger().position();
        let side = Side::of(position.qty)?;
        let levels = self.show.venue().account(bot.id().own_account()).liquidation_levels(PositionSide::Net);
        Some(Held {
            side,
            lots: position.qty.0.abs(),
            entry: position.entry_price()?,
            stop: bot.orders().stop_leg().and_then(|order| order.price),
            liquidation: if side == Side::Buy { levels.below } else { levels.above },
            unrealised: self.instrument.usd(position.unrealised(price)),
        })
    }

    /// Seats in the order of the battle; before the first session's end in their own.
    pub fn ranking(&self) -> Vec<(usize, Option<Standing>)> {
        let ranking = self.show.farm().battle().ranking();
        if ranking.is_empty() {
            return (0..self.seats.len()).map(|seat| (seat, None)).collect();
        }
        ranking.iter().map(|standing| (usize::from(standing.bot.0), Some(*standing))).collect()
    }

    /// What was said.
    pub fn diary(&self) -> &Diary {
        &self.diary
    }

    /// Half hours, oldest first.
    pub fn candles(&self) -> &VecDeque<Candle> {
        &self.candles
    }

    /// The farm's session clock.
    pub fn session(&self) -> Option<farm::Session> {
        self.show.farm().session()
    }

    /// The instant on stage.
    pub fn now(&self) -> Time {
        self.show.now()
    }

    /// The last price.
    pub fn price(&self) -> Option<Price> {
        self.show.price()
    }

    /// The last mark.
    pub fn mark(&self) -> Option<Mark> {
        self.show.mark()
    }

    /// Everything the farm heard, and the state it came to: `omega replay` reads it.
    pub fn journal(&mut self) -> &[u8] {
        self.pen.state(self.show.farm().state_hash());
        self.pen.keeper()
    }

    /// Everything that happened, to be kept.
    pub fn tape(&self) -> &Tape {
        self.show.tape()
    }
}

#[cfg(test)]
pub mod tests;
