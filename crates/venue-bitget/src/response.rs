//! What a reply to a request of the farm's settles, and what it leaves open.
//!
//! An acknowledgement says that a request was taken, not that it was done: fills, cancels and amendments are told by the
//! streams. A refusal is final only where the table of codes says so; everything else is asked about. Refuses to read
//! silence: no reply at all is an open question too.

use crate::errors::{Fatal, Meaning, classify, meaning_of};
use crate::order_id::{Origin, Prefix};
use crate::wire::trading::{Batch, Placed};
use crate::wire::{Text, answer};
use model::{OrderId, OrderRequest, RejectReason, Report, Request};

/// What came back over HTTP; nothing for a timeout, a broken line, or a body that ended early.
pub type Reply<'a> = Option<(u16, &'a str)>;

/// What a reply settles.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It was taken; the exchange's id, if it has made one already.
    Taken {
        /// Empty ids are none.
        order_id: Option<String>,
    },
    /// It is settled: the farm is told this.
    Settled(Report),
    /// It may have been done: ask by our id, never send it again.
    Ask,
    /// Nothing happened: send it again after a pause, while it is valid.
    Later(Delay),
    /// Nothing happened, and nothing will until somebody changes something; the farm is told that this one was refused.
    Stop {
        /// What is wrong.
        fatal: Fatal,
        /// What the farm is told.
        report: Report,
    },
}

/// What a request has to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delay {
    /// The rate budget: it has to be told of the breach.
    Budget,
    /// The exchange: it does not trade for a moment.
    Exchange,
    /// The clock: it has to be measured anew.
    Clock,
}

/// Whose request it was.
pub const fn subject(request: &Request) -> OrderId {
    match request {
        Request::Place(order) => order.id,
        Request::Cancel(id) | Request::Amend { id, .. } => *id,
    }
}

/// What a reply to one request settles.
pub fn outcome(request: &Request, reply: Reply<'_>) -> Outcome {
    let Some((status, body)) = reply else { return Outcome::Ask };
    match answer::<Option<Placed<'_>>>(status, body) {
        Ok(placed) => taken(placed.as_ref()),
        Err(failure) => settled_by(request, classify(&failure)),
    }
}

/// What a reply to a batch of new orders settles, one by one. An order in neither list is an open question.
pub fn outcomes(prefix: &Prefix, orders: &[OrderRequest], reply: Reply<'_>) -> Vec<(OrderId, Outcome)> {
    let batch = match reply.map(|(status, body)| answer::<Batch<'_>>(status, body)) {
        Some(Ok(batch)) => batch,
        _ => return orders.iter().map(|order| (order.id, outcome(&Request::Place(*order), reply))).collect(),
    };
    let is_of = |row: &&Placed<'_>, order: &OrderRequest| matches!(prefix.origin(row.client_id.as_str()), Origin::Ours(sent) if sent.order == order.id);
    let of = |order: &OrderRequest| {
        if let Some(row) = batch.failed.iter().find(|row| is_of(row, order)) {
            let meaning = meaning_of(row.code.as_str()).unwrap_or(Meaning::OutcomeUnknown);
            return settled_by(&Request::Place(*order), meaning);
        }
        batch.done.iter().find(|row| is_of(row, order)).map_or(Outcome::Ask, |row| taken(Some(row)))
    };
    orders.iter().map(|order| (order.id, of(order))).collect()
}

fn taken(placed: Option<&Placed<'_>>) -> Outcome {
    let id = |text: &Text<'_>| (!text.is_empty()).then(|| text.to_string());
    Outcome::Taken { order_id: placed.and_then(|placed| id(&placed.order_id)) }
}

fn settled_by(request: &Request, meaning: Meaning) -> Outcome {
    let id = subject(request);
    let rejected = |reason| Report::Rejected { id, reason };
    match (meaning, request) {
        (Meaning::Refused(reason), _) => Outcome::Settled(rejected(reason)),
        // It stands where it was to be moved to.
        (Meaning::AlreadySo, Request::Amend { price, .. }) => {
            Outcome::Settled(Report::Amended { id, price: *price })
        }
        (Meaning::AlreadySo | Meaning::Duplicate | Meaning::OutcomeUnknown, _) => Outcome::Ask,
        (Meaning::Throttled, _) => Outcome::Later(Delay::Budget),
        (Meaning::Unavailable, _) => Outcome::Later(Delay::Exchange),
        (Meaning::Clock, _) => Outcome::Later(Delay::Clock),
        (Meaning::Fatal(fatal), _) => Outcome::Stop { fatal, report: rejected(RejectReason::Expired) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{BotId, Leg, OrderKind, PositionSide, Price, Qty, Side};

    fn order(decision: u32) -> OrderRequest {
        OrderRequest {
            id: OrderId { bot: BotId(3), epoch: 0, decision, leg: Leg::Own },
            side: Side::Buy,
            position_side: PositionSide::Net,
            qty: Qty(1),
            kind: OrderKind::Market,
            reduce_only: false,
            bracket: None,
            one_cancels_other: None,
        }
    }

    fn refused(code: &str) -> String {
        format!(r#"{{"code":"{code}","msg":"no","requestTime":1,"data":null}}"#)
    }

    #[test]
    fn an_acknowledgement_is_not_an_end() {
        let place = Request::Place(order(12));
        let full = r#"{"code":"00000","msg":"success","data":{"clientOid":"obf-3-0-c-e","orderId":"136"}}"#;
        assert_eq!(outcome(&place, Some((200, full))), Outcome::Taken { order_id: Some("136".to_owned()) });
        for none in ["{\"clientOid\":\"x\",\"orderId\":null}", "null", "{\"orderId\":\"\"}"] {
            let body = format!(r#"{{"code":"00000","data":{none}}}"#);
            assert_eq!(outcome(&place, Some((200, &body))), Outcome::Taken { order_id: None }, "{none}");
        }
    }

    #[test]
    fn refusals_doubts_and_delays() {
        let place = Request::Place(order(12));
        let id = order(12).id;
        let rejected = |reason| Outcome::Settled(Report::Rejected { id, reason });
        let of = |code: &str| outcome(&place, Some((400, &refused(code))));
        assert_eq!(of("40762"), rejected(RejectReason::InsufficientMargin));
        for doubt in ["45001", "40725", "40786", "99999"] {
            assert_eq!(of(doubt), Outcome::Ask, "{doubt}");
        }
        assert_eq!(outcome(&place, None), Outcome::Ask, "a timeout");
        assert_eq!(outcome(&place, Some((200, "<html>"))), Outcome::Ask);
        assert_eq!(outcome(&place, Some((200, r#"{"code":"00000","data":[1]}"#))), Outcome::Ask);
        assert_eq!(outcome(&place, Some((429, ""))), Outcome::Later(Delay::Budget));
        assert_eq!(of("40008"), Outcome::Later(Delay::Clock));
        assert_eq!(of("40200"), Outcome::Later(Delay::Exchange));
        let report = Report::Rejected { id, reason: RejectReason::Expired };
        assert_eq!(of("40774"), Outcome::Stop { fatal: Fatal::AccountMode, report });
        let amend = Request::Amend { id, price: Price(5) };
        let already = outcome(&amend, Some((400, &refused("40923"))));
        assert_eq!(already, Outcome::Settled(Report::Amended { id, price: Price(5) }));
        let cancel = Request::Cancel(id);
        assert_eq!(outcome(&cancel, Some((400, &refused("25204")))), rejected(RejectReason::UnknownOrder));
    }

    #[test]
    fn a_batch_is_settled_one_by_one() {
        let prefix = Prefix::new("obf").unwrap();
        let orders = [order(10), order(11), order(12), order(13)];
        let body = r#"{"code":"00000","data":{"successList":[{"orderId":"1","clientOid":"obf-3-0-a-e"}],
            "failureList":[{"orderId":"","clientOid":"obf-3-0-b-e","errorCode":"40762","errorMsg":"x"},
            {"orderId":"","clientOid":"obf-3-0-d-e","errorMsg":"words only"}]}}"#;
        let settled = outcomes(&prefix, &orders, Some((200, body)));
        let of: Vec<Outcome> = settled.into_iter().map(|one| one.1).collect();
        assert_eq!(of[0], Outcome::Taken { order_id: Some("1".to_owned()) });
        assert!(matches!(of[1], Outcome::Settled(Report::Rejected { .. })));
        assert_eq!(of[2..], [Outcome::Ask, Outcome::Ask], "in no list; without a code");
        let whole = outcomes(&prefix, &orders, Some((400, &refused("40774"))));
        assert!(whole.iter().all(|one| matches!(one.1, Outcome::Stop { .. })), "the whole call was refused");
        assert!(outcomes(&prefix, &orders, None).iter().all(|one| one.1 == Outcome::Ask));
        let list = r#"{"code":"00000","data":[{"orderId":"1","clientOid":"obf-3-0-a-e"},{"clientOid":"obf-3-0-b-e","code":"25212"}]}"#;
        let unified = outcomes(&prefix, &orders, Some((200, list)));
        assert_eq!(unified[1].1, Outcome::Ask, "a duplicate is an order that is there already");
    }
}
