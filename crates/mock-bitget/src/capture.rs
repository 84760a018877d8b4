//! A market as somebody has heard it: the pushes of `books` and `trade`, a line of JSON each, as they came.
//!
//! Books alone say where the price can have been, not what was traded: the price goes to the side that leaves it behind,
//! and trades, where there are any, say the rest. It is told second by second, and the book that is shown is the one that
//! was captured. Refuses a book with a hole in its numbers, and prices that are no ticks.

use crate::tape::Levels;
use crate::text;
use model::{Bar, BarColumns, Instrument, Interval, Price, Qty, Time};
use serde::Deserialize;

/// How much of the market is told at once.
const SLOT: Interval = Interval::SECOND;

/// What a second did to the book; absolute sizes, zero where a level is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BookChange {
    pub(crate) bids: Levels,
    pub(crate) asks: Levels,
    pub(crate) from: Before,
}

/// What a change is a change of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Before {
    /// The book as it was.
    #[default]
    Book,
    /// Nothing: this is all there is.
    Nothing,
}

/// A capture.
#[derive(Clone, Debug)]
pub struct Capture {
    pub(crate) bars: BarColumns,
    /// One a bar.
    pub(crate) changes: Vec<BookChange>,
}

/// A capture that cannot be replayed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCapture {
    /// A line that is not what it should be.
    #[error("line {line}: {why}")]
    Line {
        /// Counted from one.
        line: usize,
        /// What is wrong, and what to change.
        why: String,
    },
    /// Nothing to replay.
    #[error(
        "no book of {0} is in it: capture the public channel `books` of that symbol, from its snapshot on"
    )]
    Empty(String),
}

#[derive(Deserialize)]
struct Push {
    action: Option<String>,
    arg: Option<Arg>,
    #[serde(default)]
    data: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Arg {
    channel: String,
    inst_id: String,
}

#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    bids: Vec<[String; 2]>,
    #[serde(default)]
    asks: Vec<[String; 2]>,
    ts: String,
    seq: Option<u64>,
    pseq: Option<u64>,
    price: Option<String>,
    size: Option<String>,
}

/// A capture as far as it was read.
struct Reading<'a> {
    instrument: &'a Instrument,
    bids: Levels,
    asks: Levels,
    sequence: Option<u64>,
    at: Time,
    last: Option<Price>,
    bar: Option<Bar>,
    change: BookChange,
    capture: Capture,
}

impl Capture {
    /// Reads the lines of a capture; those of other symbols and channels are passed over.
    pub fn read(text: &str, instrument: &Instrument) -> Result<Capture, BadCapture> {
        let capture = Capture { bars: BarColumns::new(SLOT), changes: Vec::new() };
        let mut reading = Reading {
            instrument,
            bids: Levels::new(),
            asks: Levels::new(),
            sequence: None,
            at: Time(0),
            last: None,
            bar: None,
            change: BookChange::default(),
            capture,
        };
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let bad = |why: String| BadCapture::Line { line: number + 1, why };
            let push: Push = serde_json::from_str(line)
                .map_err(|error| bad(format!("it is no push ({error}): a line is one push as it came")))?;
            reading.push(push).map_err(bad)?;
        }
        reading.close_bar();
        if reading.capture.bars.is_empty() {
            return Err(BadCapture::Empty(instrument.symbol.clone()));
        }
        Ok(reading.capture)
    }
}

impl Reading<'_> {
    fn push(&mut self, push: Push) -> Result<(), String> {
        let Push { action: Some(action), arg: Some(arg), data } = push else { return Ok(()) };
        if arg.inst_id != self.instrument.symbol {
            return Ok(());
        }
        match arg.channel.as_str() {
            "books" => data.into_iter().try_for_each(|row| self.book(&action, row)),
            // Newest first.
            "trade" => data.into_iter().rev().try_for_each(|row| self.trade(&row)),
            _ => Ok(()),
        }
    }

    fn pass(&mut self, ts: &str) -> Result<(), String> {
        let ms: i64 = ts.parse().map_err(|_| format!("ts `{ts}` is no time in ms"))?;
        if !(0..100_000_000_000_000).contains(&ms) {
            return Err(format!("ts `{ts}` lies far from any market"));
        }
        self.at = self.at.max(Time(ms));
        if self.bar.is_some_and(|bar| bar.open_time != self.at.floor(SLOT)) {
            self.close_bar();
        }
        Ok(())
    }

    fn book(&mut self, action: &str, row: Row) -> Result<(), String> {
        self.pass(&row.ts)?;
        if action == "snapshot" {
            (self.bids, self.asks) = (Levels::new(), Levels::new());
            self.change = BookChange { from: Before::Nothing, ..BookChange::default() };
        } else if self.sequence.is_none() || row.pseq != self.sequence {
            return Err("a push is missing before it: capture anew from a snapshot on".to_owned());
        }
        self.sequence = row.seq;
        for (rows, side, changed) in [
            (&row.bids, &mut self.bids, &mut self.change.bids),
            (&row.asks, &mut self.asks, &mut self.change.asks),
        ] {
            for [price, size] in rows {
                let price = price_of(self.instrument, price)?;
                let qty = qty_of(self.instrument, size)?;
                if qty.0 == 0 {
                    side.remove(&price);
                } else {
                    side.insert(price, qty);
                }
                changed.insert(price, qty);
            }
        }
        if let (Some((bid, _)), Some((ask, _))) = (self.bids.last_key_value(), self.asks.first_key_value())
            && bid < ask
        {
            let last = self.last.unwrap_or(*bid);
            self.traded(last.clamp(*bid, *ask), 0.0);
        }
        Ok(())
    }

    fn trade(&mut self, row: &Row) -> Result<(), String> {
        let (Some(price), Some(size)) = (&row.price, &row.size) else {
            return Err("a trade has a price and a size".to_owned());
        };
        // What was traded before the book is known is history.
        if self.last.is_none() {
            return Ok(());
        }
        self.pass(&row.ts)?;
        let volume: f64 = size
            .parse()
            .ok()
            .filter(|size: &f64| size.is_finite() && *size >= 0.0)
            .ok_or_else(|| format!("the size `{size}` is no number"))?;
        self.traded(price_of(self.instrument, price)?, volume);
        Ok(())
    }

    fn traded(&mut self, price: Price, volume: f64) {
        let open = self.last.unwrap_or(price);
        let open_time = self.at.floor(SLOT);
        let begun = Bar { open_time, open, high: open, low: open, close: open, volume: 0.0 };
        let bar = self.bar.get_or_insert(begun);
        (bar.high, bar.low, bar.close) = (bar.high.max(price), bar.low.min(price), price);
        bar.volume += volume;
        self.last = Some(price);
    }

    fn close_bar(&mut self) {
        if let Some(bar) = self.bar.take() {
            self.capture.bars.push(bar);
            self.capture.changes.push(std::mem::take(&mut self.change));
        }
    }
}

fn price_of(i: &Instrument, text: &str) -> Result<Price, String> {
    // Beyond a hundred million USDT nothing is worth its digits.
    let most = 100_000_000 * 10_i64.pow(u32::from(i.tick.decimals));
    let ticks = text::steps(text, i.tick).ok().filter(|ticks| (1..=most).contains(ticks));
    ticks.map(Price).ok_or_else(|| format!("the price `{text}` is no multiple of {}'s tick", i.symbol))
}

/// Sizes are cut to lots: what is there stays there.
fn qty_of(i: &Instrument, text: &str) -> Result<Qty, String> {
    let size: f64 = text
        .parse()
        .ok()
        .filter(|size: &f64| (0.0..1e12).contains(size))
        .ok_or_else(|| format!("the size `{text}` is no size"))?;
    let lots = (size / i.lot.as_f64() + 1e-9).floor() as i64;
    Ok(Qty(if size > 0.0 { lots.max(1) } else { 0 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(action: &str, channel: &str, row: &str) -> String {
        format!(
            r#"{{"action":"{action}","arg":{{"instType":"USDT-FUTURES","channel":"{channel}","instId":"BTCUSDT"}},"data":[{row}],"ts":1}}"#
        )
    }

    fn book(action: &str, bid: &str, ask: &str, at: i64, numbers: (u64, u64)) -> String {
        let (previous, sequence) = numbers;
        push(
            action,
            "books",
            &format!(r#"{{"bids":[{bid}],"asks":[{ask}],"ts":"{at}","seq":{sequence},"pseq":{previous}}}"#),
        )
    }

    fn lines() -> Vec<String> {
        vec![
            r#"{"event":"subscribe","arg":{"instType":"USDT-FUTURES","channel":"books","instId":"BTCUSDT"}}"#
                .to_owned(),
            book("snapshot", r#"["60000.0","1.5"],["59990.0","2"]"#, r#"["60010.0","0.5"]"#, 1_000, (0, 10)),
            push(
                "update",
                "trade",
                r#"{"ts":"1400","price":"60008.0","size":"0.2","side":"buy","tradeId":"2"},{"ts":"1300","price":"60010.0","size":"0.1","side":"buy","tradeId":"1"}"#,
            ),
            // The ask leaves downwards, and the price with it; a level goes.
            book("update", r#"["59990.0","0"]"#, r#"["60005.0","0.0001"]"#, 2_500, (10, 12)),
            book(
                "update",
                r#"["60000.0","0"],["59980.0","3"]"#,
                r#"["60010.0","0"],["60005.0","0"],["59985.0","1"]"#,
                4_100,
                (12, 15),
            ),
        ]
    }

    #[test]
    fn a_capture_is_seconds_of_market_with_its_book() {
        let capture = Capture::read(&lines().join("\n"), &Instrument::btcusdt()).unwrap();
        let bars = capture.bars.as_bars();
        let told: Vec<[i64; 5]> = (0..bars.len())
            .map(|index| bars.get(index))
            .map(|bar| [bar.open_time.0, bar.open.0, bar.high.0, bar.low.0, bar.close.0])
            .collect();
        assert_eq!(
            told,
            [
                [1_000, 600_000, 600_100, 600_000, 600_080],
                [2_000, 600_080, 600_080, 600_050, 600_050],
                [4_000, 600_050, 600_050, 599_850, 599_850],
            ]
        );
        assert!((bars.get(0).volume - 0.3).abs() < 1e-9);
        let [first, second, _] = &capture.changes[..] else { panic!("one a bar") };
        assert_eq!((first.from, first.bids.len(), second.from), (Before::Nothing, 2, Before::Book));
        assert_eq!(second.bids.get(&Price(599_900)), Some(&Qty(0)), "gone");
        assert_eq!(second.asks.get(&Price(600_050)), Some(&Qty(1)), "less than a lot is one");
    }

    #[test]
    fn what_cannot_be_replayed_says_where_and_why() {
        let i = Instrument::btcusdt();
        let refused = |lines: Vec<String>| Capture::read(&lines.join("\n"), &i).unwrap_err().to_string();
        let with = |at: usize, line: &str| {
            let mut lines = lines();
            line.clone_into(&mut lines[at]);
            refused(lines)
        };
        assert!(with(3, "").contains("line 5: a push is missing"));
        assert!(with(1, "").contains("line 4: a push is missing"));
        assert!(with(2, "{").contains("line 3: it is no push"));
        assert!(
            with(1, &lines()[1].replace("60010.0", "60010.05")).contains("no multiple of BTCUSDT's tick")
        );
        assert!(with(1, &lines()[1].replace("\"1.5\"", "\"-1\"")).contains("is no size"));
        assert!(with(1, &lines()[1].replace("\"1000\"", "\"x\"")).contains("no time"));
        assert!(refused(vec![lines()[0].clone()]).contains("no book of BTCUSDT"));
    }
}
