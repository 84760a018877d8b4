//! Lifts what keeps a bot from opening, where somebody can: a cool-down, a drawdown, an alarm.

use crate::catalogue::effect::free;
use crate::catalogue::spec::{BOT_OR_ALL, Rule, Spec};
use crate::catalogue::{Act, Arguments, Command, Complaint, Known};
use model::Role;

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "unlock",
        summary: "Lift a cool-down, a drawdown lock or an alarm; `all` lifts the farm's own",
        arguments: &[BOT_OR_ALL],
        role: Role::Operator,
        rule: Rule::Confirm,
        example: "unlock newbie_btc",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let chosen = known.some(arguments, "bot")?;
    let fresh = chosen.shards().iter().all(|shard| !known.is_stale(shard));
    let own = chosen.bots.iter().any(|seen| !seen.bot.locks.is_empty());
    let shared = chosen.shards().iter().any(|shard| !shard.locks.is_empty());
    if fresh && !own && !(chosen.is_all && shared) {
        let mend =
            if shared { "the whole farm is locked: `unlock all`" } else { "`locks` shows what keeps whom" };
        return Err(Complaint::not_now(format!("nothing of its own locks {}", chosen.title()), mend));
    }
    free("unlock", chosen, known)
}
