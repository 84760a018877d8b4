//! What may be done, and what of it is used.

use crate::catalogue::spec::{ONE_BOT, Rule, Spec};
use crate::catalogue::{Act, Answer, Arguments, Colour, Command, Complaint, Known, Table};
use crate::view::ShardView;
use model::Role;

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "limits",
        summary: "Limits of the farm and its bots, and how much of each is used",
        arguments: &[ONE_BOT],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "limits",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let chosen = known.some(arguments, "bot")?;
    let mut answer = Answer::new(format!("Limits of {}", chosen.title()));
    let mut table = Table::new("Limits", &["whose", "limit", "used", "allowed", "part"]);
    let shards = chosen.shards();
    let shared = shards.iter().flat_map(|shard| shard.limits.iter().map(move |one| (whole(shard), one)));
    let own =
        chosen.bots.iter().flat_map(|seen| seen.bot.limits.iter().map(|one| (seen.bot.bot.clone(), one)));
    for (whose, one) in shared.chain(own) {
        answer.look(colour(one.used_permille));
        let part = format!("{}.{} %", one.used_permille / 10, one.used_permille % 10);
        table.row([whose, one.limit.clone(), one.used.clone(), one.most.clone(), part]);
    }
    if table.rows.is_empty() {
        answer.note("nothing is limited: controls have no limits, and this farm has no rules of its own");
    }
    answer.table(table);
    known.date(&mut answer, shards);
    Ok(Act::Answer(answer))
}

fn whole(shard: &ShardView) -> String {
    format!("all of {}", shard.shard)
}

/// From four fifths on a limit is near.
const NEAR_PERMILLE: u32 = 800;

fn colour(used_permille: u32) -> Colour {
    match used_permille {
        1_000.. => Colour::Bad,
        NEAR_PERMILLE.. => Colour::Warning,
        _ => Colour::Good,
    }
}
