//! The trade that waits for approval and that somebody means.
//!
//! It refuses one that nobody said waits, and says which do.

use super::arguments::Arguments;
use super::complaint::Complaint;
use super::known::{Known, Seen};
use crate::view::WaitsView;
use model::OrderId;

/// Whose it is, what it is, and its order.
pub(super) fn waiting<'a>(
    arguments: &Arguments,
    known: &Known<'a>,
) -> Result<(Seen<'a>, &'a WaitsView, OrderId), Complaint> {
    let (shard, order) = arguments.order("order").expect("it is required");
    let text = order.to_string();
    known.shards()?;
    let all = || known.bots().filter_map(|seen| Some((seen, seen.bot.waits.as_ref()?)));
    let is_there = |seen: &Seen<'_>| shard.is_none_or(|shard| shard == seen.shard.shard);
    let found: Vec<_> = all().filter(|(seen, waits)| waits.order == text && is_there(seen)).collect();
    match found[..] {
        [(seen, waits)] => Ok((seen, waits, order)),
        [] => {
            let known = all().map(|(_, waits)| waits.order.clone()).collect();
            Err(Complaint::nobody("trade that waits for approval", &text, known))
        }
        _ => {
            let which = found.iter().map(|(seen, _)| format!("{}/{text}", seen.shard.shard)).collect();
            Err(Complaint::Several { what: "order", given: text, which })
        }
    }
}
