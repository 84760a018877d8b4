//! The market as the farm wants it: complete bars, the price now, and a word when neither can be believed.
//!
//! A candle on the socket may miss its last trades, so a complete bar is read once its time is over; the socket tells the
//! price and proves that the market is alive. Refuses to hand on a bar twice, or one with a gap before it.

use super::Market;
use super::doing::{Alert, Doing, Door, LineId, News};
use super::line::path;
use super::post::Purpose;
use super::shared::Shared;
use crate::budget::UserId;
use crate::number::{BadNumber, Fault};
use crate::request::reads::{CANDLES_MAX, Read};
use crate::response::Reply;
use crate::stream::{Connection, Output, Subscription};
use crate::wire::market::{Candle, Funding, Ticker};
use crate::wire::{Generation, Page, Pushed, Rows, Topic, answer};
use model::{Bar, FundingRate, Instrument, Interval, Price, Time};

/// A bar is asked for so long after its end.
const AFTER_END: Interval = Interval(250);
/// One that is not there yet is asked for again after this.
const AGAIN: Interval = Interval(750);
/// Public endpoints belong to no user.
const NOBODY: UserId = UserId(0);
/// The line of the market.
pub(crate) const LINE: LineId = LineId(0);

/// How much of the market is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hears {
    /// Bars and prices.
    Prices,
    /// Marks, settlements, and whether prices can be believed, too.
    Everything,
}

/// What is known of settlements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Settlements {
    /// Nobody wants to know, or all that is needed.
    Quiet,
    /// They are to be asked for then.
    Wanted(Time),
    Asked,
}

/// The market of the traded symbol.
#[derive(Debug)]
pub(crate) struct Feed {
    base: Interval,
    /// A bar is asked for so long after its end.
    after_end: Interval,
    /// The opening of the bar that is wanted next.
    next: Time,
    ask_at: Time,
    asked: bool,
    /// The exchange's time when they were asked for: what was not over then is not whole in the answer.
    asked_at: Time,
    pub(crate) connection: Connection,
    /// When the first price was seen.
    opened_at: Option<Time>,
    hears: Hears,
    settlements: Settlements,
}

impl Feed {
    /// Bars from one on, and beside the traded symbol the tickers of others.
    pub(crate) fn new(symbol: &str, market: Market, hears: Hears, lock_step: bool, seed: u64) -> Feed {
        let Market { base, from, beside } = market;
        let mut subscriptions = vec![
            Subscription::of_symbol(Topic::Ticker, symbol),
            Subscription::of_symbol(Topic::Trades, symbol),
        ];
        subscriptions.extend(beside.iter().map(|other| Subscription::of_symbol(Topic::Ticker, other)));
        let mut connection = Connection::new(Generation::V2, None, subscriptions, seed);
        if lock_step {
            connection.keep_step();
        }
        // A venue that waits for us has its bar at the instant it ends.
        let after_end = if lock_step { Interval(0) } else { AFTER_END };
        Feed {
            base,
            after_end,
            next: from,
            ask_at: Time(i64::MIN),
            asked: false,
            asked_at: Time(i64::MIN),
            connection,
            opened_at: None,
            hears,
            settlements: match hears {
                Hears::Prices => Settlements::Quiet,
                Hears::Everything => Settlements::Wanted(Time(i64::MIN)),
            },
        }
    }

    /// Asks for bars whose time is over.
    pub(crate) fn wake(&mut self, shared: &mut Shared) {
        if let Settlements::Wanted(at) = self.settlements
            && at <= shared.now
            && shared.listing.is_some()
        {
            let http = Read::Settlements(&shared.symbol).request(Generation::V2, &shared.prefix);
            if shared.post.want(Purpose::Settlements, http, NOBODY, shared.now) {
                self.settlements = Settlements::Asked;
            }
        }
        let now = shared.exchange_now();
        let is_due = self.next + self.base <= now && self.ask_at <= shared.now;
        if self.asked || !is_due || shared.listing.is_none() {
            return;
        }
        let read = Read::Candles { symbol: &shared.symbol, length: self.base, from: self.next };
        let http = read.request(Generation::V2, &shared.prefix);
        self.asked = shared.post.want(Purpose::Candles, http, NOBODY, shared.now);
        self.asked_at = now;
    }

    /// When a bar is due, on this machine's clock.
    pub(crate) fn next_wake(&self, shared: &Shared) -> Option<Time> {
        shared.listing.as_ref()?;
        let over = shared.machine_time(self.next + self.base + self.after_end).max(self.ask_at);
        let settlements = match self.settlements {
            Settlements::Wanted(at) => Some(at),
            Settlements::Quiet | Settlements::Asked => None,
        };
        [(!self.asked).then_some(over), settlements].into_iter().flatten().min()
    }

    /// What was settled came, or did not.
    pub(crate) fn settlements(&mut self, shared: &mut Shared, reply: Reply<'_>) {
        self.settlements = Settlements::Wanted(shared.now + AGAIN);
        let Some((status, body)) = reply else { return };
        let read = answer::<Rows<Funding<'_>>>(status, body).map_err(|failure| failure.to_string());
        let rows = read.and_then(|rows| {
            let rate = |row: &Funding<'_>| {
                let time = row.settled_at.field("fundingTime").time()?;
                Ok(FundingRate { time, rate: row.rate.field("fundingRate").rate()? })
            };
            let rates: Result<Vec<_>, crate::number::BadNumber> = rows.0.iter().map(rate).collect();
            rates.map_err(|bad| bad.to_string())
        });
        match rows {
            Ok(rates) => {
                self.settlements = Settlements::Quiet;
                shared.push(Doing::News(News::Settled(rates)));
            }
            Err(words) => shared.odd(words),
        }
    }

    /// Whether a bar is over that was not told and can be had now; one that did not come is asked for again later, and a
    /// venue that waits for us brings that later about.
    pub(crate) fn is_behind(&self, shared: &Shared) -> bool {
        self.next + self.base <= shared.exchange_now() && (self.asked || self.ask_at <= shared.now)
    }

    pub(crate) fn candles(&mut self, shared: &mut Shared, reply: Reply<'_>) {
        self.asked = false;
        self.ask_at = shared.now + AGAIN;
        let Some((status, body)) = reply else { return };
        let candles = match answer::<Page<'_, Candle<'_>>>(status, body) {
            Ok(page) => page.rows,
            Err(failure) => return shared.odd(failure.to_string()),
        };
        let instrument =
            &shared.listing.as_ref().expect("bars are asked for once the contract is known").instrument;
        let mut bars = Vec::new();
        for candle in &candles {
            match bar(instrument, candle) {
                Ok(bar) => bars.push(bar),
                Err(words) => return shared.odd(words),
            }
        }
        bars.sort_by_key(|bar| bar.open_time);
        let over = self.asked_at;
        let mut told = 0;
        for bar in bars {
            if bar.open_time == self.next && bar.open_time + self.base <= over {
                self.next = bar.open_time + self.base;
                shared.push(Doing::Bar(bar));
                told += 1;
            }
        }
        if told > 0 {
            // There may be more; and the next one is due when it is over.
            self.ask_at = shared.now;
        }
        debug_assert!(told <= CANDLES_MAX, "a reply has a maximum");
    }

    /// Lets the socket do something, and does what it wants done.
    pub(crate) fn with_connection<'a>(
        &mut self,
        shared: &mut Shared,
        act: impl FnOnce(&mut Connection, Time, &mut Vec<Output<'a>>),
    ) {
        let mut outputs = Vec::new();
        act(&mut self.connection, shared.now, &mut outputs);
        for output in outputs {
            match output {
                Output::Open => match shared.post.may_open(shared.now) {
                    Ok(()) => {
                        shared.push(Doing::Open(LINE, Door::Public, path(Generation::V2, Door::Public)));
                    }
                    Err(_) => self.connection.closed(shared.now, &mut Vec::new()),
                },
                Output::Send(text) => shared.push(Doing::Say(LINE, text)),
                Output::Close(reason) => shared.push(Doing::Close(LINE, reason)),
                Output::Rows { subscription: 0 | 1, at, rows, .. } => self.rows(shared, at, &rows),
                Output::Fresh { subscription: 0 | 1 } => self.believed(shared),
                Output::Stale { subscription: 0 | 1, doubt } => shared.alert(Alert::Doubted(None, doubt)),
                Output::Refused { code, .. } => shared.odd(format!("a public stream was refused: {code}")),
                Output::Odd(oddity) => shared.odd(format!("{oddity:?}")),
                _ => {}
            }
        }
    }

    /// A stream may be believed: the market may where both can.
    fn believed(&mut self, shared: &mut Shared) {
        let is_whole = self.connection.is_fresh(0) && self.connection.is_fresh(1);
        if self.hears == Hears::Everything && is_whole {
            // What was settled in between was told by nobody.
            if self.settlements == Settlements::Quiet {
                self.settlements = Settlements::Wanted(shared.now);
            }
            shared.push(Doing::News(News::Believed));
        }
    }

    fn rows(&mut self, shared: &mut Shared, at: Option<Time>, rows: &Pushed<'_>) {
        let Some(listing) = &shared.listing else { return };
        let tick = listing.instrument.tick;
        let at = at.unwrap_or(shared.exchange_now());
        match rows {
            Pushed::Ticker(rows) => {
                if let Some(row) = rows.last() {
                    if self.hears == Hears::Everything {
                        mark(shared, row);
                    }
                    self.price(shared, at, row.last.field("lastPr").price(tick));
                }
            }
            // The newest comes first. What was traded before the market was first seen tells nothing about it now.
            Pushed::Trades(rows) => {
                let count = if self.opened_at.is_none() { 1 } else { rows.len() };
                rows[..count.min(rows.len())]
                    .iter()
                    .rev()
                    .for_each(|row| self.price(shared, at, row.price.field("price").price(tick)));
            }
            _ => {}
        }
    }

    fn price(&mut self, shared: &mut Shared, at: Time, price: Result<Price, BadNumber>) {
        match price {
            Ok(price) if price.0 > 0 => {
                let first = self.opened_at.is_none();
                self.opened_at.get_or_insert(at);
                shared.push(if first { Doing::Opened(at, price) } else { Doing::Price(at, price) });
            }
            Ok(_) => {}
            Err(bad) => shared.odd(bad.to_string()),
        }
    }
}

/// Tells the mark of a ticker, and what is to be settled next.
fn mark(shared: &mut Shared, row: &Ticker<'_>) {
    let Some(field) = row.mark.field("markPrice").optional() else { return };
    let next = || -> Result<Option<FundingRate>, BadNumber> {
        let rate = row.funding_rate.field("fundingRate").optional();
        let at = row.funding_at.field("nextFundingTime").optional();
        let (Some(rate), Some(at)) = (rate, at) else { return Ok(None) };
        Ok(Some(FundingRate { time: at.time()?, rate: rate.rate()? }))
    };
    match field.mark_rounded().and_then(|mark| Ok((mark, next()?))) {
        Ok((mark, next)) if mark.0 > 0 => shared.push(Doing::News(News::Marked(mark, next))),
        Ok(_) => {}
        Err(bad) => shared.odd(bad.to_string()),
    }
}

fn bar(instrument: &Instrument, candle: &Candle<'_>) -> Result<Bar, String> {
    let price = |text: &crate::wire::Text<'_>, name| {
        text.field(name).price(instrument.tick).map_err(|bad| bad.to_string())
    };
    let bar = Bar {
        open_time: candle.open_time.field("time").time().map_err(|bad| bad.to_string())?,
        open: price(&candle.open, "open")?,
        high: price(&candle.high, "high")?,
        low: price(&candle.low, "low")?,
        close: price(&candle.close, "close")?,
        volume: volume(candle)?,
    };
    let is_bar =
        bar.low <= bar.open.min(bar.close) && bar.high >= bar.open.max(bar.close) && bar.low > Price(0);
    if is_bar { Ok(bar) } else { Err(format!("a candle that is none: {candle:?}")) }
}

fn volume(candle: &Candle<'_>) -> Result<f64, String> {
    let field = candle.base_volume.field("volume");
    let volume: f64 =
        candle.base_volume.as_str().parse().map_err(|_| field.bad(Fault::NotANumber).to_string())?;
    if volume.is_finite() && volume >= 0.0 {
        Ok(volume)
    } else {
        Err(field.bad(Fault::NotANumber).to_string())
    }
}
