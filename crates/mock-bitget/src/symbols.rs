//! The contracts there are, as instruments of the matching engine.
//!
//! Bitcoin's is the project's own; ether's has the steps and fees of Bitget's, and margin tiers of the same shape.

use model::{Instrument, MarginTier, Qty, Rate, Step, Usd};

/// Bitget's BTCUSDT.
pub fn btcusdt() -> Instrument {
    Instrument::btcusdt()
}

/// Bitget's ETHUSDT.
pub fn ethusdt() -> Instrument {
    let tier = |usdt: i64, tenths_of_bps: i64, leverage_max: u16| MarginTier {
        notional_max: Usd(usdt * Usd::ONE.0),
        maintenance: Rate(tenths_of_bps * Rate::BASIS_POINT.0 / 10),
        deduction: Usd::ZERO,
        leverage_max,
    };
    Instrument {
        symbol: "ETHUSDT".to_owned(),
        tick: Step::decimal(2),
        lot: Step::decimal(2),
        qty_min: Qty(1),
        tiers: vec![
            tier(100_000, 500, 100),
            tier(1_000_000, 1_000, 50),
            tier(5_000_000, 2_000, 25),
            tier(20_000_000, 5_000, 10),
            tier(80_000_000, 15_000, 3),
        ],
        leverage_max: 100,
        ..Instrument::btcusdt()
    }
}
/// The contract of a symbol that a market can be made for.
pub fn instrument(symbol: &str) -> Option<Instrument> {
    [btcusdt(), ethusdt()].into_iter().find(|instrument| instrument.symbol == symbol)
}
