//! How much: derived from the distance to the stop, then cut by every cap. Integers only.

use crate::Refusal;
use model::{Instrument, Price, Qty, Usd};
use persona::profile::RiskBand;

/// What a size is derived from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeQuestion {
    /// Equity now.
    pub equity: Usd,
    /// Entry price expected.
    pub entry: Price,
    /// Ticks between entry and stop.
    pub stop_distance: i64,
    /// Ticks by which the entry may fill worse than expected: its collar.
    pub collar: i64,
    /// Of equity, to be lost at the stop, in hundredths of a basis point.
    pub risk_centibps: i64,
    /// Cap of the same, never exceeded.
    pub risk_max_centibps: i64,
    /// Cap of the margin (un-levered quantity x price), of equity.
    pub margin_max_bps: i64,
    /// Leverage: order notional = margin x leverage.
    pub leverage: i64,
}

/// Hundredths of a basis point in one.
pub const CENTIBPS: i64 = 1_000_000;

/// Lots for a share of `equity` at `ticks` a lot.
fn lots_for(instrument: &Instrument, amount: i128, ticks: i64) -> i64 {
    let value = instrument.tick_lot_value();
    let lots = amount * value.denominator / (i128::from(ticks) * value.numerator);
    i64::try_from(lots).unwrap_or(i64::MAX)
}

/// The order quantity: equity x risk / distance, cut by the cap of risk and the cap of margin, rounded down to a lot.
/// The worst fill its collar allows and the round trip's taker fees count as risk: with them, too, a stop stays under
/// the cap.
pub fn determine_position_size(instrument: &Instrument, question: &SizeQuestion) -> Result<Qty, Refusal> {
    let q = question;
    assert!(
        q.stop_distance > 0 && q.entry.0 > 0 && q.leverage > 0,
        "the gate has checked the stop and the price"
    );
    let equity = i128::from(q.equity.0);
    let share = |centibps: i64| equity * i128::from(centibps) / i128::from(CENTIBPS);
    let fee_ticks = instrument.fees.taker.0.max(0) as i128 * 2 * i128::from(q.entry.0);
    let fee_ticks = i64::try_from(fee_ticks / i128::from(model::Rate::ONE.0) + 1).unwrap_or(i64::MAX / 4);
    let wanted = lots_for(instrument, share(q.risk_centibps), q.stop_distance);
    let capped = lots_for(instrument, share(q.risk_max_centibps), q.stop_distance + q.collar + fee_ticks);
    let margin = equity * i128::from(q.margin_max_bps) / 10_000;
    let affordable = lots_for(instrument, margin * i128::from(q.leverage), q.entry.0);
    let lots = Qty(wanted.min(capped).min(affordable));
    if lots < instrument.qty_min || instrument.notional(lots, q.entry) < instrument.notional_min {
        return Err(Refusal::BelowMinimum);
    }
    Ok(lots)
}

/// Whether this equity carries the smallest order at the band's widest dials; where it does not, the bot is ruined.
pub fn carries_minimum(instrument: &Instrument, band: &RiskBand, equity: Usd, price: Price) -> bool {
    let most = i64::from(band.risk_per_trade_bps[1]) * 100;
    let nearest = i128::from(price.0) * i128::from(band.stop_bps[0]) / 10_000;
    let question = SizeQuestion {
        equity,
        entry: price,
        stop_distance: i64::try_from(nearest).expect("a part of a price").max(1),
        collar: 0,
        risk_centibps: most,
        risk_max_centibps: most,
        margin_max_bps: i64::from(band.margin_max_bps),
        leverage: i64::from(band.leverage),
    };
    equity.0 > 0 && determine_position_size(instrument, &question).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_margin_cap_binds_for_the_strategist() {
        let instrument = Instrument::btcusdt();
        let question = SizeQuestion {
            equity: Usd(10_000 * Usd::ONE.0),
            entry: Price(400_000),
            stop_distance: 8_000, // 2 %
            collar: 2_000,
            risk_centibps: 5_000,
            risk_max_centibps: 10_000,
            margin_max_bps: 500,
            leverage: 2,
        };
        // Risk alone: 50 USDT / 800 USDT = 0.0625 BTC; margin 500 USDT x 2 / 40 000 = 0.025 BTC.
        assert_eq!(determine_position_size(&instrument, &question), Ok(Qty(25)));
        let free = SizeQuestion { margin_max_bps: 10_000, ..question };
        assert_eq!(determine_position_size(&instrument, &free), Ok(Qty(62)));
        let poor = SizeQuestion { equity: Usd(20 * Usd::ONE.0), ..question };
        assert_eq!(determine_position_size(&instrument, &poor), Err(Refusal::BelowMinimum));
    }
}
