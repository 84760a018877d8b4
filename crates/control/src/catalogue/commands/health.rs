//! Whether everything that a farm needs is there.

use crate::catalogue::spec::{Rule, Spec};
use crate::catalogue::{Act, Answer, Arguments, Colour, Command, Complaint, Known, Own, Table, figures};
use crate::view::ShardView;
use model::{Interval, Role};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "health",
        summary: "Shards, bus, store and feed: what is there, and what is not",
        arguments: &[],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "health",
    },
    call,
};

/// A price is old from here on: a decision would be refused.
const PRICE_AGE_MAX: Interval = Interval(2 * Interval::MINUTE.0);

/// It answers also where nothing was heard yet: that is what it is for.
fn call(_: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let mut answer = Answer::new("Health");
    answer.look(Colour::Good);
    if known.views.is_empty() {
        answer.note("no shard has been heard of yet").look(Colour::Bad);
    }
    let columns = ["shard", "node", "epoch", "heard", "price", "longest without a stop"];
    let mut table = Table::new("Shards", &columns);
    for view in known.views {
        describe(view, known, &mut table, &mut answer);
    }
    answer.table(table);
    known.date(&mut answer, known.views);
    Ok(Act::Gateway(Own::Health(answer)))
}

fn describe(view: &ShardView, known: &Known<'_>, table: &mut Table, answer: &mut Answer) {
    let naked = view.bots.iter().map(|bot| bot.naked_ms_max).max().unwrap_or(0);
    let age = view.price.as_ref().map(|price| Interval(price.age_ms.saturating_add(known.age(view).0)));
    let price = age.map_or_else(|| "none yet".to_owned(), |age| format!("{} old", figures::length(age)));
    table.row([
        view.shard.clone(),
        view.node.clone(),
        view.epoch.to_string(),
        format!("{} ago", figures::length(known.age(view))),
        price,
        format!("{naked} ms"),
    ]);
    if age.is_none_or(|age| age > PRICE_AGE_MAX) {
        answer.note(format!("shard {} knows no price of the last minutes: it opens nothing", view.shard));
        answer.look(Colour::Warning);
    }
    if view.halted_at.is_some() {
        answer.note(format!("shard {}: the kill switch is thrown", view.shard)).look(Colour::Bad);
    }
    for account in view.accounts.iter().filter(|account| account.unexplained.is_some()) {
        answer.note(format!("account {} holds what its books do not explain", account.account));
        answer.look(Colour::Bad);
    }
}
