//! Every order at the exchange or on its way there.

use crate::catalogue::spec::{ONE_BOT, Rule, Spec};
use crate::catalogue::{Act, Answer, Arguments, Command, Complaint, Known, Table, figures};
use model::{Role, Time};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "orders",
        summary: "Orders at the exchange, stops and targets among them",
        arguments: &[ONE_BOT],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "orders scalper_btc",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let chosen = known.some(arguments, "bot")?;
    let mut answer = Answer::new(format!("Orders of {}", chosen.title()));
    let mut table =
        Table::new("Orders", &["bot", "order", "side", "quantity", "price or trigger", "does", "is"]);
    for seen in &chosen.bots {
        for order in &seen.bot.orders {
            let does = if order.reduce_only { "leaves" } else { "opens" };
            table.row([
                seen.bot.bot.clone(),
                order.order.clone(),
                order.side.clone(),
                order.quantity.clone(),
                order.price.clone().unwrap_or_else(|| "market".to_owned()),
                does.to_owned(),
                figures::plain(&order.status),
            ]);
        }
        if let Some(waits) = &seen.bot.waits {
            let (bot, order) = (&seen.bot.bot, &waits.order);
            answer.note(format!(
                "{bot} waits for approval of {order} until {}: `approve {order}`",
                Time(waits.until)
            ));
        }
    }
    if table.rows.is_empty() {
        answer.note("no order is out");
    }
    answer.table(table);
    known.date(&mut answer, chosen.shards());
    Ok(Act::Answer(answer))
}
