//! The exact effect of steering bots, before it is done: who they are, what they hold, what is taken back, what it comes to.
//!
//! It refuses to promise a price: what is left at market is worth what it is at the last one, and that is said.

use super::act::{Act, Errands, UNKNOWN_SIZE};
use super::answer::{Answer, Table};
use super::figures;
use super::known::{Chosen, Known, Seen};
use crate::view::{BotView, OrderView};
use model::{BotId, Instruction, Scope, Usd};

/// What somebody holds, in words.
pub(super) fn held(bot: &BotView) -> String {
    match &bot.position {
        None => "nothing".to_owned(),
        Some(position) => format!("{} {} from {}", position.side, position.quantity, position.entry_price),
    }
}

/// What it holds would bring at the last price.
pub(super) fn open_result(bot: &BotView) -> String {
    match &bot.position {
        None => "-".to_owned(),
        Some(position) => position
            .unrealised
            .map_or_else(|| figures::UNKNOWN.to_owned(), |amount| figures::signed(amount.0.0)),
    }
}

/// Its orders that would open something.
pub(super) fn opening(bot: &BotView) -> impl Iterator<Item = &OrderView> + '_ {
    bot.orders.iter().filter(|order| !order.reduce_only)
}

fn price_of(order: &OrderView) -> String {
    order.price.clone().unwrap_or_else(|| "market".to_owned())
}

/// The bots as they are.
fn concerned(bots: &[Seen<'_>]) -> Table {
    let columns = ["bot", "does", "holds", "worth", "result at the last price", "orders that would open"];
    let mut table = Table::new("Who is concerned", &columns);
    for Seen { bot, .. } in bots {
        let worth = bot.position.as_ref().map_or_else(|| "-".to_owned(), |one| figures::known(one.notional));
        let opening: Vec<String> = opening(bot)
            .map(|order| {
                format!("{} {} at {} ({})", order.side, order.quantity, price_of(order), order.order)
            })
            .collect();
        let opening = if opening.is_empty() { "none".to_owned() } else { opening.join(", ") };
        table.row([
            bot.bot.clone(),
            figures::plain(&bot.status),
            held(bot),
            worth,
            open_result(bot),
            opening,
        ]);
    }
    table
}

/// What these bots hold at the last price; more than any limit where it is not known.
pub(super) fn notional(chosen: &Chosen<'_>, known: &Known<'_>) -> Usd {
    let mut sum = Usd::ZERO;
    for Seen { shard, bot } in &chosen.bots {
        let Some(position) = &bot.position else { continue };
        let Some(notional) = position.notional.filter(|_| !known.is_stale(shard)) else {
            return UNKNOWN_SIZE;
        };
        sum = Usd(sum.0.saturating_add(notional.0.0));
    }
    sum
}

/// The same for every shard that is concerned: of one bot, or of everybody.
pub(super) fn errands(
    chosen: &Chosen<'_>,
    instruction: impl Fn(Scope) -> Instruction,
) -> Vec<(String, Instruction)> {
    if chosen.is_all {
        return chosen.shards().iter().map(|shard| (shard.shard.clone(), instruction(Scope::Farm))).collect();
    }
    let of = |seen: &Seen<'_>| (seen.shard.shard.clone(), instruction(Scope::Bot(BotId(seen.bot.number))));
    chosen.bots.iter().map(of).collect()
}

/// What is said of steering bots.
pub(super) struct Steering<'w> {
    /// What is done: `pause`.
    pub verb: &'w str,
    /// What that means.
    pub means: &'w str,
    /// How much it affects, where that limits who may.
    pub size: Option<Usd>,
}

/// Steers bots, shown with what they hold.
pub(super) fn steer(
    chosen: &Chosen<'_>,
    known: &Known<'_>,
    said: Steering<'_>,
    instruction: impl Fn(Scope) -> Instruction,
) -> Act {
    let mut preview = Answer::new(format!("{} {}", said.verb, chosen.title()));
    preview.note(said.means);
    let worth = notional(chosen, known);
    if worth != UNKNOWN_SIZE {
        preview.field("held at the last price", figures::usdt(worth.0));
    }
    let opens: usize = chosen.bots.iter().map(|seen| opening(seen.bot).count()).sum();
    preview.field("orders that would open", opens.to_string());
    preview.table(concerned(&chosen.bots));
    known.date(&mut preview, chosen.shards());
    let (errands, reach) = (errands(chosen, instruction), chosen.reach());
    Act::Errands(Errands { preview, errands, reach, size: said.size })
}
