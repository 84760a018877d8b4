//! Which way a row went, out of `side`, `tradeSide` and `posSide`.
//!
//! In hedge mode V2 writes the position's side into orders and REST fills (a closed long is `buy`), but the real one on
//! its fill channel, and V3 writes the real one everywhere. The trade side of a forced fill carries the position in its
//! name. Refuses words that contradict each other.

use super::{Reading, Unread};
use crate::wire::{Generation, Text};
use model::{PositionMode, PositionSide, Side};

/// Where a row comes from, as far as it changes what its words mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Orders, wherever from, and fills of the REST endpoints.
    Listing,
    /// The fill channel of a socket.
    FillChannel,
}

/// A fill nobody asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forced {
    /// The margin was gone.
    Liquidation,
    /// The other side's margin was gone, and ours was next in line.
    Deleveraging,
    /// The contract was delivered or delisted.
    Delivery,
    /// Long and short of the account were netted against each other.
    Offset,
}

/// The way a row went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// The real side: what happened to the net position.
    pub side: Side,
    /// Which position.
    pub position_side: PositionSide,
    /// Whether nobody asked for it.
    pub forced: Option<Forced>,
}

/// The three words of a row.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// `side`.
    pub side: &'a Text<'a>,
    /// `tradeSide`.
    pub trade_side: &'a Text<'a>,
    /// `posSide` or `holdSide`.
    pub position_side: &'a Text<'a>,
    /// `execType` of V3 orders; empty elsewhere.
    pub exec_type: &'a str,
}

/// What `tradeSide` says.
#[derive(Clone, Copy, Debug, Default)]
struct TradeSide {
    opens: Option<bool>,
    position: Option<PositionSide>,
}

fn trade_side(word: &str) -> TradeSide {
    let parts: Vec<&str> = word.split('_').collect();
    let says = |part| parts.contains(&part);
    let opens = if says("open") {
        Some(true)
    } else if says("close") {
        Some(false)
    } else {
        None
    };
    let position = match (says("long"), says("short")) {
        (true, false) => Some(PositionSide::Long),
        (false, true) => Some(PositionSide::Short),
        _ => None,
    };
    TradeSide { opens, position }
}

fn forced(trade_side: &str, exec_type: &str) -> Option<Forced> {
    let by_name = |word: &str| {
        Some(match word {
            _ if word.starts_with("burst") || word == "liquidation" => Forced::Liquidation,
            // Bitget reduces a large position tier by tier before it takes it over.
            _ if word.starts_with("reduce") => Forced::Liquidation,
            _ if word.starts_with("dte_sys_adl") || word == "adl" => Forced::Deleveraging,
            _ if word.starts_with("delivery") => Forced::Delivery,
            _ if word.starts_with("offset") => Forced::Offset,
            _ => return None,
        })
    };
    by_name(trade_side).or_else(|| by_name(exec_type))
}

const fn side_of(position: PositionSide, opens: bool) -> Side {
    match (position, opens) {
        (PositionSide::Short, true) | (PositionSide::Long | PositionSide::Net, false) => Side::Sell,
        (PositionSide::Short, false) | (PositionSide::Long | PositionSide::Net, true) => Side::Buy,
    }
}

impl Words<'_> {
    /// The way the row went.
    pub fn way(&self, reading: &Reading<'_>, source: Source) -> Result<Way, Unread> {
        let word = if self.side.is("buy") {
            Side::Buy
        } else if self.side.is("sell") {
            Side::Sell
        } else {
            return Err(self.no_direction());
        };
        let forced = forced(self.trade_side.as_str(), self.exec_type);
        if reading.position == PositionMode::OneWay {
            return Ok(Way { side: word, position_side: PositionSide::Net, forced });
        }
        let said = trade_side(self.trade_side.as_str());
        let named = match self.position_side.as_str() {
            "long" => Some(PositionSide::Long),
            "short" => Some(PositionSide::Short),
            _ => said.position,
        };
        let by_position = reading.generation == Generation::V2 && source == Source::Listing;
        let way =
            if by_position { by_position_side(word, said, named) } else { by_real_side(word, said, named) };
        let (side, position_side) = way.ok_or_else(|| self.no_direction())?;
        Ok(Way { side, position_side, forced })
    }

    fn no_direction(&self) -> Unread {
        Unread::NoDirection {
            side: self.side.to_string(),
            trade_side: self.trade_side.to_string(),
            position_side: self.position_side.to_string(),
        }
    }
}

/// `side` names the position.
fn by_position_side(
    word: Side,
    said: TradeSide,
    named: Option<PositionSide>,
) -> Option<(Side, PositionSide)> {
    let by_word = if word == Side::Buy { PositionSide::Long } else { PositionSide::Short };
    let position = named.unwrap_or(by_word);
    // A forced close is the one row that may carry the real side; its trade side says the position.
    if position != by_word && said.position.is_none() {
        return None;
    }
    Some((side_of(position, said.opens?), position))
}

/// `side` is what was done; the position follows from whether that opened or closed.
fn by_real_side(word: Side, said: TradeSide, named: Option<PositionSide>) -> Option<(Side, PositionSide)> {
    let position = match (named, said.opens) {
        (Some(position), _) => position,
        (None, Some(opens)) if opens == (word == Side::Buy) => PositionSide::Long,
        (None, Some(_)) => PositionSide::Short,
        (None, None) => return None,
    };
    let fits = said.opens.is_none_or(|opens| side_of(position, opens) == word);
    fits.then_some((word, position))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order_id::Prefix;
    use model::Instrument;

    fn way(
        generation: Generation,
        position: PositionMode,
        source: Source,
        words: [&str; 3],
    ) -> Option<(Side, PositionSide, Option<Forced>)> {
        let instrument = Instrument::btcusdt();
        let prefix = Prefix::new("obf").unwrap();
        let reading = Reading { generation, position, instrument: &instrument, prefix };
        let [side, trade_side, position_side] = words.map(Text::from);
        let words =
            Words { side: &side, trade_side: &trade_side, position_side: &position_side, exec_type: "" };
        words.way(&reading, source).ok().map(|way| (way.side, way.position_side, way.forced))
    }

    #[test]
    fn a_closed_long_in_every_dialect() {
        use Generation::{V2, V3};
        use PositionMode::{Hedge, OneWay};
        use PositionSide::{Long, Net, Short};
        use Source::{FillChannel, Listing};
        for (generation, mode, source, words, side, position) in [
            (V2, OneWay, Listing, ["sell", "sell_single", "net"], Side::Sell, Net),
            (V2, OneWay, FillChannel, ["sell", "close", ""], Side::Sell, Net),
            (V2, Hedge, Listing, ["buy", "close", "long"], Side::Sell, Long),
            (V2, Hedge, Listing, ["buy", "close", ""], Side::Sell, Long),
            (V2, Hedge, FillChannel, ["sell", "close", ""], Side::Sell, Long),
            (V3, OneWay, Listing, ["sell", "close", "long"], Side::Sell, Net),
            (V3, Hedge, Listing, ["sell", "close", ""], Side::Sell, Long),
            (V3, Hedge, FillChannel, ["sell", "close", "long"], Side::Sell, Long),
            (V3, Hedge, Listing, ["sell", "", "long"], Side::Sell, Long),
            (V2, Hedge, Listing, ["sell", "close", "short"], Side::Buy, Short),
            (V2, Hedge, FillChannel, ["buy", "close", ""], Side::Buy, Short),
            (V2, Hedge, Listing, ["sell", "open", "short"], Side::Sell, Short),
            (V2, Hedge, FillChannel, ["sell", "open", ""], Side::Sell, Short),
            (V3, Hedge, FillChannel, ["buy", "open", "long"], Side::Buy, Long),
        ] {
            assert_eq!(
                way(generation, mode, source, words),
                Some((side, position, None)),
                "{words:?} {source:?}"
            );
        }
    }

    #[test]
    fn forced_fills_say_so_in_their_trade_side() {
        use Generation::V2;
        use PositionMode::{Hedge, OneWay};
        for (mode, words, side, position, forced) in [
            (Hedge, ["buy", "burst_close_long", ""], Side::Sell, PositionSide::Long, Forced::Liquidation),
            (Hedge, ["sell", "burst_close_long", ""], Side::Sell, PositionSide::Long, Forced::Liquidation),
            (Hedge, ["sell", "reduce_close_short", ""], Side::Buy, PositionSide::Short, Forced::Liquidation),
            (
                Hedge,
                ["buy", "dte_sys_adl_close_long", ""],
                Side::Sell,
                PositionSide::Long,
                Forced::Deleveraging,
            ),
            (Hedge, ["buy", "offset_close_long", ""], Side::Sell, PositionSide::Long, Forced::Offset),
            (OneWay, ["sell", "burst_sell_single", ""], Side::Sell, PositionSide::Net, Forced::Liquidation),
            (OneWay, ["buy", "delivery_buy_single", ""], Side::Buy, PositionSide::Net, Forced::Delivery),
        ] {
            assert_eq!(
                way(V2, mode, Source::Listing, words),
                Some((side, position, Some(forced))),
                "{words:?}"
            );
        }
    }

    #[test]
    fn words_that_name_no_direction_are_refused() {
        use Generation::{V2, V3};
        let hedge = PositionMode::Hedge;
        for (generation, source, words) in [
            (V2, Source::Listing, ["", "close", "long"]),
            (V2, Source::Listing, ["buy", "", "long"]),
            (V2, Source::Listing, ["buy", "buy_single", "net"]),
            (V2, Source::Listing, ["sell", "close", "long"]),
            (V2, Source::FillChannel, ["sell", "", ""]),
            (V2, Source::FillChannel, ["buy", "close", "long"]),
            (V3, Source::Listing, ["buy", "", ""]),
            (V3, Source::Listing, ["buy", "close", "long"]),
            (V3, Source::Listing, ["hold", "open", "long"]),
        ] {
            assert_eq!(way(generation, hedge, source, words), None, "{words:?}");
        }
    }
}
