//! The gate. `Approved` has a private field and no other maker, so nothing leaves the farm around these functions.
//!
//! ```compile_fail,E0451
//! # use model::{BotId, Leg, OrderId, Request};
//! # let id = OrderId { bot: BotId(0), epoch: 0, decision: 0, leg: Leg::Own };
//! let forged = risk::Approved { request: Request::Cancel(id) };
//! ```

use crate::{Crowd, Limits, Refusal, Rules, TradingState, sizing};
use model::{
    Bracket, Instrument, OrderId, OrderKind, OrderRequest, Position, PositionMode, PositionSide, Price, Qty,
    Request, Side, TARGETS_MAX, Target, Time, TimeInForce, Usd,
};
use persona::profile::{RISK_PER_TRADE_MAX_BPS, TargetShare};
use persona::{EntryStyle, Impulse};

/// A request that may leave the farm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approved {
    request: Request,
}

impl Approved {
    /// What to send.
    #[inline]
    pub fn request(&self) -> &Request {
        &self.request
    }
}

/// What the gate must know of a bot. `None` is unknown, and unknown means no.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exposure {
    /// The instant of the decision.
    pub now: Time,
    /// Equity at the last price.
    pub equity: Option<Usd>,
    /// Highest equity so far.
    pub equity_peak: Usd,
    /// Equity at the start of the UTC day.
    pub equity_at_midnight: Usd,
    /// Last price and when it was known.
    pub price: Option<(Price, Time)>,
    /// Signed position.
    pub position: Option<Qty>,
    /// Whether another order of this bot is on its way or the working orders are full.
    pub order_pending: bool,
    /// Whether it may open.
    pub state: TradingState,
    /// Entries within the last hour.
    pub entries_last_hour: u32,
    /// Whether a significant trade may be made without asking anybody.
    pub clearance: Clearance,
    /// How positions are held on its account.
    pub mode: PositionMode,
    /// Until when it rests after too many stops.
    pub rests_until: Option<Time>,
    /// The rules of the farm, and what all its bots have and do together.
    pub farm: (Rules, Crowd),
}

/// Whether significant trades need approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Clearance {
    /// None does.
    Full,
    /// Those that risk at least so many basis points of equity at their stop do.
    Below(u32),
}

/// A trade that risks this much of equity at its stop is significant.
pub const SIGNIFICANT_RISK_BPS: u32 = 100;

/// An entry as the strategy and the mood want it.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// Direction, appetite and dials.
    pub impulse: &'a Impulse,
    /// Stop distance in ticks before mood and band.
    pub stop_distance: f64,
    /// Ladder of the profile.
    pub targets: &'a [TargetShare],
}

fn known(limits: &Limits, exposure: &Exposure) -> Result<(Usd, Price), Refusal> {
    let equity = exposure.equity.filter(|equity| equity.0 > 0).ok_or(Refusal::NoEquity)?;
    let (price, at) = exposure.price.ok_or(Refusal::StalePrice)?;
    if exposure.now - at > limits.price_age_max || price.0 <= 0 {
        return Err(Refusal::StalePrice);
    }
    Ok((equity, price))
}

fn check_state(limits: &Limits, exposure: &Exposure, equity: Usd) -> Result<(), Refusal> {
    let fell = |from: Usd, bps: u32| {
        i128::from((from - equity).0) * 10_000 >= i128::from(from.0.max(1)) * i128::from(bps)
    };
    if exposure.state != TradingState::Active {
        Err(Refusal::NotTrading)
    } else if exposure.order_pending {
        Err(Refusal::OrderPending)
    } else if exposure.position != Some(Qty::ZERO) {
        Err(Refusal::PositionNotFlat)
    } else if fell(exposure.equity_peak, limits.drawdown_max_bps) {
        Err(Refusal::Drawdown)
    } else if fell(exposure.equity_at_midnight, limits.daily_loss_max_bps) {
        Err(Refusal::DailyLoss)
    } else if exposure.entries_last_hour >= limits.entries_per_hour_max {
        Err(Refusal::OrderRate)
    } else if exposure.rests_until.is_some_and(|until| exposure.now < until) {
        Err(Refusal::CoolDown)
    } else {
        Ok(())
    }
}

/// How much worse than the last price an entry may fill, as a part of its stop's distance.
const COLLAR_PART: i64 = 4;

/// Where an entry is expected to fill.
fn entry_price(style: EntryStyle, side: Side, last: Price) -> Price {
    match style {
        EntryStyle::Take => last,
        // A maker further away than a tenth of the price waits for another market.
        EntryStyle::Make { offset, .. } => {
            Price((last.0 - side.sign() * offset.clamp(1, (last.0 / 10).max(1))).max(1))
        }
    }
}

/// An entry with its bracket: the stop rests at the venue before the position counts as open. A taker takes what is
/// there up to its collar and gives up the rest: a market that jumped away is not chased, and nothing fills behind a
/// stop. A maker rests post-only at its own price, from which stop and ladder are measured, and cannot fill worse.
pub fn approve_entry(
    limits: &Limits,
    instrument: &Instrument,
    exposure: &Exposure,
    wish: &Wish<'_>,
    id: OrderId,
) -> Result<(Approved, u16), Refusal> {
    let (equity, last) = known(limits, exposure)?;
    check_state(limits, exposure, equity)?;
    let (band, impulse) = (&limits.band, wish.impulse);
    let side = impulse.signal.side;
    let price = entry_price(impulse.signal.style, side, last);
    let distance = stop_distance(limits, price, wish.stop_distance * impulse.stop_distance)?;
    let stop = Price(price.0 - side.sign() * distance);
    let (collar, tif) = match impulse.signal.style {
        EntryStyle::Take => ((distance / COLLAR_PART).max(1), TimeInForce::ImmediateOrCancel),
        EntryStyle::Make { .. } => (0, TimeInForce::PostOnly),
    };
    // The stop must lie well inside the liquidation price: at most four fifths of the way to losing the margin.
    let safe =
        (i128::from(price.0) * 8 / (i128::from(distance) * 10)).clamp(1, i128::from(band.leverage_max));
    let asked = (f64::from(band.leverage) * impulse.leverage) as i64;
    let asked = asked.clamp(1, i64::from(band.leverage_max));
    let leverage = u16::try_from(asked.min(i64::try_from(safe).expect("clamped to a leverage")))
        .expect("clamped to a leverage");
    let (least, most) =
        (i64::from(band.risk_per_trade_bps[0]) * 100, i64::from(band.risk_per_trade_bps[1]) * 100);
    let tolerance = band.tolerance[0] + (band.tolerance[1] - band.tolerance[0]) * impulse.appetite;
    let risk = least as f64 + (most - least) as f64 * tolerance;
    let qty = sizing::determine_position_size(
        instrument,
        &sizing::SizeQuestion {
            equity,
            entry: price,
            stop_distance: distance,
            collar,
            risk_centibps: ((risk * impulse.size) as i64).clamp(0, most),
            risk_max_centibps: most,
            margin_max_bps: i64::from(band.margin_max_bps),
            leverage: i64::from(leverage),
        },
    )?;
    let (rules, crowd) = &exposure.farm;
    rules.check(crowd, instrument.notional(qty, price))?;
    if let Clearance::Below(bps) = exposure.clearance
        && is_significant(instrument, equity, qty, distance, bps)
    {
        return Err(Refusal::NeedsApproval);
    }
    let reach = distance as f64 * impulse.target_distance;
    let bracket = Bracket { stop, targets: ladder(side, price, reach, qty, wish.targets) };
    let request = OrderRequest {
        id,
        side,
        position_side: exposure.mode.opened_by(side),
        qty,
        kind: OrderKind::Limit { price: Price((price.0 + side.sign() * collar).max(1)), tif },
        reduce_only: false,
        bracket: Some(bracket),
        one_cancels_other: None,
    };
    assert_within_limits(limits, instrument, equity, price, &request);
    Ok((Approved { request: Request::Place(request) }, leverage))
}

fn is_significant(instrument: &Instrument, equity: Usd, qty: Qty, distance: i64, bps: u32) -> bool {
    let at_stop = i128::from(instrument.notional(qty, Price(distance)).0);
    at_stop * 10_000 >= i128::from(equity.0) * i128::from(bps)
}

/// Held inside the band; refused where even that is no distance.
fn stop_distance(limits: &Limits, price: Price, wanted: f64) -> Result<i64, Refusal> {
    let ticks_of =
        |bps: u32| i64::try_from(i128::from(price.0) * i128::from(bps) / 10_000).expect("a part of a price");
    let (nearest, furthest) = (ticks_of(limits.band.stop_bps[0]).max(1), ticks_of(limits.band.stop_bps[1]));
    if !wanted.is_finite() || wanted <= 0.0 || nearest > furthest || furthest >= price.0 {
        return Err(Refusal::BadStop);
    }
    Ok((wanted as i64).clamp(nearest, furthest))
}

/// The take-profit ladder: shares of the original quantity, conserved to the last lot; empty rungs fall to the next.
pub fn ladder(
    side: Side,
    entry: Price,
    reach: f64,
    qty: Qty,
    shares: &[TargetShare],
) -> [Target; TARGETS_MAX] {
    assert!(shares.len() <= TARGETS_MAX, "a profile has at most that many rungs");
    let mut rungs = [Target::default(); TARGETS_MAX];
    let (mut share_so_far, mut placed, mut next) = (0.0, 0, 0);
    for (i, share) in shares.iter().enumerate() {
        share_so_far += share.share;
        let due = if i + 1 == shares.len() { qty.0 } else { (qty.0 as f64 * share_so_far) as i64 };
        let lots = due.min(qty.0) - placed;
        if lots > 0 {
            let price = entry.0 + side.sign() * (reach * share.at_r) as i64;
            rungs[next] = Target { price: Price(price.max(1)), qty: Qty(lots) };
            next += 1;
            placed += lots;
        }
    }
    assert_eq!(placed, qty.0, "the rungs carry the whole entry");
    rungs
}

/// Asserted where it can break: whatever the dials say, no approved entry exceeds the band.
fn assert_within_limits(
    limits: &Limits,
    instrument: &Instrument,
    equity: Usd,
    price: Price,
    request: &OrderRequest,
) {
    let bracket = request.bracket.expect("an entry of a persona has a bracket");
    let OrderKind::Limit { price: worst, .. } = request.kind else {
        panic!("an entry of a persona has a worst price")
    };
    let at_stop = i128::from(instrument.notional(request.qty, Price((worst.0 - bracket.stop.0).abs())).0);
    let risk_max = i128::from(equity.0) * i128::from(limits.band.risk_per_trade_bps[1]) / 10_000;
    assert!(at_stop <= risk_max, "an entry risks more than its band: {request:?}");
    let notional = i128::from(instrument.notional(request.qty, price).0);
    let leveraged = i128::from(equity.0) * i128::from(limits.band.leverage_max);
    assert!(notional <= leveraged, "an entry is larger than its leverage allows: {request:?}");
}

/// Leaves a position at market. Always allowed.
pub fn approve_close(mode: PositionMode, position: Qty, id: OrderId) -> Approved {
    let side = Side::of(-position).expect("there is a position to leave");
    Approved {
        request: Request::Place(OrderRequest {
            id,
            side,
            position_side: mode.opened_by(side.opposite()),
            qty: position.abs(),
            kind: OrderKind::Market,
            reduce_only: true,
            bracket: None,
            one_cancels_other: None,
        }),
    }
}

/// Takes an order back. Always allowed.
pub fn approve_cancel(id: OrderId) -> Approved {
    Approved { request: Request::Cancel(id) }
}

/// Moves a protective stop; only towards profit.
pub fn approve_stop(position: Qty, from: Price, to: Price, id: OrderId) -> Result<Approved, Refusal> {
    let side = Side::of(position).ok_or(Refusal::PositionNotFlat)?;
    if (to.0 - from.0) * side.sign() <= 0 || to.0 <= 0 {
        return Err(Refusal::StopLoosened);
    }
    Ok(Approved { request: Request::Amend { id, price: to } })
}

/// Moves a protective stop away from the price, as somebody without discipline does: at most to `to`, never beyond the
/// band's furthest stop, never where more than the cap of risk would be lost, fees of the way out included.
pub fn approve_looser_stop(
    limits: &Limits,
    instrument: &Instrument,
    equity: Usd,
    position: &Position,
    stop: Price,
    to: Price,
    id: OrderId,
) -> Result<(Approved, Price), Refusal> {
    let side = Side::of(position.qty).ok_or(Refusal::PositionNotFlat)?;
    let entry = position.entry_price().ok_or(Refusal::PositionNotFlat)?;
    let lots = position.qty.abs();
    let risk_max = i128::from(equity.0.max(0)) * i128::from(RISK_PER_TRADE_MAX_BPS) / 10_000;
    let fees = instrument.fee(lots, entry, instrument.fees.taker).0.max(0) * 2;
    let value = instrument.tick_lot_value();
    let bearable =
        (risk_max - i128::from(fees)).max(0) * value.denominator / (i128::from(lots.0) * value.numerator);
    let furthest = i128::from(entry.0) * i128::from(limits.band.stop_bps[1]) / 10_000;
    let wanted = i128::from((entry.0 - to.0) * side.sign());
    let distance = i64::try_from(wanted.min(furthest).min(bearable)).map_err(|_| Refusal::BadStop)?;
    let price = Price(entry.0 - side.sign() * distance);
    if (stop.0 - price.0) * side.sign() <= 0 || price.0 <= 0 {
        return Err(Refusal::StopLoosened);
    }
    let at_stop = i128::from(instrument.notional(lots, Price(distance)).0);
    assert!(at_stop <= risk_max, "a loosened stop risks more than the cap");
    Ok((Approved { request: Request::Amend { id, price } }, price))
}

/// An order of a control: back-test and paper only, exempt from the personas' limits, never from arithmetic.
pub fn approve_control(
    instrument: &Instrument,
    position: Qty,
    target: Qty,
    id: OrderId,
) -> Result<Approved, Refusal> {
    let change = target - position;
    let side = Side::of(change).ok_or(Refusal::BelowMinimum)?;
    if change.abs() < instrument.qty_min {
        return Err(Refusal::BelowMinimum);
    }
    Ok(Approved {
        request: Request::Place(OrderRequest {
            id,
            side,
            position_side: PositionSide::Net,
            qty: change.abs(),
            kind: OrderKind::Market,
            reduce_only: false,
            bracket: None,
            one_cancels_other: None,
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{BotId, Interval, Leg, RiskLevel, Rng};
    use persona::{Reason, Signal};

    const ID: OrderId = OrderId { bot: BotId(0), epoch: 0, decision: 1, leg: Leg::Own };

    fn profile() -> persona::Profile {
        persona::catalogue::profile("strategic").expect("listed").expect("valid")
    }

    fn exposure() -> Exposure {
        Exposure {
            now: Time(60_000),
            equity: Some(Usd(10_000 * Usd::ONE.0)),
            equity_peak: Usd(10_000 * Usd::ONE.0),
            equity_at_midnight: Usd(10_000 * Usd::ONE.0),
            price: Some((Price(400_000), Time(60_000))),
            position: Some(Qty::ZERO),
            order_pending: false,
            state: TradingState::Active,
            entries_last_hour: 0,
            clearance: Clearance::Full,
            mode: PositionMode::OneWay,
            rests_until: None,
            farm: (Rules::NONE, Crowd::NONE),
        }
    }

    const TAKE: Signal =
        Signal { side: Side::Buy, strength: 1.0, style: EntryStyle::Take, reason: Reason::Opened };

    fn ask(exposure: &Exposure, dial: f64, stop: f64) -> Result<(Approved, u16), Refusal> {
        ask_as(TAKE, exposure, dial, stop)
    }

    fn ask_as(signal: Signal, exposure: &Exposure, dial: f64, stop: f64) -> Result<(Approved, u16), Refusal> {
        let profile = profile();
        let impulse = Impulse {
            size: dial,
            leverage: dial,
            stop_distance: dial,
            target_distance: dial,
            ..Impulse::calm(signal, 0.5)
        };
        let wish = Wish { impulse: &impulse, stop_distance: stop, targets: &profile.targets };
        approve_entry(&Limits::of_band(profile.risk), &Instrument::btcusdt(), exposure, &wish, ID)
    }

    #[test]
    fn unknown_means_no() {
        let good = exposure();
        assert!(ask(&good, 1.0, 8_000.0).is_ok());
        let cases = [
            (Exposure { equity: None, ..good }, Refusal::NoEquity),
            (Exposure { equity: Some(Usd(-1)), ..good }, Refusal::NoEquity),
            (Exposure { price: None, ..good }, Refusal::StalePrice),
            (Exposure { now: Time(600_000), ..good }, Refusal::StalePrice),
            (Exposure { position: None, ..good }, Refusal::PositionNotFlat),
            (Exposure { position: Some(Qty(1)), ..good }, Refusal::PositionNotFlat),
            (Exposure { order_pending: true, ..good }, Refusal::OrderPending),
            (Exposure { state: TradingState::ReduceOnly, ..good }, Refusal::NotTrading),
            (Exposure { equity_peak: Usd(20_001 * Usd::ONE.0), ..good }, Refusal::Drawdown),
            (Exposure { equity_at_midnight: Usd(11_200 * Usd::ONE.0), ..good }, Refusal::DailyLoss),
            (Exposure { entries_last_hour: 30, ..good }, Refusal::OrderRate),
            (Exposure { rests_until: Some(Time(60_001)), ..good }, Refusal::CoolDown),
            (Exposure { farm: (Rules::TRADING, Crowd::NONE), ..good }, Refusal::FarmExposure),
            (
                Exposure {
                    equity: Some(Usd(9 * Usd::ONE.0)),
                    equity_peak: Usd(9 * Usd::ONE.0),
                    equity_at_midnight: Usd(9 * Usd::ONE.0),
                    ..good
                },
                Refusal::BelowMinimum,
            ),
        ];
        for (exposure, want) in cases {
            assert_eq!(ask(&exposure, 1.0, 8_000.0).err(), Some(want));
        }
        assert_eq!(ask(&good, 1.0, f64::NAN).err(), Some(Refusal::BadStop));
    }

    #[test]
    fn a_maker_rests_at_its_own_price_with_everything_measured_from_there() {
        for (side, offset, want) in [
            (Side::Buy, 300, 399_700),
            (Side::Sell, 300, 400_300),
            (Side::Buy, 0, 399_999),
            (Side::Sell, -7, 400_001),
            (Side::Buy, i64::MAX, 360_000),
        ] {
            let style = EntryStyle::Make { offset, patience: Interval::minutes(15) };
            let signal = Signal { side, style, ..TAKE };
            let (approved, _) = ask_as(signal, &exposure(), 1.0, 8_000.0).expect("a normal market");
            let Request::Place(order) = approved.request() else { panic!("an entry") };
            let OrderKind::Limit { price, tif } = order.kind else { panic!("a limit") };
            assert_eq!((price, tif), (Price(want), TimeInForce::PostOnly), "{side:?} {offset}");
            let bracket = order.bracket.expect("a persona's entry has a bracket");
            let sign = side.sign();
            assert_eq!(bracket.stop.0, want - sign * 8_000);
            let rungs: Vec<i64> =
                bracket.targets().map(|(_, target)| (target.price.0 - want) * sign).collect();
            assert_eq!(rungs, [16_000, 24_000, 40_000]);
        }
    }

    /// Whatever part of the band is used, an entry is one that the whole band allows: `approve_entry` asserts that by
    /// itself, against the profile's own limits here; and the calmer part never risks more than the keener one.
    #[test]
    fn no_level_leaves_the_band() {
        let (mut rng, mut smaller, whole) = (Rng::new(5), 0, Limits::of_band(profile().risk));
        for _ in 0..5_000 {
            let (appetite, dial) = (rng.unit(), rng.unit() * 3.0 + 0.01);
            let impulse = Impulse { size: dial, leverage: dial, ..Impulse::calm(TAKE, appetite) };
            let stop_distance = rng.unit() * 40_000.0 + 1.0;
            let wish = Wish { impulse: &impulse, stop_distance, targets: &profile().targets };
            let lots = RiskLevel::ALL.map(|level| {
                let limits = whole.at(level);
                let [calm, keen] = limits.band.tolerance;
                assert!(whole.band.tolerance[0] <= calm && calm <= keen && keen <= whole.band.tolerance[1]);
                let equity = exposure().equity.expect("known");
                match approve_entry(&limits, &Instrument::btcusdt(), &exposure(), &wish, ID) {
                    Ok((approved, _)) => {
                        let Request::Place(order) = approved.request() else { panic!("an entry") };
                        let price = Price(400_000);
                        assert_within_limits(&whole, &Instrument::btcusdt(), equity, price, order);
                        order.qty.0
                    }
                    Err(refusal) => {
                        assert_eq!(refusal, Refusal::BelowMinimum);
                        0
                    }
                }
            });
            assert!(lots.is_sorted(), "{lots:?}");
            smaller += u32::from(lots[0] < lots[2]);
        }
        assert!(smaller > 100, "{smaller}: a level that changes nothing holds nothing");
    }

    #[test]
    fn no_dial_moves_the_band() {
        let mut rng = Rng::new(3);
        for _ in 0..5_000 {
            let (dial, stop) = (rng.unit() * 10.0, rng.unit() * 100_000.0 + 1.0);
            let (approved, leverage) = ask(&exposure(), dial.max(0.01), stop).expect("a normal market");
            let Request::Place(order) = approved.request() else { panic!("an entry") };
            let bracket = order.bracket.expect("a persona's entry has a bracket");
            let distance = 400_000 - bracket.stop.0;
            assert!((4_000..=16_000).contains(&distance) && leverage < 5);
            // Margin at most five percent of capital.
            assert!(order.qty.0 * 40 <= 10_000 * 5 / 100 * i64::from(leverage));
            let rungs: i64 = bracket.targets().map(|(_, target)| target.qty.0).sum();
            assert_eq!(rungs, order.qty.0);
        }
    }

    #[test]
    fn a_stop_only_tightens_and_leaving_is_always_allowed() {
        assert!(approve_stop(Qty(5), Price(100), Price(101), ID).is_ok());
        assert_eq!(approve_stop(Qty(5), Price(100), Price(99), ID).err(), Some(Refusal::StopLoosened));
        assert_eq!(approve_stop(Qty(-5), Price(100), Price(101), ID).err(), Some(Refusal::StopLoosened));
        let Request::Place(order) = *approve_close(PositionMode::OneWay, Qty(-7), ID).request() else {
            panic!("a close")
        };
        assert_eq!((order.side, order.qty, order.reduce_only), (Side::Buy, Qty(7), true));
    }

    #[test]
    fn a_stop_moved_away_never_risks_more_than_the_cap() {
        let instrument = Instrument::btcusdt();
        let limits = Limits::of_band(persona::profile::RiskBand { stop_bps: [100, 500], ..profile().risk });
        let equity = Usd(10_000 * Usd::ONE.0);
        let mut rng = Rng::new(8);
        let mut loosened = 0;
        for _ in 0..5_000 {
            let (lots, sign) = (1 + rng.below(600) as i64, rng.below(2) as i64 * 2 - 1);
            let mut position = Position::FLAT;
            position.fill(Qty(lots * sign), Price(400_000));
            let stop = Price(400_000 - sign * (1 + rng.below(12_000) as i64));
            let to = Price(400_000 - sign * rng.below(60_000) as i64);
            let asked = approve_looser_stop(&limits, &instrument, equity, &position, stop, to, ID);
            let Ok((approved, price)) = asked else { continue };
            loosened += 1;
            assert_eq!(*approved.request(), Request::Amend { id: ID, price });
            let distance = (400_000 - price.0) * sign;
            assert!((stop.0 - price.0) * sign > 0, "further away than before");
            assert!(distance <= 20_000, "not beyond the furthest stop of the band");
            let at_stop = instrument.notional(Qty(lots), Price(distance));
            assert!(at_stop.0 * 50 <= equity.0, "{at_stop} of {equity}");
        }
        assert!(loosened > 500, "{loosened}");
        let flat = approve_looser_stop(&limits, &instrument, equity, &Position::FLAT, Price(1), Price(1), ID);
        assert_eq!(flat.err(), Some(Refusal::PositionNotFlat));
    }

    #[test]
    fn without_energy_significant_trades_wait_for_approval() {
        let tired = Exposure { clearance: Clearance::Below(SIGNIFICANT_RISK_BPS), ..exposure() };
        // The strategist's margin cap keeps it below one per cent: nothing of it is significant.
        assert!(ask(&tired, 1.0, 8_000.0).is_ok());
        let mut bold = profile();
        bold.risk.margin_max_bps = 10_000;
        bold.risk.risk_per_trade_bps = [150, 200];
        let limits = Limits::of_band(bold.risk);
        let signal =
            Signal { side: Side::Buy, strength: 1.0, style: EntryStyle::Take, reason: Reason::Opened };
        let impulse = Impulse::calm(signal, 0.5);
        let wish = Wish { impulse: &impulse, stop_distance: 8_000.0, targets: &bold.targets };
        let asked = |exposure| approve_entry(&limits, &Instrument::btcusdt(), exposure, &wish, ID).err();
        assert_eq!(asked(&tired), Some(Refusal::NeedsApproval));
        assert_eq!(asked(&exposure()), None);
    }

    #[test]
    fn few_lots_fall_to_the_rungs_that_exist() {
        let shares = profile().targets;
        let rungs = ladder(Side::Sell, Price(400_000), 4_000.0, Qty(1), &shares);
        assert_eq!(rungs[0], Target { price: Price(380_000), qty: Qty(1) });
        assert_eq!(rungs[1].qty, Qty::ZERO);
        let rungs = ladder(Side::Buy, Price(400_000), 4_000.0, Qty(10), &shares);
        assert_eq!(rungs.map(|rung| rung.qty.0), [4, 4, 2, 0]);
    }
}
