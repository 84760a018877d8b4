//! Bitget's contract list as instruments: steps, minima, fees, tiers.
//!
//! A V2 contract says its price step as `priceEndStep` x 10^-`pricePlace`, a V3 instrument as `priceMultiplier`; sizes
//! obey a step and a number of places, and the coarser one wins. Refuses a contract it cannot trade exactly (another
//! quote coin, a delivery contract, a step that is none) by name, never by leaving it out silently.

use crate::number::{BadNumber, Exact, Fault, Field, NoneIs};
use crate::wire::Text;
use crate::wire::market::{Contract, Tier};
use model::{FeeSchedule, Instrument, MarginTier, Qty, Rate, Step, Usd};

/// What the exchange charges for a forced close; it is in no list, but in every liquidation price we have seen.
const LIQUIDATION_FEE: Rate = Rate::bps(6);

/// What may be done with a contract now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Everything.
    Normal,
    /// Closing only: a delisting is near, or the market is wild.
    CloseOnly,
    /// Nothing: announced, in maintenance, closed to the API, or gone.
    Closed,
    /// A word that is not known: nothing, until somebody has read it.
    Unknown(String),
}

/// A contract of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Steps, minima, fees, tiers.
    pub instrument: Instrument,
    /// What may be done with it.
    pub status: Status,
    /// Largest limit order, if the list says so.
    pub limit_qty_max: Option<Qty>,
    /// Largest market order, if the list says so.
    pub market_qty_max: Option<Qty>,
    /// How far above the reference price a buy limit may lie, as a fraction.
    pub buy_band: Option<Rate>,
    /// How far below the reference price a sell limit may lie.
    pub sell_band: Option<Rate>,
    /// Open orders of the symbol.
    pub orders_max: Option<u32>,
    /// A stock or commodity: it has trading hours, and gaps between them.
    pub is_rwa: bool,
}

/// Why a row of the list is no instrument.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unlisted {
    /// A number that cannot be used.
    #[error("{symbol}: {bad}")]
    Number {
        /// Which contract.
        symbol: String,
        /// What about it.
        bad: BadNumber,
    },
    /// Not a perpetual settled in USDT.
    #[error("{symbol} is {what}: the farm trades perpetuals quoted and settled in USDT only")]
    OtherKind {
        /// Which contract.
        symbol: String,
        /// What it is.
        what: String,
    },
    /// Tiers are missing, or not ascending without a gap.
    #[error("{symbol} has no usable margin tiers: ask for its position tiers, and do not trade it without")]
    NoTiers {
        /// Which contract.
        symbol: String,
    },
}

impl Listing {
    /// A contract that is open, of which nothing more is known than its instrument.
    pub fn plain(instrument: Instrument) -> Listing {
        Listing {
            instrument,
            status: Status::Normal,
            limit_qty_max: None,
            market_qty_max: None,
            buy_band: None,
            sell_band: None,
            orders_max: None,
            is_rwa: false,
        }
    }

    /// The instrument of a contract and its tiers.
    pub fn of(contract: &Contract<'_>, tiers: &[Tier<'_>]) -> Result<Listing, Unlisted> {
        let symbol = contract.symbol.to_string();
        check_kind(contract)?;
        read(contract, tiers).map_err(|bad| Unlisted::Number { symbol: symbol.clone(), bad }).and_then(
            |listing| {
                let tiers = &listing.instrument.tiers;
                let ascending = tiers.windows(2).all(|pair| pair[0].notional_max < pair[1].notional_max);
                let first = tiers.first().is_some_and(|tier| tier.notional_max.0 > 0);
                if ascending && first { Ok(listing) } else { Err(Unlisted::NoTiers { symbol }) }
            },
        )
    }
}

fn check_kind(contract: &Contract<'_>) -> Result<(), Unlisted> {
    let other = |what: String| Err(Unlisted::OtherKind { symbol: contract.symbol.to_string(), what });
    // V3 keeps `symbolType` for something else (crypto, stock) and says `type` instead.
    let kind =
        if contract.contract_type.is_empty() { &contract.symbol_type } else { &contract.contract_type };
    if !contract.quote_coin.is("USDT") {
        return other(format!("quoted in {}", contract.quote_coin));
    }
    if !kind.is("perpetual") { other(format!("a {kind} contract")) } else { Ok(()) }
}

fn read(contract: &Contract<'_>, tiers: &[Tier<'_>]) -> Result<Listing, BadNumber> {
    let tick = tick(contract)?;
    let lot = lot(contract)?;
    let most = |text: &Text<'_>, name| {
        text.field(name).unless(NoneIs::NotPositive).map(|f| floor_lots(f, lot)).transpose()
    };
    let fraction = |text: &Text<'_>, name| text.field(name).optional().map(Field::rate).transpose();
    let orders = contract.symbol_orders_max.field("maxSymbolOrderNum").unless(NoneIs::NotPositive);
    let instrument = Instrument {
        symbol: contract.symbol.to_string(),
        tick,
        lot,
        qty_min: contract.size_min.field("minTradeNum").qty(lot)?.max(Qty(1)),
        notional_min: contract
            .notional_min
            .field("minTradeUSDT")
            .unless(NoneIs::NotPositive)
            .map_or(Ok(Usd::ZERO), Field::usd)?,
        fees: FeeSchedule {
            maker: contract.maker_fee.field("makerFeeRate").rate()?,
            taker: contract.taker_fee.field("takerFeeRate").rate()?,
            liquidation: LIQUIDATION_FEE,
        },
        tiers: tiers.iter().map(tier).collect::<Result<_, _>>()?,
        funding_interval: contract.funding_hours.field("fundInterval").hours()?,
        leverage_max: contract.leverage_max.field("maxLever").small()?,
    };
    Ok(Listing {
        instrument,
        status: status(&contract.status),
        limit_qty_max: most(&contract.size_max, "maxOrderQty")?,
        market_qty_max: most(&contract.market_size_max, "maxMarketOrderQty")?,
        buy_band: fraction(&contract.buy_price_ratio, "buyLimitPriceRatio")?,
        sell_band: fraction(&contract.sell_price_ratio, "sellLimitPriceRatio")?,
        orders_max: orders.map(Field::integer).transpose()?.and_then(|n| u32::try_from(n).ok()),
        is_rwa: contract.is_rwa.is("YES"),
    })
}

fn status(word: &Text<'_>) -> Status {
    match word.as_str() {
        "normal" | "online" => Status::Normal,
        "limit_open" => Status::CloseOnly,
        "listed" | "maintain" | "restrictedAPI" | "off" | "offline" => Status::Closed,
        other => Status::Unknown(other.to_owned()),
    }
}

/// The price of one tick.
fn tick(contract: &Contract<'_>) -> Result<Step, BadNumber> {
    if let Some(step) = contract.price_step.field("priceMultiplier").optional() {
        return positive_step(step);
    }
    let place = contract.price_decimals.field("pricePlace");
    let end = contract.price_end_step.field("priceEndStep");
    let mantissa = end.integer()?;
    let decimals = u8::try_from(place.small()?).map_err(|_| place.bad(Fault::TooLarge))?;
    if mantissa <= 0 { Err(end.bad(Fault::NotAMultiple)) } else { Ok(Step { mantissa, decimals }) }
}

/// The quantity of one lot: a multiple of the size step, with no more places than the contract shows.
fn lot(contract: &Contract<'_>) -> Result<Step, BadNumber> {
    let step = contract.size_step.field("sizeMultiplier");
    let exact = positive_step(step)?;
    let Some(places) = contract.size_decimals.field("volumePlace").optional() else { return Ok(exact) };
    let shown = u8::try_from(places.small()?).map_err(|_| places.bad(Fault::TooLarge))?;
    if exact.decimals <= shown {
        return Ok(exact);
    }
    let finer = 10_i64.checked_pow(u32::from(exact.decimals - shown)).ok_or(places.bad(Fault::TooLarge))?;
    let both = least_common_multiple(exact.mantissa, finer).ok_or(step.bad(Fault::TooLarge))?;
    Ok(shortest(both, exact.decimals))
}

fn positive_step(field: Field<'_>) -> Result<Step, BadNumber> {
    let Exact { mantissa, decimals } = field.exact()?;
    let mantissa = i64::try_from(mantissa).map_err(|_| field.bad(Fault::TooLarge))?;
    if mantissa <= 0 { Err(field.bad(Fault::NotAMultiple)) } else { Ok(shortest(mantissa, decimals)) }
}

fn shortest(mut mantissa: i64, mut decimals: u8) -> Step {
    while decimals > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        decimals -= 1;
    }
    Step { mantissa, decimals }
}

fn least_common_multiple(a: i64, b: i64) -> Option<i64> {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    (a / x).checked_mul(b)
}

/// A maximum in whole lots: what is not a multiple loses its rest.
fn floor_lots(field: Field<'_>, lot: Step) -> Result<Qty, BadNumber> {
    let Exact { mantissa, decimals } = field.exact()?;
    let ten = |up: u8| 10_i128.checked_pow(u32::from(up)).ok_or(field.bad(Fault::TooLarge));
    let common = decimals.max(lot.decimals);
    let scaled = mantissa.checked_mul(ten(common - decimals)?).ok_or(field.bad(Fault::TooLarge))?;
    let one = i128::from(lot.mantissa) * ten(common - lot.decimals)?;
    i64::try_from(scaled / one).map(Qty).map_err(|_| field.bad(Fault::TooLarge))
}

fn tier(row: &Tier<'_>) -> Result<MarginTier, BadNumber> {
    Ok(MarginTier {
        notional_max: row.notional_to.field("endUnit").usd()?,
        maintenance: row.maintenance.field("keepMarginRate").rate()?,
        deduction: Usd::ZERO,
        leverage_max: row.leverage_max.field("leverage").small()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const V2: &str = r#"{"symbol":"BTCUSDT","quoteCoin":"USDT","symbolType":"perpetual","symbolStatus":"normal",
        "makerFeeRate":"0.0002","takerFeeRate":"0.0006","minTradeNum":"0.0001","priceEndStep":"1","volumePlace":"4",
        "pricePlace":"1","sizeMultiplier":"0.0001","minTradeUSDT":"5","maxSymbolOrderNum":"200","fundInterval":"8",
        "maxLever":"150","maxMarketOrderQty":"220","maxOrderQty":"1200","buyLimitPriceRatio":"0.05",
        "sellLimitPriceRatio":"0.05","isRwa":"NO"}"#;
    const V3: &str = r#"{"symbol":"BTCUSDT","category":"USDT-FUTURES","quoteCoin":"USDT","type":"perpetual",
        "symbolType":"crypto","status":"online","makerFeeRate":"0.0002","takerFeeRate":"0.0006","minOrderQty":"0.0001",
        "pricePrecision":"1","quantityPrecision":"4","priceMultiplier":"0.1","quantityMultiplier":"0.0001",
        "minOrderAmount":"5","maxSymbolOrderNum":"200","fundInterval":"8","maxLeverage":"150","maxOrderQty":"1200",
        "maxMarketOrderQty":"220","buyLimitPriceRatio":"0.05","sellLimitPriceRatio":"0.05","isRwa":"NO"}"#;
    const TIERS: &str = r#"[{"level":"1","startUnit":"0","endUnit":"150000","leverage":"150","keepMarginRate":"0.004"},
        {"tier":"2","minTierValue":"150000","maxTierValue":"1000000","leverage":"100","mmr":"0.005"}]"#;

    fn listing(contract: &str) -> Result<Listing, Unlisted> {
        let tiers: Vec<Tier<'_>> = serde_json::from_str(TIERS).unwrap();
        Listing::of(&serde_json::from_str(contract).unwrap(), &tiers)
    }

    #[test]
    fn both_generations_tell_of_the_same_instrument() {
        let listed = listing(V2).unwrap();
        assert_eq!(listing(V3), Ok(listed.clone()));
        let i = &listed.instrument;
        assert_eq!((i.tick, i.lot, i.qty_min), (Step::decimal(1), Step::decimal(4), Qty(1)));
        assert_eq!((i.notional_min, i.fees.taker, i.leverage_max), (Usd(5_000_000), Rate::bps(6), 150));
        assert_eq!((i.tiers[1].notional_max, i.tiers[1].leverage_max), (Usd(1_000_000_000_000), 100));
        assert_eq!(
            (listed.limit_qty_max, listed.market_qty_max),
            (Some(Qty(12_000_000)), Some(Qty(2_200_000)))
        );
        assert_eq!((listed.status, listed.orders_max, listed.is_rwa), (Status::Normal, Some(200), false));
    }

    #[test]
    fn steps_that_are_no_powers_of_ten() {
        let odd = V2.replace(r#""priceEndStep":"1""#, r#""priceEndStep":"5""#);
        assert_eq!(listing(&odd).unwrap().instrument.tick, Step { mantissa: 5, decimals: 1 });
        // A size step finer than the places that may be written: the coarser of both, and a multiple of each.
        for (step, lot) in [("0.000001", Step::decimal(4)), ("0.00025", Step { mantissa: 5, decimals: 4 })] {
            let finer = V2
                .replace(r#""sizeMultiplier":"0.0001""#, &format!(r#""sizeMultiplier":"{step}""#))
                .replace(r#""minTradeNum":"0.0001""#, r#""minTradeNum":"0.01""#);
            assert_eq!(listing(&finer).unwrap().instrument.lot, lot, "{step}");
        }
        let odd = V2.replace(r#""maxOrderQty":"1200""#, r#""maxOrderQty":"1200.00009""#);
        assert_eq!(listing(&odd).unwrap().limit_qty_max, Some(Qty(12_000_000)));
    }

    #[test]
    fn what_cannot_be_traded_exactly_is_named() {
        for (from, to, part) in [
            (r#""quoteCoin":"USDT""#, r#""quoteCoin":"USDC""#, "quoted in USDC"),
            (r#""symbolType":"perpetual""#, r#""symbolType":"delivery""#, "a delivery contract"),
            (r#""priceEndStep":"1""#, r#""priceEndStep":"0""#, "`priceEndStep` is \"0\""),
            (
                r#""sizeMultiplier":"0.0001""#,
                r#""sizeMultiplier":"""#,
                "`sizeMultiplier` is \"\", which is missing",
            ),
            (r#""minTradeNum":"0.0001""#, r#""minTradeNum":"0.00015""#, "`minTradeNum` is \"0.00015\""),
            (r#""fundInterval":"8""#, r#""fundInterval":"often""#, "`fundInterval` is \"often\""),
        ] {
            let refused = listing(&V2.replace(from, to)).unwrap_err().to_string();
            assert!(refused.starts_with("BTCUSDT") && refused.contains(part), "{refused}");
        }
        let contract = serde_json::from_str(V2).unwrap();
        assert!(matches!(Listing::of(&contract, &[]), Err(Unlisted::NoTiers { .. })));
        let word = listing(&V2.replace("\"normal\"", "\"siesta\"")).unwrap().status;
        assert_eq!(word, Status::Unknown("siesta".to_owned()));
    }
}
