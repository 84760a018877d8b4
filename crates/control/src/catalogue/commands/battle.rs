//! Who leads: everybody on the same market, by return over the deepest fall.

use crate::catalogue::spec::{Kind, Rule, Spec, optional};
use crate::catalogue::{Act, Answer, Arguments, Command, Complaint, Known, Table, figures};
use model::Role;

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "battle",
        summary: "Who leads the battle: return over the deepest fall, by personas on one market",
        arguments: &[optional("shard", Kind::Shard, "Of which shard; of all without it")],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "battle",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let shards = known.some_shards(arguments, "shard")?;
    let mut answer = Answer::new("Battle");
    for view in &shards {
        let columns = ["place", "bot", "return", "deepest fall", "round trips", "score"];
        let mut table = Table::new(format!("{} on {}", view.shard, view.symbol), &columns);
        for (place, standing) in view.battle.iter().enumerate() {
            table.row([
                (place + 1).to_string(),
                standing.bot.clone(),
                figures::percent(standing.total_return),
                figures::percent(-standing.drawdown),
                standing.trades.to_string(),
                standing.score.map_or_else(|| "not ranked yet".to_owned(), |score| format!("{score:.2}")),
            ]);
        }
        if table.rows.is_empty() {
            answer.note(format!(
                "{}: nobody is ranked before a session has ended with two bots in it",
                view.shard
            ));
        }
        answer.table(table);
    }
    answer.note("the score is return over the deepest fall at session ends; fewer than ten round trips are luck and not ranked");
    known.date(&mut answer, shards);
    Ok(Act::Answer(answer))
}
