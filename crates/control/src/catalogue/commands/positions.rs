//! What is held, with its stop, and what it would come to.

use crate::catalogue::spec::{ONE_BOT, Rule, Spec};
use crate::catalogue::{Act, Answer, Arguments, Colour, Command, Complaint, Known, Table, figures};
use model::{Role, Time};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "positions",
        summary: "What is held: entry, stop, result at the last price",
        arguments: &[ONE_BOT],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "positions",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let chosen = known.some(arguments, "bot")?;
    let mut answer = Answer::new(format!("Positions of {}", chosen.title()));
    let columns = [
        "bot",
        "side",
        "quantity",
        "entry",
        "stop",
        "worth",
        "open result",
        "at its stop",
        "leverage",
        "since",
    ];
    let mut table = Table::new("Positions", &columns);
    for seen in &chosen.bots {
        let Some(held) = &seen.bot.position else { continue };
        if held.stop.is_none() && seen.bot.risk.is_some() {
            answer.note(format!("{} holds {} {} without a stop", seen.bot.bot, held.side, held.quantity));
            answer.look(Colour::Bad);
        }
        let result = |amount: Option<crate::Amount>| {
            amount.map_or_else(|| figures::UNKNOWN.to_owned(), |amount| figures::signed(amount.0.0))
        };
        table.row([
            seen.bot.bot.clone(),
            held.side.clone(),
            held.quantity.clone(),
            held.entry_price.clone(),
            held.stop.clone().unwrap_or_else(|| "none".to_owned()),
            figures::known(held.notional),
            result(held.unrealised),
            result(held.at_stop),
            held.leverage.map_or_else(|| "-".to_owned(), |leverage| format!("{leverage}x")),
            held.since.map_or_else(|| "-".to_owned(), |at| Time(at).to_string()),
        ]);
    }
    if table.rows.is_empty() {
        answer.note("nothing is held");
    }
    answer.table(table);
    known.date(&mut answer, chosen.shards());
    Ok(Act::Answer(answer))
}
