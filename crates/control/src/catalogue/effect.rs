//! The exact effect of steering bots, before it is done: who they are, what they hold, what is taken back, what it comes to.
//!
//! It refuses to promise a price: what is left at market is worth what it is at the last one, and that is said.

use super::act::{Act, Errands, Reach, UNKNOWN_SIZE};
use super::answer::{Answer, Table};
use super::complaint::Complaint;
use super::figures;
use super::known::{Chosen, Known, Seen};
use crate::Amount;
use crate::view::{AccountView, BotView, OrderView, PositionView, ShardView};
use model::{AccountId, BotId, Instruction, Purse, Scope, Usd};

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

const FREES: &str = "It may open again, also if it was paused or stopped after an alarm. Its drawdown is counted from the equity of \
                     that moment, and a cool-down ends.";

/// Lets bots open again, where that can be done.
pub(super) fn free(verb: &str, chosen: Chosen<'_>, known: &Known<'_>) -> Result<Act, Complaint> {
    let halted = |shard: &&&ShardView| shard.halted_at.is_some() && !known.is_stale(shard);
    if let Some(shard) = chosen.shards().iter().find(halted) {
        return Err(Complaint::not_now(
            format!("the kill switch of shard {} is thrown", shard.shard),
            "`rearm` lifts it once everything is flat",
        ));
    }
    let said = Steering { verb, means: FREES, size: None };
    let Act::Errands(mut errands) = steer(&chosen, known, said, Instruction::Resume) else {
        unreachable!("steering gives shards something to do")
    };
    let mut locks = Table::new("What keeps them now", &["whom", "lock", "why", "ends by"]);
    let shared = chosen.shards().into_iter().filter(|_| chosen.is_all);
    let shared = shared.flat_map(|shard| shard.locks.iter().map(move |lock| (&shard.shard, lock)));
    let own = chosen.bots.iter().flat_map(|seen| seen.bot.locks.iter().map(|lock| (&seen.bot.bot, lock)));
    for (whom, lock) in shared.chain(own) {
        locks.row([whom.clone(), figures::plain(&lock.lock), lock.why.clone(), lock.ends.clone()]);
        if lock.lock == "ruined" || lock.lock == "unexplained" {
            errands.preview.note(format!("{whom} still opens nothing after this: {}", lock.why));
        }
    }
    errands.preview.table(locks);
    Ok(Act::Errands(errands))
}

const LEAVES: &str = "What is held is left at market, tried until nothing is left, and opening orders are taken back. Trading goes on \
                      afterwards: `pause` keeps it from opening again.";

/// Leaves what bots hold.
pub(super) fn leave(verb: &str, chosen: &Chosen<'_>, known: &Known<'_>) -> Act {
    let said = Steering { verb, means: LEAVES, size: Some(notional(chosen, known)) };
    let mut act = steer(chosen, known, said, Instruction::Close);
    if let Act::Errands(errands) = &mut act {
        let held = chosen.bots.iter().filter_map(|seen| seen.bot.position.as_ref());
        let sum = |amount: fn(&PositionView) -> Option<Amount>| -> Option<i128> {
            held.clone().map(|one| amount(one).map(|amount| i128::from(amount.0.0))).sum()
        };
        let (result, fees) = (sum(|one| one.unrealised), sum(|one| one.close_fee));
        let unknown = || figures::UNKNOWN.to_owned();
        errands.preview.field("result at the last price", result.map_or_else(unknown, figures::signed));
        errands.preview.field("fees of leaving", fees.map_or_else(unknown, figures::usdt));
        if held.clone().next().is_none() {
            errands.preview.note("nothing is held: only orders are taken back");
        }
    }
    act
}

/// The shard's account by its name.
pub(super) fn account_of<'a>(seen: &Seen<'a>) -> Option<&'a AccountView> {
    seen.shard.accounts.iter().find(|account| account.account == seen.bot.account)
}

/// Which way money goes between a bot and the treasury of its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// To the bot.
    Give,
    /// Back to the treasury.
    Take,
}

/// Moves money inside an account's books.
pub(super) fn transfer(seen: &Seen<'_>, amount: Usd, way: Move, known: &Known<'_>) -> Result<Act, Complaint> {
    let (bot, name) = (seen.bot, &seen.bot.bot);
    let account = account_of(seen).ok_or_else(|| {
        Complaint::not_now(format!("nothing is known of account {}", bot.account), "see `health`")
    })?;
    let (purse, treasury) = (Purse::Bot(BotId(bot.number)), Purse::Treasury(AccountId(account.number)));
    let (from, to) = if way == Move::Give { (treasury, purse) } else { (purse, treasury) };
    let there = if way == Move::Give { account.treasury.0 } else { bot.wallet.0 };
    if amount > there && !known.is_stale(seen.shard) {
        let whose =
            if way == Move::Give { format!("the treasury of {}", account.account) } else { name.clone() };
        return Err(Complaint::not_now(
            format!("{whose} has {} and not {}", figures::usdt(there.0), figures::usdt(amount.0)),
            "give at most that; `balance` shows who has what",
        ));
    }
    let moved = if way == Move::Give { amount.0 } else { -amount.0 };
    let title = if way == Move::Give { "to" } else { "back from" };
    let mut preview = Answer::new(format!("{} {title} {name}", figures::usdt(amount.0)));
    let change = |before: Usd, by: i64| {
        let after = i128::from(before.0) + i128::from(by);
        format!("{} then {}", figures::usdt(before.0), figures::usdt(after))
    };
    preview.field(format!("wallet of {name}"), change(bot.wallet.0, moved));
    preview.field(format!("treasury of {}", account.account), change(account.treasury.0, -moved));
    preview.field("mode", seen.shard.mode.clone());
    preview.note(
        "It moves in the farm's own books: nothing leaves the exchange, and no profit or loss comes of it.",
    );
    if way == Move::Take && bot.position.is_some() {
        preview.note("What is held needs some of it: the farm refuses what is not free.");
    }
    known.date(&mut preview, [seen.shard]);
    let errand = (seen.shard.shard.clone(), Instruction::Transfer { from, to, amount });
    let reach = Reach::Bots(vec![name.clone()]);
    Ok(Act::Errands(Errands { preview, errands: vec![errand], reach, size: Some(amount) }))
}
