//! Trigger orders in the farm's words: what they protect, whether they rest, and what they became.
//!
//! They are in no list of plain orders, so a reconciliation that does not read them takes every stop for missing. V2 has
//! one word for a plan on REST and another on its socket; V3 puts stop and target of a position into one order. Refuses
//! to call a position protected by anything whose word it does not know.

use super::{Held, Reading, Unread};
use crate::number::NoneIs;
use crate::order_id::Origin;
use crate::wire::Text;
use crate::wire::trading::Plan;
use model::{PositionMode, PositionSide, Price, Qty};

/// What a trigger order is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanKind {
    /// A free trigger.
    Free {
        /// What sets it off.
        trigger: Price,
    },
    /// Exits of a position.
    Exit {
        /// Its stop.
        stop: Option<Price>,
        /// Its target.
        target: Option<Price>,
    },
    /// It follows the price; where it stands is not told.
    Trailing,
    /// A word that is not known.
    Unknown,
}

/// Where a trigger order stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanStatus {
    /// It waits.
    Resting,
    /// It went off; the real order has an id of its own, if the row tells it.
    Triggered {
        /// The real order.
        child: Option<String>,
    },
    /// It went off, and the real order was refused: what it protected is not protected any more.
    Failed,
    /// It was taken back.
    Cancelled,
    /// A word that is not known.
    Unknown(String),
}

/// A trigger order as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanState {
    /// The exchange's id.
    pub order_id: String,
    /// Whose; the preset of an entry comes to life with an id of the exchange's, and is foreign by it.
    pub origin: Origin,
    /// Where it stands.
    pub status: PlanStatus,
    /// What for.
    pub kind: PlanKind,
    /// Of which position.
    pub position_side: PositionSide,
    /// How much; `None` for all of the position, whatever that becomes.
    pub qty: Option<Qty>,
}

/// Reads a trigger order of a list, or pushed.
pub fn plan_state(reading: &Reading<'_>, row: &Plan<'_>) -> Result<PlanState, Unread> {
    reading.check_symbol(&row.symbol)?;
    if row.order_id.is_empty() {
        return Err(Unread::NoId);
    }
    let position_side = match (reading.position, row.position_side.as_str()) {
        (PositionMode::OneWay, _) => PositionSide::Net,
        (PositionMode::Hedge, "long") => PositionSide::Long,
        (PositionMode::Hedge, "short") => PositionSide::Short,
        (PositionMode::Hedge, other) => {
            let (side, trade_side) = (row.side.to_string(), row.trade_side.to_string());
            return Err(Unread::NoDirection { side, trade_side, position_side: other.to_owned() });
        }
    };
    let size = row.size.field("size").unless(NoneIs::Zero);
    Ok(PlanState {
        order_id: row.order_id.to_string(),
        origin: reading.prefix.origin(row.client_id.as_str()),
        status: status(row),
        kind: kind(reading, row)?,
        position_side,
        qty: size.map(|size| size.qty(reading.instrument.lot)).transpose()?,
    })
}

fn status(row: &Plan<'_>) -> PlanStatus {
    match row.status.as_str() {
        "live" | "not_trigger" | "pending" => PlanStatus::Resting,
        "executed" | "executing" | "success" | "submitting" => {
            let child = (!row.executed_order_id.is_empty()).then(|| row.executed_order_id.to_string());
            PlanStatus::Triggered { child }
        }
        "fail_execute" | "failed" => PlanStatus::Failed,
        "cancelled" | "canceled" => PlanStatus::Cancelled,
        other => PlanStatus::Unknown(other.to_owned()),
    }
}

fn kind(reading: &Reading<'_>, row: &Plan<'_>) -> Result<PlanKind, Unread> {
    let price = |text: &Text<'_>, name| {
        let field = text.field(name).unless(NoneIs::Zero);
        field.map(|field| field.price(reading.instrument.tick)).transpose()
    };
    let trigger = price(&row.trigger_price, "triggerPrice")?;
    let free =
        |trigger: Option<Price>| trigger.map_or(PlanKind::Unknown, |trigger| PlanKind::Free { trigger });
    Ok(match row.plan_type.as_str() {
        "normal_plan" | "pl" | "trigger" => free(trigger),
        "track_plan" | "track" | "moving_plan" | "mtpsl" => PlanKind::Trailing,
        "loss_plan" | "sl" | "pos_loss" | "psl" => PlanKind::Exit { stop: trigger, target: None },
        "profit_plan" | "tp" | "pos_profit" | "ptp" => PlanKind::Exit { stop: None, target: trigger },
        // V3 leaves the type out of its lists: a trigger price means a free trigger there.
        "" if trigger.is_some() => free(trigger),
        "tpsl" | "" => {
            PlanKind::Exit { stop: price(&row.stop, "stopLoss")?, target: price(&row.profit, "takeProfit")? }
        }
        _ => PlanKind::Unknown,
    })
}

/// How much of a position no resting stop covers: above zero, it is naked.
pub fn uncovered(held: &Held, plans: &[PlanState]) -> Qty {
    let size = held.qty.abs();
    let stops = plans.iter().filter(|plan| {
        let is_stop = matches!(plan.kind, PlanKind::Exit { stop: Some(_), .. });
        is_stop && plan.status == PlanStatus::Resting && plan.position_side == held.position_side
    });
    let mut left = size.0;
    for stop in stops {
        left -= stop.qty.map_or(left, |qty| qty.0.min(left));
    }
    Qty(left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order_id::{Foreign, Prefix};
    use crate::wire::Generation;
    use model::Instrument;

    fn read(position: PositionMode, json: &str) -> Result<PlanState, Unread> {
        let instrument = Instrument::btcusdt();
        let prefix = Prefix::new("obf").unwrap();
        let reading = Reading { generation: Generation::V2, position, instrument: &instrument, prefix };
        plan_state(&reading, &serde_json::from_str(json).unwrap())
    }

    fn plan(kind: &str, size: &str, status: &str) -> PlanState {
        let json = format!(
            r#"{{"planType":"{kind}","symbol":"BTCUSDT","size":"{size}","orderId":"9","clientOid":"77","planStatus":
            "{status}","triggerPrice":"59000.5","posSide":"long","executeOrderId":"12"}}"#
        );
        read(PositionMode::Hedge, &json).unwrap()
    }

    const STOP: Option<Price> = Some(Price(590_005));

    #[test]
    fn plans_of_both_words_and_both_generations() {
        for word in ["loss_plan", "sl", "pos_loss", "psl"] {
            assert_eq!(plan(word, "0", "live").kind, PlanKind::Exit { stop: STOP, target: None }, "{word}");
        }
        for word in ["profit_plan", "tp", "pos_profit", "ptp"] {
            assert_eq!(plan(word, "0", "live").kind, PlanKind::Exit { stop: None, target: STOP }, "{word}");
        }
        assert_eq!(
            plan("normal_plan", "0.020", "not_trigger").kind,
            PlanKind::Free { trigger: Price(590_005) }
        );
        assert_eq!(plan("tea_plan", "0.020", "live").kind, PlanKind::Unknown);
        let child = Some("12".to_owned());
        assert_eq!(plan("pl", "0.020", "executed").status, PlanStatus::Triggered { child });
        assert_eq!(plan("pl", "0.020", "fail_execute").status, PlanStatus::Failed);
        assert_eq!(plan("pl", "0.020", "dreaming").status, PlanStatus::Unknown("dreaming".to_owned()));
        let both = r#"{"symbol":"BTCUSDT","orderId":"9","clientOid":"obf-3-0-c-s","status":"pending","qty":"",
            "stopLoss":"59000.5","takeProfit":"61000","posSide":"short"}"#;
        let both = read(PositionMode::OneWay, both).unwrap();
        assert_eq!(both.kind, PlanKind::Exit { stop: STOP, target: Some(Price(610_000)) });
        assert_eq!((both.position_side, both.qty), (PositionSide::Net, None));
        assert!(matches!(both.origin, Origin::Ours(_)));
        assert_eq!(plan("psl", "0", "live").origin, Origin::Foreign(Foreign::OtherPrefix));
        assert!(read(PositionMode::Hedge, r#"{"symbol":"BTCUSDT","orderId":"9","posSide":"net"}"#).is_err());
    }

    #[test]
    fn a_position_is_naked_until_a_stop_rests_for_it() {
        let held = |side, lots| Held {
            position_side: side,
            qty: Qty(lots),
            entry: None,
            liquidation: None,
            leverage: None,
        };
        let long = held(PositionSide::Long, 20);
        assert_eq!(uncovered(&long, &[]), Qty(20));
        assert_eq!(uncovered(&long, &[plan("pos_loss", "0", "live")]), Qty(0));
        assert_eq!(uncovered(&long, &[plan("loss_plan", "0.005", "live")]), Qty(15));
        assert_eq!(
            uncovered(&long, &[plan("loss_plan", "0.015", "live"), plan("sl", "0.010", "live")]),
            Qty(0)
        );
        for useless in [
            plan("pos_profit", "0", "live"),
            plan("pos_loss", "0", "executed"),
            plan("pos_loss", "0", "fail_execute"),
            plan("pos_loss", "0", "dreaming"),
            plan("tea_plan", "0", "live"),
            plan("moving_plan", "0", "live"),
        ] {
            assert_eq!(uncovered(&long, std::slice::from_ref(&useless)), Qty(20), "{useless:?}");
        }
        let short = held(PositionSide::Short, -20);
        assert_eq!(uncovered(&short, &[plan("pos_loss", "0", "live")]), Qty(20), "of the other position");
    }
}
