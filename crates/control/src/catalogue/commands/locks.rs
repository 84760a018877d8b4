//! What keeps a bot, or everybody, from opening; until when, and what ends it.

use crate::catalogue::spec::{ONE_BOT, Rule, Spec};
use crate::catalogue::{Act, Answer, Arguments, Colour, Command, Complaint, Known, Table, figures};
use model::{Role, Time};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "locks",
        summary: "What keeps bots from opening, until when, and what ends it",
        arguments: &[ONE_BOT],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "locks",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let chosen = known.some(arguments, "bot")?;
    let mut answer = Answer::new(format!("Locks of {}", chosen.title()));
    let mut table = Table::new("Who may not open", &["whom", "lock", "why", "until", "ends by"]);
    let shards = chosen.shards();
    let shared = shards
        .iter()
        .flat_map(|view| view.locks.iter().map(move |one| (format!("all of {}", view.shard), one)));
    let own =
        chosen.bots.iter().flat_map(|seen| seen.bot.locks.iter().map(|one| (seen.bot.bot.clone(), one)));
    for (whom, one) in shared.chain(own) {
        let until = one.until.map_or_else(|| "somebody ends it".to_owned(), |at| Time(at).to_string());
        table.row([whom, figures::plain(&one.lock), one.why.clone(), until, one.ends.clone()]);
    }
    if table.rows.is_empty() {
        answer.note("nothing keeps anybody from opening").look(Colour::Good);
    } else {
        answer.look(Colour::Warning);
    }
    answer.table(table);
    known.date(&mut answer, shards);
    Ok(Act::Answer(answer))
}
